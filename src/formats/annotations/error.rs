//! Why a whole input cannot be read, or an output not be written.

use std::fmt::{self, Display, Formatter};
use std::io;

/// Where in a file something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The file as a whole.
    Whole,
    /// A line, from 1.
    Line(u64),
    /// A number of bytes from the beginning.
    Byte(u64),
    /// A path of keys and indices, such as `images[3].width`.
    Path(String),
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Place::Whole => Ok(()),
            Place::Line(line) => write!(f, ", line {line}"),
            Place::Byte(byte) => write!(f, ", byte {byte}"),
            Place::Path(path) => write!(f, ", {path}"),
        }
    }
}

/// Why reading or writing ended early.
#[derive(Debug)]
pub enum FormatError {
    /// The input breaks its format's rules so much that nothing after the place could be trusted.
    Invalid {
        /// Path of the file among the inputs; empty where none is at fault.
        file: String,
        /// Where in the file.
        place: Place,
        /// What is wrong there, as a sentence without a full stop.
        message: String,
    },
    /// The input could not be read, or the output not be written.
    Io {
        /// Path of the file.
        file: String,
        /// Why.
        error: io::Error,
    },
    /// Whoever takes or gives the pictures wanted to stop, and knows why.
    Stopped,
}

impl FormatError {
    pub(in crate::formats) fn invalid(file: &str, place: Place, message: impl Into<String>) -> Self {
        Self::Invalid { file: file.to_owned(), place, message: message.into() }
    }

    pub(in crate::formats) fn io(file: &str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::Io { file: file.to_owned(), error }
    }
}

impl Display for FormatError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { file, place, message } => write!(f, "{file}{place}: {message}"),
            Self::Io { file, error } => write!(f, "{file}: {error}"),
            Self::Stopped => f.write_str("it was stopped"),
        }
    }
}

impl std::error::Error for FormatError {}

/// What a [`Sink`](super::Sink), [`Source`](super::Source) or [`Output`](super::Output) answers to end the work. It keeps the reason itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

impl From<Stopped> for FormatError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
