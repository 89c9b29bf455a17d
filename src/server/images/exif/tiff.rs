//! TIFF structures: directories of entries, which are followed by seeking.

use super::containers::bytes_at;
use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

/// No camera writes so many entries into a directory.
const MAX_ENTRIES: u64 = 4096;
/// No camera writes so many directories and entries into one file.
const MAX_STEPS: u64 = 20_000;
/// A text is at most so long, in bytes.
const MAX_TEXT_BYTES: u64 = 200;

/// The entry that says where the directory about the photograph stands.
pub(super) const EXIF_DIRECTORY: u16 = 0x8769;
/// The entry that says where the directory about the place stands.
pub(super) const GPS_DIRECTORY: u16 = 0x8825;

/// How many directories and entries may still be looked at in a file, whatever its structures say: they can point to each other,
/// and to the same ones many times.
pub(super) struct Budget(u64);

impl Default for Budget {
    fn default() -> Self {
        Self(MAX_STEPS)
    }
}

/// A TIFF structure: where in the file it starts, and how it is written.
pub(super) struct Tiff<'f, F> {
    file: &'f mut F,
    budget: &'f mut Budget,
    start: u64,
    /// Where the file ends.
    end: u64,
    little_endian: bool,
    /// BigTIFF: offsets and counts of 64 bits.
    big: bool,
}

/// An entry of a directory. `value` is where in the file its value stands.
pub(super) struct Entry {
    pub(super) tag: u16,
    kind: u16,
    count: u64,
    pub(super) value: u64,
    pub(super) length: u64,
}

/// A directory: where in the file it stands, its length in bytes, and the offset of the one that follows it, or 0.
pub(super) struct Directory {
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) entries: Vec<Entry>,
    pub(super) next: u64,
}

impl Directory {
    /// The entries without those that repeat an earlier one's tag.
    pub(super) fn first_of_each_tag(&self) -> impl Iterator<Item = &Entry> {
        let mut seen = BTreeSet::new();
        self.entries.iter().filter(move |entry| seen.insert(entry.tag))
    }
}

impl<'f, F: Read + Seek> Tiff<'f, F> {
    /// The structure and the offset of its first directory, if there is one. All structures of a file share the budget.
    pub(super) fn open(file: &'f mut F, start: u64, budget: &'f mut Budget) -> io::Result<Option<(Self, u64)>> {
        let Some(head) = bytes_at(file, start, 8)? else { return Ok(None) };
        let (little_endian, big) = match head[..4] {
            [b'I', b'I', 42, 0] => (true, false),
            [b'M', b'M', 0, 42] => (false, false),
            [b'I', b'I', 43, 0] => (true, true),
            [b'M', b'M', 0, 43] => (false, true),
            _ => return Ok(None),
        };
        let end = file.seek(SeekFrom::End(0))?;
        let mut tiff = Self { file, budget, start, end, little_endian, big };
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

    /// Whether the file holds all of an entry's value.
    pub(super) fn is_whole(&self, entry: &Entry) -> bool {
        entry.value.checked_add(entry.length).is_some_and(|end| end <= self.end)
    }

    /// The directory at an offset of the structure, if it is whole and the budget allows it.
    pub(super) fn directory(&mut self, offset: u64) -> io::Result<Option<Directory>> {
        let Some(left) = self.budget.0.checked_sub(1) else { return Ok(None) };
        self.budget.0 = left;
        let (count_length, entry_length, offset_length) = if self.big { (8, 20, 8) } else { (2, 12, 4) };
        let Some(count) = self.number_at(offset, count_length)? else { return Ok(None) };
        if count > MAX_ENTRIES {
            return Ok(None);
        }
        let Some(left) = self.budget.0.checked_sub(count) else { return Ok(None) };
        self.budget.0 = left;
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

    /// A text without the space and control characters around and in it.
    pub(super) fn text(&mut self, entry: &Entry) -> io::Result<Option<String>> {
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

    /// The bytes of an entry, at most so many; none where the file ends before.
    pub(super) fn bytes(&mut self, entry: &Entry, most: u64) -> io::Result<Vec<u8>> {
        Ok(bytes_at(self.file, entry.value, entry.length.min(most))?.unwrap_or_default())
    }

    /// A whole number: the first of an entry.
    pub(super) fn whole(&mut self, entry: &Entry) -> io::Result<Option<u64>> {
        let length = size_of_kind(entry.kind);
        if entry.count == 0 || !matches!(entry.kind, 1 | 3 | 4 | 13 | 16 | 18) {
            return Ok(None);
        }
        Ok(bytes_at(self.file, entry.value, length)?.map(|bytes| self.number(&bytes)))
    }

    /// Fractions, of which there are at most three. One without a value is left out.
    pub(super) fn rationals(&mut self, entry: &Entry) -> io::Result<Vec<f64>> {
        if !matches!(entry.kind, 5 | 10) {
            return Ok(Vec::new());
        }
        let bytes = bytes_at(self.file, entry.value, entry.count.min(3) * 8)?.unwrap_or_default();
        let signed = |number: u64| if entry.kind == 10 { f64::from(number as u32 as i32) } else { number as f64 };
        let fraction = |bytes: &[u8]| signed(self.number(&bytes[..4])) / signed(self.number(&bytes[4..]));
        Ok(bytes.chunks_exact(8).map(fraction).filter(|number| number.is_finite()).collect())
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
