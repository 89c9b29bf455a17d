//! How errors leave the server: as problem documents, with nothing from the inside in them.

use super::git::GitError;
use super::search::SearchError;
use super::store::StoreError;
use crate::model::AppError;
use crate::model::error::Problem;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::io;

/// The media type of problem documents (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// After so many seconds it is worth while to search again.
const BUSY_S: u64 = 2;

/// After so many seconds a storage site may answer again.
const DOWN_S: u64 = 30;

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(what) => Self::NotFound(what),
            StoreError::Conflict(detail) => Self::Conflict(detail),
            StoreError::Forbidden(detail) => Self::Forbidden(detail),
            StoreError::Inactive => Self::NotSignedIn(error.to_string()),
            StoreError::TimedOut => Self::TookTooLong(error.to_string()),
            StoreError::Busy => Self::RateLimited { retry_after_s: BUSY_S },
            StoreError::Cycle(_) => Self::Conflict(error.to_string()),
            StoreError::Invalid(errors) => Self::fields(errors),
            inner => internal("the database", &inner),
        }
    }
}

impl From<SearchError> for AppError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Query(errors) => Self::InvalidQuery(errors),
            SearchError::NoPlace(picture) => {
                Self::field("after", format!("must be the number of a picture, and there is no picture {picture}"))
            }
            SearchError::Store(error) => error.into(),
        }
    }
}

impl From<GitError> for AppError {
    fn from(error: GitError) -> Self {
        match error {
            GitError::Busy => Self::RateLimited { retry_after_s: BUSY_S },
            GitError::TagExists => Self::Conflict(error.to_string()),
            GitError::Refused(why) => Self::invalid(why),
            inner => internal("the history of a dataset", &inner),
        }
    }
}

/// Logs a failure that is not the caller's fault, and gives what the caller may know of it. The log line stands in the
/// request's span and so carries its id.
pub fn internal(what: &str, error: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%error, "{what} failed");
    AppError::Internal { request_id: String::new() }
}

/// The same of the site's own disk. Whoever brings files may know that it is full, and that it is of no use to go on.
pub fn disk(what: &str, error: &io::Error) -> AppError {
    let failed = internal(what, error);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            AppError::StorageFull("this site has no room for more files at present".to_owned())
        }
        _ => failed,
    }
}

/// The error rides in the response's extensions until [`finish_problems`] knows the request's id.
impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: writes the problem documents of all errors that handlers gave, and of what axum refused by itself.
pub async fn finish_problems(request: Request, next: Next) -> Response {
    let request_id = super::context::request_id(request.extensions());
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<AppError>() {
        Some(error) => error,
        None => return response,
    };
    problem_response(response, error, request_id)
}

/// Fills a response with an error's problem document, keeping the headers that it has already.
pub fn problem_response(response: Response, error: AppError, request_id: String) -> Response {
    let retry_after_s = match &error {
        AppError::RateLimited { retry_after_s } => Some(*retry_after_s),
        AppError::StorageDown(_) => Some(DOWN_S),
        _ => None,
    };
    let error = match error {
        AppError::Internal { .. } => AppError::Internal { request_id: request_id.clone() },
        other => other,
    };
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut problem = Problem::from(error);
    problem.instance = request_id;
    let (mut parts, _) = response.into_parts();
    parts.status = status;
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(seconds) = retry_after_s {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_was_ended_is_no_failure_of_the_server() {
        let error = AppError::from(SearchError::from(StoreError::TimedOut));
        assert_eq!(error.status(), 422);
        assert!(error.to_string().contains("longer than the site allows"), "{error}");
    }

    #[test]
    fn a_full_disk_is_told_and_another_fault_of_it_is_not() {
        let told = |kind| disk("a disk", &io::Error::from(kind)).status();
        assert_eq!(told(io::ErrorKind::StorageFull), 507);
        assert_eq!(told(io::ErrorKind::QuotaExceeded), 507);
        assert_eq!(told(io::ErrorKind::PermissionDenied), 500);
    }

    #[test]
    fn who_was_kept_out_meanwhile_is_told_to_sign_in() {
        let error = AppError::from(StoreError::Inactive);
        assert_eq!(error.status(), 401);
        assert!(error.to_string().contains("closed or suspended"), "{error}");
    }
}
