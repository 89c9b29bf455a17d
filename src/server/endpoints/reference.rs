//! Licences and natures.

use super::{Answer, created};
use crate::api;
use crate::model::{AppError, Counted, Licence, LicenceChange, LicenceSummary, Nature};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path};
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `GET /api/licence/`.
pub async fn licences(context: RequestContext) -> Answer<BTreeMap<String, LicenceSummary>> {
    let licences = within(context, api::reference::licences()).await?;
    let summary = |licence: Licence| {
        (licence.id, LicenceSummary { title: licence.title, free: licence.free, pinned: licence.pinned })
    };
    Ok(axum::Json(licences.into_iter().map(summary).collect()))
}

/// `GET /api/licence/<id>/`.
pub async fn licence(context: RequestContext, Path(id): Path<String>) -> Answer<Counted<Licence>> {
    within(context, api::reference::licence(id)).await.map(axum::Json)
}

/// The body of a new licence.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLicenceRequest {
    id: String,
    title: String,
    #[serde(default)]
    description: String,
    info_url: Option<String>,
    legalese_url: Option<String>,
    free: bool,
    #[serde(default)]
    pinned: bool,
    logo_url: Option<String>,
}

/// `POST /api/new-licence`.
pub async fn new_licence(context: RequestContext, Json(body): Json<NewLicenceRequest>) -> Result<Response, AppError> {
    let NewLicenceRequest { id, title, description, info_url, legalese_url, free, pinned, logo_url } = body;
    let licence = Licence { id, title, description, info_url, legalese_url, free, pinned, logo_url };
    let licence = within(context, api::reference::create_licence(licence)).await?;
    Ok(created("licence", &licence.id, &licence))
}

/// `POST /api/licence/<id>/update`.
pub async fn update_licence(
    context: RequestContext,
    Path(id): Path<String>,
    Json(body): Json<LicenceChange>,
) -> Answer<Counted<Licence>> {
    within(context, api::reference::update_licence(id, body)).await.map(axum::Json)
}

/// `GET /api/nature/`.
pub async fn natures(context: RequestContext) -> Answer<BTreeMap<String, String>> {
    let natures = within(context, api::reference::natures()).await?;
    Ok(axum::Json(natures.into_iter().map(|nature| (nature.id, nature.description)).collect()))
}

/// `GET /api/nature/<id>/`.
pub async fn nature(context: RequestContext, Path(id): Path<String>) -> Answer<Counted<Nature>> {
    within(context, api::reference::nature(id)).await.map(axum::Json)
}

/// The body of a new nature.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNatureRequest {
    id: String,
    description: String,
}

/// `POST /api/new-nature`.
pub async fn new_nature(context: RequestContext, Json(body): Json<NewNatureRequest>) -> Result<Response, AppError> {
    let nature = Nature { id: body.id, description: body.description };
    let nature = within(context, api::reference::create_nature(nature)).await?;
    Ok(created("nature", &nature.id, &nature))
}

/// The body of a change to a nature.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateNatureRequest {
    description: String,
}

/// `POST /api/nature/<id>/update`.
pub async fn update_nature(
    context: RequestContext,
    Path(id): Path<String>,
    Json(body): Json<UpdateNatureRequest>,
) -> Answer<Counted<Nature>> {
    within(context, api::reference::update_nature(id, body.description)).await.map(axum::Json)
}
