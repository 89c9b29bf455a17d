//! The history of a picture's regions as people read it: every small change makes a state, but an hour of drawing is one
//! entry.

use super::region::RevisionSummary;

/// States with less than this between them, in seconds, belong together: 15 minutes.
pub const PAUSE_S: i64 = 15 * 60;

/// States that somebody saved one after the other without a longer pause.
#[derive(Clone, Debug, PartialEq)]
pub struct Sitting {
    /// The last of them.
    pub last: RevisionSummary,
    /// Those before it, the newest first.
    pub earlier: Vec<RevisionSummary>,
}

impl Sitting {
    /// When it began, in Unix seconds.
    pub fn began(&self) -> i64 {
        self.earlier.last().unwrap_or(&self.last).timestamp
    }

    /// How many regions were added, changed and removed in all. One that was changed twice counts twice.
    pub fn changes(&self) -> (i64, i64, i64) {
        let states = || self.earlier.iter().chain([&self.last]);
        let sum = |part: fn(&RevisionSummary) -> i64| states().map(part).sum();
        (sum(|state| state.added), sum(|state| state.changed), sum(|state| state.removed))
    }
}

/// Folds states, the newest first, into sittings, the newest first.
pub fn sittings(states: Vec<RevisionSummary>) -> Vec<Sitting> {
    let mut sittings: Vec<Sitting> = Vec::new();
    for state in states {
        match sittings.last_mut() {
            Some(sitting) if sitting.last.author == state.author && sitting.began() - state.timestamp < PAUSE_S => {
                sitting.earlier.push(state);
            }
            _ => sittings.push(Sitting { last: state, earlier: Vec::new() }),
        }
    }
    sittings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(revision: i64, author: &str, minute: i64) -> RevisionSummary {
        let author = Some(author.to_owned());
        RevisionSummary { revision, author, timestamp: minute * 60, added: 1, changed: revision, removed: 0 }
    }

    #[test]
    fn an_hour_of_drawing_is_one_entry() {
        let states = vec![
            state(6, "ada", 100),
            state(5, "bob", 99),
            state(4, "ada", 98),
            state(3, "ada", 84),
            state(2, "ada", 70),
            state(1, "ada", 55),
        ];
        let folded = sittings(states);
        let numbers: Vec<(i64, usize)> =
            folded.iter().map(|sitting| (sitting.last.revision, sitting.earlier.len())).collect();
        // Fourteen minutes are no pause, fifteen are.
        assert_eq!(numbers, [(6, 0), (5, 0), (4, 2), (1, 0)]);
        assert_eq!((folded[2].began(), folded[2].changes()), (70 * 60, (3, 9, 0)));
        assert_eq!((folded[3].began(), folded[3].changes()), (55 * 60, (1, 1, 0)));
        assert_eq!(sittings(Vec::new()), []);
    }
}
