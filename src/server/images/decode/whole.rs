//! Decoders that can only give a picture as a whole.

use super::super::error::ImageError;
use super::super::format::Format;
use super::super::raster::{Channels, Raster, Reducer, reduce_whole};
use super::{Header, narrow, needed_profile};
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{ColorType, ImageDecoder, Limits};
use std::io::{BufRead, Seek};

/// Decodes with one of the `image` crate's decoders.
pub(super) fn decode(format: Format, mut decoder: impl ImageDecoder) -> Result<Raster, ImageError> {
    let fail = |error| ImageError::from_image(format, error);
    let (width, height) = decoder.dimensions();
    let bytes = decoder.total_bytes();
    // The default is no limit at all. Twice: the decoder's own buffers are about as large as what it gives.
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(width);
    limits.max_image_height = Some(height);
    limits.max_alloc = Some(2 * bytes + 16 * 1024 * 1024);
    decoder.set_limits(limits).map_err(fail)?;
    let profile = decoder.icc_profile().unwrap_or_default();
    let colours = decoder.color_type();
    let Ok(bytes) = usize::try_from(bytes) else {
        return Err(ImageError::TooLarge("this picture has too many pixels".to_owned()));
    };
    let mut pixels = vec![0; bytes];
    decoder.read_image(&mut pixels).map_err(fail)?;
    let mut raster = match colours {
        ColorType::L8 => reduce_whole(Channels::Grey, width, height, pixels),
        ColorType::Rgb8 => reduce_whole(Channels::Rgb, width, height, pixels),
        ColorType::Rgba8 => reduce_whole(Channels::Rgba, width, height, pixels),
        other => reduce_other(other, width, height, &pixels),
    };
    raster.profile = needed_profile(profile);
    Ok(raster)
}

/// Reduces samples of other widths, one row at a time.
fn reduce_other(colours: ColorType, width: u32, height: u32, pixels: &[u8]) -> Raster {
    let channels = match (colours.has_color(), colours.has_alpha()) {
        (false, false) => Channels::Grey,
        (true, false) => Channels::Rgb,
        (_, true) => Channels::Rgba,
    };
    let sample_bytes = usize::from(colours.bytes_per_pixel()) / usize::from(colours.channel_count());
    let mut reducer = Reducer::new(channels, width, height);
    let mut row = Vec::new();
    for line in pixels.chunks_exact(width as usize * usize::from(colours.bytes_per_pixel())) {
        row.clear();
        let samples = line.chunks_exact(sample_bytes).map(|sample| match *sample {
            [only] => only,
            [a, b] => narrow(u16::from_ne_bytes([a, b])),
            [a, b, c, d] => unit(f32::from_ne_bytes([a, b, c, d])),
            _ => 0,
        });
        if colours.has_alpha() && !colours.has_color() {
            let mut samples = samples;
            while let (Some(grey), Some(opacity)) = (samples.next(), samples.next()) {
                row.extend_from_slice(&[grey, grey, grey, opacity]);
            }
        } else {
            row.extend(samples);
        }
        reducer.push(&row);
    }
    reducer.finish()
}

/// A sample between 0 and 1 as 8 bits; what lies outside, and what is no number, becomes the nearest.
fn unit(sample: f32) -> u8 {
    (sample.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

pub(super) fn webp_header(reader: impl BufRead + Seek) -> Result<Header, ImageError> {
    let mut decoder = WebPDecoder::new(reader).map_err(|error| ImageError::from_image(Format::Webp, error))?;
    let (width, height) = decoder.dimensions();
    // Metadata that cannot be read is no reason to refuse a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok(Header { width, height, orientation, memory_bytes: 2 * decoder.total_bytes() })
}

pub(super) fn webp(reader: impl BufRead + Seek, header: &Header) -> Result<Raster, ImageError> {
    let decoder = WebPDecoder::new(reader).map_err(|error| ImageError::from_image(Format::Webp, error))?;
    if decoder.dimensions() != (header.width, header.height) {
        return Err(ImageError::Damaged(Format::Webp, "its headers contradict each other".to_owned()));
    }
    decode(Format::Webp, decoder)
}
