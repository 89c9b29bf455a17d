//! What is counted by width and height: a square for each pair of classes, whose area says how many. On the diagonal are
//! pictures that are as wide as high.

use super::paper::{Anchor, Paper, WIDTH, width_of};
use super::scale::share;
use super::told;
use crate::model::Slice;
use crate::model::text::grouped;
use crate::server::search::extent_classes;

const GAP: f64 = 6.0;
/// Widest a class is drawn.
const CELL: f64 = 34.0;
/// Smallest side of a square that can be seen.
const LEAST: f64 = 2.5;

/// Where a slice lies, as numbers of classes.
fn place(slice: &Slice, classes: &[String]) -> Option<(usize, usize)> {
    let (width, height) = slice.value.split_once(" × ")?;
    let at = |name: &str| classes.iter().position(|class| class == name);
    Some((at(width)?, at(height)?))
}

/// The number with which a class begins.
fn least(class: &str) -> &str {
    class.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default()
}

/// Draws the squares.
pub fn draw(paper: &mut Paper, slices: &[Slice]) {
    let classes = extent_classes();
    let placed: Vec<(&Slice, (usize, usize))> =
        slices.iter().filter_map(|slice| Some((slice, place(slice, &classes)?))).collect();
    // The same classes on both axes, so that shapes look as they are.
    let sides = || placed.iter().flat_map(|(_, (width, height))| [*width, *height]);
    let (Some(first), Some(last)) = (sides().min(), sides().max()) else { return };
    let shown = classes.get(first..=last).unwrap_or_default();
    let names = shown.iter().map(|class| width_of(least(class))).fold(0.0, f64::max);
    let left = names + 2.0 * GAP + 8.0;
    let cell = ((WIDTH - left - names / 2.0) / shown.len() as f64).min(CELL);
    let top = 24.0;
    let bottom = top + cell * shown.len() as f64;
    let right = left + cell * shown.len() as f64;
    paper.text(0.0, 10.0, Anchor::Start, "Height");
    for (index, class) in shown.iter().enumerate() {
        let (x, y) = (left + cell * index as f64, bottom - cell * index as f64);
        // The doublings of 100.
        let is_named = !(first + index).is_multiple_of(2) || shown.len() < 5;
        let opacity = if is_named { 0.3 } else { 0.12 };
        paper.line((x, top), (x, bottom), if index == 0 { 0.6 } else { opacity });
        paper.line((left, y), (right, y), if index == 0 { 0.6 } else { opacity });
        if is_named {
            paper.text(x, bottom + 12.0, Anchor::Middle, least(class));
            paper.text(left - GAP, y, Anchor::End, least(class));
        }
    }
    paper.text(right, bottom + 30.0, Anchor::End, "Width");
    let most = slices.iter().map(|slice| slice.pictures).max().unwrap_or_default();
    for (slice, (width, height)) in &placed {
        let side = (share(slice.pictures, most).sqrt() * (cell - 2.0)).max(LEAST);
        let x = left + cell * ((width - first) as f64 + 0.5);
        let y = bottom - cell * ((height - first) as f64 + 0.5);
        paper.titled(&slice.value, &told(slice), |paper| paper.mark(x - side / 2.0, y - side / 2.0, side, side));
    }
    paper.text(0.0, bottom + 30.0, Anchor::Start, &format!("Largest square: {}", grouped(most)));
    paper.reach(bottom + 42.0);
}
