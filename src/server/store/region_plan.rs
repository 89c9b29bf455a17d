//! Decides what a save of regions changes: which regions stay, which leave, which arrive, and under which ids. Pure.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Distance between the positions of neighbours, so that others find room between them.
pub(super) const GAP: i64 = 1 << 16;

/// A row of `regions`.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(super) struct Entry {
    pub id: i64,
    pub position: i64,
    pub kind: String,
    pub shape: String,
    pub object: i64,
    pub author: i64,
    pub since: i64,
    pub created_at: i64,
}

/// A region that the picture shall have.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub id: Option<i64>,
    pub kind: &'static str,
    /// The shape as the database keeps it. Texts are compared, so that shapes count as equal only bit for bit.
    pub shape: String,
    pub object: i64,
}

/// A row to be inserted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// Index in the list of wanted regions.
    pub index: usize,
    /// The id to give it; a new one if there is none.
    pub id: Option<i64>,
    pub position: i64,
    /// When the region was first drawn, if it was there before.
    pub created_at: Option<i64>,
}

/// The difference between the regions a picture has and those it shall have.
#[derive(Debug)]
pub(super) struct Plan {
    arriving: Vec<Arrival>,
    /// Ids of the rows that are removed or rewritten.
    leaving: BTreeSet<i64>,
    added: i64,
    changed: i64,
    removed: i64,
}

impl Plan {
    /// Compares. `current` is in drawing order; `past` holds ids that the picture had once and has no more.
    pub fn new(current: &[Entry], wanted: &[Wanted], past: &BTreeSet<i64>) -> Self {
        let (kept, revived) = assign_ids(current, wanted, past);
        let positions = assign_positions(&kept.iter().map(|at| at.map(|at| current[at].position)).collect::<Vec<_>>());
        let mut plan = Plan { arriving: Vec::new(), leaving: BTreeSet::new(), added: 0, changed: 0, removed: 0 };
        let mut staying = BTreeSet::new();
        for (index, (region, position)) in wanted.iter().zip(positions).enumerate() {
            let Some(at) = kept[index] else {
                plan.added += 1;
                plan.arriving.push(Arrival { index, id: revived[index], position, created_at: None });
                continue;
            };
            let entry = &current[at];
            staying.insert(entry.id);
            let same = entry.kind == region.kind && entry.shape == region.shape && entry.object == region.object;
            if !same {
                plan.changed += 1;
            }
            if !same || entry.position != position {
                plan.leaving.insert(entry.id);
                let created_at = Some(entry.created_at);
                plan.arriving.push(Arrival { index, id: Some(entry.id), position, created_at });
            }
        }
        for entry in current.iter().filter(|entry| !staying.contains(&entry.id)) {
            plan.removed += 1;
            plan.leaving.insert(entry.id);
        }
        plan
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.arriving.is_empty() && self.leaving.is_empty()
    }

    /// Rows to insert.
    pub fn arriving(&self) -> impl Iterator<Item = &Arrival> {
        self.arriving.iter()
    }

    /// Rows to move to the past.
    pub fn leaving<'e>(&self, current: &'e [Entry]) -> Vec<&'e Entry> {
        current.iter().filter(|entry| self.leaving.contains(&entry.id)).collect()
    }

    /// How many regions are new.
    pub fn added(&self) -> i64 {
        self.added
    }

    /// How many have another shape or object than before. A new place in the drawing order does not count.
    pub fn changed(&self) -> i64 {
        self.changed
    }

    /// How many are gone.
    pub fn removed(&self) -> i64 {
        self.removed
    }
}

/// For every wanted region: the index of the current one that it continues, and the past id that comes back to life.
fn assign_ids(current: &[Entry], wanted: &[Wanted], past: &BTreeSet<i64>) -> (Vec<Option<usize>>, Vec<Option<i64>>) {
    let by_id: HashMap<i64, usize> = current.iter().enumerate().map(|(at, entry)| (entry.id, at)).collect();
    let mut claimed = vec![false; current.len()];
    let mut kept = vec![None; wanted.len()];
    let mut revived = vec![None; wanted.len()];
    let mut unused = past.clone();
    for (index, region) in wanted.iter().enumerate() {
        let Some(id) = region.id else { continue };
        match by_id.get(&id) {
            // An id that is sent twice belongs to the first; the second is a copy and becomes a region of its own.
            Some(&at) if !claimed[at] => {
                claimed[at] = true;
                kept[index] = Some(at);
            }
            _ if unused.remove(&id) => revived[index] = Some(id),
            _ => {}
        }
    }
    // What is left may be equal to regions that nobody claimed: then it is them. Clients that do not know ids keep them so.
    let mut equal: BTreeMap<(&str, &str, i64), Vec<usize>> = BTreeMap::new();
    for (at, entry) in current.iter().enumerate().rev().filter(|(at, _)| !claimed[*at]) {
        equal.entry((&entry.kind, &entry.shape, entry.object)).or_default().push(at);
    }
    for (index, region) in wanted.iter().enumerate() {
        if kept[index].is_none() && revived[index].is_none() {
            kept[index] = equal.get_mut(&(region.kind, region.shape.as_str(), region.object)).and_then(Vec::pop);
        }
    }
    (kept, revived)
}

/// Increasing positions for a list of which some entries have one already. As many as possible keep theirs: usually all
/// but one when one region was moved in the drawing order.
pub(super) fn assign_positions(old: &[Option<i64>]) -> Vec<i64> {
    let fixed = longest_increasing(old);
    let mut positions = Vec::with_capacity(old.len());
    let mut index = 0;
    while index < old.len() {
        if fixed[index] {
            positions.extend(old[index]);
            index += 1;
            continue;
        }
        let end = (index..old.len()).find(|&at| fixed[at]).unwrap_or(old.len());
        let count = (end - index) as i64;
        let before = positions.last().copied();
        let after = old.get(end).copied().flatten();
        let (start, step) = match (before, after) {
            (Some(before), Some(after)) => (before, (after - before) / (count + 1)),
            (Some(before), None) => (before, GAP),
            (None, Some(after)) => (after - GAP * (count + 1), GAP),
            (None, None) => (0, GAP),
        };
        if step == 0 {
            // No room is left between two neighbours: number all of them anew.
            return (1..=old.len() as i64).map(|place| place * GAP).collect();
        }
        positions.extend((1..=count).map(|place| start + step * place));
        index = end;
    }
    positions
}

/// Marks the members of a longest strictly increasing subsequence of those entries that have a position.
fn longest_increasing(positions: &[Option<i64>]) -> Vec<bool> {
    // `ends[n]` is the index of the smallest position that a subsequence of n + 1 members can end with.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; positions.len()];
    for (index, position) in positions.iter().enumerate() {
        let Some(position) = position else { continue };
        let length = ends.partition_point(|&end| positions[end].is_some_and(|other| other < *position));
        previous[index] = length.checked_sub(1).map(|before| ends[before]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut member = vec![false; positions.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        member[index] = true;
        next = previous[index];
    }
    member
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i64, position: i64, shape: &str) -> Entry {
        Entry { id, position, kind: "point".into(), shape: shape.into(), object: 1, author: 1, since: 1, created_at: 5 }
    }

    fn wanted(id: Option<i64>, shape: &str) -> Wanted {
        Wanted { id, kind: "point", shape: shape.into(), object: 1 }
    }

    fn ids(plan: &Plan) -> Vec<(usize, Option<i64>)> {
        plan.arriving().map(|arrival| (arrival.index, arrival.id)).collect()
    }

    #[test]
    fn the_same_again_is_no_change() {
        let current = [entry(1, 10, "a"), entry(2, 20, "b")];
        assert!(Plan::new(&current, &[wanted(Some(1), "a"), wanted(None, "b")], &BTreeSet::new()).is_empty());
    }

    #[test]
    fn twins_are_told_apart_by_their_order() {
        let current = [entry(1, 10, "a"), entry(2, 20, "a")];
        assert!(Plan::new(&current, &[wanted(None, "a"), wanted(None, "a")], &BTreeSet::new()).is_empty());
    }

    #[test]
    fn a_changed_region_keeps_its_id() {
        let current = [entry(1, 10, "a"), entry(2, 20, "b")];
        let plan = Plan::new(&current, &[wanted(Some(1), "a"), wanted(Some(2), "c")], &BTreeSet::new());
        assert_eq!((plan.added(), plan.changed(), plan.removed()), (0, 1, 0));
        assert_eq!(ids(&plan), [(1, Some(2))]);
        assert_eq!(plan.leaving(&current), [&current[1]]);
    }

    #[test]
    fn foreign_and_repeated_ids_are_new_regions() {
        let current = [entry(1, 10, "a")];
        let list = [wanted(Some(1), "a"), wanted(Some(1), "x"), wanted(Some(99), "y")];
        let plan = Plan::new(&current, &list, &BTreeSet::new());
        assert_eq!(ids(&plan), [(1, None), (2, None)]);
        assert_eq!((plan.added(), plan.changed(), plan.removed()), (2, 0, 0));
    }

    #[test]
    fn a_past_id_comes_back_once() {
        let list = [wanted(Some(7), "x"), wanted(Some(7), "y")];
        let plan = Plan::new(&[], &list, &BTreeSet::from([7]));
        assert_eq!(ids(&plan), [(0, Some(7)), (1, None)]);
    }

    #[test]
    fn moving_one_to_either_end_rewrites_only_that_one() {
        let current = [entry(1, 10, "a"), entry(2, 20, "b"), entry(3, 30, "c")];
        for order in [[3, 1, 2], [2, 3, 1]] {
            let list = order.map(|id| wanted(Some(id), ["a", "b", "c"][id as usize - 1]));
            let plan = Plan::new(&current, &list, &BTreeSet::new());
            assert_eq!(plan.arriving().count(), 1, "{order:?}");
            assert_eq!((plan.added(), plan.changed(), plan.removed()), (0, 0, 0));
        }
    }

    #[test]
    fn positions_always_increase() {
        let cases: [&[Option<i64>]; 6] = [
            &[None, None],
            &[Some(5), None, Some(6)],
            &[Some(9), Some(1), None, Some(2), None],
            &[None, Some(0), None],
            &[Some(1), None, None, Some(4)],
            &[],
        ];
        for old in cases {
            let positions = assign_positions(old);
            assert_eq!(positions.len(), old.len());
            assert!(positions.windows(2).all(|pair| pair[0] < pair[1]), "{old:?}: {positions:?}");
        }
    }
}
