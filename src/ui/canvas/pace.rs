//! How much of a long drawing fits into a frame.

/// A frame should keep the main thread busy for so long at most with drawing, in milliseconds. The rest of a frame is for what
/// follows the pointer.
const FRAME_MS: f64 = 3.0;
/// What drawing a unit is taken to cost before any was drawn, in milliseconds.
const FIRST_GUESS_MS: f64 = 0.000_5;
/// However slow the machine is, so much gets done in a frame: a drawing has to end some time.
const LEAST: f64 = 2_000.0;

/// Learns from each frame what drawing costs on this machine. The unit of work is about that of one corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    unit_ms: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { unit_ms: FIRST_GUESS_MS }
    }
}

impl Pace {
    /// How many units fit into a frame.
    pub fn units(self) -> f64 {
        (FRAME_MS / self.unit_ms).max(LEAST)
    }

    /// A frame with so many units took so long.
    pub fn learn(&mut self, units: f64, took_ms: f64) {
        // Of a few units nothing can be learnt: the frame had other things to do as well.
        if units >= LEAST / 2.0 && took_ms.is_finite() {
            // One frame may be slow for other reasons, so that it counts only in part.
            let unit_ms = (took_ms / units).clamp(FIRST_GUESS_MS / 100.0, FIRST_GUESS_MS * 100.0);
            self.unit_ms = 0.7 * self.unit_ms + 0.3 * unit_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_to_take_as_long_as_they_may() {
        for unit_ms in [0.000_05, 0.000_5, 0.001] {
            let mut pace = Pace::default();
            for _ in 0..30 {
                pace.learn(pace.units(), pace.units() * unit_ms);
            }
            let frame_ms = pace.units() * unit_ms;
            assert!((frame_ms - FRAME_MS).abs() < 0.2, "{frame_ms}");
        }
    }

    #[test]
    fn one_slow_frame_does_not_stop_the_drawing() {
        let mut pace = Pace::default();
        let before = pace.units();
        pace.learn(before, 5_000.0);
        assert!(pace.units() >= LEAST);
        pace.learn(1.0, 5_000.0);
        for _ in 0..30 {
            pace.learn(before, FRAME_MS / 2.0);
        }
        assert!(pace.units() > before);
    }
}
