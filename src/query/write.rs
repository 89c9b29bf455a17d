//! A tree to text: what the parser reads back as the same tree.

use super::date::write_iso;
use super::tree::{Query, Rule};
use std::fmt::{Display, Write};

/// Writes a query as people write them: one rule a line, quotes only where they are needed.
pub fn write(query: &Query) -> String {
    let mut text = String::new();
    for (key, rules) in [("want", &query.want), ("exclude", &query.exclude)] {
        if rules.is_empty() {
            continue;
        }
        text.push_str(key);
        text.push_str(":\n");
        for rule in rules {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  - {}: {}", rule.name(), argument(rule));
        }
    }
    if query.include_obsolete {
        text.push_str("include_obsolete: true\n");
    }
    text
}

fn argument(rule: &Rule) -> String {
    match rule {
        Rule::Names(_, names) => list(names.iter().map(|name| scalar(name))),
        Rule::Ids(_, ids) => list(ids.iter()),
        Rule::Text(_, text) | Rule::Origin(text) => scalar(text),
        Rule::Number(_, _, number) => number.to_string(),
        Rule::Time(_, time) => write_iso(*time),
        Rule::Rating(_, rating) => rating.to_string(),
    }
}

fn list(mut values: impl ExactSizeIterator<Item = impl Display>) -> String {
    if values.len() == 1 {
        return values.next().map_or_else(String::new, |only| only.to_string());
    }
    let written: Vec<String> = values.map(|value| value.to_string()).collect();
    format!("[{}]", written.join(", "))
}

/// Whether any reader of YAML, old or new, takes the text without quotes for the text that it is.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '(' | ')' | '+'))
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// One text as YAML.
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Line breaks to YAML, or invisible.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
