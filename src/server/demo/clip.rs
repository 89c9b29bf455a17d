//! Cutting outlines at the border of the picture.

use super::outline::Place;

/// Smallest area that is still worth a region, in square pixels.
const MIN_AREA: f64 = 12.0;

/// The part of a polygon that lies in the picture, if there is one to speak of.
pub(super) fn polygon(places: &[Place], width: f64, height: f64) -> Option<Vec<Place>> {
    // One border after the other: is a place inside, and where does a piece cross the border?
    let left = cut(places, |p| p.0 >= 0.0, |a, b| cross_x(a, b, 0.0));
    let right = cut(&left, |p| p.0 <= width, |a, b| cross_x(a, b, width));
    let top = cut(&right, |p| p.1 >= 0.0, |a, b| cross_y(a, b, 0.0));
    let all = cut(&top, |p| p.1 <= height, |a, b| cross_y(a, b, height));
    (all.len() >= 3 && area(&all) >= MIN_AREA).then_some(all)
}

/// The longest part of a line that lies in the picture, if there is one.
pub(super) fn polyline(places: &[Place], width: f64, height: f64) -> Option<Vec<Place>> {
    let inside = |p: Place| p.0 >= 0.0 && p.0 <= width && p.1 >= 0.0 && p.1 <= height;
    let mut runs: Vec<Vec<Place>> = vec![Vec::new()];
    for pair in places.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let Some((from, to)) = cut_piece(a, b, width, height) else {
            runs.push(Vec::new());
            continue;
        };
        if let Some(run) = runs.last_mut() {
            if run.is_empty() {
                run.push(from);
            }
            run.push(to);
        }
        if !inside(b) {
            runs.push(Vec::new());
        }
    }
    runs.into_iter().filter(|run| run.len() >= 2).max_by(|a, b| length(a).total_cmp(&length(b)))
}

fn cut(places: &[Place], inside: impl Fn(Place) -> bool, cross: impl Fn(Place, Place) -> Place) -> Vec<Place> {
    let mut kept = Vec::with_capacity(places.len() + 4);
    for (index, &to) in places.iter().enumerate() {
        let from = places[(index + places.len() - 1) % places.len()];
        match (inside(from), inside(to)) {
            (true, true) => kept.push(to),
            (true, false) => kept.push(cross(from, to)),
            (false, true) => kept.extend([cross(from, to), to]),
            (false, false) => {}
        }
    }
    kept
}

fn cross_x(a: Place, b: Place, x: f64) -> Place {
    (x, a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0))
}

fn cross_y(a: Place, b: Place, y: f64) -> Place {
    (a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1), y)
}

/// The part of a straight piece that lies in the picture.
fn cut_piece(a: Place, b: Place, width: f64, height: f64) -> Option<(Place, Place)> {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut start, mut end) = (0.0_f64, 1.0_f64);
    for (step, room) in [(-dx, a.0), (dx, width - a.0), (-dy, a.1), (dy, height - a.1)] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            start = start.max(room / step);
        } else {
            end = end.min(room / step);
        }
    }
    let at = |t: f64| (a.0 + dx * t, a.1 + dy * t);
    (start < end).then(|| (at(start), at(end)))
}

fn area(places: &[Place]) -> f64 {
    let twice: f64 = places.iter().zip(places.iter().cycle().skip(1)).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    twice.abs() / 2.0
}

fn length(places: &[Place]) -> f64 {
    places.windows(2).map(|pair| (pair[1].0 - pair[0].0).hypot(pair[1].1 - pair[0].1)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sticks_out_is_cut_off() {
        let square = [(-10.0, 10.0), (10.0, 10.0), (10.0, 30.0), (-10.0, 30.0)];
        let cut = polygon(&square, 100.0, 20.0).unwrap();
        assert_eq!(area(&cut), 100.0);
        assert!(cut.iter().all(|p| (0.0..=100.0).contains(&p.0) && (0.0..=20.0).contains(&p.1)));
        assert_eq!(polygon(&square.map(|(x, y)| (x - 50.0, y)), 100.0, 20.0), None);
    }

    #[test]
    fn of_a_line_the_longest_part_inside_stays() {
        let line = [(-10.0, 5.0), (5.0, 5.0), (5.0, -10.0), (20.0, -10.0), (20.0, 5.0), (90.0, 5.0), (120.0, 5.0)];
        assert_eq!(polyline(&line, 100.0, 50.0).unwrap(), [(20.0, 0.0), (20.0, 5.0), (90.0, 5.0), (100.0, 5.0)]);
        assert_eq!(polyline(&[(-5.0, -5.0), (-5.0, 90.0)], 100.0, 50.0), None);
    }
}
