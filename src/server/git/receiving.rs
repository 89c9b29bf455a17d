//! Taking what another Git sends: its objects lie apart, and belong to the repository only once they are accepted.

use super::command::run_from;
use super::protocol::Update;
use super::{GitError, Lock, Repository, Result};
use crate::model::version::{BRANCH, is_commit_id};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Largest pack, in bytes. It holds pointers, not files.
const MAX_PACK: u64 = 256 << 20;
/// One pack holds at most so many objects.
const MAX_OBJECTS: u32 = 1_000_000;
/// How long a pack may take to come and be looked at.
const PATIENCE: Duration = Duration::from_secs(1800);
/// So many push at a time; the others are told to come again.
static PLACES: Semaphore = Semaphore::const_new(4);
/// As Git calls such folders itself, so that its own tidying removes what a crash leaves.
const PREFIX: &str = "tmp_objdir-incoming-";

/// Objects that somebody has sent. Dropping them leaves nothing.
pub struct Incoming {
    real: Repository,
    seen: Repository,
    folder: TempDir,
    _place: SemaphorePermit<'static>,
}

impl Repository {
    /// Takes a pack in. [`GitError::Refused`] where it is not sound by itself.
    pub async fn receive(&self, mut pack: impl AsyncRead + Unpin) -> Result<Incoming> {
        let place = PLACES.try_acquire().map_err(|_| GitError::Busy)?;
        let objects = self.git.dir().join("objects");
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&objects)?;
        for inside in ["pack", "info"] {
            fs::create_dir(folder.path().join(inside))?;
        }
        // Relative, so that no name of a folder above means anything to Git.
        fs::write(folder.path().join("info/alternates"), "..\n")?;
        let seen = Self { git: self.git.with_objects(folder.path()), root: self.root.clone() };
        let mut head = [0; 12];
        pack.read_exact(&mut head).await?;
        let count = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
        if &head[..4] != b"PACK" {
            return Err(GitError::Refused("this is no pack".to_owned()));
        }
        if count > MAX_OBJECTS {
            let why = format!("the pack has {count} objects, and one push brings at most {MAX_OBJECTS}; push in parts");
            return Err(GitError::Refused(why));
        }
        seen.index(head.as_slice().chain(pack.take(MAX_PACK + 1))).await?;
        Ok(Incoming { real: self.clone(), seen, folder, _place: place })
    }

    /// Unpacks and checks each object by itself.
    async fn index(&self, pack: impl AsyncRead + Unpin) -> Result<()> {
        let most = format!("--max-input-size={MAX_PACK}");
        let mut command = self.git.command([
            "-c",
            "core.bigFileThreshold=1m",
            "-c",
            "core.deltaBaseCacheLimit=32m",
            "index-pack",
            "--stdin",
            "--fix-thin",
            "--strict",
            "--threads=1",
            &most,
        ]);
        // What is packed small may be large.
        command.env("GIT_ALLOC_LIMIT", "256m");
        let said = run_from(&mut command, pack, 1 << 10, PATIENCE).await?;
        if said.code == 0 {
            return Ok(());
        }
        tracing::info!(complaint = said.complaint, "a pack was refused");
        let last = said.complaint.lines().rev().find_map(|line| line.strip_prefix("fatal: "));
        // The reasons that Git gives speak of objects, never of folders.
        let why = last.filter(|line| !line.contains('/')).unwrap_or("its objects are not sound");
        Err(GitError::Refused(format!("the pack was not taken: {why}")))
    }
}

impl Incoming {
    /// The repository as it would be.
    pub fn seen(&self) -> &Repository {
        &self.seen
    }

    /// The repository as it is.
    pub fn real(&self) -> &Repository {
        &self.real
    }

    /// Whether everything is there that these commits lead to.
    pub async fn is_whole(&self, tips: &[&str]) -> Result<bool> {
        let mut arguments = vec!["rev-list", "--objects", "--quiet"];
        arguments.extend(tips);
        arguments.extend(["--not", "--all"]);
        Ok(self.seen.git.run(arguments, Vec::new()).await?.code == 0)
    }

    /// Makes the objects the repository's own, and then all updates or none. They are for the branch and for new tags, and have been
    /// checked. [`GitError::Busy`] where something has changed meanwhile.
    pub async fn accept(self, _: &Lock, updates: &[Update]) -> Result<()> {
        let mut lines = String::from("start\n");
        for Update { reference, old, new } in updates {
            let new = new.as_deref().filter(|id| is_commit_id(id)).ok_or(GitError::Busy)?;
            let line = match old {
                Some(old) => format!("update {reference} {new} {old}\n"),
                None => format!("create {reference} {new}\n"),
            };
            lines.push_str(&line);
        }
        lines.push_str("prepare\ncommit\n");
        let from = self.folder.path().join("pack");
        adopt(&from, &self.real.git.dir().join("objects/pack"))?;
        let said = self.real.git.run(["update-ref", "--stdin"], lines.into_bytes()).await?;
        if said.code != 0 && said.complaint.contains("cannot lock ref") {
            return Err(GitError::Busy);
        }
        said.succeeded().map(drop)
    }

    /// The full name of the branch.
    pub fn branch() -> String {
        format!("refs/heads/{BRANCH}")
    }
}

/// Moves packs from one folder to another. An index comes last, since with it a pack is there.
fn adopt(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut names = fs::read_dir(from)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    names.sort_by_key(|name| {
        let name = name.to_string_lossy();
        (name.ends_with(".idx"), !name.ends_with(".pack"))
    });
    for name in names {
        // One of the same name holds the same objects.
        if !to.join(&name).exists() {
            fs::rename(from.join(&name), to.join(&name))?;
        }
    }
    fs::File::open(to)?.sync_all()
}
