//! Namespaces and their members.

use super::{Answer, created, list_response};
use crate::api;
use crate::model::{AppError, Namespace, NamespaceFilter, Role, Visibility};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Which namespaces are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamespacesParameters {
    search: Option<String>,
    group: Option<bool>,
    role: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/v1/namespaces/`.
pub async fn namespaces(
    context: RequestContext,
    Query(list): Query<NamespacesParameters>,
) -> Result<Response, AppError> {
    let role = list.role.map(|word| word.parse()).transpose()?;
    let filter = NamespaceFilter { search: list.search, group: list.group, role };
    let page = within(context, api::namespaces::namespaces(filter, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// The body of a new namespace.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNamespaceRequest {
    name: String,
    visibility: Visibility,
}

/// `POST /api/v1/namespaces/`.
pub async fn new_namespace(
    context: RequestContext,
    Json(body): Json<NewNamespaceRequest>,
) -> Result<Response, AppError> {
    let made = within(context, api::namespaces::create_namespace(body.name, body.visibility)).await?;
    Ok(created("v1/namespaces", &made.name, &made))
}

/// `GET /api/v1/namespaces/<name>/`.
pub async fn namespace(context: RequestContext, Path(name): Path<String>) -> Answer<Namespace> {
    within(context, api::namespaces::namespace(name)).await.map(axum::Json)
}

/// The body of a change to a namespace.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateNamespaceRequest {
    visibility: Visibility,
}

/// `POST /api/v1/namespaces/<name>/update`.
pub async fn update_namespace(
    context: RequestContext,
    Path(name): Path<String>,
    Json(body): Json<UpdateNamespaceRequest>,
) -> Answer<Namespace> {
    within(context, api::namespaces::update_namespace(name, body.visibility)).await.map(axum::Json)
}

/// `POST /api/v1/namespaces/<name>/delete`.
pub async fn delete_namespace(context: RequestContext, Path(name): Path<String>) -> Result<StatusCode, AppError> {
    within(context, api::namespaces::delete_namespace(name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of a list of members is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MembersParameters {
    pub(super) offset: Option<i64>,
    pub(super) limit: Option<i64>,
}

/// `GET /api/v1/namespaces/<name>/members`.
pub async fn members(
    context: RequestContext,
    Path(name): Path<String>,
    Query(list): Query<MembersParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::namespaces::namespace_members(name, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// The body that gives a role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRequest {
    pub(super) username: String,
    pub(super) role: Role,
}

/// `POST /api/v1/namespaces/<name>/members`.
pub async fn set_member(
    context: RequestContext,
    Path(name): Path<String>,
    Json(body): Json<MemberRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::namespaces::set_namespace_member(name, body.username, Some(body.role))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body that takes somebody out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovedMemberRequest {
    pub(super) username: String,
}

/// `POST /api/v1/namespaces/<name>/members/remove`.
pub async fn remove_member(
    context: RequestContext,
    Path(name): Path<String>,
    Json(body): Json<RemovedMemberRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::namespaces::set_namespace_member(name, body.username, None)).await?;
    Ok(StatusCode::NO_CONTENT)
}
