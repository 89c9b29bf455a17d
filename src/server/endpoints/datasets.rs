//! Datasets and their members.

use super::namespaces::{MemberRequest, MembersParameters, RemovedMemberRequest};
use super::{Answer, created, list_response};
use crate::api;
use crate::model::{AppError, Dataset, DatasetChange, DatasetFilter, DatasetNumbers, DatasetOrder, NewDataset};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Which datasets are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetsParameters {
    search: Option<String>,
    namespace: Option<String>,
    tag: Option<String>,
    visibility: Option<String>,
    role: Option<String>,
    sort: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/v1/datasets/`.
pub async fn datasets(context: RequestContext, Query(list): Query<DatasetsParameters>) -> Result<Response, AppError> {
    let visibility = list.visibility.map(|word| word.parse()).transpose()?;
    let order: Option<DatasetOrder> = list.sort.map(|word| word.parse()).transpose()?;
    let role = list.role.map(|word| word.parse()).transpose()?;
    let filter = DatasetFilter { search: list.search, namespace: list.namespace, tag: list.tag, visibility, role };
    let datasets = api::datasets::datasets(filter, order.unwrap_or_default(), list.offset, list.limit);
    Ok(list_response(within(context, datasets).await?, Vec::new()))
}

/// `POST /api/v1/datasets/`.
pub async fn new_dataset(context: RequestContext, Json(body): Json<NewDataset>) -> Result<Response, AppError> {
    let made = within(context, api::datasets::create_dataset(body)).await?;
    Ok(created("v1/datasets", &made.id.to_string(), &made))
}

/// `GET /api/v1/datasets/<id>/`.
pub async fn dataset(context: RequestContext, Path(id): Path<i64>) -> Answer<Dataset> {
    within(context, api::datasets::dataset(id)).await.map(axum::Json)
}

/// `GET /api/v1/datasets/<id>/numbers`.
pub async fn numbers(context: RequestContext, Path(id): Path<i64>) -> Answer<DatasetNumbers> {
    within(context, api::datasets::dataset_numbers(id)).await.map(axum::Json)
}

/// `GET /api/v1/datasets/by-name/<namespace>/<name>`.
pub async fn dataset_by_name(
    context: RequestContext,
    Path((namespace, name)): Path<(String, String)>,
) -> Answer<Dataset> {
    within(context, api::datasets::dataset_by_name(namespace, name)).await.map(axum::Json)
}

/// `POST /api/v1/datasets/<id>/update`.
pub async fn update_dataset(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<DatasetChange>,
) -> Answer<Dataset> {
    within(context, api::datasets::update_dataset(id, body)).await.map(axum::Json)
}

/// `POST /api/v1/datasets/<id>/delete`.
pub async fn delete_dataset(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::datasets::delete_dataset(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/datasets/<id>/members`.
pub async fn members(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(list): Query<MembersParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::datasets::dataset_members(id, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `POST /api/v1/datasets/<id>/members`.
pub async fn set_member(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<MemberRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::datasets::set_dataset_member(id, body.username, Some(body.role))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/datasets/<id>/members/remove`.
pub async fn remove_member(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<RemovedMemberRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::datasets::set_dataset_member(id, body.username, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}
