//! What is selected in a grid, and where the arrow keys lead. Plain values, so that tests need no browser.

use std::collections::BTreeSet;

/// The selected pictures of a grid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    chosen: BTreeSet<i64>,
    // From here a range extends.
    anchor: Option<i64>,
}

impl Selection {
    /// These and no others.
    pub fn of(pictures: impl IntoIterator<Item = i64>) -> Self {
        let chosen: BTreeSet<i64> = pictures.into_iter().collect();
        Self { anchor: chosen.first().copied(), chosen }
    }

    /// Whether the picture is selected.
    pub fn contains(&self, picture: i64) -> bool {
        self.chosen.contains(&picture)
    }

    /// How many are selected.
    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    /// Whether nothing is selected.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    /// The selected pictures in the order of the grid.
    pub fn in_order(&self, order: &[i64]) -> Vec<i64> {
        order.iter().copied().filter(|picture| self.contains(*picture)).collect()
    }

    /// Selects a picture, or does not any more.
    pub fn toggle(&mut self, picture: i64) {
        if !self.chosen.remove(&picture) {
            self.chosen.insert(picture);
        }
        self.anchor = Some(picture);
    }

    /// Selects everything from the picture that was selected last up to this one, in the order of the grid.
    pub fn extend_to(&mut self, picture: i64, order: &[i64]) {
        let place = |wanted: i64| order.iter().position(|picture| *picture == wanted);
        let Some(to) = place(picture) else { return };
        let from = self.anchor.and_then(place).unwrap_or(to);
        self.anchor.get_or_insert(picture);
        self.chosen.extend(&order[from.min(to)..=from.max(to)]);
    }

    /// What is selected while a rubber band spans these pictures.
    pub fn with(&self, pictures: impl IntoIterator<Item = i64>) -> Self {
        let mut more = self.clone();
        more.chosen.extend(pictures);
        more.anchor = more.anchor.or(more.chosen.first().copied());
        more
    }
}

/// A card's place on the screen, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Place {
    /// The rectangle between two points.
    pub fn between(from: (f64, f64), to: (f64, f64)) -> Self {
        let (left, top) = (from.0.min(to.0), from.1.min(to.1));
        Self { left, top, width: (from.0 - to.0).abs(), height: (from.1 - to.1).abs() }
    }

    /// Whether the two have a point in common.
    pub fn touches(&self, other: &Self) -> bool {
        self.left <= other.left + other.width
            && other.left <= self.left + self.width
            && self.top <= other.top + other.height
            && other.top <= self.top + self.height
    }

    fn middle(&self) -> f64 {
        self.left + self.width / 2.0
    }
}

/// Where a key leads from the card at `from`; none where the key moves nothing.
pub fn step(cards: &[Place], from: usize, key: &str) -> Option<usize> {
    let here = cards.get(from)?;
    // Cards of a row share their upper edge, but for a fraction of a pixel.
    let nearest = |top: f64| {
        let row = cards.iter().enumerate().filter(|(_, card)| (card.top - top).abs() < 2.0);
        let distance = |card: &Place| (card.middle() - here.middle()).abs();
        row.min_by(|(_, left), (_, right)| distance(left).total_cmp(&distance(right))).map(|(index, _)| index)
    };
    match key {
        "ArrowLeft" => Some(from.saturating_sub(1)),
        "ArrowRight" => Some((from + 1).min(cards.len() - 1)),
        "ArrowUp" => {
            let above = cards[..from].iter().rev().find(|card| card.top < here.top - 2.0);
            Some(above.and_then(|card| nearest(card.top)).unwrap_or(from))
        }
        "ArrowDown" => {
            let below = cards[from..].iter().find(|card| card.top > here.top + 2.0);
            Some(below.and_then(|card| nearest(card.top)).unwrap_or(from))
        }
        "Home" => Some(0),
        "End" => Some(cards.len() - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: [i64; 5] = [50, 40, 30, 20, 10];

    #[test]
    fn selects_one_by_one_and_in_ranges() {
        let mut selection = Selection::default();
        selection.toggle(40);
        selection.extend_to(20, &ORDER);
        assert_eq!(selection.in_order(&ORDER), [40, 30, 20]);
        selection.toggle(30);
        selection.extend_to(50, &ORDER);
        assert_eq!(selection.in_order(&ORDER), [50, 40, 30, 20]);
        let mut fresh = Selection::default();
        fresh.extend_to(30, &ORDER);
        fresh.extend_to(10, &ORDER);
        fresh.extend_to(99, &ORDER);
        assert_eq!(fresh.in_order(&ORDER), [30, 20, 10]);
    }

    #[test]
    fn a_band_adds_to_what_was_selected() {
        let selection = Selection::of([10]);
        assert_eq!(selection.with([30]).in_order(&ORDER), [30, 10]);
        assert_eq!(Selection::default().with([]).len(), 0);
        let band = Place::between((10.0, 20.0), (0.0, 0.0));
        assert!(band.touches(&Place { left: 5.0, top: 5.0, width: 100.0, height: 100.0 }));
        assert!(!band.touches(&Place { left: 11.0, top: 5.0, width: 100.0, height: 100.0 }));
    }

    #[test]
    fn arrows_go_to_neighbours() {
        // Three cards in the first row, two in the second.
        let card = |left: f64, top: f64, width: f64| Place { left, top, width, height: 100.0 };
        let cards = [
            card(0.0, 0.0, 100.0),
            card(110.0, 0.0, 100.0),
            card(220.0, 0.0, 100.0),
            card(0.0, 150.0, 200.0),
            card(210.0, 150.0, 100.0),
        ];
        for (from, key, to) in [
            (0, "ArrowLeft", 0),
            (2, "ArrowRight", 3),
            (4, "ArrowRight", 4),
            (2, "ArrowDown", 4),
            (1, "ArrowDown", 3),
            (3, "ArrowDown", 3),
            (4, "ArrowUp", 2),
            (1, "ArrowUp", 1),
            (3, "Home", 0),
            (0, "End", 4),
        ] {
            assert_eq!(step(&cards, from, key), Some(to), "{key} from {from}");
        }
        assert_eq!(step(&cards, 0, "a"), None);
        assert_eq!(step(&[], 0, "Home"), None);
    }
}
