//! What cameras write into files (EXIF, a TIFF structure inside of the picture's own), and where in a file the place
//! stands that a picture was taken at.
//!
//! Nothing is decoded or held as a whole: directories are followed by seeking, within bounds that no camera reaches. A
//! structure that is broken tells nothing; it is no reason to refuse a picture.

mod camera;
mod containers;
mod metadata;
mod place;
#[cfg(test)]
mod tests;
mod tiff;

pub use camera::read_exif;
pub use metadata::read_metadata;
#[cfg(test)]
pub use place::Filling;
pub use place::{MEMORY_BYTES, Patch, place_patches};
