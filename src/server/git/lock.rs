//! One writer at a time, across all servers that share the folder.

use super::{GitError, Result};
use std::fs::{File, TryLockError};
use std::path::Path;
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
        for name in GIT_LOCKS {
            wait_for_leftover(&dir.join(name)).await?;
        }
        Ok(Self { _file: file })
    }
}

/// Removes a lock of Git's that nobody can hold any more. The program that was killed may have left a Git behind that is just
/// finishing: so a young one is given its time.
async fn wait_for_leftover(path: &Path) -> Result<()> {
    while let Ok(metadata) = std::fs::metadata(path) {
        let age = SystemTime::now().duration_since(metadata.modified()?).unwrap_or_default();
        if age > LEFTOVER_AGE {
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
