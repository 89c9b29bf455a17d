//! Galleries: picked sets of pictures.

use serde::{Deserialize, Serialize};

/// A picked set of pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gallery {
    /// Numeric identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Description, possibly empty.
    pub description: String,
    /// Username of who owns it.
    pub owner: String,
    /// Usernames of who else may add and remove pictures, sorted.
    pub users: Vec<String>,
}

/// A gallery as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GallerySummary {
    /// Numeric identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Username of who owns it.
    pub owner: String,
    /// How many pictures are in it.
    pub pictures: i64,
    /// Blob hash of the picture that stands for it.
    pub cover: Option<String>,
}
