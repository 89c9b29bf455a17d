//! Axes with round numbers.

/// From 0 to at least `max`, in at most `most` steps of 1, 2 or 5 times a power of ten: whole numbers, as pictures are.
pub fn ticks(max: i64, most: i64) -> Vec<i64> {
    let max = max.max(1);
    let least = (max - 1) / most.max(1) + 1;
    let mut power = 1_i64;
    let step = loop {
        let steps = [1, 2, 5].map(|factor| power.saturating_mul(factor));
        if let Some(step) = steps.into_iter().find(|step| *step >= least) {
            break step;
        }
        power = power.saturating_mul(10);
    };
    (0..=(max - 1) / step + 1).map(|index| step.saturating_mul(index)).collect()
}

/// What share of `whole` a number is.
pub fn share(number: i64, whole: i64) -> f64 {
    // Exact enough for what is drawn.
    (number as f64 / whole.max(1) as f64).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(ticks(0, 4), [0, 1]);
        assert_eq!(ticks(3, 4), [0, 1, 2, 3]);
        assert_eq!(ticks(7, 4), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(17, 4), [0, 5, 10, 15, 20]);
        assert_eq!(ticks(100, 4), [0, 50, 100]);
        assert_eq!(ticks(1_234_567, 4), [0, 500_000, 1_000_000, 1_500_000]);
    }

    proptest! {
        #[test]
        fn they_reach_as_far_as_needed(max in prop_oneof![0..200_i64, 0..i64::MAX / 2], most in 1..8_i64) {
            let ticks = ticks(max, most);
            prop_assert!(ticks.len() as i64 <= most + 1);
            let (step, last) = (ticks[1], ticks[ticks.len() - 1]);
            prop_assert!(last >= max && last - step < max.max(1), "{ticks:?}");
            prop_assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] == step));
            let leading = step.to_string();
            prop_assert!(leading.trim_end_matches('0').parse().is_ok_and(|digit: i64| [1, 2, 5].contains(&digit)));
        }
    }
}
