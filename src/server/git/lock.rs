//! One writer at a time, across all servers that share the folder.

use super::{GitError, Result};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long to wait for others.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to look whether they are done.
const PAUSE: Duration = Duration::from_millis(15);
/// Git holds its own locks for moments. One that is older was left behind by a program that was killed.
const LEFTOVER_AGE: Duration = Duration::from_secs(5);
/// What Git locks while it moves a branch or makes a tag.
const GIT_LOCKS: [&str; 3] = ["refs/heads/main.lock", "HEAD.lock", "packed-refs.lock"];

/// The right to write to a repository. It ends when this is dropped, or with the program.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    pub(super) async fn take(dir: &Path) -> Result<Self> {
        let file = File::options().create(true).truncate(false).write(true).open(dir.join("ocellus.lock"))?;
        let started = tokio::time::Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                Err(TryLockError::WouldBlock) => return Err(GitError::Busy),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
        for path in GIT_LOCKS.iter().map(|name| dir.join(name)).chain(tag_locks(dir)?) {
            wait_for_leftover(&path).await?;
        }
        Ok(Self { _file: file })
    }
}

/// The locks on tags that there are.
fn tag_locks(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir.join("refs/tags")) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // No tag is called so.
        found.extend((path.extension() == Some("lock".as_ref())).then_some(path));
    }
    Ok(found)
}

/// Removes a lock of Git's that nobody can hold any more. The program that was killed may have left a Git behind that is just
/// finishing: so a young one is given its time.
async fn wait_for_leftover(path: &Path) -> Result<()> {
    // A clock that was set back may have made it in the future.
    let started = tokio::time::Instant::now();
    while let Ok(metadata) = std::fs::metadata(path) {
        let age = SystemTime::now().duration_since(metadata.modified()?).unwrap_or_default();
        if age.max(started.elapsed()) > LEFTOVER_AGE {
            tracing::warn!("removed a lock that a killed git had left in a dataset's repository");
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => return Ok(()),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
