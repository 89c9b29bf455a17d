//! In which encoding a table is written, and its text.

use super::{Encoding, TableError};
use encoding_rs::{CoderResult, Decoder, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{self, Read};

/// So many bytes tell UTF-16 without a mark.
const SAMPLE: usize = 4096;
/// Bytes that are read at once.
const STEP: usize = 32 << 10;

fn filled(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match reader.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

impl Encoding {
    /// The encoding of all that `reader` has. One byte that is no UTF-8 decides, wherever it stands.
    pub(super) fn detect(reader: &mut dyn Read) -> Result<Self, TableError> {
        let mut buffer = vec![0; STEP];
        let mut count = filled(reader, &mut buffer)?;
        match &buffer[..count] {
            [] => return Err(TableError::Empty),
            [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(TableError::NoText),
            [0xFF, 0xFE, ..] => return Ok(Self::Utf16Le),
            [0xFE, 0xFF, ..] => return Ok(Self::Utf16Be),
            head => {
                if let Some(encoding) = without_mark(&head[..head.len().min(SAMPLE)]) {
                    return Ok(encoding);
                }
            }
        }
        let (mut is_utf8, mut kept) = (true, 0);
        loop {
            let bytes = &buffer[..kept + count];
            if bytes.contains(&0) {
                return Err(TableError::NoText);
            }
            kept = match std::str::from_utf8(bytes) {
                Ok(_) => 0,
                // The rest of a character may follow.
                Err(error) if error.error_len().is_none() => bytes.len() - error.valid_up_to(),
                Err(_) => {
                    is_utf8 = false;
                    0
                }
            };
            let end = bytes.len();
            buffer.copy_within(end - kept..end, 0);
            count = filled(reader, &mut buffer[kept..])?;
            if count == 0 {
                return Ok(if is_utf8 && kept == 0 { Self::Utf8 } else { Self::Windows1252 });
            }
        }
    }

    fn decoder(self) -> Decoder {
        match self {
            Self::Utf8 => UTF_8.new_decoder_with_bom_removal(),
            Self::Utf16Le => UTF_16LE.new_decoder_with_bom_removal(),
            Self::Utf16Be => UTF_16BE.new_decoder_with_bom_removal(),
            Self::Windows1252 => WINDOWS_1252.new_decoder_without_bom_handling(),
        }
    }
}

/// UTF-16 by the zero bytes that the letters of Europe have in every second place.
fn without_mark(head: &[u8]) -> Option<Encoding> {
    let pairs = head.len() / 2;
    let zeros = |from: usize| head.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    if pairs < 2 {
        return None;
    }
    if odd * 3 >= pairs && even * 20 <= pairs {
        return Some(Encoding::Utf16Le);
    }
    (even * 3 >= pairs && odd * 20 <= pairs).then_some(Encoding::Utf16Be)
}

/// Text in UTF-8, whatever it was before. What is broken becomes marks.
pub(super) struct Decoded<R> {
    reader: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    is_last: bool,
    is_done: bool,
    /// Text that did not fit into what was asked for.
    text: Vec<u8>,
    text_at: usize,
}

impl<R: Read> Decoded<R> {
    pub fn new(reader: R, encoding: Encoding) -> Self {
        let decoder = encoding.decoder();
        let raw = vec![0; STEP];
        Self {
            reader,
            decoder,
            raw,
            raw_at: 0,
            raw_end: 0,
            is_last: false,
            is_done: false,
            text: Vec::new(),
            text_at: 0,
        }
    }

    fn more(&mut self) -> io::Result<()> {
        if self.raw_at == self.raw_end && !self.is_last {
            self.raw_end = filled(&mut self.reader, &mut self.raw)?;
            self.raw_at = 0;
            self.is_last = self.raw_end < self.raw.len();
        }
        self.text.resize(STEP, 0);
        let raw = &self.raw[self.raw_at..self.raw_end];
        let (result, read, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.is_last);
        self.raw_at += read;
        self.text.truncate(written);
        self.text_at = 0;
        self.is_done = self.is_last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text_at == self.text.len() {
            if self.is_done {
                return Ok(0);
            }
            self.more()?;
        }
        let rest = &self.text[self.text_at..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.text_at += count;
        Ok(count)
    }
}
