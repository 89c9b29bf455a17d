//! Arrow keys: a series of small steps is one gesture, and ends with whatever else happens.

use super::gesture::{Part, State};
use super::{Access, Editor};
use crate::geometry::{Point, ScreenPoint, Shape, Side, bounds_of, corner_moved, corners, moved, resized, way_within};

/// How far arrow keys move the view where nothing is selected, in CSS pixels.
const KEY_PAN_PX: f64 = 48.0;

/// Regions that follow the arrow keys.
#[derive(Clone, Debug)]
pub(super) struct Nudge {
    pub parts: Vec<Part>,
    /// So many pixels to the right and down.
    by: (i32, i32),
    pub what: Nudged,
}

/// What the arrow keys move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Nudged {
    Bodies,
    Size,
    Corner(usize),
}

impl Editor {
    /// Begins a series of steps with its first.
    pub(super) fn nudge(&mut self, x: i8, y: i8, grow: bool) -> State {
        let parts = if self.access == Access::Write { self.parts_of_selection() } else { Vec::new() };
        let Some(first) = parts.first() else {
            let way = ScreenPoint::new(-f64::from(x.signum()) * KEY_PAN_PX, -f64::from(y.signum()) * KEY_PAN_PX);
            self.view.pan_by(way);
            return State::Idle;
        };
        let what = match self.selection.selected_corner() {
            _ if grow => Nudged::Size,
            Some((_, index)) if index < corners(&first.before).len() => Nudged::Corner(index),
            _ => Nudged::Bodies,
        };
        self.nudged(Nudge { parts, by: (0, 0), what }, x, y)
    }

    /// Goes on with a series of steps.
    pub(super) fn nudged(&self, nudge: Nudge, x: i8, y: i8) -> State {
        let Nudge { mut parts, by, what } = nudge;
        let by = (by.0 + i32::from(x), by.1 + i32::from(y));
        let pixel = self.view.pixel_in_image();
        let mut way = Point { x: f64::from(by.0) * pixel.x, y: f64::from(by.1) * pixel.y };
        if let Some(bounds) = bounds_of(parts.iter().map(|part| &part.before)).filter(|_| what == Nudged::Bodies) {
            way = way_within(bounds, way);
        }
        for part in &mut parts {
            part.now = match (what, &part.before) {
                (Nudged::Size, Shape::Bbox(rect)) => Shape::Bbox(resized(*rect, Side::High, Side::High, way, pixel)),
                (Nudged::Corner(index), before) => {
                    let corner = corners(before).get(index).copied().unwrap_or_default();
                    corner_moved(before, index, Point { x: corner.x + way.x, y: corner.y + way.y })
                }
                (_, before) => moved(before, way.x, way.y),
            };
        }
        State::Nudging(Nudge { parts, by, what })
    }
}
