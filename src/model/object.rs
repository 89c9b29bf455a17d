//! Objects: kinds of things that regions show.

use super::error::FieldError;
use super::limits::{MAX_DESCRIPTION, MAX_OBJECT_NAME, check_text};
use serde::{Deserialize, Serialize};

/// A kind of thing, with its neighbours in the graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The name, which is the identity.
    pub id: String,
    /// What it is, possibly empty.
    pub description: String,
    /// Names of the more general objects, sorted.
    pub parents: Vec<String>,
    /// Names of the more special objects, sorted.
    pub children: Vec<String>,
    /// How many pictures show it or a descendant.
    pub pictures: i64,
}

/// An object as the editor's picker needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectSummary {
    /// The name.
    pub name: String,
    /// The first words of the description.
    pub description: String,
    /// How many pictures show exactly this object.
    pub pictures: i64,
}

/// Says what is wrong with a new object's name and description.
pub fn check_object(name: &str, description: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if name.trim().is_empty() {
        errors.push(FieldError::new("id", "must not be empty"));
    } else if name.trim() != name {
        errors.push(FieldError::new("id", "must not start or end with a space"));
    } else if name.contains(['/', '\n', '\r', '\t']) {
        errors.push(FieldError::new("id", "must not contain slashes, tabs or line breaks"));
    }
    errors.extend(check_text("id", name, MAX_OBJECT_NAME));
    errors.extend(check_text("description", description, MAX_DESCRIPTION));
    errors
}
