//! Whether files and the database agree: which files are missing, and which belong to nothing.
//!
//! A file without use comes from an upload that was refused at the last moment, or from a picture that was deleted. It is
//! never served; this finds and removes it.

use super::context::now_s;
use super::errors::internal;
use super::state::AppState;
use super::storage::remote::hours;
use super::store::{self, blob_sites, blobs as rows, storage_sites};
use crate::model::AppError;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

/// A file or row that is younger may belong to an upload that is under way. It is an hour, as `storage::remote::hours` has it.
pub const GRACE: Duration = Duration::from_secs(60 * 60);

/// What was found, each as hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCheck {
    /// Files that the database knows and that are not there.
    pub missing: BTreeSet<String>,
    /// Files, rows of files, or both, that no picture has.
    pub unused: BTreeSet<String>,
    /// Storage sites that could not be looked at: name and reason.
    pub unreachable: Vec<(String, String)>,
}

/// Compares files with the database; with `remove`, removes what no picture has, thumbnails included. What is younger than
/// `grace` is left alone. A database without any picture is refused: most likely it is not the one that the files belong to.
pub async fn check(state: &AppState, remove: bool, grace: Duration) -> Result<FileCheck, AppError> {
    if remove && !store::pictures::any(&state.db).await? {
        let message = "this database has no pictures, so that every file would be removed; is it the right one?";
        return Err(AppError::Conflict(message.to_owned()));
    }
    let mut found = FileCheck::default();
    let before = now_s() - i64::try_from(grace.as_secs()).unwrap_or(i64::MAX);
    let unused = rows::unused(&state.db, before).await?;
    if remove {
        rows::delete_unused(&state.db, &unused).await?;
    }
    found.unused.extend(unused);
    for hash in blob_sites::unused_here(&state.db, before).await? {
        if !remove || blob_sites::leave_unused_here(&state.db, &hash).await? {
            found.unused.insert(hash);
        }
    }
    for (hash, site) in blob_sites::unused(&state.db, before).await? {
        if !remove || blob_sites::forget_unused(&state.db, &hash, site).await? {
            found.unused.insert(hash);
        }
    }
    for hash in rows::hashes(&state.db).await? {
        if !state.blobs.exists(&hash).await? {
            found.missing.insert(hash);
        }
    }
    let files = state.blobs.older_than(grace).await?;
    let known = rows::known(&state.db, &files).await?;
    for hash in files.into_iter().filter(|hash| !known.contains(hash)) {
        if remove && state.blobs.remove_unused(&hash, grace).await? {
            remove_derived(state, &hash).await?;
        }
        found.unused.insert(hash);
    }
    for site in storage_sites::all(&state.db).await? {
        // One that is down keeps nobody from looking at the others.
        if let Err(error) = check_site(state, site, remove, grace, &mut found).await {
            let name = storage_sites::row(&state.db, site).await.map_or_else(|_| site.to_string(), |row| row.name);
            found.unreachable.push((name, error.to_string()));
        }
    }
    Ok(found)
}

/// Removes what was made of a file. It is made again if anybody still has the file.
async fn remove_derived(state: &AppState, hash: &str) -> Result<(), AppError> {
    let removed = state.thumbnails.remove(hash).await;
    removed.map_err(|error| internal("removing a thumbnail", &error))?;
    let removed = state.placeless.remove(hash).await;
    removed.map_err(|error| internal("removing a copy without its place", &error))
}

/// Compares what a storage site has with what it should have. Names there are used once, so that what no row mentions and is old
/// enough is no longer needed.
async fn check_site(
    state: &AppState,
    site: i64,
    remove: bool,
    grace: Duration,
    found: &mut FileCheck,
) -> Result<(), AppError> {
    let open = state.storage.site(site).await?;
    // In this order: what comes meanwhile has a row later, and is young.
    let there = open.list().await?;
    let known = blob_sites::at_site(&state.db, site).await?;
    let sizes: BTreeMap<&str, u64> = there.iter().map(|object| (object.name.as_str(), object.size)).collect();
    for (hash, object, size) in &known {
        if sizes.get(object.as_str()).copied() != u64::try_from(*size).ok() {
            // What came after the list is no fault; it is looked at by itself.
            let is_there =
                !sizes.contains_key(object.as_str()) && open.size(object).await? == u64::try_from(*size).ok();
            if !is_there {
                found.missing.insert(hash.clone());
            }
        }
    }
    let known: BTreeSet<&str> = known.iter().map(|(_, object, _)| object.as_str()).collect();
    for object in there.iter().filter(|object| !known.contains(object.name.as_str())) {
        let age = SystemTime::now().duration_since(object.modified).unwrap_or_default();
        // Some servers take an object for as old as the beginning of its upload.
        if age >= grace.saturating_mul(1_u32.saturating_add(hours(object.size))) {
            if remove {
                open.delete(&object.name).await?;
                let hash = object.name.rsplit('/').next().and_then(|name| name.split('-').next()).unwrap_or_default();
                remove_derived(state, hash).await?;
            }
            found.unused.insert(object.name.clone());
        }
    }
    Ok(())
}
