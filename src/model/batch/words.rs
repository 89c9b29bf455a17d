//! What is said of a batch: to people, and by its commit.

use super::{File, Phase, Standing, Tally};
use crate::model::text::{files, grouped};

/// The browser cannot read a file.
pub const UNREADABLE: &str =
    "the browser cannot read the file: it was changed, moved or deleted since it was chosen; choose it again";

/// A number of bytes in megabytes, as limits are given. It is never less than the truth: a limit would look as if it were kept.
fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    if tenths < 100 && !tenths.is_multiple_of(10) {
        return format!("{}.{} MB", tenths / 10, tenths % 10);
    }
    format!("{} MB", grouped(i64::try_from(bytes.div_ceil(1_000_000)).unwrap_or(i64::MAX)))
}

/// A file is larger than the site takes.
pub(super) fn too_large(size: u64, limit: u64) -> String {
    format!("the file has {}; this site takes at most {}", megabytes(size), megabytes(limit))
}

/// The connection of a file broke so often.
pub(super) fn broke_off(times: u32) -> String {
    format!("the connection broke off {times} times")
}

/// The server asks to wait.
pub(super) fn later(seconds: u64) -> String {
    format!("the server asks to wait for {seconds} s")
}

/// What the commit says unless somebody writes something else. The folder is empty or ends with `/`.
pub fn default_message(folder: &str, number: usize, replacing: usize, only: Option<&str>) -> String {
    if let (1, Some(path)) = (number, only) {
        return format!("{} {path}", if replacing == 1 { "Replace" } else { "Upload" });
    }
    let place = |word: &str| if folder.is_empty() { String::new() } else { format!(" {word} {folder}") };
    match replacing {
        0 => format!("Upload {}{}", files(number), place("into")),
        all if all == number => format!("Replace {}{}", files(number), place("in")),
        some => format!("Upload {}{}, {} of them replaced", files(number), place("into"), some),
    }
}

/// A time that is left, roughly.
pub fn time_left(seconds: f64) -> String {
    // A number of seconds above that is none that anybody waits for.
    let seconds = if seconds.is_finite() { seconds.clamp(0.0, 1e7) as u64 } else { 10_000_000 };
    match seconds {
        0..5 => "a few seconds left".to_owned(),
        5..60 => format!("about {} seconds left", seconds.div_ceil(5) * 5),
        60..5400 => match (seconds + 30) / 60 {
            1 => "about a minute left".to_owned(),
            minutes => format!("about {minutes} minutes left"),
        },
        5400..129_600 => match (seconds + 1800) / 3600 {
            1 => "about an hour left".to_owned(),
            hours => format!("about {hours} hours left"),
        },
        _ => format!("about {} days left", (seconds + 43_200) / 86_400),
    }
}

/// For what one waits: a server that says something is there.
fn awaited(standing: &Standing) -> &'static str {
    if matches!(standing, Standing::Unconnected(Some(_))) { "the server" } else { "the connection" }
}

/// The state of a file in a few words. `standing` is that of the batch.
pub fn state(file: &File, standing: &Standing) -> String {
    let part = || file.sent().saturating_mul(100).checked_div(file.size).unwrap_or_default();
    match &file.phase {
        Phase::Same => "unchanged: the dataset has the same already".to_owned(),
        Phase::Refused(reason) => format!("refused: {reason}"),
        _ if file.is_skipped => "skipped: what is there stays".to_owned(),
        Phase::Looking | Phase::Comparing => "looking what is there".to_owned(),
        Phase::Waiting | Phase::Sending if matches!(standing, Standing::Unconnected(_)) => match part() {
            0 => format!("waiting for {}", awaited(standing)),
            part => format!("{part} %, waiting for {}", awaited(standing)),
        },
        Phase::Waiting if matches!(standing, Standing::Paused | Standing::Stopped(_)) => match part() {
            0 => "stopped".to_owned(),
            part => format!("stopped at {part} %"),
        },
        Phase::Waiting => match part() {
            0 => "waiting".to_owned(),
            part => format!("waiting, {part} % sent"),
        },
        // The server reads a file once more before it knows it.
        Phase::Sending if file.sent() == file.size => "the server is reading it".to_owned(),
        Phase::Sending => format!("sending, {} %", part()),
        Phase::Paused => match part() {
            0 => "paused".to_owned(),
            part => format!("paused at {part} %"),
        },
        Phase::Done(_) => "sent".to_owned(),
        Phase::Failed(reason) => format!("failed: {reason}"),
    }
}

/// How it stands with all files, as one sentence.
pub fn headline(tally: &Tally, standing: &Standing) -> String {
    let done = || format!("{} of {}", grouped(tally.done as i64), files(tally.wanted()));
    match standing {
        Standing::Empty => "No files chosen yet.".to_owned(),
        Standing::Sending => format!("{} sent.", done()),
        Standing::Paused => format!("Paused: {} sent.", done()),
        Standing::Unconnected(_) => format!("Waiting for {}: {} sent.", awaited(standing), done()),
        Standing::Stopped(_) => format!("Stopped: {} sent.", done()),
        Standing::Settled => {
            let not = match tally.failed + tally.refused {
                0 => String::new(),
                number => format!(", {} not", grouped(number as i64)),
            };
            match (tally.done, not.is_empty()) {
                (0, true) => "Nothing is left to be sent.".to_owned(),
                (1, true) => "The file is sent. The commit puts it into the dataset.".to_owned(),
                (number, true) => format!("All {} are sent. The commit puts them into the dataset.", files(number)),
                (number, false) => format!("{} sent{not}.", files(number)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_say_what_came_and_where() {
        assert_eq!(default_message("masks/", 12, 0, None), "Upload 12 files into masks/");
        assert_eq!(default_message("", 12, 0, None), "Upload 12 files");
        assert_eq!(default_message("a/", 1, 0, Some("a/b.png")), "Upload a/b.png");
        assert_eq!(default_message("a/", 1, 1, Some("a/b.png")), "Replace a/b.png");
        assert_eq!(default_message("a/", 3, 3, None), "Replace 3 files in a/");
        assert_eq!(default_message("", 3, 1, None), "Upload 3 files, 1 of them replaced");
    }

    #[test]
    fn a_server_that_answers_is_not_taken_for_one_out_of_reach() {
        let said =
            |reason: Option<&str>| headline(&Tally::default(), &Standing::Unconnected(reason.map(str::to_owned)));
        assert_eq!(said(None), "Waiting for the connection: 0 of 0 files sent.");
        assert_eq!(said(Some("it is busy")), "Waiting for the server: 0 of 0 files sent.");
    }

    #[test]
    fn times_are_rough() {
        for (seconds, words) in [
            (0.4, "a few seconds left"),
            (7.0, "about 10 seconds left"),
            (59.0, "about 60 seconds left"),
            (61.0, "about a minute left"),
            (200.0, "about 3 minutes left"),
            (3600.0, "about 60 minutes left"),
            (7300.0, "about 2 hours left"),
            (1e6, "about 12 days left"),
        ] {
            assert_eq!(time_left(seconds), words, "{seconds}");
        }
        assert!(time_left(f64::INFINITY).contains("days"));
    }

    #[test]
    fn limits_are_told_exactly_enough() {
        assert_eq!(too_large(50_000_001, 50_000_000), "the file has 51 MB; this site takes at most 50 MB");
        assert_eq!(too_large(2_500_000, 1_000_000), "the file has 2.5 MB; this site takes at most 1 MB");
    }
}
