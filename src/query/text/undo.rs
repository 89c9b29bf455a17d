//! What was done to a text, step by step, so that it can be taken back and done again.
//!
//! Browsers can do that for their fields, but some end a step whenever the page around the field changes, which it does with every
//! letter here: a word would be taken back letter by letter.

use super::splice::difference;

/// So many steps are kept.
const STEPS: usize = 1_000;

/// A part of a text that another one took the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// Where it began, in bytes.
    at: usize,
    removed: String,
    inserted: String,
}

/// A change that [`Undo::back`] or [`Undo::again`] asks for: the text as it is then, and where the caret belongs, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The text.
    pub text: String,
    /// The caret.
    pub caret: usize,
}

/// The steps of a text.
#[derive(Clone, Debug, Default)]
pub struct Undo {
    now: String,
    past: Vec<Step>,
    future: Vec<Step>,
    /// Whether the next letter may belong to the last step.
    is_open: bool,
}

impl Undo {
    /// Begins with a text that was always there.
    pub fn new(text: String) -> Self {
        Self { now: text, ..Self::default() }
    }

    /// Whether nothing was ever taken down.
    pub fn is_new(&self) -> bool {
        self.past.is_empty() && self.future.is_empty()
    }

    /// Takes down that the text is another one now. Words that are typed or deleted letter by letter are a step each; what stands
    /// between two of them belongs to the one before.
    pub fn changed(&mut self, text: &str) {
        let Some((range, part)) = difference(&self.now, text) else { return };
        let step = Step { at: range.start, removed: self.now[range].to_owned(), inserted: part.to_owned() };
        text.clone_into(&mut self.now);
        self.future.clear();
        // What was selected may have gone with the first letter.
        let is_typed = is_letter(&step.inserted) || is_letter(&step.removed) && part.is_empty();
        let joined = self.past.last_mut().filter(|_| self.is_open && is_typed).is_some_and(|last| last.join(&step));
        if !joined {
            if self.past.len() == STEPS {
                self.past.remove(0);
            }
            self.past.push(step);
        }
        self.is_open = is_typed;
    }

    /// The caret has gone elsewhere: what is typed there is another step.
    pub fn pause(&mut self) {
        self.is_open = false;
    }

    /// Takes back the last step.
    pub fn back(&mut self) -> Option<Turn> {
        let step = self.past.pop()?;
        let turn = self.turn(step.at, &step.inserted, &step.removed);
        self.future.push(step);
        Some(turn)
    }

    /// Does again what was taken back last.
    pub fn again(&mut self) -> Option<Turn> {
        let step = self.future.pop()?;
        let turn = self.turn(step.at, &step.removed, &step.inserted);
        self.past.push(step);
        Some(turn)
    }

    fn turn(&mut self, at: usize, old: &str, new: &str) -> Turn {
        self.is_open = false;
        self.now.replace_range(at..at + old.len(), new);
        Turn { text: self.now.clone(), caret: at + new.len() }
    }
}

/// Whether it is what one key writes.
fn is_letter(text: &str) -> bool {
    text.chars().count() == 1
}

/// Whether one text ends a word and the other begins the next, or a line.
fn is_boundary(before: &str, after: &str) -> bool {
    let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
    after.starts_with('\n') || is_space(before.chars().next_back()) && !is_space(after.chars().next())
}

impl Step {
    /// Takes in a letter that was typed or deleted right after it, if it belongs to the same word.
    fn join(&mut self, next: &Step) -> bool {
        if !self.inserted.is_empty() && next.removed.is_empty() {
            let belongs = next.at == self.at + self.inserted.len() && !is_boundary(&self.inserted, &next.inserted);
            if belongs {
                self.inserted.push_str(&next.inserted);
            }
            return belongs;
        }
        if !self.inserted.is_empty() || !next.inserted.is_empty() {
            return false;
        }
        // The key that deletes to the left, and the one that deletes to the right.
        if next.at + next.removed.len() == self.at && !is_boundary(&next.removed, &self.removed) {
            self.removed.insert_str(0, &next.removed);
            self.at = next.at;
            return true;
        }
        let belongs = next.at == self.at && !is_boundary(&self.removed, &next.removed);
        if belongs {
            self.removed.push_str(&next.removed);
        }
        belongs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Types letter by letter at the end.
    fn typed(undo: &mut Undo, text: &str) {
        for letter in text.chars() {
            let next = format!("{}{letter}", undo.now);
            undo.changed(&next);
        }
    }

    fn backs(undo: &mut Undo) -> Vec<String> {
        std::iter::from_fn(|| undo.back()).map(|turn| turn.text).collect()
    }

    #[test]
    fn words_are_taken_back_one_by_one() {
        let mut undo = Undo::default();
        typed(&mut undo, "want:\n  - has: Cat");
        assert_eq!(backs(&mut undo), ["want:\n  - has: ", "want:\n  - ", "want:\n  ", "want:", ""]);
        let again: Vec<_> = std::iter::from_fn(|| undo.again()).map(|turn| turn.text).collect();
        assert_eq!(again.last().map(String::as_str), Some("want:\n  - has: Cat"));
    }

    #[test]
    fn what_is_deleted_comes_back_word_by_word() {
        let mut undo = Undo::new("red cat".into());
        for text in ["red ca", "red c", "red ", "red", "re"] {
            undo.changed(text);
        }
        assert_eq!(backs(&mut undo), ["red ", "red cat"]);
        // To the right of the caret.
        let mut undo = Undo::new("red cat".into());
        for text in ["ed cat", "d cat", " cat", "cat", "at"] {
            undo.changed(text);
        }
        assert_eq!(backs(&mut undo), ["cat", "red cat"]);
    }

    #[test]
    fn elsewhere_is_another_step_and_so_is_what_comes_at_once() {
        let mut undo = Undo::default();
        typed(&mut undo, "ab");
        undo.changed("xab");
        undo.changed("xab: pasted");
        typed(&mut undo, "c");
        undo.pause();
        typed(&mut undo, "d");
        assert_eq!(backs(&mut undo), ["xab: pastedc", "xab: pasted", "xab", "ab", ""]);
    }

    #[test]
    fn a_word_that_is_typed_over_what_was_selected_is_one_step() {
        let mut undo = Undo::new("red cat".into());
        assert!(undo.is_new());
        for text in ["red d", "red do", "red dog", "red dog ", "red dog s"] {
            undo.changed(text);
        }
        assert_eq!(backs(&mut undo), ["red dog ", "red cat"]);
    }

    #[test]
    fn what_is_done_after_taking_back_is_all_there_is_to_come() {
        let mut undo = Undo::default();
        typed(&mut undo, "ab");
        assert_eq!(undo.back(), Some(Turn { text: String::new(), caret: 0 }));
        assert_eq!((undo.back(), undo.is_new()), (None, false));
        undo.changed("");
        assert_eq!(undo.again(), Some(Turn { text: "ab".into(), caret: 2 }));
        undo.back();
        undo.changed("c");
        assert_eq!(undo.again(), None);
        assert_eq!(backs(&mut undo), [""]);
    }

    proptest! {
        #[test]
        fn everything_comes_back_and_is_done_again(texts in prop::collection::vec("[a \u{e9}\n]{0,6}", 1..12)) {
            let mut undo = Undo::new(texts[0].clone());
            for text in &texts {
                undo.changed(text);
            }
            let first = std::iter::from_fn(|| undo.back()).last().map_or(texts[0].clone(), |turn| turn.text);
            prop_assert_eq!(&first, &texts[0]);
            let last = std::iter::from_fn(|| undo.again()).last().map_or(first, |turn| turn.text);
            prop_assert_eq!(&last, texts.last().unwrap());
        }
    }
}
