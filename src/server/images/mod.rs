//! Pictures as files: which format, how large, whether sound, and what they look like when small.
//!
//! [`ImagePipeline`] does the work off the async threads, with so many threads and within so much memory as it was given.
//! [`ImagePipeline::inspect`] reads headers only and refuses what claims too much, before anything is decoded.
//! [`ImagePipeline::thumbnails`] decodes; a file that cannot be decoded is thus found out at its upload. What decoding
//! costs by format is told in [`decode`]; how SVG is kept harmless in [`svg`].

mod cache;
mod crop;
mod decode;
mod error;
mod exif;
mod format;
mod lean_jpeg;
mod pipeline;
mod placeless;
mod raster;
mod svg;
#[cfg(test)]
mod tests;
mod thumbnail;

pub use cache::{Crop, ThumbnailCache};
pub use crop::{CROP_PX, Window};
pub use error::ImageError;
pub use exif::{Patch, read_metadata};
pub use format::{Format, sniff, sniff_bytes};
pub use pipeline::{ImagePipeline, Inspected, crop_of_file, inspect_file, thumbnails_of_file};
pub use placeless::{Placeless, overlaid};
pub use thumbnail::{Thumbnail, Thumbnails};
