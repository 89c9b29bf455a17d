//! The colours of a query, and what an error underlines.

use super::position::{floor, offset_of};
use super::scan::{Role, Style, Token, TokenKind, scan};
use crate::model::QueryError;
use crate::query::Place;
use crate::query::date::parse_iso;
use crate::query::rules::{self, Form};
use std::ops::Range;

/// What a part of a query's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A key of the query, such as `want`.
    Key,
    /// The name of a rule.
    Rule,
    /// A name or a text.
    Text,
    /// A number, and the word of a boolean.
    Number,
    /// A date, or seconds where a date belongs.
    Date,
    /// From `#` to the end of the line.
    Comment,
    /// Dashes, colons, commas, brackets, quotes around nothing.
    Punctuation,
    /// What cannot stand there.
    Wrong,
}

impl Kind {
    /// The word for it, as style sheets use it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Rule => "rule",
            Self::Text => "text",
            Self::Number => "number",
            Self::Date => "date",
            Self::Comment => "comment",
            Self::Punctuation => "punctuation",
            Self::Wrong => "wrong",
        }
    }
}

/// A coloured part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// The parts of a text that have a colour, in order. What lies between them is white space. Takes time linear in the text
/// and reads whatever there is.
pub fn highlight(text: &str) -> Vec<Span> {
    let (tokens, _) = scan(text);
    tokens.iter().map(|token| Span { range: token.start..token.end, kind: kind(text, &tokens, token) }).collect()
}

fn kind(text: &str, tokens: &[Token], token: &Token) -> Kind {
    let style = match token.kind {
        TokenKind::Scalar(style) => style,
        TokenKind::Comment => return Kind::Comment,
        TokenKind::Wrong => return Kind::Wrong,
        _ => return Kind::Punctuation,
    };
    match token.role {
        _ if style == Style::Open => Kind::Wrong,
        Role::TopKey if rules::key(&token.content(text)).is_some() => Kind::Key,
        Role::Rule if rules::by_name(&token.content(text)).is_some() => Kind::Rule,
        // Without a colon it may still be on its way.
        Role::TopKey | Role::Rule if token.key => Kind::Wrong,
        Role::Value => value_kind(text, tokens, token, style),
        Role::TopKey | Role::Rule | Role::Other => Kind::Text,
    }
}

fn value_kind(text: &str, tokens: &[Token], token: &Token, style: Style) -> Kind {
    let raw = token.raw(text);
    let name = |index: Option<usize>| index.and_then(|index| tokens.get(index)).map(|token| token.content(text));
    let Some(rule) = name(token.rule) else {
        let boolean =
            matches!(raw, "true" | "false") && name(token.section).is_some_and(|key| key == "include_obsolete");
        return if boolean { Kind::Number } else { Kind::Text };
    };
    let is_number = style == Style::Plain && raw.parse::<f64>().is_ok_and(f64::is_finite);
    match rules::by_name(&rule).map(|spec| spec.form) {
        Some(Form::Number(..) | Form::Ids(_) | Form::Rating(_)) if is_number => Kind::Number,
        Some(Form::Time(_)) if is_number || parse_iso(&token.content(text)).is_some() => Kind::Date,
        _ => Kind::Text,
    }
}

/// The bytes that each error is about, for a wavy line below them; never empty unless the text is. Empty places, such as the end
/// of a line, mark the character before them.
pub fn underlined(text: &str, errors: &[QueryError]) -> Vec<Range<usize>> {
    let (tokens, _) = scan(text);
    errors.iter().map(|error| underline(text, &tokens, Place { line: error.line, column: error.column })).collect()
}

fn underline(text: &str, tokens: &[Token], place: Place) -> Range<usize> {
    let at = offset_of(text, place);
    let token = tokens[..tokens.partition_point(|token| token.start <= at)].last().filter(|token| at < token.end);
    if let Some(token) = token {
        // Of a text with several lines the first is enough.
        let length = token.raw(text).find(['\n', '\r']).unwrap_or(token.end - token.start);
        return token.start..token.start + length;
    }
    let next = text[at..].chars().next().filter(|c| !matches!(c, '\n' | '\r'));
    match next {
        Some(c) => at..at + c.len_utf8(),
        None => floor(text, at.saturating_sub(1))..at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;
    use crate::query::tests::any_text;
    use proptest::prelude::*;

    fn coloured(text: &str) -> String {
        let parts = highlight(text).into_iter().filter(|span| span.kind != Kind::Punctuation);
        parts.map(|span| format!("{}={}", span.kind.as_str(), &text[span.range])).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn everything_has_its_colour() {
        for (text, expected) in [
            ("want:\n  - has: [Cat, \"Dog\"] # pets\n", "key=want rule=has text=Cat text=\"Dog\" comment=# pets"),
            ("want:\n- title: 2024\n- above_width: 4e3\n", "key=want rule=title text=2024 rule=above_width number=4e3"),
            (
                "exclude:\n  - after_date: 2024-12-31\n  - before_date: 5\n",
                "key=exclude rule=after_date date=2024-12-31 rule=before_date date=5",
            ),
            (
                "want:\n  - has:\n      - Cat\n      - Big dog\n  - nature: photo\ninclude_obsolete: true",
                "key=want rule=has text=Cat text=Big dog rule=nature text=photo key=include_obsolete number=true",
            ),
            (
                r#"{"want": [{"has": ["Cat"]}, {"above_width": 8}], "include_obsolete": false}"#,
                r#"key="want" rule="has" text="Cat" rule="above_width" number=8 key="include_obsolete" number=false"#,
            ),
            ("want: [has: a, nature: [b]]", "key=want rule=has text=a rule=nature text=b"),
            ("wants:\n  - haz: *x\n", "wrong=wants wrong=haz wrong=*x"),
            ("wan", "text=wan"),
            ("want:\n  - title: \"x\n  - has: \"Cat\"\n", "key=want rule=title wrong=\"x rule=has text=\"Cat\""),
            ("want:\n  - has: [Cat, \n  - title: x\n", "key=want rule=has text=Cat rule=title text=x"),
            ("want: [{has: [Cat\nexclude:\n", "key=want rule=has text=Cat key=exclude"),
            (
                "want:\n  - title: |\n      a: b\n     # c\n  # d\n",
                "key=want rule=title text=| text=a: b\n     # c comment=# d",
            ),
            ("want:\n\t- has: Cat", "key=want wrong=\t rule=has text=Cat"),
            ("a]: b", "wrong=a] text=b"),
            (
                "  want:\n    - has: Cat\n  exclude:\n    - has: Dog",
                "key=want rule=has text=Cat key=exclude rule=has text=Dog",
            ),
        ] {
            assert_eq!(coloured(text), expected, "{text}");
        }
    }

    #[test]
    fn errors_underline_their_token() {
        let text = "want:\n  - haz: [😀, \"Big dog\"]\n  - above_width: wide # no\n  - has:\nwants: 1\n";
        let errors = parse(text).unwrap_err();
        let ranges = underlined(text, &errors);
        let marked: Vec<_> = ranges.into_iter().map(|range| &text[range]).collect();
        assert_eq!(marked, ["haz", "wide", "has", "wants"]);
        let error = |line, column| QueryError { line, column, message: String::new(), suggestions: Vec::new() };
        let places = [error(1, 6), error(9, 9), error(2, 7)];
        let starts: Vec<_> = underlined("want:\n  -   x", &places).iter().map(|range| range.start).collect();
        assert_eq!(starts, [4, 12, 12]);
    }

    #[test]
    fn long_lines_take_no_longer_than_short_ones() {
        // Quadratic time would show here.
        for part in [
            "[", "{a: ", "a,", "\"", "'", "\"\\\"", "- ", "? ", "a: ", "| ", "&a ", "%", "'a\n", "\"\n- ", "a: |\n",
            "\t",
        ] {
            let text = format!("want: [{}", part.repeat(300_000 / part.len()));
            assert!(!highlight(&text).is_empty());
            assert!(!highlight(&text["want: [".len()..]).is_empty() || part == "\t");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn spans_cover_all_but_white_space(text in any_text()) {
            let mut end = 0;
            let is_gap = |text: &str| text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{feff}'));
            for span in highlight(&text) {
                prop_assert!(span.range.start >= end && span.range.end > span.range.start);
                prop_assert!(is_gap(&text[end..span.range.start]), "{:?}", &text[end..span.range.start]);
                let _ = &text[span.range.clone()];
                end = span.range.end;
            }
            prop_assert!(is_gap(&text[end..]));
        }

        #[test]
        fn every_error_underlines_something(text in any_text()) {
            let (_, errors) = crate::query::read(&text);
            for range in underlined(&text, &errors) {
                prop_assert!(range.start < range.end || range.start == 0, "{:?}", range);
                let _ = &text[range];
            }
        }
    }
}
