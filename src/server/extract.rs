//! Extractors whose refusals are problem documents that name the place.

use crate::model::AppError;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use std::error::Error;

/// Reading a body of more bytes than this would keep an async thread from others for milliseconds.
const LARGE_BODY_BYTES: usize = 256 * 1024;

/// Path parameters. What cannot be one, such as a letter for a number, names nothing that exists.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(AppError))]
pub struct Path<T>(pub T);

/// Query parameters. A value that cannot be read is an error of its field.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(AppError))]
pub struct Query<T>(pub T);

/// A JSON body. Unknown keys are refused by the types themselves (`deny_unknown_fields`).
pub struct Json<T>(pub T);

/// The raw bytes of a body.
pub struct Raw(pub Bytes);

impl From<PathRejection> for AppError {
    fn from(_: PathRejection) -> Self {
        Self::NotFound("there is nothing at this address".to_owned())
    }
}

/// What axum's reader of parameters fails with, below its own errors.
type ParameterError = serde_path_to_error::Error<serde::de::value::Error>;

impl From<QueryRejection> for AppError {
    fn from(rejection: QueryRejection) -> Self {
        let mut causes = std::iter::successors(rejection.source(), |error| (*error).source());
        let Some(error) = causes.find_map(|error| error.downcast_ref::<ParameterError>()) else {
            return Self::invalid(rejection.body_text());
        };
        let message = error.inner().to_string();
        // Only the message has its name.
        if let Some(name) = message.strip_prefix("duplicate field `").and_then(|rest| rest.strip_suffix('`')) {
            return Self::field(name, "must be given once only");
        }
        let message = told(&message);
        match error.path().iter().next() {
            Some(Segment::Map { key }) => Self::field(key, message),
            _ => Self::invalid(format!("the parameters do not fit: {message}")),
        }
    }
}

/// What is wrong with a parameter, in the words that other fields have.
fn told(message: &str) -> String {
    if let Some((_, expected)) =
        message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected "))
    {
        return format!("is unknown here; expected {expected}");
    }
    match message {
        "invalid digit found in string" | "cannot parse integer from empty string" => "must be a whole number",
        "number too large to fit in target type" | "number too small to fit in target type" => {
            "must be a whole number of at most 64 bits"
        }
        "provided string was not `true` or `false`" => "must be `true` or `false`",
        other => other,
    }
    .to_owned()
}

impl From<BytesRejection> for AppError {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge("the body is larger than this path allows".to_owned())
        } else {
            Self::invalid("the body could not be read")
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        Ok(Self(Bytes::from_request(request, state).await?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send + 'static> FromRequest<S> for Json<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let Raw(bytes) = Raw::from_request(request, state).await?;
        off_thread_if_large(bytes, parse_json).await.map(Self)
    }
}

/// Reads a body, on a thread for blocking work if it is large.
pub async fn off_thread_if_large<T: Send + 'static>(
    bytes: Bytes,
    read: impl FnOnce(&[u8]) -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    if bytes.len() <= LARGE_BODY_BYTES {
        return read(&bytes);
    }
    let work = tokio::task::spawn_blocking(move || read(&bytes)).await;
    work.unwrap_or_else(|error| Err(super::errors::internal("reading a body", &error)))
}

/// Reads JSON; the error names line and column.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, AppError> {
    serde_json::from_slice(bytes).map_err(|error| AppError::invalid(format!("the body does not fit: {error}")))
}
