//! Pictures, one by one and several at once.

use super::{Answer, PicturesRequest, base_revision, etag};
use crate::api;
use crate::api::pictures::Updated;
use crate::model::{AppError, PictureChange, PictureDetail, RatingSummary};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};

/// `GET /api/picture/<id>/`.
pub async fn picture(context: RequestContext, Path(id): Path<i64>) -> Answer<PictureDetail> {
    within(context, api::pictures::picture(id)).await.map(axum::Json)
}

/// `POST /api/picture/<id>/update`. 412 carries the picture as it is.
pub async fn update_picture(
    context: RequestContext,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Json(change): Json<PictureChange>,
) -> Result<Response, AppError> {
    let base = base_revision(&headers)?;
    let (status, detail) = match within(context, api::pictures::update_picture(id, base, change)).await? {
        Updated::Done(detail) => (StatusCode::OK, detail),
        Updated::Outdated(detail) => (StatusCode::PRECONDITION_FAILED, detail),
    };
    Ok((status, [(header::ETAG, etag(detail.metadata_revision))], axum::Json(detail)).into_response())
}

/// `POST /api/picture/<id>/copy`.
pub async fn copy_picture(context: RequestContext, Path(id): Path<i64>) -> Result<Response, AppError> {
    let detail = within(context, api::pictures::copy_picture(id)).await?;
    let location = format!("/api/picture/{}/", detail.picture.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(detail)).into_response())
}

/// `POST /api/picture/<id>/delete`.
pub async fn delete_picture(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::pictures::delete_picture(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body of a rating: `false` removes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRequest {
    #[serde(deserialize_with = "grade_or_false")]
    rating: Option<u8>,
}

fn grade_or_false<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rating {
        Grade(u8),
        Removed(bool),
    }
    match Rating::deserialize(deserializer) {
        Ok(Rating::Grade(grade)) => Ok(Some(grade)),
        Ok(Rating::Removed(false)) => Ok(None),
        _ => Err(serde::de::Error::custom("`rating` must be a whole number from 1 to 5, or false to remove it")),
    }
}

/// `POST /api/picture/<id>/rate`.
pub async fn rate_picture(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<RateRequest>,
) -> Answer<RatingSummary> {
    within(context, api::pictures::rate_picture(id, body.rating)).await.map(axum::Json)
}

/// The body of a change to several pictures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdatePicturesRequest {
    picture_ids: Vec<i64>,
    licence_ids: Option<Vec<String>>,
    nature_id: Option<String>,
}

/// `POST /api/update-pictures`.
pub async fn update_pictures(
    context: RequestContext,
    Json(body): Json<UpdatePicturesRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::bulk::update_pictures(body.picture_ids, body.licence_ids, body.nature_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/delete-pictures`.
pub async fn delete_pictures(
    context: RequestContext,
    Json(body): Json<PicturesRequest>,
) -> Result<StatusCode, AppError> {
    within(context, api::bulk::delete_pictures(body.picture_ids)).await?;
    Ok(StatusCode::NO_CONTENT)
}
