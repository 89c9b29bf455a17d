//! Starting projects: which pictures a version of a dataset has.

use super::context::RequestContext;
use super::state::AppState;
use super::store::projects::Pinned;
use super::store::{self, project_work};
use super::versions;
use crate::model::version::is_commit_id;
use crate::model::{AppError, NewProject, Role, Viewer};
use std::collections::HashSet;

/// Starts a project and gives its number.
pub async fn start(context: &RequestContext, project: &NewProject) -> Result<i64, AppError> {
    let account = context.writer()?;
    let (state, viewer) = (&context.state, &context.viewer);
    let dataset = store::datasets::resolve(&state.db, viewer, &project.dataset.to_string()).await?;
    // Before any history is read.
    let what = "start projects with this dataset";
    store::datasets::require(&state.db, viewer, dataset, account.id, Role::Maintainer, what).await?;
    let pinned = pin(state, viewer, dataset, project.reference.as_deref()).await?;
    let actor = super::context::actor(&account);
    Ok(store::projects::insert(&state.db, viewer, dataset, project, &pinned, actor, account.id).await?)
}

/// The pictures of a version. A file of an earlier state is the picture that has its place and bytes today, or else one with its
/// bytes, such as one that has been replaced since; where there is none any more, it is missing.
async fn pin(state: &AppState, viewer: &Viewer, dataset: i64, reference: Option<&str>) -> Result<Pinned, AppError> {
    let no_state = |error: AppError| match error {
        AppError::NotFound(message) => AppError::field("ref", message),
        error => error,
    };
    let (at, files) = versions::reading::sums(state, viewer, dataset, reference).await.map_err(no_state)?;
    let tag = reference.filter(|reference| at.fixed && !is_commit_id(reference)).map(str::to_owned);
    let known = project_work::known_pictures(&state.db, dataset).await?;
    let at_place = |(path, md5): &(String, String)| {
        known.by_path.get(path).filter(|(sum, _)| sum == md5).map(|(_, picture)| *picture)
    };
    // Those at their places go first, so that nobody else is taken for them.
    let mut seen: HashSet<i64> = files.iter().filter_map(at_place).collect();
    let (mut pictures, mut missing) = (Vec::new(), 0_i64);
    for file in &files {
        let with_bytes = || known.by_sum.get(&file.1)?.iter().copied().find(|picture| !seen.contains(picture));
        match at_place(file).or_else(with_bytes) {
            Some(picture) => {
                seen.insert(picture);
                pictures.push(picture);
            }
            None => missing += i64::from(known.images.contains(&file.1)),
        }
    }
    if pictures.is_empty() {
        return Err(AppError::field("ref", "has no pictures, so that there is nothing to annotate"));
    }
    Ok(Pinned { commit: at.commit, tag, pictures, missing })
}
