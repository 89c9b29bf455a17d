//! Names that somebody looks for, typing mistakes forgiven.

use super::text::fold;

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
        self.fit_exactly(name).or_else(|| self.fit_nearly(name))
    }

    /// How well a folded text fits that contains what is looked for.
    pub fn fit_exactly(&self, name: &str) -> Option<Fit> {
        let fit = |(at, _): (usize, &str)| match &name[..at] {
            "" if name.len() == self.folded.len() => Fit::Exact,
            "" => Fit::Prefix,
            before if before.ends_with(|c: char| !c.is_alphanumeric()) => Fit::Word,
            _ => Fit::Substring,
        };
        name.match_indices(&self.folded).map(fit).min()
    }

    /// How well a folded name fits when typing mistakes are forgiven.
    pub fn fit_nearly(&self, name: &str) -> Option<Fit> {
        if !self.forgives() {
            return None;
        }
        // Most names have no word of a similar length and letters; they are passed over without copying one.
        let mut letters: Vec<char> = Vec::new();
        let mut nearest = |(word, most): &(Vec<char>, usize)| {
            let near = words(name).filter_map(|name| {
                let length = name.chars().count();
                if length.abs_diff(word.len()) > *most || strangers(word, name) > *most {
                    return None;
                }
                letters.clear();
                letters.extend(name.chars());
                distance(word, &letters, *most)
            });
            near.min()
        };
        self.words.iter().map(&mut nearest).sum::<Option<usize>>().map(Fit::Near)
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

/// How many edits (insert, delete, replace, swap neighbours) lead from `a` to `b`, if that is at most `most`.
pub fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut row = Vec::with_capacity(b.len() + 1);
    for (i, from) in a.iter().enumerate() {
        row.clear();
        row.push(i + 1);
        for (j, to) in b.iter().enumerate() {
            let mut edits = (last[j] + usize::from(from != to)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to {
                edits = edits.min(before_last[j - 1] + 1);
            }
            row.push(edits);
        }
        if row.iter().all(|edits| *edits > most) {
            return None;
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
    }
    last.last().copied().filter(|edits| *edits <= most)
}

/// How many letters of a word another one does not have: each takes an edit.
fn strangers(word: &[char], other: &str) -> usize {
    word.iter().filter(|letter| !other.contains(**letter)).count()
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
        let names = ["Bat", "Wildcat", "Big cat", "Caterpillar", "Cat", "Dog", "Catfish", "Polecat cat"];
        let expected = ["Cat", "Caterpillar", "Catfish", "Big cat", "Polecat cat", "Wildcat", "Bat"];
        assert_eq!(found("CAT", &names), expected);
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
