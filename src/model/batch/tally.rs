//! How many files there are in which state, and how it stands with all of them.

use super::{Batch, Phase};

/// How many files there are of each kind, and how many bytes they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All in the list.
    pub total: usize,
    /// Not under way yet.
    pub waiting: usize,
    /// Under way.
    pub sending: usize,
    /// Stopped by somebody.
    pub paused: usize,
    /// Come, and wanted.
    pub done: usize,
    /// Of those, how many replace something.
    pub replacing: usize,
    /// Not sent; may be tried again.
    pub failed: usize,
    /// Cannot be in the dataset.
    pub refused: usize,
    /// The dataset has the same bytes there.
    pub same: usize,
    /// There is something else at the path.
    pub there: usize,
    /// Of those, how many are left out.
    pub skipped: usize,
    /// The bytes of all that are wanted.
    pub bytes: u64,
    /// How many of these have been sent.
    pub sent: u64,
}

impl Tally {
    /// How many are still to come.
    pub fn open(&self) -> usize {
        self.waiting + self.sending + self.paused
    }

    /// How many are wanted.
    pub fn wanted(&self) -> usize {
        self.open() + self.done + self.failed
    }
}

/// How it stands with the batch as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing was chosen.
    Empty,
    /// Files are on their way.
    Sending,
    /// Somebody has stopped it.
    Paused,
    /// The server cannot be reached, or cannot take anything now, as it says; it is tried again.
    Unconnected(Option<String>),
    /// No file can be sent, for this reason.
    Stopped(String),
    /// Nothing is to be sent any more.
    Settled,
}

impl Batch {
    /// How many files there are of each kind.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for (_, file) in self.files() {
            tally.total += 1;
            let is_same = file.phase == Phase::Same;
            tally.there += usize::from(file.there.is_some() && !is_same);
            if file.is_skipped && !is_same {
                tally.skipped += 1;
                continue;
            }
            match &file.phase {
                Phase::Looking | Phase::Comparing | Phase::Waiting => tally.waiting += 1,
                Phase::Sending => tally.sending += 1,
                Phase::Paused => tally.paused += 1,
                Phase::Done(_) => {
                    tally.done += 1;
                    tally.replacing += usize::from(file.there.is_some());
                }
                Phase::Failed(_) => tally.failed += 1,
                Phase::Same => tally.same += 1,
                Phase::Refused(_) => tally.refused += 1,
            }
            if file.is_wanted() {
                tally.bytes += file.size;
                tally.sent += file.sent();
            }
        }
        tally
    }

    /// How it stands with all of them.
    pub fn standing(&self) -> Standing {
        let Tally { total, waiting, sending, paused, .. } = self.tally();
        match (&self.stopped, &self.outage) {
            _ if total == 0 => Standing::Empty,
            _ if waiting + sending + paused == 0 => Standing::Settled,
            (Some(reason), _) => Standing::Stopped(reason.clone()),
            (None, _) if self.is_paused || waiting + sending == 0 => Standing::Paused,
            (None, Some(outage)) => Standing::Unconnected(outage.reason.clone()),
            (None, None) => Standing::Sending,
        }
    }
}
