//! Bytes that are not in the folder: read where a dataset has them, or fetched from wherever they are.
//!
//! Whoever looks after a storage site can change what is there. A dataset's own site may answer for its files, as those who chose it
//! wanted; any other one is believed only as far as the hash of what it gave goes, which asks for all of the bytes. Others are not
//! even asked while the own site is only down, since they could see who wants what.

use super::{BlobError, BlobStore, StagedBlob};
use crate::server::storage::failure::SiteFailure;
use async_trait::async_trait;
use bytes::Bytes;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// So many files are fetched from one site at a time. A slow one keeps nobody from what others have.
const FETCHES: usize = 8;

/// Where bytes are that are not in the folder.
#[async_trait]
pub trait Elsewhere: fmt::Debug + Send + Sync {
    /// The sites that have a blob.
    async fn sites(&self, hash: &str) -> Result<Sites, BlobError>;
    /// A part of a blob as a site has it, whatever that is. Fails at once if it cannot even be begun.
    async fn stream(
        &self,
        hash: &str,
        site: i64,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes, BlobError>>, BlobError>;
}

/// Where a blob is, and how long fetching it may take.
#[derive(Clone, Debug)]
pub struct Sites {
    /// The numbers of the sites.
    pub sites: Vec<i64>,
    /// So long somebody waits for the whole of it, at each of them.
    pub within: Duration,
}

/// Whose turn it is to fetch something, at each site.
#[derive(Debug, Default)]
pub(super) struct Turns(Mutex<HashMap<i64, Arc<Semaphore>>>);

impl Turns {
    fn at(&self, site: i64) -> Arc<Semaphore> {
        // A panic while the map was locked leaves nothing half done.
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(site).or_insert_with(|| Arc::new(Semaphore::new(FETCHES))).clone()
    }
}

impl BlobStore {
    /// Fetches a blob from one of these sites, the bytes of which are looked at, or, where they have lost it, from any other one.
    pub(super) async fn fetch(
        &self,
        elsewhere: &dyn Elsewhere,
        hash: &str,
        sites: &[i64],
    ) -> Result<StagedBlob, BlobError> {
        let all = elsewhere.sites(hash).await?;
        let others: Vec<i64> = all.sites.iter().copied().filter(|site| !sites.contains(site)).collect();
        let mut failure = BlobError::NotFound(hash.to_owned());
        for sites in [sites, others.as_slice()] {
            for site in sites {
                match self.fetch_from(elsewhere, hash, *site, all.within).await {
                    Ok(staged) => return Ok(staged),
                    // The first one counts that may pass; what is lost is lost only where nobody has it.
                    Err(error) if failure.is_lost() => failure = error,
                    Err(_) => {}
                }
            }
            if !failure.is_lost() {
                break;
            }
        }
        Err(failure)
    }

    async fn fetch_from(
        &self,
        elsewhere: &dyn Elsewhere,
        hash: &str,
        site: i64,
        within: Duration,
    ) -> Result<StagedBlob, BlobError> {
        let turn = self.turns.at(site);
        let fetch = async {
            let _turn = turn.acquire().await.map_err(|_| SiteFailure::Down)?;
            // Why it broke off, if it did: at first it was there.
            let mut broken = SiteFailure::Down;
            let bytes = elsewhere.stream(hash, site, 0..u64::MAX).await?.inspect_err(|error| {
                if let BlobError::Site(failure) = error {
                    broken = *failure;
                }
            });
            let staged = self.stage(bytes, u64::MAX).await;
            staged.map_err(|error| match error {
                BlobError::Interrupted(_) => broken.into(),
                other => other,
            })
        };
        let staged = tokio::time::timeout(within, fetch).await.unwrap_or(Err(SiteFailure::Down.into()))?;
        if staged.hash != hash {
            tracing::error!(site, hash, "a storage site has other bytes than those that were brought there");
            return Err(SiteFailure::Lost.into());
        }
        Ok(staged)
    }
}
