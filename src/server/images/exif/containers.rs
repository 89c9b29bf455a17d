//! Where in files of the various formats metadata lies.

use crate::server::images::format::Format;
use std::io::{self, Read, Seek, SeekFrom};

/// What a JPEG and some WebP files write before EXIF.
pub(super) const EXIF_MARK: &[u8] = b"Exif\0\0";

/// No camera writes so many structures into one file.
const MAX_STARTS: usize = 64;
/// No encoder cuts a picture into so many chunks.
const MAX_CHUNKS: usize = 1 << 18;

/// Where TIFF structures may start: the first of them. A JPEG can hold other JPEGs behind its own pixels, with EXIF of their
/// own.
pub(super) fn starts(file: &mut (impl Read + Seek), format: Format, within: u64) -> io::Result<Vec<u64>> {
    let mark = EXIF_MARK.len() as u64;
    let mut starts: Vec<u64> = match format {
        Format::Tiff => vec![0],
        Format::Jpeg => {
            let marks = occurrences(file, &[EXIF_MARK], within, MAX_STARTS)?;
            marks.into_iter().map(|at| at + mark).collect()
        }
        Format::Webp => {
            let chunks = riff_chunks(file, &[b"EXIF"])?;
            chunks.iter().flat_map(|chunk| [chunk.data, chunk.data + mark]).collect()
        }
        Format::Png => png_chunks(file, &[b"eXIf"])?.iter().map(|chunk| chunk.data).collect(),
        Format::Gif | Format::Bmp | Format::Svg => Vec::new(),
    };
    starts.truncate(MAX_STARTS);
    Ok(starts)
}

/// Reads `length` bytes at `offset`, or nothing where the file ends before.
pub(super) fn bytes_at(file: &mut (impl Read + Seek), offset: u64, length: u64) -> io::Result<Option<Vec<u8>>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}

/// The first `most` places in the first `within` bytes where one of `needles` stands. They are of one length and have the same
/// first byte.
pub(super) fn occurrences(
    file: &mut (impl Read + Seek),
    needles: &[&[u8]],
    within: u64,
    most: usize,
) -> io::Result<Vec<u64>> {
    const STEP: usize = 1 << 20;
    let Some([first, rest @ ..]) = needles.first().filter(|_| most > 0) else { return Ok(Vec::new()) };
    file.seek(SeekFrom::Start(0))?;
    let (mut found, mut window, mut start) = (Vec::new(), Vec::with_capacity(STEP + rest.len()), 0_u64);
    loop {
        let read = file.by_ref().take(STEP as u64).read_to_end(&mut window)?;
        let mut from = 0;
        while let Some(at) = window[from..].iter().position(|byte| byte == first) {
            if needles.iter().any(|needle| window[from + at..].starts_with(needle)) {
                found.push(start + (from + at) as u64);
                if found.len() == most {
                    return Ok(found);
                }
            }
            from += at + 1;
        }
        if read == 0 || start >= within {
            return Ok(found);
        }
        // What may be the beginning of a needle is looked at again with what follows.
        let kept = window.len().min(rest.len());
        start += (window.len() - kept) as u64;
        window.drain(..window.len() - kept);
    }
}

/// A chunk of a PNG or RIFF file.
pub(super) struct Chunk {
    pub(super) kind: [u8; 4],
    pub(super) data: u64,
    pub(super) length: u64,
}

/// The chunks of a PNG that are of these kinds.
pub(super) fn png_chunks(file: &mut (impl Read + Seek), kinds: &[&[u8; 4]]) -> io::Result<Vec<Chunk>> {
    chunks(file, kinds, 8, |[a, b, c, d, e, f, g, h]| {
        let length = u32::from_be_bytes([a, b, c, d]).into();
        // A checksum follows.
        ([e, f, g, h], length, length + 4)
    })
}

/// The chunks of a WebP that are of these kinds.
pub(super) fn riff_chunks(file: &mut (impl Read + Seek), kinds: &[&[u8; 4]]) -> io::Result<Vec<Chunk>> {
    chunks(file, kinds, 12, |[a, b, c, d, e, f, g, h]| {
        let length = u32::from_le_bytes([e, f, g, h]).into();
        ([a, b, c, d], length, length + length % 2)
    })
}

/// Follows chunks from `at`. `head` reads the eight bytes that each begins with: its kind, the length of its data, and how much
/// there is up to the next.
fn chunks(
    file: &mut (impl Read + Seek),
    kinds: &[&[u8; 4]],
    mut at: u64,
    head: impl Fn([u8; 8]) -> ([u8; 4], u64, u64),
) -> io::Result<Vec<Chunk>> {
    let mut chunks = Vec::new();
    for _ in 0..MAX_CHUNKS {
        let Some(bytes) = bytes_at(file, at, 8)?.and_then(|bytes| bytes.try_into().ok()) else { break };
        let (kind, length, whole) = head(bytes);
        let data = at + 8;
        if kinds.contains(&&kind) {
            chunks.push(Chunk { kind, data, length });
        }
        at = data + whole;
    }
    Ok(chunks)
}
