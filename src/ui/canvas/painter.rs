//! Draws scenes on the three canvases.

use super::outlines::Outlines;
use crate::editor::{Editor, Layers, Overlay, SceneShape, SceneSketch};
use crate::geometry::{HandleKind, Point, Rect, ScreenPoint, ScreenRect, Shape, Size, View};
use crate::ui::editor_colours::{needs_dark_text, palette_colour};
use leptos::prelude::window;
use std::cell::RefCell;
use std::f64::consts::TAU;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

/// From this many device pixels per pixel of the picture on, the pixels are shown as squares: whoever looks so closely
/// wants to see them.
const SQUARE_PIXELS_FROM: f64 = 4.0;

/// Draws scenes.
pub(super) struct Painter {
    canvases: [HtmlCanvasElement; 3],
    contexts: [CanvasRenderingContext2d; 3],
    picture: HtmlImageElement,
    /// The size of the canvases' stores: CSS pixels and device pixels per CSS pixel. They are touched only when it changes,
    /// because that empties them.
    size: RefCell<Option<(Size, f64)>>,
    /// The regions of the middle layer.
    outlines: RefCell<Outlines>,
}

impl Painter {
    pub fn new(canvases: [HtmlCanvasElement; 3], picture: HtmlImageElement) -> Option<Self> {
        let context =
            |canvas: &HtmlCanvasElement| canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok();
        let contexts = [context(&canvases[0])?, context(&canvases[1])?, context(&canvases[2])?];
        Some(Self { canvases, contexts, picture, size: RefCell::new(None), outlines: RefCell::default() })
    }

    /// The picture as it stands in the page.
    pub fn picture(&self) -> &HtmlImageElement {
        &self.picture
    }

    pub fn paint(&self, editor: &Editor, layers: Layers) {
        let ratio = window().device_pixel_ratio();
        let layers = if self.fit_stores(editor.view().surface(), ratio) { Layers::ALL } else { layers };
        if layers.picture {
            self.paint_picture(editor.view(), ratio);
        }
        if layers.shapes {
            let mut outlines = self.outlines.borrow_mut();
            outlines.follow(editor);
            self.cleared(1, editor.view(), ratio).outlines(&outlines, ratio);
        }
        if layers.overlay {
            self.cleared(2, editor.view(), ratio).overlay(&editor.overlay());
        }
    }

    /// Makes the canvases as large as the surface. Returns whether that was necessary.
    fn fit_stores(&self, surface: Size, ratio: f64) -> bool {
        if self.size.replace(Some((surface, ratio))) == Some((surface, ratio)) {
            return false;
        }
        for canvas in &self.canvases {
            canvas.set_width((surface.width * ratio).round() as u32);
            canvas.set_height((surface.height * ratio).round() as u32);
        }
        true
    }

    fn paint_picture(&self, view: &View, ratio: f64) {
        let pen = self.cleared(0, view, ratio);
        if !self.picture.complete() || self.picture.natural_width() == 0 {
            return;
        }
        let on_screen = view.picture_on_screen();
        let (x, y, width, height) = (on_screen.min.x, on_screen.min.y, on_screen.width(), on_screen.height());
        // Behind what is transparent in the picture.
        pen.context.set_fill_style_str("#ffffff");
        pen.context.fill_rect(x, y, width, height);
        pen.context.set_image_smoothing_enabled(view.scale() * ratio < SQUARE_PIXELS_FROM);
        // Fails only for a broken picture, for which there is nothing to draw.
        let _ = pen.context.draw_image_with_html_image_element_and_dw_and_dh(&self.picture, x, y, width, height);
    }

    fn cleared<'a>(&'a self, layer: usize, view: &'a View, ratio: f64) -> Pen<'a> {
        let context = &self.contexts[layer];
        // Fails only for numbers that are not finite.
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, view.surface().width, view.surface().height);
        context.set_line_join("round");
        context.set_line_cap("round");
        Pen { context, view }
    }
}

/// How strongly a shape is drawn.
#[derive(Clone, Copy)]
struct Style {
    width: f64,
    fill: f64,
}

impl Style {
    const PLAIN: Self = Self { width: 1.75, fill: 0.1 };
    const HOVERED: Self = Self { width: 2.5, fill: 0.25 };
    const ACTIVE: Self = Self { width: 2.5, fill: 0.16 };
}

const HALO: &str = "rgba(0, 0, 0, 0.5)";
/// The band that is drawn around regions.
const BAND: &str = "rgb(255, 255, 255)";
/// So many selected regions at most show their names: of more, the names would hide the picture.
const NAMED: usize = 20;
/// The ring around a place that was snapped to.
const SNAPPED: &str = "#ffd23f";
const WHITE: &str = "#ffffff";
const INK: &str = "#1a1c1a";

/// Draws on one layer, in CSS pixels.
struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    view: &'a View,
}

impl Pen<'_> {
    /// Many shapes at once, colour by colour.
    fn outlines(&self, outlines: &Outlines, ratio: f64) {
        let (scale, origin) = (self.view.scale(), self.view.picture_on_screen().min);
        let Style { width, fill } = Style::PLAIN;
        for (colour, group) in outlines.groups() {
            let pending = colour.is_none();
            let colour = palette_colour(colour);
            // The paths are in pixels of the picture, so the pen has to be as much thinner as they are drawn larger. Setting
            // the transform fails only for numbers that are not finite.
            let _ =
                self.context.set_transform(ratio * scale, 0.0, 0.0, ratio * scale, ratio * origin.x, ratio * origin.y);
            if pending {
                self.dashes(&[6.0 / scale, 5.0 / scale]);
            }
            self.context.set_fill_style_str(colour);
            self.context.set_global_alpha(fill);
            group.fill(self.context);
            self.context.set_global_alpha(1.0);
            let wide = [(HALO, width + 2.0), (colour, width)];
            let hair = [(colour, 1.0 / ratio)];
            for (colour, width) in if outlines.are_many() { &hair[..] } else { &wide[..] } {
                self.context.set_stroke_style_str(colour);
                self.context.set_line_width(width / scale);
                group.stroke(self.context);
            }
            self.dashes(&[]);
            let _ = self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
            for point in &group.points {
                self.dot(self.view.screen_from_image(*point), width + 3.0, colour);
            }
        }
    }

    fn overlay(&self, overlay: &Overlay<'_>) {
        if let Some(at) = overlay.crosshair {
            self.crosshair(at);
        }
        if let Some(shape) = &overlay.hovered {
            self.shape(shape, Style::HOVERED);
        }
        for shape in &overlay.active {
            self.shape(shape, Style::ACTIVE);
        }
        if let Some(sketch) = &overlay.sketch {
            self.sketch(sketch);
        }
        for frame in overlay.band.into_iter().chain(overlay.frame.map(|frame| self.view.screen_rect(frame))) {
            self.band(frame, if overlay.band.is_some() { 0.12 } else { 0.0 });
        }
        for (handle, is_selected) in &overlay.handles {
            self.handle(handle.kind, handle.at, *is_selected);
        }
        if let Some(at) = overlay.snapped {
            self.snapped(at);
        }
        // Names lie above everything, where they can be read.
        let named = if overlay.active.len() <= NAMED { &overlay.active[..] } else { &[] };
        for shape in overlay.hovered.iter().chain(named) {
            self.name(shape);
        }
    }

    fn shape(&self, shape: &SceneShape<'_>, style: Style) {
        let colour = palette_colour(shape.colour);
        if let Shape::Point(point) = shape.shape {
            return self.dot(self.view.screen_from_image(*point), style.width + 3.0, colour);
        }
        self.context.begin_path();
        match shape.shape {
            Shape::Bbox(rect) => {
                let rect = self.view.screen_rect(*rect);
                self.context.rect(rect.min.x, rect.min.y, rect.width(), rect.height());
            }
            Shape::Polygon(points) => {
                self.line_through(points);
                self.context.close_path();
            }
            Shape::Polyline(points) => self.line_through(points),
            Shape::Point(_) => {}
        }
        if !matches!(shape.shape, Shape::Polyline(_)) {
            self.fill(colour, style.fill);
        }
        self.dashes(if shape.colour.is_none() { &[6.0, 5.0] } else { &[] });
        self.stroke(HALO, style.width + 2.0);
        self.stroke(colour, style.width);
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

    fn handle(&self, kind: HandleKind, at: ScreenPoint, is_selected: bool) {
        match kind {
            HandleKind::Resize(..) => {
                self.context.begin_path();
                self.context.rect(at.x - 4.5, at.y - 4.5, 9.0, 9.0);
                self.fill(WHITE, 1.0);
                self.stroke(INK, 1.25);
            }
            HandleKind::Corner(_) => {
                self.dot(at, if is_selected { 6.5 } else { 5.0 }, if is_selected { INK } else { WHITE })
            }
            HandleKind::Insert(_) => {
                self.context.set_global_alpha(0.7);
                self.dot(at, 3.25, WHITE);
                self.context.set_global_alpha(1.0);
            }
        }
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

    /// The object's name at the upper left corner of a shape, inside of the surface.
    fn name(&self, shape: &SceneShape<'_>) {
        let name = if shape.object.is_empty() { "no object yet" } else { shape.object };
        let colour = palette_colour(shape.colour);
        let Rect { x, y, .. } = shape.shape.bounds();
        let corner = self.view.screen_from_image(Point { x, y });
        self.context.set_font("600 12px system-ui, sans-serif");
        let width = self.context.measure_text(name).map_or(0.0, |metrics| metrics.width()) + 12.0;
        let Size { width: surface_width, height: surface_height } = self.view.surface();
        let left = (corner.x - 1.0).min(surface_width - width - 4.0).max(4.0);
        let top = (corner.y - 26.0).min(surface_height - 24.0).max(4.0);
        self.context.begin_path();
        // Fails only for negative radii.
        let _ = self.context.round_rect_with_f64(left, top, width, 20.0, 4.0);
        self.fill(colour, 1.0);
        self.stroke(HALO, 1.0);
        self.context.set_fill_style_str(if needs_dark_text(colour) { "#000000" } else { WHITE });
        self.context.set_text_baseline("middle");
        let _ = self.context.fill_text(name, left + 6.0, top + 10.5);
    }

    fn dot(&self, at: ScreenPoint, radius: f64, colour: &str) {
        self.context.begin_path();
        // Fails only for negative radii.
        let _ = self.context.arc(at.x, at.y, radius, 0.0, TAU);
        self.fill(colour, 1.0);
        self.stroke(if colour == INK { WHITE } else { INK }, 1.25);
    }

    fn line_through(&self, points: &[Point]) {
        for (index, point) in points.iter().enumerate() {
            let at = self.view.screen_from_image(*point);
            if index == 0 {
                self.context.move_to(at.x, at.y);
            } else {
                self.context.line_to(at.x, at.y);
            }
        }
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

    fn dashes(&self, lengths: &[f64]) {
        let lengths: js_sys::Array = lengths.iter().map(|length| JsValue::from_f64(*length)).collect();
        // Fails only for something that is no list of numbers.
        let _ = self.context.set_line_dash(&lengths);
    }
}
