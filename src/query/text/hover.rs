//! Help for what the pointer or the caret is on.

use super::scan::{Role, scan};
use crate::query::rules::{self, KeySpec, RuleSpec};
use std::ops::Range;

/// What is known of a part of a query's text.
#[derive(Clone, Debug)]
pub struct Hover {
    /// The bytes that it is about.
    pub range: Range<usize>,
    /// What it is.
    pub help: Help,
}

/// What a part of a query's text is.
#[derive(Clone, Debug)]
pub enum Help {
    /// A key of the query.
    Key(&'static KeySpec),
    /// The name of a rule; its row says what it means and takes.
    Rule(&'static RuleSpec),
    /// An argument of a rule.
    Value {
        /// The rule.
        rule: &'static RuleSpec,
        /// The value, without quotes.
        value: String,
    },
}

/// What stands at a byte of the text, if there is anything to say about it. The place behind a token belongs to it as well, so
/// that a caret after a word finds the word.
pub fn hover(text: &str, offset: usize) -> Option<Hover> {
    let (tokens, _) = scan(text);
    let until = tokens.partition_point(|token| token.start <= offset);
    let on = |token: &&super::scan::Token| token.is_scalar() && offset <= token.end;
    let token =
        tokens[..until].last().filter(on).or_else(|| until.checked_sub(2).and_then(|at| tokens.get(at)).filter(on))?;
    let content = token.content(text);
    let help = match token.role {
        Role::TopKey => Help::Key(rules::key(&content)?),
        Role::Rule => Help::Rule(rules::by_name(&content)?),
        Role::Value => {
            let rule = tokens.get(token.rule?)?.content(text);
            Help::Value { rule: rules::by_name(&rule)?, value: content }
        }
        Role::Other => return None,
    };
    Some(Hover { range: token.start..token.end, help })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::tests::any_text;
    use proptest::prelude::*;

    fn said(text: &str, offset: usize) -> String {
        match hover(text, offset) {
            None => "nothing".to_owned(),
            Some(Hover { range, help }) => match help {
                Help::Key(key) => format!("{} is a key", &text[range]).replace(key.name, "K"),
                Help::Rule(rule) => format!("{}: {}", &text[range], rule.label),
                Help::Value { rule, value } => format!("{} of {}: {value}", &text[range], rule.name),
            },
        }
    }

    #[test]
    fn says_what_is_there() {
        let text = "want:\n  - has: [Cat, \"Big dog\"] # x\n  - haz: [a\nexclude:\n  - title: it's\n";
        for (at, expected) in [
            ("want", "K is a key"),
            ("has", "has: Shows"),
            (": [Cat", "has: Shows"),
            ("[Cat", "nothing"),
            ("Cat", "Cat of has: Cat"),
            (", \"", "Cat of has: Cat"),
            ("ig dog", "\"Big dog\" of has: Big dog"),
            ("# x", "nothing"),
            ("haz", "nothing"),
            ("exclude", "K is a key"),
            ("t's", "it's of title: it's"),
        ] {
            assert_eq!(said(text, text.find(at).unwrap()), expected, "{at}");
        }
        assert_eq!(said("", 0), "nothing");
        assert_eq!(said("want", 4), "K is a key");
    }

    proptest! {
        #[test]
        fn any_place_of_any_text_can_be_asked(text in any_text(), at in 0..300_usize) {
            if let Some(Hover { range, .. }) = hover(&text, at) {
                prop_assert!(range.contains(&at) || range.end == at);
                let _ = &text[range];
            }
        }
    }
}
