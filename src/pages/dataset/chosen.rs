//! What is chosen among the files of a dataset, and what is done with all of it.

use super::file::Changing;
use super::scene::Scene;
use crate::api::version_forms::{DeleteFiles, MoveFiles};
use crate::model::FolderList;
use crate::model::folder::split_path;
use crate::model::version::MAX_PATH;
use crate::ui::dialog::{Confirm, Dialog};
use crate::ui::field::TextField;
use crate::ui::focus::by_id;
use crate::ui::form::Form;
use crate::ui::form_error::{FormNotice, clear_refusal, field_error, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::text::{count, grouped};
use leptos::prelude::*;
use std::collections::BTreeSet;
use wasm_bindgen::JsCast;

/// Name and id of the field for the folder into which is moved.
const FOLDER: &str = "into";

/// What is chosen, to be moved or deleted.
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
    changing: Changing,
) -> impl IntoView {
    let Changing { delete, gather, .. } = changing;
    let (asking, moving) = (RwSignal::new(false), RwSignal::new(false));
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
    let busy = move || delete.pending().get() || gather.pending().get();
    let open = move |dialog: RwSignal<bool>| {
        if !untrack(none) && !untrack(busy) {
            dialog.set(true);
        }
    };
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
                    class="button small"
                    type="button"
                    aria-disabled=move || (none() || busy()).then_some("true")
                    on:click=move |_| open(moving)
                >
                    <Icon glyph=Glyph::Folder />
                    "Move to …"
                </button>
                <button
                    class="button small danger"
                    type="button"
                    aria-disabled=move || (none() || busy()).then_some("true")
                    on:click=move |_| open(asking)
                >
                    <Icon glyph=Glyph::Delete />
                    "Delete"
                </button>
            </div>
            <MoveDialog open=moving dataset=dataset previews=previews chosen=chosen gather=gather />
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

/// What is to be moved, in words: how much, and from where.
fn what_moves(chosen: &BTreeSet<String>) -> String {
    let folders = chosen.iter().filter(|path| path.ends_with('/')).count() as i64;
    let files = chosen.len() as i64 - folders;
    let numbers = [(files, "file", "files"), (folders, "folder", "folders")];
    let numbers = numbers.iter().filter(|(number, ..)| *number > 0);
    let numbers: Vec<String> = numbers.map(|(number, one, several)| count(*number, one, several)).collect();
    let places: BTreeSet<&str> = chosen.iter().map(|path| split_path(path).0).collect();
    let place = match places.first() {
        Some(&"") if places.len() == 1 => "at the top of the dataset".to_owned(),
        Some(folder) if places.len() == 1 => format!("in {folder}"),
        _ => format!("in {}", count(places.len() as i64, "folder", "folders")),
    };
    format!("{} {place}", numbers.join(" and "))
}

/// Asks into which folder what is chosen is to be put.
#[component]
fn MoveDialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Number of the dataset.
    dataset: i64,
    /// What the address says of previews.
    previews: &'static str,
    chosen: Chosen,
    gather: ServerAction<MoveFiles>,
) -> impl IntoView {
    let refused = form_error(gather);
    // What was typed or refused the last time was about something else.
    Effect::new(move |_| {
        if open.get() {
            clear_refusal(gather);
            if let Some(field) = by_id(FOLDER).and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
                field.set_value("");
            }
        }
    });
    let paths = move || {
        let hidden = |path| view! { <input type="hidden" name="paths[]" value=path /> };
        chosen.get().into_iter().map(hidden).collect_view()
    };
    let cancel = view! {
        <button class="button" type="button" on:click=move |_| open.set(false)>
            "Cancel"
        </button>
    };
    view! {
        <Dialog open=open title="Move what is chosen" id="move-files">
            <Form action=gather submit="Move" fields=&["into"] beside=cancel.into_any()>
                <input type="hidden" name="dataset" value=dataset.to_string() />
                <input type="hidden" name="previews" value=previews />
                {paths}
                <p>{move || chosen.with(what_moves)}</p>
                <TextField
                    label="Into the folder"
                    name=FOLDER
                    verbatim=true
                    max_length=MAX_PATH
                    hint="With a / between folders; one that is not there is made. Empty: the top of the dataset. Pictures come along, with everything that is drawn on them."
                    error=field_error(refused, "into")
                />
            </Form>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_moved_is_told_with_its_place() {
        let told = |paths: &[&str]| what_moves(&paths.iter().map(|path| (*path).to_owned()).collect());
        assert_eq!(told(&["a.png"]), "1 file at the top of the dataset");
        assert_eq!(told(&["train/a.png", "train/b.png", "train/masks/"]), "2 files and 1 folder in train/");
        assert_eq!(told(&["train/a.png", "test/b.png"]), "2 files in 2 folders");
    }
}
