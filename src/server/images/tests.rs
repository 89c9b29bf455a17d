//! Every format and every trouble, on pictures that the tests make themselves.
//!
//! The pictures have four quadrants, red and green above blue and yellow, so that any turn or swap shows.

use super::*;
use crate::model::picture::{THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::server::blobs::BlobStore;
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, GrayImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;

const MAX_PIXELS: u64 = 200_000_000;
const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const YELLOW: [u8; 3] = [255, 255, 0];
/// The quadrants in reading order.
const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];

fn quadrants(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(
        width,
        height,
        |x, y| Rgb(UPRIGHT[usize::from(y >= height / 2) * 2 + usize::from(x >= width / 2)]),
    )
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.encode(image, image.width() as u16, image.height() as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

/// A JPEG with an EXIF note about its orientation.
fn jpeg_with_orientation(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0, 0]);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.add_exif_metadata(&exif).unwrap();
    encoder.encode(image, image.width() as u16, image.height() as u16, jpeg_encoder::ColorType::Rgb).unwrap();
    bytes
}

/// A little-endian TIFF of one uncompressed strip or of given chunks, from its entries: tag, type, values.
fn tiff(entries: &[(u16, u16, Vec<u32>)], chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    let offsets: Vec<u32> = chunks
        .iter()
        .map(|chunk| {
            let at = bytes.len() as u32;
            bytes.extend_from_slice(chunk);
            at
        })
        .collect();
    let (offsets_tag, counts_tag) = if entries.iter().any(|(tag, ..)| *tag == 322) { (324, 325) } else { (273, 279) };
    let mut entries = entries.to_vec();
    entries.push((offsets_tag, 4, offsets));
    entries.push((counts_tag, 4, chunks.iter().map(|chunk| chunk.len() as u32).collect()));
    entries.sort();
    let mut directory = (entries.len() as u16).to_le_bytes().to_vec();
    for (tag, kind, values) in &entries {
        let value_bytes: Vec<u8> =
            values.iter().flat_map(|value| value.to_le_bytes()[..if *kind == 3 { 2 } else { 4 }].to_vec()).collect();
        directory.extend_from_slice(&tag.to_le_bytes());
        directory.extend_from_slice(&kind.to_le_bytes());
        directory.extend_from_slice(&(values.len() as u32).to_le_bytes());
        if value_bytes.len() <= 4 {
            let mut inline = value_bytes;
            inline.resize(4, 0);
            directory.extend_from_slice(&inline);
        } else {
            directory.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            bytes.extend_from_slice(&value_bytes);
        }
    }
    directory.extend_from_slice(&[0; 4]);
    let at = bytes.len() as u32;
    bytes[4..8].copy_from_slice(&at.to_le_bytes());
    bytes.extend_from_slice(&directory);
    bytes
}

struct File {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

fn file(bytes: &[u8]) -> File {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("picture");
    std::fs::write(&path, bytes).unwrap();
    File { _dir: dir, path }
}

fn process(bytes: &[u8]) -> Result<(Inspected, Thumbnails), ImageError> {
    let file = file(bytes);
    let inspected = inspect_file(&file.path, MAX_PIXELS)?;
    let thumbnails = thumbnails_of_file(&file.path, &inspected)?;
    Ok((inspected, thumbnails))
}

/// Why a file is refused.
fn refusal(bytes: &[u8]) -> String {
    process(bytes).expect_err("the file was accepted").to_string()
}

fn open(thumbnail: &Thumbnail) -> RgbaImage {
    let image = image::load_from_memory(&thumbnail.bytes).unwrap().to_rgba8();
    assert_eq!(image.dimensions(), (thumbnail.width, thumbnail.height));
    image
}

/// The centres of the quadrants, in reading order.
fn centres(image: &RgbaImage) -> [Rgba<u8>; 4] {
    let (w, h) = image.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| *image.get_pixel(w * x / 4, h * y / 4))
}

fn near(a: u8, b: u8) -> bool {
    a.abs_diff(b) <= 20
}

#[track_caller]
fn assert_quadrants(thumbnail: &Thumbnail, expected: [[u8; 3]; 4]) {
    let found = centres(&open(thumbnail));
    for (found, expected) in found.iter().zip(expected) {
        let same = found.0.iter().zip(expected).all(|(&a, b)| near(a, b));
        assert!(same && found.0[3] == 255, "{found:?} is not {expected:?}");
    }
}

#[track_caller]
fn assert_upright(bytes: &[u8], format: Format, size: (u32, u32)) {
    let (inspected, thumbnails) = process(bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((inspected.format, inspected.width, inspected.height), (format, size.0, size.1));
    assert_quadrants(&thumbnails.small, UPRIGHT);
    assert_quadrants(&thumbnails.large, UPRIGHT);
}

#[test]
fn every_format_is_read() {
    let image = DynamicImage::from(quadrants(120, 80));
    for (format, ours) in [
        (ImageFormat::Png, Format::Png),
        (ImageFormat::Jpeg, Format::Jpeg),
        (ImageFormat::Gif, Format::Gif),
        (ImageFormat::Bmp, Format::Bmp),
        (ImageFormat::Tiff, Format::Tiff),
        (ImageFormat::WebP, Format::Webp),
    ] {
        assert_upright(&encoded(&image, format), ours, (120, 80));
    }
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='80'><rect width='60' height='40' fill='red'/>\
        <rect x='60' width='60' height='40' fill='lime'/><rect y='40' width='60' height='40' fill='blue'/>\
        <rect x='60' y='40' width='60' height='40' fill='yellow'/></svg>";
    assert_upright(svg.as_bytes(), Format::Svg, (120, 80));
}

#[test]
fn thumbnails_have_their_sizes_and_are_never_enlarged() {
    for (size, large, small) in [
        ((3841, 481), (960, 120), (320, 40)),
        ((401, 1203), (320, 960), (106, 320)),
        ((7681, 301), (960, 37), (320, 12)),
        ((500, 400), (500, 400), (320, 256)),
        ((100, 50), (100, 50), (100, 50)),
        ((5000, 1), (960, 1), (320, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ] {
        let (_, thumbnails) = process(&jpeg(&quadrants(size.0, size.1))).unwrap();
        assert_eq!((thumbnails.large.width, thumbnails.large.height), large);
        assert_eq!((thumbnails.small.width, thumbnails.small.height), small);
        if size.1 > 10 {
            assert_quadrants(&thumbnails.large, UPRIGHT);
        }
    }
}

#[test]
fn a_small_light_upright_jpeg_is_its_own_large_thumbnail() {
    let decoded = |jpeg: &[u8]| image::load_from_memory(jpeg).unwrap().into_rgb8();
    let noise = RgbImage::from_fn(500, 400, |x, y| {
        let value = (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761);
        Rgb([(value >> 24) as u8, (value >> 16) as u8, (value >> 8) as u8])
    });
    let (upright, turned) = (jpeg_with_orientation(&quadrants(500, 400), 1), jpeg_with_orientation(&noise, 6));
    for (file, is_its_own) in [(&upright, true), (&jpeg(&noise), false), (&turned, false)] {
        let large = process(file).unwrap().1.large;
        assert_eq!(decoded(&large.bytes) == decoded(file), is_its_own);
        assert!(!large.bytes.windows(4).any(|window| window == b"Exif"));
    }
    // A file that is cut off is written anew, whole.
    let cut = &upright[..upright.len() - 2];
    assert!(process(cut).unwrap().1.large.bytes.ends_with(&[0xFF, 0xD9]));
}

#[test]
fn deep_palette_grey_and_float_pictures_are_read() {
    let image = DynamicImage::from(quadrants(64, 48));
    assert_upright(&encoded(&image.to_rgb16().into(), ImageFormat::Png), Format::Png, (64, 48));
    assert_upright(&encoded(&image.to_rgba16().into(), ImageFormat::Tiff), Format::Tiff, (64, 48));
    assert_upright(&encoded(&image.to_rgb32f().into(), ImageFormat::Tiff), Format::Tiff, (64, 48));
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Tiff, ImageFormat::Bmp] {
        let grey = GrayImage::from_fn(64, 48, |x, y| image::Luma([if x < 32 && y < 24 { 40 } else { 200 }]));
        let (_, thumbnails) = process(&encoded(&grey.into(), format)).unwrap();
        assert_quadrants(&thumbnails.small, [[40; 3], [200; 3], [200; 3], [200; 3]]);
    }
    let grey_alpha = DynamicImage::from(image::GrayAlphaImage::from_pixel(40, 30, image::LumaA([90, 255])));
    assert_quadrants(&process(&encoded(&grey_alpha, ImageFormat::Png)).unwrap().1.small, [[90; 3]; 4]);

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 64, 48);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Two);
    encoder.set_palette(UPRIGHT.concat());
    let indices: Vec<u8> =
        (0..48).flat_map(|y| [[0x00, 0xAA][y / 24], [0x55, 0xFF][y / 24]].map(|b| [b; 8]).concat()).collect();
    encoder.write_header().unwrap().write_image_data(&indices).unwrap();
    assert_upright(&bytes, Format::Png, (64, 48));
}

#[test]
fn interlaced_png_is_read() {
    let bytes = hex::decode(INTERLACED_PNG).unwrap();
    assert_upright(&bytes, Format::Png, (16, 12));
}

/// 16 by 12 pixels, Adam7.
const INTERLACED_PNG: &str = "89504e470d0a1a0a0000000d49484452000000100000000c080200000193829a40000000424944415478dab54f3112003004cbff3f9db6\
    17830e710c0647440810c00b9054f5a1689440f90ac86a3821cd86c21276d59c981f6fb96a19d9173826fbb6cfad080e1ec7ef118ea88d\
    190000000049454e44ae426082";

#[test]
fn progressive_and_ink_jpegs_are_read() {
    let image = quadrants(128, 96);
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
    encoder.set_progressive(true);
    encoder.encode(&image, 128, 96, jpeg_encoder::ColorType::Rgb).unwrap();
    assert_upright(&bytes, Format::Jpeg, (128, 96));

    let inks: Vec<u8> = image.pixels().flat_map(|Rgb([r, g, b])| [255 - r, 255 - g, 255 - b, 0]).collect();
    for colours in [jpeg_encoder::ColorType::Cmyk, jpeg_encoder::ColorType::CmykAsYcck] {
        let mut bytes = Vec::new();
        jpeg_encoder::Encoder::new(&mut bytes, 95).encode(&inks, 128, 96, colours).unwrap();
        assert_upright(&bytes, Format::Jpeg, (128, 96));
    }
}

#[test]
fn very_large_progressive_jpegs_claim_little_and_never_take_more() {
    use jpeg_encoder::ColorType;
    let jpeg = |(width, height), colours, pixels: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 95);
        encoder.set_progressive(true);
        encoder.encode(pixels, width, height, colours).unwrap();
        bytes
    };
    // As large as may be, with few of the pixels that it claims.
    let claiming = |mut bytes: Vec<u8>| {
        let frame = bytes.windows(2).position(|marker| marker == [0xFF, 0xC2]).unwrap();
        bytes[frame + 5..frame + 9].copy_from_slice(&[0x30, 0xD4, 0x3E, 0x80]);
        let file = file(&bytes);
        let inspected = inspect_file(&file.path, MAX_PIXELS).unwrap();
        assert_eq!((inspected.width, inspected.height), (16_000, 12_500));
        (file, inspected)
    };
    // Nothing but decoding all of it is of use for inks.
    let (_, inks) = claiming(jpeg((64, 64), ColorType::Cmyk, &[9; 64 * 64 * 4]));
    assert_eq!(inks.memory_bytes(), 200_000_000 * 11);
    let (large, inspected) = claiming(jpeg((64, 64), ColorType::Rgb, &quadrants(64, 64)));
    assert_eq!(inspected.memory_bytes(), 256 << 20);
    match thumbnails_of_file(&large.path, &inspected) {
        Err(ImageError::TooLarge(why)) => assert!(why.contains("baseline"), "{why}"),
        other => panic!("{other:?}"),
    }
    // One that was cut off in its first scan is decoded as a whole where that takes less.
    let mut long = jpeg((7680, 16), ColorType::Rgb, &quadrants(7680, 16));
    let scan = long.windows(2).position(|marker| marker == [0xFF, 0xDA]).unwrap();
    long.truncate(scan + 60);
    assert_eq!(process(&long).unwrap().0.memory_bytes(), 7680 * 16 * 9);
}

#[test]
fn opacity_survives_without_dark_edges() {
    let image = RgbaImage::from_fn(1200, 90, |x, _| Rgba(if x < 600 { [250, 120, 30, 255] } else { [0, 0, 0, 0] }));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
        let (_, thumbnails) = process(&encoded(&image.clone().into(), format)).unwrap();
        assert_eq!(thumbnails.large.media_type, "image/webp");
        for pixel in open(&thumbnails.large).pixels().filter(|pixel| pixel.0[3] > 8) {
            let [red, green, blue, _] = pixel.0;
            assert!(red > 215 && green.abs_diff(120) < 30 && blue < 60, "{pixel:?} has lost its colour");
        }
    }
    // Opacity that hides nothing does not cost anything.
    let opaque = RgbaImage::from_pixel(400, 300, Rgba([9, 8, 7, 255]));
    let (_, thumbnails) = process(&encoded(&opaque.into(), ImageFormat::Png)).unwrap();
    assert_eq!(thumbnails.large.media_type, "image/jpeg");
}

#[test]
fn the_first_frame_of_an_animation_counts() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    encoder.encode_frame(Frame::new(DynamicImage::from(quadrants(60, 40)).to_rgba8())).unwrap();
    encoder.encode_frame(Frame::new(RgbaImage::from_pixel(60, 40, Rgba([0, 0, 0, 255])))).unwrap();
    drop(encoder);
    assert_upright(&bytes, Format::Gif, (60, 40));
}

#[test]
fn a_gif_frame_lies_where_it_says() {
    let mut bytes = Vec::new();
    {
        let mut encoder = gif::Encoder::new(&mut bytes, 40, 40, &[255, 0, 0, 0, 255, 0]).unwrap();
        let frame =
            gif::Frame { left: 20, top: 20, width: 20, height: 20, buffer: vec![1; 400].into(), ..Default::default() };
        encoder.write_frame(&frame).unwrap();
    }
    let [a, b, c, d] = centres(&open(&process(&bytes).unwrap().1.large));
    assert_eq!([a.0[3], b.0[3], c.0[3]], [0; 3]);
    assert_eq!(d.0, [0, 255, 0, 255]);
}

#[test]
fn bitmaps_from_the_top_and_with_four_bytes_are_read() {
    let image = quadrants(62, 48);
    for (bits, top_down) in [(24_u16, true), (24, false), (32, true), (32, false)] {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x3e\0\0\0".to_vec();
        bytes.extend_from_slice(&(if top_down { -48_i32 } else { 48 }).to_le_bytes());
        bytes.extend_from_slice(&[1, 0]);
        bytes.extend_from_slice(&bits.to_le_bytes());
        bytes.extend_from_slice(&[0; 24]);
        for row in 0..48 {
            let y = if top_down { row } else { 47 - row };
            for x in 0..62 {
                let Rgb([r, g, b]) = *image.get_pixel(x, y);
                bytes.extend_from_slice(&[b, g, r, 0][..usize::from(bits) / 8]);
            }
            bytes.resize(bytes.len().next_multiple_of(2), 0);
            while !(bytes.len() - 54).is_multiple_of(4) {
                bytes.push(0);
            }
        }
        assert_upright(&bytes, Format::Bmp, (62, 48));
    }
}

#[test]
fn unusual_tiffs_are_read() {
    let image = quadrants(64, 48);
    let size = |photometric: u32, bits: Vec<u32>| {
        let samples = bits.len() as u32;
        vec![
            (256, 3, vec![64]),
            (257, 3, vec![48]),
            (258, 3, bits),
            (259, 3, vec![1]),
            (262, 3, vec![photometric]),
            (277, 3, vec![samples]),
        ]
    };
    // A palette.
    let mut entries = size(3, vec![8]);
    let mut map = vec![0; 768];
    for (index, colour) in UPRIGHT.iter().enumerate() {
        for channel in 0..3 {
            map[channel * 256 + index] = u32::from(colour[channel]) * 257;
        }
    }
    entries.push((320, 3, map));
    let indices = (0..48 * 64).map(|at| (at / 64 / 24 * 2 + at % 64 / 32) as u8).collect();
    assert_upright(&tiff(&entries, &[indices]), Format::Tiff, (64, 48));

    // Strips of twenty rows, the last of them shorter.
    let mut entries = size(2, vec![8, 8, 8]);
    entries.push((278, 3, vec![20]));
    let strips: Vec<Vec<u8>> = image.as_raw().chunks(20 * 64 * 3).map(<[u8]>::to_vec).collect();
    assert_upright(&tiff(&entries, &strips), Format::Tiff, (64, 48));
    // One of them is missing, or shorter than it should be.
    assert!(!refusal(&tiff(&entries, &strips[..2])).is_empty());
    let short = [&strips[..2], &[vec![0; 9]]].concat();
    assert!(!refusal(&tiff(&entries, &short)).is_empty());

    // Planes one after the other.
    let mut entries = size(2, vec![8, 8, 8]);
    entries.push((284, 3, vec![2]));
    let planes: Vec<Vec<u8>> = (0..3).map(|channel| image.pixels().map(|pixel| pixel.0[channel]).collect()).collect();
    assert_upright(&tiff(&entries, &planes), Format::Tiff, (64, 48));

    // Tiles that stick out at the right and at the bottom.
    let mut entries = size(2, vec![8, 8, 8]);
    entries.extend([(322, 3, vec![48]), (323, 3, vec![32])]);
    let tiles: Vec<Vec<u8>> = [(0, 0), (48, 0), (0, 32), (48, 32)]
        .map(|(left, top)| {
            (top..top + 32)
                .flat_map(|y| (left..left + 48).map(move |x| (x, y)))
                .flat_map(|(x, y)| if x < 64 && y < 48 { image.get_pixel(x, y).0 } else { [7; 3] })
                .collect()
        })
        .to_vec();
    assert_upright(&tiff(&entries, &tiles), Format::Tiff, (64, 48));

    // Inks.
    let inks = image.pixels().flat_map(|Rgb([r, g, b])| [255 - r, 255 - g, 255 - b, 0]).collect();
    assert_upright(&tiff(&size(5, vec![8; 4]), &[inks]), Format::Tiff, (64, 48));

    // One bit, where 0 is black, and where 0 is white.
    for (photometric, black, white) in [(1, 0x00, 0xFF), (0, 0xFF, 0x00)] {
        let bits = (0..48).flat_map(|_| [[black; 4], [white; 4]].concat()).collect();
        let (_, thumbnails) = process(&tiff(&size(photometric, vec![1]), &[bits])).unwrap();
        assert_quadrants(&thumbnails.large, [[0; 3], [255; 3], [0; 3], [255; 3]]);
    }
}

/// The picture as a camera would store it that has to be turned as `orientation` says.
fn stored(orientation: u8) -> RgbImage {
    let upright = DynamicImage::from(quadrants(120, 80));
    match orientation {
        2 => upright.fliph(),
        3 => upright.rotate180(),
        4 => upright.flipv(),
        5 => upright.fliph().rotate270(),
        6 => upright.rotate270(),
        7 => upright.fliph().rotate90(),
        8 => upright.rotate90(),
        _ => upright,
    }
    .to_rgb8()
}

#[test]
fn orientation_is_undone() {
    for orientation in 0..=9 {
        let stored = stored(orientation);
        assert_upright(&jpeg_with_orientation(&stored, orientation), Format::Jpeg, (120, 80));

        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        let mut image = encoder.new_image::<colortype::RGB8>(stored.width(), stored.height()).unwrap();
        image.encoder().write_tag(Tag::Orientation, u16::from(orientation)).unwrap();
        image.write_data(&stored).unwrap();
        assert_upright(&bytes.into_inner(), Format::Tiff, (120, 80));
    }
}

#[test]
fn photographs_in_every_orientation_look_the_same() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/exif-orientation");
    // The set lies beside some checkouts only; `orientation_is_undone` says the same without it.
    if !dir.is_dir() {
        return;
    }
    for name in ["Landscape", "Portrait"] {
        let small = |number: u8| {
            let path = dir.join(format!("{name}_{number}.jpg"));
            let inspected = inspect_file(&path, MAX_PIXELS).unwrap();
            let thumbnails = thumbnails_of_file(&path, &inspected).unwrap();
            (inspected.width, inspected.height, open(&thumbnails.small))
        };
        let (width, height, first) = small(1);
        assert_eq!(width > height, name == "Landscape");
        for number in 0..=8 {
            let (w, h, image) = small(number);
            assert_eq!((w, h), (width, height), "{name}_{number}");
            let difference: u64 = image.iter().zip(first.iter()).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum::<u64>()
                / first.len() as u64;
            assert!(difference < 12, "{name}_{number} differs from the first by {difference} on average");
        }
    }
}

#[test]
fn claims_beyond_the_limits_are_refused_before_decoding() {
    // A PNG that claims 60,000 by 60,000 pixels, and has none.
    let mut png = encoded(&quadrants(2, 2).into(), ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&checksum.to_be_bytes());
    assert!(refusal(&png).contains("60000 × 60000"), "{}", refusal(&png));

    let mut gif = encoded(&quadrants(2, 2).into(), ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0x60, 0xEA, 0x60, 0xEA]);
    assert!(refusal(&gif).contains("60000 × 60000"));

    let mut bmp = encoded(&quadrants(2, 2).into(), ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0x60, 0xEA, 0, 0, 0x60, 0xEA, 0, 0]);
    assert!(refusal(&bmp).contains("60000 × 60000"));

    let mut jpeg = jpeg(&quadrants(16, 16));
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xEA, 0x60, 0xEA, 0x60]);
    assert!(refusal(&jpeg).contains("60000 × 60000"));

    let entries = [(256, 4, vec![60_000]), (257, 4, vec![60_000]), (258, 3, vec![8]), (262, 3, vec![1])];
    assert!(refusal(&tiff(&entries, &[vec![0; 8]])).contains("60000 × 60000"));

    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='60000' height='60000'/>";
    assert!(refusal(svg.as_bytes()).contains("60000 × 60000"));

    let long = "<svg xmlns='http://www.w3.org/2000/svg' width='70000' height='1'/>";
    assert!(refusal(long.as_bytes()).contains("70000 × 1"));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[test]
fn what_is_no_picture_is_refused() {
    for bytes in [&b""[..], b"GIF", b"hello, world", b"<html></html>", b"%PDF-1.7", &[0; 5000]] {
        assert!(matches!(process(bytes), Err(ImageError::UnknownFormat)), "{bytes:?}");
    }
}

#[test]
fn files_that_end_too_early_are_refused_in_every_format_but_jpeg() {
    let noise = RgbImage::from_fn(200, 150, |x, y| Rgb([(x * y % 251) as u8, (x * 7 + y) as u8, (x ^ y) as u8]));
    let image = DynamicImage::from(noise.clone());
    for format in [ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP] {
        let whole = encoded(&image, format);
        for length in [20, whole.len() / 3, whole.len() * 9 / 10] {
            let error =
                process(&whole[..length]).err().unwrap_or_else(|| panic!("{format:?} cut to {length} was accepted"));
            assert!(
                matches!(error, ImageError::Damaged(..) | ImageError::UnknownFormat),
                "{format:?} cut to {length}: {error}"
            );
        }
    }
    // Large enough for the decoder that can scale, which is less forgiving than the other.
    let wide = RgbImage::from_fn(4000, 200, |x, y| Rgb([(x * y % 251) as u8, (x * 7 + y) as u8, (x ^ y) as u8]));
    let whole = jpeg(&wide);
    assert!(process(&whole[..whole.len() * 9 / 10]).is_ok());

    // Browsers show a JPEG as far as it goes, and so do we; without any pixels it is no picture.
    let whole = jpeg(&noise);
    assert!(process(&whole[..whole.len() * 9 / 10]).is_ok());
    assert!(process(&whole[..200]).is_err());
}

#[test]
fn damaged_bytes_never_panic() {
    let image = DynamicImage::from(quadrants(90, 70));
    let formats =
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::Tiff, ImageFormat::WebP];
    for format in formats {
        let whole = encoded(&image, format);
        let mut state = 12345_u32;
        for _ in 0..100 {
            let mut damaged = whole.clone();
            for _ in 0..4 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Mostly in the headers, where it hurts.
                let reach = if state & 1 == 0 { damaged.len().min(120) } else { damaged.len() };
                let at = (state >> 8) as usize % reach;
                damaged[at] = (state >> 3) as u8;
            }
            // Either answer is right, as long as there is one.
            let _ = process(&damaged);
        }
    }
}

#[tokio::test]
async fn the_pipeline_serves_many_at_once() {
    let pipeline = ImagePipeline::new(2, MAX_PIXELS);
    let file = std::sync::Arc::new(file(&jpeg(&quadrants(400, 300))));
    let mut tasks = Vec::new();
    for _ in 0..12 {
        let (pipeline, file) = (pipeline.clone(), file.clone());
        tasks.push(tokio::spawn(async move {
            let inspected = pipeline.inspect(&file.path).await.unwrap();
            pipeline.thumbnails(&file.path, &inspected).await.unwrap()
        }));
    }
    for task in tasks {
        assert_quadrants(&task.await.unwrap().small, UPRIGHT);
    }
}

#[tokio::test]
async fn missing_thumbnails_are_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = BlobStore::open(&dir.path().join("blobs")).unwrap();
    let staged = blobs.stage_bytes(jpeg(&quadrants(400, 300))).await.unwrap();
    let hash = staged.hash.clone();
    blobs.commit(staged).await.unwrap();
    let thumbnails = dir.path().join("thumbnails");
    let cache = ThumbnailCache::open(&thumbnails, blobs, ImagePipeline::new(2, MAX_PIXELS)).unwrap();

    let (first, second) =
        tokio::join!(cache.get(&hash, THUMBNAIL_SMALL_PX, &[]), cache.get(&hash, THUMBNAIL_LARGE_PX, &[]));
    assert_eq!((first.unwrap().1, second.unwrap().1), ("image/jpeg", "image/jpeg"));
    // A power cut may leave an empty file.
    let path = thumbnails.join("320").join(&hash[..2]).join(&hash[2..4]).join(&hash);
    std::fs::write(&path, b"").unwrap();
    let (bytes, _) = cache.get(&hash, THUMBNAIL_SMALL_PX, &[]).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    cache.remove(&hash).await.unwrap();
    assert!(!path.exists());

    let lost = "0".repeat(64);
    for (hash, size, status) in [(hash.as_str(), 500, 404), ("../../etc/passwd", 320, 404), (&lost, 320, 500)] {
        assert_eq!(cache.get(hash, size, &[]).await.unwrap_err().status(), status);
    }
}
