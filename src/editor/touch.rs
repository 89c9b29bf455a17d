//! Fingers, palms and pens: what a person means whose hand rests on the screen, or who points with two fingers.

use super::input::{Button, Input, Pointer};
use crate::geometry::ScreenPoint;

/// A contact that is larger than this is a palm, in CSS pixels. Browsers that cannot tell say one pixel.
const PALM_PX: f64 = 64.0;
/// So long after a pen was there, whatever touches is the hand that holds it, in milliseconds.
const PEN_RESTS_MS: f64 = 1000.0;
/// A finger that moved farther than this is not held still, in CSS pixels.
const STILL_PX: f64 = 10.0;
/// The button of a pen's tip and the left one of a mouse, as browsers number them.
const TIP: i16 = 0;
/// The middle button of a mouse.
const MIDDLE: i16 = 1;
/// The button on the barrel of a pen, and the right one of a mouse.
const BARREL: i16 = 2;
/// The other end of a pen.
const ERASER: i16 = 5;

/// What points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerKind {
    /// A mouse or a trackpad.
    Mouse,
    /// A pen: as exact as a mouse; how hard it is pressed does not count.
    Pen,
    /// A finger, or what the browser takes for one.
    Touch,
}

/// A pointer that was pressed, moved or released, as the browser reports it.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    /// The browser's number of the pointer.
    pub id: i32,
    /// What points.
    pub kind: PointerKind,
    /// Where it is.
    pub pointer: Pointer,
    /// How wide or high the contact is, in CSS pixels, whichever is more.
    pub size_px: f64,
    /// When it happened, in milliseconds.
    pub time_ms: f64,
}

/// The hands at the surface. A mouse, a pen or one finger draws; two fingers zoom and move the picture until both have left.
/// While a pen is used, and shortly after, nothing that touches counts: it is the hand that holds the pen.
#[derive(Clone, Debug, Default)]
pub struct Hands {
    fingers: Vec<(i32, ScreenPoint)>,
    pinching: bool,
    /// Touches that do not count for as long as they last.
    ignored: Vec<i32>,
    pen_is_down: bool,
    pen_seen_ms: Option<f64>,
    /// The only finger, as long as it is held still, and where it was put down.
    still: Option<(i32, Pointer)>,
}

impl Hands {
    /// A button went down, or a finger or pen touched. `button` is the browser's number.
    pub fn down(&mut self, contact: Contact, button: i16) -> Vec<Input> {
        let Contact { id, kind, pointer, size_px, time_ms } = contact;
        match kind {
            PointerKind::Mouse => match button {
                TIP => vec![Input::Press(pointer, Button::Primary)],
                MIDDLE => vec![Input::Press(pointer, Button::Middle)],
                _ => Vec::new(),
            },
            PointerKind::Pen => {
                // The palm often comes first: what it began is given up.
                let mut inputs = self.give_up_fingers();
                self.pen_is_down = true;
                self.pen_seen_ms = Some(time_ms);
                inputs.extend(match button {
                    TIP => Some(Input::Press(pointer, Button::Primary)),
                    BARREL => Some(Input::Press(pointer, Button::Middle)),
                    ERASER => Some(Input::Erase(pointer)),
                    _ => None,
                });
                inputs
            }
            PointerKind::Touch if size_px > PALM_PX || self.is_held_by_pen(time_ms) => {
                self.ignored.push(id);
                Vec::new()
            }
            PointerKind::Touch => {
                self.fingers.push((id, pointer.at));
                self.still = None;
                match self.fingers.len() {
                    1 => {
                        self.still = Some((id, pointer));
                        vec![Input::Press(pointer, Button::Primary)]
                    }
                    2 if !self.pinching => {
                        self.pinching = true;
                        vec![Input::Interrupt]
                    }
                    _ => Vec::new(),
                }
            }
        }
    }

    /// A pointer moved.
    pub fn moved(&mut self, contact: Contact) -> Vec<Input> {
        let Contact { id, kind, pointer, size_px, time_ms } = contact;
        match kind {
            PointerKind::Mouse => return vec![Input::Move(pointer)],
            PointerKind::Pen => {
                self.pen_seen_ms = Some(time_ms);
                return vec![Input::Move(pointer)];
            }
            PointerKind::Touch => {}
        }
        let Some(index) = self.fingers.iter().position(|(known, _)| *known == id) else { return Vec::new() };
        if size_px > PALM_PX {
            // The hand was laid down.
            self.forget(id);
            self.ignored.push(id);
            return vec![Input::Interrupt];
        }
        if self.still.is_some_and(|(_, from)| from.at.distance_to(pointer.at) > STILL_PX) {
            self.still = None;
        }
        if !self.pinching {
            self.fingers[index].1 = pointer.at;
            return vec![Input::Move(pointer)];
        }
        let [(_, first), (_, second), ..] = self.fingers[..] else { return Vec::new() };
        self.fingers[index].1 = pointer.at;
        let [(_, first_now), (_, second_now), ..] = self.fingers[..] else { return Vec::new() };
        vec![Input::Pinch { before: [first, second], after: [first_now, second_now] }]
    }

    /// A pointer was released.
    pub fn up(&mut self, contact: Contact) -> Vec<Input> {
        let Contact { id, kind, pointer, time_ms, .. } = contact;
        match kind {
            PointerKind::Mouse => vec![Input::Release(pointer)],
            PointerKind::Pen => {
                self.pen_is_down = false;
                self.pen_seen_ms = Some(time_ms);
                vec![Input::Release(pointer)]
            }
            PointerKind::Touch => {
                let was_pinching = self.pinching;
                let counts = self.fingers.iter().any(|(known, _)| *known == id);
                self.forget(id);
                if counts && !was_pinching { vec![Input::Release(pointer)] } else { Vec::new() }
            }
        }
    }

    /// The browser took a pointer away.
    pub fn cancelled(&mut self, id: i32, kind: PointerKind) -> Vec<Input> {
        let counts = kind != PointerKind::Touch || self.fingers.iter().any(|(known, _)| *known == id);
        self.pen_is_down &= kind != PointerKind::Pen;
        self.forget(id);
        if counts { vec![Input::Interrupt] } else { Vec::new() }
    }

    /// A finger has been down for as long as it takes to mean more than a tap. What that means where it was held still depends
    /// on what lies below it.
    pub fn held(&mut self, id: i32) -> Option<Input> {
        self.still.take_if(|(still, _)| *still == id).map(|_| Input::Hold)
    }

    fn is_held_by_pen(&self, time_ms: f64) -> bool {
        self.pen_is_down || self.pen_seen_ms.is_some_and(|seen_ms| time_ms - seen_ms < PEN_RESTS_MS)
    }

    fn give_up_fingers(&mut self) -> Vec<Input> {
        let fingers = std::mem::take(&mut self.fingers);
        self.still = None;
        self.pinching = false;
        self.ignored.extend(fingers.iter().map(|(id, _)| *id));
        if fingers.is_empty() { Vec::new() } else { vec![Input::Interrupt] }
    }

    fn forget(&mut self, id: i32) {
        self.ignored.retain(|known| *known != id);
        self.fingers.retain(|(known, _)| *known != id);
        self.still.take_if(|(still, _)| *still == id);
        self.pinching &= !self.fingers.is_empty();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(x: f64, y: f64) -> ScreenPoint {
        ScreenPoint::new(x, y)
    }

    fn finger(id: i32, x: f64, y: f64) -> Contact {
        Contact { id, kind: PointerKind::Touch, pointer: Pointer::touch(at(x, y)), size_px: 24.0, time_ms: 5000.0 }
    }

    fn pen(x: f64, y: f64, time_ms: f64) -> Contact {
        Contact { id: 99, kind: PointerKind::Pen, pointer: Pointer::mouse(at(x, y)), size_px: 1.0, time_ms }
    }

    fn palm(id: i32) -> Contact {
        Contact { size_px: 90.0, ..finger(id, 300.0, 300.0) }
    }

    fn press(contact: Contact) -> Input {
        Input::Press(contact.pointer, Button::Primary)
    }

    #[test]
    fn one_finger_draws_and_two_move_the_view() {
        let mut hands = Hands::default();
        assert_eq!(hands.down(finger(1, 10.0, 10.0), TIP), [press(finger(1, 10.0, 10.0))]);
        assert_eq!(hands.moved(finger(1, 20.0, 10.0)), [Input::Move(finger(1, 20.0, 10.0).pointer)]);
        assert_eq!(hands.down(finger(2, 40.0, 10.0), TIP), [Input::Interrupt]);
        let pinch = Input::Pinch { before: [at(20.0, 10.0), at(40.0, 10.0)], after: [at(20.0, 10.0), at(60.0, 10.0)] };
        assert_eq!(hands.moved(finger(2, 60.0, 10.0)), [pinch]);
        assert_eq!(hands.up(finger(1, 20.0, 10.0)), []);
        assert_eq!(hands.moved(finger(2, 70.0, 10.0)), [], "the finger that stays draws nothing");
        assert_eq!(hands.up(finger(2, 70.0, 10.0)), []);
        assert_eq!(hands.down(finger(3, 10.0, 10.0), TIP), [press(finger(3, 10.0, 10.0))]);
    }

    #[test]
    fn a_palm_draws_nothing() {
        let mut hands = Hands::default();
        assert_eq!(hands.down(palm(1), TIP), []);
        assert_eq!(hands.moved(palm(1)), []);
        assert_eq!(hands.down(finger(2, 10.0, 10.0), TIP), [press(finger(2, 10.0, 10.0))], "beside it a finger does");
        assert_eq!(hands.up(palm(1)), []);
        assert_eq!(hands.moved(Contact { size_px: 80.0, ..finger(2, 12.0, 10.0) }), [Input::Interrupt]);
        assert_eq!(hands.up(finger(2, 12.0, 10.0)), []);
    }

    #[test]
    fn beside_a_pen_no_touch_counts() {
        let mut hands = Hands::default();
        // The hand lands before the pen does.
        assert_eq!(hands.down(finger(1, 200.0, 200.0), TIP).len(), 1);
        assert_eq!(hands.down(pen(10.0, 10.0, 5010.0), TIP), [Input::Interrupt, press(pen(10.0, 10.0, 0.0))]);
        assert_eq!(hands.moved(finger(1, 201.0, 200.0)), []);
        assert_eq!(hands.down(finger(2, 220.0, 200.0), TIP), []);
        assert_eq!(hands.moved(pen(90.0, 10.0, 5050.0)), [Input::Move(pen(90.0, 10.0, 0.0).pointer)]);
        assert_eq!(hands.cancelled(2, PointerKind::Touch), [], "nor does it stop the pen");
        assert_eq!(hands.up(pen(90.0, 10.0, 5100.0)), [Input::Release(pen(90.0, 10.0, 0.0).pointer)]);
        assert_eq!(hands.up(finger(1, 200.0, 200.0)), []);
        let soon = Contact { time_ms: 5900.0, ..finger(3, 5.0, 5.0) };
        assert_eq!(hands.down(soon, TIP), []);
        hands.up(soon);
        let later = Contact { time_ms: 6200.0, ..finger(4, 5.0, 5.0) };
        assert_eq!(hands.down(later, TIP), [press(later)]);
    }

    #[test]
    fn the_buttons_of_a_pen() {
        let mut hands = Hands::default();
        let pen = pen(10.0, 10.0, 0.0);
        assert_eq!(hands.down(pen, BARREL), [Input::Press(pen.pointer, Button::Middle)]);
        hands.up(pen);
        assert_eq!(hands.down(pen, ERASER), [Input::Erase(pen.pointer)]);
        let mouse = Contact { kind: PointerKind::Mouse, ..pen };
        assert_eq!(hands.down(mouse, BARREL), [], "the right button of a mouse is the browser's");
    }

    #[test]
    fn a_finger_that_is_held_still_means_more() {
        let mut hands = Hands::default();
        let contact = finger(1, 10.0, 10.0);
        hands.down(contact, TIP);
        hands.moved(finger(1, 12.0, 11.0));
        assert_eq!(hands.held(1), Some(Input::Hold));
        assert_eq!(hands.held(1), None, "once");
        hands.up(contact);
        hands.down(finger(2, 10.0, 10.0), TIP);
        hands.moved(finger(2, 30.0, 10.0));
        assert_eq!(hands.held(2), None, "a finger that moves draws");
        hands.down(finger(3, 90.0, 10.0), TIP);
        assert_eq!((hands.held(2), hands.held(3)), (None, None), "two zoom");
    }

    proptest! {
        /// However hands come and go: when all have left, the next finger draws.
        #[test]
        fn hands_that_have_left_are_forgotten(steps in prop::collection::vec((0..5u8, 1..5i32, any::<bool>()), 0..60)) {
            let mut hands = Hands::default();
            let mut down = Vec::new();
            let mut clock_ms = 0.0;
            for (what, id, large) in steps {
                clock_ms += 40.0;
                let contact = Contact {
                    time_ms: clock_ms,
                    size_px: if large { 90.0 } else { 20.0 },
                    ..finger(id, f64::from(id), clock_ms)
                };
                let pen = pen(1.0, 1.0, clock_ms);
                match what {
                    0 if !down.contains(&id) => {
                        down.push(id);
                        hands.down(contact, TIP);
                    }
                    1 if down.contains(&id) => drop(hands.moved(contact)),
                    2 if down.contains(&id) => {
                        down.retain(|other| *other != id);
                        hands.up(contact);
                    }
                    3 => drop(hands.down(pen, TIP)),
                    4 => drop(hands.up(pen)),
                    _ => {}
                }
            }
            for id in down {
                hands.cancelled(id, PointerKind::Touch);
            }
            hands.up(pen(1.0, 1.0, clock_ms));
            let next = Contact { time_ms: clock_ms + 2000.0, ..finger(7, 1.0, 1.0) };
            prop_assert_eq!(hands.down(next, TIP), vec![press(next)]);
            prop_assert!(hands.ignored.is_empty());
        }
    }
}
