//! Dates as queries write them: ISO 8601, in UTC unless they say otherwise.

/// Days from 1970-01-01 to the given day of the proleptic Gregorian calendar.
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years start in March here, so that the leap day comes last and every month's start is a linear function.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Year, month and day of the day so many days after 1970-01-01.
pub fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days_from_civil(next_year, next_month, 1) - days_from_civil(year, month, 1)
}

/// Takes exactly `digits` digits from the front of `text`.
fn take(text: &mut &str, digits: usize) -> Option<i64> {
    let head = text.get(..digits).filter(|head| head.bytes().all(|b| b.is_ascii_digit()))?;
    *text = &text[digits..];
    head.parse().ok()
}

/// Takes the character `wanted` from the front of `text`.
fn skip(text: &mut &str, wanted: char) -> Option<()> {
    *text = text.strip_prefix(wanted)?;
    Some(())
}

/// Unix seconds of `2024-12-31`, `2024-12-31T18:00`, `2024-12-31 18:00:05`, `…Z`, `…+02:00`, `…+0200` or `…+02`; of a day or a
/// month, such as `2024-12`, of its first moment. Of a second with a fraction it is the whole part. A year alone would be a
/// number, which is seconds already.
pub fn parse_iso(text: &str) -> Option<i64> {
    parse_iso_part(text).map(|(second, _)| second)
}

/// The same, and whether there is a part of a second more.
pub fn parse_iso_part(text: &str) -> Option<(i64, bool)> {
    let rest = &mut &*text;
    let year = take(rest, 4)?;
    skip(rest, '-')?;
    let month = take(rest, 2).filter(|month| (1..=12).contains(month))?;
    if rest.is_empty() {
        return Some((days_from_civil(year, month, 1) * 86_400, false));
    }
    skip(rest, '-')?;
    let day = take(rest, 2).filter(|day| (1..=days_in_month(year, month)).contains(day))?;
    let midnight = days_from_civil(year, month, day) * 86_400;
    if rest.is_empty() {
        return Some((midnight, false));
    }
    *rest = rest.strip_prefix(['T', 't', ' '])?;
    let hour = take(rest, 2).filter(|hour| *hour < 24)?;
    skip(rest, ':')?;
    let minute = take(rest, 2).filter(|minute| *minute < 60)?;
    let (mut second, mut part) = (0, false);
    if skip(rest, ':').is_some() {
        second = take(rest, 2).filter(|second| *second < 60)?;
        if let Some(digits) = rest.strip_prefix(['.', ',']) {
            *rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = digits.get(..digits.len() - rest.len()).filter(|digits| !digits.is_empty())?;
            part = digits.bytes().any(|digit| digit != b'0');
        }
    }
    let local = midnight + hour * 3_600 + minute * 60 + second;
    if matches!(*rest, "" | "Z" | "z") {
        return Some((local, part));
    }
    let sign = if skip(rest, '+').is_some() {
        1
    } else {
        skip(rest, '-')?;
        -1
    };
    let hours = take(rest, 2).filter(|hours| *hours < 24)?;
    let mut minutes = 0;
    if skip(rest, ':').is_some() || !rest.is_empty() {
        minutes = take(rest, 2).filter(|minutes| *minutes < 60)?;
    }
    rest.is_empty().then_some((local - sign * (hours * 3_600 + minutes * 60), part))
}

/// A moment as people read it, to the second.
pub fn in_words(time: i64) -> String {
    let written = write_iso(time);
    match written.strip_suffix('Z').and_then(|moment| moment.split_once('T')) {
        Some((day, clock)) => format!("{day} {clock} UTC"),
        None if written.contains('-') && !written.starts_with('-') => format!("{written} 00:00:00 UTC"),
        None => format!("{written} seconds after 1970"),
    }
}

/// The shortest form that [`parse_iso`] reads as `time`; plain seconds outside the years 0000 to 9999.
pub fn write_iso(time: i64) -> String {
    let (year, month, day) = civil_from_days(time.div_euclid(86_400));
    if !(0..=9999).contains(&year) {
        return time.to_string();
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    match time.rem_euclid(86_400) {
        0 => date,
        second => format!("{date}T{:02}:{:02}:{:02}Z", second / 3_600, second / 60 % 60, second % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_forms_that_people_write() {
        for (text, time) in [
            ("1970-01-01", 0),
            ("2000-03-01", 951_868_800),
            ("2024-02-29", 1_709_164_800),
            ("2000-03", 951_868_800),
            ("1970-01", 0),
            ("2024-12-31T23:59:59Z", 1_735_689_599),
            ("2024-12-31t23:59:59z", 1_735_689_599),
            ("2024-12-31 23:59", 1_735_689_540),
            ("2025-01-01T01:59:59+02:00", 1_735_689_599),
            ("2024-12-31T18:29:59-05:30", 1_735_689_599),
            ("2024-12-31T18:29:59-0530", 1_735_689_599),
            ("2025-01-01T01:59:59+02", 1_735_689_599),
            ("2024-12-31T23:59:59.000Z", 1_735_689_599),
            ("2024-12-31T23:59:59,25", 1_735_689_599),
            ("1969-12-31T23:59:59", -1),
            ("0000-01-01", -62_167_219_200),
            ("0001-12-31", -62_104_147_200),
        ] {
            assert_eq!(parse_iso(text), Some(time), "{text}");
        }
        for text in [
            "",
            "2024",
            "2024-",
            "2024-1",
            "2024-12-",
            "2024-12T12:00",
            "202412",
            "2024-1-1",
            "2024-13-01",
            "2024-00-10",
            "2023-02-29",
            "2024-04-31",
            "2024-12-31T",
            "2024-12-31T24:00",
            "2024-12-31T12",
            "2024-12-31T12:60",
            "2024-12-31T12:00:60",
            "2024-12-31T12:00:00+2",
            "2024-12-31T12:00:00+02:",
            "2024-12-31T12:00:00+02:0",
            "2024-12-31T12:00:00.",
            "2024-12-31T12:00.5",
            "2024-12-31Z",
            "+024-01-01",
            "2024-12-31T12:00:00Zé",
            "é024-01-01",
            "31.12.2024",
        ] {
            assert_eq!(parse_iso(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_told_with_its_clock() {
        for (time, told) in [
            (2_020, "1970-01-01 00:33:40 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
            (253_402_300_800, "253402300800 seconds after 1970"),
            (-62_167_219_201, "-62167219201 seconds after 1970"),
        ] {
            assert_eq!(in_words(time), told);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(time in -62_167_219_200_i64..=253_402_300_799) {
            prop_assert_eq!(parse_iso(&write_iso(time)), Some(time));
        }

        #[test]
        fn far_times_are_written_as_seconds(time in proptest::num::i64::ANY) {
            let text = write_iso(time);
            prop_assert!(parse_iso(&text) == Some(time) || text == time.to_string());
        }
    }
}
