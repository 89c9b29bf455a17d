//! TAR in the format of POSIX.1-2001 ("pax"): headers of 512 bytes, before which a path or size that has no room stands in an extended
//! header.

use super::archive::{Archive, Entry, Piece};
use ::tar::{EntryType, Header};

/// Everything begins at a multiple of this.
const BLOCK: u64 = 512;
/// An archive ends with two blocks of nothing.
const END: u64 = 2 * BLOCK;
/// A path of so many bytes, all of them ASCII, stands in the header itself.
const PATH: usize = 100;
/// From this size on, eleven octal digits do not hold it.
const LARGE: u64 = 1 << 33;
/// A file that its owner may write and everybody may read.
const MODE: u32 = 0o644;

fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK) - size
}

/// A line of an extended header: its length, which counts itself, a key and a value.
fn record(key: &str, value: &str) -> String {
    // A space, an equals sign and a line break.
    let rest = key.len() + value.len() + 3;
    let mut length = rest;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

/// What does not fit into a file's header.
fn extended(entry: &Entry) -> String {
    let mut records = String::new();
    if entry.path.len() > PATH || !entry.path.is_ascii() {
        records.push_str(&record("path", &entry.path));
    }
    if entry.size >= LARGE {
        records.push_str(&record("size", &entry.size.to_string()));
    }
    records
}

/// How long a piece is that is no file's bytes.
pub(super) fn length_of(archive: &Archive, piece: Piece) -> u64 {
    match piece {
        Piece::Head(file) => match extended(&archive.entries[file]).len() as u64 {
            0 => BLOCK,
            records => BLOCK + records.next_multiple_of(BLOCK) + BLOCK,
        },
        Piece::Content(file) => archive.entries[file].size,
        Piece::Tail(file) => padding(archive.entries[file].size),
        Piece::Record(_) => 0,
        Piece::End => END,
    }
}

fn header(kind: EntryType, path: &[u8], size: u64, modified: i64) -> Header {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    let name = &mut header.as_old_mut().name;
    let length = path.len().min(name.len());
    name[..length].copy_from_slice(&path[..length]);
    header.set_mode(MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(u64::try_from(modified).unwrap_or_default());
    header.set_size(size);
    header.set_cksum();
    header
}

/// Writes a piece that is no file's bytes.
pub(super) fn write(archive: &Archive, piece: Piece) -> Vec<u8> {
    let mut bytes = Vec::new();
    match piece {
        Piece::Head(file) => {
            let entry = &archive.entries[file];
            let records = extended(entry);
            let path = entry.path.as_bytes();
            if !records.is_empty() {
                let size = records.len() as u64;
                bytes.extend(header(EntryType::XHeader, b"PaxHeader", size, archive.modified).as_bytes());
                bytes.extend(records.as_bytes());
                bytes.resize(bytes.len() + padding(size) as usize, 0);
            }
            // Programs that do not know of extended headers see the beginning of the path.
            bytes.extend(header(EntryType::Regular, path, entry.size.min(LARGE - 1), archive.modified).as_bytes());
        }
        Piece::Tail(file) => bytes.resize(padding(archive.entries[file].size) as usize, 0),
        Piece::End => bytes.resize(END as usize, 0),
        Piece::Content(_) | Piece::Record(_) => {}
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::record;

    #[test]
    fn a_line_counts_itself() {
        assert_eq!(record("path", "a"), "9 path=a\n");
        let long = record("path", &"x".repeat(90));
        assert!(long.starts_with(&format!("{} ", long.len())), "{long}");
        for length in 1..1200 {
            let line = record("path", &"x".repeat(length));
            assert!(line.starts_with(&format!("{} ", line.len())));
        }
    }
}
