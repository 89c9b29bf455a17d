//! Merging: what somebody else saved meanwhile, and what was changed here, become one list of regions.
//!
//! Three states are compared region by region: the last one both sides knew (*base*), this editor's (*mine*), and the
//! server's newest (*theirs*). What only one side changed is taken from that side, shape and object separately. Where both
//! sides changed the same thing differently, mine stays for the time being and a person decides.
//!
//! A conflict that nobody has decided yet is no matter of the one merge that found it. Each remembers how both sides knew the
//! region before, and that stays its base in all later merges, also at the next visit. Otherwise *theirs* would be the base,
//! and so mine would count as a plain change of it.

use super::document::{Document, Item, Key};
use crate::model::region::Region;
use std::collections::BTreeSet;

/// A region that both sides changed in ways that exclude each other. `None` stands for deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The region.
    pub key: Key,
    /// How both sides knew it before: what merging goes on from until a person has decided.
    pub base: Option<Region>,
    /// What was made of it here.
    pub mine: Option<Region>,
    /// What somebody else made of it.
    pub theirs: Option<Region>,
}

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

/// Merges the regions of `document` with the newest ones of the server. `agreed` tells of a region what both sides agreed on
/// last.
pub fn merge<'a>(document: &mut Document, agreed: impl Fn(Key) -> Option<&'a Region>, theirs: &[Region]) -> Merged {
    let by_id = document.keys_by_id();
    let mut merged = Merged { items: Vec::new(), base: Vec::new(), foreign: BTreeSet::new(), conflicts: Vec::new() };
    let mut kept = BTreeSet::new();
    for region in theirs {
        let key = region.id.and_then(|id| by_id.get(&id)).copied().unwrap_or_else(|| document.new_key());
        kept.insert(key);
        merged.base.push(Item { key, region: region.clone() });
        merged.settle(key, agreed(key), document.get(key), Some(region));
    }
    for item in document.items().iter().filter(|item| !kept.contains(&item.key)) {
        merged.settle(item.key, agreed(item.key), Some(&item.region), None);
    }
    merged
}

impl Merged {
    fn settle(&mut self, key: Key, base: Option<&Region>, mine: Option<&Region>, theirs: Option<&Region>) {
        let region = match one(base, mine, theirs) {
            Outcome::Agreed(region) => region,
            Outcome::Conflict => {
                let conflict = Conflict { key, base: base.cloned(), mine: mine.cloned(), theirs: theirs.cloned() };
                self.conflicts.push(conflict);
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
