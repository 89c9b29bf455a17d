//! Projects: versions of datasets that people annotate together.

use super::regions::must_be_who_drew;
use super::{Answer, created, list_response};
use crate::api::projects as api;
use crate::model::{
    AppError, Assignment, NewProject, NewWorkState, PictureWork, Progress, Project, ProjectChange, ProjectFilter,
    ProjectMembership, WorkFilter,
};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};

/// Which projects are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectsParameters {
    search: Option<String>,
    dataset: Option<i64>,
    #[serde(default)]
    mine: bool,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/v1/projects/`.
pub async fn projects(context: RequestContext, Query(list): Query<ProjectsParameters>) -> Result<Response, AppError> {
    let filter = ProjectFilter { search: list.search, dataset: list.dataset, mine: list.mine };
    let page = within(context, api::projects(filter, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `POST /api/v1/projects/`.
pub async fn new_project(context: RequestContext, Json(body): Json<NewProject>) -> Result<Response, AppError> {
    let made = within(context, api::start_project(body)).await?;
    Ok(created("v1/projects", &made.id.to_string(), &made))
}

/// `GET /api/v1/projects/<id>/`.
pub async fn project(context: RequestContext, Path(id): Path<i64>) -> Answer<Project> {
    within(context, api::project(id)).await.map(axum::Json)
}

/// `POST /api/v1/projects/<id>/update`.
pub async fn update_project(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<ProjectChange>,
) -> Answer<Project> {
    within(context, api::update_project(id, body)).await.map(axum::Json)
}

/// `POST /api/v1/projects/<id>/delete`.
pub async fn delete_project(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::delete_project(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/projects/<id>/progress`.
pub async fn progress(context: RequestContext, Path(id): Path<i64>) -> Answer<Progress> {
    within(context, api::project_progress(id)).await.map(axum::Json)
}

/// `POST /api/v1/projects/<id>/members`.
pub async fn set_member(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<ProjectMembership>,
) -> Result<StatusCode, AppError> {
    within(context, api::set_project_member(id, body.username, Some(body.role))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body that takes somebody out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerMemberRequest {
    username: String,
}

/// `POST /api/v1/projects/<id>/members/remove`.
pub async fn remove_member(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<FormerMemberRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::set_project_member(id, body.username, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which pictures of a project are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkParameters {
    state: Option<String>,
    annotator: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/v1/projects/<id>/pictures`.
pub async fn pictures(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(wanted): Query<WorkParameters>,
) -> Result<Response, AppError> {
    let states = WorkFilter::read_states(wanted.state.as_deref().unwrap_or_default())?;
    let filter = WorkFilter { states, annotator: wanted.annotator };
    let page = within(context, api::project_pictures(id, filter, wanted.offset, wanted.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `GET /api/v1/projects/<id>/pictures/<picture>`.
pub async fn picture(context: RequestContext, Path((id, picture)): Path<(i64, i64)>) -> Answer<PictureWork> {
    within(context, api::picture_work(id, picture)).await.map(axum::Json)
}

/// `POST /api/v1/projects/<id>/pictures/<picture>`.
pub async fn set_state(
    context: RequestContext,
    Path((id, picture)): Path<(i64, i64)>,
    headers: HeaderMap,
    Json(body): Json<NewWorkState>,
) -> Answer<PictureWork> {
    must_be_who_drew(&context, &headers)?;
    within(context, api::set_work_state(id, picture, body, None)).await.map(axum::Json)
}

/// How many pictures came into a queue.
#[derive(Serialize)]
pub struct Queued {
    pictures: u64,
}

/// `POST /api/v1/projects/<id>/assign`.
pub async fn assign(context: RequestContext, Path(id): Path<i64>, Json(body): Json<Assignment>) -> Answer<Queued> {
    let pictures = within(context, api::assign_pictures(id, body)).await?;
    Ok(axum::Json(Queued { pictures }))
}

/// The body that shares pictures out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareRequest {
    #[serde(default)]
    again: bool,
}

/// `POST /api/v1/projects/<id>/share-out`.
pub async fn share_out(context: RequestContext, Path(id): Path<i64>, Json(body): Json<ShareRequest>) -> Answer<Queued> {
    let pictures = within(context, api::share_out(id, body.again)).await?;
    Ok(axum::Json(Queued { pictures }))
}

/// The body that takes pictures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TakeRequest {
    count: i64,
}

/// `POST /api/v1/projects/<id>/take`.
pub async fn take(context: RequestContext, Path(id): Path<i64>, Json(body): Json<TakeRequest>) -> Answer<Queued> {
    let pictures = within(context, api::take_pictures(id, body.count)).await?;
    Ok(axum::Json(Queued { pictures }))
}
