//! Outlines: curves that are drawn and, flattened, are the regions. One source for both keeps them exactly alike.

use std::fmt::Write;

/// A place, in pixels of the scene or in the units of a motif.
pub(super) type Place = (f64, f64);

/// How many straight pieces stand for one curve in a region.
const PIECES: usize = 8;

#[derive(Clone, Copy, Debug)]
enum Step {
    Line(Place),
    Curve(Place, Place, Place),
}

/// A line or, when closed, an area.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    start: Place,
    steps: Vec<Step>,
    closed: bool,
}

impl Outline {
    /// Starts a line that is not closed.
    pub(super) fn from(start: Place) -> Self {
        Self { start, steps: Vec::new(), closed: false }
    }

    pub(super) fn line_to(mut self, to: Place) -> Self {
        self.steps.push(Step::Line(to));
        self
    }

    pub(super) fn curve_to(mut self, first: Place, second: Place, to: Place) -> Self {
        self.steps.push(Step::Curve(first, second, to));
        self
    }

    /// Makes an area of the line.
    pub(super) fn close(mut self) -> Self {
        self.closed = true;
        self
    }

    /// Straight lines through places.
    pub(super) fn polyline(places: &[Place]) -> Self {
        let start = places.first().copied().unwrap_or_default();
        places.iter().skip(1).fold(Self::from(start), |line, &place| line.line_to(place))
    }

    /// The area between straight lines.
    pub(super) fn polygon(places: &[Place]) -> Self {
        Self::polyline(places).close()
    }

    /// A smooth line through places.
    pub(super) fn smooth(places: &[Place]) -> Self {
        let start = places.first().copied().unwrap_or_default();
        let at = |index: isize| places[index.clamp(0, places.len() as isize - 1) as usize];
        let mut line = Self::from(start);
        for index in 0..places.len().saturating_sub(1) as isize {
            let (before, from, to, after) = (at(index - 1), at(index), at(index + 1), at(index + 2));
            let first = (from.0 + (to.0 - before.0) / 6.0, from.1 + (to.1 - before.1) / 6.0);
            let second = (to.0 - (after.0 - from.0) / 6.0, to.1 - (after.1 - from.1) / 6.0);
            line = line.curve_to(first, second, to);
        }
        line
    }

    /// The smooth area around places.
    pub(super) fn blob(places: &[Place]) -> Self {
        let count = places.len();
        if count < 3 {
            return Self::polygon(places);
        }
        let at = |index: usize| places[index % count];
        let mut line = Self::from(places[0]);
        for index in 0..count {
            let (before, from, to, after) = (at(index + count - 1), at(index), at(index + 1), at(index + 2));
            let first = (from.0 + (to.0 - before.0) / 6.0, from.1 + (to.1 - before.1) / 6.0);
            let second = (to.0 - (after.0 - from.0) / 6.0, to.1 - (after.1 - from.1) / 6.0);
            line = line.curve_to(first, second, to);
        }
        line.close()
    }

    pub(super) fn rect(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self::polygon(&[(x, y), (x + width, y), (x + width, y + height), (x, y + height)])
    }

    /// A rectangle with round corners.
    pub(super) fn round_rect(x: f64, y: f64, width: f64, height: f64, radius: f64) -> Self {
        let (r, right, bottom) = (radius.min(width / 2.0).min(height / 2.0), x + width, y + height);
        let k = r * 0.448;
        Self::from((x + r, y))
            .line_to((right - r, y))
            .curve_to((right - k, y), (right, y + k), (right, y + r))
            .line_to((right, bottom - r))
            .curve_to((right, bottom - k), (right - k, bottom), (right - r, bottom))
            .line_to((x + r, bottom))
            .curve_to((x + k, bottom), (x, bottom - k), (x, bottom - r))
            .line_to((x, y + r))
            .curve_to((x, y + k), (x + k, y), (x + r, y))
            .close()
    }

    pub(super) fn ellipse(x: f64, y: f64, rx: f64, ry: f64) -> Self {
        let (kx, ky) = (rx * 0.552_285, ry * 0.552_285);
        Self::from((x + rx, y))
            .curve_to((x + rx, y + ky), (x + kx, y + ry), (x, y + ry))
            .curve_to((x - kx, y + ry), (x - rx, y + ky), (x - rx, y))
            .curve_to((x - rx, y - ky), (x - kx, y - ry), (x, y - ry))
            .curve_to((x + kx, y - ry), (x + rx, y - ky), (x + rx, y))
            .close()
    }

    pub(super) fn circle(x: f64, y: f64, radius: f64) -> Self {
        Self::ellipse(x, y, radius, radius)
    }

    /// A star with so many points, as a polygon.
    pub(super) fn star(x: f64, y: f64, radius: f64, points: usize) -> Self {
        let places: Vec<Place> = (0..2 * points)
            .map(|corner| {
                let angle = std::f64::consts::PI * (corner as f64 / points as f64 - 0.5);
                let r = if corner % 2 == 0 { radius } else { radius * 0.45 };
                (x + r * angle.cos(), y + r * angle.sin())
            })
            .collect();
        Self::polygon(&places)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// The outline somewhere else.
    pub(super) fn map(&self, change: impl Fn(Place) -> Place) -> Self {
        Self {
            start: change(self.start),
            steps: self
                .steps
                .iter()
                .map(|step| match *step {
                    Step::Line(to) => Step::Line(change(to)),
                    Step::Curve(a, b, to) => Step::Curve(change(a), change(b), change(to)),
                })
                .collect(),
            closed: self.closed,
        }
    }

    /// The outline as SVG path data.
    pub(super) fn data(&self) -> String {
        let mut data = format!("M{:.1} {:.1}", self.start.0, self.start.1);
        for step in &self.steps {
            // Writing to a string cannot fail.
            let _ = match step {
                Step::Line(to) => write!(data, "L{:.1} {:.1}", to.0, to.1),
                Step::Curve(a, b, to) => {
                    write!(data, "C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}", a.0, a.1, b.0, b.1, to.0, to.1)
                }
            };
        }
        if self.closed {
            data.push('Z');
        }
        data
    }

    /// The outline as straight pieces. A closed one does not repeat its first place.
    pub(super) fn flatten(&self) -> Vec<Place> {
        let mut places = vec![self.start];
        let mut from = self.start;
        for step in &self.steps {
            match *step {
                Step::Line(to) => {
                    places.push(to);
                    from = to;
                }
                Step::Curve(a, b, to) => {
                    for piece in 1..=PIECES {
                        let t = piece as f64 / PIECES as f64;
                        let u = 1.0 - t;
                        let blend = |f: f64, a: f64, b: f64, to: f64| {
                            u * u * u * f + 3.0 * u * u * t * a + 3.0 * u * t * t * b + t * t * t * to
                        };
                        places.push((blend(from.0, a.0, b.0, to.0), blend(from.1, a.1, b.1, to.1)));
                    }
                    from = to;
                }
            }
        }
        let end = places[places.len() - 1];
        if self.closed && places.len() > 1 && (end.0 - self.start.0).hypot(end.1 - self.start.1) < 1e-9 {
            places.pop();
        }
        places
    }
}
