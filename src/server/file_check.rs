//! Whether files and the database agree: which files are missing, and which belong to nothing.
//!
//! A file without use comes from an upload that was refused at the last moment, or from a picture that was deleted. It is
//! never served; this finds and removes it.

use super::context::now_s;
use super::errors::internal;
use super::state::AppState;
use super::store::{self, blobs as rows};
use crate::model::AppError;
use std::collections::BTreeSet;
use std::time::Duration;

/// A file or row that is younger may belong to an upload that is under way.
pub const GRACE: Duration = Duration::from_secs(60 * 60);

/// What was found, each as hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCheck {
    /// Files that the database knows and that are not there.
    pub missing: BTreeSet<String>,
    /// Files, rows of files, or both, that no picture has.
    pub unused: BTreeSet<String>,
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
    for hash in rows::hashes(&state.db).await? {
        if !state.blobs.exists(&hash).await? {
            found.missing.insert(hash);
        }
    }
    let files = state.blobs.older_than(grace).await?;
    let known = rows::known(&state.db, &files).await?;
    for hash in files.into_iter().filter(|hash| !known.contains(hash)) {
        if remove && state.blobs.remove_unused(&hash, grace).await? {
            let removed = state.thumbnails.remove(&hash).await;
            removed.map_err(|error| internal("removing a thumbnail", &error))?;
            let removed = state.placeless.remove(&hash).await;
            removed.map_err(|error| internal("removing a copy without its place", &error))?;
        }
        found.unused.insert(hash);
    }
    Ok(found)
}
