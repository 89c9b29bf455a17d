//! Numbers and addresses as people read and write them.

pub use crate::model::text::{count, grouped, spelled_out};

use crate::model::text::{capitalised, path_segment};

/// The numbers of what there is some of: "2 added, 1 changed". Nothing where there is none of anything.
pub fn counts(parts: &[(i64, &str)]) -> Option<String> {
    let some = parts.iter().filter(|(number, _)| *number > 0);
    let some: Vec<String> = some.map(|(number, what)| format!("{} {what}", grouped(*number))).collect();
    (!some.is_empty()).then(|| some.join(", "))
}

/// What a save of regions did: "2 added, 1 changed".
pub fn change_text(added: i64, changed: i64, removed: i64) -> String {
    let counts = counts(&[(added, "added"), (changed, "changed"), (removed, "removed")]);
    counts.unwrap_or_else(|| "drawing order changed".to_owned())
}

/// A number of bytes in the unit that suits it.
pub fn bytes(number: f64) -> String {
    let mut value = number;
    for unit in ["bytes", "KB", "MB"] {
        if value < 1_000.0 {
            return if unit == "bytes" || value >= 100.0 {
                format!("{value:.0} {unit}")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1_000.0;
    }
    format!("{value:.1} GB")
}

/// A message as a sentence: with a capital letter in front and a stop at the end, and without the marks that programs'
/// names have in messages.
pub fn sentence(message: &str) -> String {
    let letters = message.chars().filter(|c| *c != '`');
    // Names are spelled as they are: another case may be another name.
    let mut text = if message.starts_with('`') { letters.collect() } else { capitalised(letters) };
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

/// A text as a double-quoted YAML scalar, for the queries that pages write.
pub fn yaml_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The query "pictures that satisfy this one rule", whose value is `text`.
pub fn query_for(rule: &str, text: &str) -> String {
    format!("want:\n  - {rule}: [{}]\n", yaml_string(text))
}

/// The address of the query page for a query.
pub fn query_href(query: &str) -> String {
    format!("/query?query={}", path_segment(query))
}

/// The short form of a media type: "JPEG", "SVG".
pub fn format_name(media_type: &str) -> String {
    match media_type.strip_prefix("image/").unwrap_or(media_type) {
        "svg+xml" => "SVG".to_owned(),
        "webp" => "WebP".to_owned(),
        other => other.to_uppercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_changed() {
        assert_eq!(change_text(2, 1, 0), "2 added, 1 changed");
        assert_eq!(change_text(0, 0, 3), "3 removed");
        assert_eq!(change_text(0, 0, 0), "drawing order changed");
    }

    #[test]
    fn measures_bytes() {
        assert_eq!(bytes(999.0), "999 bytes");
        assert_eq!(bytes(1_500.0), "1.5 KB");
        assert_eq!(bytes(100_000_000.0), "100 MB");
        assert_eq!(bytes(2_500_000_000.0), "2.5 GB");
    }

    #[test]
    fn writes_sentences() {
        assert_eq!(sentence("must not be empty"), "Must not be empty.");
        assert_eq!(sentence("Why?"), "Why?");
        assert_eq!(sentence("may have `-` and `_`"), "May have - and _.");
        assert_eq!(sentence("`has` needs a value"), "has needs a value.");
        assert_eq!(spelled_out("computer-3d-art"), "Computer 3d art");
    }

    #[test]
    fn quotes_names_for_queries() {
        assert_eq!(query_for("has", "a \"b\" \\"), "want:\n  - has: [\"a \\\"b\\\" \\\\\"]\n");
    }
}
