//! Files of datasets: lists, bytes in both directions, many files in one go.

use super::versions::committed;
use super::{Answer, list_response};
use crate::api::versions as api;
use crate::model::folder::read_folder;
use crate::model::text::path_segment;
use crate::model::upload::UPLOAD_FORM;
use crate::model::{AppError, Committed, FileChange, FolderList, Region};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Path, Query};
use crate::server::files::dataset_file;
use crate::server::upload::multipart_error;
use crate::server::versions::bytes::{self, Batch};
use crate::server::versions::reading;
use axum::extract::{Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use futures::TryStreamExt;
use leptos::server_fn::error::FromServerFnError;
use serde::Deserialize;

/// The name of the header with the commit that a list describes.
const COMMIT: HeaderName = HeaderName::from_static("x-commit");
/// A message between the files of a batch may be so large, in bytes.
const MAX_MESSAGE_BYTES: usize = 40_000;

/// Which files are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesParameters {
    #[serde(rename = "ref")]
    reference: Option<String>,
    prefix: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// Which folder is wanted, and what of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderParameters {
    #[serde(rename = "ref")]
    reference: Option<String>,
    path: Option<String>,
    find: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// In which state a file is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileParameters {
    #[serde(rename = "ref")]
    reference: Option<String>,
}

/// What the commit says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageParameters {
    message: Option<String>,
}

/// `GET /api/v1/datasets/<id>/files/`.
pub async fn files(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(wanted): Query<FilesParameters>,
) -> Result<Response, AppError> {
    let FilesParameters { reference, prefix, offset, limit } = wanted;
    let list = within(context, api::dataset_files(id, reference, prefix, offset, limit)).await?;
    let mut response = list_response(list.files, Vec::new());
    if let Some(commit) = list.commit.and_then(|commit| HeaderValue::from_str(&commit).ok()) {
        response.headers_mut().insert(COMMIT, commit);
    }
    Ok(response)
}

/// `GET /api/v1/datasets/<id>/folder`.
pub async fn folder(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(wanted): Query<FolderParameters>,
) -> Answer<FolderList> {
    let FolderParameters { reference, path, find, offset, limit } = wanted;
    within(context, api::dataset_folder(id, reference, path, find, offset, limit)).await.map(axum::Json)
}

/// `GET /api/v1/datasets/<id>/files/<path>`.
pub async fn file(
    context: RequestContext,
    Path((id, path)): Path<(i64, String)>,
    Query(wanted): Query<FileParameters>,
    parts: Parts,
) -> Result<Response, AppError> {
    let (state, viewer) = (&context.state, &context.viewer);
    let found = reading::file(state, viewer, id, wanted.reference.as_deref(), &path).await?;
    dataset_file(state, found, &parts).await
}

/// `GET /api/v1/datasets/<id>/annotations/<path>`.
pub async fn annotations(
    context: RequestContext,
    Path((id, path)): Path<(i64, String)>,
    Query(wanted): Query<FileParameters>,
) -> Answer<Vec<Region>> {
    within(context, api::dataset_annotations(id, path, wanted.reference)).await.map(axum::Json)
}

/// `PUT /api/v1/datasets/<id>/files/<path>` with the bytes as the body.
pub async fn put_file(
    context: RequestContext,
    Path((id, path)): Path<(i64, String)>,
    Query(said): Query<MessageParameters>,
    request: Request,
) -> Result<Response, AppError> {
    let mut batch = Batch::begin(&context, id).await?;
    bytes::check(&path)?;
    let state = &context.state;
    let body = request.into_body().into_data_stream();
    let staged = state.blobs.stage(body, state.config.file_limit_bytes).await?;
    batch.add(path, staged).await?;
    Ok(committed(batch.commit(said.message).await?))
}

/// `DELETE /api/v1/datasets/<id>/files/<path>`.
pub async fn delete_file(
    context: RequestContext,
    Path((id, path)): Path<(i64, String)>,
    Query(said): Query<MessageParameters>,
) -> Result<Response, AppError> {
    let changes = vec![FileChange::Delete { path }];
    Ok(committed(within(context, api::change_dataset_files(id, said.message, changes)).await?))
}

/// In which folder the files are to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BelowParameters {
    folder: Option<String>,
}

/// `POST /api/v1/datasets/<id>/files`: every part of the body with a file name is a file at that path, and all of them are one
/// commit. A form that a browser has sent without JavaScript leads to the page that shows what became of it.
pub async fn put_files(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(below): Query<BelowParameters>,
    request: Request,
) -> Result<Response, AppError> {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_form = accept.is_some_and(|accept| accept.contains("text/html"));
    let folder = below.folder.unwrap_or_default();
    let made = put_below(&context, id, &folder, request).await;
    if !is_form {
        return made.map(committed);
    }
    // Who may not see the dataset is led nowhere.
    let dataset = within(context, crate::api::datasets::dataset(id)).await;
    let Ok(full) = dataset.map(|dataset| dataset.full_name()) else { return made.map(committed) };
    let path = path_segment(&folder);
    let place = match made {
        Ok(Committed { commit, .. }) => format!("/{full}?view=files&path={path}&uploaded={commit}"),
        Err(error) => {
            let error = path_segment(&URL_SAFE.encode(error.ser()));
            format!("/{full}?view=upload&path={path}&__path={UPLOAD_FORM}&__err={error}")
        }
    };
    Ok(Redirect::to(&place).into_response())
}

async fn put_below(context: &RequestContext, id: i64, folder: &str, request: Request) -> Result<Committed, AppError> {
    let folder = read_folder("folder", folder).map_err(|error| AppError::fields(vec![error]))?;
    let batch = Batch::begin(context, id).await?;
    let multipart = super::upload_body(request).await?;
    receive(context, batch, &folder, multipart).await
}

async fn receive(
    context: &RequestContext,
    mut batch: Batch,
    folder: &str,
    mut body: Multipart,
) -> Result<Committed, AppError> {
    let state = &context.state;
    let mut message = None;
    while let Some(mut field) = batch.meanwhile(body.next_field()).await?.map_err(multipart_error)? {
        if let Some(name) = field.file_name().map(str::to_owned) {
            let path = format!("{folder}{name}");
            bytes::check(&path)?;
            let stream = field.map_err(std::io::Error::other);
            let staged = batch.meanwhile(state.blobs.stage(stream, state.config.file_limit_bytes)).await??;
            batch.add(path, staged).await?;
            continue;
        }
        if field.name() != Some("message") || message.is_some() {
            let name = field.name().unwrap_or("(without a name)").to_owned();
            return Err(AppError::field(name, "is no known part: files have file names, and there is one `message`"));
        }
        let mut text = Vec::new();
        while let Some(chunk) = batch.meanwhile(field.chunk()).await?.map_err(multipart_error)? {
            text.extend_from_slice(&chunk);
            if text.len() > MAX_MESSAGE_BYTES {
                return Err(AppError::field("message", "is too long"));
            }
        }
        let text = String::from_utf8(text).map_err(|_| AppError::field("message", "must be UTF-8"))?;
        message = Some(text);
    }
    batch.commit(message).await
}
