//! The search against its specification where it is hard: deep and tangled taxonomies, long chains of replacements, texts of
//! characters that fold into others, and patterns made of them.

use crate::search::databases::databases;
use crate::search::{any_draft, furnish, one, post};
use crate::search_onlookers::{furnish_datasets, scatter};
use ocellus::model::{Ordering, PageRequest};
use ocellus::query::evaluate;
use ocellus::query::rules::{Bound, NameField, NumberField, TextField};
use ocellus::query::{Query, Rule};
use ocellus::server::search::find;
use ocellus::server::store::objects;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

/// Characters that fold into several, into others, or into none; composed and not; beyond the basic plane; and those that
/// patterns, SQL and YAML give a meaning to.
const PIECES: [&str; 32] = [
    "a",
    "A",
    "ß",
    "ẞ",
    "SS",
    "ss",
    "İ",
    "i",
    "ı",
    "I",
    "ﬁ",
    "FI",
    "Σ",
    "ς",
    "σ",
    "é",
    "e\u{301}",
    "Å",
    "K",
    "k",
    "ǅ",
    "ΐ",
    "\u{10400}",
    "\u{10428}",
    "👩\u{200d}🚀",
    "'",
    "\"",
    ":",
    "#",
    " ",
    "\u{feff}",
    "-",
];
const WILD: [&str; 5] = ["%", "_", "\\%", "\\_", "\\\\"];

fn any_text() -> impl Strategy<Value = String> {
    vec(prop_oneof![6 => select(&PIECES[..]), 1 => select(vec!["%", "_", "\\"])], 0..6)
        .prop_map(|pieces| pieces.concat())
}

fn any_pattern() -> impl Strategy<Value = String> {
    let pieces = vec(prop_oneof![3 => select(&PIECES[..]), 1 => select(&WILD[..])], 1..5);
    pieces.prop_map(|pieces| pieces.concat()).prop_filter("an empty text is an error", |text| !text.trim().is_empty())
}

const LEVELS: usize = 30;

fn name(level: usize) -> String {
    format!("Level {level}")
}

/// For each object its parents: the one before, so that the graph is as deep as can be, or some earlier ones, or none.
fn any_taxonomy() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let parents = |level: usize| {
        let earlier: Vec<usize> = (0..level).collect();
        let most = earlier.len().min(3);
        prop_oneof![3 => Just(earlier.last().copied().into_iter().collect::<Vec<_>>()), 1 => subsequence(earlier, 0..=most)]
    };
    (0..LEVELS).map(parents).collect::<Vec<_>>()
}

/// Every object with all that it is.
fn ancestors(taxonomy: &[Vec<usize>]) -> Vec<BTreeSet<usize>> {
    let mut all: Vec<BTreeSet<usize>> = Vec::new();
    for (level, parents) in taxonomy.iter().enumerate() {
        let mut own: BTreeSet<usize> = parents.iter().flat_map(|parent| all[*parent].clone()).collect();
        own.insert(level);
        all.push(own);
    }
    all
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let some_levels = vec((0..LEVELS).prop_map(name), 1..4);
    prop_oneof![
        (select(vec![TextField::Title, TextField::Description]), any_pattern())
            .prop_map(|(field, pattern)| Rule::Text(field, pattern)),
        (select(vec![NameField::Object, NameField::ExactObject]), some_levels)
            .prop_map(|(field, names)| Rule::Names(field, names)),
        (select(vec![Bound::AtLeast, Bound::AtMost]), 1_i64..=5)
            .prop_map(|(bound, rating)| Rule::Rating(bound, rating as f64)),
        (select(vec![Bound::AtLeast, Bound::AtMost]), 0_i64..3).prop_map(|(bound, number)| Rule::Number(
            NumberField::RatingCount,
            bound,
            number
        )),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn hard_worlds_are_searched_as_the_evaluator_does() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..2 {
        let taxonomy = one(&mut runner, &any_taxonomy());
        let ancestors = ancestors(&taxonomy);
        assert!(ancestors.iter().map(BTreeSet::len).max() > Some(8), "the taxonomy is flat");
        let level = |name: &str| name.strip_prefix("Level ").and_then(|level| level.parse::<usize>().ok());
        let is_a = |general: &str, special: &str| match (level(general), level(special)) {
            (Some(general), Some(special)) => ancestors[special].contains(&general),
            _ => general == special,
        };
        let mut drafts = one(&mut runner, &vec(any_draft(), 40));
        for (index, draft) in drafts.iter_mut().enumerate() {
            let (title, description, levels) = one(&mut runner, &(any_text(), any_text(), vec(0..LEVELS, 0..4)));
            (draft.subject.title, draft.subject.description) = (title, description);
            draft.subject.objects = levels.into_iter().map(name).collect();
            // Chains of ten, each of which has one picture that is not obsolete.
            draft.replaces = (index % 10 > 0).then(|| index - 1).filter(|_| index < 20);
        }
        scatter(&mut runner, &mut drafts[20..]);
        let sites = databases().await;
        let (mut all_subjects, mut onlookers) = (Vec::new(), Vec::new());
        for db in sites.all() {
            let users = furnish(db).await;
            onlookers = furnish_datasets(db, users[0]).await;
            for (level, parents) in taxonomy.iter().enumerate() {
                let parents: Vec<String> = parents.iter().copied().map(name).collect();
                objects::insert(db, &name(level), "", &parents, users[0], 1).await.unwrap();
            }
            all_subjects = post(db, &users, &drafts).await;
        }
        assert_eq!(all_subjects.iter().filter(|subject| subject.obsolete).count(), 18);
        let rules = (vec(any_rule(), 0..3), vec(any_rule(), 0..2), any::<bool>(), select(&Ordering::ALL[..]), 0_i64..9);
        let mut found_something = 0;
        for _ in 0..250 {
            let (want, exclude, include_obsolete, ordering, offset) = one(&mut runner, &rules);
            let query = Query { want, exclude, include_obsolete };
            let text = ocellus::query::write(&query);
            let onlooker = &onlookers[one(&mut runner, &(0..onlookers.len()))];
            let subjects = onlooker.known(&all_subjects);
            let expected = evaluate::find(&query, &subjects, &is_a, ordering, 3);
            found_something += usize::from(!expected.is_empty() && expected.len() < subjects.len());
            let part: Vec<i64> = expected.iter().copied().skip(usize::try_from(offset).unwrap()).take(10).collect();
            for db in sites.all() {
                let request = PageRequest { offset, limit: 10 };
                let page = find(db, &onlooker.viewer, &text, ordering, 3, request).await.unwrap();
                let engine = db.engine();
                assert_eq!(page.total, i64::try_from(expected.len()).unwrap(), "{engine:?}\n{text}");
                assert_eq!(page.items, part, "{engine:?} {ordering:?}\n{text}");
            }
        }
        assert!(found_something > 60, "{found_something}");
        sites.close().await;
    }
}
