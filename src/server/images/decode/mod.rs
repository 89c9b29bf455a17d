//! Decoders: from a file to a [`Raster`].
//!
//! | format | held in memory while decoding |
//! | --- | --- |
//! | PNG | a few rows; the whole picture where it is interlaced |
//! | JPEG | a quarter of the picture or less where it is large, otherwise 3 bytes per pixel; 3 to 6 more where progressive, and a tenth of a byte where that is very large |
//! | GIF | one byte per pixel |
//! | TIFF | one row of strips or tiles |
//! | BMP | a row; the whole picture where compressed or with fewer than 24 bits per pixel |
//! | WebP | the whole picture, twice |
//! | SVG | the thumbnail, see [`super::svg`] |
//!
//! Files are read through a small buffer, never as a whole.

mod bmp;
mod gif;
mod jpeg;
mod png;
mod progressive;
mod tiff;
mod whole;

use super::error::ImageError;
use super::format::{Format, sniff_bytes};
use super::raster::Raster;
use super::svg;
use image::metadata::Orientation;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

/// Through which buffer files are read.
const BUFFER_BYTES: usize = 64 * 1024;

/// A colour profile larger than this stays out of thumbnails.
const MAX_PROFILE_BYTES: usize = 16 * 1024;

/// What a file says about itself before its pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) orientation: Orientation,
    /// How much memory decoding takes, roughly.
    pub(super) memory_bytes: u64,
}

fn open(path: &Path) -> Result<BufReader<File>, ImageError> {
    Ok(BufReader::with_capacity(BUFFER_BYTES, File::open(path)?))
}

/// How much memory [`header`] takes, roughly. An SVG has no header: it is read as a whole.
pub(super) fn header_memory_bytes(format: Option<Format>) -> u64 {
    match format {
        Some(Format::Svg) => svg::MEMORY_BYTES,
        _ => 1024 * 1024,
    }
}

/// Reads what comes before the pixels.
pub(super) fn header(format: Format, path: &Path) -> Result<Header, ImageError> {
    match format {
        Format::Png => png::header(open(path)?),
        Format::Jpeg => jpeg::header(open(path)?),
        Format::Gif => gif::header(open(path)?),
        Format::Tiff => tiff::header(open(path)?),
        Format::Bmp => bmp::header(open(path)?),
        Format::Webp => whole::webp_header(open(path)?),
        Format::Svg => svg::header(path),
    }
}

/// The size of a picture in memory, for the formats that SVGs embed.
pub(super) fn size_of_bytes(mut reader: impl BufRead + Seek) -> Option<(u32, u32)> {
    let start = reader.fill_buf().ok()?;
    let header = match sniff_bytes(start)? {
        Format::Png => png::header(reader),
        Format::Jpeg => jpeg::header(reader),
        Format::Gif => gif::header(reader),
        Format::Webp => whole::webp_header(reader),
        Format::Tiff | Format::Bmp | Format::Svg => return None,
    };
    header.ok().map(|header| (header.width, header.height))
}

/// Decodes a picture whose header was found acceptable.
pub(super) fn decode(format: Format, path: &Path, header: &Header) -> Result<Raster, ImageError> {
    match format {
        Format::Png => png::decode(open(path)?),
        Format::Jpeg => jpeg::decode(path, header),
        Format::Gif => gif::decode(open(path)?),
        Format::Tiff => tiff::decode(open(path)?),
        Format::Bmp => bmp::decode(open(path)?),
        Format::Webp => whole::webp(open(path)?, header),
        Format::Svg => svg::rasterise(path),
    }
}

/// A colour profile, if thumbnails need it: not if it says what browsers assume anyway, and not if it is large.
fn needed_profile(profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    profile.filter(|profile| {
        let names_srgb = profile.windows(4).any(|bytes| bytes == b"sRGB")
            || profile.windows(8).any(|bytes| bytes == b"s\0R\0G\0B\0" || bytes == b"\0s\0R\0G\0B");
        profile.len() <= MAX_PROFILE_BYTES && !names_srgb
    })
}

/// A 16-bit sample as 8 bits, rounded.
fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) * 255 + 32_767) / 65_535) as u8
}

/// Cyan, magenta, yellow and black as red, green and blue, without a profile.
fn cmyk_to_rgb(cmyk: [u8; 4]) -> [u8; 3] {
    let paper = 255 - u32::from(cmyk[3]);
    [0, 1, 2].map(|ink| ((255 - u32::from(cmyk[ink])) * paper / 255) as u8)
}
