//! The rows of a table, one by one.

use super::decoding::Decoded;
use super::{Dialect, TableError, TableLimits};
use std::io::{self, BufRead, BufReader, Read};

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Its cells, without the space around them.
    pub cells: Vec<String>,
}

impl Row {
    /// The cell in this column; empty where the row is shorter.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Where in a cell the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but space has come.
    Begin,
    /// In a cell without quotes, or behind those around it.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that ends the cell, unless another one follows.
    Quote,
}

/// Reads a table row by row. Rows without any text are passed over.
pub struct Rows<R> {
    reader: BufReader<Decoded<R>>,
    delimiter: u8,
    quote: u8,
    limits: TableLimits,
    line: u64,
    rows: u64,
    /// A carriage return has come, to which a line feed may belong.
    after_return: bool,
}

impl<R: Read> Rows<R> {
    /// The rows of the table that `reader` has, without the one that names the columns.
    pub fn new(reader: R, dialect: &Dialect, limits: &TableLimits) -> Result<Self, TableError> {
        let mut rows = Self::with_header(reader, dialect, limits)?;
        if dialect.has_header {
            rows.next(&mut Row::default())?;
            rows.rows = 0;
        }
        Ok(rows)
    }

    /// All rows, the one that names the columns among them.
    pub(super) fn with_header(reader: R, dialect: &Dialect, limits: &TableLimits) -> Result<Self, TableError> {
        let mut rows = Self {
            reader: BufReader::new(Decoded::new(reader, dialect.encoding)),
            delimiter: dialect.delimiter,
            quote: dialect.quote,
            limits: *limits,
            line: 1,
            rows: 0,
            after_return: false,
        };
        if dialect.says_delimiter {
            rows.next(&mut Row::default())?;
            rows.rows = 0;
        }
        Ok(rows)
    }

    /// Reads the next row into `row`; says whether there is one.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, TableError> {
        loop {
            if !self.read(row)? {
                return Ok(false);
            }
            if row.cells.iter().any(|cell| !cell.is_empty()) {
                self.rows += 1;
                return if self.rows > self.limits.rows { Err(TableError::Rows(self.limits.rows)) } else { Ok(true) };
            }
        }
    }

    /// Reads a row, whatever is in it.
    fn read(&mut self, row: &mut Row) -> Result<bool, TableError> {
        row.cells.clear();
        let (mut cell, mut state, mut quote_line, mut has_begun) = (Vec::new(), State::Begin, 0, false);
        row.line = self.line;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(&byte) = buffer.first() else {
                if state == State::Quoted {
                    return Err(TableError::OpenQuote { line: quote_line });
                }
                if has_begun {
                    self.end_cell(row, &mut cell)?;
                }
                return Ok(has_begun);
            };
            self.reader.consume(1);
            let after_return = std::mem::take(&mut self.after_return);
            if byte == b'\n' && after_return {
                // The second half of an end of a line. It was taken in with the first, whether in a cell or behind a row.
                continue;
            }
            has_begun = true;
            if matches!(byte, b'\r' | b'\n') {
                self.line += 1;
                self.after_return = byte == b'\r';
                if state != State::Quoted {
                    self.end_cell(row, &mut cell)?;
                    return Ok(true);
                }
            }
            state = match state {
                State::Quoted if byte == self.quote => State::Quote,
                State::Quote if byte == self.quote => {
                    cell.push(byte);
                    State::Quoted
                }
                State::Begin if byte == self.quote => {
                    quote_line = self.line;
                    cell.clear();
                    State::Quoted
                }
                State::Begin | State::Plain | State::Quote if byte == self.delimiter => {
                    self.end_cell(row, &mut cell)?;
                    State::Begin
                }
                State::Quoted => {
                    // However a line ends in the table, in a cell it ends in one way.
                    cell.push(if byte == b'\r' { b'\n' } else { byte });
                    State::Quoted
                }
                State::Begin if byte == b' ' => State::Begin,
                // What stands behind the closing quote belongs to the cell as well: nothing is lost.
                State::Begin | State::Plain | State::Quote => {
                    cell.push(byte);
                    State::Plain
                }
            };
            if cell.len() > self.limits.cell_bytes {
                let (line, column) = (row.line, row.cells.len() + 1);
                return Err(TableError::Cell { line, column, most: self.limits.cell_bytes });
            }
        }
    }

    fn end_cell(&mut self, row: &mut Row, cell: &mut Vec<u8>) -> Result<(), TableError> {
        if row.cells.len() == self.limits.columns {
            return Err(TableError::Columns { line: row.line, most: self.limits.columns });
        }
        // Delimiters and quotes are ASCII, so that no character is cut.
        row.cells.push(String::from_utf8_lossy(cell).trim().to_owned());
        cell.clear();
        Ok(())
    }
}
