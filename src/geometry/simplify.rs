//! Free-hand lines with fewer corners.

use super::{ScreenPoint, distance_to_segment};

/// The indices of the corners that a line needs so that none of its places is farther than `tolerance` from it, in the unit of
/// the corners: always the first and the last. After U. Ramer (1972), D. Douglas and T. Peucker (1973), without recursion.
pub fn simplified(line: &[ScreenPoint], tolerance: f64) -> Vec<usize> {
    let Some(last) = line.len().checked_sub(1) else { return Vec::new() };
    let mut needed = vec![false; line.len()];
    needed[0] = true;
    needed[last] = true;
    let mut parts = vec![(0, last)];
    while let Some((from, to)) = parts.pop() {
        let distance = |index: usize| distance_to_segment(line[index], line[from], line[to]);
        let between = (from + 1..to).map(|index| (index, distance(index)));
        let farthest = between.max_by(|(_, a), (_, b)| a.total_cmp(b)).filter(|(_, distance)| *distance > tolerance);
        if let Some((index, _)) = farthest {
            needed[index] = true;
            parts.extend([(from, index), (index, to)]);
        }
    }
    needed.into_iter().enumerate().filter(|(_, needed)| *needed).map(|(index, _)| index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn places(line: &[(f64, f64)]) -> Vec<ScreenPoint> {
        line.iter().map(|(x, y)| ScreenPoint::new(*x, *y)).collect()
    }

    #[test]
    fn corners_that_say_nothing_go() {
        let line = places(&[(0.0, 0.0), (5.0, 0.4), (10.0, 0.0), (10.0, 5.0), (10.0, 10.0)]);
        assert_eq!(simplified(&line, 1.0), [0, 2, 4]);
        assert_eq!(simplified(&line, 0.1), [0, 1, 2, 4]);
        assert_eq!(simplified(&line[..1], 1.0), [0]);
        assert!(simplified(&[], 1.0).is_empty());
    }

    proptest! {
        #[test]
        fn no_place_is_far_from_what_is_left(line in prop::collection::vec((0.0..100.0f64, 0.0..100.0f64), 1..60), tolerance in 0.0..20.0f64) {
            let line = places(&line);
            let left = simplified(&line, tolerance);
            prop_assert_eq!((left.first(), left.last()), (Some(&0), Some(&(line.len() - 1))));
            for ends in left.windows(2) {
                for place in &line[ends[0]..=ends[1]] {
                    prop_assert!(distance_to_segment(*place, line[ends[0]], line[ends[1]]) <= tolerance);
                }
            }
        }
    }
}
