//! One storage site that is open: bytes are brought there, read, listed and removed.
//!
//! ```text
//! <folder or prefix>/ocellus-<base>/aa/bb/<hash>-<random>
//! ```
//!
//! Every name is used once: so nothing is ever overwritten, and what is removed is never what somebody has just brought.

use super::failure::{SiteFailure, for_the_log};
use crate::model::{SiteTest, SiteTestStep};
use crate::server::blobs::StagedBlob;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload};
use std::future::Future;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::io::AsyncReadExt;

/// What is larger is brought in parts of this size, in bytes.
const PART: usize = 8 * 1024 * 1024;

type Result<T> = std::result::Result<T, SiteFailure>;

/// A storage site that is open.
#[derive(Debug)]
pub struct RemoteSite {
    /// What the log calls it.
    pub name: String,
    /// Where its objects are.
    pub store: Arc<dyn ObjectStore>,
    /// What all their names begin with.
    pub base: Path,
    /// The folder that has to be there, of one that is a folder: what takes its place while it is not mounted is not it.
    pub home: Option<PathBuf>,
    /// How long one request may take, with all that is tried again.
    pub most: Duration,
}

/// An object of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its name, below the base.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// When it was brought.
    pub modified: SystemTime,
}

impl RemoteSite {
    /// Brings a staged file, and gives the name of its object. When this returns, the bytes are safe; otherwise nothing of them is
    /// left, but for what a site keeps that no longer answers.
    pub async fn put(&self, staged: &StagedBlob) -> Result<String> {
        self.must_be_home().await?;
        let hash = &staged.hash;
        let object = format!("{}/{}/{hash}-{:016x}", &hash[..2], &hash[2..4], rand::random::<u64>());
        let location = self.location(&object);
        let mut file = tokio::fs::File::open(staged.path()).await.map_err(|error| self.own_fault(&error))?;
        if staged.size <= PART as u64 {
            let bytes = self.next_part(&mut file).await?;
            if let Err(failure) = self.within("writing", self.store.put(&location, PutPayload::from(bytes))).await {
                self.discard(&location).await;
                return Err(failure);
            }
            return Ok(object);
        }
        let mut upload = self.within("writing", self.store.put_multipart(&location)).await?;
        let parts = async {
            loop {
                let part = self.next_part(&mut file).await?;
                if part.is_empty() {
                    break;
                }
                self.within("writing", upload.put_part(PutPayload::from(part))).await?;
            }
            self.within("writing", upload.complete()).await
        };
        if let Err(failure) = parts.await {
            // One that cannot be ended either is ended by the rules of the bucket.
            let _ = self.within("ending an upload", upload.abort()).await;
            self.discard(&location).await;
            return Err(failure);
        }
        Ok(object)
    }

    /// A part of an object.
    pub async fn read(&self, object: &str, range: Range<u64>) -> Result<Bytes> {
        let length = range.end.saturating_sub(range.start);
        if length == 0 {
            return Ok(Bytes::new());
        }
        let location = self.location(object);
        let bytes = self.timed("reading", self.store.get_range(&location, range), SiteFailure::of_reading).await?;
        // Some servers cut what is too long.
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(SiteFailure::Lost) }
    }

    /// The length of an object, if it is there.
    pub async fn size(&self, object: &str) -> Result<Option<u64>> {
        let location = self.location(object);
        match self.timed("looking", self.store.head(&location), SiteFailure::of_reading).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(SiteFailure::Lost) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Removes an object. One that is not there is gone as well.
    pub async fn delete(&self, object: &str) -> Result<()> {
        let location = self.location(object);
        match self.timed("deleting", self.store.delete(&location), SiteFailure::of_reading).await {
            Err(SiteFailure::Lost) => Ok(()),
            other => other,
        }
    }

    /// All objects. However many there are, each page of the list has to come in time.
    pub async fn list(&self) -> Result<Vec<Object>> {
        self.must_be_home().await?;
        let mut found = Vec::new();
        let mut objects = self.store.list(Some(&self.base));
        while let Some(meta) = self.within("listing", objects.try_next()).await? {
            let name = meta
                .location
                .prefix_match(&self.base)
                .map(|rest| rest.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/"));
            if let Some(name) = name {
                found.push(Object { name, size: meta.size, modified: meta.last_modified.into() });
            }
        }
        Ok(found)
    }

    /// Writes, reads and deletes something small.
    pub async fn test(&self) -> SiteTest {
        let object = format!("test-{:016x}", rand::random::<u64>());
        let location = self.location(&object);
        let bytes = Bytes::from(format!("This tests a storage site: {object}"));
        let mut steps = Vec::new();
        let mut write = Box::pin(async {
            self.must_be_home().await?;
            self.within("writing", self.store.put(&location, PutPayload::from(bytes.clone()))).await.map(drop)
        });
        let written = step(&mut steps, "write", &mut write).await;
        if written {
            let read = async {
                let there = self.read(&object, 0..bytes.len() as u64).await?;
                if there == bytes { Ok(()) } else { Err(SiteFailure::Lost) }
            };
            let read = step(&mut steps, "read", Box::pin(read)).await;
            let deleted = step(&mut steps, "delete", Box::pin(self.delete(&object))).await;
            return SiteTest { ok: read && deleted, steps };
        }
        self.discard(&location).await;
        SiteTest { ok: false, steps }
    }

    fn location(&self, object: &str) -> Path {
        Path::from_iter(self.base.parts().chain(Path::from(object).parts()))
    }

    async fn must_be_home(&self) -> Result<()> {
        let Some(home) = &self.home else { return Ok(()) };
        match tokio::time::timeout(self.most, tokio::fs::metadata(home)).await {
            Ok(Ok(metadata)) if metadata.is_dir() => Ok(()),
            _ => {
                tracing::warn!(site = self.name, "the folder of a storage site is not there");
                Err(SiteFailure::Down)
            }
        }
    }

    /// Removes what an attempt may have left that is taken for failed, as far as the site lets it.
    async fn discard(&self, location: &Path) {
        let _ = tokio::time::timeout(self.most, self.store.delete(location)).await;
    }

    async fn next_part(&self, file: &mut tokio::fs::File) -> Result<Bytes> {
        let mut part = BytesMut::with_capacity(PART);
        let mut rest = file.take(PART as u64);
        while rest.read_buf(&mut part).await.map_err(|error| self.own_fault(&error))? > 0 {}
        Ok(part.freeze())
    }

    /// What was staged cannot be read: nothing that the site could help.
    fn own_fault(&self, error: &std::io::Error) -> SiteFailure {
        tracing::error!(site = self.name, %error, "a staged file cannot be read");
        SiteFailure::Lost
    }

    async fn within<T>(&self, what: &str, work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
        self.timed(what, work, SiteFailure::of).await
    }

    async fn timed<T>(
        &self,
        what: &str,
        work: impl Future<Output = object_store::Result<T>>,
        kind: fn(&Error) -> SiteFailure,
    ) -> Result<T> {
        match tokio::time::timeout(self.most, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::warn!(site = self.name, error = for_the_log(&error), "{what} failed at a storage site");
                Err(kind(&error))
            }
            Err(_) => {
                tracing::warn!(site = self.name, "{what} took too long at a storage site");
                Err(SiteFailure::Down)
            }
        }
    }
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
