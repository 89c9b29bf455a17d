//! What hides what: a region of something that cannot be seen would be wrong.

use super::outline::Place;
use crate::model::region::{Point, Shape};

/// How much of an area or a line must be seen.
const VISIBLE_PART: f64 = 0.3;
/// Areas are probed at so many places along either side of their bounds.
const PROBES: usize = 9;

/// Opaque areas in the order in which they were drawn.
#[derive(Default)]
pub(super) struct Cover(Vec<Area>);

struct Area {
    places: Vec<Place>,
    min: Place,
    max: Place,
}

impl Area {
    fn contains(&self, (x, y): Place) -> bool {
        if x < self.min.0 || x > self.max.0 || y < self.min.1 || y > self.max.1 {
            return false;
        }
        inside(&self.places, (x, y))
    }
}

/// Whether a place lies in a polygon, by the even-odd rule.
fn inside(places: &[Place], (x, y): Place) -> bool {
    let mut inside = false;
    for (a, b) in places.iter().zip(places.iter().cycle().skip(1)) {
        if (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0 {
            inside = !inside;
        }
    }
    inside
}

impl Cover {
    /// Takes what was drawn last.
    pub(super) fn add(&mut self, places: Vec<Place>) {
        let fold =
            |start: f64, pick: fn(&Place) -> f64, best: fn(f64, f64) -> f64| places.iter().map(pick).fold(start, best);
        let min = (fold(f64::INFINITY, |p| p.0, f64::min), fold(f64::INFINITY, |p| p.1, f64::min));
        let max = (fold(f64::NEG_INFINITY, |p| p.0, f64::max), fold(f64::NEG_INFINITY, |p| p.1, f64::max));
        self.0.push(Area { places, min, max });
    }

    /// How much has been drawn.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether enough can be seen of a shape that was finished when `drawn` areas had been drawn.
    pub(super) fn shows(&self, shape: &Shape, drawn: usize, width: f64, height: f64) -> bool {
        let later = &self.0[drawn.min(self.0.len())..];
        let place = |point: &Point| (point.x * width, point.y * height);
        let probes: Vec<Place> = match shape {
            Shape::Point(point) => vec![place(point)],
            Shape::Polyline(points) => points.iter().map(place).collect(),
            Shape::Bbox(_) => grid(shape, width, height),
            Shape::Polygon(points) => {
                let places: Vec<Place> = points.iter().map(place).collect();
                let mut probes = grid(shape, width, height);
                probes.retain(|&probe| inside(&places, probe));
                if probes.is_empty() { places } else { probes }
            }
        };
        let seen = probes.iter().filter(|&&probe| !later.iter().any(|area| area.contains(probe))).count();
        seen as f64 >= VISIBLE_PART * probes.len() as f64 && seen > 0
    }
}

/// Places spread evenly over the bounds of a shape, in pixels.
fn grid(shape: &Shape, width: f64, height: f64) -> Vec<Place> {
    let bounds = shape.bounds();
    let at = |step: usize| (step as f64 + 0.5) / PROBES as f64;
    (0..PROBES * PROBES)
        .map(|cell| {
            let (column, row) = (at(cell % PROBES), at(cell / PROBES));
            ((bounds.x + bounds.w * column) * width, (bounds.y + bounds.h * row) * height)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::region::Rect;

    #[test]
    fn what_is_hidden_later_does_not_show() {
        let shape = Shape::Bbox(Rect { x: 0.1, y: 0.1, w: 0.2, h: 0.2 });
        let mut cover = Cover::default();
        cover.add(vec![(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0)]);
        assert!(cover.shows(&shape, 1, 100.0, 100.0), "what came before hides nothing");
        assert!(!cover.shows(&shape, 0, 100.0, 100.0));
        cover.add(vec![(0.0, 0.0), (15.0, 0.0), (15.0, 100.0), (0.0, 100.0)]);
        assert!(cover.shows(&shape, 1, 100.0, 100.0), "a quarter is hidden");
    }
}
