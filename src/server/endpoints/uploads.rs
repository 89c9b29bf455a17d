//! Files of datasets that come in parts, by the protocol tus 1.0 (<https://tus.io/protocols/resumable-upload>) with its extensions
//! `creation`, `creation-with-upload`, `expiration` and `termination`.

use crate::model::{AppError, Upload};
use crate::server::context::RequestContext;
use crate::server::extract::Path;
use crate::server::patience::{PATIENCE, while_sent};
use crate::server::state::AppState;
use crate::server::uploads::{self, Found};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination";
const BYTES: &str = "application/offset+octet-stream";

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const MD5: HeaderName = HeaderName::from_static("upload-md5");
const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// Middleware: every answer says which protocol is spoken, and who speaks another one is refused. JSON is for whoever asks with `GET`.
pub async fn speak(request: Request, next: Next) -> Response {
    let speaks = request.headers().get(RESUMABLE).is_some_and(|version| version == VERSION);
    let is_free = matches!(*request.method(), Method::OPTIONS | Method::GET);
    let mut response = if speaks || is_free {
        next.run(request).await
    } else {
        AppError::Outdated(format!("say `Tus-Resumable: {VERSION}`: no other version of the protocol is spoken here"))
            .into_response()
    };
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    headers.insert(VERSIONS, HeaderValue::from_static(VERSION));
    response
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, AppError> {
    let text = headers.get(name).and_then(|value| value.to_str().ok());
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| AppError::invalid(format!("the header `{name}` must be a number of bytes")))
}

/// The path among the pairs of keys and Base64.
fn path_in(headers: &HeaderMap) -> Result<String, AppError> {
    let text = headers.get(METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut pairs = text.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let missing = || AppError::field("path", "must be in `Upload-Metadata`, as Base64");
    let (_, value) = pairs.find(|(key, _)| *key == "path").ok_or_else(missing)?;
    let bytes = STANDARD.decode(value.trim()).map_err(|_| missing())?;
    String::from_utf8(bytes).map_err(|_| AppError::field("path", "must be UTF-8"))
}

/// A moment as headers say it.
fn moment(unix: i64) -> Option<HeaderValue> {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(unix).ok()?);
    HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok()
}

/// Says how much there is; and once that is all, the name of the bytes, so that nobody has to ask for it once more.
fn with_offset(mut response: Response, offset: u64, Found { upload, expires, .. }: &Found) -> Response {
    let headers = response.headers_mut();
    headers.insert(OFFSET, HeaderValue::from(offset));
    headers.extend(upload.md5.as_deref().and_then(|md5| HeaderValue::from_str(md5).ok()).map(|md5| (MD5, md5)));
    headers.extend(moment(*expires).map(|value| (EXPIRES, value)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// `OPTIONS /api/v1/datasets/<id>/uploads`: what is spoken here.
pub async fn options(State(state): State<AppState>) -> Response {
    let headers = [
        (HeaderName::from_static("tus-extension"), HeaderValue::from_static(EXTENSIONS)),
        (HeaderName::from_static("tus-max-size"), HeaderValue::from(state.config.file_limit_bytes)),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn sends_bytes(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == BYTES)
}

async fn take(context: &RequestContext, dataset: i64, upload: &str, offset: u64, body: Body) -> Result<u64, AppError> {
    uploads::append(context, dataset, upload, offset, while_sent(body.into_data_stream(), PATIENCE)).await
}

/// `POST /api/v1/datasets/<id>/uploads`: begins a file.
pub async fn begin(context: RequestContext, Path(id): Path<i64>, request: Request) -> Result<Response, AppError> {
    let headers = request.headers();
    let (path, size) = (path_in(headers)?, number(headers, &LENGTH)?);
    let sends = sends_bytes(headers);
    let metadata = headers.get(METADATA).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let upload = uploads::begin(&context, id, path, size, metadata).await?.id;
    let mut offset = 0;
    if sends || size == 0 {
        let body = if sends { request.into_body() } else { Body::empty() };
        // The file has been begun, whatever becomes of these bytes: whoever asks learns how many there are.
        match take(&context, id, &upload, 0, body).await {
            Ok(length) => offset = length,
            Err(error) if size == 0 => {
                // Of nothing, no byte can come once more.
                uploads::end(&context, id, &upload).await?;
                return Err(error);
            }
            Err(error) => {
                tracing::info!(%error, upload, "a file was begun, but its first bytes were not taken");
                offset = u64::try_from(uploads::find(&context, id, &upload).await?.upload.offset).unwrap_or(0);
            }
        }
    }
    let found = uploads::find(&context, id, &upload).await?;
    let location = format!("/api/v1/datasets/{id}/uploads/{upload}");
    let response = (StatusCode::CREATED, [(header::LOCATION, location)]).into_response();
    Ok(with_offset(response, offset, &found))
}

/// `HEAD /api/v1/datasets/<id>/uploads/<upload>`: how much there is.
pub async fn head(context: RequestContext, Path((id, upload)): Path<(i64, String)>) -> Result<Response, AppError> {
    let found = uploads::find(&context, id, &upload).await?;
    let (upload, metadata) = (&found.upload, found.metadata.as_str());
    // Those that began before it was kept said at least this.
    let metadata =
        if metadata.is_empty() { format!("path {}", STANDARD.encode(&upload.path)) } else { metadata.to_owned() };
    let headers = [(LENGTH, upload.size.to_string()), (METADATA, metadata)];
    let response = (StatusCode::OK, headers).into_response();
    Ok(with_offset(response, u64::try_from(upload.offset).unwrap_or_default(), &found))
}

/// `GET /api/v1/datasets/<id>/uploads/<upload>`: the same in JSON, and the MD5 by which a commit names the file.
pub async fn show(context: RequestContext, Path((id, upload)): Path<(i64, String)>) -> super::Answer<Upload> {
    uploads::find(&context, id, &upload).await.map(|found| axum::Json(found.upload))
}

/// `PATCH /api/v1/datasets/<id>/uploads/<upload>`: the next bytes.
pub async fn patch(
    context: RequestContext,
    Path((id, upload)): Path<(i64, String)>,
    request: Request,
) -> Result<Response, AppError> {
    let headers = request.headers();
    if !sends_bytes(headers) {
        return Err(AppError::UnsupportedMediaType(format!("the bytes must come as {BYTES}")));
    }
    let offset = number(headers, &OFFSET)?;
    let length = take(&context, id, &upload, offset, request.into_body()).await?;
    let found = uploads::find(&context, id, &upload).await?;
    Ok(with_offset(StatusCode::NO_CONTENT.into_response(), length, &found))
}

/// `DELETE /api/v1/datasets/<id>/uploads/<upload>`: ends it.
pub async fn end(context: RequestContext, Path((id, upload)): Path<(i64, String)>) -> Result<StatusCode, AppError> {
    uploads::end(&context, id, &upload).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST …/uploads/<upload>`: for those who can send nothing else, what the header `X-HTTP-Method-Override` says.
pub async fn other(context: RequestContext, path: Path<(i64, String)>, request: Request) -> Result<Response, AppError> {
    match request.headers().get(OVERRIDE).map(HeaderValue::as_bytes) {
        Some(b"PATCH") => patch(context, path, request).await,
        Some(b"DELETE") => end(context, path).await.map(IntoResponse::into_response),
        Some(b"HEAD") => head(context, path).await,
        _ => Err(AppError::MethodNotAllowed),
    }
}
