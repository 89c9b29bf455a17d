//! Areas that lie upon each other, from left to right in time: how the states of a project's pictures went on.

use super::paper::{Anchor, Paper, WIDTH, width_of};
use super::pictures;
use super::scale::{share, ticks};
use crate::model::WorkState;
use crate::model::project::DayCounts;
use crate::model::text::grouped;
use crate::query::date::civil_from_days;

const DAY_S: i64 = 86_400;
/// So many columns are drawn at most; several days share one where there are more.
const COLUMNS: i64 = 90;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 168.0;
const GAP: f64 = 6.0;
/// A column is no wider than that: a block would not look like a day.
const WIDEST: f64 = 56.0;
/// From below: what is finished lies at the bottom and grows.
const ORDER: [WorkState; 4] = [WorkState::Accepted, WorkState::Done, WorkState::NeedsReview, WorkState::ToDo];

/// The plot of what was when, up to the day of `now` in Unix seconds. Each area has the class `state-…` of its state, by which pages
/// give it the colour that the state has everywhere.
pub fn svg(days: &[DayCounts], now: i64) -> String {
    let mut paper = Paper::default();
    let (Some(first), Some(last)) = (days.first(), days.last()) else {
        paper.note("There is nothing to count.");
        return paper.finish("progress", "Progress", "There is nothing to count.");
    };
    let begin = first.day.div_euclid(DAY_S);
    let end = now.div_euclid(DAY_S).max(last.day.div_euclid(DAY_S));
    let span = end - begin + 1;
    let unit = (span - 1) / COLUMNS + 1;
    let columns = (span - 1) / unit + 1;
    let most = last.pictures.total();
    let ticks = ticks(most, 4);
    let top = ticks.last().copied().unwrap_or_default();
    let left = ticks.iter().map(|tick| width_of(&grouped(*tick))).fold(0.0, f64::max) + GAP;
    let y = |number: i64| BOTTOM - (BOTTOM - TOP) * share(number, top);
    for tick in &ticks {
        paper.line((left, y(*tick)), (WIDTH, y(*tick)), if *tick == 0 { 0.6 } else { 0.18 });
        paper.text(left - GAP, y(*tick), Anchor::End, &grouped(*tick));
    }
    let width = ((WIDTH - left) / columns as f64).min(WIDEST);
    // What holds on a day is what the last day before it said on which something changed.
    let mut known = days.iter().peekable();
    let mut pictures_then = first.pictures;
    for column in 0..columns {
        let until = begin + (column + 1) * unit;
        while let Some(counted) = known.next_if(|counted| counted.day.div_euclid(DAY_S) < until) {
            pictures_then = counted.pictures;
        }
        let name = day(begin + column * unit);
        let told =
            ORDER.iter().rev().map(|state| format!("{} {}", pictures_then.of(*state), state.label().to_lowercase()));
        let title = format!("{name}: {}", told.collect::<Vec<_>>().join(", "));
        paper.titled(&name, &title, |paper| {
            let mut below = 0;
            for state in ORDER {
                let count = pictures_then.of(state);
                if count > 0 {
                    let (x, gap) = (left + width * column as f64, if width > 4.0 { 1.0 } else { 0.0 });
                    let (upper, lower) = (y(below + count), y(below));
                    paper.part(state.as_str(), x, upper, width - gap, lower - upper);
                }
                below += count;
            }
        });
    }
    let (from, to) = (day(begin), day(end));
    paper.text(left, BOTTOM + 13.0, Anchor::Start, &from);
    if columns > 1 {
        // Below the last column, or beside the first date where columns are few.
        let end = (width * columns as f64).max(width_of(&from) + GAP + width_of(&to));
        paper.text(left + end, BOTTOM + 13.0, Anchor::End, &to);
    }
    paper.reach(BOTTOM + 24.0);
    let now = last.pictures;
    let parts: Vec<String> =
        ORDER.iter().map(|state| format!("{} {}", grouped(now.of(*state)), state.label().to_lowercase())).collect();
    let summary = format!("From {from} to {to}. Of {} now {}.", pictures(now.total()), parts.join(", "));
    paper.finish("progress", "Progress", &summary)
}

fn day(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::WorkCounts;

    fn at(day: i64, to_do: i64, done: i64, accepted: i64) -> DayCounts {
        DayCounts { day: day * DAY_S, pictures: WorkCounts { to_do, done, needs_review: 0, accepted } }
    }

    #[test]
    fn days_without_changes_are_as_the_day_before() {
        let svg = svg(&[at(20_000, 10, 0, 0), at(20_002, 4, 5, 1)], 20_003 * DAY_S + 5);
        assert_eq!(svg.matches("<title>").count(), 4, "{svg}");
        assert!(svg.contains("2024-10-05: 10 to do, 0 needs review, 0 done, 0 accepted"), "{svg}");
        assert!(svg.contains("2024-10-07: 4 to do, 0 needs review, 5 done, 1 accepted"), "{svg}");
        assert!(svg.contains("Of 10 pictures now 1 accepted, 5 done, 0 needs review, 4 to do."), "{svg}");
    }

    #[test]
    fn one_day_is_a_column_with_its_date() {
        let svg = svg(&[at(20_000, 2, 1, 0)], 20_000 * DAY_S);
        let widths = svg.split("<rect").skip(1).map(|rect| {
            let width = rect.split(" width=\"").nth(1).and_then(|rest| rest.split('"').next());
            width.and_then(|width| width.parse::<f64>().ok()).unwrap()
        });
        assert!(widths.clone().count() == 2 && widths.clone().all(|width| width <= WIDEST), "{svg}");
        assert!(svg.contains(">2024-10-04</text>"), "{svg}");
    }

    #[test]
    fn a_long_time_has_few_columns() {
        let svg = svg(&[at(0, 3, 0, 0), at(20_000, 0, 0, 3)], 20_000 * DAY_S);
        let columns = svg.matches("<title>").count();
        assert!((60..=90).contains(&columns), "{columns}");
        // The last column says what is now.
        assert!(svg.rfind("3 accepted</title>").is_some());
    }
}
