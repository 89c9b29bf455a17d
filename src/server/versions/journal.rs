//! What a commit cannot say of itself, written down before it is made: who asked for it where somebody else is its author, and what is
//! known of a new picture beside its file. Whoever heals a dataset after a crash reads it.

use super::Held;
use crate::model::AppError;
use crate::server::errors::internal;
use crate::server::store::audit::Actor;
use crate::server::store::dataset_index::Prepared;
use serde::{Deserialize, Serialize};

/// What is known beside a commit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beside<'a> {
    /// Who asked for it, and when.
    pub actor: Actor,
    /// What is known of a new picture.
    pub prepared: Option<&'a Prepared>,
    /// Whether it was made elsewhere, where its author is called as anybody likes.
    pub pushed: bool,
}

/// What was written down.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    /// The commit that the next one is made on.
    parent: Option<String>,
    user: Option<i64>,
    at: i64,
    prepared: Option<Prepared>,
    #[serde(default)]
    pushed: bool,
}

impl Note {
    /// What it says.
    pub(super) fn beside(&self) -> Beside<'_> {
        let actor = Actor { user: self.user, at: self.at };
        Beside { actor, prepared: self.prepared.as_ref(), pushed: self.pushed }
    }
}

/// Writes down what is known beside the next commit. Where that says everything itself, nothing is, and what an earlier one has left
/// goes: what stands there always belongs to the last commit that was tried.
pub(super) fn write(held: &Held, beside: Beside<'_>) -> Result<(), AppError> {
    let failed = |error: &dyn std::fmt::Display| internal("writing down a commit", error);
    let Beside { actor, prepared, pushed } = beside;
    if prepared.is_none() && !pushed {
        return held.repository.remove_note(&held.lock).map_err(|error| failed(&error));
    }
    let (parent, prepared) = (held.head.clone(), prepared.cloned());
    let note = Note { parent, user: actor.user, at: actor.at, prepared, pushed };
    let note = serde_json::to_vec(&note).map_err(|error| failed(&error))?;
    held.repository.write_note(&held.lock, &note).map_err(|error| failed(&error))
}

/// What was written down for the commit that was made on this one.
pub(super) fn read(held: &Held, parent: Option<&str>) -> Option<Note> {
    let note = held.repository.note(&held.lock).inspect_err(|error| tracing::error!(%error, "a note cannot be read"));
    let note: Note = serde_json::from_slice(&note.ok()??).ok()?;
    (note.parent.as_deref() == parent).then_some(note)
}

/// The index describes the commit; nothing has to be known beside it any more.
pub(super) fn forget(held: &Held) {
    if let Err(error) = held.repository.remove_note(&held.lock) {
        tracing::warn!(%error, "what was written down for a commit stays");
    }
}
