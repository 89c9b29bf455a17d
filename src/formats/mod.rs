//! File formats, one file each: pure functions over bytes.

pub mod archive;
mod tar;
mod zip;
