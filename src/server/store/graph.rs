//! The graph of objects in memory. Pure.

use std::collections::{BTreeMap, BTreeSet};

/// Most objects above an object, itself included: no useful taxonomy comes near.
const MAX_ANCESTORS: usize = 1_000;
/// Most pairs of an object and one above it that one change may write, so that nobody waits for it for long.
const MAX_PAIRS: usize = 2_000_000;

/// Edges from children to parents.
#[derive(Debug, Default)]
pub(super) struct Graph {
    parents: BTreeMap<i64, BTreeSet<i64>>,
    children: BTreeMap<i64, BTreeSet<i64>>,
}

impl Graph {
    /// From pairs of a child and a parent.
    pub fn new(edges: impl IntoIterator<Item = (i64, i64)>) -> Self {
        let mut graph = Self::default();
        for (child, parent) in edges {
            graph.parents.entry(child).or_default().insert(parent);
            graph.children.entry(parent).or_default().insert(child);
        }
        graph
    }

    /// The parents of an object.
    pub fn parents(&self, id: i64) -> BTreeSet<i64> {
        self.parents.get(&id).cloned().unwrap_or_default()
    }

    /// The object and everything that can be reached from it upwards.
    pub fn ancestors(&self, id: i64) -> BTreeSet<i64> {
        reach(&self.parents, [id])
    }

    /// The object and everything that can be reached from it downwards.
    pub fn descendants(&self, id: i64) -> BTreeSet<i64> {
        self.descendants_of_all([id])
    }

    /// The objects and everything that can be reached from any of them downwards.
    pub fn descendants_of_all(&self, ids: impl IntoIterator<Item = i64>) -> BTreeSet<i64> {
        reach(&self.children, ids)
    }

    /// How far each of these objects is from the topmost above it, by the shortest way; a topmost one is at 0.
    pub fn levels(&self, ids: impl IntoIterator<Item = i64>) -> BTreeMap<i64, u32> {
        let mut levels: BTreeMap<i64, u32> =
            ids.into_iter().filter(|id| !self.parents.contains_key(id)).map(|id| (id, 0)).collect();
        let mut edge: Vec<i64> = levels.keys().copied().collect();
        for level in 1.. {
            let below: BTreeSet<i64> = edge.iter().flat_map(|id| self.children(*id)).collect();
            edge = below.into_iter().filter(|id| !levels.contains_key(id)).collect();
            if edge.is_empty() {
                break;
            }
            levels.extend(edge.iter().map(|id| (*id, level)));
        }
        levels
    }

    /// What speaks against writing down all ancestors of these objects, if there are too many.
    pub fn excess(&self, ids: &BTreeSet<i64>) -> Option<String> {
        let mut pairs = 0;
        for id in ids {
            let above = self.ancestors(*id).len();
            if above > MAX_ANCESTORS {
                return Some(format!("would put more than {MAX_ANCESTORS} objects above one; make the graph flatter"));
            }
            pairs += above;
            if pairs > MAX_PAIRS {
                return Some(format!(
                    "would change more than {MAX_PAIRS} pairs of an object and one above it; do it in parts"
                ));
            }
        }
        None
    }

    /// The children of an object.
    pub fn children(&self, id: i64) -> BTreeSet<i64> {
        self.children.get(&id).cloned().unwrap_or_default()
    }

    /// Ways down to an object from those without parents, without the object itself: the shortest, at most `most`.
    pub fn paths_down(&self, id: i64, most: usize) -> Vec<Vec<i64>> {
        let mut paths = Vec::new();
        // Ways up that have not arrived yet, by length. There is never a need for more than `most` of one length, each of
        // which arrives: so the work is bounded however many ways there are.
        let mut open: Vec<Vec<i64>> = self.parents(id).into_iter().map(|parent| vec![parent]).collect();
        while paths.len() < most && !open.is_empty() {
            open.truncate(most);
            let mut longer = Vec::new();
            for path in open {
                let above = path.last().map(|top| self.parents(*top)).unwrap_or_default();
                if above.is_empty() {
                    paths.push(path.into_iter().rev().collect());
                } else {
                    longer.extend(above.into_iter().map(|parent| [path.as_slice(), &[parent]].concat()));
                }
            }
            open = longer;
        }
        paths.truncate(most);
        paths
    }

    /// A shortest way upwards from one object to another, both included.
    pub fn path_up(&self, from: i64, to: i64) -> Option<Vec<i64>> {
        let mut came_from: BTreeMap<i64, i64> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(id) = queue.pop_front() {
            if id == to {
                let mut path = vec![to];
                while let Some(&before) = path.last().filter(|&&id| id != from).and_then(|id| came_from.get(id)) {
                    path.push(before);
                }
                path.reverse();
                return Some(path);
            }
            for &parent in self.parents.get(&id).into_iter().flatten() {
                if parent != from && !came_from.contains_key(&parent) {
                    came_from.insert(parent, id);
                    queue.push_back(parent);
                }
            }
        }
        None
    }
}

fn reach(edges: &BTreeMap<i64, BTreeSet<i64>>, starts: impl IntoIterator<Item = i64>) -> BTreeSet<i64> {
    let mut open: Vec<i64> = starts.into_iter().collect();
    let mut reached: BTreeSet<i64> = open.iter().copied().collect();
    while let Some(id) = open.pop() {
        for &next in edges.get(&id).into_iter().flatten() {
            if reached.insert(next) {
                open.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_count_the_shortest_way() {
        // 4 is below 2 and 3, 3 below 2, 2 below 1; 5 has nothing to do with them.
        let graph = Graph::new([(2, 1), (3, 2), (4, 3), (4, 2)]);
        assert_eq!(graph.levels(1..=5), BTreeMap::from([(1, 0), (2, 1), (3, 2), (4, 2), (5, 0)]));
    }

    #[test]
    fn reaches_up_and_down_a_diamond() {
        let graph = Graph::new([(4, 2), (4, 3), (2, 1), (3, 1)]);
        assert_eq!(graph.ancestors(4), BTreeSet::from([1, 2, 3, 4]));
        assert_eq!(graph.descendants(1), BTreeSet::from([1, 2, 3, 4]));
        assert_eq!(graph.ancestors(9), BTreeSet::from([9]));
        assert_eq!(graph.path_up(4, 1), Some(vec![4, 2, 1]));
        assert_eq!(graph.path_up(1, 4), None);
        assert_eq!(graph.path_up(3, 3), Some(vec![3]));
        assert_eq!(graph.paths_down(4, 9), [[1, 2], [1, 3]]);
        assert_eq!(graph.paths_down(1, 9), Vec::<Vec<i64>>::new());
    }

    #[test]
    fn too_many_ancestors_are_an_excess() {
        let chain = |length: i64| Graph::new((1..length).map(|id| (id, id - 1)));
        assert_eq!(chain(1_000).excess(&(0..1_000).collect()), None);
        assert!(chain(1_001).excess(&(0..1_001).collect()).is_some_and(|words| words.contains("above one")));
        // 3,000 objects below a chain of 999.
        let edges = (1..999).map(|id| (id, id - 1)).chain((1_000..4_000).map(|id| (id, 998)));
        let graph = Graph::new(edges);
        assert_eq!(graph.excess(&(1_000..2_000).collect()), None);
        assert!(graph.excess(&graph.descendants(998)).is_some_and(|words| words.contains("in parts")));
    }

    #[test]
    fn a_ladder_with_very_many_ways_tells_a_few() {
        // Every rung doubles the number of ways.
        let edges =
            (0..40).flat_map(|rung| (0..2).flat_map(move |a| (0..2).map(move |b| (2 * rung + a, 2 * rung + 2 + b))));
        let graph = Graph::new(edges.filter(|(child, _)| *child != 1));
        let paths = graph.paths_down(0, 4);
        assert_eq!(paths.len(), 4);
        assert!(paths.iter().all(|path| path.len() == 40));
    }
}
