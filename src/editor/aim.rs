//! Drawing by keys alone: arrow keys bring a cross to a place, and a key presses there as a pointer would.
//!
//! The cross is there from the first arrow key on until a pointer moves, as long as a drawing tool is in hand and nothing is
//! selected that the arrow keys would move instead.

use super::gesture::{State, Target};
use super::input::{Button, Input, Pointer};
use super::{Access, Editor, Tool};
use crate::geometry::{Point, Rect, ScreenPoint, clamp_to_image};

/// How far one step of an arrow key leads, in CSS pixels.
const STEP_PX: f64 = 5.0;

/// The cross that keys move.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyAim {
    at: Point,
    /// Where a pointer was when keys took over, and may still be.
    pointer: Option<ScreenPoint>,
    /// Whether it is yet to be said where it is.
    is_news: bool,
}

impl Editor {
    /// Whether the key that draws at the cross has something to do.
    pub fn aims_by_keys(&self) -> bool {
        self.key_aim().is_some()
    }

    /// Whether arrow keys are for drawing.
    pub(super) fn can_aim_by_keys(&self) -> bool {
        let draws = self.access == Access::Write && self.tool != Tool::Select;
        draws
            && match &self.state {
                State::Idle => self.selection.keys().is_empty(),
                State::Sketching(_) | State::Pressed(_, Target::NewBox) => true,
                State::Dragging(drag) => drag.hold.parts().iter().all(|part| part.found.is_none()),
                _ => false,
            }
    }

    /// The cross as a pointer, while it is there.
    pub(super) fn key_aim(&self) -> Option<Pointer> {
        let aim = self.key_aim.filter(|_| self.can_aim_by_keys())?;
        Some(Pointer::mouse(self.view.screen_from_image(aim.at)))
    }

    /// A pointer came, to which everything belongs from here on.
    pub(super) fn drop_key_aim(&mut self) {
        self.key_aim = None;
    }

    /// Whether this is the pointer from which keys took over, and which has not moved since: browsers report it again where the
    /// page changes below it.
    pub(super) fn is_at_rest(&self, pointer: Pointer) -> bool {
        self.key_aim.is_some_and(|aim| aim.pointer == Some(pointer.at))
    }

    /// Moves the cross by so many steps. It begins where something is being drawn, or at the pointer, or in the middle of the view.
    pub(super) fn move_key_aim(&mut self, x: i8, y: i8, drawn: Option<Point>) -> Pointer {
        let surface = self.view.surface();
        let middle = ScreenPoint::new(surface.width / 2.0, surface.height / 2.0);
        let from = match (self.key_aim, drawn) {
            (Some(aim), _) => self.view.screen_from_image(aim.at),
            (None, Some(corner)) => self.view.screen_from_image(corner),
            (None, None) => self.pointer.map_or(middle, |pointer| pointer.at),
        };
        let to = from + ScreenPoint::new(f64::from(x) * STEP_PX, f64::from(y) * STEP_PX);
        let at = clamp_to_image(self.view.image_from_screen(to));
        self.view.reveal(Rect { x: at.x, y: at.y, w: 0.0, h: 0.0 });
        let rests = self.key_aim.map_or(self.pointer.map(|pointer| pointer.at), |aim| aim.pointer);
        self.key_aim = Some(KeyAim { at, pointer: rests, is_news: true });
        let pointer = Pointer::mouse(self.view.screen_from_image(at));
        self.pointer = Some(pointer);
        pointer
    }

    /// Says where the cross has come to.
    pub(super) fn say_key_aim(&mut self) {
        let Some(pointer) = self.key_aim() else { return };
        let Some(aim) = self.key_aim.filter(|aim| aim.is_news) else { return };
        self.key_aim = Some(KeyAim { is_news: false, ..aim });
        let pixel = self.view.pixel_in_image();
        let px = |part: f64, pixel: f64| (part / pixel).round();
        let place = format!("{}, {} pixels", px(aim.at.x, pixel.x), px(aim.at.y, pixel.y));
        let closes = self.state.sketch().is_some_and(|sketch| sketch.closes_at(pointer, &self.view));
        self.say(if closes { format!("{place}: the first corner") } else { place });
    }

    /// Presses at the cross, and lets go there: but a box is held by its first corner until the second one is set.
    pub(super) fn press_here(&mut self) {
        let Some(at) = self.key_aim() else { return };
        let state = std::mem::take(&mut self.state);
        self.state = match state {
            state @ (State::Pressed(..) | State::Dragging(_)) => self.step(state, Input::Release(at)),
            state => match self.step(state, Input::Press(at, Button::Primary)) {
                State::Pressed(from, target @ Target::NewBox) => {
                    self.say(
                        "The first corner: arrow keys pull the box from there, and Space or Enter ends it".to_owned(),
                    );
                    // At once, since the view may move before the second corner is set.
                    self.begin_drag(from, target, at)
                }
                state => self.step(state, Input::Release(at)),
            },
        };
    }
}
