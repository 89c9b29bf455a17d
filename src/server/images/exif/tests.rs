//! What is read and overwritten in files that another program wrote, and in broken ones.

use super::camera::{camera, moment, read};
use super::containers::{EXIF_MARK, occurrences};
use super::place::{self, Filling, Patch, XMP_PLACES, crc32, patches};
use crate::model::Exif;
use crate::model::exif::Place;
use crate::server::images::format::Format;
use exif::experimental::Writer;
use exif::{Field, In, Rational, Tag, Value};
use std::io::{self, Cursor, Read, Seek, SeekFrom};

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

fn length(patch: &Patch) -> u64 {
    match &patch.filling {
        Filling::Repeated(_, times) => *times,
        Filling::Bytes(bytes) => bytes.len() as u64,
    }
}

fn overwrite(bytes: &mut [u8], patch: &Patch) {
    patch.apply(0, bytes);
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    [&(data.len() as u32).to_be_bytes()[..], &body, &crc32(&[&body]).to_be_bytes()].concat()
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
    let (_, mut file) = files(&written(true)).remove(1);
    let patches = patches(&mut Cursor::new(&file), Format::Png).unwrap();
    patches.iter().for_each(|patch| overwrite(&mut file, patch));
    let (mut at, mut chunks) = (8, 0);
    while at < file.len() {
        let length = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        let (body, rest) = file[at + 4..].split_at(4 + length);
        assert_eq!(rest[..4], crc32(&[body]).to_be_bytes(), "{:?}", String::from_utf8_lossy(body));
        (at, chunks) = (at + 12 + length, chunks + 1);
    }
    assert_eq!(chunks, 4);
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
                assert!(patch.offset + length(&patch) <= broken.len() as u64);
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
    let [first, second] = XMP_PLACES;
    for (at, needle) in [(0, first), ((1 << 20) - 3, second), ((1 << 20) + 50, first)] {
        bytes[at..at + needle.len()].copy_from_slice(needle);
    }
    let found = occurrences(&mut Cursor::new(bytes), &XMP_PLACES, u64::MAX, 9).unwrap();
    assert_eq!(found, [0, (1 << 20) - 3, (1 << 20) + 50]);
}

#[test]
fn xmp_tells_no_place_in_any_of_its_forms() {
    let stripped = |text: &[u8]| {
        let mut bytes = [b"\xFF\xD8\xFF", text].concat();
        let patches = patches(&mut Cursor::new(&bytes), Format::Jpeg).unwrap();
        patches.iter().for_each(|patch| overwrite(&mut bytes, patch));
        bytes[3..].to_vec()
    };
    for telling in [
        "<a exif:GPSLatitude=\"#\" tiff:Make='N'/>",
        "<a exif:GPSLatitude = '#'/>",
        "<a drone-dji:GpsLatitude=\"#\" drone-dji:GpsLongtitude=\"#\" drone-dji:GimbalYaw=\"7\"/>",
        "<exif:GPSLatitude>#</exif:GPSLatitude>\n<b>c</b>",
        "<exif:GPSLatitude xml:lang=\"x-default\">#</exif:GPSLatitude>",
        "<exif:GPSLatitude\n>#</exif:GPSLatitude >\n<b>c</b>",
        "<drone-dji:GpsLatitude>#</drone-dji:GpsLatitude>",
    ] {
        let (place, blank) = ("+52.30Ä", " ".repeat("+52.30Ä".len()));
        let text = telling.replace('#', place);
        assert_eq!(String::from_utf8(stripped(text.as_bytes())).unwrap(), telling.replace('#', &blank));
    }
    let silent: [&[u8]; 6] = [
        b"<a exif:GPSLatitude=''/> b='c'",
        b"<exif:GPSLatitude/>b<c",
        b"exif:GPSLatitude:'b'",
        b"exif:GPS='b' and :Gps>c<",
        b":GPSb>\x07pixels<",
        b":GPSb>\xFFpixels<",
    ];
    for text in silent {
        assert_eq!(stripped(text), text, "{:?}", String::from_utf8_lossy(text));
    }
}

/// Counts how often a file is read.
struct Counted {
    file: Cursor<Vec<u8>>,
    reads: u64,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        self.file.read(buffer)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// A big-endian directory of entries that are offsets: tag, kind, count and value.
fn directory(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut bytes = (entries.len() as u16).to_be_bytes().to_vec();
    for (tag, kind, count, value) in entries {
        bytes.extend([tag.to_be_bytes(), kind.to_be_bytes()].concat());
        bytes.extend([count.to_be_bytes(), value.to_be_bytes()].concat());
    }
    bytes.extend([0; 4]);
    bytes
}

#[test]
fn directories_that_lead_to_each_other_many_times_are_little_work() {
    const MANY: u32 = 4096;
    let length = 2 + 12 * MANY + 4;
    let head = b"MM\0\x2A\0\0\0\x08";
    // All entries of the first directory lead to directories that overlap, each with as many entries that have to be read.
    let leading = |tag: u16, step: u32| {
        let entries: Vec<_> = (0..MANY).map(|n| (tag, 4, 1, 8 + length + n * step)).collect();
        directory(&entries)
    };
    let lens = directory(&vec![(0xA434, 2, 200, 8); MANY as usize]);
    let places = directory(&(0..MANY).map(|n| (n as u16, 1, 4000, 8)).collect::<Vec<_>>());
    for (tag, nested) in [(0x8769, &lens), (0x8825, &places)] {
        let tiff = [head, &leading(tag, 0)[..], nested].concat();
        let marked = [EXIF_MARK, head, &directory(&[(tag, 4, 1, 8)])].concat();
        let bombs = [
            (Format::Tiff, tiff.clone()),
            (Format::Jpeg, [b"\xFF\xD8\xFF", &marked.repeat(5000)[..], EXIF_MARK, &tiff].concat()),
            (Format::Jpeg, [b"\xFF\xD8\xFF", &[EXIF_MARK, &tiff].concat().repeat(100)[..]].concat()),
        ];
        for (format, file) in bombs {
            let mut file = Counted { file: Cursor::new(file), reads: 0 };
            let _ = read(&mut file, format).unwrap();
            let patches = patches(&mut file, format).unwrap();
            assert!(file.reads < 60_000, "{format:?} {tag:x}: {} reads", file.reads);
            assert!(patches.len() <= 20_000, "{format:?} {tag:x}: {} patches", patches.len());
        }
    }
    // A place that several entries lead to is emptied once.
    let tiff = [head, &leading(0x8825, 0)[..], &directory(&[(2, 5, 3, 8)])].concat();
    assert_eq!(patches(&mut Cursor::new(tiff), Format::Tiff).unwrap().len(), 2);
}

#[test]
fn chunks_and_names_without_end_are_little_work() {
    let mut file = Counted { file: Cursor::new(chunk(b"nONE", b"").repeat(400_000)), reads: 0 };
    file.file.get_mut().splice(..0, *b"\x89PNG\r\n\x1A\n");
    assert_eq!(patches(&mut file, Format::Png).unwrap(), []);
    assert!(file.reads < 600_000, "{}", file.reads);
    let names = b"exif:GPSA='1' ".repeat(30_000);
    let png = [&b"\x89PNG\r\n\x1A\n"[..], &chunk(b"iTXt", &names), &chunk(b"iTXt", &names)].concat();
    for (format, file) in [(Format::Jpeg, names), (Format::Png, png)] {
        let patches = patches(&mut Cursor::new(file), format).unwrap();
        assert!((20_000..20_010).contains(&patches.len()), "{format:?}: {}", patches.len());
    }
}
