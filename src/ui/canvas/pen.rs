//! Draws single things on a layer: shapes, handles, names, lines to aim by.

use super::inks::Ink;
use crate::editor::{Look, Overlay, SceneShape, SceneSketch};
use crate::geometry::{Handle, HandleKind, Point, Rect, ScreenPoint, ScreenRect, Shape, Size, View, trace};
use crate::ui::editor_colours::{needs_dark_text, palette_colour};
use std::f64::consts::TAU;
use wasm_bindgen::prelude::*;
use web_sys::CanvasRenderingContext2d;

/// How strongly a shape is drawn.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Of the outline, in CSS pixels.
    width: f64,
    /// How opaque the inside is made on top of what rests; nothing where the ink says it.
    fill: f64,
    /// Whether a dark line around the outline lets it be seen on every picture.
    halo: bool,
}

impl Style {
    pub const PLAIN: Self = Self { width: 1.75, fill: 0.0, halo: true };
    const HOVERED: Self = Self { width: 2.5, fill: 0.15, halo: true };
    const ACTIVE: Self = Self { width: 2.5, fill: 0.08, halo: true };
    /// For outlines of so many corners that wide lines would run into each other, and that take long to fill.
    const DENSE: Self = Self { width: 1.0, fill: 0.0, halo: false };

    /// As fine as the screen can show it.
    pub fn hair(ratio: f64) -> Self {
        Self { width: 1.0 / ratio, fill: 0.0, halo: false }
    }
}

/// From so many corners on the screen on, an outline is drawn [densely](Style::DENSE).
const DENSE_FROM: usize = 600;
/// Smaller regions than this are drawn as specks where there are many, in CSS pixels.
const SPECK_PX: f64 = 4.0;
/// Of smaller regions than this nobody sees the inside where there are many, in CSS pixels.
const INSIDE_FROM_PX: f64 = 10.0;
/// Lines are followed so far beyond the surface, in CSS pixels.
const BEYOND_PX: f64 = 16.0;
/// Height of a name, and what lies beside its letters, in CSS pixels.
const NAME_PX: (f64, f64) = (20.0, 6.0);

const HALO: &str = "rgba(0, 0, 0, 0.5)";
/// The band that is drawn around regions.
const BAND: &str = "rgb(255, 255, 255)";
/// So many selected regions at most show their names: of more, the names would hide the picture.
pub(super) const NAMED: usize = 20;
/// The ring around a place that was snapped to.
const SNAPPED: &str = "#ffd23f";
const WHITE: &str = "#ffffff";
const INK: &str = "#1a1c1a";

/// Draws on one layer, in CSS pixels.
pub(super) struct Pen<'a> {
    pub context: &'a CanvasRenderingContext2d,
    pub view: &'a View,
}

impl<'a> Pen<'a> {
    /// A pen for a layer on which nothing is any more.
    pub fn cleared(context: &'a CanvasRenderingContext2d, view: &'a View, ratio: f64) -> Self {
        // Fails only for numbers that are not finite.
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, view.surface().width, view.surface().height);
        context.set_line_join("round");
        context.set_line_cap("round");
        Self { context, view }
    }
}

impl Pen<'_> {
    /// Draws anew what lies within a rectangle, and nothing outside of it.
    pub fn within(&self, ScreenRect { min, max }: ScreenRect, draw: impl FnOnce()) {
        let (width, height) = (max.x - min.x, max.y - min.y);
        self.context.save();
        self.context.begin_path();
        self.context.rect(min.x, min.y, width, height);
        self.context.clip();
        self.context.clear_rect(min.x, min.y, width, height);
        draw();
        self.context.restore();
    }

    /// Prepares for regions of one colour that rest.
    pub fn take_up(&self, ink: Ink<'_>, style: Style, specks: bool) {
        self.context.set_fill_style_str(if specks { ink.line } else { ink.fill.unwrap_or_default() });
        self.context.set_stroke_style_str(ink.line);
        self.context.set_line_width(style.width);
        self.dashes(ink.dashes);
    }

    /// Where a region with these bounds is drawn as a speck, if it is that small.
    pub fn speck(&self, bounds: &Rect) -> Option<ScreenRect> {
        let ScreenRect { min, max } = self.view.screen_rect(*bounds);
        let is_small = max.x - min.x < SPECK_PX && max.y - min.y < SPECK_PX;
        is_small.then(|| {
            let max = ScreenPoint::new(max.x.max(min.x + 2.0), max.y.max(min.y + 2.0));
            ScreenRect { min, max }
        })
    }

    /// A region that rests, with the ink that was taken up.
    pub fn resting(&self, shape: &SceneShape<'_>, bounds: &Rect, ink: Ink<'_>, style: Style) {
        if let Shape::Point(point) = shape.shape {
            self.dot(self.view.screen_from_image(*point), style.width + 3.0, ink.line);
            self.context.set_fill_style_str(ink.fill.unwrap_or_default());
            self.context.set_stroke_style_str(ink.line);
            return self.context.set_line_width(style.width);
        }
        let on_screen = self.view.screen_rect(*bounds);
        let is_dense = self.outline(shape.shape) >= DENSE_FROM;
        let is_large = style.halo || on_screen.width().max(on_screen.height()) >= INSIDE_FROM_PX;
        let has_inside = !matches!(shape.shape, Shape::Polyline(_)) && is_large;
        if has_inside && ink.fill.is_some() {
            self.context.fill();
            if let Some(hatching) = ink.hatching {
                self.context.set_fill_style_canvas_pattern(hatching);
                self.context.fill();
                self.context.set_fill_style_str(ink.fill.unwrap_or_default());
            }
        }
        if style.halo && is_dense {
            self.stroke(ink.line, Style::DENSE.width);
        } else if style.halo {
            self.dashes(&[]);
            self.stroke(HALO, style.width + 2.0);
            self.dashes(ink.dashes);
            self.stroke(ink.line, style.width);
        } else {
            self.context.stroke();
        }
    }

    /// Makes the outline of a shape the path. Returns how many corners it has as it is drawn.
    fn outline(&self, shape: &Shape) -> usize {
        self.context.begin_path();
        match shape {
            Shape::Bbox(rect) => {
                let rect = self.view.screen_rect(*rect);
                self.context.rect(rect.min.x, rect.min.y, rect.width(), rect.height());
                4
            }
            Shape::Polygon(points) => {
                let corners = self.line_through(points);
                self.context.close_path();
                corners
            }
            Shape::Polyline(points) => self.line_through(points),
            Shape::Point(_) => 1,
        }
    }

    pub fn overlay(&self, overlay: &Overlay<'_>, look: &Look) {
        if let Some(at) = overlay.key_aim.or(overlay.crosshair.filter(|_| look.crosshair)) {
            self.crosshair(at);
        }
        if let Some(shape) = &overlay.hovered {
            self.shape(shape, Style::HOVERED);
        }
        for shape in &overlay.active {
            self.active(shape);
        }
        if let Some(sketch) = &overlay.sketch {
            self.sketch(sketch);
        }
        for frame in overlay.band.into_iter().chain(overlay.frame.map(|frame| self.view.screen_rect(frame))) {
            self.band(frame, if overlay.band.is_some() { 0.12 } else { 0.0 });
        }
        self.handles(&overlay.handles);
        if let Some(at) = overlay.snapped {
            self.snapped(at);
        }
        // Names lie above everything, where they can be read.
        let named = if overlay.active.len() <= NAMED { &overlay.active[..] } else { &[] };
        for shape in overlay.hovered.iter().chain(named) {
            self.name(shape, self.place_of_name(shape));
        }
    }

    /// A selected region, or one that a gesture holds.
    pub fn active(&self, shape: &SceneShape<'_>) {
        self.shape(shape, Style::ACTIVE);
    }

    fn shape(&self, shape: &SceneShape<'_>, style: Style) {
        let colour = palette_colour(shape.colour);
        if let Shape::Point(point) = shape.shape {
            return self.dot(self.view.screen_from_image(*point), style.width + 3.0, colour);
        }
        let is_dense = self.outline(shape.shape) >= DENSE_FROM;
        let style = if is_dense { Style::DENSE } else { style };
        if !matches!(shape.shape, Shape::Polyline(_)) && style.fill > 0.0 {
            self.fill(colour, style.fill);
        }
        self.dashes(if shape.colour.is_none() { &[6.0, 5.0] } else { &[] });
        self.context.set_line_join(if is_dense { "bevel" } else { "round" });
        if style.halo {
            self.stroke(HALO, style.width + 2.0);
        }
        self.stroke(colour, style.width);
        self.context.set_line_join("round");
        self.dashes(&[]);
    }

    /// The band that is drawn around regions, or the frame around those that are selected.
    fn band(&self, band: ScreenRect, fill: f64) {
        self.context.begin_path();
        self.context.rect(band.min.x, band.min.y, band.width(), band.height());
        self.fill(BAND, fill);
        self.stroke(HALO, 3.0);
        self.dashes(&[5.0, 4.0]);
        self.stroke(BAND, 1.0);
        self.dashes(&[]);
    }

    fn sketch(&self, sketch: &SceneSketch<'_>) {
        let colour = palette_colour(sketch.colour);
        self.context.begin_path();
        if let Some(frame) = sketch.frame {
            let frame = self.view.screen_rect(frame);
            self.context.rect(frame.min.x, frame.min.y, frame.width(), frame.height());
        } else {
            self.line_through(sketch.corners);
        }
        if let Some(next) = sketch.next.filter(|_| !sketch.closing && sketch.frame.is_none()) {
            let next = self.view.screen_from_image(next);
            self.context.line_to(next.x, next.y);
        }
        if sketch.closing {
            self.context.close_path();
        }
        if sketch.closed {
            self.fill(colour, 0.14);
        }
        self.stroke(HALO, 4.0);
        self.stroke(colour, 2.0);
        for (index, corner) in sketch.corners.iter().enumerate() {
            let at = self.view.screen_from_image(*corner);
            let closes = index == 0 && sketch.closing;
            self.dot(at, if closes { 7.0 } else { 4.0 }, if closes { colour } else { WHITE });
        }
    }

    /// Handles: all of a kind at once, because there may be hundreds.
    fn handles(&self, handles: &[(Handle, bool)]) {
        let all = |wanted: fn(&HandleKind) -> bool, selected: bool| {
            let wanted =
                handles.iter().filter(move |(handle, is_selected)| wanted(&handle.kind) && *is_selected == selected);
            wanted.map(|(handle, _)| handle.at)
        };
        let squares = all(|kind| matches!(kind, HandleKind::Resize(..)), false);
        self.context.begin_path();
        squares.for_each(|at| self.context.rect(at.x - 4.5, at.y - 4.5, 9.0, 9.0));
        self.fill(WHITE, 1.0);
        self.stroke(INK, 1.25);
        self.context.set_global_alpha(0.7);
        self.dots(all(|kind| matches!(kind, HandleKind::Insert(_)), false), 3.25, WHITE);
        self.context.set_global_alpha(1.0);
        self.dots(all(|kind| matches!(kind, HandleKind::Corner(_)), false), 5.0, WHITE);
        self.dots(all(|kind| matches!(kind, HandleKind::Corner(_)), true), 6.5, INK);
    }

    /// A ring around the place that was snapped to.
    fn snapped(&self, at: ScreenPoint) {
        self.context.begin_path();
        // Fails only for negative radii.
        let _ = self.context.arc(at.x, at.y, 8.0, 0.0, TAU);
        self.stroke(INK, 4.0);
        self.stroke(SNAPPED, 2.0);
    }

    fn crosshair(&self, at: ScreenPoint) {
        let Size { width, height } = self.view.surface();
        // On whole pixels and a half, a line of one pixel is sharp.
        let (x, y) = (at.x.floor() + 0.5, at.y.floor() + 0.5);
        self.context.begin_path();
        for (from, to) in [((0.0, y), (width, y)), ((x, 0.0), (x, height))] {
            self.context.move_to(from.0, from.1);
            self.context.line_to(to.0, to.1);
        }
        self.stroke("rgba(0, 0, 0, 0.35)", 3.0);
        self.stroke("rgba(255, 255, 255, 0.9)", 1.0);
    }

    /// Where a region's name stands: at its upper left corner, inside of the surface.
    pub fn place_of_name(&self, shape: &SceneShape<'_>) -> ScreenRect {
        let Rect { x, y, .. } = shape.shape.bounds();
        let corner = self.view.screen_from_image(Point { x, y });
        self.context.set_font("600 12px system-ui, sans-serif");
        let letters = self.context.measure_text(name_of(shape)).map_or(0.0, |metrics| metrics.width());
        let (height, beside) = NAME_PX;
        let width = letters + 2.0 * beside;
        let Size { width: surface_width, height: surface_height } = self.view.surface();
        let left = (corner.x - 1.0).min(surface_width - width - 4.0).max(4.0);
        let top = (corner.y - height - 6.0).min(surface_height - height - 4.0).max(4.0);
        ScreenRect { min: ScreenPoint::new(left, top), max: ScreenPoint::new(left + width, top + height) }
    }

    /// The name of a region's object.
    pub fn name(&self, shape: &SceneShape<'_>, place: ScreenRect) {
        let colour = palette_colour(shape.colour);
        self.context.set_font("600 12px system-ui, sans-serif");
        self.context.begin_path();
        // Fails only for negative radii.
        let _ = self.context.round_rect_with_f64(place.min.x, place.min.y, place.width(), place.height(), 4.0);
        self.fill(colour, 1.0);
        self.stroke(HALO, 1.0);
        self.context.set_fill_style_str(if needs_dark_text(colour) { "#000000" } else { WHITE });
        self.context.set_text_baseline("middle");
        let _ = self.context.fill_text(name_of(shape), place.min.x + NAME_PX.1, place.min.y + NAME_PX.0 / 2.0 + 0.5);
    }

    fn dot(&self, at: ScreenPoint, radius: f64, colour: &str) {
        self.dots(std::iter::once(at), radius, colour);
    }

    fn dots(&self, places: impl Iterator<Item = ScreenPoint>, radius: f64, colour: &str) {
        self.context.begin_path();
        for at in places {
            self.context.move_to(at.x + radius, at.y);
            // Fails only for negative radii.
            let _ = self.context.arc(at.x, at.y, radius, 0.0, TAU);
        }
        self.fill(colour, 1.0);
        self.stroke(if colour == INK { WHITE } else { INK }, 1.25);
    }

    /// Adds a line to the path. Returns how many corners it has as it is drawn.
    fn line_through(&self, points: &[Point]) -> usize {
        let surface = self.view.surface_on_screen();
        let way = ScreenPoint::new(BEYOND_PX, BEYOND_PX);
        let within = ScreenRect { min: surface.min - way, max: surface.max + way };
        let mut corners = 0;
        trace(points, self.view, within, |at| {
            if corners == 0 {
                self.context.move_to(at.x, at.y);
            } else {
                self.context.line_to(at.x, at.y);
            }
            corners += 1;
        });
        corners
    }

    fn fill(&self, colour: &str, alpha: f64) {
        let before = self.context.global_alpha();
        self.context.set_global_alpha(before * alpha);
        self.context.set_fill_style_str(colour);
        self.context.fill();
        self.context.set_global_alpha(before);
    }

    fn stroke(&self, colour: &str, width: f64) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.stroke();
    }

    pub fn dashes(&self, lengths: &[f64]) {
        let lengths: js_sys::Array = lengths.iter().map(|length| JsValue::from_f64(*length)).collect();
        // Fails only for something that is no list of numbers.
        let _ = self.context.set_line_dash(&lengths);
    }
}

fn name_of<'a>(shape: &SceneShape<'a>) -> &'a str {
    if shape.object.is_empty() { "no object yet" } else { shape.object }
}
