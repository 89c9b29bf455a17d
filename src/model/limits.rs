//! Lengths of texts that people write, and the checks for them.

use super::error::FieldError;

/// Longest title of a picture or gallery, in characters.
pub const MAX_TITLE: usize = 300;
/// Longest description, in characters.
pub const MAX_DESCRIPTION: usize = 20_000;
/// Longest address, in characters.
pub const MAX_URL: usize = 2_000;
/// Longest name of an object, in characters.
pub const MAX_OBJECT_NAME: usize = 120;
/// A picture has at most so many licences.
pub const MAX_LICENCES: usize = 100;

/// Says what is wrong with a text that may have at most `most` characters, if anything is.
pub fn check_text(field: &str, text: &str, most: usize) -> Option<FieldError> {
    if text.chars().count() > most {
        return Some(FieldError::new(field, format!("must have at most {most} characters")));
    }
    // PostgreSQL cannot store U+0000, and no page can show the other control characters.
    let control = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
    control.then(|| FieldError::new(field, "must not contain control characters"))
}

/// Says what is wrong with an optional web address, if anything is: only http and https may be linked to.
pub fn check_url(field: &str, url: &str) -> Option<FieldError> {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    if !(lower.starts_with("http://") || lower.starts_with("https://")) {
        return Some(FieldError::new(field, "must start with http:// or https://"));
    }
    if url.chars().any(char::is_whitespace) {
        return Some(FieldError::new(field, "must not contain spaces"));
    }
    check_text(field, url, MAX_URL)
}
