//! The colours behind the text of a query: the same text once more, with a colour for every part and waves below errors.

use crate::model::text::escape_html;
use crate::query::text::highlight::Span;
use std::ops::Range;

/// The text as HTML: every coloured part and every part of an error is an element that knows its byte (`data-at`), and an
/// empty element stands at `mark`.
pub fn ink(text: &str, spans: &[Span], waves: &[Range<usize>], mark: Option<usize>) -> String {
    let mut cuts: Vec<usize> =
        spans.iter().map(|span| &span.range).chain(waves).flat_map(|range| [range.start, range.end]).collect();
    cuts.extend(mark);
    cuts.extend([0, text.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    let mut html = String::with_capacity(text.len() * 3);
    let mut rest = spans;
    let set_mark = |html: &mut String, at: usize| {
        if mark == Some(at) {
            html.push_str("<i class=\"query-at\"></i>");
        }
    };
    for pair in cuts.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        set_mark(&mut html, start);
        while rest.first().is_some_and(|span| span.range.end <= start) {
            rest = &rest[1..];
        }
        let kind = rest.first().filter(|span| span.range.start <= start).map(|span| span.kind.as_str());
        let is_wavy = waves.iter().any(|wave| wave.start <= start && end <= wave.end);
        let part = escape_html(text.get(start..end).unwrap_or_default());
        if kind.is_none() && !is_wavy {
            html.push_str(&part);
            continue;
        }
        let wave = if is_wavy { " wavy" } else { "" };
        let class = kind.map(|kind| format!("ink-{kind}")).unwrap_or_default();
        html.push_str(&format!("<span class=\"{class}{wave}\" data-at=\"{start}\">{part}</span>"));
    }
    set_mark(&mut html, text.len());
    // An empty last line has a height, too.
    html.push('\u{200b}');
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::text::highlight::highlight;

    #[test]
    fn parts_are_coloured_and_escaped() {
        let text = "want:\n  - title: \"<b>\"";
        let html = ink(text, &highlight(text), std::slice::from_ref(&(10..15)), Some(17));
        assert!(html.contains("<span class=\"ink-key\" data-at=\"0\">want</span>"), "{html}");
        assert!(html.contains("<span class=\"ink-rule wavy\" data-at=\"10\">title</span>"), "{html}");
        assert!(html.contains("<i class=\"query-at\"></i><span class=\"ink-text\" data-at=\"17\">"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn nothing_is_a_line() {
        assert_eq!(ink("", &[], &[], Some(0)), "<i class=\"query-at\"></i>\u{200b}");
    }
}
