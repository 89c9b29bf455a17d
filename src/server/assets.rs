//! The front end: script, WebAssembly, style sheet and static files, embedded in the program.
//!
//! A development build reads them from `target/site` instead, so that they can change while the server runs.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Site;

/// The build sets this to the checksum of the folder. Mentioning it here is what makes cargo build the program again when a
/// file was added, which it would not notice by itself.
const _: Option<&str> = option_env!("OCELLUS_SITE_SHA256");

/// The file in which the build says which version of the front end this is.
const VERSION: &str = "pkg/version";

/// The parts of the front end that the page's head names, with the version in their paths, so that browsers may keep them for
/// ever.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrontEnd {
    /// The style sheet.
    pub css: Option<String>,
    /// The script that loads the WebAssembly.
    pub js: Option<String>,
    /// The WebAssembly that every page needs. Pages that need more fetch it from the same folder.
    pub wasm: Option<String>,
}

/// The front end of this build. A development build looks again each time.
pub fn front_end() -> FrontEnd {
    static EMBEDDED: LazyLock<FrontEnd> = LazyLock::new(find);
    if cfg!(debug_assertions) { find() } else { EMBEDDED.clone() }
}

fn find() -> FrontEnd {
    let Some(version) = version() else { return FrontEnd::default() };
    let path = |name: &str| Some(format!("/pkg/{version}/{name}"));
    FrontEnd { css: path("ocellus.css"), js: path("ocellus.js"), wasm: path("ocellus_bg.wasm") }
}

fn version() -> Option<String> {
    let file = Site::get(VERSION)?;
    std::str::from_utf8(&file.data).ok().map(|version| version.trim().to_owned())
}

/// Answers with an embedded file, compressed beforehand where the client takes that; nothing if there is no such file. Under
/// `/pkg/<version>/` lie the files of that version and no other: a script and a WebAssembly of two versions do not fit.
pub fn file(path: &str, request: &HeaderMap) -> Option<Response> {
    let versioned = path.strip_prefix("/pkg/").and_then(|rest| rest.split_once('/'));
    match versioned {
        Some((wanted, name)) if Some(wanted) == version().as_deref() => answer(&format!("pkg/{name}"), true, request),
        Some(_) => None,
        None => answer(path, false, request),
    }
}

fn answer(path: &str, versioned: bool, request: &HeaderMap) -> Option<Response> {
    let path = path.trim_start_matches('/');
    let plain = Site::get(path)?;
    let accepted = request.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let compressed = [("br", ".br"), ("gzip", ".gz")]
        .into_iter()
        .filter(|(name, _)| accepts(accepted, name))
        .find_map(|(name, ending)| Some((name, Site::get(&format!("{path}{ending}"))?)));
    let (encoding, file) = match compressed {
        Some((name, file)) => (Some(name), file),
        None => (None, plain),
    };
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let unchanged = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(etag.as_str());
    let mut response = if unchanged {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match file.data {
            Cow::Borrowed(bytes) => Body::from(bytes).into_response(),
            Cow::Owned(bytes) => Body::from(bytes).into_response(),
        }
    };
    let media_type = mime_guess::from_path(path).first_or_octet_stream();
    let media_type = match media_type.type_().as_str() {
        "text" => format!("{media_type}; charset=utf-8"),
        _ => media_type.to_string(),
    };
    let caching = if versioned { "public, max-age=31536000, immutable" } else { "public, max-age=0, must-revalidate" };
    let headers = response.headers_mut();
    for (name, value) in
        [(header::CONTENT_TYPE, media_type.as_str()), (header::ETAG, &etag), (header::CACHE_CONTROL, caching)]
    {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(name) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    Some(response)
}

/// Whether an `Accept-Encoding` header takes an encoding: it is named, and not with the weight 0.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let refused = parts.any(|part| {
            part.strip_prefix("q=").and_then(|weight| weight.parse::<f32>().ok()).is_some_and(|weight| weight <= 0.0)
        });
        named && !refused
    })
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn reads_accept_encoding() {
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("", "br"));
    }
}
