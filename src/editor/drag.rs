//! Shapes that follow the pointer, and snap to others.

use super::Editor;
use super::gesture::CLICK_PX;
use super::hold::{Grip, Hold, Part, edge_of};
use super::input::Pointer;
use super::snap::Moving;
use crate::geometry::{Point, Rect, ScreenPoint, Shape, Side, View, clamp_to_image, corners, outline};

/// Shapes that follow the pointer.
#[derive(Clone, Debug)]
pub(super) struct Drag {
    pub hold: Hold,
    /// Where the pointer took hold, and where it is.
    pub from_in_image: Point,
    from_on_screen: ScreenPoint,
    pub to_on_screen: ScreenPoint,
}

impl Drag {
    /// Whether a corner is what is held.
    pub fn holds_corner(&self) -> bool {
        matches!(self.hold.grip(), Grip::Corner(_))
    }

    /// A drag that begins.
    pub fn new(parts: Vec<Part>, grip: Grip, from: Pointer, view: &View) -> Self {
        // What is new begins where it was put, which may be beside the pointer.
        let new = parts.iter().find(|part| part.found.is_none()).map(|part| part.before.bounds());
        let from_in_image =
            new.map_or_else(|| view.image_from_screen(from.at), |bounds| Point { x: bounds.x, y: bounds.y });
        Self { hold: Hold::new(parts, grip), from_in_image, from_on_screen: from.at, to_on_screen: from.at }
    }
}

impl Editor {
    /// A drag with the pointer elsewhere.
    pub(super) fn followed(&mut self, mut drag: Drag, pointer: Pointer) -> Drag {
        let to = self.view.image_from_screen(pointer.at);
        // A click that trembles must not shift a corner or a point.
        let trembles = pointer.at.distance_to(drag.from_on_screen) < CLICK_PX;
        let hold = &mut drag.hold;
        let is_new = hold.parts().iter().any(|part| part.found.is_none());
        self.snapped = None;
        if trembles && is_new {
            hold.put_back();
        } else {
            let way = Point { x: to.x - drag.from_in_image.x, y: to.y - drag.from_in_image.y };
            let least = self.view.pixel_in_image();
            hold.go(way, least);
            if let Some(snap) = self.snap(&moving(hold, way), hold.keys(), pointer)
                && !hold.put_corner(snap.at)
            {
                // From where the picture's border stopped it, if it did.
                let way = hold.stopped(way);
                hold.go(Point { x: way.x + snap.way.x, y: way.y + snap.way.y }, least);
            }
        }
        Drag { to_on_screen: pointer.at, ..drag }
    }
}

/// What moves of shapes that have gone a way, and so can snap to others.
fn moving(hold: &Hold, way: Point) -> Moving {
    let free = (true, true);
    match (hold.grip(), hold.parts()) {
        (Grip::Edges(horizontal, vertical), [Part { before: Shape::Bbox(rect), .. }]) => {
            pulled(*rect, horizontal, vertical, way)
        }
        (Grip::Frame(horizontal, vertical), _) => {
            hold.frame().map_or_else(Moving::default, |frame| pulled(frame, horizontal, vertical, way))
        }
        (Grip::Corner(index), [part]) => {
            Moving { corners: corners(&part.now).get(index).copied().into_iter().collect(), edges: Vec::new(), free }
        }
        (Grip::Edge(index), [part]) => {
            let edge = edge_of(&part.now, index);
            Moving { corners: edge.map_or_else(Vec::new, |(a, b)| vec![a, b]), edges: edge.into_iter().collect(), free }
        }
        (_, parts) => {
            if let Some((_, frame)) = hold.carried() {
                // The corners of the frame stand for those of a crowd.
                return Moving { corners: outline(&Shape::Bbox(frame)).unwrap_or_default(), edges: Vec::new(), free };
            }
            let mut moving = Moving { free, ..Moving::default() };
            for part in parts {
                let ring = outline(&part.now);
                let points = ring.as_deref().unwrap_or_else(|| corners(&part.now));
                moving.edges.extend(points.windows(2).map(|ends| (ends[0], ends[1])));
                if ring.is_some() {
                    moving.edges.extend(points.last().copied().zip(points.first().copied()));
                }
                moving.corners.extend_from_slice(points);
            }
            moving
        }
    }
}

/// What moves of a rectangle whose edges are pulled: these edges, and the corner between two of them.
fn pulled(rect: Rect, horizontal: Side, vertical: Side, way: Point) -> Moving {
    let pulled = |low: f64, length: f64, side: Side, way: f64| match side {
        Side::Low => Some(low + way),
        Side::High => Some(low + length + way),
        Side::Neither => None,
    };
    let at = |x: f64, y: f64| clamp_to_image(Point { x, y });
    let (x, y) = (pulled(rect.x, rect.w, horizontal, way.x), pulled(rect.y, rect.h, vertical, way.y));
    // The edges reach from the one that stays to the pulled one.
    let stays = |low: f64, length: f64, side: Side| if side == Side::Low { low + length } else { low };
    let (left, top) = (stays(rect.x, rect.w, horizontal), stays(rect.y, rect.h, vertical));
    let (right, bottom) = (x.unwrap_or(rect.x + rect.w), y.unwrap_or(rect.y + rect.h));
    let upright = x.map(|x| (at(x, top), at(x, bottom)));
    let level = y.map(|y| (at(left, y), at(right, y)));
    let edges: Vec<(Point, Point)> = upright.into_iter().chain(level).collect();
    let corners = match x.zip(y) {
        Some((x, y)) => vec![at(x, y)],
        None => edges.iter().flat_map(|(a, b)| [*a, *b]).collect(),
    };
    Moving { corners, edges, free: (x.is_some(), y.is_some()) }
}
