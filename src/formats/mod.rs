//! File formats, one file each: pure functions over bytes.

pub mod annotations;
pub mod archive;
pub mod coco;
pub mod cvat;
pub mod datumaro;
pub mod label_studio;
pub mod labelme;
mod tar;
pub mod voc;
pub mod yolo;
mod zip;
