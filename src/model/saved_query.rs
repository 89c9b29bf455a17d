//! Queries that people keep under a name.

use super::error::FieldError;
use super::limits::{MAX_TITLE, check_text};
use super::page::Ordering;
use serde::{Deserialize, Serialize};

/// So many queries one person may keep.
pub const MAX_SAVED_QUERIES: i64 = 1000;

/// So many a part of a list has at most: their texts can be long.
pub const MAX_SAVED_QUERIES_LISTED: i64 = 100;

/// A query that somebody has kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedQuery {
    /// Numeric identity.
    pub id: i64,
    /// Its name, which its owner has given to no other one.
    pub title: String,
    /// Its text, as it was written.
    pub query: String,
    /// The order of its pictures.
    pub ordering: Ordering,
    /// Username of who keeps it.
    pub owner: String,
    /// Whether everybody may see it; otherwise only its owner.
    pub public: bool,
    /// When it was changed last, in Unix seconds.
    pub timestamp: i64,
}

/// A query that somebody wants to keep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSavedQuery {
    /// Its name.
    pub title: String,
    /// Its text.
    pub query: String,
    /// The order of its pictures.
    #[serde(default)]
    pub ordering: Ordering,
    /// Whether everybody may see it.
    #[serde(default)]
    pub public: bool,
}

/// What is to be changed of a saved query; absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedQueryChange {
    /// Its name.
    pub title: Option<String>,
    /// Its text.
    pub query: Option<String>,
    /// The order of its pictures.
    pub ordering: Option<Ordering>,
    /// Whether everybody may see it.
    pub public: Option<bool>,
}

/// Says what is wrong with a name, if anything is.
pub fn check_saved_title(title: &str) -> Option<FieldError> {
    if title.trim().is_empty() {
        return Some(FieldError::new("title", "must not be empty"));
    }
    check_text("title", title, MAX_TITLE)
}
