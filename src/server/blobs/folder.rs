//! Blobs in a folder of a local file system.

use super::staging::StagedBlob;
use super::{BlobError, durable, is_hash};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the name of a blob begins while it is being removed; its own name follows.
const REMOVED: &str = "unused-";

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
    /// What was fetched from elsewhere, and goes with this.
    _fetched: Option<StagedBlob>,
}

impl LocalBlob {
    pub(super) fn new(path: PathBuf, size: u64) -> Self {
        Self { path, size, _fetched: None }
    }

    pub(super) fn fetched(staged: StagedBlob) -> Self {
        Self { path: staged.path().to_owned(), size: staged.size, _fetched: Some(staged) }
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
        durable::create_dir_all(&incoming)?;
        Ok(Self { dir: dir.to_owned(), incoming })
    }

    /// Where files are staged: on the same file system, so that keeping one is a rename.
    pub(super) fn incoming(&self) -> &Path {
        &self.incoming
    }

    /// Removes files that a crash left in `incoming`. Younger ones may belong to a server that runs beside this one.
    pub(super) fn remove_leftovers(&self, age: Duration) -> io::Result<()> {
        for entry in fs::read_dir(&self.incoming)? {
            let entry = entry?;
            // Whoever staged the file may have taken it away meanwhile.
            if entry.metadata().is_ok_and(|metadata| is_older(&metadata, age)) {
                if self.put_back(&entry)? {
                    continue;
                }
                match fs::remove_file(entry.path()) {
                    Ok(()) => tracing::info!(file = ?entry.file_name(), "removed the leftover of a broken upload"),
                    Err(error) => tracing::warn!(file = ?entry.file_name(), %error, "could not remove a leftover"),
                }
            }
        }
        Ok(())
    }

    /// Gives a blob back its place that was being removed when the program ended: see [`Folder::remove_unused`]. False for
    /// any other file.
    fn put_back(&self, entry: &fs::DirEntry) -> io::Result<bool> {
        let name = entry.file_name().to_string_lossy().into_owned();
        let hash = name.strip_prefix(REMOVED).and_then(|rest| rest.split('-').next());
        let Some(path) = hash.and_then(|hash| self.path(hash).ok()) else { return Ok(false) };
        // An empty one was only about to take the blob's place.
        if path.try_exists()? || entry.metadata()?.len() == 0 {
            return Ok(false);
        }
        fs::rename(entry.path(), &path)?;
        path.parent().map_or(Ok(()), durable::sync)?;
        Ok(true)
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
        let mut file = staged.into_file();
        while let Err(error) = file.persist_noclobber(&target) {
            if error.error.kind() != io::ErrorKind::AlreadyExists {
                return Err(error.error);
            }
            // Equal names are equal bytes: the one that is there stays, and the temporary file goes as it is dropped. It
            // counts as new from now on, unless it was removed as unused just before it could be told.
            if touch(&target)? {
                break;
            }
            file = error.path;
        }
        // Every folder that may have a new entry, innermost first. Also after "already exists": whoever was quicker may
        // not have come to this point yet, and our caller relies on the blob as much as theirs.
        for dir in [inner, outer, &self.dir] {
            durable::sync(dir)?;
        }
        Ok(())
    }

    /// The names of the blobs that are older than `age`, sorted.
    pub(super) fn older_than(&self, age: Duration) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        for outer in folders(&self.dir)? {
            for inner in folders(&outer)? {
                for entry in fs::read_dir(inner)? {
                    let entry = entry?;
                    let name = entry.file_name().to_string_lossy().into_owned();
                    // Whoever removes blobs may have removed this one meanwhile.
                    if is_hash(&name) && entry.metadata().is_ok_and(|metadata| is_older(&metadata, age)) {
                        found.push(name);
                    }
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes a blob unless it was kept, or kept again, within `age`.
    pub(super) fn remove_unused(&self, path: &Path, age: Duration) -> io::Result<bool> {
        match fs::metadata(path) {
            Ok(metadata) if is_older(&metadata, age) => {}
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => return Ok(false),
        }
        // Taken away and looked at again: whoever keeps the same bytes meanwhile either finds the name free, or has told the
        // file that it is new.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!("{REMOVED}{name}-");
        let away = tempfile::Builder::new().prefix(&prefix).tempfile_in(&self.incoming)?.into_temp_path();
        match fs::rename(path, &away) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            other => other?,
        }
        if is_older(&fs::metadata(&away)?, age) {
            away.close()?;
            return Ok(true);
        }
        match away.persist_noclobber(path) {
            Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
            _ => {
                path.parent().map_or(Ok(()), durable::sync)?;
                Ok(false)
            }
        }
    }

    /// Writes and removes a tiny file.
    pub(super) fn probe(&self) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.incoming)?;
        file.write_all(b"probe")?;
        file.flush()?;
        file.close()
    }
}

fn is_older(metadata: &fs::Metadata, age: Duration) -> bool {
    let modified = metadata.modified().ok();
    modified.and_then(|modified| SystemTime::now().duration_since(modified).ok()).is_some_and(|since| since > age)
}

/// Makes a file's time the present. False if it is not there any more afterwards.
fn touch(path: &Path) -> io::Result<bool> {
    let touched = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
    match touched.and_then(|()| path.try_exists()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        other => other,
    }
}

/// The folders of blobs in a folder: those with two digits as their names.
fn folders(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().len() == 2 && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}
