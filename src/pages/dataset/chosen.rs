//! What is chosen among the files of a dataset, and what is done with all of it.

use super::scene::Scene;
use crate::api::version_forms::DeleteFiles;
use crate::model::FolderList;
use crate::ui::dialog::Confirm;
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::text::grouped;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// What is chosen, to be deleted.
pub(super) type Chosen = RwSignal<BTreeSet<String>>;

/// Chooses one.
#[component]
pub(super) fn Check(path: String, chosen: Chosen) -> impl IntoView {
    let (label, own) = (format!("Choose {path}"), path.clone());
    let is = move || chosen.with(|chosen| chosen.contains(&own));
    view! {
        <label class="file-check script-only">
            <input
                type="checkbox"
                aria-label=label
                prop:checked=is
                on:change:target=move |event| {
                    let checked = event.target().checked();
                    chosen
                        .update(|chosen| {
                            if checked {
                                chosen.insert(path.clone());
                            } else {
                                chosen.remove(&path);
                            }
                        });
                }
            />
        </label>
    }
}

/// What is done with all that is chosen.
#[component]
pub(super) fn ChosenBar(
    scene: Scene,
    list: FolderList,
    find: String,
    chosen: Chosen,
    delete: ServerAction<DeleteFiles>,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let error = general_error(form_error(delete), &[]);
    let folder = list.folder.clone();
    let all: BTreeSet<String> = list
        .folders
        .iter()
        .map(|inside| format!("{folder}{}/", inside.name))
        .chain(list.files.iter().map(|file| file.path.clone()))
        .collect();
    let whole = all.len();
    let (dataset, above, previews) = (scene.dataset.id, folder, scene.hidden());
    let words = move || match chosen.with(BTreeSet::len) {
        0 => "Nothing is chosen.".to_owned(),
        number => format!("{} chosen.", grouped(number as i64)),
    };
    let none = move || chosen.with(BTreeSet::is_empty);
    let remove = Callback::new(move |()| {
        let paths = chosen.with_untracked(|chosen| chosen.iter().cloned().collect());
        let (folder, find, previews) = (above.clone(), find.clone(), previews.to_owned());
        delete.dispatch(DeleteFiles { dataset, paths, folder, find, previews });
    });
    view! {
        <div class="stack script-only">
            <FormNotice error=error />
            <div class="cluster file-chosen" role="group" aria-label="What is chosen">
                <span class="muted" role="status">
                    {words}
                </span>
                <button
                    class="button small"
                    type="button"
                    on:click=move |_| {
                        if chosen.with_untracked(BTreeSet::len) == whole {
                            chosen.set(BTreeSet::new());
                        } else {
                            chosen.set(all.clone());
                        }
                    }
                >
                    {move || if chosen.with(BTreeSet::len) == whole { "Choose none" } else { "Choose all shown" }}
                </button>
                <button
                    class="button small danger"
                    type="button"
                    aria-disabled=move || (none() || delete.pending().get()).then_some("true")
                    on:click=move |_| {
                        if !none() && !delete.pending().get_untracked() {
                            asking.set(true);
                        }
                    }
                >
                    <Icon glyph=Glyph::Delete />
                    "Delete"
                </button>
            </div>
            <Confirm
                open=asking
                title="Delete what is chosen?"
                id="delete-files"
                detail="Earlier states keep the files, and the history brings them back. What is drawn on their pictures goes with them for good."
                action="Delete"
                on_confirm=remove
            />
        </div>
    }
}
