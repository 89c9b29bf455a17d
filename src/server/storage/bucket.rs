//! A storage site that is a bucket, or whatever else `object_store` speaks to.

use super::failure::{Fault, SiteFailure};
use super::remote::{Object, Objects, PART, longest, next_part, read_staged, timed};
use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// No upload has more parts than this, by the rules of S3.
const MAX_PARTS: u64 = 10_000;

/// A bucket in which a storage site has its objects.
#[derive(Debug)]
pub struct BucketSite {
    /// What the log calls it.
    pub name: String,
    /// Where its objects are.
    pub store: Arc<dyn ObjectStore>,
    /// What all their names begin with.
    pub base: Path,
    /// How long one request may take, with all that is tried again.
    pub most: Duration,
}

/// How large the parts are in which something of this size is brought, in bytes.
fn part_of(size: u64) -> u64 {
    PART.max(size.div_ceil(MAX_PARTS))
}

impl BucketSite {
    fn location(&self, object: &str) -> Path {
        Path::from_iter(self.base.parts().chain(Path::from(object).parts()))
    }

    /// Removes what an attempt may have left that is taken for failed, as far as the site lets it.
    async fn discard(&self, location: &Path) {
        let _ = tokio::time::timeout(self.most, self.store.delete(location)).await;
    }

    async fn within<T>(
        &self,
        what: &str,
        work: impl Future<Output = object_store::Result<T>>,
    ) -> Result<T, SiteFailure> {
        self.timed(what, work, SiteFailure::of).await
    }

    async fn timed<T>(
        &self,
        what: &str,
        work: impl Future<Output = object_store::Result<T>>,
        kind: fn(&Error) -> SiteFailure,
    ) -> Result<T, SiteFailure> {
        let work = async { work.await.map_err(|error| Fault::of_store(kind(&error), &error)) };
        timed(&self.name, what, self.most, work).await
    }

    async fn put_parts(&self, location: &Path, file: &mut tokio::fs::File, size: u64) -> Result<(), SiteFailure> {
        let mut upload = self.within("writing", self.store.put_multipart(location)).await?;
        let parts = async {
            let mut left = size;
            while left > 0 {
                let part = next_part(&self.name, file, left.min(part_of(size))).await?;
                left -= part.len() as u64;
                self.within("writing", upload.put_part(PutPayload::from(part))).await?;
            }
            self.within("writing", upload.complete()).await.map(drop)
        };
        // Its object counts as old as its beginning: whoever looks for what is left over waits for as long.
        let sent = tokio::time::timeout(longest(size), parts).await.unwrap_or(Err(SiteFailure::Down));
        if sent.is_err() {
            // One that cannot be ended either is ended by the rules of the bucket.
            let _ = self.within("ending an upload", upload.abort()).await;
        }
        sent
    }
}

#[async_trait]
impl Objects for BucketSite {
    async fn put(&self, object: &str, staged: &std::path::Path, size: u64) -> Result<(), SiteFailure> {
        let mut file = read_staged(&self.name, staged).await?;
        if size <= PART {
            return self.put_small(object, next_part(&self.name, &mut file, size).await?).await;
        }
        let location = self.location(object);
        let sent = self.put_parts(&location, &mut file, size).await;
        if sent.is_err() {
            self.discard(&location).await;
        }
        sent
    }

    async fn put_small(&self, object: &str, bytes: Bytes) -> Result<(), SiteFailure> {
        let location = self.location(object);
        let sent = self.within("writing", self.store.put(&location, PutPayload::from(bytes))).await;
        if sent.is_err() {
            self.discard(&location).await;
        }
        sent.map(drop)
    }

    async fn read(&self, object: &str, range: Range<u64>) -> Result<Bytes, SiteFailure> {
        let length = range.end.saturating_sub(range.start);
        let location = self.location(object);
        let bytes = self.timed("reading", self.store.get_range(&location, range), SiteFailure::of_reading).await?;
        // Some servers cut what is too long.
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(SiteFailure::Lost) }
    }

    async fn size(&self, object: &str) -> Result<Option<u64>, SiteFailure> {
        let location = self.location(object);
        match self.timed("looking", self.store.head(&location), SiteFailure::of_reading).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(SiteFailure::Lost) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    async fn delete(&self, object: &str) -> Result<(), SiteFailure> {
        let location = self.location(object);
        match self.timed("deleting", self.store.delete(&location), SiteFailure::of_reading).await {
            Err(SiteFailure::Lost) => Ok(()),
            other => other,
        }
    }

    async fn list(&self) -> Result<Vec<Object>, SiteFailure> {
        let mut found = Vec::new();
        let mut objects = self.store.list(Some(&self.base));
        // However many there are, each page of the list has to come in time.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_upload_has_too_many_parts() {
        for size in [1, PART, PART + 1, PART * MAX_PARTS, PART * MAX_PARTS + 1, 5_000_000_000_000] {
            let part = part_of(size);
            assert!(part >= PART && size.div_ceil(part) <= MAX_PARTS, "{size}");
        }
    }
}
