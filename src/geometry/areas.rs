//! Uniting areas, subtracting them from each other, and cutting them along lines.
//!
//! All is computed in pixels of the picture, where angles and distances are true, and corners of the given shapes that are
//! corners of the outcome keep their exact coordinates, so that neighbours go on sharing them.
//!
//! A polygon is one ring of corners, so it has no room for a hole. A hole is therefore joined to the outline by a *seam*: the
//! outline goes along a straight way to the hole, round it the other way, and back the same way. Such a polygon covers exactly
//! what it should, by the nonzero rule by which canvas and SVG fill it and by which [`contains`](super::contains) tells what
//! is inside, and its area is exact. So nothing is lost, and nothing is covered that nobody drew.

use super::{Point, Rect, Shape, Size, clamp_to_image};
use i_overlay::core::fill_rule::FillRule::NonZero;
use i_overlay::core::overlay_rule::OverlayRule;
use i_overlay::float::relate::FloatRelate;
use i_overlay::float::simplify::SimplifyShape;
use i_overlay::float::single::SingleFloatOverlay;
use i_overlay::float::slice::FloatSlice;

/// A piece smaller than this is what rounding left, in square pixels of the picture.
const LEAST_AREA_PX: f64 = 1e-2;
/// A corner of the outcome that is so near to a corner of what it was made from is that corner, in pixels.
const SAME_PX: f64 = 1e-6;

/// A place in pixels of the picture.
type Pixel = [f64; 2];
/// A closed line.
type Ring = Vec<Pixel>;

/// A connected part of an outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The corners of the polygon, in image space.
    pub corners: Vec<Point>,
    /// Whether there is a hole in it, which a seam joins to the outline.
    pub has_seam: bool,
}

/// The corners of an area, in image space: of a polygon, and of a box clockwise from the top left. `None` for lines and points.
pub fn outline(shape: &Shape) -> Option<Vec<Point>> {
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            let corner = |right: f64, down: f64| clamp_to_image(Point { x: x + right, y: y + down });
            Some(vec![corner(0.0, 0.0), corner(*w, 0.0), corner(*w, *h), corner(0.0, *h)])
        }
        Shape::Polygon(points) => Some(points.clone()),
        Shape::Polyline(_) | Shape::Point(_) => None,
    }
}

/// What areas cover together: the connected pieces, each with the indices of the shapes that it is made of, in their order. A
/// shape without an area, such as a line, is part of no piece.
pub fn united(shapes: &[&Shape], picture_px: Size) -> Vec<(Piece, Vec<usize>)> {
    let plane = Plane::of(shapes, picture_px);
    let areas: Vec<Vec<Ring>> = shapes.iter().map(|shape| plane.area(shape)).collect();
    let all: Vec<Ring> = areas.concat();
    let unions = all.simplify_shape_as::<i64>(NonZero);
    let frames: Vec<Rect> = areas.iter().map(|area| frame(area)).collect();
    let mut pieces: Vec<(Piece, Vec<usize>)> = unions
        .into_iter()
        .filter_map(|union| {
            let around = frame(&union);
            let is_member =
                |index: &usize| meet(frames[*index], around) && areas[*index].interiors_intersect_as::<i64>(&union);
            let members = (0..areas.len()).filter(is_member).collect();
            Some((plane.piece(union)?, members))
        })
        .collect();
    pieces.sort_by(|(_, a), (_, b)| a.cmp(b));
    pieces
}

/// What an area covers and none of the others does, the largest piece first.
pub fn subtracted(shape: &Shape, others: &[&Shape], picture_px: Size) -> Vec<Piece> {
    let known: Vec<&Shape> = others.iter().copied().chain([shape]).collect();
    let plane = Plane::of(&known, picture_px);
    let others: Vec<Ring> = others.iter().flat_map(|other| plane.area(other)).collect();
    plane.pieces(plane.area(shape).overlay_as::<i64>(&others, OverlayRule::Difference, NonZero))
}

/// The pieces of an area that is cut along lines, the largest first. A line cuts only where it goes all the way through.
pub fn cut_along(shape: &Shape, lines: &[&Shape], picture_px: Size) -> Vec<Piece> {
    let known: Vec<&Shape> = lines.iter().copied().chain([shape]).collect();
    let plane = Plane::of(&known, picture_px);
    let lines: Vec<Vec<Pixel>> = lines
        .iter()
        .filter_map(|line| match line {
            Shape::Polyline(points) => Some(points.iter().map(|point| plane.pixel(*point)).collect()),
            _ => None,
        })
        .collect();
    plane.pieces(plane.area(shape).slice_by_as::<i64>(&lines, NonZero))
}

/// The picture in pixels, with the corners that are known in it.
struct Plane {
    picture_px: Size,
    /// Sorted by their place from left to right.
    known: Vec<(Pixel, Point)>,
}

impl Plane {
    fn of(shapes: &[&Shape], picture_px: Size) -> Self {
        let mut plane = Self { picture_px, known: Vec::new() };
        let corners = shapes.iter().flat_map(|shape| match shape {
            Shape::Polyline(points) => points.clone(),
            shape => outline(shape).unwrap_or_default(),
        });
        plane.known = corners.map(|corner| (plane.pixel(corner), corner)).collect();
        plane.known.sort_by(|(a, _), (b, _)| a[0].total_cmp(&b[0]));
        plane
    }

    fn pixel(&self, point: Point) -> Pixel {
        [point.x * self.picture_px.width, point.y * self.picture_px.height]
    }

    fn point(&self, at: Pixel) -> Point {
        let first = self.known.partition_point(|(known, _)| known[0] < at[0] - SAME_PX);
        let near = self.known[first..].iter().take_while(|(known, _)| known[0] <= at[0] + SAME_PX);
        let same = near.clone().find(|(known, _)| (known[1] - at[1]).abs() <= SAME_PX);
        let computed = || clamp_to_image(Point { x: at[0] / self.picture_px.width, y: at[1] / self.picture_px.height });
        same.map_or_else(computed, |(_, corner)| *corner)
    }

    /// The rings of what a shape covers, of which outer ones go one way round and holes the other.
    fn area(&self, shape: &Shape) -> Vec<Ring> {
        let Some(corners) = outline(shape) else { return Vec::new() };
        let ring: Ring = corners.into_iter().map(|corner| self.pixel(corner)).collect();
        ring.simplify_shape_as::<i64>(NonZero).concat()
    }

    /// The polygons of shapes that are an outer ring and holes each, the largest first.
    fn pieces(&self, shapes: Vec<Vec<Ring>>) -> Vec<Piece> {
        let mut shapes = shapes;
        shapes.sort_by(|a, b| covered(b).total_cmp(&covered(a)));
        shapes.into_iter().filter_map(|rings| self.piece(rings)).collect()
    }

    /// The polygon of an outer ring and its holes, unless it is next to nothing.
    fn piece(&self, mut rings: Vec<Ring>) -> Option<Piece> {
        rings.retain(|ring| ring.len() >= 3 && signed_area(ring).abs() >= LEAST_AREA_PX);
        if rings.is_empty() || covered(&rings) < LEAST_AREA_PX {
            return None;
        }
        let mut outer = rings.remove(0);
        let has_seam = !rings.is_empty();
        // From right to left, so that whatever lies between a hole and the outline belongs to the outline already.
        rings.sort_by(|a, b| rightmost(b).1[0].total_cmp(&rightmost(a).1[0]));
        for hole in rings {
            outer = with_seam(outer, &hole);
        }
        let mut corners: Vec<Point> = outer.into_iter().map(|at| self.point(at)).collect();
        corners.dedup();
        (corners.len() >= 3).then_some(Piece { corners, has_seam })
    }
}

/// The outline, led to a hole to its left and back along a straight horizontal way.
fn with_seam(outline: Ring, hole: &Ring) -> Ring {
    let (index, from) = rightmost(hole);
    let crossings = outline.iter().enumerate().filter_map(|(edge, a)| {
        let b = outline[(edge + 1) % outline.len()];
        let crosses = (a[1] <= from[1]) != (b[1] <= from[1]);
        let x = a[0] + (from[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1]);
        (crosses && x >= from[0] - SAME_PX).then_some((edge, x))
    });
    // There is always one: a hole lies within its outline.
    let Some((edge, x)) = crossings.min_by(|(_, a), (_, b)| a.total_cmp(b)) else { return outline };
    let to = [x, from[1]];
    let round = hole[index..].iter().chain(&hole[..=index]);
    let mut ring: Ring = outline[..=edge].to_vec();
    ring.push(to);
    ring.extend(round);
    ring.push(to);
    ring.extend_from_slice(&outline[edge + 1..]);
    ring
}

/// The corner that is farthest to the right, with its index.
fn rightmost(ring: &Ring) -> (usize, Pixel) {
    let corners = ring.iter().copied().enumerate();
    corners.max_by(|(_, a), (_, b)| a[0].total_cmp(&b[0])).unwrap_or_default()
}

/// The area that a ring encloses, by the shoelace formula: its sign says which way round the ring goes.
fn signed_area(ring: &Ring) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

/// The smallest rectangle around rings, in pixels.
fn frame(rings: &[Ring]) -> Rect {
    Shape::Polyline(rings.iter().flatten().map(|[x, y]| Point { x: *x, y: *y }).collect()).bounds()
}

fn meet(a: Rect, b: Rect) -> bool {
    a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h
}

/// The area of an outer ring without its holes, which go the other way round.
fn covered(rings: &[Ring]) -> f64 {
    rings.iter().map(signed_area).sum::<f64>().abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{area, contains};
    use proptest::prelude::*;

    const PICTURE: Size = Size { width: 1000.0, height: 500.0 };

    /// A box, in pixels.
    fn rect(x: f64, y: f64, w: f64, h: f64) -> Shape {
        Shape::Bbox(Rect { x: x / 1000.0, y: y / 500.0, w: w / 1000.0, h: h / 500.0 })
    }

    fn polygon(pixels: &[Pixel]) -> Shape {
        Shape::Polygon(pixels.iter().map(|[x, y]| Point { x: x / 1000.0, y: y / 500.0 }).collect())
    }

    fn line(pixels: &[Pixel]) -> Shape {
        Shape::Polyline(pixels.iter().map(|[x, y]| Point { x: x / 1000.0, y: y / 500.0 }).collect())
    }

    fn area_px(piece: &Piece) -> f64 {
        area(&Shape::Polygon(piece.corners.clone())) * 1000.0 * 500.0
    }

    fn has(piece: &Piece, x: f64, y: f64) -> bool {
        contains(&piece.corners, Point { x: x / 1000.0, y: y / 500.0 })
    }

    #[test]
    fn what_touches_becomes_one() {
        let shapes = [rect(0.0, 0.0, 100.0, 100.0), rect(500.0, 0.0, 10.0, 10.0), rect(100.0, 50.0, 100.0, 100.0)];
        let pieces = united(&shapes.each_ref(), PICTURE);
        let members: Vec<_> = pieces.iter().map(|(_, members)| members.clone()).collect();
        assert_eq!(members, [vec![0, 2], vec![1]]);
        assert!((area_px(&pieces[0].0) - 20_000.0).abs() < 1e-6);
        assert_eq!(pieces[0].0.corners.len(), 8);
    }

    #[test]
    fn the_way_round_makes_no_difference() {
        let (square, backwards) = (
            polygon(&[[10.0, 10.0], [110.0, 10.0], [110.0, 110.0], [10.0, 110.0]]),
            polygon(&[[60.0, 60.0], [60.0, 160.0], [160.0, 160.0], [160.0, 60.0]]),
        );
        let pieces = united(&[&square, &backwards], PICTURE);
        assert_eq!(pieces.len(), 1);
        assert!((area_px(&pieces[0].0) - 17_500.0).abs() < 1e-6);
        assert!((area_px(&subtracted(&square, &[&backwards], PICTURE)[0]) - 7_500.0).abs() < 1e-6);
    }

    #[test]
    fn a_hole_is_kept_by_a_seam() {
        let holes = [rect(20.0, 20.0, 10.0, 10.0), rect(60.0, 20.0, 10.0, 10.0), rect(40.0, 60.0, 10.0, 10.0)];
        let whole = rect(0.0, 0.0, 100.0, 100.0);
        let pieces = subtracted(&whole, &holes.each_ref(), PICTURE);
        let [piece] = &pieces[..] else { panic!("{pieces:?}") };
        assert!(piece.has_seam);
        assert!((area_px(piece) - 9_700.0).abs() < 1e-6);
        for (x, y, inside) in
            [(25.0, 25.0, false), (65.0, 25.0, false), (45.0, 65.0, false), (50.0, 50.0, true), (10.0, 26.0, true)]
        {
            assert_eq!(has(piece, x, y), inside, "{x}, {y}");
        }
        // What was cut out fits in again, and the seam is gone.
        let ring = Shape::Polygon(piece.corners.clone());
        let again: Vec<&Shape> = holes.iter().chain([&ring]).collect();
        let pieces = united(&again, PICTURE);
        assert_eq!(pieces.len(), 1);
        assert_eq!((pieces[0].0.corners.len(), pieces[0].0.has_seam), (4, false));
    }

    #[test]
    fn what_falls_apart_is_several_pieces_and_corners_stay_exact() {
        let bar = rect(0.0, 33.3, 100.0, 10.1);
        let pieces = subtracted(&bar, &[&rect(30.0, 0.0, 10.0, 100.0)], PICTURE);
        assert_eq!(pieces.len(), 2);
        assert!(area_px(&pieces[0]) > area_px(&pieces[1]));
        let exact = outline(&bar).unwrap();
        assert!(pieces[0].corners.contains(&exact[1]) && pieces[1].corners.contains(&exact[0]));
        assert!(subtracted(&bar, &[&rect(0.0, 0.0, 500.0, 500.0)], PICTURE).is_empty());
    }

    #[test]
    fn a_line_cuts_where_it_goes_through() {
        let square = rect(100.0, 100.0, 100.0, 100.0);
        let through = line(&[[50.0, 150.0], [150.0, 130.0], [250.0, 150.0]]);
        let short = line(&[[50.0, 150.0], [150.0, 150.0]]);
        assert_eq!(cut_along(&square, &[&through], PICTURE).len(), 2);
        assert_eq!(cut_along(&square, &[&short], PICTURE).len(), 1);
        let both = cut_along(&square, &[&through, &line(&[[150.0, 50.0], [150.0, 250.0]])], PICTURE);
        assert_eq!(both.len(), 4);
        assert!((both.iter().map(area_px).sum::<f64>() - 10_000.0).abs() < 1e-6);
    }

    #[test]
    fn what_has_no_area_is_part_of_nothing() {
        let flat = polygon(&[[0.0, 0.0], [10.0, 10.0], [20.0, 20.0]]);
        let pieces = united(&[&flat, &rect(0.0, 0.0, 50.0, 50.0), &line(&[[0.0, 0.0], [10.0, 10.0]])], PICTURE);
        assert_eq!(pieces.len(), 1);
        assert_eq!(pieces[0].1, [1]);
    }

    fn shapes() -> impl Strategy<Value = Vec<Shape>> {
        let corner = || (0..=20u8, 0..=20u8).prop_map(|(x, y)| [f64::from(x) * 50.0, f64::from(y) * 25.0]);
        let polygon = prop::collection::vec(corner(), 3..9).prop_map(|pixels| polygon(&pixels));
        prop::collection::vec(polygon, 2..5)
    }

    proptest! {
        /// Whatever is united or subtracted, every place lies inside of the outcome if and only if it should.
        #[test]
        fn places_lie_where_they_should(shapes in shapes(), x in 0..1000u16, y in 0..500u16) {
            // Off the grid on which all the corners lie.
            let place = Point { x: (f64::from(x) + 0.137) / 1000.0, y: (f64::from(y) + 0.291) / 500.0 };
            let within = |shape: &Shape| contains(&outline(shape).unwrap_or_default(), place);
            let shapes: Vec<&Shape> = shapes.iter().collect();
            let inside = |pieces: &[Piece]| pieces.iter().filter(|piece| contains(&piece.corners, place)).count();
            let union: Vec<Piece> = united(&shapes, PICTURE).into_iter().map(|(piece, _)| piece).collect();
            prop_assert_eq!(inside(&union), usize::from(shapes.iter().any(|shape| within(shape))));
            let rest = subtracted(shapes[0], &shapes[1..], PICTURE);
            let wanted = within(shapes[0]) && !shapes[1..].iter().any(|shape| within(shape));
            prop_assert_eq!(inside(&rest), usize::from(wanted));
        }
    }
}
