//! Arrow keys: a series of small steps is one gesture, and ends with whatever else happens.

use super::gesture::State;
use super::hold::{Grip, Hold};
use super::{Access, Editor};
use crate::geometry::{Point, ScreenPoint, Shape, Side, bounds_of, corners};

/// How far arrow keys move the view where nothing is selected, in CSS pixels.
const KEY_PAN_PX: f64 = 48.0;

/// Regions that follow the arrow keys.
#[derive(Clone, Debug)]
pub(super) struct Nudge {
    pub hold: Hold,
    /// So many pixels to the right and down.
    by: (i32, i32),
}

impl Nudge {
    /// Whether the keys pull edges, and move nothing.
    pub fn resizes(&self) -> bool {
        matches!(self.hold.grip(), Grip::Edges(..) | Grip::Frame(..))
    }
}

impl Editor {
    /// Begins a series of steps with its first.
    pub(super) fn nudge(&mut self, x: i8, y: i8, grow: bool) -> State {
        let parts = if self.access == Access::Write { self.parts_of_selection() } else { Vec::new() };
        let Some(first) = parts.first() else {
            if self.access == Access::Write && !self.selection.keys().is_empty() {
                self.say("What is selected is locked or hidden".to_owned());
                return State::Idle;
            }
            if self.can_aim_by_keys() {
                self.move_key_aim(x, y, None);
                return State::Idle;
            }
            let way = ScreenPoint::new(-f64::from(x.signum()) * KEY_PAN_PX, -f64::from(y.signum()) * KEY_PAN_PX);
            self.view.pan_by(way);
            return State::Idle;
        };
        let grip = match self.selection.selected_corner() {
            _ if grow && parts.len() == 1 && matches!(first.before, Shape::Bbox(_)) => {
                Grip::Edges(Side::High, Side::High)
            }
            _ if grow => Grip::Frame(side(x), side(y)),
            Some((_, index)) if index < corners(&first.before).len() => Grip::Corner(index),
            _ => Grip::Body,
        };
        self.nudged(Nudge { hold: Hold::new(parts, grip), by: (0, 0) }, x, y)
    }

    /// Ends a series of steps, and says where it led.
    pub(super) fn end_nudge(&mut self, nudge: Nudge) {
        let Nudge { hold, by } = nudge;
        let (grip, parts) = (hold.grip(), hold.into_parts());
        let bounds = bounds_of(parts.iter().map(|part| &part.now)).filter(|_| by != (0, 0));
        self.reshape_all(parts);
        let Some(bounds) = bounds else { return };
        let pixel = self.view.pixel_in_image();
        let px = |part: f64, pixel: f64| (part / pixel).round();
        self.say(match grip {
            Grip::Edges(..) | Grip::Frame(..) => {
                format!("Resized to {} by {} pixels", px(bounds.w, pixel.x), px(bounds.h, pixel.y))
            }
            _ => format!(
                "Moved to {} pixels from the left and {} from the top",
                px(bounds.x, pixel.x),
                px(bounds.y, pixel.y)
            ),
        });
    }

    /// Goes on with a series of steps.
    pub(super) fn nudged(&self, nudge: Nudge, x: i8, y: i8) -> State {
        let Nudge { mut hold, by } = nudge;
        if let Grip::Frame(horizontal, vertical) = hold.grip() {
            // An extent that no key has changed stays exactly as it is.
            let side = |step: i8, side: Side| if step == 0 { side } else { Side::High };
            hold.regrip(Grip::Frame(side(x, horizontal), side(y, vertical)));
        }
        let by = (by.0 + i32::from(x), by.1 + i32::from(y));
        let pixel = self.view.pixel_in_image();
        let way = Point { x: f64::from(by.0) * pixel.x, y: f64::from(by.1) * pixel.y };
        hold.go(way, pixel);
        State::Nudging(Nudge { hold, by })
    }
}

/// The edge that steps of a key pull, if it does.
fn side(step: i8) -> Side {
    if step == 0 { Side::Neither } else { Side::High }
}
