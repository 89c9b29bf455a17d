//! One file per route.

pub mod account;
pub mod annotate;
pub mod first_account;
pub mod galleries;
pub mod gallery;
pub mod help;
pub mod home;
pub mod licence;
pub mod licences;
pub mod login;
pub mod object;
pub mod objects;
pub mod picture;
pub mod picture_list;
pub mod pieces;
pub mod query;
pub mod register;
pub mod replace;
pub mod upload;
pub mod user;

/// How many pictures a page of a list shows.
const PICTURES: i64 = 60;
