//! TIFF, the first page, one row of strips or tiles at a time.
//!
//! The decoder refuses pictures with a palette, although palette numbers are stored just like grey levels. [`Relabelled`]
//! lets it believe that they are, and the palette is applied afterwards.

use super::super::error::ImageError;
use super::super::format::Format;
use super::super::raster::{Channels, Raster, Reducer};
use super::{Header, cmyk_to_rgb, narrow, needed_profile};
use image::metadata::Orientation;
use std::io::{self, Read, Seek, SeekFrom};
use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, Limits, TiffCodingUnit};
use tiff::tags::{SampleFormat, Tag};

/// How much memory one strip or tile may take: as much as a whole picture within the pixel limit, since some programs
/// write a picture as a single strip.
const MAX_CHUNK_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Opens a file, and says whether its pixels are palette numbers.
fn open<R: Read + Seek>(mut reader: R) -> Result<(Decoder<Relabelled<R>>, bool), ImageError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = MAX_CHUNK_BYTES as usize;
    limits.intermediate_buffer_size = MAX_CHUNK_BYTES as usize;
    let label_at = palette_label(&mut reader).map_err(|error| ImageError::from_read(Format::Tiff, error))?;
    reader.seek(SeekFrom::Start(0))?;
    let reader = Relabelled { reader, at: 0, label_at };
    Ok((Decoder::new(reader).map_err(ImageError::from_tiff)?.with_limits(limits), label_at.is_some()))
}

/// Where the first page says that its pixels are palette numbers, if it does: the position of the byte that is 3. Looks at
/// classic TIFF only, and leaves all complaints about the file to the decoder.
fn palette_label(reader: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let mut start = [0; 8];
    if read_fully(reader, &mut start)? < start.len() {
        return Ok(None);
    }
    let little = match start[..4] {
        [b'I', b'I', 42, 0] => true,
        [b'M', b'M', 0, 42] => false,
        _ => return Ok(None),
    };
    let u16_of = |bytes: &[u8]| {
        let pair = [bytes[0], bytes[1]];
        if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    };
    let four = [start[4], start[5], start[6], start[7]];
    let directory_at = u64::from(if little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) });
    reader.seek(SeekFrom::Start(directory_at))?;
    let mut count = [0; 2];
    if read_fully(reader, &mut count)? < count.len() {
        return Ok(None);
    }
    let mut entries = vec![0; 12 * usize::from(u16_of(&count))];
    let read = read_fully(reader, &mut entries)?;
    let labels = entries[..read].chunks_exact(12).enumerate().find_map(|(index, entry)| {
        let is_palette = u16_of(entry) == Tag::PhotometricInterpretation.to_u16() && u16_of(&entry[8..]) == 3;
        is_palette.then_some(directory_at + 2 + 12 * index as u64 + if little { 8 } else { 9 })
    });
    Ok(labels)
}

/// Reads until the buffer is full or the file ends, and says how much was read.
fn read_fully(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}

/// A file in which the byte that says "palette" reads as "grey".
struct Relabelled<R> {
    reader: R,
    at: u64,
    label_at: Option<u64>,
}

impl<R: Read> Read for Relabelled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let index = self.label_at.and_then(|label_at| label_at.checked_sub(self.at));
        if let Some(label) = index.and_then(|index| buffer[..count].get_mut(usize::try_from(index).ok()?)) {
            *label = 1;
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for Relabelled<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.reader.seek(to)?;
        Ok(self.at)
    }
}

pub(super) fn header<R: Read + Seek>(reader: R) -> Result<Header, ImageError> {
    let (mut decoder, has_palette) = open(reader)?;
    let (width, height) = decoder.dimensions().map_err(ImageError::from_tiff)?;
    let colours = Colours::read(&mut decoder, has_palette)?;
    let orientation = match decoder.find_tag_unsigned::<u8>(Tag::Orientation) {
        Ok(Some(number)) => Orientation::from_exif(number).unwrap_or(Orientation::NoTransforms),
        // Metadata that cannot be read is no reason to refuse a picture.
        _ => Orientation::NoTransforms,
    };
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    let plain = plain_strips(&mut decoder, &colours)?.is_some();
    let band_rows = if plain { 1 } else { u64::from(chunk_height.min(height)) };
    let band_width = u64::from(width.next_multiple_of(chunk_width.clamp(1, 65_535)));
    // The compressed chunk, the decoded one, and the rows put together from it.
    let memory_bytes = 3 * band_width * band_rows * u64::from(colours.bits_per_pixel()).div_ceil(8);
    Ok(Header { width, height, orientation, memory_bytes })
}

/// How pixels are written down.
struct Colours {
    kind: ColorType,
    /// Whether colours are multiplied by opacity already.
    premultiplied: bool,
    /// Three tables of red, green and blue, one after the other.
    palette: Vec<u16>,
}

impl Colours {
    fn read<R: Read + Seek>(decoder: &mut Decoder<R>, has_palette: bool) -> Result<Self, ImageError> {
        let kind = match decoder.colortype().map_err(ImageError::from_tiff)? {
            ColorType::Gray(bits) if has_palette => ColorType::Palette(bits),
            // So the decoder calls grey with opacity.
            ColorType::Multiband { bit_depth, num_samples: 2 } if !has_palette => ColorType::GrayA(bit_depth),
            other => other,
        };
        let formats = decoder.find_tag_unsigned_vec::<u16>(Tag::SampleFormat).ok().flatten().unwrap_or_default();
        let format = formats.first().map_or(SampleFormat::Uint, |&number| SampleFormat::from_u16_exhaustive(number));
        let float = format == SampleFormat::IEEEFP;
        let palette = match kind {
            ColorType::Palette(_) => decoder.get_tag_u16_vec(Tag::ColorMap).map_err(ImageError::from_tiff)?,
            _ => Vec::new(),
        };
        let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).ok().flatten().unwrap_or_default();
        let colours = Self { kind, premultiplied: extra.first() == Some(&1), palette };
        let readable = match kind {
            ColorType::Gray(bits) if !float => matches!(bits, 1 | 2 | 4 | 8 | 16),
            ColorType::Palette(bits) => matches!(bits, 1 | 2 | 4 | 8) && !float,
            ColorType::GrayA(bits) | ColorType::RGB(bits) | ColorType::RGBA(bits) | ColorType::CMYK(bits) if !float => {
                matches!(bits, 8 | 16)
            }
            ColorType::YCbCr(bits) => bits == 8 && !float,
            ColorType::Gray(bits) | ColorType::RGB(bits) | ColorType::RGBA(bits) => bits == 32,
            _ => false,
        };
        if !readable || !matches!(format, SampleFormat::Uint | SampleFormat::IEEEFP | SampleFormat::Void) {
            let what = format!("pixels of the kind {kind:?} are not supported");
            return Err(ImageError::Unsupported(Format::Tiff, what));
        }
        Ok(colours)
    }

    fn bits_per_pixel(&self) -> u32 {
        u32::from(self.kind.bit_depth()) * self.samples() as u32
    }

    /// How many bytes a row of so many pixels takes in a file without compression.
    fn row_bytes(&self, pixels: u32) -> usize {
        (pixels as usize * self.bits_per_pixel() as usize).div_ceil(8)
    }

    fn samples(&self) -> usize {
        usize::from(self.kind.num_samples())
    }

    fn channels(&self) -> Channels {
        match self.kind {
            ColorType::Gray(_) => Channels::Grey,
            ColorType::GrayA(_) | ColorType::RGBA(_) => Channels::Rgba,
            _ => Channels::Rgb,
        }
    }

    /// Appends a row of samples, 8 bits each or palette numbers, as pixels.
    fn convert(&self, samples: &[u8], row: &mut Vec<u8>) {
        match self.kind {
            ColorType::Gray(_) | ColorType::RGB(_) | ColorType::RGBA(_) => row.extend_from_slice(samples),
            ColorType::GrayA(_) => {
                row.extend(samples.chunks_exact(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]));
            }
            ColorType::CMYK(_) => {
                row.extend(samples.chunks_exact(4).flat_map(|ink| cmyk_to_rgb([ink[0], ink[1], ink[2], ink[3]])))
            }
            ColorType::YCbCr(_) => row.extend(samples.chunks_exact(3).flat_map(|c| ycbcr_to_rgb(c[0], c[1], c[2]))),
            _ => {
                let table = self.palette.len() / 3;
                row.extend(samples.iter().flat_map(|&index| {
                    [0, 1, 2].map(|colour| {
                        let at = usize::from(index);
                        if at < table { narrow(self.palette[colour * table + at]) } else { 0 }
                    })
                }));
            }
        }
    }

    /// Appends one line of a chunk as samples of 8 bits each, or as palette numbers.
    fn widen(&self, line: &[u8], pixels: usize, samples_per_pixel: usize, out: &mut Vec<u8>) {
        let count = pixels * samples_per_pixel;
        let bits = self.kind.bit_depth();
        match bits {
            1 | 2 | 4 => {
                let (mask, per_byte) = ((1_u16 << bits) as u8 - 1, usize::from(8 / bits));
                // Grey levels spread over the whole range, palette numbers stay.
                let factor = if matches!(self.kind, ColorType::Palette(_)) { 1 } else { 255 / mask };
                out.extend((0..count).map(|at| {
                    let shift = 8 - bits as usize * (at % per_byte + 1);
                    (line.get(at / per_byte).copied().unwrap_or(0) >> shift & mask) * factor
                }));
            }
            16 => out.extend(
                line.chunks_exact(2).take(count).map(|sample| narrow(u16::from_ne_bytes([sample[0], sample[1]]))),
            ),
            32 => out.extend(line.chunks_exact(4).take(count).map(|sample| {
                let value = f32::from_ne_bytes([sample[0], sample[1], sample[2], sample[3]]);
                (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
            })),
            _ => out.extend_from_slice(&line[..count.min(line.len())]),
        }
    }
}

pub(super) fn decode<R: Read + Seek>(reader: R) -> Result<Raster, ImageError> {
    let (mut decoder, has_palette) = open(reader)?;
    let (width, height) = decoder.dimensions().map_err(ImageError::from_tiff)?;
    let colours = Colours::read(&mut decoder, has_palette)?;
    let profile = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    let (chunk_width, chunk_height) = decoder.chunk_dimensions();
    if chunk_width == 0 || chunk_height == 0 {
        return Err(ImageError::Damaged(Format::Tiff, "its strips or tiles are empty".to_owned()));
    }
    let across = match decoder.get_chunk_type() {
        ChunkType::Strip => 1,
        ChunkType::Tile => width.div_ceil(chunk_width),
    };

    let mut reducer = Reducer::new(colours.channels(), width, height);
    if colours.premultiplied {
        reducer = reducer.premultiplied();
    }
    let mut row = Vec::new();
    let mut push = |samples: &[u8]| {
        row.clear();
        colours.convert(samples, &mut row);
        reducer.push(&row);
    };
    if let Some(offsets) = plain_strips(&mut decoder, &colours)? {
        let mut bytes = vec![0; colours.row_bytes(width)];
        let mut samples = Vec::new();
        for y in 0..height {
            if y % chunk_height == 0 {
                let Some(&offset) = offsets.get((y / chunk_height) as usize) else {
                    return Err(ImageError::Damaged(Format::Tiff, "it lacks some of its strips".to_owned()));
                };
                decoder.inner().seek(SeekFrom::Start(offset))?;
            }
            if read_fully(decoder.inner(), &mut bytes)? < bytes.len() {
                return Err(ImageError::Damaged(Format::Tiff, "it ends too early".to_owned()));
            }
            samples.clear();
            colours.widen(&bytes, width as usize, colours.samples(), &mut samples);
            push(&samples);
        }
    } else {
        let mut chunk = Vec::new();
        for band in 0..height.div_ceil(chunk_height) {
            let rows = (height - band * chunk_height).min(chunk_height) as usize;
            if across == 1 {
                read_unit(&mut decoder, band, &colours, &mut chunk, rows, |_, samples| push(samples))?;
                continue;
            }
            // The samples of the whole band, since a row runs through all of its tiles.
            let mut lines: Vec<Vec<u8>> = vec![Vec::new(); rows];
            for unit in band * across..(band + 1) * across {
                let append = |y: usize, samples: &[u8]| lines[y].extend_from_slice(samples);
                read_unit(&mut decoder, unit, &colours, &mut chunk, rows, append)?;
            }
            lines.iter().for_each(|samples| push(samples));
        }
    }
    let mut raster = reducer.finish();
    // A profile for inks says nothing about the RGB that was made of them.
    if !matches!(colours.kind, ColorType::CMYK(_)) {
        raster.profile = needed_profile(profile);
    }
    Ok(raster)
}

/// Where the strips begin, if they are nothing but rows of bytes, which are then read row by row: some programs write a whole
/// picture as one strip.
fn plain_strips<R: Read + Seek>(decoder: &mut Decoder<R>, colours: &Colours) -> Result<Option<Vec<u64>>, ImageError> {
    let number = |decoder: &mut Decoder<R>, tag| decoder.find_tag_unsigned::<u16>(tag).map_err(ImageError::from_tiff);
    let plain = decoder.get_chunk_type() == ChunkType::Strip
        && colours.kind.bit_depth() <= 8
        && !matches!(colours.kind, ColorType::YCbCr(_))
        && number(decoder, Tag::Compression)?.is_none_or(|compression| compression == 1)
        && number(decoder, Tag::PlanarConfiguration)?.is_none_or(|planar| planar == 1)
        // The decoder turns "white is zero" round, and refuses what is stored in any other way.
        && number(decoder, Tag::PhotometricInterpretation)?.is_none_or(|photometric| photometric != 0)
        && number(decoder, Tag::Predictor)?.is_none_or(|predictor| predictor == 1);
    if !plain {
        return Ok(None);
    }
    decoder.find_tag_unsigned_vec::<u64>(Tag::StripOffsets).map_err(ImageError::from_tiff)
}

/// Calls `each` with every row of one strip or tile, from the top, as samples of 8 bits each or as palette numbers.
fn read_unit<R: Read + Seek>(
    decoder: &mut Decoder<R>,
    unit: u32,
    colours: &Colours,
    chunk: &mut Vec<u8>,
    rows: usize,
    mut each: impl FnMut(usize, &[u8]),
) -> Result<(), ImageError> {
    let layout = decoder.image_coding_unit_layout(TiffCodingUnit(unit)).map_err(ImageError::from_tiff)?;
    if layout.complete_len as u64 > MAX_CHUNK_BYTES {
        return Err(ImageError::TooLarge("decoding this picture would need too much memory".to_owned()));
    }
    chunk.clear();
    chunk.resize(layout.complete_len, 0);
    decoder.read_coding_unit_bytes(TiffCodingUnit(unit), chunk).map_err(ImageError::from_tiff)?;
    let (pixels, _) = decoder.chunk_data_dimensions(unit);
    let pixels = pixels as usize;

    let planes = layout.planes.max(1);
    let samples_per_plane = (colours.samples() / planes).max(1);
    let row_bytes = layout.row_stride.map_or_else(
        || (pixels * samples_per_plane * usize::from(colours.kind.bit_depth())).div_ceil(8),
        |stride| stride.get(),
    );
    let plane_bytes = layout.plane_stride.map_or(chunk.len(), |stride| stride.get());
    let (mut samples, mut interleaved) = (Vec::new(), Vec::new());
    for y in 0..rows {
        samples.clear();
        for plane in 0..planes {
            let bytes = chunk.get(plane * plane_bytes + y * row_bytes..).unwrap_or_default();
            colours.widen(&bytes[..bytes.len().min(row_bytes)], pixels, samples_per_plane, &mut samples);
        }
        if planes == 1 {
            each(y, &samples);
            continue;
        }
        // Red, green and blue lie apart.
        let per_plane = samples.len() / planes;
        interleaved.clear();
        interleaved.extend(
            (0..per_plane).flat_map(|x| (0..planes).map(move |plane| plane * per_plane + x)).map(|at| samples[at]),
        );
        each(y, &interleaved);
    }
    Ok(())
}

/// Brightness and colour differences as red, green and blue, with the usual weights.
fn ycbcr_to_rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (f32::from(y), f32::from(cb) - 128.0, f32::from(cr) - 128.0);
    let byte = |value: f32| (value + 0.5).clamp(0.0, 255.0) as u8;
    [byte(y + 1.402 * cr), byte(y - 0.344_14 * cb - 0.714_14 * cr), byte(y + 1.772 * cb)]
}
