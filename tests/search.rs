//! The search against its specification: random small sites and random queries, and the same ids in the same order from
//! the evaluator, from SQLite and from PostgreSQL.

use crate::search_onlookers::{furnish_datasets, overseer, scatter};
use crate::support::ACTOR;
use databases::databases;
use ocellus::model::{Beside, Ordering, PageRequest, Point, QueryError, Rect, Region, Shape, Viewer};
use ocellus::query::evaluate::{self, Subject};
use ocellus::query::rules::{Bound, Form, IdField, NameField, NumberField, Side, TextField};
use ocellus::query::{Query, RULES, Rule};
use ocellus::server::search::{SearchError, Stretch, find, find_some};
use ocellus::server::store::{Db, datasets, galleries, objects, pictures, ratings, users};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

pub(crate) const USERS: [&str; 5] = ["alice", "bob", "carol", "dave", "erin"];
const NATURES: [&str; 3] = ["photo", "scan", "drawing"];
const LICENCES: [&str; 4] = ["CC0-1.0", "CC-BY-4.0", "MIT", "X-all-rights-reserved"];
/// Objects with their parents: a diamond, a chain, and one that stands alone.
pub(crate) const OBJECTS: [(&str, &[&str]); 7] = [
    ("Thing", &[]),
    ("Animal", &["Thing"]),
    ("Pet", &["Thing"]),
    ("Cat (Felis catus)", &["Animal", "Pet"]),
    ("Kitten", &["Cat (Felis catus)"]),
    ("Straße", &[]),
    ("Dog", &["Animal"]),
];
const TEXTS: [&str; 15] = [
    "",
    "Winter",
    "winter morning",
    "WINTER",
    "Straße",
    "STRASSE im Winter",
    "100% wool",
    "a_b",
    "C:\\Temp",
    "Ärger",
    "ärger 2",
    "Zebra",
    "two\nlines",
    "😀 smile",
    "says \"winter\" (100%)",
];
const PATTERNS: [&str; 21] = [
    "winter",
    "Win%",
    "%morning",
    "strasse",
    "STRA_E",
    "stra__e%",
    "100\\%",
    "%\\%%",
    "a\\_b",
    "a_b",
    "c:\\temp",
    "\\\\",
    "%",
    "_%",
    "ärger",
    "ÄRGER_2",
    "two\nlines",
    "😀_%",
    "\"winter\" (",
    "%\"%_100\\%%",
    "win_er",
];
const ORIGINS: [&str; 6] = [
    "https://example.org/a",
    "http://Example.org/ab_c",
    "https://example.org/100%25",
    "https://straße.example/",
    "https://other.example/?from=https://example.org",
    // Longer than what PostgreSQL's index has of it.
    "https://long.example/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/a",
];
const ORIGIN_QUERIES: [&str; 10] = [
    "example.org",
    "https://EXAMPLE.org/a",
    "http://example.org/ab_",
    "example.org/100%",
    "STRASSE.example",
    "other.example/?from=https://",
    "exa",
    "a",
    "long.example/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/a",
    "long.example/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789/b",
];
const GALLERIES: usize = 3;
/// A picture to be, with references to earlier ones by their place in the list.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) subject: Subject,
    pub(crate) replaces: Option<usize>,
    copied_from: Option<usize>,
}

pub(crate) fn any_draft() -> impl Strategy<Value = Draft> {
    let object = select(OBJECTS.map(|(name, _)| name).to_vec()).prop_map(str::to_owned);
    let texts = (select(&TEXTS[..]), select(&TEXTS[..]), proptest::option::of(select(&ORIGINS[..])));
    let names = (select(&USERS[..]), select(&NATURES[..]), proptest::sample::subsequence(&LICENCES[..], 1..=3));
    let numbers = (1_000_i64..1_012, 1_i64..8, 1_i64..8);
    let lists =
        (vec(object, 0..4), proptest::sample::subsequence(vec![1_i64, 2, 3], 0..=3), vec(1_i64..=5, 0..USERS.len()));
    let links = (proptest::option::weighted(0.2, 0_usize..40), proptest::option::weighted(0.2, 0_usize..40));
    (texts, names, numbers, lists, links).prop_map(|(texts, names, numbers, lists, links)| Draft {
        subject: Subject {
            title: texts.0.to_owned(),
            description: texts.1.to_owned(),
            origin_url: texts.2.map(str::to_owned),
            author: names.0.to_owned(),
            nature: names.1.to_owned(),
            licences: names.2.into_iter().map(str::to_owned).collect(),
            timestamp: numbers.0,
            width: numbers.1,
            height: numbers.2,
            objects: lists.0,
            galleries: lists.1,
            ratings: lists.2,
            ..Subject::default()
        },
        replaces: links.0,
        copied_from: links.1,
    })
}

fn some_of(names: Vec<&'static str>) -> impl Strategy<Value = Vec<String>> {
    vec(select(names).prop_map(str::to_owned), 1..4)
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let names = (
        some_of(OBJECTS.map(|(name, _)| name).to_vec()),
        some_of(NATURES.to_vec()),
        some_of(LICENCES.to_vec()),
        some_of(USERS.to_vec()),
        some_of(vec!["alice/open", "alice/open", "alice/inside", "alice/secret"]),
    );
    let rating = select(vec![1.0, 1.5, 2.0, 2.5, 3.0, 10.0 / 3.0, 3.5, 4.0, 5.0]);
    let texts = (select(&PATTERNS[..]), select(&ORIGIN_QUERIES[..]));
    let numbers = (vec(1_i64..=3, 1..3), vec(1_i64..40, 1..4), 0_i64..8, 999_i64..1_013, rating);
    (select(RULES.iter().map(|spec| spec.form).collect::<Vec<_>>()), names, texts, numbers).prop_map(
        |(
            form,
            (objects, natures, licences, users, datasets),
            (pattern, origin),
            (galleries, pictures, number, time, rating),
        )| match form {
            Form::Names(field) => Rule::Names(
                field,
                match field {
                    NameField::Object | NameField::ExactObject => objects,
                    NameField::Nature => natures,
                    NameField::Licence => licences,
                    NameField::Author => users,
                    NameField::Dataset => datasets,
                },
            ),
            Form::Ids(IdField::Gallery) => Rule::Ids(IdField::Gallery, galleries),
            Form::Ids(IdField::CopiedFrom) => Rule::Ids(IdField::CopiedFrom, pictures),
            Form::Text(field) => Rule::Text(field, pattern.to_owned()),
            Form::Origin => Rule::Origin(origin.to_owned()),
            Form::Number(field, bound) => Rule::Number(field, bound, number),
            Form::Time(side) => Rule::Time(side, time),
            Form::Rating(bound) => Rule::Rating(bound, rating),
        },
    )
}

pub(crate) fn any_query() -> impl Strategy<Value = Query> {
    (vec(any_rule(), 0..3), vec(any_rule(), 0..3), any::<bool>()).prop_map(|(want, exclude, include_obsolete)| Query {
        want,
        exclude,
        include_obsolete,
    })
}

/// Whether the second object is the first or below it.
pub(crate) fn is_a(general: &str, special: &str) -> bool {
    general == special
        || OBJECTS
            .iter()
            .filter(|(name, _)| *name == special)
            .any(|(_, parents)| parents.iter().any(|parent| is_a(general, parent)))
}

/// Regions of all kinds, one for each object.
fn regions(shown: &[String]) -> Vec<Region> {
    let shapes = [
        Shape::Bbox(Rect { x: 0.1, y: 0.1, w: 0.5, h: 0.5 }),
        Shape::Point(Point { x: 0.5, y: 0.5 }),
        Shape::Polyline(vec![Point { x: 0.0, y: 0.0 }, Point { x: 1.0, y: 1.0 }]),
    ];
    shown
        .iter()
        .enumerate()
        .map(|(index, object)| Region { id: None, shape: shapes[index % shapes.len()].clone(), object: object.clone() })
        .collect()
}

/// An empty site with users, objects and galleries, without datasets. Gives the users' ids.
pub(crate) async fn furnish(db: &Db) -> Vec<i64> {
    let mut ids = Vec::new();
    for username in USERS {
        let user = users::NewUser { username: username.into(), password_hash: "x".into(), admin: false, joined: 1 };
        ids.push(users::insert(db, &user).await.unwrap());
    }
    for (name, parents) in OBJECTS {
        let parents: Vec<String> = parents.iter().map(|parent| (*parent).to_owned()).collect();
        objects::insert(db, name, "", &parents, ids[0], 1).await.unwrap();
    }
    for number in 1..=GALLERIES {
        galleries::insert(db, &format!("Gallery {number}"), "", ids[0], 1).await.unwrap();
    }
    ids
}

/// Posts the pictures and gives them as the evaluator sees them.
pub(crate) async fn post(db: &Db, users: &[i64], drafts: &[Draft]) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = Vec::new();
    for Draft { subject, replaces, copied_from } in drafts {
        let earlier = |place: &Option<usize>| place.filter(|place| *place < subjects.len());
        let together = |place: &usize| subjects[*place].dataset == subject.dataset;
        let replaced = earlier(replaces).filter(|place| !subjects[*place].obsolete).filter(together);
        let dataset = match &subject.dataset {
            Some(name) => Some(datasets::resolve(db, &overseer(), name).await.unwrap()),
            None => None,
        };
        let copied_from = earlier(copied_from).map(|place| subjects[place].id);
        let author = USERS.iter().position(|name| *name == subject.author).unwrap();
        let id = pictures::insert(
            db,
            pictures::NewPicture {
                blob: crate::support::blob('0'),
                title: subject.title.clone(),
                description: subject.description.clone(),
                author: users[author],
                origin_url: subject.origin_url.clone(),
                created_at: subject.timestamp,
                width: subject.width,
                height: subject.height,
                nature: subject.nature.clone(),
                licences: subject.licences.clone(),
                regions: regions(&subject.objects),
                replaces: replaced.map(|place| subjects[place].id),
                carry_regions: false,
                copied_from,
                keep_place: false,
                dataset,
                attribution: None,
                fields: Vec::new(),
            },
        )
        .await
        .unwrap();
        for gallery in &subject.galleries {
            galleries::add_picture(db, &overseer(), *gallery, id, ACTOR).await.unwrap();
        }
        for (user, rating) in users.iter().zip(&subject.ratings) {
            ratings::set(db, id, *user, Some(u8::try_from(*rating).unwrap()), 1).await.unwrap();
        }
        if let Some(place) = replaced {
            subjects[place].obsolete = true;
        }
        subjects.push(Subject { id, copied_from, ..subject.clone() });
    }
    subjects
}

pub(crate) fn one<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_find_what_the_evaluator_finds() {
    let mut runner = TestRunner::deterministic();
    for size in [0, 7, 40] {
        let mut drafts = one(&mut runner, &vec(any_draft(), size));
        scatter(&mut runner, &mut drafts);
        let sites = databases().await;
        let (mut all_subjects, mut onlookers) = (Vec::new(), Vec::new());
        for db in sites.all() {
            let users = furnish(db).await;
            onlookers = furnish_datasets(db, users[0]).await;
            all_subjects = post(db, &users, &drafts).await;
        }
        let queries = if size == 40 { 400 } else { 40 };
        let mut found_something = 0;
        for _ in 0..queries {
            let query = one(&mut runner, &any_query());
            let ordering = one(&mut runner, &select(&Ordering::ALL[..]));
            let (seed, offset, limit, from) = one(
                &mut runner,
                &(any::<i64>(), prop_oneof![Just(0_i64), 0_i64..50], 1_i64..20, any::<prop::sample::Index>()),
            );
            let text = ocellus::query::write(&query);
            let onlooker = &onlookers[one(&mut runner, &(0..onlookers.len()))];
            let viewer = &onlooker.viewer;
            let subjects = onlooker.known(&all_subjects);
            if !onlooker.may_ask(&query) {
                for db in sites.all() {
                    let refused = find(db, viewer, &text, ordering, seed, PageRequest { offset, limit }).await;
                    let Err(SearchError::Query(errors)) = refused else { panic!("{text}") };
                    assert!(errors[0].message.starts_with("unknown dataset"), "{errors:?}");
                }
                continue;
            }
            let expected = evaluate::find(&query, &subjects, &is_a, ordering, seed);
            found_something += usize::from(!expected.is_empty() && expected.len() < subjects.len());
            let part: Vec<i64> = expected
                .iter()
                .copied()
                .skip(usize::try_from(offset).unwrap())
                .take(usize::try_from(limit).unwrap())
                .collect();
            for db in sites.all() {
                let page = find(db, viewer, &text, ordering, seed, PageRequest { offset, limit }).await.unwrap();
                let engine = db.engine();
                assert_eq!(page.total, i64::try_from(expected.len()).unwrap(), "{engine:?} {ordering:?}\n{text}");
                assert_eq!(page.items, part, "{engine:?} {ordering:?} seed {seed} offset {offset}\n{text}");
                assert_eq!((page.offset, page.limit), (offset, limit));
            }
            if subjects.is_empty() {
                continue;
            }
            // From any picture, found or not.
            let everything = Query { include_obsolete: true, ..Query::default() };
            let mut row = evaluate::find(&everything, &subjects, &is_a, ordering, seed);
            let at = from.index(row.len());
            let id = row[at];
            let few = usize::try_from(limit).unwrap();
            let is_found = |id: &i64| expected.contains(id);
            let after: Vec<i64> = row.split_off(at).into_iter().skip(1).filter(is_found).take(few).collect();
            row.retain(is_found);
            let before = row.split_off(row.len().saturating_sub(few));
            for db in sites.all() {
                let beside = async |beside| {
                    let stretch = Stretch::Beside(beside, limit);
                    find_some(db, viewer, &text, ordering, seed, stretch).await.unwrap()
                };
                let engine = db.engine();
                assert_eq!(
                    beside(Beside::After(id)).await,
                    after,
                    "{engine:?} {ordering:?} seed {seed} from {id}\n{text}"
                );
                assert_eq!(
                    beside(Beside::Before(id)).await,
                    before,
                    "{engine:?} {ordering:?} seed {seed} from {id}\n{text}"
                );
            }
        }
        assert!(size == 0 || found_something > queries / 5, "the random queries find everything or nothing");
        sites.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leading_rule_changes_nothing_but_time() {
    // Enough pictures that the search walks for some rules and starts from an index for others.
    let mut runner = TestRunner::deterministic();
    let sites = databases().await;
    let mut subjects = Vec::new();
    let mut drafts = one(&mut runner, &vec(any_draft(), 150));
    for (index, draft) in drafts.iter_mut().enumerate() {
        // One object is rare, one is nearly everywhere.
        draft.subject.objects =
            if index % 50 == 0 { vec!["Kitten".into()] } else { vec!["Dog".into(), "Straße".into()] };
        // Two are seldom, and seldom together.
        for (object, every) in [("Cat (Felis catus)", 12), ("Pet", 13)] {
            if index % every == 1 {
                draft.subject.objects.push(object.into());
            }
        }
        draft.subject.title = match index {
            7 | 77 => "a zebra in the zoo",
            _ if index % 11 == 1 => "a \"quiet\" winter",
            _ => "winter: quiet",
        }
        .into();
        draft.subject.origin_url = match index % 15 {
            2 => Some("https://seldom.example.org/1".into()),
            4 if index > 75 => Some("http://seldom.example.org/2".into()),
            _ => Some("https://often.example.org/".into()),
        };
    }
    for db in sites.all() {
        let users = furnish(db).await;
        subjects = post(db, &users, &drafts).await;
    }
    for rules in [
        vec![Rule::Names(NameField::Object, vec!["Kitten".into()])],
        vec![Rule::Names(NameField::Object, vec!["Thing".into()])],
        vec![
            Rule::Names(NameField::Object, vec!["Thing".into()]),
            Rule::Names(NameField::ExactObject, vec!["Kitten".into()]),
        ],
        vec![
            Rule::Names(NameField::Author, vec!["bob".into()]),
            Rule::Names(NameField::ExactObject, vec!["Dog".into()]),
        ],
        vec![Rule::Names(NameField::Nature, vec!["photo".into()]), Rule::Text(TextField::Title, "winter".into())],
        vec![
            Rule::Names(NameField::ExactObject, vec!["Cat (Felis catus)".into()]),
            Rule::Names(NameField::ExactObject, vec!["Pet".into()]),
        ],
        vec![
            Rule::Text(TextField::Title, "\"quiet\"".into()),
            Rule::Names(NameField::ExactObject, vec!["Cat (Felis catus)".into()]),
        ],
        // An index of what texts have in them finds what has it in another order, too: seldom, and everywhere.
        vec![Rule::Text(TextField::Title, "%zoo%zebra%".into())],
        vec![Rule::Text(TextField::Title, "%zebra%zoo".into())],
        vec![Rule::Text(TextField::Title, "%quiet%_winter".into())],
        vec![
            Rule::Time(Side::After, 1_009),
            Rule::Time(Side::Before, 1_011),
            Rule::Names(NameField::ExactObject, vec!["Cat (Felis catus)".into(), "Pet".into()]),
        ],
        // Columns whose index has what others test, and what it has not.
        vec![Rule::Origin("seldom.example.org".into())],
        vec![
            Rule::Origin("seldom.example.org/1".into()),
            Rule::Number(NumberField::RegionCount, Bound::AtLeast, 3),
            Rule::Names(NameField::ExactObject, vec!["Cat (Felis catus)".into(), "Pet".into()]),
        ],
        vec![Rule::Origin("seldom.example.org/1".into()), Rule::Text(TextField::Description, "a".into())],
        vec![Rule::Number(NumberField::RegionCount, Bound::AtLeast, 4), Rule::Rating(Bound::AtMost, 3.0)],
        vec![Rule::Number(NumberField::RegionCount, Bound::AtLeast, 3), Rule::Time(Side::After, 1_008)],
        vec![
            Rule::Number(NumberField::Width, Bound::AtLeast, 5),
            Rule::Number(NumberField::Width, Bound::AtMost, 4),
            Rule::Names(NameField::ExactObject, vec!["Kitten".into()]),
        ],
        // Nearly every picture has both, and is passed over once all the same.
        vec![Rule::Names(NameField::ExactObject, vec!["Dog".into(), "Straße".into()])],
    ] {
        for ordering in Ordering::ALL {
            for (want, exclude) in [(rules.clone(), vec![]), (vec![], rules.clone())] {
                let query = Query { want, exclude, include_obsolete: false };
                let expected = evaluate::find(&query, &subjects, &is_a, ordering, 5);
                for (db, offset) in sites.all().iter().flat_map(|db| [(db, 1), (db, 40)]) {
                    let request = PageRequest { offset, limit: 5 };
                    let page = find(db, &Viewer::default(), &ocellus::query::write(&query), ordering, 5, request)
                        .await
                        .unwrap();
                    assert_eq!(
                        page.items,
                        expected.iter().copied().skip(usize::try_from(offset).unwrap()).take(5).collect::<Vec<_>>(),
                        "{ordering:?} {query:?} from {offset}"
                    );
                    assert_eq!(page.total, i64::try_from(expected.len()).unwrap());
                }
            }
        }
    }
    sites.close().await;
}

async fn errors(db: &Db, text: &str) -> Vec<QueryError> {
    match find(db, &Viewer::default(), text, Ordering::default(), 0, PageRequest { offset: 0, limit: 10 }).await {
        Err(SearchError::Query(errors)) => errors,
        other => panic!("{text}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_are_errors_with_suggestions() {
    let sites = databases().await;
    for db in sites.all() {
        let users = furnish(db).await;
        let onlookers = furnish_datasets(db, users[0]).await;
        // What is there and may not be seen is as unknown as what is not, and never suggested.
        let unknown = async |viewer: &Viewer, name: &str| {
            let text = format!("want:\n- in_dataset: {name}\n");
            match find(db, viewer, &text, Ordering::default(), 0, PageRequest { offset: 0, limit: 10 }).await {
                Err(SearchError::Query(errors)) => Some(errors[0].message.replace(name, "…")),
                found => found.map(|_| None).unwrap(),
            }
        };
        for onlooker in &onlookers {
            let nothing = unknown(&onlooker.viewer, "zzz/qqqqqqqqq").await;
            assert_eq!(nothing.as_deref(), Some("unknown dataset `…`"));
            for name in ["alice/open", "alice/inside", "alice/secret"] {
                let query =
                    Query { want: vec![Rule::Names(NameField::Dataset, vec![name.into()])], ..Query::default() };
                let message = unknown(&onlooker.viewer, name).await;
                assert_eq!(message.is_none(), onlooker.may_ask(&query), "{name}");
            }
            let near = unknown(&onlooker.viewer, "alice/secre").await.unwrap();
            let everything = Rule::Names(NameField::Dataset, vec!["alice/secret".into()]);
            let sees_all = onlooker.may_ask(&Query { want: vec![everything], ..Query::default() });
            assert_eq!(near.ends_with("did you mean `…t`?"), sees_all, "{near}");
        }
        let text = "want:\n  - has: [Dog, Kiten, \"Cat\"]\n  - nature: photos\n  - haz: 1\nexclude:\n  - licence: CC-BY-4\n  - author: [bob, allice]\n  \
                    - in_gallery: [2, 9]\n  - has_object: dog\n";
        let found: Vec<String> = errors(db, text)
            .await
            .iter()
            .map(|error| format!("{}:{} {}", error.line, error.column, error.message))
            .collect();
        assert_eq!(
            found,
            [
                "2:16 unknown object `Kiten`; did you mean `Kitten`?",
                "2:23 unknown object `Cat`; did you mean `Cat (Felis catus)`?",
                "3:13 unknown nature `photos`; did you mean `photo`?",
                "4:5 unknown rule `haz`; did you mean `has`?",
                "6:14 unknown licence `CC-BY-4`; did you mean `CC-BY-4.0`?",
                "7:19 unknown user `allice`; did you mean `alice`?",
                "8:21 unknown gallery `9`; did you mean `3`?",
                "9:17 unknown object `dog`; did you mean `Dog`?",
            ],
            "{:?}",
            db.engine()
        );
    }
    sites.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extreme_queries_run() {
    let sites = databases().await;
    for db in sites.all() {
        let users = furnish(db).await;
        post(db, &users, &[]).await;
        let request = PageRequest { offset: i64::MAX, limit: 1000 };
        let search = |text: String| async move {
            find(db, &Viewer::default(), &text, Ordering::Random, i64::MIN, request).await.map(|page| page.total)
        };
        // As many rules and values as the language allows, in as many parameters as they can become.
        let many: String = (0..14)
            .map(|list| {
                format!(
                    "- copied_from: [{}]\n",
                    (0..1000).map(|n| (list * 1000 + n + 1).to_string()).collect::<Vec<_>>().join(",")
                )
            })
            .collect();
        assert_eq!(
            search(format!(
                "want:\n{}exclude:\n{}",
                &many[..30_000].rsplit_once('-').unwrap().0,
                "- has: Dog\n".repeat(200)
            ))
            .await
            .unwrap(),
            0
        );
        assert_eq!(search(format!("want:\n{}", "- title: x\n".repeat(256))).await.unwrap(), 0);
        assert_eq!(search(format!("want:\n- title: \"{}\"\n", "%ß".repeat(500))).await.unwrap(), 0);
        assert_eq!(search(format!("want:\n- description: \"{}\"\n", "ΐ".repeat(1000))).await.unwrap(), 0);
        assert_eq!(
            search(format!("want:\n- above_width: {}\n- before_date: {}\n", i64::MAX, i64::MIN)).await.unwrap(),
            0
        );
        // Nothing in a text can leave its parameter.
        for text in ["'; DROP TABLE pictures; --", "\\", "' OR 1=1 --", "$1", "?", "\u{202e}"] {
            let query = Query {
                want: vec![Rule::Text(TextField::Title, text.into()), Rule::Origin(text.into())],
                ..Query::default()
            };
            assert_eq!(search(ocellus::query::write(&query)).await.unwrap(), 0);
        }
        let unknown: String = (0..1000).map(|n| format!("ghost{n},")).collect();
        assert_eq!(errors(db, &format!("want:\n- has: [{unknown}]\n")).await.len(), 50);
        assert_eq!(errors(db, "want:\n- title: \"\\0\"\n").await.len(), 1);
    }
    sites.close().await;
}

/// A site on each database, empty but for the reference data.
pub(crate) mod databases {
    use ocellus::server::store::Db;
    use sqlx::Connection;

    /// Two sites; [`Sites::close`] removes them.
    pub struct Sites {
        sites: [Db; 2],
        admin: sqlx::PgConnection,
        name: String,
        _folder: tempfile::TempDir,
    }

    impl Sites {
        /// SQLite first, then PostgreSQL.
        pub fn all(&self) -> &[Db] {
            &self.sites
        }

        pub async fn close(mut self) {
            for db in &self.sites {
                db.close().await;
            }
            let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut self.admin).await.unwrap();
        }
    }

    pub async fn databases() -> Sites {
        let url = std::env::var("OCELLUS_TEST_POSTGRES_URL")
            .expect("OCELLUS_TEST_POSTGRES_URL is not set; `make test` starts a PostgreSQL and sets it");
        let folder = tempfile::tempdir().unwrap();
        let name = format!("search_{:016x}", rand::random::<u64>());
        let mut admin = sqlx::PgConnection::connect(&url).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        let (server, _) = url.rsplit_once('/').unwrap();
        let sqlite = Db::connect(&format!("sqlite:{}", folder.path().join("site.db").display())).await.unwrap();
        let postgres = Db::connect(&format!("{server}/{name}")).await.unwrap();
        for db in [&sqlite, &postgres] {
            db.migrate().await.unwrap();
        }
        Sites { sites: [sqlite, postgres], admin, name, _folder: folder }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_on_from_picture_to_picture_sees_the_same_list() {
    let mut runner = TestRunner::deterministic();
    let drafts = one(&mut runner, &vec(any_draft(), 60));
    let sites = databases().await;
    for db in sites.all() {
        let users = furnish(db).await;
        post(db, &users, &drafts).await;
        let (nobody, text) = (Viewer::default(), "include_obsolete: true");
        for ordering in Ordering::ALL {
            for seed in [0, 5, -3] {
                let all = PageRequest { offset: 0, limit: 1000 };
                let all = find(db, &nobody, text, ordering, seed, all).await.unwrap().items;
                assert_eq!(all.len(), 60);
                let first = Stretch::Page(PageRequest { offset: 0, limit: 7 });
                let mut walked = find_some(db, &nobody, text, ordering, seed, first).await.unwrap();
                while let Some(last) = walked.last() {
                    let next = Stretch::Beside(Beside::After(*last), 7);
                    let next = find_some(db, &nobody, text, ordering, seed, next).await.unwrap();
                    if next.is_empty() {
                        break;
                    }
                    walked.extend(next);
                }
                assert_eq!(walked, all, "{:?} {ordering:?} {seed}", db.engine());
            }
            for gone in [0, -1, i64::MIN, i64::MAX, 61] {
                let beside = Stretch::Beside(Beside::After(gone), 7);
                let outcome = find_some(db, &nobody, text, ordering, 0, beside).await;
                assert!(matches!(outcome, Err(SearchError::NoPlace(id)) if id == gone), "{outcome:?}");
            }
        }
    }
    sites.close().await;
}
