//! Natures: where images come from.

use super::error::FieldError;
use super::licence::MAX_ID;
use super::limits::{MAX_DESCRIPTION, check_text};
use serde::{Deserialize, Serialize};

/// Where an image comes from: a camera, a program, a hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nature {
    /// Short name, such as `photo`. Never changes.
    pub id: String,
    /// What it means.
    pub description: String,
}

/// Says what is wrong with a nature.
pub fn check_nature(nature: &Nature) -> Vec<FieldError> {
    let id = &nature.id;
    let fits = id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.len() <= MAX_ID
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let mut errors = Vec::new();
    if !fits {
        let message = "must start with a lower-case letter, and have at most 64 lower-case letters, digits and `-`";
        errors.push(FieldError::new("id", message));
    }
    errors.extend(check_description(&nature.description));
    errors
}

/// Says what is wrong with the description of a nature, which has to be there.
pub fn check_description(text: &str) -> Vec<FieldError> {
    let empty = text.trim().is_empty().then(|| FieldError::new("description", "must not be empty"));
    empty.or_else(|| check_text("description", text, MAX_DESCRIPTION)).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain_words() {
        let errors = |id: &str| check_nature(&Nature { id: id.into(), description: "What it is.".into() }).len();
        assert_eq!(errors("computer-3d-art"), 0);
        for id in ["", "Photo", "3d", "a b", "ä"] {
            assert_eq!(errors(id), 1, "{id:?}");
        }
    }
}
