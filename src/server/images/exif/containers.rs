//! Where in files of the various formats metadata lies.

use crate::server::images::format::Format;
use std::io::{self, Read, Seek, SeekFrom};

/// What a JPEG and some WebP files write before EXIF.
pub(super) const EXIF_MARK: &[u8] = b"Exif\0\0";

/// Where TIFF structures may start. A JPEG can hold other JPEGs behind its own pixels, with EXIF of their own.
pub(super) fn starts(file: &mut (impl Read + Seek), format: Format, within: u64) -> io::Result<Vec<u64>> {
    let mark = EXIF_MARK.len() as u64;
    Ok(match format {
        Format::Tiff => vec![0],
        Format::Jpeg => occurrences(file, EXIF_MARK, within)?.into_iter().map(|at| at + mark).collect(),
        Format::Webp => {
            let chunks = riff_chunks(file)?.into_iter().filter(|chunk| &chunk.kind == b"EXIF");
            chunks.flat_map(|chunk| [chunk.data, chunk.data + mark]).collect()
        }
        Format::Png => {
            png_chunks(file)?.into_iter().filter(|chunk| &chunk.kind == b"eXIf").map(|chunk| chunk.data).collect()
        }
        Format::Gif | Format::Bmp | Format::Svg => Vec::new(),
    })
}

/// Reads `length` bytes at `offset`, or nothing where the file ends before.
pub(super) fn bytes_at(file: &mut (impl Read + Seek), offset: u64, length: u64) -> io::Result<Option<Vec<u8>>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.by_ref().take(length).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == length).then_some(bytes))
}

/// Every place in the first `within` bytes where `needle` stands.
pub(super) fn occurrences(file: &mut (impl Read + Seek), needle: &[u8], within: u64) -> io::Result<Vec<u64>> {
    const STEP: usize = 1 << 20;
    file.seek(SeekFrom::Start(0))?;
    let (mut found, mut window, mut start) = (Vec::new(), Vec::with_capacity(STEP + needle.len()), 0_u64);
    loop {
        let read = file.by_ref().take(STEP as u64).read_to_end(&mut window)?;
        let mut from = 0;
        while let Some(at) = window[from..].iter().position(|byte| *byte == needle[0]) {
            if window[from + at..].starts_with(needle) {
                found.push(start + (from + at) as u64);
            }
            from += at + 1;
        }
        if read == 0 || start >= within {
            return Ok(found);
        }
        // What may be the beginning of a needle is looked at again with what follows.
        let kept = window.len().min(needle.len() - 1);
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

/// The chunks of a PNG, pixels included.
pub(super) fn png_chunks(file: &mut (impl Read + Seek)) -> io::Result<Vec<Chunk>> {
    let (mut chunks, mut at) = (Vec::new(), 8);
    while let Some(head) = bytes_at(file, at, 8)? {
        let [a, b, c, d, e, f, g, h] = head[..] else { break };
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        chunks.push(Chunk { kind: [e, f, g, h], data: at + 8, length });
        at += 12 + length;
    }
    Ok(chunks)
}

/// The chunks of a WebP.
fn riff_chunks(file: &mut (impl Read + Seek)) -> io::Result<Vec<Chunk>> {
    let (mut chunks, mut at) = (Vec::new(), 12);
    while let Some(head) = bytes_at(file, at, 8)? {
        let [a, b, c, d, e, f, g, h] = head[..] else { break };
        let length = u64::from(u32::from_le_bytes([e, f, g, h]));
        chunks.push(Chunk { kind: [a, b, c, d], data: at + 8, length });
        at += 8 + length + length % 2;
    }
    Ok(chunks)
}
