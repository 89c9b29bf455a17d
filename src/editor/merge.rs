//! Merging: what somebody else saved meanwhile, and what was changed here, become one list of regions.
//!
//! Three states are compared region by region: the last one both sides knew (*base*), this editor's (*mine*), and the
//! server's newest (*theirs*). What only one side changed is taken from that side, shape and object separately. Where both
//! sides changed the same thing differently, mine stays for the time being and a person decides.
//!
//! A save whose answer got lost may have arrived, or not; nobody can tell but by looking. So what was sent is kept
//! ([`Sent`]), and a region that the server has exactly as it was sent counts as known to both sides, whatever was made of
//! it here since. Otherwise a region drawn, sent and then moved would be there twice, and one drawn, sent and then deleted
//! would come back.

use super::document::{Document, Item, Key};
use crate::model::region::Region;
use std::collections::{BTreeMap, BTreeSet};

/// A region that both sides changed in ways that exclude each other. `None` stands for deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The region.
    pub key: Key,
    /// What was made of it here.
    pub mine: Option<Region>,
    /// What somebody else made of it.
    pub theirs: Option<Region>,
}

/// How a region was when it was sent without an answer; `None` stands for deleted.
pub type Sent = (Key, Option<Region>);

/// How a conflict is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Keep what was made here.
    Mine,
    /// Take what somebody else made.
    Theirs,
}

/// The outcome of a merge.
#[derive(Debug)]
pub struct Merged {
    /// The regions to go on with.
    pub items: Vec<Item>,
    /// Their state with this editor's keys: what the next difference is measured against.
    pub base: Vec<Item>,
    /// The regions that are not as this editor left them.
    pub foreign: BTreeSet<Key>,
    /// What a person has to decide.
    pub conflicts: Vec<Conflict>,
}

/// Merges the regions of `document`, which were based on `base`, with the newest ones of the server. `sent` is what may
/// have reached the server since.
pub fn merge(document: &mut Document, base: &[Item], sent: &[Sent], theirs: &[Region]) -> Merged {
    let mine: Vec<Item> = document.items().to_vec();
    let mine_by_key: BTreeMap<Key, &Region> = mine.iter().map(|item| (item.key, &item.region)).collect();
    let base_by_key: BTreeMap<Key, &Region> = base.iter().map(|item| (item.key, &item.region)).collect();
    let keys = keys_of_theirs(document, &mine, &base_by_key, sent, theirs);
    let known_to_both = |key: Key, theirs: Option<&Region>| {
        let arrived = sent.iter().find(|(of, region)| *of == key && same(region.as_ref(), theirs));
        arrived.map_or(base_by_key.get(&key).copied(), |(_, region)| region.as_ref())
    };

    let mut merged = Merged { items: Vec::new(), base: Vec::new(), foreign: BTreeSet::new(), conflicts: Vec::new() };
    for (key, region) in keys.iter().copied().zip(theirs) {
        merged.base.push(Item { key, region: region.clone() });
        let mine = mine_by_key.get(&key).copied();
        let outcome = one(known_to_both(key, Some(region)), mine, Some(region));
        merged.settle(key, mine, Some(region), outcome);
    }
    let kept: BTreeSet<Key> = keys.into_iter().collect();
    for item in mine.iter().filter(|item| !kept.contains(&item.key)) {
        let outcome = one(known_to_both(item.key, None), Some(&item.region), None);
        merged.settle(item.key, Some(&item.region), None, outcome);
    }
    merged
}

impl Merged {
    fn settle(&mut self, key: Key, mine: Option<&Region>, theirs: Option<&Region>, outcome: Outcome) {
        let region = match outcome {
            Outcome::Agreed(region) => region,
            Outcome::Conflict => {
                self.conflicts.push(Conflict { key, mine: mine.cloned(), theirs: theirs.cloned() });
                mine.cloned()
            }
        };
        if !same(region.as_ref(), mine) {
            self.foreign.insert(key);
        }
        if let Some(mut region) = region {
            region.id = theirs.and_then(|theirs| theirs.id).or(region.id);
            self.items.push(Item { key, region });
        }
    }
}

/// The key of every region of the server: the one it has here already, by id; or that of an equal region which was sent
/// but whose answer got lost; or a new one.
fn keys_of_theirs(
    document: &mut Document,
    mine: &[Item],
    base: &BTreeMap<Key, &Region>,
    sent: &[Sent],
    theirs: &[Region],
) -> Vec<Key> {
    let sent = sent.iter().filter_map(|(key, region)| Some((*key, region.as_ref()?)));
    let mine = mine.iter().map(|item| (item.key, &item.region)).filter(|(key, _)| !base.contains_key(key));
    let mut nameless: Vec<(Key, &Region)> =
        sent.chain(mine).filter(|(key, _)| document.id_of(*key).is_none()).collect();
    let by_id = document.keys_by_id();
    theirs
        .iter()
        .map(|region| {
            if let Some(key) = region.id.and_then(|id| by_id.get(&id)) {
                return *key;
            }
            match nameless.iter().find(|(_, nameless)| same(Some(nameless), Some(region))).map(|(key, _)| *key) {
                Some(key) => {
                    nameless.retain(|(taken, _)| *taken != key);
                    key
                }
                None => document.new_key(),
            }
        })
        .collect()
}

enum Outcome {
    Agreed(Option<Region>),
    Conflict,
}

fn one(base: Option<&Region>, mine: Option<&Region>, theirs: Option<&Region>) -> Outcome {
    if same(mine, theirs) || same(base, mine) {
        return Outcome::Agreed(theirs.cloned());
    }
    if same(base, theirs) {
        return Outcome::Agreed(mine.cloned());
    }
    let (Some(base), Some(mine), Some(theirs)) = (base, mine, theirs) else { return Outcome::Conflict };
    match (field(&base.shape, &mine.shape, &theirs.shape), field(&base.object, &mine.object, &theirs.object)) {
        (Some(shape), Some(object)) => {
            Outcome::Agreed(Some(Region { id: theirs.id, shape: shape.clone(), object: object.clone() }))
        }
        _ => Outcome::Conflict,
    }
}

fn field<'a, T: PartialEq>(base: &T, mine: &'a T, theirs: &'a T) -> Option<&'a T> {
    if mine == base || mine == theirs { Some(theirs) } else { (theirs == base).then_some(mine) }
}

/// Whether two regions are equal but for their ids.
pub fn same(a: Option<&Region>, b: Option<&Region>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.shape == b.shape && a.object == b.object,
        _ => false,
    }
}
