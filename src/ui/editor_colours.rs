//! The colours of objects on pictures.

use crate::editor::{COLOURS, colour_of};

/// Colours that people with any of the common kinds of colour blindness can tell apart as well as a dozen colours can be,
/// and that are seen on light and dark pictures alike. After the palettes of Okabe and Ito and of Paul Tol.
const PALETTE: [&str; COLOURS] = [
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#aa4499", "#44aa99", "#ddcc77",
    "#882255", "#999933",
];

/// The colour of regions that have no object yet.
const PENDING: &str = "#ffffff";

/// The CSS colour of an object: the same on every page and every visit.
pub fn object_colour(name: &str) -> &'static str {
    palette_colour((!name.is_empty()).then(|| colour_of(name)))
}

/// The CSS colour with this index in the palette, or that of a region without an object.
pub fn palette_colour(index: Option<usize>) -> &'static str {
    index.and_then(|index| PALETTE.get(index)).copied().unwrap_or(PENDING)
}

/// Whether text on this colour has to be dark: black or white, whichever contrasts more.
pub fn needs_dark_text(colour: &str) -> bool {
    let channel = |at: usize| {
        let value = colour.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
        (f64::from(value) / 255.0).powf(2.2)
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) > 0.179
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colour_depends_on_the_name_alone() {
        assert_eq!(object_colour("Cat"), object_colour("Cat"));
        assert_eq!(object_colour(""), PENDING);
    }

    #[test]
    fn text_contrasts_with_the_colour() {
        assert!(needs_dark_text("#f0e442") && needs_dark_text("#ffffff"));
        assert!(!needs_dark_text("#882255") && !needs_dark_text("#0072b2"));
    }
}
