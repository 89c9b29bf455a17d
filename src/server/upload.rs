//! The upload: a multipart body with the metadata (`json`) and the picture (`file`), in either order.
//!
//! The file streams to disk while it is hashed. When all names in the metadata are known to exist, it is measured, decoded
//! off the async threads, and made a picture. Whatever is refused leaves no picture behind; a file whose picture was refused at
//! the very last moment is never served, and `ocellus check --remove-unused` removes it.

use super::blobs::StagedBlob;
use super::context::{RequestContext, now_s};
use super::extract::{off_thread_if_large, parse_json};
use super::rights::must_own_picture;
use super::store::pictures::{NamesUsed, NewPicture};
use super::versions::bytes::{self, Home};
use super::versions::pictures::{self, Place};
use super::{context, store};
use crate::model::limits::{MAX_DESCRIPTION, MAX_LICENCES, MAX_TITLE, check_text, check_url};
use crate::model::picture::{same_aspect_ratio, tidy};
use crate::model::region::parse_regions;
use crate::model::version::check_path;
use crate::model::{Account, AppError, FieldError, PictureDetail, Region};
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::TryStreamExt;
use serde::Deserialize;
use serde_json::Value;

/// The metadata of an upload may be so large, in bytes: it may carry regions.
const MAX_JSON_BYTES: usize = 16_000_000;

/// The part `json` of an upload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UploadRequest {
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    origin_url: Option<String>,
    #[serde(default)]
    licence: Vec<String>,
    nature: String,
    #[serde(default)]
    annotations: Option<Value>,
    #[serde(default)]
    replaces: Option<i64>,
    #[serde(default)]
    carry_regions: bool,
    #[serde(default)]
    keep_place: bool,
    #[serde(default)]
    dataset: Option<DatasetName>,
    #[serde(default)]
    path: Option<String>,
}

/// A dataset by its number or its name.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "must be the number of a dataset, or its name as namespace/name")]
enum DatasetName {
    Number(i64),
    Name(String),
}

/// What is left of an [`UploadRequest`] when it has been checked.
struct Metadata {
    request: UploadRequest,
    regions: Vec<Region>,
}

/// What has come, apart from its metadata.
struct Received {
    staged: StagedBlob,
    /// What the file is called where it comes from.
    name: String,
}

/// `POST /api/upload`.
pub async fn upload(context: RequestContext, multipart: Result<Multipart, AppError>) -> Result<Response, AppError> {
    let mut multipart = multipart?;
    let received = match context.writer() {
        Ok(author) => receive(&context, &mut multipart).await.map(|(metadata, file)| (author, metadata, file)),
        Err(error) => Err(error),
    };
    // Nothing is refused before everything has come: a browser that is still sending would not hear it.
    let (author, metadata, file) = match received {
        Ok(received) => received,
        Err(error) => {
            drain(&mut multipart, context.state.config.upload_limit_bytes).await;
            return Err(error);
        }
    };
    let dataset = check_names(&context, &author, &metadata).await?;
    let detail = store_picture(&context, &author, dataset, metadata, file).await?;
    let location = format!("/api/picture/{}/", detail.picture.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], axum::Json(detail)).into_response())
}

/// Reads what is left of a body and forgets it, up to a limit in bytes.
async fn drain(multipart: &mut Multipart, limit: u64) {
    let mut left = limit;
    while let Ok(Some(mut field)) = multipart.next_field().await {
        while let Ok(Some(chunk)) = field.chunk().await {
            match left.checked_sub(chunk.len() as u64) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    }
}

async fn receive(context: &RequestContext, multipart: &mut Multipart) -> Result<(Metadata, Received), AppError> {
    let (mut metadata, mut staged) = (None, None);
    while let Some(field) = multipart.next_field().await.map_err(multipart_error)? {
        match field.name() {
            Some("json") if metadata.is_none() => metadata = Some(read_json(field).await?),
            Some("file") if staged.is_none() => {
                let limit = context.state.config.upload_limit_bytes;
                let name = field.file_name().unwrap_or_default().to_owned();
                let stream = field.map_err(std::io::Error::other);
                let bytes = context.state.blobs.stage(stream, limit).await?;
                staged = Some(Received { staged: bytes, name });
            }
            Some(name @ ("json" | "file")) => {
                return Err(AppError::field(name, "must be there only once"));
            }
            name => {
                let name = name.unwrap_or("(without a name)").to_owned();
                return Err(AppError::field(name, "is not a known part; there are `json` and `file`"));
            }
        }
    }
    let metadata = metadata.ok_or_else(|| AppError::field("json", "is missing"))?;
    let staged = staged.ok_or_else(|| AppError::field("file", "is missing"))?;
    Ok((metadata, staged))
}

async fn read_json(mut field: Field<'_>) -> Result<Metadata, AppError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(multipart_error)? {
        if bytes.len() + chunk.len() > MAX_JSON_BYTES {
            return Err(AppError::TooLarge("the part `json` may have at most 16 MB".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    off_thread_if_large(bytes.into(), |bytes| check(parse_json(bytes)?)).await
}

fn check(mut request: UploadRequest) -> Result<Metadata, AppError> {
    let mut errors = Vec::new();
    request.origin_url = request.origin_url.filter(|url| !url.is_empty());
    errors.extend(check_text("title", &request.title, MAX_TITLE));
    errors.extend(check_text("description", &request.description, MAX_DESCRIPTION));
    errors.extend(request.origin_url.as_ref().and_then(|url| check_url("origin_url", url)));
    if request.licence.len() > MAX_LICENCES {
        errors.push(FieldError::new("licence", format!("must have at most {MAX_LICENCES} entries")));
    }
    if request.carry_regions && request.replaces.is_none() {
        errors.push(FieldError::new("carry_regions", "needs `replaces`, the picture whose regions are carried over"));
    }
    if request.carry_regions && request.annotations.as_ref().is_some_and(|value| !value.is_null()) {
        errors.push(FieldError::new("carry_regions", "must not come together with `annotations`"));
    }
    if let Some(path) = &request.path {
        errors.extend(check_path("path", path));
        if request.dataset.is_none() {
            errors.push(FieldError::new("path", "needs `dataset`, in which the file is to be there"));
        }
        if request.replaces.is_some() {
            errors.push(FieldError::new("path", "must not come together with `replaces`, whose file has one"));
        }
    }
    let regions = match request.annotations.as_ref().filter(|value| !value.is_null()) {
        None => Vec::new(),
        Some(value) => parse_regions(value, "annotations").unwrap_or_else(|faults| {
            errors.extend(faults);
            Vec::new()
        }),
    };
    if errors.is_empty() { Ok(Metadata { request, regions }) } else { Err(AppError::fields(errors)) }
}

/// Refuses what names things that do not exist, a dataset that its author may not write into and a replacement that they may not
/// make, before work is put into the file. Gives the dataset; without one it is that of the picture to be replaced.
async fn check_names(context: &RequestContext, author: &Account, metadata: &Metadata) -> Result<Option<i64>, AppError> {
    let (db, viewer, Metadata { request, regions }) = (&context.state.db, &context.viewer, metadata);
    let mut dataset = None;
    if let Some(replaced) = request.replaces {
        must_own_picture(context, replaced, "replace it").await?;
        dataset = store::pictures::owner_of(db, viewer, replaced).await?.dataset;
    }
    if let Some(name) = &request.dataset {
        let name = match name {
            DatasetName::Number(id) => &id.to_string(),
            DatasetName::Name(name) => name,
        };
        let id = store::datasets::resolve(db, viewer, name).await?;
        store::datasets::check_writable(db, author.id, id).await?;
        dataset = Some(id);
    }
    let UploadRequest { nature, licence: licences, replaces, .. } = request;
    store::pictures::check_names(db, NamesUsed { nature, licences, regions, replaces: *replaces }).await?;
    Ok(dataset)
}

async fn store_picture(
    context: &RequestContext,
    author: &Account,
    dataset: Option<i64>,
    metadata: Metadata,
    file: Received,
) -> Result<PictureDetail, AppError> {
    let state = &context.state;
    let Metadata { request, regions } = metadata;
    let Received { staged, name } = file;
    // Before the whole is decoded, since that takes longer.
    let home = match dataset {
        Some(dataset) => Home::of(context, dataset).await?,
        None => Home::COMMONS,
    };
    if let Some(replaced) = request.replaces.filter(|_| request.carry_regions) {
        let image = state.images.inspect(staged.path()).await?;
        let size = (i64::from(image.width), i64::from(image.height));
        if !same_aspect_ratio(store::pictures::size_of(&state.db, &context.viewer, replaced).await?, size) {
            let message = "needs a picture of the same aspect ratio as the one that is replaced";
            return Err(AppError::field("carry_regions", message));
        }
    }
    let kept = bytes::keep_picture(state, home, staged).await?;
    let (width, height) = kept.size_px.unwrap_or_default();
    let picture = NewPicture {
        blob: kept.blob.clone(),
        title: tidy(&request.title),
        description: tidy(&request.description),
        author: author.id,
        origin_url: request.origin_url,
        created_at: now_s(),
        width,
        height,
        nature: request.nature,
        licences: request.licence,
        regions,
        replaces: request.replaces,
        carry_regions: request.carry_regions,
        copied_from: None,
        keep_place: request.keep_place,
        dataset,
        attribution: None,
        fields: Vec::new(),
    };
    let id = match dataset {
        Some(dataset) => {
            let place = request.path.map_or(Place::Like(name), Place::At);
            pictures::insert(context, author, dataset, picture, kept, place).await?
        }
        None => store::pictures::insert(&state.db, picture).await?,
    };
    context::within(context.clone(), crate::api::pictures::picture(id)).await
}

/// What is said of a body that breaks off or is too large.
pub fn multipart_error(error: MultipartError) -> AppError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        AppError::TooLarge("the body is larger than this site allows".to_owned())
    } else {
        AppError::invalid(format!("the multipart body could not be read: {}", error.body_text()))
    }
}
