//! Colours, and how they mix.

use std::fmt;

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Colour(pub(super) f64, pub(super) f64, pub(super) f64);

/// A colour as it is written in style sheets: `0xRRGGBB`.
pub(super) const fn rgb(hex: u32) -> Colour {
    Colour(((hex >> 16) & 255) as f64, ((hex >> 8) & 255) as f64, (hex & 255) as f64)
}

impl Colour {
    /// Part of the way to another colour.
    pub(super) fn mix(self, other: Colour, part: f64) -> Colour {
        let step = |a: f64, b: f64| a + (b - a) * part;
        Colour(step(self.0, other.0), step(self.1, other.1), step(self.2, other.2))
    }

    pub(super) fn lighter(self, part: f64) -> Colour {
        self.mix(rgb(0xFF_FF_FF), part)
    }

    pub(super) fn darker(self, part: f64) -> Colour {
        self.mix(rgb(0x0B_10_20), part)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let byte = |channel: f64| channel.round().clamp(0.0, 255.0) as u8;
        write!(f, "#{:02x}{:02x}{:02x}", byte(self.0), byte(self.1), byte(self.2))
    }
}
