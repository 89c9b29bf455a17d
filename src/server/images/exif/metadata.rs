//! Everything that cameras and editors wrote into a file: EXIF, IPTC and XMP, wherever the format keeps them.
//!
//! Sources: ISO 16684-3 says where XMP lies in files; TIFF 6.0 and Adobe's "TIFF Technical Note 3" name the tags. XMP that a JPEG cuts
//! in parts, since it is longer than 64 KB, is not put together: what such a part holds is rarely for people.

use super::camera::read;
use super::containers::{Chunk, bytes_at, png_chunks, riff_chunks, starts};
use super::tiff::{Budget, GPS_DIRECTORY, Tiff};
use crate::formats::photo_metadata::{
    PhotoField, PhotoFields, from_exif, from_photoshop, iptc, merged, put_number, put_text, xmp,
};
use crate::server::images::format::Format;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// Where a JPEG's EXIF is looked for: it stands before the pixels.
const HEAD_BYTES: u64 = 4 << 20;
/// A packet of XMP, or all data sets of IPTC, have at most so many bytes.
const MAX_PACKET: u64 = 4 << 20;
/// No program writes so many segments before the pixels.
const MAX_SEGMENTS: usize = 2000;
/// A text of EXIF has at most so many bytes.
const MAX_TEXT: u64 = 20_000;

const DESCRIPTION: u16 = 0x010E;
const ARTIST: u16 = 0x013B;
const COPYRIGHT: u16 = 0x8298;
const XMP: u16 = 700;
const IPTC: u16 = 33_723;
const BELOW_SEA: u16 = 5;
const ALTITUDE: u16 = 6;

/// What a JPEG writes before a packet of XMP, and before Photoshop's resources.
const XMP_MARK: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PHOTOSHOP_MARK: &[u8] = b"Photoshop 3.0\0";
/// The keyword of XMP in a PNG, with what follows it where the text is not compressed.
const PNG_MARK: &[u8] = b"XML:com.adobe.xmp\0\0\0";

/// Everything that was written into a file about the picture: the place as well, which is shown and kept only where the uploader
/// wants it.
pub fn read_metadata(path: &Path, format: Format) -> io::Result<PhotoFields> {
    fields(&mut BufReader::new(File::open(path)?), format)
}

pub(super) fn fields(file: &mut (impl Read + Seek), format: Format) -> io::Result<PhotoFields> {
    let mut exif = read(file, format)?.map(|exif| from_exif(&exif)).unwrap_or_default();
    let mut packets = packets(file, format)?;
    let mut budget = Budget::default();
    for start in starts(file, format, HEAD_BYTES)? {
        if let Some((mut tiff, first)) = Tiff::open(file, start, &mut budget)? {
            tiff.texts(first, &mut exif, (format == Format::Tiff).then_some(&mut packets))?;
            // What follows belongs to pictures inside of this one.
            break;
        }
    }
    Ok(merged(exif, iptc(&packets.iptc), xmp(&packets.xmp)))
}

/// The bytes of the other two standards.
#[derive(Default)]
struct Packets {
    iptc: Vec<u8>,
    xmp: Vec<u8>,
}

fn packets(file: &mut (impl Read + Seek), format: Format) -> io::Result<Packets> {
    let mut packets = Packets::default();
    match format {
        Format::Jpeg => segments(file, &mut packets)?,
        Format::Png => {
            for Chunk { data, length, .. } in png_chunks(file, &[b"iTXt"])? {
                let bytes = bytes_at(file, data, length.min(MAX_PACKET))?.unwrap_or_default();
                if let Some(rest) = bytes.strip_prefix(PNG_MARK) {
                    // A language and a translated keyword, each of which ends with a zero.
                    packets.xmp = rest.splitn(3, |byte| *byte == 0).nth(2).unwrap_or_default().to_vec();
                    break;
                }
            }
        }
        Format::Webp => {
            if let Some(chunk) = riff_chunks(file, &[b"XMP "])?.first() {
                packets.xmp = bytes_at(file, chunk.data, chunk.length.min(MAX_PACKET))?.unwrap_or_default();
            }
        }
        // A TIFF has them in its first directory.
        Format::Tiff | Format::Gif | Format::Bmp | Format::Svg => {}
    }
    Ok(packets)
}

/// Follows the segments of a JPEG up to its pixels.
fn segments(file: &mut (impl Read + Seek), packets: &mut Packets) -> io::Result<()> {
    let (mut at, mut resources) = (2_u64, Vec::new());
    for _ in 0..MAX_SEGMENTS {
        let Some(head) = bytes_at(file, at, 4)? else { break };
        match head[..2] {
            // A byte that fills the room before a mark.
            [0xFF, 0xFF] => {
                at += 1;
                continue;
            }
            [0xFF, 0xDA | 0xD9 | 0] => break,
            [0xFF, _] => {}
            _ => break,
        }
        let length = u64::from(u16::from_be_bytes([head[2], head[3]]));
        if matches!(head[1], 0xE1 | 0xED) {
            let bytes = bytes_at(file, at + 4, length.saturating_sub(2))?.unwrap_or_default();
            if let (0xE1, true, Some(packet)) = (head[1], packets.xmp.is_empty(), bytes.strip_prefix(XMP_MARK)) {
                packets.xmp = packet.to_vec();
            }
            if let (0xED, Some(part)) = (head[1], bytes.strip_prefix(PHOTOSHOP_MARK)) {
                // Resources that are too long for one segment go on in the next.
                if (resources.len() + part.len()) as u64 <= MAX_PACKET {
                    resources.extend_from_slice(part);
                }
            }
        }
        at += 2 + length.max(2);
    }
    packets.iptc = from_photoshop(&resources).unwrap_or_default().to_vec();
    Ok(())
}

impl<F: Read + Seek> Tiff<'_, F> {
    /// Takes in what the first directory says in texts, and how high the place was. The packets in it are for a TIFF only.
    fn texts(&mut self, first: u64, fields: &mut PhotoFields, packets: Option<&mut Packets>) -> io::Result<()> {
        let Some(main) = self.directory(first)? else { return Ok(()) };
        let mut found = Packets::default();
        for entry in main.first_of_each_tag() {
            let field = match entry.tag {
                DESCRIPTION => PhotoField::Description,
                ARTIST => PhotoField::Creator,
                COPYRIGHT => PhotoField::Copyright,
                XMP => {
                    found.xmp = self.bytes(entry, MAX_PACKET)?;
                    continue;
                }
                IPTC => {
                    found.iptc = self.bytes(entry, MAX_PACKET)?;
                    continue;
                }
                GPS_DIRECTORY => {
                    if let Some(offset) = self.whole(entry)? {
                        put_number(fields, PhotoField::Altitude, self.altitude(offset)?);
                    }
                    continue;
                }
                _ => continue,
            };
            let bytes = self.bytes(entry, MAX_TEXT)?;
            // A copyright names the photographer and, behind a zero, the editor.
            let parts = bytes.split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).trim().to_owned());
            let parts: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
            put_text(fields, field, &parts.join("; "));
        }
        if let Some(packets) = packets {
            *packets = found;
        }
        Ok(())
    }

    fn altitude(&mut self, offset: u64) -> io::Result<Option<f64>> {
        let Some(directory) = self.directory(offset)? else { return Ok(None) };
        let (mut metres, mut is_below) = (None, false);
        for entry in directory.first_of_each_tag() {
            match entry.tag {
                BELOW_SEA => is_below = self.whole(entry)? == Some(1),
                ALTITUDE => metres = self.rationals(entry)?.first().copied(),
                _ => {}
            }
        }
        Ok(metres.map(|metres| if is_below { -metres } else { metres }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exif::experimental::Writer;
    use exif::{Field, In, Rational, Tag, Value};
    use proptest::prelude::*;
    use std::io::Cursor;

    const PACKET: &str = "<x:xmpmeta xmlns:x='adobe:ns:meta/' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>From XMP</dc:title></x:xmpmeta>";
    const SETS: &[u8] = b"\x1C\x02\x05\0\x04IPTC\x1C\x02\x19\0\x03cat";

    fn written(with_packets: bool) -> Vec<u8> {
        let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
        let mut fields = vec![
            (Tag::ImageDescription, text("From EXIF")),
            (Tag::Make, text("Canon")),
            (Tag::Artist, text("Ada")),
            (Tag::Copyright, Value::Ascii(vec![b"Ada".to_vec(), b"Paper".to_vec()])),
            (Tag::GPSAltitudeRef, Value::Byte(vec![1])),
            (Tag::GPSAltitude, Value::Rational(vec![Rational { num: 25, denom: 2 }])),
        ];
        if with_packets {
            fields.push((Tag(exif::Context::Tiff, XMP), Value::Byte(PACKET.as_bytes().to_vec())));
            fields.push((Tag(exif::Context::Tiff, IPTC), Value::Undefined(SETS.to_vec(), 0)));
        }
        let fields: Vec<Field> =
            fields.into_iter().map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value }).collect();
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        let mut bytes = Cursor::new(Vec::new());
        writer.write(&mut bytes, true).unwrap();
        bytes.into_inner()
    }

    fn segment(mark: u8, parts: &[&[u8]]) -> Vec<u8> {
        let data = parts.concat();
        [&[0xFF, mark], &(data.len() as u16 + 2).to_be_bytes()[..], &data].concat()
    }

    fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&(data.len() as u32).to_be_bytes()[..], kind, data, &[0; 4]].concat()
    }

    fn riff_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [kind, &(data.len() as u32).to_le_bytes()[..], data, &vec![0; data.len() % 2]].concat()
    }

    fn files() -> Vec<(Format, Vec<u8>)> {
        let tiff = written(false);
        let resource = [&b"8BIM\x04\x04\0\0"[..], &(SETS.len() as u32).to_be_bytes(), SETS].concat();
        let jpeg = [
            b"\xFF\xD8".to_vec(),
            segment(0xE1, &[b"Exif\0\0", &tiff]),
            segment(0xE1, &[XMP_MARK, PACKET.as_bytes()]),
            b"\xFF".to_vec(),
            segment(0xED, &[PHOTOSHOP_MARK, &resource[..20]]),
            segment(0xED, &[PHOTOSHOP_MARK, &resource[20..]]),
            segment(0xDA, &[b"pixels"]),
            segment(0xE1, &[XMP_MARK, b"<later/>"]),
        ]
        .concat();
        let itxt = [PNG_MARK, b"en\0\0", PACKET.as_bytes()].concat();
        let png = [b"\x89PNG\r\n\x1A\n".to_vec(), png_chunk(b"eXIf", &tiff), png_chunk(b"iTXt", &itxt)].concat();
        let webp =
            [b"RIFF....WEBP".to_vec(), riff_chunk(b"EXIF", &tiff), riff_chunk(b"XMP ", PACKET.as_bytes())].concat();
        vec![(Format::Jpeg, jpeg), (Format::Png, png), (Format::Webp, webp), (Format::Tiff, written(true))]
    }

    #[test]
    fn all_three_standards_are_found_in_every_format() {
        for (format, bytes) in files() {
            let fields = fields(&mut Cursor::new(bytes), format).unwrap();
            let mut expected = vec![
                ("camera", "Canon"),
                ("altitude", "-12.5"),
                ("title", "From XMP"),
                ("description", "From EXIF"),
                ("creator", "Ada"),
                ("copyright", "Ada; Paper"),
            ];
            if matches!(format, Format::Jpeg | Format::Tiff) {
                expected.insert(4, ("keywords", "cat"));
            }
            let said: Vec<(&str, String)> = fields.iter().map(|(field, value)| (field.name(), value.text())).collect();
            let expected: Vec<(&str, String)> =
                expected.into_iter().map(|(name, text)| (name, text.to_owned())).collect();
            assert_eq!(said, expected, "{format:?}");
        }
    }

    proptest! {
        #[test]
        fn damage_is_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), cut in any::<prop::sample::Index>()) {
            for (format, mut bytes) in files() {
                for (at, byte) in &changes {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
                bytes.truncate(cut.index(bytes.len()) + 1);
                let _ = fields(&mut Cursor::new(bytes), format).unwrap();
            }
        }
    }
}
