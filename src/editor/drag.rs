//! Shapes that follow the pointer, or the arrow keys.

use super::Editor;
use super::document::Key;
use super::gesture::CLICK_PX;
use super::input::Pointer;
use super::snap::Moving;
use crate::geometry::{
    Point, Rect, ScreenPoint, Shape, Side, View, bounds_of, clamp_to_image, corner_moved, corners, edge_moved, fitted,
    moved, outline, resized, way_within,
};
use crate::model::region::Region;
use std::collections::HashSet;

/// A region that is not as the document says, because a gesture holds it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub key: Key,
    /// The region as the gesture found it; a new one was not there.
    pub found: Option<Region>,
    /// What the shape of this moment is computed from.
    pub before: Shape,
    /// The shape of this moment.
    pub now: Shape,
}

/// What a gesture holds of its shapes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Grip {
    /// All of them.
    Body,
    /// Edges of a box.
    Edges(Side, Side),
    /// A corner.
    Corner(usize),
    /// The edge of a polygon or polyline that begins with this corner.
    Edge(usize),
    /// Edges of the frame around all of them.
    Frame(Side, Side),
}

/// Shapes that follow the pointer.
#[derive(Clone, Debug)]
pub(super) struct Drag {
    pub parts: Vec<Part>,
    /// The regions that the parts are.
    pub keys: HashSet<Key>,
    grip: Grip,
    /// Where the pointer took hold, and where it is.
    pub from_in_image: Point,
    from_on_screen: ScreenPoint,
    pub to_on_screen: ScreenPoint,
}

impl Part {
    /// A region that is taken hold of.
    pub fn of(key: Key, region: &Region) -> Self {
        Self { key, found: Some(region.clone()), before: region.shape.clone(), now: region.shape.clone() }
    }

    /// A region that is only now being made.
    pub fn new(key: Key, shape: Shape) -> Self {
        Self { key, found: None, before: shape.clone(), now: shape }
    }
}

impl Part {
    /// Puts one corner elsewhere. It is the only one that a gesture changes: of a hundred thousand the others are not copied.
    fn put_corner(&mut self, index: usize, to: Point) {
        if corners(&self.now).len() != corners(&self.before).len() {
            // The gesture began with a corner that was inserted.
            self.now = self.before.clone();
        }
        match &mut self.now {
            Shape::Polygon(points) | Shape::Polyline(points) => {
                if let Some(corner) = points.get_mut(index) {
                    *corner = clamp_to_image(to);
                }
            }
            other => *other = corner_moved(&self.before, index, to),
        }
    }
}

impl Drag {
    /// Whether a corner is what is held.
    pub fn holds_corner(&self) -> bool {
        matches!(self.grip, Grip::Corner(_))
    }

    /// A drag that begins.
    pub fn new(parts: Vec<Part>, grip: Grip, from: Pointer, view: &View) -> Self {
        // What is new begins where it was put, which may be beside the pointer.
        let new = parts.iter().find(|part| part.found.is_none()).map(|part| part.before.bounds());
        let from_in_image =
            new.map_or_else(|| view.image_from_screen(from.at), |bounds| Point { x: bounds.x, y: bounds.y });
        Self { keys: keys_of(&parts), parts, grip, from_in_image, from_on_screen: from.at, to_on_screen: from.at }
    }
}

impl Editor {
    /// A drag with the pointer elsewhere.
    pub(super) fn followed(&mut self, mut drag: Drag, pointer: Pointer) -> Drag {
        let to = self.view.image_from_screen(pointer.at);
        // A click that trembles must not shift a corner or a point.
        let trembles = pointer.at.distance_to(drag.from_on_screen) < CLICK_PX;
        let is_new = drag.parts.iter().any(|part| part.found.is_none());
        self.snapped = None;
        if trembles && is_new {
            drag.parts.iter_mut().for_each(|part| part.now = part.before.clone());
        } else {
            let way = Point { x: to.x - drag.from_in_image.x, y: to.y - drag.from_in_image.y };
            let least = self.view.pixel_in_image();
            move_parts(&mut drag.parts, drag.grip, way, least);
            if let Some(snap) = self.snap(&moving(&drag.parts, drag.grip, way), &drag.keys, pointer) {
                match (drag.grip, &mut drag.parts[..]) {
                    (Grip::Corner(index), [part]) => part.put_corner(index, snap.at),
                    _ => {
                        // From where the picture's border stopped it, if it did.
                        let way = stopped(&drag.parts, drag.grip, way);
                        let way = Point { x: way.x + snap.way.x, y: way.y + snap.way.y };
                        move_parts(&mut drag.parts, drag.grip, way, least);
                    }
                }
            }
        }
        Drag { to_on_screen: pointer.at, ..drag }
    }
}

/// The regions that a gesture holds.
pub(super) fn keys_of(parts: &[Part]) -> HashSet<Key> {
    parts.iter().map(|part| part.key).collect()
}

/// Gives what a gesture holds the shapes that it has after a way from where the gesture began. Boxes stay at least as large as
/// `least`, and several regions keep their places among each other.
pub(super) fn move_parts(parts: &mut [Part], grip: Grip, way: Point, least: Point) {
    let way = stopped(parts, grip, way);
    let frames = match grip {
        Grip::Frame(horizontal, vertical) => frame_of(parts).map(|from| {
            // A frame that is a line has no width to change.
            let side = |side: Side, length: f64| if length > 0.0 { side } else { Side::Neither };
            (from, resized(from, side(horizontal, from.w), side(vertical, from.h), way, least))
        }),
        _ => None,
    };
    for part in parts {
        part.now = match (grip, &part.before) {
            (Grip::Frame(..), before) => {
                frames.map_or_else(|| before.clone(), |(from, to)| fitted(before, from, to, least))
            }
            (Grip::Edges(horizontal, vertical), Shape::Bbox(rect)) => {
                Shape::Bbox(resized(*rect, horizontal, vertical, way, least))
            }
            (Grip::Corner(index), before) => {
                let corner = corners(before).get(index).copied().unwrap_or_default();
                part.put_corner(index, Point { x: corner.x + way.x, y: corner.y + way.y });
                continue;
            }
            (Grip::Edge(index), before) => edge_moved(before, index, way),
            (Grip::Body | Grip::Edges(..), before) => moved(before, way.x, way.y),
        };
    }
}

/// The way as far as it can be gone without leaving the picture.
fn stopped(parts: &[Part], grip: Grip, way: Point) -> Point {
    match (grip, parts) {
        (Grip::Body, _) => frame_of(parts).map_or(way, |frame| way_within(frame, way)),
        (Grip::Edge(index), [part]) => {
            edge_of(&part.before, index).map_or(way, |(a, b)| way_within(Shape::Polyline(vec![a, b]).bounds(), way))
        }
        (Grip::Edges(horizontal, vertical) | Grip::Frame(horizontal, vertical), _) => {
            let Some(Rect { x, y, w, h }) = frame_of(parts) else { return way };
            let within = |low: f64, length: f64, side: Side, way: f64| {
                let edge = if side == Side::Low { low } else { low + length };
                way.clamp(-edge, (1.0 - edge).max(-edge))
            };
            Point { x: within(x, w, horizontal, way.x), y: within(y, h, vertical, way.y) }
        }
        _ => way,
    }
}

fn frame_of(parts: &[Part]) -> Option<Rect> {
    bounds_of(parts.iter().map(|part| &part.before))
}

fn edge_of(shape: &Shape, index: usize) -> Option<(Point, Point)> {
    let points = corners(shape);
    Some((*points.get(index)?, points[(index + 1) % points.len()]))
}

/// What moves of shapes that have gone a way, and so can snap to others.
fn moving(parts: &[Part], grip: Grip, way: Point) -> Moving {
    let free = (true, true);
    match (grip, parts) {
        (Grip::Edges(horizontal, vertical), [Part { before: Shape::Bbox(rect), .. }]) => {
            pulled(*rect, horizontal, vertical, way)
        }
        (Grip::Frame(horizontal, vertical), parts) => {
            frame_of(parts).map_or_else(Moving::default, |frame| pulled(frame, horizontal, vertical, way))
        }
        (Grip::Corner(index), [part]) => {
            Moving { corners: corners(&part.now).get(index).copied().into_iter().collect(), edges: Vec::new(), free }
        }
        (Grip::Edge(index), [part]) => {
            let edge = edge_of(&part.now, index);
            Moving { corners: edge.map_or_else(Vec::new, |(a, b)| vec![a, b]), edges: edge.into_iter().collect(), free }
        }
        (_, parts) => {
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
