//! A polygon or polyline that is being drawn corner by corner or free hand, or a box of whose four extreme places not all are
//! known yet.

use super::Tool;
use super::document::{Document, Item, Key};
use super::gesture::CLICK_PX;
use super::input::{Device, Pointer};
use super::log::DraftSketch;
use crate::geometry::{Point, Rect, ScreenPoint, Shape, Side, View, clamp_to_image, resized, simplified};
use crate::model::region::{Kind, Region};

/// What is drawn free hand is nowhere farther from the corners that it is given than this, in CSS pixels.
const TOLERANCE_PX: f64 = 1.0;
/// So many places make a box: the topmost, the leftmost, the lowest, the rightmost.
const EXTREMES: usize = 4;

#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub kind: Kind,
    pub corners: Vec<Point>,
    pub cursor: Option<Pointer>,
    pub held: Held,
    /// Where the strokes that were drawn free hand begin and end.
    pub strokes: Vec<(usize, usize)>,
    /// The line that is gone on with.
    pub continues: Option<Continued>,
    /// Corners that were taken back, to be set again: the last ones last.
    pub undone: Vec<Vec<Point>>,
}

/// A line that is gone on with from one of its ends.
#[derive(Clone, Debug)]
pub(super) struct Continued {
    pub key: Key,
    /// The region as the gesture found it.
    pub found: Region,
    /// Whether that end is its first corner. Its direction may mean something, so it is kept.
    pub from_start: bool,
}

/// What the pressed pointer holds while sketching.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Held {
    Nothing,
    /// The last corner, and whether this press made it.
    Corner(bool),
    /// A pencil: the stroke begins at corner `start`, and the corners from `from` on would not be there without it.
    Pencil {
        start: usize,
        from: usize,
    },
    /// The first corner: releasing closes the polygon.
    Closing,
}

impl Sketch {
    /// The first corner, still below the pressed pointer.
    pub fn new(kind: Kind, corner: Point, pointer: Pointer) -> Self {
        let cursor = Some(pointer);
        Self::at(kind, vec![corner], cursor, Held::Corner(true))
    }

    fn at(kind: Kind, corners: Vec<Point>, cursor: Option<Pointer>, held: Held) -> Self {
        Self { kind, corners, cursor, held, strokes: Vec::new(), continues: None, undone: Vec::new() }
    }

    /// A line that is gone on with, from the end that the pointer has pressed.
    pub fn continued(continued: Continued, points: &[Point], pointer: Pointer) -> Self {
        let first = points.first().copied().unwrap_or_default();
        let mut corners = points.to_vec();
        if continued.from_start {
            corners.reverse();
        }
        let held = Held::Corner(false);
        Self { corners, held, continues: Some(continued), ..Self::new(Kind::Polyline, first, pointer) }
    }

    /// The sketch of an earlier visit, if it is one.
    pub fn restored(draft: DraftSketch) -> Option<Self> {
        let DraftSketch { kind, corners, .. } = draft;
        let fits = kind != Kind::Point && !corners.is_empty();
        let corners = corners.into_iter().map(clamp_to_image).collect();
        fits.then(|| Self::at(kind, corners, None, Held::Nothing))
    }

    /// Finds the line again that the sketch of an earlier visit goes on with: it begins with all of that line's corners.
    pub fn find_line(&mut self, document: &Document) {
        let continued = document.items().iter().find_map(|Item { key, region }| {
            let Shape::Polyline(points) = &region.shape else { return None };
            let backwards: Vec<Point> = points.iter().rev().copied().collect();
            let from_start = self.corners.starts_with(&backwards);
            let is_line = self.kind == Kind::Polyline && (from_start || self.corners.starts_with(points));
            is_line.then(|| Continued { key: *key, found: region.clone(), from_start })
        });
        self.continues = continued;
    }

    /// The tool that it is drawn with.
    pub fn tool(&self) -> Tool {
        match self.kind {
            Kind::Bbox => Tool::Extreme,
            Kind::Polygon => Tool::Polygon,
            _ => Tool::Polyline,
        }
    }

    /// How many corners the finished shape needs.
    pub fn least_corners(&self) -> usize {
        if self.kind == Kind::Polygon { 3 } else { 2 }
    }

    /// Whether nothing is missing, so that it ends by itself.
    pub fn is_complete(&self) -> bool {
        self.kind == Kind::Bbox && self.corners.len() >= EXTREMES
    }

    /// How many corners will stay, whatever the pressed pointer does next.
    pub fn settled_corners(&self) -> usize {
        if let Held::Pencil { start, .. } = self.held { start + 1 } else { self.corners.len() }
    }

    /// The shape that it is if it ends now. Boxes are at least as large as `least`.
    pub fn shape(&self, least: Point) -> Shape {
        match self.kind {
            Kind::Polygon => Shape::Polygon(self.corners.clone()),
            Kind::Bbox => Shape::Bbox(resized(self.frame(None), Side::High, Side::High, Point::default(), least)),
            _ if self.continues.as_ref().is_some_and(|line| line.from_start) => {
                Shape::Polyline(self.corners.iter().rev().copied().collect())
            }
            _ => Shape::Polyline(self.corners.clone()),
        }
    }

    /// The frame around the corners, and perhaps one more.
    pub fn frame(&self, more: Option<Point>) -> Rect {
        Shape::Polyline(self.corners.iter().copied().chain(more).collect()).bounds()
    }

    /// Whether a click of this pointer closes the polygon.
    pub fn closes_at(&self, pointer: Pointer, view: &View) -> bool {
        self.kind == Kind::Polygon
            && self.corners.len() >= self.least_corners()
            && self.corners.first().is_some_and(|first| {
                view.screen_from_image(*first).distance_to(pointer.at) <= pointer.device.margin_px() + 2.0
            })
    }

    /// The pointer was pressed and aims at a place: it sets a corner, or takes hold of the last or the first one.
    pub fn pressed(mut self, pointer: Pointer, aim: Point, view: &View) -> Self {
        self.cursor = Some(pointer);
        self.undone.clear();
        let nearly = if pointer.device == Device::Touch { 12.0 } else { CLICK_PX };
        let on_last =
            self.corners.last().is_some_and(|last| view.screen_from_image(*last).distance_to(pointer.at) < nearly);
        self.held = if self.closes_at(pointer, view) {
            Held::Closing
        } else if on_last && self.kind != Kind::Bbox {
            // The second half of a double click makes no second corner. Of a thing one place can be both topmost and leftmost.
            Held::Corner(false)
        } else {
            self.corners.push(aim);
            Held::Corner(true)
        };
        self
    }

    /// The pointer moved. While it is pressed it draws free hand, or moves the place that it has set of a box.
    pub fn followed(mut self, pointer: Pointer, aim: Point, view: &View) -> Self {
        self.cursor = Some(pointer);
        let Some(last) = self.corners.last_mut() else { return self };
        let distance = view.screen_from_image(*last).distance_to(pointer.at);
        match self.held {
            Held::Corner(_) if self.kind == Kind::Bbox && distance >= CLICK_PX => *last = aim,
            Held::Corner(is_new) if self.kind != Kind::Bbox && distance >= begins_to_draw_px(pointer.device) => {
                let count = self.corners.len();
                self.held = Held::Pencil { start: count - 1, from: count - usize::from(is_new) };
                self.corners.push(clamp_to_image(view.image_from_screen(pointer.at)));
            }
            // Closer places are dust.
            Held::Pencil { .. } if distance >= 1.0 => {
                self.corners.push(clamp_to_image(view.image_from_screen(pointer.at)));
            }
            _ => {}
        }
        self
    }

    /// The pointer was released. What it drew free hand gets as few corners as it needs, the last where the pointer aims.
    pub fn released(mut self, aim: Option<Point>, view: &View) -> Self {
        if let Held::Pencil { start, from } = self.held {
            if let (Some(aim), Some(last)) = (aim, self.corners.last_mut()) {
                *last = aim;
            }
            let stroke: Vec<ScreenPoint> =
                self.corners[start..].iter().map(|corner| view.screen_from_image(*corner)).collect();
            let needed: Vec<Point> =
                simplified(&stroke, TOLERANCE_PX).into_iter().map(|index| self.corners[start + index]).collect();
            self.corners.truncate(start);
            self.corners.extend(needed);
            self.strokes.push((from, self.corners.len()));
        }
        self.held = Held::Nothing;
        self
    }

    /// Whether releasing the pointer closes the polygon: on its first corner, also with the pencil.
    pub fn is_closed_by(&self, pointer: Pointer, view: &View) -> bool {
        self.held == Held::Closing || matches!(self.held, Held::Pencil { .. }) && self.closes_at(pointer, view)
    }

    /// The pencil is back where it began; the corner at which it arrived is the first one.
    pub fn closed(self, view: &View) -> Self {
        let came_back = matches!(self.held, Held::Pencil { .. });
        let mut sketch = self.released(None, view);
        if came_back && sketch.corners.len() > sketch.least_corners() {
            sketch.corners.pop();
        }
        sketch
    }

    /// The sketch without its last corner; without any left, there is none.
    pub fn without_last(self) -> Self {
        let left = self.corners.len().saturating_sub(1);
        self.cut_to(left)
    }

    /// The sketch without its last stroke, or its last corner if that was set by a click.
    pub fn without_stroke(self) -> Self {
        let left = match (self.held, self.strokes.last()) {
            (Held::Pencil { from, .. }, _) => from,
            (_, Some((from, to))) if *to == self.corners.len() => *from,
            _ => self.corners.len().saturating_sub(1),
        };
        self.cut_to(left)
    }

    /// Whether corners were taken back that can be set again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// The sketch with what was taken back last.
    pub fn redone(mut self) -> Self {
        // Without any, a pencil goes on with its stroke.
        let Some(again) = self.undone.pop() else { return self };
        let from = self.corners.len();
        self.corners.extend(again);
        if self.corners.len() > from + 1 {
            self.strokes.push((from, self.corners.len()));
        }
        self.held = Held::Nothing;
        self
    }

    fn cut_to(mut self, left: usize) -> Self {
        let gone = self.corners.split_off(left.min(self.corners.len()));
        // What the pencil is still drawing has too many corners to be set again.
        if !matches!(self.held, Held::Pencil { .. }) {
            self.undone.push(gone);
        }
        self.strokes.retain(|(from, _)| *from < left);
        if let Some((_, to)) = self.strokes.last_mut() {
            *to = left.min(*to);
        }
        self.held = Held::Nothing;
        self
    }
}

/// From how far on a pressed pointer is drawing and not only trembling, in CSS pixels.
fn begins_to_draw_px(device: Device) -> f64 {
    if device == Device::Touch { 14.0 } else { 6.0 }
}
