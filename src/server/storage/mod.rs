//! Storage sites: bytes of datasets that are not in the site's own folder.
//!
//! [`allowed`] says where there may be any, [`sealing`] keeps their credentials, [`remote`] speaks to one that is open, be it a
//! [`folder`] or a [`bucket`], and [`failure`] tells apart what can be wrong with it. [`Storage`] opens them as the database knows
//! them.

pub mod allowed;
pub mod bucket;
pub mod failure;
pub mod folder;
pub mod remote;
mod s3;
pub mod sealing;

use super::blobs::{BlobError, Elsewhere, Sites, StagedBlob};
use super::config::Config;
use super::errors::internal;
use super::store::blob_sites::{self, Whereabouts};
use super::store::storage_sites::{self, SiteRow};
use super::store::{Db, StoreError};
use crate::model::site_place::SITE_BASE;
use crate::model::{AppError, SiteCredentials, SiteKind, SitePlace, SiteTest};
use allowed::Allowed;
use async_trait::async_trait;
use bucket::BucketSite;
use bytes::Bytes;
use failure::SiteFailure;
use folder::{FolderSite, Home};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::path::Path;
use remote::RemoteSite;
use sealing::Sealing;
use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tracing::Instrument;

pub use s3::prepare_tls;

/// So much is read of an object at once, in bytes: whoever takes it slowly keeps no connection to the site waiting.
const CHUNK: u64 = 4 * 1024 * 1024;
/// A file that is fetched as a whole has to come at least as quickly, in bytes a second.
const SLOWEST_FETCH: u64 = 1_000_000;

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

    /// Does something that may have to wait for a disk.
    async fn blocking<T: Send + 'static>(
        &self,
        what: &str,
        work: impl FnOnce(&Shared) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let shared = self.shared.clone();
        let done = tokio::task::spawn_blocking(move || work(&shared)).await;
        done.unwrap_or_else(|panic| Err(internal(what, &panic)))
    }

    /// Checks a place for a new site, makes its folder, and encrypts its credentials.
    pub async fn prepare(
        &self,
        place: &mut SitePlace,
        credentials: Option<&SiteCredentials>,
    ) -> Result<Prepared, AppError> {
        let base = format!("{SITE_BASE}{:032x}", rand::random::<u128>());
        let (mut checked, sub) = (place.clone(), base.clone());
        let work = move |shared: &Shared| {
            shared.allowed.check_new(&mut checked)?;
            if let SitePlace::Folder { folder } = &checked {
                let made = Home::open(folder.as_ref()).and_then(|folder| folder.make(&sub));
                made.map_err(|error| internal("making the folder of a storage site", &error))?;
            }
            Ok(checked)
        };
        *place = self.blocking("a storage site", work).await?;
        let credentials = match credentials {
            None => None,
            Some(credentials) => Some(self.seal(credentials, place).await?),
        };
        Ok(Prepared { base, credentials })
    }

    /// Removes what [`prepare`](Self::prepare) has made for a site that there will not be.
    pub async fn unmake(&self, place: &SitePlace, base: &str) {
        let SitePlace::Folder { folder } = place else { return };
        let (folder, base) = (folder.clone(), base.to_owned());
        let unmake = move || Home::open(folder.as_ref())?.unmake(&base);
        let gone = tokio::task::spawn_blocking(unmake).await;
        if let Err(error) = gone.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
            tracing::warn!(%error, "the folder of a storage site that was not registered could not be removed");
        }
    }

    /// Encrypts credentials for this place.
    pub async fn seal(&self, credentials: &SiteCredentials, place: &SitePlace) -> Result<String, AppError> {
        const WHAT: &str = "encrypting the credentials of a storage site";
        let (credentials, place) = (credentials.clone(), written(place)?);
        let seal = move |shared: &Shared| {
            let sealed = shared.sealing.seal(&credentials, &place);
            sealed.map_err(|error| internal(WHAT, &error))
        };
        self.blocking(WHAT, seal).await
    }

    /// The site with this number, open.
    pub async fn site(&self, id: i64) -> Result<Arc<RemoteSite>, BlobError> {
        let row = match storage_sites::row(&self.shared.db, id).await {
            Err(StoreError::NotFound(_)) => {
                self.open_sites().remove(&id);
                return Err(SiteFailure::Lost.into());
            }
            row => row?,
        };
        // Settings change: asked each time. Folders ask by themselves, where it may take a while.
        if row.place.kind() == SiteKind::S3 && !self.shared.allowed.permits(&row.place) {
            tracing::warn!(site = row.name, "the settings do not allow this storage site");
            return Err(SiteFailure::Refused.into());
        }
        let known = self.open_sites().get(&id).cloned();
        if let Some((_, site)) = known.filter(|(revision, _)| *revision == row.revision) {
            return Ok(site);
        }
        let revision = row.revision;
        let shared = self.shared.clone();
        let opened = tokio::task::spawn_blocking(move || shared.opened(&row)).await;
        let site = Arc::new(opened.map_err(|panic| BlobError::Io(io::Error::other(panic)))??);
        let mut open = self.open_sites();
        // Whoever was quicker knows who is waiting for it.
        match open.get(&id) {
            Some((known, site)) if *known == revision => return Ok(site.clone()),
            _ => open.insert(id, (revision, site.clone())),
        };
        Ok(site)
    }

    fn open_sites(&self) -> MutexGuard<'_, HashMap<i64, (i64, Arc<RemoteSite>)>> {
        // A panic while the map was locked leaves nothing half done.
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes, reads and deletes something small at a site.
    pub async fn test(&self, id: i64) -> Result<SiteTest, BlobError> {
        match self.site(id).await {
            Ok(site) => Ok(site.test().await),
            Err(BlobError::Site(failure)) => Ok(remote::not_opened(failure)),
            Err(other) => Err(other),
        }
    }

    /// Brings staged bytes to a site, and says where they are. They are safe when this returns. Once begun it goes on to its end,
    /// whether or not anybody still waits for it: a bucket would keep the parts of what is broken off.
    pub async fn keep(&self, site: i64, staged: StagedBlob) -> Result<Whereabouts, BlobError> {
        let open = self.site(site).await?;
        let put = async move { open.put(&staged).await };
        let put = tokio::spawn(put.in_current_span()).await;
        let object = put.map_err(|panic| BlobError::Io(io::Error::other(panic)))??;
        Ok(Whereabouts::At { site, object })
    }

    /// Whether a site has the object that it should have of these bytes, as far as its length tells.
    pub async fn has(&self, site: i64, hash: &str, size: u64) -> Result<bool, BlobError> {
        let Some((_, object)) = blob_sites::object(&self.shared.db, hash, site).await? else { return Ok(false) };
        Ok(self.site(site).await?.size(&object).await? == Some(size))
    }

    /// The first chunk of a blob as a site has it, and where the rest is.
    async fn begin(&self, hash: &str, site: i64, range: &Range<u64>) -> Result<Begun, BlobError> {
        let missing = || BlobError::NotFound(hash.to_owned());
        let (size, object) = blob_sites::object(&self.shared.db, hash, site).await?.ok_or_else(missing)?;
        let site = self.site(site).await?;
        let end = range.end.min(size);
        let next = range.start.saturating_add(CHUNK).min(end);
        let first = site.read(&object, range.start..next).await?;
        Ok(Begun { first, rest: Rest { site, object, next, end } })
    }
}

impl Shared {
    fn opened(&self, row: &SiteRow) -> Result<RemoteSite, SiteFailure> {
        let name = row.name.clone();
        match &row.place {
            SitePlace::Folder { folder } => {
                Ok(RemoteSite::new(FolderSite::new(&name, folder, &row.base, self.allowed.clone(), self.most)))
            }
            SitePlace::S3 { prefix, .. } => {
                let place = written(&row.place).map_err(|_| SiteFailure::Refused)?;
                let sealed = row.credentials.as_deref().unwrap_or_default();
                let credentials = self.sealing.open(sealed, &place).map_err(|error| {
                    tracing::error!(site = name, %error, "the credentials of a storage site cannot be read");
                    SiteFailure::Refused
                })?;
                let store = Arc::new(s3::bucket(&row.place, credentials, self.most)?);
                let base = if prefix.is_empty() { row.base.clone() } else { format!("{prefix}/{}", row.base) };
                Ok(RemoteSite::new(BucketSite { name, store, base: Path::from(base), most: self.most }))
            }
        }
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
    async fn sites(&self, hash: &str) -> Result<Sites, BlobError> {
        let (size, sites) = blob_sites::sites(&self.shared.db, hash).await?;
        let within = self.shared.most * 2 + Duration::from_secs(size / SLOWEST_FETCH);
        Ok(Sites { sites, within })
    }

    async fn stream(
        &self,
        hash: &str,
        site: i64,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError> {
        let Begun { first, rest } = self.begin(hash, site, &range).await?;
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
