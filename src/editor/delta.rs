//! What differs between the regions that the server has and those that are here, as a small delta.

use super::document::{Document, Item, Key};
use super::merge::same;
use crate::model::placing::put_in;
use crate::model::region::Region;
use crate::model::region_delta::DeltaChange;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The regions that the server has, as far as is known here.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    regions: HashMap<Key, Region>,
    /// The keys in drawing order.
    order: Vec<Key>,
}

impl Base {
    pub fn new(items: &[Item]) -> Self {
        Self {
            regions: items.iter().map(|item| (item.key, item.region.clone())).collect(),
            order: items.iter().map(|item| item.key).collect(),
        }
    }

    pub fn get(&self, key: Key) -> Option<&Region> {
        self.regions.get(&key)
    }

    pub fn items(&self) -> Vec<Item> {
        let item = |key: &Key| Some(Item { key: *key, region: self.regions.get(key)?.clone() });
        self.order.iter().filter_map(item).collect()
    }

    /// Whether a region differs from that of a document.
    pub fn differs(&self, document: &Document, key: Key) -> bool {
        !same(self.get(key), document.get(key))
    }

    /// Whether the regions that both have lie in the same order, and those that only the document has lie above them.
    pub fn has_order_of(&self, document: &Document) -> bool {
        let mut there = self.order.iter().filter(|key| document.get(**key).is_some());
        let mut new_below = false;
        document.items().iter().all(|item| {
            let is_new = !self.regions.contains_key(&item.key);
            new_below |= is_new;
            is_new || (!new_below && there.next() == Some(&item.key))
        })
    }

    /// Makes changes happen as the server does. With each goes the region's key, and the region as the server has it now.
    pub fn apply(&mut self, changes: &[(Key, &DeltaChange, Option<Region>)]) {
        let is_moved = |change: &DeltaChange| !matches!(change, DeltaChange::Put { position: None, .. });
        let moved: HashSet<Key> =
            changes.iter().filter(|(_, change, _)| is_moved(change)).map(|(key, ..)| *key).collect();
        if !moved.is_empty() {
            self.order.retain(|key| !moved.contains(key));
        }
        for (key, change, now) in changes {
            let Some(now) = now else {
                self.regions.remove(key);
                continue;
            };
            let is_new = self.regions.insert(*key, now.clone()).is_none();
            if is_new && !is_moved(change) {
                self.order.push(*key);
            }
        }
        let placed = changes.iter().filter_map(|(key, change, now)| match (change, now) {
            (DeltaChange::Put { position: Some(position), .. }, Some(_)) => Some((*position, *key)),
            _ => None,
        });
        self.order = put_in(std::mem::take(&mut self.order), placed.collect());
    }
}

/// The changes that make the server's regions those of the document, but for what waits for an object. `changed` holds every
/// region that may differ; `reordered` says whether the order
/// differs, too, as [`Base::has_order_of`] tells. With each change goes the region's key.
pub(super) fn changes(
    base: &Base,
    document: &Document,
    changed: &BTreeSet<Key>,
    reordered: bool,
) -> Vec<(Key, DeltaChange)> {
    let is_sent = |item: &&Item| !item.is_pending();
    let sent = |key: &Key| document.position(*key).map(|position| &document.items()[position]).filter(is_sent);
    let mut changes: Vec<(Key, DeltaChange)> = Vec::new();
    for key in changed.iter().filter(|key| sent(key).is_none()) {
        if let Some(id) = base.get(*key).and_then(|region| region.id) {
            changes.push((*key, DeltaChange::Delete { delete: id }));
        }
    }
    let mut put: Vec<&Item> = changed.iter().filter_map(sent).filter(|item| base.differs(document, item.key)).collect();
    put.sort_by_key(|item| document.position(item.key));
    let places = if reordered { places(base, document) } else { HashMap::new() };
    let change = |item: &Item, position: Option<usize>| DeltaChange::Put { put: item.region.clone(), position };
    if places.is_empty() {
        changes.extend(put.into_iter().map(|item| (item.key, change(item, None))));
        return changes;
    }
    // Whatever is put into a place goes by rising places, also what only moves.
    let is_put: HashSet<Key> = put.iter().map(|item| item.key).collect();
    let concerned = |item: &&Item| is_put.contains(&item.key) || places.contains_key(&item.key);
    let concerned = document.items().iter().filter(is_sent).filter(concerned);
    changes.extend(concerned.map(|item| (item.key, change(item, places.get(&item.key).copied()))));
    changes
}

/// The places of the regions that have to be put into one, so that the rest keeps its order: as few as possible.
fn places(base: &Base, document: &Document) -> HashMap<Key, usize> {
    let order_in_base: HashMap<Key, usize> = base.order.iter().enumerate().map(|(index, key)| (*key, index)).collect();
    let keys: Vec<Key> = document.items().iter().filter(|item| !item.is_pending()).map(|item| item.key).collect();
    let known: Vec<(usize, usize)> =
        keys.iter().enumerate().filter_map(|(place, key)| Some((*order_in_base.get(key)?, place))).collect();
    let staying: HashSet<usize> = longest_rising(&known).into_iter().collect();
    let last_staying = staying.iter().max().copied();
    keys.iter()
        .enumerate()
        .filter(|(place, key)| {
            let is_known = order_in_base.contains_key(key);
            // New ones above all others come to the end anyway.
            !staying.contains(place) && (is_known || last_staying.is_some_and(|last| *place < last))
        })
        .map(|(place, key)| (*key, place))
        .collect()
}

/// The second numbers of a longest subsequence whose first numbers rise: patience sorting, see D. E. Knuth, The Art of
/// Computer Programming 3, 5.1.4.
fn longest_rising(pairs: &[(usize, usize)]) -> Vec<usize> {
    // The index of the pair with the least end of a rising subsequence of each length, and what comes before each pair.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (index, pair) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].0 < pair.0);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut rising = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(index) = next {
        rising.push(pairs[index].1);
        next = before[index];
    }
    rising
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::region::{Point, Shape};
    use proptest::prelude::*;

    fn item(key: u64, id: Option<i64>, x: u32, object: &str) -> Item {
        let shape = Shape::Point(Point { x: f64::from(x) / 100.0, y: 0.5 });
        Item { key: Key(key), region: Region { id, shape, object: object.to_owned() } }
    }

    /// What the server makes of a delta: the same as [`Base::apply`], in the plainest words.
    fn on_server(mut list: Vec<Item>, changes: &[(Key, DeltaChange)]) -> Vec<Item> {
        let leaves = |item: &Item| {
            changes
                .iter()
                .any(|(key, change)| *key == item.key && !matches!(change, DeltaChange::Put { position: None, .. }))
        };
        list.retain(|item| !leaves(item));
        for (key, change) in changes {
            let DeltaChange::Put { put, position: None } = change else { continue };
            let item = Item { key: *key, region: put.clone() };
            match list.iter_mut().find(|known| known.key == *key) {
                Some(known) => *known = item,
                None => list.push(item),
            }
        }
        for (key, change) in changes {
            if let DeltaChange::Put { put, position: Some(position) } = change {
                list.insert(*position, Item { key: *key, region: put.clone() });
            }
        }
        list
    }

    fn list() -> impl Strategy<Value = Vec<(u64, u32, bool)>> {
        let some = prop::collection::btree_map(0..12u64, (0..4u32, prop::bool::weighted(0.9)), 0..12);
        some.prop_map(|map| map.into_iter().map(|(key, (x, has_object))| (key, x, has_object)).collect::<Vec<_>>())
            .prop_shuffle()
    }

    proptest! {
        #[test]
        fn the_changes_between_two_lists_lead_from_one_to_the_other(before in list(), after in list(), says_so in any::<bool>()) {
            let before: Vec<Item> = before.iter().map(|(key, x, _)| item(*key, Some(*key as i64), *x, "Cat")).collect();
            let known = |key: u64| before.iter().any(|item| item.key.0 == key).then_some(key as i64);
            let after: Vec<Item> =
                after.iter().map(|(key, x, has)| item(*key, known(*key), *x, if *has { "Cat" } else { "" })).collect();
            let mut base = Base::new(&before);
            let mut document = Document::default();
            document.replace(after.clone(), &BTreeSet::new());
            let changed = (0..12).map(Key).collect();
            let reordered = says_so || !base.has_order_of(&document);
            let changes = changes(&base, &document, &changed, reordered);
            let expected: Vec<Item> = after.into_iter().filter(|item| !item.is_pending()).collect();
            prop_assert_eq!(&on_server(before, &changes), &expected);
            let answered: Vec<(Key, &DeltaChange, Option<Region>)> = changes
                .iter()
                .map(|(key, change)| match change {
                    DeltaChange::Put { put, .. } => (*key, change, Some(put.clone())),
                    DeltaChange::Delete { .. } => (*key, change, None),
                })
                .collect();
            base.apply(&answered);
            prop_assert_eq!(base.items(), expected);
        }
    }

    #[test]
    fn one_that_is_moved_to_the_front_is_all_that_is_sent() {
        let before: Vec<Item> = (1..=5).map(|key| item(key, Some(key as i64), 10, "Cat")).collect();
        let mut after = before.clone();
        after.rotate_right(1);
        let mut document = Document::default();
        document.replace(after, &BTreeSet::new());
        let changes = changes(&Base::new(&before), &document, &BTreeSet::new(), true);
        let [(Key(5), DeltaChange::Put { position: Some(0), .. })] = changes[..] else { panic!("{changes:?}") };
    }
}
