//! Which errors can wait, because somebody is still writing the word that they are about; and where errors are while a text
//! changes.

use super::position::{offset_of, place_of};
use super::splice::difference;
use crate::model::QueryError;
use crate::query::Place;

fn offset(text: &str, error: &QueryError) -> usize {
    offset_of(text, Place { line: error.line, column: error.column })
}

/// Whether an error is about the word that ends at the caret, or one that is to begin there; `caret` is a byte.
pub fn is_unfinished(text: &str, error: &QueryError, caret: usize) -> bool {
    let at = offset(text, error);
    let is_blank = |part: Option<&str>| part.is_some_and(|part| part.trim().is_empty());
    // The end of the text may be what is wrong, or the line that the caret has just come to.
    if caret <= at {
        return is_blank(text.get(caret..at));
    }
    let Some(written) = text.get(at..caret) else { return false };
    is_blank(Some(written)) || !is_complete(written)
}

/// Whether what stands between a word's beginning and the caret is more than that word. A key without its value is not.
fn is_complete(written: &str) -> bool {
    if let Some(quote) = written.chars().next().filter(|first| matches!(first, '"' | '\'')) {
        return written[1..].contains(quote) || written.contains('\n');
    }
    let is_begun = |(_, value): (&str, &str)| !value.trim().is_empty();
    written.contains(['\n', ',', ']', '}']) || written.contains(" #") || written.split_once(": ").is_some_and(is_begun)
}

/// The errors of a text where they are in a text that it has become; those of what was changed are left out.
pub fn moved(errors: &[QueryError], old: &str, new: &str) -> Vec<QueryError> {
    let Some((range, part)) = difference(old, new) else { return errors.to_vec() };
    let place = |error: &QueryError| {
        let at = offset(old, error);
        let word = old[at..].find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(old.len() - at);
        let at = match at {
            _ if at + word < range.start => at,
            _ if at > range.end => at - range.len() + part.len(),
            _ => return None,
        };
        let Place { line, column } = place_of(new, at);
        Some(QueryError { line, column, ..error.clone() })
    };
    errors.iter().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::parse;

    /// The messages that can wait where the caret is at the `|`, and those that cannot.
    fn sorted(marked: &str) -> (usize, usize) {
        let caret = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        let errors = parse(&text).expect_err(marked);
        let waiting = errors.iter().filter(|error| is_unfinished(&text, error, caret)).count();
        (waiting, errors.len() - waiting)
    }

    #[test]
    fn errors_wait_for_the_word_at_the_caret() {
        for waiting in [
            "wan|",
            "want:|",
            "want:\n  - |",
            "want:\n  - ha|",
            "want:\n  - haz|: Cat",
            "want:\n  - has: |",
            "want:\n  - has:|\n  - title: x\n",
            "want:\n  - above_width: 8x|",
            "want:\n  - title: \"a, b: c|",
            "want:\n  - has: [Cat, |",
            "want:\n  - after_date: 2024-|\n",
        ] {
            assert_eq!(sorted(waiting), (1, 0), "{waiting}");
        }
        for (complete, expected) in [
            ("wan\n|", (0, 1)),
            ("want:\n  - haz: C|", (0, 1)),
            ("want:\n  - haz: Cat\n  - |title: x", (0, 1)),
            ("want:\n  - above_width: 8x\n|", (0, 1)),
            ("want:\n  - in_gallery: [x, y|]", (1, 1)),
            ("|want:\n  - haz: Cat\n", (0, 1)),
        ] {
            assert_eq!(sorted(complete), expected, "{complete}");
        }
    }

    #[test]
    fn errors_go_with_their_words() {
        let old = "want:\n  - haz: Cat\n  - widht: 1\n";
        let errors = parse(old).expect_err(old);
        let places = |new: &str| -> Vec<(u32, u32)> {
            moved(&errors, old, new).iter().map(|error| (error.line, error.column)).collect()
        };
        assert_eq!(places(old), [(2, 5), (3, 5)]);
        assert_eq!(places("want:\n  - haz: Cats\n  - widht: 1\n"), [(2, 5), (3, 5)]);
        assert_eq!(places("want:\n  - haz: Cat\n  # new\n  - widht: 1\n"), [(2, 5), (4, 5)]);
        assert_eq!(places("want:\n  - hazz: Cat\n  - widht: 1\n"), [(3, 5)]);
        assert_eq!(places(""), []);
    }
}
