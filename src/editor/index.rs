//! Where the regions are: which of them a rectangle may meet, without asking every one of them, and where something changed.

use super::document::{Item, Key};
use super::key_map::KeyMap;
use crate::model::region::{Rect, Shape};
use rstar::{AABB, RStarInsertionStrategy, RTree, RTreeObject, RTreeParams};
use std::collections::VecDeque;

/// So many places of changes are remembered.
const REMEMBERED: usize = 64;

/// The regions of a document by place.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    tree: RTree<Entry, Wide>,
    bounds: KeyMap<Rect>,
    /// Where changes took place, by the version of the document that they made: all since `changes_from`.
    changes: VecDeque<(u64, Rect)>,
    changes_from: u64,
}

/// Nodes with more children than usual: fewer levels, and each level is a pass over all regions when the tree is built.
#[derive(Clone, Debug)]
struct Wide;

impl RTreeParams for Wide {
    const MIN_SIZE: usize = 6;
    const MAX_SIZE: usize = 16;
    const REINSERTION_COUNT: usize = 4;
    type DefaultInsertionStrategy = RStarInsertionStrategy;
}

/// A region's bounds, as the tree asks for them: it does so many times for each while it is built.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Entry {
    key: Key,
    envelope: AABB<[f64; 2]>,
}

impl Entry {
    fn new(key: Key, bounds: Rect) -> Self {
        Self { key, envelope: envelope(bounds) }
    }
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

fn envelope(Rect { x, y, w, h }: Rect) -> AABB<[f64; 2]> {
    AABB::from_corners([x, y], [x + w, y + h])
}

impl Index {
    /// The index of a version of a document with these regions.
    pub fn of(items: &[Item], version: u64) -> Self {
        let bounds: Vec<(Key, Rect)> = items.iter().map(|item| (item.key, item.region.shape.bounds())).collect();
        let entries = bounds.iter().map(|(key, bounds)| Entry::new(*key, *bounds)).collect();
        let bounds = bounds.into_iter().collect();
        Self { tree: RTree::bulk_load_with_params(entries), bounds, changes: VecDeque::new(), changes_from: version }
    }

    /// A region's bounds.
    pub fn bounds(&self, key: Key) -> Option<Rect> {
        self.bounds.get(&key).copied()
    }

    /// The regions whose bounds share a place with a rectangle, in no particular order.
    pub fn near(&self, rect: Rect) -> impl Iterator<Item = Key> + '_ {
        self.tree.locate_in_envelope_intersecting(envelope(rect)).map(|entry| entry.key)
    }

    /// A new version of the document has this shape for a region, or no such region any more.
    pub fn follow(&mut self, version: u64, key: Key, shape: Option<&Shape>) {
        let (before, after) = (self.bounds(key), shape.map(Shape::bounds));
        for bounds in before.into_iter().chain(after) {
            if self.changes.len() == REMEMBERED
                && let Some((forgotten, _)) = self.changes.pop_front()
            {
                self.changes_from = forgotten;
            }
            self.changes.push_back((version, bounds));
        }
        if before == after {
            return;
        }
        if let Some(bounds) = before {
            self.tree.remove(&Entry::new(key, bounds));
            self.bounds.remove(&key);
        }
        if let Some(bounds) = after {
            self.tree.insert(Entry::new(key, bounds));
            self.bounds.insert(key, bounds);
        }
    }

    /// Where regions were changed since a version, as they were and as they are; nothing if that is too long ago to tell.
    pub fn changed_since(&self, version: u64) -> Option<impl Iterator<Item = Rect> + '_> {
        let later = self.changes.iter().filter(move |(changed, _)| *changed > version).map(|(_, bounds)| *bounds);
        (version >= self.changes_from).then_some(later)
    }
}
