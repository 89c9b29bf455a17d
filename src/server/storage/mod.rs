//! Storage sites: bytes of datasets that are not in the site's own folder.
//!
//! [`allowed`] says where there may be any, [`sealing`] keeps their credentials, [`remote`] speaks to one that is open, and
//! [`failure`] tells apart what can be wrong with it. [`Storage`] opens them as the database knows them.

pub mod allowed;
pub mod failure;
pub mod remote;
mod s3;
pub mod sealing;

use super::blobs::{BlobError, Elsewhere, StagedBlob};
use super::config::Config;
use super::errors::internal;
use super::store::blob_sites::{self, Whereabouts};
use super::store::storage_sites::{self, SiteRow};
use super::store::{Db, StoreError};
use crate::model::{AppError, SiteCredentials, SitePlace, SiteTest};
use allowed::Allowed;
use async_trait::async_trait;
use bytes::Bytes;
use failure::SiteFailure;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use remote::RemoteSite;
use sealing::Sealing;
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use s3::prepare_tls;

/// So much is read of an object at once, in bytes: whoever takes it slowly keeps no connection to the site waiting.
const CHUNK: u64 = 4 * 1024 * 1024;

/// The storage sites of this server. Clones share what is open.
#[derive(Clone, Debug)]
pub struct Storage {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    db: Db,
    allowed: Allowed,
    sealing: Sealing,
    most: Duration,
    /// Those that are open, with the revision that they were opened at.
    open: Mutex<HashMap<i64, (i64, Arc<RemoteSite>)>>,
}

/// What a new storage site is like in the database.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What its objects' names begin with.
    pub base: String,
    /// Its credentials, encrypted.
    pub credentials: Option<String>,
}

impl Storage {
    /// As the settings want it.
    pub fn new(db: Db, config: &Config) -> Self {
        prepare_tls();
        let allowed = Allowed::new(&config.storage_roots, &config.storage_endpoints, &config.data_dir);
        let sealing = Sealing::new(config.storage_key, &config.data_dir);
        let most = Duration::from_secs(config.storage_seconds);
        Self { shared: Arc::new(Shared { db, allowed, sealing, most, open: Mutex::default() }) }
    }

    /// Where there may be storage sites.
    pub fn allowed(&self) -> &Allowed {
        &self.shared.allowed
    }

    /// Checks a place for a new site, makes its folder, and encrypts its credentials.
    pub async fn prepare(
        &self,
        place: &mut SitePlace,
        credentials: Option<&SiteCredentials>,
    ) -> Result<Prepared, AppError> {
        let base = format!("ocellus-{:032x}", rand::random::<u128>());
        let (this, mut checked, sub) = (self.clone(), place.clone(), base.clone());
        let work = move || {
            this.shared.allowed.check_new(&mut checked)?;
            if let SitePlace::Folder { folder } = &checked {
                std::fs::create_dir(PathBuf::from(folder).join(&sub))
                    .map_err(|error| internal("making the folder of a storage site", &error))?;
            }
            Ok::<_, AppError>(checked)
        };
        *place = tokio::task::spawn_blocking(work).await.map_err(|error| internal("a storage site", &error))??;
        let credentials = match credentials {
            None => None,
            Some(credentials) => Some(self.seal(credentials, place)?),
        };
        Ok(Prepared { base, credentials })
    }

    /// Encrypts credentials for this place.
    pub fn seal(&self, credentials: &SiteCredentials, place: &SitePlace) -> Result<String, AppError> {
        let sealed = self.shared.sealing.seal(credentials, &written(place)?);
        sealed.map_err(|error| internal("encrypting the credentials of a storage site", &error))
    }

    /// The site with this number, open.
    pub async fn site(&self, id: i64) -> Result<Arc<RemoteSite>, BlobError> {
        let row = match storage_sites::row(&self.shared.db, id).await {
            Err(StoreError::NotFound(_)) => return Err(SiteFailure::Lost.into()),
            row => row?,
        };
        // Settings and links change: asked each time.
        let (this, place) = (self.clone(), row.place.clone());
        let permitted = tokio::task::spawn_blocking(move || this.shared.allowed.permits(&place));
        match tokio::time::timeout(self.shared.most, permitted).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => {
                let is_folder = matches!(row.place, SitePlace::Folder { .. });
                tracing::warn!(
                    site = row.name,
                    "the settings do not allow this storage site, or its folder is not there"
                );
                return Err(if is_folder { SiteFailure::Down } else { SiteFailure::Refused }.into());
            }
            _ => return Err(SiteFailure::Down.into()),
        }
        let known = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some((_, site)) = known.filter(|(revision, _)| *revision == row.revision) {
            return Ok(site);
        }
        let site = Arc::new(self.opened(&row)?);
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(id, (row.revision, site.clone()));
        Ok(site)
    }

    fn opened(&self, row: &SiteRow) -> Result<RemoteSite, BlobError> {
        let most = self.shared.most;
        let (store, base, home): (Arc<dyn ObjectStore>, _, _) = match &row.place {
            SitePlace::Folder { folder } => {
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|_| SiteFailure::Down)?;
                let home = PathBuf::from(folder).join(&row.base);
                (Arc::new(store.with_fsync(true)), row.base.clone(), Some(home))
            }
            SitePlace::S3 { prefix, .. } => {
                let unreadable = |error: &dyn std::fmt::Display| {
                    tracing::error!(site = row.name, %error, "the credentials of a storage site cannot be read");
                    SiteFailure::Refused
                };
                let place = written(&row.place).map_err(|_| SiteFailure::Refused)?;
                let sealed = row.credentials.as_deref().unwrap_or_default();
                let credentials = self.shared.sealing.open(sealed, &place).map_err(|error| unreadable(&error))?;
                let bucket = s3::bucket(&row.place, credentials, most)?;
                let base = if prefix.is_empty() { row.base.clone() } else { format!("{prefix}/{}", row.base) };
                (Arc::new(bucket), base, None)
            }
        };
        Ok(RemoteSite { name: row.name.clone(), store, base: Path::from(base), home, most })
    }

    /// Writes, reads and deletes something small at a site.
    pub async fn test(&self, id: i64) -> Result<SiteTest, BlobError> {
        match self.site(id).await {
            Ok(site) => Ok(site.test().await),
            Err(BlobError::Site(failure)) => Ok(remote::not_opened(failure)),
            Err(other) => Err(other),
        }
    }

    /// Brings staged bytes to a site, and says where they are. They are safe when this returns.
    pub async fn keep(&self, site: i64, staged: &StagedBlob) -> Result<Whereabouts, BlobError> {
        let object = self.site(site).await?.put(staged).await?;
        Ok(Whereabouts::At { site, object })
    }

    /// The first chunk of a blob that some site has, and where the rest is.
    async fn begin(&self, hash: &str, range: &Range<u64>) -> Result<Begun, BlobError> {
        let mut failure = BlobError::NotFound(hash.to_owned());
        let (size, places) = blob_sites::places(&self.shared.db, hash).await?;
        let end = range.end.min(size);
        for (site, object) in places {
            let found = async {
                let site = self.site(site).await?;
                let next = range.start.saturating_add(CHUNK).min(end);
                let first = site.read(&object, range.start..next).await?;
                Ok::<_, BlobError>((site, first, next))
            };
            match found.await {
                Ok((site, first, next)) => return Ok(Begun { first, rest: Rest { site, object, next, end } }),
                // Another site may have the same bytes.
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }
}

struct Begun {
    first: Bytes,
    rest: Rest,
}

/// What is still to be read of an object.
struct Rest {
    site: Arc<RemoteSite>,
    object: String,
    next: u64,
    end: u64,
}

#[async_trait]
impl Elsewhere for Storage {
    async fn stream(
        &self,
        hash: &str,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let Begun { first, rest } = self.begin(hash, &range).await?;
        let rest = stream::try_unfold(rest, |mut rest| async move {
            if rest.next >= rest.end {
                return Ok(None);
            }
            let next = rest.next.saturating_add(CHUNK).min(rest.end);
            let chunk = rest.site.read(&rest.object, rest.next..next).await?;
            rest.next = next;
            Ok(Some((chunk, rest)))
        });
        Ok(stream::once(async { Ok(first) }).chain(rest).boxed())
    }
}

/// A place as the database has it.
pub fn written(place: &SitePlace) -> Result<String, AppError> {
    serde_json::to_string(place).map_err(|error| internal("writing the place of a storage site", &error))
}
