//! Bars from left to right, one below the other: names, and classes in their order.

use super::paper::{Anchor, Paper, WIDTH, fitted, width_of};
use super::scale::{share, ticks};
use super::told;
use crate::model::Slice;
use crate::model::text::{count, grouped};

/// From one bar to the next.
const ROW: f64 = 23.0;
const THICKNESS: f64 = 13.0;
/// Names have at most so much room.
const NAMES: f64 = 146.0;
const GAP: f64 = 6.0;

/// Draws the slices, and below them the axis.
pub fn draw(paper: &mut Paper, slices: &[Slice], total: i64) {
    let names = slices.iter().map(|slice| width_of(&slice.value)).fold(0.0, f64::max).min(NAMES);
    let most = slices.iter().map(|slice| slice.pictures).max().unwrap_or_default();
    let left = names + GAP;
    // The longest bar has its number behind it, and the last tick half of its own.
    let right = WIDTH - width_of(&grouped(most)) - GAP;
    let step_width = width_of(&grouped(most)) + 2.0 * GAP;
    let ticks = ticks(most, (((right - left) / step_width) as i64).clamp(1, 5));
    let end = ticks.last().copied().unwrap_or_default();
    let x = |number: i64| left + (right - left) * share(number, end);
    let bottom = ROW * slices.len() as f64;
    for tick in &ticks {
        paper.line((x(*tick), 0.0), (x(*tick), bottom + 3.0), if *tick == 0 { 0.6 } else { 0.18 });
        paper.text(x(*tick), bottom + 12.0, Anchor::Middle, &grouped(*tick));
    }
    for (slice, index) in slices.iter().zip(0_u32..) {
        let middle = ROW * (f64::from(index) + 0.5);
        paper.titled(&slice.value, &title(slice, total), |paper| {
            paper.text(names, middle, Anchor::End, &fitted(&slice.value, names));
            if slice.pictures > 0 {
                let length = (x(slice.pictures) - left).max(1.0);
                paper.mark(left, middle - THICKNESS / 2.0, length, THICKNESS);
            }
            paper.text(x(slice.pictures) + GAP / 2.0, middle, Anchor::Start, &grouped(slice.pictures));
        });
    }
    paper.reach(bottom + 24.0);
}

fn title(slice: &Slice, total: i64) -> String {
    let mut title = format!("{} ({:.1} %)", told(slice), 100.0 * share(slice.pictures, total));
    if let Some(regions) = slice.regions {
        title.push_str(&format!(", {}", count(regions, "region", "regions")));
    }
    title
}
