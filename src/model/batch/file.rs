//! A file of a batch, and what is known about it.

/// A file that somebody has chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Where it is to be in the dataset.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last changed, in Unix milliseconds.
    pub modified: i64,
    /// The upload by which it was begun before, if it was.
    pub begun: Option<String>,
}

/// A file that is at a path already.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct There {
    /// The path.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// The MD5 of its bytes.
    pub md5: String,
}

/// What is known about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is not known yet what is at its path.
    Looking,
    /// It may have the bytes that are there already; they are read to find out.
    Comparing,
    /// Its turn has not come.
    Waiting,
    /// It is being sent.
    Sending,
    /// Somebody has stopped it for now.
    Paused,
    /// The server has all of it, with this MD5.
    Done(String),
    /// The dataset has the same bytes there: nothing is to be done.
    Same,
    /// It was not sent, for this reason; it may be tried again.
    Failed(String),
    /// It cannot be in the dataset, for this reason.
    Refused(String),
}

/// A file of the batch.
#[derive(Clone, Debug)]
pub struct File {
    /// Where it is to be in the dataset.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// When it was last changed, in Unix milliseconds.
    pub modified: i64,
    /// What is known about it.
    pub phase: Phase,
    /// What is at its path now and would be replaced.
    pub there: Option<There>,
    /// Whether it is left out, so that what is there stays.
    pub is_skipped: bool,
    /// The upload by which it comes.
    pub upload: Option<String>,
    /// How many bytes the server has.
    pub(super) offset: u64,
    /// How many are on their way.
    pub(super) moving: u64,
    /// Whether `offset` is what the server says.
    pub(super) is_sure: bool,
    /// The number of the request that is under way.
    pub(super) attempt: u32,
    /// How often in a row its connection broke, and how often somebody else was bringing it.
    pub(super) lost: u32,
    pub(super) busy: u32,
    /// Whether it waits for a while before it is tried again.
    pub(super) is_resting: bool,
    /// Whether it goes on although all files are to stop.
    pub(super) is_called: bool,
    /// Whether it is in the list no more.
    pub(super) is_gone: bool,
}

impl File {
    /// How many bytes the server has or gets just now.
    pub fn sent(&self) -> u64 {
        match self.phase {
            Phase::Done(_) | Phase::Same => self.size,
            _ => (self.offset + self.moving).min(self.size),
        }
    }

    /// Whether it is to be in the commit as soon as it has come.
    pub fn is_wanted(&self) -> bool {
        !self.is_gone && !self.is_skipped && !matches!(self.phase, Phase::Same | Phase::Refused(_))
    }

    /// Whether it can be sent now.
    pub(super) fn is_ready(&self) -> bool {
        self.phase == Phase::Waiting && !self.is_gone && !self.is_skipped && !self.is_resting
    }
}
