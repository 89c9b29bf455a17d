//! The history of a picture's regions as people read it: every small change makes a state, but an hour of drawing is one
//! entry.

use super::region::RevisionSummary;
use serde::{Deserialize, Serialize};

/// States with less than this between them, in seconds, belong together: 15 minutes.
pub const PAUSE_S: i64 = 15 * 60;
/// A part of a history has at most so many sittings.
pub const SITTINGS: usize = 50;
/// So many states of a sitting, its newest, are told one by one.
pub const LISTED: usize = 20;
/// A part is made of at most so many states.
const STATES: i64 = 5_000;

/// States that somebody saved one after the other without a longer pause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sitting {
    /// The newest of them, at most [`LISTED`], the newest first. There is at least one.
    pub states: Vec<RevisionSummary>,
    /// Number of the first state.
    pub first: i64,
    /// When that was saved, in Unix seconds.
    pub began: i64,
    /// How many states there are.
    pub count: i64,
    /// How many regions were added in all.
    pub added: i64,
    /// How many were changed; one that was changed twice counts twice.
    pub changed: i64,
    /// How many were removed.
    pub removed: i64,
}

impl Sitting {
    fn new(state: RevisionSummary) -> Self {
        let RevisionSummary { revision: first, timestamp: began, added, changed, removed, .. } = state;
        Self { states: vec![state], first, began, count: 1, added, changed, removed }
    }

    /// The newest of its states.
    pub fn last(&self) -> Option<&RevisionSummary> {
        self.states.first()
    }

    fn goes_on_from(&self, state: &RevisionSummary) -> bool {
        let same_author = self.last().is_some_and(|last| last.author == state.author);
        same_author && self.began - state.timestamp < PAUSE_S
    }

    fn add(&mut self, state: RevisionSummary) {
        (self.first, self.began) = (state.revision, state.timestamp);
        self.count += 1;
        self.added += state.added;
        self.changed += state.changed;
        self.removed += state.removed;
        if self.states.len() < LISTED {
            self.states.push(state);
        }
    }
}

/// A part of a history.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryPart {
    /// The sittings, the newest first.
    pub sittings: Vec<Sitting>,
    /// Number of the state with which the next part begins, if there is one.
    pub next: Option<i64>,
    /// How many states were added.
    #[serde(skip)]
    states: i64,
}

impl HistoryPart {
    /// Adds the state before those that are here, and says whether the one before it is wanted, too.
    pub fn add(&mut self, state: RevisionSummary) -> bool {
        let has_room = self.sittings.len() < SITTINGS;
        let sitting = self.sittings.last_mut().filter(|sitting| sitting.goes_on_from(&state));
        let is_full = self.states >= STATES || (sitting.is_none() && !has_room);
        match (is_full, sitting) {
            (true, _) => self.next = Some(state.revision),
            (false, Some(sitting)) => sitting.add(state),
            (false, None) => self.sittings.push(Sitting::new(state)),
        }
        self.states += i64::from(!is_full);
        !is_full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(revision: i64, author: &str, minute: i64) -> RevisionSummary {
        let author = Some(author.to_owned());
        RevisionSummary { revision, author, timestamp: minute * 60, added: 1, changed: revision, removed: 0 }
    }

    fn part(states: impl IntoIterator<Item = RevisionSummary>) -> HistoryPart {
        let mut part = HistoryPart::default();
        let _ = states.into_iter().all(|state| part.add(state));
        part
    }

    #[test]
    fn an_hour_of_drawing_is_one_entry() {
        let folded = part([
            state(6, "ada", 100),
            state(5, "bob", 99),
            state(4, "ada", 98),
            state(3, "ada", 84),
            state(2, "ada", 70),
            state(1, "ada", 55),
        ]);
        let numbers: Vec<(i64, i64)> = folded.sittings.iter().map(|sitting| (sitting.first, sitting.count)).collect();
        // Fourteen minutes are no pause, fifteen are.
        assert_eq!(numbers, [(6, 1), (5, 1), (2, 3), (1, 1)]);
        let long = &folded.sittings[2];
        assert_eq!((long.began, long.added, long.changed, long.removed), (70 * 60, 3, 9, 0));
        assert_eq!(long.last().map(|last| last.revision), Some(4));
        assert_eq!((folded.next, part([])), (None, HistoryPart::default()));
    }

    #[test]
    fn sittings_are_cut_not_states() {
        // Every sitting has a hundred states, half a minute apart.
        let author = |sitting: i64| if sitting % 2 == 0 { "ada" } else { "bob" };
        let states = |from: i64| (1..=from).rev().map(move |n| state(n, author((n - 1) / 100), n / 2));
        let newest = part(states(4_000));
        assert_eq!((newest.sittings.len(), newest.next), (40, None));
        assert!(newest.sittings.iter().all(|sitting| sitting.count == 100 && sitting.states.len() == LISTED));
        let endless = part((1..=10_000).rev().map(|n| state(n, "ada", n / 2)));
        assert_eq!(
            (endless.sittings.len(), endless.sittings[0].count, endless.next),
            (1, STATES, Some(10_000 - STATES))
        );
        // Nothing is left out between the parts, however much there is.
        let (mut from, mut parts, mut count) = (Some(20_050), 0, 0);
        while let Some(start) = from {
            let part = part(states(start));
            assert!(part.sittings.len() <= SITTINGS);
            assert_eq!(part.sittings[0].states[0].revision, start);
            count += part.sittings.iter().map(|sitting| sitting.count).sum::<i64>();
            (from, parts) = (part.next, parts + 1);
        }
        assert_eq!((parts, count), (5, 20_050));
    }
}
