//! Two canvases of which one is seen: what takes several frames to draw is drawn on the other one, and they change places.

use crate::geometry::{ScreenPoint, Size};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// A pair of canvases.
pub(super) struct Sheet {
    canvases: [HtmlCanvasElement; 2],
    contexts: [CanvasRenderingContext2d; 2],
    /// Which of the two is seen.
    front: usize,
    /// Where it was laid last.
    placed: String,
}

impl Sheet {
    pub fn new(canvases: [HtmlCanvasElement; 2]) -> Option<Self> {
        let context =
            |canvas: &HtmlCanvasElement| canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok();
        let contexts = [context(&canvases[0])?, context(&canvases[1])?];
        Some(Self { canvases, contexts, front: 0, placed: String::new() })
    }

    /// What is seen.
    pub fn front(&self) -> &CanvasRenderingContext2d {
        &self.contexts[self.front]
    }

    /// What is being drawn out of sight.
    pub fn back(&self) -> &CanvasRenderingContext2d {
        &self.contexts[1 - self.front]
    }

    /// Makes the canvases so large, in device pixels. Returns whether they were not: then they are empty now.
    pub fn fit(&self, width: u32, height: u32) -> bool {
        let mut changed = false;
        for canvas in &self.canvases {
            if (canvas.width(), canvas.height()) != (width, height) {
                canvas.set_width(width);
                canvas.set_height(height);
                changed = true;
            }
        }
        changed
    }

    /// Shows what was drawn out of sight.
    pub fn turn(&mut self) {
        self.front = 1 - self.front;
        self.placed.clear();
        self.show(true);
    }

    /// Shows the one that is seen, or neither.
    pub fn show(&self, shown: bool) {
        for (index, canvas) in self.canvases.iter().enumerate() {
            let visibility = if shown && index == self.front { "visible" } else { "hidden" };
            // Fails only for names that are no properties.
            let _ = canvas.style().set_property("visibility", visibility);
        }
    }

    /// Lays what is seen where it belongs by now, which costs the browser next to nothing.
    pub fn place(&mut self, transform: String) {
        if self.placed != transform {
            // Fails only for names that are no properties.
            let _ = self.canvases[self.front].style().set_property("transform", &transform);
            self.placed = transform;
        }
    }
}

/// So many times as large, and then moved by a way, in the words of CSS.
pub(super) fn transform((factor, way): (f64, ScreenPoint)) -> String {
    if factor == 1.0 && way == ScreenPoint::default() {
        "none".to_owned()
    } else {
        format!("translate({}px, {}px) scale({factor})", way.x, way.y)
    }
}

/// The device pixels of a surface.
pub(super) fn device_px(surface: Size, ratio: f64) -> (u32, u32) {
    ((surface.width * ratio).round() as u32, (surface.height * ratio).round() as u32)
}
