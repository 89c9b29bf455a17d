//! One storage site that is open: bytes are brought there, read, listed and removed.
//!
//! ```text
//! <folder or prefix>/ocellus-<base>/aa/bb/<hash>-<random>
//! ```
//!
//! Every name is used once: so nothing is ever overwritten, and what is removed is never what somebody has just brought.

use super::failure::{Fault, SiteFailure};
use crate::model::{SiteTest, SiteTestStep};
use crate::server::blobs::StagedBlob;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};
use tokio::io::AsyncReadExt;

/// What is larger is brought in parts of at least this size, in bytes.
pub(super) const PART: u64 = 8 * 1024 * 1024;
/// What comes more slowly than this is given up, in bytes an hour: some 100 kB a second.
const SLOWEST: u64 = 360_000_000;

type Result<T> = std::result::Result<T, SiteFailure>;

/// What keeps the objects of a storage site.
#[async_trait]
pub trait Objects: fmt::Debug + Send + Sync {
    /// Makes an object of a staged file. If that fails, nothing of it is left, but for what a site keeps that no longer answers.
    async fn put(&self, object: &str, staged: &Path, size: u64) -> Result<()>;
    /// Makes an object of a few bytes.
    async fn put_small(&self, object: &str, bytes: Bytes) -> Result<()>;
    /// A part of an object, which is not empty.
    async fn read(&self, object: &str, range: Range<u64>) -> Result<Bytes>;
    /// The length of an object, if it is there.
    async fn size(&self, object: &str) -> Result<Option<u64>>;
    /// Removes an object. One that is not there is gone as well.
    async fn delete(&self, object: &str) -> Result<()>;
    /// All objects.
    async fn list(&self) -> Result<Vec<Object>>;
}

/// A storage site that is open.
#[derive(Debug)]
pub struct RemoteSite {
    objects: Box<dyn Objects>,
}

/// An object of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name, below the base.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// When it was brought; where it came in several parts, perhaps when the first one came.
    pub modified: SystemTime,
}

/// How many hours it may take to bring something of this size in parts.
pub fn hours(size: u64) -> u32 {
    if size <= PART { 0 } else { u32::try_from(1 + size / SLOWEST).unwrap_or(u32::MAX) }
}

pub(super) fn longest(size: u64) -> Duration {
    Duration::from_secs(3600) * hours(size)
}

impl RemoteSite {
    /// A site whose objects are kept by this.
    pub fn new(objects: impl Objects + 'static) -> Self {
        Self { objects: Box::new(objects) }
    }

    /// Brings a staged file, and gives the name of its object. When this returns, the bytes are safe. It has to run to its end: a
    /// bucket keeps the parts of an upload that is neither completed nor ended.
    pub async fn put(&self, staged: &StagedBlob) -> Result<String> {
        let hash = &staged.hash;
        let object = format!("{}/{}/{hash}-{:016x}", &hash[..2], &hash[2..4], rand::random::<u64>());
        self.objects.put(&object, staged.path(), staged.size).await?;
        Ok(object)
    }

    /// A part of an object.
    pub async fn read(&self, object: &str, range: Range<u64>) -> Result<Bytes> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        self.objects.read(object, range).await
    }

    /// The length of an object, if it is there.
    pub async fn size(&self, object: &str) -> Result<Option<u64>> {
        self.objects.size(object).await
    }

    /// Removes an object. One that is not there is gone as well.
    pub async fn delete(&self, object: &str) -> Result<()> {
        self.objects.delete(object).await
    }

    /// All objects.
    pub async fn list(&self) -> Result<Vec<Object>> {
        self.objects.list().await
    }

    /// Writes, reads and deletes something small.
    pub async fn test(&self) -> SiteTest {
        let object = format!("test-{:016x}", rand::random::<u64>());
        let bytes = Bytes::from(format!("This tests a storage site: {object}"));
        let mut steps = Vec::new();
        let ok = step(&mut steps, "write", self.objects.put_small(&object, bytes.clone())).await;
        if !ok {
            return SiteTest { ok, steps };
        }
        let read = async {
            let there = self.read(&object, 0..bytes.len() as u64).await?;
            if there == bytes { Ok(()) } else { Err(SiteFailure::Lost) }
        };
        let read = step(&mut steps, "read", Box::pin(read)).await;
        let deleted = step(&mut steps, "delete", self.delete(&object)).await;
        SiteTest { ok: read && deleted, steps }
    }
}

/// Waits for something that a site is asked for, but no longer than this, and writes down what went wrong.
pub(super) async fn timed<T>(
    site: &str,
    what: &str,
    most: Duration,
    work: impl Future<Output = std::result::Result<T, Fault>>,
) -> Result<T> {
    match tokio::time::timeout(most, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(Fault { failure, said })) => {
            tracing::warn!(site, error = said, "{what} failed at a storage site");
            Err(failure)
        }
        Err(_) => {
            tracing::warn!(site, "{what} took too long at a storage site");
            Err(SiteFailure::Down)
        }
    }
}

/// Opens a staged file.
pub(super) async fn read_staged(site: &str, staged: &Path) -> Result<tokio::fs::File> {
    tokio::fs::File::open(staged).await.map_err(|error| own_fault(site, &error))
}

/// The next so many bytes of a staged file.
pub(super) async fn next_part(site: &str, file: &mut tokio::fs::File, size: u64) -> Result<Bytes> {
    let length = usize::try_from(size).map_err(|error| own_fault(site, &std::io::Error::other(error)))?;
    let mut part = BytesMut::with_capacity(length);
    let mut rest = file.take(size);
    // A full buffer would grow if more were asked for.
    while part.len() < length {
        if rest.read_buf(&mut part).await.map_err(|error| own_fault(site, &error))? == 0 {
            return Err(own_fault(site, &std::io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(part.freeze())
}

/// What was staged cannot be read: nothing that the site could help.
fn own_fault(site: &str, error: &std::io::Error) -> SiteFailure {
    tracing::error!(site, %error, "a staged file cannot be read");
    SiteFailure::Lost
}

/// Does one step of a test, and says whether it worked.
async fn step(steps: &mut Vec<SiteTestStep>, name: &str, work: impl Future<Output = Result<()>>) -> bool {
    let begun = Instant::now();
    let error = work.await.err().map(|failure| in_a_test(failure).to_owned());
    let milliseconds = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let ok = error.is_none();
    steps.push(SiteTestStep { step: name.to_owned(), milliseconds, error });
    ok
}

/// What comes of a test of a site that cannot even be opened.
pub fn not_opened(failure: SiteFailure) -> SiteTest {
    let error = Some(in_a_test(failure).to_owned());
    SiteTest { ok: false, steps: vec![SiteTestStep { step: "write".to_owned(), milliseconds: 0, error }] }
}

/// What a failure means to whoever looks after the site.
fn in_a_test(failure: SiteFailure) -> &'static str {
    match failure {
        SiteFailure::Down => "it did not answer in time, or said that something is wrong with it",
        SiteFailure::Full => "it has no room",
        SiteFailure::Refused => {
            "it refused this: look at the key and its rights, the bucket and the region, or the folder's owner"
        }
        SiteFailure::Lost => "what was written was not there, or was something else",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_parts_is_waited_for_by_its_size() {
        assert_eq!([0, PART, PART + 1, SLOWEST, 10 * SLOWEST].map(hours), [0, 0, 1, 2, 11]);
    }

    #[tokio::test]
    async fn parts_are_as_large_as_they_are_wanted() {
        let staged = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(staged.path(), vec![1; 100_000]).unwrap();
        let mut file = read_staged("a", staged.path()).await.unwrap();
        for (size, expected) in [(70_000, Some(70_000)), (0, Some(0)), (30_000, Some(30_000)), (1, None)] {
            let part = next_part("a", &mut file, size).await;
            assert_eq!(part.ok().map(|part| part.len()), expected, "{size}");
        }
    }
}
