//! The HTTP route table.
//!
//! Three parts: the JSON API under `/api/`, files (pictures and the front end), and pages, which Leptos renders. The
//! table of the API is [`api_routes`]; `openapi.rs` describes the same paths, and a test compares the two.

use super::context::{RequestContext, request_id};
use super::endpoints::{
    self, account, administration, archives, dataset_files, datasets, downloads, exports, flow, galleries, imports,
    insights, jobs, namespaces, objects, pictures, projects, queries, reference, regions, saved_queries, storage_sites,
    uploads, users, versions,
};
use super::errors::{finish_problems, problem_response};
use super::state::AppState;
use super::{assets, files, guard, pages, tools, upload};
use crate::model::AppError;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Extensions, HeaderMap, HeaderName, StatusCode, Version, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, head, post};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::trace::TraceLayer;
use tower_sessions::cookie::{SameSite, time};
use tower_sessions::{Expiry, SessionManagerLayer};

/// Bodies with regions: as many as a picture may have, of few corners each. Their shapes are bounded by `MAX_SHAPE_BYTES`.
const ANNOTATIONS_LIMIT_BYTES: usize = 32_000_000;
/// Other bodies: a query's text may have 64 KiB, and the language says so itself when there is more.
const BODY_LIMIT_BYTES: usize = 1_000_000;
/// A taxonomy, which says itself when there is more.
const TAXONOMY_LIMIT_BYTES: usize = 20_000_000;
/// A commit, of which every change has two paths at most; those of very many files are short.
const COMMIT_LIMIT_BYTES: usize = 32_000_000;
/// An upload's metadata and the multipart framing come on top of the file.
const UPLOAD_EXTRA_BYTES: u64 = 20_000_000;

/// The whole site as one service.
pub fn router(state: AppState) -> Router {
    // Server functions run as tasks of this runtime. A second router in one process, as in tests, finds it set.
    let _ = any_spawner::Executor::init_tokio();
    let sessions = SessionManagerLayer::new(super::auth::session_store::DbSessionStore(state.db.clone()))
        .with_name("ocellus")
        .with_same_site(SameSite::Lax)
        .with_secure(state.config.is_secure())
        .with_expiry(Expiry::OnInactivity(time::Duration::days(state.config.session_days)));

    let with_viewer = Router::new()
        .nest("/api", api_routes(&state))
        .route("/api/", any(endpoints::nothing_here).layer(from_fn(finish_problems)))
        .route(
            "/fn/{name}",
            post(pages::server_function)
                .layer(DefaultBodyLimit::max(ANNOTATIONS_LIMIT_BYTES))
                .layer(from_fn(finish_problems)),
        )
        .merge(page_routes())
        .layer(from_fn_with_state(state.clone(), guard::same_origin))
        .layer(sessions.clone())
        // Not on pictures: an SVG is served byte for byte, too, and in parts.
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Precise(3))
                .compress_when(DefaultPredicate::new().and(compressible)),
        );

    // Other programs, which browsers' pages have no business with. Git compresses what it sends; DVC does not, and what it brings may
    // be large.
    let for_tools = Router::new()
        .route("/{namespace}/{repository}/info/refs", get(tools::advertise))
        .route("/{namespace}/{repository}/git-upload-pack", post(tools::upload_pack))
        .route("/{namespace}/{repository}/git-receive-pack", post(tools::receive_pack))
        .layer(RequestDecompressionLayer::new())
        .route(
            "/api/v1/datasets/{id}/dvc/files/md5/{start}/{rest}",
            get(tools::dvc_file).put(tools::put_dvc_file).post(tools::put_dvc_file),
        )
        .route(
            "/{namespace}/{repository}/files/md5/{start}/{rest}",
            get(tools::dvc_file_by_name).put(tools::put_dvc_file_by_name).post(tools::put_dvc_file_by_name),
        )
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(only_problems))
        .layer(from_fn(tools::ask_who_it_is))
        .layer(from_fn(finish_problems))
        .layer(from_fn_with_state(state.clone(), guard::same_origin));

    Router::new()
        .merge(for_tools)
        .route("/image/{name}", get(files::original))
        .route("/thumbnail/{hash}/{size_px}", get(files::thumbnail))
        .route("/crop/{region}", get(files::crop))
        .layer(from_fn(finish_problems))
        // Read for files that not everybody may see, and for no others.
        .layer(sessions)
        .merge(with_viewer)
        .layer(from_fn(guard::security_headers))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(TraceLayer::new_for_http().make_span_with(request_span).on_response(log_response).on_failure(()))
        .layer(SetRequestIdLayer::x_request_id(RandomRequestId))
        .with_state(state)
}

/// Whether an answer may be compressed on its way: files of which parts may be asked for leave byte for byte.
fn compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    !headers.contains_key(header::ACCEPT_RANGES)
}

/// Pages, which Leptos finds by their addresses; and the one that a form is answered with.
fn page_routes() -> Router<AppState> {
    Router::new()
        .route("/administration/user/{name}/reset-link", post(administration::show_reset_link).fallback(pages::page))
        .fallback(pages::page)
        .layer(CatchPanicLayer::custom(pages::panicked))
}

/// The JSON API. Every path answers with and without a slash at the end.
fn api_routes(state: &AppState) -> Router<AppState> {
    let upload_limit = usize::try_from(state.config.upload_limit_bytes + UPLOAD_EXTRA_BYTES).unwrap_or(usize::MAX);
    let annotations = get(regions::annotations)
        .put(regions::save_annotations)
        .post(regions::save_annotations)
        .layer(DefaultBodyLimit::max(ANNOTATIONS_LIMIT_BYTES));
    let delta = post(regions::apply_delta).layer(DefaultBodyLimit::max(ANNOTATIONS_LIMIT_BYTES));
    let commits = get(versions::commits).post(versions::new_commit).layer(DefaultBodyLimit::max(COMMIT_LIMIT_BYTES));
    let import_objects = post(objects::import_objects).layer(DefaultBodyLimit::max(TAXONOMY_LIMIT_BYTES));
    [
        ("/health", get(endpoints::health)),
        ("/openapi.json", get(endpoints::openapi)),
        ("/docs", get(endpoints::docs)),
        ("/login", post(users::login)),
        ("/logout", post(users::logout)),
        ("/account/editor-settings", get(account::editor_settings).put(account::save_editor_settings)),
        ("/query-pictures", get(queries::query_by_address).post(queries::query_by_body)),
        ("/query-insights", get(insights::insights_by_address).post(insights::insights_by_body)),
        ("/query-plot/{dimension}", get(insights::plot)),
        ("/query-download", get(downloads::download_by_address).post(downloads::download_by_body)),
        ("/upload", post(upload_route).layer(DefaultBodyLimit::max(upload_limit))),
        ("/picture/{id}", get(pictures::picture)),
        ("/picture/{id}/update", post(pictures::update_picture)),
        ("/picture/{id}/copy", post(pictures::copy_picture)),
        ("/picture/{id}/delete", post(pictures::delete_picture)),
        ("/picture/{id}/rate", post(pictures::rate_picture)),
        ("/picture/{id}/annotations", annotations),
        ("/picture/{id}/annotations/delta", delta),
        ("/picture/{id}/queue", get(flow::queue)),
        ("/picture/{id}/mark", get(flow::marks).put(flow::mark_picture).delete(flow::unmark_picture)),
        ("/picture/{id}/history", get(regions::history)),
        ("/picture/{id}/revert", post(regions::revert)),
        ("/licence", get(reference::licences)),
        ("/licence/{id}", get(reference::licence)),
        ("/licence/{id}/update", post(reference::update_licence)),
        ("/new-licence", post(reference::new_licence)),
        ("/nature", get(reference::natures)),
        ("/nature/{id}", get(reference::nature)),
        ("/nature/{id}/update", post(reference::update_nature)),
        ("/new-nature", post(reference::new_nature)),
        ("/object", get(objects::objects)),
        ("/object/{name}", get(objects::object)),
        ("/object/{name}/update", post(objects::update_object)),
        ("/object/{name}/merge", post(objects::merge_object)),
        ("/object/{name}/samples", get(objects::object_samples)),
        ("/new-object", post(objects::new_object)),
        ("/import-objects", import_objects),
        ("/user", get(users::users)),
        ("/user/{name}", get(users::user)),
        ("/user/{name}/contributions", get(users::contributions)),
        ("/user/{name}/update", post(administration::update_user)),
        ("/user/{name}/reset-link", post(administration::make_reset_link)),
        ("/audit-log", get(administration::audit_log)),
        ("/gallery", get(galleries::galleries)),
        ("/gallery/{id}", get(galleries::gallery)),
        ("/gallery/{id}/pictures", get(galleries::gallery_pictures)),
        ("/gallery/{id}/edit", post(galleries::edit_gallery)),
        ("/gallery/{id}/delete", post(galleries::delete_gallery)),
        ("/gallery/{id}/add-picture", post(galleries::add_to_gallery)),
        ("/gallery/{id}/add-pictures", post(galleries::add_many_to_gallery)),
        ("/gallery/{id}/add-query", post(galleries::add_query_to_gallery)),
        ("/gallery/{id}/remove-picture", post(galleries::remove_from_gallery)),
        ("/gallery/{id}/reorder", post(galleries::reorder_gallery)),
        ("/gallery/{id}/cover", post(galleries::set_gallery_cover)),
        ("/gallery/{id}/users/add", post(galleries::add_gallery_user)),
        ("/gallery/{id}/users/remove", post(galleries::remove_gallery_user)),
        ("/new-gallery", post(galleries::new_gallery)),
        ("/saved-query", get(saved_queries::saved_queries)),
        ("/saved-query/{id}", get(saved_queries::saved_query)),
        ("/saved-query/{id}/update", post(saved_queries::update_saved_query)),
        ("/saved-query/{id}/delete", post(saved_queries::delete_saved_query)),
        ("/new-saved-query", post(saved_queries::new_saved_query)),
        ("/v1/namespaces", get(namespaces::namespaces).post(namespaces::new_namespace)),
        ("/v1/namespaces/{name}", get(namespaces::namespace)),
        ("/v1/namespaces/{name}/update", post(namespaces::update_namespace)),
        ("/v1/namespaces/{name}/delete", post(namespaces::delete_namespace)),
        ("/v1/namespaces/{name}/members", get(namespaces::members).post(namespaces::set_member)),
        ("/v1/namespaces/{name}/members/remove", post(namespaces::remove_member)),
        ("/v1/datasets", get(datasets::datasets).post(datasets::new_dataset)),
        ("/v1/datasets/{id}", get(datasets::dataset)),
        ("/v1/datasets/{id}/numbers", get(datasets::numbers)),
        ("/v1/datasets/by-name/{namespace}/{name}", get(datasets::dataset_by_name)),
        ("/v1/datasets/{id}/update", post(datasets::update_dataset)),
        ("/v1/datasets/{id}/delete", post(datasets::delete_dataset)),
        ("/v1/datasets/{id}/storage-site", post(storage_sites::choose)),
        ("/v1/projects", get(projects::projects).post(projects::new_project)),
        ("/v1/projects/{id}", get(projects::project)),
        ("/v1/projects/{id}/update", post(projects::update_project)),
        ("/v1/projects/{id}/delete", post(projects::delete_project)),
        ("/v1/projects/{id}/progress", get(projects::progress)),
        ("/v1/projects/{id}/members", post(projects::set_member)),
        ("/v1/projects/{id}/members/remove", post(projects::remove_member)),
        ("/v1/projects/{id}/pictures", get(projects::pictures)),
        ("/v1/projects/{id}/pictures/{picture}", get(projects::picture).post(projects::set_state)),
        ("/v1/projects/{id}/assign", post(projects::assign)),
        ("/v1/projects/{id}/share-out", post(projects::share_out)),
        ("/v1/projects/{id}/take", post(projects::take)),
        ("/v1/storage-sites", get(storage_sites::storage_sites).post(storage_sites::new_storage_site)),
        ("/v1/storage-sites/{id}", get(storage_sites::storage_site)),
        ("/v1/storage-sites/{id}/update", post(storage_sites::update_storage_site)),
        ("/v1/storage-sites/{id}/delete", post(storage_sites::delete_storage_site)),
        ("/v1/storage-sites/{id}/test", post(storage_sites::test_storage_site)),
        ("/v1/storage-sites/{id}/grants", get(storage_sites::grants).post(storage_sites::set_grant)),
        ("/v1/storage-sites/{id}/grants/remove", post(storage_sites::remove_grant)),
        ("/v1/datasets/{id}/members", get(datasets::members).post(datasets::set_member)),
        ("/v1/datasets/{id}/members/remove", post(datasets::remove_member)),
        ("/v1/datasets/{id}/folder", get(dataset_files::folder)),
        ("/v1/jobs", get(jobs::jobs)),
        ("/v1/jobs/{id}", get(jobs::job).delete(jobs::delete_job)),
        ("/v1/jobs/{id}/cancel", post(jobs::cancel_job)),
        ("/v1/jobs/{id}/events", get(jobs::events)),
        ("/v1/jobs/{id}/errors.csv", get(jobs::errors)),
        ("/v1/imports", post(imports::import).layer(DefaultBodyLimit::disable())),
        ("/v1/export", get(exports::export)),
        ("/v1/export/preview", get(exports::preview)),
        ("/v1/datasets/{id}/archive", get(archives::dataset_archive)),
        (
            "/v1/datasets/{id}/files",
            get(dataset_files::files).post(dataset_files::put_files).layer(DefaultBodyLimit::disable()),
        ),
        ("/v1/datasets/{id}/commits", commits),
        ("/v1/datasets/{id}/commits/{reference}", get(versions::commit)),
        ("/v1/datasets/{id}/compare", get(versions::compare)),
        ("/v1/datasets/{id}/move", post(versions::move_files)),
        ("/v1/datasets/{id}/restore", post(versions::restore)),
        ("/v1/datasets/{id}/revert", post(versions::revert)),
        ("/v1/datasets/{id}/tags", get(versions::tags).post(versions::new_tag)),
        ("/update-pictures", post(pictures::update_pictures)),
        ("/delete-pictures", post(pictures::delete_pictures)),
    ]
    .into_iter()
    .fold(Router::new(), |router, (path, methods)| {
        router.route(path, methods.clone()).route(&format!("{path}/"), methods)
    })
    // What a slash at the end means is for the path to say.
    .route(
        "/v1/datasets/{id}/files/{*path}",
        get(dataset_files::file).put(dataset_files::put_file).delete(dataset_files::delete_file),
    )
    .route("/v1/datasets/{id}/annotations/{*path}", get(dataset_files::annotations))
    .merge(resumable_uploads())
    .route("/{*anything}", any(endpoints::nothing_here))
    .route("/", any(endpoints::nothing_here))
    .method_not_allowed_fallback(endpoints::method_not_allowed)
    .layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES))
    .layer(from_fn(only_problems))
    .layer(from_fn(finish_problems))
}

/// Files that come in parts, which have a protocol of their own.
fn resumable_uploads() -> Router<AppState> {
    let all = post(uploads::begin).options(uploads::options);
    let one = head(uploads::head).get(uploads::show).patch(uploads::patch).delete(uploads::end).post(uploads::other);
    Router::new()
        .route("/v1/datasets/{id}/uploads", all.clone())
        .route("/v1/datasets/{id}/uploads/", all)
        .route("/v1/datasets/{id}/uploads/{upload}", one.clone().options(uploads::options))
        .route("/v1/datasets/{id}/uploads/{upload}/", one.options(uploads::options))
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(uploads::speak))
}

async fn upload_route(context: RequestContext, request: Request) -> Result<Response, AppError> {
    upload::upload(context, endpoints::upload_body(request).await).await
}

/// Middleware: whatever the framework refuses by itself leaves as a problem document, never as text or HTML.
async fn only_problems(request: Request, next: axum::middleware::Next) -> Response {
    let request_id = request_id(request.extensions());
    let response = next.run(request).await;
    let status = response.status();
    // JSON is a handler's own answer, such as the current list that comes with 412.
    let is_json = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json");
    // A range that a file does not have is answered with its size.
    let is_range = response.headers().contains_key(header::CONTENT_RANGE);
    let is_ours = is_json || is_range || response.extensions().get::<AppError>().is_some();
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error = match status {
        StatusCode::NOT_FOUND => AppError::NotFound("there is nothing at this address".to_owned()),
        StatusCode::METHOD_NOT_ALLOWED => AppError::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge("the body is larger than this path allows".to_owned()),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => AppError::UnsupportedMediaType("the body has an unknown type".to_owned()),
        status if status.is_client_error() => AppError::invalid("the request could not be read"),
        _ => AppError::Internal { request_id: String::new() },
    };
    problem_response(response, error, request_id)
}

fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    problem_response(Response::default(), log_panic(payload.as_ref()), String::new())
}

/// Logs what a handler said as it panicked, and gives what a client may know of it.
pub fn log_panic(payload: &(dyn std::any::Any + Send)) -> AppError {
    let words = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or("without a message");
    super::errors::internal("a handler (it panicked)", &words)
}

/// Gives each request an id of 64 random bits that the log and problem documents name.
#[derive(Clone, Copy)]
struct RandomRequestId;

impl MakeRequestId for RandomRequestId {
    fn make_request_id<B>(&mut self, _: &axum::http::Request<B>) -> Option<RequestId> {
        format!("{:016x}", rand::random::<u64>()).parse().ok().map(RequestId::new)
    }
}

fn request_span(request: &Request) -> tracing::Span {
    // The path without its query: queries of people do not belong into logs.
    tracing::info_span!(
        "request",
        id = request_id(request.extensions()),
        method = %request.method(),
        path = request.uri().path(),
    )
}

fn log_response(response: &Response, latency: Duration, _: &tracing::Span) {
    let (status, ms) = (response.status().as_u16(), latency.as_secs_f64() * 1000.0);
    if status >= 500 {
        tracing::warn!(status, ms, "answered");
    } else {
        tracing::debug!(status, ms, "answered");
    }
}

/// The name of the header with the exact number of all entries of a list.
pub const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// A file of the front end at this path, if there is one.
pub fn front_end_file(request: &Request) -> Option<Response> {
    assets::file(request.uri().path(), request.headers())
}
