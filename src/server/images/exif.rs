//! What cameras write into files (EXIF, a TIFF structure inside of the picture's own), and where in a file the place
//! stands that a picture was taken at.
//!
//! Nothing is decoded or held as a whole: directories are followed by seeking, within bounds that no camera reaches. A
//! structure that is broken tells nothing; it is no reason to refuse a picture.

use super::format::Format;
use crate::model::Exif;
use crate::model::exif::Place;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// No camera writes so many directories into one file, or so many entries into a directory.
const MAX_DIRECTORIES: usize = 256;
const MAX_ENTRIES: u64 = 4096;
/// A text is at most so long, in bytes.
const MAX_TEXT_BYTES: u64 = 200;
/// The values of a place are at most so long together with a text about how it was found, in bytes.
const MAX_VALUE_BYTES: u64 = 65_536;
/// Where a JPEG's EXIF is looked for, to be shown: it stands before the pixels.
const HEAD_BYTES: u64 = 4 << 20;
/// What a JPEG and some WebP files write before EXIF.
const EXIF_MARK: &[u8] = b"Exif\0\0";
/// How XMP, which repeats EXIF as text, calls everything about the place.
const XMP_PLACE: &[u8] = b"exif:GPS";

const MAKE: u16 = 0x010F;
const MODEL: u16 = 0x0110;
const EXPOSURE_TIME: u16 = 0x829A;
const F_NUMBER: u16 = 0x829D;
const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const ISO: u16 = 0x8827;
const TAKEN: u16 = 0x9003;
const TAKEN_ZONE: u16 = 0x9011;
const FOCAL_LENGTH: u16 = 0x920A;
const LENS_MODEL: u16 = 0xA434;
const LATITUDE_SIDE: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_SIDE: u16 = 3;
const LONGITUDE: u16 = 4;

/// Bytes that take the place of others in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Where the first of them stands.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What a camera wrote into a file, if it wrote anything.
pub fn read_exif(path: &Path, format: Format) -> io::Result<Option<Exif>> {
    let mut file = BufReader::new(File::open(path)?);
    read(&mut file, format)
}

/// What has to be overwritten in a file, so that it no longer tells where it was taken. Its length and its pixels stay.
pub fn place_patches(path: &Path, format: Format) -> io::Result<Vec<Patch>> {
    let mut file = BufReader::new(File::open(path)?);
    patches(&mut file, format)
}

fn read(file: &mut (impl Read + Seek), format: Format) -> io::Result<Option<Exif>> {
    for start in starts(file, format, HEAD_BYTES)? {
        if let Some((mut tiff, first)) = Tiff::open(file, start)? {
            let exif = tiff.exif(first)?;
            if !exif.is_empty() {
                return Ok(Some(exif));
            }
        }
    }
    Ok(None)
}

fn patches(file: &mut (impl Read + Seek), format: Format) -> io::Result<Vec<Patch>> {
    let mut patches = Vec::new();
    match format {
        Format::Png => return png_patches(file),
        Format::Jpeg | Format::Webp | Format::Tiff => {}
        Format::Gif | Format::Bmp | Format::Svg => return Ok(patches),
    }
    for start in starts(file, format, u64::MAX)? {
        if let Some((mut tiff, first)) = Tiff::open(file, start)? {
            tiff.place_patches(first, &mut patches)?;
        }
    }
    for offset in occurrences(file, XMP_PLACE, u64::MAX)? {
        patches.extend(xmp_patch(file, offset)?);
    }
    Ok(patches)
}

/// Where TIFF structures may start. A JPEG can hold other JPEGs behind its own pixels, with EXIF of their own.
fn starts(file: &mut (impl Read + Seek), format: Format, within: u64) -> io::Result<Vec<u64>> {
    let mark = EXIF_MARK.len() as u64;
    Ok(match format {
        Format::Tiff => vec![0],
        Format::Jpeg => occurrences(file, EXIF_MARK, within)?.into_iter().map(|at| at + mark).collect(),
        Format::Webp => {
            let chunks = riff_chunks(file)?.into_iter().filter(|chunk| &chunk.kind == b"EXIF");
            chunks.flat_map(|chunk| [chunk.data, chunk.data + mark]).collect()
        }
        Format::Png => {
            png_chunks(file)?.into_iter().filter(|chunk| &chunk.kind == b"eXIf").map(|chunk| chunk.data).collect()
        }
        Format::Gif | Format::Bmp | Format::Svg => Vec::new(),
    })
}

/// Reads `length` bytes at `offset`, or nothing where the file ends before.
fn bytes_at(file: &mut (impl Read + Seek), offset: u64, length: u64) -> io::Result<Option<Vec<u8>>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}

/// Every place in the first `within` bytes where `needle` stands.
fn occurrences(file: &mut (impl Read + Seek), needle: &[u8], within: u64) -> io::Result<Vec<u64>> {
    const STEP: usize = 1 << 20;
    file.seek(SeekFrom::Start(0))?;
    let (mut found, mut window, mut start) = (Vec::new(), Vec::with_capacity(STEP + needle.len()), 0_u64);
    loop {
        let read = file.by_ref().take(STEP as u64).read_to_end(&mut window)?;
        let mut from = 0;
        while let Some(at) = window[from..].iter().position(|byte| *byte == needle[0]) {
            if window[from + at..].starts_with(needle) {
                found.push(start + (from + at) as u64);
            }
            from += at + 1;
        }
        if read == 0 || start >= within {
            return Ok(found);
        }
        // What may be the beginning of a needle is looked at again with what follows.
        let kept = window.len().min(needle.len() - 1);
        start += (window.len() - kept) as u64;
        window.drain(..window.len() - kept);
    }
}

/// A TIFF structure: where in the file it starts, and how it is written.
struct Tiff<'f, F> {
    file: &'f mut F,
    start: u64,
    little_endian: bool,
    /// BigTIFF: offsets and counts of 64 bits.
    big: bool,
}

/// An entry of a directory. `value` is where in the file its value stands.
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    value: u64,
    length: u64,
}

struct Directory {
    offset: u64,
    length: u64,
    entries: Vec<Entry>,
    next: u64,
}

impl<'f, F: Read + Seek> Tiff<'f, F> {
    /// The structure and the offset of its first directory, if there is one.
    fn open(file: &'f mut F, start: u64) -> io::Result<Option<(Self, u64)>> {
        let Some(head) = bytes_at(file, start, 8)? else { return Ok(None) };
        let (little_endian, big) = match head[..4] {
            [b'I', b'I', 42, 0] => (true, false),
            [b'M', b'M', 0, 42] => (false, false),
            [b'I', b'I', 43, 0] => (true, true),
            [b'M', b'M', 0, 43] => (false, true),
            _ => return Ok(None),
        };
        let mut tiff = Self { file, start, little_endian, big };
        let first = if big { tiff.number_at(8, 8)? } else { tiff.number_at(4, 4)? };
        Ok(first.map(|first| (tiff, first)))
    }

    fn number(&self, bytes: &[u8]) -> u64 {
        let fold = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if self.little_endian { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) }
    }

    /// A number of `length` bytes at an offset of the structure.
    fn number_at(&mut self, offset: u64, length: u64) -> io::Result<Option<u64>> {
        let Some(at) = self.start.checked_add(offset) else { return Ok(None) };
        Ok(bytes_at(self.file, at, length)?.map(|bytes| self.number(&bytes)))
    }

    fn directory(&mut self, offset: u64) -> io::Result<Option<Directory>> {
        let (count_length, entry_length, offset_length) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let Some(count) = self.number_at(offset, count_length)? else { return Ok(None) };
        if count > MAX_ENTRIES {
            return Ok(None);
        }
        let length = count_length + count * entry_length + offset_length;
        let at = self.start + offset;
        let Some(bytes) = bytes_at(self.file, at, length)? else { return Ok(None) };
        let (entries, next) = bytes[count_length as usize..].split_at((count * entry_length) as usize);
        let entries = entries.chunks_exact(entry_length as usize).enumerate().map(|(index, bytes)| {
            let head = 4 + offset_length as usize;
            let (kind, count) = (self.number(&bytes[2..4]) as u16, self.number(&bytes[4..head]));
            let length = count.saturating_mul(size_of_kind(kind));
            let value = if length <= offset_length {
                at + count_length + index as u64 * entry_length + head as u64
            } else {
                self.start.saturating_add(self.number(&bytes[head..]))
            };
            Entry { tag: self.number(&bytes[..2]) as u16, kind, count, value, length }
        });
        Ok(Some(Directory { offset: at, length, entries: entries.collect(), next: self.number(next) }))
    }

    fn exif(&mut self, first: u64) -> io::Result<Exif> {
        let mut exif = Exif::default();
        let Some(main) = self.directory(first)? else { return Ok(exif) };
        let (mut make, mut model) = (None, None);
        for entry in &main.entries {
            match entry.tag {
                MAKE => make = self.text(entry)?,
                MODEL => model = self.text(entry)?,
                EXIF_DIRECTORY => {
                    if let Some(offset) = self.whole(entry)? {
                        self.photograph(offset, &mut exif)?;
                    }
                }
                GPS_DIRECTORY => {
                    if let Some(offset) = self.whole(entry)? {
                        exif.place = self.place(offset)?;
                    }
                }
                _ => {}
            }
        }
        exif.camera = camera(make, model);
        Ok(exif)
    }

    fn photograph(&mut self, offset: u64, exif: &mut Exif) -> io::Result<()> {
        let Some(directory) = self.directory(offset)? else { return Ok(()) };
        let (mut taken, mut zone) = (None, None);
        let positive = |number: Option<f64>| number.filter(|number| *number > 0.0);
        for entry in &directory.entries {
            match entry.tag {
                EXPOSURE_TIME => exif.exposure_time = positive(self.rationals(entry)?.first().copied()),
                F_NUMBER => exif.aperture = positive(self.rationals(entry)?.first().copied()),
                FOCAL_LENGTH => exif.focal_length = positive(self.rationals(entry)?.first().copied()),
                ISO => exif.iso = self.whole(entry)?.and_then(|iso| u32::try_from(iso).ok()).filter(|iso| *iso > 0),
                TAKEN => taken = self.text(entry)?,
                TAKEN_ZONE => zone = self.text(entry)?,
                LENS_MODEL => exif.lens = self.text(entry)?,
                _ => {}
            }
        }
        exif.taken = taken.and_then(|taken| moment(&taken, zone.as_deref()));
        Ok(())
    }

    fn place(&mut self, offset: u64) -> io::Result<Option<Place>> {
        let Some(directory) = self.directory(offset)? else { return Ok(None) };
        let (mut latitude, mut longitude, mut south, mut west) = (None, None, false, false);
        for entry in &directory.entries {
            match entry.tag {
                LATITUDE_SIDE => south = self.text(entry)?.is_some_and(|side| side.starts_with(['S', 's'])),
                LONGITUDE_SIDE => west = self.text(entry)?.is_some_and(|side| side.starts_with(['W', 'w'])),
                LATITUDE => latitude = degrees(&self.rationals(entry)?),
                LONGITUDE => longitude = degrees(&self.rationals(entry)?),
                _ => {}
            }
        }
        let signed = |degrees: f64, negative: bool| if negative { -degrees } else { degrees };
        Ok(latitude.zip(longitude).and_then(|(latitude, longitude)| {
            let place = Place { latitude: signed(latitude, south), longitude: signed(longitude, west) };
            (place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0).then_some(place)
        }))
    }

    /// A text without the space and control characters around and in it.
    fn text(&mut self, entry: &Entry) -> io::Result<Option<String>> {
        // Some write texts as bytes of another kind.
        if !matches!(entry.kind, 1 | 2 | 7) {
            return Ok(None);
        }
        let bytes = bytes_at(self.file, entry.value, entry.length.min(MAX_TEXT_BYTES))?;
        Ok(bytes.and_then(|bytes| {
            let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
            let text: String = String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).collect();
            let text = text.trim();
            (!text.is_empty()).then(|| text.to_owned())
        }))
    }

    fn whole(&mut self, entry: &Entry) -> io::Result<Option<u64>> {
        let length = size_of_kind(entry.kind);
        if entry.count == 0 || !matches!(entry.kind, 1 | 3 | 4 | 13 | 16 | 18) {
            return Ok(None);
        }
        Ok(bytes_at(self.file, entry.value, length)?.map(|bytes| self.number(&bytes)))
    }

    /// Fractions, of which there are at most three. One without a value is left out.
    fn rationals(&mut self, entry: &Entry) -> io::Result<Vec<f64>> {
        if !matches!(entry.kind, 5 | 10) {
            return Ok(Vec::new());
        }
        let bytes = bytes_at(self.file, entry.value, entry.count.min(3) * 8)?.unwrap_or_default();
        let signed = |number: u64| if entry.kind == 10 { f64::from(number as u32 as i32) } else { number as f64 };
        let fraction = |bytes: &[u8]| signed(self.number(&bytes[..4])) / signed(self.number(&bytes[4..]));
        Ok(bytes.chunks_exact(8).map(fraction).filter(|number| number.is_finite()).collect())
    }

    /// Empties the place's directories, of every page and of what they nest.
    fn place_patches(&mut self, first: u64, patches: &mut Vec<Patch>) -> io::Result<()> {
        let (mut waiting, mut seen) = (vec![first], BTreeSet::new());
        while let Some(offset) = waiting.pop() {
            if offset == 0 || !seen.insert(offset) || seen.len() > MAX_DIRECTORIES {
                continue;
            }
            let Some(directory) = self.directory(offset)? else { continue };
            waiting.push(directory.next);
            for entry in &directory.entries {
                match entry.tag {
                    GPS_DIRECTORY => {
                        if let Some(offset) = self.whole(entry)? {
                            self.empty(offset, patches)?;
                        }
                    }
                    EXIF_DIRECTORY => waiting.extend(self.whole(entry)?),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn empty(&mut self, offset: u64, patches: &mut Vec<Patch>) -> io::Result<()> {
        let Some(directory) = self.directory(offset)? else { return Ok(()) };
        let zeros = |offset: u64, length: u64| Patch { offset, bytes: vec![0; length as usize] };
        for entry in &directory.entries {
            if entry.length <= MAX_VALUE_BYTES && bytes_at(self.file, entry.value, entry.length)?.is_some() {
                patches.push(zeros(entry.value, entry.length));
            }
        }
        patches.push(zeros(directory.offset, directory.length));
        Ok(())
    }
}

/// Bytes of one value of a kind; 0 for kinds that do not exist.
fn size_of_kind(kind: u16) -> u64 {
    match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 0,
    }
}

/// Models often repeat who makes them.
fn camera(make: Option<String>, model: Option<String>) -> Option<String> {
    match (make, model) {
        (Some(make), Some(model)) => {
            let brand = make.split_whitespace().next().unwrap_or_default().to_lowercase();
            let repeated = model.to_lowercase().starts_with(&brand);
            Some(if repeated { model } else { format!("{make} {model}") })
        }
        (make, model) => model.or(make),
    }
}

/// Degrees, minutes and seconds as degrees.
fn degrees(parts: &[f64]) -> Option<f64> {
    let (first, rest) = parts.split_first()?;
    let units = [60.0, 3600.0];
    Some(rest.iter().zip(units).fold(*first, |sum, (part, unit)| sum + part / unit))
}

/// `2026:05:17 14:03:59` and `+02:00` as one text after ISO 8601. A clock that was never set gives nothing.
fn moment(taken: &str, zone: Option<&str>) -> Option<String> {
    let fits = |text: &str, form: &str| {
        text.len() == form.len()
            && text.chars().zip(form.chars()).all(|(c, form)| if form == '0' { c.is_ascii_digit() } else { c == form })
    };
    if !fits(taken, "0000:00:00 00:00:00") || taken.starts_with("0000") {
        return None;
    }
    let (date, time) = taken.split_once(' ')?;
    let zone = zone.filter(|zone| fits(zone, "+00:00") || fits(zone, "-00:00")).unwrap_or_default();
    Some(format!("{}T{time}{zone}", date.replace(':', "-")))
}

/// Blanks the value of an attribute or element of XMP whose name starts at `offset`.
fn xmp_patch(file: &mut (impl Read + Seek), offset: u64) -> io::Result<Option<Patch>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut text = Vec::new();
    file.by_ref().take(512).read_to_end(&mut text)?;
    Ok(xmp_value(&text).map(|(start, end)| Patch { offset: offset + start as u64, bytes: vec![b' '; end - start] }))
}

/// Where the value stands in a text that starts with the name of an attribute or element.
fn xmp_value(text: &[u8]) -> Option<(usize, usize)> {
    let name = text.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b':'))?;
    let end_mark = match text.get(name..)? {
        [b'=', quote @ (b'"' | b'\''), ..] => *quote,
        [b'>', ..] => b'<',
        _ => return None,
    };
    let start = if end_mark == b'<' { name + 1 } else { name + 2 };
    let end = start + text[start..].iter().position(|byte| *byte == end_mark)?;
    (end > start).then_some((start, end))
}

/// A chunk of a PNG or RIFF file.
struct Chunk {
    kind: [u8; 4],
    data: u64,
    length: u64,
}

/// The chunks of a PNG, pixels included.
fn png_chunks(file: &mut (impl Read + Seek)) -> io::Result<Vec<Chunk>> {
    let (mut chunks, mut at) = (Vec::new(), 8);
    while let Some(head) = bytes_at(file, at, 8)? {
        let [a, b, c, d, e, f, g, h] = head[..] else { break };
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        chunks.push(Chunk { kind: [e, f, g, h], data: at + 8, length });
        at += 12 + length;
    }
    Ok(chunks)
}

/// The chunks of a WebP.
fn riff_chunks(file: &mut (impl Read + Seek)) -> io::Result<Vec<Chunk>> {
    let (mut chunks, mut at) = (Vec::new(), 12);
    while let Some(head) = bytes_at(file, at, 8)? {
        let [a, b, c, d, e, f, g, h] = head[..] else { break };
        let length = u64::from(u32::from_le_bytes([e, f, g, h]));
        chunks.push(Chunk { kind: [a, b, c, d], data: at + 8, length });
        at += 8 + length + length % 2;
    }
    Ok(chunks)
}

/// A chunk of metadata is at most so large, in bytes.
const MAX_CHUNK_BYTES: u64 = 16 << 20;

/// The same for a PNG, whose chunks have checksums: a chunk that changes is written anew.
fn png_patches(file: &mut (impl Read + Seek)) -> io::Result<Vec<Patch>> {
    let mut patches = Vec::new();
    for chunk in png_chunks(file)? {
        if !matches!(&chunk.kind, b"eXIf" | b"iTXt" | b"tEXt" | b"zTXt") || chunk.length > MAX_CHUNK_BYTES {
            continue;
        }
        let Some(before) = bytes_at(file, chunk.data, chunk.length)? else { continue };
        let (kind, after) = match &chunk.kind {
            b"eXIf" => (chunk.kind, without_place(&before)?),
            b"iTXt" if !is_compressed(&before) => (chunk.kind, without_xmp_place(&before)),
            _ if may_hold_place(&before) => (*b"tEXt", comment(before.len())),
            _ => continue,
        };
        if after != before {
            let mut bytes = kind.to_vec();
            bytes.extend(after);
            bytes.extend(crc32(&bytes).to_be_bytes());
            patches.push(Patch { offset: chunk.data - 4, bytes });
        }
    }
    Ok(patches)
}

/// A TIFF structure without the place.
fn without_place(tiff: &[u8]) -> io::Result<Vec<u8>> {
    let mut patches = Vec::new();
    if let Some((mut structure, first)) = Tiff::open(&mut io::Cursor::new(tiff), 0)? {
        structure.place_patches(first, &mut patches)?;
    }
    let mut bytes = tiff.to_vec();
    patches.iter().for_each(|patch| overwrite(&mut bytes, patch));
    Ok(bytes)
}

fn overwrite(bytes: &mut [u8], patch: &Patch) {
    let start = usize::try_from(patch.offset).unwrap_or(usize::MAX);
    if let Some(target) = bytes.get_mut(start..start.saturating_add(patch.bytes.len())) {
        target.copy_from_slice(&patch.bytes);
    }
}

fn without_xmp_place(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for at in 0..bytes.len().saturating_sub(XMP_PLACE.len()) {
        if bytes[at..].starts_with(XMP_PLACE)
            && let Some((start, end)) = xmp_value(&bytes[at..])
        {
            bytes[at + start..at + end].fill(b' ');
        }
    }
    bytes
}

/// Whether an `iTXt` chunk's text is compressed: the byte after the keyword says so.
fn is_compressed(data: &[u8]) -> bool {
    data.iter().position(|byte| *byte == 0).is_some_and(|end| data.get(end + 1) == Some(&1))
}

/// Compressed metadata cannot be changed in its place, so that all of it goes.
fn may_hold_place(data: &[u8]) -> bool {
    let keyword = data.split(|byte| *byte == 0).next().unwrap_or_default().to_ascii_lowercase();
    keyword.starts_with(b"raw profile type") && !keyword.ends_with(b"icc") || keyword == b"xml:com.adobe.xmp"
}

/// What stands where metadata stood: a comment of spaces.
fn comment(length: usize) -> Vec<u8> {
    let mut bytes = b"Comment\0".to_vec();
    bytes.resize(length, b' ');
    bytes
}

/// The checksum of a PNG chunk (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
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

    const XMP: &str =
        "<x exif:GPSLatitude=\"52,30.6N\" tiff:Make='N'><exif:GPSLongitude>13,15W</exif:GPSLongitude></x>";

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
        let webp =
            [b"RIFF....WEBP".to_vec(), riff(b"VP8 ", &pixels), riff(b"EXIF", tiff), riff(b"XMP ", XMP.as_bytes())];
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
                let again = super::patches(&mut Cursor::new(&stripped), format).unwrap();
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
}
