//! The regions being edited, and the history of their changes.

use crate::model::region::{Region, Shape};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Names a region for as long as the editor lives, also before the server gives it an id and after it is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key(pub u64);

/// A region with its key. A region whose object is still empty waits for its label and is not saved before.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its name in this editor.
    pub key: Key,
    /// The region as the API knows it.
    pub region: Region,
}

impl Item {
    /// Whether the region has no object yet.
    pub fn is_pending(&self) -> bool {
        self.region.object.is_empty()
    }
}

/// A region and its place in the drawing order.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    position: usize,
    shape: Shape,
    object: String,
}

/// What was done to one region. Undo puts `before` in its place, redo `after`.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    key: Key,
    before: Option<Placed>,
    after: Option<Placed>,
}

/// The regions of a picture in drawing order, and the changes that led here.
#[derive(Clone, Debug, Default)]
pub struct Document {
    items: Vec<Item>,
    next_key: u64,
    /// Ids that the server gave. They survive deletion, so that an undone deletion revives the same region, and they are
    /// no part of the history, so that undo never forgets one.
    ids: BTreeMap<Key, i64>,
    /// What each gesture did.
    done: Vec<Vec<Change>>,
    undone: Vec<Vec<Change>>,
    version: u64,
}

impl Document {
    /// The regions in drawing order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Counts the changes: equal versions have equal regions.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// One region.
    pub fn get(&self, key: Key) -> Option<&Region> {
        self.position(key).map(|position| &self.items[position].region)
    }

    /// The keys of all regions that the server ever gave an id, also of deleted ones.
    pub fn keys_by_id(&self) -> BTreeMap<i64, Key> {
        self.ids.iter().map(|(key, id)| (*id, *key)).collect()
    }

    /// The id that the server gave to a region, also to a deleted one.
    pub fn id_of(&self, key: Key) -> Option<i64> {
        self.ids.get(&key).copied()
    }

    /// A key that was never used.
    pub fn new_key(&mut self) -> Key {
        self.next_key += 1;
        Key(self.next_key)
    }

    /// Whether there is something to undo.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Gives one region a new shape and object, adds it, or deletes it (`None`), as one entry of the history. Returns
    /// whether anything changed.
    pub fn commit(&mut self, key: Key, after: Option<(Shape, String)>) -> bool {
        self.commit_all([(key, after)])
    }

    /// Does the same to several regions, one after the other, as one entry of the history.
    pub fn commit_all(&mut self, changes: impl IntoIterator<Item = (Key, Option<(Shape, String)>)>) -> bool {
        let mut entry = Vec::new();
        for (key, after) in changes {
            let position = self.position(key);
            let before = position.map(|position| self.placed(position));
            let after =
                after.map(|(shape, object)| Placed { position: position.unwrap_or(self.items.len()), shape, object });
            if before != after {
                self.place(key, after.clone());
                entry.push(Change { key, before, after });
            }
        }
        self.record(entry)
    }

    /// Moves regions to other places in the drawing order, one after the other, as one entry of the history. Returns whether
    /// anything changed.
    pub fn move_all(&mut self, moves: impl IntoIterator<Item = (Key, usize)>) -> bool {
        let mut entry = Vec::new();
        for (key, to) in moves {
            let Some(from) = self.position(key).filter(|from| *from != to && to < self.items.len()) else { continue };
            let before = self.placed(from);
            let after = Placed { position: to, ..before.clone() };
            self.place(key, Some(after.clone()));
            entry.push(Change { key, before: Some(before), after: Some(after) });
        }
        self.record(entry)
    }

    /// Takes back the newest entry of the history. Returns the regions that it was about.
    pub fn undo(&mut self) -> Vec<Key> {
        let Some(entry) = self.done.pop() else { return Vec::new() };
        for change in entry.iter().rev() {
            self.place(change.key, change.before.clone());
        }
        let keys = entry.iter().map(|change| change.key).collect();
        self.undone.push(entry);
        keys
    }

    /// Makes the newest undone entry again. Returns the regions that it was about.
    pub fn redo(&mut self) -> Vec<Key> {
        let Some(entry) = self.undone.pop() else { return Vec::new() };
        for change in &entry {
            self.place(change.key, change.after.clone());
        }
        let keys = entry.iter().map(|change| change.key).collect();
        self.done.push(entry);
        keys
    }

    /// Learns the id that the server gave to a region.
    pub fn adopt_id(&mut self, key: Key, id: i64) {
        self.ids.insert(key, id);
        if let Some(position) = self.position(key) {
            self.items[position].region.id = Some(id);
        }
    }

    /// Replaces the regions by others that came from outside. `foreign` names those that are not as this editor left
    /// them: their changes cannot be undone any more.
    pub fn replace(&mut self, items: Vec<Item>, foreign: &BTreeSet<Key>) {
        for item in &items {
            self.next_key = self.next_key.max(item.key.0);
            if let Some(id) = item.region.id {
                self.ids.insert(item.key, id);
            }
        }
        self.items = items;
        for history in [&mut self.done, &mut self.undone] {
            history.iter_mut().for_each(|entry| entry.retain(|change| !foreign.contains(&change.key)));
            history.retain(|entry| !entry.is_empty());
        }
        self.version += 1;
    }

    /// Makes an entry of the history, if anything changed.
    fn record(&mut self, entry: Vec<Change>) -> bool {
        if entry.is_empty() {
            return false;
        }
        self.done.push(entry);
        self.undone.clear();
        true
    }

    fn position(&self, key: Key) -> Option<usize> {
        self.items.iter().position(|item| item.key == key)
    }

    fn placed(&self, position: usize) -> Placed {
        let region = &self.items[position].region;
        Placed { position, shape: region.shape.clone(), object: region.object.clone() }
    }

    fn place(&mut self, key: Key, placed: Option<Placed>) {
        self.version += 1;
        let present = self.position(key);
        let Some(Placed { position, shape, object }) = placed else {
            present.map(|position| self.items.remove(position));
            return;
        };
        let item = Item { key, region: Region { id: self.id_of(key), shape, object } };
        // Where it stays in its place, the others need not make room.
        if present == Some(position) {
            self.items[position] = item;
            return;
        }
        present.map(|position| self.items.remove(position));
        self.items.insert(position.min(self.items.len()), item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::region::Point;

    fn point(x: f64) -> Option<(Shape, String)> {
        Some((Shape::Point(Point { x, y: 0.5 }), "Eye".to_owned()))
    }

    #[test]
    fn a_deleted_region_comes_back_to_its_place_with_its_id() {
        let mut document = Document::default();
        let keys: Vec<Key> = (0..3).map(|_| document.new_key()).collect();
        for (index, key) in keys.iter().enumerate() {
            document.commit(*key, point(index as f64 / 4.0));
        }
        document.adopt_id(keys[1], 17);
        let before = document.items().to_vec();
        document.commit(keys[1], None);
        assert_eq!(document.items().len(), 2);
        document.undo();
        assert_eq!(document.items(), before);
        assert_eq!(document.items()[1].region.id, Some(17));
    }

    #[test]
    fn what_was_done_at_once_is_undone_at_once() {
        let mut document = Document::default();
        let keys: Vec<Key> = (0..4).map(|_| document.new_key()).collect();
        document.commit_all(keys.iter().map(|key| (*key, point(0.5))));
        let before = document.items().to_vec();
        assert!(document.commit_all([(keys[2], None), (keys[0], None), (keys[3], point(0.1)), (keys[1], point(0.5))]));
        let after = document.items().to_vec();
        assert_eq!(after.len(), 2);
        assert_eq!(document.undo(), [keys[2], keys[0], keys[3]]);
        assert_eq!(document.items(), before);
        document.redo();
        assert_eq!(document.items(), after);
        document.undo();
        document.undo();
        assert!(document.items().is_empty() && !document.can_undo());
    }

    #[test]
    fn moving_in_the_drawing_order_is_one_entry() {
        let mut document = Document::default();
        let keys: Vec<Key> = (0..4).map(|_| document.new_key()).collect();
        document.commit_all(keys.iter().enumerate().map(|(index, key)| (*key, point(index as f64 / 4.0))));
        let order = |document: &Document| document.items().iter().map(|item| item.key.0).collect::<Vec<_>>();
        assert!(document.move_all([(keys[0], 3), (keys[3], 0)]));
        assert_eq!(order(&document), [4, 2, 3, 1]);
        document.undo();
        assert_eq!(order(&document), [1, 2, 3, 4]);
        document.redo();
        assert_eq!(order(&document), [4, 2, 3, 1]);
        assert!(!document.move_all([(keys[0], 3), (keys[0], 9), (Key(99), 0)]));
    }

    #[test]
    fn a_change_that_changes_nothing_is_no_entry() {
        let mut document = Document::default();
        let key = document.new_key();
        assert!(document.commit(key, point(0.5)));
        assert!(!document.commit(key, point(0.5)));
        document.undo();
        assert!(!document.can_undo());
    }

    #[test]
    fn an_id_that_comes_late_survives_undo_and_redo() {
        let mut document = Document::default();
        let key = document.new_key();
        document.commit(key, point(0.1));
        document.commit(key, point(0.2));
        document.adopt_id(key, 5);
        document.undo();
        assert_eq!(document.get(key).and_then(|region| region.id), Some(5));
        document.redo();
        assert_eq!(document.get(key).and_then(|region| region.id), Some(5));
    }
}
