//! Bringing files into a folder of a dataset: they are chosen or dropped, sent in parts that survive a broken connection and a closed tab,
//! and put there by one commit. What shows it is a piece of the front end of its own (`files`).

mod commit;
mod desk;
mod list;
mod memory;
mod progress;
mod walk;

use super::scene::Scene;
use super::state::Path;
use crate::model::batch::words::headline;
use crate::model::batch::{Batch, Input, Standing, Tally};
use crate::model::text::{files, path_segment};
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
use crate::ui::text::{bytes, grouped, sentence};
use commit::CommitForm;
use desk::Desk;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use list::Files;
use progress::{Progress, Remarks};
use std::mem::{Discriminant, discriminant};
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
    /// A larger image is kept as a file that is not shown.
    pub picture_limit_bytes: i64,
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

/// Where files are dropped, and the buttons that choose them.
#[component]
fn DropZone(
    desk: Desk,
    folder: String,
    limits: (i64, i64),
    over: RwSignal<bool>,
    is_empty: Memo<bool>,
) -> impl IntoView {
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
                {format!(
                    "Up to {} each. Folders keep their paths. Images of up to {} become pictures of the dataset.",
                    bytes(limits.0 as f64),
                    bytes(limits.1 as f64),
                )}
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
            detail="What was sent of unfinished files is removed from the server; those that came completely stay stored with the dataset, without being in it. Your own files stay as they are."
            action="Discard"
            on_confirm=discard
        />
    }
}

/// Says now and then how it goes, for those who do not see it.
fn announce(desk: Desk, tally: Memo<Tally>, standing: Memo<Standing>) {
    let kind = Memo::new(move |_| standing.with(discriminant));
    Effect::new(move |before: Option<Discriminant<Standing>>| {
        // Read, not only tracked: a memo that nobody reads never finds out that it changes.
        let kind = kind.get();
        let (tally, standing) = (tally.get_untracked(), standing.get_untracked());
        // How the page begins is no news.
        if before.is_some() || standing != Standing::Empty {
            desk.announcer.say(match &standing {
                Standing::Sending => format!("Sending {}.", files(tally.wanted())),
                Standing::Empty => String::new(),
                other => headline(&tally, other),
            });
        }
        kind
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
    let UploadStart { folder, fault, limit_bytes, picture_limit_bytes } = start;
    let limits = (limit_bytes, picture_limit_bytes);
    let desk = Desk::new(scene.dataset.id, u64::try_from(limit_bytes).unwrap_or_default());
    let (over, committing) = (RwSignal::new(false), RwSignal::new(false));
    let tally = Memo::new(move |_| desk.look(Batch::tally));
    let standing = Memo::new(move |_| desk.look(Batch::standing));
    let is_right = fault.is_none();
    let (dataset, into) = (scene.dataset.id, StoredValue::new(folder.clone()));
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
            let dropped = into.try_with_value(|folder| dropped::take(dataset, folder)).flatten();
            if let Some(dropped) = dropped.filter(|_| is_right) {
                take(dropped);
            }
        });
        let has_work = move || tally.with(|tally| tally.open() + tally.done > 0);
        let busy = Signal::derive(move || committing.get() || desk.walking.get() > 0 || has_work());
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
            <DropZone desk=desk folder=folder.clone() limits=limits over=over is_empty=is_empty />
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
