//! Finding an object by what a person types.

use crate::model::object::ObjectSummary;
use crate::model::search::{Fit, Search};
use crate::model::text::fold;

/// What the picker offers for a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Candidate {
    /// An object whose name or description contains the text.
    Match(ObjectSummary),
    /// An object whose name differs from the text by typing mistakes.
    Similar(ObjectSummary),
    /// To register an object of this name.
    Create(String),
}

/// How well an object fits. The lesser the better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Name(Fit),
    Description(Fit),
    Mistyped(Fit),
}

/// What there is to choose from for `text`, best first: objects whose name is the text, starts with it, has a word that starts
/// with it, contains it; then those whose description does; then those whose name differs by typing mistakes; and at last
/// to make an object of this name, where there is none. Without text, every object, those in `recent` first and then the
/// most used. At most `limit` objects are listed.
pub fn candidates(objects: &[ObjectSummary], text: &str, recent: &[String], limit: usize) -> Vec<Candidate> {
    let text = text.trim();
    let search = Search::new(text);
    let mut found = ranked(objects, recent, |name, object| {
        let described = || search.fit_exactly(&fold(&object.description)).map(Rank::Description);
        search.fit_exactly(name).map(Rank::Name).or_else(described)
    });
    // Comparing letter by letter takes longer, and is of use only where there is room left.
    if found.len() < limit {
        let known = found.len();
        found.extend(ranked(objects, recent, |name, object| {
            let matches = found[..known].iter().any(|(_, known)| std::ptr::eq(*known, object));
            if matches { None } else { search.fit_nearly(name).map(Rank::Mistyped) }
        }));
    }
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .take(limit)
        .map(|(rank, object)| match rank {
            Rank::Name(_) | Rank::Description(_) => Candidate::Match(object.clone()),
            Rank::Mistyped(_) => Candidate::Similar(object.clone()),
        })
        .collect();
    if !text.is_empty() && !objects.iter().any(|object| fold(&object.name) == search.folded()) {
        candidates.push(Candidate::Create(text.to_owned()));
    }
    candidates
}

/// The candidate that the Enter key takes where nothing else was chosen: the best one, unless all that there is differs by typing
/// mistakes. Then a person has to say whether one of them is meant.
pub fn preselected(candidates: &[Candidate]) -> Option<usize> {
    candidates.first().is_some_and(|best| !matches!(best, Candidate::Similar(_))).then_some(0)
}

/// The objects that have a rank, best first; among equals the most recent ones, then the most used.
fn ranked<'a>(
    objects: &'a [ObjectSummary],
    recent: &[String],
    rank: impl Fn(&str, &ObjectSummary) -> Option<Rank>,
) -> Vec<(Rank, &'a ObjectSummary)> {
    let mut found: Vec<(Rank, usize, &ObjectSummary)> = objects
        .iter()
        .filter_map(|object| {
            let recency = recent.iter().position(|name| *name == object.name).unwrap_or(usize::MAX);
            Some((rank(&fold(&object.name), object)?, recency, object))
        })
        .collect();
    found.sort_by(|(rank_a, recency_a, a), (rank_b, recency_b, b)| {
        (rank_a, recency_a, -a.pictures, &a.name).cmp(&(rank_b, recency_b, -b.pictures, &b.name))
    });
    found.into_iter().map(|(rank, _, object)| (rank, object)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LISTED: usize = 50;

    fn object(name: &str, description: &str, pictures: i64) -> ObjectSummary {
        ObjectSummary { name: name.to_owned(), description: description.to_owned(), pictures }
    }

    fn objects() -> Vec<ObjectSummary> {
        [
            ("Cat (Felis catus)", "A small predator", 12),
            ("Dog", "A friend; hunts a cat", 40),
            ("Wild cat", "", 2),
            ("Cattle", "", 3),
            ("Bobcat", "", 1),
            ("Straße", "", 0),
            ("Person", "", 90),
            ("Dining table", "", 5),
        ]
        .into_iter()
        .map(|(name, description, pictures)| object(name, description, pictures))
        .collect()
    }

    fn names(text: &str, recent: &[&str]) -> Vec<String> {
        let recent: Vec<String> = recent.iter().map(|name| (*name).to_owned()).collect();
        let name = |candidate: &Candidate| match candidate {
            Candidate::Match(object) => object.name.clone(),
            Candidate::Similar(object) => format!("~{}", object.name),
            Candidate::Create(name) => format!("+{name}"),
        };
        candidates(&objects(), text, &recent, LISTED).iter().map(name).collect()
    }

    fn enter(text: &str) -> Option<Candidate> {
        let candidates = candidates(&objects(), text, &[], LISTED);
        preselected(&candidates).map(|index| candidates[index].clone())
    }

    #[test]
    fn the_best_match_comes_first() {
        assert_eq!(names("cat", &[]), ["Cat (Felis catus)", "Cattle", "Wild cat", "Bobcat", "Dog", "+cat"]);
        assert_eq!(names(" FELIS ", &[])[..1], ["Cat (Felis catus)"]);
        assert_eq!(names("strasse", &[]), ["Straße"]);
        assert_eq!(names("predator", &[]), ["Cat (Felis catus)", "+predator"]);
        assert_eq!(names("xyz", &[]), ["+xyz"]);
        assert_eq!(names("", &["Cattle"])[..3], ["Cattle", "Person", "Dog"]);
    }

    #[test]
    fn names_that_differ_by_typing_mistakes_come_after_matches() {
        assert_eq!(names("persn", &[]), ["~Person", "+persn"]);
        assert_eq!(names("dining tabel", &[]), ["~Dining table", "+dining tabel"]);
        assert_eq!(names("catt", &[]), ["Cattle", "~Cat (Felis catus)", "~Wild cat", "+catt"]);
        let few = candidates(&objects(), "cat", &[], 2);
        assert!(few.iter().all(|candidate| !matches!(candidate, Candidate::Similar(_))), "{few:?}");
    }

    #[test]
    fn enter_makes_nothing_while_something_similar_exists() {
        assert_eq!(enter("persn"), None);
        assert_eq!(enter("wild kat"), None);
        assert_eq!(enter("giraffe"), Some(Candidate::Create("giraffe".to_owned())));
        assert_eq!(enter("wild"), Some(Candidate::Match(object("Wild cat", "", 2))));
        assert_eq!(enter("DOG"), Some(Candidate::Match(object("Dog", "A friend; hunts a cat", 40))));
    }

    proptest! {
        #[test]
        fn creation_is_last_and_never_preselected_beside_others(text in "[a-z ]{0,12}") {
            let candidates = candidates(&objects(), &text, &[], LISTED);
            let created = candidates.iter().position(|candidate| matches!(candidate, Candidate::Create(_)));
            prop_assert!(created.is_none_or(|index| index + 1 == candidates.len()));
            prop_assert_eq!(created.is_none(), text.trim().is_empty() || names(&text, &[]).iter().any(|name| fold(name) == text.trim()));
            prop_assert!(candidates.len() < 2 || created.is_none() || preselected(&candidates) != created);
        }

        #[test]
        fn one_mistake_in_a_word_does_not_hide_its_object(which in 0..8_usize, place in 0..16_usize, letter in "[a-z]") {
            let all = objects();
            let wanted = &all[which];
            let mut letters: Vec<char> = wanted.name.chars().collect();
            let place = place % letters.len();
            prop_assume!(letters[place].is_alphanumeric());
            letters.splice(place..=place, letter.chars());
            let candidates = candidates(&all, &letters.into_iter().collect::<String>(), &[], LISTED);
            let shown = candidates.iter().any(|candidate| match candidate {
                Candidate::Match(object) | Candidate::Similar(object) => object == wanted,
                Candidate::Create(_) => false,
            });
            prop_assert!(shown, "{candidates:?}");
            prop_assert!(!matches!(preselected(&candidates).map(|index| &candidates[index]), Some(Candidate::Create(_))));
        }
    }
}
