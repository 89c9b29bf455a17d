//! Bringing files into a folder of a dataset: they are chosen or dropped, sent in parts that survive a broken connection and a closed tab,
//! and put there by one commit. What shows it is a piece of the front end of its own (`files`).

mod desk;
mod list;
mod memory;
mod walk;

use super::scene::Scene;
use super::state::Path;
use crate::api::versions::change_dataset_files;
use crate::model::batch::words::{default_message, headline, time_left};
use crate::model::batch::{Batch, Input, Phase, Standing, Tally};
use crate::model::text::path_segment;
use crate::model::upload::UPLOAD_FORM;
use crate::model::version::{MAX_MESSAGE, MAX_PATH};
use crate::pages::datasets::dataset_href;
use crate::ui::announcer::Announcements;
use crate::ui::dialog::Confirm;
use crate::ui::dropped::{self, Dropped, has_files};
use crate::ui::form_error::{FormNotice, error_in_address};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::leaving::ask_before_leaving;
use crate::ui::notice::{Notice, Tone};
use crate::ui::text::{bytes, count, grouped, sentence};
use crate::ui::toast::use_toasts;
use desk::Desk;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use list::Files;
use std::collections::BTreeMap;
use std::time::Duration;
use web_sys::{DragEvent, FileList};

/// So many paths are named where something is said of several.
const NAMED: usize = 5;

/// What the view begins with.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct UploadStart {
    /// The folder: empty, or with a `/` at the end.
    pub folder: String,
    /// What is wrong with the folder that was asked for.
    pub fault: Option<String>,
    /// The site takes files of at most so many bytes.
    pub limit_bytes: i64,
}

/// The piece could not be fetched.
pub(super) struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// The view. A page that the server has rendered with it is taken over only when the piece is there.
#[wasm_split(files, wasm_split_path = ::leptos::wasm_split, preload(#[doc = "Fetches the piece."] fetch_upload_piece), fallible)]
pub(super) fn upload_piece(scene: Scene, start: UploadStart, user: String) -> Result<AnyView, Missing> {
    Ok(view! { <Upload scene=scene start=start user=user /> }.into_any())
}

/// Fetches what shows the view.
pub async fn fetch_piece() -> Result<(), SplitLoaderError> {
    fetch_upload_piece().await
}

/// The first few paths of several, and how many more there are.
fn some_of(paths: &[String]) -> String {
    let named = paths.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {} more", grouped(more as i64)),
    }
}

fn files(number: usize) -> String {
    count(number as i64, "file", "files")
}

/// Where files are dropped, and the buttons that choose them.
#[component]
fn DropZone(desk: Desk, folder: String, limit_bytes: i64, over: RwSignal<bool>, is_empty: Memo<bool>) -> impl IntoView {
    let folder = StoredValue::new(folder);
    let take = move |files: Option<FileList>| {
        if let Some(files) = files {
            folder.with_value(|folder| desk.add(folder, walk::of_list(&files)));
        }
    };
    let walking = move || desk.walking.get() > 0;
    view! {
        <div class="drop-zone script-only" class:over=move || over.get() class:slim=move || !is_empty.get()>
            <Icon glyph=Glyph::Upload />
            <p>
                <label class="button primary" for="upload-files">
                    "Choose files"
                </label>
                <input
                    id="upload-files"
                    type="file"
                    multiple=true
                    aria-describedby="upload-hint"
                    on:change:target=move |event| {
                        let input = event.target();
                        take(input.files());
                        input.set_value("");
                    }
                />
                <label class="button" for="upload-folder">
                    <Icon glyph=Glyph::Folder />
                    "Choose a folder"
                </label>
                <input
                    id="upload-folder"
                    type="file"
                    multiple=true
                    prop:webkitdirectory=true
                    aria-describedby="upload-hint"
                    on:change:target=move |event| {
                        let input = event.target();
                        take(input.files());
                        input.set_value("");
                    }
                />
                <span class="drop-or">"or drop files and folders here"</span>
            </p>
            <p class="field-hint" id="upload-hint">
                {format!("Up to {} each. Folders keep their paths. Images become pictures of the dataset.", bytes(limit_bytes as f64))}
            </p>
            <Show when=walking>
                <p role="status">"Looking into the folders …"</p>
            </Show>
        </div>
    }
}

/// What an earlier visit left behind.
#[component]
fn Interrupted(desk: Desk) -> impl IntoView {
    let asking = RwSignal::new(false);
    let number = move || desk.interrupted.with(Vec::len);
    let words = move || match number() {
        1 => "1 upload of yours was interrupted".to_owned(),
        number => format!("{} uploads of yours were interrupted", grouped(number as i64)),
    };
    let discard = Callback::new(move |()| {
        desk.discard();
        desk.announcer.say("What was interrupted is discarded.");
    });
    view! {
        <Show when=move || { number() > 0 }>
            <Notice tone=Tone::Warning>
                <p>
                    <strong>{words}</strong>
                    ": choose the same files again to go on where they were. "
                    {move || desk.interrupted.with(|paths| some_of(paths))}
                    "."
                </p>
                <p>
                    <button class="button small" type="button" on:click=move |_| asking.set(true)>
                        "Discard what was sent of them"
                    </button>
                </p>
            </Notice>
        </Show>
        <Confirm
            open=asking
            title="Discard the interrupted uploads?"
            id="discard-uploads"
            detail="What was sent of them is removed from the server. Your own files stay as they are."
            action="Discard"
            on_confirm=discard
        />
    }
}

/// How far all of it is.
#[component]
fn Progress(desk: Desk, tally: Memo<Tally>, standing: Memo<Standing>) -> impl IntoView {
    let asking = RwSignal::new(false);
    let words = move || tally.with(|tally| standing.with(|standing| headline(tally, standing)));
    let numbers = move || {
        let Tally { bytes: all, sent, .. } = tally.get();
        let done = format!("{} of {}", bytes(sent as f64), bytes(all as f64));
        if standing.get() != Standing::Sending {
            return done;
        }
        match desk.pace() {
            Some((rate, left)) => format!("{done}, {} a second, {}", bytes(rate), time_left(left)),
            None => done,
        }
    };
    let part = move || {
        let Tally { bytes, sent, .. } = tally.get();
        if bytes == 0 { 0.0 } else { sent as f64 / bytes as f64 }
    };
    let is = move |wanted: fn(&Standing) -> bool| standing.with(wanted);
    let goes = move || is(|standing| matches!(standing, Standing::Sending | Standing::Unconnected(_)));
    let rests = move || is(|standing| matches!(standing, Standing::Paused | Standing::Stopped(_)));
    let settled = move || is(|standing| *standing == Standing::Settled);
    let trouble = move || match standing.get() {
        Standing::Unconnected(reason) => {
            let reason = reason.map(|reason| format!(" {}", sentence(&reason))).unwrap_or_default();
            let words = format!(
                "The server cannot be reached.{reason} It is tried again by itself, and goes on where it was: nothing that was sent is lost."
            );
            Some(
                view! {
                    <Notice tone=Tone::Warning>
                        <p>{words}</p>
                        <p>
                            <button class="button small" type="button" on:click=move |_| desk.say(Input::TryAgain)>
                                "Try now"
                            </button>
                        </p>
                    </Notice>
                }
                .into_any(),
            )
        }
        Standing::Stopped(reason) => Some(
            view! {
                <Notice tone=Tone::Danger>
                    <p>
                        {sentence(&reason)}
                        " Nothing that was sent is lost: put it right in another tab, such as by "
                        <a href="/login" target="_blank">"signing in"</a>
                        ", and then go on."
                    </p>
                </Notice>
            }
            .into_any(),
        ),
        _ => None,
    };
    let trouble_now = Memo::new(move |_| match standing.get() {
        it @ (Standing::Unconnected(_) | Standing::Stopped(_)) => Some(it),
        _ => None,
    });
    view! {
        <section class="batch-progress" aria-labelledby="batch-headline" hidden=move || tally.with(|tally| tally.total == 0)>
            <h3 id="batch-headline">{words}</h3>
            <progress class="progress" class:done=settled max="1" aria-labelledby="batch-headline" prop:value=part></progress>
            <div class="batch-line">
                <p class="muted tabular">{numbers}</p>
                <div class="cluster">
                    <button
                        class="button small"
                        class:primary=rests
                        type="button"
                        hidden=move || !goes() && !rests()
                        on:click=move |_| desk.say(if untrack(rests) { Input::ResumeAll } else { Input::PauseAll })
                    >
                        {move || if rests() { "Go on" } else { "Pause all" }}
                    </button>
                    <button class="button small" type="button" on:click=move |_| asking.set(true)>
                        "Cancel all"
                    </button>
                </div>
            </div>
            {move || trouble_now.get().and_then(|_| trouble())}
            <Confirm
                open=asking
                title="Cancel the upload?"
                id="cancel-uploads"
                detail="The list is emptied, and what was sent is removed from the server. Your own files stay as they are."
                action="Cancel the upload"
                on_confirm=Callback::new(move |()| {
                    desk.say(Input::RemoveAll);
                    desk.announcer.say("The upload is cancelled.");
                })
            />
        </section>
    }
}

/// Why files were not sent, each reason once.
fn reasons(batch: &Batch) -> Vec<(String, Vec<String>)> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (_, file) in batch.files() {
        if let Phase::Failed(reason) | Phase::Refused(reason) = &file.phase {
            reasons.entry(reason).or_default().push(file.path.clone());
        }
    }
    reasons.into_iter().map(|(reason, paths)| (reason.to_owned(), paths)).collect()
}

/// What is to be said of the files: those that fail, those that are there already, those that are left out.
#[component]
fn Remarks(desk: Desk, tally: Memo<Tally>) -> impl IntoView {
    let reasons = Memo::new(move |_| desk.look(reasons));
    let failed = Memo::new(move |_| tally.with(|tally| tally.failed));
    let faults = move || {
        let reasons = reasons.get();
        let items = reasons.iter().map(
            |(reason, paths)| view! { <li>{sentence(reason)} " " <span class="muted">{some_of(paths)}</span></li> },
        );
        let items = items.collect_view();
        let number: usize = reasons.iter().map(|(_, paths)| paths.len()).sum();
        (number > 0).then(|| {
            view! {
                <Notice tone=Tone::Warning>
                    <p>
                        <strong>{format!("{} cannot be sent:", files(number))}</strong>
                    </p>
                    <ul class="batch-reasons">{items}</ul>
                    <Show when=move || { failed.get() > 0 }>
                        <p>
                            <button class="button small" type="button" on:click=move |_| desk.say(Input::ResumeAll)>
                                <Icon glyph=Glyph::Retry />
                                "Retry what failed"
                            </button>
                        </p>
                    </Show>
                </Notice>
            }
        })
    };
    let there = Memo::new(move |_| tally.with(|tally| (tally.there, tally.skipped)));
    let replaced = move || {
        let (there, skipped) = there.get();
        let words = match (there, skipped) {
            (1, 0) => "1 file is there already and will be replaced. The history keeps the one of before.".to_owned(),
            (all, 0) => {
                format!("{} are there already and will be replaced. The history keeps those of before.", files(all))
            }
            (1, _) => "1 file is there already and is skipped.".to_owned(),
            (all, skipped) if all == skipped => format!("{} are there already and are skipped.", files(all)),
            (all, skipped) => {
                format!("{} are there already. To be replaced: {}. Skipped: {skipped}.", files(all), all - skipped)
            }
        };
        (there > 0).then(|| {
            view! {
                <Notice>
                    <p>{words}</p>
                </Notice>
            }
        })
    };
    // They stay where they are whatever is chosen: so they keep the keyboard.
    let all = move |skip: bool, label: &'static str| {
        let is_chosen = move || {
            let (there, skipped) = there.get();
            if skip { skipped == there } else { skipped == 0 }
        };
        view! {
            <button
                class="chip"
                type="button"
                aria-pressed=move || is_chosen().to_string()
                on:click=move |_| desk.say(Input::SkipAll(skip))
            >
                {label}
            </button>
        }
    };
    let choice = view! {
        <div class="cluster" role="group" aria-label="Files that are there already" hidden=move || there.get().0 == 0>
            {all(false, "Replace all of them")}
            {all(true, "Skip all of them")}
        </div>
    };
    let twice = Memo::new(move |_| desk.look(Batch::twice));
    let left_out = move || {
        let (litter, twice, unread) = (desk.litter.get(), twice.get(), desk.unread.get());
        let mut words = Vec::new();
        if litter > 0 {
            let number = files(litter);
            words.push(format!("{number} that systems leave in folders (such as .DS_Store or Thumbs.db): left out."));
        }
        if twice > 0 {
            words.push(format!("{} chosen that were in the list already.", files(twice)));
        }
        if !unread.is_empty() {
            words.push(format!("The browser could not read {}.", some_of(&unread)));
        }
        (!words.is_empty()).then(|| view! { <p class="muted">{words.join(" ")}</p> })
    };
    view! {
        {faults}
        {replaced}
        {choice}
        {left_out}
    }
}

/// The commit: its message, and the button that makes it.
#[component]
fn CommitForm(
    desk: Desk,
    scene: Scene,
    folder: String,
    tally: Memo<Tally>,
    standing: Memo<Standing>,
    committing: RwSignal<bool>,
) -> impl IntoView {
    let typed = RwSignal::new(None::<String>);
    let armed = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    let made = RwSignal::new(None::<(String, usize)>);
    let (navigate, toasts) = (use_navigate(), use_toasts());
    let above = folder.clone();
    // What would be committed if all that is wanted came.
    let usual = Memo::new(move |_| {
        let replacing = |batch: &Batch| {
            let wanted: Vec<_> =
                batch.files().filter(|(_, file)| file.is_wanted() && !matches!(file.phase, Phase::Failed(_))).collect();
            let replacing = wanted.iter().filter(|(_, file)| file.there.is_some()).count();
            default_message(&above, wanted.len(), replacing, wanted.first().map(|(_, file)| file.path.as_str()))
        };
        desk.look(replacing)
    });
    let message = move || typed.get().unwrap_or_else(|| usual.get());
    let done = Memo::new(move |_| tally.with(|tally| tally.done));
    let is_settled = Memo::new(move |_| standing.with(|standing| *standing == Standing::Settled));
    let (dataset, landing) = (scene.dataset.id, scene.clone());
    let commit = move || {
        let Some((keys, changes)) = desk.now(Batch::changes).filter(|(keys, _)| !keys.is_empty()) else { return };
        if committing.get_untracked() {
            return;
        }
        committing.set(true);
        armed.set(false);
        refused.set(None);
        let words = untrack(message);
        let words = if words.trim().is_empty() { usual.get_untracked() } else { words };
        let (navigate, scene, folder) = (navigate.clone(), landing.clone(), folder.clone());
        spawn_local(async move {
            let answer = change_dataset_files(dataset, Some(words), changes).await;
            if committing.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(committed) => {
                    let number = keys.len();
                    desk.say(Input::Committed(keys));
                    let left = desk.now(|batch| batch.tally().wanted() + batch.tally().refused).unwrap_or_default();
                    toasts.show(Tone::Success, format!("Committed: {}.", files(number)));
                    if left == 0 {
                        let place =
                            [("path", folder.as_str()), ("previews", scene.hidden()), ("uploaded", &committed.commit)];
                        navigate(&scene.view("files", &place), NavigateOptions::default());
                    } else {
                        desk.announcer.say(format!("{} committed.", files(number)));
                        typed.set(None);
                        made.set(Some((committed.commit, number)));
                    }
                }
                Err(error) => {
                    let words = sentence(&error.to_string());
                    refused.set(Some(format!("{words} Nothing that was sent is lost: try again.")));
                }
            }
        });
    };
    let commit = StoredValue::new(commit);
    let run = move || {
        commit.try_with_value(|commit| commit());
    };
    Effect::new(move |_| {
        if is_settled.get() && armed.get() {
            // Somebody should see what failed before the rest is committed.
            if tally.with_untracked(|tally| tally.failed + tally.refused == 0) {
                run();
            } else {
                armed.set(false);
            }
        }
    });
    let words = move || {
        if committing.get() {
            return "Committing …".to_owned();
        }
        match (is_settled.get(), done.get()) {
            (false, _) if armed.get() => "Commits as soon as all is sent".to_owned(),
            (false, _) => "Commit when all is sent".to_owned(),
            (true, number) => format!("Commit {}", files(number)),
        }
    };
    let rests = move || committing.get() || (is_settled.get() && done.get() == 0);
    let press = move |_| {
        if untrack(rests) {
        } else if is_settled.get_untracked() {
            run();
        } else {
            armed.update(|armed| *armed = !*armed);
        }
    };
    // What has come can be committed while something else does not come.
    let part = move || !is_settled.get() && done.get() > 0 && !committing.get();
    let seen = scene.clone();
    view! {
        {move || {
            made.get()
                .map(|(commit, number)| {
                    let href = seen.commit(&commit);
                    view! {
                        <Notice tone=Tone::Success>
                            <p>
                                {if number == 1 { "1 file is in the dataset: ".to_owned() } else { format!("{} are in the dataset: ", files(number)) }} <a href=href>"see the commit"</a>
                                ". The rest is still here."
                            </p>
                        </Notice>
                    }
                })
        }}
        <section class="card batch-commit" aria-labelledby="batch-commit" hidden=move || tally.with(|tally| tally.total == 0)>
            <h3 id="batch-commit">"Commit"</h3>
            <FormNotice error=refused.into() />
            <div class="field">
                <label class="field-label" for="batch-message">
                    "What has changed"
                </label>
                <textarea
                    id="batch-message"
                    rows="2"
                    maxlength=MAX_MESSAGE.to_string()
                    aria-describedby="batch-message-hint"
                    prop:value=message
                    on:input:target=move |event| typed.set(Some(event.target().value()))
                ></textarea>
                <p class="field-hint" id="batch-message-hint">
                    "The first line is the title of the commit in the history."
                </p>
            </div>
            <div class="form-actions">
                <button
                    class="button primary"
                    type="button"
                    aria-disabled=move || rests().then_some("true")
                    aria-pressed=move || (!is_settled.get() && !committing.get()).then(|| armed.get().to_string())
                    on:click=press
                >
                    <Icon glyph=Glyph::Check />
                    {words}
                </button>
                <Show when=part>
                    <button class="button" type="button" on:click=move |_| run()>
                        {move || format!("Commit {} now", files(done.get()))}
                    </button>
                </Show>
            </div>
        </section>
    }
}

/// Says now and then how it goes, for those who do not see it.
fn announce(desk: Desk, tally: Memo<Tally>, standing: Memo<Standing>) {
    let kind = Memo::new(move |_| standing.with(std::mem::discriminant));
    Effect::new(move |before: Option<bool>| {
        kind.track();
        let (tally, standing) = (tally.get_untracked(), standing.get_untracked());
        // How the page begins is no news.
        if before.is_some() || standing != Standing::Empty {
            desk.announcer.say(match &standing {
                Standing::Sending => format!("Sending {}.", files(tally.wanted())),
                Standing::Empty => String::new(),
                other => headline(&tally, other),
            });
        }
        true
    });
    // At each quarter, and not more often.
    let quarter = Memo::new(move |_| {
        tally.with(|tally| tally.sent.saturating_mul(4).checked_div(tally.bytes).unwrap_or_default())
    });
    Effect::new(move |before: Option<u64>| {
        let quarter = quarter.get();
        let goes = standing.with_untracked(|standing| *standing == Standing::Sending);
        if goes && before.is_some_and(|before| before < quarter) && quarter < 4 {
            desk.announcer.say(format!("{} percent sent.", quarter * 25));
        }
        quarter
    });
}

/// The choice of another folder, while nothing is in the list.
#[component]
fn OtherFolder(scene: Scene, folder: String, fault: Option<String>) -> impl IntoView {
    let is_wrong = fault.is_some();
    view! {
        <details class="batch-folder" open=is_wrong>
            <summary>"Another folder …"</summary>
            <form method="get" action=dataset_href(&scene.dataset) class="file-filters" aria-label="Folder">
                <input type="hidden" name="view" value="upload" />
                <label class="filter-field">
                    "Folder, new or old"
                    <input
                        type="text"
                        name="path"
                        value=folder
                        maxlength=MAX_PATH.to_string()
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        placeholder="Such as train/masks"
                        aria-invalid=is_wrong.then_some("true")
                        aria-describedby="folder-error"
                    />
                </label>
                <button class="button" type="submit">
                    "Go there"
                </button>
                <p class="field-error" id="folder-error" role="alert">
                    {fault.map(|fault| sentence(&format!("the path {fault}")))}
                </p>
            </form>
        </details>
    }
}

/// The form of those who have no JavaScript: the browser sends all files in one go.
#[component]
fn PlainForm(dataset: i64, folder: String) -> impl IntoView {
    let error = error_in_address(UPLOAD_FORM).map(|error| sentence(&error.to_string()));
    let action = format!("/api/v1/datasets/{dataset}/files?folder={}", path_segment(&folder));
    view! {
        <form class="form card no-script-only" method="post" enctype="multipart/form-data" action=action>
            <FormNotice error=Signal::stored(error) />
            <div class="field">
                <label class="field-label" for="plain-files">
                    "Files"
                </label>
                <input id="plain-files" type="file" name="files" multiple=true required=true aria-describedby="plain-hint" />
                <p class="field-hint" id="plain-hint">
                    "All of them come in one go. With JavaScript they come in parts, which go on after a connection that broke."
                </p>
            </div>
            <div class="field">
                <label class="field-label" for="plain-message">
                    "Message of the commit"
                </label>
                <input id="plain-message" type="text" name="message" maxlength=MAX_MESSAGE.to_string() />
            </div>
            <div class="form-actions">
                <button class="button primary" type="submit">
                    "Upload and commit"
                </button>
            </div>
        </form>
    }
}

/// The view.
#[component]
fn Upload(scene: Scene, start: UploadStart, user: String) -> impl IntoView {
    let UploadStart { folder, fault, limit_bytes } = start;
    let desk = Desk::new(scene.dataset.id, u64::try_from(limit_bytes).unwrap_or_default());
    let (over, committing) = (RwSignal::new(false), RwSignal::new(false));
    let tally = Memo::new(move |_| desk.look(Batch::tally));
    let standing = Memo::new(move |_| desk.look(Batch::standing));
    let is_right = fault.is_none();
    let into = StoredValue::new(folder.clone());
    let take = move |dropped: Dropped| {
        let Some(folder) = into.try_get_value() else { return };
        if desk.walking.try_update(|walking| *walking += 1).is_none() {
            return;
        }
        spawn_local(async move {
            let unread = walk::walk(dropped, |walked| desk.add(&folder, walked)).await;
            let _ = desk.walking.try_update(|walking| *walking -= 1);
            let _ = desk.unread.try_update(|all| all.extend(unread));
        });
    };
    Effect::new(move |_| {
        let user = user.clone();
        spawn_local(async move {
            desk.remember(user).await;
            // What was dropped on the page before.
            if let Some(dropped) = dropped::take().filter(|_| is_right) {
                take(dropped);
            }
        });
        let busy = Signal::derive(move || committing.get() || tally.with(|tally| tally.open() + tally.done > 0));
        ask_before_leaving(
            busy,
            "Files are not committed yet. Leave? What was sent is kept for a day: choose the same files again to go on.",
        );
        let clock = set_interval_with_handle(move || desk.pass_time(), Duration::from_secs(1));
        let online = window_event_listener(leptos::ev::online, move |_| desk.say(Input::Online));
        // Anywhere on the page: a browser would go to a file that is dropped beside the zone.
        let drag = window_event_listener(leptos::ev::dragover, move |event: DragEvent| {
            if has_files(&event) {
                event.prevent_default();
                let _ = over.try_set(is_right);
            }
        });
        let leave = window_event_listener(leptos::ev::dragleave, move |event: DragEvent| {
            if event.related_target().is_none() {
                let _ = over.try_set(false);
            }
        });
        let drop_there = window_event_listener(leptos::ev::drop, move |event: DragEvent| {
            if has_files(&event) {
                event.prevent_default();
                let _ = over.try_set(false);
                if is_right {
                    take(dropped::of(&event));
                }
            }
        });
        on_cleanup(move || {
            for listener in [drag, leave, drop_there] {
                listener.remove();
            }
            online.remove();
            // Without a clock there is nothing to stop.
            let _ = clock.map(|clock| clock.clear());
        });
    });
    announce(desk, tally, standing);
    on_cleanup(move || desk.leave());
    let is_empty = Memo::new(move |_| tally.with(|tally| tally.total == 0));
    let place = if folder.is_empty() { scene.dataset.name.clone() } else { folder.clone() };
    let back = scene.folder(&folder);
    let other = view! { <OtherFolder scene=scene.clone() folder=folder.clone() fault=fault /> }.into_any();
    let main = is_right.then(|| {
        view! {
            <PlainForm dataset=scene.dataset.id folder=folder.clone() />
            <Interrupted desk=desk />
            <DropZone desk=desk folder=folder.clone() limit_bytes=limit_bytes over=over is_empty=is_empty />
            <Progress desk=desk tally=tally standing=standing />
            <Remarks desk=desk tally=tally />
            <Files desk=desk folder=folder.clone() standing=standing />
            <CommitForm
                desk=desk
                scene=scene.clone()
                folder=folder.clone()
                tally=tally
                standing=standing
                committing=committing
            />
        }
    });
    view! {
        <section class="stack batch" aria-labelledby="upload-title">
            <Announcements announcer=desk.announcer />
            <div class="section-head files-head">
                <h2 id="upload-title">"Upload into " <bdi>{place}</bdi></h2>
                <a class="button quiet small" href=back>
                    "Back to the files"
                </a>
            </div>
            <Path scene=scene.clone() path=folder.clone() />
            <div hidden=move || !is_empty.get()>{other}</div>
            {main}
        </section>
    }
}
