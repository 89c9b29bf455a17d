//! Progressive JPEGs at an eighth of their size, from the first coefficient of each block alone.
//!
//! A decoder of whole progressive pictures holds all coefficients until the last scan, twice as much as the pixels need. The
//! first coefficient (DC) is eight times the average of its block of 8 × 8 samples, so the averages alone make a picture of
//! an eighth of the size: that is enough for thumbnails of large pictures, and takes a hundredth of the memory and little
//! time. See ITU-T T.81, annexes B (markers), F.2.2 (codes) and G.1.2.1 (first and refining scans of DC).

use super::super::raster::{Channels, Raster};
use super::needed_profile;
use std::io::{self, BufRead, ErrorKind};

/// No profile has more parts, which come in segments of at most 64 KiB.
const MAX_PROFILE_BYTES: usize = 1024 * 1024;

/// A component: brightness, or one of the two that carry colour.
struct Component {
    id: u8,
    /// How many of its samples stand beside and above each other where the coarsest component has one.
    across: usize,
    down: usize,
    quantisation: usize,
    /// Blocks in a row of the picture, and rows of blocks, without what fills up the last unit of a scan.
    blocks_wide: usize,
    blocks_high: usize,
    /// Blocks that are held of each row: whole units.
    stride: usize,
    coefficients: Vec<i16>,
    /// Whether its first scan has come.
    seen: bool,
}

/// A table of Huffman codes as annex F.2.2.3 uses it.
#[derive(Clone, Default)]
struct Codes {
    /// For every length: the largest code plus one, and where that length's values start minus its smallest code.
    lengths: [(i32, i32); 17],
    values: Vec<u8>,
}

impl Codes {
    fn new(counts: &[u8; 16], values: Vec<u8>) -> Self {
        let (mut lengths, mut code, mut first) = ([(0, 0); 17], 0_i32, 0_i32);
        for (length, count) in counts.iter().enumerate() {
            let count = i32::from(*count);
            lengths[length + 1] = (code + count, first - code);
            (code, first) = ((code + count) << 1, first + count);
        }
        Self { lengths, values }
    }
}

/// Why a picture has to be left to another decoder.
fn unusual(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}

/// The bits of a scan.
struct Bits<'r, R> {
    reader: &'r mut R,
    byte: u8,
    left: u8,
}

impl<R: BufRead> Bits<'_, R> {
    fn bit(&mut self) -> io::Result<u16> {
        if self.left == 0 {
            self.byte = byte(self.reader)?;
            if self.byte == 0xFF && byte(self.reader)? != 0 {
                return Err(unusual("a scan ends early"));
            }
            self.left = 8;
        }
        self.left -= 1;
        Ok(u16::from(self.byte >> self.left & 1))
    }

    fn symbol(&mut self, codes: &Codes) -> io::Result<u8> {
        let mut code = 0;
        for (end, shift) in &codes.lengths[1..] {
            code = code << 1 | i32::from(self.bit()?);
            if code < *end {
                let value = usize::try_from(code + shift).ok().and_then(|at| codes.values.get(at));
                return value.copied().ok_or_else(|| unusual("a code has no value"));
            }
        }
        Err(unusual("there is no such code"))
    }

    /// The difference to the coefficient before.
    fn difference(&mut self, codes: &Codes) -> io::Result<i32> {
        let length = self.symbol(codes)?;
        if length > 11 {
            return Err(unusual("a difference is too long"));
        }
        let mut bits = 0;
        for _ in 0..length {
            bits = bits << 1 | i32::from(self.bit()?);
        }
        // Where the first bit is 0, the difference is negative.
        Ok(if length > 0 && bits < 1 << (length - 1) { bits - (1 << length) + 1 } else { bits })
    }

    /// Goes on behind the mark of a restart.
    fn restart(&mut self) -> io::Result<()> {
        self.left = 0;
        match next_marker(self.reader, false)? {
            0xD0..=0xD7 => Ok(()),
            _ => Err(unusual("a restart is missing")),
        }
    }
}

fn byte(reader: &mut impl BufRead) -> io::Result<u8> {
    let byte = *reader.fill_buf()?.first().ok_or(ErrorKind::UnexpectedEof)?;
    reader.consume(1);
    Ok(byte)
}

/// The next marker; with `over_restarts`, the one that ends the scan.
fn next_marker(reader: &mut impl BufRead, over_restarts: bool) -> io::Result<u8> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let Some(at) = buffer.iter().position(|byte| *byte == 0xFF) else {
            let length = buffer.len();
            reader.consume(length);
            continue;
        };
        reader.consume(at + 1);
        let mut marker = byte(reader)?;
        while marker == 0xFF {
            marker = byte(reader)?;
        }
        if marker != 0 && !(over_restarts && matches!(marker, 0xD0..=0xD7)) {
            return Ok(marker);
        }
    }
}

#[derive(Default)]
struct Picture {
    width: usize,
    height: usize,
    /// Units of a scan with several components, in a row and in all rows.
    units_wide: usize,
    units_high: usize,
    components: Vec<Component>,
    /// The first entry of each quantisation table, for a coefficient's average.
    quantisation: [u16; 4],
    codes: [Codes; 4],
    restart_interval: usize,
    /// What Adobe's segment says of the colours.
    adobe_transform: Option<u8>,
    profile: Vec<(u8, Vec<u8>)>,
}

/// How much memory [`eighth`] takes for a picture of this size, roughly, in bytes: for every block a coefficient of two bytes and
/// a sample of each component.
pub(super) fn memory_bytes(width: u32, height: u32, components: u64) -> u64 {
    u64::from(width.div_ceil(8)) * u64::from(height.div_ceil(8)) * 3 * components + MAX_PROFILE_BYTES as u64
}

/// Decodes a picture of this size at an eighth of it. An error means that another decoder has to look at the file: it is
/// not progressive, damaged, or of an unusual kind.
pub(super) fn eighth(reader: &mut impl BufRead, width: u32, height: u32) -> io::Result<Raster> {
    let mut picture = Picture::default();
    if [byte(reader)?, byte(reader)?] != [0xFF, 0xD8] {
        return Err(unusual("it is no JPEG"));
    }
    loop {
        let marker = match next_marker(reader, true) {
            // Whatever is missing at the end are finer details.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && picture.is_complete() => break,
            other => other?,
        };
        if marker == 0xD9 {
            break;
        }
        if matches!(marker, 0x01 | 0xD8) {
            return Err(unusual("a marker is at a wrong place"));
        }
        let length = usize::from(u16::from_be_bytes([byte(reader)?, byte(reader)?]));
        let mut payload = vec![0; length.checked_sub(2).ok_or_else(|| unusual("a segment is too short"))?];
        reader.read_exact(&mut payload)?;
        match marker {
            0xC2 => picture.frame(&payload, width as usize, height as usize)?,
            0xC0 | 0xC1 | 0xC3 | 0xC5..=0xC7 | 0xC9..=0xCF | 0xDC => return Err(unusual("it is not progressive")),
            0xC4 => picture.code_tables(&payload)?,
            0xDB => picture.quantisation_tables(&payload)?,
            0xDD => picture.restart_interval = payload.first_chunk().map_or(0, |two| u16::from_be_bytes(*two).into()),
            0xDA => picture.scan(reader, &payload)?,
            0xE2 => picture.profile_part(&payload),
            0xEE if payload.starts_with(b"Adobe") => picture.adobe_transform = payload.get(11).copied(),
            _ => {}
        }
    }
    picture.finish()
}

impl Picture {
    fn is_complete(&self) -> bool {
        !self.components.is_empty() && self.components.iter().all(|component| component.seen)
    }

    fn frame(&mut self, payload: &[u8], width: usize, height: usize) -> io::Result<()> {
        let [8, h1, h0, w1, w0, count, rest @ ..] = payload else { return Err(unusual("its samples are unusual")) };
        let size = [[w1, w0], [h1, h0]].map(|[high, low]| usize::from(u16::from_be_bytes([*high, *low])));
        let is_usual = size == [width, height] && matches!(count, 1 | 3) && rest.len() == 3 * usize::from(*count);
        if !is_usual || !self.components.is_empty() {
            return Err(unusual("its frame is unusual"));
        }
        let factors: Vec<_> = rest.chunks_exact(3).map(|part| [part[1] >> 4, part[1] & 15].map(usize::from)).collect();
        let [most_across, most_down] = [0, 1].map(|axis| factors.iter().map(|pair| pair[axis]).max().unwrap_or(1));
        if factors.iter().flatten().any(|factor| !matches!(factor, 1 | 2 | 4)) {
            return Err(unusual("its sampling is unusual"));
        }
        (self.width, self.height) = (width, height);
        (self.units_wide, self.units_high) = (width.div_ceil(8 * most_across), height.div_ceil(8 * most_down));
        for (part, [across, down]) in rest.chunks_exact(3).zip(factors) {
            let stride = self.units_wide * across;
            self.components.push(Component {
                id: part[0],
                across,
                down,
                quantisation: usize::from(part[2] & 3),
                blocks_wide: (width * across).div_ceil(8 * most_across),
                blocks_high: (height * down).div_ceil(8 * most_down),
                stride,
                coefficients: vec![0; stride * self.units_high * down],
                seen: false,
            });
        }
        Ok(())
    }

    fn code_tables(&mut self, mut payload: &[u8]) -> io::Result<()> {
        while let Some((head, rest)) = payload.split_first_chunk::<17>() {
            let [class, counts @ ..] = head;
            let count = counts.iter().map(|count| usize::from(*count)).sum();
            let values = rest.get(..count).ok_or_else(|| unusual("a table of codes is cut off"))?;
            // Only the tables of class 0 serve first coefficients.
            if class >> 4 == 0 {
                self.codes[usize::from(class & 3)] = Codes::new(counts, values.to_vec());
            }
            payload = &rest[count..];
        }
        Ok(())
    }

    fn quantisation_tables(&mut self, mut payload: &[u8]) -> io::Result<()> {
        while let [head, rest @ ..] = payload {
            let wide = head >> 4 != 0;
            let length = if wide { 128 } else { 64 };
            let table = rest.get(..length).ok_or_else(|| unusual("a table of quantisation is cut off"))?;
            let first = if wide { u16::from_be_bytes([table[0], table[1]]) } else { table[0].into() };
            self.quantisation[usize::from(head & 3)] = first;
            payload = &rest[length..];
        }
        Ok(())
    }

    fn scan(&mut self, reader: &mut impl BufRead, payload: &[u8]) -> io::Result<()> {
        let [count, rest @ ..] = payload else { return Err(unusual("a scan has no head")) };
        let (chosen, tail) =
            rest.split_at_checked(2 * usize::from(*count)).ok_or_else(|| unusual("a scan is cut off"))?;
        let [start, end, approximation] = tail else { return Err(unusual("a scan is cut off")) };
        // Finer coefficients: their bits are passed over on the way to the next marker.
        if *start > 0 {
            return Ok(());
        }
        let (high, low) = (approximation >> 4, approximation & 15);
        if *end > 0 || low > 13 || chosen.is_empty() {
            return Err(unusual("a scan is unusual"));
        }
        let mut parts = Vec::new();
        for pair in chosen.chunks_exact(2) {
            let index = self.components.iter().position(|component| component.id == pair[0]);
            let index = index.ok_or_else(|| unusual("a scan is of no component"))?;
            if self.components[index].seen != (high > 0) || parts.iter().any(|(known, _)| *known == index) {
                return Err(unusual("scans are out of order"));
            }
            parts.push((index, usize::from(pair[1] >> 4 & 3)));
        }
        // A component that comes alone is written block by block, several come unit by unit.
        let alone = parts.len() == 1;
        let (wide, total) = if alone {
            let component = &self.components[parts[0].0];
            (component.blocks_wide, component.blocks_wide * component.blocks_high)
        } else {
            (self.units_wide, self.units_wide * self.units_high)
        };
        let mut bits = Bits { reader, byte: 0, left: 0 };
        let mut before = [0_i32; 4];
        for unit in 0..total {
            if self.restart_interval > 0 && unit > 0 && unit % self.restart_interval == 0 {
                bits.restart()?;
                before = [0; 4];
            }
            for &(index, table) in &parts {
                let component = &mut self.components[index];
                let (across, down) = if alone { (1, 1) } else { (component.across, component.down) };
                for block in 0..across * down {
                    let (x, y) = (unit % wide * across + block % across, unit / wide * down + block / across);
                    let coefficient = &mut component.coefficients[y * component.stride + x];
                    if high == 0 {
                        before[index] = before[index].wrapping_add(bits.difference(&self.codes[table])?);
                        *coefficient = (before[index] << low) as i16;
                    } else {
                        *coefficient |= (bits.bit()? << low) as i16;
                    }
                }
            }
        }
        parts.iter().for_each(|(index, _)| self.components[*index].seen = true);
        Ok(())
    }

    fn profile_part(&mut self, payload: &[u8]) {
        let held: usize = self.profile.iter().map(|(_, part)| part.len()).sum();
        if let Some([number, _, part @ ..]) = payload.strip_prefix(b"ICC_PROFILE\0")
            && held + part.len() <= MAX_PROFILE_BYTES
        {
            self.profile.push((*number, part.to_vec()));
        }
    }

    fn finish(mut self) -> io::Result<Raster> {
        if !self.is_complete() {
            return Err(unusual("it has no pixels"));
        }
        let is_rgb = self.adobe_transform == Some(0) || self.components.iter().map(|c| c.id).eq(*b"RGB");
        let (width, height) = (self.width.div_ceil(8), self.height.div_ceil(8));
        let [across, down] = [
            self.components.iter().map(|component| component.across).max().unwrap_or(1),
            self.components.iter().map(|component| component.down).max().unwrap_or(1),
        ];
        let sample = |component: &Component, x: usize, y: usize| {
            let (x, y) = (x * component.across / across, y * component.down / down);
            let coefficient = i32::from(component.coefficients[y * component.stride + x]);
            ((coefficient * i32::from(self.quantisation[component.quantisation]) + 4) >> 3) + 128
        };
        let mut pixels = Vec::with_capacity(width * height * self.components.len());
        for y in 0..height {
            for x in 0..width {
                if let [luma, blue, red] = &self.components[..] {
                    let samples = [luma, blue, red].map(|component| sample(component, x, y).clamp(0, 255));
                    pixels.extend(if is_rgb { samples.map(|sample| sample as u8) } else { rgb(samples) });
                } else {
                    pixels.push(sample(&self.components[0], x, y).clamp(0, 255) as u8);
                }
            }
        }
        let channels = if self.components.len() == 3 { Channels::Rgb } else { Channels::Grey };
        self.profile.sort_by_key(|(number, _)| *number);
        let profile: Vec<u8> = self.profile.into_iter().flat_map(|(_, part)| part).collect();
        Ok(Raster {
            channels,
            width: width as u32,
            height: height as u32,
            covered_width: self.width as f64 / 8.0,
            covered_height: self.height as f64 / 8.0,
            full_size: (self.width as u32, self.height as u32),
            bottom_up: false,
            pixels,
            profile: needed_profile((!profile.is_empty()).then_some(profile)),
        })
    }
}

/// Brightness and two differences of colour as red, green and blue (JFIF).
fn rgb([luma, blue, red]: [i32; 3]) -> [u8; 3] {
    let [luma, blue, red] = [luma, blue - 128, red - 128].map(|sample| sample as f32);
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
        .map(|channel| channel.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::RgbImage;
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    use std::io::Cursor;

    fn picture(width: u16, height: u16) -> RgbImage {
        RgbImage::from_fn(width.into(), height.into(), |x, y| {
            image::Rgb([(x * 255 / u32::from(width)) as u8, (y * 255 / u32::from(height)) as u8, ((x + y) / 2) as u8])
        })
    }

    fn progressive(image: &RgbImage, colours: ColorType, sampling: SamplingFactor, restarts: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, 90);
        encoder.set_progressive(true);
        encoder.set_sampling_factor(sampling);
        encoder.set_restart_interval(restarts);
        let grey: Vec<u8> = image.pixels().map(|pixel| pixel[1]).collect();
        let pixels = if colours == ColorType::Luma { &grey } else { image.as_raw() };
        encoder.encode(pixels, image.width() as u16, image.height() as u16, colours).unwrap();
        bytes
    }

    /// The averages of the blocks of what a decoder of whole pictures makes of the file.
    fn averages(file: &[u8]) -> Vec<[f64; 3]> {
        let whole = image::load_from_memory(file).unwrap().into_rgb8();
        let (wide, high) = (whole.width() / 8, whole.height() / 8);
        let blocks = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
        let average = |(x, y): (u32, u32)| {
            let mut sums = [0.0; 3];
            for at in 0..64 {
                let pixel = whole.get_pixel(x * 8 + at % 8, y * 8 + at / 8);
                (0..3).for_each(|channel| sums[channel] += f64::from(pixel[channel]) / 64.0);
            }
            sums
        };
        blocks.map(average).collect()
    }

    fn assert_is_eighth(file: &[u8], tolerance: f64) {
        let (width, height) = image::load_from_memory(file).map(|image| (image.width(), image.height())).unwrap();
        let raster = eighth(&mut Cursor::new(file), width, height).unwrap();
        assert_eq!((raster.width, raster.height), (width.div_ceil(8), height.div_ceil(8)));
        let bytes = raster.channels.bytes();
        assert_eq!(raster.pixels.len(), raster.width as usize * raster.height as usize * bytes);
        let wide = width as usize / 8;
        for (at, average) in averages(file).into_iter().enumerate() {
            let from = (at / wide * raster.width as usize + at % wide) * bytes;
            let found = [0, 1, 2].map(|channel: usize| f64::from(raster.pixels[from + channel.min(bytes - 1)]));
            let luma = |[red, green, blue]: [f64; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
            assert!((luma(found) - luma(average)).abs() <= 6.0, "block {at}: {found:?} for {average:?}");
            for (found, expected) in found.into_iter().zip(average) {
                assert!((found - expected).abs() <= tolerance, "block {at}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn averages_of_blocks_are_what_the_whole_picture_has() {
        let image = picture(203, 117);
        for restarts in [0, 3] {
            assert_is_eighth(&progressive(&image, ColorType::Rgb, SamplingFactor::F_1_1, restarts), 3.0);
            assert_is_eighth(&progressive(&image, ColorType::Luma, SamplingFactor::F_1_1, restarts), 2.0);
            // Colour that is sampled more coarsely is smeared over its neighbours by the decoder of whole pictures.
            assert_is_eighth(&progressive(&image, ColorType::Rgb, SamplingFactor::F_2_2, restarts), 40.0);
        }
    }

    /// 50 × 35 pixels in ten scans, as libjpeg writes them: the last bit of the averages comes later, in a scan of its own.
    const FILE: &str = "ffd8ffe000104a46494600010100000100010000ffdb0043000a07070807060a0808080b0a0a0b0e18100e0d0d0e1d15161118231f25\
        24221f2221262b372f26293429212230413134393b3e3e3e252e4449433c48373d3e3bffdb0043010a0b0b0e0d0e1c10101c3b282228\
        3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3bffc20011\
        080023003203012200021101031101ffc4001800010101010100000000000000000000000300040506ffc40018010101010101000000\
        00000000000000000402030506ffda000c03010002100310000001f26ba54f39974b47432aea597e3ba14a79cced9784ceda1f47665d\
        4da3f1dd0a93c76ae6f8d66a435da90e5ab547ffc4001810010101010100000000000000000000000001021210ffda00080101000105\
        02994ca6530984c384ca6532984c261c26532994c26130e132994ca61309870888889e7fffc400181101010101010000000000000000\
        0000000300021310ffda0008010301013f01358d635bac6b1ac6b75b162c79ffc4001911010003010100000000000000000000000001\
        02111012ffda0008010201013f01f6de622e894315555e7fffc40014100100000000000000000000000000000050ffda000801010006\
        3f020fffc40017100101010100000000000000000000000001001140ffda0008010100013f21ec5402a01500a800408102040b0bffda\
        000c03010002000300000010d7af73b394320bf7c3ffc40017110101010100000000000000000000000000011130ffda000801030101\
        3f10e00c1dad6d7fffc400191100030101010000000000000000000000000111211020ffda0008010201013f10743b1ef142a6bd07ff\
        c40017100101010100000000000000000000000000615171ffda0008010100013f108a28a0820e5145141041c269a69249394d34d249\
        270ccc8c8cccccc93fffd9";

    #[test]
    fn averages_are_refined_by_later_scans() {
        assert_is_eighth(&hex::decode(FILE).unwrap(), 40.0);
        let file = hex::decode(FILE).unwrap();
        let luma = |bytes: &[u8]| eighth(&mut Cursor::new(bytes), 50, 35).unwrap().pixels;
        let scans: Vec<_> = (0..file.len()).filter(|at| file[*at..].starts_with(&[0xFF, 0xDA])).collect();
        // Without the last scans the averages are coarser.
        assert_ne!(luma(&file[..scans[5]]), luma(&file));
    }

    #[test]
    fn what_is_cut_off_behind_the_averages_is_good_enough_and_before_is_not() {
        let file = progressive(&picture(64, 48), ColorType::Rgb, SamplingFactor::F_2_2, 0);
        let whole = eighth(&mut Cursor::new(&file), 64, 48).unwrap();
        let mut complete = 0;
        for length in 0..file.len() {
            if let Ok(raster) = eighth(&mut Cursor::new(&file[..length]), 64, 48) {
                assert_eq!(raster.pixels, whole.pixels);
                complete += 1;
            }
        }
        assert!(complete > 0 && complete < file.len());
    }

    #[test]
    fn other_kinds_and_other_sizes_are_left_to_others() {
        let mut baseline = Vec::new();
        let image = picture(64, 48);
        Encoder::new(&mut baseline, 90).encode(image.as_raw(), 64, 48, ColorType::Rgb).unwrap();
        assert!(eighth(&mut Cursor::new(&baseline), 64, 48).is_err());
        let file = progressive(&image, ColorType::Rgb, SamplingFactor::F_1_1, 0);
        assert!(eighth(&mut Cursor::new(&file), 65, 48).is_err());
        assert!(eighth(&mut Cursor::new(&b""), 64, 48).is_err());
    }

    #[test]
    fn broken_bytes_never_panic() {
        let file = progressive(&picture(40, 24), ColorType::Rgb, SamplingFactor::F_2_2, 2);
        for at in 0..file.len() {
            for mask in [0x01, 0x55, 0x80, 0xFF] {
                let mut broken = file.clone();
                broken[at] ^= mask;
                let _ = eighth(&mut Cursor::new(&broken), 40, 24);
            }
        }
    }
}
