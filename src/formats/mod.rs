//! File formats, one file each: pure functions over bytes. Only `unpack` touches files, since archives are larger than memory.

mod annotation_format;
pub mod annotations;
pub mod archive;
pub mod attribution;
pub mod coco;
pub mod croissant;
pub mod cvat;
pub mod datumaro;
pub mod detect;
pub mod imagefolder;
pub mod label_studio;
pub mod labelme;
pub mod matching;
pub mod ocellus;
pub mod photo_metadata;
pub mod tables;
pub mod tabular;
mod tar;
pub mod unpack;
pub mod via;
pub mod voc;
pub mod w3c;
pub mod webdataset;
pub mod yolo;
mod zip;
