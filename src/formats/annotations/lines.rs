//! Text line by line, each of bounded length.

use super::error::{FormatError, Place};
use super::exchange::Files;
use std::io::{BufRead, BufReader, Read};

/// No line is longer: a picture with all its regions.
const MAX_LINE: u64 = 48 << 20;

/// Goes through the lines of one input.
pub(in crate::formats) struct Lines<'a> {
    file: &'a str,
    reader: BufReader<Box<dyn Read + 'a>>,
    number: u64,
    line: Vec<u8>,
}

impl<'a> Lines<'a> {
    /// Opens an input.
    pub fn open(files: &'a dyn Files, file: &'a str) -> Result<Self, FormatError> {
        let reader = files.open(file).map_err(FormatError::io(file))?;
        Ok(Self { file, reader: BufReader::new(reader), number: 0, line: Vec::new() })
    }

    /// The next line that is not empty, without its end, and its number from 1.
    pub fn next(&mut self) -> Result<Option<(u64, &[u8])>, FormatError> {
        loop {
            self.line.clear();
            let mut part = (&mut self.reader).take(MAX_LINE + 1);
            let count = part.read_until(b'\n', &mut self.line).map_err(FormatError::io(self.file))?;
            if count == 0 {
                return Ok(None);
            }
            self.number += 1;
            if count as u64 > MAX_LINE {
                let message = format!("it is longer than {MAX_LINE} bytes");
                return Err(FormatError::invalid(self.file, Place::Line(self.number), message));
            }
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                self.line.drain(..3);
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        Ok(Some((self.number, self.line.trim_ascii())))
    }
}
