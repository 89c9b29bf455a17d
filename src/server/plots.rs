//! Breakdowns as plots: each one an SVG text that can stand in a page or alone.
//!
//! A plot is one image to those who hear it, with a title and a summary, or a group of links. It is drawn for a width of
//! [`paper::WIDTH`], at which phones show it, so that its text can be read there; wider it grows as a whole. Its colours are
//! the page's: text and axes have that of the text around it, marks have `--plot-mark`.
//!
//! - `areas` draws how the pictures of a project went from state to state.
//! - `bars` draws names and classes, one below the other.
//! - `columns` draws what was when, from left to right.
//! - `squares` draws what is counted by width and height.
//! - `scale` gives axes round numbers, `paper` writes the SVG.

pub mod areas;
mod bars;
mod columns;
mod paper;
mod scale;
mod squares;
#[cfg(test)]
mod tests;

use super::search::region_classes;
use crate::model::text::{count, grouped};
use crate::model::{Breakdown, Dimension, Slice};
use paper::Paper;

/// So many values are named in the summary of a plot.
const NAMED: usize = 5;

/// The plot of a breakdown of `total` pictures. The slices of which `linked` says so are links ([`slice_link`]); those beyond its
/// end are none.
///
/// [`slice_link`]: crate::model::insights::slice_link
pub fn svg(breakdown: &Breakdown, total: i64, linked: &[bool]) -> String {
    let slices = &breakdown.slices;
    let links = slices.iter().zip(linked).enumerate().filter(|(_, (_, linked))| **linked);
    let mut paper = Paper::new(links.map(|(number, (slice, _))| (slice.value.clone(), number)).collect());
    let summary = if slices.is_empty() {
        paper.note("There is nothing to count.");
        "There is nothing to count.".to_owned()
    } else {
        match breakdown.dimension {
            Dimension::Month | Dimension::Year => columns::draw(&mut paper, slices),
            Dimension::WidthHeight => {
                squares::draw(&mut paper, slices);
                most_frequent(slices)
            }
            Dimension::Regions => {
                bars::draw(&mut paper, &with_empty_classes(slices, region_classes()), total);
                all_of(slices)
            }
            Dimension::Area | Dimension::Size => {
                bars::draw(&mut paper, slices, total);
                all_of(slices)
            }
            Dimension::Object | Dimension::Licence | Dimension::Nature | Dimension::Author => {
                bars::draw(&mut paper, slices, total);
                most_frequent(slices)
            }
        }
    };
    if breakdown.more {
        paper.note("Others are less frequent.");
    }
    paper.finish(breakdown.dimension.as_str(), breakdown.dimension.heading(), &summary)
}

fn pictures(number: i64) -> String {
    count(number, "picture", "pictures")
}

/// What a slice is in one line.
fn told(slice: &Slice) -> String {
    format!("{}: {}", slice.value, pictures(slice.pictures))
}

fn all_of(slices: &[Slice]) -> String {
    format!("{}.", slices.iter().map(told).collect::<Vec<_>>().join("; "))
}

fn most_frequent(slices: &[Slice]) -> String {
    let mut slices: Vec<&Slice> = slices.iter().collect();
    // Those that are as frequent stay in their order.
    slices.sort_by_key(|slice| std::cmp::Reverse(slice.pictures));
    let others = slices.len().saturating_sub(NAMED);
    let named = slices.into_iter().take(NAMED).map(told).collect::<Vec<_>>().join("; ");
    if others == 0 { format!("{named}.") } else { format!("{named}; and {} more.", grouped(others as i64)) }
}

/// The slices with those between the first and the last of which there are no pictures.
fn with_empty_classes(slices: &[Slice], classes: Vec<String>) -> Vec<Slice> {
    let is = |class: &String, slice: Option<&Slice>| slice.is_some_and(|slice| slice.value == *class);
    let (first, last) = (slices.first(), slices.last());
    let (Some(from), Some(to)) =
        (classes.iter().position(|class| is(class, first)), classes.iter().position(|class| is(class, last)))
    else {
        return slices.to_vec();
    };
    let class = |class: &String| {
        let found = slices.iter().find(|slice| slice.value == *class).cloned();
        found.unwrap_or_else(|| Slice { value: class.clone(), pictures: 0, regions: None, rules: Vec::new() })
    };
    classes.get(from..=to).unwrap_or_default().iter().map(class).collect()
}
