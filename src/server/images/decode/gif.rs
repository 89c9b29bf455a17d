//! GIF: the first frame on the canvas, held as palette numbers.

use super::super::error::ImageError;
use super::super::format::Format;
use super::super::raster::{Channels, Raster, Reducer};
use super::Header;
use gif::{ColorOutput, DecodeOptions, MemoryLimit};
use image::metadata::Orientation;
use std::io::Read;
use std::num::NonZeroU64;

fn open<R: Read>(reader: R) -> Result<gif::Decoder<R>, ImageError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // Frames are read into our own buffer; this is for profiles and the like.
    options.set_memory_limit(NonZeroU64::new(16 * 1024 * 1024).map_or(MemoryLimit::Unlimited, MemoryLimit::Bytes));
    options.read_info(reader).map_err(ImageError::from_gif)
}

pub(super) fn header(reader: impl Read) -> Result<Header, ImageError> {
    let decoder = open(reader)?;
    let (width, height) = (decoder.width(), decoder.height());
    Ok(Header {
        width: width.into(),
        height: height.into(),
        orientation: Orientation::NoTransforms,
        memory_bytes: u64::from(width) * u64::from(height),
    })
}

pub(super) fn decode(reader: impl Read) -> Result<Raster, ImageError> {
    let mut decoder = open(reader)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let Some(frame) = decoder.next_frame_info().map_err(ImageError::from_gif)? else {
        return Err(ImageError::Damaged(Format::Gif, "it has no frame".to_owned()));
    };
    let (left, top) = (usize::from(frame.left), usize::from(frame.top));
    let (frame_width, frame_height) = (usize::from(frame.width), usize::from(frame.height));
    let transparent = frame.transparent;
    // A frame may be larger than the canvas that the header claims, and the header is what was checked.
    if frame_width * frame_height > (width * height).saturating_mul(4).max(1 << 20) {
        return Err(ImageError::Damaged(Format::Gif, "its first frame is larger than the picture".to_owned()));
    }
    let palette = decoder.palette().map_err(ImageError::from_gif)?.to_vec();
    let mut indices = vec![0; frame_width * frame_height];
    decoder.read_into_buffer(&mut indices).map_err(ImageError::from_gif)?;

    // Without holes the canvas is opaque, and the thumbnail can be a JPEG.
    let covers = left == 0 && top == 0 && frame_width >= width && frame_height >= height;
    let opaque = covers && transparent.is_none_or(|hole| !indices.contains(&hole));
    let colour = |index: u8| -> [u8; 4] {
        if Some(index) == transparent {
            return [0; 4];
        }
        let at = 3 * usize::from(index);
        // Numbers beyond the palette are black in browsers.
        palette.get(at..at + 3).map_or([0, 0, 0, 255], |rgb| [rgb[0], rgb[1], rgb[2], 255])
    };

    let channels = if opaque { Channels::Rgb } else { Channels::Rgba };
    let mut reducer = Reducer::new(channels, width as u32, height as u32);
    let mut row = vec![0; width * channels.bytes()];
    for y in 0..height {
        row.fill(0);
        if let Some(frame_y) = y.checked_sub(top).filter(|&frame_y| frame_y < frame_height) {
            let line = &indices[frame_y * frame_width..][..frame_width];
            let pixels = row.chunks_exact_mut(channels.bytes()).skip(left);
            for (pixel, &index) in pixels.zip(line) {
                pixel.copy_from_slice(&colour(index)[..channels.bytes()]);
            }
        }
        reducer.push(&row);
    }
    Ok(reducer.finish())
}
