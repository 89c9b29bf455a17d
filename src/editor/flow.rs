//! From picture to picture: what the editor says to leaving one, and to calling the work on it done.

use super::Editor;
use super::document::Item;
use super::input::Effect;
use super::selection::Selection;
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

/// Why something waits.
pub(super) const PICK_FIRST: &str = "Pick an object first: regions without one cannot be saved";

impl Editor {
    /// Says how far the work is. Nothing is done while a region has no object, and so no place on the server, or while it is
    /// not decided which of two shapes a region has.
    pub(super) fn mark(&mut self, state: MarkState) {
        let effect = match state {
            MarkState::Done if self.document.items().iter().any(Item::is_pending) => return self.ask_for_objects(),
            MarkState::Done if !self.conflicts().is_empty() => Effect::ShowConflicts,
            _ => Effect::Mark(state),
        };
        self.effects.push(effect);
    }

    /// Selects regions that have no object, so that picking one is for them: those that are selected already, otherwise all that can
    /// be seen, otherwise all.
    pub(super) fn ask_for_objects(&mut self) {
        self.say(PICK_FIRST.to_owned());
        let pending: Vec<_> =
            self.document.items().iter().filter(|item| item.is_pending()).map(|item| item.key).collect();
        let selected = self.selection.keys();
        if selected.is_empty() || !selected.iter().all(|key| pending.contains(key)) {
            let seen: Vec<_> = pending.iter().copied().filter(|key| self.is_within_reach(*key)).collect();
            self.selection = Selection::of(if seen.is_empty() { pending } else { seen });
        }
        self.effects.push(Effect::AskForObject);
    }

    /// Says why a picture is not done yet.
    pub(super) fn say_half_drawn(&mut self) {
        self.effects.push(Effect::Say("Finish the shape first, or give it up".to_owned()));
    }
}
