//! File formats, one file each: pure functions over bytes.

pub mod annotations;
pub mod archive;
pub mod coco;
mod tar;
pub mod yolo;
mod zip;
