//! What happens to a batch, and what it wants done.

use super::answer::{Answer, Failure};
use super::file::{Chosen, There};

/// What has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Files were chosen.
    Add(Vec<Chosen>),
    /// It was found out what is at the paths that [`Effect::Look`] named, or not.
    Looked(u32, Result<Vec<There>, Failure>),
    /// What is at the paths of these files, which have come, just before the commit.
    LookedAgain(Vec<usize>, Vec<There>),
    /// The MD5 of a file's bytes, unless it cannot be read.
    Compared(usize, Option<String>),
    /// So many bytes of what a request sends have left.
    Moved(usize, u32, u64),
    /// A request has ended.
    Ended(usize, u32, Result<Answer, Failure>),
    /// One file is to stop for now.
    Pause(usize),
    /// It is to go on, or to be tried again; alone, if all files are to stop.
    Resume(usize),
    /// It is to be left out, or not.
    Skip(usize, bool),
    /// It is not wanted any more.
    Remove(usize),
    /// All files are to stop for now.
    PauseAll,
    /// All go on; those that failed, too.
    ResumeAll,
    /// All files that would replace something are left out, or none of them.
    SkipAll(bool),
    /// None is wanted any more.
    RemoveAll,
    /// A file that was to rest has done so.
    Rested(usize),
    /// The pause after the connection broke is over.
    TryAgain,
    /// The browser says that there is a connection again.
    Online,
    /// Whether the server can be reached.
    Probed(bool),
    /// The commit is made, with these files.
    Committed(Vec<usize>),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Find out what is at these paths.
    Look(u32, Vec<String>),
    /// Find out the MD5 of a file's bytes.
    Compare(usize),
    /// Begin a file at the server, with all of it or with nothing.
    Begin(usize, u32, bool),
    /// Ask how much of a file has come by its upload.
    Ask(usize, u32, String),
    /// Send a part of a file, from its first byte to the one after its last.
    Send(usize, u32, String, u64, u64),
    /// Give up the request that is under way for a file.
    Abort(usize),
    /// Write down by which upload a file comes.
    Remember(usize, String),
    /// Forget that.
    Forget(usize),
    /// Tell the server that an upload is not wanted any more.
    End(String),
    /// Wait for so many milliseconds, and then say [`Input::Rested`].
    Rest(usize, u64),
    /// Wait for so many milliseconds, and then say [`Input::TryAgain`].
    Wait(u64),
    /// Find out whether the server can be reached.
    Probe,
}
