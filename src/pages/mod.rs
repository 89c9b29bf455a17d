//! One file per route.

pub mod account;
pub mod administration;
pub mod annotate;
pub mod contributions;
pub mod dataset;
pub mod datasets;
pub mod export;
pub mod first_account;
pub mod galleries;
pub mod gallery;
pub mod gallery_arrange;
pub mod help;
pub mod home;
pub mod import;
pub mod import_objects;
pub mod job;
pub mod jobs;
pub mod licence;
pub mod licence_form;
pub mod licences;
pub mod login;
pub mod namespace;
pub mod namespaces;
pub mod nature;
pub mod nature_form;
pub mod natures;
pub mod new_dataset;
pub mod new_gallery;
pub mod new_namespace;
pub mod new_project;
pub mod new_storage_site;
pub mod object;
pub mod object_forms;
pub mod objects;
pub mod picture;
pub mod picture_list;
pub mod pieces;
pub mod project;
pub mod projects;
pub mod query;
pub mod query_parts;
pub mod reference;
pub mod register;
pub mod replace;
pub mod reset;
pub mod saved_queries;
pub mod slideshow;
pub mod storage_site;
pub mod storage_sites;
pub mod upload;
pub mod user;

/// How many pictures a page of a list shows.
const PICTURES: i64 = 60;

/// An address up to the number of the offset, which keeps an unusual limit.
fn with_limit(base: String, limit: i64, usual: i64) -> String {
    if limit == usual { format!("{base}offset=") } else { format!("{base}limit={limit}&offset=") }
}

/// A part of a list that has come as a whole.
fn part_of<T>(list: Vec<T>, offset: i64, limit: i64) -> Vec<T> {
    let number = |number| usize::try_from(number).unwrap_or(0);
    list.into_iter().skip(number(offset)).take(number(limit)).collect()
}
