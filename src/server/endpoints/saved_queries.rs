//! Queries that people keep under a name.

use super::{Answer, created, list_response};
use crate::api;
use crate::model::saved_query::NewSavedQuery;
use crate::model::{AppError, SavedQuery, SavedQueryChange};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Which part of whose queries is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedQueriesParameters {
    owner: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/saved-query/`.
pub async fn saved_queries(
    context: RequestContext,
    Query(SavedQueriesParameters { owner, offset, limit }): Query<SavedQueriesParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::saved_queries::saved_queries(owner, offset, limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `GET /api/saved-query/<id>`.
pub async fn saved_query(context: RequestContext, Path(id): Path<i64>) -> Answer<SavedQuery> {
    within(context, api::saved_queries::saved_query(id)).await.map(axum::Json)
}

/// `POST /api/new-saved-query`.
pub async fn new_saved_query(
    context: RequestContext,
    Json(NewSavedQuery { title, query, ordering, public }): Json<NewSavedQuery>,
) -> Result<Response, AppError> {
    let saved = within(context, api::saved_queries::save_query(title, query, ordering, public)).await?;
    Ok(created("saved-query", &saved.id.to_string(), &saved))
}

/// `POST /api/saved-query/<id>/update`.
pub async fn update_saved_query(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(change): Json<SavedQueryChange>,
) -> Answer<SavedQuery> {
    let SavedQueryChange { title, query, ordering, public } = change;
    within(context, api::saved_queries::update_saved_query(id, title, query, ordering, public)).await.map(axum::Json)
}

/// `POST /api/saved-query/<id>/delete`.
pub async fn delete_saved_query(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::saved_queries::delete_saved_query(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
