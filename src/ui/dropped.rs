//! Files and folders that somebody has dropped, until the page takes them that they are for: what was dropped can be asked for only
//! while it is being dropped, and that page may have yet to come.

use js_sys::{Function, Reflect};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DataTransfer, DragEvent, File};

/// What was dropped.
#[derive(Clone, Debug, Default)]
pub struct Dropped {
    /// Files and folders as the browser's file system has them (`FileSystemEntry`).
    pub entries: Vec<JsValue>,
    /// Files of which it does not tell more.
    pub files: Vec<File>,
}

/// The dataset and the folder that something was dropped for.
type Place = (i64, String);

thread_local! {
    static HELD: RefCell<Option<(Place, Dropped)>> = const { RefCell::new(None) };
}

/// Whether files are being dragged, and not a text or a link of the page.
pub fn has_files(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|transfer| transfer.types());
    types.is_some_and(|types| types.iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}

/// What is being dropped.
pub fn of(event: &DragEvent) -> Dropped {
    event.data_transfer().map(|transfer| read(&transfer)).unwrap_or_default()
}

/// Keeps what is being dropped on a folder of a dataset for the page that comes.
pub fn hold(dataset: i64, folder: &str, dropped: Dropped) {
    HELD.set(Some(((dataset, folder.to_owned()), dropped)));
}

/// What was kept for this folder of this dataset, once. Whatever was meant for elsewhere goes: whoever dropped it went another way.
pub fn take(dataset: i64, folder: &str) -> Option<Dropped> {
    HELD.take().filter(|((kept_for, path), _)| *kept_for == dataset && path == folder).map(|(_, dropped)| dropped)
}

fn read(transfer: &DataTransfer) -> Dropped {
    let mut dropped = Dropped::default();
    let items = transfer.items();
    for index in 0..items.length() {
        let Some(item) = items.get(index).filter(|item| item.kind() == "file") else { continue };
        // Only by this one learns what is in a folder. All browsers have it under the name that the first one gave it.
        let entry =
            Reflect::get(&item, &"webkitGetAsEntry".into()).ok().and_then(|get| get.dyn_into::<Function>().ok());
        match entry.and_then(|get| get.call0(&item).ok()).filter(JsValue::is_object) {
            Some(entry) => dropped.entries.push(entry),
            None => dropped.files.extend(item.get_as_file().ok().flatten()),
        }
    }
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_dropped_goes_nowhere_else() {
        hold(1, "a/", Dropped::default());
        assert!(take(1, "a/").is_some() && take(1, "a/").is_none(), "it is given once");
        for (dataset, folder) in [(2, "a/"), (1, ""), (1, "a/b/")] {
            hold(1, "a/", Dropped::default());
            assert!(take(dataset, folder).is_none());
            assert!(take(1, "a/").is_none(), "who went elsewhere has left it behind");
        }
    }
}
