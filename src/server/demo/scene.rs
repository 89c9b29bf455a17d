//! A scene: what is drawn, and what it shows.
//!
//! Everything is drawn through outlines, which also become the regions: a scene cannot be annotated wrongly. The drawing
//! is an SVG document, which is kept as it is or turned into pixels. Motifs draw themselves in units of their own, inside
//! [`Scene::placed`]; whatever is drawn inside [`Scene::boxed`] ends up in one box.

use super::clip;
use super::colour::Colour;
use super::cover::Cover;
use super::outline::{Outline, Place};
use super::random::Random;
use crate::model::region::{Point, Rect, Region, Shape};
use std::fmt::Write;

/// What fills an area or colours a line.
#[derive(Clone, Debug)]
pub(super) struct Paint {
    fill: String,
    stroke: String,
    line_px: f64,
    opacity: f64,
    blur: Option<f64>,
    /// Whether the colour fades to nothing, so that it hides nothing.
    fades: bool,
}

impl From<Colour> for Paint {
    fn from(colour: Colour) -> Self {
        Self { fill: colour.to_string(), stroke: "none".into(), line_px: 0.0, opacity: 1.0, blur: None, fades: false }
    }
}

impl From<&str> for Paint {
    /// A gradient, by the reference that made it.
    fn from(reference: &str) -> Self {
        Self { fill: reference.into(), stroke: "none".into(), line_px: 0.0, opacity: 1.0, blur: None, fades: false }
    }
}

impl Paint {
    /// A line without an area.
    pub(super) fn line(colour: Colour, width: f64) -> Self {
        Self { fill: "none".into(), stroke: colour.to_string(), line_px: width, opacity: 1.0, blur: None, fades: false }
    }

    pub(super) fn opacity(mut self, opacity: f64) -> Self {
        self.opacity = opacity;
        self
    }

    /// Blurs what is drawn: for shadows, glows and haze, which belong to no region.
    pub(super) fn blur(mut self, radius: f64) -> Self {
        self.blur = Some(radius);
        self
    }

    /// A line around the area.
    pub(super) fn edged(mut self, colour: Colour, width: f64) -> Self {
        (self.stroke, self.line_px) = (colour.to_string(), width);
        self
    }
}

/// A change of coordinates: scaled, perhaps mirrored, turned, and moved.
#[derive(Clone, Copy, Debug)]
struct Frame {
    a: f64,
    b: f64,
    c: f64,
    d: f64,
    x: f64,
    y: f64,
}

impl Frame {
    const IDENTITY: Frame = Frame { a: 1.0, b: 0.0, c: 0.0, d: 1.0, x: 0.0, y: 0.0 };

    fn apply(&self, (x, y): Place) -> Place {
        (self.a * x + self.c * y + self.x, self.b * x + self.d * y + self.y)
    }

    fn then(&self, inner: Frame) -> Frame {
        let (x, y) = self.apply((inner.x, inner.y));
        Frame {
            a: self.a * inner.a + self.c * inner.b,
            b: self.b * inner.a + self.d * inner.b,
            c: self.a * inner.c + self.c * inner.d,
            d: self.b * inner.c + self.d * inner.d,
            x,
            y,
        }
    }

    fn scale(&self) -> f64 {
        (self.a * self.d - self.b * self.c).abs().sqrt()
    }
}

/// Bounds of what was drawn.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Bounds {
    const NOTHING: Bounds =
        Bounds { left: f64::INFINITY, top: f64::INFINITY, right: f64::NEG_INFINITY, bottom: f64::NEG_INFINITY };

    fn add(&mut self, (x, y): Place, margin: f64) {
        self.left = self.left.min(x - margin);
        self.right = self.right.max(x + margin);
        self.top = self.top.min(y - margin);
        self.bottom = self.bottom.max(y + margin);
    }
}

/// A drawing and its regions.
pub(super) struct Scene {
    /// Width in pixels.
    pub(super) width: f64,
    /// Height in pixels.
    pub(super) height: f64,
    /// Chance, the same every time.
    pub(super) random: Random,
    definitions: String,
    body: String,
    next_id: usize,
    frame: Frame,
    /// Bounds of the things that are being drawn, the innermost last.
    open: Vec<Bounds>,
    regions: Vec<Marked>,
    /// What hides what was drawn before it.
    cover: Cover,
}

/// A region, and how much had been drawn when the thing that it belongs to was finished.
struct Marked {
    region: Region,
    drawn: usize,
}

impl Scene {
    pub(super) fn new(width: u32, height: u32, seed: u64) -> Self {
        Self {
            width: width.into(),
            height: height.into(),
            random: Random::new(seed),
            definitions: String::new(),
            body: String::new(),
            next_id: 0,
            frame: Frame::IDENTITY,
            open: Vec::new(),
            regions: Vec::new(),
            cover: Cover::default(),
        }
    }

    /// The shorter side: what sizes are measured by, so that a scene fits any format.
    pub(super) fn unit(&self) -> f64 {
        self.width.min(self.height)
    }

    fn new_id(&mut self) -> usize {
        self.next_id += 1;
        self.next_id
    }

    /// A gradient from the top to the bottom of whatever it fills.
    pub(super) fn down(&mut self, stops: &[(f64, Colour)]) -> String {
        self.gradient("linearGradient x1='0' y1='0' x2='0' y2='1'", "linearGradient", stops, 1.0)
    }

    /// A gradient from the left to the right of whatever it fills.
    pub(super) fn across(&mut self, stops: &[(f64, Colour)]) -> String {
        self.gradient("linearGradient x1='0' y1='0' x2='1' y2='0'", "linearGradient", stops, 1.0)
    }

    /// A gradient from a bright spot towards the rim, as round things have it in the light.
    pub(super) fn round(&mut self, stops: &[(f64, Colour)]) -> String {
        self.gradient("radialGradient cx='0.38' cy='0.32' r='0.75'", "radialGradient", stops, 1.0)
    }

    /// A gradient that fades to nothing at the rim: light around a lamp or the sun.
    pub(super) fn glow(&mut self, colour: Colour, strength: f64) -> Paint {
        let stops = [(0.0, colour), (1.0, colour)];
        let open = "radialGradient cx='0.5' cy='0.5' r='0.5'";
        let reference = self.gradient(open, "radialGradient", &stops, strength.min(0.99));
        Paint { fades: true, ..Paint::from(reference.as_str()) }
    }

    fn gradient(&mut self, open: &str, element: &str, stops: &[(f64, Colour)], strength: f64) -> String {
        let id = self.new_id();
        let (name, attributes) = open.split_once(' ').unwrap_or((open, ""));
        let _ = write!(self.definitions, "<{name} id='g{id}' {attributes}>");
        for (at, colour) in stops {
            // Only a glow has another strength than 1, and ends in nothing.
            let opacity = if strength < 1.0 { strength * (1.0 - at) } else { 1.0 };
            let _ = write!(self.definitions, "<stop offset='{at}' stop-color='{colour}' stop-opacity='{opacity:.3}'/>");
        }
        let _ = write!(self.definitions, "</{element}>");
        format!("url(#g{id})")
    }

    /// Draws in other coordinates: `scale` pixels for a unit, `at` for the origin, turned clockwise by degrees. A negative
    /// `scale` draws the mirror image.
    pub(super) fn placed<T>(&mut self, at: Place, scale: f64, degrees: f64, draw: impl FnOnce(&mut Scene) -> T) -> T {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (sx, sy) = (scale, scale.abs());
        let inner = Frame { a: cos * sx, b: sin * sx, c: -sin * sy, d: cos * sy, x: at.0, y: at.1 };
        let outer = self.frame;
        self.frame = outer.then(inner);
        let result = draw(self);
        self.frame = outer;
        result
    }

    /// Draws an outline.
    pub(super) fn draw(&mut self, outline: &Outline, paint: impl Into<Paint>) {
        let paint = paint.into();
        let (frame, scale) = (self.frame, self.frame.scale());
        let seen = outline.map(|place| frame.apply(place));
        // What is blurred is light or shadow, and belongs to nothing.
        if paint.blur.is_none() {
            let margin = paint.line_px * scale / 2.0;
            let places = seen.flatten();
            for &place in &places {
                self.open.iter_mut().for_each(|bounds| bounds.add(place, margin));
            }
            if outline.is_closed() && paint.fill != "none" && !paint.fades && paint.opacity > 0.8 {
                self.cover.add(places);
            }
        }
        let _ = write!(self.body, "<path d='{}' fill='{}'", seen.data(), paint.fill);
        if paint.stroke != "none" {
            let width = paint.line_px * scale;
            let _ = write!(
                self.body,
                " stroke='{}' stroke-width='{width:.2}' stroke-linecap='round' stroke-linejoin='round'",
                paint.stroke
            );
        }
        if paint.opacity < 1.0 {
            let _ = write!(self.body, " opacity='{:.3}'", paint.opacity);
        }
        if let Some(radius) = paint.blur {
            let id = self.new_id();
            let _ = write!(
                self.definitions,
                "<filter id='f{id}' x='-50%' y='-50%' width='200%' height='200%' color-interpolation-filters='sRGB'>\
                 <feGaussianBlur stdDeviation='{:.1}'/></filter>",
                radius * scale
            );
            let _ = write!(self.body, " filter='url(#f{id})'");
        }
        self.body.push_str("/>");
    }

    /// A soft shadow on the ground.
    pub(super) fn shadow(&mut self, x: f64, y: f64, rx: f64, ry: f64, strength: f64) {
        let dark = Paint::from(super::colour::rgb(0x0A_0F_1E)).opacity(strength).blur(ry * 0.45);
        self.draw(&Outline::ellipse(x, y, rx, ry), dark);
    }

    /// Draws an area that is a region: a polygon.
    pub(super) fn draw_as(&mut self, object: &str, outline: &Outline, paint: impl Into<Paint>) {
        self.draw(outline, paint);
        self.mark(object, outline);
    }

    /// Says that an outline is a region: a polygon if it is closed, otherwise a polyline.
    pub(super) fn mark(&mut self, object: &str, outline: &Outline) {
        let frame = self.frame;
        let places = outline.map(|place| frame.apply(place)).flatten();
        let shape = if outline.is_closed() {
            clip::polygon(&places, self.width, self.height).map(|places| Shape::Polygon(self.points(&places)))
        } else {
            clip::polyline(&places, self.width, self.height).map(|places| Shape::Polyline(self.points(&places)))
        };
        self.push(object, shape);
    }

    /// Says that a place is a region: a point.
    pub(super) fn point(&mut self, object: &str, place: Place) {
        let (x, y) = self.frame.apply(place);
        let inside = (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y);
        let shape = inside.then(|| Shape::Point(Point { x: relative(x, self.width), y: relative(y, self.height) }));
        self.push(object, shape);
    }

    /// Draws a thing that is a region: the box around everything that is drawn meanwhile. Regions inside come after it.
    pub(super) fn boxed<T>(&mut self, object: &str, draw: impl FnOnce(&mut Scene) -> T) -> T {
        self.open.push(Bounds::NOTHING);
        let index = self.regions.len();
        let result = draw(self);
        if let Some(bounds) = self.open.pop() {
            let (left, right) = (bounds.left.max(0.0), bounds.right.min(self.width));
            let (top, bottom) = (bounds.top.max(0.0), bounds.bottom.min(self.height));
            // Slivers at the border of the picture are no use to anyone.
            if right - left >= 3.0 && bottom - top >= 3.0 {
                let (x, y) = (relative(left, self.width), relative(top, self.height));
                let (w, h) = (relative(right, self.width) - x, relative(bottom, self.height) - y);
                let region = Region { id: None, shape: Shape::Bbox(Rect { x, y, w, h }), object: object.to_owned() };
                self.regions.insert(index, Marked { region, drawn: 0 });
            }
        }
        // Details that were drawn on the thing do not hide it, nor what was marked on it.
        let drawn = self.cover.len();
        self.regions[index..].iter_mut().for_each(|marked| marked.drawn = drawn);
        result
    }

    fn push(&mut self, object: &str, shape: Option<Shape>) {
        if let Some(shape) = shape {
            let region = Region { id: None, shape, object: object.to_owned() };
            self.regions.push(Marked { region, drawn: self.cover.len() });
        }
    }

    fn points(&self, places: &[Place]) -> Vec<Point> {
        let point = |&(x, y): &Place| Point { x: relative(x, self.width), y: relative(y, self.height) };
        let mut points: Vec<Point> = places.iter().map(point).collect();
        points.dedup();
        points
    }

    /// The drawing as a document, and the regions of what can be seen in it.
    pub(super) fn finish(self) -> (String, Vec<Region>) {
        let (width, height) = (self.width, self.height);
        let svg = format!(
            "<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' viewBox='0 0 {width} {height}'>\
             <defs>{}</defs>{}</svg>\n",
            self.definitions, self.body
        );
        let visible = |marked: &Marked| self.cover.shows(&marked.region.shape, marked.drawn, width, height);
        let regions =
            self.regions.iter().filter(|marked| visible(marked)).map(|marked| marked.region.clone()).collect();
        (svg, regions)
    }
}

/// A coordinate relative to a side, rounded to a hundred-thousandth: a fiftieth of a pixel in the largest picture.
fn relative(at: f64, side: f64) -> f64 {
    ((at / side).clamp(0.0, 1.0) * 100_000.0).round() / 100_000.0
}
