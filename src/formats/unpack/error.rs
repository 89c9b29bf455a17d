//! Why an archive is refused.

use std::fmt::{self, Display, Formatter};
use std::io;

/// Why an archive is refused. Paths are as the archive says them.
#[derive(Debug)]
pub enum UnpackError {
    /// The archive or the folder for what is unpacked cannot be read or written. That is no fault of the archive, and what the error
    /// says is for the log.
    Io(io::Error),
    /// The file is empty.
    NoBytes,
    /// It begins like none of the archives that can be read.
    UnknownKind,
    /// It is an archive of a kind that cannot be read.
    Unsupported(&'static str),
    /// It is compressed in this way, and no TAR is inside.
    NoTar(&'static str),
    /// There is no file in it.
    Nothing,
    /// There is no table in it.
    NoTable,
    /// There is more than one table in it.
    SeveralTables {
        /// The first of them.
        first: String,
        /// The next.
        second: String,
        /// How many there are.
        count: usize,
    },
    /// There are more files and folders in it than this.
    TooMany(u64),
    /// Its files have more bytes together than this.
    TooLarge(u64),
    /// The paths of its files have more bytes together than this.
    PathsTooLong(u64),
    /// A file has more bytes than may be.
    FileTooLarge {
        /// The file.
        path: String,
        /// So many bytes may be.
        most: u64,
    },
    /// More is packed into it than files have: a bomb.
    Bomb {
        /// The file; `None` where all of it is packed as one.
        path: Option<String>,
        /// So many bytes may come from one.
        ratio: u64,
    },
    /// A path that no file can have here.
    Path {
        /// The path.
        path: String,
        /// What a path must be, or must not.
        why: String,
    },
    /// Two files with one path, or with paths that are the same where case or the form of Unicode does not count.
    Twice {
        /// The first path.
        first: String,
        /// The other.
        second: String,
    },
    /// A file where another one says that there is a folder.
    FileAndFolder {
        /// The file.
        file: String,
        /// The path that needs a folder there.
        inside: String,
    },
    /// A symbolic or hard link.
    Link {
        /// The link.
        path: String,
        /// What it leads to, where the archive says it beside the name.
        target: String,
    },
    /// Something that is neither file nor folder, such as a device.
    Special {
        /// Its path.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// A file that can be read with a password only.
    Encrypted(String),
    /// A file compressed in a way that cannot be read.
    Method {
        /// The file.
        path: String,
        /// The number of the method.
        method: u16,
    },
    /// The archive is damaged or incomplete.
    Damaged {
        /// The file, where one is at fault.
        path: Option<String>,
        /// What is wrong.
        why: String,
    },
}

impl UnpackError {
    pub(super) fn damaged(path: Option<&str>, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.map(str::to_owned), why: why.into() }
    }

    pub(super) fn path(path: &str, why: impl Into<String>) -> Self {
        Self::Path { path: path.to_owned(), why: why.into() }
    }
}

impl From<io::Error> for UnpackError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::damaged(None, "it ends too early");
        }
        Self::Io(error)
    }
}

/// So many characters of a path are shown.
const SHOWN: usize = 200;

/// A path between marks. What cannot be seen in it is written as what it is.
struct Shown<'a>(&'a str);

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let rest = if self.0.chars().nth(SHOWN).is_some() { "…" } else { "" };
        f.write_str("“")?;
        for c in self.0.chars().take(SHOWN) {
            match c {
                '\\' | '"' | '\'' => write!(f, "{c}")?,
                c => write!(f, "{}", c.escape_debug())?,
            }
        }
        write!(f, "{rest}”")
    }
}

impl Display for UnpackError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the archive cannot be read: {error}"),
            Self::NoBytes => f.write_str("the file is empty"),
            Self::UnknownKind => f.write_str(
                "the file is no archive that can be read here: ZIP, TAR, or TAR in gzip, bzip2, xz or Zstandard",
            ),
            Self::Unsupported(what) => write!(f, "the file is {what}; bring a ZIP or TAR instead"),
            Self::NoTar(compression) => {
                write!(f, "the file is compressed with {compression}, but there is no TAR in it")
            }
            Self::Nothing => f.write_str("there is no file in the archive"),
            Self::NoTable => f.write_str("there is no CSV in the archive; one has to name its files"),
            Self::SeveralTables { first, second, count } => write!(
                f,
                "there are {count} CSV files in the archive, such as {} and {}; there has to be exactly one",
                Shown(first),
                Shown(second)
            ),
            Self::TooMany(most) => write!(f, "there are more than {most} files and folders in the archive"),
            Self::TooLarge(most) => write!(f, "the archive has more than {most} bytes when it is unpacked"),
            Self::PathsTooLong(most) => write!(f, "the paths in the archive have more than {most} bytes together"),
            Self::FileTooLarge { path, most } => write!(f, "{} has more than {most} bytes", Shown(path)),
            Self::Bomb { path, ratio } => {
                match path {
                    Some(path) => Shown(path).fmt(f)?,
                    None => f.write_str("the archive")?,
                }
                write!(f, " becomes more than {ratio} times as large when it is unpacked, as only a bomb does")
            }
            Self::Path { path, why } => write!(f, "the path {} cannot be used: it {why}", Shown(path)),
            Self::Twice { first, second } if first == second => {
                write!(f, "{} is in the archive twice", Shown(first))
            }
            Self::Twice { first, second } => write!(
                f,
                "{} and {} would be one file where upper and lower case, or the ways to write an accent, do not count",
                Shown(first),
                Shown(second)
            ),
            Self::FileAndFolder { file, inside } => {
                write!(f, "{} is a file, but {} needs a folder there", Shown(file), Shown(inside))
            }
            Self::Link { path, target } if target.is_empty() => {
                write!(f, "{} is a link; put the file itself into the archive", Shown(path))
            }
            Self::Link { path, target } => {
                write!(f, "{} is a link to {}; put the file itself into the archive", Shown(path), Shown(target))
            }
            Self::Special { path, what } => write!(f, "{} is {what}, not a file", Shown(path)),
            Self::Encrypted(path) => write!(f, "{} is encrypted; bring an archive without a password", Shown(path)),
            Self::Method { path, method } => write!(
                f,
                "{} is compressed with {}, which cannot be read here; use Deflate or no compression",
                Shown(path),
                method_name(*method)
            ),
            Self::Damaged { path: Some(path), why } => {
                write!(f, "the archive is damaged or incomplete at {}: {why}", Shown(path))
            }
            Self::Damaged { path: None, why } => write!(f, "the archive is damaged or incomplete: {why}"),
        }
    }
}

/// What section 4.4.5 of APPNOTE.TXT calls a method.
fn method_name(method: u16) -> String {
    let name = match method {
        1 => "Shrink",
        2..=5 => "Reduce",
        6 => "Implode",
        9 => "Deflate64",
        14 => "LZMA",
        97 => "WavPack",
        98 => "PPMd",
        number => return format!("method {number}"),
    };
    name.to_owned()
}

impl std::error::Error for UnpackError {}
