//! What is read and overwritten in files that another program wrote, and in broken ones.

use super::camera::{camera, moment, read};
use super::containers::{EXIF_MARK, occurrences};
use super::place::{self, Patch, XMP_PLACE, crc32, overwrite, patches};
use crate::model::Exif;
use crate::model::exif::Place;
use crate::server::images::format::Format;
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use std::io::Cursor;

fn field(tag: Tag, value: Value) -> Field {
    Field { tag, ifd_num: In::PRIMARY, value }
}

fn text(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

fn rationals(fractions: &[(u32, u32)]) -> Value {
    Value::Rational(fractions.iter().map(|&(num, denom)| Rational { num, denom }).collect())
}

/// A TIFF structure as a camera writes it, by another program's hand.
fn written(little_endian: bool) -> Vec<u8> {
    let fields = [
        field(Tag::Make, text("NIKON CORPORATION")),
        field(Tag::Model, text("NIKON D90")),
        field(Tag::ExposureTime, rationals(&[(1, 250)])),
        field(Tag::FNumber, rationals(&[(28, 10)])),
        field(Tag::PhotographicSensitivity, Value::Short(vec![400])),
        field(Tag::FocalLength, rationals(&[(50, 1)])),
        field(Tag::DateTimeOriginal, text("2026:05:17 14:03:59")),
        field(Tag::OffsetTimeOriginal, text("+02:00")),
        field(Tag::LensModel, text("Nikkor 50 mm")),
        field(Tag::GPSLatitudeRef, text("N")),
        field(Tag::GPSLatitude, rationals(&[(52, 1), (30, 1), (3_600, 100)])),
        field(Tag::GPSLongitudeRef, text("W")),
        field(Tag::GPSLongitude, rationals(&[(13, 1), (15, 1), (0, 1)])),
        field(Tag::GPSProcessingMethod, Value::Undefined(b"ASCII\0\0\0at my grandmother's".to_vec(), 0)),
    ];
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut bytes = Cursor::new(Vec::new());
    writer.write(&mut bytes, little_endian).unwrap();
    bytes.into_inner()
}

fn expected() -> Exif {
    Exif {
        camera: Some("NIKON D90".into()),
        lens: Some("Nikkor 50 mm".into()),
        exposure_time: Some(0.004),
        aperture: Some(2.8),
        iso: Some(400),
        focal_length: Some(50.0),
        taken: Some("2026-05-17T14:03:59+02:00".into()),
        place: Some(Place { latitude: 52.51, longitude: -13.25 }),
    }
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

const XMP: &str = "<x exif:GPSLatitude=\"52,30.6N\" tiff:Make='N'><exif:GPSLongitude>13,15W</exif:GPSLongitude></x>";

/// A file of each format that holds a TIFF structure and XMP beside it. Its pixels do not matter here.
fn files(tiff: &[u8]) -> Vec<(Format, Vec<u8>)> {
    let pixels = [7_u8; 300];
    let jpeg = [b"\xFF\xD8\xFF\xE1..", EXIF_MARK, tiff, XMP.as_bytes(), &pixels, EXIF_MARK, tiff].concat();
    let png = [
        b"\x89PNG\r\n\x1A\n".to_vec(),
        chunk(b"eXIf", tiff),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", XMP.as_bytes()].concat()),
        chunk(b"zTXt", b"Raw profile type exif\0\0squeezed"),
        chunk(b"IDAT", &pixels),
    ];
    let riff = |kind: &[u8], data: &[u8]| {
        let padding = vec![0; data.len() % 2];
        [kind, &(data.len() as u32).to_le_bytes(), data, &padding].concat()
    };
    let webp = [b"RIFF....WEBP".to_vec(), riff(b"VP8 ", &pixels), riff(b"EXIF", tiff), riff(b"XMP ", XMP.as_bytes())];
    vec![
        (Format::Jpeg, jpeg),
        (Format::Png, png.concat()),
        (Format::Webp, webp.concat()),
        (Format::Tiff, [tiff, &pixels].concat()),
    ]
}

#[test]
fn reads_what_another_program_wrote() {
    for little_endian in [true, false] {
        for (format, file) in files(&written(little_endian)) {
            let exif = read(&mut Cursor::new(&file), format).unwrap();
            assert_eq!(exif, Some(expected()), "{format:?} {little_endian}");
        }
    }
    assert_eq!(read(&mut Cursor::new(b"GIF89a"), Format::Gif).unwrap(), None);
}

#[test]
fn takes_out_the_place_and_nothing_else() {
    for little_endian in [true, false] {
        for (format, file) in files(&written(little_endian)) {
            let patches = patches(&mut Cursor::new(&file), format).unwrap();
            let mut stripped = file.clone();
            patches.iter().for_each(|patch| overwrite(&mut stripped, patch));
            let exif = read(&mut Cursor::new(&stripped), format).unwrap();
            assert_eq!(exif, Some(Exif { place: None, ..expected() }), "{format:?}");
            let contains = |needle: &[u8]| stripped.windows(needle.len()).any(|window| window == needle);
            assert!(!contains(b"grandmother") && !contains(b"squeezed"), "{format:?}");
            assert!(contains(&[7; 300]), "{format:?}: the pixels stay");
            if format != Format::Tiff {
                assert!(!contains(b"52,30") && !contains(b"13,15") && contains(b"tiff:Make='N'"), "{format:?}");
            }
            // A second look finds a place that is empty already.
            let again = place::patches(&mut Cursor::new(&stripped), format).unwrap();
            let mut twice = stripped.clone();
            again.iter().for_each(|patch| overwrite(&mut twice, patch));
            assert_eq!(twice, stripped, "{format:?}");
        }
    }
}

#[test]
fn the_other_reader_agrees_that_the_place_is_gone() {
    let mut tiff = written(true);
    let patches = patches(&mut Cursor::new(&tiff), Format::Tiff).unwrap();
    patches.iter().for_each(|patch| overwrite(&mut tiff, patch));
    let read = exif::Reader::new().read_raw(tiff).unwrap();
    assert!(read.get_field(Tag::GPSLatitude, In::PRIMARY).is_none());
    assert_eq!(read.get_field(Tag::Model, In::PRIMARY).unwrap().display_value().to_string(), "\"NIKON D90\"");
}

#[test]
fn checksums_of_changed_chunks_are_right() {
    let (_, file) = files(&written(true)).remove(1);
    for Patch { offset, bytes } in patches(&mut Cursor::new(&file), Format::Png).unwrap() {
        let (body, checksum) = bytes.split_at(bytes.len() - 4);
        assert_eq!(checksum, crc32(body).to_be_bytes());
        let start = offset as usize;
        let length = u32::from_be_bytes(file[start - 4..start].try_into().unwrap()) as usize;
        assert_eq!(body.len(), 4 + length);
    }
}

#[test]
fn nonsense_tells_nothing_and_ends() {
    let whole = written(false);
    // Every byte broken once, and the file cut everywhere.
    for at in 0..whole.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut broken = whole.clone();
            broken[at] = value;
            let _ = read(&mut Cursor::new(&broken), Format::Tiff).unwrap();
            for patch in patches(&mut Cursor::new(&broken), Format::Tiff).unwrap() {
                assert!(patch.offset + patch.bytes.len() as u64 <= broken.len() as u64);
            }
        }
        let _ = read(&mut Cursor::new(&whole[..at]), Format::Tiff).unwrap();
        let _ = patches(&mut Cursor::new(&whole[..at]), Format::Tiff).unwrap();
    }
    assert_eq!(moment("0000:00:00 00:00:00", None), None);
    assert_eq!(moment("yesterday", None), None);
    assert_eq!(moment("2026:05:17 14:03:59", Some("Z")).as_deref(), Some("2026-05-17T14:03:59"));
    assert_eq!(camera(Some("Canon".into()), Some("EOS 5D".into())).as_deref(), Some("Canon EOS 5D"));
}

#[test]
fn needles_are_found_across_the_edges_of_windows() {
    let mut bytes = vec![b'e'; (1 << 20) + 100];
    for at in [0, (1 << 20) - 3, (1 << 20) + 50] {
        bytes[at..at + XMP_PLACE.len()].copy_from_slice(XMP_PLACE);
    }
    let found = occurrences(&mut Cursor::new(bytes), XMP_PLACE, u64::MAX).unwrap();
    assert_eq!(found, [0, (1 << 20) - 3, (1 << 20) + 50]);
}
