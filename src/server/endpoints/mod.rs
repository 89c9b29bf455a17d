//! The handlers of the JSON API: each passes path, parameters and body to a server function and writes the answer. One
//! file per kind of thing; here is what they share, and what the site says of itself.

pub mod account;
pub mod administration;
pub mod archives;
pub mod dataset_files;
pub mod datasets;
pub mod downloads;
pub mod exports;
pub mod flow;
pub mod galleries;
pub mod imports;
pub mod insights;
pub mod jobs;
pub mod namespaces;
pub mod objects;
pub mod pictures;
pub mod projects;
pub mod queries;
pub mod reference;
pub mod regions;
pub mod saved_queries;
pub mod storage_sites;
pub mod uploads;
pub mod users;
pub mod versions;

use super::errors::internal;
use super::openapi;
use super::routes::TOTAL_COUNT;
use super::state::AppState;
use crate::model::text::path_segment;
use crate::model::{AppError, Page};
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// The answer of a handler.
type Answer<T> = Result<axum::Json<T>, AppError>;

/// `GET /api/health`: whether the database and the blob store answer.
pub async fn health(State(state): State<AppState>) -> Answer<serde_json::Value> {
    state.db.ping().await?;
    state.blobs.probe().await.map_err(|error| internal("the blob store", &error))?;
    Ok(axum::Json(serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})))
}

/// `GET /api/openapi.json`.
pub async fn openapi(State(state): State<AppState>) -> axum::Json<serde_json::Value> {
    axum::Json(openapi::document(&state.config.public_url))
}

/// `GET /api/docs`: the same for people.
pub async fn docs(State(state): State<AppState>) -> Html<String> {
    Html(openapi::page(&openapi::document(&state.config.public_url)))
}

/// A path under `/api/` that does not exist.
pub async fn nothing_here() -> AppError {
    AppError::NotFound("there is nothing at this address; /api/openapi.json lists what there is".to_owned())
}

/// A method that a path does not have.
pub async fn method_not_allowed() -> AppError {
    AppError::MethodNotAllowed
}

/// Which part of a list is wanted.
#[derive(Clone, Default, Deserialize)]
pub struct ListParameters {
    offset: Option<i64>,
    limit: Option<i64>,
    search: Option<String>,
    top: Option<bool>,
    owner: Option<String>,
}

fn list_response<T: Serialize>(page: Page<T>, links: Vec<String>) -> Response {
    let mut response = linked_response(page.items, links);
    response.headers_mut().insert(TOTAL_COUNT, HeaderValue::from(page.total));
    response
}

fn linked_response<T: Serialize>(items: Vec<T>, links: Vec<String>) -> Response {
    let mut response = axum::Json(items).into_response();
    if let Ok(value) = HeaderValue::from_str(&links.join(", "))
        .map_err(drop)
        .and_then(|value| if value.is_empty() { Err(()) } else { Ok(value) })
    {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

fn etag(revision: i64) -> String {
    format!("\"{revision}\"")
}

fn base_revision(headers: &HeaderMap) -> Result<Option<i64>, AppError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let revision = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
    revision
        .map(Some)
        .ok_or_else(|| AppError::invalid("the header If-Match must be a revision in quotes, such as \"3\""))
}

/// The multipart extractor's own refusal becomes a problem, too.
pub async fn upload_body(request: Request) -> Result<Multipart, AppError> {
    Multipart::from_request(request, &())
        .await
        .map_err(|_| AppError::UnsupportedMediaType("the body must be multipart/form-data".to_owned()))
}

/// The answer to whoever made something.
fn created(kind: &str, id: &str, made: &impl Serialize) -> Response {
    let location = format!("/api/{kind}/{}/", path_segment(id));
    (StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(made)).into_response()
}

/// A body that names pictures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PicturesRequest {
    picture_ids: Vec<i64>,
}
