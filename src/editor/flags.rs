//! Regions that are locked or hidden, for as long as the editor lives: a matter of the person at work, not of the picture.
//!
//! Pointers pass through both. What is locked is neither moved, reshaped, deleted nor relabelled; what is hidden is not drawn
//! either, and nothing snaps to it. Both can still be chosen in the list. Undo and redo go through the history as it was, and
//! show what they change, and neither locking nor hiding is a part of it.

use super::document::Key;
use super::gesture::State;
use super::obey::regions;
use super::selection::Selection;
use super::{Access, Editor};
use std::collections::HashSet;

/// Which regions are locked or hidden.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    locked: HashSet<Key>,
    hidden: HashSet<Key>,
    version: u64,
}

impl Flags {
    /// Shows regions again.
    pub fn show<'a>(&mut self, keys: impl IntoIterator<Item = &'a Key>) {
        for key in keys {
            self.version += u64::from(self.hidden.remove(key));
        }
    }
}

impl Editor {
    /// Whether a region is protected from changes.
    pub fn is_locked(&self, key: Key) -> bool {
        self.flags.locked.contains(&key)
    }

    /// Whether a region is hidden.
    pub fn is_hidden(&self, key: Key) -> bool {
        self.flags.hidden.contains(&key)
    }

    /// Whether any region is hidden.
    pub fn hides(&self) -> bool {
        self.flags.hidden.iter().any(|key| self.document.get(*key).is_some())
    }

    /// Whether any region is locked.
    pub fn locks(&self) -> bool {
        self.flags.locked.iter().any(|key| self.document.get(*key).is_some())
    }

    /// Counts the changes of what is locked and hidden: equal versions, equal answers.
    pub fn flags_version(&self) -> u64 {
        self.flags.version
    }

    /// Whether a pointer can meet a region.
    pub(super) fn is_within_reach(&self, key: Key) -> bool {
        !self.is_locked(key) && !self.is_hidden(key)
    }

    /// Those of the regions that may be changed. Says so where some may not.
    pub(super) fn unlocked(&mut self, keys: &[Key]) -> Vec<Key> {
        let unlocked: Vec<Key> = keys.iter().copied().filter(|key| !self.is_locked(*key)).collect();
        match (keys.len() - unlocked.len(), unlocked.len()) {
            (0, _) => {}
            (1, 0) => self.say("The region is locked: unlock it first".to_owned()),
            (several, 0) => self.say(format!("All {several} regions are locked: unlock them first")),
            (1, _) => self.say("1 of them is locked and stays as it is".to_owned()),
            (several, _) => self.say(format!("{several} of them are locked and stay as they are")),
        }
        unlocked
    }

    /// Locks regions, or unlocks them if all are locked.
    pub(super) fn toggle_lock(&mut self, keys: &[Key]) {
        if self.access == Access::Read || !self.knows(keys) {
            return;
        }
        self.let_go_of(keys);
        let locks = !keys.iter().all(|key| self.is_locked(*key));
        for key in keys {
            let _ = if locks { self.flags.locked.insert(*key) } else { self.flags.locked.remove(key) };
        }
        self.flags.version += 1;
        // A locked region has no corner to take hold of.
        self.selection = Selection::of(self.selection.keys().to_vec());
        self.say(format!("{} {}", regions(keys.len()), if locks { "locked" } else { "unlocked" }));
    }

    /// Lets all regions be changed again.
    pub(super) fn unlock_all(&mut self) {
        self.flags.locked.clear();
        self.flags.version += 1;
        self.say("All regions unlocked".to_owned());
    }

    /// Hides regions, or shows them if all are hidden.
    pub(super) fn toggle_hide(&mut self, keys: &[Key]) {
        if !self.knows(keys) {
            return;
        }
        self.let_go_of(keys);
        if keys.iter().all(|key| self.is_hidden(*key)) {
            self.flags.show(keys);
            return self.say(format!("{} shown", regions(keys.len())));
        }
        self.flags.hidden.extend(keys);
        self.flags.version += 1;
        let gone: HashSet<Key> = keys.iter().copied().collect();
        self.selection.retain(|key| !gone.contains(&key));
        self.say(format!("{} hidden", regions(keys.len())));
    }

    /// Hides all regions but the selected ones. Where that is so already, or none is selected, shows all.
    pub(super) fn solo(&mut self) {
        let selected: HashSet<Key> = self.selection.keys().iter().copied().collect();
        let all = self.document.items().iter().map(|item| item.key);
        let others: HashSet<Key> = all.filter(|key| !selected.contains(key)).collect();
        if selected.is_empty() || others.iter().all(|key| self.is_hidden(*key)) {
            return self.show_all();
        }
        self.say(format!("{} hidden", regions(others.len())));
        self.flags.hidden = others;
        self.flags.version += 1;
    }

    /// Shows all hidden regions.
    pub(super) fn show_all(&mut self) {
        self.flags.hidden.clear();
        self.flags.version += 1;
        self.say("All regions shown".to_owned());
    }

    /// Whether these are regions, and not none.
    fn knows(&self, keys: &[Key]) -> bool {
        !keys.is_empty() && keys.iter().all(|key| self.document.get(*key).is_some())
    }

    /// Gives up a gesture that holds one of these regions, or may be about to.
    pub(super) fn let_go_of(&mut self, keys: &[Key]) {
        let continued = self.state.sketch().and_then(|sketch| sketch.continues.as_ref()).map(|line| line.key);
        let mut held = self.state.working().iter().map(|part| part.key).chain(continued);
        if held.any(|key| keys.contains(&key)) || matches!(self.state, State::Pressed(..)) {
            self.state = State::Idle;
        }
    }
}
