//! What a text in `title` or `description` finds.

use crate::model::text::fold;

/// A text with wildcards, ready to be compared with folded text.
///
/// The text is folded first. `%` stands for any text, `_` for any one character; `\%`, `\_` and `\\` stand for the
/// characters themselves, and a `\` before anything else is just a `\`. Without wildcards the text has to be contained,
/// with one the whole has to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Exactly(char),
    AnyOne,
    AnyText,
}

impl Pattern {
    /// Reads the text as a person wrote it.
    pub fn new(text: &str) -> Self {
        let folded = fold(text);
        let mut pieces = Vec::with_capacity(folded.len() + 2);
        let mut wild = false;
        let mut rest = folded.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\\' => {
                    pieces.push(Piece::Exactly(rest.next_if(|next| matches!(next, '%' | '_' | '\\')).unwrap_or('\\')))
                }
                '%' => {
                    wild = true;
                    // Two in a row say no more than one, and cost a database time.
                    if pieces.last() != Some(&Piece::AnyText) {
                        pieces.push(Piece::AnyText);
                    }
                }
                '_' => {
                    wild = true;
                    pieces.push(Piece::AnyOne);
                }
                other => pieces.push(Piece::Exactly(other)),
            }
        }
        if !wild {
            pieces.insert(0, Piece::AnyText);
            pieces.push(Piece::AnyText);
        }
        Self(pieces)
    }

    /// The pattern for SQL's `LIKE … ESCAPE '\'`.
    pub fn like(&self) -> String {
        let mut like = String::with_capacity(self.0.len() + 2);
        for piece in &self.0 {
            match piece {
                Piece::AnyText => like.push('%'),
                Piece::AnyOne => like.push('_'),
                Piece::Exactly(c) => {
                    if matches!(c, '%' | '_' | '\\') {
                        like.push('\\');
                    }
                    like.push(*c);
                }
            }
        }
        like
    }

    /// The texts that whatever fits has in it, without a wildcard between their characters.
    pub fn literals(&self) -> impl Iterator<Item = Vec<char>> {
        let character = |piece: &Piece| match piece {
            Piece::Exactly(c) => Some(*c),
            Piece::AnyOne | Piece::AnyText => None,
        };
        let literal = move |pieces: &[Piece]| pieces.iter().filter_map(character).collect::<Vec<char>>();
        let is_wild = |piece: &Piece| matches!(piece, Piece::AnyOne | Piece::AnyText);
        self.0.split(is_wild).filter(|pieces| !pieces.is_empty()).map(literal)
    }

    /// Whether a text, folded already, fits.
    pub fn matches(&self, folded: &str) -> bool {
        self.compare(folded).0
    }

    /// Whether a text fits, and in how many steps that was found out.
    fn compare(&self, folded: &str) -> (bool, usize) {
        let text: Vec<char> = folded.chars().collect();
        let (mut piece, mut at, mut steps) = (0, 0, 0);
        // Where to go on when what follows the latest `%` does not fit: the `%` then swallows one character more. Only the
        // latest one ever needs to be tried again, which keeps this quadratic at worst.
        let mut again: Option<(usize, usize)> = None;
        while at < text.len() {
            steps += 1;
            match self.0.get(piece) {
                Some(Piece::AnyText) => {
                    again = Some((piece + 1, at));
                    piece += 1;
                }
                Some(Piece::AnyOne) => {
                    piece += 1;
                    at += 1;
                }
                Some(Piece::Exactly(c)) if *c == text[at] => {
                    piece += 1;
                    at += 1;
                }
                _ => match &mut again {
                    Some((after, from)) => {
                        *from += 1;
                        (piece, at) = (*after, *from);
                    }
                    None => return (false, steps),
                },
            }
        }
        (self.0[piece..].iter().all(|piece| *piece == Piece::AnyText), steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).matches(&fold(text))
    }

    #[test]
    fn contains_or_fits() {
        for (pattern, text, expected) in [
            ("strasse", "Eine Straße im Winter", true),
            ("STRASSE", "eine straße", true),
            ("winter", "Winter", true),
            ("winter", "summer", false),
            ("win%", "Winter morning", true),
            ("win%", "A winter morning", false),
            ("%morning", "A winter morning", true),
            ("%win%ing%", "A winter morning", true),
            ("%win%win%", "A winter morning", false),
            ("w_nter", "winter", true),
            ("w_nter", "a winter", false),
            ("_", "ß", false),
            ("__", "ß", true),
            ("100\\%", "only 100% wool", true),
            ("100\\%", "only 100 wool", false),
            ("a\\_b", "xa_bx", true),
            ("a\\_b", "xacbx", false),
            ("c:\\temp", "in C:\\Temp today", true),
            ("c:\\\\temp", "in C:\\Temp today", true),
            ("\\", "a\\b", true),
            ("\\\\%", "\\b", true),
            ("%", "", true),
            ("%%", "anything", true),
            ("a%b%c", "aXbXbc", true),
        ] {
            assert_eq!(found(pattern, text), expected, "{pattern} in {text}");
        }
    }

    #[test]
    fn writes_like_patterns() {
        for (pattern, like) in [
            ("Winter", "%winter%"),
            ("50\\%", "%50\\%%"),
            ("a%%_", "a%_"),
            ("c:\\t", "%c:\\\\t%"),
            ("end\\", "%end\\\\%"),
        ] {
            assert_eq!(Pattern::new(pattern).like(), like);
        }
    }

    #[test]
    fn literals_stand_between_wildcards() {
        for (pattern, literals) in
            [("Winter", vec!["winter"]), ("a_b%%c\\%", vec!["a", "b", "c%"]), ("%_", vec![]), ("", vec![])]
        {
            let found: Vec<String> = Pattern::new(pattern).literals().map(|chars| chars.iter().collect()).collect();
            assert_eq!(found, literals, "{pattern}");
        }
    }

    #[test]
    fn many_wildcards_take_few_steps() {
        let text = "a".repeat(2_000);
        // Of many `%` only the latest is tried again: a step or two for each character, however many there are.
        let (fits, steps) = Pattern::new(&("%a".repeat(300) + "b")).compare(&text);
        assert!(!fits && steps <= 3 * text.len(), "{steps}");
        let (fits, steps) = Pattern::new(&"%a_".repeat(300)).compare(&text);
        assert!(fits && steps <= 3 * text.len(), "{steps}");
        // The worst: what follows a `%` nearly fits everywhere.
        let (fits, steps) = Pattern::new(&format!("%{}b", "a".repeat(300))).compare(&text);
        assert!(!fits && steps <= 302 * text.len(), "{steps}");
    }

    proptest! {
        #[test]
        fn an_escaped_text_finds_itself(text in ".{1,20}", before in ".{0,5}", after in ".{0,5}") {
            let escaped: String = text.chars().flat_map(|c| {
                matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])
            }).collect();
            let whole = [before, text, after].concat();
            prop_assert!(found(&escaped, &whole));
        }
    }
}
