//! Lines as they are drawn: without the corners that nobody could see.

use super::{Point, ScreenPoint, ScreenRect, View};

/// Corners nearer to each other than this are drawn as one, in CSS pixels.
pub const CORNER_PX: f64 = 0.75;

/// Calls `to` with the corners on the screen that a line through `points` has to be drawn through, in their order. Left out are
/// corners that lie on top of the one before, and runs of corners beyond one and the same side of `within`: what is seen
/// there, outline and inside, stays the same to within [`CORNER_PX`].
pub fn trace(points: &[Point], view: &View, within: ScreenRect, mut to: impl FnMut(ScreenPoint)) {
    // The last corner drawn with the sides that all later ones are beyond, and the last one that was left out since.
    let mut drawn: Option<(ScreenPoint, u8)> = None;
    let mut left_out: Option<(ScreenPoint, u8)> = None;
    for point in points {
        let at = view.screen_from_image(*point);
        let beyond = sides(at, within);
        if let Some((_, run)) = &mut drawn
            && *run & beyond != 0
        {
            *run &= beyond;
            left_out = Some((at, beyond));
            continue;
        }
        if let Some((corner, its_sides)) = left_out.filter(|(_, sides)| *sides != 0) {
            // The run ends: the line comes back from where it ended.
            to(corner);
            drawn = Some((corner, its_sides));
            if its_sides & beyond != 0 {
                drawn = Some((corner, its_sides & beyond));
                left_out = Some((at, beyond));
                continue;
            }
        }
        if drawn.is_some_and(|(corner, _)| (corner.x - at.x).abs().max((corner.y - at.y).abs()) < CORNER_PX) {
            left_out = Some((at, 0));
            continue;
        }
        to(at);
        (drawn, left_out) = (Some((at, beyond)), None);
    }
    if let Some((corner, _)) = left_out {
        to(corner);
    }
}

/// The sides of a rectangle that a point lies beyond, as bits.
fn sides(at: ScreenPoint, ScreenRect { min, max }: ScreenRect) -> u8 {
    u8::from(at.x < min.x) | u8::from(at.x > max.x) << 1 | u8::from(at.y < min.y) << 2 | u8::from(at.y > max.y) << 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Size, contains, distance_to_segment};
    use proptest::prelude::*;

    fn traced(points: &[Point], view: &View) -> Vec<ScreenPoint> {
        let mut corners = Vec::new();
        trace(points, view, view.surface_on_screen(), |at| corners.push(at));
        corners
    }

    #[test]
    fn a_coast_of_many_corners_is_drawn_with_few() {
        let points: Vec<Point> = (0..100_000)
            .map(|step| f64::from(step) / 100_000.0 * std::f64::consts::TAU)
            .map(|angle| Point { x: 0.5 + angle.cos() * 0.4, y: 0.5 + angle.sin() * 0.4 })
            .collect();
        let mut view = View::new(Size::new(1000.0, 1000.0), Size::new(1000.0, 1000.0));
        let fitted = traced(&points, &view).len();
        assert!((1_000..5_000).contains(&fitted), "{fitted}");
        // Near the rightmost corner, nearly all others are out of sight.
        view.zoom_at(view.screen_from_image(Point { x: 0.9, y: 0.5 }), 40.0);
        let near = traced(&points, &view).len();
        assert!(near < 1_500, "{near}");
        assert!(traced(&[], &view).is_empty());
    }

    proptest! {
        #[test]
        fn what_is_seen_stays_the_same(
            corners in prop::collection::vec((0.0..=1.0f64, 0.0..=1.0f64), 3..60),
            factor in 1.0..60.0f64,
            x in 0.0..400.0f64,
            y in 0.0..400.0f64,
        ) {
            let points: Vec<Point> = corners.into_iter().map(|(x, y)| Point { x, y }).collect();
            let mut view = View::new(Size::new(400.0, 400.0), Size::new(400.0, 400.0));
            view.zoom_at(ScreenPoint::new(x, y), factor);
            let drawn = traced(&points, &view);
            prop_assert_eq!(drawn.first().copied(), points.first().map(|point| view.screen_from_image(*point)));
            prop_assert_eq!(drawn.last().copied(), points.last().map(|point| view.screen_from_image(*point)));
            let all: Vec<ScreenPoint> = points.iter().map(|point| view.screen_from_image(*point)).collect();
            let off = |line: &[ScreenPoint], at: ScreenPoint| {
                line.windows(2).map(|ends| distance_to_segment(at, ends[0], ends[1])).fold(f64::INFINITY, f64::min)
            };
            let as_points = |line: &[ScreenPoint]| -> Vec<Point> {
                line.iter().map(|at| Point { x: at.x, y: at.y }).collect()
            };
            let (before, after) = (as_points(&all), as_points(&drawn));
            for step in 0..400 {
                let at = ScreenPoint::new(f64::from(step % 20) * 20.0 + 10.0, f64::from(step / 20) * 20.0 + 10.0);
                let (distance, now) = (off(&all, at), off(&drawn, at));
                prop_assert!((distance - now).abs() < 1.5 || distance.min(now) > 10.0, "{distance} became {now}");
                let closing = [all[all.len() - 1], all[0]];
                if distance.min(off(&closing, at)) > 2.0 {
                    let at = Point { x: at.x, y: at.y };
                    prop_assert_eq!(contains(&before, at), contains(&after, at));
                }
            }
        }
    }
}
