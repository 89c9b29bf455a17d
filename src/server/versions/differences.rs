//! What differs between two states, as people read it: a file that is gone here and new there is one that was renamed.

use crate::model::version::is_moved;
use crate::model::{Differences, Fate, FileDifference, PageRequest};
use crate::server::git::{Change, Pointer};
use std::collections::{HashMap, VecDeque};

/// Counts the differences and gives a part of them.
pub(super) fn of(changes: Vec<Change>, page: PageRequest) -> Differences {
    let mut gone: HashMap<Pointer, VecDeque<usize>> = HashMap::new();
    for (place, change) in changes.iter().enumerate() {
        if let (Some(before), None) = (&change.before, &change.after) {
            gone.entry(before.clone()).or_default().push_back(place);
        }
    }
    let mut renamed_from: HashMap<usize, usize> = HashMap::new();
    for (place, change) in changes.iter().enumerate() {
        if let (None, Some(after)) = (&change.before, &change.after)
            && let Some(from) = gone.get_mut(after).and_then(VecDeque::pop_front)
        {
            renamed_from.insert(place, from);
        }
    }
    let renamed: std::collections::HashSet<usize> = renamed_from.values().copied().collect();
    let mut differences = Differences::default();
    let mut all = Vec::with_capacity(changes.len());
    for (place, Change { path, before, after }) in changes.iter().enumerate() {
        let from = renamed_from.get(&place).map(|from| changes[*from].path.clone());
        let (fate, count) = match (before, after) {
            _ if renamed.contains(&place) => continue,
            _ if from.is_some() => (Fate::Renamed, &mut differences.renamed),
            (None, _) => (Fate::Added, &mut differences.added),
            (Some(_), None) => (Fate::Removed, &mut differences.removed),
            (Some(_), Some(_)) => (Fate::Replaced, &mut differences.replaced),
        };
        *count += 1;
        differences.moved += i64::from(from.as_ref().is_some_and(|from| is_moved(from, path)));
        let before = if from.is_some() { after } else { before };
        all.push(FileDifference {
            path: path.clone(),
            fate,
            renamed_from: from,
            md5_before: before.as_ref().map(|pointer| pointer.md5.clone()),
            md5: after.as_ref().map(|pointer| pointer.md5.clone()),
            size_before: before.as_ref().map(|pointer| pointer.size),
            size: after.as_ref().map(|pointer| pointer.size),
            thumbnail_before: None,
            thumbnail: None,
        });
    }
    let (offset, limit) = (page.offset.max(0) as usize, page.limit.max(0) as usize);
    differences.changes = all.into_iter().skip(offset).take(limit).collect();
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &str, before: Option<u64>, after: Option<u64>) -> Change {
        let pointer = |size: u64| Pointer { md5: format!("{size:032x}"), size };
        Change { path: path.into(), before: before.map(pointer), after: after.map(pointer) }
    }

    #[test]
    fn every_file_is_counted_once() {
        let changes = vec![
            change("a", Some(1), None),
            change("b", None, Some(1)),
            change("c", None, Some(1)),
            change("d", Some(2), Some(3)),
            change("e", Some(4), None),
        ];
        let all = PageRequest { offset: 0, limit: 100 };
        let told = of(changes.clone(), all);
        assert_eq!((told.added, told.replaced, told.removed, told.renamed), (1, 1, 1, 1));
        let fates: Vec<(&str, Fate, Option<&str>)> = told
            .changes
            .iter()
            .map(|change| (change.path.as_str(), change.fate, change.renamed_from.as_deref()))
            .collect();
        let expected = [
            ("b", Fate::Renamed, Some("a")),
            ("c", Fate::Added, None),
            ("d", Fate::Replaced, None),
            ("e", Fate::Removed, None),
        ];
        assert_eq!(fates, expected);
        assert_eq!(told.changes[2].size_before.zip(told.changes[2].size), Some((2, 3)));
        let part = of(changes, PageRequest { offset: 1, limit: 2 });
        assert_eq!((part.changes.len(), part.added, part.changes[0].path.as_str()), (2, 1, "c"));
    }
}
