//! Rulers: where the marks of a scale lie, and which of them say their number.

/// Numbers stand at least so far apart, in CSS pixels.
const NUMBER_PX: f64 = 60.0;

/// A mark of a ruler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Distance from the start of the picture, in its pixels.
    pub pixel: i64,
    /// Where it lies along the surface, in CSS pixels.
    pub at: f64,
    /// Whether its number is written beside it.
    pub is_numbered: bool,
}

/// The marks of a ruler along a surface of a `length`. The picture's first pixel lies at `origin`, each has the size `scale`,
/// and there are `pixels` of them.
pub fn marks(origin: f64, scale: f64, pixels: f64, length: f64) -> impl Iterator<Item = Mark> {
    let step = step(scale);
    // Five marks to a number, but no marks between pixels.
    let fine = if step % 5 == 0 { step / 5 } else { 1 };
    let first = ((-origin / scale).max(0.0) / fine as f64).ceil() as i64;
    let last = (((length - origin) / scale).min(pixels) / fine as f64).floor() as i64;
    (first..=last).map(move |index| {
        let pixel = index * fine;
        Mark { pixel, at: origin + pixel as f64 * scale, is_numbered: pixel % step == 0 }
    })
}

/// How many pixels of the picture lie between two numbers: 1, 2 or 5 with zeros.
fn step(scale: f64) -> i64 {
    let least = NUMBER_PX / scale;
    let power = 10_f64.powf(least.log10().floor().max(0.0));
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= least).unwrap_or(10.0);
    (factor * power) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(origin: f64, scale: f64) -> Vec<i64> {
        marks(origin, scale, 4000.0, 1000.0).filter(|mark| mark.is_numbered).map(|mark| mark.pixel).collect()
    }

    #[test]
    fn numbers_are_round_and_apart() {
        assert_eq!(numbers(0.0, 0.25), [0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]);
        assert_eq!(numbers(100.0, 1.0)[..3], [0, 100, 200]);
        assert_eq!(numbers(-9_600.0, 96.0)[..3], [100, 101, 102]);
        for scale in [0.01, 0.3, 1.0, 7.0, 96.0] {
            let at: Vec<f64> =
                marks(-3.0, scale, 9e9, 1000.0).filter(|mark| mark.is_numbered).map(|mark| mark.at).collect();
            assert!(at.windows(2).all(|two| two[1] - two[0] >= NUMBER_PX && two[1] - two[0] <= 10.0 * NUMBER_PX));
        }
    }

    #[test]
    fn there_are_no_marks_beside_the_picture() {
        let all: Vec<Mark> = marks(-50.0, 0.5, 300.0, 1000.0).collect();
        assert!(all.iter().all(|mark| (0..=300).contains(&mark.pixel) && mark.at >= 0.0));
        assert_eq!(all.last().map(|mark| mark.pixel), Some(280), "the next would lie beside it");
    }
}
