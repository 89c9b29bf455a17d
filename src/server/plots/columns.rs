//! Columns from left to right in time. Times without pictures are gaps; where there are too many months, several share a column.

use super::paper::{Anchor, Paper, WIDTH, width_of};
use super::pictures;
use super::scale::{share, ticks};
use crate::model::Slice;
use crate::model::text::grouped;
use std::collections::BTreeMap;

/// Most columns.
const COLUMNS: i64 = 120;
/// So many columns have their numbers above them.
const NUMBERED: usize = 7;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 160.0;
const GAP: f64 = 6.0;

/// Pictures by month, counted from the beginning of the calendar, in columns of equal numbers of months.
struct Times {
    /// Months in a column.
    unit: i64,
    /// Number of the first column.
    first: i64,
    /// Pictures in each.
    columns: Vec<i64>,
}

impl Times {
    fn new(slices: &[Slice]) -> Option<Self> {
        let mut months: BTreeMap<i64, i64> = BTreeMap::new();
        // Slices are years or months, never both.
        let mut unit = 1;
        for slice in slices {
            let (month, is_year) = month(&slice.value)?;
            unit = if is_year { 12 } else { unit };
            *months.entry(month).or_default() += slice.pictures;
        }
        let (first, last) = (*months.first_key_value()?.0, *months.last_key_value()?.0);
        let columns = |unit: i64| last.div_euclid(unit).saturating_sub(first.div_euclid(unit)).saturating_add(1);
        while columns(unit) > COLUMNS {
            unit = if unit == 1 { 12 } else { unit.saturating_mul(10) };
        }
        let start = first.div_euclid(unit);
        let mut counted = vec![0; usize::try_from(columns(unit)).ok()?];
        for (month, pictures) in months {
            let column = usize::try_from(month.div_euclid(unit) - start).ok()?;
            *counted.get_mut(column)? += pictures;
        }
        Some(Self { unit, first: start, columns: counted })
    }

    /// The month or year in which a column begins.
    fn name(&self, column: i64) -> String {
        let month = (self.first + column) * self.unit;
        let (year, month) = (month.div_euclid(12), month.rem_euclid(12) + 1);
        if self.unit == 1 { format!("{year:04}-{month:02}") } else { format!("{year:04}") }
    }

    /// What a column stands for.
    fn span(&self, column: i64) -> String {
        match self.unit {
            1 | 12 => self.name(column),
            _ => format!("{} to {:04}", self.name(column), ((self.first + column + 1) * self.unit).div_euclid(12) - 1),
        }
    }

    /// From one column that is named to the next, so that at most `most` are: parts of a year, or a round number of years.
    fn names_every(&self, most: i64) -> i64 {
        let columns = self.columns.len() as i64;
        let steps: &[i64] = if self.unit == 1 { &[1, 2, 3, 6, 12, 24, 60] } else { &[1, 2, 5, 10, 20, 50] };
        steps.iter().copied().find(|step| (columns - 1) / step < most).unwrap_or(columns)
    }
}

/// `2024-05` as months, and whether it is a year, which is its first month.
fn month(value: &str) -> Option<(i64, bool)> {
    // A year before the first one has a sign.
    match value.rsplit_once('-').filter(|(year, _)| !year.is_empty()) {
        Some((year, month)) => {
            Some((year.parse::<i64>().ok()?.checked_mul(12)?.checked_add(month.parse::<i64>().ok()? - 1)?, false))
        }
        None => Some((value.parse::<i64>().ok()?.checked_mul(12)?, true)),
    }
}

/// Draws the columns, and says what they show.
pub fn draw(paper: &mut Paper, slices: &[Slice]) -> String {
    let Some(times) = Times::new(slices) else { return super::most_frequent(slices) };
    let most = times.columns.iter().copied().max().unwrap_or_default();
    let ticks = ticks(most, 4);
    let end = ticks.last().copied().unwrap_or_default();
    let left = ticks.iter().map(|tick| width_of(&grouped(*tick))).fold(0.0, f64::max) + GAP;
    let y = |number: i64| BOTTOM - (BOTTOM - TOP) * share(number, end);
    for tick in &ticks {
        paper.line((left, y(*tick)), (WIDTH, y(*tick)), if *tick == 0 { 0.6 } else { 0.18 });
        paper.text(left - GAP, y(*tick), Anchor::End, &grouped(*tick));
    }
    let width = (WIDTH - left) / times.columns.len() as f64;
    let thickness = (width * 0.8).min(36.0);
    let middle = |column: i64| left + width * (column as f64 + 0.5);
    let numbered = times.columns.len() <= NUMBERED && width_of(&grouped(most)) < width;
    for (&number, column) in times.columns.iter().zip(0_i64..).filter(|(number, _)| **number > 0) {
        let span = times.span(column);
        paper.titled(&span, &format!("{span}: {}", pictures(number)), |paper| {
            let height = (BOTTOM - y(number)).max(1.0);
            paper.mark(middle(column) - thickness / 2.0, BOTTOM - height, thickness, height);
            if numbered {
                paper.text(middle(column), BOTTOM - height - 8.0, Anchor::Middle, &grouped(number));
            }
        });
    }
    let room = width_of(&times.name(0)) + 2.0 * GAP;
    let every = times.names_every(((WIDTH - left) / room) as i64);
    let on_beat = |column: &i64| (times.first + column).rem_euclid(every) == 0;
    for column in (0..times.columns.len() as i64).filter(on_beat) {
        // Half of the name must not be beyond the edge.
        let half = width_of(&times.name(column)) / 2.0;
        let at = middle(column).min(WIDTH - half);
        paper.line((middle(column), BOTTOM), (middle(column), BOTTOM + 4.0), 0.6);
        paper.text(at, BOTTOM + 13.0, Anchor::Middle, &times.name(column));
    }
    paper.reach(BOTTOM + 24.0);
    summary(&times, most)
}

fn summary(times: &Times, most: i64) -> String {
    let last = times.columns.len() as i64 - 1;
    let best = times.columns.iter().zip(0..).find(|(number, _)| **number == most).map_or(0, |(_, column)| column);
    let of = match times.unit {
        1 => "month",
        12 => "year",
        _ => "column",
    };
    let from_to = if last == 0 { times.span(0) } else { format!("From {} to {}", times.span(0), times.span(last)) };
    format!("{from_to}. Most in one {of}: {} in {}.", pictures(most), times.span(best))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(slices: &[(&str, i64)]) -> Times {
        let slice =
            |&(value, pictures): &(&str, i64)| Slice { value: value.into(), pictures, regions: None, rules: vec![] };
        Times::new(&slices.iter().map(slice).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn months_without_pictures_are_gaps() {
        let times = times(&[("2023-11", 3), ("2024-02", 1)]);
        assert_eq!((times.unit, &times.columns), (1, &vec![3, 0, 0, 1]));
        assert_eq!((times.name(0), times.span(3)), ("2023-11".into(), "2024-02".into()));
    }

    #[test]
    fn many_months_share_columns() {
        let years = times(&[("2001-05", 3), ("2001-12", 4), ("2024-02", 1)]);
        assert_eq!((years.unit, years.columns.len(), years.columns[0], years.span(0)), (12, 24, 7, "2001".into()));
        let decades = times(&[("1815", 3), ("1819", 1), ("2024", 1)]);
        assert_eq!((decades.unit, decades.columns.len(), decades.columns[0]), (120, 22, 4));
        assert_eq!(decades.span(0), "1810 to 1819");
        let ages = times(&[("-001-03", 1), ("292277026596-12", 1)]);
        assert!(ages.columns.len() <= 121 && ages.columns.iter().sum::<i64>() == 2);
    }

    #[test]
    fn names_have_room() {
        let year = times(&[("2023-01", 1), ("2023-12", 1)]);
        assert_eq!([12, 6, 4, 2, 1].map(|most| year.names_every(most)), [1, 2, 3, 6, 12]);
        assert_eq!(times(&[("1990", 1), ("2024", 1)]).names_every(8), 5);
    }
}
