//! Datasets for other tools: `git clone`, `git fetch` and `git push` (Git's smart protocol over HTTP), and DVC's HTTP remote.
//!
//! Both know user and password only; the password is a token, and the name is anybody's.

use super::context::RequestContext;
use super::extract::{Path, Query};
use super::files::dataset_file;
use super::git::protocol::{Asked, FLUSH, Report, packet, read_asked};
use super::git::{GitError, MAX_PACK, Repository};
use super::patience::{PATIENCE, while_read, while_sent};
use super::representation::is_placeless;
use super::state::AppState;
use super::store::dataset_files;
use super::store::{self, StoreError};
use super::versions::bytes::{Home, keep_any, make_known, may_change};
use super::versions::push;
use super::versions::reading::{Found, may_tell_place};
use crate::model::dataset::full_name;
use crate::model::version::is_md5;
use crate::model::{AppError, Role, SiteAccess};
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt, TryStreamExt};
use serde::Deserialize;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::Instant;
use tokio_util::io::StreamReader;

/// Largest request for a part of a history, in bytes.
const MAX_WANTS: usize = 32_000_000;
/// How long a push may take to come, from its first byte to its last.
const RECEPTION: Duration = Duration::from_secs(1800);
/// So much of what is not taken is read all the same, in bytes.
const MAX_IN_VAIN: u64 = 256 << 20;

/// Who is asking, if need be by user and password.
pub struct ToolContext(RequestContext);

impl FromRequestParts<AppState> for ToolContext {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        if let Some(bearer) = token_of(&parts.headers)? {
            parts.headers.insert(header::AUTHORIZATION, bearer);
        }
        RequestContext::from_request_parts(parts, state).await.map(Self)
    }
}

/// The password of basic authentication in the form that tokens usually come in.
fn token_of(headers: &HeaderMap) -> Result<Option<HeaderValue>, AppError> {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let Some((scheme, secret)) = value.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("basic") {
        return Ok(None);
    }
    let wrong = || AppError::NotSignedIn("the password must be a token".to_owned());
    let pair = STANDARD.decode(secret.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)?;
    let token = pair.split_once(':').map(|(_, password)| password).ok_or_else(wrong)?;
    HeaderValue::from_str(&format!("Bearer {token}")).map(Some).map_err(|_| wrong())
}

/// Middleware: whoever is not signed in is asked for user and password. To them what is private and what is not there look alike.
pub async fn ask_who_it_is(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.extensions().get::<AppError>().is_some_and(|error| error.status() == 401) {
        let challenge = HeaderValue::from_static("Basic realm=\"Ocellus: the password is a token\", charset=\"UTF-8\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// What is not found may be there for somebody who is signed in.
fn or_sign_in(context: &RequestContext, error: AppError) -> AppError {
    match error {
        AppError::NotFound(_) if context.viewer.account.is_none() => {
            AppError::NotSignedIn("sign in to see whether there is such a dataset".to_owned())
        }
        other => other,
    }
}

/// The number of the dataset that an address of its history names.
async fn dataset_of(context: &RequestContext, namespace: &str, repository: &str) -> Result<i64, AppError> {
    dataset_called(context, namespace, repository, ".git").await
}

/// The number of the dataset that an address names, whose second part ends like this.
async fn dataset_called(
    context: &RequestContext,
    namespace: &str,
    repository: &str,
    ending: &str,
) -> Result<i64, AppError> {
    let nothing = || AppError::NotFound("there is nothing at this address".to_owned());
    let name = repository.strip_suffix(ending).ok_or_else(nothing)?;
    let found = store::datasets::resolve(&context.state.db, &context.viewer, &full_name(namespace, name)).await;
    found.map_err(|error| match error {
        // Here it is an address, and no field of a form.
        StoreError::Invalid(_) => or_sign_in(context, nothing()),
        error => error.into(),
    })
}

/// The repository that is read from. Where nobody has written to a dataset yet, there is none, which is the same as an empty one.
async fn to_read(context: &RequestContext, dataset: i64) -> Result<Repository, AppError> {
    let (db, repositories) = (&context.state.db, &context.state.repositories);
    let repository = repositories.of(dataset);
    if repository.exists() || store::datasets::head(db, dataset).await?.is_some() {
        return Ok(repository);
    }
    Ok(repositories.empty())
}

/// Fails unless somebody may push. Who is not signed in is asked who they are.
async fn may_push(context: &RequestContext, dataset: i64) -> Result<(), AppError> {
    let account = context.writer()?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(store::datasets::require(db, viewer, dataset, account.id, Role::Writer, push::WHAT).await?)
}

/// What a client wants to begin.
#[derive(Deserialize)]
pub struct Service {
    service: Option<String>,
}

fn protocol(headers: &HeaderMap) -> Option<&str> {
    headers.get("git-protocol")?.to_str().ok()
}

/// `GET /<namespace>/<name>.git/info/refs?service=git-upload-pack` or `git-receive-pack`.
pub async fn advertise(
    ToolContext(context): ToolContext,
    Path((namespace, repository)): Path<(String, String)>,
    Query(Service { service }): Query<Service>,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let dataset = dataset_of(&context, &namespace, &repository).await?;
    let repository = to_read(&context, dataset).await?;
    let _place = context.state.history_reads.take(context.state.db.caller()).await?;
    let (service, refs) = match service.as_deref() {
        Some("git-upload-pack") => ("git-upload-pack", repository.advertise(protocol(&headers)).await?),
        Some("git-receive-pack") => {
            may_push(&context, dataset).await?;
            ("git-receive-pack", repository.advertise_push().await?)
        }
        _ => return Err(AppError::Forbidden("only Git's smart protocol is spoken here".to_owned())),
    };
    let mut body = packet(format!("# service={service}\n").as_bytes());
    body.extend_from_slice(FLUSH);
    body.extend(refs);
    Ok(([(header::CONTENT_TYPE, format!("application/x-{service}-advertisement"))], body).into_response())
}

/// `POST /<namespace>/<name>.git/git-upload-pack`.
pub async fn upload_pack(
    ToolContext(context): ToolContext,
    Path((namespace, repository)): Path<(String, String)>,
    request: Request,
) -> Result<Response, AppError> {
    let dataset = dataset_of(&context, &namespace, &repository).await?;
    let repository = to_read(&context, dataset).await?;
    let protocol = protocol(request.headers()).map(str::to_owned);
    let wants = axum::body::to_bytes(request.into_body(), MAX_WANTS).await;
    let wants = wants.map_err(|_| AppError::TooLarge("this asks for too much at once".to_owned()))?;
    let place = context.state.packs.take(context.state.db.caller()).await?;
    let pack = repository.upload_pack(protocol.as_deref(), wants).await?;
    // The place is held for as long as somebody reads.
    let parts = pack.into_stream().inspect(move |_| {
        let _ = &place;
    });
    let body = Body::from_stream(while_read(parts, PATIENCE));
    Ok(([(header::CONTENT_TYPE, "application/x-git-upload-pack-result")], body).into_response())
}

/// `POST /<namespace>/<name>.git/git-receive-pack`: what `git push` sends.
pub async fn receive_pack(
    ToolContext(context): ToolContext,
    Path((namespace, repository)): Path<(String, String)>,
    request: Request,
) -> Result<Response, AppError> {
    let dataset = dataset_of(&context, &namespace, &repository).await?;
    may_push(&context, dataset).await?;
    let deadline = Instant::now() + RECEPTION;
    let mut body = StreamReader::new(while_sent(request.into_body().into_data_stream(), PATIENCE));
    let answer = match in_time(deadline, read_asked(&mut body)).await? {
        // Before a large push, Git tries whether it may.
        None => Vec::new(),
        Some(asked) => {
            let report = receive(context, dataset, &asked, body, deadline).await?;
            asked.answer(&report)
        }
    };
    Ok(([(header::CONTENT_TYPE, "application/x-git-receive-pack-result")], answer).into_response())
}

async fn receive(
    context: RequestContext,
    dataset: i64,
    asked: &Asked,
    mut body: impl AsyncRead + Unpin,
    deadline: Instant,
) -> Result<Report, AppError> {
    let report = match push::refused(&context, dataset, asked).await? {
        Some(report) => report,
        None => {
            let coming = context.state.pushes_coming.take(context.state.db.caller()).await?;
            let pack = in_time(deadline, context.state.repositories.of(dataset).spool(&mut body)).await?;
            drop(coming);
            match pack {
                Some(pack) => return push::take(context, dataset, asked.clone(), pack).await,
                None => push::not_unpacked(asked, format!("the pack has more than {MAX_PACK} bytes; push in parts")),
            }
        }
    };
    // Only who has sent everything reads the answer.
    let mut rest = body.take(MAX_IN_VAIN);
    in_time(deadline, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await?;
    Ok(report)
}

/// What reads from a client, until it is too late.
async fn in_time<T, E: Into<GitError>>(
    deadline: Instant,
    reads: impl Future<Output = Result<T, E>>,
) -> Result<T, AppError> {
    let late = |_| GitError::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the push takes too long"));
    let read = tokio::time::timeout_at(deadline, reads).await.map_err(late).and_then(|read| read.map_err(Into::into));
    read.map_err(broken_off)
}

/// What does not come whole is nobody's fault here.
fn broken_off(error: GitError) -> AppError {
    use std::io::ErrorKind::{ConnectionAborted, InvalidData, TimedOut, UnexpectedEof};
    match error {
        GitError::Io(error) if error.kind() == InvalidData => AppError::invalid(error.to_string()),
        GitError::Io(error) if matches!(error.kind(), ConnectionAborted | TimedOut | UnexpectedEof) => {
            AppError::invalid("the push broke off")
        }
        error => error.into(),
    }
}

/// The MD5 that an address of DVC's names: two digits, and the others.
fn sum_of(start: &str, rest: &str) -> Result<String, AppError> {
    let sum = format!("{start}{rest}");
    let fits = start.len() == 2 && is_md5(&sum);
    fits.then_some(sum).ok_or_else(|| AppError::NotFound("there is no such file in this dataset".to_owned()))
}

/// `GET /api/v1/datasets/<id>/dvc/files/md5/<2 digits>/<30 digits>`: bytes that a commit may mention.
pub async fn dvc_file(
    ToolContext(context): ToolContext,
    Path((id, start, rest)): Path<(i64, String, String)>,
    parts: Parts,
) -> Result<Response, AppError> {
    dvc_bytes(&context, id, &sum_of(&start, &rest)?, &parts).await
}

/// `GET /<namespace>/<name>.dvc/files/md5/<2 digits>/<30 digits>`: the same, of the dataset that has this name now.
pub async fn dvc_file_by_name(
    ToolContext(context): ToolContext,
    Path((namespace, repository, start, rest)): Path<(String, String, String, String)>,
    parts: Parts,
) -> Result<Response, AppError> {
    let id = dataset_called(&context, &namespace, &repository, ".dvc").await?;
    dvc_bytes(&context, id, &sum_of(&start, &rest)?, &parts).await
}

async fn dvc_bytes(context: &RequestContext, id: i64, sum: &str, parts: &Parts) -> Result<Response, AppError> {
    let (state, viewer) = (&context.state, &context.viewer);
    store::datasets::head_of(&state.db, viewer, id).await.map_err(|error| or_sign_in(context, error.into()))?;
    let site = store::site_choice::of_dataset(&state.db, viewer, id, SiteAccess::Read).await?;
    let missing = || AppError::NotFound("there is no such file in this dataset".to_owned());
    let kept = dataset_files::known_by(&state.db, id, sum).await?.ok_or_else(missing)?;
    // Whoever asks whether bytes are there is about to bring them: DVC would never do so again if they were lost.
    if let (&Method::HEAD, Some(site)) = (&parts.method, site) {
        let size = u64::try_from(kept.blob.size).unwrap_or_default();
        if !state.storage.has(site, &kept.blob.hash, size).await? {
            return Err(missing());
        }
    }
    let may_tell_place = may_tell_place(state, viewer, id, &kept).await?;
    let found = Found { kept, site, media_type: dataset_files::PLAIN.to_owned(), fixed: true, may_tell_place };
    let is_whole = found.may_tell_place;
    let answer = dataset_file(state, found, parts).await?;
    if !is_whole && is_placeless(answer.headers()) {
        let message = "this picture says where it was taken, which only writers of the dataset may know";
        return Err(AppError::Forbidden(message.to_owned()));
    }
    Ok(answer)
}

/// `PUT` or `POST` to the same address: bytes that a later commit is to mention.
pub async fn put_dvc_file(
    ToolContext(context): ToolContext,
    Path((id, start, rest)): Path<(i64, String, String)>,
    request: Request,
) -> Result<StatusCode, AppError> {
    put_dvc_bytes(&context, id, &sum_of(&start, &rest)?, request).await
}

/// The same by the name that the dataset has now.
pub async fn put_dvc_file_by_name(
    ToolContext(context): ToolContext,
    Path((namespace, repository, start, rest)): Path<(String, String, String, String)>,
    request: Request,
) -> Result<StatusCode, AppError> {
    let id = dataset_called(&context, &namespace, &repository, ".dvc").await?;
    put_dvc_bytes(&context, id, &sum_of(&start, &rest)?, request).await
}

async fn put_dvc_bytes(context: &RequestContext, id: i64, sum: &str, request: Request) -> Result<StatusCode, AppError> {
    let state = &context.state;
    may_change(context, id).await?;
    let home = Home::of(context, id).await?;
    let body = request.into_body().into_data_stream().map_err(std::io::Error::other);
    let staged = state.blobs.stage(body, state.config.file_limit_bytes).await?;
    if staged.md5 != sum {
        return Err(AppError::invalid(format!("the MD5 of these bytes is {}, not {sum}", staged.md5)));
    }
    let kept = keep_any(state, home, staged).await?;
    make_known(state, id, &kept).await?;
    Ok(StatusCode::CREATED)
}
