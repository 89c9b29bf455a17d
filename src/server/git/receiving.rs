//! Taking what another Git sends: its objects lie apart, and belong to the repository only once they are accepted.

use super::command::{MAX_OUTPUT, Said, run, run_from};
use super::protocol::Update;
use super::{GitError, Lock, Repository, Result};
use crate::model::version::{BRANCH, is_commit_id};
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt};

/// Largest pack, in bytes. It holds pointers, not files.
pub const MAX_PACK: u64 = 256 << 20;
/// One pack holds at most so many objects.
const MAX_OBJECTS: u32 = 1_000_000;
/// How long unpacking may take.
const PATIENCE: Duration = Duration::from_secs(300);
/// As Git calls such folders itself, so that its own tidying removes what a crash leaves.
const PREFIX: &str = "tmp_objdir-incoming-";

/// A pack that has come whole, and that nobody has looked at. It is a file without a name.
pub struct Spooled(tokio::fs::File);

/// Objects that somebody has sent. Dropping them leaves nothing.
pub struct Incoming {
    real: Repository,
    seen: Repository,
    folder: TempDir,
}

impl Repository {
    /// Waits until a pack has come. None where it is too large.
    pub async fn spool(&self, pack: impl AsyncRead + Unpin) -> Result<Option<Spooled>> {
        let mut file = tokio::fs::File::from_std(tempfile::tempfile_in(&self.root)?);
        if tokio::io::copy(&mut pack.take(MAX_PACK + 1), &mut file).await? > MAX_PACK {
            return Ok(None);
        }
        file.rewind().await?;
        Ok(Some(Spooled(file)))
    }

    /// Takes a pack in. [`GitError::Refused`] where it is not sound by itself.
    pub async fn receive(&self, Spooled(mut pack): Spooled) -> Result<Incoming> {
        let objects = self.git.dir().join("objects");
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(&objects)?;
        for inside in ["pack", "info"] {
            fs::create_dir(folder.path().join(inside))?;
        }
        // Relative, so that no name of a folder above means anything to Git.
        fs::write(folder.path().join("info/alternates"), "..\n")?;
        let seen = Self { git: self.git.with_objects(folder.path()), root: self.root.clone() };
        let mut head = [0; 12];
        let is_there = pack.read_exact(&mut head).await.is_ok();
        if !is_there || &head[..4] != b"PACK" {
            return Err(GitError::Refused("this is no pack".to_owned()));
        }
        let count = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
        if count > MAX_OBJECTS {
            let why = format!("the pack has {count} objects, and one push brings at most {MAX_OBJECTS}; push in parts");
            return Err(GitError::Refused(why));
        }
        seen.index(head.as_slice().chain(pack)).await?;
        Ok(Incoming { real: self.clone(), seen, folder })
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
        // What is packed small may be large. The largest that may be is the folder of a very large dataset.
        command.env("GIT_ALLOC_LIMIT", "128m");
        let refused = |why: &str| Err(GitError::Refused(format!("the pack was not taken: {why}")));
        let said = match run_from(&mut command, pack, 1 << 10, PATIENCE).await {
            Err(GitError::Failed(how)) => {
                tracing::warn!(how, "a pack could not be unpacked");
                return refused("unpacking it takes too long; push in parts");
            }
            said => said?,
        };
        if said.code == 0 {
            return Ok(());
        }
        tracing::info!(complaint = said.complaint, "a pack was refused");
        let last = said.complaint.lines().rev().find_map(|line| line.strip_prefix("fatal: "));
        // The reasons that Git gives speak of objects, never of folders.
        refused(last.filter(|line| !line.contains('/')).unwrap_or("its objects are not sound"))
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

    /// The ids of all objects that have come, with those that deltas among them are based on.
    pub(super) async fn packed(&self) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(self.folder.path().join("pack"))? {
            let path = entry?.path();
            if path.extension() != Some("idx".as_ref()) {
                continue;
            }
            let mut command = self.seen.git.command(["show-index", "--object-format=sha1"]);
            let output = run(&mut command, tokio::fs::read(path).await?, MAX_OUTPUT).await?.succeeded()?;
            let listed = String::from_utf8_lossy(&output);
            // Each line says where an object is in the pack, and which one.
            ids.extend(listed.lines().filter_map(|line| line.split(' ').nth(1)).map(str::to_owned));
        }
        Ok(ids)
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
        let update = async |repository: &Repository, end: &str| {
            let lines = format!("{lines}prepare\n{end}\n").into_bytes();
            updated(repository.git.run(["update-ref", "--stdin"], lines).await?)
        };
        // Everything but the last step, so that nothing comes in that no reference will lead to.
        update(&self.seen, "abort").await?;
        let from = self.folder.path().join("pack");
        adopt(&from, &self.real.git.dir().join("objects/pack"))?;
        update(&self.real, "commit").await
    }

    /// The full name of the branch.
    pub fn branch() -> String {
        format!("refs/heads/{BRANCH}")
    }
}

/// What `update-ref` has said.
fn updated(said: Said) -> Result<()> {
    if said.code != 0 && said.complaint.contains("cannot lock ref") {
        return Err(GitError::Busy);
    }
    said.succeeded().map(drop)
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
