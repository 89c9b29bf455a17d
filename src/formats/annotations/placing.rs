//! From a format's units to the picture's unit square, and back.

use super::exchange::{Annotated, PixelSize};
use super::losses::{Loss, Losses};
use super::number::decimal;
use crate::model::region::{Kind, MAX_POINTS, Point, Rect, Region, Shape};

/// A shape that lies outside the picture by no more than this part of a side does so by rounding alone.
pub const ROUNDING: f64 = 1e-5;
/// Corners farther away than this many sides are brought to there before lines to them are cut: larger numbers could overflow.
const FAR: f64 = 1e6;

/// How many units a picture's sides are long.
#[derive(Clone, Copy, Debug)]
pub(in crate::formats) struct Scale {
    pub width: f64,
    pub height: f64,
}

impl Scale {
    /// Coordinates are parts of the sides.
    pub const UNIT: Self = Self { width: 1.0, height: 1.0 };
    /// Coordinates are hundredths of the sides.
    pub const PERCENT: Self = Self { width: 100.0, height: 100.0 };
}

impl From<PixelSize> for Scale {
    fn from(PixelSize { width, height }: PixelSize) -> Self {
        Self { width: f64::from(width), height: f64::from(height) }
    }
}

/// What a picture's regions are in pixels for formats that have boxes only, each with its object; a polygon is the box around it. What
/// else there is counts as lost.
pub(in crate::formats) fn boxes_of<'a>(picture: &'a Annotated, losses: &mut Losses) -> Vec<(&'a str, Rect)> {
    let (mut boxes, mut has_unplaced) = (Vec::new(), false);
    for Region { shape, object, .. } in &picture.regions {
        let loss = match (shape.kind(), picture.head.size) {
            (kind @ (Kind::Polyline | Kind::Point), _) => Some(Loss::of_kind(kind)),
            (_, None) if has_unplaced => None,
            (_, None) => {
                has_unplaced = true;
                Some(Loss::UnknownSize)
            }
            (kind, Some(size)) => {
                let rect = in_pixels(shape, size).bounds();
                if rect.w > 0.0 && rect.h > 0.0 {
                    boxes.push((object.as_str(), rect));
                    (kind == Kind::Polygon).then_some(Loss::BoxOnly)
                } else {
                    Some(Loss::Degenerate)
                }
            }
        };
        if let Some(loss) = loss {
            losses.add(loss, || picture.head.path.clone());
        }
    }
    boxes
}

/// Brings a shape of a file into the unit square. It may be cut into several lines, or lie outside.
pub(super) fn placed(shape: Shape, scale: Scale) -> (Vec<Shape>, Option<Loss>) {
    let point = |at: Point| Point { x: at.x / scale.width, y: at.y / scale.height };
    let lost = |loss| (Vec::new(), Some(loss));
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            let (from, size) = (point(Point { x, y }), point(Point { x: w, y: h }));
            if ![from.x, from.y, size.x, size.y].iter().all(|number| number.is_finite()) {
                return lost(Loss::NotFinite);
            }
            if size.x <= 0.0 || size.y <= 0.0 {
                return lost(Loss::Degenerate);
            }
            let (x, w, cut_x) = side_within(from.x, size.x);
            let (y, h, cut_y) = side_within(from.y, size.y);
            if w <= 0.0 || h <= 0.0 {
                return lost(Loss::Outside);
            }
            (vec![Shape::Bbox(Rect { x, y, w, h })], (cut_x || cut_y).then_some(Loss::Clipped))
        }
        Shape::Point(at) => {
            let at = point(at);
            match (at.x.is_finite() && at.y.is_finite(), is_within(at)) {
                (false, _) => lost(Loss::NotFinite),
                (true, false) => lost(Loss::Outside),
                (true, true) => (vec![Shape::Point(clamped(at))], None),
            }
        }
        Shape::Polygon(mut points) => {
            // Some programs repeat the first corner at the end.
            if points.len() > 3 && points.first() == points.last() {
                points.pop();
            }
            let points = match corners_of(points, 3, point) {
                Ok(points) => points,
                Err(loss) => return lost(loss),
            };
            if points.iter().copied().all(is_within) {
                return (vec![Shape::Polygon(points.into_iter().map(clamped).collect())], None);
            }
            let cut = polygon_within(points);
            if cut.len() < 3 { lost(Loss::Outside) } else { (vec![Shape::Polygon(cut)], Some(Loss::Clipped)) }
        }
        Shape::Polyline(points) => {
            let points = match corners_of(points, 2, point) {
                Ok(points) => points,
                Err(loss) => return lost(loss),
            };
            if points.iter().copied().all(is_within) {
                return (vec![Shape::Polyline(points.into_iter().map(clamped).collect())], None);
            }
            let lines = line_within(&points);
            if lines.is_empty() {
                return lost(Loss::Outside);
            }
            (lines.into_iter().map(Shape::Polyline).collect(), Some(Loss::Clipped))
        }
    }
}

fn corners_of(points: Vec<Point>, least: usize, scaled: impl Fn(Point) -> Point) -> Result<Vec<Point>, Loss> {
    if points.len() < least {
        return Err(Loss::Degenerate);
    }
    if points.len() > MAX_POINTS {
        return Err(Loss::TooLarge);
    }
    let points: Vec<Point> = points.into_iter().map(scaled).collect();
    if points.iter().all(|point| point.x.is_finite() && point.y.is_finite()) {
        Ok(points)
    } else {
        Err(Loss::NotFinite)
    }
}

fn is_within(at: Point) -> bool {
    let inside = -ROUNDING..=1.0 + ROUNDING;
    inside.contains(&at.x) && inside.contains(&at.y)
}

fn clamped(at: Point) -> Point {
    // Adding 0 makes a plain zero of a negative one.
    Point { x: at.x.clamp(0.0, 1.0) + 0.0, y: at.y.clamp(0.0, 1.0) + 0.0 }
}

/// One side of a box within the picture: where it begins, how long it is, and whether more than rounding was cut off.
fn side_within(from: f64, length: f64) -> (f64, f64, bool) {
    let end = from + length;
    if from >= 0.0 && end <= 1.0 {
        return (from + 0.0, length, false);
    }
    let (begin, last) = (from.max(0.0), end.min(1.0));
    // A length that was not cut stays as it is said, as long as the sum is no more than 1 but for rounding.
    let rest = if from >= 0.0 && end <= 1.0 + 1e-12 { length } else { last - begin };
    (begin, rest, from < -ROUNDING || end > 1.0 + ROUNDING)
}

/// What of a polygon lies within the picture, after Sutherland and Hodgman: where it leaves and enters again, it goes along the
/// edge. Fewer than three corners mean nothing.
fn polygon_within(points: Vec<Point>) -> Vec<Point> {
    let near = |point: Point| Point { x: point.x.clamp(-FAR, FAR), y: point.y.clamp(-FAR, FAR) };
    let mut points: Vec<Point> = points.into_iter().map(near).collect();
    // How far inside of each edge a point lies.
    let edges: [fn(Point) -> f64; 4] = [|at| at.x, |at| 1.0 - at.x, |at| at.y, |at| 1.0 - at.y];
    for inside in edges {
        let mut cut = Vec::with_capacity(points.len() + 4);
        let Some(mut before) = points.last().copied() else { return Vec::new() };
        for at in points {
            let (from, to) = (inside(before), inside(at));
            if (from < 0.0) != (to < 0.0) {
                let part = from / (from - to);
                cut.push(Point { x: before.x + part * (at.x - before.x), y: before.y + part * (at.y - before.y) });
            }
            if to >= 0.0 {
                cut.push(at);
            }
            before = at;
        }
        points = cut;
    }
    let mut points: Vec<Point> = points.into_iter().map(clamped).collect();
    points.dedup();
    let is_flat = |side: fn(&Point) -> f64| points.windows(2).all(|ends| side(&ends[0]) == side(&ends[1]));
    if is_flat(|point| point.x) || is_flat(|point| point.y) {
        return Vec::new();
    }
    points
}

/// What of a line lies within the picture, after Liang and Barsky.
fn line_within(points: &[Point]) -> Vec<Vec<Point>> {
    let mut lines: Vec<Vec<Point>> = Vec::new();
    let mut goes_on = false;
    for ends in points.windows(2) {
        let [a, b] = [ends[0], ends[1]].map(|at| Point { x: at.x.clamp(-FAR, FAR), y: at.y.clamp(-FAR, FAR) });
        let way = Point { x: b.x - a.x, y: b.y - a.y };
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (step, room) in [(-way.x, a.x), (way.x, 1.0 - a.x), (-way.y, a.y), (way.y, 1.0 - a.y)] {
            if step == 0.0 {
                if room < 0.0 {
                    to = -1.0;
                }
            } else if step < 0.0 {
                from = from.max(room / step);
            } else {
                to = to.min(room / step);
            }
        }
        if from > to {
            goes_on = false;
            continue;
        }
        let at = |part: f64| clamped(Point { x: a.x + part * way.x, y: a.y + part * way.y });
        match lines.last_mut() {
            Some(line) if goes_on && from == 0.0 => line.push(at(to)),
            _ => lines.push(vec![at(from), at(to)]),
        }
        goes_on = to == 1.0;
    }
    lines.iter_mut().for_each(|line| line.dedup());
    lines.retain(|line| line.len() >= 2);
    lines
}

/// The corners of a box that is turned by `degrees` clockwise about `pivot`, from its top left corner on.
pub(in crate::formats) fn corners_of_rotated(Rect { x, y, w, h }: Rect, degrees: f64, pivot: Point) -> Vec<Point> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let turned = |at: Point| {
        let (right, down) = (at.x - pivot.x, at.y - pivot.y);
        Point { x: pivot.x + right * cos - down * sin, y: pivot.y + right * sin + down * cos }
    };
    [(x, y), (x + w, y), (x + w, y + h), (x, y + h)].into_iter().map(|(x, y)| turned(Point { x, y })).collect()
}

/// A shape in pixels of the picture, to the sixth decimal.
pub(in crate::formats) fn in_pixels(shape: &Shape, size: PixelSize) -> Shape {
    let scale = Scale::from(size);
    let point = |at: &Point| Point { x: decimal(at.x * scale.width).0, y: decimal(at.y * scale.height).0 };
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            let (from, size) = (point(&Point { x: *x, y: *y }), point(&Point { x: *w, y: *h }));
            Shape::Bbox(Rect { x: from.x, y: from.y, w: size.x, h: size.y })
        }
        Shape::Polygon(points) => Shape::Polygon(points.iter().map(point).collect()),
        Shape::Polyline(points) => Shape::Polyline(points.iter().map(point).collect()),
        Shape::Point(at) => Shape::Point(point(at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{is_valid, polygon_area};
    use proptest::prelude::*;

    const SCALE: Scale = Scale { width: 100.0, height: 50.0 };

    fn points(corners: &[(f64, f64)]) -> Vec<Point> {
        corners.iter().map(|(x, y)| Point { x: *x, y: *y }).collect()
    }

    #[test]
    fn boxes_are_cut_or_kept() {
        let place = |x, y, w, h| placed(Shape::Bbox(Rect { x, y, w, h }), SCALE);
        let rect = |x, y, w, h| vec![Shape::Bbox(Rect { x, y, w, h })];
        assert_eq!(place(10.0, 10.0, 20.0, 20.0), (rect(0.1, 0.2, 0.2, 0.4), None));
        assert_eq!(place(-10.0, 0.0, 20.0, 100.0), (rect(0.0, 0.0, 0.1, 1.0), Some(Loss::Clipped)));
        assert_eq!(place(-0.0005, 0.0, 100.001, 50.0), (rect(0.0, 0.0, 1.0, 1.0), None));
        assert_eq!(place(100.0, 0.0, 5.0, 5.0), (vec![], Some(Loss::Outside)));
        assert_eq!(place(10.0, 10.0, -5.0, 5.0), (vec![], Some(Loss::Degenerate)));
        assert_eq!(place(10.0, 10.0, 0.0, 5.0), (vec![], Some(Loss::Degenerate)));
        assert_eq!(place(f64::NAN, 10.0, 5.0, 5.0), (vec![], Some(Loss::NotFinite)));
        assert_eq!(place(-1e308, -1e308, f64::MAX, f64::MAX).1, Some(Loss::Clipped));
    }

    #[test]
    fn polygons_are_cut_at_the_edge() {
        let (shapes, loss) =
            placed(Shape::Polygon(points(&[(-50.0, 0.0), (50.0, 0.0), (50.0, 50.0), (-50.0, 50.0)])), SCALE);
        assert_eq!(loss, Some(Loss::Clipped));
        let [Shape::Polygon(corners)] = shapes.as_slice() else { panic!("{shapes:?}") };
        assert_eq!(polygon_area(corners), 0.5);
        let closed = points(&[(0.0, 0.0), (50.0, 0.0), (50.0, 50.0), (0.0, 0.0)]);
        assert_eq!(
            placed(Shape::Polygon(closed), SCALE).0,
            [Shape::Polygon(points(&[(0.0, 0.0), (0.5, 0.0), (0.5, 1.0)]))]
        );
        let two = points(&[(0.0, 0.0), (50.0, 0.0)]);
        assert_eq!(placed(Shape::Polygon(two), SCALE), (vec![], Some(Loss::Degenerate)));
        let beside = points(&[(-9.0, 0.0), (-1.0, 0.0), (-1.0, 9.0)]);
        assert_eq!(placed(Shape::Polygon(beside), SCALE), (vec![], Some(Loss::Outside)));
        let many = vec![Point::default(); MAX_POINTS + 2];
        assert_eq!(placed(Shape::Polyline(many), SCALE), (vec![], Some(Loss::TooLarge)));
    }

    #[test]
    fn lines_are_cut_into_those_that_are_seen() {
        let zigzag = points(&[(10.0, 10.0), (150.0, 10.0), (150.0, 20.0), (10.0, 20.0), (20.0, 20.0)]);
        let (shapes, loss) = placed(Shape::Polyline(zigzag), SCALE);
        assert_eq!(loss, Some(Loss::Clipped));
        let [Shape::Polyline(first), Shape::Polyline(second)] = shapes.as_slice() else { panic!("{shapes:?}") };
        assert_eq!((first.len(), second.len()), (2, 3));
        assert_eq!((first[1].x, second[0].x), (1.0, 1.0));
        let beside = points(&[(110.0, 0.0), (110.0, 20.0)]);
        assert_eq!(placed(Shape::Polyline(beside), SCALE), (vec![], Some(Loss::Outside)));
    }

    #[test]
    fn boxes_turn_clockwise() {
        let corners = corners_of_rotated(Rect { x: 0.0, y: 0.0, w: 2.0, h: 1.0 }, 90.0, Point::default());
        let expected = points(&[(0.0, 0.0), (0.0, 2.0), (-1.0, 2.0), (-1.0, 0.0)]);
        for (corner, expected) in corners.iter().zip(&expected) {
            assert!((corner.x - expected.x).abs() < 1e-12 && (corner.y - expected.y).abs() < 1e-12, "{corners:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_is_valid_then(
            numbers in prop::collection::vec((prop::num::f64::ANY, -200.0..300.0f64, 0..9u8), 1..40),
            kind in 0..4u8,
        ) {
            let numbers: Vec<f64> = numbers.into_iter().map(|(any, near, which)| if which == 0 { any } else { near }).collect();
            let corners: Vec<Point> = numbers.chunks_exact(2).map(|pair| Point { x: pair[0], y: pair[1] }).collect();
            let number = |index: usize| numbers.get(index).copied().unwrap_or(7.0);
            let shape = match kind {
                0 => Shape::Bbox(Rect { x: number(0), y: number(1), w: number(2), h: number(3) }),
                1 => Shape::Point(Point { x: number(0), y: number(1) }),
                2 => Shape::Polygon(corners),
                _ => Shape::Polyline(corners),
            };
            let (shapes, loss) = placed(shape, SCALE);
            prop_assert!(!shapes.is_empty() || loss.is_some());
            prop_assert!(shapes.iter().all(is_valid), "{shapes:?}");
        }
    }
}
