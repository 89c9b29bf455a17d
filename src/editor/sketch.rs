//! A polygon or polyline that is being drawn corner by corner.

use super::gesture::CLICK_PX;
use super::input::{Device, Pointer};
use super::log::DraftSketch;
use crate::geometry::{Point, View, clamp_to_image};
use crate::model::region::Kind;

#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub kind: Kind,
    pub corners: Vec<Point>,
    pub cursor: Option<Pointer>,
    pub held: Held,
}

/// What the pressed pointer holds while sketching.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    Nothing,
    /// The last corner, and whether this press made it.
    Corner(bool),
    /// The first corner: releasing closes the polygon.
    Closing,
}

impl Sketch {
    /// The first corner, still below the pressed pointer.
    pub fn new(kind: Kind, corner: Point, pointer: Pointer) -> Self {
        Self { kind, corners: vec![corner], cursor: Some(pointer), held: Held::Corner(true) }
    }

    /// The sketch of an earlier visit, if it is one.
    pub fn restored(draft: DraftSketch) -> Option<Self> {
        let DraftSketch { kind, corners } = draft;
        let fits = matches!(kind, Kind::Polygon | Kind::Polyline) && !corners.is_empty();
        let corners = corners.into_iter().map(clamp_to_image).collect();
        fits.then_some(Self { kind, corners, cursor: None, held: Held::Nothing })
    }

    /// How many corners the finished shape needs.
    pub fn least_corners(&self) -> usize {
        if self.kind == Kind::Polygon { 3 } else { 2 }
    }

    /// Whether a click of this pointer closes the polygon.
    pub fn closes_at(&self, pointer: Pointer, view: &View) -> bool {
        self.kind == Kind::Polygon
            && self.corners.len() >= self.least_corners()
            && self.corners.first().is_some_and(|first| {
                view.screen_from_image(*first).distance_to(pointer.at) <= pointer.device.margin_px() + 2.0
            })
    }

    /// The pointer was pressed: it sets a corner, or takes hold of the last or the first one.
    pub fn pressed(mut self, pointer: Pointer, view: &View) -> Self {
        self.cursor = Some(pointer);
        let nearly = if pointer.device == Device::Touch { 12.0 } else { CLICK_PX };
        let on_last =
            self.corners.last().is_some_and(|last| view.screen_from_image(*last).distance_to(pointer.at) < nearly);
        self.held = if self.closes_at(pointer, view) {
            Held::Closing
        } else if on_last {
            // The second half of a double click makes no second corner.
            Held::Corner(false)
        } else {
            self.corners.push(clamp_to_image(view.image_from_screen(pointer.at)));
            Held::Corner(true)
        };
        self
    }

    /// The pointer moved, and the corner that it holds with it.
    pub fn followed(mut self, pointer: Pointer, view: &View) -> Self {
        self.cursor = Some(pointer);
        if let (Held::Corner(_), Some(last)) = (self.held, self.corners.last_mut())
            && view.screen_from_image(*last).distance_to(pointer.at) >= CLICK_PX
        {
            *last = clamp_to_image(view.image_from_screen(pointer.at));
        }
        self
    }

    /// The sketch without its last corner, or nothing if that was the first.
    pub fn without_last(mut self) -> Option<Self> {
        self.corners.pop();
        self.held = Held::Nothing;
        (!self.corners.is_empty()).then_some(self)
    }
}
