//! Which colour an object has, and what tells apart those that share one.

use super::document::Item;
use std::collections::HashMap;

/// How many colours there are to tell objects apart.
pub const COLOURS: usize = 12;

/// The colour of an object, as an index below [`COLOURS`]: the same on every page and every visit, because it depends on
/// the name alone.
pub fn colour_of(object: &str) -> usize {
    // FNV-1a: tiny, and spread well enough for a dozen colours.
    let hash = object.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    // The upper bits, because the last byte has hardly been stirred into the lower ones.
    (hash >> 8) as usize % COLOURS
}

/// Tells apart the objects of a picture that have the same colour: a dozen colours are soon used up, and no object is to change
/// its own because another one is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Variants {
    of: HashMap<String, usize>,
    /// Whether any two share a colour.
    has_clash: bool,
    /// The version of the document of which all objects have theirs.
    checked: Option<u64>,
}

impl Variants {
    /// Gives every new object of a document the lowest variant of its colour that is free. What has one keeps it.
    pub fn follow(&mut self, version: u64, items: &[Item]) {
        if self.checked.replace(version) == Some(version) {
            return;
        }
        for object in items.iter().map(|item| &item.region.object) {
            if !object.is_empty() && !self.of.contains_key(object) {
                let colour = colour_of(object);
                let variant = self.of.keys().filter(|other| colour_of(other) == colour).count();
                self.has_clash |= variant > 0;
                self.of.insert(object.clone(), variant);
            }
        }
    }

    /// The variant of an object: 0 for the first one of its colour.
    pub fn of(&self, object: &str) -> usize {
        if self.has_clash { self.of.get(object).copied().unwrap_or_default() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::document::Key;
    use crate::geometry::Point;
    use crate::model::region::{Region, Shape};
    use std::collections::BTreeSet;

    fn items(objects: &[String]) -> Vec<Item> {
        let region =
            |object: &String| Region { id: None, shape: Shape::Point(Point::default()), object: object.clone() };
        objects.iter().enumerate().map(|(at, object)| Item { key: Key(at as u64), region: region(object) }).collect()
    }

    #[test]
    fn objects_that_share_a_colour_differ_by_their_variant() {
        let objects: Vec<String> = (0..60).map(|index| format!("Object {index}")).collect();
        let mut variants = Variants::default();
        variants.follow(1, &items(&objects[..20]));
        let before: Vec<usize> = objects[..20].iter().map(|object| variants.of(object)).collect();
        variants.follow(2, &items(&objects));
        let seen: BTreeSet<(usize, usize)> =
            objects.iter().map(|object| (colour_of(object), variants.of(object))).collect();
        assert_eq!(seen.len(), objects.len());
        let after: Vec<usize> = objects[..20].iter().map(|object| variants.of(object)).collect();
        assert_eq!(before, after, "who comes later changes nobody's");
        assert!(seen.iter().any(|(_, variant)| *variant > 0) && seen.iter().any(|(_, variant)| *variant == 0));
        assert_eq!(variants.of("unknown"), 0);
    }

    #[test]
    fn colours_are_spread() {
        let mut used = [0; COLOURS];
        for index in 0..1200 {
            used[colour_of(&format!("Object {index}"))] += 1;
        }
        assert!(used.iter().all(|count| (60..160).contains(count)), "{used:?}");
    }
}
