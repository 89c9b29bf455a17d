//! What regions are drawn with: colours, and where a person wants them, dashes and hatching.

use crate::editor::{COLOURS, Look};
use crate::ui::editor_colours::palette_colour;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasPattern, CanvasRenderingContext2d, HtmlCanvasElement};

/// Width and height of a tile of hatching, in device pixels.
const TILE: u32 = 8;
/// The strokes of the hatchings within a tile; the first one is none.
const HATCHINGS: [&[[f64; 4]]; 4] = [
    &[],
    &[[-2.0, 10.0, 10.0, -2.0], [-2.0, 2.0, 2.0, -2.0], [6.0, 10.0, 10.0, 6.0]],
    &[[-2.0, -2.0, 10.0, 10.0], [-2.0, 6.0, 2.0, 10.0], [6.0, -2.0, 10.0, 2.0]],
    &[[0.0, 4.0, 8.0, 4.0], [4.0, 0.0, 4.0, 8.0]],
];
/// Dashes and the gaps between them, in CSS pixels; the first ones are solid.
const DASHES: [&[f64]; 3] = [&[], &[7.0, 4.0], &[1.5, 3.5]];
/// Dashes of regions that wait for an object.
const PENDING: &[f64] = &[6.0, 5.0];

/// The inks of every colour, for one way of looking.
pub(super) struct Inks {
    look: Look,
    fills: Vec<String>,
    hatchings: Vec<Option<CanvasPattern>>,
}

/// What one region is drawn with.
#[derive(Clone, Copy)]
pub(super) struct Ink<'a> {
    /// The colour of its outline.
    pub line: &'static str,
    /// The translucent colour of its inside; `None` where nothing would be seen.
    pub fill: Option<&'a str>,
    /// The strokes over its inside.
    pub hatching: Option<&'a CanvasPattern>,
    /// The dashes of its outline, in CSS pixels.
    pub dashes: &'static [f64],
}

impl Inks {
    /// The inks for a way of looking.
    pub fn new(look: Look, context: &CanvasRenderingContext2d) -> Self {
        let alpha = (look.opacity() * 255.0).round() as u8;
        let colours = (0..COLOURS).map(Some).chain([None]).map(palette_colour);
        let fills = colours.clone().map(|colour| format!("{colour}{alpha:02x}")).collect();
        let hatchings = colours
            .enumerate()
            .map(|(index, colour)| {
                let strokes = HATCHINGS[index % HATCHINGS.len()];
                if look.patterns && alpha > 0 { hatching(colour, strokes, context) } else { None }
            })
            .collect();
        Self { look, fills, hatchings }
    }

    /// The way of looking that they are for.
    pub fn look(&self) -> Look {
        self.look
    }

    /// What a region of a colour is drawn with. Each of the colours has its own pair of dashes and hatching.
    pub fn of(&self, colour: Option<usize>) -> Ink<'_> {
        let index = colour.filter(|index| *index < COLOURS).unwrap_or(COLOURS);
        let dashes = match colour {
            None => PENDING,
            Some(index) if self.look.patterns => DASHES[index % DASHES.len()],
            Some(_) => &[],
        };
        let fill = self.fills.get(index).filter(|_| self.look.opacity() > 0.0);
        let hatching = self.hatchings.get(index).and_then(Option::as_ref);
        Ink { line: palette_colour(colour), fill: fill.map(String::as_str), hatching, dashes }
    }
}

fn hatching(colour: &str, strokes: &[[f64; 4]], context: &CanvasRenderingContext2d) -> Option<CanvasPattern> {
    if strokes.is_empty() {
        return None;
    }
    let tile = leptos::prelude::document().create_element("canvas").ok()?.dyn_into::<HtmlCanvasElement>().ok()?;
    tile.set_width(TILE);
    tile.set_height(TILE);
    let pen = tile.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    pen.set_stroke_style_str(colour);
    pen.set_global_alpha(0.8);
    for [x, y, to_x, to_y] in strokes {
        pen.move_to(*x, *y);
        pen.line_to(*to_x, *to_y);
    }
    pen.stroke();
    context.create_pattern_with_html_canvas_element(&tile, "repeat").ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_colour_has_a_pattern_of_its_own() {
        let pairs: BTreeSet<(usize, usize)> =
            (0..COLOURS).map(|index| (index % DASHES.len(), index % HATCHINGS.len())).collect();
        assert_eq!(pairs.len(), COLOURS);
    }
}
