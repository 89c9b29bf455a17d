//! From picture to picture: what the editor says to leaving one, and to calling the work on it done.

use super::Editor;
use super::input::Effect;
use super::saving::SaveStatus;
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
    /// Nothing is done while a shape is half drawn, or without an object and so without a place on the server.
    pub(super) fn mark(&mut self, state: MarkState) {
        let reason = match self.status() {
            _ if state != MarkState::Done => None,
            _ if self.is_sketching() => Some("Finish the shape first, or give it up"),
            SaveStatus::Pending(_) => Some("Pick an object first: regions without one cannot be saved"),
            _ => None,
        };
        self.effects.push(match reason {
            Some(reason) => Effect::Say(reason.to_owned()),
            None => Effect::Mark(state),
        });
    }
}
