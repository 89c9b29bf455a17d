//! Versions of datasets: commits, tags, and what differs.

use super::{Answer, list_response};
use crate::api::versions as api;
use crate::model::{AppError, CommitDetail, Committed, Comparison, FileChange};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Which commits are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitsParameters {
    #[serde(rename = "ref")]
    reference: Option<String>,
    path: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// Which part of the differences or tags is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartParameters {
    offset: Option<i64>,
    limit: Option<i64>,
}

/// Which states are put side by side.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompareParameters {
    from: String,
    to: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// The body of a commit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitRequest {
    #[serde(default)]
    message: Option<String>,
    changes: Vec<FileChange>,
}

/// The body that restores a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    path: String,
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default)]
    message: Option<String>,
}

/// The body that reverts a commit.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevertRequest {
    commit: String,
    #[serde(default)]
    message: Option<String>,
}

/// The body that moves a file or folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveRequest {
    from: String,
    to: String,
    #[serde(default)]
    message: Option<String>,
}

/// The body of a tag.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagRequest {
    name: String,
    #[serde(default, rename = "ref")]
    reference: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// The answer to whoever changed files.
pub(super) fn committed(made: Committed) -> Response {
    let status = if made.changed > 0 { StatusCode::CREATED } else { StatusCode::OK };
    (status, axum::Json(made)).into_response()
}

/// `GET /api/v1/datasets/<id>/commits`.
pub async fn commits(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(wanted): Query<CommitsParameters>,
) -> Result<Response, AppError> {
    let CommitsParameters { reference, path, offset, limit } = wanted;
    let page = within(context, api::dataset_commits(id, reference, path, offset, limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `POST /api/v1/datasets/<id>/commits`.
pub async fn new_commit(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<CommitRequest>,
) -> Result<Response, AppError> {
    Ok(committed(within(context, api::change_dataset_files(id, body.message, body.changes)).await?))
}

/// `GET /api/v1/datasets/<id>/commits/<commit or tag>`.
pub async fn commit(
    context: RequestContext,
    Path((id, reference)): Path<(i64, String)>,
    Query(part): Query<PartParameters>,
) -> Answer<CommitDetail> {
    within(context, api::dataset_commit(id, reference, part.offset, part.limit)).await.map(axum::Json)
}

/// `GET /api/v1/datasets/<id>/compare?from=&to=`.
pub async fn compare(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(wanted): Query<CompareParameters>,
) -> Answer<Comparison> {
    let CompareParameters { from, to, offset, limit } = wanted;
    within(context, api::compare_dataset_states(id, from, to, offset, limit)).await.map(axum::Json)
}

/// `POST /api/v1/datasets/<id>/move`.
pub async fn move_files(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<MoveRequest>,
) -> Result<Response, AppError> {
    let MoveRequest { from, to, message } = body;
    let changes = vec![FileChange::Move { from, to }];
    Ok(committed(within(context, api::change_dataset_files(id, message, changes)).await?))
}

/// `POST /api/v1/datasets/<id>/restore`.
pub async fn restore(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<RestoreRequest>,
) -> Result<Response, AppError> {
    let RestoreRequest { path, reference, message } = body;
    Ok(committed(within(context, api::restore_dataset_file(id, path, reference, message)).await?))
}

/// `POST /api/v1/datasets/<id>/revert`.
pub async fn revert(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<RevertRequest>,
) -> Result<Response, AppError> {
    Ok(committed(within(context, api::revert_dataset_commit(id, body.commit, body.message)).await?))
}

/// `GET /api/v1/datasets/<id>/tags`.
pub async fn tags(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(part): Query<PartParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::dataset_versions(id, part.offset, part.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `POST /api/v1/datasets/<id>/tags`.
pub async fn new_tag(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<TagRequest>,
) -> Result<Response, AppError> {
    let TagRequest { name, reference, message } = body;
    let made = within(context, api::tag_dataset(id, name, reference, message)).await?;
    Ok((StatusCode::CREATED, axum::Json(made)).into_response())
}
