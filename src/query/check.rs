//! Whether the names in a query exist.

use super::MAX_NAMES_WITH_SUGGESTIONS;
use super::nearest::{nearest, nearest_of_few};
use super::parse::{ParsedQuery, ParsedRule, shorten};
use super::rules::{IdField, Vocabulary};
use super::tree::{Query, Rule};
use super::yaml::{Errors, Place};
use crate::model::QueryError;
use std::collections::{BTreeMap, BTreeSet};

/// So many names are told of where nothing is near.
const CHOICES: usize = 8;

/// The names that a query uses, each once: what has to be looked up before it can be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Names of objects, natures, licences, users and datasets.
    pub names: BTreeMap<Vocabulary, BTreeSet<String>>,
    /// Ids of galleries.
    pub galleries: BTreeSet<i64>,
    /// Ids of pictures. One that does not exist is no error, and finds nothing.
    pub pictures: BTreeSet<i64>,
}

/// What a site knows of the names that a query uses. It need not be the site's whole vocabulary: whoever fills it looks up
/// [`References`] and, for those that do not exist, adds names to suggest.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    /// Names that exist.
    pub names: BTreeMap<Vocabulary, BTreeSet<String>>,
    /// Names that exist and may be suggested in place of unknown ones.
    pub suggestions: BTreeMap<Vocabulary, Vec<String>>,
    /// Ids of galleries that exist.
    pub galleries: BTreeSet<i64>,
}

impl KnownNames {
    /// Says that `names` exist.
    pub fn add(&mut self, vocabulary: Vocabulary, names: impl IntoIterator<Item = impl Into<String>>) {
        self.names.entry(vocabulary).or_default().extend(names.into_iter().map(Into::into));
    }

    /// Whether `name` exists.
    pub fn has(&self, vocabulary: Vocabulary, name: &str) -> bool {
        self.names.get(&vocabulary).is_some_and(|names| names.contains(name))
    }

    /// Those of `references` that do not exist, by vocabulary.
    pub fn missing(&self, references: &References) -> BTreeMap<Vocabulary, BTreeSet<String>> {
        let missing_of = |vocabulary: &Vocabulary, names: &BTreeSet<String>| -> BTreeSet<String> {
            names.iter().filter(|name| !self.has(*vocabulary, name)).cloned().collect()
        };
        let all = references.names.iter().map(|(vocabulary, names)| (*vocabulary, missing_of(vocabulary, names)));
        all.filter(|(_, names)| !names.is_empty()).collect()
    }
}

impl ParsedQuery {
    fn rules(&self) -> impl Iterator<Item = &ParsedRule> {
        self.want.iter().chain(&self.exclude)
    }

    /// The names that the query uses.
    pub fn references(&self) -> References {
        let mut references = References::default();
        for parsed in self.rules() {
            match &parsed.rule {
                Rule::Names(field, names) => {
                    references.names.entry(field.vocabulary()).or_default().extend(names.iter().cloned());
                }
                Rule::Ids(IdField::Gallery, ids) => references.galleries.extend(ids),
                Rule::Ids(IdField::CopiedFrom, ids) => references.pictures.extend(ids),
                _ => {}
            }
        }
        references
    }

    /// The errors that the site's names show.
    pub fn unknown_names(&self, known: &KnownNames) -> Vec<QueryError> {
        let mut errors = Errors::default();
        let mut suggested: BTreeMap<(Vocabulary, &str), Option<String>> = BTreeMap::new();
        for parsed in self.rules() {
            let place = |index: usize| parsed.values.get(index).copied().unwrap_or(parsed.at);
            match &parsed.rule {
                Rule::Names(field, names) => {
                    let vocabulary = field.vocabulary();
                    for (index, name) in names.iter().enumerate() {
                        if known.has(vocabulary, name) || errors.are_enough() {
                            continue;
                        }
                        let has_room = suggested.len() < MAX_NAMES_WITH_SUGGESTIONS;
                        let meant = suggested
                            .entry((vocabulary, name))
                            .or_insert_with(|| if has_room { known.suggest(vocabulary, name) } else { None });
                        let choices = if meant.is_none() { known.choices(vocabulary) } else { String::new() };
                        let message = format!("unknown {} `{}`{choices}", vocabulary.noun(), shorten(name));
                        errors.suggest(place(index), message, meant.iter().cloned().collect());
                    }
                }
                Rule::Ids(IdField::Gallery, ids) => {
                    for (index, id) in ids.iter().enumerate().filter(|(_, id)| !known.galleries.contains(id)) {
                        unknown_gallery(&mut errors, place(index), *id, known);
                    }
                }
                _ => {}
            }
        }
        errors.0.sort_by_key(|error| (error.line, error.column));
        errors.0
    }
}

fn unknown_gallery(errors: &mut Errors, at: Place, id: i64, known: &KnownNames) {
    let near = known.galleries.iter().min_by_key(|known| known.abs_diff(id));
    errors.suggest(at, format!("unknown gallery `{id}`"), near.iter().map(ToString::to_string).collect());
}

impl KnownNames {
    fn suggest(&self, vocabulary: Vocabulary, name: &str) -> Option<String> {
        let known = self.names.get(&vocabulary).into_iter().flatten();
        let all = known.chain(self.suggestions.get(&vocabulary).into_iter().flatten()).map(String::as_str);
        let near = if vocabulary.is_short() { nearest_of_few(name, all) } else { nearest(name, all) };
        near.map(str::to_owned)
    }

    /// What may be written instead where nothing is near, for the end of a message: the first names of a short list.
    fn choices(&self, vocabulary: Vocabulary) -> String {
        let names = self.names.get(&vocabulary).filter(|_| vocabulary.is_short());
        let first: Vec<String> = names.into_iter().flatten().take(CHOICES).map(|name| format!("`{name}`")).collect();
        if first.is_empty() { String::new() } else { format!("; there are {} and others", first.join(", ")) }
    }
}

/// Makes sure that every name exists, and lets go of the places.
pub fn check(parsed: ParsedQuery, known: &KnownNames) -> Result<Query, Vec<QueryError>> {
    let errors = parsed.unknown_names(known);
    if errors.is_empty() { Ok(parsed.into_query()) } else { Err(errors) }
}

impl ParsedQuery {
    /// The query without places, names unchecked.
    pub fn into_query(self) -> Query {
        let bare = |rules: Vec<ParsedRule>| rules.into_iter().map(|parsed| parsed.rule).collect();
        Query { want: bare(self.want), exclude: bare(self.exclude), include_obsolete: self.include_obsolete }
    }
}
