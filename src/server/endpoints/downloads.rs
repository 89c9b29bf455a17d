//! A query's whole results as a file.

use super::queries::query_text;
use crate::model::download::columns_of;
use crate::model::{AppError, ListFormat, Ordering};
use crate::server::context::RequestContext;
use crate::server::extract::{Query, Raw};
use crate::server::list_download::ListDownload;
use crate::server::patience::{PATIENCE, while_read};
use crate::server::routes::TOTAL_COUNT;
use crate::server::search::{find_all, random_seed};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Which results, and how they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DownloadParameters {
    query: Option<String>,
    format: Option<String>,
    columns: Option<String>,
    ordering: Option<String>,
    seed: Option<i64>,
}

/// `GET /api/query-download?query=`.
pub async fn download_by_address(
    context: RequestContext,
    Query(parameters): Query<DownloadParameters>,
) -> Result<Response, AppError> {
    let text = parameters.query.clone().unwrap_or_default();
    download(context, &text, parameters).await
}

/// `POST /api/query-download` with the query's text as the body.
pub async fn download_by_body(
    context: RequestContext,
    Query(parameters): Query<DownloadParameters>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    download(context, &query_text(&headers, &body)?, parameters).await
}

async fn download(context: RequestContext, text: &str, parameters: DownloadParameters) -> Result<Response, AppError> {
    let DownloadParameters { format, columns, ordering, seed, .. } = parameters;
    let format: ListFormat = format.as_deref().map(str::parse).transpose()?.unwrap_or_default();
    let columns = columns.as_deref().map_or_else(|| Ok(format.usual_columns()), columns_of)?;
    let ordering: Ordering = ordering.as_deref().map(str::parse).transpose()?.unwrap_or_default();
    let RequestContext { state, viewer, .. } = context;
    let found = find_all(&state.db, &viewer, text, ordering, seed.unwrap_or_else(random_seed)).await?;
    let total = HeaderValue::from(found.total());
    let list = ListDownload { found, format, columns, db: state.db, viewer, urls: state.urls };
    let name = format!("attachment; filename=\"pictures.{}\"", format.as_str());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"))),
        (TOTAL_COUNT, total),
    ];
    Ok((headers, Body::from_stream(while_read(list.into_parts(), PATIENCE))).into_response())
}
