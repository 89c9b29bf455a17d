//! The JSON API over real HTTP: every test has a site of its own, on a port of its own.

mod account;
mod accounts;
mod administration;
mod annotations;
mod app;
mod datasets;
mod deltas;
mod drawn;
mod editor_settings;
mod errors;
mod exif;
mod files;
mod flow;
mod folders;
mod galleries;
mod lab;
mod objects;
mod pages;
mod pictures;
mod push;
mod queries;
mod reference;
mod results;
mod storage_sites;
mod upload;
mod versions;
