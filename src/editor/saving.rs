//! What is unsaved, what is under way, and what the server said.
//!
//! What was drawn goes to the server as deltas, each with a name of its own, one after the other. Where no answer comes, nobody
//! knows whether a delta arrived; so the same one is sent again, under the same name, until the server has said what became
//! of it. It takes a delta once, however often it comes. What is changed meanwhile waits for the next one.

use super::delta::{Base, changes};
use super::document::{Document, Item, Key};
use super::log::{DraftChange, Log, Outstanding, arranged, keys_in, recognise, restored, sheet_of};
use super::merge::{Choice, Conflict, merge, same};
use crate::model::region::{Annotations, Region};
use crate::model::region_delta::{Delta, DeltaAnswer, DeltaChange};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why what was sent is not saved.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The server was not reached, or had trouble itself: trying again helps.
    Offline,
    /// The viewer is not signed in any more, or somebody else is.
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

/// As the indicator says it.
impl fmt::Display for SaveStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changes = |count: &usize| match count {
            1 => "1 unsaved change".to_owned(),
            count => format!("{count} unsaved changes"),
        };
        let words = match self {
            Self::Saved => "Saved".to_owned(),
            Self::Saving(_) => "Saving…".to_owned(),
            Self::Unsaved(count) => changes(count),
            Self::Pending(1) => "1 region needs an object".to_owned(),
            Self::Pending(count) => format!("{count} regions need an object"),
            Self::Trouble(count, Trouble::Offline) => format!("Offline, {}", changes(count)),
            Self::Trouble(count, Trouble::SignedOut) => format!("Signed out, {}", changes(count)),
            Self::Trouble(count, Trouble::Refused(_)) => format!("Not saved, {}", changes(count)),
            Self::Conflicts(1) => "1 conflict to decide".to_owned(),
            Self::Conflicts(count) => format!("{count} conflicts to decide"),
        };
        f.write_str(&words)
    }
}

/// The relation of a document to the server.
#[derive(Clone, Debug, Default)]
pub(super) struct Saving {
    /// What the names of this visit's deltas begin with. Without it nothing is sent.
    visit: String,
    /// How many deltas were made in this visit.
    deltas: u64,
    revision: i64,
    /// The server's regions at `revision`, also the disputed ones.
    base: Base,
    /// The regions that differ from the base.
    changed: BTreeSet<Key>,
    /// Whether the regions lie in another order than in the base.
    reordered: bool,
    /// The delta of which nobody knows yet what became of it.
    outstanding: Option<Outstanding>,
    /// Whether its answer may still come.
    awaiting: bool,
    trouble: Option<Trouble>,
    conflicts: Vec<Conflict>,
    /// The regions whose part of the draft may be other than it was when it was kept last; `None` stands for all.
    unkept: Option<BTreeSet<Key>>,
    /// The name of the delta that was kept as outstanding, with the regions that were disputed, if one was: `None` where
    /// nothing is known to be kept.
    kept_outstanding: Option<Option<(String, Vec<Key>)>>,
}

impl Saving {
    /// Starts from the server's state, which becomes the document.
    pub fn start(document: &mut Document, annotations: Annotations) -> Self {
        let items: Vec<Item> =
            annotations.regions.into_iter().map(|region| Item { key: document.new_key(), region }).collect();
        let base = Base::new(&items);
        document.replace(items, &BTreeSet::new());
        Self { revision: annotations.revision, base, ..Self::default() }
    }

    /// Gives the visit a name that no other has, of letters, digits and hyphens.
    pub fn name_visit(&mut self, visit: String) {
        self.visit = visit;
    }

    /// Brings unsaved work of an earlier visit into a document in which nothing is unsaved, merged with what the server has
    /// now; its history as well, unless there is one already.
    pub fn restore(&mut self, document: &mut Document, mut log: Log) {
        let server = self.base.items();
        recognise(&mut log, &server);
        let newest =
            Annotations { revision: self.revision, regions: server.iter().map(|item| item.region.clone()).collect() };
        let keys = keys_in(&log, document);
        let (base, mine) = restored(&log, &keys, &server);
        document.replace(mine, &BTreeSet::new());
        self.base = Base::new(&base);
        self.reordered = log.head.order.is_some();
        self.take_newer(document, newest);
        if document.has_history() {
            return document.forget_foreign_history();
        }
        let mut entries = log.entries;
        for change in entries.iter_mut().flatten() {
            change.key = keys.get(&change.key).copied().unwrap_or_else(|| document.new_key());
        }
        let done = log.head.history.at.saturating_sub(log.head.history.first);
        document.restore_history(entries, usize::try_from(done).unwrap_or(usize::MAX));
    }

    pub fn revision(&self) -> i64 {
        self.revision
    }

    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// How many regions are not on the server as they are here, as far as is known.
    pub fn unsaved(&self) -> usize {
        let sent = self.outstanding.iter().flat_map(|outstanding| &outstanding.keys).copied();
        let count = self.changed.len() + sent.filter(|key| !self.changed.contains(key)).count();
        if count == 0 && self.reordered { 1 } else { count }
    }

    /// How many regions wait for an object, and so are no matter of the server yet.
    fn pending(&self, document: &Document) -> usize {
        let sent = |key: &Key| self.outstanding.iter().any(|outstanding| outstanding.keys.contains(key));
        let waits = |key: &&Key| {
            let is_pending = document.get(**key).is_some_and(|region| region.object.is_empty());
            is_pending && self.base.get(**key).is_none() && !sent(key)
        };
        self.changed.iter().filter(waits).count()
    }

    /// Whether the server has everything, and has said so.
    pub fn is_settled(&self) -> bool {
        self.unsaved() == 0
    }

    /// Whether the answer to what was sent may still come.
    pub fn is_awaiting(&self) -> bool {
        self.awaiting
    }

    /// Learns what has changed since the last call.
    pub fn measure(&mut self, document: &mut Document) {
        let touched = document.take_touched();
        if touched.order || (self.reordered && !touched.keys.is_empty()) {
            self.reordered = !self.base.has_order_of(document);
        }
        self.look_at(document, touched.keys);
    }

    /// Finds out which of some regions differ from the base.
    fn look_at(&mut self, document: &Document, keys: impl IntoIterator<Item = Key>) {
        for key in keys {
            if self.base.differs(document, key) {
                self.changed.insert(key);
            } else {
                self.changed.remove(&key);
            }
            if let Some(unkept) = &mut self.unkept {
                unkept.insert(key);
            }
        }
    }

    /// Finds out which of all regions differ from the base.
    fn look_at_all(&mut self, document: &mut Document) {
        document.take_touched();
        self.unkept = None;
        self.changed.clear();
        self.reordered = !self.base.has_order_of(document);
        let known = self.base.items().into_iter().map(|item| item.key);
        let keys: BTreeSet<Key> = document.items().iter().map(|item| item.key).chain(known).collect();
        self.look_at(document, keys);
    }

    pub fn status(&self, document: &Document) -> SaveStatus {
        match (&self.trouble, self.unsaved()) {
            _ if !self.conflicts.is_empty() => SaveStatus::Conflicts(self.conflicts.len()),
            (_, count) if self.awaiting => SaveStatus::Saving(count),
            (_, 0) => SaveStatus::Saved,
            (Some(trouble), count) => SaveStatus::Trouble(count, trouble.clone()),
            (None, count) if count == self.pending(document) => SaveStatus::Pending(count),
            (None, count) => SaveStatus::Unsaved(count),
        }
    }

    /// What both sides agreed on last, which is where merging goes on from: the base, but the disputed regions as they were
    /// before.
    fn agreed(&self, key: Key) -> Option<&Region> {
        let disputed = self.conflicts.iter().find(|conflict| conflict.key == key);
        disputed.map_or_else(|| self.base.get(key), |conflict| conflict.base.as_ref())
    }

    /// Whether the regions lie in another order than on the server.
    pub fn is_reordered(&self) -> bool {
        self.reordered
    }

    /// The delta whose outcome is unknown, as a later visit has to know it, unless that is as it was at the last call.
    pub fn take_outstanding(&mut self) -> Option<Option<Outstanding>> {
        let disputed: Vec<Key> = self.conflicts.iter().map(|conflict| conflict.key).collect();
        let now = self.outstanding.as_ref().map(|outstanding| (outstanding.delta.id.clone(), disputed.clone()));
        if self.kept_outstanding.as_ref() == Some(&now) {
            return None;
        }
        self.kept_outstanding = Some(now);
        Some(self.outstanding.clone().map(|outstanding| Outstanding { disputed, ..outstanding }))
    }

    /// The sheets of the draft that are other than at the last call, by number and with all regions that are on them now. The
    /// flag says whether these are all sheets that there are.
    pub fn take_unkept(&mut self, document: &Document) -> (Vec<(u64, Vec<DraftChange>)>, bool) {
        let sent = self.outstanding.iter().flat_map(|outstanding| &outstanding.keys).copied();
        let disputed = self.conflicts.iter().map(|conflict| conflict.key);
        let unsaved: BTreeSet<Key> = sent.chain(disputed).chain(self.changed.iter().copied()).collect();
        let unkept = self.unkept.replace(BTreeSet::new());
        let fresh = unkept.as_ref().unwrap_or(&unsaved).iter().copied().map(sheet_of);
        let mut sheets: BTreeMap<u64, Vec<DraftChange>> = fresh.map(|number| (number, Vec::new())).collect();
        for key in unsaved {
            if let Some(sheet) = sheets.get_mut(&sheet_of(key)) {
                let (base, mine) = (self.agreed(key).cloned(), document.get(key).cloned());
                sheet.push(DraftChange { key, base, mine });
            }
        }
        (sheets.into_iter().collect(), unkept.is_none())
    }

    /// Nothing of the draft is kept any more.
    pub fn forget_kept(&mut self) {
        (self.unkept, self.kept_outstanding) = (None, None);
    }

    /// What to send now, unless nothing can be sent: nothing is unsaved, an answer is awaited, or a conflict is open.
    /// Regions without an object stay behind.
    pub fn begin(&mut self, document: &Document) -> Option<Delta> {
        if self.awaiting || !self.conflicts.is_empty() || self.visit.is_empty() {
            return None;
        }
        if self.outstanding.is_none() {
            let (keys, changes): (Vec<Key>, Vec<DeltaChange>) =
                changes(&self.base, document, &self.changed, self.reordered).into_iter().unzip();
            if changes.is_empty() {
                // Whatever was refused is not there any more.
                self.trouble = None;
                return None;
            }
            self.deltas += 1;
            let id = format!("{}.{}", self.visit, self.deltas);
            let delta = Delta { id, revision: self.revision, changes };
            self.outstanding = Some(Outstanding { delta, keys, disputed: Vec::new() });
        }
        self.awaiting = true;
        self.outstanding.as_ref().map(|outstanding| outstanding.delta.clone())
    }

    /// The server took what was sent, now or when it came before. Where that made something else of it, such as a region
    /// whose object has another name by now, that is what is here from now on.
    pub fn finish(&mut self, document: &mut Document, answer: DeltaAnswer) {
        let Some(Outstanding { delta, keys, .. }) = self.outstanding.take() else { return };
        self.awaiting = false;
        self.trouble = None;
        self.revision = answer.revision;
        let answered = answer.regions.into_iter().chain(std::iter::repeat(None));
        let changes: Vec<_> =
            keys.iter().zip(&delta.changes).zip(answered).map(|((key, change), now)| (*key, change, now)).collect();
        self.base.apply(&changes);
        for (key, change, now) in changes {
            let (DeltaChange::Put { put, .. }, Some(now)) = (change, now) else { continue };
            if let Some(id) = now.id {
                document.adopt_id(key, id);
            }
            if let Some(here) = document.get(key).filter(|_| !same(Some(put), Some(&now))) {
                let shape = if here.shape == put.shape { now.shape } else { here.shape.clone() };
                let object = if here.object == put.object { now.object } else { here.object.clone() };
                document.amend(key, shape, object);
            }
        }
        self.reordered = !self.base.has_order_of(document);
        self.measure(document);
        self.look_at(document, keys);
    }

    /// The server has a newer state than the one that this document is based on; what was sent is not in it. Conflicts that
    /// are open stay open, unless that state ends them.
    pub fn take_newer(&mut self, document: &mut Document, newest: Annotations) {
        self.outstanding = None;
        self.awaiting = false;
        self.trouble = None;
        let merged = merge(document, |key| self.agreed(key), &newest.regions);
        let items = if self.reordered {
            // Whoever put them into an order meant it, also for what others have changed.
            let order: Vec<Key> = document.items().iter().map(|item| item.key).collect();
            arranged(merged.items, &order)
        } else {
            merged.items
        };
        document.replace(items, &merged.foreign);
        for Item { key, region } in &merged.base {
            if let Some(id) = region.id {
                // Also of what was deleted here meanwhile: undoing that revives the same region.
                document.adopt_id(*key, id);
            }
        }
        self.revision = newest.revision;
        self.base = Base::new(&merged.base);
        self.conflicts = merged.conflicts;
        self.look_at_all(document);
    }

    /// Whether somebody else's newer state can be taken over just now: there is no delta that may be in it.
    pub fn can_take_newer(&self, revision: i64) -> bool {
        self.outstanding.is_none() && revision > self.revision
    }

    /// What was sent did not arrive, or was refused, or the answer did not come.
    pub fn fail(&mut self, trouble: Trouble) {
        self.awaiting = false;
        if matches!(trouble, Trouble::Refused(_))
            && let Some(refused) = self.outstanding.take()
            && let Some(unkept) = &mut self.unkept
        {
            unkept.extend(refused.keys);
        }
        self.trouble = Some(trouble);
    }

    /// Adds a conflict about a region's shape, in the place of an older one about the same region. Its object is not in
    /// dispute: of that both sides know what the server has.
    pub fn dispute(&mut self, mut conflict: Conflict) {
        if let (Some(base), Some(known)) = (&mut conflict.base, self.base.get(conflict.key)) {
            base.object.clone_from(&known.object);
        }
        self.conflicts.retain(|known| known.key != conflict.key);
        if let Some(unkept) = &mut self.unkept {
            unkept.insert(conflict.key);
        }
        self.conflicts.push(conflict);
    }

    /// Decides a conflict.
    pub fn resolve(&mut self, document: &mut Document, key: Key, choice: Choice) {
        let Some(index) = self.conflicts.iter().position(|conflict| conflict.key == key) else { return };
        let conflict = self.conflicts.remove(index);
        if let Some(unkept) = &mut self.unkept {
            unkept.insert(key);
        }
        if choice == Choice::Theirs {
            document.commit(key, conflict.theirs.map(|region| (region.shape, region.object)));
            // A region that was deleted here lies above the others now.
            self.reordered = !self.base.has_order_of(document);
        }
    }
}
