//! Imports: what is brought comes with what to do with it, and becomes a job.

use crate::model::import::{IMPORT_FORM, ImportRequest};
use crate::model::text::path_segment;
use crate::model::{AppError, FieldError};
use crate::server::context::RequestContext;
use crate::server::extract::parse_json;
use crate::server::imports::{self, source::Source};
use crate::server::upload::multipart_error;
use axum::extract::Request;
use axum::extract::multipart::Field;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use futures::TryStreamExt;
use leptos::server_fn::error::FromServerFnError;
use serde_json::{Map, Value, json};

/// The part `json`, or a field of a form, may be so large, in bytes.
const MAX_PART_BYTES: usize = 4_000_000;

/// The members of `json` that a form can send as fields.
const FORM_FIELDS: [&str; 8] = ["kind", "dataset", "folder", "format", "existing", "create_objects", "dry_run", "of"];

/// `POST /api/v1/imports` as multipart: `json` says what to do, `file` is what is brought, unless `of` names an earlier job that has it.
/// A form that a browser has sent without JavaScript has the members of `json` as fields, and leads to the page of the import.
pub async fn import(context: RequestContext, request: Request) -> Result<Response, AppError> {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let is_form = accept.is_some_and(|accept| accept.contains("text/html"));
    match (receive(&context, request).await, is_form) {
        (Ok(job), false) => {
            let location = format!("/api/v1/jobs/{job}/");
            Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], axum::Json(json!({"job": job}))).into_response())
        }
        (Ok(job), true) => Ok(Redirect::to(&format!("/import?job={job}")).into_response()),
        (Err(error), false) => Err(error),
        (Err(error), true) => {
            let error = path_segment(&URL_SAFE.encode(error.ser()));
            Ok(Redirect::to(&format!("/import?__path={IMPORT_FORM}&__err={error}")).into_response())
        }
    }
}

async fn receive(context: &RequestContext, request: Request) -> Result<i64, AppError> {
    let mut source = None;
    let queued = read(context, request, &mut source).await;
    if let (Err(_), Some(source)) = (&queued, &source) {
        source.remove(&context.state).await;
    }
    queued
}

/// Reads the parts, and queues the import; `source` is what has been kept of it, whatever comes then.
async fn read(context: &RequestContext, request: Request, source: &mut Option<Source>) -> Result<i64, AppError> {
    context.writer()?;
    let mut body = super::upload_body(request).await?;
    let (mut whole, mut fields) = (None, Map::new());
    while let Some(field) = body.next_field().await.map_err(multipart_error)? {
        match field.name().map(str::to_owned).as_deref() {
            Some("json") if whole.is_none() => whole = Some(parse_json::<ImportRequest>(&text(field).await?)?),
            Some("file") if source.is_none() => {
                // What is wrong already is said before much has come.
                if let Some(request) = &whole {
                    imports::check(context, request).await?;
                }
                let name = field.file_name().unwrap_or_default().to_owned();
                let stream = field.map_err(std::io::Error::other);
                *source = Some(Source::receive(&context.state, &name, stream).await?);
            }
            Some(name @ ("json" | "file")) => return Err(AppError::field(name, "must be there only once")),
            Some(name) if !FORM_FIELDS.contains(&name) => {
                let all = FORM_FIELDS.join(", ");
                return Err(AppError::field("body", format!("has a part that is none of json, file, {all}")));
            }
            Some(name) => {
                let text = String::from_utf8_lossy(&text(field).await?).into_owned();
                fields.insert(name.to_owned(), of_form(name, text));
            }
            None => return Err(AppError::fields(vec![FieldError::new("body", "has a part without a name")])),
        }
    }
    queue(context, whole, fields, source.as_ref()).await
}

async fn queue(
    context: &RequestContext,
    whole: Option<ImportRequest>,
    fields: Map<String, Value>,
    source: Option<&Source>,
) -> Result<i64, AppError> {
    let request = match whole {
        Some(_) if !fields.is_empty() => {
            return Err(AppError::field("json", "must not come together with its members as parts of their own"));
        }
        Some(request) => request,
        None => parse_json(Value::Object(fields).to_string().as_bytes())?,
    };
    let source = match (source, request.of) {
        (Some(_), Some(_)) => return Err(AppError::field("of", "must not come together with `file`")),
        (Some(source), None) => source.clone(),
        (None, Some(job)) => imports::source_of(context, job).await?,
        (None, None) => return Err(AppError::field("file", "is missing")),
    };
    imports::queue(context, request, source).await
}

async fn text(mut field: Field<'_>) -> Result<Vec<u8>, AppError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(multipart_error)? {
        if bytes.len() + chunk.len() > MAX_PART_BYTES {
            return Err(AppError::TooLarge("a part of the form may have at most 4 MB".to_owned()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// A field of a form as a member of the JSON.
fn of_form(name: &str, text: String) -> Value {
    match (name, text.as_str()) {
        ("dry_run" | "create_objects", "true" | "on" | "1") => Value::Bool(true),
        ("dry_run" | "create_objects", _) => Value::Bool(false),
        ("format", "") => Value::Null,
        ("of", number) => number.parse::<i64>().map_or(Value::String(text), Value::from),
        _ => Value::String(text),
    }
}
