//! Which regions are selected.

use super::document::Key;

/// The selected regions, in the order in which they were chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Selection {
    keys: Vec<Key>,
    /// The selected corner of the only region.
    corner: Option<usize>,
    /// The version of the document in which all of them are known to be.
    checked: Option<u64>,
}

/// The rows of a list from one to another, whichever comes first; only the other where there is no first one.
pub fn rows_between(rows: &[Key], from: Option<Key>, to: Key) -> Vec<Key> {
    let place = |key: Key| rows.iter().position(|row| *row == key);
    let Some(to) = place(to) else { return Vec::new() };
    let from = from.and_then(place).unwrap_or(to);
    rows[from.min(to)..=from.max(to)].to_vec()
}

impl Selection {
    /// Regions. None may be named twice.
    pub fn of(keys: Vec<Key>) -> Self {
        Self { keys, corner: None, checked: None }
    }

    /// A corner of a region.
    pub fn corner(key: Key, corner: usize) -> Self {
        Self { keys: vec![key], corner: Some(corner), checked: None }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_rows_goes_either_way() {
        let rows = [4, 2, 9, 7].map(Key);
        for (from, to, expected) in [
            (Some(2), 7, &[2, 9, 7][..]),
            (Some(7), 2, &[2, 9, 7]),
            (Some(4), 4, &[4]),
            (None, 9, &[9]),
            (Some(77), 9, &[9]),
            (Some(4), 77, &[]),
        ] {
            let keys: Vec<u64> = rows_between(&rows, from.map(Key), Key(to)).into_iter().map(|key| key.0).collect();
            assert_eq!(keys, expected, "{from:?} to {to}");
        }
    }
}
