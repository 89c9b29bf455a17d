//! People: signing in and out, and who there is.

use super::{Answer, ListParameters, list_response};
use crate::api;
use crate::model::{Account, AppError, UserDetail};
use crate::server::accounts;
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use crate::server::routes::TOTAL_COUNT;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The body of a sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    username: String,
    password: String,
}

/// `POST /api/login`.
pub async fn login(context: RequestContext, Json(body): Json<LoginRequest>) -> Answer<Account> {
    accounts::login(&context, &body.username, &body.password).await.map(axum::Json)
}

/// `POST /api/logout`.
pub async fn logout(context: RequestContext) -> Result<StatusCode, AppError> {
    accounts::logout(&context).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a list of users says of each.
#[derive(Serialize)]
pub struct UserEntry {
    admin: bool,
}

/// `GET /api/user/`.
pub async fn users(context: RequestContext, Query(list): Query<ListParameters>) -> Result<Response, AppError> {
    let page = within(context, api::users::users(list.search, list.offset, list.limit)).await?;
    let total = page.total;
    let users: BTreeMap<String, UserEntry> =
        page.items.into_iter().map(|user| (user.id, UserEntry { admin: user.admin })).collect();
    Ok(([(TOTAL_COUNT, HeaderValue::from(total))], axum::Json(users)).into_response())
}

/// `GET /api/user/<username>/`.
pub async fn user(context: RequestContext, Path(name): Path<String>) -> Answer<UserDetail> {
    within(context, api::users::user(name)).await.map(axum::Json)
}

/// `GET /api/user/<username>/contributions`.
pub async fn contributions(
    context: RequestContext,
    Path(name): Path<String>,
    Query(list): Query<ListParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::users::contributions(name, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}
