//! The pictures of a state, with what was drawn on them then.

use super::drawn;
use super::reading::{no_version, place, resolve};
use crate::model::version::BRANCH;
use crate::model::{AppError, Region, Viewer};
use crate::server::errors::internal;
use crate::server::state::AppState;
use crate::server::store::dataset_files::{self, Kept};
use crate::server::store::project_work::known_pictures;
use std::collections::BTreeSet;

/// A picture of a state.
#[derive(Clone, Debug)]
pub struct PictureAt {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub kept: Kept,
    /// The picture that has them now; none where it was deleted since.
    pub picture: Option<i64>,
}

/// A state with its pictures.
#[derive(Clone, Debug)]
pub struct StateAt {
    /// Its commit.
    pub commit: String,
    /// Whether it was asked for by a name that never means another one.
    pub fixed: bool,
    /// When the commit was made, in Unix seconds.
    pub at: i64,
    /// The pictures, in the order of their paths. Files that are none are not among them.
    pub pictures: Vec<PictureAt>,
}

/// The pictures of a state of a dataset. Fails unless the viewer may see the dataset.
pub async fn pictures_at(
    state: &AppState,
    viewer: &Viewer,
    dataset: i64,
    reference: Option<&str>,
) -> Result<StateAt, AppError> {
    let _place = place(state).await?;
    let at = resolve(state, viewer, dataset, reference).await?.ok_or_else(|| no_version(BRANCH))?;
    let repository = state.repositories.of(dataset);
    let mut files = repository.files(&at.commit, "").await?;
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    let pointers = repository.pointers(&files).await?;
    let sums: BTreeSet<String> = pointers.iter().flatten().map(|pointer| pointer.md5.clone()).collect();
    let kept = dataset_files::known(&state.db, dataset, &sums).await?;
    let known = known_pictures(&state.db, dataset).await?;
    let mut pictures: Vec<PictureAt> = Vec::new();
    for (file, pointer) in files.into_iter().zip(pointers) {
        let Some(pointer) = pointer else { continue };
        let lost = || internal("the pictures of a state", &format!("the bytes {} are lost", pointer.md5));
        let kept = kept.get(&pointer.md5).ok_or_else(lost)?;
        if kept.size_px.is_some() {
            pictures.push(PictureAt { path: file.path, kept: kept.clone(), picture: None });
        }
    }
    let found =
        known.pictures_of(pictures.iter().map(|picture| (picture.path.as_str(), picture.kept.blob.md5.as_str())));
    for (picture, found) in pictures.iter_mut().zip(found) {
        picture.picture = found;
    }
    let at_time = repository.commit_info(&at.commit).await?.at;
    Ok(StateAt { commit: at.commit, fixed: at.fixed, at: at_time, pictures })
}

/// Hands over what was drawn on the pictures of a state, as its commit keeps it: the place of each picture on which something was, with
/// the regions, in the order of the pictures.
pub async fn each_drawn(
    state: &AppState,
    dataset: i64,
    at: &StateAt,
    take: impl FnMut(usize, Vec<Region>) -> Result<(), AppError>,
) -> Result<(), AppError> {
    let _place = place(state).await?;
    let pictures: Vec<(&str, &str)> =
        at.pictures.iter().map(|picture| (picture.path.as_str(), picture.kept.blob.md5.as_str())).collect();
    drawn::each_at(&state.repositories.of(dataset), &at.commit, &pictures, take).await
}
