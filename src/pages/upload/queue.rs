//! The files to upload: which wait, which are being sent, and what became of the others.
//!
//! A file waits until a person starts the queue, which then sends a few at a time, in order, until none waits. Each ends as
//! a picture or with its own error, and either makes room for the next; one that failed or was cancelled waits for a person
//! to try it again. Only an error that would meet every other file as well (somebody who is signed out, a fault in what all
//! share) stops the queue. The queue lives as long as its page: leaving cancels what is under way, so the page asks first.

use super::sending::{Shared, State, preview_of, revoke, send_file};
use crate::model::AppError;
use crate::ui::text::bytes;
use leptos::prelude::*;
use web_sys::{File, XmlHttpRequest};

/// So many files are sent at once.
const PARALLEL: usize = 3;

/// Fields that all files share: a fault in one of them would fail every file.
pub(super) const SHARED_FIELDS: [&str; 5] = ["nature", "licence", "origin_url", "description", "dataset"];

/// One file.
#[derive(Clone)]
pub struct Entry {
    /// Identity in the list.
    pub key: u32,
    /// The file.
    pub file: File,
    /// The file's address in this page, for the preview.
    pub preview: Option<String>,
    /// The picture's title.
    pub title: RwSignal<String>,
    /// What became of it.
    pub state: RwSignal<State>,
    request: StoredValue<Option<XmlHttpRequest>>,
}

/// How many files there are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All files.
    pub total: i64,
    /// Not sent yet.
    pub waiting: i64,
    /// Under way.
    pub sending: i64,
    /// Uploaded.
    pub done: i64,
    /// Not uploaded.
    pub failed: i64,
}

/// The files and what they share.
#[derive(Clone, Copy)]
pub struct Queue {
    /// The files in the order in which they were chosen.
    pub entries: RwSignal<Vec<Entry>>,
    /// What they share.
    pub shared: Shared,
    /// Whether files are being sent.
    pub running: RwSignal<bool>,
    next_key: StoredValue<u32>,
    limit_bytes: i64,
}

/// The title that a file suggests: its name without extension, with spaces for underscores.
fn title_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem });
    stem.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Entry {
    fn forget_preview(&self) {
        if let Some(preview) = &self.preview {
            revoke(preview);
        }
    }
}

impl Queue {
    /// A queue without files, for a site that takes files of at most so many bytes, and for a dataset, if one is chosen.
    pub fn new(limit_bytes: i64, dataset: String) -> Self {
        let shared = Shared {
            nature: RwSignal::new("photo".to_owned()),
            licences: RwSignal::new(Vec::new()),
            origin: RwSignal::new(String::new()),
            description: RwSignal::new(String::new()),
            keep_place: RwSignal::new(false),
            dataset: RwSignal::new(dataset),
            error: RwSignal::new(None),
        };
        Self {
            entries: RwSignal::new(Vec::new()),
            shared,
            running: RwSignal::new(false),
            next_key: StoredValue::new(0),
            limit_bytes,
        }
    }

    /// Adds a file. One that is too large fails at once: there is no need to send it to find out.
    pub fn add(self, file: File) {
        let key = self.next_key.get_value();
        self.next_key.set_value(key + 1);
        let state = if file.size() > self.limit_bytes as f64 {
            let (size, limit) = (bytes(file.size()), bytes(self.limit_bytes as f64));
            State::Failed(AppError::TooLarge(format!("the file has {size}; this site takes at most {limit}")))
        } else {
            State::Waiting
        };
        let entry = Entry {
            key,
            preview: preview_of(&file),
            title: RwSignal::new(title_of(&file.name())),
            state: RwSignal::new(state),
            request: StoredValue::new(None),
            file,
        };
        self.entries.update(|entries| entries.push(entry));
        if self.running.get_untracked() {
            self.send_more();
        }
    }

    /// Takes a file out of the list; what is already uploaded stays uploaded.
    pub fn remove(self, key: u32) {
        let Some(entry) = self.find(key) else { return };
        self.cancel(&entry);
        entry.forget_preview();
        self.entries.update(|entries| entries.retain(|entry| entry.key != key));
        self.send_more();
    }

    /// Starts sending what waits.
    pub fn start(self) {
        self.shared.error.set(None);
        self.running.set(true);
        self.send_more();
    }

    /// Tries a failed file again.
    pub fn retry(self, key: u32) {
        if let Some(entry) = self.find(key) {
            entry.state.set(State::Waiting);
            self.start();
        }
    }

    /// Tries all failed files again.
    pub fn retry_all(self) {
        for entry in self.entries.get_untracked() {
            if matches!(entry.state.get_untracked(), State::Failed(_)) {
                entry.state.set(State::Waiting);
            }
        }
        self.start();
    }

    /// Stops one file that is being sent; it then waits again.
    pub fn cancel(self, entry: &Entry) {
        if let Some(request) = entry.request.try_update_value(Option::take).flatten() {
            // Aborting a request that has ended does nothing.
            let _ = request.abort();
        }
    }

    /// Stops everything that is being sent.
    pub fn cancel_all(self) {
        self.running.set(false);
        for entry in self.entries.get_untracked() {
            self.cancel(&entry);
        }
    }

    /// Ends the queue because its page is left: nothing is sent any more, and the memory of the previews is given back.
    /// Says how many files were still to be sent.
    pub fn abandon(self) -> i64 {
        let ran = self.running.try_get_untracked().unwrap_or(false);
        let entries = self.entries.try_get_untracked().unwrap_or_default();
        let unsent =
            |entry: &&Entry| matches!(entry.state.try_get_untracked(), Some(State::Waiting | State::Sending(_)));
        let left = if ran { entries.iter().filter(unsent).count() } else { 0 };
        self.running.try_set(false);
        for entry in &entries {
            self.cancel(entry);
            entry.forget_preview();
        }
        left as i64
    }

    /// The pictures that files have become, in the order of the files.
    pub fn uploaded(self) -> Vec<i64> {
        let id = |entry: &Entry| match entry.state.get() {
            State::Done(id) => Some(id),
            _ => None,
        };
        self.entries.with(|entries| entries.iter().filter_map(id).collect())
    }

    /// How many files there are in each state.
    pub fn tally(self) -> Tally {
        let mut tally = Tally::default();
        self.entries.with(|entries| {
            for entry in entries {
                tally.total += 1;
                match entry.state.get() {
                    State::Waiting => tally.waiting += 1,
                    State::Sending(_) => tally.sending += 1,
                    State::Done(_) => tally.done += 1,
                    State::Failed(_) => tally.failed += 1,
                }
            }
        });
        tally
    }

    fn find(self, key: u32) -> Option<Entry> {
        self.entries.with_untracked(|entries| entries.iter().find(|entry| entry.key == key).cloned())
    }

    fn send_more(self) {
        if !self.running.get_untracked() {
            return;
        }
        let entries = self.entries.get_untracked();
        let is_sending = |entry: &Entry| matches!(entry.state.get_untracked(), State::Sending(_));
        for entry in &entries {
            if entries.iter().filter(|entry| is_sending(entry)).count() >= PARALLEL {
                return;
            }
            // One that cannot even be begun has failed by now, and the next one has its turn.
            if entry.state.get_untracked() == State::Waiting {
                self.send(entry);
            }
        }
        if !entries.iter().any(is_sending) {
            self.running.set(false);
        }
    }

    fn send(self, entry: &Entry) {
        let metadata = self.shared.metadata(&entry.title.get_untracked());
        let (key, state) = (entry.key, entry.state);
        state.set(State::Sending(0.0));
        let on_progress = Callback::new(move |part: f64| {
            if matches!(state.try_get_untracked(), Some(State::Sending(_))) {
                state.set(State::Sending(part));
            }
        });
        let sent = send_file(&metadata, &entry.file, on_progress, move |state| self.ended(key, state));
        match sent {
            Ok(request) => entry.request.set_value(Some(request)),
            Err(_) => state.set(State::Failed(AppError::invalid("the browser could not read the file"))),
        }
    }

    fn ended(self, key: u32, state: State) {
        let Some(entry) =
            self.entries.try_with_untracked(|entries| entries.iter().find(|e| e.key == key).cloned()).flatten()
        else {
            return;
        };
        entry.request.set_value(None);
        let cancelled = state == State::Waiting;
        if let State::Failed(error) = &state {
            let everybodys = SHARED_FIELDS.iter().any(|field| concerns(error, field))
                || matches!(error, AppError::NotSignedIn(_) | AppError::Forbidden(_) | AppError::RateLimited { .. });
            if everybodys {
                self.running.set(false);
                self.shared.error.set(Some(at_fields(error)));
            }
        }
        entry.state.set(state);
        if cancelled && self.running.get_untracked() {
            // The one file was stopped on purpose: it must not start again by itself.
            entry.state.set(State::Failed(AppError::invalid("cancelled")));
        }
        if self.running.get_untracked() {
            self.send_more();
        }
    }
}

/// Whether the error lies in a field, or in an entry of it (`licence[2]`).
fn concerns(error: &AppError, field: &str) -> bool {
    match error {
        AppError::Invalid { errors, .. } => errors.iter().any(|error| root_of(&error.field) == field),
        _ => false,
    }
}

fn root_of(field: &str) -> &str {
    field.split(['[', '.']).next().unwrap_or(field)
}

/// The error with the names of entries shortened to the names of their fields.
fn at_fields(error: &AppError) -> AppError {
    let mut error = error.clone();
    if let AppError::Invalid { errors, .. } = &mut error {
        for field in errors {
            field.field = root_of(&field.field).to_owned();
        }
    }
    error
}

#[cfg(test)]
mod tests {
    use super::super::sending::state_of;
    use super::*;

    #[test]
    fn names_suggest_titles() {
        assert_eq!(title_of("red_squirrel.2.JPG"), "red squirrel.2");
        assert_eq!(title_of("000000000025.jpg"), "000000000025");
        assert_eq!(title_of(".hidden"), ".hidden");
        assert_eq!(title_of("noext"), "noext");
    }

    #[test]
    fn answers_are_understood() {
        let refused = serde_json::to_string(&AppError::field("licence[1]", "does not exist")).unwrap();
        let State::Failed(error) = state_of(400, &refused) else { panic!("must fail") };
        assert!(concerns(&error, "licence"));
        assert_eq!(at_fields(&error).message_for("licence"), Some("does not exist"));
        assert!(matches!(state_of(413, "<html>"), State::Failed(AppError::TooLarge(_))));
        assert!(matches!(state_of(502, ""), State::Failed(AppError::Unreachable(_))));
    }
}
