//! Galleries.

use super::{Answer, ListParameters, PicturesRequest, list_response};
use crate::api;
use crate::model::{AppError, Gallery};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// `GET /api/gallery/<id>`.
pub async fn gallery(context: RequestContext, Path(id): Path<i64>) -> Answer<Gallery> {
    within(context, api::galleries::gallery(id)).await.map(axum::Json)
}

/// `GET /api/gallery/`.
pub async fn galleries(context: RequestContext, Query(list): Query<ListParameters>) -> Result<Response, AppError> {
    let page = within(context, api::galleries::galleries(list.owner, list.search, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `GET /api/gallery/<id>/pictures`: in the order that was made by hand.
pub async fn gallery_pictures(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(list): Query<ListParameters>,
) -> Result<Response, AppError> {
    let page = within(context, api::galleries::gallery_pictures(id, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// The body of a new gallery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGalleryRequest {
    title: String,
    #[serde(default)]
    description: String,
}

/// `POST /api/new-gallery`.
pub async fn new_gallery(context: RequestContext, Json(body): Json<NewGalleryRequest>) -> Result<Response, AppError> {
    let gallery = within(context, api::galleries::create_gallery(body.title, body.description)).await?;
    let location = format!("/api/gallery/{}/", gallery.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(gallery)).into_response())
}

/// The body of a change to a gallery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditGalleryRequest {
    title: Option<String>,
    description: Option<String>,
}

/// `POST /api/gallery/<id>/edit`.
pub async fn edit_gallery(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<EditGalleryRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::edit_gallery(id, body.title, body.description, String::new())).await.map(axum::Json)
}

/// `POST /api/gallery/<id>/delete`.
pub async fn delete_gallery(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::galleries::delete_gallery(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A body that names one picture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnePictureRequest {
    picture_id: i64,
}

/// `POST /api/gallery/<id>/add-picture`.
pub async fn add_to_gallery(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<OnePictureRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::add_to_gallery(id, body.picture_id)).await.map(axum::Json)
}

/// `POST /api/gallery/<id>/remove-picture`.
pub async fn remove_from_gallery(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<OnePictureRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::remove_from_gallery(id, body.picture_id)).await.map(axum::Json)
}

/// How many pictures are new in a gallery.
#[derive(Serialize)]
pub struct Added {
    added: i64,
}

/// `POST /api/gallery/<id>/add-pictures`.
pub async fn add_many_to_gallery(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<PicturesRequest>,
) -> Answer<Added> {
    let added = within(context, api::galleries::add_many_to_gallery(id, body.picture_ids)).await?;
    Ok(axum::Json(Added { added }))
}

/// The body that names all pictures that a query finds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddQueryRequest {
    query: String,
}

/// `POST /api/gallery/<id>/add-query`.
pub async fn add_query_to_gallery(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<AddQueryRequest>,
) -> Answer<Added> {
    let added = within(context, api::galleries::add_query_to_gallery(id, body.query)).await?;
    Ok(axum::Json(Added { added }))
}

/// The body that gives a picture another place in its gallery.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReorderRequest {
    picture_id: i64,
    position: i64,
}

/// `POST /api/gallery/<id>/reorder`.
pub async fn reorder_gallery(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<ReorderRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::reorder_gallery(id, body.picture_id, body.position)).await.map(axum::Json)
}

/// The body that chooses a cover; `null` leaves it to the first picture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverRequest {
    picture_id: Option<i64>,
}

/// `POST /api/gallery/<id>/cover`.
pub async fn set_gallery_cover(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<CoverRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::set_gallery_cover(id, body.picture_id)).await.map(axum::Json)
}

/// A body that names a user.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsernameRequest {
    username: String,
}

/// `POST /api/gallery/<id>/users/add`.
pub async fn add_gallery_user(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<UsernameRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::add_gallery_user(id, body.username)).await.map(axum::Json)
}

/// `POST /api/gallery/<id>/users/remove`.
pub async fn remove_gallery_user(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<UsernameRequest>,
) -> Answer<Gallery> {
    within(context, api::galleries::remove_gallery_user(id, body.username)).await.map(axum::Json)
}
