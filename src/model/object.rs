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
    /// Names of the more specific objects, sorted.
    pub children: Vec<String>,
    /// How many pictures show it or a descendant.
    pub pictures: i64,
}

/// An object with what only its own page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDetail {
    /// What lists show, too.
    #[serde(flatten)]
    pub object: Object,
    /// How many pictures show exactly this object.
    pub own_pictures: i64,
    /// Ways down from the most general objects, without the object itself: the shortest ones, and not more than
    /// [`MAX_PATHS`]. Empty for an object without parents.
    pub paths: Vec<Vec<String>>,
    /// Names that it had before, sorted. They still lead to it.
    pub former_names: Vec<String>,
    /// Who registered it, if that is known.
    pub author: Option<String>,
    /// When it was registered, in Unix seconds.
    pub timestamp: i64,
}

/// So many ways down to an object are told; in a graph there can be very many.
pub const MAX_PATHS: usize = 4;

/// An object as the editor's picker needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectSummary {
    /// The name.
    pub name: String,
    /// The first words of the description.
    pub description: String,
    /// How many pictures show exactly this object.
    pub pictures: i64,
    /// The places of its parents in the list of all summaries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<u32>,
}

/// What to change of an object; what is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectChange {
    /// The new name.
    pub id: Option<String>,
    /// The new description.
    pub description: Option<String>,
    /// Names of all parents from now on.
    pub parents: Option<Vec<String>>,
}

/// A region that shows an object, as an example of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Id of the region.
    pub region: i64,
    /// Id of the picture.
    pub picture: i64,
    /// Title of the picture, possibly empty.
    pub title: String,
    /// Name of the object: the one that was asked for, or a descendant.
    pub object: String,
    /// Path of the region cut out of the picture, with something around it.
    pub crop: String,
}

/// What is wrong in a line of a taxonomy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFault {
    /// The line, from 1.
    pub line: u32,
    /// What is wrong there.
    pub message: String,
}

/// A parent that an object gets which was registered before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewParent {
    /// The object.
    pub object: String,
    /// Its further parent.
    pub parent: String,
}

/// What the import of a taxonomy does or would do. Nothing is imported while there is any fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Whether this is only what would happen.
    pub dry_run: bool,
    /// Names of the objects that are made, in the order of the file.
    pub made: Vec<String>,
    /// Names in the file of objects that exist already. They keep their descriptions and parents.
    pub existing: Vec<String>,
    /// Parents that existing objects get in addition.
    pub new_parents: Vec<NewParent>,
    /// What is wrong, by line.
    pub faults: Vec<ImportFault>,
}

/// How a taxonomy is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaxonomyFormat {
    /// A table with the columns `name`, `description` and `parent`.
    Csv,
    /// Names within names, or a list.
    Yaml,
}

impl TaxonomyFormat {
    /// The format that a text most probably has: a table begins with the names of its columns.
    pub fn guess(text: &str) -> Self {
        let first =
            text.trim_start_matches('\u{feff}').lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut columns = first.split(',').map(|column| column.trim().trim_matches('"').to_lowercase());
        if !first.contains(':') && columns.any(|column| column == "name") { Self::Csv } else { Self::Yaml }
    }
}

/// Says what is wrong with an object's name, if anything is.
pub fn check_object_name(field: &str, name: &str) -> Option<FieldError> {
    let message = if name.trim().is_empty() {
        "must not be empty"
    } else if name.trim() != name {
        "must not start or end with a space"
    } else if name.contains(['/', '\n', '\r', '\t']) {
        "must not contain slashes, tabs or line breaks"
    } else if matches!(name, "." | "..") {
        // Browsers take these for folders in an address.
        "must be more than dots"
    } else {
        return check_text(field, name, MAX_OBJECT_NAME);
    };
    Some(FieldError::new(field, message))
}

/// Says what is wrong with a new object's name and description.
pub fn check_object(name: &str, description: &str) -> Vec<FieldError> {
    check_object_name("id", name).into_iter().chain(check_text("description", description, MAX_DESCRIPTION)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_address_could_hold_are_refused() {
        for name in ["", " ", " Cat", "Cat ", "a/b", "a\tb", "..", "a\u{0}b"] {
            assert!(check_object_name("id", name).is_some(), "{name:?}");
        }
        for name in ["Cat (Felis catus)", "Ähre", "100%", "..."] {
            assert_eq!(check_object_name("id", name), None, "{name:?}");
        }
    }

    #[test]
    fn tables_are_told_from_yaml_by_their_first_line() {
        for text in ["name,description,parent\nCat,,\n", "\u{feff}Name\nCat\n", "\n\"parent\",\"name\"\n"] {
            assert_eq!(TaxonomyFormat::guess(text), TaxonomyFormat::Csv, "{text:?}");
        }
        for text in ["Animal:\n  Cat:\n", "- name: Cat\n", "- Cat, Dog\n", "{\"name\": 1}", ""] {
            assert_eq!(TaxonomyFormat::guess(text), TaxonomyFormat::Yaml, "{text:?}");
        }
    }
}
