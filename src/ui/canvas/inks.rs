//! What regions are drawn with: colours, and where a person wants them, dashes and hatching.

use crate::editor::{COLOURS, Look};
use crate::ui::editor_colours::palette_colour;
use std::cell::OnceCell;
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
    /// Of every colour, each of the hatchings that was asked for.
    hatchings: Vec<[OnceCell<Option<CanvasPattern>>; HATCHINGS.len()]>,
    context: CanvasRenderingContext2d,
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
        let fills = colours.map(|colour| format!("{colour}{alpha:02x}")).collect();
        let hatchings = (0..=COLOURS).map(|_| Default::default()).collect();
        Self { look, fills, hatchings, context: context.clone() }
    }

    /// The way of looking that they are for.
    pub fn look(&self) -> Look {
        self.look
    }

    /// What a region of a colour is drawn with, and where several objects have it, of one of its variants.
    pub fn of(&self, colour: Option<usize>, variant: usize) -> Ink<'_> {
        let index = colour.filter(|index| *index < COLOURS).unwrap_or(COLOURS);
        let (dashes, hatching) = pattern(index, variant, self.look.patterns);
        let dashes = if colour.is_none() { PENDING } else { DASHES[dashes] };
        let fill = self.fills.get(index).filter(|_| self.look.opacity() > 0.0);
        let hatching = fill.filter(|_| hatching > 0).and_then(|_| {
            let made = || self::hatching(palette_colour(colour), HATCHINGS[hatching], &self.context);
            self.hatchings.get(index)?.get(hatching)?.get_or_init(made).as_ref()
        });
        Ink { line: palette_colour(colour), fill: fill.map(String::as_str), hatching, dashes }
    }
}

/// The places of dashes and hatching of a colour's variant. The first one has some only where a person wants them; those after it
/// have nothing else to be told apart by.
fn pattern(colour: usize, variant: usize, wanted: bool) -> (usize, usize) {
    let number = variant + if wanted { colour } else { 0 };
    // Three and four have no divisor in common: a dozen numbers make a dozen pairs.
    (number % DASHES.len(), number % HATCHINGS.len())
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
        let pairs: BTreeSet<(usize, usize)> = (0..COLOURS).map(|index| pattern(index, 0, true)).collect();
        assert_eq!(pairs.len(), COLOURS);
    }

    #[test]
    fn what_shares_a_colour_never_shares_its_pattern_as_long_as_there_are_others() {
        for (colour, wanted) in [(0, false), (0, true), (5, false), (5, true)] {
            let pairs: BTreeSet<(usize, usize)> = (0..12).map(|variant| pattern(colour, variant, wanted)).collect();
            assert_eq!(pairs.len(), 12);
        }
        assert_eq!(pattern(7, 0, false), (0, 0), "who is alone with a colour is drawn plainly");
    }
}
