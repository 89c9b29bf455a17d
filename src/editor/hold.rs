//! What gestures hold: regions that follow the pointer or the arrow keys, and what becomes of their shapes.

use super::document::Key;
use crate::geometry::{
    Point, Rect, Shape, Side, bounds_of, clamp_to_image, corner_moved, corners, edge_moved, fitted, moved, resized,
    way_within,
};
use crate::model::region::Region;
use std::collections::HashSet;

/// Of more regions than this a gesture moves the frame alone, and what is drawn of them as one drawing; their shapes follow when
/// it ends.
pub(super) const CROWD: usize = 100;

/// A region that is not as the document says, because a gesture holds it.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub key: Key,
    /// The region as the gesture found it; a new one was not there.
    pub found: Option<Region>,
    /// What the shape of this moment is computed from.
    pub before: Shape,
    /// The shape of this moment, unless all are [carried](Hold::carried).
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

/// The regions that a gesture holds.
#[derive(Clone, Debug)]
pub(super) struct Hold {
    parts: Vec<Part>,
    keys: HashSet<Key>,
    grip: Grip,
    /// The frame around the regions as the gesture found them.
    frame: Option<Rect>,
    /// The way that a crowd has gone, which its shapes do not know of yet.
    carried: Option<Carried>,
}

/// How far a crowd has been carried.
#[derive(Clone, Copy, Debug)]
struct Carried {
    way: Point,
    least: Point,
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

impl Hold {
    /// Takes hold of regions.
    pub fn new(parts: Vec<Part>, grip: Grip) -> Self {
        let keys = parts.iter().map(|part| part.key).collect();
        let frame = bounds_of(parts.iter().map(|part| &part.before));
        Self { parts, keys, grip, frame, carried: None }
    }

    /// The regions that are held.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Which regions these are.
    pub fn keys(&self) -> &HashSet<Key> {
        &self.keys
    }

    /// What of them is held.
    pub fn grip(&self) -> Grip {
        self.grip
    }

    /// Pulls other edges of the frame from now on.
    pub fn regrip(&mut self, grip: Grip) {
        self.grip = grip;
    }

    /// Whether the regions move as one.
    fn is_crowd(&self) -> bool {
        self.parts.len() > CROWD && matches!(self.grip, Grip::Body | Grip::Frame(..))
    }

    /// The frame around a crowd as the gesture found it and as it is now; nothing where the parts themselves say what has become
    /// of each.
    pub fn carried(&self) -> Option<(Rect, Rect)> {
        let Carried { way, least } = self.carried?;
        let frame = self.frame?;
        let to = match self.grip {
            Grip::Frame(horizontal, vertical) => framed(frame, horizontal, vertical, way, least),
            _ => Rect { x: frame.x + way.x, y: frame.y + way.y, ..frame },
        };
        Some((frame, to))
    }

    /// Puts everything back where the gesture found it.
    pub fn put_back(&mut self) {
        self.carried = None;
        self.parts.iter_mut().for_each(|part| part.now = part.before.clone());
    }

    /// Puts a corner that is held elsewhere. Returns whether one is.
    pub fn put_corner(&mut self, to: Point) -> bool {
        match (self.grip, &mut self.parts[..]) {
            (Grip::Corner(index), [part]) => {
                part.put_corner(index, to);
                true
            }
            _ => false,
        }
    }

    /// Gives what is held the shapes that it has after a way from where the gesture began. Boxes stay at least as large as
    /// `least`, and several regions keep their places among each other.
    pub fn go(&mut self, way: Point, least: Point) {
        let way = self.stopped(way);
        if self.is_crowd() {
            self.carried = Some(Carried { way, least });
        } else {
            self.shape(way, least);
        }
    }

    /// The regions with the shapes that they have in the end.
    pub fn into_parts(mut self) -> Vec<Part> {
        if let Some(Carried { way, least }) = self.carried.take() {
            self.shape(way, least);
        }
        self.parts
    }

    fn shape(&mut self, way: Point, least: Point) {
        let frames = match self.grip {
            Grip::Frame(horizontal, vertical) => {
                self.frame.map(|from| (from, framed(from, horizontal, vertical, way, least)))
            }
            _ => None,
        };
        for part in &mut self.parts {
            part.now = match (self.grip, &part.before) {
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
    pub fn stopped(&self, way: Point) -> Point {
        match (self.grip, &self.parts[..]) {
            (Grip::Body, _) => self.frame.map_or(way, |frame| way_within(frame, way)),
            (Grip::Edge(index), [part]) => {
                edge_of(&part.before, index).map_or(way, |(a, b)| way_within(Shape::Polyline(vec![a, b]).bounds(), way))
            }
            (Grip::Edges(horizontal, vertical) | Grip::Frame(horizontal, vertical), _) => {
                let Some(Rect { x, y, w, h }) = self.frame else { return way };
                let within = |low: f64, length: f64, side: Side, way: f64| {
                    let edge = if side == Side::Low { low } else { low + length };
                    way.clamp(-edge, (1.0 - edge).max(-edge))
                };
                Point { x: within(x, w, horizontal, way.x), y: within(y, h, vertical, way.y) }
            }
            _ => way,
        }
    }

    /// The frame around the regions as the gesture found them.
    pub fn frame(&self) -> Option<Rect> {
        self.frame
    }
}

/// The frame after its edges were pulled.
fn framed(from: Rect, horizontal: Side, vertical: Side, way: Point, least: Point) -> Rect {
    // A frame that is a line has no width to change.
    let side = |side: Side, length: f64| if length > 0.0 { side } else { Side::Neither };
    resized(from, side(horizontal, from.w), side(vertical, from.h), way, least)
}

/// The ends of an edge that begins with a corner.
pub(super) fn edge_of(shape: &Shape, index: usize) -> Option<(Point, Point)> {
    let points = corners(shape);
    Some((*points.get(index)?, points[(index + 1) % points.len()]))
}
