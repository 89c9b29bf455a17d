//! The regions being edited.

use super::history::{Change, Entry, History, Placed, Span};
use super::index::Index;
use super::key_map::KeyMap;
use crate::model::region::{Rect, Region, Shape};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Where more regions than this change at once, and not only a few of all, making the index anew is quicker than changing it.
const ANEW_FROM: usize = 256;

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

/// The regions of a picture in drawing order, and the changes that led here.
#[derive(Clone, Debug, Default)]
pub struct Document {
    items: Vec<Item>,
    /// Where each region lies in `items`.
    places: KeyMap<usize>,
    index: Index,
    next_key: u64,
    /// Ids that the server gave. They survive deletion, so that an undone deletion revives the same region, and they are
    /// no part of the history, so that undo never forgets one.
    ids: BTreeMap<Key, i64>,
    logged_ids: LoggedIds,
    history: History,
    /// What may have changed since somebody last asked.
    touched: Touched,
    version: u64,
}

/// Which ids the log has: each is written down once, when what it is needed for is.
#[derive(Clone, Debug, Default)]
struct LoggedIds {
    /// The regions whose ids it has.
    keys: HashSet<Key>,
    /// Those that were given an id since somebody last asked.
    new: BTreeSet<Key>,
    /// In how many parts it has them.
    parts: u64,
}

/// A region that is put somewhere.
#[derive(Debug)]
struct Put {
    /// Its place in the drawing order; nothing where it stays in its place, or lies above all others if it has none.
    position: Option<usize>,
    shape: Shape,
    object: String,
}

/// How putting a region somewhere changes the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    TakeOut,
    PutIn,
    Move,
    Stay,
}

impl Put {
    /// One side of a change. A change that was not about the drawing order does not restore one: others may have changed it
    /// meanwhile.
    fn side(side: Option<&Placed>, other: Option<&Placed>) -> Option<Self> {
        let Placed { position, shape, object } = side?.clone();
        let stays = other.is_some_and(|other| other.position == position);
        Some(Self { position: (!stays).then_some(position), shape, object })
    }
}

/// What may be other than it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// Regions that were added, changed or deleted.
    pub keys: BTreeSet<Key>,
    /// Whether regions may lie in another order, new ones at the end apart.
    pub order: bool,
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

    /// Where a region lies in the drawing order.
    pub fn position(&self, key: Key) -> Option<usize> {
        self.places.get(&key).copied()
    }

    /// The regions whose bounds share a place with a rectangle, in no particular order.
    pub fn near(&self, rect: Rect) -> impl Iterator<Item = &Item> {
        self.index.near(rect).filter_map(|key| self.items.get(self.position(key)?))
    }

    /// A region's bounds.
    pub fn bounds(&self, key: Key) -> Option<Rect> {
        self.index.bounds(key)
    }

    /// Where regions were changed since a version, as they were and as they are; nothing if that is too long ago to tell.
    pub fn changed_since(&self, version: u64) -> Option<impl Iterator<Item = Rect>> {
        self.index.changed_since(version)
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
        self.history.can_undo()
    }

    /// Whether there is something to redo.
    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// Whether there is a history at all.
    pub(super) fn has_history(&self) -> bool {
        self.can_undo() || self.can_redo()
    }

    /// Gives one region a new shape and object, adds it, or deletes it (`None`), as one entry of the history. Returns
    /// whether anything changed.
    pub fn commit(&mut self, key: Key, after: Option<(Shape, String)>) -> bool {
        self.commit_all([(key, after)])
    }

    /// Does the same to several regions, each named once, as one entry of the history. New ones lie above the others, in the order given.
    pub fn commit_all(&mut self, changes: impl IntoIterator<Item = (Key, Option<(Shape, String)>)>) -> bool {
        let (mut kept, mut deleted) = (Entry::new(), Entry::new());
        let mut end = self.items.len();
        for (key, after) in changes {
            let position = self.position(key);
            let before = position.map(|position| self.placed(position));
            let after = after.map(|(shape, object)| {
                let position = position.unwrap_or_else(|| {
                    end += 1;
                    end - 1
                });
                Placed { position, shape, object }
            });
            if before != after {
                let side = if after.is_some() { &mut kept } else { &mut deleted };
                side.push(Change { key, before, after });
            }
        }
        // From the end on, so that each position is right whether what comes after it has gone or not.
        deleted.sort_by_key(|change| std::cmp::Reverse(change.before.as_ref().map(|before| before.position)));
        kept.extend(deleted);
        self.make(&kept);
        self.record(kept)
    }

    /// Makes an entry of the history, if anything changed.
    fn record(&mut self, entry: Entry) -> bool {
        let changes = !entry.is_empty();
        if changes {
            self.history.push(entry);
        }
        changes
    }

    /// Moves regions to other places in the drawing order, one after the other, as one entry of the history. Returns whether
    /// anything changed.
    pub fn move_all(&mut self, moves: impl IntoIterator<Item = (Key, usize)>) -> bool {
        let mut entry = Entry::new();
        let mut order = self.keys();
        for (key, to) in moves {
            let from = order.iter().position(|other| *other == key);
            let Some((from, at)) = from.filter(|from| *from != to && to < order.len()).zip(self.position(key)) else {
                continue;
            };
            order.remove(from);
            order.insert(to, key);
            let Placed { shape, object, .. } = self.placed(at);
            let before = Placed { position: from, shape: shape.clone(), object: object.clone() };
            let after = Placed { position: to, shape, object };
            entry.push(Change { key, before: Some(before), after: Some(after) });
        }
        self.make(&entry);
        self.record(entry)
    }

    /// Takes back the newest entry of the history. Returns the regions that it was about.
    pub fn undo(&mut self) -> Vec<Key> {
        let Some(entry) = self.history.undo() else { return Vec::new() };
        let side = |change: &Change| (change.key, Put::side(change.before.as_ref(), change.after.as_ref()));
        let sides: Vec<_> = entry.iter().rev().map(side).collect();
        let keys = entry.iter().map(|change| change.key).collect();
        self.apply(sides);
        keys
    }

    /// Makes the newest undone entry again. Returns the regions that it was about.
    pub fn redo(&mut self) -> Vec<Key> {
        let Some(entry) = self.history.redo() else { return Vec::new() };
        let entry = entry.clone();
        self.make(&entry);
        entry.into_iter().map(|change| change.key).collect()
    }

    /// Does what an entry says.
    fn make(&mut self, entry: &Entry) {
        let side = |change: &Change| (change.key, Put::side(change.after.as_ref(), change.before.as_ref()));
        self.apply(entry.iter().map(side).collect());
    }

    /// The regions' keys in drawing order.
    fn keys(&self) -> Vec<Key> {
        self.items.iter().map(|item| item.key).collect()
    }

    /// Learns the id that the server gave to a region.
    pub fn adopt_id(&mut self, key: Key, id: i64) {
        if self.ids.insert(key, id) != Some(id) {
            self.logged_ids.keys.remove(&key);
            self.logged_ids.new.insert(key);
        }
        if let Some(position) = self.position(key) {
            self.items[position].region.id = Some(id);
        }
    }

    /// Gives a region the shape and object that the server made of what was sent. That is nobody's change to undo.
    pub fn amend(&mut self, key: Key, shape: Shape, object: String) {
        if self.position(key).is_some() {
            self.apply(vec![(key, Some(Put { position: None, shape, object }))]);
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
        self.find_places_from(0);
        self.history.forget(|key| foreign.contains(&key));
        self.touched = Touched::default();
        self.version += 1;
        self.index = Index::of(&self.items, self.version);
    }

    /// Takes over the history of an earlier visit, as far as it leads to the regions as they are.
    pub fn restore_history(&mut self, entries: Vec<Entry>, done: usize) {
        self.history = History::new(entries, done);
        self.forget_foreign_history();
    }

    /// Forgets what of the history does not lead to the regions as they are.
    pub(super) fn forget_foreign_history(&mut self) {
        let foreign = self.not_as_left();
        self.history.forget(|key| foreign.contains(&key));
    }

    /// The regions that are not as the history says that they were left.
    fn not_as_left(&self) -> HashSet<Key> {
        fn walk<'a>(
            document: &'a Document,
            steps: impl Iterator<Item = (Key, &'a Option<Placed>, &'a Option<Placed>)>,
            foreign: &mut HashSet<Key>,
        ) {
            let mut reached: HashMap<Key, Option<(&Shape, &str)>> = HashMap::new();
            for (key, here, next) in steps {
                let now = || document.get(key).map(|region| (&region.shape, region.object.as_str()));
                let side =
                    |placed: &'a Option<Placed>| placed.as_ref().map(|placed| (&placed.shape, placed.object.as_str()));
                if *reached.entry(key).or_insert_with(now) != side(here) {
                    foreign.insert(key);
                }
                reached.insert(key, side(next));
            }
        }
        let mut foreign = HashSet::new();
        let (done, undone) = self.history.both_ways();
        let back = done.flat_map(|entry| entry.iter().rev()).map(|change| (change.key, &change.after, &change.before));
        walk(self, back, &mut foreign);
        let forth = undone.flatten().map(|change| (change.key, &change.before, &change.after));
        walk(self, forth, &mut foreign);
        foreign
    }

    /// The ids that the log does not have yet, as a part of it with its number: of the regions that these entries of the history
    /// are about, or of all that there are, and those that are new since the last call.
    pub(super) fn take_fresh_ids(&mut self, entries: &[(u64, Entry)], all: bool) -> Option<(u64, Vec<(Key, i64)>)> {
        let mut keys = std::mem::take(&mut self.logged_ids.new);
        keys.extend(entries.iter().flat_map(|(_, entry)| entry).map(|change| change.key));
        if all {
            keys.extend(self.items.iter().map(|item| item.key));
        }
        let Self { ids, logged_ids, .. } = self;
        let known = keys.into_iter().filter_map(|key| Some((key, *ids.get(&key)?)));
        let fresh: Vec<(Key, i64)> = known.filter(|(key, _)| logged_ids.keys.insert(*key)).collect();
        if fresh.is_empty() {
            return None;
        }
        logged_ids.parts += 1;
        Some((logged_ids.parts, fresh))
    }

    /// Whether the regions that the server does not know yet lie in the order in which they were made.
    pub(super) fn are_new_ones_in_order(&self) -> bool {
        self.items.iter().filter(|item| item.region.id.is_none()).is_sorted_by_key(|item| item.key)
    }

    /// The log has no ids, or none that count: the next part is the first.
    pub(super) fn forget_logged_ids(&mut self) {
        self.logged_ids.keys.clear();
        self.logged_ids.parts = 0;
    }

    /// Which entries of the history there are.
    pub(super) fn span(&self) -> Span {
        self.history.span()
    }

    /// The entries of the history that are new since the last call, with their numbers.
    pub(super) fn take_fresh_entries(&mut self) -> Vec<(u64, Entry)> {
        self.history.take_fresh()
    }

    /// All entries of the history count as new again.
    pub(super) fn forget_fresh_entries(&mut self) {
        self.history.forget_taken();
        self.forget_logged_ids();
    }

    /// What may have changed since the last call.
    pub(super) fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    fn placed(&self, position: usize) -> Placed {
        let region = &self.items[position].region;
        Placed { position, shape: region.shape.clone(), object: region.object.clone() }
    }

    /// Puts regions into their places, or takes them out, one after the other, and tells whoever follows.
    fn apply(&mut self, sides: Vec<(Key, Option<Put>)>) {
        if sides.is_empty() {
            return;
        }
        self.version += 1;
        let keys: Vec<Key> = sides.iter().map(|(key, _)| *key).collect();
        self.touched.keys.extend(&keys);
        self.put_all(sides);
        if keys.len() > ANEW_FROM.max(self.items.len() / 8) {
            self.index = Index::of(&self.items, self.version);
            return;
        }
        for key in keys {
            let position = self.position(key);
            let item = position.and_then(|position| self.items.get(position));
            self.index.follow(self.version, key, item.map(|item| &item.region.shape));
        }
    }

    /// Does the same, but many of a kind at once: thousands are not to move all the others thousands of times.
    fn put_all(&mut self, sides: Vec<(Key, Option<Put>)>) {
        let mut sides = sides.into_iter().peekable();
        while let Some((key, put)) = sides.next() {
            let step = self.step_of(key, put.as_ref());
            let mut run = vec![(key, put)];
            let mut last = position_of(&run[0].1);
            let goes_on = |document: &Self, (key, put): &(Key, Option<Put>), last: Option<usize>| {
                document.step_of(*key, put.as_ref()) == step
                    && (step != Step::PutIn || last.is_some() && last <= position_of(put))
            };
            while let Some(next) = sides.next_if(|next| step != Step::Stay && goes_on(self, next, last)) {
                last = position_of(&next.1);
                run.push(next);
            }
            match step {
                Step::TakeOut => self.take_out(&run.iter().map(|(key, _)| *key).collect()),
                Step::PutIn => self.put_in(run),
                Step::Move => self.move_to(run),
                Step::Stay => run.into_iter().for_each(|(key, put)| self.put_over(key, put)),
            }
        }
    }

    fn step_of(&self, key: Key, put: Option<&Put>) -> Step {
        match (self.places.contains_key(&key), put) {
            (_, None) => Step::TakeOut,
            (false, Some(_)) => Step::PutIn,
            (true, Some(Put { position: None, .. })) => Step::Stay,
            (true, Some(_)) => Step::Move,
        }
    }

    fn take_out(&mut self, keys: &HashSet<Key>) {
        let first = keys.iter().filter_map(|key| self.places.remove(key)).min();
        if let Some(first) = first {
            self.items.retain(|item| !keys.contains(&item.key));
            self.find_places_from(first);
        }
    }

    /// Inserts regions that are not there, in the order of their places.
    fn put_in(&mut self, run: Vec<(Key, Option<Put>)>) {
        let end = self.items.len();
        let first = run.first().and_then(|(_, put)| position_of(put)).map_or(end, |first| first.min(end));
        self.touched.order |= first < end;
        let mut others = self.items.split_off(first).into_iter();
        for (key, put) in run {
            let Some(put) = put else { continue };
            let before = put.position.map_or(usize::MAX, |position| position.saturating_sub(self.items.len()));
            self.items.extend(others.by_ref().take(before));
            self.items.push(self.item(key, put));
        }
        self.items.extend(others);
        self.find_places_from(first);
    }

    /// Moves regions that are there to other places, one after the other.
    fn move_to(&mut self, run: Vec<(Key, Option<Put>)>) {
        self.touched.order = true;
        let mut order = self.keys();
        for (key, put) in run {
            let (Some(put), Some(from)) = (put, order.iter().position(|other| *other == key)) else { continue };
            order.remove(from);
            order.insert(put.position.unwrap_or(from).min(order.len()), key);
            self.put_over(key, Some(put));
        }
        let rank: HashMap<Key, usize> = order.into_iter().enumerate().map(|(rank, key)| (key, rank)).collect();
        self.items.sort_by_key(|item| rank.get(&item.key).copied());
        self.find_places_from(0);
    }

    /// Puts a region in the place of what it was.
    fn put_over(&mut self, key: Key, put: Option<Put>) {
        if let Some((position, put)) = self.position(key).zip(put) {
            self.items[position] = self.item(key, put);
        }
    }

    fn item(&self, key: Key, Put { shape, object, .. }: Put) -> Item {
        Item { key, region: Region { id: self.id_of(key), shape, object } }
    }

    fn find_places_from(&mut self, first: usize) {
        if first == 0 {
            self.places.clear();
        }
        self.places.extend(self.items.iter().enumerate().skip(first).map(|(position, item)| (item.key, position)));
    }
}

fn position_of(put: &Option<Put>) -> Option<usize> {
    put.as_ref().and_then(|put| put.position)
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
        assert_eq!(document.undo(), [keys[3], keys[2], keys[0]]);
        assert_eq!(document.items(), before);
        document.redo();
        assert_eq!(document.items(), after);
        document.undo();
        document.undo();
        assert!(document.items().is_empty() && !document.can_undo());
    }

    #[test]
    fn many_are_deleted_and_come_back_in_their_order() {
        let mut document = Document::default();
        let keys: Vec<Key> = (0..9).map(|_| document.new_key()).collect();
        document.commit_all(keys.iter().map(|key| (*key, point(0.5))));
        let before = document.items().to_vec();
        document.commit_all([7, 0, 3, 2, 8].map(|index| (keys[index], None)));
        let left: Vec<Key> = document.items().iter().map(|item| item.key).collect();
        assert_eq!(left, [keys[1], keys[4], keys[5], keys[6]]);
        assert!(!document.take_touched().order, "who is left keeps the order");
        document.undo();
        assert_eq!(document.items(), before);
        assert!(document.take_touched().order);
        for (position, key) in keys.iter().enumerate() {
            assert_eq!(document.position(*key), Some(position));
        }
    }

    /// The index says what asking every region would say.
    fn check_index(document: &Document) {
        for (position, item) in document.items().iter().enumerate() {
            assert_eq!(document.position(item.key), Some(position));
            assert_eq!(document.bounds(item.key), Some(item.region.shape.bounds()));
        }
        for step in 0..10 {
            let rect = Rect { x: f64::from(step) / 10.0, y: 0.4, w: 0.1, h: 0.2 };
            let mut near: Vec<Key> = document.near(rect).map(|item| item.key).collect();
            near.sort();
            let meets = |bounds: Rect| bounds.x <= rect.x + rect.w && bounds.x + bounds.w >= rect.x;
            let mut asked: Vec<Key> =
                document.items().iter().filter(|item| meets(item.region.shape.bounds())).map(|item| item.key).collect();
            asked.sort();
            assert_eq!(near, asked);
        }
    }

    #[test]
    fn the_index_follows_every_change() {
        let mut document = Document::default();
        let keys: Vec<Key> = (0..40).map(|_| document.new_key()).collect();
        document.commit_all(keys.iter().map(|key| (*key, point(key.0 as f64 / 40.0))));
        check_index(&document);
        document.commit_all(keys.iter().step_by(3).map(|key| (*key, None)));
        check_index(&document);
        document.commit(keys[4], point(0.95));
        check_index(&document);
        for _ in 0..3 {
            document.undo();
            check_index(&document);
        }
        while !document.redo().is_empty() {
            check_index(&document);
        }
        let items = document.items()[5..].to_vec();
        document.replace(items, &BTreeSet::new());
        check_index(&document);
        assert_eq!(document.position(keys[0]), None);
    }

    #[test]
    fn it_is_known_where_something_changed() {
        let mut document = Document::default();
        let keys: Vec<Key> = (0..2).map(|_| document.new_key()).collect();
        let since = |document: &Document, version| {
            document.changed_since(version).map(|places| places.map(|place| place.x).collect::<Vec<_>>())
        };
        document.commit(keys[0], point(0.1));
        let version = document.version();
        assert_eq!(since(&document, version), Some(vec![]));
        document.commit(keys[0], point(0.2));
        document.commit(keys[1], point(0.3));
        assert_eq!(since(&document, version), Some(vec![0.1, 0.2, 0.3]));
        document.commit(keys[0], None);
        assert_eq!(since(&document, version + 2), Some(vec![0.2]));
        for step in 0..100 {
            document.commit(keys[1], point(step as f64 / 100.0));
        }
        assert_eq!(since(&document, version), None, "that is too long ago");
        let version = document.version();
        document.replace(Vec::new(), &BTreeSet::new());
        assert_eq!(since(&document, version), None, "anything may have changed");
        assert_eq!(since(&document, document.version()), Some(vec![]));
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
