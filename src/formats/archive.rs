//! Archives that are written while they are sent.
//!
//! Nothing in them is compressed: pictures are already. So their length and the place of everything in them are known before the
//! first byte of a file is read, and any part of an archive can be written without what comes before it. The same files make the same
//! archive, byte for byte.

use super::{tar, zip};
use crate::model::ArchiveKind as Kind;
use std::ops::Range;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path, relative, with `/` between its parts.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// The checksum of its bytes (CRC-32), if it is known before they are read.
    pub crc32: Option<u32>,
}

/// A part of an archive. Files are named by their places in the list of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// What stands before a file's bytes.
    Head(usize),
    /// A file's bytes.
    Content(usize),
    /// What stands behind them.
    Tail(usize),
    /// What the list at the end of a ZIP says of a file.
    Record(usize),
    /// What stands behind everything.
    End,
}

/// What is in an archive, and where.
#[derive(Clone, Debug)]
pub struct Archive {
    pub(super) kind: Kind,
    pub(super) entries: Vec<Entry>,
    /// When everything in it was changed, in Unix seconds.
    pub(super) modified: i64,
    /// Where each file's head begins, and behind them where the last tail ends.
    pub(super) offsets: Vec<u64>,
    length: u64,
}

impl Archive {
    /// An archive of these files in this order, all of which were changed at this time, in Unix seconds.
    pub fn new(kind: Kind, entries: Vec<Entry>, modified: i64) -> Self {
        let mut archive = Self { kind, entries, modified, offsets: Vec::new(), length: 0 };
        let mut offsets = Vec::with_capacity(archive.entries.len() + 1);
        let mut end = 0;
        for file in 0..archive.entries.len() {
            offsets.push(end);
            end += [Piece::Head(file), Piece::Content(file), Piece::Tail(file)]
                .map(|piece| archive.length_of(piece))
                .iter()
                .sum::<u64>();
        }
        offsets.push(end);
        archive.offsets = offsets;
        let rest = (3 * archive.entries.len()..).map_while(|index| archive.piece(index));
        archive.length = end + rest.map(|piece| archive.length_of(piece)).sum::<u64>();
        archive
    }

    /// Which archive it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The files.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How long the whole is, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The piece at this place; none behind the last.
    pub fn piece(&self, index: usize) -> Option<Piece> {
        let files = self.entries.len();
        let records = if self.kind == Kind::Zip { files } else { 0 };
        match (index / 3, index % 3) {
            (file, 0) if file < files => Some(Piece::Head(file)),
            (file, 1) if file < files => Some(Piece::Content(file)),
            (file, _) if file < files => Some(Piece::Tail(file)),
            _ => match index - 3 * files {
                record if record < records => Some(Piece::Record(record)),
                end if end == records => Some(Piece::End),
                _ => None,
            },
        }
    }

    /// How long a piece is, in bytes.
    pub fn length_of(&self, piece: Piece) -> u64 {
        if let Piece::Content(file) = piece {
            return self.entries[file].size;
        }
        match self.kind {
            Kind::Zip => zip::length_of(self, piece),
            Kind::Tar => tar::length_of(self, piece),
        }
    }

    /// Whether a part of the archive says what the checksum of a file's bytes is.
    pub fn needs_checksum(&self, file: usize, part: &Range<u64>) -> bool {
        if self.kind != Kind::Zip || self.entries[file].crc32.is_some() {
            return false;
        }
        let end = self.offsets[file + 1];
        let tail = end - self.length_of(Piece::Tail(file))..end;
        let records = self.offsets[self.entries.len()];
        part.end > records || (part.start < tail.end && part.end > tail.start)
    }

    /// Where in the archive a file begins, with its head.
    pub fn begin_of(&self, file: usize) -> u64 {
        self.offsets[file]
    }

    /// The place of the last piece with which a part may begin that begins there in the archive, and where in the archive that piece
    /// begins.
    pub fn piece_at(&self, position: u64) -> (usize, u64) {
        // Only what stands behind all files is not listed by where it begins.
        let file = self.offsets.partition_point(|offset| *offset <= position).saturating_sub(1);
        (3 * file, self.offsets[file])
    }

    /// Writes a piece that is no file's bytes. The checksums are those of the files' bytes (CRC-32) that their entries do not tell, and
    /// have to be there for the files that [`needs_checksum`](Self::needs_checksum) names.
    pub fn write(&self, piece: Piece, checksums: &[u32]) -> Vec<u8> {
        match self.kind {
            Kind::Zip => zip::write(self, piece, checksums),
            Kind::Tar => tar::write(self, piece),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The checksum of every other file is known before.
    fn told(bytes: &[u8]) -> Option<u32> {
        bytes.len().is_multiple_of(2).then(|| crc32fast::hash(bytes))
    }

    /// The whole archive of these files.
    fn whole(kind: Kind, files: &[(String, Vec<u8>)]) -> (Archive, Vec<u8>) {
        let entries = files.iter().map(|(path, bytes)| Entry {
            path: path.clone(),
            size: bytes.len() as u64,
            crc32: told(bytes),
        });
        let archive = Archive::new(kind, entries.collect(), 1_700_000_001);
        let checksums: Vec<u32> = files.iter().map(|(_, bytes)| crc32fast::hash(bytes)).collect();
        let mut written = Vec::new();
        for piece in (0..).map_while(|index| archive.piece(index)) {
            let bytes = match piece {
                Piece::Content(file) => files[file].1.clone(),
                other => archive.write(other, &checksums),
            };
            assert_eq!(bytes.len() as u64, archive.length_of(piece), "{piece:?}");
            written.extend(bytes);
        }
        (archive, written)
    }

    fn files() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
        let path = "[a-zäß日 ]{1,20}(/[a-z0-9.]{1,60}){0,4}";
        let bytes = proptest::collection::vec(any::<u8>(), 0..1500);
        proptest::collection::btree_map(path, bytes, 0..8).prop_map(|files| files.into_iter().collect())
    }

    proptest! {
        #[test]
        fn another_program_reads_the_tar(files in files()) {
            let (archive, written) = whole(Kind::Tar, &files);
            prop_assert_eq!(archive.length(), written.len() as u64);
            let mut reader = ::tar::Archive::new(written.as_slice());
            let mut found = Vec::new();
            for entry in reader.entries().unwrap() {
                let mut entry = entry.unwrap();
                prop_assert_eq!(entry.header().mtime().unwrap(), 1_700_000_001);
                let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
                found.push((path, bytes));
            }
            prop_assert_eq!(found, files);
        }

        #[test]
        fn what_says_its_checksums_is_read_as_it_comes(files in files()) {
            let files: Vec<_> = files.into_iter().filter(|(_, bytes)| told(bytes).is_some()).collect();
            let (archive, written) = whole(Kind::Zip, &files);
            let mut reader = written.as_slice();
            for (path, bytes) in &files {
                let mut file = ::zip::read::read_zipfile_from_stream(&mut reader).unwrap().unwrap();
                prop_assert_eq!(file.name_raw(), path.as_bytes());
                let mut found = Vec::new();
                std::io::Read::read_to_end(&mut file, &mut found).unwrap();
                prop_assert_eq!(&found, bytes);
            }
            prop_assert!((0..files.len()).all(|file| !archive.needs_checksum(file, &(0..archive.length()))));
        }

        #[test]
        fn pieces_are_found_by_where_they_begin(files in files(), zip in any::<bool>(), at in 0.0..1.0) {
            let (archive, written) = whole(if zip { Kind::Zip } else { Kind::Tar }, &files);
            let at = (at * written.len() as f64) as u64;
            let (piece, begin) = archive.piece_at(at);
            let before: u64 = (0..piece).map_while(|index| archive.piece(index)).map(|piece| archive.length_of(piece)).sum();
            prop_assert!(begin == before && begin <= at);
        }

        #[test]
        fn another_program_reads_the_zip(files in files()) {
            let (archive, written) = whole(Kind::Zip, &files);
            prop_assert_eq!(archive.length(), written.len() as u64);
            let mut reader = ::zip::ZipArchive::new(std::io::Cursor::new(written)).unwrap();
            let mut found = Vec::new();
            for index in 0..reader.len() {
                let mut file = reader.by_index(index).unwrap();
                let mut bytes = Vec::new();
                // Reading to the end compares the checksum.
                std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
                found.push((String::from_utf8(file.name_raw().to_vec()).unwrap(), bytes));
            }
            prop_assert_eq!(found, files);
        }
    }

    #[test]
    fn large_files_and_many_have_room() {
        let large = |path: &str, size| Entry { path: path.to_owned(), size, crc32: None };
        let entries = vec![large("a", 5_000_000_000), large("b", 10), large("c", u64::from(u32::MAX))];
        let archive = Archive::new(Kind::Zip, entries, 0);
        // What comes after 4 GiB says so in places of eight bytes.
        let record = archive.write(Piece::Record(1), &[0; 3]);
        assert_eq!(record.len() as u64, archive.length_of(Piece::Record(1)));
        assert_eq!(&record[42..46], &[0xff; 4]);
        assert_eq!(&record[record.len() - 8..], &archive.offsets[1].to_le_bytes());
        assert_eq!(&record[24..28], &10_u32.to_le_bytes());
        assert_eq!(archive.write(Piece::Tail(0), &[7; 3]).len(), 24);
        assert_eq!(archive.write(Piece::Tail(1), &[7; 3]).len(), 16);
        let end = archive.write(Piece::End, &[]);
        assert_eq!(end.len() as u64, archive.length_of(Piece::End));
        assert_eq!(&end[..4], b"PK\x06\x06");

        let many = (0..70_000).map(|number| large(&format!("{number}"), 0)).collect();
        let (archive, checksums) = (Archive::new(Kind::Zip, many, 0), vec![0; 70_000]);
        let mut written = Vec::new();
        for piece in (0..).map_while(|index| archive.piece(index)).filter(|piece| !matches!(piece, Piece::Content(_))) {
            written.extend(archive.write(piece, &checksums));
        }
        assert_eq!(::zip::ZipArchive::new(std::io::Cursor::new(written)).unwrap().len(), 70_000);

        let archive = Archive::new(Kind::Tar, vec![large("a", 10_000_000_000)], 0);
        let head = archive.write(Piece::Head(0), &[]);
        let mut reader = ::tar::Archive::new(head.as_slice());
        assert_eq!(reader.entries().unwrap().next().unwrap().unwrap().size(), 10_000_000_000);
    }

    #[test]
    fn checksums_are_wanted_where_they_are_said() {
        let entries = ["a", "b"].map(|path| Entry { path: path.to_owned(), size: 100, crc32: None });
        let archive = Archive::new(Kind::Zip, entries.to_vec(), 0);
        let first = archive.offsets[1];
        assert!(archive.needs_checksum(0, &(first - 1..first)) && !archive.needs_checksum(1, &(first - 1..first)));
        assert!(!archive.needs_checksum(0, &(0..50)) && !archive.needs_checksum(0, &(first..first + 50)));
        let length = archive.length();
        assert!((0..2).all(|file| archive.needs_checksum(file, &(length - 1..length))));
        let tar = Archive::new(Kind::Tar, entries.to_vec(), 0);
        assert!(!tar.needs_checksum(0, &(0..tar.length())));
    }
}
