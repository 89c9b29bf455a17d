//! One file per route.

pub mod account;
pub mod annotate;
pub mod first_account;
pub mod galleries;
pub mod gallery;
pub mod help;
pub mod home;
pub mod import_objects;
pub mod licence;
pub mod licence_form;
pub mod licences;
pub mod login;
pub mod nature;
pub mod nature_form;
pub mod natures;
pub mod object;
pub mod object_forms;
pub mod objects;
pub mod picture;
pub mod picture_list;
pub mod pieces;
pub mod query;
pub mod register;
pub mod upload;
pub mod user;

use leptos_router::params::ParamsMap;

/// How many pictures a page of a list shows.
const PICTURES: i64 = 60;

/// The offset that an address asks for; what is no such number counts as the beginning.
fn offset_in(query: &ParamsMap) -> i64 {
    query.get_str("offset").and_then(|offset| offset.parse().ok()).filter(|offset| *offset >= 0).unwrap_or(0)
}

/// The part of a list that an address asks for, as offset and limit; what is no such number counts as the usual.
fn part_in(query: &ParamsMap, usual: i64) -> (i64, i64) {
    let limit = query.get_str("limit").and_then(|limit| limit.parse().ok()).filter(|limit| (1..=1000).contains(limit));
    (offset_in(query), limit.unwrap_or(usual))
}

/// An address up to the number of the offset, which keeps an unusual limit.
fn with_limit(base: String, limit: i64, usual: i64) -> String {
    if limit == usual { format!("{base}offset=") } else { format!("{base}limit={limit}&offset=") }
}

/// A part of a list that has come as a whole.
fn part_of<T>(list: Vec<T>, offset: i64, limit: i64) -> Vec<T> {
    let number = |number| usize::try_from(number).unwrap_or(0);
    list.into_iter().skip(number(offset)).take(number(limit)).collect()
}
