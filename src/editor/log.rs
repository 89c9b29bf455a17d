//! What the browser keeps of a visit, gesture by gesture, so that a later one can go on from it: the unsaved work, and the
//! history.
//!
//! It is kept in small parts, of which each gesture writes few: sheets of regions that are not on the server as they are here, a
//! part for every entry of the history, one for the delta that is under way, some for ids, and a head.

use super::document::{Document, Item, Key};
use super::history::{Entry, Span};
use crate::geometry::{Point, is_valid};
use crate::model::region::{Kind, Region};
use crate::model::region_delta::{Delta, DeltaAnswer, DeltaChange};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// So many regions share a sheet. To ask the browser to write something costs more than to write some regions down with it.
const PER_SHEET: u64 = 32;

/// All that the browser kept of a visit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    /// What there is once.
    pub head: Head,
    /// The delta of which it is not known whether the server has taken it.
    pub outstanding: Option<Outstanding>,
    /// The ids of the regions that the history or the unsaved work is about, as far as the server gave them any.
    pub ids: Vec<(Key, i64)>,
    /// The regions that were added, changed or deleted, or may have been on the server.
    pub changes: Vec<DraftChange>,
    /// The entries of the history, in the order of their numbers.
    pub entries: Vec<Entry>,
}

/// What a log has once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// The shape that was being drawn corner by corner.
    pub sketch: Option<DraftSketch>,
    /// Whether anything is unsaved.
    pub unsaved: bool,
    /// The drawing order, where it is another than the server's.
    pub order: Option<Vec<Key>>,
    /// Which entries of the history there are.
    pub history: Span,
    /// The greatest id of a region that was there. Regions that came later have greater ones.
    #[serde(default)]
    pub last_id: i64,
}

/// What has to be written so that the browser has all.
#[derive(Clone, Debug, PartialEq)]
pub struct LogUpdate {
    /// The head.
    pub head: Head,
    /// The delta that is under way, or that none is any more; nothing where that is as it was.
    pub outstanding: Option<Option<Outstanding>>,
    /// More ids, with the number of their part. The first part takes the place of all that there were.
    pub ids: Option<(u64, Vec<(Key, i64)>)>,
    /// Sheets of regions by number, each with all that is in it now. One with nothing in it goes.
    pub changes: Vec<(u64, Vec<DraftChange>)>,
    /// Whether all other sheets go.
    pub replaces_changes: bool,
    /// New entries of the history by number. Entries beyond the head's span go.
    pub entries: Vec<(u64, Entry)>,
}

impl LogUpdate {
    /// Whether nothing is worth being kept.
    pub fn is_empty(&self) -> bool {
        !self.head.unsaved && self.head.history == Span { first: self.head.history.end, ..self.head.history }
    }

    /// Whether all other ids go.
    pub fn replaces_ids(&self) -> bool {
        matches!(self.ids, Some((1, _)))
    }
}

/// A delta that was sent, and of which nobody knows whether the server has taken it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outstanding {
    /// What was sent, and is to be sent again, letter by letter.
    pub delta: Delta,
    /// Which region each change is about.
    pub(super) keys: Vec<Key>,
    /// Regions about which a person has to decide. Nothing is sent once that is known, so that the delta's part is from before
    /// it and holds at best the other side's shape: that the server has it settles nothing.
    pub(super) disputed: Vec<Key>,
}

/// Which of the updates have arrived: they are written one after the other, and what becomes of each is heard later.
#[derive(Clone, Debug, Default)]
pub struct Writes {
    /// How many were begun.
    begun: u64,
    /// The latest that is known to have arrived, with all before it.
    written: u64,
    /// How many were begun until a failure was heard of last.
    failed: u64,
    /// Whether none was begun since then.
    lacks: bool,
}

/// What is known after an update was written, or was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Everything that was taken so far, as far as is known.
    All,
    /// Nothing new: a failure that was heard of since counts more.
    Overtaken,
    /// Something is lacking. All of it has to be written: at once, or with what comes next where that has just been tried.
    Lacking {
        /// Whether at once.
        at_once: bool,
    },
}

impl Writes {
    /// One more is begun; gives its number.
    pub fn begin(&mut self) -> u64 {
        self.lacks = false;
        self.begun += 1;
        self.begun
    }

    /// Whether the next one has to have everything.
    pub fn is_lacking(&self) -> bool {
        self.lacks
    }

    /// Whether there was any.
    pub fn has_begun(&self) -> bool {
        self.begun > 0
    }

    /// Whether all of them have arrived, as far as they count.
    pub fn have_arrived(&self) -> bool {
        self.written == self.begun
    }

    /// Hears what became of one.
    pub fn end(&mut self, number: u64, is_written: bool) -> Written {
        if number <= self.failed {
            return Written::Overtaken;
        }
        if is_written {
            self.written = self.written.max(number);
            return Written::All;
        }
        // The first after a failure has everything.
        let at_once = self.failed == 0 || number > self.failed + 1;
        (self.failed, self.lacks) = (self.begun, true);
        Written::Lacking { at_once }
    }
}

/// One region that is not on the server as it is here. The key tells it apart within the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftChange {
    /// Which region.
    pub key: Key,
    /// How the server had it; while a conflict about it is open, how it had it before.
    pub base: Option<Region>,
    /// How it is here.
    pub mine: Option<Region>,
}

impl DraftChange {
    /// The regions on a sheet, unless it is none. In the first version of the log each region had one of its own, without a list.
    pub fn read_sheet(text: &str) -> Option<Vec<Self>> {
        let one = || serde_json::from_str(text).ok().map(|change| vec![change]);
        serde_json::from_str(text).ok().or_else(one)
    }
}

/// The number of the sheet that a region is written on.
pub(super) fn sheet_of(key: Key) -> u64 {
    key.0 / PER_SHEET
}

/// A shape that is being drawn corner by corner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftSketch {
    /// What it will be; a box where its extreme points are being marked.
    pub kind: Kind,
    /// The corners so far.
    pub corners: Vec<Point>,
    /// The object that it will show, if one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
}

impl Log {
    /// The delta whose fate has to be known before the log can be gone on from.
    pub fn outstanding(&self) -> Option<&Delta> {
        self.outstanding.as_ref().map(|outstanding| &outstanding.delta)
    }

    /// Learns what became of that delta: what the server answers, or nothing where it took no notice of it.
    pub fn settle(&mut self, answer: Option<DeltaAnswer>) {
        let Some(Outstanding { delta, keys, disputed }) = self.outstanding.take() else { return };
        let Some(answer) = answer else { return };
        for ((key, change), now) in keys.into_iter().zip(&delta.changes).zip(answer.regions) {
            let sent = match change {
                DeltaChange::Put { put, .. } => Some(put),
                DeltaChange::Delete { .. } => None,
            };
            if let Some(id) = now.as_ref().and_then(|now| now.id) {
                self.ids.push((key, id));
            }
            let Some(kept) = self.changes.iter_mut().find(|kept| kept.key == key) else { continue };
            if let (Some(mine), Some(now)) = (&mut kept.mine, &now) {
                mine.id = now.id;
                if sent.is_some_and(|sent| sent.object == mine.object) {
                    mine.object.clone_from(&now.object);
                }
            }
            if !disputed.contains(&key) {
                kept.base = now;
            }
        }
    }
}

/// Knows regions again that were new when the log was written and have arrived since, which the browser could not write down any
/// more. A region of the server's that is younger than the log, of which the log knows nothing, and which has the same shape, is the
/// same one: as a new one it would be there twice. What the log had of it, the server has.
pub(super) fn recognise(log: &mut Log, server: &[Item]) {
    let id_of = |change: &DraftChange| [&change.base, &change.mine].into_iter().flatten().find_map(|region| region.id);
    let known: HashSet<i64> = log.ids.iter().map(|(_, id)| *id).chain(log.changes.iter().filter_map(id_of)).collect();
    let named: HashSet<Key> = log.ids.iter().map(|(key, _)| *key).collect();
    let is_new =
        |change: &DraftChange| change.base.is_none() && id_of(change).is_none() && !named.contains(&change.key);
    if !log.changes.iter().any(is_new) {
        return;
    }
    let left_edge = |region: &Region| region.shape.bounds().x.to_bits();
    let mut strangers: HashMap<u64, Vec<&Region>> = HashMap::new();
    for Item { region, .. } in server {
        if region.id.is_some_and(|id| id > log.head.last_id && !known.contains(&id)) {
            strangers.entry(left_edge(region)).or_default().push(region);
        }
    }
    // Those with an object choose first: one that waits for its object may be any of that shape.
    for waits in [false, true] {
        for change in log.changes.iter_mut().filter(|change| is_new(change)) {
            let Some(mine) = change.mine.as_ref().filter(|mine| mine.object.is_empty() == waits) else { continue };
            let is_it = |other: &&Region| other.shape == mine.shape && (waits || other.object == mine.object);
            let Some(alike) = strangers.get_mut(&left_edge(mine)) else { continue };
            let Some(at) = alike.iter().position(is_it) else { continue };
            let now = Some(alike.remove(at).clone());
            (change.base, change.mine) = (now.clone(), now);
        }
    }
}

/// The regions on which both sides agreed last, and those that are here, given what the server has now. `keys` has the
/// document's key for every key of the log.
pub(super) fn restored(log: &Log, keys: &BTreeMap<Key, Key>, server: &[Item]) -> (Vec<Item>, Vec<Item>) {
    let key = |change: &DraftChange| keys.get(&change.key).copied();
    let base = log.changes.iter().filter_map(|change| Some((key(change)?, change.base.clone())));
    // A part that cannot be right changes nothing.
    let is_sound = |region: &Region| is_valid(&region.shape);
    let sound = |change: &DraftChange| match &change.mine {
        Some(region) if !is_sound(region) => change.base.clone(),
        mine => mine.clone(),
    };
    let mine = log.changes.iter().filter_map(|change| Some((key(change)?, sound(change))));
    let mine = with(server, mine.collect());
    let order: Option<Vec<Key>> =
        log.head.order.as_ref().map(|order| order.iter().filter_map(|key| keys.get(key).copied()).collect());
    (with(server, base.collect()), order.map_or(mine.clone(), |order| arranged(mine, &order)))
}

/// A list in which some regions are in another state, and new ones lie above.
fn with(items: &[Item], states: Vec<(Key, Option<Region>)>) -> Vec<Item> {
    let others: HashMap<Key, &Option<Region>> = states.iter().map(|(key, region)| (*key, region)).collect();
    let known: HashSet<Key> = items.iter().map(|item| item.key).collect();
    let there = items.iter().filter_map(|item| match others.get(&item.key) {
        Some(region) => Some(Item { key: item.key, region: (*region).clone()? }),
        None => Some(item.clone()),
    });
    let new = states.iter().filter(|(key, _)| !known.contains(key));
    there.chain(new.filter_map(|(key, region)| Some(Item { key: *key, region: region.clone()? }))).collect()
}

/// A list in which the regions that `order` names lie in that order, and each of the others above the one that it lay above.
pub(super) fn arranged(items: Vec<Item>, order: &[Key]) -> Vec<Item> {
    let rank: HashMap<Key, usize> = order.iter().enumerate().map(|(rank, key)| (*key, rank + 1)).collect();
    let mut below = 0;
    let mut ranked: Vec<(usize, Item)> = Vec::with_capacity(items.len());
    for item in items {
        below = rank.get(&item.key).copied().unwrap_or(below);
        ranked.push((below, item));
    }
    // Sorting is stable: who lies above another one stays above it.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, item)| item).collect()
}

/// The document's key for every key of a log. Where both mean the same region, it is the one that the document has; otherwise
/// a new one, which learns the region's id.
pub(super) fn keys_in(log: &Log, document: &mut Document) -> BTreeMap<Key, Key> {
    let known = document.keys_by_id();
    let mut ids: BTreeMap<Key, i64> = log.ids.iter().copied().collect();
    for change in &log.changes {
        if let Some(id) = [&change.base, &change.mine].into_iter().flatten().find_map(|region| region.id) {
            ids.insert(change.key, id);
        }
    }
    let in_history = log.entries.iter().flatten().map(|change| change.key);
    let in_order = log.head.order.iter().flatten().copied();
    let mut keys = BTreeMap::new();
    for key in log.changes.iter().map(|change| change.key).chain(in_history).chain(in_order) {
        keys.entry(key).or_insert_with(|| {
            let id = ids.get(&key).copied();
            id.and_then(|id| known.get(&id)).copied().unwrap_or_else(|| {
                let new = document.new_key();
                if let Some(id) = id {
                    document.adopt_id(new, id);
                }
                new
            })
        });
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::{DraftChange, Key, Writes, Written};

    #[test]
    fn sheets_of_all_versions_are_read_and_rubbish_is_not() {
        let change = r#"{"key":7,"base":null,"mine":{"type":"point","shape":{"x":0.5,"y":0.5},"object":"Cat"}}"#;
        for text in [change.to_owned(), format!("[{change}]")] {
            let sheet = DraftChange::read_sheet(&text);
            assert_eq!(
                sheet.map(|sheet| sheet.iter().map(|change| change.key).collect()),
                Some(vec![Key(7)]),
                "{text}"
            );
        }
        assert_eq!(DraftChange::read_sheet("[]"), Some(vec![]));
        for rubbish in ["", "{}", r#"[{"key":7}, 5]"#, &change[1..]] {
            assert_eq!(DraftChange::read_sheet(rubbish), None, "{rubbish}");
        }
    }

    #[test]
    fn a_later_success_does_not_hide_a_failure() {
        let mut writes = Writes::default();
        let [first, second] = [writes.begin(), writes.begin()];
        assert_eq!(writes.end(first, false), Written::Lacking { at_once: true });
        assert_eq!(writes.end(second, true), Written::Overtaken);
        let all = writes.begin();
        assert_eq!(writes.end(all, true), Written::All);
        let later = writes.begin();
        assert_eq!(writes.end(later, false), Written::Lacking { at_once: true }, "that was long ago");
    }

    #[test]
    fn what_was_written_is_known_only_when_the_last_has_arrived() {
        let mut writes = Writes::default();
        assert!(!writes.has_begun() && writes.have_arrived());
        let [first, second] = [writes.begin(), writes.begin()];
        writes.end(first, true);
        assert!(writes.has_begun() && !writes.have_arrived() && !writes.is_lacking());
        writes.end(second, false);
        assert!(!writes.have_arrived() && writes.is_lacking());
        let [all, more] = [writes.begin(), writes.begin()];
        assert!(!writes.is_lacking(), "all of it is on its way");
        writes.end(all, true);
        assert!(!writes.have_arrived());
        writes.end(more, true);
        assert!(writes.have_arrived());
    }

    #[test]
    fn what_fails_as_a_whole_waits_for_news() {
        let mut writes = Writes::default();
        let first = writes.begin();
        assert_eq!(writes.end(first, false), Written::Lacking { at_once: true });
        for _ in 0..3 {
            let all = writes.begin();
            assert_eq!(writes.end(all, false), Written::Lacking { at_once: false });
        }
        let all = writes.begin();
        assert_eq!(writes.end(all, true), Written::All);
    }
}
