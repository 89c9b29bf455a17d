//! The drawing order: what lies above what.

use super::Editor;
use super::document::Key;
use super::obey::regions;
use std::collections::HashSet;

/// Where regions go in the drawing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shift {
    ToFront,
    Forward,
    Backward,
    ToBack,
}

impl Editor {
    /// Moves the selected regions in the drawing order. They keep their order among each other.
    pub(super) fn reorder(&mut self, way: Shift) {
        let keys = self.selection.keys().to_vec();
        let chosen: HashSet<Key> = self.unlocked(&keys).into_iter().collect();
        if chosen.is_empty() {
            return;
        }
        let order: Vec<Key> = self.document.items().iter().map(|item| item.key).collect();
        let moved = self.document.move_all(moves(&order, &chosen, way));
        let (number, place) = (regions(chosen.len()), self.place_of(&chosen));
        self.say(match way {
            Shift::ToFront | Shift::Forward if !moved => "Nothing lies above".to_owned(),
            Shift::ToBack | Shift::Backward if !moved => "Nothing lies below".to_owned(),
            Shift::ToFront => format!("{number} in front"),
            Shift::ToBack => format!("{number} at the back"),
            Shift::Forward => format!("{number} brought forward{place}"),
            Shift::Backward => format!("{number} sent backward{place}"),
        });
    }

    fn place_of(&self, chosen: &HashSet<Key>) -> String {
        let items = self.document.items();
        let place = items.iter().position(|item| chosen.contains(&item.key)).filter(|_| chosen.len() == 1);
        place.map_or_else(String::new, |index| format!(", {} of {}", index + 1, items.len()))
    }
}

/// Which region goes to which place, one after the other: only the chosen ones move.
fn moves(order: &[Key], chosen: &HashSet<Key>, way: Shift) -> Vec<(Key, usize)> {
    let is_chosen = |key: &&Key| chosen.contains(key);
    let picked: Vec<Key> = order.iter().filter(is_chosen).copied().collect();
    let others = order.len() - picked.len();
    match way {
        Shift::ToFront if order[others..] == picked => Vec::new(),
        Shift::ToBack if order[..picked.len()] == picked => Vec::new(),
        Shift::ToFront => picked.into_iter().map(|key| (key, order.len() - 1)).collect(),
        Shift::ToBack => picked.into_iter().rev().map(|key| (key, 0)).collect(),
        // Those that lie in front already stay, and so does whatever is chosen and lies right behind them.
        Shift::Forward => {
            let rest = order.len() - order.iter().rev().take_while(is_chosen).count();
            let behind = order[..rest].iter().enumerate().rev().filter(|(_, key)| chosen.contains(key));
            behind.map(|(index, key)| (*key, index + 1)).collect()
        }
        Shift::Backward => {
            let front = order.iter().take_while(is_chosen).count();
            let above = order.iter().enumerate().skip(front).filter(|(_, key)| chosen.contains(key));
            above.map(|(index, key)| (*key, index - 1)).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_leads_where_it_says() {
        let order: Vec<Key> = (1..=5).map(Key).collect();
        let chosen = HashSet::from([Key(2), Key(3), Key(5)]);
        for (way, wanted) in [
            (Shift::ToFront, [1, 4, 2, 3, 5]),
            (Shift::Forward, [1, 4, 2, 3, 5]),
            (Shift::Backward, [2, 3, 1, 5, 4]),
            (Shift::ToBack, [2, 3, 5, 1, 4]),
        ] {
            let mut now = order.clone();
            for (key, to) in moves(&order, &chosen, way) {
                now.retain(|other| *other != key);
                now.insert(to, key);
            }
            assert_eq!(now, wanted.map(Key), "{way:?}");
            assert!(moves(&now, &chosen, way).is_empty() || matches!(way, Shift::Forward | Shift::Backward), "{way:?}");
        }
    }
}
