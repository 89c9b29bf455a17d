//! Starting projects: which pictures a version of a dataset has.

use super::context::RequestContext;
use super::state::AppState;
use super::store::projects::Pinned;
use super::store::{self, project_work};
use super::versions;
use crate::model::version::is_commit_id;
use crate::model::{AppError, NewProject, Role, Viewer};

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

/// The pictures of a version. Files of an earlier state whose picture is there no more are missing.
async fn pin(state: &AppState, viewer: &Viewer, dataset: i64, reference: Option<&str>) -> Result<Pinned, AppError> {
    let no_state = |error: AppError| match error {
        AppError::NotFound(message) => AppError::field("ref", message),
        error => error,
    };
    let (at, files) = versions::reading::sums(state, viewer, dataset, reference).await.map_err(no_state)?;
    let tag = reference.filter(|reference| at.fixed && !is_commit_id(reference)).map(str::to_owned);
    let known = project_work::known_pictures(&state.db, dataset).await?;
    let found = known.pictures_of(files.iter().map(|(path, md5)| (path.as_str(), md5.as_str())));
    let is_missing =
        |((_, md5), picture): &(&(String, String), &Option<i64>)| picture.is_none() && known.images.contains(md5);
    let missing = files.iter().zip(&found).filter(is_missing).count();
    let (pictures, missing): (Vec<i64>, _) = (found.into_iter().flatten().collect(), missing as i64);
    if pictures.is_empty() {
        return Err(AppError::field("ref", "has no pictures, so that there is nothing to annotate"));
    }
    Ok(Pinned { commit: at.commit, tag, pictures, missing })
}
