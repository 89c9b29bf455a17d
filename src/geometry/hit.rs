//! Hit tests: whether a shape is below the pointer.

use super::{Point, ScreenPoint, Shape, View, area, contains, distance_to_segment};

/// How far beside a shape a mouse or pen may point and still mean it, in CSS pixels.
pub const MOUSE_MARGIN_PX: f64 = 6.0;
/// How far beside a shape a finger may point and still mean it, in CSS pixels.
pub const TOUCH_MARGIN_PX: f64 = 16.0;

/// How well a pointer meets a shape. Of several hits the smallest shape is meant, and of equally small ones the nearest:
/// a large box must not hide what lies in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Area of the shape, as a part of the picture.
    pub area: f64,
    /// Distance from the pointer to the shape's outline, in CSS pixels; 0 for a pointer inside.
    pub distance_px: f64,
}

impl Hit {
    /// Orders hits by how likely they are meant.
    pub fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.area.total_cmp(&other.area).then(self.distance_px.total_cmp(&other.distance_px))
    }
}

/// Whether `at` lies inside of `shape` or at most `margin_px` beside it.
pub fn hit(shape: &Shape, view: &View, at: ScreenPoint, margin_px: f64) -> Option<Hit> {
    if !view.screen_rect(shape.bounds()).contains_within(at, margin_px) {
        return None;
    }
    let distance_px = match shape {
        Shape::Bbox(rect) => {
            let rect = view.screen_rect(*rect);
            let beside = |low: f64, at: f64, high: f64| (low - at).max(at - high).max(0.0);
            beside(rect.min.x, at.x, rect.max.x).hypot(beside(rect.min.y, at.y, rect.max.y))
        }
        Shape::Polygon(points) if contains(points, view.image_from_screen(at)) => 0.0,
        Shape::Polygon(points) => {
            let closing = [points.last(), points.first()].into_iter().flatten().copied().collect::<Vec<_>>();
            distance_to_line(points, view, at).min(distance_to_line(&closing, view, at))
        }
        Shape::Polyline(points) => distance_to_line(points, view, at),
        Shape::Point(point) => view.screen_from_image(*point).distance_to(at),
    };
    (distance_px <= margin_px).then(|| Hit { area: area(shape), distance_px })
}

fn distance_to_line(points: &[Point], view: &View, at: ScreenPoint) -> f64 {
    points
        .windows(2)
        .map(|ends| distance_to_segment(at, view.screen_from_image(ends[0]), view.screen_from_image(ends[1])))
        .fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Rect, Size};

    const fn p(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    /// A picture of 1000x500 pixels at scale 1, its top left corner at (16, 16).
    fn view() -> View {
        View::new(Size::new(1000.0, 500.0), Size::new(1032.0, 532.0))
    }

    #[test]
    fn the_margin_is_measured_on_the_screen() {
        let square = Shape::Bbox(Rect { x: 0.4, y: 0.4, w: 0.2, h: 0.2 });
        let triangle = Shape::Polygon(vec![p(0.4, 0.4), p(0.6, 0.4), p(0.6, 0.6)]);
        let line = Shape::Polyline(vec![p(0.4, 0.4), p(0.6, 0.4)]);
        let point = Shape::Point(p(0.4, 0.4));
        for (shape, x, y, meant) in [
            (&square, 500.0, 250.0, true),
            (&square, 395.0, 250.0, true),
            (&square, 393.0, 250.0, false),
            (&square, 500.0, 195.0, true),
            (&square, 500.0, 193.0, false),
            (&square, 395.0, 195.0, false),
            (&triangle, 550.0, 220.0, true),
            (&triangle, 420.0, 290.0, false),
            (&triangle, 500.0, 254.0, true),
            (&line, 500.0, 205.0, true),
            (&line, 500.0, 207.0, false),
            (&line, 606.5, 200.0, false),
            (&point, 404.0, 204.0, true),
            (&point, 405.0, 205.0, false),
        ] {
            let at = ScreenPoint::new(x + 16.0, y + 16.0);
            assert_eq!(hit(shape, &view(), at, MOUSE_MARGIN_PX).is_some(), meant, "{shape:?} at {x}, {y}");
        }
    }

    #[test]
    fn the_margin_does_not_grow_with_the_zoom() {
        let mut view = view();
        let corner = p(0.5, 0.5);
        view.zoom_at(view.screen_from_image(corner), 8.0);
        let at = view.screen_from_image(corner);
        let near = |x| hit(&Shape::Point(corner), &view, at + ScreenPoint::new(x, 0.0), MOUSE_MARGIN_PX).is_some();
        assert!(near(5.9) && !near(6.1));
    }

    #[test]
    fn the_smallest_shape_comes_first() {
        let outer = Shape::Bbox(Rect { x: 0.1, y: 0.1, w: 0.8, h: 0.8 });
        let inner = Shape::Bbox(Rect { x: 0.4, y: 0.4, w: 0.2, h: 0.2 });
        let at = view().screen_from_image(p(0.5, 0.5));
        let hit_of = |shape| hit(shape, &view(), at, MOUSE_MARGIN_PX).unwrap();
        assert!(hit_of(&inner).order(&hit_of(&outer)).is_lt());
    }
}
