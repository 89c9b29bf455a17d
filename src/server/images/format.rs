//! Which format a file has, by its content: names and declared types are not to be trusted.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A format that pictures may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Graphics Interchange Format, of which the first frame counts.
    Gif,
    /// Portable Network Graphics; of an animated one the still image counts.
    Png,
    /// JPEG.
    Jpeg,
    /// Tagged Image File Format, of which the first page counts.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// WebP, of which the first frame counts.
    Webp,
    /// Scalable Vector Graphics, not compressed.
    Svg,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 7] =
        [Format::Gif, Format::Png, Format::Jpeg, Format::Tiff, Format::Bmp, Format::Webp, Format::Svg];

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Gif => "image/gif",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Tiff => "image/tiff",
            Self::Bmp => "image/bmp",
            Self::Webp => "image/webp",
            Self::Svg => "image/svg+xml",
        }
    }

    /// The extension of file names, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Tiff => "tif",
            Self::Bmp => "bmp",
            Self::Webp => "webp",
            Self::Svg => "svg",
        }
    }

    /// The name that people use.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Webp => "WebP",
            Self::Svg => "SVG",
        }
    }
}

/// How many bytes of a file are looked at. An SVG may start with a long comment, such as a licence.
const SNIFFED_BYTES: u64 = 64 * 1024;

/// The format of a file, or `None` if it has none of the supported ones.
pub fn sniff(path: &Path) -> io::Result<Option<Format>> {
    let mut start = Vec::new();
    File::open(path)?.take(SNIFFED_BYTES).read_to_end(&mut start)?;
    Ok(sniff_bytes(&start))
}

/// The format of a file that starts with these bytes.
pub fn sniff_bytes(start: &[u8]) -> Option<Format> {
    match start {
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Format::Png),
        [0xFF, 0xD8, 0xFF, ..] => Some(Format::Jpeg),
        // The second of each pair is BigTIFF.
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Format::Tiff),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::Webp),
        // Two letters are a weak sign; the size of the header that follows the 14 bytes of the file header is a strong one.
        [b'B', b'M', _, _, _, _, _, _, _, _, _, _, _, _, 12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0, ..] => {
            Some(Format::Bmp)
        }
        _ if is_svg(start) => Some(Format::Svg),
        _ => None,
    }
}

/// Whether an XML document starts here whose root is `svg`. Byte order mark, white space, XML declaration, comments,
/// processing instructions and document type are passed over.
fn is_svg(start: &[u8]) -> bool {
    let mut rest = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    loop {
        rest = rest.trim_ascii_start();
        let after = if rest.starts_with(b"<!--") {
            find(rest, b"-->")
        } else if rest.starts_with(b"<?") {
            find(rest, b"?>")
        } else if rest.get(..9).is_some_and(|word| word.eq_ignore_ascii_case(b"<!DOCTYPE")) {
            after_doctype(rest)
        } else {
            return root_is_svg(rest);
        };
        match after {
            Some(at) => rest = &rest[at..],
            None => return false,
        }
    }
}

/// Where the text after the first `end` starts.
fn find(text: &[u8], end: &[u8]) -> Option<usize> {
    text.windows(end.len()).position(|window| window == end).map(|at| at + end.len())
}

/// Where the text after a document type starts, whose internal subset may hold `>` between brackets.
fn after_doctype(text: &[u8]) -> Option<usize> {
    let mut depth = 0_u32;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth = depth.saturating_sub(1),
            b'>' if depth == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Whether an element called `svg`, perhaps with a namespace prefix, starts here.
fn root_is_svg(text: &[u8]) -> bool {
    let Some(tag) = text.strip_prefix(b"<") else { return false };
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
    let name = &tag[..end.unwrap_or(tag.len())];
    name.rsplit(|&byte| byte == b':').next() == Some(b"svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_found_behind_what_may_precede_it() {
        for text in [
            "<svg/>",
            "<svg xmlns='http://www.w3.org/2000/svg'>",
            "\u{FEFF}<?xml version=\"1.0\"?>\n<svg>",
            "  \n<!-- a <b> comment -->\r\n<!DOCTYPE svg PUBLIC \"a\" \"b\"><svg>",
            "<!DOCTYPE svg [ <!ENTITY a \"b\"> ]>\n<?style x?><svg:svg>",
        ] {
            assert_eq!(sniff_bytes(text.as_bytes()), Some(Format::Svg), "{text}");
        }
    }

    #[test]
    fn other_markup_is_no_picture() {
        for text in ["", "<", "<html><svg/></html>", "<svgs>", "svg", "<!-- <svg> ", "<!DOCTYPE html><html>", "BMW"] {
            assert_eq!(sniff_bytes(text.as_bytes()), None, "{text}");
        }
        // A compressed SVG could expand without bound and cannot be served as it is.
        assert_eq!(sniff_bytes(&[0x1F, 0x8B, 8, 0, 0, 0]), None);
    }
}
