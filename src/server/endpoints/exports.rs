//! `GET /api/v1/export`.

use super::archives::{as_download, sent};
use crate::model::AppError;
use crate::server::context::RequestContext;
use crate::server::exports::ExportParameters;
use crate::server::extract::Query;
use crate::server::ranges::{self, Ranged};
use axum::Json;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

/// The export, or a part of it.
pub async fn export(
    context: RequestContext,
    Query(parameters): Query<ExportParameters>,
    parts: Parts,
) -> Result<Response, AppError> {
    let state = &context.state;
    let place = state.downloads.take(state.db.caller()).await?;
    let planned = parameters.plan(&context.state, &context.viewer, false).await?;
    let (etag, preview) = (format!("\"{}\"", planned.version), planned.preview.clone());
    let what = Ranged { etag: &etag, size: preview.size, media_type: planned.media_type() };
    let send = async |range| {
        let failed = |error| crate::server::errors::internal("sending an export", &error);
        Ok(sent(planned.into_bytes(range).await.map_err(failed)?, place))
    };
    let mut response = ranges::answer(&parts, what, send).await?;
    let name = crate::model::text::path_segment(&preview.name);
    // Not every program knows the second form.
    let plain = preview.name.replace(|char: char| !char.is_ascii_alphanumeric() && !"._-".contains(char), "_");
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{name}");
    as_download(response.headers_mut(), &disposition);
    Ok(response)
}

/// What an export would have in it.
pub async fn preview(
    context: RequestContext,
    Query(parameters): Query<ExportParameters>,
) -> Result<Response, AppError> {
    Ok(Json(parameters.plan(&context.state, &context.viewer, true).await?.preview).into_response())
}
