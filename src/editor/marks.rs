//! The letters of a name that a typed text stands for: for finding names by few letters, and for showing why one was found.

use crate::model::text::fold;
use std::collections::HashSet;

/// Longest text that is taken for an abbreviation, in characters.
const LONGEST: usize = 12;

/// A piece of a text that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The piece.
    pub text: String,
    /// Whether it is what was typed.
    pub marked: bool,
}

/// Cuts a text into pieces, those marked that a typed text stands for: the text itself; or else its words, where they begin
/// words; or else, of names that were found `loosely`, its letters.
pub fn marked(shown: &str, typed: &str, loosely: bool) -> Vec<Piece> {
    let typed = fold(typed.trim());
    // The folded text may have more letters than the one that is shown: each knows where it comes from.
    let (mut folded, mut origin) = (String::with_capacity(shown.len()), Vec::with_capacity(shown.len()));
    for (at, letter) in shown.char_indices() {
        let mut buffer = [0; 4];
        folded.push_str(&fold(letter.encode_utf8(&mut buffer)));
        origin.resize(folded.len(), at);
    }
    let mut marks = vec![false; shown.len()];
    for at in letters_of(&folded, &typed, loosely) {
        marks[origin[at]] = true;
    }
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, letter) in shown.char_indices() {
        match pieces.last_mut() {
            Some(piece) if piece.marked == marks[at] => piece.text.push(letter),
            _ => pieces.push(Piece { text: letter.to_string(), marked: marks[at] }),
        }
    }
    pieces
}

/// The places in a folded name that a folded text stands for.
fn letters_of(name: &str, text: &str, loosely: bool) -> Vec<usize> {
    if text.is_empty() {
        return Vec::new();
    }
    let whole = word_starts(name, 0).find(|at| name[*at..].starts_with(text)).or_else(|| name.find(text));
    if let Some(at) = whole {
        return (at..at + text.len()).collect();
    }
    let words = text.split_whitespace().filter_map(|word| {
        let at = word_starts(name, 0).find(|at| name[*at..].starts_with(word))?;
        Some(at..at + word.len())
    });
    let words: Vec<usize> = words.flatten().collect();
    if !words.is_empty() || !loosely {
        return words;
    }
    abbreviation(name, text).or_else(|| scattered(name, text)).unwrap_or_default()
}

/// Whether a folded text is made of the beginnings of a folded name's words, in their order: `dt` is `dining table`. Gives the
/// letters' places.
pub(super) fn abbreviation(name: &str, text: &str) -> Option<Vec<usize>> {
    /// `dead_ends` keeps where that is known to lead nowhere, by place in the name and length of the rest of the text: otherwise
    /// a name of many short words would be tried in as many ways as there are to choose among them.
    fn goes_on(
        name: &str,
        from: usize,
        text: &str,
        places: &mut Vec<usize>,
        dead_ends: &mut HashSet<(usize, usize)>,
    ) -> bool {
        if text.is_empty() {
            return true;
        }
        if dead_ends.contains(&(from, text.len())) {
            return false;
        }
        for start in word_starts(name, from) {
            let same = name[start..].char_indices().zip(text.chars()).take_while(|((_, a), b)| a == b);
            let ends: Vec<usize> = same.map(|((at, letter), _)| at + letter.len_utf8()).collect();
            for taken in ends.into_iter().rev() {
                places.extend(start..start + taken);
                if goes_on(name, start + taken, &text[taken..], places, dead_ends) {
                    return true;
                }
                places.truncate(places.len() - taken);
            }
        }
        dead_ends.insert((from, text.len()));
        false
    }
    let mut places = Vec::new();
    let length = text.chars().take(LONGEST + 1).count();
    ((2..=LONGEST).contains(&length) && goes_on(name, 0, text, &mut places, &mut HashSet::new())).then_some(places)
}

/// Whether a folded name has all letters of a folded text in their order, the first at the beginning of a word. Gives the
/// letters' places.
pub(super) fn scattered(name: &str, text: &str) -> Option<Vec<usize>> {
    let first = text.chars().next()?;
    let start = word_starts(name, 0).find(|at| name[*at..].starts_with(first))?;
    let (mut places, mut rest) = (Vec::new(), name[start..].char_indices());
    for wanted in text.chars() {
        let (at, letter) = rest.find(|(_, letter)| *letter == wanted)?;
        places.extend(start + at..start + at + letter.len_utf8());
    }
    Some(places)
}

/// Where words begin, from a place on.
pub(super) fn word_starts(name: &str, from: usize) -> impl Iterator<Item = usize> + '_ {
    let mut within = name[..from].chars().next_back().is_some_and(char::is_alphanumeric);
    name[from..].char_indices().filter_map(move |(at, letter)| {
        let begins = letter.is_alphanumeric() && !within;
        within = letter.is_alphanumeric();
        begins.then_some(from + at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(name: &str, typed: &str) -> String {
        let piece = |piece: Piece| if piece.marked { format!("[{}]", piece.text) } else { piece.text };
        marked(name, typed, true).into_iter().map(piece).collect()
    }

    #[test]
    fn what_was_typed_is_marked() {
        for (name, typed, expected) in [
            ("Cat (Felis catus)", "fel", "Cat ([Fel]is catus)"),
            ("Wildcat cat", "cat", "Wildcat [cat]"),
            ("Bobcat", "CAT", "Bob[cat]"),
            ("Straße", "strass", "[Straß]e"),
            ("Cat (Felis catus)", "catus felis", "Cat ([Felis] [catus])"),
            ("Dining table", "dt", "[D]ining [t]able"),
            ("Dining table", "dita", "[Di]ning [ta]ble"),
            ("Person", "prsn", "[P]e[rs]o[n]"),
            ("Dog", "x", "Dog"),
            ("Dog", "", "Dog"),
        ] {
            assert_eq!(shown(name, typed), expected, "{typed}");
        }
        let strictly = marked("Dining table", "dt", false);
        assert!(strictly.iter().all(|piece| !piece.marked));
    }

    #[test]
    fn abbreviations_are_beginnings_of_words() {
        for (name, text, fits) in [
            ("dining table", "dt", true),
            ("dining table", "dinta", true),
            ("dining table", "dg", false),
            ("dining table", "td", false),
            ("a big apple pie", "ap", true),
            ("a big apple pie", "bap", true),
            ("dining table", "d", false),
        ] {
            assert_eq!(abbreviation(name, text).is_some(), fits, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_whole(name in "\\PC{0,20}", typed in "\\PC{0,6}", loosely: bool) {
            let pieces = marked(&name, &typed, loosely);
            prop_assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), name);
            prop_assert!(pieces.windows(2).all(|two| two[0].marked != two[1].marked));
        }
    }
}
