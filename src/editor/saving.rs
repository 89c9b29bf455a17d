//! What is unsaved, what is under way, and what the server said.

use super::document::{Document, Item, Key};
use super::merge::{Choice, Conflict, merge, same};
use crate::geometry::is_valid;
use crate::model::region::{Annotations, Region};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What to send to the server: all regions, and the revision that they are based on.
#[derive(Clone, Debug, PartialEq)]
pub struct SaveRequest {
    /// For the header `If-Match`.
    pub revision: i64,
    /// The regions in drawing order.
    pub regions: Vec<Region>,
}

/// Why what was sent is not saved.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The server was not reached, or had trouble itself: trying again helps.
    Offline,
    /// The viewer is not signed in any more.
    SignedOut,
    /// The server refused, and says why.
    Refused(String),
}

/// Where saving stands, for the indicator.
#[derive(Clone, Debug, PartialEq)]
pub enum SaveStatus {
    /// Everything is on the server.
    Saved,
    /// So many changed regions are on their way.
    Saving(usize),
    /// So many regions wait to be saved.
    Unsaved(usize),
    /// All that is unsaved are so many regions without an object.
    Pending(usize),
    /// So many regions could not be saved.
    Trouble(usize, Trouble),
    /// So many conflicts have to be decided before saving goes on.
    Conflicts(usize),
}

/// The unsaved work on a picture, as the browser keeps it until the server has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The revision it is based on.
    pub revision: i64,
    /// The regions at that revision.
    pub base: Vec<Region>,
    /// The regions now.
    pub mine: Vec<Region>,
}

/// The relation of a document to the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Saving {
    revision: i64,
    base: Vec<Item>,
    in_flight: Option<Vec<Item>>,
    trouble: Option<Trouble>,
    conflicts: Vec<Conflict>,
    unsaved: usize,
    pending: usize,
    /// The version of the document that was measured last, unless the base changed since.
    measured: Option<u64>,
}

impl Saving {
    /// Starts from the server's state, which becomes the document.
    pub fn start(document: &mut Document, annotations: Annotations) -> Self {
        let base: Vec<Item> =
            annotations.regions.into_iter().map(|region| Item { key: document.new_key(), region }).collect();
        document.replace(base.clone(), &BTreeSet::new());
        Self { revision: annotations.revision, base, ..Self::default() }
    }

    /// Brings unsaved work of an earlier visit into the document, merged with what the server has now.
    pub fn restore(&mut self, document: &mut Document, draft: Draft) {
        let newest = Annotations {
            revision: self.revision,
            regions: self.base.iter().map(|item| item.region.clone()).collect(),
        };
        let keys = document.keys_by_id();
        let keyed = |regions: Vec<Region>, document: &mut Document| -> Vec<Item> {
            regions
                .into_iter()
                .filter(|region| is_valid(&region.shape))
                .map(|region| {
                    let known = region.id.and_then(|id| keys.get(&id).copied());
                    Item { key: known.unwrap_or_else(|| document.new_key()), region }
                })
                .collect()
        };
        let base = keyed(draft.base, document);
        // A region that was in the draft's base, but that the server has no more, must have one key in both lists.
        let gone: BTreeMap<i64, Key> = base.iter().filter_map(|item| Some((item.region.id?, item.key))).collect();
        let mut mine = keyed(draft.mine, document);
        for item in &mut mine {
            if let Some(key) = item.region.id.and_then(|id| gone.get(&id)) {
                item.key = *key;
            }
        }
        document.replace(mine, &BTreeSet::new());
        self.base = base;
        self.take_newer(document, newest);
    }

    pub fn revision(&self) -> i64 {
        self.revision
    }

    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    pub fn unsaved(&self) -> usize {
        self.unsaved
    }

    /// Counts again what is unsaved.
    pub fn measure(&mut self, document: &Document) {
        if self.measured == Some(document.version()) {
            return;
        }
        self.measured = Some(document.version());
        self.pending = document.items().iter().filter(|item| item.is_pending()).count();
        self.unsaved = differences(&self.base, document.items());
    }

    pub fn status(&self) -> SaveStatus {
        match (&self.trouble, self.unsaved) {
            _ if !self.conflicts.is_empty() => SaveStatus::Conflicts(self.conflicts.len()),
            (_, count) if self.in_flight.is_some() => SaveStatus::Saving(count),
            (_, 0) => SaveStatus::Saved,
            (Some(trouble), count) => SaveStatus::Trouble(count, trouble.clone()),
            (None, count) if count == self.pending => SaveStatus::Pending(count),
            (None, count) => SaveStatus::Unsaved(count),
        }
    }

    /// The unsaved work, if there is any.
    pub fn draft(&self, document: &Document) -> Option<Draft> {
        let regions = |items: &[Item]| items.iter().map(|item| item.region.clone()).collect();
        (self.unsaved > 0).then(|| Draft {
            revision: self.revision,
            base: regions(&self.base),
            mine: regions(document.items()),
        })
    }

    /// What to send now, unless nothing can be sent: nothing is unsaved, an answer is awaited, or a conflict is open.
    /// Regions without an object stay behind.
    pub fn begin(&mut self, document: &Document) -> Option<SaveRequest> {
        if self.in_flight.is_some() || !self.conflicts.is_empty() || self.unsaved == self.pending {
            return None;
        }
        let sent: Vec<Item> = document.items().iter().filter(|item| !item.is_pending()).cloned().collect();
        let regions = sent.iter().map(|item| item.region.clone()).collect();
        self.in_flight = Some(sent);
        Some(SaveRequest { revision: self.revision, regions })
    }

    /// The server took what was sent.
    pub fn finish(&mut self, document: &mut Document, answer: Annotations) {
        let Some(sent) = self.in_flight.take() else { return self.take_newer(document, answer) };
        self.trouble = None;
        self.measured = None;
        let as_sent = sent.len() == answer.regions.len()
            && sent.iter().zip(&answer.regions).all(|(item, region)| same(Some(&item.region), Some(region)));
        if !as_sent {
            self.base = sent;
            return self.take_newer(document, answer);
        }
        self.revision = answer.revision;
        self.base = sent
            .into_iter()
            .zip(answer.regions)
            .map(|(item, region)| {
                if let Some(id) = region.id {
                    document.adopt_id(item.key, id);
                }
                Item { key: item.key, region }
            })
            .collect();
    }

    /// The server has a newer state than the one that this document is based on.
    pub fn take_newer(&mut self, document: &mut Document, newest: Annotations) {
        self.in_flight = None;
        self.trouble = None;
        self.measured = None;
        let merged = merge(document, &self.base, &newest.regions);
        document.replace(merged.items, &merged.foreign);
        self.revision = newest.revision;
        self.base = merged.base;
        self.conflicts = merged.conflicts;
    }

    /// What was sent did not arrive, or was refused.
    pub fn fail(&mut self, trouble: Trouble) {
        self.in_flight = None;
        self.trouble = Some(trouble);
    }

    /// Decides a conflict.
    pub fn resolve(&mut self, document: &mut Document, key: Key, choice: Choice) {
        let Some(index) = self.conflicts.iter().position(|conflict| conflict.key == key) else { return };
        let conflict = self.conflicts.remove(index);
        if choice == Choice::Theirs {
            document.commit(key, conflict.theirs.map(|region| (region.shape, region.object)));
        }
    }
}

/// How many regions were added, changed or removed between two states.
fn differences(before: &[Item], after: &[Item]) -> usize {
    let mut before: BTreeMap<Key, &Region> = before.iter().map(|item| (item.key, &item.region)).collect();
    let changed = after.iter().filter(|item| !same(before.remove(&item.key), Some(&item.region))).count();
    changed + before.len()
}
