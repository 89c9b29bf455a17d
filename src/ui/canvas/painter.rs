//! Draws scenes: the picture, the regions that rest, and what follows the pointer, each only when it looks different.

use super::crowd::Crowd;
use super::pen::Pen;
use super::resting::Resting;
use super::rulers;
use super::sheet::device_px;
use crate::editor::{Editor, Layers, Look};
use crate::geometry::{Size, View};
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

/// From this many device pixels per pixel of the picture on, the pixels are shown as squares: whoever looks so closely
/// wants to see them.
const SQUARE_PIXELS_FROM: f64 = 4.0;

/// The layers of canvases, from bottom to top. The regions that rest have two, of which one is seen, and so has a crowd.
pub(super) const LAYERS: usize = 6;

/// Draws scenes.
pub(super) struct Painter {
    overlay: Layer,
    rulers: Layer,
    /// The picture as it stands in the page. The browser itself lays it where it belongs and scales it.
    picture: HtmlImageElement,
    /// The size of the canvases' stores: CSS pixels and device pixels per CSS pixel. They are touched only when it changes,
    /// because that empties them.
    size: Cell<Option<(Size, f64)>>,
    resting: RefCell<Resting>,
    crowd: RefCell<Crowd>,
}

/// A canvas that is drawn as a whole.
struct Layer {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// Whether there is nothing on it: then emptying it would cost as much as drawing, for nothing.
    is_blank: Cell<bool>,
}

/// Work that takes more than one frame, as far as it was done in this one.
#[derive(Clone, Copy)]
pub(super) struct Drawn {
    /// Whether it was done on the layer of the crowd.
    crowd: bool,
    units: f64,
}

impl Layer {
    fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        Some(Self { canvas, context, is_blank: Cell::new(true) })
    }

    fn fit(&self, surface: Size, ratio: f64) {
        let (width, height) = device_px(surface, ratio);
        self.canvas.set_width(width);
        self.canvas.set_height(height);
        self.is_blank.set(true);
    }

    /// Draws it anew, where there is or was something on it.
    fn draw(&self, is_blank: bool, view: &View, ratio: f64, draw: impl FnOnce(&Pen<'_>)) {
        if self.is_blank.replace(is_blank) && is_blank {
            return;
        }
        let pen = Pen::cleared(&self.context, view, ratio);
        if !is_blank {
            draw(&pen);
        }
    }
}

impl Painter {
    pub fn new(canvases: [HtmlCanvasElement; LAYERS], picture: HtmlImageElement) -> Option<Self> {
        let [front, back, crowd_front, crowd_back, overlay, rulers] = canvases;
        Some(Self {
            overlay: Layer::new(overlay)?,
            rulers: Layer::new(rulers)?,
            picture,
            size: Cell::new(None),
            resting: RefCell::new(Resting::new([front, back])?),
            crowd: RefCell::new(Crowd::new([crowd_front, crowd_back])?),
        })
    }

    /// Draws these layers. Says how much was done if there is work that takes another frame.
    pub fn paint(&self, editor: &Editor, look: Look, layers: Layers) -> Option<Drawn> {
        let ratio = window().device_pixel_ratio();
        let view = editor.view();
        let layers = if self.fit_stores(view.surface(), ratio) { Layers::ALL } else { layers };
        if layers.picture {
            self.place_picture(view, ratio);
            self.rulers.draw(!look.rulers, view, ratio, rulers::draw);
        }
        if layers.overlay {
            let overlay = editor.overlay();
            self.overlay.draw(overlay.is_blank(), view, ratio, |pen| pen.overlay(&overlay, &look));
        }
        let mut rests = self.resting.borrow_mut();
        let resting = rests.follow(editor, look, ratio);
        let mut crowd = self.crowd.borrow_mut();
        let followed = if editor.has_crowd() {
            crowd.follow(editor, ratio, resting.is_none())
        } else {
            if rests.shows_today(editor) {
                crowd.leave();
            } else {
                // What was let go of is nowhere else until it rests.
                crowd.place(view);
            }
            None
        };
        let drawn = |crowd: bool| move |units: f64| Drawn { crowd, units };
        resting.map(drawn(false)).or(followed.map(drawn(true)))
    }

    /// The last frame kept the main thread for so long.
    pub fn learn(&self, Drawn { crowd, units }: Drawn, took_ms: f64) {
        if crowd {
            self.crowd.borrow_mut().learn(units, took_ms);
        } else {
            self.resting.borrow_mut().learn(units, took_ms);
        }
    }

    /// Makes the canvases as large as the surface. Returns whether that was necessary.
    fn fit_stores(&self, surface: Size, ratio: f64) -> bool {
        if self.size.replace(Some((surface, ratio))) == Some((surface, ratio)) {
            return false;
        }
        self.overlay.fit(surface, ratio);
        self.rulers.fit(surface, ratio);
        true
    }

    fn place_picture(&self, view: &View, ratio: f64) {
        let (at, scale) = (view.picture_on_screen().min, view.scale());
        let style = self.picture.style();
        // A layer of its own is scaled as it was painted once, which blurs the pixels.
        let (rendering, layer) =
            if scale * ratio < SQUARE_PIXELS_FROM { ("auto", "transform") } else { ("pixelated", "auto") };
        // Fails only for names that are no properties.
        let _ = style.set_property("transform", &format!("translate({}px, {}px) scale({scale})", at.x, at.y));
        let _ = style.set_property("image-rendering", rendering);
        let _ = style.set_property("will-change", layer);
    }
}
