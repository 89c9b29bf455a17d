//! What only administrators may do.

use super::{Answer, list_response};
use crate::api;
use crate::model::{AccountChange, AppError, Member};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use crate::server::pages;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// A secret stays in no cache.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Which part of the audit log is wanted.
#[derive(Deserialize)]
pub struct LogParameters {
    actor: Option<String>,
    action: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/audit-log/`.
pub async fn audit_log(context: RequestContext, Query(wanted): Query<LogParameters>) -> Result<Response, AppError> {
    let LogParameters { actor, action, offset, limit } = wanted;
    let page = within(context, api::administration::audit_log(actor, action, offset, limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `POST /api/user/<username>/update`.
pub async fn update_user(
    context: RequestContext,
    Path(name): Path<String>,
    Json(body): Json<AccountChange>,
) -> Answer<Member> {
    within(context, api::administration::change_account(name, body)).await.map(axum::Json)
}

/// `POST /api/user/<username>/reset-link`.
pub async fn make_reset_link(context: RequestContext, Path(name): Path<String>) -> Result<Response, AppError> {
    let link = within(context, api::administration::make_reset_link(name)).await?;
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, NO_STORE)], axum::Json(link)).into_response())
}

/// `POST /administration/user/<username>/reset-link`, which a form calls: makes the link, and answers with the page that shows
/// it. No other address ever does, so that it works without a script and the secret is shown once.
pub async fn show_reset_link(context: RequestContext, Path(name): Path<String>, request: Request) -> Response {
    let made = within(context.clone(), api::administration::make_reset_link(name)).await;
    let mut response = pages::page_about(context, request, made).await;
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
}
