//! What an error suggests, put into the text.

use super::highlight::underlined;
use super::scan::{Role, Style, TokenKind, scan};
use crate::model::QueryError;
use crate::query::rules::{self, Form};
use crate::query::write::{quoted, scalar};
use std::ops::Range;

/// The bytes of the word that an error is about, and what to write there for one of its suggestions: in quotes where the word has
/// some or the suggestion needs them. `None` where there is no word, because the error is about another text.
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
    Some((token.start..token.end, written))
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
    fn an_error_of_another_text_changes_nothing() {
        let error = QueryError { line: 2, column: 5, message: String::new(), suggestions: vec!["has".into()] };
        assert_eq!(mended("want:\n  - # haz\n", &error, "has"), None);
        assert_eq!(mended("", &error, "has"), None);
    }
}
