//! Shapes taken hold of by an edge, or by the frame around them.

use super::{Point, Rect, ScreenPoint, Shape, View, clamp_to_image, corners, distance_to_segment, way_within};

/// The shape with everything where it was in a frame that became another one. Boxes stay at least as large as `least`, or as
/// they were, if they were smaller.
pub fn fitted(shape: &Shape, from: Rect, to: Rect, least: Point) -> Shape {
    let at = |point: &Point| {
        clamp_to_image(Point {
            x: mapped(point.x, (from.x, from.w), (to.x, to.w)),
            y: mapped(point.y, (from.y, from.h), (to.y, to.h)),
        })
    };
    match shape {
        Shape::Bbox(rect) => {
            let (x, w) = mapped_length((rect.x, rect.w), (from.x, from.w), (to.x, to.w), least.x);
            let (y, h) = mapped_length((rect.y, rect.h), (from.y, from.h), (to.y, to.h), least.y);
            Shape::Bbox(Rect { x, y, w, h })
        }
        Shape::Polygon(points) => Shape::Polygon(points.iter().map(at).collect()),
        Shape::Polyline(points) => Shape::Polyline(points.iter().map(at).collect()),
        Shape::Point(point) => Shape::Point(at(point)),
    }
}

/// A place on an axis on which an extent (start and length) became another one.
fn mapped(value: f64, from: (f64, f64), to: (f64, f64)) -> f64 {
    if from == to {
        value
    } else if from.1 > 0.0 {
        to.0 + (value - from.0) / from.1 * to.1
    } else {
        to.0 + (value - from.0)
    }
}

fn mapped_length(extent: (f64, f64), from: (f64, f64), to: (f64, f64), least: f64) -> (f64, f64) {
    if from == to {
        return extent;
    }
    let (start, end) = (mapped(extent.0, from, to), mapped(extent.0 + extent.1, from, to));
    let length = (end - start).max(least.min(extent.1)).min(1.0);
    (start.clamp(0.0, 1.0 - length), length)
}

/// The edge of a polygon or polyline that is nearest to a place on the screen, if any is within `margin_px`: the index of the
/// corner that it begins with.
pub fn edge_at(shape: &Shape, view: &View, at: ScreenPoint, margin_px: f64) -> Option<usize> {
    let points = corners(shape);
    let count = match shape {
        Shape::Polygon(_) => points.len(),
        Shape::Polyline(_) => points.len().saturating_sub(1),
        Shape::Bbox(_) | Shape::Point(_) => 0,
    };
    let distance = |index: usize| {
        let (a, b) = (points[index], points[(index + 1) % points.len()]);
        distance_to_segment(at, view.screen_from_image(a), view.screen_from_image(b))
    };
    let edges = (0..count).map(|index| (index, distance(index)));
    let nearest = edges.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (nearest.1 <= margin_px).then_some(nearest.0)
}

/// The shape with the edge that begins with this corner moved by a way in image space, or as far as the picture reaches.
pub fn edge_moved(shape: &Shape, index: usize, way: Point) -> Shape {
    let mut shape = shape.clone();
    if let Shape::Polygon(points) | Shape::Polyline(points) = &mut shape
        && index < points.len()
    {
        let ends = [index, (index + 1) % points.len()];
        let way = way_within(Shape::Polyline(ends.map(|end| points[end]).to_vec()).bounds(), way);
        for end in ends {
            points[end] = clamp_to_image(Point { x: points[end].x + way.x, y: points[end].y + way.y });
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Size, is_valid};
    use proptest::prelude::*;

    const LEAST: Point = Point { x: 0.001, y: 0.002 };

    fn p(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn shapes_keep_their_places_in_the_frame() {
        let (from, to) = (Rect { x: 0.0, y: 0.0, w: 0.5, h: 0.5 }, Rect { x: 0.5, y: 0.0, w: 0.25, h: 0.5 });
        let line = Shape::Polyline(vec![p(0.0, 0.0), p(0.25, 0.3), p(0.5, 0.5)]);
        assert_eq!(fitted(&line, from, to, LEAST), Shape::Polyline(vec![p(0.5, 0.0), p(0.625, 0.3), p(0.75, 0.5)]));
        let small = Shape::Bbox(Rect { x: 0.4, y: 0.1, w: 0.0015, h: 0.3 });
        let Shape::Bbox(small) = fitted(&small, from, to, LEAST) else { panic!() };
        assert_eq!((small.w, small.y, small.h), (0.001, 0.1, 0.3));
        // A frame without width is moved, not stretched.
        let upright = Rect { x: 0.5, y: 0.0, w: 0.0, h: 1.0 };
        assert_eq!(
            fitted(&Shape::Point(p(0.5, 0.5)), upright, Rect { x: 0.75, ..upright }, LEAST),
            Shape::Point(p(0.75, 0.5))
        );
    }

    #[test]
    fn an_edge_keeps_its_direction_and_stays_inside() {
        let view = View::new(Size::new(1000.0, 1000.0), Size::new(1032.0, 1032.0));
        let triangle = Shape::Polygon(vec![p(0.25, 0.25), p(0.75, 0.25), p(0.5, 0.75)]);
        let edge = |x, y| edge_at(&triangle, &view, view.screen_from_image(p(x, y)), 6.0);
        assert_eq!((edge(0.5, 0.255), edge(0.5, 0.3), edge(0.375, 0.5)), (Some(0), None, Some(2)));
        let moved = edge_moved(&triangle, 2, p(-0.5, 0.125));
        assert_eq!(moved, Shape::Polygon(vec![p(0.0, 0.375), p(0.75, 0.25), p(0.25, 0.875)]));
        let line = Shape::Polyline(vec![p(0.1, 0.1), p(0.9, 0.1)]);
        assert_eq!(edge_at(&line, &view, view.screen_from_image(p(0.5, 0.1)), 6.0), Some(0));
    }

    proptest! {
        #[test]
        fn whatever_the_frame_becomes_boxes_stay_boxes(
            (x, y, w, h) in (0.0..0.5f64, 0.0..0.5f64, 1e-6..0.5f64, 1e-6..0.5f64),
            (to_x, to_y, to_w, to_h) in (0.0..0.5f64, 0.0..0.5f64, 1e-6..0.5f64, 1e-6..0.5f64),
        ) {
            let frame = Rect { x: x / 2.0, y: y / 2.0, w: x / 2.0 + w, h: y / 2.0 + h };
            let after = fitted(&Shape::Bbox(Rect { x, y, w, h }), frame, Rect { x: to_x, y: to_y, w: to_w, h: to_h }, LEAST);
            prop_assert!(is_valid(&after), "{after:?}");
        }
    }
}
