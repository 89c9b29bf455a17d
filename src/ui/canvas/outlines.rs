//! The regions that rest, as paths that the browser keeps. Moving and zooming the view draws the same paths again with another
//! transform: with a thousand polygons, tracing each corner anew in every frame is what would make that jerk.

use crate::editor::{Editor, Key};
use crate::geometry::{Point, Rect, Shape, Size};
use std::collections::BTreeMap;
use std::fmt::Write;
use wasm_bindgen::prelude::*;
use web_sys::CanvasRenderingContext2d;

/// From so many regions on they are drawn with hairlines: wide lines would cover the picture, and they are what takes long.
const MANY: usize = 400;

/// The regions of the middle layer by colour.
#[derive(Default)]
pub(super) struct Outlines {
    made_from: Option<(u64, u64, Vec<Key>)>,
    /// The path of every region but the points. Choosing another region changes two of them, not all.
    paths: BTreeMap<Key, (Shape, Path)>,
    groups: BTreeMap<Option<usize>, Group>,
}

/// The regions of one colour.
#[derive(Default)]
pub(super) struct Group {
    /// Single places.
    pub points: Vec<Point>,
    areas: Option<Path>,
    lines: Option<Path>,
}

impl Outlines {
    /// Makes the paths anew if other regions rest now.
    pub fn follow(&mut self, editor: &Editor) {
        let made_from = Some((editor.document().version(), editor.flags_version(), editor.active()));
        if self.made_from == made_from {
            return;
        }
        self.made_from = made_from;
        self.groups.clear();
        let mut before = std::mem::take(&mut self.paths);
        for resting in editor.shapes() {
            let group = self.groups.entry(resting.colour).or_default();
            if let Shape::Point(point) = resting.shape {
                group.points.push(*point);
                continue;
            }
            let known = before.remove(&resting.key).filter(|(shape, _)| shape == resting.shape);
            let traced = || {
                let path = Path::new(&trace(resting.shape, editor.view().picture_px()))?;
                Some((resting.shape.clone(), path))
            };
            let Some((shape, path)) = known.or_else(traced) else { continue };
            let whole = if matches!(shape, Shape::Polyline(_)) { &mut group.lines } else { &mut group.areas };
            if whole.is_none() {
                *whole = Path::new("");
            }
            if let Some(whole) = whole {
                whole.add(&path);
            }
            self.paths.insert(resting.key, (shape, path));
        }
    }

    /// The groups with their colours; regions that wait for an object have none.
    pub fn groups(&self) -> impl Iterator<Item = (Option<usize>, &Group)> {
        self.groups.iter().map(|(colour, group)| (*colour, group))
    }

    /// Whether there are so many that hairlines have to do.
    pub fn are_many(&self) -> bool {
        self.paths.len() >= MANY
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
    fn new(data: &str) -> Option<Self> {
        let class = js_sys::Reflect::get(&js_sys::global(), &"Path2D".into()).ok()?;
        let class: js_sys::Function = class.dyn_into().ok()?;
        let path = js_sys::Reflect::construct(&class, &js_sys::Array::of1(&data.into()));
        path.ok().map(Self)
    }

    fn add(&self, other: &Self) {
        call(&self.0, "addPath", &other.0);
    }

    fn draw(&self, context: &CanvasRenderingContext2d, how: &str) {
        call(context, how, &self.0);
    }
}

/// Calls a method that takes a path.
fn call(object: &JsValue, method: &str, path: &JsValue) {
    let method = js_sys::Reflect::get(object, &method.into()).ok();
    if let Some(method) = method.and_then(|method| method.dyn_into::<js_sys::Function>().ok()) {
        // Neither adding nor drawing a path can fail.
        let _ = method.call1(object, path);
    }
}

/// The shape as path data in pixels of the picture; nothing for a point. Areas all run the same way round: where two of them
/// overlap, opposite ways would cancel each other out.
fn trace(shape: &Shape, picture: Size) -> String {
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            let (x, y, w, h) = (x * picture.width, y * picture.height, w * picture.width, h * picture.height);
            format!("M{x:.3} {y:.3}h{w:.3}v{h:.3}h-{w:.3}Z")
        }
        Shape::Polygon(points) if runs_backwards(points) => line(points.iter().rev(), picture) + "Z",
        Shape::Polygon(points) => line(points.iter(), picture) + "Z",
        Shape::Polyline(points) => line(points.iter(), picture),
        Shape::Point(_) => String::new(),
    }
}

fn line<'a>(points: impl Iterator<Item = &'a Point>, picture: Size) -> String {
    let mut data = String::new();
    for (index, point) in points.enumerate() {
        let (x, y) = (point.x * picture.width, point.y * picture.height);
        // Writing into a string cannot fail.
        let _ = write!(data, "{}{x:.3} {y:.3}", if index == 0 { 'M' } else { 'L' });
    }
    data
}

/// Whether the corners run the other way round than those of boxes.
fn runs_backwards(points: &[Point]) -> bool {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>() < 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: Size = Size { width: 100.0, height: 50.0 };

    fn p(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn areas_run_the_same_way_round() {
        let corners = vec![p(0.0, 0.0), p(0.5, 0.0), p(0.5, 0.5)];
        let backwards = corners.iter().rev().copied().collect();
        let expected = "M0.000 0.000L50.000 0.000L50.000 25.000Z";
        assert_eq!(trace(&Shape::Polygon(corners), PICTURE), expected);
        assert_eq!(trace(&Shape::Polygon(backwards), PICTURE), expected);
        let rect = Rect { x: 0.1, y: 0.2, w: 0.5, h: 0.5 };
        assert_eq!(trace(&Shape::Bbox(rect), PICTURE), "M10.000 10.000h50.000v25.000h-50.000Z");
    }

    #[test]
    fn lines_stay_open() {
        let line = Shape::Polyline(vec![p(0.0, 0.0), p(1.0, 1.0)]);
        assert_eq!(trace(&line, PICTURE), "M0.000 0.000L100.000 50.000");
    }
}
