//! Names that somebody looks for, typing mistakes forgiven.

use super::nearest::distance;
use crate::model::text::fold;

/// Longest text that is compared letter by letter, in characters: the comparison is quadratic.
const MAX_CHARS: usize = 100;

/// How well a name fits. The lesser the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is the text, whatever the case.
    Exact,
    /// It begins with the text.
    Prefix,
    /// One of its words begins with the text.
    Word,
    /// It contains the text.
    Substring,
    /// Every word of the text is near to one of its words, with so many edits in all.
    Near(usize),
}

/// A text to look for.
#[derive(Clone, Debug)]
pub struct Search {
    folded: String,
    /// The words, each with the number of edits that are forgiven.
    words: Vec<(Vec<char>, usize)>,
}

impl Search {
    /// Prepares to look for a text.
    pub fn new(text: &str) -> Self {
        let folded = fold(text.trim());
        let words =
            if folded.chars().count() > MAX_CHARS { Vec::new() } else { words(&folded).map(forgiving).collect() };
        Self { folded, words }
    }

    /// The text as folded names contain it.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether a name that does not contain the text can be found all the same.
    pub fn forgives(&self) -> bool {
        !self.words.is_empty()
    }

    /// How well a name fits, which was folded before.
    pub fn fit(&self, name: &str) -> Option<Fit> {
        if let Some(at) = name.find(&self.folded) {
            return Some(match &name[..at] {
                "" if name.len() == self.folded.len() => Fit::Exact,
                "" => Fit::Prefix,
                before if before.ends_with(|c: char| !c.is_alphanumeric()) => Fit::Word,
                _ => Fit::Substring,
            });
        }
        if !self.forgives() {
            return None;
        }
        let names: Vec<Vec<char>> = words(name).map(|word| word.chars().collect()).collect();
        let nearest =
            |(word, most): &(Vec<char>, usize)| names.iter().filter_map(|name| distance(word, name, *most)).min();
        self.words.iter().map(nearest).sum::<Option<usize>>().map(Fit::Near)
    }

    /// Those of the folded names that fit, best first, by their places in the list.
    pub fn ranked(&self, names: &[impl AsRef<str>]) -> Vec<usize> {
        let mut found: Vec<(Fit, &str, usize)> = names
            .iter()
            .enumerate()
            .filter_map(|(index, name)| Some((self.fit(name.as_ref())?, name.as_ref(), index)))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, _, index)| index).collect()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A short word has no room for mistakes, a long one for three.
fn forgiving(word: &str) -> (Vec<char>, usize) {
    let letters: Vec<char> = word.chars().collect();
    let most = (letters.len() / 3).min(3);
    (letters, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'n>(text: &str, names: &[&'n str]) -> Vec<&'n str> {
        let folded: Vec<String> = names.iter().map(|name| fold(name)).collect();
        Search::new(text).ranked(&folded).into_iter().map(|index| names[index]).collect()
    }

    #[test]
    fn better_fits_come_first() {
        let names = ["Bat", "Wildcat", "Big cat", "Caterpillar", "Cat", "Dog", "Catfish"];
        assert_eq!(found("CAT", &names), ["Cat", "Caterpillar", "Catfish", "Big cat", "Wildcat", "Bat"]);
    }

    #[test]
    fn typing_mistakes_are_forgiven() {
        let names = ["Elephant", "Cat (Felis catus)", "Domestic goose", "Straße", "Dog"];
        for (text, expected) in [
            ("elehpant", vec!["Elephant"]),
            ("elefant", vec!["Elephant"]),
            ("Felis cattus", vec!["Cat (Felis catus)"]),
            ("catus felis", vec!["Cat (Felis catus)"]),
            ("gose", vec!["Domestic goose"]),
            ("STRASE", vec!["Straße"]),
            ("dg", vec![]),
            ("giraffe", vec![]),
            ("felis giraffe", vec![]),
        ] {
            assert_eq!(found(text, &names), expected, "{text}");
        }
    }

    #[test]
    fn signs_are_taken_literally() {
        let names = ["100%", "100", "a_b", "axb", "back\\slash"];
        assert_eq!(found("0%", &names), ["100%"]);
        assert_eq!(found("a_b", &names), ["a_b"]);
        assert_eq!(found("k\\s", &names), ["back\\slash"]);
        assert_eq!(found("%", &names), ["100%"]);
    }

    #[test]
    fn a_long_text_is_not_compared_letter_by_letter() {
        let long = "elephant ".repeat(5_000);
        assert!(!Search::new(&long).forgives());
        assert_eq!(found(&long, &["Elephant"]), Vec::<&str>::new());
    }
}
