//! What an error suggests, put into the text.

use super::highlight::underlined;
use super::scan::{Role, Style, TokenKind, scan};
use crate::model::QueryError;
use crate::query::rules::{self, Form};
use crate::query::write::{quoted, scalar};
use crate::query::yaml::{self, Errors, MAX_DEPTH, Node, Place};
use std::ops::Range;

/// The bytes of the word that an error is about, and what to write there for one of its suggestions: in quotes where the word has
/// some or the suggestion needs them. `None` where there is no word, because the error is about another text, and where the text
/// would say something else than the suggestion then, since the word goes on: in further lines, or as a block text (`|`).
pub fn mended(text: &str, error: &QueryError, suggestion: &str) -> Option<(Range<usize>, String)> {
    let start = underlined(text, std::slice::from_ref(error)).first()?.start;
    let (tokens, _) = scan(text);
    let token = tokens.iter().find(|token| token.start == start && token.is_scalar())?;
    let rule = token.rule.and_then(|index| tokens.get(index)).map(|token| token.content(text));
    let form = rule.and_then(|name| rules::by_name(&name)).map(|spec| spec.form);
    let is_bare = token.role != Role::Value || matches!(form, Some(Form::Ids(_)));
    let written = match token.kind {
        TokenKind::Scalar(Style::Double) => quoted(suggestion),
        _ if is_bare => suggestion.to_owned(),
        _ => scalar(suggestion),
    };
    let mut whole = text.to_owned();
    whole.replace_range(token.start..token.end, &written);
    let at = Place { line: error.line, column: error.column };
    let (mut before, mut after) = (Errors::default(), Errors::default());
    yaml::read(text, MAX_DEPTH, &mut before);
    let root = yaml::read(&whole, MAX_DEPTH, &mut after)?;
    // What goes on behind a quotation mark is wrong from there on.
    let is_sound = after.0.iter().map(|error| &error.message).eq(before.0.iter().map(|error| &error.message));
    (is_sound && scalar_at(&root, at)? == suggestion).then_some((token.start..token.end, written))
}

/// What the scalar says that starts at a place.
fn scalar_at(node: &Node, place: Place) -> Option<&str> {
    match node {
        Node::Scalar { text, at, .. } => (*at == place).then_some(text),
        Node::List { items, .. } => items.iter().find_map(|item| scalar_at(item, place)),
        Node::Map { entries, .. } => {
            entries.iter().find_map(|(key, value)| scalar_at(key, place).or_else(|| scalar_at(value, place)))
        }
        Node::Refused => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{KnownNames, Vocabulary, read};

    fn known() -> KnownNames {
        let mut known = KnownNames::default();
        known.add(Vocabulary::Objects, ["Cat (Felis catus)", "Dog: small", "Horse"]);
        known.galleries.insert(3);
        known
    }

    /// Follows the first suggestion of every error, one after the other.
    fn all_mended(text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..9 {
            let (parsed, mut errors) = read(&text);
            errors.extend(parsed.unknown_names(&known()));
            let Some(error) = errors.iter().find(|error| !error.suggestions.is_empty()) else { break };
            let (range, written) = mended(&text, error, &error.suggestions[0]).unwrap();
            text.replace_range(range, &written);
        }
        text
    }

    #[test]
    fn a_suggestion_takes_the_place_of_the_word() {
        for (wrong, right) in [
            ("wnat:\n  - haz: Horse # mine\n", "want:\n  - has: Horse # mine\n"),
            ("want:\n  - has: [cat (felis catos), Hrse]\n", "want:\n  - has: [Cat (Felis catus), Horse]\n"),
            ("want:\n  - has: 'dog: smal'\n", "want:\n  - has: \"Dog: small\"\n"),
            ("{\"want\": [{\"hsa\": \"Hrse\"}]}", "{\"want\": [{\"has\": \"Horse\"}]}"),
            ("want:\n  - in_gallery: [4]\n", "want:\n  - in_gallery: [3]\n"),
            ("want:\n  - has:\n    - 😀\n    - Hrse\n", "want:\n  - has:\n    - 😀\n    - Horse\n"),
        ] {
            assert_eq!(all_mended(wrong), right);
        }
    }

    #[test]
    fn what_goes_on_in_other_lines_is_left_alone() {
        for text in [
            "want:\n  - has: |\n      Hrse\n",
            "want:\n  - has: >-\n      Hrse\n  - title: x\n",
            "want:\n  - has: |-\n      Hrse\n",
            "want:\n  - has: dog\n      smal\n",
            "want:\n  - has: [\"dog:\n      smal\"]\n",
            "want:\n  - has:\n      - |\n        Hrse\n      - Horse\n",
        ] {
            let errors = read(text).0.unknown_names(&known());
            assert_eq!(errors.len(), 1, "{text}");
            for suggestion in ["Horse", "Dog: small"] {
                if let Some((range, written)) = mended(text, &errors[0], suggestion) {
                    let mut mended = text.to_owned();
                    mended.replace_range(range, &written);
                    let (parsed, errors) = read(&mended);
                    assert!(errors.is_empty() && parsed.unknown_names(&known()).is_empty(), "{mended}");
                }
            }
        }
        let block = "want:\n  - has: |\n      Hrse\n";
        let errors = read(block).0.unknown_names(&known());
        assert_eq!(mended(block, &errors[0], "Horse"), None);
    }

    #[test]
    fn an_error_of_another_text_changes_nothing() {
        let error = QueryError { line: 2, column: 5, message: String::new(), suggestions: vec!["has".into()] };
        assert_eq!(mended("want:\n  - # haz\n", &error, "has"), None);
        assert_eq!(mended("", &error, "has"), None);
    }
}
