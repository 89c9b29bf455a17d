//! What answers say of the bytes that they are, or are a part of: which ones, and their digest.
//!
//! Digests are those of [RFC 9530](https://www.rfc-editor.org/rfc/rfc9530), with SHA-256 as the only algorithm.

use super::images::Patch;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The header that says the digest of what is served as a whole.
pub const REPR_DIGEST: &str = "repr-digest";
/// The header by which a client asks for it.
pub const WANT_REPR_DIGEST: &str = "want-repr-digest";
/// What a client asks with.
pub const WANTED: &str = "sha-256=1";

/// How the `ETag` of a file ends that comes without the place where a picture was taken.
const PLACELESS: &str = "-placeless\"";

/// The `ETag` of a file in which this is overwritten.
pub fn etag_of(hash: &str, patches: &[Patch]) -> String {
    if patches.is_empty() { format!("\"{hash}\"") } else { format!("\"{hash}{PLACELESS}") }
}

/// Whether an answer is a file, or a part of one, without the place where a picture was taken.
pub fn is_placeless(headers: &HeaderMap) -> bool {
    headers.get(header::ETAG).is_some_and(|etag| etag.as_bytes().ends_with(PLACELESS.as_bytes()))
}

/// The value of [`REPR_DIGEST`] for a SHA-256 in hexadecimal digits.
pub fn digest(sha256: &str) -> Option<HeaderValue> {
    let bytes = hex::decode(sha256).ok()?;
    HeaderValue::from_str(&format!("sha-256=:{}:", STANDARD.encode(bytes))).ok()
}

/// The SHA-256, in hexadecimal digits, that an answer says.
pub fn digest_said(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all(REPR_DIGEST).iter().filter_map(|value| value.to_str().ok());
    let parts = lines.flat_map(|line| line.split(',')).map(|part| part.split(';').next().unwrap_or_default().trim());
    // Of several, the last one counts.
    let said = parts.rev().find_map(|part| part.strip_prefix("sha-256=:")?.strip_suffix(':'))?;
    STANDARD.decode(said).ok().filter(|bytes| bytes.len() == 32).map(hex::encode)
}

/// Whether a client asks for [`REPR_DIGEST`].
pub fn wants_digest(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(WANT_REPR_DIGEST).iter().filter_map(|value| value.to_str().ok());
    let mut wishes = lines.flat_map(|line| line.split(',')).filter_map(|wish| wish.trim().strip_prefix("sha-256="));
    wishes.any(|weight| weight != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(value: &str) -> Option<String> {
        digest_said(&HeaderMap::from_iter([(REPR_DIGEST.parse().unwrap(), value.parse().unwrap())]))
    }

    #[test]
    fn digests_are_written_and_read() {
        // The example of RFC 9530, appendix B.1.
        let sha256 = "44aff4ab2d7c3250525675a08f0cfa9591168cffe51791c5f5bbc417c15a6c38";
        let value = digest(sha256).unwrap();
        assert_eq!(value, "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
        let value = value.to_str().unwrap();
        for whole in [value.to_owned(), format!("sha-512=:AAAA:, {value};x=1")] {
            assert_eq!(said(&whole).as_deref(), Some(sha256));
        }
        for wrong in ["", "sha-256=RK/0", "sha-256=:RK/0:", "sha-256=:?:", "md5=:AAAA:"] {
            assert_eq!(said(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn wishes_are_read() {
        let wants = |value: &str| {
            wants_digest(&HeaderMap::from_iter([(WANT_REPR_DIGEST.parse().unwrap(), value.parse().unwrap())]))
        };
        assert!(wants(WANTED) && wants("sha-512=3, sha-256=10") && !wants("sha-256=0") && !wants("md5=1"));
    }
}
