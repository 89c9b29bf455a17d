//! Objects and taxonomies.

use super::{Answer, ListParameters, created, list_response};
use crate::api;
use crate::model::text::path_segment;
use crate::model::{AppError, ImportReport, Object, ObjectChange, Sample, TaxonomyFormat};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query, Raw};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// `GET /api/object/`.
pub async fn objects(context: RequestContext, Query(list): Query<ListParameters>) -> Result<Response, AppError> {
    let top = list.top.unwrap_or_default();
    let page = within(context, api::objects::objects(list.search, top, list.offset, list.limit)).await?;
    Ok(list_response(page, Vec::new()))
}

/// `GET /api/object/<name>/`. A former name leads on to the object.
pub async fn object(context: RequestContext, Path(name): Path<String>) -> Result<Response, AppError> {
    let found = within(context, api::objects::object(name.clone())).await?;
    if found.object.id != name {
        let location = format!("/api/object/{}/", path_segment(&found.object.id));
        // Not forever: another object may take the name.
        return Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response());
    }
    Ok(axum::Json(found).into_response())
}

/// `GET /api/object/<name>/samples`.
pub async fn object_samples(context: RequestContext, Path(name): Path<String>) -> Answer<Vec<Sample>> {
    within(context, api::objects::object_samples(name)).await.map(axum::Json)
}

/// The body of a new object.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewObjectRequest {
    id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parents: Vec<String>,
}

/// `POST /api/new-object`.
pub async fn new_object(context: RequestContext, Json(body): Json<NewObjectRequest>) -> Result<Response, AppError> {
    let object = within(context, api::objects::create_object(body.id, body.description, body.parents)).await?;
    Ok(created("object", &object.id, &object))
}

/// `POST /api/object/<name>/update`.
pub async fn update_object(
    context: RequestContext,
    Path(name): Path<String>,
    Json(body): Json<ObjectChange>,
) -> Answer<Object> {
    within(context, api::objects::update_object(name, body)).await.map(axum::Json)
}

/// The body of a merge.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeRequest {
    into: String,
}

/// `POST /api/object/<name>/merge`.
pub async fn merge_object(
    context: RequestContext,
    Path(name): Path<String>,
    Json(body): Json<MergeRequest>,
) -> Answer<Object> {
    within(context, api::objects::merge_object(name, body.into)).await.map(axum::Json)
}

/// How a taxonomy is imported.
#[derive(Deserialize)]
pub struct ImportParameters {
    #[serde(default)]
    dry_run: bool,
    format: Option<TaxonomyFormat>,
}

/// `POST /api/import-objects?dry_run=&format=` with the taxonomy as the body. Its type says how it is written, unless the
/// parameter does, or it is guessed.
pub async fn import_objects(
    context: RequestContext,
    Query(parameters): Query<ImportParameters>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Answer<ImportReport> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by_type = match media_type.split(';').next().unwrap_or_default().trim() {
        "text/csv" => Some(TaxonomyFormat::Csv),
        "application/yaml" | "text/yaml" | "application/x-yaml" | "application/json" => Some(TaxonomyFormat::Yaml),
        _ => None,
    };
    let text = String::from_utf8(body.into()).map_err(|_| AppError::invalid("the taxonomy is not UTF-8"))?;
    let operation = api::objects::import_objects(text, parameters.format.or(by_type), parameters.dry_run);
    within(context, operation).await.map(axum::Json)
}
