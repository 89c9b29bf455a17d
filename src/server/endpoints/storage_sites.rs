//! Storage sites, and what was granted to whom.

use super::{Answer, created, list_response};
use crate::api::storage_sites as api;
use crate::model::{
    AppError, Dataset, GrantedRight, NewStorageSite, SiteGrant, SiteTest, StorageSite, StorageSiteChange,
    StorageSiteFilter,
};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Which storage sites are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSitesParameters {
    search: Option<String>,
    access: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/v1/storage-sites/`.
pub async fn storage_sites(
    context: RequestContext,
    Query(list): Query<StorageSitesParameters>,
) -> Result<Response, AppError> {
    let access = list.access.map(|word| word.parse()).transpose()?;
    let filter = StorageSiteFilter { search: list.search, access };
    let page = within(context, api::storage_sites(filter, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `POST /api/v1/storage-sites/`.
pub async fn new_storage_site(context: RequestContext, Json(body): Json<NewStorageSite>) -> Result<Response, AppError> {
    let made = within(context, api::create_storage_site(body)).await?;
    Ok(created("v1/storage-sites", &made.id.to_string(), &made))
}

/// `GET /api/v1/storage-sites/<id>/`.
pub async fn storage_site(context: RequestContext, Path(id): Path<i64>) -> Answer<StorageSite> {
    within(context, api::storage_site(id)).await.map(axum::Json)
}

/// `POST /api/v1/storage-sites/<id>/update`.
pub async fn update_storage_site(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<StorageSiteChange>,
) -> Answer<StorageSite> {
    within(context, api::update_storage_site(id, body)).await.map(axum::Json)
}

/// `POST /api/v1/storage-sites/<id>/delete`.
pub async fn delete_storage_site(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::delete_storage_site(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/storage-sites/<id>/test`.
pub async fn test_storage_site(context: RequestContext, Path(id): Path<i64>) -> Answer<SiteTest> {
    within(context, api::test_storage_site(id)).await.map(axum::Json)
}

/// `GET /api/v1/storage-sites/<id>/grants`.
pub async fn grants(context: RequestContext, Path(id): Path<i64>) -> Answer<Vec<GrantedRight>> {
    within(context, api::storage_site_grants(id)).await.map(axum::Json)
}

/// `POST /api/v1/storage-sites/<id>/grants`.
pub async fn set_grant(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<SiteGrant>,
) -> Result<StatusCode, AppError> {
    within(context, api::set_storage_site_grant(id, body.namespace, Some(body.access))).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The body that takes back what was granted to a namespace, which is named or has a number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovedGrantRequest {
    namespace: Option<String>,
    number: Option<i64>,
}

/// `POST /api/v1/storage-sites/<id>/grants/remove`.
pub async fn remove_grant(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<RemovedGrantRequest>,
) -> Result<StatusCode, AppError> {
    match (body.namespace, body.number) {
        (Some(namespace), None) => within(context, api::set_storage_site_grant(id, namespace, None)).await?,
        (None, Some(number)) => within(context, api::remove_storage_site_grant(id, number)).await?,
        _ => return Err(AppError::field("namespace", "or else `number` is needed, and only one of them")),
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The body that chooses where the bytes of a dataset shall live.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenSiteRequest {
    storage_site: String,
}

/// `POST /api/v1/datasets/<id>/storage-site`.
pub async fn choose(
    context: RequestContext,
    Path(id): Path<i64>,
    Json(body): Json<ChosenSiteRequest>,
) -> Answer<Dataset> {
    within(context, api::choose_storage_site(id, body.storage_site)).await.map(axum::Json)
}
