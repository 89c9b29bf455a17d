//! Finding the file that a text means, among many.

use crate::formats::annotations::{EXTENSIONS, has_extension, path_of_url, resolved, stem_of};
use crate::model::import::Likeness;
use crate::model::text::fold;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use unicode_normalization::UnicodeNormalization;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// One file, by the number of its path.
    One(usize, Likeness),
    /// More than one.
    Several,
    /// None.
    None,
}

/// A text that paths are found by, and whether more than one has it.
#[derive(Clone, Copy)]
enum Slot {
    One(u32),
    Several,
}

/// The ways to look, after the path as it is.
const WAYS: [Likeness; 5] = [Likeness::Same, Likeness::Case, Likeness::Stem, Likeness::Name, Likeness::NameStem];

/// Paths by all the texts that can mean them. Of the texts only keyed hashes are kept: two of millions are the same less often than
/// disks fail.
pub struct PathIndex {
    paths: Vec<String>,
    hasher: RandomState,
    slots: HashMap<u64, Slot>,
}

impl PathIndex {
    /// An index of paths, which are distinct.
    pub fn new(paths: Vec<String>) -> Self {
        let mut index = Self { paths: Vec::new(), hasher: RandomState::new(), slots: HashMap::new() };
        for (number, path) in paths.iter().enumerate().take(u32::MAX as usize) {
            for way in WAYS {
                let key = index.hasher.hash_one((way, seen(path, way)));
                match index.slots.entry(key) {
                    Entry::Vacant(free) => drop(free.insert(Slot::One(number as u32))),
                    Entry::Occupied(mut taken) => *taken.get_mut() = Slot::Several,
                }
            }
        }
        index.paths = paths;
        index
    }

    /// The paths, by their numbers.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The file that a text means: the first way to look that leads to any decides.
    pub fn find(&self, text: &str) -> Found {
        if self.paths.is_empty() {
            return Found::None;
        }
        let Some((way, key)) = self.way(text) else { return Found::None };
        match self.slots.get(&key) {
            Some(Slot::One(number)) => Found::One(*number as usize, way),
            Some(Slot::Several) => Found::Several,
            None => Found::None,
        }
    }

    /// The way by which a text leads to files.
    fn way(&self, text: &str) -> Option<(Likeness, u64)> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let path = meant(text)?;
        let exact = self.hasher.hash_one((Likeness::Same, text));
        if self.slots.contains_key(&exact) {
            return Some((Likeness::Same, exact));
        }
        // Whoever writes an extension means it more than the folder.
        let ways = if has_extension(&path, &EXTENSIONS) {
            [Likeness::Case, Likeness::Name, Likeness::Stem, Likeness::NameStem]
        } else {
            [Likeness::Case, Likeness::Stem, Likeness::Name, Likeness::NameStem]
        };
        let tried = ways.into_iter().flat_map(|way| {
            // `a` may mean `a.jpg`, and `a.jpeg` too; but a dot may also be part of a name that has lost its extension.
            let whole = matches!(way, Likeness::Stem | Likeness::NameStem).then(|| bare(&path, way));
            std::iter::once(seen(&path, way)).chain(whole).map(move |text| (way, text))
        });
        tried.map(|(way, text)| (way, self.hasher.hash_one((way, text)))).find(|(_, key)| self.slots.contains_key(key))
    }

    /// Some of the files that each of these texts may mean where it means several: at most so many.
    pub(super) fn candidates(&self, texts: &[&str], most: usize) -> Vec<Vec<&str>> {
        let mut candidates = vec![Vec::new(); texts.len()];
        let mut wanted: HashMap<u64, Vec<usize>> = HashMap::new();
        let mut ways = BTreeSet::new();
        for (place, text) in texts.iter().enumerate() {
            if let Some((way, key)) = self.way(text) {
                wanted.entry(key).or_default().push(place);
                ways.insert(way);
            }
        }
        // One walk over the paths serves all texts.
        for path in &self.paths {
            for way in &ways {
                for place in wanted.get(&self.hasher.hash_one((way, seen(path, *way)))).into_iter().flatten() {
                    if candidates[*place].len() < most {
                        candidates[*place].push(path.as_str());
                    }
                }
            }
        }
        candidates
    }
}

/// The path that a text means: the end of an address, or a path as any system writes it.
fn meant(text: &str) -> Option<String> {
    if text.contains("://") { path_of_url(text) } else { resolved("", text) }
}

pub(super) fn folded(path: &str) -> String {
    // What most paths are needs no tables.
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    fold(&path.nfc().collect::<String>()).nfc().collect()
}

pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What is looked at of a path.
fn seen(path: &str, way: Likeness) -> String {
    match way {
        Likeness::Same => path.to_owned(),
        Likeness::Case => folded(path),
        Likeness::Stem => folded(stem_of(path)),
        Likeness::Name => folded(name_of(path)),
        Likeness::NameStem => folded(stem_of(name_of(path))),
    }
}

/// The same of a text that has no extension, whatever dots are in it.
fn bare(path: &str, way: Likeness) -> String {
    seen(path, if way == Likeness::Stem { Likeness::Case } else { Likeness::Name })
}
