//! What has to be overwritten in a file, so that it no longer tells where it was taken.

use super::containers::{bytes_at, occurrences, png_chunks, starts};
use super::tiff::{EXIF_DIRECTORY, GPS_DIRECTORY, Tiff};
use crate::server::images::format::Format;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// No camera writes so many directories into one file.
const MAX_DIRECTORIES: usize = 256;
/// The values of a place are at most so long together with a text about how it was found, in bytes.
const MAX_VALUE_BYTES: u64 = 65_536;
/// A chunk of metadata is at most so large, in bytes.
const MAX_CHUNK_BYTES: u64 = 16 << 20;
/// How XMP, which repeats EXIF as text, calls everything about the place.
pub(super) const XMP_PLACE: &[u8] = b"exif:GPS";

/// Bytes that take the place of others in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Where the first of them stands.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
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

impl<F: Read + Seek> Tiff<'_, F> {
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

pub(super) fn overwrite(bytes: &mut [u8], patch: &Patch) {
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
pub(super) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
