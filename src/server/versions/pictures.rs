//! What is done with pictures of a dataset, which are files of it: bringing one in, copying one, deleting some.

use super::{Held, Work, bytes, hold};
use crate::model::version::check_path;
use crate::model::{Account, AppError, FileChange, Role};
use crate::server::context::{RequestContext, actor};
use crate::server::errors::internal;
use crate::server::store::dataset_files::{self, Kept};
use crate::server::store::dataset_index::{Prepared, PreparedPicture};
use crate::server::store::pictures::{NamesUsed, NewPicture};
use crate::server::store::{self, picture_changes};
use std::collections::BTreeMap;

/// Where the file of a new picture shall be.
#[derive(Clone, Debug)]
pub enum Place {
    /// Exactly there.
    At(String),
    /// There, or nearby where something is there already. It is what the file was called where it comes from.
    Like(String),
}

/// Brings a picture into a dataset, as a commit, and gives its number. One that replaces another takes its place.
pub async fn insert(
    context: &RequestContext,
    author: &Account,
    dataset: i64,
    picture: NewPicture,
    kept: Kept,
    place: Place,
) -> Result<i64, AppError> {
    let db = &context.state.db;
    let held = hold(context, dataset, Role::Writer, "add pictures to this dataset").await?;
    if let Some(replaced) = picture.replaces {
        let owner = store::pictures::owner_of(db, &context.viewer, replaced).await?;
        store::pictures::must_stay_together(replaced, owner, Some(dataset))?;
    }
    let replaced = match picture.replaces {
        Some(replaced) => dataset_files::of_pictures(db, &[replaced]).await?.pop().map(|(.., path)| path),
        None => None,
    };
    let path = match (replaced, place) {
        (Some(path), _) | (None, Place::At(path)) => path,
        (None, Place::Like(name)) => free_path(&held, &file_name(&name, &kept)).await?,
    };
    bytes::check(&path)?;
    // Once more, now that nobody else changes the dataset: after the commit nothing must be wrong.
    let NewPicture { nature, licences, regions, replaces, .. } = &picture;
    store::pictures::check_names(db, NamesUsed { nature, licences, regions, replaces: *replaces }).await?;
    let there = dataset_files::at(db, dataset, &[&path]).await?.remove(&path);
    if let Some(there) = &there
        && (picture.replaces.is_none() || there.md5 == kept.blob.md5)
    {
        return Err(AppError::Conflict(format!("there is a file `{path}` already")));
    }
    bytes::make_known(&context.state, dataset, &kept).await?;
    let change = FileChange::Put { path: path.clone(), md5: kept.blob.md5.clone() };
    let message = format!("{} {path}", if there.is_some() { "Replace" } else { "Add" });
    let edits = super::plan::edits(&held, &[change]).await?;
    let prepared = Prepared { path: path.clone(), picture: PreparedPicture::New(Box::new(picture)) };
    held.commit(author, Work { message, edits, prepared: Some(prepared) }).await?;
    picture_at(context, dataset, &path).await
}

/// Copies a picture of a dataset within it, as a commit, and gives the number of the copy.
pub async fn copy(context: &RequestContext, author: &Account, dataset: i64, source: i64) -> Result<i64, AppError> {
    let db = &context.state.db;
    let held = hold(context, dataset, Role::Writer, "copy pictures of this dataset").await?;
    let (.., path) = match dataset_files::of_pictures(db, &[source]).await?.pop() {
        Some(found) => found,
        // An older one that was replaced has no file of its own any more.
        None => {
            let message = format!("picture {source} was replaced; copy the one that has taken its place");
            return Err(AppError::Conflict(message));
        }
    };
    let there = dataset_files::at(db, dataset, &[&path]).await?.remove(&path).ok_or_else(|| super::no_file(&path))?;
    let copy = free_path(&held, &path).await?;
    bytes::check(&copy)?;
    let change = FileChange::Put { path: copy.clone(), md5: there.md5 };
    let edits = super::plan::edits(&held, &[change]).await?;
    let message = format!("Copy {path} to {copy}");
    let prepared = Some(Prepared { path: copy.clone(), picture: PreparedPicture::CopyOf(source) });
    held.commit(author, Work { message, edits, prepared }).await?;
    picture_at(context, dataset, &copy).await
}

/// Deletes pictures: those of datasets with their files, one commit for each dataset. That the user may has been made sure of.
pub async fn delete(context: &RequestContext, account: &Account, ids: &[i64]) -> Result<(), AppError> {
    let db = &context.state.db;
    let mut files: BTreeMap<i64, Vec<(i64, String)>> = BTreeMap::new();
    for (picture, dataset, path) in dataset_files::of_pictures(db, ids).await? {
        files.entry(dataset).or_default().push((picture, path));
    }
    let mut rest: Vec<i64> = ids.to_vec();
    for (dataset, files) in files {
        let held = hold(context, dataset, Role::Writer, "delete pictures of this dataset").await?;
        // Where they are by now.
        let pictures: Vec<i64> = files.iter().map(|(picture, _)| *picture).collect();
        let found = dataset_files::of_pictures(db, &pictures).await?;
        let changes: Vec<FileChange> = found.into_iter().map(|(.., path)| FileChange::Delete { path }).collect();
        if !changes.is_empty() {
            let (message, edits) = (super::plan::in_words(&changes), super::plan::edits(&held, &changes).await?);
            held.commit(account, Work { message, edits, prepared: None }).await?;
        }
        rest.retain(|id| !pictures.contains(id));
    }
    if rest.is_empty() {
        return Ok(());
    }
    Ok(picture_changes::delete_many(db, &rest, actor(account)).await?)
}

async fn picture_at(context: &RequestContext, dataset: i64, path: &str) -> Result<i64, AppError> {
    let row = dataset_files::at(&context.state.db, dataset, &[path]).await?.remove(path);
    row.and_then(|row| row.picture).ok_or_else(|| internal("a commit", &"its picture is not there"))
}

/// What the file of a picture is called that has this name elsewhere.
fn file_name(name: &str, kept: &Kept) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if check_path("path", last).is_none() {
        return last.to_owned();
    }
    let hash: String = kept.blob.hash.chars().take(12).collect();
    format!("{hash}.{}", kept.blob.extension)
}

/// This path, or if something is there, one with a number.
async fn free_path(held: &Held, path: &str) -> Result<String, AppError> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let numbered = |number: u64| match number {
        1 => path.to_owned(),
        // A name at the limit gives way to its number.
        number => {
            let stem: String = stem.chars().take(50.max(stem.chars().count().saturating_sub(8))).collect();
            format!("{folder}{stem}-{number}{extension}")
        }
    };
    let mut first = 1;
    // Each look asks for twice as many, so that the thousandth of a name is found as well.
    loop {
        let some: Vec<String> = (first..first * 2).map(numbered).collect();
        let names: Vec<&str> = some.iter().map(String::as_str).collect();
        let taken = dataset_files::at(&held.state.db, held.dataset, &names).await?;
        for path in some.iter().filter(|path| !taken.contains_key(*path)) {
            // A folder of this name has it as well.
            if dataset_files::below(&held.state.db, held.dataset, &format!("{path}/"), 1).await?.is_empty() {
                return Ok(path.clone());
            }
        }
        first *= 2;
    }
}
