//! BMP: the plain 24- and 32-bit kinds row by row, all others as a whole.

use super::super::error::ImageError;
use super::super::format::Format;
use super::super::raster::{Channels, Raster, Reducer};
use super::{Header, whole};
use image::ImageDecoder;
use image::codecs::bmp::BmpDecoder;
use image::metadata::Orientation;
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// The start of a file: 14 bytes of file header, and as much of the information header as is needed.
const START_BYTES: usize = 14 + 40;

/// A plain BMP: no palette, no masks, no compression.
struct Plain {
    pixels_at: u64,
    width: usize,
    height: usize,
    top_down: bool,
    bytes_per_pixel: usize,
}

/// The layout of a plain BMP, or `None` for any other kind.
fn plain(start: &[u8; START_BYTES]) -> Option<Plain> {
    let u32_at = |at: usize| u32::from_le_bytes([start[at], start[at + 1], start[at + 2], start[at + 3]]);
    let u16_at = |at: usize| u16::from_le_bytes([start[at], start[at + 1]]);
    let (width, height) = (u32_at(18) as i32, u32_at(22) as i32);
    let (planes, bits, compression) = (u16_at(26), u16_at(28), u32_at(30));
    if u32_at(14) < 40 || planes != 1 || !matches!(bits, 24 | 32) || compression != 0 || width <= 0 || height == 0 {
        return None;
    }
    Some(Plain {
        pixels_at: u32_at(10).into(),
        width: width as usize,
        height: height.unsigned_abs() as usize,
        top_down: height < 0,
        bytes_per_pixel: usize::from(bits) / 8,
    })
}

fn read_start(reader: &mut (impl Read + Seek)) -> Result<Option<Plain>, ImageError> {
    let mut start = [0; START_BYTES];
    let found = match reader.read_exact(&mut start) {
        Ok(()) => plain(&start),
        // Shorter than the usual header: an old kind, or nothing at all. The general decoder will tell.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
        Err(error) => return Err(error.into()),
    };
    reader.seek(SeekFrom::Start(0))?;
    Ok(found)
}

pub(super) fn header(mut reader: impl BufRead + Seek) -> Result<Header, ImageError> {
    if let Some(plain) = read_start(&mut reader)? {
        return Ok(Header {
            width: plain.width as u32,
            height: plain.height as u32,
            orientation: Orientation::NoTransforms,
            memory_bytes: plain.width as u64 * 4,
        });
    }
    let decoder = BmpDecoder::new(reader).map_err(|error| ImageError::from_image(Format::Bmp, error))?;
    let (width, height) = decoder.dimensions();
    Ok(Header { width, height, orientation: Orientation::NoTransforms, memory_bytes: decoder.total_bytes() })
}

pub(super) fn decode(mut reader: impl BufRead + Seek) -> Result<Raster, ImageError> {
    let Some(plain) = read_start(&mut reader)? else {
        let decoder = BmpDecoder::new(reader).map_err(|error| ImageError::from_image(Format::Bmp, error))?;
        return whole::decode(Format::Bmp, decoder);
    };
    reader.seek(SeekFrom::Start(plain.pixels_at))?;
    let mut reducer = Reducer::new(Channels::Rgb, plain.width as u32, plain.height as u32);
    // Rows end on a multiple of four bytes. The fourth byte of 32-bit pixels is unused in this kind.
    let mut line = vec![0; (plain.width * plain.bytes_per_pixel).next_multiple_of(4)];
    let mut row = vec![0; plain.width * 3];
    for _ in 0..plain.height {
        reader.read_exact(&mut line).map_err(|error| ImageError::from_read(Format::Bmp, error))?;
        for (pixel, bgr) in row.chunks_exact_mut(3).zip(line.chunks_exact(plain.bytes_per_pixel)) {
            pixel.copy_from_slice(&[bgr[2], bgr[1], bgr[0]]);
        }
        reducer.push(&row);
    }
    let mut raster = reducer.finish();
    raster.bottom_up = !plain.top_down;
    Ok(raster)
}
