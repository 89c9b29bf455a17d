//! Times as people read them. Everything is shown in UTC: the server and the browser then write the same text.

use leptos::prelude::*;

/// A calendar date and a time of day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Civil {
    year: i64,
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Converts Unix seconds by counting days from 1 March of the year 0, so that leap days fall at the end of a year.
fn civil(unix: i64) -> Civil {
    let (days, seconds) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Civil {
        year,
        month: usize::try_from(month).unwrap_or(1),
        day,
        hour: seconds / 3_600,
        minute: seconds / 60 % 60,
        second: seconds % 60,
    }
}

/// "21 November 2026".
pub fn date_text(unix: i64) -> String {
    let at = civil(unix);
    format!("{} {} {}", at.day, MONTHS[(at.month - 1) % 12], at.year)
}

/// "21 November 2026, 01:17 UTC".
pub fn moment_text(unix: i64) -> String {
    let at = civil(unix);
    format!("{}, {:02}:{:02} UTC", date_text(unix), at.hour, at.minute)
}

/// From a time to a later one: "21 November 2026, 12:03–12:40 UTC".
pub fn span_text(from: i64, to: i64) -> String {
    let (begin, end) = (civil(from), civil(to));
    let clock = |at: Civil| format!("{:02}:{:02}", at.hour, at.minute);
    if date_text(from) != date_text(to) {
        return format!("{} – {}", moment_text(from), moment_text(to));
    }
    let times = if clock(begin) == clock(end) { clock(begin) } else { format!("{}–{}", clock(begin), clock(end)) };
    format!("{}, {times} UTC", date_text(from))
}

/// "2026-11-21T01:17:05Z".
pub fn machine_text(unix: i64) -> String {
    let at = civil(unix);
    format!("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", at.year, at.month, at.day, at.hour, at.minute, at.second)
}

/// A day, with the exact moment as its tooltip.
#[component]
pub fn Date(
    /// Unix seconds.
    unix: i64,
) -> impl IntoView {
    view! {
        <time datetime=machine_text(unix) title=moment_text(unix)>
            {date_text(unix)}
        </time>
    }
}

/// A day and the time of day.
#[component]
pub fn Moment(
    /// Unix seconds.
    unix: i64,
) -> impl IntoView {
    view! { <time datetime=machine_text(unix)>{moment_text(unix)}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_calendar() {
        for (unix, machine) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_224_000, "2026-11-21T01:20:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(machine_text(unix), machine);
        }
        assert_eq!(moment_text(0), "1 January 1970, 00:00 UTC");
    }

    #[test]
    fn spans_say_no_more_than_they_must() {
        for (to, text) in [
            (59, "1 January 1970, 00:00 UTC"),
            (3_660, "1 January 1970, 00:00–01:01 UTC"),
            (86_400, "1 January 1970, 00:00 UTC – 2 January 1970, 00:00 UTC"),
        ] {
            assert_eq!(span_text(0, to), text);
        }
    }
}
