//! What the pages of files and versions send: the operations of [`super::versions`], each with the way to the page that shows what
//! has become of it.

use crate::model::{AppError, Committed, VersionTag};
use leptos::prelude::*;

/// Leads to a view of the dataset's page.
#[cfg(feature = "ssr")]
async fn go_on(dataset: i64, view: &str) -> Result<(), AppError> {
    let name = super::datasets::dataset(dataset).await?.full_name();
    super::lead_to(&format!("/{name}?{view}"));
    Ok(())
}

/// Renames or moves a file.
#[server(prefix = "/fn", endpoint = "move_file")]
pub async fn move_file(dataset: i64, from: String, to: String) -> Result<Committed, AppError> {
    let to = to.trim().to_owned();
    if let Some(error) = crate::model::version::check_path("to", &to) {
        return Err(AppError::fields(vec![error]));
    }
    if from == to {
        return Err(AppError::field("to", "is the path that the file has"));
    }
    let changes = vec![crate::model::FileChange::Move { from, to: to.clone() }];
    let made = super::versions::change_dataset_files(dataset, None, changes).await.map_err(|error| match error {
        AppError::Conflict(message) => AppError::field("to", message),
        other => other,
    })?;
    go_on(dataset, &format!("view=file&path={}", crate::model::text::path_segment(&to))).await?;
    Ok(made)
}

/// Deletes files, and whole folders, whose paths end with `/`. Gives the folder that it leads to, with what is said of the list.
#[server(prefix = "/fn", endpoint = "delete_files")]
pub async fn delete_files(
    dataset: i64,
    #[server(default)] paths: Vec<String>,
    #[server(default)] folder: String,
    #[server(default)] find: String,
    #[server(default)] previews: String,
) -> Result<String, AppError> {
    if paths.is_empty() {
        return Err(AppError::field("paths", "must name what to delete"));
    }
    let changes = paths.into_iter().map(|path| crate::model::FileChange::Delete { path }).collect();
    super::versions::change_dataset_files(dataset, None, changes).await?;
    // With its last file a folder is gone.
    let left = super::versions::dataset_folder(dataset, None, Some(folder.clone()), None, None, Some(1)).await;
    let folder = if left.is_ok() { folder } else { String::new() };
    let mut view = "view=files".to_owned();
    for (name, value) in [("path", &folder), ("find", &find), ("previews", &previews)] {
        if !value.is_empty() {
            view.push_str(&format!("&{name}={}", crate::model::text::path_segment(value)));
        }
    }
    go_on(dataset, &view).await?;
    Ok(folder)
}

/// Moves files, and whole folders, whose paths end with `/`, into a folder, which need not be there; empty: the dataset's uppermost one.
#[server(prefix = "/fn", endpoint = "move_files")]
pub async fn move_files(
    dataset: i64,
    #[server(default)] paths: Vec<String>,
    #[server(default)] into: String,
    #[server(default)] previews: String,
) -> Result<Committed, AppError> {
    use crate::model::folder::{read_folder, split_path};
    if paths.is_empty() {
        return Err(AppError::field("paths", "must name what to move"));
    }
    let folder = read_folder("into", into.trim()).map_err(|error| AppError::fields(vec![error]))?;
    let mut changes = Vec::with_capacity(paths.len());
    for from in paths {
        if from.ends_with('/') && folder.starts_with(&from) {
            return Err(AppError::field("into", format!("lies in {from}, which is to be moved")));
        }
        let (above, name) = split_path(&from);
        if above == folder {
            return Err(AppError::field("into", format!("is the folder in which {name} is")));
        }
        let to = format!("{folder}{name}");
        if let Some(error) = crate::model::version::check_path("into", to.trim_end_matches('/')) {
            return Err(AppError::fields(vec![error]));
        }
        changes.push(crate::model::FileChange::Move { from, to });
    }
    let made = super::versions::change_dataset_files(dataset, None, changes).await.map_err(|error| match error {
        AppError::Conflict(message) => AppError::field("into", message),
        other => other,
    })?;
    let mut view = format!("view=files&path={}", crate::model::text::path_segment(&folder));
    if !previews.is_empty() {
        view.push_str(&format!("&previews={}", crate::model::text::path_segment(&previews)));
    }
    go_on(dataset, &view).await?;
    Ok(made)
}

/// Makes a file as it was in an earlier state.
#[server(prefix = "/fn", endpoint = "restore_file")]
pub async fn restore_file(dataset: i64, path: String, reference: String) -> Result<Committed, AppError> {
    let made = super::versions::restore_dataset_file(dataset, path.clone(), reference, None).await?;
    go_on(dataset, &format!("view=file&path={}", crate::model::text::path_segment(&path))).await?;
    Ok(made)
}

/// Undoes a commit.
#[server(prefix = "/fn", endpoint = "revert_commit")]
pub async fn revert_commit(dataset: i64, commit: String) -> Result<Committed, AppError> {
    let made = super::versions::revert_dataset_commit(dataset, commit, None).await?;
    go_on(dataset, &format!("view=commit&ref={}", made.commit)).await?;
    Ok(made)
}

/// Gives a state a name.
#[server(prefix = "/fn", endpoint = "name_version")]
pub async fn name_version(
    dataset: i64,
    name: String,
    #[server(default)] reference: String,
    #[server(default)] message: String,
) -> Result<VersionTag, AppError> {
    let reference = Some(reference).filter(|reference| !reference.is_empty());
    let tag = super::versions::tag_dataset(dataset, name.trim().to_owned(), reference, Some(message)).await?;
    go_on(dataset, "view=history").await?;
    Ok(tag)
}

/// What is at these paths of the newest state, for whoever is about to put files there.
#[server(prefix = "/fn", endpoint = "files_at", input = leptos::server_fn::codec::Json)]
pub async fn files_at(dataset: i64, paths: Vec<String>) -> Result<Vec<crate::model::batch::There>, AppError> {
    let context = crate::server::context::current()?;
    crate::server::versions::reading::files_at(&context.state, &context.viewer, dataset, &paths).await
}
