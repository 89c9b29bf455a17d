//! Thumbnails: a reduced picture in two sizes, upright, as JPEG or, with opacity, as lossless WebP.

use super::error::ImageError;
use super::format::Format;
use super::lean_jpeg;
use super::raster::{Channels, Raster};
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use bytes::Bytes;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::webp::WebPEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, RgbImage, RgbaImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Quality of JPEG thumbnails: the difference to higher ones shows in sizes only.
const JPEG_QUALITY: u8 = 82;

/// A thumbnail as a file.
#[derive(Clone, Debug)]
pub struct Thumbnail {
    /// The file.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Both thumbnails of a picture.
#[derive(Clone, Debug)]
pub struct Thumbnails {
    /// The one for grids.
    pub small: Thumbnail,
    /// The one for a picture's own page.
    pub large: Thumbnail,
}

/// The media type of a thumbnail, by its first bytes; `None` for what is no thumbnail.
pub(super) fn media_type(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The size of a thumbnail whose longest side has at most `longest_px` pixels. Pictures are never enlarged.
pub(super) fn fit((width, height): (u32, u32), longest_px: u32) -> (u32, u32) {
    let longest = width.max(height).max(1);
    if longest <= longest_px {
        return (width.max(1), height.max(1));
    }
    // Rounded down, as `model::Picture::thumbnail_width_px` does, so that pages reserve exactly this space.
    let scaled = |side: u32| ((u64::from(side) * u64::from(longest_px) / u64::from(longest)) as u32).max(1);
    (scaled(width), scaled(height))
}

/// Whether a picture's own file may serve as its large thumbnail: a small, upright and light JPEG.
pub(super) fn is_its_own(format: Format, orientation: Orientation, size: (u32, u32), file_bytes: u64) -> bool {
    format == Format::Jpeg
        && orientation == Orientation::NoTransforms
        && fit(size, THUMBNAIL_LARGE_PX) == size
        && file_bytes <= lean_jpeg::max_bytes(size.0, size.1)
}

/// Makes both thumbnails. The small one is made from the large one, which nobody can see. `own` is the picture's file where
/// [`is_its_own`] says so.
pub(super) fn make(raster: Raster, orientation: Orientation, own: Option<&[u8]>) -> Result<Thumbnails, ImageError> {
    let channels = raster.channels;
    let profile = raster.profile.clone();
    let bottom_up = raster.bottom_up;
    let large_size = fit(raster.full_size, THUMBNAIL_LARGE_PX);
    let small_size = fit(raster.full_size, THUMBNAIL_SMALL_PX);
    let mut resizer = Resizer::new();
    let large = resize(
        &mut resizer,
        Flat { channels, size: (raster.width, raster.height), pixels: raster.pixels },
        (raster.covered_width, raster.covered_height),
        large_size,
    )?;
    let small = if small_size == large_size {
        None
    } else {
        let covered = (f64::from(large_size.0), f64::from(large_size.1));
        Some(resample(&mut resizer, &large, [0.0, 0.0, covered.0, covered.1], small_size)?)
    };
    let finish = |flat: Flat| -> Result<Thumbnail, ImageError> {
        encode(upright(unmultiply(flat)?, orientation, bottom_up)?, profile.as_deref())
    };
    let own = own.and_then(|file| lean_jpeg::lean(file, profile.is_some()));
    let large = match own {
        Some(bytes) => {
            let (width, height) = large_size;
            Thumbnail { bytes: bytes.into(), media_type: "image/jpeg", width, height }
        }
        None => finish(large)?,
    };
    let small = small.map_or_else(|| Ok(large.clone()), finish)?;
    Ok(Thumbnails { small, large })
}

/// Cuts the part between two corners, which lie between 0 and 1, out of a picture, and makes it so small that its longest side
/// has at most `longest_px` pixels.
pub(super) fn cut(
    raster: Raster,
    orientation: Orientation,
    [(left, top), (right, bottom)]: [(f64, f64); 2],
    longest_px: u32,
) -> Result<Thumbnail, ImageError> {
    let (width, height) = (raster.covered_width, raster.covered_height);
    // Not less than a pixel, which there is inside of every picture.
    let (w, h) = (((right - left) * width).max(1.0).min(width), ((bottom - top) * height).max(1.0).min(height));
    let (x, y) = ((left * width).min(width - w), (top * height).min(height - h));
    let (channels, profile, bottom_up) = (raster.channels, raster.profile, raster.bottom_up);
    let from = Flat { channels, size: (raster.width, raster.height), pixels: raster.pixels };
    let size = fit((w.round() as u32, h.round() as u32), longest_px);
    let part = resample(&mut Resizer::new(), &from, [x, y, w, h], size)?;
    encode(upright(unmultiply(part)?, orientation, bottom_up)?, profile.as_deref())
}

/// Pixels without a story.
#[derive(Clone)]
struct Flat {
    channels: Channels,
    size: (u32, u32),
    pixels: Vec<u8>,
}

fn failed(error: impl std::fmt::Display) -> ImageError {
    ImageError::Unavailable(error.to_string())
}

fn pixel_type(channels: Channels) -> PixelType {
    match channels {
        Channels::Grey => PixelType::U8,
        Channels::Rgb => PixelType::U8x3,
        Channels::Rgba => PixelType::U8x4,
    }
}

fn resize(resizer: &mut Resizer, from: Flat, covered: (f64, f64), size: (u32, u32)) -> Result<Flat, ImageError> {
    if from.size == size {
        return Ok(from);
    }
    resample(resizer, &from, [0.0, 0.0, covered.0, covered.1], size)
}

/// Makes a part, given as left, top, width and height, as large as asked for.
fn resample(resizer: &mut Resizer, from: &Flat, part: [f64; 4], size: (u32, u32)) -> Result<Flat, ImageError> {
    let pixel_type = pixel_type(from.channels);
    let source = ImageRef::new(from.size.0, from.size.1, &from.pixels, pixel_type).map_err(failed)?;
    let mut target = Image::new(size.0, size.1, pixel_type);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(part[0], part[1], part[2], part[3])
        // Colours are multiplied by opacity already.
        .use_alpha(false);
    resizer.resize(&source, &mut target, &options).map_err(failed)?;
    Ok(Flat { channels: from.channels, size, pixels: target.into_vec() })
}

/// Undoes the multiplication of colours by opacity, and drops opacity that hides nothing.
fn unmultiply(mut flat: Flat) -> Result<Flat, ImageError> {
    if flat.channels != Channels::Rgba {
        return Ok(flat);
    }
    if flat.pixels.iter().skip(3).step_by(4).all(|&opacity| opacity == 255) {
        let pixels = flat.pixels.chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        return Ok(Flat { channels: Channels::Rgb, size: flat.size, pixels });
    }
    // The resampling filter overshoots at edges: no colour may be brighter than its opacity.
    for pixel in flat.pixels.chunks_exact_mut(4) {
        let opacity = pixel[3];
        pixel[..3].iter_mut().for_each(|colour| *colour = (*colour).min(opacity));
    }
    let mut image = Image::from_vec_u8(flat.size.0, flat.size.1, flat.pixels, PixelType::U8x4).map_err(failed)?;
    MulDiv::new().divide_alpha_inplace(&mut image).map_err(failed)?;
    Ok(Flat { pixels: image.into_vec(), ..flat })
}

/// Turns pixels as the camera's note says.
fn upright(flat: Flat, orientation: Orientation, bottom_up: bool) -> Result<Flat, ImageError> {
    if orientation == Orientation::NoTransforms && !bottom_up {
        return Ok(flat);
    }
    let (width, height) = flat.size;
    let image = match flat.channels {
        Channels::Grey => GrayImage::from_raw(width, height, flat.pixels).map(DynamicImage::from),
        Channels::Rgb => RgbImage::from_raw(width, height, flat.pixels).map(DynamicImage::from),
        Channels::Rgba => RgbaImage::from_raw(width, height, flat.pixels).map(DynamicImage::from),
    };
    let mut image = image.ok_or_else(|| failed("a thumbnail has too few pixels"))?;
    if bottom_up {
        image.apply_orientation(Orientation::FlipVertical);
    }
    image.apply_orientation(orientation);
    Ok(Flat { channels: flat.channels, size: (image.width(), image.height()), pixels: image.into_bytes() })
}

fn encode(flat: Flat, profile: Option<&[u8]>) -> Result<Thumbnail, ImageError> {
    let (width, height) = flat.size;
    let mut bytes = Vec::new();
    let media_type = match flat.channels {
        Channels::Rgba => {
            let mut encoder = WebPEncoder::new_lossless(&mut bytes);
            if let Some(profile) = profile {
                encoder.set_icc_profile(profile.to_vec()).map_err(failed)?;
            }
            encoder.write_image(&flat.pixels, width, height, ExtendedColorType::Rgba8).map_err(failed)?;
            "image/webp"
        }
        Channels::Rgb | Channels::Grey => {
            let colours = if flat.channels == Channels::Rgb { ColorType::Rgb } else { ColorType::Luma };
            let mut encoder = Encoder::new(&mut bytes, JPEG_QUALITY);
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            if let Some(profile) = profile {
                encoder.add_icc_profile(profile).map_err(failed)?;
            }
            // A thumbnail's longest side has 960 pixels: neither conversion can lose anything.
            encoder.encode(&flat.pixels, width as u16, height as u16, colours).map_err(failed)?;
            "image/jpeg"
        }
    };
    Ok(Thumbnail { bytes: bytes.into(), media_type, width, height })
}
