//! Where the regions are: which of them may be met by a rectangle, and at which place in the drawing order each one is, without
//! asking every one of them.

use super::document::{Item, Key};
use crate::model::region::{Rect, Shape};
use rstar::{AABB, RTree, RTreeObject};
use std::collections::HashMap;

/// The regions of a document by place.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    tree: RTree<Entry>,
    places: HashMap<Key, Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    position: usize,
    bounds: Rect,
}

/// A region's bounds, as the tree keeps them.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    key: Key,
    bounds: Rect,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        envelope(self.bounds)
    }
}

fn envelope(Rect { x, y, w, h }: Rect) -> AABB<[f64; 2]> {
    AABB::from_corners([x, y], [x + w, y + h])
}

impl Index {
    /// The index of these regions in their drawing order.
    pub fn of(items: &[Item]) -> Self {
        let entry = |item: &Item| Entry { key: item.key, bounds: item.region.shape.bounds() };
        let entries: Vec<Entry> = items.iter().map(entry).collect();
        let place = |(position, entry): (usize, &Entry)| (entry.key, Place { position, bounds: entry.bounds });
        let places = entries.iter().enumerate().map(place).collect();
        Self { tree: RTree::bulk_load(entries), places }
    }

    /// A region's place in the drawing order.
    pub fn position(&self, key: Key) -> Option<usize> {
        self.places.get(&key).map(|place| place.position)
    }

    /// A region's bounds.
    pub fn bounds(&self, key: Key) -> Option<Rect> {
        self.places.get(&key).map(|place| place.bounds)
    }

    /// The regions whose bounds share a place with a rectangle, in no particular order.
    pub fn near(&self, rect: Rect) -> impl Iterator<Item = Key> + '_ {
        self.tree.locate_in_envelope_intersecting(envelope(rect)).map(|entry| entry.key)
    }

    /// A region is there now, or has another shape. Whoever stood at its position or behind has to be [counted](Self::count) again.
    pub fn put(&mut self, key: Key, position: usize, shape: &Shape) {
        let bounds = shape.bounds();
        match self.places.insert(key, Place { position, bounds }) {
            Some(before) if before.bounds == bounds => return,
            Some(before) => drop(self.tree.remove(&Entry { key, bounds: before.bounds })),
            None => {}
        }
        self.tree.insert(Entry { key, bounds });
    }

    /// A region is gone.
    pub fn remove(&mut self, key: Key) {
        if let Some(Place { bounds, .. }) = self.places.remove(&key) {
            self.tree.remove(&Entry { key, bounds });
        }
    }

    /// The regions from a position on have moved up or back.
    pub fn count(&mut self, items: &[Item], from: usize) {
        for (position, item) in items.iter().enumerate().skip(from) {
            if let Some(place) = self.places.get_mut(&item.key) {
                place.position = position;
            }
        }
    }
}
