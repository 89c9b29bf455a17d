//! How fast bytes go over the line, and how long the rest will take.

use std::collections::VecDeque;

/// The pace is that of so many last milliseconds.
const WINDOW_MS: f64 = 12_000.0;
/// What is closer together than so many milliseconds counts as one.
const STEP_MS: f64 = 250.0;
/// Sooner nobody knows, in milliseconds.
const SOON_MS: f64 = 1_500.0;

/// How many bytes had gone over the line at some times.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    marks: VecDeque<(f64, u64)>,
    latest: Option<(f64, u64)>,
}

impl Pace {
    /// So many bytes had gone over the line at this time, in milliseconds.
    pub fn note(&mut self, now_ms: f64, moved: u64) {
        self.latest = Some((now_ms, moved));
        if self.marks.back().is_none_or(|(at, _)| now_ms - at >= STEP_MS) {
            self.marks.push_back((now_ms, moved));
        }
        while self.marks.len() > 2 && self.marks.get(1).is_some_and(|(at, _)| now_ms - at > WINDOW_MS) {
            self.marks.pop_front();
        }
    }

    /// Sending has stopped: what comes later begins anew.
    pub fn stop(&mut self) {
        *self = Self::default();
    }

    /// Bytes in a second, once that can be told.
    pub fn rate(&self) -> Option<f64> {
        let ((first, before), (last, after)) = (*self.marks.front()?, self.latest?);
        let (ms, bytes) = (last - first, after.saturating_sub(before));
        (ms >= SOON_MS && bytes > 0).then(|| bytes as f64 * 1000.0 / ms)
    }

    /// How many seconds so much will take.
    pub fn left_s(&self, bytes: u64) -> Option<f64> {
        self.rate().map(|rate| bytes as f64 / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_that_of_the_last_seconds() {
        let mut pace = Pace::default();
        pace.note(0.0, 0);
        assert_eq!(pace.rate(), None, "one look tells no pace");
        for second in 1..=10 {
            pace.note(f64::from(second) * 1000.0, second as u64 * 1000);
        }
        assert_eq!(pace.rate(), Some(1000.0));
        assert_eq!(pace.left_s(5000), Some(5.0));
        // Ten times as fast: what was before is forgotten by and by.
        for second in 11..=40 {
            pace.note(f64::from(second) * 1000.0, 10_000 + (second as u64 - 10) * 10_000);
        }
        assert_eq!(pace.rate(), Some(10_000.0));
        assert!(pace.marks.len() < 20);
        pace.stop();
        assert_eq!(pace.rate(), None);
    }

    #[test]
    fn many_looks_at_once_cost_nothing() {
        let mut pace = Pace::default();
        for look in 0..100_000_u32 {
            pace.note(f64::from(look) / 10.0, u64::from(look));
        }
        assert!(pace.marks.len() < 60, "{}", pace.marks.len());
        assert!((pace.rate().unwrap_or_default() - 10_000.0).abs() < 200.0);
    }
}
