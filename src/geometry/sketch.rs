//! Shapes as SVG paths for small versions of a picture: no more corners and digits than can be seen there.

use super::{Point, ScreenPoint, Shape, Size, simplified};
use std::fmt::Write;

/// Sketches are made for pictures whose longest side is shown with so many CSS pixels.
const SIDE_PX: f64 = 640.0;
/// What is nearer to a line than this is left out, in CSS pixels.
const TOLERANCE_PX: f64 = 0.5;
/// No line keeps more corners: those that say least go.
const MOST_CORNERS: usize = 120;
/// Which corners say least is asked of so many at most, since that takes as long as their square.
const MOST_CONSIDERED: usize = 400;
/// Radius of the circle that stands for a point, as a part of the picture's longest side.
const MARK: f64 = 0.012;

/// The outline of a shape as SVG path data, in pixels of the picture. Takes as long as there are corners.
pub fn sketch(shape: &Shape, picture_px: Size) -> String {
    let longest = picture_px.width.max(picture_px.height);
    let pen = Pen { picture_px, pixel: longest / SIDE_PX };
    match shape {
        Shape::Bbox(rect) => {
            let (from, to) =
                (pen.at(Point { x: rect.x, y: rect.y }), pen.at(Point { x: rect.x + rect.w, y: rect.y + rect.h }));
            let [left, top, right, bottom] = [from.x, from.y, to.x, to.y].map(|number| pen.number(number));
            format!("M{left} {top}H{right}V{bottom}H{left}Z")
        }
        Shape::Polygon(points) => pen.line(points) + "Z",
        Shape::Polyline(points) => pen.line(points),
        Shape::Point(point) => {
            let (at, radius) = (pen.at(*point), longest * MARK);
            let [left, y, radius, way] = [at.x - radius, at.y, radius, 2.0 * radius].map(|number| pen.number(number));
            format!("M{left} {y}a{radius} {radius} 0 1 0 {way} 0a{radius} {radius} 0 1 0 -{way} 0")
        }
    }
}

struct Pen {
    picture_px: Size,
    /// What is one CSS pixel there, in pixels of the picture.
    pixel: f64,
}

impl Pen {
    fn at(&self, point: Point) -> ScreenPoint {
        ScreenPoint::new(point.x * self.picture_px.width, point.y * self.picture_px.height)
    }

    /// As many digits as half a CSS pixel needs.
    fn number(&self, number: f64) -> String {
        let decimals = (2.0 / self.pixel).log10().ceil().clamp(0.0, 4.0) as usize;
        format!("{number:.decimals$}")
    }

    fn line(&self, points: &[Point]) -> String {
        let mut path = String::new();
        for (index, corner) in self.corners(points).into_iter().enumerate() {
            let letter = ["M", "L", " "][index.min(2)];
            // Writing into a string never fails.
            let _ = write!(path, "{letter}{} {}", self.number(corner.x), self.number(corner.y));
        }
        path
    }

    fn corners(&self, points: &[Point]) -> Vec<ScreenPoint> {
        let mut line = thinned(points).map(|point| self.at(*point)).collect::<Vec<ScreenPoint>>();
        let mut tolerance = TOLERANCE_PX * self.pixel;
        loop {
            line = simplified(&line, tolerance).into_iter().filter_map(|index| line.get(index).copied()).collect();
            if line.len() <= MOST_CORNERS {
                return line;
            }
            tolerance *= 2.0;
        }
    }
}

/// At most so many corners as are considered, in even steps, the first and the last among them.
fn thinned(points: &[Point]) -> impl Iterator<Item = &Point> {
    let step = points.len().div_ceil(MOST_CONSIDERED - 1).max(1);
    let skipped_last = points.last().filter(|_| !(points.len() - 1).is_multiple_of(step));
    points.iter().step_by(step).chain(skipped_last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, distance_to_segment};
    use proptest::prelude::*;

    fn points(points: &[(f64, f64)]) -> Vec<Point> {
        points.iter().map(|(x, y)| Point { x: *x, y: *y }).collect()
    }

    #[test]
    fn every_kind_of_shape_is_drawn_in_pixels_of_the_picture() {
        let size = Size::new(2000.0, 1000.0);
        let bbox = Shape::Bbox(Rect { x: 0.25, y: 0.5, w: 0.5, h: 0.25 });
        assert_eq!(sketch(&bbox, size), "M500 500H1500V750H500Z");
        let corners = points(&[(0.1, 0.1), (0.3, 0.1), (0.5, 0.1), (0.5, 0.9)]);
        assert_eq!(sketch(&Shape::Polygon(corners.clone()), size), "M200 100L1000 100 1000 900Z");
        assert_eq!(sketch(&Shape::Polyline(corners), size), "M200 100L1000 100 1000 900");
        let point = Shape::Point(Point { x: 0.5, y: 0.5 });
        assert_eq!(sketch(&point, size), "M976 500a24 24 0 1 0 48 0a24 24 0 1 0 -48 0");
    }

    #[test]
    fn small_pictures_have_parts_of_pixels() {
        let bbox = Shape::Bbox(Rect { x: 0.25, y: 0.25, w: 0.5, h: 0.5 });
        assert_eq!(sketch(&bbox, Size::new(3.0, 3.0)), "M0.750 0.750H2.250V2.250H0.750Z");
    }

    #[test]
    fn a_coast_of_many_corners_is_drawn_with_few() {
        let coast = |step: f64| Point { x: step / 3000.0, y: 0.5 + 0.4 * (step * 0.9).sin() };
        let path =
            sketch(&Shape::Polyline((0..3000).map(|step| coast(step.into())).collect()), Size::new(4000.0, 3000.0));
        // Two numbers each, and a letter instead of the first space between corners.
        let corners = path.split_whitespace().count().div_ceil(2);
        assert!(corners <= MOST_CORNERS && path.len() < 1500, "{corners} {path}");
    }

    #[test]
    fn few_of_many_corners_are_considered() {
        for number in [0, 1, 2, 398, 399, 400, 401, 797, 798, 799, 1000, 100_000] {
            let all = points(&(0..number).map(|x| (f64::from(x), 0.0)).collect::<Vec<_>>());
            let left: Vec<&Point> = thinned(&all).collect();
            assert!(left.len() <= MOST_CONSIDERED && left.len() >= all.len().min(MOST_CONSIDERED / 2), "{number}");
            assert_eq!((left.first().copied(), left.last().copied()), (all.first(), all.last()));
            assert!(left.windows(2).all(|pair| pair[0].x < pair[1].x), "{number}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_left_out_could_be_seen(
            corners in prop::collection::vec((0.0..=1.0f64, 0.0..=1.0f64), 2..MOST_CORNERS),
            (width, height) in (1.0..8000.0f64, 1.0..8000.0f64),
        ) {
            let size = Size::new(width, height);
            let path = sketch(&Shape::Polyline(points(&corners)), size);
            let numbers: Vec<f64> =
                path.split(['M', 'L', ' ']).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap()).collect();
            let drawn: Vec<ScreenPoint> = numbers.chunks(2).map(|pair| ScreenPoint::new(pair[0], pair[1])).collect();
            for (x, y) in corners {
                let at = ScreenPoint::new(x * size.width, y * size.height);
                let distances = drawn.windows(2).map(|ends| distance_to_segment(at, ends[0], ends[1]));
                let distance = distances.fold(f64::INFINITY, f64::min) * SIDE_PX / size.width.max(size.height);
                prop_assert!(distance < 1.0, "{distance} {path}");
            }
        }
    }
}
