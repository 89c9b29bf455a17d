//! Measures of shapes: areas, distances, containment.

use super::{Point, ScreenPoint, Shape};

/// Area that a shape covers, as a part of the picture; 0 for lines and points.
pub fn area(shape: &Shape) -> f64 {
    match shape {
        Shape::Bbox(rect) => rect.w * rect.h,
        Shape::Polygon(points) => polygon_area(points),
        Shape::Polyline(_) | Shape::Point(_) => 0.0,
    }
}

/// Area inside a polygon, by the shoelace formula.
pub fn polygon_area(points: &[Point]) -> f64 {
    edges(points).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
}

/// Whether `point` lies inside the polygon with these corners. Where a polygon crosses itself, the nonzero rule decides, as
/// it does where canvas and SVG fill it.
pub fn contains(points: &[Point], point: Point) -> bool {
    let winding: i32 = edges(points)
        .map(|(a, b)| {
            // On which side of the edge the point lies: positive on the left as the edge goes down.
            let side = (b.x - a.x) * (point.y - a.y) - (point.x - a.x) * (b.y - a.y);
            match (a.y <= point.y, b.y <= point.y) {
                (true, false) if side > 0.0 => 1,
                (false, true) if side < 0.0 => -1,
                _ => 0,
            }
        })
        .sum();
    winding != 0
}

/// Distance from `point` to the nearest place of the segment from `a` to `b`.
pub fn distance_to_segment(point: ScreenPoint, a: ScreenPoint, b: ScreenPoint) -> f64 {
    point.distance_to(nearest_on_segment(point, a, b))
}

/// The place of the segment from `a` to `b` that is nearest to `point`.
pub fn nearest_on_segment(point: ScreenPoint, a: ScreenPoint, b: ScreenPoint) -> ScreenPoint {
    let (way, from_a) = (b - a, point - a);
    let length_squared = way.x * way.x + way.y * way.y;
    let part = if length_squared > 0.0 {
        ((from_a.x * way.x + from_a.y * way.y) / length_squared).clamp(0.0, 1.0)
    } else {
        0.0
    };
    a + ScreenPoint::new(way.x * part, way.y * part)
}

/// The edges of a closed polygon, the closing one last.
fn edges(points: &[Point]) -> impl Iterator<Item = (Point, Point)> + '_ {
    points.iter().copied().zip(points.iter().copied().cycle().skip(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Rect;
    use proptest::prelude::*;

    const fn p(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn areas() {
        assert_eq!(polygon_area(&[p(0.0, 0.0), p(1.0, 0.0), p(1.0, 1.0), p(0.0, 1.0)]), 1.0);
        assert_eq!(polygon_area(&[p(0.0, 0.0), p(0.0, 1.0), p(1.0, 0.0)]), 0.5);
        assert_eq!(area(&Shape::Bbox(Rect { x: 0.5, y: 0.5, w: 0.5, h: 0.25 })), 0.125);
        assert_eq!(area(&Shape::Polyline(vec![p(0.0, 0.0), p(1.0, 1.0)])), 0.0);
    }

    #[test]
    fn a_polygon_with_a_notch_does_not_contain_the_notch() {
        let notched = [p(0.0, 0.0), p(1.0, 0.0), p(1.0, 1.0), p(0.5, 0.2), p(0.0, 1.0)];
        for (point, inside) in [(p(0.1, 0.1), true), (p(0.5, 0.9), false), (p(0.9, 0.5), true), (p(1.1, 0.5), false)] {
            assert_eq!(contains(&notched, point), inside, "{point:?}");
        }
    }

    #[test]
    fn a_polygon_that_covers_itself_contains_what_it_covers() {
        // A pentagram: its middle is wound round twice.
        let star: Vec<Point> = (0..5)
            .map(|index| (f64::from(index) * 4.0 * std::f64::consts::PI / 5.0).sin_cos())
            .map(|(x, y)| p(0.5 + x / 2.0, 0.5 + y / 2.0))
            .collect();
        assert!(contains(&star, p(0.5, 0.5)));
        assert!(!contains(&star, p(0.5, 0.02)));
        let backwards: Vec<Point> = star.into_iter().rev().collect();
        assert!(contains(&backwards, p(0.5, 0.5)));
    }

    #[test]
    fn distances_to_a_segment() {
        let (a, b) = (ScreenPoint::new(0.0, 0.0), ScreenPoint::new(10.0, 0.0));
        for (x, y, distance) in [(5.0, 3.0, 3.0), (-3.0, 4.0, 5.0), (13.0, -4.0, 5.0), (10.0, 0.0, 0.0)] {
            assert_eq!(distance_to_segment(ScreenPoint::new(x, y), a, b), distance);
        }
        assert_eq!(distance_to_segment(ScreenPoint::new(3.0, 4.0), a, a), 5.0);
    }

    proptest! {
        #[test]
        fn bounds_contain_every_corner(corners in prop::collection::vec((0.0..=1.0f64, 0.0..=1.0f64), 2..20)) {
            let points: Vec<Point> = corners.into_iter().map(|(x, y)| p(x, y)).collect();
            let rect = Shape::Polyline(points.clone()).bounds();
            for point in points {
                prop_assert!(point.x >= rect.x && point.x <= rect.x + rect.w + 1e-12);
                prop_assert!(point.y >= rect.y && point.y <= rect.y + rect.h + 1e-12);
            }
        }
    }
}
