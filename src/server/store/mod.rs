//! The store: every SQL statement that is not a search, one file per aggregate.
//!
//! - [`db`] is the only place that knows there are two databases; `schema` names their tables and columns.
//! - [`access`] is the one place that decides what a viewer may see.
//! - The other modules hold one aggregate each. A function is one operation: what belongs together changes in one
//!   transaction, derived values included.

pub mod access;
pub mod administration;
pub mod audit;
pub mod blob_sites;
pub mod blobs;
pub mod closing;
pub mod contributions;
pub mod dataset_files;
pub mod dataset_folders;
pub mod dataset_index;
pub mod datasets;
pub mod db;
pub mod editor_settings;
pub mod error;
pub mod exports;
pub mod fields;
pub mod galleries;
mod graph;
pub mod jobs;
pub mod licences;
pub mod links;
mod locks;
pub mod marks;
pub mod members;
pub mod namespaces;
pub mod natures;
pub mod object_merge;
pub mod objects;
pub mod password_reset;
pub mod picture_bulk;
pub mod picture_changes;
pub mod picture_copy;
pub mod pictures;
pub mod project_progress;
pub mod project_work;
pub mod projects;
pub mod queue;
pub mod ratings;
pub mod reference;
pub mod region_delta;
pub mod region_history;
pub mod region_import;
mod region_plan;
pub mod regions;
pub mod repair;
pub mod samples;
pub mod saved_queries;
pub(crate) mod schema;
pub mod sessions;
pub mod settings;
mod site_access;
pub mod site_choice;
pub mod site_grants;
pub mod storage_sites;
pub mod surroundings;
pub mod taxonomy;
pub mod text_index;
pub mod tokens;
pub mod uploads;
pub mod users;

pub use db::{Bounded, Caller, Db, Engine, Place, Places, Result, Row, Source, Statement, Tx};
pub use error::StoreError;

/// What the store has to know to write addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Urls {
    /// The site's address without a slash at its end, such as `https://images.example.org`.
    pub public_url: String,
}

impl Urls {
    /// Absolute address of an original file.
    pub fn download(&self, hash: &str, extension: &str) -> String {
        format!("{}/image/{hash}.{extension}", self.public_url)
    }
}
