//! The history of datasets: one bare Git repository each, which Git's own program reads and writes.
//!
//! A repository holds no bytes of files but pointers to them, as DVC writes them: the file `a/b.png` is the pointer
//! `a/b.png.dvc`. There is one branch, and tags that never move.
//!
//! - `command` runs the program, so that nothing of what people write is taken for anything else, and nothing runs for ever;
//! - [`pointer`] reads and writes pointers;
//! - `writing` makes commits and tags, all or nothing; whoever does so holds the [`Lock`] of the repository;
//! - `reading` finds commits, files and differences, `texts` what was drawn;
//! - `serving` hands the history out to other Gits;
//! - `protocol`, `receiving`, `checking`, `purpose` and `config` take commits in from them, each of which is looked at before it counts.
//!
//! Nothing here knows the database, nor who may do what.

mod checking;
mod command;
mod config;
mod lock;
pub mod pointer;
pub mod protocol;
mod purpose;
mod reading;
mod receiving;
mod serving;
#[cfg(test)]
mod tests;
mod texts;
mod writing;

pub use checking::{Faults, News, Rules, shown};
use command::Git;
pub use command::version;
pub use lock::Lock;
pub use pointer::Pointer;
pub use reading::{Change, ListedFile, Range};
pub use receiving::{Incoming, MAX_PACK, Spooled};
pub use serving::Pack;
pub use texts::{TextChange, text_path};
pub use writing::{Edit, MAIL_HOST, NewCommit, NewTag, Person, user_of};

use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What can go wrong with a repository.
#[derive(Debug)]
pub enum GitError {
    /// Somebody else has made a commit meanwhile, or holds the repository for very long.
    Busy,
    /// There is a tag of this name already.
    TagExists,
    /// The program `git` is not there.
    NoProgram,
    /// What somebody has sent is not taken. Says why, for them.
    Refused(String),
    /// The program said more than it was given room for.
    SaidTooMuch,
    /// The program failed or ran out of time, or the repository is damaged. Says how, for the log only.
    Failed(String),
    /// The file system failed.
    Io(io::Error),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("somebody else is changing this dataset; try again"),
            Self::TagExists => f.write_str("there is a tag of this name already, and tags never move"),
            Self::NoProgram => f.write_str("the program `git` is not installed; datasets keep their history with it"),
            Self::Refused(why) => f.write_str(why),
            Self::SaidTooMuch => f.write_str("git: said too much"),
            Self::Failed(how) => write!(f, "git: {how}"),
            Self::Io(error) => write!(f, "git: {error}"),
        }
    }
}

impl std::error::Error for GitError {}

impl From<io::Error> for GitError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Result of what is done with a repository.
pub type Result<T> = std::result::Result<T, GitError>;

/// The folder of the repository that stays empty.
const EMPTY: &str = "empty.git";
/// The file with what was written down for after a crash.
const NOTE: &str = "ocellus.note";

/// Makes a repository without anything, as far as it is not there: what Git looks for before it takes a folder for one.
fn make_empty(folder: &Path) -> io::Result<()> {
    if folder.join("HEAD").exists() {
        return Ok(());
    }
    for inside in ["objects", "refs/heads", "refs/tags"] {
        fs::create_dir_all(folder.join(inside))?;
    }
    fs::write(folder.join("config"), "[core]\n\trepositoryformatversion = 0\n\tbare = true\n")?;
    fs::write(folder.join("HEAD"), format!("ref: refs/heads/{}\n", crate::model::version::BRANCH))
}

/// The repositories of all datasets, in one folder.
#[derive(Clone, Debug)]
pub struct Repositories {
    root: PathBuf,
}

impl Repositories {
    /// Those in a folder, which is made if it is missing.
    pub fn open(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        // Absolute, since the program runs elsewhere.
        let root = root.canonicalize()?;
        make_empty(&root.join(EMPTY))?;
        Ok(Self { root })
    }

    /// A repository without a commit, which is there in place of those that nobody has written to yet. Nobody writes to it.
    pub fn empty(&self) -> Repository {
        Repository { git: Git::new(self.root.join(EMPTY)), root: self.root.clone() }
    }

    /// The repository of a dataset, whether or not it is there yet.
    pub fn of(&self, dataset: i64) -> Repository {
        Repository { git: Git::new(self.root.join(format!("{dataset}.git"))), root: self.root.clone() }
    }

    /// The numbers of the datasets that have a repository.
    pub fn all(&self) -> io::Result<Vec<i64>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            found.extend(name.to_str().and_then(|name| name.strip_suffix(".git")?.parse::<i64>().ok()));
        }
        found.sort_unstable();
        Ok(found)
    }
}

/// Nothing where there is no such file.
fn or_none<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// The repository of one dataset.
#[derive(Clone, Debug)]
pub struct Repository {
    git: Git,
    root: PathBuf,
}

impl Repository {
    /// Whether it is there. Without it, a dataset has no commit.
    pub fn exists(&self) -> bool {
        self.git.dir().is_dir()
    }

    /// Makes it unless it is there: as a whole or not at all.
    pub async fn ensure(&self) -> Result<()> {
        if self.exists() {
            return Ok(());
        }
        let new = tempfile::Builder::new().prefix("new-").tempdir_in(&self.root)?;
        Git::new(new.path().to_owned()).init().await?;
        match fs::rename(new.path(), self.git.dir()) {
            // The folder has gone where it belongs.
            Ok(()) => drop(new.keep()),
            Err(_) if self.exists() => {}
            Err(error) => return Err(error.into()),
        }
        fs::File::open(&self.root)?.sync_all()?;
        Ok(())
    }

    /// Writes down beside the history what a crash must not lose, in place of what was there. It is durable when this returns.
    pub fn write_note(&self, _: &Lock, note: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(self.git.dir())?;
        file.write_all(note)?;
        file.as_file().sync_all()?;
        file.persist(self.git.dir().join(NOTE))?;
        fs::File::open(self.git.dir())?.sync_all()
    }

    /// What was written down last and not removed since.
    pub fn note(&self, _: &Lock) -> io::Result<Option<Vec<u8>>> {
        or_none(fs::read(self.git.dir().join(NOTE)))
    }

    /// Removes what was written down, if anything was.
    pub fn remove_note(&self, _: &Lock) -> io::Result<()> {
        or_none(fs::remove_file(self.git.dir().join(NOTE))).map(drop)
    }

    /// Removes it with everything in it.
    pub fn remove(&self, _: &Lock) -> io::Result<()> {
        // Under another name first, so that nobody finds half of it.
        let away = tempfile::Builder::new().prefix("gone-").tempdir_in(&self.root)?;
        match fs::rename(self.git.dir(), away.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(()) => away.close(),
        }
    }

    /// Waits until nobody else writes, and keeps others from it for as long as the lock lives.
    pub async fn lock(&self) -> Result<Lock> {
        Lock::take(self.git.dir()).await
    }
}
