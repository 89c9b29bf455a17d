//! ZIP without compression, as APPNOTE.TXT 6.3.10 of PKWARE describes it.
//!
//! Where the checksum of a file is not known before its bytes are read, it stands behind them (a data descriptor, section 4.3.9). Sizes and places of
//! four gigabytes and more, and more than 65,534 files, are said in the fields of ZIP64 (sections 4.3.14, 4.3.15 and 4.5.3).

use super::archive::{Archive, Entry, Piece};
use crate::query::date::civil_from_days;

/// What stands in a field of four bytes whose value is in a field of eight.
const ELSEWHERE: u32 = u32::MAX;
/// What stands in a field of two bytes whose value is in a field of eight.
const ELSEWHERE_16: u16 = u16::MAX;
/// The version of the format that a program has to know: with large files, and without.
const VERSION_ZIP64: u16 = 45;
const VERSION: u16 = 20;
/// A file for which the owner's rights are those of Unix.
const MADE_BY_UNIX: u16 = 3 << 8;
/// The path is UTF-8.
const UTF8: u16 = 1 << 11;
/// A descriptor follows.
const DESCRIBED: u16 = 1 << 3;
/// A regular file that its owner may write and everybody may read.
const MODE: u32 = 0o100_644 << 16;
/// The id of the field with large numbers.
const ZIP64: u16 = 1;

const HEAD: u64 = 30;
const TAIL: u64 = 16;
const RECORD: u64 = 46;
const END: u64 = 22;
const END_ZIP64: u64 = 56 + 20;

fn is_large(number: u64) -> bool {
    number >= u64::from(ELSEWHERE)
}

/// A number in four bytes, or the mark that it is elsewhere.
fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

/// The numbers of a file that its record has to say elsewhere: its size twice, and where it begins.
fn large_numbers(archive: &Archive, file: usize) -> Vec<u64> {
    let (size, offset) = (archive.entries[file].size, archive.offsets[file]);
    let mut numbers = if is_large(size) { vec![size; 2] } else { Vec::new() };
    if is_large(offset) {
        numbers.push(offset);
    }
    numbers
}

/// Whether the end of the archive has numbers that need more room.
fn ends_large(archive: &Archive, records: u64) -> bool {
    let files = archive.entries.len();
    files >= usize::from(ELSEWHERE_16) || is_large(archive.offsets[files]) || is_large(records)
}

fn length_of_records(archive: &Archive) -> u64 {
    (0..archive.entries.len()).map(|file| length_of(archive, Piece::Record(file))).sum()
}

/// How long a piece is that is no file's bytes.
pub(super) fn length_of(archive: &Archive, piece: Piece) -> u64 {
    let (path, size) = match piece {
        Piece::Head(file) | Piece::Content(file) | Piece::Tail(file) | Piece::Record(file) => {
            (archive.entries[file].path.len() as u64, archive.entries[file].size)
        }
        Piece::End => (0, 0),
    };
    match piece {
        Piece::Head(_) => HEAD + path + if is_large(size) { 20 } else { 0 },
        Piece::Content(_) => size,
        Piece::Tail(file) if archive.entries[file].crc32.is_some() => 0,
        Piece::Tail(_) => TAIL + if is_large(size) { 8 } else { 0 },
        Piece::Record(file) => {
            let numbers = large_numbers(archive, file).len() as u64;
            RECORD + path + if numbers > 0 { 4 + 8 * numbers } else { 0 }
        }
        Piece::End => END + if ends_large(archive, length_of_records(archive)) { END_ZIP64 } else { 0 },
    }
}

/// Bytes that grow by little-endian numbers.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn two(mut self, numbers: &[u16]) -> Self {
        self.0.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        self
    }

    fn four(mut self, numbers: &[u32]) -> Self {
        self.0.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        self
    }

    fn eight(mut self, numbers: &[u64]) -> Self {
        self.0.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        self
    }

    fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }
}

/// Time and date as MS-DOS said them: two seconds exact, from 1980 to 2107.
fn time_and_date(unix: i64) -> [u16; 2] {
    let (year, month, day) = civil_from_days(unix.div_euclid(86_400));
    let second = unix.rem_euclid(86_400);
    match year {
        ..1980 => [0, (1 << 5) | 1],
        1980..=2107 => {
            let time = ((second / 3600) << 11) | ((second / 60 % 60) << 5) | ((second % 60) / 2);
            [time as u16, (((year - 1980) << 9) | (month << 5) | day) as u16]
        }
        _ => [(23 << 11) | (59 << 5) | 29, (127 << 9) | (12 << 5) | 31],
    }
}

fn flags(entry: &Entry) -> u16 {
    if entry.crc32.is_some() { UTF8 } else { UTF8 | DESCRIBED }
}

/// Writes a piece that is no file's bytes.
pub(super) fn write(archive: &Archive, piece: Piece, checksums: &[u32]) -> Vec<u8> {
    let fields = Fields::default();
    let when = time_and_date(archive.modified);
    match piece {
        Piece::Head(file) => {
            let entry = &archive.entries[file];
            let (path, large) = (entry.path.as_bytes(), is_large(entry.size));
            let [version, extra] = if large { [VERSION_ZIP64, 20] } else { [VERSION, 0] };
            // A descriptor says them in as many bytes as there are here.
            let size = entry.crc32.map_or(0, |_| entry.size);
            let short = if large { ELSEWHERE } else { short(size) };
            let head = fields.four(&[0x0403_4b50]).two(&[version, flags(entry), 0]).two(&when);
            let head = head.four(&[entry.crc32.unwrap_or(0), short, short]);
            let head = head.two(&[path.len() as u16, extra]).bytes(path);
            if large { head.two(&[ZIP64, 16]).eight(&[size; 2]) } else { head }
        }
        Piece::Tail(file) if archive.entries[file].crc32.is_some() => fields,
        Piece::Tail(file) => {
            let size = archive.entries[file].size;
            let tail = fields.four(&[0x0807_4b50, checksums[file]]);
            if is_large(size) { tail.eight(&[size, size]) } else { tail.four(&[short(size); 2]) }
        }
        Piece::Record(file) => {
            let entry = &archive.entries[file];
            let (path, numbers) = (entry.path.as_bytes(), large_numbers(archive, file));
            let extra = if numbers.is_empty() { 0 } else { 4 + 8 * numbers.len() as u16 };
            let version = if numbers.is_empty() { VERSION } else { VERSION_ZIP64 };
            let record = fields.four(&[0x0201_4b50]).two(&[MADE_BY_UNIX | VERSION_ZIP64, version, flags(entry), 0]);
            let checksum = entry.crc32.unwrap_or_else(|| checksums[file]);
            let record = record.two(&when).four(&[checksum, short(entry.size), short(entry.size)]);
            let record = record.two(&[path.len() as u16, extra, 0, 0, 0]);
            let record = record.four(&[MODE, short(archive.offsets[file])]).bytes(path);
            if extra == 0 { record } else { record.two(&[ZIP64, extra - 4]).eight(&numbers) }
        }
        Piece::End => {
            let files = archive.entries.len();
            let (records, begin) = (length_of_records(archive), archive.offsets[files]);
            let large = ends_large(archive, records);
            let end = if large {
                let files = files as u64;
                // Its own length does not count its first twelve bytes.
                let end =
                    fields.four(&[0x0606_4b50]).eight(&[56 - 12]).two(&[MADE_BY_UNIX | VERSION_ZIP64, VERSION_ZIP64]);
                let end = end.four(&[0, 0]).eight(&[files, files, records, begin]);
                end.four(&[0x0706_4b50, 0]).eight(&[begin + records]).four(&[1])
            } else {
                fields
            };
            let files = u16::try_from(files).unwrap_or(ELSEWHERE_16);
            end.four(&[0x0605_4b50]).two(&[0, 0, files, files]).four(&[short(records), short(begin)]).two(&[0])
        }
        Piece::Content(_) => fields,
    }
    .0
}

#[cfg(test)]
mod tests {
    use super::time_and_date;

    #[test]
    fn times_are_those_of_their_format() {
        // 2023-11-14 22:13:20
        assert_eq!(time_and_date(1_700_000_000), [(22 << 11) | (13 << 5) | 10, (43 << 9) | (11 << 5) | 14]);
        assert_eq!(time_and_date(-1), [0, 33]);
        assert_eq!(time_and_date(5_000_000_000)[1] >> 9, 127);
    }
}
