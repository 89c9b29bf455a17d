//! Changing shapes: each function takes the shape as it was when a gesture began and returns the shape as it is now,
//! inside the picture. Nothing is added up from step to step, so nothing drifts.

use super::{Point, Rect, ScreenPoint, Shape, View};

/// Handles of an edge vanish where the edge is shorter than this on the screen, in CSS pixels.
const SHORTEST_EDGE_WITH_HANDLE_PX: f64 = 28.0;

/// The model lets `x + w` exceed 1 by so much, because numbers from elsewhere may have been rounded.
const ROUNDING: f64 = 1e-9;

/// An edge of a box, or no edge: the horizontal or vertical part of one of its eight handles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left or top edge.
    Low,
    /// The right or bottom edge.
    High,
    /// Neither: the handle moves the box's extent on the other axis only.
    Neither,
}

/// What a handle does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandleKind {
    /// Moves these edges of a box.
    Resize(Side, Side),
    /// Moves the corner with this index.
    Corner(usize),
    /// Inserts a corner before the one with this index.
    Insert(usize),
}

/// A handle of a selected shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Handle {
    /// What it does.
    pub kind: HandleKind,
    /// Where it lies.
    pub at: ScreenPoint,
}

/// The nearest point of the picture.
pub fn clamp_to_image(point: Point) -> Point {
    Point { x: clamp(point.x), y: clamp(point.y) }
}

/// The box between two opposite corners, in any order.
pub fn rect_between(a: Point, b: Point) -> Rect {
    let (a, b) = (clamp_to_image(a), clamp_to_image(b));
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, w: a.x.max(b.x) - x, h: a.y.max(b.y) - y }
}

/// How many corners a shape of this kind needs.
pub fn least_corners(shape: &Shape) -> usize {
    match shape {
        Shape::Polygon(_) => 3,
        Shape::Polyline(_) => 2,
        Shape::Bbox(_) | Shape::Point(_) => 1,
    }
}

/// The corners that a person can move one by one: none of a box, whose corners are handles.
pub fn corners(shape: &Shape) -> &[Point] {
    match shape {
        Shape::Bbox(_) => &[],
        Shape::Polygon(points) | Shape::Polyline(points) => points,
        Shape::Point(point) => std::slice::from_ref(point),
    }
}

/// Whether a shape has all it needs and lies inside the picture.
pub fn is_valid(shape: &Shape) -> bool {
    let inside = |value: f64| (0.0..=1.0).contains(&value);
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            inside(*x) && inside(*y) && *w > 0.0 && *h > 0.0 && x + w <= 1.0 + ROUNDING && y + h <= 1.0 + ROUNDING
        }
        other => {
            let points = corners(other);
            points.len() >= least_corners(other) && points.iter().all(|point| inside(point.x) && inside(point.y))
        }
    }
}

/// The smallest rectangle around all shapes; `None` where there are none.
pub fn bounds_of<'a>(shapes: impl IntoIterator<Item = &'a Shape>) -> Option<Rect> {
    shapes.into_iter().map(Shape::bounds).reduce(union)
}

/// The smallest rectangle around two.
pub fn union(a: Rect, b: Rect) -> Rect {
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Rect { x, y, w: (a.x + a.w).max(b.x + b.w) - x, h: (a.y + a.h).max(b.y + b.h) - y }
}

/// Whether a rectangle lies within another one, but for what rounding does.
pub fn encloses(outer: Rect, inner: Rect) -> bool {
    let within = |outer: f64, length: f64, inner: f64, inner_length: f64| {
        inner >= outer - 1e-9 && inner + inner_length <= outer + length + 1e-9
    };
    within(outer.x, outer.w, inner.x, inner.w) && within(outer.y, outer.h, inner.y, inner.h)
}

/// The way as far as a rectangle can go it without leaving the picture.
pub fn way_within(Rect { x, y, w, h }: Rect, way: Point) -> Point {
    Point { x: way.x.clamp(-x, (1.0 - w - x).max(-x)), y: way.y.clamp(-y, (1.0 - h - y).max(-y)) }
}

/// The shape moved by a way in image space, or as far as the picture reaches.
pub fn moved(shape: &Shape, dx: f64, dy: f64) -> Shape {
    let Rect { x, y, w, h } = shape.bounds();
    let (dx, dy) = (dx.clamp(-x, (1.0 - w - x).max(0.0)), dy.clamp(-y, (1.0 - h - y).max(0.0)));
    // Rounding may lead out of the picture by one unit in the last place.
    let shift = |point: &Point| clamp_to_image(Point { x: point.x + dx, y: point.y + dy });
    match shape {
        Shape::Bbox(rect) => Shape::Bbox(Rect {
            x: (rect.x + dx).clamp(0.0, (1.0 - w).max(rect.x)),
            y: (rect.y + dy).clamp(0.0, (1.0 - h).max(rect.y)),
            ..*rect
        }),
        Shape::Polygon(points) => Shape::Polygon(points.iter().map(shift).collect()),
        Shape::Polyline(points) => Shape::Polyline(points.iter().map(shift).collect()),
        Shape::Point(point) => Shape::Point(shift(point)),
    }
}

/// The box with the named edges moved by a way in image space. An edge may be pulled across its opposite; the box never
/// becomes smaller than `least`, which is usually one pixel.
pub fn resized(rect: Rect, horizontal: Side, vertical: Side, way: Point, least: Point) -> Rect {
    let (x, w) = resized_axis(rect.x, rect.w, horizontal, way.x, least.x);
    let (y, h) = resized_axis(rect.y, rect.h, vertical, way.y, least.y);
    Rect { x, y, w, h }
}

fn resized_axis(low: f64, length: f64, side: Side, way: f64, least: f64) -> (f64, f64) {
    let high = clamp(low + length);
    let (fixed, pulled) = match side {
        Side::Neither => return (low, length),
        Side::Low => (high, clamp(low + way)),
        Side::High => (low, clamp(high + way)),
    };
    let least = least.clamp(f64::EPSILON, 1.0);
    let leftwards = if pulled == fixed { side == Side::Low } else { pulled < fixed };
    if (pulled - fixed).abs() >= least {
        let start = fixed.min(pulled);
        (start, fixed.max(pulled) - start)
    } else if leftwards && fixed >= least || fixed + least > 1.0 {
        ((fixed - least).max(0.0), least.min(fixed))
    } else {
        (fixed, least.min(1.0 - fixed))
    }
}

/// The shape with one corner at `to`, or at the nearest point of the picture. A box is returned as it is.
pub fn corner_moved(shape: &Shape, index: usize, to: Point) -> Shape {
    let mut shape = shape.clone();
    match &mut shape {
        Shape::Polygon(points) | Shape::Polyline(points) => {
            if let Some(corner) = points.get_mut(index) {
                *corner = clamp_to_image(to);
            }
        }
        Shape::Point(point) => *point = clamp_to_image(to),
        Shape::Bbox(_) => {}
    }
    shape
}

/// The shape without one corner, unless it needs all it has.
pub fn corner_removed(shape: &Shape, index: usize) -> Option<Shape> {
    let mut left = shape.clone();
    match &mut left {
        Shape::Polygon(points) | Shape::Polyline(points) if index < points.len() => {
            points.remove(index);
        }
        _ => return None,
    }
    (corners(&left).len() >= least_corners(&left)).then_some(left)
}

/// The shape with one more corner before the one with this index, in the middle of the edge.
pub fn midpoint_inserted(shape: &Shape, index: usize) -> Shape {
    let mut shape = shape.clone();
    if let Shape::Polygon(points) | Shape::Polyline(points) = &mut shape
        && index >= 1
        && index <= points.len()
    {
        let (a, b) = (points[index - 1], points[index % points.len()]);
        points.insert(index, Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 });
    }
    shape
}

/// The handles of a shape, those that take precedence first.
pub fn handles(shape: &Shape, view: &View) -> Vec<Handle> {
    match shape {
        Shape::Bbox(rect) => rect_handles(*rect, view),
        Shape::Point(point) => vec![Handle { kind: HandleKind::Corner(0), at: view.screen_from_image(*point) }],
        Shape::Polygon(points) => corner_handles(points, true, view),
        Shape::Polyline(points) => corner_handles(points, false, view),
    }
}

fn rect_handles(rect: Rect, view: &View) -> Vec<Handle> {
    let on_screen = view.screen_rect(rect);
    let middle = on_screen.min.midpoint(on_screen.max);
    let place = |low: f64, middle: f64, high: f64, side: Side| match side {
        Side::Low => low,
        Side::High => high,
        Side::Neither => middle,
    };
    let (wide, high) =
        (on_screen.width() >= SHORTEST_EDGE_WITH_HANDLE_PX, on_screen.height() >= SHORTEST_EDGE_WITH_HANDLE_PX);
    use Side::{High, Low, Neither};
    [
        (High, High, true),
        (Low, Low, true),
        (High, Low, true),
        (Low, High, true),
        (Neither, Low, wide),
        (Neither, High, wide),
        (Low, Neither, high),
        (High, Neither, high),
    ]
    .into_iter()
    .filter(|(_, _, shown)| *shown)
    .map(|(horizontal, vertical, _)| Handle {
        kind: HandleKind::Resize(horizontal, vertical),
        at: ScreenPoint::new(
            place(on_screen.min.x, middle.x, on_screen.max.x, horizontal),
            place(on_screen.min.y, middle.y, on_screen.max.y, vertical),
        ),
    })
    .collect()
}

fn corner_handles(points: &[Point], closed: bool, view: &View) -> Vec<Handle> {
    let on_screen: Vec<ScreenPoint> = points.iter().map(|point| view.screen_from_image(*point)).collect();
    let edges = on_screen.len() - usize::from(!closed && !on_screen.is_empty());
    let inserts = (0..edges).filter_map(|index| {
        let (a, b) = (on_screen[index], on_screen[(index + 1) % on_screen.len()]);
        (a.distance_to(b) >= SHORTEST_EDGE_WITH_HANDLE_PX)
            .then(|| Handle { kind: HandleKind::Insert(index + 1), at: a.midpoint(b) })
    });
    let corners = on_screen.iter().enumerate().map(|(index, at)| Handle { kind: HandleKind::Corner(index), at: *at });
    corners.chain(inserts).collect()
}

/// `NaN` becomes 0, because a shape must have some place.
fn clamp(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use proptest::prelude::*;

    const LEAST: Point = Point { x: 0.001, y: 0.002 };

    fn unit() -> impl Strategy<Value = f64> {
        prop_oneof![8 => 0.0..=1.0f64, 1 => Just(0.0), 1 => Just(1.0)]
    }

    fn point() -> impl Strategy<Value = Point> {
        (unit(), unit()).prop_map(|(x, y)| Point { x, y })
    }

    fn rect() -> impl Strategy<Value = Rect> {
        (point(), point())
            .prop_map(|(a, b)| resized(rect_between(a, b), Side::High, Side::High, Point::default(), LEAST))
    }

    fn shape() -> impl Strategy<Value = Shape> {
        prop_oneof![
            rect().prop_map(Shape::Bbox),
            prop::collection::vec(point(), 3..12).prop_map(Shape::Polygon),
            prop::collection::vec(point(), 2..12).prop_map(Shape::Polyline),
            point().prop_map(Shape::Point),
        ]
    }

    fn side() -> impl Strategy<Value = Side> {
        prop_oneof![Just(Side::Low), Just(Side::High), Just(Side::Neither)]
    }

    proptest! {
        #[test]
        fn a_moved_shape_keeps_its_size_and_stays_inside(shape in shape(), dx in -2.0..2.0, dy in -2.0..2.0) {
            let after = moved(&shape, dx, dy);
            prop_assert!(is_valid(&after), "{after:?}");
            let (before, after) = (shape.bounds(), after.bounds());
            prop_assert!((before.w - after.w).abs() < 1e-12 && (before.h - after.h).abs() < 1e-12);
        }

        #[test]
        fn moving_by_nothing_changes_nothing(shape in shape()) {
            prop_assert_eq!(moved(&shape, 0.0, 0.0), shape);
        }

        #[test]
        fn a_resized_box_is_never_empty(rect in rect(), h in side(), v in side(), dx in -2.0..2.0, dy in -2.0..2.0) {
            let after = resized(rect, h, v, Point { x: dx, y: dy }, LEAST);
            prop_assert!(is_valid(&Shape::Bbox(after)), "{after:?}");
            prop_assert!(h == Side::Neither || after.w >= LEAST.x * 0.999, "{after:?}");
            prop_assert!(v == Side::Neither || after.h >= LEAST.y * 0.999, "{after:?}");
        }

        #[test]
        fn the_edges_that_are_not_pulled_stay(rect in rect(), way in 0.0..2.0) {
            let after = resized(rect, Side::High, Side::Neither, Point { x: way, y: way }, LEAST);
            prop_assert_eq!((after.x, after.y, after.h), (rect.x, rect.y, rect.h));
            prop_assert!(after.w >= rect.w - 1e-12);
        }

        #[test]
        fn corners_stay_inside(shape in shape(), index in 0usize..12, x in -2.0..2.0, y in -2.0..2.0) {
            let to = Point { x, y };
            prop_assert!(is_valid(&corner_moved(&shape, index, to)));
            prop_assert!(is_valid(&midpoint_inserted(&shape, index)));
            if let Some(less) = corner_removed(&shape, index) {
                prop_assert!(is_valid(&less));
                prop_assert_eq!(corners(&less).len() + 1, corners(&shape).len());
            }
        }
    }

    #[test]
    fn an_edge_can_be_pulled_across_its_opposite() {
        let rect = Rect { x: 0.25, y: 0.25, w: 0.25, h: 0.25 };
        let after = resized(rect, Side::High, Side::Neither, Point { x: -0.375, y: 0.0 }, LEAST);
        assert_eq!(after, Rect { x: 0.125, y: 0.25, w: 0.125, h: 0.25 });
    }

    #[test]
    fn small_shapes_have_fewer_handles() {
        let view = View::new(Size::new(1000.0, 1000.0), Size::new(1032.0, 1032.0));
        let count = |w, h| handles(&Shape::Bbox(Rect { x: 0.1, y: 0.1, w, h }), &view).len();
        assert_eq!((count(0.5, 0.5), count(0.01, 0.5), count(0.01, 0.01)), (8, 6, 4));
        let triangle =
            Shape::Polygon(vec![Point { x: 0.1, y: 0.1 }, Point { x: 0.9, y: 0.1 }, Point { x: 0.1, y: 0.11 }]);
        let inserts =
            handles(&triangle, &view).iter().filter(|handle| matches!(handle.kind, HandleKind::Insert(_))).count();
        assert_eq!(inserts, 2);
    }
}
