//! A storage site that is a folder of this machine, or one that is mounted here.
//!
//! Others can often write into such a folder, too. So no link is ever followed: every folder on the way is opened by itself, in the
//! one before it, and none of them may be a link, nor may the object. What was opened is what is used, whatever anybody puts in its
//! place meanwhile; a look at the path beforehand could not promise that. (`openat2` would do the same in one call, but older
//! kernels and many containers refuse it.)
//!
//! A disk that no longer answers keeps the threads that ask it for good. So only a few ask at a time, and everybody else waits for
//! their turn without one.

use super::allowed::Allowed;
use super::failure::{Fault, SiteFailure};
use super::remote::{Object, Objects, PART, next_part, read_staged, timed};
use crate::model::SitePlace;
use async_trait::async_trait;
use bytes::Bytes;
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;

/// So many requests to one folder are under way at a time.
const TURNS: usize = 16;
/// Objects lie in folders of folders; what is deeper is not ours.
const DEPTH: usize = 2;

/// How folders on the way are opened: without asking for the right to list them, where the system knows that.
#[cfg(any(target_os = "linux", target_os = "android"))]
const STEP: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const STEP: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A folder in which a storage site has its objects.
#[derive(Debug)]
pub struct FolderSite {
    name: String,
    most: Duration,
    place: Arc<Place>,
    turns: Arc<Semaphore>,
}

#[derive(Debug)]
struct Place {
    allowed: Allowed,
    folder: SitePlace,
    home: PathBuf,
}

impl FolderSite {
    /// The site of this name below `folder`, where requests may take so long. Nothing is looked at yet.
    pub fn new(name: &str, folder: &str, base: &str, allowed: Allowed, most: Duration) -> Self {
        let home = Path::new(folder).join(base);
        let place = Place { allowed, folder: SitePlace::Folder { folder: folder.to_owned() }, home };
        let turns = Arc::new(Semaphore::new(TURNS));
        Self { name: name.to_owned(), most, place: Arc::new(place), turns }
    }

    /// Does something in the folder, when it is its turn and if the folder is there: what takes its place while it is not mounted
    /// lacks the subfolder that was made at the registration. Settings and links change, so they are asked about each time.
    async fn within<T: Send + 'static>(
        &self,
        what: &str,
        kind: fn(&io::Error) -> SiteFailure,
        work: impl FnOnce(&Home) -> io::Result<T> + Send + 'static,
    ) -> Result<T, SiteFailure> {
        let (place, turns) = (self.place.clone(), self.turns.clone());
        let work = async move {
            let turn = turns.acquire_owned().await.map_err(|error| Fault::new(SiteFailure::Down, &error))?;
            let work = move || {
                // Held by the work, which goes on when nobody waits for it any more.
                let _turn = turn;
                let home = place.open().map_err(|error| Fault::new(SiteFailure::Down, &error))?;
                work(&home).map_err(|error| Fault::new(kind(&error), &error))
            };
            let done = tokio::task::spawn_blocking(work).await;
            done.unwrap_or_else(|panic| Err(Fault::new(SiteFailure::Down, &panic)))
        };
        timed(&self.name, what, self.most, work).await
    }

    /// Removes what an attempt may have left, as far as the site lets it.
    async fn discard(&self, object: &str) {
        let object = object.to_owned();
        let _ = self.within("deleting", of_writing, move |home| home.remove(&object)).await;
    }

    async fn write(&self, to: File, object: &str, staged: &Path, size: u64) -> Result<(), SiteFailure> {
        let mut from = read_staged(&self.name, staged).await?;
        let (mut to, mut left) = (to, size);
        while left > 0 {
            let part = next_part(&self.name, &mut from, left.min(PART)).await?;
            left -= part.len() as u64;
            // Each is brought to the disk by itself: of a large file, that takes longer at the end than one request may.
            let write = move |_: &Home| {
                to.write_all(&part)?;
                to.sync_data()?;
                Ok(to)
            };
            to = self.within("writing", of_writing, write).await?;
        }
        let name = object.to_owned();
        let sync = move |home: &Home| {
            to.sync_all()?;
            home.sync(&name)
        };
        self.within("writing", of_writing, sync).await
    }
}

#[async_trait]
impl Objects for FolderSite {
    async fn put(&self, object: &str, staged: &Path, size: u64) -> Result<(), SiteFailure> {
        let name = object.to_owned();
        let to = self.within("writing", of_writing, move |home| home.create(&name)).await?;
        let written = self.write(to, object, staged, size).await;
        if written.is_err() {
            self.discard(object).await;
        }
        written
    }

    async fn put_small(&self, object: &str, bytes: Bytes) -> Result<(), SiteFailure> {
        let name = object.to_owned();
        let mut to = self.within("writing", of_writing, move |home| home.create(&name)).await?;
        let name = object.to_owned();
        let write = move |home: &Home| {
            to.write_all(&bytes)?;
            to.sync_all()?;
            home.sync(&name)
        };
        let written = self.within("writing", of_writing, write).await;
        if written.is_err() {
            self.discard(object).await;
        }
        written
    }

    async fn read(&self, object: &str, range: Range<u64>) -> Result<Bytes, SiteFailure> {
        let object = object.to_owned();
        self.within("reading", of_reading, move |home| home.read(&object, range)).await
    }

    async fn size(&self, object: &str) -> Result<Option<u64>, SiteFailure> {
        let object = object.to_owned();
        let look = move |home: &Home| match home.file(&object).and_then(|file| file.metadata()) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        };
        self.within("looking", of_reading, look).await
    }

    async fn delete(&self, object: &str) -> Result<(), SiteFailure> {
        let object = object.to_owned();
        let delete = move |home: &Home| match home.remove(&object) {
            Err(error) if is_missing(&error) => Ok(()),
            done => done,
        };
        self.within("deleting", of_writing, delete).await
    }

    async fn list(&self) -> Result<Vec<Object>, SiteFailure> {
        let mut found = Vec::new();
        // However many there are, each folder has to be told in time.
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let list = move |home: &Home| match home.list(&folder) {
                // It was one a moment ago.
                Err(error) if is_missing(&error) => Ok((Vec::new(), Vec::new())),
                found => found,
            };
            let (files, inner) = self.within("listing", of_writing, list).await?;
            found.extend(files);
            folders.extend(inner);
        }
        Ok(found)
    }
}

impl Place {
    fn open(&self) -> io::Result<Home> {
        if !self.allowed.permits(&self.folder) {
            let message = "its folder is not there, or not where the settings allow it";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        Home::open(&self.home)
    }
}

/// A folder that is open, below which no link is followed.
pub(super) struct Home(OwnedFd);

impl Home {
    /// Opens a folder to which no link leads.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut at = rustix::fs::openat(CWD, "/", STEP, Mode::empty())?;
        for part in path.components() {
            match part {
                Component::RootDir => {}
                Component::Normal(name) => at = rustix::fs::openat(&at, name, STEP, Mode::empty())?,
                _ => return Err(io::ErrorKind::InvalidInput.into()),
            }
        }
        Ok(Self(at))
    }

    /// Makes a folder that is new.
    pub(super) fn make(&self, name: &str) -> io::Result<()> {
        rustix::fs::mkdirat(&self.0, name, Mode::from_raw_mode(0o777))?;
        sync(&self.0)
    }

    /// Removes a folder that is empty.
    pub(super) fn unmake(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
    }

    /// The folders that an object is in, from the outer to the inner one, and what it is called there.
    fn way<'o>(&self, object: &'o str, make: bool) -> io::Result<(Vec<OwnedFd>, &'o str)> {
        let mut way = vec![self.0.try_clone()?];
        let mut parts: Vec<&str> = object.split('/').collect();
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let name = parts.pop().unwrap_or_default();
        for part in parts {
            let outer = &way[way.len() - 1];
            if make {
                match rustix::fs::mkdirat(outer, part, Mode::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            let inner = rustix::fs::openat(outer, part, STEP, Mode::empty())?;
            way.push(inner);
        }
        Ok((way, name))
    }

    fn inside<'o>(&self, object: &'o str) -> io::Result<(OwnedFd, &'o str)> {
        let (mut way, name) = self.way(object, false)?;
        Ok((way.pop().ok_or(io::ErrorKind::NotFound)?, name))
    }

    /// Makes an object, which must be new.
    fn create(&self, object: &str) -> io::Result<File> {
        let (mut way, name) = self.way(object, true)?;
        let folder = way.pop().ok_or(io::ErrorKind::NotFound)?;
        let new = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(File::from(rustix::fs::openat(folder, name, new, Mode::from_raw_mode(0o666))?))
    }

    /// Makes sure that an object is found again after a power cut: a file is only as durable as the entries of the folders above.
    fn sync(&self, object: &str) -> io::Result<()> {
        let (way, _) = self.way(object, false)?;
        way.iter().rev().try_for_each(sync)
    }

    fn file(&self, object: &str) -> io::Result<File> {
        let (folder, name) = self.inside(object)?;
        // Whoever opens a pipe would wait for somebody at its other end.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::openat(folder, name, flags, Mode::empty())?);
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn read(&self, object: &str, range: Range<u64>) -> io::Result<Bytes> {
        let length = usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.file(object)?.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    }

    fn remove(&self, object: &str) -> io::Result<()> {
        let (folder, name) = self.inside(object)?;
        Ok(rustix::fs::unlinkat(folder, name, AtFlags::empty())?)
    }

    /// The files in a folder, and its folders. Links are neither: what they lead to is not the site's.
    fn list(&self, folder: &str) -> io::Result<(Vec<Object>, Vec<String>)> {
        let at = match folder {
            "" => readable(&self.0)?,
            folder => {
                let (outer, name) = self.inside(folder)?;
                readable(&rustix::fs::openat(outer, name, STEP, Mode::empty())?)?
            }
        };
        let depth = folder.split('/').filter(|part| !part.is_empty()).count();
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in Dir::new(at.try_clone()?)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if matches!(name, "." | "..") {
                continue;
            }
            let stat = match rustix::fs::statat(&at, name, AtFlags::SYMLINK_NOFOLLOW) {
                // Removed meanwhile.
                Err(Errno::NOENT) => continue,
                stat => stat?,
            };
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory if depth < DEPTH => folders.push(path),
                FileType::RegularFile => {
                    let seconds = u64::try_from(stat.st_mtime).unwrap_or_default();
                    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
                    files.push(Object { name: path, size: u64::try_from(stat.st_size).unwrap_or_default(), modified });
                }
                _ => {}
            }
        }
        Ok((files, folders))
    }
}

/// The same folder, to be read itself.
fn readable(folder: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(folder, ".", flags, Mode::empty())?)
}

/// Writes a folder's entries to disk.
fn sync(folder: &OwnedFd) -> io::Result<()> {
    Ok(rustix::fs::fsync(readable(folder)?)?)
}

fn is_link(error: &io::Error) -> bool {
    // A link where a folder should be is no folder.
    error.kind() == io::ErrorKind::NotADirectory || error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) || is_link(error)
}

fn of_reading(error: &io::Error) -> SiteFailure {
    if is_missing(error) { SiteFailure::Lost } else { of_writing(error) }
}

fn of_writing(error: &io::Error) -> SiteFailure {
    if is_link(error) { SiteFailure::Refused } else { SiteFailure::of_disk(error.kind()).unwrap_or(SiteFailure::Down) }
}

#[cfg(test)]
mod tests;
