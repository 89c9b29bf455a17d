//! The unsaved work as the browser keeps it for a later visit.

use super::document::{Document, Item, Key};
use super::merge::{Sent, same};
use super::saving::changes;
use crate::geometry::{Point, is_valid};
use crate::model::region::{Kind, Region};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The unsaved work on a picture, as the browser keeps it until the server has it. Regions that are as the server had them
/// are no part of it, so that it stays small.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The revision it is based on.
    pub revision: i64,
    /// The regions that were added, changed or deleted, or may have been on the server.
    pub changes: Vec<DraftChange>,
    /// What may have reached the server since that revision.
    pub sent: Vec<Sent>,
    /// The polygon or polyline that was being drawn.
    pub sketch: Option<DraftSketch>,
}

/// One region that is not on the server as it is here. The key tells it apart within the draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftChange {
    /// Which region.
    pub key: Key,
    /// How the server had it.
    pub base: Option<Region>,
    /// How it is here.
    pub mine: Option<Region>,
}

/// A polygon or polyline that is not closed yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftSketch {
    /// Which of the two it will be.
    pub kind: Kind,
    /// The corners so far.
    pub corners: Vec<Point>,
}

/// A draft in the words of the editor that it comes back to.
pub(super) struct Restored {
    pub base: Vec<Item>,
    pub mine: Vec<Item>,
    pub sent: Vec<Sent>,
}

impl Draft {
    pub(super) fn new(
        revision: i64,
        base: &[Item],
        document: &Document,
        sent: Vec<Sent>,
        sketch: Option<DraftSketch>,
    ) -> Self {
        // What was sent belongs to the draft also where it is by now as it was before.
        let changed = changes(base, document.items()).into_iter().map(|(key, ..)| key);
        let keys: BTreeSet<Key> = changed.chain(sent.iter().map(|(key, _)| *key)).collect();
        let base: BTreeMap<Key, &Region> = base.iter().map(|item| (item.key, &item.region)).collect();
        let changes = keys
            .into_iter()
            .map(|key| DraftChange { key, base: base.get(&key).copied().cloned(), mine: document.get(key).cloned() })
            .collect();
        Self { revision, changes, sent, sketch }
    }

    /// The draft with the keys of a document that has the server's regions now, and nothing else.
    pub(super) fn restored(self, document: &mut Document, server: &[Item]) -> Restored {
        let keys = self.keys_in(document, server);
        let (mut base, mut mine) = (server.to_vec(), server.to_vec());
        for change in self.changes {
            let Some(key) = keys.get(&change.key).copied() else { continue };
            put(&mut base, key, change.base);
            put(&mut mine, key, change.mine.filter(|region| is_valid(&region.shape)));
        }
        let sent = self.sent.into_iter().filter_map(|(key, region)| Some((*keys.get(&key)?, region))).collect();
        Restored { base, mine, sent }
    }

    /// The document's key for every key of the draft. Where both mean the same region, it is the one that the document
    /// has; otherwise a new one.
    fn keys_in(&self, document: &mut Document, server: &[Item]) -> BTreeMap<Key, Key> {
        let known = document.keys_by_id();
        let ids: BTreeSet<Option<i64>> = self.changes.iter().map(DraftChange::id).collect();
        let mut others: Vec<&Item> = server.iter().filter(|item| !ids.contains(&item.region.id)).collect();
        let mut keys = BTreeMap::new();
        for change in &self.changes {
            let key = match change.id() {
                Some(id) => known.get(&id).copied(),
                // It was sent without an answer. If it arrived, the server has it exactly as it was sent.
                None => {
                    let arrived = |item: &&Item| {
                        let as_sent = |region: &Option<Region>| same(region.as_ref(), Some(&item.region));
                        self.sent.iter().any(|(key, region)| *key == change.key && as_sent(region))
                    };
                    others.iter().position(arrived).map(|index| others.remove(index).key)
                }
            };
            keys.insert(change.key, key.unwrap_or_else(|| document.new_key()));
        }
        keys
    }
}

impl DraftChange {
    fn id(&self) -> Option<i64> {
        [&self.base, &self.mine].into_iter().flatten().find_map(|region| region.id)
    }
}

/// Gives the region with this key another state in a list.
fn put(items: &mut Vec<Item>, key: Key, region: Option<Region>) {
    match (items.iter_mut().find(|item| item.key == key), region) {
        (Some(item), Some(region)) => item.region = region,
        (None, Some(region)) => items.push(Item { key, region }),
        (_, None) => items.retain(|item| item.key != key),
    }
}
