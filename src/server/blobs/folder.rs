//! Blobs in a folder of a local file system.

use super::staging::StagedBlob;
use super::{BlobError, is_hash};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A folder of blobs.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    incoming: PathBuf,
}

/// A blob's bytes as a file on this machine.
#[derive(Debug)]
pub struct LocalBlob {
    path: PathBuf,
    size: u64,
}

impl LocalBlob {
    pub(super) fn new(path: PathBuf, size: u64) -> Self {
        Self { path, size }
    }

    /// Where the file is. It must not be written to.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }
}

impl Folder {
    /// Opens the folder, making it and its `incoming` where missing.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let incoming = dir.join("incoming");
        fs::create_dir_all(&incoming)?;
        Ok(Self { dir: dir.to_owned(), incoming })
    }

    /// Where files are staged: on the same file system, so that keeping one is a rename.
    pub(super) fn incoming(&self) -> &Path {
        &self.incoming
    }

    /// Removes files that a crash left in `incoming`. Younger ones may belong to a server that runs beside this one.
    pub(super) fn remove_leftovers(&self, age: Duration) -> io::Result<()> {
        let now = SystemTime::now();
        for entry in fs::read_dir(&self.incoming)? {
            let entry = entry?;
            let modified = entry.metadata().and_then(|metadata| metadata.modified());
            // Whoever staged the file may have taken it away meanwhile.
            let Ok(modified) = modified else { continue };
            if now.duration_since(modified).is_ok_and(|since| since > age) {
                match fs::remove_file(entry.path()) {
                    Ok(()) => tracing::info!(file = ?entry.file_name(), "removed the leftover of a broken upload"),
                    Err(error) => tracing::warn!(file = ?entry.file_name(), %error, "could not remove a leftover"),
                }
            }
        }
        Ok(())
    }

    /// The path of a blob, whether or not it exists.
    pub(super) fn path(&self, hash: &str) -> Result<PathBuf, BlobError> {
        if !is_hash(hash) {
            return Err(BlobError::NotFound(hash.chars().take(80).collect()));
        }
        Ok(self.dir.join(&hash[..2]).join(&hash[2..4]).join(hash))
    }

    /// Gives a staged file its name. When this returns, the blob survives a power cut.
    pub(super) fn keep(&self, staged: StagedBlob) -> io::Result<()> {
        let target = self.path(&staged.hash).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let (Some(inner), Some(outer)) = (target.parent(), target.parent().and_then(Path::parent)) else {
            return Err(io::Error::other("a blob has no folder"));
        };
        File::open(staged.path())?.sync_all()?;
        fs::create_dir_all(inner)?;
        match staged.into_file().persist_noclobber(&target) {
            Ok(()) => {}
            // Equal names are equal bytes: the one that is there stays, and the temporary file goes as it is dropped.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.error),
        }
        // Every folder that may have a new entry, innermost first. Also after "already exists": whoever was quicker may
        // not have come to this point yet, and our caller relies on the blob as much as theirs.
        for dir in [inner, outer, &self.dir] {
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    }

    /// Writes and removes a tiny file.
    pub(super) fn probe(&self) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.incoming)?;
        file.write_all(b"probe")?;
        file.flush()?;
        file.close()
    }
}
