//! What stands before every handler: the origin check against forged requests, and headers that harden pages.

use super::errors::problem_response;
use super::state::AppState;
use crate::model::AppError;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// Middleware: an unsafe method that comes with a cookie must say, in a header that scripts of other sites cannot forge,
/// that it comes from this site. One without a cookie may be silent about it, as programs are, but a browser that says
/// that another site sent it is refused all the same: nobody shall be signed in by a page elsewhere.
pub async fn same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_silent = !headers.contains_key("sec-fetch-site") && !headers.contains_key(header::ORIGIN);
    let is_program = is_silent && !headers.contains_key(header::COOKIE);
    if request.method().is_safe() || is_program || is_same_origin(headers, &state.config.public_url) {
        return next.run(request).await;
    }
    let detail = "a request that changes something and comes with a cookie needs the header `Origin` (or \
                  `Sec-Fetch-Site`) of this site; programs better use a token";
    let request_id = super::context::request_id(request.extensions());
    problem_response(Response::default(), AppError::Forbidden(detail.to_owned()), request_id)
}

fn is_same_origin(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    // Browsers set it and no script can; it is right even where a proxy changed the host.
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    if origin == public_url {
        return true;
    }
    // The site may be reached by other names than the public one, such as localhost: then origin and host agree.
    let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    host.is_some() && host == text(header::HOST)
}

/// Middleware: headers that every answer has unless its handler chose otherwise.
pub async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // What somebody may see is for them: only what says so itself may be kept between.
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        is_same_origin(&map, "https://ocellus.example")
    }

    #[test]
    fn other_sites_are_refused() {
        for (headers, allowed) in [
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "https://ocellus.example")], false),
            (vec![("origin", "https://ocellus.example")], true),
            (vec![("origin", "https://evil.example"), ("host", "ocellus.example")], false),
            (vec![("origin", "http://localhost:3000"), ("host", "localhost:3000")], true),
            (vec![("origin", "null")], false),
            (vec![("origin", "null"), ("host", "null")], false),
            (vec![], false),
        ] {
            assert_eq!(check(&headers), allowed, "{headers:?}");
        }
    }
}
