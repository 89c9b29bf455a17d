//! What a turn of the wheel means: browsers report mouse wheels and trackpads by the same event.

use super::input::Wheel;
use crate::geometry::ScreenPoint;

/// Wheel events that follow each other faster than this belong to one movement, in milliseconds.
const SAME_MOVEMENT_MS: f64 = 250.0;
/// A notch of a mouse wheel turns at least so far, in CSS pixels; a trackpad starts slower.
const NOTCH_PX: f64 = 50.0;
/// How far the browser scrolls for a line, in CSS pixels, where it counts in lines.
const LINE_PX: f64 = 33.0;

/// A wheel event as the browser reports it.
#[derive(Clone, Copy, Debug)]
pub struct WheelEvent {
    /// How far to the right, and how far down.
    pub delta: ScreenPoint,
    /// Whether it counts in lines, as mouse wheels do in some browsers.
    pub in_lines: bool,
    /// Whether Control is held, or a trackpad reports a pinch.
    pub ctrl: bool,
    /// Whether Shift is held.
    pub shift: bool,
    /// When it happened, in milliseconds.
    pub time_ms: f64,
}

/// Reads wheel events. A movement keeps the meaning that its first event had, because fast trackpad movements look like
/// mouse wheels half way through.
#[derive(Clone, Copy, Debug, Default)]
pub struct WheelReader {
    last: Option<(f64, bool)>,
}

impl WheelReader {
    /// What the event means.
    pub fn read(&mut self, event: WheelEvent) -> Wheel {
        let unit = if event.in_lines { LINE_PX } else { 1.0 };
        let delta = ScreenPoint::new(event.delta.x * unit, event.delta.y * unit);
        if event.ctrl {
            // Pinches come in small steps, a mouse wheel with Control in large ones.
            return Wheel::Zoom((-delta.y.clamp(-50.0, 50.0) * 0.01).exp());
        }
        let zooms = match self.last {
            Some((time_ms, zooms)) if event.time_ms - time_ms < SAME_MOVEMENT_MS => zooms,
            _ => !event.shift && event.delta.x == 0.0 && (event.in_lines || event.delta.y.abs() >= NOTCH_PX),
        };
        self.last = Some((event.time_ms, zooms));
        if zooms {
            Wheel::Zoom((-delta.y.clamp(-400.0, 400.0) * 0.002).exp())
        } else if event.shift && delta.x == 0.0 {
            Wheel::Pan(ScreenPoint::new(-delta.y, 0.0))
        } else {
            Wheel::Pan(ScreenPoint::new(-delta.x, -delta.y))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(x: f64, y: f64, time_ms: f64) -> WheelEvent {
        WheelEvent { delta: ScreenPoint::new(x, y), in_lines: false, ctrl: false, shift: false, time_ms }
    }

    #[test]
    fn mice_zoom_and_trackpads_pan() {
        let zooms = |event| matches!(WheelReader::default().read(event), Wheel::Zoom(_));
        assert!(zooms(event(0.0, 100.0, 0.0)));
        assert!(zooms(event(0.0, -66.7, 0.0)));
        assert!(zooms(WheelEvent { in_lines: true, ..event(0.0, 3.0, 0.0) }));
        assert!(zooms(WheelEvent { ctrl: true, ..event(0.0, -2.0, 0.0) }));
        assert!(!zooms(event(0.0, 4.0, 0.0)));
        assert!(!zooms(event(12.0, 100.0, 0.0)));
        assert!(!zooms(WheelEvent { shift: true, ..event(0.0, 100.0, 0.0) }));
    }

    #[test]
    fn a_movement_keeps_its_meaning() {
        let mut reader = WheelReader::default();
        assert!(matches!(reader.read(event(0.0, 4.0, 0.0)), Wheel::Pan(_)));
        assert!(matches!(reader.read(event(0.0, 120.0, 16.0)), Wheel::Pan(_)));
        assert!(matches!(reader.read(event(0.0, 120.0, 900.0)), Wheel::Zoom(_)));
    }

    #[test]
    fn turning_up_enlarges() {
        let Wheel::Zoom(factor) = WheelReader::default().read(event(0.0, -100.0, 0.0)) else { panic!() };
        assert!(factor > 1.1 && factor < 1.5);
    }
}
