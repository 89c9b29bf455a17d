//! Snapping: what is drawn and dragged is drawn to the corners and edges of boxes, polygons and lines, and to the picture's border.
//!
//! Points are no targets: they are put onto things, and would pull off whatever is drawn around these.

use super::document::Key;
use super::input::Pointer;
use super::sketch::Sketch;
use super::{Editor, Tool};
use crate::geometry::{Point, ScreenPoint, ScreenRect, Shape, clamp_to_image, nearest_on_segment, outline};
use crate::model::region::Kind;
use std::collections::HashSet;

/// How near a thing has to come for snapping, in CSS pixels.
const SNAP_PX: f64 = 7.0;
/// Corners that move are compared with edges that lie near at most so often for one move of the pointer. Of more, the corners of
/// the frame around them stand for all.
const MOST_PAIRS: usize = 100_000;
/// What counts as straight, in CSS pixels.
const STRAIGHT_PX: f64 = 1e-6;

/// What may snap: corners and edges where they would be without it, in image space.
#[derive(Clone, Debug, Default)]
pub(super) struct Moving {
    pub corners: Vec<Point>,
    pub edges: Vec<(Point, Point)>,
    /// Whether it can move along each axis.
    pub free: (bool, bool),
}

/// What snapping makes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Snap {
    /// How much farther it has to go, in image space.
    pub way: Point,
    /// The place where it met what it snapped to.
    pub at: Point,
}

/// An edge of another region, on the screen and in image space.
struct Target {
    ends: [Point; 2],
    on_screen: [ScreenPoint; 2],
}

/// How an edge runs on the screen, and so which way a thing is pulled to it.
#[derive(Clone, Copy)]
enum Run {
    Upright,
    Level,
    Oblique,
}

/// A correction on the screen, and where things meet then.
#[derive(Clone, Copy)]
struct Pull {
    way: ScreenPoint,
    at: ScreenPoint,
    /// The coordinates of that place in image space that are known exactly: rounding would leave a gap between neighbours.
    exact: (Option<f64>, Option<f64>),
}

/// The shortest pulls of every sort.
#[derive(Default)]
struct Pulls {
    /// Whether it can move along each axis.
    free: (bool, bool),
    corner: Option<Pull>,
    upright: Option<Pull>,
    level: Option<Pull>,
    oblique: Option<Pull>,
}

impl Editor {
    /// Whether what is drawn and dragged snaps, unless the pointer says otherwise.
    pub fn is_snapping(&self) -> bool {
        self.snapping
    }

    /// Where in the picture a pointer draws: below it, or where it snaps to.
    pub(super) fn aim(&mut self, pointer: Pointer) -> Point {
        self.aim_beside(None, pointer)
    }

    /// Where in the picture a pointer goes on with a sketch. The line that is gone on with is no target for itself, and the
    /// outermost places of a thing are its own.
    pub(super) fn aim_with(&mut self, sketch: &Sketch, pointer: Pointer) -> Point {
        let pointer = Pointer { free: pointer.free || sketch.kind == Kind::Bbox, ..pointer };
        self.aim_beside(sketch.continues.as_ref().map(|line| line.key), pointer)
    }

    fn aim_beside(&mut self, own: Option<Key>, pointer: Pointer) -> Point {
        let there = clamp_to_image(self.view.image_from_screen(pointer.at));
        let moving = Moving { corners: vec![there], edges: Vec::new(), free: (true, true) };
        self.snap(&moving, &own.into_iter().collect(), pointer).map_or(there, |snap| snap.at)
    }

    /// Where a pointer that presses nothing would draw, to be shown.
    pub(super) fn hover_aim(&mut self, pointer: Pointer) {
        if !matches!(self.tool, Tool::Select | Tool::Extreme) && self.handle_at(pointer).is_none() {
            self.aim(pointer);
        }
    }

    /// What a moving thing snaps to, if anything. Remembers it for the mark.
    pub(super) fn snap(&mut self, moving: &Moving, excluded: &HashSet<Key>, pointer: Pointer) -> Option<Snap> {
        self.snapped = None;
        if !self.snapping || pointer.free || moving.corners.is_empty() && moving.edges.is_empty() {
            return None;
        }
        let found = self.find_snap(moving, excluded);
        self.snapped = found.map(|snap| snap.at);
        found
    }

    fn find_snap(&self, moving: &Moving, excluded: &HashSet<Key>) -> Option<Snap> {
        let all: Vec<Point> =
            moving.corners.iter().copied().chain(moving.edges.iter().flat_map(|(a, b)| [*a, *b])).collect();
        let bounds = Shape::Polyline(all).bounds();
        let on_screen = self.view.screen_rect(bounds);
        let targets = self.targets_near(on_screen, excluded);
        let frame;
        let corners: &[Point] = if moving.corners.len().saturating_mul(targets.len()) > MOST_PAIRS {
            frame = outline(&Shape::Bbox(bounds)).unwrap_or_default();
            &frame
        } else {
            &moving.corners
        };
        let mut pulls = Pulls { free: moving.free, ..Pulls::default() };
        for corner in corners {
            let from = self.view.screen_from_image(*corner);
            targets.iter().for_each(|target| pulls.meet(from, target));
        }
        if moving.edges.len().saturating_mul(targets.len()) <= MOST_PAIRS {
            for (a, b) in &moving.edges {
                let edge = [self.view.screen_from_image(*a), self.view.screen_from_image(*b)];
                targets.iter().for_each(|target| pulls.be_met(edge, target));
            }
        }
        pulls.meet_border(on_screen, self.view.picture_on_screen());
        let pull = pulls.best()?;
        let (origin, to) = (self.view.image_from_screen(ScreenPoint::default()), self.view.image_from_screen(pull.way));
        let at = self.view.image_from_screen(pull.at);
        Some(Snap {
            way: Point { x: to.x - origin.x, y: to.y - origin.y },
            at: clamp_to_image(Point { x: pull.exact.0.unwrap_or(at.x), y: pull.exact.1.unwrap_or(at.y) }),
        })
    }

    /// The edges near a place of the screen that something can snap to.
    fn targets_near(&self, place: ScreenRect, excluded: &HashSet<Key>) -> Vec<Target> {
        let near = |a: ScreenPoint, b: ScreenPoint| {
            let edge = ScreenRect::between(a, b);
            edge.min.x <= place.max.x + SNAP_PX
                && edge.max.x >= place.min.x - SNAP_PX
                && edge.min.y <= place.max.y + SNAP_PX
                && edge.max.y >= place.min.y - SNAP_PX
        };
        let mut targets = Vec::new();
        for item in self.regions_near(self.view.image_rect(place, SNAP_PX)) {
            if excluded.contains(&item.key) || self.is_hidden(item.key) {
                continue;
            }
            let of_box;
            let (points, is_closed): (&[Point], bool) = match &item.region.shape {
                Shape::Polygon(points) => (points, true),
                Shape::Polyline(points) => (points, false),
                shape @ Shape::Bbox(_) => {
                    of_box = outline(shape).unwrap_or_default();
                    (&of_box, true)
                }
                Shape::Point(_) => continue,
            };
            let closing = points.last().copied().zip(points.first().copied()).filter(|_| is_closed);
            let edges = points.windows(2).map(|ends| (ends[0], ends[1])).chain(closing);
            for (a, b) in edges {
                let on_screen = [self.view.screen_from_image(a), self.view.screen_from_image(b)];
                if near(on_screen[0], on_screen[1]) {
                    targets.push(Target { ends: [a, b], on_screen });
                }
            }
        }
        targets
    }
}

impl Pulls {
    /// A corner meets the ends of an edge, and the places between them.
    fn meet(&mut self, from: ScreenPoint, target: &Target) {
        for (at, Point { x, y }) in target.on_screen.into_iter().zip(target.ends) {
            let pull = Pull { way: at - from, at, exact: (Some(x), Some(y)) };
            if self.allows(pull) && pull.is_shorter_than(self.corner) {
                self.corner = Some(pull);
            }
        }
        let [a, b] = target.on_screen;
        let at = nearest_on_segment(from, a, b);
        let [Point { x, y }, _] = target.ends;
        let run = Run::of(a, b);
        let exact = match run {
            Run::Upright => (Some(x), None),
            Run::Level => (None, Some(y)),
            Run::Oblique => (None, None),
        };
        self.add(run, Pull { way: at - from, at, exact });
    }

    /// An edge that moves meets the corners of others.
    fn be_met(&mut self, [a, b]: [ScreenPoint; 2], target: &Target) {
        for (at, Point { x, y }) in target.on_screen.into_iter().zip(target.ends) {
            let way = at - nearest_on_segment(at, a, b);
            self.add(Run::of(a, b), Pull { way, at, exact: (Some(x), Some(y)) });
        }
    }

    fn meet_border(&mut self, bounds: ScreenRect, border: ScreenRect) {
        let middle = bounds.min.midpoint(bounds.max);
        for (from, to, exact) in [(bounds.min.x, border.min.x, 0.0), (bounds.max.x, border.max.x, 1.0)] {
            let (way, at) = (ScreenPoint::new(to - from, 0.0), ScreenPoint::new(to, middle.y));
            self.add(Run::Upright, Pull { way, at, exact: (Some(exact), None) });
        }
        for (from, to, exact) in [(bounds.min.y, border.min.y, 0.0), (bounds.max.y, border.max.y, 1.0)] {
            let (way, at) = (ScreenPoint::new(0.0, to - from), ScreenPoint::new(middle.x, to));
            self.add(Run::Level, Pull { way, at, exact: (None, Some(exact)) });
        }
    }

    fn add(&mut self, run: Run, pull: Pull) {
        // Past the end of an edge there is nothing to lie against.
        let is_beside = match run {
            Run::Upright => pull.way.y.abs() < STRAIGHT_PX,
            Run::Level => pull.way.x.abs() < STRAIGHT_PX,
            Run::Oblique => true,
        };
        let best = match run {
            Run::Upright => self.upright,
            Run::Level => self.level,
            Run::Oblique => self.oblique,
        };
        if !is_beside || !self.allows(pull) || !pull.is_shorter_than(best) {
            return;
        }
        match run {
            Run::Upright => self.upright = Some(pull),
            Run::Level => self.level = Some(pull),
            Run::Oblique => self.oblique = Some(pull),
        }
    }

    /// Whether a pull is short, and leads where the thing can move.
    fn allows(&self, pull: Pull) -> bool {
        pull.length() <= SNAP_PX
            && (self.free.0 || pull.way.x.abs() < STRAIGHT_PX)
            && (self.free.1 || pull.way.y.abs() < STRAIGHT_PX)
    }

    /// The pull to obey. Corners go first; an upright and a level edge can both be obeyed.
    fn best(&self) -> Option<Pull> {
        let straight = match (self.upright, self.level) {
            (Some(upright), Some(level)) => Some(Pull {
                way: ScreenPoint::new(upright.way.x, level.way.y),
                at: ScreenPoint::new(upright.at.x, level.at.y),
                exact: (upright.exact.0, level.exact.1),
            }),
            (upright, level) => upright.or(level),
        };
        let nearest = [self.upright, self.level].into_iter().flatten().map(Pull::length).reduce(f64::min);
        let oblique = self.oblique.filter(|oblique| nearest.is_none_or(|length| oblique.length() < length));
        self.corner.or(oblique).or(straight)
    }
}

impl Pull {
    fn length(self) -> f64 {
        ScreenPoint::default().distance_to(self.way)
    }

    fn is_shorter_than(self, other: Option<Self>) -> bool {
        other.is_none_or(|other| self.length() < other.length())
    }
}

impl Run {
    fn of(a: ScreenPoint, b: ScreenPoint) -> Self {
        if (a.x - b.x).abs() < STRAIGHT_PX {
            Self::Upright
        } else if (a.y - b.y).abs() < STRAIGHT_PX {
            Self::Level
        } else {
            Self::Oblique
        }
    }
}
