//! Pages and server functions: where axum hands over to Leptos.

use super::assets;
use super::context::{RequestContext, request_id};
use super::errors::problem_response;
use super::extract::Raw;
use super::routes::{front_end_file, log_panic};
use super::state::AppState;
use crate::app;
use crate::model::AppError;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use tracing::Instrument;

/// An error of a server function is at most so large, in bytes.
const MAX_ERROR_BYTES: usize = 1_000_000;

/// Everything that is neither API nor picture: a file of the front end, or a page that Leptos renders.
pub async fn page(State(state): State<AppState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    if let Some(file) = front_end_file(&request) {
        return file;
    }
    let (mut parts, body) = request.into_parts();
    // Other sites show these pages in a frame: they are the same for everybody.
    let is_embedded = parts.uri.path().starts_with("/embed/");
    let context = match is_embedded {
        true => RequestContext::anonymous(&parts, &state),
        false => RequestContext::from_request_parts(&mut parts, &state).await,
    };
    let context = match context {
        Ok(context) => context,
        Err(error) => return problem_response(Response::default(), error, request_id(&parts.extensions)),
    };
    render(context, Request::from_parts(parts, body), is_embedded, || ()).await
}

/// The page at a request's address, which is told about something that only this answer knows: it finds it as context.
pub async fn page_about<T: Clone + Send + Sync + 'static>(
    context: RequestContext,
    request: Request,
    thing: T,
) -> Response {
    render(context, request, false, move || provide_context(thing.clone())).await
}

async fn render(
    context: RequestContext,
    request: Request,
    is_embedded: bool,
    provide_more: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let front_end = assets::front_end();
    let reload_port = context.state.config.reload_port;
    // What a page searches for ends when nobody waits for it; the page itself does not.
    let _waiting = context.gone.clone().drop_guard();
    let provide = move || {
        provide_context(context.clone());
        provide_more();
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&content_security_policy(&nonce, reload_port, is_embedded))
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    };
    let shell = move || app::shell(front_end.css.clone(), front_end.js.clone(), front_end.wasm.clone(), reload_port);
    let render = leptos_axum::render_app_async_with_context(provide, shell);
    // A page is rendered by several tasks. They go on when nobody waits any more, and would then miss what belongs to the request
    // and panic in the middle of their work, with what their thread remembers of it left behind for the next page. So the request
    // lasts until its page is whole.
    let whole = async move {
        let (parts, body) = render(request).await.into_parts();
        // Leptos collects the page in any case.
        match axum::body::to_bytes(body, usize::MAX).await {
            Ok(body) => Response::from_parts(parts, Body::from(body)),
            Err(error) => super::errors::internal("a page", &error).into_response(),
        }
    };
    let mut response = match tokio::spawn(whole.in_current_span()).await {
        Ok(response) => response,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => return super::errors::internal("a page", &error).into_response(),
        },
    };
    // A page shows who is signed in: no cache between may keep it.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    response
}

/// A page for people where rendering the real one panicked.
pub fn panicked(payload: Box<dyn std::any::Any + Send>) -> Response {
    let error = log_panic(payload.as_ref());
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>Something went wrong – Ocellus</title><main><h1>That \
         went wrong</h1><p>We are sorry: {error}. It has been noted in the log. <a href=\"/\">Go to the start \
         page</a></p></main></html>"
    );
    (StatusCode::INTERNAL_SERVER_ERROR, Html(page)).into_response()
}

/// Only scripts of this site run, and the few inline ones that this very answer wrote.
fn content_security_policy(nonce: &str, reload_port: Option<u16>, is_embedded: bool) -> String {
    let ancestors = if is_embedded { "*" } else { "'self'" };
    let development = reload_port.map(|port| format!(" http://127.0.0.1:{port}")).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'{development}; style-src 'self' \
         'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self' blob:{development}; object-src 'none'; base-uri \
         'self'; form-action 'self'; frame-ancestors {ancestors}"
    )
}

/// `POST /fn/<name>`: a server function. Leptos answers 500 for every error; the right status is set here, except
/// where a form without JavaScript is sent back to its page.
///
/// The body is read here, within the limit of the route: Leptos would take one that is too large for one that is broken.
pub async fn server_function(context: RequestContext, request: Request) -> Result<Response, AppError> {
    let id = request_id(request.extensions());
    let (parts, body) = request.into_parts();
    let Raw(body) = Raw::from_request(Request::from_parts(parts.clone(), body), &()).await?;
    let request = Request::from_parts(parts, Body::from(body));
    let provide = move || provide_context(context.clone());
    let response = leptos_axum::handle_server_fns_with_context(provide, request).await.into_response();
    let failed = response.headers().contains_key(leptos::server_fn::error::SERVER_FN_ERROR_HEADER);
    if response.status() == StatusCode::BAD_REQUEST && !failed {
        let error = AppError::NotFound("there is no such function".to_owned());
        return Ok(problem_response(Response::default(), error, id));
    }
    if !failed || response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let error = read_error(body).await;
    Ok(problem_response(Response::from_parts(parts, Body::empty()), error, id))
}

async fn read_error(body: Body) -> AppError {
    let bytes = axum::body::to_bytes(body, MAX_ERROR_BYTES).await.unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or(AppError::Internal { request_id: String::new() })
}
