//! File formats, one file each: pure functions over bytes.

pub mod annotation_format;
pub mod annotations;
pub mod archive;
pub mod coco;
pub mod cvat;
pub mod datumaro;
pub mod imagefolder;
pub mod label_studio;
pub mod labelme;
pub mod ocellus;
mod tar;
pub mod via;
pub mod voc;
pub mod w3c;
pub mod yolo;
mod zip;
