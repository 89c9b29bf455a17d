//! What a ZIP says of its files: the list at its end, and the heads before their bytes.
//!
//! The list alone decides what is in the archive. A head that says something else than the list, or bytes that belong to two
//! files, are what only a damaged or hostile archive has. Sections are those of APPNOTE.TXT 6.3.10.

use super::code_page::decoded;
use super::error::UnpackError;
use super::list::{List, Listed};
use super::streams::{Method, Slice};
use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// Sizes of the parts without what is of any length in them (sections 4.3.7, 4.3.12, 4.3.14, 4.3.15 and 4.3.16).
const HEAD: usize = 30;
const RECORD: usize = 46;
const END: usize = 22;
const END_ZIP64: usize = 56;
const LOCATOR: usize = 20;

const HEAD_MARK: u32 = 0x0403_4b50;
const RECORD_MARK: u32 = 0x0201_4b50;
const END_MARK: u32 = 0x0605_4b50;
const END_ZIP64_MARK: u32 = 0x0606_4b50;
const LOCATOR_MARK: u32 = 0x0706_4b50;

/// Bits of the flags (section 4.4.4): encrypted; encrypted strongly; UTF-8; the list is encrypted.
const ENCRYPTED: u16 = 1;
const STRONG: u16 = 1 << 6;
const UTF8: u16 = 1 << 11;
const MASKED: u16 = 1 << 13;
/// The method of files that are encrypted with AES.
const AES: u16 = 99;
/// Fields of a record: large numbers (section 4.5.3), and the name in UTF-8 (section 4.6.9).
const ZIP64: u16 = 1;
const UNICODE_PATH: u16 = 0x7075;
/// Systems whose attributes have the mode of Unix in their upper half (section 4.4.2): Unix and macOS.
const UNIX: [u8; 2] = [3, 19];

fn two(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn four(bytes: &[u8], at: usize) -> u32 {
    u32::from(two(bytes, at)) | u32::from(two(bytes, at + 2)) << 16
}

fn eight(bytes: &[u8], at: usize) -> u64 {
    u64::from(four(bytes, at)) | u64::from(four(bytes, at + 4)) << 32
}

/// Where the list is.
struct Whereabouts {
    files: u64,
    offset: u64,
    length: u64,
}

/// Lists what is in a ZIP of this length.
pub(super) fn read(archive: &Arc<File>, length: u64, list: &mut List) -> Result<(), UnpackError> {
    let whereabouts = find_list(archive, length)?;
    if whereabouts.files > list.limits.entries {
        return Err(UnpackError::TooMany(list.limits.entries));
    }
    let mut reader = BufReader::new(Slice::new(archive, whereabouts.offset, whereabouts.length));
    let mut taken = Vec::new();
    for _ in 0..whereabouts.files {
        list.count()?;
        let mut record = [0; RECORD];
        reader.read_exact(&mut record).map_err(|_| broken_list())?;
        if four(&record, 0) != RECORD_MARK {
            return Err(broken_list());
        }
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(two(&record, at)));
        let mut rest = vec![0; name + extra + comment];
        reader.read_exact(&mut rest).map_err(|_| broken_list())?;
        let (name, rest) = rest.split_at(name);
        if let Some(range) = entry(archive, &record, name, &rest[..extra], whereabouts.offset, list)? {
            taken.push(range);
        }
    }
    taken.sort_unstable_by_key(|(begin, _, _)| *begin);
    for pair in taken.windows(2) {
        if let [(_, end, first), (begin, _, second)] = pair
            && begin < end
        {
            let why = format!("it has bytes that belong to “{}” as well", list.path(*first));
            return Err(UnpackError::damaged(Some(list.path(*second)), why));
        }
    }
    Ok(())
}

fn broken_list() -> UnpackError {
    UnpackError::damaged(None, "its list of files cannot be read")
}

/// Finds the list by what stands at the end of the archive, perhaps before a comment.
fn find_list(archive: &File, length: u64) -> Result<Whereabouts, UnpackError> {
    let missing = || UnpackError::damaged(None, "the list of files at its end is missing");
    let tail = length.min((END + usize::from(u16::MAX)) as u64);
    let begin = length - tail;
    let mut bytes = vec![0; tail as usize];
    archive.read_exact_at(&mut bytes, begin)?;
    let is_end =
        |at: usize| four(&bytes, at) == END_MARK && at + END + usize::from(two(&bytes, at + 20)) == bytes.len();
    let at = (0..=bytes.len().saturating_sub(END)).rev().find(|at| is_end(*at)).ok_or_else(missing)?;
    let end = &bytes[at..];
    let position = begin + at as u64;
    let mut whereabouts =
        Whereabouts { files: two(end, 10).into(), offset: four(end, 16).into(), length: four(end, 12).into() };
    let mut disks = [u32::from(two(end, 4)), u32::from(two(end, 6))];
    let mut limit = position;
    let mut locator = [0; LOCATOR];
    if position >= LOCATOR as u64 {
        archive.read_exact_at(&mut locator, position - LOCATOR as u64)?;
    }
    if four(&locator, 0) == LOCATOR_MARK {
        let mut large = [0; END_ZIP64];
        limit = eight(&locator, 8);
        if limit.checked_add(END_ZIP64 as u64).is_none_or(|end| end > position) {
            return Err(missing());
        }
        archive.read_exact_at(&mut large, limit)?;
        if four(&large, 0) != END_ZIP64_MARK {
            return Err(missing());
        }
        disks = [four(&large, 16), four(&large, 20)];
        whereabouts = Whereabouts { files: eight(&large, 32), offset: eight(&large, 48), length: eight(&large, 40) };
    }
    if disks != [0, 0] {
        return Err(UnpackError::Unsupported("a part of a ZIP in several"));
    }
    if whereabouts.offset.checked_add(whereabouts.length).is_none_or(|end| end > limit) {
        return Err(broken_list());
    }
    Ok(whereabouts)
}

/// The fields of an extra part.
fn fields(mut extra: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let value = extra.get(4..4 + usize::from(two(extra, 2)))?;
        let id = two(extra, 0);
        extra = &extra[4 + value.len()..];
        Some((id, value))
    })
}

/// The path that a record says.
fn path_of(name: &[u8], flags: u16, extra: &[u8]) -> Result<String, UnpackError> {
    if flags & UTF8 != 0 {
        return String::from_utf8(name.to_vec())
            .map_err(|_| UnpackError::path(&String::from_utf8_lossy(name), "is said to be UTF-8, and is not"));
    }
    // The name in UTF-8 counts if it belongs to this name and not to one that a program has changed since.
    let unicode = fields(extra).find_map(|(id, value)| {
        let is_right = id == UNICODE_PATH && value.first() == Some(&1) && four(value, 1) == crc32fast::hash(name);
        let name = value.get(5..).filter(|_| is_right)?;
        String::from_utf8(name.to_vec()).ok()
    });
    Ok(unicode.unwrap_or_else(|| decoded(name)))
}

/// Takes in a record. Answers from where to where in the archive the file's head and bytes are, and its place among the files.
fn entry(
    archive: &Arc<File>,
    record: &[u8; RECORD],
    name: &[u8],
    extra: &[u8],
    list_begin: u64,
    list: &mut List,
) -> Result<Option<(u64, u64, usize)>, UnpackError> {
    let (flags, method) = (two(record, 8), two(record, 10));
    let path = path_of(name, flags, extra)?;
    if list.passes_over(&path) {
        return Ok(None);
    }
    let attributes = four(record, 38);
    let mode = if UNIX.contains(&record[5]) { (attributes >> 16) & 0o170_000 } else { 0 };
    match mode {
        0 | 0o100_000 | 0o040_000 => {}
        0o120_000 => return Err(UnpackError::Link { path, target: String::new() }),
        0o020_000 | 0o060_000 => return Err(UnpackError::Special { path, what: "a device" }),
        0o010_000 => return Err(UnpackError::Special { path, what: "a pipe" }),
        _ => return Err(UnpackError::Special { path, what: "something unknown" }),
    }
    if path.ends_with('/') || mode == 0o040_000 {
        list.folder(&path)?;
        return Ok(None);
    }
    if flags & (ENCRYPTED | STRONG | MASKED) != 0 || method == AES {
        return Err(UnpackError::Encrypted(path));
    }
    let Some(method) = Method::of(method) else { return Err(UnpackError::Method { path, method }) };
    let (size, packed, offset) = numbers(record, extra).ok_or_else(|| damaged(&path, "its record has no sizes"))?;
    if method == Method::Stored && size != packed {
        return Err(damaged(&path, "it has two sizes"));
    }
    let mut head = [0; HEAD];
    let is_inside = offset.checked_add(HEAD as u64).is_some_and(|end| end <= list_begin);
    if !is_inside {
        return Err(damaged(&path, "it is not where the list says"));
    }
    archive.read_exact_at(&mut head, offset)?;
    if four(&head, 0) != HEAD_MARK {
        return Err(damaged(&path, "it is not where the list says"));
    }
    let mut own = vec![0; usize::from(two(&head, 26))];
    archive.read_exact_at(&mut own, offset + HEAD as u64).map_err(|_| damaged(&path, "its head is cut off"))?;
    if own != name {
        return Err(damaged(&path, "the head of its bytes has another name"));
    }
    let data = offset + HEAD as u64 + own.len() as u64 + u64::from(two(&head, 28));
    let end = data.checked_add(packed).filter(|end| *end <= list_begin);
    let end = end.ok_or_else(|| damaged(&path, "its bytes are cut off"))?;
    let crc32 = Some(four(record, 16));
    let number = list.file(&path, Listed { offset: data, packed, size, method, crc32 })?;
    Ok(Some((offset, end, number)))
}

fn damaged(path: &str, why: &str) -> UnpackError {
    UnpackError::damaged(Some(path), why)
}

/// A file's size, how many bytes it takes up, and where its head is. Numbers that need more room stand in a field, in this order.
fn numbers(record: &[u8], extra: &[u8]) -> Option<(u64, u64, u64)> {
    let large = fields(extra).find(|(id, _)| *id == ZIP64).map(|(_, value)| value).unwrap_or_default();
    let mut at = 0;
    let mut number = |short: u32| {
        if short < u32::MAX {
            return Some(u64::from(short));
        }
        let value = large.get(at..at + 8)?;
        at += 8;
        Some(eight(value, 0))
    };
    let (size, packed, offset) = (number(four(record, 24))?, number(four(record, 20))?, number(four(record, 42))?);
    Some((size, packed, offset))
}
