//! Whether Git, the database and the bytes of datasets agree; and making them do so.

use super::{Held, hold_for_site};
use crate::model::AppError;
use crate::server::context::now_s;
use crate::server::errors::internal;
use crate::server::git::Pointer;
use crate::server::state::AppState;
use crate::server::store::blob_sites::Whereabouts;
use crate::server::store::blobs::BlobRow;
use crate::server::store::dataset_files::{self, Kept, PLAIN};
use crate::server::store::dataset_index::{Step, advance};
use crate::server::store::{self, StoreError, audit::Actor, site_choice};
use std::collections::BTreeSet;

/// How many paths are named of those that differ in one dataset.
const NAMED: usize = 3;

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is, in words.
    pub what: String,
    /// Whether repairing mends it: nobody can mend a repository that is lost, nor bytes that are.
    pub mendable: bool,
}

fn mendable(what: impl Into<String>) -> Fault {
    Fault { what: what.into(), mendable: true }
}

fn lost(what: impl Into<String>) -> Fault {
    Fault { what: what.into(), mendable: false }
}

/// Compares every dataset's index with its newest commit, and what commits mention with what there is. With `repair`, the index
/// and the lists of known bytes are rebuilt from Git. Gives what was wrong.
pub async fn check(state: &AppState, repair: bool) -> Result<Vec<Fault>, AppError> {
    let datasets = store::datasets::heads(&state.db).await?;
    let mut found = Vec::new();
    for (dataset, index) in &datasets {
        let of_one = match check_one(state, *dataset, index.as_deref(), repair).await {
            Ok(faults) => faults,
            // What is wrong with one is no reason to say nothing of the others.
            Err(error) => vec![lost(format!("it cannot be looked at: {error}"))],
        };
        found.extend(
            of_one.into_iter().map(|fault| Fault { what: format!("dataset {dataset}: {}", fault.what), ..fault }),
        );
    }
    Ok(found)
}

/// The numbers of datasets that have a repository, and that the database does not know; with `remove`, the repositories go. Where it
/// knows no dataset at all nothing is removed: most likely it is not the database that they belong to.
pub async fn orphans(state: &AppState, remove: bool) -> Result<Vec<i64>, AppError> {
    // In this order, so that a dataset that is made meanwhile is none of them.
    let mut all = state.repositories.all().map_err(|error| internal("listing repositories", &error))?;
    let known: BTreeSet<i64> =
        store::datasets::heads(&state.db).await?.into_iter().map(|(dataset, _)| dataset).collect();
    all.retain(|dataset| !known.contains(dataset));
    if remove && !known.is_empty() {
        for dataset in &all {
            let repository = state.repositories.of(*dataset);
            let lock = repository.lock().await?;
            if matches!(store::datasets::head(&state.db, *dataset).await, Err(StoreError::NotFound(_))) {
                repository.remove(&lock).map_err(|error| internal("removing a repository", &error))?;
            }
        }
    }
    Ok(all)
}

async fn check_one(state: &AppState, dataset: i64, index: Option<&str>, repair: bool) -> Result<Vec<Fault>, AppError> {
    let mut found = Vec::new();
    let repository = state.repositories.of(dataset);
    let head = repository.head().await?;
    if head.is_none() {
        if let Some(commit) = index {
            found.push(lost(format!("its repository is lost, or empty; the newest commit was {commit}")));
        }
        return Ok(found);
    }
    found.extend(lost_bytes(state, dataset, repair).await?);
    if head.as_deref() != index {
        if !Held::as_it_is(state, dataset).await?.is_ahead_of(index).await? {
            found.push(lost("its repository is older than the database, or another one"));
            return Ok(found);
        }
        found.push(mendable("the index describes another commit than the newest one"));
        if !repair {
            return Ok(found);
        }
    }
    // Holding it heals where the commits differ; what else differs is looked at here.
    let held = if repair { hold_for_site(state, dataset).await? } else { Held::as_it_is(state, dataset).await? };
    let Some(commit) = held.head().map(str::to_owned) else { return Ok(found) };
    let changes = held.deviations(&commit).await?;
    found.extend(in_words(&changes.iter().map(|change| change.path.as_str()).collect::<Vec<_>>()).map(mendable));
    if repair && !changes.is_empty() {
        let actor = Actor::command_line(now_s());
        let step =
            Step { dataset, from: Some(&commit), to: &commit, changes: &changes, actor, prepared: None, pushed: false };
        advance(&state.db, &step).await?;
    }
    Ok(found)
}

fn in_words(paths: &[&str]) -> Option<String> {
    let some = paths.iter().take(NAMED).copied().collect::<Vec<_>>().join("`, `");
    (!paths.is_empty()).then(|| format!("{} files differ between index and commit, such as `{some}`", paths.len()))
}

/// What commits mention that the dataset does not know.
async fn lost_bytes(state: &AppState, dataset: i64, repair: bool) -> Result<Vec<Fault>, AppError> {
    let pointers = state.repositories.of(dataset).all_pointers().await?;
    let sums: BTreeSet<String> = pointers.keys().cloned().collect();
    let known = dataset_files::known(&state.db, dataset, &sums).await?;
    let mut found = Vec::new();
    let unknown: Vec<&str> = sums.iter().filter(|md5| !known.contains_key(*md5)).map(String::as_str).collect();
    let mut kept = Vec::new();
    let site = site_choice::site_of(&state.db, dataset).await?;
    for blob in dataset_files::by_md5(&state.db, &unknown).await? {
        let pointer = Pointer { md5: blob.md5.clone(), size: u64::try_from(blob.size).unwrap_or_default() };
        let is_first = !kept.iter().any(|kept: &Kept| kept.blob.md5 == blob.md5);
        if is_first && pointers.get(&pointer.md5) == Some(&pointer.size) {
            let size_px = if repair { size_of(state, &blob, site).await? } else { None };
            let there = match repair {
                true => super::bytes::bring_along(state, dataset, &blob.hash).await?,
                false => Whereabouts::Known,
            };
            kept.push(Kept { blob, size_px, there });
        }
    }
    for md5 in unknown {
        found.push(match kept.iter().any(|kept| kept.blob.md5 == md5) {
            true => mendable(format!("commits mention the bytes {md5}, which it does not know")),
            false => lost(format!("commits mention the bytes {md5}, which are lost")),
        });
    }
    if repair {
        dataset_files::insert_kept(&state.db, dataset, &kept).await?;
    }
    Ok(found)
}

/// Width and height of a file that was seen to be a picture when it came.
async fn size_of(state: &AppState, blob: &BlobRow, site: Option<i64>) -> Result<Option<(i64, i64)>, AppError> {
    if blob.media_type == PLAIN {
        return Ok(None);
    }
    let local = state.blobs.local(&blob.hash, site.as_slice()).await;
    let local = local.map_err(|error| error.of_known_bytes("reading a picture's file"))?;
    let image = state.images.inspect(local.path()).await?;
    Ok(Some((i64::from(image.width), i64::from(image.height))))
}
