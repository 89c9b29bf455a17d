//! A tree to text: what the parser reads back as the same tree.

use super::tree::{Query, Rule};
use std::fmt::Write;

/// Longest line on which several values are written, in characters.
const MAX_LINE: usize = 100;

/// Writes a query as people write them: one rule a line, quotes only where they are needed, long lists as one value a line.
pub fn write(query: &Query) -> String {
    let mut text = String::new();
    for (key, rules) in [("want", &query.want), ("exclude", &query.exclude)] {
        if rules.is_empty() {
            continue;
        }
        text.push_str(key);
        text.push_str(":\n");
        for rule in rules {
            for line in rule_lines(rule) {
                text.extend(["  ", line.as_str(), "\n"]);
            }
        }
    }
    if query.include_obsolete {
        text.push_str("include_obsolete: true\n");
    }
    text
}

/// The lines of a rule, from its dash on.
pub(super) fn rule_lines(rule: &Rule) -> Vec<String> {
    let mut values = values(rule);
    let line = match values.len() {
        1 => format!("- {}: {}", rule.name(), values.remove(0)),
        _ => format!("- {}: [{}]", rule.name(), values.join(", ")),
    };
    if values.len() < 2 || line.chars().count() <= MAX_LINE {
        return vec![line];
    }
    let first = format!("- {}:", rule.name());
    std::iter::once(first).chain(values.into_iter().map(|value| format!("    - {value}"))).collect()
}

/// The values of a rule as YAML, one by one.
pub(super) fn values(rule: &Rule) -> Vec<String> {
    let is_text = matches!(rule, Rule::Names(..) | Rule::Text(..) | Rule::Origin(_));
    let values = rule.values();
    if is_text { values.iter().map(|text| scalar(text)).collect() } else { values }
}

/// Whether any reader of YAML, old or new, takes the text without quotes for the text that it is.
fn is_plain(text: &str) -> bool {
    const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    text.starts_with(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '/' | '(' | ')' | '+'))
        && !text.ends_with([' ', '-'])
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

/// One text as YAML.
pub fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// One text as YAML, in double quotes.
pub fn quoted(text: &str) -> String {
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
