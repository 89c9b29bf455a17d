//! Answers of which a part can be asked for (RFC 9110, section 14).

use crate::model::AppError;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::ops::Range;

/// What is served.
pub struct Ranged<'a> {
    /// Its name for caches, in quotation marks, which changes whenever a byte does.
    pub etag: &'a str,
    /// Its length in bytes.
    pub size: u64,
    /// What it is.
    pub media_type: &'a str,
}

/// All of it or a part, or that whoever asks has it already. The body is asked for only where bytes are sent.
pub async fn answer<Making: Future<Output = Result<Body, AppError>>>(
    parts: &Parts,
    Ranged { etag, size, media_type }: Ranged<'_>,
    body: impl FnOnce(Range<u64>) -> Making,
) -> Result<Response, AppError> {
    let headers = &parts.headers;
    let send = async |range: Range<u64>| {
        let length = HeaderValue::from(range.end - range.start);
        let body = if parts.method == Method::HEAD { Body::empty() } else { body(range).await? };
        let mut response = body.into_response();
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
        Ok::<_, AppError>(response)
    };
    let mut answer = if matches(headers, header::IF_NONE_MATCH, etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        // No other method has a meaning for it.
        let wanted = headers.get(header::RANGE).filter(|_| parts.method == Method::GET);
        let wanted = wanted.and_then(|value| value.to_str().ok());
        // Parts of two states are not to be mixed.
        let same = headers.get(header::IF_RANGE).is_none_or(|value| value == etag);
        match wanted.filter(|_| same).and_then(|text| byte_range(text, size)) {
            Some(Err(())) => {
                let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
                insert(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{size}"));
                response
            }
            Some(Ok(range)) => {
                let content_range = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                let mut response = send(range).await?;
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                insert(response.headers_mut(), header::CONTENT_RANGE, &content_range);
                response
            }
            None => send(0..size).await?,
        }
    };
    let headers = answer.headers_mut();
    insert(headers, header::ETAG, etag);
    insert(headers, header::CONTENT_TYPE, media_type);
    insert(headers, header::ACCEPT_RANGES, "bytes");
    Ok(answer)
}

/// Whether a header names this state.
pub fn matches(headers: &HeaderMap, name: HeaderName, etag: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(',').map(|entry| entry.trim().trim_start_matches("W/")).any(|entry| entry == etag || entry == "*")
}

/// Sets a header, unless the value cannot stand in one.
pub fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Reads a `Range` header: nothing where it is to be ignored (several ranges, another unit, nonsense), an error where it
/// lies outside of what there is.
fn byte_range(header: &str, size: u64) -> Option<Result<Range<u64>, ()>> {
    let (first, last) = header.strip_prefix("bytes=")?.trim().split_once('-')?;
    if last.contains(',') {
        return None;
    }
    let range = match (first, last) {
        ("", suffix) => {
            let length: u64 = suffix.parse().ok()?;
            if length == 0 || size == 0 {
                return Some(Err(()));
            }
            size.saturating_sub(length)..size
        }
        (start, "") => start.parse().ok()?..size,
        (start, end) => {
            let (start, end): (u64, u64) = (start.parse().ok()?, end.parse().ok()?);
            if end < start {
                return None;
            }
            start..end.saturating_add(1).min(size)
        }
    };
    Some(if range.start < size { Ok(range) } else { Err(()) })
}

#[cfg(test)]
mod tests {
    use super::byte_range;

    #[test]
    fn reads_ranges() {
        for (header, expected) in [
            ("bytes=0-3", Some(Ok(0..4))),
            ("bytes=5-", Some(Ok(5..10))),
            ("bytes=-4", Some(Ok(6..10))),
            ("bytes=-40", Some(Ok(0..10))),
            ("bytes=8-40", Some(Ok(8..10))),
            ("bytes=10-", Some(Err(()))),
            ("bytes=-0", Some(Err(()))),
            ("bytes=3-1", None),
            ("bytes=0-1,4-5", None),
            ("lines=0-1", None),
            ("bytes=a-b", None),
        ] {
            assert_eq!(byte_range(header, 10), expected, "{header}");
        }
    }
}
