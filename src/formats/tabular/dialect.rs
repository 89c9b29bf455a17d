//! How a table is written: found out from its beginning, or said by whoever knows.

use super::decoding::Decoded;
use super::rows::{Row, Rows};
use super::values::looks_like_data;
use super::{Encoding, Opener, TableError, TableLimits, Wishes};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// Its encoding.
    pub encoding: Encoding,
    /// What stands between cells, in ASCII.
    pub delimiter: u8,
    /// What stands around cells, in ASCII.
    pub quote: u8,
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// Whether the first line says the delimiter and nothing else, as Excel writes it.
    pub says_delimiter: bool,
}

/// What may stand between cells. Of two that fit as well the earlier one counts: commas are in texts and numbers, too.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];
/// What may stand around cells; the usual first.
const QUOTES: [u8; 2] = [b'"', b'\''];
/// So much text is looked at.
const SAMPLE: u64 = 256 << 10;
/// So many rows are looked at.
const ROWS: usize = 500;

impl Dialect {
    /// Finds out how a table is written.
    pub fn detect(open: &mut Opener<'_>, wishes: &Wishes, limits: &TableLimits) -> Result<Self, TableError> {
        let encoding = match wishes.encoding {
            Some(encoding) => encoding,
            None => Encoding::detect(&mut *open()?)?,
        };
        let mut sample = Vec::new();
        Decoded::new(open()?, encoding).take(SAMPLE).read_to_end(&mut sample)?;
        if sample.trim_ascii().is_empty() {
            return Err(TableError::Empty);
        }
        let said = said_delimiter(&sample);
        let wished = wishes.delimiter.map(delimiter_of).transpose()?;
        let delimiters = match wished.or(said) {
            Some(delimiter) => vec![delimiter],
            None => DELIMITERS.to_vec(),
        };
        let is_whole = (sample.len() as u64) < SAMPLE;
        let says_delimiter = said.is_some();
        let mut best: Option<(u64, Self, Vec<String>)> = None;
        for delimiter in delimiters {
            for quote in QUOTES {
                // The sample is in UTF-8 already, and the mark before it is gone.
                let dialect = Self { encoding: Encoding::Utf8, delimiter, quote, has_header: false, says_delimiter };
                let (score, first) = dialect.score(&sample, is_whole, limits);
                if best.as_ref().is_none_or(|(least, _, _)| score > *least) {
                    best = Some((score, Self { encoding, ..dialect }, first));
                }
            }
        }
        let Some((score, mut dialect, mut first)) = best else { return Err(TableError::Empty) };
        if score == 0 {
            // One column needs no delimiter; and what is wrong with the quotes the reader says.
            dialect.delimiter = wished.or(said).unwrap_or(b',');
            dialect.quote = b'"';
            let plain = Self { encoding: Encoding::Utf8, ..dialect };
            first = plain.first_row(&sample, limits).unwrap_or_default();
        }
        dialect.has_header = wishes.has_header.unwrap_or_else(|| !first.iter().any(|cell| looks_like_data(cell)));
        Ok(dialect)
    }

    fn first_row(&self, sample: &[u8], limits: &TableLimits) -> Option<Vec<String>> {
        let mut row = Row::default();
        Rows::with_header(sample, self, limits).ok()?.next(&mut row).ok()?;
        Some(row.cells)
    }

    /// How well a sample fits, in millionths; 0 if it cannot be so. Answers the first row, too.
    fn score(&self, sample: &[u8], is_whole: bool, limits: &TableLimits) -> (u64, Vec<String>) {
        let (mut widths, mut first, mut wrapped, mut count) = (Vec::new(), Vec::new(), 0_u64, 0_u64);
        let Ok(mut rows) = Rows::with_header(sample, self, limits) else { return (0, first) };
        let mut row = Row::default();
        let is_broken = loop {
            match rows.next(&mut row) {
                Ok(true) if widths.len() < ROWS => {
                    // Quotes of the other kind around cells are not part of what is said, and where a cell has one only at one end, it
                    // has been torn at a delimiter inside.
                    let other = if self.quote == QUOTES[0] { '\'' } else { '"' };
                    let is_wrapped = |cell: &&String| cell.starts_with(other) || cell.ends_with(other);
                    wrapped += row.cells.iter().filter(is_wrapped).count() as u64;
                    count += row.cells.len() as u64;
                    widths.push(row.cells.len());
                    if widths.len() == 1 {
                        first.clone_from(&row.cells);
                    }
                }
                Ok(_) => break false,
                // A sample may end between quotes.
                Err(TableError::OpenQuote { .. }) => break is_whole,
                Err(_) => break true,
            }
        };
        if is_broken {
            return (0, first);
        }
        if !is_whole && widths.len() > 1 && widths.len() < ROWS {
            widths.pop();
        }
        let mut tally = BTreeMap::<usize, u64>::new();
        widths.iter().for_each(|width| *tally.entry(*width).or_default() += 1);
        let Some((width, rows)) = tally.into_iter().max_by_key(|(width, rows)| (*rows, *width)) else {
            return (0, first);
        };
        if width < 2 {
            return (0, first);
        }
        // Most rows have the same number of cells, and rather many than two.
        let (width, all) = (width as u64, widths.len() as u64);
        let score = 1_000_000 * rows / all * (width - 1) / width;
        (score.saturating_sub(300_000 * wrapped / count.max(1)).max(1), first)
    }
}

/// A delimiter as it is read: in ASCII, and nothing that cells are made of or that ends them.
fn delimiter_of(wished: char) -> Result<u8, TableError> {
    let byte = u8::try_from(wished).ok().filter(|byte| *byte == b'\t' || matches!(byte, b' '..=b'~'));
    byte.filter(|byte| !byte.is_ascii_alphanumeric() && !QUOTES.contains(byte)).ok_or(TableError::Delimiter(wished))
}

/// What a first line such as `sep=;` says.
fn said_delimiter(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    match line.trim_ascii_end() {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] if DELIMITERS.contains(delimiter) => Some(*delimiter),
        // Where it is a tab, nothing is left of it at the end of the line.
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] if line.ends_with(b"\t") => Some(b'\t'),
        _ => None,
    }
}
