//! `GET /api/v1/export`.

use super::archives::sent;
use crate::model::AppError;
use crate::server::archives::{Contents, stream};
use crate::server::context::RequestContext;
use crate::server::exports::{ExportParameters, Planned};
use crate::server::extract::Query;
use crate::server::ranges::{self, Ranged, insert};
use axum::Json;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The export, or a part of it.
pub async fn export(
    context: RequestContext,
    Query(parameters): Query<ExportParameters>,
    parts: Parts,
) -> Result<Response, AppError> {
    let state = &context.state;
    let place = state.downloads.take(state.db.caller()).await?;
    let Planned { archive, files, version, preview, is_bare } =
        parameters.plan(&context.state, &context.viewer, false).await?;
    let (format, etag) = (parameters.format()?, format!("\"{version}\""));
    let media_type = if is_bare { format.media_type() } else { archive.kind().media_type() };
    let what = Ranged { etag: &etag, size: preview.size, media_type };
    let send = async |range| {
        Ok(match is_bare {
            true => {
                let bytes = files.open(0, range).await;
                let failed = |error| crate::server::errors::internal("sending an export", &error);
                sent(bytes.map_err(failed)?, place)
            }
            false => sent(stream(Arc::new(archive), Arc::new(files), range), place),
        })
    };
    let mut response = ranges::answer(&parts, what, send).await?;
    let headers = response.headers_mut();
    let name = crate::model::text::path_segment(&preview.name);
    // Not every program knows the second form.
    let plain = preview.name.replace(|char: char| !char.is_ascii_alphanumeric() && !"._-".contains(char), "_");
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{name}");
    insert(headers, header::CONTENT_DISPOSITION, &disposition);
    insert(headers, header::CACHE_CONTROL, "private, no-cache");
    insert(headers, header::VARY, "authorization, cookie");
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    Ok(response)
}

/// What an export would have in it.
pub async fn preview(
    context: RequestContext,
    Query(parameters): Query<ExportParameters>,
) -> Result<Response, AppError> {
    Ok(Json(parameters.plan(&context.state, &context.viewer, true).await?.preview).into_response())
}
