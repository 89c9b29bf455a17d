//! The regions that rest, as paths that the browser keeps. Moving and zooming the view draws the same paths again with another
//! transform: with a thousand polygons, tracing each corner anew in every frame is what would make that jerk.

use crate::editor::{Editor, Key, SceneShape};
use crate::geometry::{Point, Rect, Shape, Size};
use std::collections::BTreeMap;
use std::fmt::Write;
use wasm_bindgen::prelude::*;
use web_sys::CanvasRenderingContext2d;

/// The regions of the middle layer by colour.
#[derive(Default)]
pub(super) struct Outlines {
    made_from: Option<(u64, Option<Key>)>,
    groups: Vec<Group>,
}

/// The regions of one colour.
pub(super) struct Group {
    /// Their colour, unless they wait for an object.
    pub colour: Option<usize>,
    /// Single places.
    pub points: Vec<Point>,
    areas: Option<Path>,
    lines: Option<Path>,
}

impl Outlines {
    /// Makes the paths anew if other regions rest now.
    pub fn follow(&mut self, editor: &Editor) {
        let made_from = Some((editor.document().version(), editor.active()));
        if self.made_from == made_from {
            return;
        }
        self.made_from = made_from;
        let mut traces: BTreeMap<Option<usize>, Trace> = BTreeMap::new();
        for shape in editor.shapes() {
            traces.entry(shape.colour).or_default().add(&shape, editor.view().picture_px());
        }
        let group = |(colour, trace): (Option<usize>, Trace)| Group {
            colour,
            points: trace.points,
            areas: Path::new(&trace.areas),
            lines: Path::new(&trace.lines),
        };
        self.groups = traces.into_iter().map(group).collect();
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }
}

impl Group {
    /// Fills what has an inside.
    pub fn fill(&self, context: &CanvasRenderingContext2d) {
        if let Some(areas) = &self.areas {
            areas.draw(context, "fill");
        }
    }

    /// Strokes all but the points.
    pub fn stroke(&self, context: &CanvasRenderingContext2d) {
        for path in [&self.areas, &self.lines].into_iter().flatten() {
            path.draw(context, "stroke");
        }
    }
}

/// The browser's `Path2D`.
struct Path(JsValue);

impl Path {
    /// The path with this data; none without data.
    fn new(data: &str) -> Option<Self> {
        let class: js_sys::Function =
            js_sys::Reflect::get(&js_sys::global(), &"Path2D".into()).ok()?.dyn_into().ok()?;
        let path = (!data.is_empty()).then(|| js_sys::Reflect::construct(&class, &js_sys::Array::of1(&data.into())))?;
        path.ok().map(Self)
    }

    fn draw(&self, context: &CanvasRenderingContext2d, how: &str) {
        let method = js_sys::Reflect::get(context, &how.into()).ok();
        if let Some(method) = method.and_then(|method| method.dyn_into::<js_sys::Function>().ok()) {
            // Filling and stroking a path cannot fail.
            let _ = method.call1(context, &self.0);
        }
    }
}

/// Path data in pixels of the picture.
#[derive(Debug, Default)]
struct Trace {
    areas: String,
    lines: String,
    points: Vec<Point>,
}

impl Trace {
    fn add(&mut self, shape: &SceneShape<'_>, picture: Size) {
        match shape.shape {
            Shape::Bbox(Rect { x, y, w, h }) => {
                let (x, y, w, h) = (x * picture.width, y * picture.height, w * picture.width, h * picture.height);
                // Writing into a string cannot fail.
                let _ = write!(self.areas, "M{x:.3} {y:.3}h{w:.3}v{h:.3}h-{w:.3}Z");
            }
            // All run the same way round: where two of them overlap, opposite ways would cancel each other out.
            Shape::Polygon(points) if runs_backwards(points) => {
                trace(&mut self.areas, points.iter().rev(), picture);
                self.areas.push('Z');
            }
            Shape::Polygon(points) => {
                trace(&mut self.areas, points.iter(), picture);
                self.areas.push('Z');
            }
            Shape::Polyline(points) => trace(&mut self.lines, points.iter(), picture),
            Shape::Point(point) => self.points.push(*point),
        }
    }
}

fn trace<'a>(data: &mut String, points: impl Iterator<Item = &'a Point>, picture: Size) {
    for (index, point) in points.enumerate() {
        let (x, y) = (point.x * picture.width, point.y * picture.height);
        // Writing into a string cannot fail.
        let _ = write!(data, "{}{x:.3} {y:.3}", if index == 0 { 'M' } else { 'L' });
    }
}

/// Whether the corners run the other way round than those of boxes.
fn runs_backwards(points: &[Point]) -> bool {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traced(shapes: &[Shape]) -> Trace {
        let mut trace = Trace::default();
        for shape in shapes {
            let shape = SceneShape { key: Key(1), shape, object: "Cat", colour: Some(0) };
            trace.add(&shape, Size::new(100.0, 50.0));
        }
        trace
    }

    #[test]
    fn areas_run_the_same_way_round() {
        let p = |x, y| Point { x, y };
        let corners = vec![p(0.0, 0.0), p(0.5, 0.0), p(0.5, 0.5)];
        let backwards = corners.iter().rev().copied().collect();
        let expected = "M0.000 0.000L50.000 0.000L50.000 25.000Z";
        assert_eq!(traced(&[Shape::Polygon(corners)]).areas, expected);
        assert_eq!(traced(&[Shape::Polygon(backwards)]).areas, expected);
        let rect = Rect { x: 0.1, y: 0.2, w: 0.5, h: 0.5 };
        assert_eq!(traced(&[Shape::Bbox(rect)]).areas, "M10.000 10.000h50.000v25.000h-50.000Z");
    }

    #[test]
    fn lines_and_points_have_no_inside() {
        let p = |x, y| Point { x, y };
        let trace = traced(&[Shape::Polyline(vec![p(0.0, 0.0), p(1.0, 1.0)]), Shape::Point(p(0.5, 0.5))]);
        assert_eq!((trace.areas.as_str(), trace.lines.as_str()), ("", "M0.000 0.000L100.000 50.000"));
        assert_eq!(trace.points, [p(0.5, 0.5)]);
    }
}
