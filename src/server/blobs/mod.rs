//! Content-addressed storage: immutable bytes, named by their BLAKE3 hash.
//!
//! Bytes arrive in two steps. [`BlobStore::stage`] streams them to a temporary file while hashing and counting, so that
//! nothing is held in memory and a file that is too large is refused on the way. [`BlobStore::commit`] then gives the file
//! its name: fsync, rename, fsync of the folder. Only afterwards may a database row mention the hash. Between the two
//! steps the caller can look at the file ([`StagedBlob::path`]); a staged blob that is dropped removes itself.
//!
//! ```text
//! <dir>/incoming/…       what is being staged; leftovers of a crash go after a day
//! <dir>/aa/bb/<hash>     the blobs, under the first two pairs of digits of their hashes
//! ```
//!
//! [`Elsewhere`] is the seam for storage sites: staging stays local, since pictures have to be looked at before they are kept. What
//! is read is looked for in the folder first, and then at those sites that the reader names: where the dataset is through which they
//! came. Whoever keeps something says where as well (`versions/bytes.rs`).

pub mod durable;
mod elsewhere;
mod folder;
mod staging;
#[cfg(test)]
mod tests;

use super::storage::failure::SiteFailure;
use super::store::StoreError;
use crate::model::AppError;
use bytes::Bytes;
use folder::Folder;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use std::fmt;
use std::io::{self, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

pub use elsewhere::{Elsewhere, Sites};
pub use folder::LocalBlob;
pub use staging::StagedBlob;

/// How old a file in `incoming` must be before it counts as the leftover of a crash.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// What can go wrong with blobs.
#[derive(Debug)]
pub enum BlobError {
    /// More bytes came than allowed.
    TooLarge {
        /// The limit, in bytes.
        limit_bytes: u64,
    },
    /// The sender stopped or broke off. Says how.
    Interrupted(String),
    /// There is no blob of this name, or it is no name at all.
    NotFound(String),
    /// The file system failed.
    Io(io::Error),
    /// A storage site failed.
    Site(SiteFailure),
    /// Where the bytes are could not be looked up.
    Index(StoreError),
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit_bytes } => {
                write!(f, "the file is larger than the limit of {}", megabytes(*limit_bytes))
            }
            Self::Interrupted(how) => write!(f, "the file did not arrive completely: {how}"),
            Self::NotFound(name) => write!(f, "there is no file `{name}`"),
            Self::Io(error) => write!(f, "blob storage: {error}"),
            Self::Site(failure) => failure.fmt(f),
            Self::Index(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for BlobError {}

impl BlobError {
    /// Whether it says that the bytes are not where they should be, which another place may have.
    fn is_lost(&self) -> bool {
        matches!(self, Self::NotFound(_) | Self::Site(SiteFailure::Lost))
    }

    /// What is said where the bytes must be there: without them something is wrong with this site or with a storage site, not with
    /// the address. `what` was to be done with them.
    pub fn of_known_bytes(self, what: &str) -> AppError {
        match self {
            Self::Site(failure) => failure.into(),
            other => super::errors::internal(what, &other),
        }
    }
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<SiteFailure> for BlobError {
    fn from(failure: SiteFailure) -> Self {
        Self::Site(failure)
    }
}

impl From<StoreError> for BlobError {
    fn from(error: StoreError) -> Self {
        Self::Index(error)
    }
}

impl From<SiteFailure> for AppError {
    fn from(failure: SiteFailure) -> Self {
        match failure {
            SiteFailure::Down => Self::StorageDown(failure.to_string()),
            SiteFailure::Full => Self::StorageFull(failure.to_string()),
            SiteFailure::Refused => Self::StorageRefused(failure.to_string()),
            SiteFailure::Lost => super::errors::internal("reading from a storage site", &failure),
        }
    }
}

impl From<BlobError> for AppError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLarge { .. } => Self::TooLarge(error.to_string()),
            BlobError::Interrupted(_) => Self::invalid(error.to_string()),
            BlobError::NotFound(_) => Self::NotFound(error.to_string()),
            BlobError::Site(failure) => failure.into(),
            BlobError::Index(error) => error.into(),
            BlobError::Io(cause) => super::errors::disk("blob storage", &cause),
        }
    }
}

/// A limit in the unit that people know file sizes in.
fn megabytes(bytes: u64) -> String {
    if bytes >= 1_000_000 { format!("{} MB", bytes / 1_000_000) } else { format!("{bytes} bytes") }
}

/// Whether this can be the name of a blob: 64 lower-case hexadecimal digits. Anything else must never become a path.
pub fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Content-addressed storage. Clones share the same folder.
#[derive(Clone, Debug)]
pub struct BlobStore {
    folder: Arc<Folder>,
    elsewhere: Option<Arc<dyn Elsewhere>>,
    turns: Arc<elsewhere::Turns>,
}

impl BlobStore {
    /// Opens the store in a local folder, which is made if it is missing, and removes what crashes left behind.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let folder = Folder::open(dir)?;
        folder.remove_leftovers(LEFTOVER_AGE)?;
        Ok(Self { folder: Arc::new(folder), elsewhere: None, turns: Arc::default() })
    }

    /// The same, which looks elsewhere for what is not in the folder.
    pub fn with_elsewhere(self, elsewhere: Arc<dyn Elsewhere>) -> Self {
        Self { elsewhere: Some(elsewhere), ..self }
    }

    /// Streams bytes to a temporary file, hashing and counting on the way. More than `limit_bytes` is refused as soon as
    /// it is seen.
    pub async fn stage<S, E>(&self, stream: S, limit_bytes: u64) -> Result<StagedBlob, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: fmt::Display,
    {
        staging::stage(self.folder.incoming(), stream, limit_bytes).await
    }

    /// Does what [`stage`](Self::stage) does, from a reader.
    pub async fn stage_reader(&self, reader: impl AsyncRead + Send, limit_bytes: u64) -> Result<StagedBlob, BlobError> {
        self.stage(ReaderStream::with_capacity(reader, 64 * 1024), limit_bytes).await
    }

    /// Stages bytes that are in memory already.
    pub async fn stage_bytes(&self, bytes: impl Into<Bytes>) -> Result<StagedBlob, BlobError> {
        let bytes = bytes.into();
        self.stage(futures::stream::once(async { Ok::<_, io::Error>(bytes) }), u64::MAX).await
    }

    /// Keeps a staged blob in the folder under its hash, durably. Bytes that are there already are left untouched.
    pub async fn commit(&self, staged: StagedBlob) -> Result<(), BlobError> {
        let folder = self.folder.clone();
        blocking(move || folder.keep(staged)).await
    }

    /// A part of a blob as a stream. Fails at once if it cannot even be begun. What is not in the folder comes from this storage site
    /// as it has it: that of the dataset through which the reader came. Only what that has lost comes from any other one.
    pub async fn stream(
        &self,
        hash: &str,
        site: Option<i64>,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        if let (Some(site), Some(elsewhere), Err(BlobError::NotFound(_))) =
            (site, &self.elsewhere, self.in_folder(hash).await)
        {
            match elsewhere.stream(hash, site, range.clone()).await {
                Err(error) if error.is_lost() => {}
                begun => return begun,
            }
        }
        self.stream_checked(hash, site.as_slice(), range).await
    }

    /// The same for readers who know the hash alone, which is more than one site's: nobody can say whom to believe, so that all of it
    /// is fetched and looked at first.
    pub async fn stream_checked(
        &self,
        hash: &str,
        sites: &[i64],
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let local = self.local(hash, sites).await?;
        // One that was fetched goes at once, but what is open can be read to its end.
        let opened = tokio::fs::File::open(local.path()).await;
        let mut file = opened.map_err(|error| not_found_or_io(error, hash))?;
        file.seek(SeekFrom::Start(range.start)).await?;
        let part = file.take(range.end.saturating_sub(range.start));
        Ok(ReaderStream::with_capacity(part, 64 * 1024).map_err(BlobError::Io).boxed())
    }

    /// A file on this machine with the blob's bytes, for programs that need a path. What is not in the folder is fetched, from these
    /// storage sites or, where they have lost it, from others, and goes when this is dropped. It is what its hash says.
    pub async fn local(&self, hash: &str, sites: &[i64]) -> Result<LocalBlob, BlobError> {
        match (self.in_folder(hash).await, &self.elsewhere) {
            (Err(BlobError::NotFound(_)), Some(elsewhere)) => {
                Ok(LocalBlob::fetched(self.fetch(&**elsewhere, hash, sites).await?))
            }
            (found, _) => found,
        }
    }

    /// A copy of a blob's bytes as if they had just come, so that they can be kept in another place as well. It is looked for like
    /// [`local`](Self::local) does.
    pub async fn copy(&self, hash: &str, sites: &[i64]) -> Result<StagedBlob, BlobError> {
        let local = match (self.in_folder(hash).await, &self.elsewhere) {
            (Err(BlobError::NotFound(_)), Some(elsewhere)) => return self.fetch(&**elsewhere, hash, sites).await,
            (found, _) => found?,
        };
        let file = tokio::fs::File::open(local.path()).await?;
        let staged = self.stage_reader(file, u64::MAX).await?;
        if staged.hash == hash { Ok(staged) } else { Err(BlobError::Io(io::ErrorKind::InvalidData.into())) }
    }

    async fn in_folder(&self, hash: &str) -> Result<LocalBlob, BlobError> {
        let path = self.folder.path(hash)?;
        match tokio::fs::metadata(&path).await {
            Ok(metadata) => Ok(LocalBlob::new(path, metadata.len())),
            Err(error) => Err(not_found_or_io(error, hash)),
        }
    }

    /// Whether there is a blob of this name in the folder.
    pub async fn exists(&self, hash: &str) -> Result<bool, BlobError> {
        match self.in_folder(hash).await {
            Ok(_) => Ok(true),
            Err(BlobError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The names of the files that are older than `age`, sorted.
    pub async fn older_than(&self, age: Duration) -> Result<Vec<String>, BlobError> {
        let folder = self.folder.clone();
        blocking(move || folder.older_than(age)).await
    }

    /// Removes a file that nobody refers to, unless somebody has committed the same bytes within `age`: then a row may be
    /// about to mention it. Says whether it is gone.
    pub async fn remove_unused(&self, hash: &str, age: Duration) -> Result<bool, BlobError> {
        let (path, folder) = (self.folder.path(hash)?, self.folder.clone());
        blocking(move || folder.remove_unused(&path, age)).await
    }

    /// Whether the store can be written to: writes and removes a tiny file.
    pub async fn probe(&self) -> Result<(), BlobError> {
        let folder = self.folder.clone();
        blocking(move || folder.probe()).await
    }
}

fn not_found_or_io(error: io::Error, hash: &str) -> BlobError {
    match error.kind() {
        io::ErrorKind::NotFound => BlobError::NotFound(hash.to_owned()),
        _ => BlobError::Io(error),
    }
}

/// Runs file work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result?),
        Err(panic) => Err(BlobError::Io(io::Error::other(panic))),
    }
}
