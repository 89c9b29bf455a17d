//! The nearest known name, for "did you mean …?".

use crate::model::search::distance;
use crate::model::text::fold;

/// The candidate that somebody who wrote `name` most probably meant, if one is near enough: it differs in case only, or
/// starts with `name`, or is few edits away.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(name, candidates, 3)
}

/// The same of a few candidates, which are as good as known by heart: of these, more letters may be wrong.
pub fn nearest_of_few<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(name, candidates, 2)
}

/// The same where one of so many letters may be wrong.
fn nearest_within<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, one_of: usize) -> Option<&'a str> {
    // Nobody mistypes a name this long into another that is known, and the comparison is quadratic.
    if name.is_empty() || name.chars().count() > 200 {
        return None;
    }
    let folded = fold(name);
    let wanted: Vec<char> = folded.chars().collect();
    let most = (wanted.len() / one_of).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other = fold(candidate);
        let score = if other == folded {
            0
        } else {
            let other_chars: Vec<char> = other.chars().collect();
            match distance(&wanted, &other_chars, most) {
                Some(edits) => edits,
                // "Cat" for "Cat (Felis catus)".
                None if wanted.len() >= 3 && other.starts_with(&folded) => most + 1,
                None => continue,
            }
        };
        if best.is_none_or(|(least, name)| (score, candidate) < (least, name)) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `; did you mean `x` or `y`?`, or nothing.
pub fn did_you_mean(names: &[impl AsRef<str>]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    if names.is_empty() { String::new() } else { format!("; did you mean {}?", names.join(" or ")) }
}

/// `; did you mean `x`?`, or nothing.
pub fn suggestion<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    did_you_mean(nearest(name, candidates).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["Cat (Felis catus)", "Dog", "Human", "Straße", "above_width", "below_width", "photo"];
        for (written, meant) in [
            ("dog", Some("Dog")),
            ("Dgo", Some("Dog")),
            ("Cat", Some("Cat (Felis catus)")),
            ("Humn", Some("Human")),
            ("STRASSE", Some("Straße")),
            ("above_widht", Some("above_width")),
            ("foto", None),
            ("phtoo", Some("photo")),
            ("Elephant", None),
            ("", None),
            ("x", None),
        ] {
            assert_eq!(nearest(written, names), meant, "{written}");
        }
        for (written, meant) in [("foto", Some("photo")), ("x", None), ("Elephant", None)] {
            assert_eq!(nearest_of_few(written, names), meant, "{written}");
        }
    }
}
