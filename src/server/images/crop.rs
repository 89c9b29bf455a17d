//! Regions cut out of pictures, as examples of what they show.

use super::error::ImageError;
use super::raster::Raster;
use super::thumbnail::{Thumbnail, cut};
use crate::model::Rect;
use image::metadata::Orientation;

/// Longest side of a crop, in pixels.
pub const CROP_PX: u32 = 320;

/// Corners of a crop are rounded to such parts of the picture, so that a crop has one name.
const PARTS: f64 = 10_000.0;

/// A part of an upright picture, in ten-thousandths of its width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    left: u16,
    top: u16,
    right: u16,
    bottom: u16,
}

impl Window {
    /// What to show of a region with these bounds: with something around it, never thinner than half its length, and large
    /// enough to tell what a point lies on. `size` is that of the upright picture in pixels.
    pub fn around(bounds: Rect, (width, height): (u32, u32)) -> Self {
        let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
        let longer = (bounds.w * width).max(bounds.h * height);
        let least = (longer / 2.0).max(0.12 * width.min(height));
        let side = |start: f64, length: f64, whole: f64| {
            let centre = (start + length / 2.0) * whole;
            let half = ((length * whole).max(least) * 1.25 / 2.0).min(whole / 2.0);
            // Moved inside, rather than cut off.
            let from = (centre - half).clamp(0.0, whole - 2.0 * half);
            let part = |at: f64| (at / whole * PARTS).round().clamp(0.0, PARTS) as u16;
            let (from, to) = (part(from), part(from + 2.0 * half));
            if from < to { (from, to) } else { (from.min(9_999), from.min(9_999) + 1) }
        };
        let ((left, right), (top, bottom)) = (side(bounds.x, bounds.w, width), side(bounds.y, bounds.h, height));
        Self { left, top, right, bottom }
    }

    /// The name of a file with this part of a picture.
    pub fn name(self) -> String {
        let Self { left, top, right, bottom } = self;
        format!("{left}-{top}-{right}-{bottom}-{CROP_PX}")
    }

    /// How many pixels the longer side has in a picture of this size.
    pub(super) fn longest_px(self, (width, height): (u32, u32)) -> f64 {
        let side = |from: u16, to: u16, whole: u32| f64::from(to - from) / PARTS * f64::from(whole);
        side(self.left, self.right, width).max(side(self.top, self.bottom, height))
    }

    /// The same part before the picture is turned upright, as two corners between 0 and 1.
    fn stored(self, orientation: Orientation, bottom_up: bool) -> [(f64, f64); 2] {
        let corner = |x: u16, y: u16| {
            let (x, y) = (f64::from(x) / PARTS, f64::from(y) / PARTS);
            let (x, y) = match orientation {
                Orientation::NoTransforms => (x, y),
                Orientation::Rotate90 => (y, 1.0 - x),
                Orientation::Rotate180 => (1.0 - x, 1.0 - y),
                Orientation::Rotate270 => (1.0 - y, x),
                Orientation::FlipHorizontal => (1.0 - x, y),
                Orientation::FlipVertical => (x, 1.0 - y),
                Orientation::Rotate90FlipH => (y, x),
                Orientation::Rotate270FlipH => (1.0 - y, 1.0 - x),
            };
            if bottom_up { (x, 1.0 - y) } else { (x, y) }
        };
        let ((ax, ay), (bx, by)) = (corner(self.left, self.top), corner(self.right, self.bottom));
        [(ax.min(bx), ay.min(by)), (ax.max(bx), ay.max(by))]
    }
}

/// Cuts a part out of a decoded picture.
pub(super) fn make(raster: Raster, orientation: Orientation, window: Window) -> Result<Thumbnail, ImageError> {
    let corners = window.stored(orientation, raster.bottom_up);
    cut(raster, orientation, corners, CROP_PX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, Luma};

    const ALL: [Orientation; 8] = [
        Orientation::NoTransforms,
        Orientation::Rotate90,
        Orientation::Rotate180,
        Orientation::Rotate270,
        Orientation::FlipHorizontal,
        Orientation::FlipVertical,
        Orientation::Rotate90FlipH,
        Orientation::Rotate270FlipH,
    ];

    fn window(left: u16, top: u16, right: u16, bottom: u16) -> Window {
        Window { left, top, right, bottom }
    }

    #[test]
    fn a_window_lies_in_the_picture_and_around_the_region() {
        for (x, y, w, h) in [
            (0.0, 0.0, 0.0, 0.0),
            (1.0, 1.0, 0.0, 0.0),
            (0.0, 0.0, 1.0, 1.0),
            (0.9, 0.1, 0.1, 0.8),
            (0.2, 0.5, 0.6, 0.0),
        ] {
            for size in [(640, 480), (10, 4000), (1, 1)] {
                let Window { left, top, right, bottom } = Window::around(Rect { x, y, w, h }, size);
                assert!(left < right && right <= 10_000 && top < bottom && bottom <= 10_000);
                let part = |at: f64| (at * PARTS) as u16;
                assert!(left <= part(x) && right >= part(x + w).min(10_000), "{x} {w} {size:?}: {left} {right}");
                assert!(top <= part(y) && bottom >= part(y + h).min(10_000), "{y} {h} {size:?}: {top} {bottom}");
            }
        }
        // A point in the middle of a square shows what it lies on.
        assert_eq!(Window::around(Rect { x: 0.5, y: 0.5, w: 0.0, h: 0.0 }, (100, 100)), window(4250, 4250, 5750, 5750));
    }

    #[test]
    fn a_part_is_found_however_the_picture_lies() {
        // Upright, the pixel at (2, 0) of 4 × 3 is the bright one.
        for orientation in ALL {
            let (width, height) = match orientation {
                Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH => (3, 4),
                _ => (4, 3),
            };
            let [(ax, ay), (bx, by)] = window(5000, 0, 7500, 3333).stored(orientation, false);
            let stored = GrayImage::from_fn(width, height, |x, y| {
                let (x, y) = ((f64::from(x) + 0.5) / f64::from(width), (f64::from(y) + 0.5) / f64::from(height));
                Luma([if (ax..bx).contains(&x) && (ay..by).contains(&y) { 255 } else { 0 }])
            });
            let mut upright = DynamicImage::from(stored);
            upright.apply_orientation(orientation);
            let upright = upright.into_luma8();
            assert_eq!(upright.dimensions(), (4, 3));
            let bright: Vec<(u32, u32)> =
                upright.enumerate_pixels().filter(|(.., pixel)| pixel.0[0] == 255).map(|(x, y, _)| (x, y)).collect();
            assert_eq!(bright, [(2, 0)], "{orientation:?}");
        }
    }
}
