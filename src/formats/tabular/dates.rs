//! Days and moments as people write them in tables.

use super::values::DateOrder;
use crate::query::date::parse_iso;

/// What stands at the front of a text: up to `most` digits, at least one.
fn digits<'t>(text: &mut &'t str, most: usize) -> Option<&'t str> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())?;
    *text = rest;
    Some(digits)
}

fn take(text: &mut &str, wanted: char) -> Option<()> {
    *text = text.strip_prefix(wanted)?;
    Some(())
}

/// A day or moment in this order after ISO 8601, if the text is one. What the text does not say, such as the second or the zone,
/// the answer does not say either.
pub(super) fn iso(text: &str, order: DateOrder) -> Option<String> {
    let rest = &mut &*text;
    let first = digits(rest, 4)?;
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | ':'))?;
    take(rest, separator)?;
    let second = digits(rest, 2)?;
    let third = match take(rest, separator) {
        Some(()) => Some(digits(rest, 4)?),
        None => None,
    };
    let (year, month, day) = match (order, third) {
        (DateOrder::YearFirst, third) => (first, second, third),
        (DateOrder::DayFirst, Some(year)) => (year, second, Some(first)),
        (DateOrder::MonthFirst, Some(year)) => (year, first, Some(second)),
        (_, None) => return None,
    };
    let colon_needs_clock = separator == ':' && rest.is_empty();
    if year.len() != 4 || month.len() > 2 || day.is_some_and(|day| day.len() > 2) || colon_needs_clock {
        return None;
    }
    // Without a day there is no clock, and `2024.5` is a number.
    let Some(day) = day else {
        let month = format!("{year}-{month:0>2}");
        return (separator == '-' && rest.is_empty()).then_some(month).filter(|month| parse_iso(month).is_some());
    };
    let mut moment = format!("{year}-{month:0>2}-{day:0>2}");
    if !rest.is_empty() {
        let after = *rest;
        let clock_begin = after.strip_prefix(['T', 't', ' ']).or_else(|| after.strip_prefix(", "))?;
        *rest = clock_begin.trim_start();
        moment.push('T');
        moment.push_str(&clock(rest)?);
    }
    parse_iso(&moment).map(|_| moment)
}

/// A time of day with what stands behind it: a fraction of a second, which half of the day, the zone.
fn clock(rest: &mut &str) -> Option<String> {
    let mut hour: u32 = digits(rest, 2)?.parse().ok()?;
    take(rest, ':')?;
    let minute = digits(rest, 2).filter(|minute| minute.len() == 2)?;
    let mut text = format!(":{minute}");
    if take(rest, ':').is_some() {
        let second = digits(rest, 2).filter(|second| second.len() == 2)?;
        text.push_str(&format!(":{second}"));
        if let Some(after) = rest.strip_prefix(['.', ',']) {
            *rest = after;
            text.push_str(&format!(".{}", digits(rest, 9)?));
        }
    }
    let lower = rest.trim_start().to_ascii_lowercase();
    if let half @ ("am" | "pm") = lower.as_str() {
        hour = match (hour, half) {
            (12, "am") => 0,
            (12, _) => 12,
            (1..=11, "pm") => hour + 12,
            (1..=11, _) => hour,
            _ => return None,
        };
        return Some(format!("{hour:02}{text}"));
    }
    let zone = rest.trim_start();
    let zone = match zone {
        "" => String::new(),
        "Z" | "z" | "UTC" | "GMT" => "Z".to_owned(),
        zone => {
            let sign = zone.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
            let inner = &mut &zone[1..];
            let hours = digits(inner, 2).filter(|hours| hours.len() == 2)?;
            let _ = take(inner, ':');
            let minutes =
                if inner.is_empty() { "00" } else { digits(inner, 2).filter(|minutes| minutes.len() == 2)? };
            inner.is_empty().then(|| format!("{sign}{hours}:{minutes}"))?
        }
    };
    Some(format!("{hour:02}{text}{zone}"))
}

/// Whether dots stand between the parts of a day: nobody writes those with the month first.
pub(super) fn is_dotted(text: &str) -> bool {
    text.bytes().find(|byte| !byte.is_ascii_digit()) == Some(b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_keep_what_they_say() {
        use DateOrder::{DayFirst, MonthFirst, YearFirst};
        for (text, order, expected) in [
            ("2024-05-17", YearFirst, Some("2024-05-17")),
            ("2024-5-7", YearFirst, Some("2024-05-07")),
            ("2024/05/17 9:05", YearFirst, Some("2024-05-17T09:05")),
            ("2024-05", YearFirst, Some("2024-05")),
            ("2024.5", YearFirst, None),
            ("2024:05:17 14:03:59", YearFirst, Some("2024-05-17T14:03:59")),
            ("2024:05:17", YearFirst, None),
            ("2024-05-17T14:03:59.25Z", YearFirst, Some("2024-05-17T14:03:59.25Z")),
            ("2024-05-17 14:03:59 +0200", YearFirst, Some("2024-05-17T14:03:59+02:00")),
            ("2024-05-17T14:03-05", YearFirst, Some("2024-05-17T14:03-05:00")),
            ("17.5.2024", DayFirst, Some("2024-05-17")),
            ("17/05/2024, 02:03 pm", DayFirst, Some("2024-05-17T14:03")),
            ("5/17/2024 12:30:00 AM", MonthFirst, Some("2024-05-17T00:30:00")),
            ("5/17/2024", DayFirst, None),
            ("31.2.2024", DayFirst, None),
            ("17.5.24", DayFirst, None),
            ("2024-05-17x", YearFirst, None),
            ("2024-05-17 25:00", YearFirst, None),
            ("2024-05-17 1:2", YearFirst, None),
            ("2024-05-17 13:00 pm", YearFirst, None),
            ("1.2.3.4", DayFirst, None),
            ("", YearFirst, None),
            ("ä", YearFirst, None),
        ] {
            assert_eq!(iso(text, order).as_deref(), expected, "{text}");
        }
    }
}
