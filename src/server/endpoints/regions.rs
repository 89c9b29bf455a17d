//! The regions of a picture and their history.

use super::{ListParameters, base_revision, etag, list_response};
use crate::api;
use crate::api::regions::{Applied, Saved};
use crate::model::region::SoundRegions;
use crate::model::text::path_segment;
use crate::model::{Annotations, AppError, SoundDelta};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query, Raw, off_thread_if_large, parse_json};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Which state of the regions is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateParameters {
    revision: Option<i64>,
}

/// `GET /api/picture/<id>/annotations`: those of now, or with `?revision=` those of an earlier state.
pub async fn annotations(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(parameters): Query<StateParameters>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let state = match parameters.revision {
        Some(revision) => within(context, api::regions::annotations_at(id, revision)).await?,
        None => within(context, api::regions::annotations(id)).await?,
    };
    let etag = etag(state.revision);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    Ok(with_etag(StatusCode::OK, state))
}

/// The header in which a page says, percent-encoded, who drew what it saves.
const ON_BEHALF_OF: &str = "x-ocellus-user";

/// Who may not write learns that first, not what is wrong with the body.
pub(super) fn must_be_who_drew(context: &RequestContext, headers: &HeaderMap) -> Result<(), AppError> {
    let name = headers.get(ON_BEHALF_OF);
    context.writer_if(|user| name.is_none_or(|name| name.as_bytes() == path_segment(user).as_bytes())).map(drop)
}

/// `PUT /api/picture/<id>/annotations`: replaces all regions. 412 carries the current list.
pub async fn save_annotations(
    context: RequestContext,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    must_be_who_drew(&context, &headers)?;
    let base = base_revision(&headers)?;
    let read = |body: &[u8]| SoundRegions::parse(&parse_json(body)?, "").map_err(AppError::fields);
    let regions = off_thread_if_large(body, read).await?;
    let saved = within(context, api::regions::save_annotations(id, base, regions)).await?;
    Ok(match saved {
        Saved::Done(state) => with_etag(StatusCode::OK, state),
        Saved::Outdated(state) => with_etag(StatusCode::PRECONDITION_FAILED, state),
    })
}

/// `POST /api/picture/<id>/annotations/delta`: changes some regions, once. 412 carries the current list.
pub async fn apply_delta(
    context: RequestContext,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    must_be_who_drew(&context, &headers)?;
    let read = |body: &[u8]| SoundDelta::parse(&parse_json(body)?).map_err(AppError::fields);
    let delta = off_thread_if_large(body, read).await?;
    Ok(match within(context, api::regions::apply_delta(id, delta)).await? {
        Applied::Done(answer) => {
            (StatusCode::OK, [(header::ETAG, etag(answer.revision))], axum::Json(answer)).into_response()
        }
        Applied::Outdated(state) => with_etag(StatusCode::PRECONDITION_FAILED, state),
    })
}

/// A 412 is no problem document: it carries the list that a client needs to merge.
fn with_etag(status: StatusCode, state: Annotations) -> Response {
    let etag = etag(state.revision);
    (status, [(header::ETAG, etag)], axum::Json(state.regions)).into_response()
}

/// `GET /api/picture/<id>/history`.
pub async fn history(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(list): Query<ListParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::regions::history(id, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// The body of a revert.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevertRequest {
    revision: i64,
}

/// `POST /api/picture/<id>/revert`.
pub async fn revert(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<RevertRequest>,
) -> Result<Response, AppError> {
    let state = within(context, api::regions::revert(id, body.revision)).await?;
    Ok(with_etag(StatusCode::OK, state))
}
