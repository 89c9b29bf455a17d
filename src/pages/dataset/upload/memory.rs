//! What the browser remembers of uploads that were begun, so that they go on after a restart.
//!
//! Each is an entry of its own, under the names of the person, the dataset and the file, so that neither two accounts nor two datasets
//! mix, and nothing has to be written anew when another one is begun. As long as a visit of the page lasts it holds its name: what
//! belongs to a visit that is still there is under way in another tab.

use crate::model::batch::paths::{fingerprint, path_in};
use crate::model::upload::UPLOAD_LASTS_S;
use leptos::prelude::window;
use std::collections::{BTreeMap, HashSet};
use web_sys::Storage;

/// With this the names of all entries begin.
const PLACE: &str = "ocellus.upload";

/// What is remembered of an upload.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Begun {
    /// Its name at the server.
    pub upload: String,
    /// When it was begun or gone on with, in Unix milliseconds.
    pub at: i64,
    /// The visit by which it came last.
    pub visit: String,
}

/// What one person has begun in one dataset.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    prefix: String,
    /// The name of this visit.
    visit: String,
    /// What was left behind, by the file's fingerprint.
    left: BTreeMap<String, Begun>,
}

/// A browser may keep nothing.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The name that a visit holds as long as it lasts.
pub fn claim_name(visit: &str) -> String {
    format!("{PLACE}.{visit}")
}

/// Whether an upload can still be there.
fn is_alive(begun: &Begun, now_ms: i64) -> bool {
    now_ms.saturating_sub(begun.at) < UPLOAD_LASTS_S * 1000
}

impl Memory {
    /// What was left behind. `claimed` are the names that other tabs hold; what the server has forgotten by now goes.
    pub fn read(user: &str, dataset: i64, visit: &str, claimed: &HashSet<String>, now_ms: i64) -> Self {
        let prefix = format!("{PLACE}.{dataset}.{user}/");
        let mut memory = Self { prefix, visit: visit.to_owned(), left: BTreeMap::new() };
        let Some(storage) = storage() else { return memory };
        let names = (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok().flatten());
        let names: Vec<String> = names.filter(|name| name.starts_with(&memory.prefix)).collect();
        for name in names {
            let text = storage.get_item(&name).ok().flatten();
            let begun = text.and_then(|text| serde_json::from_str::<Begun>(&text).ok());
            let file = name.strip_prefix(&memory.prefix).unwrap_or_default();
            match begun.filter(|_| path_in(file).is_some()) {
                Some(begun) if claimed.contains(&claim_name(&begun.visit)) && begun.visit != memory.visit => {}
                Some(begun) if is_alive(&begun, now_ms) => drop(memory.left.insert(file.to_owned(), begun)),
                // Removing what is not there any more does nothing.
                _ => drop(storage.remove_item(&name)),
            }
        }
        memory
    }

    /// The paths of the files that were left behind.
    pub fn paths(&self) -> Vec<String> {
        self.left.keys().filter_map(|file| path_in(file).map(str::to_owned)).collect()
    }

    /// The upload by which a file was begun, if that was left behind. From here on it belongs to this visit.
    pub fn take(&mut self, path: &str, size: u64, modified: i64, now_ms: i64) -> Option<String> {
        let file = fingerprint(path, size, modified);
        let begun = self.left.remove(&file).filter(|begun| self.is_left(&file, begun))?;
        self.keep(path, size, modified, &begun.upload, now_ms);
        Some(begun.upload)
    }

    /// Whether a file is still as it was left behind: meanwhile another tab may have gone on with it.
    fn is_left(&self, file: &str, begun: &Begun) -> bool {
        let text = storage().and_then(|storage| storage.get_item(&format!("{}{file}", self.prefix)).ok().flatten());
        let now = text.and_then(|text| serde_json::from_str::<Begun>(&text).ok());
        now.is_some_and(|now| now.visit == begun.visit)
    }

    /// Remembers by which upload a file comes.
    pub fn keep(&self, path: &str, size: u64, modified: i64, upload: &str, now_ms: i64) {
        let begun = Begun { upload: upload.to_owned(), at: now_ms, visit: self.visit.clone() };
        if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(&begun)) {
            // Where there is no room, a restart begins that file anew.
            let _ = storage.set_item(&format!("{}{}", self.prefix, fingerprint(path, size, modified)), &text);
        }
    }

    /// Forgets a file.
    pub fn forget(&self, path: &str, size: u64, modified: i64) {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(&format!("{}{}", self.prefix, fingerprint(path, size, modified)));
        }
    }

    /// Forgets what was left behind, and gives the names of the uploads.
    pub fn discard(&mut self) -> Vec<String> {
        let (mut left, storage) = (std::mem::take(&mut self.left), storage());
        left.retain(|file, begun| self.is_left(file, begun));
        let discard = |(file, begun): (String, Begun)| {
            if let Some(storage) = &storage {
                let _ = storage.remove_item(&format!("{}{file}", self.prefix));
            }
            begun.upload
        };
        left.into_iter().map(discard).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_has_forgotten_is_not_offered() {
        let begun = Begun { upload: "u".to_owned(), at: 1_000, visit: "v".to_owned() };
        assert!(is_alive(&begun, 1_000) && is_alive(&begun, UPLOAD_LASTS_S * 1000 + 999));
        assert!(!is_alive(&begun, UPLOAD_LASTS_S * 1000 + 1_000));
        // A clock that was put back forgets nothing.
        assert!(is_alive(&begun, 0));
    }
}
