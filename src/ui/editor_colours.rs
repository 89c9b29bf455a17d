//! The colours of objects on pictures.

use crate::editor::{COLOURS, colour_of};

/// Colours that people with any of the common kinds of colour blindness can tell apart as well as a dozen colours can be,
/// and that are seen on light and dark pictures alike: those of Okabe and Ito, and five that lie as far from them and from each
/// other as there is room, whichever receptor somebody lacks.
const PALETTE: [&str; COLOURS] = [
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7", "#9966ff", "#883322", "#5500bb",
    "#bbee99", "#663355",
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
        assert!(!needs_dark_text("#663355") && !needs_dark_text("#0072b2"));
    }

    type Colour = [f64; 3];

    /// What is left of a colour in linear light for people without one of the three receptors, and for those who have all:
    /// Machado, Oliveira and Fernandes 2009.
    const SIGHTS: [(&str, [Colour; 3]); 4] = [
        ("all", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        ),
        (
            "deuteranopia",
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        ),
        (
            "tritanopia",
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
        ),
    ];

    fn times(matrix: &[Colour; 3], colour: Colour) -> Colour {
        matrix.map(|row| row.iter().zip(colour).map(|(part, value)| part * value).sum::<f64>().clamp(0.0, 1.0))
    }

    fn linear(hex: &str) -> Colour {
        [1, 3, 5].map(|at| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        })
    }

    /// CIE L*a*b* of linear light, in which distances are as people see them.
    fn lab(colour: Colour) -> Colour {
        let xyz = [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8729]];
        let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let [x, y, z] = times(&xyz, colour).map(f);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn nobody_takes_one_colour_for_another() {
        for (sight, matrix) in SIGHTS {
            let seen = PALETTE.map(|hex| lab(times(&matrix, linear(hex))));
            for (index, one) in seen.iter().enumerate() {
                for (other_index, other) in seen.iter().enumerate().skip(index + 1) {
                    let distance = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    let (one, other) = (PALETTE[index], PALETTE[other_index]);
                    assert!(distance > 14.0, "{one} and {other} differ by {distance} only with {sight}");
                }
            }
        }
    }

    #[test]
    fn every_colour_is_seen_on_black_or_its_halo() {
        assert!(PALETTE.iter().all(|hex| (25.0..95.0).contains(&lab(linear(hex))[0])));
    }
}
