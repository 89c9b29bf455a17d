//! The handlers of the JSON API: each passes path, parameters and body to a server function and writes the answer.

use super::context::{RequestContext, within};
use super::errors::internal;
use super::extract::{Json, Path, Query, Raw, off_thread_if_large, parse_json};
use super::routes::TOTAL_COUNT;
use super::search::random_seed;
use super::state::AppState;
use super::{accounts, openapi};
use crate::api;
use crate::api::pictures::Updated;
use crate::api::regions::Saved;
use crate::model::region::parse_regions;
use crate::model::text::path_segment;
use crate::model::{
    Account, Annotations, AppError, Counted, Gallery, ImportReport, Licence, LicenceChange, LicenceSummary, Nature,
    Object, ObjectChange, Ordering, Page, Picture, PictureChange, PictureDetail, RatingSummary, RevisionSummary,
    Sample, TaxonomyFormat,
};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// The answer of a handler.
type Answer<T> = Result<axum::Json<T>, AppError>;

/// `GET /api/health`: whether the database and the blob store answer.
pub async fn health(State(state): State<AppState>) -> Answer<serde_json::Value> {
    state.db.ping().await?;
    state.blobs.probe().await.map_err(|error| internal("the blob store", &error))?;
    Ok(axum::Json(serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")})))
}

/// `GET /api/openapi.json`.
pub async fn openapi(State(state): State<AppState>) -> axum::Json<serde_json::Value> {
    axum::Json(openapi::document(&state.config.public_url))
}

/// `GET /api/docs`: the same for people.
pub async fn docs(State(state): State<AppState>) -> Html<String> {
    Html(openapi::page(&openapi::document(&state.config.public_url)))
}

/// A path under `/api/` that does not exist.
pub async fn nothing_here() -> AppError {
    AppError::NotFound("there is nothing at this address; /api/openapi.json lists what there is".to_owned())
}

/// A method that a path does not have.
pub async fn method_not_allowed() -> AppError {
    AppError::MethodNotAllowed
}

/// The body of a sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    username: String,
    password: String,
}

/// `POST /api/login`.
pub async fn login(context: RequestContext, Json(body): Json<LoginRequest>) -> Answer<Account> {
    accounts::login(&context, &body.username, &body.password).await.map(axum::Json)
}

/// `POST /api/logout`.
pub async fn logout(context: RequestContext) -> Result<StatusCode, AppError> {
    accounts::logout(&context).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of a list is wanted, and in which order.
#[derive(Clone, Default, Deserialize)]
pub struct ListParameters {
    query: Option<String>,
    ordering: Option<String>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
    search: Option<String>,
    top: Option<bool>,
}

/// `GET /api/query-pictures?query=`.
pub async fn query_by_address(
    context: RequestContext,
    Query(parameters): Query<ListParameters>,
) -> Result<Response, AppError> {
    let text = parameters.query.clone().unwrap_or_default();
    query(context, text, parameters, true).await
}

/// `POST /api/query-pictures` with the query's text as the body.
pub async fn query_by_body(
    context: RequestContext,
    Query(parameters): Query<ListParameters>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("text/plain");
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // `curl --data` sends a form's type unless it is told otherwise; the text is meant all the same.
    const TEXT: [&str; 6] = [
        "application/yaml",
        "text/yaml",
        "text/plain",
        "application/json",
        "application/x-yaml",
        "application/x-www-form-urlencoded",
    ];
    if !TEXT.contains(&essence.as_str()) {
        return Err(AppError::UnsupportedMediaType(format!("a query is text of one of the types {}", TEXT.join(", "))));
    }
    let text = std::str::from_utf8(&body).map_err(|_| AppError::invalid("the query is not UTF-8"))?.to_owned();
    query(context, text, parameters, false).await
}

async fn query(
    context: RequestContext,
    text: String,
    parameters: ListParameters,
    text_in_address: bool,
) -> Result<Response, AppError> {
    let ordering = parameters.ordering.as_deref().map(str::parse::<Ordering>).transpose()?;
    // Whoever names no seed gets another order each time; the links to the other parts name the seed of this one.
    let seed = parameters.seed.or_else(|| (ordering == Some(Ordering::Random)).then(random_seed));
    let operation = api::queries::query_pictures(text.clone(), ordering, seed, parameters.offset, parameters.limit);
    let base = format!("{}/api/query-pictures", context.state.config.public_url);
    let page: Page<Picture> = within(context, operation).await?;
    let address = |offset: i64| {
        let mut pairs = vec![format!("offset={offset}"), format!("limit={}", page.limit)];
        pairs.extend(ordering.map(|ordering| format!("ordering={}", ordering.as_str())));
        pairs.extend(seed.map(|seed| format!("seed={seed}")));
        if text_in_address {
            pairs.push(format!("query={}", crate::model::text::path_segment(&text)));
        }
        format!("{base}?{}", pairs.join("&"))
    };
    let mut links = Vec::new();
    let next = page.offset.saturating_add(page.limit);
    if next < page.total {
        links.push(format!("<{}>; rel=\"next\"", address(next)));
    }
    if page.offset > 0 {
        links.push(format!("<{}>; rel=\"prev\"", address((page.offset - page.limit).max(0))));
    }
    Ok(list_response(page, links))
}

fn list_response<T: Serialize>(page: Page<T>, links: Vec<String>) -> Response {
    let total = page.total;
    let mut response = axum::Json(page.items).into_response();
    response.headers_mut().insert(TOTAL_COUNT, HeaderValue::from(total));
    if let Ok(value) = HeaderValue::from_str(&links.join(", "))
        .map_err(drop)
        .and_then(|value| if value.is_empty() { Err(()) } else { Ok(value) })
    {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

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

/// `GET /api/picture/<id>/annotations`.
pub async fn annotations(
    context: RequestContext,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let state = within(context, api::regions::annotations(id)).await?;
    let etag = etag(state.revision);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    if known {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    Ok(with_etag(StatusCode::OK, state))
}

/// The header in which a page says, percent-encoded, who drew what it saves.
const ON_BEHALF_OF: &str = "x-ocellus-user";

/// `PUT /api/picture/<id>/annotations`: replaces all regions. 412 carries the current list.
pub async fn save_annotations(
    context: RequestContext,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    // Who may not write learns that first, not what is wrong with the body.
    let author = context.writer()?;
    // A page that was opened by somebody else does not save under this name.
    if headers.get(ON_BEHALF_OF).is_some_and(|name| name.as_bytes() != path_segment(&author.username).as_bytes()) {
        return Err(AppError::NotSignedIn("somebody else is signed in now".to_owned()));
    }
    let base = base_revision(&headers)?;
    let read = |body: &[u8]| parse_regions(&parse_json(body)?, "").map_err(AppError::fields);
    let regions = off_thread_if_large(body, read).await?;
    let saved = within(context, api::regions::save_annotations(id, base, regions)).await?;
    Ok(match saved {
        Saved::Done(state) => with_etag(StatusCode::OK, state),
        Saved::Outdated(state) => with_etag(StatusCode::PRECONDITION_FAILED, state),
    })
}

fn etag(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// A 412 is no problem document: it carries the list that a client needs to merge.
fn with_etag(status: StatusCode, state: Annotations) -> Response {
    let etag = etag(state.revision);
    (status, [(header::ETAG, etag)], axum::Json(state.regions)).into_response()
}

fn base_revision(headers: &HeaderMap) -> Result<Option<i64>, AppError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let revision = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|text| text.parse().ok());
    revision
        .map(Some)
        .ok_or_else(|| AppError::invalid("the header If-Match must be a revision in quotes, such as \"3\""))
}

/// `GET /api/picture/<id>/history`.
pub async fn history(context: RequestContext, Path(id): Path<i64>) -> Answer<Vec<RevisionSummary>> {
    within(context, api::regions::history(id)).await.map(axum::Json)
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

/// The answer to whoever made something.
fn created(kind: &str, id: &str, made: &impl Serialize) -> Response {
    let location = format!("/api/{kind}/{}/", crate::model::text::path_segment(id));
    (StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(made)).into_response()
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
        let location = format!("/api/object/{}/", crate::model::text::path_segment(&found.object.id));
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

/// What a list of users says of each.
#[derive(Serialize)]
pub struct UserEntry {
    admin: bool,
}

/// `GET /api/user/`.
pub async fn users(context: RequestContext, Query(list): Query<ListParameters>) -> Result<Response, AppError> {
    let page = within(context, api::users::users(list.offset, list.limit)).await?;
    let total = page.total;
    let users: BTreeMap<String, UserEntry> =
        page.items.into_iter().map(|user| (user.id, UserEntry { admin: user.admin })).collect();
    Ok(([(TOTAL_COUNT, HeaderValue::from(total))], axum::Json(users)).into_response())
}

/// `GET /api/user/<username>/`.
pub async fn user(context: RequestContext, Path(name): Path<String>) -> Answer<crate::model::UserProfile> {
    within(context, api::users::user(name)).await.map(axum::Json)
}

/// `GET /api/gallery/<id>`.
pub async fn gallery(context: RequestContext, Path(id): Path<i64>) -> Answer<Gallery> {
    within(context, api::galleries::gallery(id)).await.map(axum::Json)
}

/// `GET /api/gallery/`.
pub async fn galleries(context: RequestContext, Query(list): Query<ListParameters>) -> Result<Response, AppError> {
    let page = within(context, api::galleries::galleries(list.offset, list.limit)).await?;
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
    within(context, api::galleries::edit_gallery(id, body.title, body.description)).await.map(axum::Json)
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

/// A body that names pictures.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PicturesRequest {
    picture_ids: Vec<i64>,
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
