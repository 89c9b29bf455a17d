//! Places and sizes on the screen, in CSS pixels.

use std::ops::{Add, Sub};

/// A place on the drawing surface, or the way from one place to another: CSS pixels, x to the right and y down.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScreenPoint {
    /// Distance from the surface's left edge.
    pub x: f64,
    /// Distance from the surface's top edge.
    pub y: f64,
}

impl ScreenPoint {
    /// The place at `x` and `y`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Length of the straight way to `other`.
    pub fn distance_to(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// The place half way to `other`.
    pub fn midpoint(self, other: Self) -> Self {
        Self::new((self.x + other.x) / 2.0, (self.y + other.y) / 2.0)
    }
}

impl Add for ScreenPoint {
    type Output = Self;

    fn add(self, way: Self) -> Self {
        Self::new(self.x + way.x, self.y + way.y)
    }
}

impl Sub for ScreenPoint {
    type Output = Self;

    fn sub(self, from: Self) -> Self {
        Self::new(self.x - from.x, self.y - from.y)
    }
}

/// A width and a height: of the picture in its pixels, or of the surface in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Horizontal extent.
    pub width: f64,
    /// Vertical extent.
    pub height: f64,
}

impl Size {
    /// A size that is at least 1 in both directions, so that nothing is ever divided by zero.
    pub fn new(width: f64, height: f64) -> Self {
        let at_least_one = |length: f64| if length.is_finite() { length.max(1.0) } else { 1.0 };
        Self { width: at_least_one(width), height: at_least_one(height) }
    }
}

/// An upright rectangle on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreenRect {
    /// Top left corner.
    pub min: ScreenPoint,
    /// Bottom right corner.
    pub max: ScreenPoint,
}

impl ScreenRect {
    /// The rectangle between two opposite corners, in any order.
    pub fn between(a: ScreenPoint, b: ScreenPoint) -> Self {
        Self { min: ScreenPoint::new(a.x.min(b.x), a.y.min(b.y)), max: ScreenPoint::new(a.x.max(b.x), a.y.max(b.y)) }
    }

    /// Horizontal extent.
    pub fn width(&self) -> f64 {
        self.max.x - self.min.x
    }

    /// Vertical extent.
    pub fn height(&self) -> f64 {
        self.max.y - self.min.y
    }

    /// Whether `point` lies inside or at most `margin` beside the rectangle.
    pub fn contains_within(&self, point: ScreenPoint, margin: f64) -> bool {
        point.x >= self.min.x - margin
            && point.x <= self.max.x + margin
            && point.y >= self.min.y - margin
            && point.y <= self.max.y + margin
    }

    /// Whether the two rectangles share a place.
    pub fn meets(&self, other: &Self) -> bool {
        self.min.x <= other.max.x && self.max.x >= other.min.x && self.min.y <= other.max.y && self.max.y >= other.min.y
    }
}
