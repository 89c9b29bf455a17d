//! Rules that are commented out: how a query keeps those that do not count for now.
//!
//! A rule is disabled by a `#` before each of its lines, which is what people do by hand, and so the text stays the only
//! truth: it can be saved, sent and typed. A list all of whose rules are disabled has its key commented out as well, since
//! a key without rules is an error.
//!
//! ```yaml
//! want:
//!   - has: Cat
//!   # - above_width: 800
//! # exclude:
//!   # - has:
//!   #     - Human
//! ```

use super::sheet::{Card, Line, List, Pending, Sheet};
use crate::query::{parse, rules};

/// What a comment says, without its `#`.
fn content(line: &Line) -> Option<&str> {
    match line {
        Line::Comment(text, _) => text.strip_prefix('#'),
        Line::Blank | Line::Mark(_) => None,
    }
}

/// Whether a rule that is commented out may begin with this line.
pub(super) fn looks_disabled(line: &Line) -> bool {
    matches!(line, Line::Comment(text, _) if begins(text))
}

fn indent(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// Whether a rule that is commented out may begin with this comment.
pub(super) fn begins(comment: &str) -> bool {
    let rest = comment.strip_prefix('#').and_then(|text| text.trim_start_matches(' ').strip_prefix("- "));
    let name = rest.and_then(|rest| rest.split_once(':')).map(|(name, _)| name);
    name.is_some_and(|name| rules::by_name(name.trim_matches([' ', '{', '"', '\''])).is_some())
}

/// The rule that is commented out at the beginning of these lines, and how many of them it takes.
pub(super) fn rule(lines: &[Pending]) -> Option<(Card, usize)> {
    let first = lines.first().filter(|first| looks_disabled(&first.line))?;
    let column = indent(content(&first.line)?);
    let mut length = 1;
    while let Some(next) = lines.get(length)
        && next.number == first.number + length
        && content(&next.line).is_some_and(|text| indent(text) > column && !text.trim().is_empty())
    {
        length += 1;
    }
    [length, 1].into_iter().find_map(|length| {
        let mut text = "want:\n".to_owned();
        for line in &lines[..length] {
            text.extend(["  ", content(&line.line)?.get(column..)?, "\n"]);
        }
        let mut card = Sheet::read_one(&text, &parse(&text).ok()?)?;
        card.enabled = false;
        card.lines = first.number..first.number + length;
        Some((card, length))
    })
}

/// The list whose key is commented out here, with the comments behind it; the lines below have to have a rule for it.
pub(super) fn header(line: &Line, below: &[Pending]) -> Option<(List, Vec<String>)> {
    let (list, own) = key(line)?;
    let its_lines = below.iter().take_while(|line| key(&line.line).is_none()).count();
    (0..its_lines).any(|at| rule(&below[at..]).is_some()).then_some((list, own))
}

fn key(line: &Line) -> Option<(List, Vec<String>)> {
    let text = content(line)?.trim();
    let after = |list: List| text.strip_prefix(list.key())?.strip_prefix(':').map(|rest| (list, rest));
    let (list, rest) = List::ALL.into_iter().find_map(after)?;
    match rest.trim_start() {
        "" => Some((list, Vec::new())),
        own if own.starts_with('#') && own.len() < rest.len() => Some((list, vec![own.to_owned()])),
        _ => None,
    }
}
