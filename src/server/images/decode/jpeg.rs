//! JPEG, baseline and progressive, grey, colour, CMYK.
//!
//! Three decoders share the work. Very large progressive pictures are read at an eighth of their size ([`progressive`]), and
//! refused if they are of a kind that is not, and decoding all of them takes more memory than they claim.
//! Other large pictures go to one that can decode at a half, a quarter or an eighth of the size, which never holds the
//! whole picture and leaves less to do for everything after it. All others, and whatever these stumble over, go to one
//! that is quicker at full size and more forgiving.
//!
//! A file that was cut off or has damaged places is decoded as far as it goes, as browsers do: the rest of the picture
//! is plain. A file whose headers are damaged, or that has no pixels at all, is refused.

use super::super::error::ImageError;
use super::super::format::Format;
use super::super::raster::{Channels, Raster, factor, reduce_whole};
use super::{BUFFER_BYTES, Header, needed_profile, progressive};
use crate::model::picture::THUMBNAIL_LARGE_PX;
use image::metadata::Orientation;
use jpeg_decoder::PixelFormat;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;
use zune_core::bytestream::{ZByteReaderTrait, ZCursor};
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// Files up to this size are read at once, which decodes a quarter faster than through a buffer.
const READ_AT_ONCE_BYTES: u64 = 16 * 1024 * 1024;

/// How much memory a very large progressive picture may take where [`progressive`] cannot read it, in bytes.
const MAX_UNUSUAL_BYTES: u64 = 256 * 1024 * 1024;

/// The longest side from which on progressive pictures are read at an eighth of their size, in pixels.
const EIGHTH_FROM_PX: u32 = 8 * THUMBNAIL_LARGE_PX;

fn options() -> DecoderOptions {
    // The limits were checked by whoever calls us.
    DecoderOptions::default().set_strict_mode(false).set_max_width(65_535).set_max_height(65_535)
}

pub(super) fn header(reader: impl BufRead + Seek) -> Result<Header, ImageError> {
    claims(reader).map(|(header, _)| header)
}

/// What a file says about itself, and how much memory takes whichever decoder needs most for it, roughly, in bytes.
fn claims(reader: impl BufRead + Seek) -> Result<(Header, u64), ImageError> {
    let mut decoder = JpegDecoder::new_with_options(reader, options());
    decoder.decode_headers().map_err(ImageError::from_jpeg)?;
    let Some(info) = decoder.info() else {
        return Err(ImageError::Damaged(Format::Jpeg, "it has no header".to_owned()));
    };
    let orientation =
        decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif)).unwrap_or(Orientation::NoTransforms);
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    let pixels = u64::from(width) * u64::from(height);
    let (components, channels) = (u64::from(info.components), if info.components == 1 { 1 } else { 3 });
    // A progressive file's coefficients are all held, two bytes each, until the last scan has refined them.
    let is_progressive = format!("{:?}", info.sof).contains("Progressive");
    let most_bytes = pixels * if is_progressive { channels + 2 * components } else { channels };
    // Pictures of inks are never read at an eighth.
    let memory_bytes = if is_progressive && components < 4 && width.max(height) >= EIGHTH_FROM_PX {
        most_bytes.min(MAX_UNUSUAL_BYTES.max(progressive::memory_bytes(width, height, components)))
    } else {
        most_bytes
    };
    Ok((Header { width, height, orientation, memory_bytes }, most_bytes))
}

pub(super) fn decode(path: &Path, header: &Header) -> Result<Raster, ImageError> {
    if header.width.max(header.height) >= EIGHTH_FROM_PX {
        match progressive::eighth(&mut super::open(path)?, header.width, header.height) {
            Ok(raster) => return Ok(raster),
            Err(reason) => must_fit(path, header, &reason)?,
        }
    }
    let scale = [8, 4, 2].into_iter().find(|&scale| scale <= factor(header.width, header.height));
    if let Some(scale) = scale
        && let Some(raster) = decode_scaled(path, header, scale)
    {
        return Ok(raster);
    }
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size <= READ_AT_ONCE_BYTES {
        let mut bytes = Vec::with_capacity(size as usize + 1);
        file.read_to_end(&mut bytes)?;
        decode_from(ZCursor::new(bytes))
    } else {
        decode_from(BufReader::with_capacity(BUFFER_BYTES, file))
    }
}

/// Refuses a file whose decoding would take more memory than it has claimed.
fn must_fit(path: &Path, header: &Header, reason: &io::Error) -> Result<(), ImageError> {
    let (_, most_bytes) = claims(super::open(path)?)?;
    if most_bytes <= header.memory_bytes {
        return Ok(());
    }
    Err(ImageError::TooLarge(format!(
        "this progressive JPEG is too large to be decoded as a whole, and cannot be read at a smaller size ({reason}); save it as \
         a baseline JPEG"
    )))
}

/// Decodes at a fraction of the size. Gives nothing for a file that is damaged or unusual: the other decoder will tell.
fn decode_scaled(path: &Path, header: &Header, scale: u32) -> Option<Raster> {
    let mut decoder = jpeg_decoder::Decoder::new(super::open(path).ok()?);
    decoder.read_info().ok()?;
    let info = decoder.info()?;
    let channels = match info.pixel_format {
        PixelFormat::L8 => Channels::Grey,
        PixelFormat::RGB24 => Channels::Rgb,
        PixelFormat::L16 | PixelFormat::CMYK32 => return None,
    };
    if (u32::from(info.width), u32::from(info.height)) != (header.width, header.height) {
        return None;
    }
    let wanted = (header.width.div_ceil(scale), header.height.div_ceil(scale));
    let (width, height) = decoder.scale(u16::try_from(wanted.0).ok()?, u16::try_from(wanted.1).ok()?).ok()?;
    if (u32::from(width), u32::from(height)) != wanted {
        return None;
    }
    let pixels = decoder.decode().ok()?;
    let raster = Raster {
        channels,
        width: wanted.0,
        height: wanted.1,
        covered_width: f64::from(header.width) / f64::from(scale),
        covered_height: f64::from(header.height) / f64::from(scale),
        full_size: (header.width, header.height),
        bottom_up: false,
        pixels,
        profile: needed_profile(decoder.icc_profile()),
    };
    (raster.pixels.len() == wanted.0 as usize * wanted.1 as usize * channels.bytes()).then_some(raster)
}

fn decode_from(reader: impl ZByteReaderTrait) -> Result<Raster, ImageError> {
    let mut decoder = JpegDecoder::new_with_options(reader, options());
    decoder.decode_headers().map_err(ImageError::from_jpeg)?;
    let (Some((width, height)), Some(colours)) = (decoder.dimensions(), decoder.input_colorspace()) else {
        return Err(ImageError::Damaged(Format::Jpeg, "it has no header".to_owned()));
    };
    let (channels, out) = match colours {
        ColorSpace::Luma => (Channels::Grey, ColorSpace::Luma),
        _ => (Channels::Rgb, ColorSpace::RGB),
    };
    decoder.set_options(decoder.options().jpeg_set_out_colorspace(out));
    let mut pixels = vec![0; width * height * channels.bytes()];
    decoder.decode_into(&mut pixels).map_err(ImageError::from_jpeg)?;

    let mut raster = reduce_whole(channels, width as u32, height as u32, pixels);
    // The profile of a CMYK file says nothing about the RGB that the decoder makes of it.
    if matches!(colours, ColorSpace::Luma | ColorSpace::YCbCr | ColorSpace::RGB) {
        raster.profile = needed_profile(decoder.icc_profile());
    }
    Ok(raster)
}
