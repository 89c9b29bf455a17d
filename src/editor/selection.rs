//! Which regions are selected.

use super::document::Key;

/// The selected regions, in the order in which they were chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Selection {
    keys: Vec<Key>,
    /// The selected corner of the only region.
    corner: Option<usize>,
    /// Whether they are selected only because they were made just now. Picking an object then means the next region, unless
    /// one of these still has none.
    just_made: bool,
    /// The version of the document in which all of them are known to be.
    checked: Option<u64>,
}

impl Selection {
    /// Regions that a person chose. None may be named twice.
    pub fn of(keys: Vec<Key>) -> Self {
        Self { keys, corner: None, just_made: false, checked: None }
    }

    /// A corner of a region.
    pub fn corner(key: Key, corner: usize) -> Self {
        Self { keys: vec![key], corner: Some(corner), just_made: false, checked: None }
    }

    /// Regions that nobody chose: they are new, or have just changed.
    pub fn just_made(keys: Vec<Key>) -> Self {
        Self { keys, corner: None, just_made: true, checked: None }
    }

    /// The regions.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// The region, if it is only one.
    pub fn only(&self) -> Option<Key> {
        match self.keys[..] {
            [key] => Some(key),
            _ => None,
        }
    }

    /// The selected corner with its region.
    pub fn selected_corner(&self) -> Option<(Key, usize)> {
        self.only().zip(self.corner)
    }

    /// Whether it was made by drawing rather than by choosing.
    pub fn is_just_made(&self) -> bool {
        self.just_made
    }

    /// Whether a region is selected.
    pub fn contains(&self, key: Key) -> bool {
        self.keys.contains(&key)
    }

    /// Takes a region out, or adds it.
    pub fn toggle(&mut self, key: Key) {
        let mut keys = std::mem::take(&mut self.keys);
        match keys.iter().position(|selected| *selected == key) {
            Some(index) => drop(keys.remove(index)),
            None => keys.push(key),
        }
        *self = Self::of(keys);
    }

    /// Adds regions.
    pub fn add(&mut self, more: impl IntoIterator<Item = Key>) {
        let mut keys = std::mem::take(&mut self.keys);
        let mut known: std::collections::HashSet<Key> = keys.iter().copied().collect();
        keys.extend(more.into_iter().filter(|key| known.insert(*key)));
        *self = Self::of(keys);
    }

    /// Keeps what holds.
    pub fn retain(&mut self, keep: impl Fn(Key) -> bool) {
        let before = self.keys.len();
        self.keys.retain(|key| keep(*key));
        if self.keys.len() != before {
            self.corner = None;
        }
    }

    /// Keeps what is in a document of this version. Of ten thousand, none is looked for again before that is another one.
    pub fn follow(&mut self, version: u64, is_there: impl Fn(Key) -> bool) {
        if self.checked.replace(version) != Some(version) {
            self.retain(is_there);
        }
    }
}
