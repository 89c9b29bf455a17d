//! Finding an object by what a person types.

use crate::model::object::ObjectSummary;
use crate::model::text::fold;

/// The objects that match `text` by name or description, best first: the name itself, then names that start with it, then
/// names with a word that starts with it, then names that contain it, then descriptions. Without text, every object, those
/// in `recent` first and then the most used. At most `limit` are returned.
pub fn search<'a>(objects: &'a [ObjectSummary], text: &str, recent: &[String], limit: usize) -> Vec<&'a ObjectSummary> {
    let text = fold(text.trim());
    let mut found: Vec<(usize, usize, &ObjectSummary)> = objects
        .iter()
        .filter_map(|object| {
            let recency = recent.iter().position(|name| *name == object.name).unwrap_or(usize::MAX);
            Some((rank(object, &text)?, recency, object))
        })
        .collect();
    found.sort_by(|(rank_a, recency_a, a), (rank_b, recency_b, b)| {
        (rank_a, recency_a, -a.pictures, &a.name).cmp(&(rank_b, recency_b, -b.pictures, &b.name))
    });
    found.into_iter().take(limit).map(|(_, _, object)| object).collect()
}

/// Whether an object has exactly this name, letter case aside.
pub fn is_named(object: &ObjectSummary, text: &str) -> bool {
    fold(&object.name) == fold(text.trim())
}

fn rank(object: &ObjectSummary, folded_text: &str) -> Option<usize> {
    let name = fold(&object.name);
    let word_starts = |text: &str| {
        text.match_indices(folded_text)
            .any(|(at, _)| text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()))
    };
    if folded_text.is_empty() || name == folded_text {
        Some(0)
    } else if name.starts_with(folded_text) {
        Some(1)
    } else if word_starts(&name) {
        Some(2)
    } else if name.contains(folded_text) {
        Some(3)
    } else {
        let description = fold(&object.description);
        if word_starts(&description) { Some(4) } else { description.contains(folded_text).then_some(5) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects() -> Vec<ObjectSummary> {
        [
            ("Cat (Felis catus)", "A small predator", 12),
            ("Dog", "A friend; hunts a cat", 40),
            ("Wild cat", "", 2),
            ("Cattle", "", 3),
            ("Bobcat", "", 1),
            ("Straße", "", 0),
        ]
        .into_iter()
        .map(|(name, description, pictures)| ObjectSummary {
            name: name.to_owned(),
            description: description.to_owned(),
            pictures,
        })
        .collect()
    }

    #[test]
    fn the_best_match_comes_first() {
        let objects = objects();
        let names = |text: &str, recent: &[&str]| {
            let recent: Vec<String> = recent.iter().map(|name| (*name).to_owned()).collect();
            search(&objects, text, &recent, 50).into_iter().map(|object| object.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(names("cat", &[]), ["Cat (Felis catus)", "Cattle", "Wild cat", "Bobcat", "Dog"]);
        assert_eq!(names(" FELIS ", &[]), ["Cat (Felis catus)"]);
        assert_eq!(names("strasse", &[]), ["Straße"]);
        assert_eq!(names("predator", &[]), ["Cat (Felis catus)"]);
        assert!(names("xyz", &[]).is_empty());
        assert_eq!(names("", &["Cattle"])[..3], ["Cattle", "Dog", "Cat (Felis catus)"]);
    }
}
