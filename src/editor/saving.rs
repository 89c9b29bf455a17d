//! What is unsaved, what is under way, and what the server said.

use super::document::{Document, Item, Key};
use super::draft::{Draft, DraftSketch, Restored};
use super::merge::{Choice, Conflict, Sent, merge, same};
use crate::model::region::{Annotations, Region};
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

/// The relation of a document to the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Saving {
    revision: i64,
    base: Vec<Item>,
    in_flight: Option<Vec<Item>>,
    /// What was sent since `revision` without an answer, and may have arrived all the same.
    unanswered: Vec<Sent>,
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

    /// Brings unsaved work of an earlier visit into a document in which nothing is unsaved, merged with what the server has
    /// now.
    pub fn restore(&mut self, document: &mut Document, draft: Draft) {
        let newest = Annotations {
            revision: self.revision,
            regions: self.base.iter().map(|item| item.region.clone()).collect(),
        };
        let Restored { base, mine, sent } = draft.restored(document, &self.base);
        document.replace(mine, &BTreeSet::new());
        self.base = base;
        self.unanswered = sent;
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

    /// Whether the server has everything, and has said so.
    pub fn is_settled(&self) -> bool {
        self.unsaved == 0 && self.in_flight.is_none()
    }

    /// Counts again what is unsaved.
    pub fn measure(&mut self, document: &Document) {
        if self.measured == Some(document.version()) {
            return;
        }
        self.measured = Some(document.version());
        // What was sent without an answer may be on the server, however it is here.
        let unanswered: BTreeSet<Key> = self.unanswered.iter().map(|(key, _)| *key).collect();
        let pending = |item: &&Item| item.is_pending() && !unanswered.contains(&item.key);
        self.pending = document.items().iter().filter(pending).count();
        let changed = changes(&self.base, document.items());
        self.unsaved = changed.iter().filter(|(key, ..)| !unanswered.contains(key)).count() + unanswered.len();
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
    pub fn draft(&self, document: &Document, sketch: Option<DraftSketch>) -> Option<Draft> {
        if self.is_settled() && sketch.is_none() {
            return None;
        }
        let mut sent = self.unanswered.clone();
        if let Some(items) = &self.in_flight {
            remember(&mut sent, &self.base, items);
        }
        Some(Draft::new(self.revision, &self.base, document, sent, sketch))
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
            // It arrived, but the server made something else of it.
            remember(&mut self.unanswered, &self.base, &sent);
            self.base = sent;
            return self.take_newer(document, answer);
        }
        self.unanswered.clear();
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
        let merged = merge(document, &self.base, &self.unanswered, &newest.regions);
        document.replace(merged.items, &merged.foreign);
        for Item { key, region } in &merged.base {
            if let Some(id) = region.id {
                // Also of what was deleted here meanwhile: undoing that revives the same region.
                document.adopt_id(*key, id);
            }
        }
        self.revision = newest.revision;
        // What was sent on an older revision and is still under way will be refused when it arrives.
        self.unanswered.clear();
        self.base = merged.base;
        self.conflicts = merged.conflicts;
    }

    /// What was sent did not arrive, or was refused, or the answer did not come.
    pub fn fail(&mut self, trouble: Trouble) {
        if let (Some(sent), Trouble::Offline) = (self.in_flight.take(), &trouble) {
            remember(&mut self.unanswered, &self.base, &sent);
            self.measured = None;
        }
        self.trouble = Some(trouble);
    }

    /// Adds a conflict, in the place of an older one about the same region.
    pub fn dispute(&mut self, conflict: Conflict) {
        self.conflicts.retain(|known| known.key != conflict.key);
        self.conflicts.push(conflict);
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

/// The regions that were added, changed or removed between two states, as they were and as they are.
pub(super) fn changes<'a>(before: &'a [Item], after: &'a [Item]) -> Vec<(Key, Option<&'a Region>, Option<&'a Region>)> {
    let mut old: BTreeMap<Key, &Region> = before.iter().map(|item| (item.key, &item.region)).collect();
    let mut changes: Vec<_> = after
        .iter()
        .map(|item| (item.key, old.remove(&item.key), Some(&item.region)))
        .filter(|(_, before, after)| !same(*before, *after))
        .collect();
    changes.extend(old.into_iter().map(|(key, region)| (key, Some(region), None)));
    changes
}

/// Notes how the regions were sent that differ from `base`, and those that were sent before and are gone.
fn remember(unanswered: &mut Vec<Sent>, base: &[Item], sent: &[Item]) {
    let mut versions: Vec<Sent> =
        changes(base, sent).into_iter().map(|(key, _, region)| (key, region.cloned())).collect();
    let there: BTreeSet<Key> = base.iter().chain(sent).map(|item| item.key).collect();
    versions.extend(unanswered.iter().filter(|(key, _)| !there.contains(key)).map(|(key, _)| (*key, None)));
    for (key, region) in versions {
        if !unanswered.iter().any(|(known, version)| *known == key && same(version.as_ref(), region.as_ref())) {
            unanswered.push((key, region));
        }
    }
}
