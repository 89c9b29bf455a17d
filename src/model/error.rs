//! The one error type of the platform, and its form on the wire: a problem document after RFC 9457.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One invalid field of a request body or form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Path of the field, such as `annotations[2].shape.x`.
    pub field: String,
    /// What is wrong with it, as the continuation of the field's name: "must be between 0 and 1".
    pub message: String,
}

impl FieldError {
    /// Says of `field` that it is wrong in the way of `message`.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

/// One error in a query's text. Lines and columns count from 1; columns count Unicode characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryError {
    /// Line of the offending token, from 1.
    pub line: u32,
    /// Column of the offending token's first character, from 1.
    pub column: u32,
    /// What is wrong, what was expected, and the nearest known name where there is one.
    pub message: String,
    /// What may take the place of the token, best first: the names that the message suggests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

/// Everything an operation can fail with: one variant per outcome that a caller can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Problem", try_from = "Problem")]
pub enum AppError {
    /// There is no such thing, or the viewer may not know of it. Names what was looked for.
    NotFound(String),
    /// The operation needs a signed-in viewer.
    NotSignedIn(String),
    /// The viewer is known, but may not do this. Says why.
    Forbidden(String),
    /// The HTTP method does not exist on this path.
    MethodNotAllowed,
    /// The request is malformed, or some of its fields are invalid.
    Invalid {
        /// The whole in one sentence.
        detail: String,
        /// The fields at fault, if the fault lies in fields.
        errors: Vec<FieldError>,
    },
    /// A query's text is wrong in these places.
    InvalidQuery(Vec<QueryError>),
    /// The request contradicts the present state. Says how.
    Conflict(String),
    /// The state that the request was based on is no longer the newest (`If-Match`).
    Outdated(String),
    /// The body, file or picture is larger than allowed. Says what the limit is.
    TooLarge(String),
    /// The file or body is not of a supported format.
    UnsupportedMediaType(String),
    /// The search was understood, but takes longer than the site allows, and was ended.
    TookTooLong(String),
    /// Too many requests.
    RateLimited {
        /// Seconds until the next try may succeed.
        retry_after_s: u64,
    },
    /// Something failed that is not the caller's fault. Details are in the server's log only.
    Internal {
        /// Identifies the request in the server's log; empty where it is not known.
        request_id: String,
    },
    /// A storage site does not answer, or takes too long; nothing was changed.
    StorageDown(String),
    /// A storage site has no room; nothing was changed.
    StorageFull(String),
    /// A storage site refuses what this site asks it for, or answers nonsense; nothing was changed.
    StorageRefused(String),
    /// The browser could not reach the server, or did not understand its answer. Never sent by a server.
    Unreachable(String),
}

impl AppError {
    /// An invalid request without a particular field at fault.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::Invalid { detail: detail.into(), errors: Vec::new() }
    }

    /// One invalid field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(field, message)])
    }

    /// Several invalid fields, of which there must be at least one.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{} {}", only.field, only.message),
            several => format!("{} fields are invalid", several.len()),
        };
        Self::Invalid { detail, errors }
    }

    /// Fails where any field is invalid.
    pub fn refuse(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() { Ok(()) } else { Err(Self::fields(errors)) }
    }

    /// The HTTP status of the outcome.
    pub fn status(&self) -> u16 {
        match self {
            Self::Invalid { .. } | Self::InvalidQuery(_) => 400,
            Self::NotSignedIn(_) => 401,
            Self::Forbidden(_) => 403,
            Self::NotFound(_) => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict(_) => 409,
            Self::Outdated(_) => 412,
            Self::TooLarge(_) => 413,
            Self::UnsupportedMediaType(_) => 415,
            Self::TookTooLong(_) => 422,
            Self::RateLimited { .. } => 429,
            Self::Internal { .. } => 500,
            Self::StorageRefused(_) => 502,
            Self::StorageDown(_) | Self::Unreachable(_) => 503,
            Self::StorageFull(_) => 507,
        }
    }

    /// The message for the field called `name`, if that field is at fault.
    pub fn message_for(&self, name: &str) -> Option<&str> {
        match self {
            Self::Invalid { errors, .. } => {
                errors.iter().find(|error| error.field == name).map(|error| error.message.as_str())
            }
            _ => None,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "Not found",
            Self::NotSignedIn(_) => "Not signed in",
            Self::Forbidden(_) => "Not allowed",
            Self::MethodNotAllowed => "Method not allowed",
            Self::Invalid { .. } => "Invalid request",
            Self::InvalidQuery(_) => "Invalid query",
            Self::Conflict(_) => "Conflict",
            Self::Outdated(_) => "Outdated",
            Self::TooLarge(_) => "Too large",
            Self::UnsupportedMediaType(_) => "Unsupported format",
            Self::TookTooLong(_) => "Took too long",
            Self::RateLimited { .. } => "Too many requests",
            Self::Internal { .. } => "Internal error",
            Self::StorageDown(_) => "Storage site down",
            Self::StorageFull(_) => "Storage site full",
            Self::StorageRefused(_) => "Storage site refused",
            Self::Unreachable(_) => "Server not reached",
        }
    }
}

/// The sentence for a person.
impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(detail)
            | Self::NotSignedIn(detail)
            | Self::Forbidden(detail)
            | Self::Conflict(detail)
            | Self::Outdated(detail)
            | Self::TooLarge(detail)
            | Self::UnsupportedMediaType(detail)
            | Self::TookTooLong(detail)
            | Self::StorageDown(detail)
            | Self::StorageFull(detail)
            | Self::StorageRefused(detail)
            | Self::Unreachable(detail)
            | Self::Invalid { detail, .. } => f.write_str(detail),
            Self::MethodNotAllowed => f.write_str("this method does not exist on this path"),
            Self::InvalidQuery(errors) => match errors.first() {
                Some(first) => write!(f, "line {}, column {}: {}", first.line, first.column, first.message),
                None => f.write_str("the query is invalid"),
            },
            Self::RateLimited { retry_after_s } => write!(f, "too many tries; try again in {retry_after_s} s"),
            Self::Internal { request_id } if request_id.is_empty() => f.write_str("something went wrong on our side"),
            Self::Internal { request_id } => write!(f, "something went wrong on our side (request {request_id})"),
        }
    }
}

impl std::error::Error for AppError {}

/// The wire form of [`AppError`]: `application/problem+json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `about:blank#` and a short stable word, such as `about:blank#not-found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// This occurrence in one sentence.
    pub detail: String,
    /// The request's id, where the server knows it.
    #[serde(default)]
    pub instance: String,
    /// Fields or places in a query that are at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemEntry>,
}

/// One entry of a problem's `errors`: an invalid field, or an error in a query's text. It has the fields of both, since an
/// untagged enumeration takes much more code to read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProblemEntry {
    /// See [`FieldError::field`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// See [`QueryError::line`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// See [`QueryError::column`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What is wrong.
    pub message: String,
    /// See [`QueryError::suggestions`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suggestions: Vec<String>,
}

impl From<FieldError> for ProblemEntry {
    fn from(FieldError { field, message }: FieldError) -> Self {
        Self { field: Some(field), line: None, column: None, message, suggestions: Vec::new() }
    }
}

impl From<QueryError> for ProblemEntry {
    fn from(QueryError { line, column, message, suggestions }: QueryError) -> Self {
        Self { field: None, line: Some(line), column: Some(column), message, suggestions }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let (title, status, detail) = (error.title().to_owned(), error.status(), error.to_string());
        let kind = format!("about:blank#{}", title.to_lowercase().replace(' ', "-"));
        let mut instance = String::new();
        let errors = match error {
            AppError::Invalid { errors, .. } => errors.into_iter().map(ProblemEntry::from).collect(),
            AppError::InvalidQuery(errors) => errors.into_iter().map(ProblemEntry::from).collect(),
            AppError::Internal { request_id } => {
                instance = request_id;
                Vec::new()
            }
            _ => Vec::new(),
        };
        Self { kind, title, status, detail, instance, errors }
    }
}

impl TryFrom<Problem> for AppError {
    type Error = String;

    fn try_from(problem: Problem) -> Result<Self, String> {
        let Problem { status, detail, instance, errors, .. } = problem;
        let (mut fields, mut places) = (Vec::new(), Vec::new());
        for ProblemEntry { field, line, column, message, suggestions } in errors {
            match (field, line, column) {
                (None, Some(line), Some(column)) => places.push(QueryError { line, column, message, suggestions }),
                (field, ..) => fields.push(FieldError { field: field.unwrap_or_default(), message }),
            }
        }
        Ok(match status {
            400 if !places.is_empty() => Self::InvalidQuery(places),
            400 => Self::Invalid { detail, errors: fields },
            401 => Self::NotSignedIn(detail),
            403 => Self::Forbidden(detail),
            404 => Self::NotFound(detail),
            405 => Self::MethodNotAllowed,
            409 => Self::Conflict(detail),
            412 => Self::Outdated(detail),
            413 => Self::TooLarge(detail),
            415 => Self::UnsupportedMediaType(detail),
            422 => Self::TookTooLong(detail),
            // The number of seconds is the only number in the sentence.
            429 => Self::RateLimited {
                retry_after_s: detail.split_whitespace().find_map(|word| word.parse().ok()).unwrap_or(60),
            },
            500 => Self::Internal { request_id: instance },
            502 => Self::StorageRefused(detail),
            // Nothing else of a server is a problem document with this status.
            503 => Self::StorageDown(detail),
            507 => Self::StorageFull(detail),
            other => return Err(format!("a problem document with the unknown status {other}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_survives_the_wire() {
        for error in [
            AppError::NotFound("picture 7 does not exist".into()),
            AppError::NotSignedIn("sign in first".into()),
            AppError::Forbidden("only the author may do this".into()),
            AppError::MethodNotAllowed,
            AppError::field("title", "is too long"),
            AppError::invalid("the body is not JSON"),
            AppError::InvalidQuery(vec![QueryError {
                line: 3,
                column: 5,
                message: "unknown rule".into(),
                suggestions: vec!["has".into()],
            }]),
            AppError::Conflict("the name is taken".into()),
            AppError::Outdated("somebody saved meanwhile".into()),
            AppError::TooLarge("at most 100 MB".into()),
            AppError::UnsupportedMediaType("not a picture".into()),
            AppError::TookTooLong("it was ended".into()),
            AppError::RateLimited { retry_after_s: 17 },
            AppError::StorageDown("it does not answer".into()),
            AppError::StorageFull("it is full".into()),
            AppError::StorageRefused("it refuses".into()),
            AppError::Internal { request_id: "abc".into() },
        ] {
            let wire = serde_json::to_value(&error).unwrap();
            assert_eq!(wire["status"], error.status());
            assert_eq!(serde_json::from_value::<AppError>(wire).unwrap(), error);
        }
    }
}
