//! Which rows of the list of regions a person wants to see.

use crate::model::region::Kind;
use crate::model::text::fold;

/// A filter by object and kind: every word has to be in the object's name or begin the kind's. Regions without an object are
/// found by `none`, and by the words that their rows have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionFilter {
    words: Vec<String>,
}

impl RegionFilter {
    /// Reads what a person typed.
    pub fn new(text: &str) -> Self {
        Self { words: fold(text).split_whitespace().map(str::to_owned).collect() }
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether it lets a region through.
    pub fn fits(&self, object: &str, kind: Kind) -> bool {
        if self.is_empty() {
            return true;
        }
        let object = if object.is_empty() { "none, no object yet".to_owned() } else { fold(object) };
        let kind = fold(kind.label());
        self.words.iter().all(|word| object.contains(word.as_str()) || kind.starts_with(word.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_to_fit() {
        for (text, object, kind, fits) in [
            ("", "Cat", Kind::Bbox, true),
            ("  ", "", Kind::Point, true),
            ("CAT", "Wildcat", Kind::Bbox, true),
            ("cat poly", "Cat (Felis catus)", Kind::Polygon, true),
            ("poly cat", "Cat (Felis catus)", Kind::Polyline, true),
            ("cat point", "Cat", Kind::Polygon, false),
            ("dog", "Cat", Kind::Bbox, false),
            ("strasse", "Straße", Kind::Polyline, true),
            ("none", "", Kind::Bbox, true),
            ("none", "Cat", Kind::Bbox, false),
            ("No object", "", Kind::Bbox, true),
            ("no object", "Cat", Kind::Bbox, false),
        ] {
            assert_eq!(RegionFilter::new(text).fits(object, kind), fits, "{text}: {object}");
        }
    }
}
