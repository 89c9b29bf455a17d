//! Archives that people bring: ZIP, and TAR as it is or compressed with gzip, bzip2, xz or Zstandard.
//!
//! [`Unpacked::open`] looks at everything that an archive says of its files before any of them is read, and refuses the archive
//! with a reason that names the file. Then each file can be opened as often as needed. A ZIP and a plain TAR are read where they
//! are; a compressed TAR is decompressed once into a file without a name, which goes with the process at the latest. Memory is
//! needed for the list of files and for one decoder, however large the archive is.
//!
//! What an archive is its first bytes say, never its name. Archives in archives are files like others: nobody opens them here.
//!
//! Sources of the formats: APPNOTE.TXT 6.3.10 of PKWARE for ZIP; POSIX.1-2024, pax, and the manual of GNU tar 1.35, "Basic Tar
//! Format", for TAR; RFC 8878 for Zstandard.

mod code_page;
mod error;
mod list;
mod streams;
mod tar_list;
#[cfg(test)]
mod tests;
mod zip_list;

pub use error::UnpackError;

use super::annotations::{Files, has_extension, is_picture};
use list::{List, Listed};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use streams::{Compression, Slice};

/// How large an archive may be, packed and unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpackLimits {
    /// It has at most so many files and folders.
    pub entries: u64,
    /// Its files have at most so many bytes together. For a compressed TAR what stands between them counts as well.
    pub bytes: u64,
    /// A file has at most so many bytes.
    pub entry_bytes: u64,
    /// What is unpacked has at most so many bytes for each packed one, as soon as it is more than [`free_bytes`](Self::free_bytes).
    pub ratio: u64,
    /// So many bytes may come from as few as they like: an image of one colour is no bomb.
    pub free_bytes: u64,
    /// A path has at most so many bytes.
    pub path_bytes: usize,
    /// All paths together have at most so many bytes, since they are kept in memory.
    pub all_path_bytes: u64,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self {
            entries: 500_000,
            bytes: 100 << 30,
            entry_bytes: 8 << 30,
            ratio: 200,
            free_bytes: 64 << 20,
            path_bytes: 1000,
            all_path_bytes: 128 << 20,
        }
    }
}

impl UnpackLimits {
    /// Whether so many bytes from so few are what only a bomb does.
    fn is_bomb(&self, packed: u64, unpacked: u64) -> bool {
        unpacked > self.free_bytes && unpacked / self.ratio.max(1) > packed
    }
}

/// Which archive it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackedKind {
    /// ZIP.
    Zip,
    /// TAR without compression.
    Tar,
    /// TAR in gzip.
    TarGzip,
    /// TAR in bzip2.
    TarBzip2,
    /// TAR in xz.
    TarXz,
    /// TAR in Zstandard.
    TarZstd,
}

/// What a file is for, as far as its name says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// It is called as images are.
    Image,
    /// It is called as tables are.
    Table,
    /// Anything else.
    Other,
}

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedFile {
    /// Its path, with `/` between folders: never absolute, never leading out, and none like it in the archive.
    pub path: String,
    /// Its length in bytes. An archive that says the wrong one breaks while the file is read.
    pub size: u64,
    /// What it is for.
    pub kind: EntryKind,
}

/// An archive whose files can be read.
pub struct Unpacked {
    source: Arc<File>,
    kind: PackedKind,
    files: Vec<PackedFile>,
    places: Vec<Listed>,
    /// The places of the files in the order of their paths.
    by_path: Vec<usize>,
    passed_over: u64,
}

/// Endings of names that tables have.
const TABLES: [&str; 3] = ["csv", "tsv", "tab"];

fn kind_of(path: &str) -> EntryKind {
    match () {
        () if is_picture(path) => EntryKind::Image,
        () if has_extension(path, &TABLES) => EntryKind::Table,
        () => EntryKind::Other,
    }
}

/// What stands at the beginning of a file.
enum Beginning {
    Zip,
    Tar,
    Packed(Compression),
}

fn beginning(file: &File, length: u64) -> Result<Beginning, UnpackError> {
    if length == 0 {
        return Err(UnpackError::NoBytes);
    }
    let mut block = [0; tar_list::BLOCK];
    let mut count = 0;
    while count < block.len() {
        match file.read_at(&mut block[count..], count as u64)? {
            0 => break,
            more => count += more,
        }
    }
    match &block[..count] {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Ok(Beginning::Zip),
        [b'P', b'K', 7, 8, ..] => Err(UnpackError::Unsupported("a ZIP in several parts")),
        [b'R', b'a', b'r', b'!', ..] => Err(UnpackError::Unsupported("a RAR archive")),
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Err(UnpackError::Unsupported("a 7-Zip archive")),
        head => match Compression::of(head) {
            Some(compression) => Ok(Beginning::Packed(compression)),
            None if tar_list::is_header(&block) || (count == block.len() && block.iter().all(|byte| *byte == 0)) => {
                Ok(Beginning::Tar)
            }
            None => Err(UnpackError::UnknownKind),
        },
    }
}

impl Unpacked {
    /// Opens an archive. What has to be unpacked as a whole goes to a file in the folder `spool`.
    pub fn open(archive: File, spool: &Path, limits: &UnpackLimits) -> Result<Self, UnpackError> {
        Self::open_while(archive, spool, limits, &|| true)
    }

    /// Does the same as long as `go_on` says so, and fails as an interrupted reading where it does not.
    pub fn open_while(
        archive: File,
        spool: &Path,
        limits: &UnpackLimits,
        go_on: &dyn Fn() -> bool,
    ) -> Result<Self, UnpackError> {
        let length = archive.metadata()?.len();
        let archive = Arc::new(archive);
        let mut list = List::new(*limits);
        let (kind, source) = match beginning(&archive, length)? {
            Beginning::Zip => {
                zip_list::read(&archive, length, &mut list)?;
                (PackedKind::Zip, archive)
            }
            Beginning::Tar => {
                tar_list::read(&archive, length, &mut list)?;
                (PackedKind::Tar, archive)
            }
            Beginning::Packed(compression) => {
                let whole = streams::spooled(Slice::new(&archive, 0, length), compression, spool, limits, go_on)?;
                let length = whole.metadata()?.len();
                if length == 0 {
                    return Err(UnpackError::Nothing);
                }
                if !matches!(beginning(&whole, length), Ok(Beginning::Tar)) {
                    return Err(UnpackError::NoTar(compression.name()));
                }
                tar_list::read(&whole, length, &mut list)?;
                (compression.of_tar(), Arc::new(whole))
            }
        };
        let (named, passed_over) = list.finish()?;
        let mut unpacked = Self {
            source,
            kind,
            files: Vec::with_capacity(named.len()),
            places: Vec::with_capacity(named.len()),
            by_path: (0..named.len()).collect(),
            passed_over,
        };
        for (path, place) in named {
            unpacked.files.push(PackedFile { kind: kind_of(&path), size: place.size, path });
            unpacked.places.push(place);
        }
        let files = &unpacked.files;
        unpacked.by_path.sort_unstable_by(|a, b| files[*a].path.cmp(&files[*b].path));
        Ok(unpacked)
    }

    /// Which archive it is.
    pub fn kind(&self) -> PackedKind {
        self.kind
    }

    /// Its files, in the order of the archive.
    pub fn files(&self) -> &[PackedFile] {
        &self.files
    }

    /// How many files were passed over that macOS and Windows leave in folders.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// The one table in it.
    pub fn table(&self) -> Result<&PackedFile, UnpackError> {
        let mut tables = self.files.iter().filter(|file| file.kind == EntryKind::Table);
        match (tables.next(), tables.next()) {
            (None, _) => Err(UnpackError::NoTable),
            (Some(table), None) => Ok(table),
            (Some(first), Some(second)) => {
                let (first, second) = (first.path.clone(), second.path.clone());
                Err(UnpackError::SeveralTables { first, second, count: 2 + tables.count() })
            }
        }
    }

    /// Opens the file with this path from its beginning. Reading ends with an error where the archive turns out to be damaged.
    pub fn reader(&self, path: &str) -> io::Result<Box<dyn Read + Send>> {
        let found = self.by_path.binary_search_by(|number| self.files[*number].path.as_str().cmp(path));
        let found = found.map_err(|_| io::Error::new(io::ErrorKind::NotFound, "there is no such file in the archive"));
        streams::opened(&self.source, &self.places[self.by_path[found?]])
    }
}

impl Files for Unpacked {
    fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| file.path.clone()).collect()
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(self.reader(path)?)
    }
}
