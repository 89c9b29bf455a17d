//! From a subject to a file: size, format, and what surrounds a picture.

use super::random::Random;
use super::scene::Scene;
use super::scenes::{Subject, subjects};
use crate::model::Region;
use image::{ExtendedColorType, ImageEncoder};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use std::io;

/// The formats that demo pictures have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Jpeg,
    Png,
    Svg,
}

/// A drawn picture.
pub(super) struct Drawn {
    pub(super) subject: Subject,
    pub(super) bytes: Vec<u8>,
    pub(super) kind: FileKind,
    pub(super) regions: Vec<Region>,
}

/// Sizes in pixels, as cameras, screens and phones have them.
const SIZES: &[(u32, u32)] = &[
    (1600, 1200),
    (1280, 960),
    (1200, 1600),
    (2400, 1600),
    (1920, 1080),
    (960, 1280),
    (1024, 768),
    (640, 480),
    (1400, 1400),
    (800, 600),
];

/// How many pictures there are to draw.
pub(super) fn count() -> usize {
    subjects().len()
}

/// Draws the picture of this number; the same number gives the same bytes every time.
pub(super) fn draw(number: usize) -> io::Result<Drawn> {
    let subjects = subjects();
    let subject = subjects[number % subjects.len()];
    let seed = number as u64;
    let mut random = Random::new(seed.wrapping_add(7));
    let (width, height) = random.pick(SIZES);
    let kind = match random.below(10) {
        0..=5 => FileKind::Jpeg,
        6..=8 => FileKind::Png,
        _ => FileKind::Svg,
    };
    let mut scene = Scene::new(width, height, seed);
    (subject.kind.draw)(&mut scene, subject.variant);
    let (svg, regions) = scene.finish();
    let bytes = match kind {
        FileKind::Svg => svg.into_bytes(),
        FileKind::Jpeg | FileKind::Png => encode(&rasterise(&svg, width, height)?, width, height, kind)?,
    };
    Ok(Drawn { subject, bytes, kind, regions })
}

/// The pixels of a document, three bytes each: every scene covers its whole picture.
pub(super) fn rasterise(svg: &str, width: u32, height: u32) -> io::Result<Vec<u8>> {
    let tree = Tree::from_str(svg, &Options::default()).map_err(io::Error::other)?;
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| io::Error::other("a picture without pixels"))?;
    resvg::render(&tree, Transform::default(), &mut pixmap.as_mut());
    Ok(pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect())
}

/// Pixels as a file.
pub(super) fn encode(pixels: &[u8], width: u32, height: u32, kind: FileKind) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if kind == FileKind::Png {
        let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
        encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8).map_err(io::Error::other)?;
    } else {
        let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else {
            return Err(io::Error::other("a picture too large for JPEG"));
        };
        let encoder = jpeg_encoder::Encoder::new(&mut bytes, 88);
        encoder.encode(pixels, width, height, jpeg_encoder::ColorType::Rgb).map_err(io::Error::other)?;
    }
    Ok(bytes)
}

impl FileKind {
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }
}
