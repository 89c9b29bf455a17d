//! Draws scenes: the picture, the regions that rest, and what follows the pointer, each only when it looks different.

use super::pen::Pen;
use super::resting::Resting;
use super::rulers;
use crate::editor::{Editor, Layers, Look};
use crate::geometry::{Size, View};
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};

/// From this many device pixels per pixel of the picture on, the pixels are shown as squares: whoever looks so closely
/// wants to see them.
const SQUARE_PIXELS_FROM: f64 = 4.0;

/// The layers of canvases, from bottom to top. The regions that rest have two, of which one is seen.
pub(super) const LAYERS: usize = 4;

/// Draws scenes.
pub(super) struct Painter {
    canvases: [HtmlCanvasElement; LAYERS],
    overlay: CanvasRenderingContext2d,
    rulers: CanvasRenderingContext2d,
    /// The picture as it stands in the page. The browser itself lays it where it belongs and scales it.
    picture: HtmlImageElement,
    /// The size of the canvases' stores: CSS pixels and device pixels per CSS pixel. They are touched only when it changes,
    /// because that empties them.
    size: Cell<Option<(Size, f64)>>,
    resting: RefCell<Resting>,
}

impl Painter {
    pub fn new(canvases: [HtmlCanvasElement; LAYERS], picture: HtmlImageElement) -> Option<Self> {
        let context =
            |canvas: &HtmlCanvasElement| canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok();
        let [front, back, overlay, rulers] = &canvases;
        let resting = RefCell::new(Resting::new([front.clone(), back.clone()])?);
        let (overlay, rulers) = (context(overlay)?, context(rulers)?);
        Some(Self { canvases, overlay, rulers, picture, size: Cell::new(None), resting })
    }

    /// Draws these layers. Returns how many units of work were done on the resting regions if they take another frame.
    pub fn paint(&self, editor: &Editor, look: Look, layers: Layers) -> Option<f64> {
        let ratio = window().device_pixel_ratio();
        let layers = if self.fit_stores(editor.view().surface(), ratio) { Layers::ALL } else { layers };
        if layers.picture {
            self.place_picture(editor.view(), ratio);
            let pen = Pen::cleared(&self.rulers, editor.view(), ratio);
            if look.rulers {
                rulers::draw(&pen);
            }
        }
        if layers.overlay {
            Pen::cleared(&self.overlay, editor.view(), ratio).overlay(&editor.overlay(), &look);
        }
        self.resting.borrow_mut().follow(editor, look, ratio)
    }

    /// The last frame kept the main thread for so long.
    pub fn learn(&self, units: f64, took_ms: f64) {
        self.resting.borrow_mut().learn(units, took_ms);
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
        self.resting.borrow_mut().forget();
        true
    }

    fn place_picture(&self, view: &View, ratio: f64) {
        let (at, scale) = (view.picture_on_screen().min, view.scale());
        let style = self.picture.style();
        let rendering = if scale * ratio < SQUARE_PIXELS_FROM { "auto" } else { "pixelated" };
        // Fails only for names that are no properties.
        let _ = style.set_property("transform", &format!("translate({}px, {}px) scale({scale})", at.x, at.y));
        let _ = style.set_property("image-rendering", rendering);
    }
}
