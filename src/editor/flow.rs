//! From picture to picture: what the editor says to leaving one, and to calling the work on it done.

use super::Editor;
use super::document::Item;
use super::input::Effect;
use crate::model::MarkState;

/// Which picture to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The next one in the row.
    Next,
    /// The one before.
    Previous,
    /// The next one that nobody has annotated.
    NextEmpty,
}

impl Editor {
    /// Says how far the work is. Nothing is done while a region has no object, and so no place on the server, or while it is
    /// not decided which of two shapes a region has.
    pub(super) fn mark(&mut self, state: MarkState) {
        self.effects.push(match state {
            MarkState::Done if self.document.items().iter().any(Item::is_pending) => {
                Effect::Say("Pick an object first: regions without one cannot be saved".to_owned())
            }
            MarkState::Done if !self.conflicts().is_empty() => Effect::ShowConflicts,
            _ => Effect::Mark(state),
        });
    }

    /// Says why a picture is not done yet.
    pub(super) fn say_half_drawn(&mut self) {
        self.effects.push(Effect::Say("Finish the shape first, or give it up".to_owned()));
    }
}
