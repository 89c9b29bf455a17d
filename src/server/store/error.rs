//! What a store function can fail with, and what a violated constraint means in words.

use crate::model::FieldError;
use std::fmt;

/// Failures of the store. Only [`StoreError::Database`] and [`StoreError::Migration`] hold text that a client must not see.
#[derive(Debug)]
pub enum StoreError {
    /// What was asked for does not exist. The sentence names it.
    NotFound(String),
    /// The change contradicts what is stored. The sentence says how.
    Conflict(String),
    /// The viewer may see what this is about, but may not do it. The sentence says who may.
    Forbidden(String),
    /// The change would close a cycle in the graph of objects: the way around, by name, which ends where it begins.
    Cycle(Vec<String>),
    /// Whoever wanted to post something has been suspended or closed their account meanwhile.
    Inactive,
    /// Fields of what was to be stored are wrong.
    Invalid(Vec<FieldError>),
    /// A search took longer than the site allows, and was ended.
    TimedOut,
    /// Too many searches wait already, of the same caller or altogether.
    Busy,
    /// The database's address cannot be used. For whoever starts the program, never for a client.
    Address(String),
    /// The database could not be brought to the newest schema.
    Migration(String),
    /// The database failed, or what it holds cannot be understood.
    Database(sqlx::Error),
}

impl StoreError {
    /// One invalid field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }

    /// A stored value that the program itself could not have written.
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Database(sqlx::Error::Decode(what.into().into()))
    }

    /// Whether this may well succeed some time later: the database could not be reached, or the connection to it broke.
    pub(crate) fn is_passing(&self) -> bool {
        use sqlx::Error::{Io, PoolTimedOut, WorkerCrashed};
        self.is_transient() || matches!(self, Self::Database(Io(_) | PoolTimedOut | WorkerCrashed))
    }

    /// Whether the same transaction may well succeed if it is tried once more: the database gave up one of several that
    /// stood in each other's way.
    pub(crate) fn is_transient(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        // PostgreSQL: serialization failure and deadlock. SQLite: busy, in its plain and its snapshot form.
        matches!(error.code().as_deref(), Some("40001" | "40P01" | "5" | "517"))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(text) | Self::Conflict(text) | Self::Forbidden(text) | Self::Address(text) => f.write_str(text),
            Self::Cycle(way) => write!(f, "that would close a cycle: {}", way.join(" → ")),
            Self::TimedOut => f.write_str(
                "this takes longer than the site allows, and was ended; ask for fewer or simpler rules, or try again later",
            ),
            Self::Busy => f.write_str("too many searches are under way; try again later"),
            Self::Inactive => f.write_str("this account is closed or suspended; nothing was posted"),
            Self::Migration(text) => write!(f, "the database could not be brought to the newest schema: {text}"),
            Self::Invalid(errors) => {
                for (index, error) in errors.iter().enumerate() {
                    write!(f, "{}{} {}", if index > 0 { "; " } else { "" }, error.field, error.message)?;
                }
                Ok(())
            }
            Self::Database(error) => write!(f, "the database failed: {error}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}

/// Unique constraints in the words of each database, and what it means to violate them. SQLite names the columns in its
/// message, PostgreSQL names the constraint.
const UNIQUE: &[(&str, &str, &str)] = &[
    ("users.username", "users_username_key", "this username is taken"),
    ("namespaces.name", "namespaces_name_key", "this name is taken"),
    ("datasets.name", "datasets_namespace_name_key", "there is a dataset of this name in the namespace already"),
    ("storage_sites.name", "storage_sites_name_key", "this name is taken"),
    ("projects.name", "projects_dataset_name_key", "this dataset has a project of this name already"),
    ("objects.name_folded", "objects_name_folded_key", "an object of this name is registered already"),
    ("licences.id", "licences_pkey", "a licence with this id exists already"),
    ("natures.id", "natures_pkey", "a nature with this id exists already"),
    ("pictures.replaces", "pictures_replaces_key", "the picture has been replaced by another one already"),
    ("pictures.replaced_by", "pictures_replaced_by_key", "the picture has been replaced by another one already"),
    ("saved_queries.title", "saved_queries_owner_title", "you keep another query under this name"),
    ("api_tokens.token_hash", "api_tokens_token_hash_key", "this token exists already"),
    ("one_time_links.token_hash", "one_time_links_pkey", "this link exists already"),
];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = &error else { return Self::Database(error) };
        if database.is_unique_violation() {
            let known = UNIQUE.iter().find(|(columns, constraint, _)| match database.constraint() {
                Some(name) => name == *constraint,
                None => database.message().ends_with(columns),
            });
            return match known {
                Some((_, _, sentence)) => Self::Conflict((*sentence).to_owned()),
                None => Self::Conflict("this exists already".to_owned()),
            };
        }
        if database.is_foreign_key_violation() {
            return Self::Conflict("something that this refers to does not exist any more".to_owned());
        }
        // PostgreSQL stores no U+0000, and no name or text has one.
        if database.code().as_deref() == Some("22021") {
            return Self::field("text", "must not contain the character U+0000");
        }
        // SQLite: interrupted. PostgreSQL: cancelled because of the time limit.
        if matches!(database.code().as_deref(), Some("9" | "57014")) {
            return Self::TimedOut;
        }
        Self::Database(error)
    }
}
