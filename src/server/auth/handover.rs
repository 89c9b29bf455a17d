//! Hands a new token to a browser without JavaScript, which shows the answer to a form on the next page that it loads.
//!
//! The secret travels in a cookie that only this one page gets and no script can read, and that the page takes back as it
//! shows it. So it is never stored here, and stands in no address.

use crate::server::context::RequestContext;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use tower_sessions::cookie::{Cookie, SameSite, time::Duration};

const NAME: &str = "ocellus-new-token";
/// The page that shows the secret.
const PATH: &str = "/account/token";
/// Long enough for the browser to load the next page.
const LIFETIME: Duration = Duration::minutes(5);

/// Gives the secret to the browser, if it is one that sent the form by itself.
pub fn offer(context: &RequestContext, secret: &str) {
    let by_itself = use_context::<Parts>().is_some_and(|parts| {
        parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|v| v.contains("text/html"))
    });
    if by_itself {
        set(context, secret.to_owned(), LIFETIME);
    }
}

/// The secret that the browser brings along, which it forgets with this answer.
pub fn take(context: &RequestContext) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let secret = cookies
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|cookie| cookie.name() == NAME && !cookie.value().is_empty())?
        .value()
        .to_owned();
    set(context, String::new(), Duration::ZERO);
    if let Some(response) = use_context::<ResponseOptions>() {
        // Nor does the browser keep the page.
        response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Some(secret)
}

fn set(context: &RequestContext, value: String, lifetime: Duration) {
    let cookie = Cookie::build((NAME, value))
        .path(PATH)
        .max_age(lifetime)
        .http_only(true)
        .secure(context.state.config.is_secure())
        .same_site(SameSite::Strict);
    let header = HeaderValue::from_str(&cookie.build().to_string());
    if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), header) {
        response.append_header(header::SET_COOKIE, value);
    }
}
