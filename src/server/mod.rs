//! Everything that touches the world: database, files, network.
//!
//! Start at [`routes`], the table of all addresses, or at [`cli`], the table of all commands.

pub mod account;
pub mod accounts;
pub mod addresses;
mod archives;
pub mod assets;
pub mod auth;
pub mod blobs;
pub mod cli;
pub mod config;
pub mod context;
pub mod demo;
pub mod endpoints;
pub mod errors;
pub mod exports;
pub mod extract;
pub mod file_check;
pub mod files;
pub mod git;
pub mod guard;
mod image_bytes;
pub mod images;
pub mod imports;
pub mod jobs;
mod list_download;
pub mod markdown;
pub mod openapi;
pub mod pages;
pub mod password_reset;
mod patience;
pub mod plots;
pub mod projects;
mod ranges;
pub mod remote;
mod representation;
pub mod rights;
pub mod routes;
pub mod search;
pub mod serve;
pub mod state;
pub mod statistics;
pub mod storage;
pub mod store;
pub mod taxonomy;
pub mod tools;
pub mod upload;
pub mod uploads;
pub mod versions;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
