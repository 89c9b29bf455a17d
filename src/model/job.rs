//! Long work that goes on while nobody waits for it.

use super::dataset::words;
use super::error::AppError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Nobody has more than so many jobs that have not ended.
pub const MAX_OPEN_JOBS: i64 = 100;
/// So many errors of a job are kept; all are counted.
pub const MAX_JOB_ERRORS: i64 = 100_000;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobKind {
    /// Brings pictures, files or regions in.
    Import,
}

words!(JobKind, "kind", [Import = "import"]);

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// Somebody works on it, or will go on with it.
    Running,
    /// All was done that could be.
    Done,
    /// It ended because something went wrong.
    Failed,
    /// It ended because somebody wanted it to.
    Cancelled,
}

words!(
    JobState,
    "state",
    [Queued = "queued", Running = "running", Done = "done", Failed = "failed", Cancelled = "cancelled"]
);

impl JobState {
    /// Whether nothing more will happen.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// The word for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::Queued => "Waiting",
            Self::Running => "Running",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// A job, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Numeric identity.
    pub id: i64,
    /// What it does.
    pub kind: JobKind,
    /// What people read in the list.
    pub title: String,
    /// Username of whoever wanted it.
    pub owner: String,
    /// How far it is.
    pub state: JobState,
    /// Whether somebody wants it to end that has not ended yet.
    pub cancelling: bool,
    /// So much of the work is done, in the kind's own units.
    pub done: i64,
    /// So much there is to do; null until somebody has counted.
    pub total: Option<i64>,
    /// So many things could not be done.
    pub errors: i64,
    /// How much is done in a second, since it was begun or gone on with; null where that cannot be said.
    pub rate: Option<f64>,
    /// So many seconds are left at this rate; null where that cannot be said.
    pub left_s: Option<i64>,
    /// What came of it; null before the end, and in lists.
    pub result: Option<Value>,
    /// Why it failed; null unless it did.
    pub failure: Option<String>,
    /// When it was wanted, in Unix seconds.
    pub created: i64,
    /// When it ended, in Unix seconds.
    pub ended: Option<i64>,
}

/// How fast work goes, and how many seconds are left. Both are unknown before something was done, and without a known end the second
/// one is.
///
/// `done` of `total` are done, `began_with` of them before somebody began `elapsed_s` seconds ago.
pub fn pace(done: i64, total: Option<i64>, began_with: i64, elapsed_s: i64) -> (Option<f64>, Option<i64>) {
    let gone = done - began_with;
    if gone <= 0 || elapsed_s <= 0 {
        return (None, None);
    }
    let rate = gone as f64 / elapsed_s as f64;
    (Some(rate), total.map(|total| ((total - done).max(0) as f64 / rate).ceil() as i64))
}

/// Something that a job could not do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobError {
    /// Where in what was brought, such as a line or a path.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

/// Why a job that has ended cannot be cancelled.
pub fn has_ended(state: JobState) -> AppError {
    AppError::Conflict(format!("this job has ended already: it is {}", state.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_is_left_follows_from_what_was_done_since() {
        assert_eq!(pace(0, Some(10), 0, 5), (None, None));
        assert_eq!(pace(5, Some(10), 5, 100), (None, None));
        assert_eq!(pace(5, None, 0, 10), (Some(0.5), None));
        assert_eq!(pace(60, Some(100), 50, 5), (Some(2.0), Some(20)));
        assert_eq!(pace(101, Some(100), 50, 51), (Some(1.0), Some(0)));
        assert_eq!(pace(5, Some(10), 0, 0), (None, None));
    }
}
