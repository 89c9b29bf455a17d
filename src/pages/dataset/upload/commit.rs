//! The commit that puts what was sent into the dataset.

use super::desk::Desk;
use crate::api::versions::change_dataset_files;
use crate::model::AppError;
use crate::model::batch::words::default_message;
use crate::model::batch::{Batch, Input, Phase, Standing, Tally};
use crate::model::text::files;
use crate::model::version::{MAX_CHANGES, MAX_MESSAGE};
use crate::pages::dataset::scene::Scene;
use crate::ui::focus;
use crate::ui::form_error::FormNotice;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::ui::text::sentence;
use crate::ui::toast::use_toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The commit: its message, and the button that makes it.
#[component]
pub(super) fn CommitForm(
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
    // While folders are gone through, more may come.
    let is_settled =
        Memo::new(move |_| desk.walking.get() == 0 && standing.with(|standing| *standing == Standing::Settled));
    let (dataset, landing) = (scene.dataset.id, scene.clone());
    let commit = move || {
        if committing.get_untracked() || done.get_untracked() == 0 {
            return;
        }
        committing.set(true);
        armed.set(false);
        refused.set(None);
        let (navigate, scene, folder) = (navigate.clone(), landing.clone(), folder.clone());
        spawn_local(async move {
            let made_it = async {
                let told = |error: AppError| {
                    format!("{} Nothing that was sent is lost: try again.", sentence(&error.to_string()))
                };
                // Nothing is replaced of which nobody was told.
                let changed = desk.look_again().await.map_err(told)?;
                let (keys, changes) = desk.now(Batch::changes).unwrap_or_default();
                if changed > 0 {
                    let what = if changed == 1 { "1 file has".to_owned() } else { format!("{} have", files(changed)) };
                    return Err(format!(
                        "{what} come into the dataset meanwhile and would be replaced: look at the list, and commit once more."
                    ));
                }
                if keys.is_empty() {
                    return Err("The dataset has the same files by now: there is nothing to commit.".to_owned());
                }
                let words = untrack(message);
                let words = if words.trim().is_empty() { usual.get_untracked() } else { words };
                let committed = change_dataset_files(dataset, Some(words), changes).await.map_err(told)?;
                Ok((committed, keys))
            };
            let answer = made_it.await;
            if committing.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok((committed, keys)) => {
                    let number = keys.len();
                    desk.say(Input::Committed(keys));
                    let left = desk.now(|batch| batch.tally().wanted() + batch.tally().refused).unwrap_or_default();
                    toasts.show(Tone::Success, format!("Committed: {}.", files(number)));
                    if left == 0 && desk.walking.get_untracked() == 0 {
                        let place =
                            [("path", folder.as_str()), ("previews", scene.hidden()), ("uploaded", &committed.commit)];
                        navigate(&scene.view("files", &place), NavigateOptions::default());
                    } else {
                        desk.announcer.say(format!("{} committed.", files(number)));
                        typed.set(None);
                        made.set(Some((committed.commit, number)));
                    }
                }
                Err(words) => refused.set(Some(words)),
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
    let at_once = move || done.get().min(MAX_CHANGES);
    let words = move || {
        if committing.get() {
            return "Committing …".to_owned();
        }
        match is_settled.get() {
            false => "Commit when all is sent".to_owned(),
            true => format!("Commit {}", files(at_once())),
        }
    };
    let is_armed = move || armed.get() && !is_settled.get() && !committing.get();
    let rests = move || committing.get() || (is_settled.get() && done.get() == 0);
    let press = move |_| {
        if untrack(rests) {
            return;
        }
        match is_settled.get_untracked() {
            true => run(),
            false => armed.update(|armed| *armed = !*armed),
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
                    id="batch-commit-all"
                    class="button primary"
                    type="button"
                    aria-describedby=move || is_armed().then_some("batch-commit-state")
                    aria-disabled=move || rests().then_some("true")
                    aria-pressed=move || (!is_settled.get() && !committing.get()).then(|| armed.get().to_string())
                    on:click=press
                >
                    <Icon glyph=Glyph::Check />
                    {words}
                </button>
                <button
                    class="button"
                    type="button"
                    hidden=move || !part()
                    on:click=move |_| {
                        if let Some(button) = focus::by_id("batch-commit-all") {
                            focus::focus_in_place(&button);
                        }
                        run();
                    }
                >
                    {move || format!("Commit {} now", files(at_once()))}
                </button>
                <p class="field-hint" id="batch-commit-state" hidden=move || !is_armed()>
                    "It is committed as soon as all is sent; press once more to wait with it."
                </p>
            </div>
        </section>
    }
}
