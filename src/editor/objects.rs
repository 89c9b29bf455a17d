//! Finding an object by what a person types.

use super::marks::{abbreviation, scattered, word_starts};
use crate::model::object::ObjectSummary;
use crate::model::search::{Fit, Search};
use crate::model::text::fold;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Shortest text that is looked for letter by letter, in bytes: fewer letters are in every other name.
const SHORTEST_SCATTERED: usize = 3;
/// So many words of a text are told apart.
const MOST_WORDS: usize = 32;
/// So many more general objects are shown of each.
const MOST_ANCESTORS: usize = 5;

/// An object as the picker offers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The name.
    pub name: String,
    /// The first words of the description.
    pub description: String,
    /// How many pictures show exactly this object.
    pub pictures: i64,
    /// A way down to it, from the most general object; without itself.
    pub ancestors: Vec<String>,
}

/// What the picker offers for a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Candidate {
    /// An object that the text leads to.
    Match(Offer),
    /// An object whose name differs from the text by typing mistakes, or has its letters.
    Similar(Offer),
    /// To register an object of this name.
    Create(String),
}

/// How well an object fits. The lesser the better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Name(Fit),
    /// Every word of the text begins a word of the name or of a more general object.
    Words,
    /// The text is made of beginnings of the name's words.
    Abbreviation,
    Ancestor(Fit),
    Description(Fit),
    Mistyped(Fit),
    /// The name has the letters, over so many bytes.
    Scattered(usize),
}

impl Rank {
    fn is_guess(self) -> bool {
        matches!(self, Self::Mistyped(_) | Self::Scattered(_))
    }
}

/// Every registered object, prepared for looking up.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    objects: Vec<ObjectSummary>,
    /// Prepared when somebody first looks for something.
    prepared: OnceLock<Prepared>,
}

#[derive(Clone, Debug)]
struct Prepared {
    names: Vec<String>,
    descriptions: Vec<String>,
    /// The places of all more general objects of each.
    ancestors: Vec<Vec<u32>>,
}

impl Catalogue {
    /// The objects; their parents are places in this list.
    pub fn new(objects: Vec<ObjectSummary>) -> Self {
        Self { objects, prepared: OnceLock::new() }
    }

    /// Adds an object that was just registered.
    pub fn push(&mut self, object: ObjectSummary) {
        self.objects.push(object);
        self.prepared = OnceLock::new();
    }

    /// What there is to choose from for `text`, best first: objects whose name is the text, starts with it, has a word that
    /// starts with it, contains it; those whose name and more general objects have all its words, that it abbreviates, that
    /// are kinds of what it names, that it describes; then those whose name differs by typing mistakes, or at least has the
    /// letters; and at last to make an object of this name, where there is none. Without text, every object. Among equals
    /// those in `recent` come first and then the most used. At most `limit` objects are listed.
    ///
    /// `only` names the objects that there are to choose from, of which none is made anew then; where it is empty, all are.
    pub fn candidates(&self, text: &str, recent: &[String], limit: usize, only: &[String]) -> Vec<Candidate> {
        let text = text.trim();
        let search = Search::new(text);
        let prepared = self.prepared.get_or_init(|| Prepared::new(&self.objects));
        let mut ranks = prepared.ranks(&search);
        // Comparing letter by letter takes longer, and is of use only where there is room left.
        if ranks.iter().flatten().count() < limit {
            for (rank, name) in ranks.iter_mut().zip(&prepared.names).filter(|(rank, _)| rank.is_none()) {
                *rank = guessed(&search, name);
            }
        }
        if !only.is_empty() {
            let only: HashSet<&String> = only.iter().collect();
            for (rank, _) in ranks.iter_mut().zip(&self.objects).filter(|(_, object)| !only.contains(&object.name)) {
                *rank = None;
            }
        }
        let mut candidates: Vec<Candidate> = self
            .best(&ranks, recent, limit)
            .into_iter()
            .map(|(rank, place)| {
                let offer = self.offer(place);
                if rank.is_guess() { Candidate::Similar(offer) } else { Candidate::Match(offer) }
            })
            .collect();
        if only.is_empty() && !text.is_empty() && !prepared.names.iter().any(|name| name == search.folded()) {
            candidates.push(Candidate::Create(text.to_owned()));
        }
        candidates
    }

    /// The objects that have a rank with their places, best first.
    fn best(&self, ranks: &[Option<Rank>], recent: &[String], limit: usize) -> Vec<(Rank, usize)> {
        let recency: HashMap<&str, usize> = recent.iter().enumerate().map(|(age, name)| (name.as_str(), age)).collect();
        let ranked = ranks.iter().enumerate().filter_map(|(place, rank)| Some(((*rank)?, place)));
        let mut found: Vec<_> = ranked
            .map(|(rank, place)| {
                let ObjectSummary { name, pictures, .. } = &self.objects[place];
                let age = recency.get(name.as_str()).copied().unwrap_or(usize::MAX);
                (rank, age, Reverse(*pictures), name, place)
            })
            .collect();
        if found.len() > limit && limit > 0 {
            found.select_nth_unstable(limit - 1);
        }
        found.truncate(limit);
        found.sort_unstable();
        found.into_iter().map(|(rank, _, _, _, place)| (rank, place)).collect()
    }

    fn offer(&self, place: usize) -> Offer {
        let ObjectSummary { name, description, pictures, .. } = self.objects[place].clone();
        Offer { name, description, pictures, ancestors: self.way_down(place) }
    }

    /// The names of more general objects, from the most general one; of several parents the first counts.
    fn way_down(&self, place: usize) -> Vec<String> {
        let mut way = Vec::new();
        let mut at = place;
        while let Some(parent) = self.objects[at].parents.first().map(|parent| *parent as usize)
            && let Some(object) = self.objects.get(parent)
            && way.len() < MOST_ANCESTORS
        {
            way.push(object.name.clone());
            at = parent;
        }
        way.reverse();
        way
    }
}

impl Prepared {
    fn new(objects: &[ObjectSummary]) -> Self {
        Self {
            names: objects.iter().map(|object| fold(&object.name)).collect(),
            descriptions: objects.iter().map(|object| fold(&object.description)).collect(),
            ancestors: (0..objects.len()).map(|place| ancestors(objects, place)).collect(),
        }
    }

    /// How well each object fits that the text leads to.
    fn ranks(&self, search: &Search) -> Vec<Option<Rank>> {
        let words: Vec<&str> = search.folded().split_whitespace().take(MOST_WORDS).collect();
        let fits: Vec<Option<Fit>> = self.names.iter().map(|name| search.fit_exactly(name)).collect();
        let begun: Vec<u32> = match words.len() {
            2.. => self.names.iter().map(|name| words_begun(name, &words)).collect(),
            _ => Vec::new(),
        };
        let all = u32::MAX >> (MOST_WORDS - words.len().max(1));
        let rank = |place: usize| {
            if let Some(fit) = fits[place] {
                return Some(Rank::Name(fit));
            }
            let above = || self.ancestors[place].iter().map(|ancestor| *ancestor as usize);
            let in_words = || {
                let own = begun.get(place).copied().unwrap_or_default();
                own != 0 && above().fold(own, |begun_so_far, ancestor| begun_so_far | begun[ancestor]) == all
            };
            let abbreviated = || words.len() == 1 && abbreviation(&self.names[place], search.folded()).is_some();
            let of_ancestor = || above().filter_map(|ancestor| fits[ancestor]).min().map(Rank::Ancestor);
            let described = || search.fit_exactly(&self.descriptions[place]).map(Rank::Description);
            if in_words() {
                Some(Rank::Words)
            } else if abbreviated() {
                Some(Rank::Abbreviation)
            } else {
                of_ancestor().or_else(described)
            }
        };
        (0..self.names.len()).map(rank).collect()
    }
}

/// Which of the words begin a word of a name, as bits.
fn words_begun(name: &str, words: &[&str]) -> u32 {
    let mut begun = 0;
    for start in word_starts(name, 0) {
        for (bit, word) in words.iter().enumerate() {
            begun |= u32::from(name[start..].starts_with(word)) << bit;
        }
    }
    begun
}

/// How a folded name is like a text that does not lead to it.
fn guessed(search: &Search, name: &str) -> Option<Rank> {
    let letters = || {
        let text = search.folded();
        let places = (text.len() >= SHORTEST_SCATTERED).then(|| scattered(name, text)).flatten()?;
        Some(Rank::Scattered(places.last()? - places.first()?))
    };
    search.fit_nearly(name).map(Rank::Mistyped).or_else(letters)
}

/// The places of all more general objects.
fn ancestors(objects: &[ObjectSummary], place: usize) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    let mut open: Vec<u32> = objects[place].parents.clone();
    while let Some(parent) = open.pop() {
        if let Some(object) = objects.get(parent as usize).filter(|_| !found.contains(&parent)) {
            found.push(parent);
            open.extend(&object.parents);
        }
    }
    found
}

/// The candidate that the Enter key takes where nothing else was chosen: the best one, unless all that there is only looks
/// similar. Then a person has to say whether one of them is meant.
pub fn preselected(candidates: &[Candidate]) -> Option<usize> {
    candidates.first().is_some_and(|best| !matches!(best, Candidate::Similar(_))).then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LISTED: usize = 50;

    fn object(name: &str, description: &str, pictures: i64) -> ObjectSummary {
        let (name, description) = (name.to_owned(), description.to_owned());
        ObjectSummary { name, description, pictures, parents: Vec::new() }
    }

    fn candidates(objects: &[ObjectSummary], text: &str, recent: &[String], limit: usize) -> Vec<Candidate> {
        Catalogue::new(objects.to_vec()).candidates(text, recent, limit, &[])
    }

    fn name_of(candidate: &Candidate) -> String {
        match candidate {
            Candidate::Match(object) => object.name.clone(),
            Candidate::Similar(object) => format!("~{}", object.name),
            Candidate::Create(name) => format!("+{name}"),
        }
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
        candidates(&objects(), text, &recent, LISTED).iter().map(name_of).collect()
    }

    fn enter(text: &str) -> Option<String> {
        let candidates = candidates(&objects(), text, &[], LISTED);
        preselected(&candidates).map(|index| name_of(&candidates[index]))
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
        assert_eq!(enter("giraffe"), Some("+giraffe".to_owned()));
        assert_eq!(enter("wild"), Some("Wild cat".to_owned()));
        assert_eq!(enter("DOG"), Some("Dog".to_owned()));
    }

    /// Animal > Mammal > Cat, Dog; Pet > Dog; Machine > Caterpillar tractor.
    fn tree() -> Vec<ObjectSummary> {
        let rows: [(&str, &[u32]); 7] = [
            ("Animal", &[]),
            ("Mammal", &[0]),
            ("Cat", &[1]),
            ("Dog", &[1, 5]),
            ("Caterpillar tractor", &[6]),
            ("Pet", &[]),
            ("Machine", &[]),
        ];
        rows.into_iter()
            .map(|(name, parents)| ObjectSummary { parents: parents.to_vec(), ..object(name, "", 0) })
            .collect()
    }

    fn names_in_tree(text: &str) -> Vec<String> {
        candidates(&tree(), text, &[], LISTED).iter().map(name_of).collect()
    }

    #[test]
    fn objects_are_found_by_what_they_are_kinds_of() {
        assert_eq!(names_in_tree("animal"), ["Animal", "Cat", "Dog", "Mammal"]);
        assert_eq!(names_in_tree("pet"), ["Pet", "Dog"]);
        assert_eq!(names_in_tree("mammal do")[..1], ["Dog"]);
        assert_eq!(names_in_tree("animal cat")[..1], ["Cat"], "not what is no animal");
        let Some(Candidate::Match(dog)) = candidates(&tree(), "dog", &[], LISTED).into_iter().next() else { panic!() };
        assert_eq!(dog.ancestors, ["Animal", "Mammal"]);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let mut objects = tree();
        objects[0].parents = vec![2, 77];
        let candidates = candidates(&objects, "cat", &[], LISTED);
        assert!(
            matches!(&candidates[0], Candidate::Match(cat) if cat.name == "Cat" && cat.ancestors.len() == MOST_ANCESTORS)
        );
    }

    #[test]
    fn a_few_letters_are_enough() {
        assert_eq!(names("dt", &[]), ["Dining table", "+dt"]);
        assert_eq!(names("wic", &[]), ["Wild cat", "+wic"]);
        assert_eq!(names("dtbl", &[]), ["~Dining table", "+dtbl"], "only a guess");
        assert_eq!(enter("dt"), Some("Dining table".to_owned()));
        assert_eq!(enter("dtbl"), None);
    }

    #[test]
    fn a_project_offers_what_it_asks_for_and_nothing_else() {
        let all = objects();
        let name = all[1].name.clone();
        let only = [name.clone(), "No such object".to_owned()];
        let catalogue = Catalogue::new(all);
        let found = catalogue.candidates("", &[], LISTED, &only);
        assert_eq!(found.iter().map(name_of).collect::<Vec<_>>(), [name.as_str()]);
        assert_eq!(catalogue.candidates("quite another thing", &[], LISTED, &only), []);
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
                Candidate::Match(object) | Candidate::Similar(object) => object.name == wanted.name,
                Candidate::Create(_) => false,
            });
            prop_assert!(shown, "{candidates:?}");
            prop_assert!(!matches!(preselected(&candidates).map(|index| &candidates[index]), Some(Candidate::Create(_))));
        }
    }
}
