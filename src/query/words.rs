//! What people write where they do not know the words of the language.

use super::nearest::nearest;
use super::rules::{self, RULES};

/// Words of everyday speech and of other tools, and the rules that say the same. Those that are a part of a rule's name, such as
/// `width`, need no entry.
const RULE_WORDS: [(&str, &[&str]); 14] = [
    (
        "tag tags label labels object objects class classes category categories keyword keywords show shows contain \
         contains depicts subject",
        &["has", "has_object"],
    ),
    ("type kind medium", &["nature"]),
    ("license licenses rights copyright free", &["licence"]),
    ("user users username owner creator uploader uploaded_by posted_by by artist photographer", &["author"]),
    ("name caption heading", &["title"]),
    ("text body comment", &["description", "title"]),
    ("url source site website domain link origin", &["origin_url"]),
    ("size dimension dimensions resolution pixels", &["above_width", "above_height", "below_width", "below_height"]),
    ("time year month day posted uploaded created since until from to newer older", &["after_date", "before_date"]),
    ("album collection galleries", &["in_gallery"]),
    ("dataset datasets data_set namespace", &["in_dataset"]),
    ("stars score rated ratings", &["above_rating", "below_rating"]),
    (
        "regions annotation annotations annotated box boxes bbox shapes polygons",
        &["above_region_count", "below_region_count"],
    ),
    ("copy copies copy_of duplicate duplicates original", &["copied_from"]),
];

/// What is said in another way than by a rule.
const OTHERWISE: [(&str, &str); 4] = [
    ("or any any_of one_of either", "a rule takes a list, any of which will do, such as `has: [Cat, Dog]`"),
    ("not no none without must_not", "rules that a picture must not satisfy stand under `exclude:`"),
    ("and all all_of both must", "a picture must satisfy every rule under `want:`; write one below the other"),
    (
        "order ordering order_by sort sort_by limit offset",
        "a query says which pictures, and not in which order or how many; both are chosen beside it",
    ),
];

const KEY_WORDS: [(&str, &str); 3] = [
    ("must include includes require required where filter select all and rules", "want"),
    ("must_not not no none without except reject forbid", "exclude"),
    ("obsolete replaced show_obsolete with_obsolete", "include_obsolete"),
];

/// Words that say, before or behind another one, on which side of a number or of a time, and how the names of such rules begin.
const SIDES: [(&str, [&str; 2]); 2] = [
    ("min minimum at_least more over above after since from newer", ["above_", "after_"]),
    ("max maximum at_most less under below before until to older", ["below_", "before_"]),
];

/// The beginnings of the rules of a side that a word names, and the rest of the word.
fn sided(word: &str) -> Option<([&'static str; 2], &str)> {
    SIDES.iter().find_map(|(words, starts)| {
        let rest = words.split(' ').find_map(|side| {
            let behind = word.strip_prefix(side).and_then(|rest| rest.strip_prefix('_'));
            behind.or_else(|| word.strip_suffix(side).and_then(|rest| rest.strip_suffix('_')))
        });
        rest.map(|rest| (*starts, rest))
    })
}

/// What somebody probably meant by a rule that does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// One of these rules; none where nothing is known.
    Rules(Vec<&'static str>),
    /// Something that is not a rule: how it is said, as the continuation of a sentence.
    Otherwise(&'static str),
}

/// What was meant by `name`, which is no rule: the one that is spelled nearly so, or those that say the same.
pub fn rule_meant(name: &str) -> Meant {
    if let Some(near) = nearest(name, RULES.iter().map(|spec| spec.name)) {
        return Meant::Rules(vec![near]);
    }
    let word = name.to_ascii_lowercase().replace('-', "_");
    if let Some((_, hint)) = OTHERWISE.iter().find(|(words, _)| has_word(words, &word)) {
        return Meant::Otherwise(hint);
    }
    if rules::key(&word).is_some() {
        return Meant::Otherwise("it is a key of the whole query and stands at the beginning of a line");
    }
    let (starts, word) = sided(&word).unwrap_or(([""; 2], &word));
    let also: Vec<&str> = RULE_WORDS
        .iter()
        .filter(|(words, _)| has_word(words, word))
        .flat_map(|(_, names)| names.iter().copied())
        .collect();
    let says_it =
        |name: &str| also.contains(&name) || !word.is_empty() && format!("_{name}_").contains(&format!("_{word}_"));
    let names = RULES.iter().map(|spec| spec.name);
    let is_on_side = |name: &str| starts.iter().any(|start| name.starts_with(start));
    Meant::Rules(names.filter(|name| is_on_side(name) && says_it(name)).collect())
}

/// Other words for a rule, which lead those who look for it there.
pub fn others_for(rule: &str) -> String {
    let of_rule = RULE_WORDS.iter().filter(|(_, names)| names.contains(&rule));
    of_rule.map(|(words, _)| *words).collect::<Vec<_>>().join(" ")
}

/// The key that was meant by `name`, which is none.
pub fn key_meant(name: &str) -> Option<&'static str> {
    let word = name.to_ascii_lowercase().replace('-', "_");
    KEY_WORDS.iter().find(|(words, _)| has_word(words, &word)).map(|(_, key)| *key)
}

fn has_word(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_lead_to_what_there_is() {
        for (words, names) in RULE_WORDS {
            assert!(names.iter().all(|name| rules::by_name(name).is_some()), "{names:?}");
            for word in words.split_whitespace() {
                assert!(rules::by_name(word).is_none(), "{word} is a rule");
                // Words of another entry would hide these.
                let meant = rule_meant(word);
                assert!(
                    matches!(&meant, Meant::Rules(found) if !found.is_empty() && found.iter().any(|name| names.contains(name))),
                    "{word}: {meant:?}"
                );
            }
        }
        for (words, hint) in OTHERWISE {
            for word in words.split_whitespace() {
                assert_eq!(rule_meant(word), Meant::Otherwise(hint), "{word}");
            }
        }
        for (words, key) in KEY_WORDS {
            assert!(rules::key(key).is_some() && words.split_whitespace().all(|word| rules::key(word).is_none()));
        }
    }

    #[test]
    fn what_newcomers_write_is_understood() {
        for (written, meant) in [
            ("tag", &["has", "has_object"][..]),
            ("object", &["has", "has_object"]),
            ("license", &["licence"]),
            ("width", &["above_width", "below_width"]),
            ("min_width", &["above_width"]),
            ("max-height", &["below_height"]),
            ("Min_Regions", &["above_region_count"]),
            ("size", &["above_width", "below_width", "above_height", "below_height"]),
            ("max_size", &["below_width", "below_height"]),
            ("gallery", &["in_gallery"]),
            ("min_date", &["after_date"]),
            ("max_date", &["before_date"]),
            ("above_date", &["after_date"]),
            ("date_from", &["after_date"]),
            ("uploaded-before", &["before_date"]),
            ("width_max", &["below_width"]),
            ("above_regions", &["above_region_count"]),
            ("below_annotations", &["below_region_count"]),
            ("above_stars", &["above_rating"]),
            ("max_has", &[]),
            ("frobnicate", &[]),
            ("", &[]),
            ("min_", &[]),
        ] {
            assert_eq!(rule_meant(written), Meant::Rules(meant.to_vec()), "{written}");
        }
        assert!(matches!(rule_meant("exclude"), Meant::Otherwise(_)));
        assert_eq!((key_meant("must"), key_meant("MUST-NOT"), key_meant("x")), (Some("want"), Some("exclude"), None));
    }
}
