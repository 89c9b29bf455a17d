//! Pixels on their way to thumbnails: rows come in at full size, and only what thumbnails need stays.
//!
//! A decoder that can give row after row (PNG, TIFF, BMP, GIF) never holds a whole picture. Rows are averaged in square
//! blocks while they pass ([`Reducer`]), by a whole factor that leaves at least twice the pixels of the large thumbnail on
//! either axis; the resampling filter that makes the thumbnail from there cannot tell the difference by eye, and has far
//! less to do.

use crate::model::picture::THUMBNAIL_LARGE_PX;

/// What a pixel is made of; one byte each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channels {
    /// Brightness.
    Grey,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and opacity.
    Rgba,
}

impl Channels {
    /// Bytes per pixel.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// A picture after the reduction, not turned upright yet. Colours are multiplied by opacity.
#[derive(Debug)]
pub(super) struct Raster {
    pub(super) channels: Channels,
    /// Pixels in a row.
    pub(super) width: u32,
    /// Number of rows.
    pub(super) height: u32,
    /// How much of `width` the picture covers: the last pixel may stand for a part of a block.
    pub(super) covered_width: f64,
    /// How much of `height` the picture covers.
    pub(super) covered_height: f64,
    /// Size of the picture before the reduction.
    pub(super) full_size: (u32, u32),
    /// Whether the rows come from the bottom to the top, as BMP has them.
    pub(super) bottom_up: bool,
    pub(super) pixels: Vec<u8>,
    /// The colour profile that the numbers refer to, if the file has one that thumbnails need, too.
    pub(super) profile: Option<Vec<u8>>,
}

/// By which whole factor a picture of this size is reduced before resampling.
pub(super) fn factor(width: u32, height: u32) -> u32 {
    (width.max(height) / (2 * THUMBNAIL_LARGE_PX)).max(1)
}

/// Takes rows of a picture and keeps the averages of blocks.
pub(super) struct Reducer {
    channels: Channels,
    width: u32,
    height: u32,
    factor: u32,
    /// Sums over the rows of the present block, one for every byte of a reduced row.
    sums: Vec<u32>,
    rows_in_sums: u32,
    /// A row whose colours were multiplied by opacity.
    multiplied: Vec<u8>,
    premultiplied: bool,
    pixels: Vec<u8>,
    rows: u32,
}

impl Reducer {
    /// Prepares for `height` rows of `width` pixels.
    pub(super) fn new(channels: Channels, width: u32, height: u32) -> Self {
        let factor = factor(width, height);
        let row_bytes = width.div_ceil(factor) as usize * channels.bytes();
        Self {
            channels,
            width,
            height,
            factor,
            sums: vec![0; if factor > 1 { row_bytes } else { 0 }],
            rows_in_sums: 0,
            multiplied: Vec::new(),
            premultiplied: false,
            pixels: Vec::with_capacity(row_bytes * height.div_ceil(factor) as usize),
            rows: 0,
        }
    }

    /// Says that the colours of the rows are multiplied by opacity already.
    pub(super) fn premultiplied(mut self) -> Self {
        self.premultiplied = true;
        self
    }

    /// Takes the next row, which has `width` pixels. Rows beyond the last are ignored.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.rows == self.height || row.len() < self.width as usize * self.channels.bytes() {
            return;
        }
        let row = &row[..self.width as usize * self.channels.bytes()];
        self.rows += 1;
        if self.channels == Channels::Rgba && !self.premultiplied {
            let mut multiplied = std::mem::take(&mut self.multiplied);
            multiply(row, &mut multiplied);
            self.take(&multiplied);
            self.multiplied = multiplied;
        } else {
            self.take(row);
        }
    }

    fn take(&mut self, row: &[u8]) {
        if self.factor == 1 {
            self.pixels.extend_from_slice(row);
            return;
        }
        let factor = self.factor as usize;
        match self.channels {
            Channels::Grey => add_row::<1>(&mut self.sums, row, factor),
            Channels::Rgb => add_row::<3>(&mut self.sums, row, factor),
            Channels::Rgba => add_row::<4>(&mut self.sums, row, factor),
        }
        self.rows_in_sums += 1;
        if self.rows_in_sums == self.factor || self.rows == self.height {
            self.end_block();
        }
    }

    /// Turns the sums into a row of averages.
    fn end_block(&mut self) {
        let bytes = self.channels.bytes();
        let whole = self.width as usize / self.factor as usize * bytes;
        let (sums, rest) = self.sums.split_at(whole);
        average(&mut self.pixels, sums, self.factor * self.rows_in_sums);
        // The last pixel of a row stands for the rest of a block.
        average(&mut self.pixels, rest, self.width % self.factor * self.rows_in_sums);
        self.sums.fill(0);
        self.rows_in_sums = 0;
    }

    /// How many rows have come.
    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    /// The reduced picture. Rows that never came are black, or transparent where there is opacity.
    pub(super) fn finish(mut self) -> Raster {
        if self.rows_in_sums > 0 {
            self.end_block();
        }
        let (width, height) = (self.width.div_ceil(self.factor), self.height.div_ceil(self.factor));
        self.pixels.resize(width as usize * height as usize * self.channels.bytes(), 0);
        Raster {
            channels: self.channels,
            width,
            height,
            covered_width: f64::from(self.width) / f64::from(self.factor),
            covered_height: f64::from(self.height) / f64::from(self.factor),
            full_size: (self.width, self.height),
            bottom_up: false,
            pixels: self.pixels,
            profile: None,
        }
    }
}

/// Reduces a picture that a decoder could only give as a whole. A small one is taken over without a copy.
pub(super) fn reduce_whole(channels: Channels, width: u32, height: u32, mut pixels: Vec<u8>) -> Raster {
    let row_bytes = width as usize * channels.bytes();
    if factor(width, height) == 1 && channels != Channels::Rgba {
        let mut raster = Reducer::new(channels, width, 0).finish();
        pixels.resize(row_bytes * height as usize, 0);
        raster.pixels = pixels;
        (raster.height, raster.covered_height, raster.full_size) = (height, f64::from(height), (width, height));
        return raster;
    }
    let mut reducer = Reducer::new(channels, width, height);
    pixels.chunks_exact(row_bytes).for_each(|row| reducer.push(row));
    reducer.finish()
}

/// Multiplies colours by opacity.
fn multiply(row: &[u8], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(row);
    for pixel in out.chunks_exact_mut(4) {
        let opacity = u32::from(pixel[3]);
        if opacity != 255 {
            for colour in &mut pixel[..3] {
                *colour = ((u32::from(*colour) * opacity + 127) / 255) as u8;
            }
        }
    }
}

/// Adds each block's pixels in a row to the block's sums. Common factors are compiled as constants, which is what lets
/// the compiler unroll them.
fn add_row<const CHANNELS: usize>(sums: &mut [u32], row: &[u8], factor: usize) {
    match factor {
        2 => add_blocks::<CHANNELS>(sums, row, 2),
        3 => add_blocks::<CHANNELS>(sums, row, 3),
        4 => add_blocks::<CHANNELS>(sums, row, 4),
        _ => add_blocks::<CHANNELS>(sums, row, factor),
    }
}

#[inline(always)]
fn add_blocks<const CHANNELS: usize>(sums: &mut [u32], row: &[u8], factor: usize) {
    for (sum, block) in sums.chunks_exact_mut(CHANNELS).zip(row.chunks(CHANNELS * factor)) {
        for pixel in block.chunks_exact(CHANNELS) {
            for channel in 0..CHANNELS {
                sum[channel] += u32::from(pixel[channel]);
            }
        }
    }
}

/// Divides sums over `count` pixels, rounding to the nearest.
fn average(out: &mut Vec<u8>, sums: &[u32], count: u32) {
    if sums.is_empty() || count == 0 {
        return;
    }
    // A multiplication in place of a division: exact enough for 8 bits, since count ≤ 65,535 / 1,920 squared is small.
    let scale = 1.0 / count as f32;
    out.extend(sums.iter().map(|&sum| (sum as f32 * scale + 0.5) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_averaged_and_the_rest_counts_as_much_as_there_is() {
        // Twice the large thumbnail and a bit: factor 2, and the last block has one column only.
        let width = 4 * THUMBNAIL_LARGE_PX + 1;
        let mut reducer = Reducer::new(Channels::Grey, width, 3);
        let row: Vec<u8> = (0..width).map(|x| if x == width - 1 { 200 } else { (x % 2 * 100) as u8 }).collect();
        (0..3).for_each(|_| reducer.push(&row));
        let raster = reducer.finish();
        assert_eq!((raster.width, raster.height), (width / 2 + 1, 2));
        assert_eq!((raster.covered_width, raster.covered_height), (f64::from(width) / 2.0, 1.5));
        assert!(raster.pixels[..raster.width as usize - 1].iter().all(|&grey| grey == 50));
        assert_eq!(raster.pixels[raster.width as usize - 1], 200);
        assert_eq!(raster.pixels.len(), (raster.width * raster.height) as usize);
    }

    #[test]
    fn the_colour_of_transparent_pixels_does_not_bleed() {
        let width = 4 * THUMBNAIL_LARGE_PX;
        let row: Vec<u8> =
            (0..width).flat_map(|x| if x % 2 == 0 { [200, 100, 0, 255] } else { [0, 255, 255, 0] }).collect();
        let mut reducer = Reducer::new(Channels::Rgba, width, 2);
        reducer.push(&row);
        reducer.push(&row);
        assert_eq!(reducer.finish().pixels[..4], [100, 50, 0, 128]);
    }

    #[test]
    fn missing_rows_leave_a_whole_picture() {
        let mut reducer = Reducer::new(Channels::Rgb, 5, 4);
        reducer.push(&[9; 15]);
        let raster = reducer.finish();
        assert_eq!(raster.pixels.len(), 60);
        assert_eq!((raster.pixels[14], raster.pixels[15]), (9, 0));
    }
}
