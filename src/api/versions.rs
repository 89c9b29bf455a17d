//! Files of datasets and their versions. What streams, such as the bytes of files, has routes only.

use crate::model::{
    AppError, Commit, CommitDetail, Committed, Comparison, DatasetFile, FileChange, FileList, FileState, FolderList,
    Page, Region, VersionTag,
};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the files of a state of a dataset; without a reference, of the newest one.
#[server(prefix = "/fn", endpoint = "dataset_files", input = Json)]
pub async fn dataset_files(
    dataset: i64,
    reference: Option<String>,
    prefix: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<FileList, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let (reference, prefix) = (reference.as_deref(), prefix.unwrap_or_default());
    crate::server::versions::reading::files(&context.state, &context.viewer, dataset, reference, &prefix, page).await
}

/// A part of what is in a folder of a state, folders first; with `find`, the files in it and below whose paths contain that.
#[server(prefix = "/fn", endpoint = "dataset_folder", input = Json)]
pub async fn dataset_folder(
    dataset: i64,
    reference: Option<String>,
    path: Option<String>,
    find: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<FolderList, AppError> {
    use crate::server::versions::folders;
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let (reference, path, find) = (reference.as_deref(), path.unwrap_or_default(), find.unwrap_or_default());
    folders::list(&context.state, &context.viewer, dataset, reference, &path, find.trim(), page).await
}

/// A file of a state, and the commit of that.
#[server(prefix = "/fn", endpoint = "find_dataset_file", input = Json)]
pub async fn find_dataset_file(
    dataset: i64,
    reference: Option<String>,
    path: String,
) -> Result<(String, DatasetFile), AppError> {
    let context = crate::server::context::current()?;
    let reference = reference.as_deref();
    crate::server::versions::folders::file(&context.state, &context.viewer, dataset, reference, &path).await
}

/// A part of what has become of a file up to a state, the newest first.
#[server(prefix = "/fn", endpoint = "dataset_file_history", input = Json)]
pub async fn dataset_file_history(
    dataset: i64,
    reference: Option<String>,
    path: String,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<FileState>, AppError> {
    use crate::server::versions::folders;
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    folders::history(&context.state, &context.viewer, dataset, reference.as_deref(), &path, page).await
}

/// What is written in the README of a folder of a state, as HTML; nothing where there is none.
#[server(prefix = "/fn", endpoint = "dataset_readme", input = Json)]
pub async fn dataset_readme(dataset: i64, reference: Option<String>, path: String) -> Result<Option<String>, AppError> {
    let context = crate::server::context::current()?;
    let reference = reference.as_deref();
    crate::server::versions::folders::readme(&context.state, &context.viewer, dataset, reference, &path).await
}

/// What is drawn on the picture at a path in a state of a dataset: in a named or earlier one, as it was when the state's last version was
/// named.
#[server(prefix = "/fn", endpoint = "dataset_annotations", input = Json)]
pub async fn dataset_annotations(
    dataset: i64,
    path: String,
    reference: Option<String>,
) -> Result<Vec<Region>, AppError> {
    let context = crate::server::context::current()?;
    let reference = reference.as_deref();
    crate::server::versions::reading::annotations(&context.state, &context.viewer, dataset, reference, &path).await
}

/// Changes files, as one commit.
#[server(prefix = "/fn", endpoint = "change_dataset_files", input = Json)]
pub async fn change_dataset_files(
    dataset: i64,
    message: Option<String>,
    changes: Vec<FileChange>,
) -> Result<Committed, AppError> {
    let context = crate::server::context::current()?;
    crate::server::versions::change(&context, dataset, message, changes).await
}

/// Makes a file as it was in an earlier state, as a new commit.
#[server(prefix = "/fn", endpoint = "restore_dataset_file", input = Json)]
pub async fn restore_dataset_file(
    dataset: i64,
    path: String,
    reference: String,
    message: Option<String>,
) -> Result<Committed, AppError> {
    let context = crate::server::context::current()?;
    crate::server::versions::restore(&context, dataset, path, &reference, message).await
}

/// Undoes a commit, as a new commit.
#[server(prefix = "/fn", endpoint = "revert_dataset_commit", input = Json)]
pub async fn revert_dataset_commit(
    dataset: i64,
    commit: String,
    message: Option<String>,
) -> Result<Committed, AppError> {
    let context = crate::server::context::current()?;
    crate::server::versions::revert(&context, dataset, &commit, message).await
}

/// A part of the history of a dataset, the newest commit first; with a path, only the commits that changed what is there.
#[server(prefix = "/fn", endpoint = "dataset_commits", input = Json)]
pub async fn dataset_commits(
    dataset: i64,
    reference: Option<String>,
    path: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Commit>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let (reference, path) = (reference.as_deref(), path.as_deref());
    crate::server::versions::reading::commits(&context.state, &context.viewer, dataset, reference, path, page).await
}

/// A commit, by its id or a tag, with a part of what it changed.
#[server(prefix = "/fn", endpoint = "dataset_commit", input = Json)]
pub async fn dataset_commit(
    dataset: i64,
    reference: String,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<CommitDetail, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    crate::server::versions::reading::commit(&context.state, &context.viewer, dataset, &reference, page).await
}

/// What differs between two states; without the second, from the newest one.
#[server(prefix = "/fn", endpoint = "compare_dataset_states", input = Json)]
pub async fn compare_dataset_states(
    dataset: i64,
    from: String,
    to: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Comparison, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let to = to.as_deref();
    crate::server::versions::reading::compare(&context.state, &context.viewer, dataset, &from, to, page).await
}

/// A part of the names of versions of a dataset, the newest first.
#[server(prefix = "/fn", endpoint = "dataset_versions", input = Json)]
pub async fn dataset_versions(
    dataset: i64,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<VersionTag>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    crate::server::versions::reading::tags(&context.state, &context.viewer, dataset, page).await
}

/// Gives a state of a dataset a name for good; without a reference, the newest one.
#[server(prefix = "/fn", endpoint = "tag_dataset", input = Json)]
pub async fn tag_dataset(
    dataset: i64,
    name: String,
    reference: Option<String>,
    message: Option<String>,
) -> Result<VersionTag, AppError> {
    let context = crate::server::context::current()?;
    let message = message.unwrap_or_default();
    crate::server::versions::tag(&context, dataset, &name, reference.as_deref(), &message).await
}
