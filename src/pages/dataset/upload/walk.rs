//! From what was dropped or chosen to files with their paths: folders are gone through to their ends.

use crate::ui::dropped::Dropped;
use js_sys::{Array, Promise, Reflect};
use std::cmp::Reverse;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileList};

/// So many files are told at once.
const TOLD: usize = 400;

#[wasm_bindgen]
extern "C" {
    /// A file or folder of the browser's file system.
    type Entry;
    #[wasm_bindgen(method, getter, js_name = isFile)]
    fn is_file(this: &Entry) -> bool;
    #[wasm_bindgen(method, getter, js_name = fullPath)]
    fn full_path(this: &Entry) -> String;
    #[wasm_bindgen(method)]
    fn file(this: &Entry, found: &js_sys::Function, failed: &js_sys::Function);
    #[wasm_bindgen(method, js_name = createReader)]
    fn create_reader(this: &Entry) -> Reader;

    type Reader;
    #[wasm_bindgen(method, js_name = readEntries)]
    fn read_entries(this: &Reader, found: &js_sys::Function, failed: &js_sys::Function);
}

/// A file with its path in what was chosen.
pub type Walked = (String, File);

/// What could not be read, by its path.
pub type Unread = Vec<String>;

/// Files that were chosen by the browser's own dialog. Those of a folder say where they are in it.
pub fn of_list(files: &FileList) -> Vec<Walked> {
    let files = (0..files.length()).filter_map(|index| files.item(index));
    let mut walked: Vec<Walked> = files.map(|file| (path_of(&file), file)).collect();
    // File systems have them in no order.
    walked.sort_by(|(one, _), (other, _)| one.cmp(other));
    walked
}

fn path_of(file: &File) -> String {
    let relative = Reflect::get(file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
    relative.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}

/// Goes through all that was dropped, and tells the files as they are found. Gives what could not be read.
pub async fn walk(dropped: Dropped, mut tell: impl FnMut(Vec<Walked>)) -> Unread {
    let Dropped { entries, files } = dropped;
    let mut found: Vec<Walked> = files.into_iter().map(|file| (file.name(), file)).collect();
    let (mut unread, mut open) = (Unread::new(), entries);
    open.reverse();
    while let Some(entry) = open.pop() {
        let entry: Entry = entry.unchecked_into();
        let path = entry.full_path().trim_start_matches('/').to_owned();
        if entry.is_file() {
            match asked(|found, failed| entry.file(found, failed)).await {
                Ok(file) => found.push((path, file.unchecked_into())),
                Err(_) => unread.push(path),
            }
        } else {
            let reader = entry.create_reader();
            let mut inside = Vec::new();
            // A browser gives some at a time, and none once that was all.
            loop {
                match asked(|found, failed| reader.read_entries(found, failed)).await {
                    Ok(some) => {
                        let some: Array = some.unchecked_into();
                        if some.length() == 0 {
                            break;
                        }
                        inside.extend(some.iter());
                    }
                    Err(_) => {
                        unread.push(format!("{path}/"));
                        break;
                    }
                }
            }
            // The last is taken first.
            inside.sort_by_cached_key(|entry| Reverse(entry.unchecked_ref::<Entry>().full_path()));
            open.append(&mut inside);
        }
        if found.len() >= TOLD {
            tell(std::mem::take(&mut found));
        }
    }
    tell(found);
    unread
}

/// What a function of the file system calls back with.
async fn asked(ask: impl FnOnce(&js_sys::Function, &js_sys::Function)) -> Result<JsValue, JsValue> {
    let mut ask = Some(ask);
    let promise = Promise::new(&mut |found, failed| {
        if let Some(ask) = ask.take() {
            ask(&found, &failed);
        }
    });
    JsFuture::from(promise).await
}
