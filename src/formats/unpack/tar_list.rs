//! What a TAR says of its files: a block with a head before the bytes of each.

use super::error::UnpackError;
use super::list::{List, Listed};
use super::streams::Method;
use std::fs::File;
use std::os::unix::fs::FileExt;
use tar::{EntryType, Header};

/// Everything in a TAR begins at a multiple of so many bytes.
pub(super) const BLOCK: usize = 512;
/// What is said of a file beside its head has at most so many bytes.
const MAX_EXTENSION: u64 = 1 << 20;
/// It stands in at most so many parts. Programs write three: a long path, a long target, and what pax knows.
const MAX_EXTENSIONS: u32 = 16;

/// Whether a block is the head of a file: it holds the sum of its own bytes, those of the sum counted as spaces.
pub(super) fn is_header(block: &[u8; BLOCK]) -> bool {
    let sum: u32 =
        block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) }).sum();
    Header::from_byte_slice(block).cksum().is_ok_and(|said| said == sum)
}

/// What extensions say of the file after them.
#[derive(Default)]
struct Extension {
    path: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
    is_sparse: bool,
    /// In how many parts it has been said.
    parts: u32,
}

/// Lists what is in a TAR of this length.
pub(super) fn read(archive: &File, length: u64, list: &mut List) -> Result<(), UnpackError> {
    let (mut at, mut extension, mut last) = (0_u64, Extension::default(), None::<String>);
    loop {
        let mut block = [0; BLOCK];
        if length.saturating_sub(at) < BLOCK as u64 {
            // Whoever accepts an archive without its end cannot know that files are missing.
            return Err(UnpackError::damaged(last.as_deref(), "what follows it is cut off"));
        }
        archive.read_exact_at(&mut block, at)?;
        if block.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if !is_header(&block) {
            return Err(UnpackError::damaged(last.as_deref(), "what follows it is no head of a file"));
        }
        let header = Header::from_byte_slice(&block);
        let kind = header.entry_type();
        let is_extension = kind.is_gnu_longname()
            || kind.is_gnu_longlink()
            || kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions();
        let said = header.entry_size();
        let said =
            said.map_err(|_| UnpackError::damaged(last.as_deref(), "the size of what follows it cannot be read"))?;
        let size = extension.size.filter(|_| !is_extension).unwrap_or(said);
        let data = at + BLOCK as u64;
        let end = data.checked_add(size).filter(|end| *end <= length);
        let whole = |path: &str| end.ok_or_else(|| UnpackError::damaged(Some(path), "its bytes are cut off"));
        if is_extension {
            extension.parts += 1;
            if extension.parts > MAX_EXTENSIONS {
                return Err(UnpackError::damaged(last.as_deref(), "too much is said of the file that follows it"));
            }
            let end = whole(last.as_deref().unwrap_or_default())?;
            extend(archive, data, size, kind, &mut extension)?;
            at = end.next_multiple_of(BLOCK as u64);
            continue;
        }
        list.count()?;
        let extension = std::mem::take(&mut extension);
        let bytes = extension.path.unwrap_or_else(|| header.path_bytes().into_owned());
        let path = String::from_utf8(bytes)
            .map_err(|error| UnpackError::path(&String::from_utf8_lossy(error.as_bytes()), "is not in UTF-8"))?;
        let target = extension.target.or_else(|| header.link_name_bytes().map(|name| name.into_owned()));
        let target = String::from_utf8_lossy(&target.unwrap_or_default()).into_owned();
        let special = |what| UnpackError::Special { path: path.clone(), what };
        if list.passes_over(&path) {
            at = whole(&path)?.next_multiple_of(BLOCK as u64);
            continue;
        }
        if extension.is_sparse {
            return Err(special("a file with holes (sparse)"));
        }
        match kind {
            // Before there was a mark for folders, they were files whose name ends with a slash.
            EntryType::Regular | EntryType::Continuous if path.ends_with('/') => list.folder(&path)?,
            EntryType::Directory => list.folder(&path)?,
            EntryType::Regular | EntryType::Continuous => {
                whole(&path)?;
                let place = Listed { offset: data, packed: size, size, method: Method::Stored, crc32: None };
                list.file(&path, place)?;
            }
            EntryType::Link | EntryType::Symlink => return Err(UnpackError::Link { path, target }),
            EntryType::Char | EntryType::Block => return Err(special("a device")),
            EntryType::Fifo => return Err(special("a pipe")),
            EntryType::GNUSparse => return Err(special("a file with holes (sparse)")),
            _ => return Err(special("something unknown")),
        }
        at = whole(&path)?.next_multiple_of(BLOCK as u64);
        last = Some(path);
    }
}

/// Takes in what is said of the file that follows.
fn extend(archive: &File, data: u64, size: u64, kind: EntryType, extension: &mut Extension) -> Result<(), UnpackError> {
    // What is said of all files that follow is nothing that is needed here.
    if kind.is_pax_global_extensions() {
        return Ok(());
    }
    if size > MAX_EXTENSION {
        return Err(UnpackError::damaged(None, "what it says of a file is too long"));
    }
    let mut bytes = vec![0; size as usize];
    archive.read_exact_at(&mut bytes, data)?;
    if kind.is_pax_local_extensions() {
        return pax(&bytes, extension)
            .ok_or_else(|| UnpackError::damaged(None, "what it says of a file cannot be read"));
    }
    // GNU's long names end with a zero.
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    if kind.is_gnu_longname() {
        extension.path = Some(bytes);
    } else {
        extension.target = Some(bytes);
    }
    Ok(())
}

/// Reads records of the form `25 path=a/very/long/path\n`, each of which begins with its own length.
fn pax(mut bytes: &[u8], extension: &mut Extension) -> Option<()> {
    while !bytes.is_empty() {
        let space = bytes.iter().take(20).position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
        let record = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = record.iter().position(|byte| *byte == b'=')?;
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" => extension.path = Some(value.to_vec()),
            b"linkpath" => extension.target = Some(value.to_vec()),
            b"size" => extension.size = Some(std::str::from_utf8(value).ok()?.parse().ok()?),
            key if key.starts_with(b"GNU.sparse.") => extension.is_sparse = true,
            _ => {}
        }
        bytes = &bytes[length..];
    }
    Some(())
}
