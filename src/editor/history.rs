//! The changes that led to the present regions, to be undone and made again.

use super::document::Key;
use crate::geometry::corners;
use crate::model::region::Shape;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// So many entries are kept at most: whoever wants to go back further has the states on the server.
const MAX_ENTRIES: usize = 1_000;

/// Entries weigh so much at most, the newest apart: the browser has to hold them in memory and to write them down. That is some
/// tens of megabytes.
const MAX_WEIGHT: usize = 3_000_000;
/// A region weighs as much as so many corners, on top of its own.
const REGION_WEIGHT: usize = 8;

/// A region and its place in the drawing order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub(super) position: usize,
    #[serde(flatten)]
    pub(super) shape: Shape,
    pub(super) object: String,
}

/// What was done to one region. Undo puts `before` in its place, redo `after`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub(super) key: Key,
    pub(super) before: Option<Placed>,
    pub(super) after: Option<Placed>,
}

/// What one gesture or command did.
pub type Entry = Vec<Change>;

/// How much an entry weighs, in corners.
fn weight(entry: &Entry) -> usize {
    let sides = entry.iter().flat_map(|change| [&change.before, &change.after]).flatten();
    sides.map(|side| REGION_WEIGHT + corners(&side.shape).len()).sum()
}

/// Which entries there are, by number, and how many of them are done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The number of the oldest entry.
    pub first: u64,
    /// The number of the entry that would be made again next; those before it are done.
    pub at: u64,
    /// The number that the next entry would have if none is undone.
    pub end: u64,
}

/// What was done, oldest first, and then what was undone, in the order in which it would be made again.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    entries: VecDeque<Entry>,
    /// How much they weigh together.
    weight: usize,
    span: Span,
    /// From this number on, entries are not as they were when somebody last asked.
    fresh_from: u64,
}

impl History {
    /// Starts from what an earlier visit left; entries are numbered anew.
    pub fn new(entries: Vec<Entry>, done: usize) -> Self {
        let span = Span { first: 0, at: done.min(entries.len()) as u64, end: entries.len() as u64 };
        Self { weight: entries.iter().map(weight).sum(), entries: entries.into(), span, fresh_from: 0 }
    }

    pub fn span(&self) -> Span {
        self.span
    }

    /// How many entries are done.
    fn done(&self) -> usize {
        (self.span.at - self.span.first) as usize
    }

    pub fn can_undo(&self) -> bool {
        self.span.at > self.span.first
    }

    pub fn can_redo(&self) -> bool {
        self.span.at < self.span.end
    }

    /// Adds an entry; what was undone is forgotten.
    pub fn push(&mut self, entry: Entry) {
        self.weight -= self.entries.drain(self.done()..).map(|entry| weight(&entry)).sum::<usize>();
        self.weight += weight(&entry);
        self.entries.push_back(entry);
        self.fresh_from = self.fresh_from.min(self.span.at);
        self.span.at += 1;
        self.span.end = self.span.at;
        while self.entries.len() > MAX_ENTRIES || self.weight > MAX_WEIGHT && self.entries.len() > 1 {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.weight -= weight(&oldest);
            self.span.first += 1;
        }
    }

    /// The newest entry that is done, which then is no longer.
    pub fn undo(&mut self) -> Option<&Entry> {
        let index = self.done().checked_sub(1)?;
        self.span.at -= 1;
        self.entries.get(index)
    }

    /// The entry that was undone last, which then is done again.
    pub fn redo(&mut self) -> Option<&Entry> {
        let entry = self.entries.get((self.span.at - self.span.first) as usize)?;
        self.span.at += 1;
        Some(entry)
    }

    /// Forgets the changes of some regions.
    pub fn forget(&mut self, is_foreign: impl Fn(Key) -> bool) {
        if !self.entries.iter().flatten().any(|change| is_foreign(change.key)) {
            return;
        }
        let done = self.done();
        let mut kept = Vec::with_capacity(self.entries.len());
        let mut still_done = 0;
        for (index, mut entry) in std::mem::take(&mut self.entries).into_iter().enumerate() {
            entry.retain(|change| !is_foreign(change.key));
            if !entry.is_empty() {
                kept.push(entry);
                still_done += usize::from(index < done);
            }
        }
        *self = Self::new(kept, still_done);
    }

    /// The entries that are done, the newest first, and those that are undone, the next first.
    pub fn both_ways(&self) -> (impl Iterator<Item = &Entry>, impl Iterator<Item = &Entry>) {
        let done = self.done();
        (self.entries.range(..done).rev(), self.entries.range(done..))
    }

    /// All entries count as new again.
    pub fn forget_taken(&mut self) {
        self.fresh_from = self.span.first;
    }

    /// The entries that are new since the last call, with their numbers.
    pub fn take_fresh(&mut self) -> Vec<(u64, Entry)> {
        let from = self.fresh_from.max(self.span.first);
        self.fresh_from = self.span.end;
        let fresh = self.entries.range((from - self.span.first).min(self.entries.len() as u64) as usize..);
        (from..).zip(fresh.cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::region::Point;

    fn entry(corners: usize) -> Entry {
        let shape = Shape::Polygon(vec![Point::default(); corners]);
        let placed = Placed { position: 0, shape, object: "Cat".to_owned() };
        vec![Change { key: Key(1), before: None, after: Some(placed) }]
    }

    #[test]
    fn large_entries_go_earlier() {
        let mut history = History::default();
        for _ in 0..MAX_ENTRIES + 5 {
            history.push(entry(4));
        }
        assert_eq!((history.span().first, history.entries.len()), (5, MAX_ENTRIES));
        for _ in 0..4 {
            history.push(entry(MAX_WEIGHT / 4));
        }
        assert_eq!(history.entries.len(), 3, "four of a quarter and a little weigh too much");
        history.undo();
        history.undo();
        history.push(entry(MAX_WEIGHT * 2));
        assert_eq!(history.entries.len(), 1, "the newest stays whatever it weighs");
        assert!(history.can_undo());
        history.push(entry(3));
        assert_eq!(history.weight, weight(&entry(3)));
    }
}
