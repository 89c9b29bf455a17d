//! What has to be overwritten in a file, so that it no longer tells where it was taken.

use super::containers::{Chunk, bytes_at, occurrences, png_chunks, starts};
use super::tiff::{Budget, EXIF_DIRECTORY, GPS_DIRECTORY, Tiff};
use crate::server::images::format::Format;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

/// No camera writes so many directories into one file.
const MAX_DIRECTORIES: usize = 256;
/// The values of a place are at most so long together with a text about how it was found, in bytes.
const MAX_VALUE_BYTES: u64 = 4096;
/// A chunk of metadata is at most so large, in bytes.
const MAX_CHUNK_BYTES: u64 = 16 << 20;
/// No program writes so many names of values of a place into one file.
const MAX_XMP_NAMES: usize = 20_000;
/// An element or attribute of XMP is at most so long, from its name to the end of its value, in bytes.
const MAX_XMP_BYTES: usize = 512;
/// How the names begin, behind their prefix, by which XMP calls everything about the place: in the words of EXIF, which it
/// repeats as text, and in those of drones.
pub(super) const XMP_PLACES: [&[u8]; 2] = [b":GPS", b":Gps"];

/// How much memory [`place_patches`] takes at most, in bytes: two copies of a chunk, and the patches.
pub const MEMORY_BYTES: u64 = 2 * MAX_CHUNK_BYTES + (8 << 20);

/// Bytes that take the place of others in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch {
    /// Where the first of them stands.
    pub offset: u64,
    /// The bytes.
    pub filling: Filling,
}

/// The bytes of a [`Patch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Filling {
    /// One byte, so many times.
    Repeated(u8, u64),
    /// These bytes.
    Bytes(Vec<u8>),
}

impl Patch {
    fn repeated(offset: u64, byte: u8, times: u64) -> Self {
        Self { offset, filling: Filling::Repeated(byte, times) }
    }

    fn bytes(offset: u64, bytes: &[u8]) -> Self {
        Self { offset, filling: Filling::Bytes(bytes.to_vec()) }
    }

    fn length(&self) -> u64 {
        match &self.filling {
            Filling::Repeated(_, times) => *times,
            Filling::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// Whether any of it falls on these bytes of the file.
    pub fn concerns(&self, bytes: &Range<u64>) -> bool {
        self.offset < bytes.end && bytes.start < self.offset.saturating_add(self.length())
    }

    /// Overwrites what of a part of the file it falls on. The part begins there.
    pub fn apply(&self, begin: u64, part: &mut [u8]) {
        let end = begin + part.len() as u64;
        let (from, till) = (self.offset.max(begin), self.offset.saturating_add(self.length()).min(end));
        if from >= till {
            return;
        }
        let part = &mut part[(from - begin) as usize..(till - begin) as usize];
        match &self.filling {
            Filling::Repeated(byte, _) => part.fill(*byte),
            Filling::Bytes(bytes) => {
                part.copy_from_slice(&bytes[(from - self.offset) as usize..(till - self.offset) as usize]);
            }
        }
    }
}

/// What has to be overwritten in a file, so that it no longer tells where it was taken. Its length and its pixels stay.
pub fn place_patches(path: &Path, format: Format) -> io::Result<Vec<Patch>> {
    let mut file = BufReader::new(File::open(path)?);
    patches(&mut file, format)
}

pub(super) fn patches(file: &mut (impl Read + Seek), format: Format) -> io::Result<Vec<Patch>> {
    let mut patches = Vec::new();
    match format {
        Format::Png => return png_patches(file),
        Format::Jpeg | Format::Webp | Format::Tiff => {}
        Format::Gif | Format::Bmp | Format::Svg => return Ok(patches),
    }
    let mut budget = Budget::default();
    for start in starts(file, format, u64::MAX)? {
        exif_patches(file, start, &mut budget, &mut patches)?;
    }
    xmp_patches(file, MAX_XMP_NAMES, &mut patches)?;
    Ok(patches)
}

/// Finds the place in the structure that starts at `start`, if one does.
fn exif_patches(
    file: &mut (impl Read + Seek),
    start: u64,
    budget: &mut Budget,
    patches: &mut Vec<Patch>,
) -> io::Result<()> {
    let Some((mut tiff, first)) = Tiff::open(file, start, budget)? else { return Ok(()) };
    tiff.place_patches(first, patches)
}

impl<F: Read + Seek> Tiff<'_, F> {
    /// Empties the place's directories, of every page and of what they nest.
    fn place_patches(&mut self, first: u64, patches: &mut Vec<Patch>) -> io::Result<()> {
        let (mut waiting, mut seen, mut emptied) = (vec![first], BTreeSet::new(), BTreeSet::new());
        while let Some(offset) = waiting.pop() {
            if offset == 0 || !seen.insert(offset) || seen.len() > MAX_DIRECTORIES {
                continue;
            }
            let Some(directory) = self.directory(offset)? else { continue };
            waiting.push(directory.next);
            for entry in &directory.entries {
                match entry.tag {
                    GPS_DIRECTORY => {
                        if let Some(offset) = self.whole(entry)?.filter(|offset| emptied.insert(*offset)) {
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
        let values = directory.entries.iter().filter(|entry| entry.length <= MAX_VALUE_BYTES && self.is_whole(entry));
        patches.extend(values.map(|entry| Patch::repeated(entry.value, 0, entry.length)));
        patches.push(Patch::repeated(directory.offset, 0, directory.length));
        Ok(())
    }
}

/// Blanks the values of attributes and elements of XMP that tell the place. Gives the number of names that were found, of which
/// there are at most `most`.
fn xmp_patches(file: &mut (impl Read + Seek), most: usize, patches: &mut Vec<Patch>) -> io::Result<usize> {
    let names = occurrences(file, &XMP_PLACES, u64::MAX, most)?;
    for &offset in &names {
        file.seek(SeekFrom::Start(offset))?;
        let mut text = Vec::with_capacity(MAX_XMP_BYTES);
        file.by_ref().take(MAX_XMP_BYTES as u64).read_to_end(&mut text)?;
        if let Some((start, end)) = xmp_value(&text) {
            patches.push(Patch::repeated(offset + start as u64, b' ', (end - start) as u64));
        }
    }
    Ok(names.len())
}

/// Where the value stands in a text that starts with one of [`XMP_PLACES`]. Nothing for a name without a value, and for what is
/// no text: pixels can hold the same bytes.
fn xmp_value(text: &[u8]) -> Option<(usize, usize)> {
    let position = |from: usize, wanted: &dyn Fn(u8) -> bool| {
        text.get(from..)?.iter().position(|byte| wanted(*byte)).map(|at| from + at)
    };
    let prefix = XMP_PLACES[0].len();
    text.get(prefix).filter(|byte| byte.is_ascii_alphabetic())?;
    let name_end = position(prefix, &|byte| !byte.is_ascii_alphanumeric())?;
    let next = position(name_end, &|byte| !byte.is_ascii_whitespace())?;
    let (start, end_mark) = if text[next] == b'=' {
        let quote = position(next + 1, &|byte| !byte.is_ascii_whitespace())?;
        (quote + 1, Some(text[quote]).filter(|byte| matches!(byte, b'"' | b'\''))?)
    } else if next > name_end || text[next] == b'>' {
        // An element, which may have attributes.
        (position(next, &|byte| byte == b'>')? + 1, b'<')
    } else {
        return None;
    };
    let end = position(start, &|byte| byte == end_mark)?;
    let is_text = std::str::from_utf8(&text[..end]).ok()?.chars().all(|c| !c.is_control() || c.is_ascii_whitespace());
    (is_text && !text[start..end].trim_ascii().is_empty()).then_some((start, end))
}

/// The same for a PNG, whose chunks have checksums, which change with what they hold.
fn png_patches(file: &mut (impl Read + Seek)) -> io::Result<Vec<Patch>> {
    let (mut patches, mut budget, mut names_left) = (Vec::new(), Budget::default(), MAX_XMP_NAMES);
    for Chunk { kind, data, length } in png_chunks(file, &[b"eXIf", b"iTXt", b"tEXt", b"zTXt"])? {
        if length > MAX_CHUNK_BYTES {
            continue;
        }
        let Some(before) = bytes_at(file, data, length)? else { continue };
        let (mut changes, mut reader, mut new_kind) = (Vec::new(), Cursor::new(&before), kind);
        match &kind {
            b"eXIf" => exif_patches(&mut reader, 0, &mut budget, &mut changes)?,
            b"iTXt" if !is_compressed(&before) => names_left -= xmp_patches(&mut reader, names_left, &mut changes)?,
            _ if may_hold_place(&before) => {
                changes.extend(comment(length));
                new_kind = *b"tEXt";
            }
            _ => {}
        }
        let mut after = before.clone();
        changes.iter().for_each(|patch| patch.apply(0, &mut after));
        if after != before || new_kind != kind {
            let checksum = crc32(&[&new_kind, &after]);
            patches.push(Patch::bytes(data - 4, &new_kind));
            patches.extend(changes.into_iter().map(|patch| Patch { offset: data + patch.offset, ..patch }));
            patches.push(Patch::bytes(data + length, &checksum.to_be_bytes()));
        }
    }
    Ok(patches)
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
fn comment(length: u64) -> [Patch; 2] {
    const KEYWORD: &[u8] = b"Comment\0";
    let head = KEYWORD.len() as u64;
    [Patch::bytes(0, KEYWORD), Patch::repeated(head, b' ', length.saturating_sub(head))]
}

/// The checksum of a PNG chunk (ISO 3309), whose parts these are.
pub(super) fn crc32(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}
