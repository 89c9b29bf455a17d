//! Tables that people have: CSV in all its forms, whoever wrote it.
//!
//! Reading takes three steps, each of which opens the table anew and needs little memory:
//!
//! 1. [`Dialect::detect`] finds out how it is written: the encoding, what stands between cells, what around them, and whether the
//!    first row names the columns. Whoever knows better says so in [`Wishes`].
//! 2. [`survey()`] walks through it once, and says what is in each column, which of them names files, and what the others may mean.
//! 3. [`Rows`] gives the rows one by one, with the lines on which they begin.
//!
//! RFC 4180 is what programs agree on; beyond it are the line `sep=;` with which Excel begins, lone carriage returns, and
//! quotes around cells of a file that has others.

mod columns;
mod dates;
mod decoding;
mod dialect;
mod rows;
mod survey;
#[cfg(test)]
mod tests;
mod values;

pub use crate::model::import::{Encoding, TableWishes as Wishes};
pub use columns::{Meaning, meaning_of};
pub use dialect::Dialect;
pub use rows::{Row, Rows};
pub use survey::{Column, PlaceColumns, Survey, survey};
pub use values::{ColumnKind, DateOrder};

use std::fmt::{self, Display, Formatter};
use std::io::{self, Read};

/// Opens a table from its beginning.
pub type Opener<'a> = dyn FnMut() -> io::Result<Box<dyn Read + 'a>> + 'a;

/// How large a table may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableLimits {
    /// It has at most so many columns.
    pub columns: usize,
    /// A cell has at most so many bytes in UTF-8.
    pub cell_bytes: usize,
    /// It has at most so many rows.
    pub rows: u64,
}

impl Default for TableLimits {
    fn default() -> Self {
        Self { columns: 500, cell_bytes: 100_000, rows: 1_000_000 }
    }
}

/// Why a table cannot be read.
#[derive(Debug)]
pub enum TableError {
    /// Its bytes cannot be read.
    Io(io::Error),
    /// There is nothing in it.
    Empty,
    /// It is no text, or one in an encoding that cannot be read.
    NoText,
    /// Somebody wishes that this stands between cells, which it cannot.
    Delimiter(char),
    /// A quote is opened and never closed.
    OpenQuote {
        /// On which line it is opened.
        line: u64,
    },
    /// A row has too many cells.
    Columns {
        /// The line on which the row begins.
        line: u64,
        /// So many there may be.
        most: usize,
    },
    /// A cell is too long.
    Cell {
        /// The line on which its row begins.
        line: u64,
        /// Its column, from 1.
        column: usize,
        /// So many bytes there may be.
        most: usize,
    },
    /// There are more rows than this.
    Rows(u64),
}

impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Display for TableError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the table cannot be read: {error}"),
            Self::Empty => f.write_str("the table is empty"),
            Self::NoText => f.write_str("the table is no text in UTF-8, UTF-16 or Latin-1; save it as CSV"),
            Self::Delimiter(wished) => {
                write!(f, "`{}` cannot stand between cells; choose one sign of ASCII", wished.escape_debug())
            }
            Self::OpenQuote { line } => write!(f, "line {line}: a quote is opened here and never closed"),
            Self::Columns { line, most } => write!(f, "line {line}: there are more than {most} columns"),
            Self::Cell { line, column, most } => {
                write!(f, "line {line}, column {column}: the text is longer than {most} bytes; is a quote missing?")
            }
            Self::Rows(most) => write!(f, "there are more than {most} rows"),
        }
    }
}

impl std::error::Error for TableError {}
