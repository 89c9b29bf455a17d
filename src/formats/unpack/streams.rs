//! Bytes of an archive, packed and unpacked, as streams that need little memory.

use super::error::UnpackError;
use super::list::Listed;
use super::{PackedKind, UnpackLimits};
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use lzma_rust2::XzReader;
use ruzstd::decoding::FrameDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, DEFAULT_MAX_WINDOW_SIZE};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// What a decoder of xz may take, in KiB: its highest preset needs 65 MiB.
const XZ_MEMORY_KIB: u32 = 96 << 10;
/// How far a decoder of Zstandard looks back, in bytes; `zstd --long` asks for so much.
const ZSTD_WINDOW: u64 = DEFAULT_MAX_WINDOW_SIZE;
/// Bytes that are read and written at once.
const STEP: usize = 64 << 10;

/// How the bytes of a file in an archive are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflate,
    Bzip2,
    Xz,
    Zstd,
}

impl Method {
    /// The method with this number in a ZIP (APPNOTE.TXT, section 4.4.5).
    pub fn of(number: u16) -> Option<Self> {
        match number {
            0 => Some(Self::Stored),
            8 => Some(Self::Deflate),
            12 => Some(Self::Bzip2),
            93 => Some(Self::Zstd),
            95 => Some(Self::Xz),
            _ => None,
        }
    }
}

/// What a whole file is compressed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Compression {
    /// What a file is compressed with that begins so.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, ..] => Some(Self::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Self::Bzip2),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            // The second is a frame that is to be skipped, with which some programs begin.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Zstd => "Zstandard",
        }
    }

    pub fn of_tar(self) -> PackedKind {
        match self {
            Self::Gzip => PackedKind::TarGzip,
            Self::Bzip2 => PackedKind::TarBzip2,
            Self::Xz => PackedKind::TarXz,
            Self::Zstd => PackedKind::TarZstd,
        }
    }
}

/// A part of a file, which many can read at once.
pub(super) struct Slice {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Slice {
    pub fn new(file: &Arc<File>, offset: u64, length: u64) -> Self {
        Self { file: Arc::clone(file), at: offset, end: offset.saturating_add(length) }
    }
}

impl Read for Slice {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read_at(&mut buffer[..left], self.at)?;
        if count == 0 && left > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends too early"));
        }
        self.at += count as u64;
        Ok(count)
    }
}

/// Counts what is read.
struct Counted<R> {
    reader: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.count.set(self.count.get() + count as u64);
        Ok(count)
    }
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

/// The frames of Zstandard that follow each other, as one stream.
struct Frames<R> {
    reader: R,
    decoder: FrameDecoder,
    is_open: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(reader: R) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW);
        Self { reader, decoder, is_open: false }
    }

    /// Begins the next frame that is not to be skipped; says whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        loop {
            if self.reader.fill_buf()?.is_empty() {
                return Ok(false);
            }
            match self.decoder.reset(&mut self.reader) {
                Ok(()) => {
                    self.is_open = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut self.reader.by_ref().take(length.into()), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(invalid(error.to_string())),
            }
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_open && !self.begin()? {
                return Ok(0);
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let step = self.decoder.decode_blocks(&mut self.reader, BlockDecodingStrategy::UptoBlocks(1));
                step.map_err(|error| invalid(error.to_string()))?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            if let (Some(said), Some(is)) =
                (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum())
                && said != is
            {
                return Err(invalid("its checksum is another one"));
            }
            self.is_open = false;
        }
    }
}

/// Unpacks a whole file into one without a name.
pub(super) fn spooled(
    packed: Slice,
    compression: Compression,
    folder: &Path,
    limits: &UnpackLimits,
    go_on: &dyn Fn() -> bool,
) -> Result<File, UnpackError> {
    let count = Rc::new(Cell::new(0));
    let reader = BufReader::with_capacity(STEP, Counted { reader: packed, count: Rc::clone(&count) });
    let mut unpacked: Box<dyn Read> = match compression {
        Compression::Gzip => Box::new(MultiGzDecoder::new(reader)),
        Compression::Bzip2 => Box::new(MultiBzDecoder::new(reader)),
        Compression::Xz => Box::new(XzReader::new_mem_limit(reader, true, XZ_MEMORY_KIB)),
        Compression::Zstd => Box::new(Frames::new(reader)),
    };
    let mut spool = tempfile::tempfile_in(folder)?;
    let (mut buffer, mut total) = (vec![0; STEP], 0_u64);
    loop {
        let step = match unpacked.read(&mut buffer) {
            Ok(0) => return Ok(spool),
            Ok(step) => step,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(UnpackError::damaged(None, format!("its {} ends with: {error}", compression.name())));
            }
        };
        total += step as u64;
        if total > limits.bytes {
            return Err(UnpackError::TooLarge(limits.bytes));
        }
        if limits.is_bomb(count.get(), total) {
            return Err(UnpackError::Bomb { path: None, ratio: limits.ratio });
        }
        if !go_on() {
            return Err(UnpackError::Io(io::ErrorKind::Interrupted.into()));
        }
        spool.write_all(&buffer[..step])?;
    }
}

/// Reads a file of an archive from its beginning.
pub(super) fn opened(archive: &Arc<File>, place: &Listed) -> io::Result<Box<dyn Read + Send>> {
    let packed = Slice::new(archive, place.offset, place.packed);
    if place.method == Method::Stored && place.crc32.is_none() {
        return Ok(Box::new(packed));
    }
    let packed = BufReader::with_capacity(STEP, packed);
    let reader: Box<dyn Read + Send> = match place.method {
        Method::Stored => Box::new(packed),
        Method::Deflate => Box::new(DeflateDecoder::new(packed)),
        Method::Bzip2 => Box::new(MultiBzDecoder::new(packed)),
        Method::Xz => Box::new(XzReader::new_mem_limit(packed, true, XZ_MEMORY_KIB)),
        Method::Zstd => Box::new(Frames::new(packed)),
    };
    Ok(Box::new(Checked { reader, left: place.size, crc32: place.crc32, hasher: crc32fast::Hasher::new() }))
}

/// Makes sure that a file is as long as the archive says, and has the checksum that it says.
struct Checked {
    reader: Box<dyn Read + Send>,
    left: u64,
    crc32: Option<u32>,
    hasher: crc32fast::Hasher,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = self.reader.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| invalid("it is longer than the archive says"))?;
        if count > 0 {
            self.hasher.update(&buffer[..count]);
            return Ok(count);
        }
        if self.left > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than the archive says"));
        }
        if self.crc32.is_some_and(|crc32| crc32 != self.hasher.clone().finalize()) {
            return Err(invalid("its checksum is not the one that the archive says"));
        }
        Ok(0)
    }
}
