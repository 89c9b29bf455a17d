//! PNG, row by row where it is not interlaced.

use super::super::error::ImageError;
use super::super::format::Format;
use super::super::raster::{Channels, Raster, Reducer, reduce_whole};
use super::{Header, needed_profile};
use image::metadata::Orientation;
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::{BufRead, Seek};

/// How much memory the decoder may take for rows and for metadata, such as profiles and compressed texts.
const MAX_DECODER_BYTES: usize = 64 * 1024 * 1024;

fn decoder<R: BufRead + Seek>(reader: R) -> Decoder<R> {
    let mut decoder = Decoder::new_with_limits(reader, Limits { bytes: MAX_DECODER_BYTES });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    // Texts are not shown by thumbnails, and compressed ones may be bombs.
    decoder.set_ignore_text_chunk(true);
    decoder
}

pub(super) fn header(reader: impl BufRead + Seek) -> Result<Header, ImageError> {
    let reader = decoder(reader).read_info().map_err(ImageError::from_png)?;
    let info = reader.info();
    let orientation =
        info.exif_metadata.as_deref().and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    let memory_bytes =
        if info.interlaced { u64::from(info.width) * u64::from(info.height) * 4 } else { u64::from(info.width) * 16 };
    Ok(Header { width: info.width, height: info.height, orientation, memory_bytes })
}

pub(super) fn decode(reader: impl BufRead + Seek) -> Result<Raster, ImageError> {
    let mut reader = decoder(reader).read_info().map_err(ImageError::from_png)?;
    let (width, height) = (reader.info().width, reader.info().height);
    let interlaced = reader.info().interlaced;
    let profile = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    let (channels, widen) = match reader.output_color_type().0 {
        ColorType::Grayscale => (Channels::Grey, false),
        ColorType::Rgb => (Channels::Rgb, false),
        ColorType::Rgba => (Channels::Rgba, false),
        ColorType::GrayscaleAlpha => (Channels::Rgba, true),
        ColorType::Indexed => {
            return Err(ImageError::Damaged(Format::Png, "its palette is missing".to_owned()));
        }
    };

    let mut raster = if interlaced {
        let Some(bytes) = reader.output_buffer_size() else {
            return Err(ImageError::TooLarge("this picture has too many pixels".to_owned()));
        };
        let mut pixels = vec![0; bytes];
        reader.next_frame(&mut pixels).map_err(ImageError::from_png)?;
        if widen {
            pixels = pixels.chunks_exact(2).flat_map(grey_alpha_to_rgba).collect();
        }
        reduce_whole(channels, width, height, pixels)
    } else {
        let mut reducer = Reducer::new(channels, width, height);
        let mut wide = Vec::new();
        while reducer.rows() < height {
            let Some(row) = reader.next_row().map_err(ImageError::from_png)? else { break };
            if widen {
                wide.clear();
                wide.extend(row.data().chunks_exact(2).flat_map(grey_alpha_to_rgba));
                reducer.push(&wide);
            } else {
                reducer.push(row.data());
            }
        }
        reducer.finish()
    };
    raster.profile = needed_profile(profile);
    Ok(raster)
}

fn grey_alpha_to_rgba(pixel: &[u8]) -> [u8; 4] {
    [pixel[0], pixel[0], pixel[0], pixel[1]]
}
