//! `GET /api/v1/datasets/<id>/archive`.

use crate::model::{AppError, ArchiveKind};
use crate::server::archives::stream;
use crate::server::context::RequestContext;
use crate::server::extract::{Path, Query};
use crate::server::patience::{PATIENCE, while_read};
use crate::server::ranges::{self, Ranged, insert};
use crate::server::store::Place;
use crate::server::versions::archive::{self, Planned, Wanted};
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::Deserialize;
use std::io;
use std::sync::Arc;

/// Which archive is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveParameters {
    #[serde(rename = "ref")]
    reference: Option<String>,
    path: Option<String>,
    content: Option<String>,
    format: Option<String>,
}

/// All files of a state or of a folder in it, or what Git keeps of them.
pub async fn dataset_archive(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(asked): Query<ArchiveParameters>,
    parts: Parts,
) -> Result<Response, AppError> {
    let ArchiveParameters { reference, path, content, format } = asked;
    let kind = format.map_or(Ok(ArchiveKind::Zip), |word| word.parse())?;
    let folder = path.unwrap_or_default();
    let wanted = Wanted { dataset: id, reference: reference.as_deref(), folder: &folder, kind };
    let (state, viewer) = (&context.state, &context.viewer);
    let (mut response, name) = match content.as_deref().unwrap_or("files") {
        "files" => {
            let place = state.downloads.take(state.db.caller()).await?;
            let planned = archive::plan(state, viewer, &wanted).await?;
            let Planned { archive, files, version, name } = planned;
            let (archive, etag) = (Arc::new(archive), format!("\"{version}\""));
            let what = Ranged { etag: &etag, size: archive.length(), media_type: kind.media_type() };
            let send = async |range| Ok(sent(stream(archive.clone(), Arc::new(files), range), place));
            (ranges::answer(&parts, what, send).await?, name)
        }
        "pointers" => {
            // A place first: Git begins to work at once.
            let place = state.packs.take(state.db.caller()).await?;
            let (pack, name) = archive::pointers(state, viewer, &wanted).await?;
            (([(header::CONTENT_TYPE, kind.media_type())], sent(pack.into_whole(), place)).into_response(), name)
        }
        _ => return Err(AppError::field("content", "must be files or pointers")),
    };
    let name = format!("attachment; filename*=UTF-8''{}.{}", crate::model::text::path_segment(&name), kind.as_str());
    as_download(response.headers_mut(), &name);
    Ok(response)
}

/// Says of an answer that it is a file to be kept, which nobody else is to be given.
pub(super) fn as_download(headers: &mut HeaderMap, disposition: &str) {
    insert(headers, header::CONTENT_DISPOSITION, disposition);
    insert(headers, header::CACHE_CONTROL, "private, no-cache");
    insert(headers, header::VARY, "authorization, cookie");
    insert(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
}

/// A body that holds a place for as long as somebody reads it.
pub(super) fn sent(bytes: impl Stream<Item = io::Result<Bytes>> + Send + 'static, place: Place) -> Body {
    let bytes = bytes.inspect(move |_| {
        let _ = &place;
    });
    Body::from_stream(while_read(bytes, PATIENCE))
}
