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
//! [`Site`] is the seam for storage elsewhere: staging stays local, since pictures have to be looked at before they are
//! kept, and a site only has to take a finished file, give one back, and say whether it has one.

pub mod durable;
mod folder;
mod staging;
#[cfg(test)]
mod tests;

use crate::model::AppError;
use bytes::Bytes;
use folder::Folder;
use futures::Stream;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

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
        }
    }
}

impl std::error::Error for BlobError {}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<BlobError> for AppError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooLarge { .. } => Self::TooLarge(error.to_string()),
            BlobError::Interrupted(_) => Self::invalid(error.to_string()),
            BlobError::NotFound(_) => Self::NotFound(error.to_string()),
            BlobError::Io(cause) => {
                tracing::error!(error = %cause, "blob storage failed");
                Self::Internal { request_id: String::new() }
            }
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

/// Where finished blobs live.
#[derive(Debug)]
enum Site {
    /// A folder on this machine.
    Folder(Folder),
}

/// Content-addressed storage. Clones share the same site.
#[derive(Clone, Debug)]
pub struct BlobStore {
    site: Arc<Site>,
}

impl BlobStore {
    /// Opens the store in a local folder, which is made if it is missing, and removes what crashes left behind.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let folder = Folder::open(dir)?;
        folder.remove_leftovers(LEFTOVER_AGE)?;
        Ok(Self { site: Arc::new(Site::Folder(folder)) })
    }

    /// Streams bytes to a temporary file, hashing and counting on the way. More than `limit_bytes` is refused as soon as
    /// it is seen.
    pub async fn stage<S, E>(&self, stream: S, limit_bytes: u64) -> Result<StagedBlob, BlobError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: fmt::Display,
    {
        let Site::Folder(folder) = &*self.site;
        staging::stage(folder.incoming(), stream, limit_bytes).await
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

    /// Keeps a staged blob under its hash, durably. Bytes that are there already are left untouched.
    pub async fn commit(&self, staged: StagedBlob) -> Result<(), BlobError> {
        let site = self.site.clone();
        blocking(move || {
            let Site::Folder(folder) = &*site;
            folder.keep(staged)
        })
        .await
    }

    /// Opens a blob for reading.
    pub async fn file(&self, hash: &str) -> Result<tokio::fs::File, BlobError> {
        let local = self.local(hash).await?;
        tokio::fs::File::open(local.path()).await.map_err(|error| not_found_or_io(error, hash))
    }

    /// A file on this machine with the blob's bytes, for programs that need a path.
    pub async fn local(&self, hash: &str) -> Result<LocalBlob, BlobError> {
        let Site::Folder(folder) = &*self.site;
        let path = folder.path(hash)?;
        match tokio::fs::metadata(&path).await {
            Ok(metadata) => Ok(LocalBlob::new(path, metadata.len())),
            Err(error) => Err(not_found_or_io(error, hash)),
        }
    }

    /// Whether there is a blob of this name.
    pub async fn exists(&self, hash: &str) -> Result<bool, BlobError> {
        match self.local(hash).await {
            Ok(_) => Ok(true),
            Err(BlobError::NotFound(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The names of the files that are older than `age`, sorted.
    pub async fn older_than(&self, age: Duration) -> Result<Vec<String>, BlobError> {
        let site = self.site.clone();
        blocking(move || {
            let Site::Folder(folder) = &*site;
            folder.older_than(age)
        })
        .await
    }

    /// Removes a file that nobody refers to, unless somebody has committed the same bytes within `age`: then a row may be
    /// about to mention it. Says whether it is gone.
    pub async fn remove_unused(&self, hash: &str, age: Duration) -> Result<bool, BlobError> {
        let Site::Folder(folder) = &*self.site;
        let (path, site) = (folder.path(hash)?, self.site.clone());
        blocking(move || {
            let Site::Folder(folder) = &*site;
            folder.remove_unused(&path, age)
        })
        .await
    }

    /// Whether the store can be written to: writes and removes a tiny file.
    pub async fn probe(&self) -> Result<(), BlobError> {
        let site = self.site.clone();
        blocking(move || {
            let Site::Folder(folder) = &*site;
            folder.probe()
        })
        .await
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
