//! What is counted of a query's results, against the evaluator, on both databases.

use crate::search::databases::databases;
use crate::search::{any_draft, any_query, furnish, is_a, one, post};
use crate::search_onlookers::{furnish_datasets, scatter};
use ocellus::model::{Dimension, Insights, Ordering, Viewer};
use ocellus::query::evaluate::{self, Subject};
use ocellus::query::rules::{NameField, Side};
use ocellus::query::{Query, Rule, rule_of, rules};
use ocellus::server::search::{Stretch, Wanted, find_some, insights};
use ocellus::server::store::Db;
use proptest::collection::vec;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

fn count(query: &Query, subjects: &[Subject]) -> i64 {
    let found = evaluate::find(query, subjects, &is_a, Ordering::DateDesc, 0);
    i64::try_from(found.len()).unwrap()
}

async fn all_insights(db: &Db, viewer: &Viewer, query: &Query, top: i64) -> Insights {
    let wanted = Wanted { effects: true, dimensions: Dimension::ALL.to_vec(), top };
    insights(db, viewer, &ocellus::query::write(query), &wanted).await.unwrap()
}

fn slices(insights: &Insights, dimension: Dimension) -> &[ocellus::model::Slice] {
    &insights.breakdowns.iter().find(|breakdown| breakdown.dimension == dimension).unwrap().slices
}

fn check(insights: &Insights, query: &Query, subjects: &[Subject]) {
    let text = ocellus::query::write(query);
    assert!(insights.complete);
    assert_eq!(insights.total, count(query, subjects), "{text}");

    assert_eq!(insights.effects.len(), query.want.len() + query.exclude.len());
    for effect in &insights.effects {
        let mut without = query.clone();
        let list = if effect.excluded { &mut without.exclude } else { &mut without.want };
        let rule = list.remove(usize::try_from(effect.index).unwrap());
        assert_eq!(effect.rule, rule.name());
        assert_eq!(effect.removes, count(&without, subjects) - insights.total, "{effect:?}\n{text}");
    }
    let with_obsolete = count(&Query { include_obsolete: true, ..query.clone() }, subjects);
    let obsolete = (!query.include_obsolete).then_some(with_obsolete - insights.total);
    assert_eq!(insights.obsolete, obsolete, "{text}");

    let found = evaluate::find(query, subjects, &is_a, Ordering::DateDesc, 0);
    let found: Vec<&Subject> = subjects.iter().filter(|subject| found.contains(&subject.id)).collect();
    for breakdown in &insights.breakdowns {
        assert!(!breakdown.more);
        for slice in &breakdown.slices {
            // Whoever clicks on a slice gets as many pictures as it says.
            let mut narrowed = query.clone();
            narrowed.want.extend(slice.rules.iter().map(|rule| {
                let spec = rules::by_name(&rule.name).unwrap();
                rule_of(spec, &rule.values).unwrap()
            }));
            if breakdown.dimension == Dimension::Area {
                assert!(slice.rules.is_empty());
            } else {
                assert!(!slice.rules.is_empty(), "{slice:?}");
                assert_eq!(slice.pictures, count(&narrowed, subjects), "{:?} {slice:?}\n{text}", breakdown.dimension);
            }
        }
    }
    // Nothing is left out.
    for dimension in [
        Dimension::Nature,
        Dimension::Author,
        Dimension::Year,
        Dimension::Month,
        Dimension::Area,
        Dimension::Regions,
        Dimension::WidthHeight,
    ] {
        let sum: i64 = slices(insights, dimension).iter().map(|slice| slice.pictures).sum();
        assert_eq!(sum, insights.total, "{dimension:?}\n{text}");
    }
    let values =
        |dimension| slices(insights, dimension).iter().map(|slice| slice.value.as_str()).collect::<BTreeSet<_>>();
    let objects: BTreeSet<&str> = found.iter().flat_map(|subject| subject.objects.iter().map(String::as_str)).collect();
    assert_eq!(values(Dimension::Object), objects, "{text}");
    let licences: BTreeSet<&str> =
        found.iter().flat_map(|subject| subject.licences.iter().map(String::as_str)).collect();
    assert_eq!(values(Dimension::Licence), licences, "{text}");
    for slice in slices(insights, Dimension::Object) {
        let regions = found.iter().flat_map(|subject| &subject.objects).filter(|shown| **shown == slice.value).count();
        assert_eq!(slice.regions, Some(i64::try_from(regions).unwrap()), "{slice:?}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_count_what_the_evaluator_counts() {
    let mut runner = TestRunner::deterministic();
    for size in [0, 40] {
        let mut drafts = one(&mut runner, &vec(any_draft(), size));
        // Spread over years, sizes and numbers of regions.
        let spread = (
            select(vec![0, 951_782_399, 951_782_400, 1_704_067_199, 1_704_067_200, 1_735_689_599]),
            select(vec![1, 639, 640, 1280, 1920, 4000, 9000]),
            select(vec![1, 480, 720, 1080, 2159, 2160, 8000]),
            select(vec![0_usize, 1, 2, 5, 6, 12]),
        );
        for draft in &mut drafts {
            let (time, width, height, regions) = one(&mut runner, &spread);
            (draft.subject.timestamp, draft.subject.width, draft.subject.height) = (time, width, height);
            if regions > 4 {
                draft.subject.objects = vec!["Dog".into(); regions];
            }
        }
        scatter(&mut runner, &mut drafts);
        let sites = databases().await;
        let (mut all_subjects, mut onlookers) = (Vec::new(), Vec::new());
        for db in sites.all() {
            let users = furnish(db).await;
            onlookers = furnish_datasets(db, users[0]).await;
            all_subjects = post(db, &users, &drafts).await;
        }
        for number in 0..if size == 0 { 5 } else { 60 } {
            let query = if number == 0 { Query::default() } else { one(&mut runner, &any_query()) };
            let onlooker = &onlookers[one(&mut runner, &(0..onlookers.len()))];
            if !onlooker.may_ask(&query) {
                continue;
            }
            let subjects = onlooker.known(&all_subjects);
            let mut answers = Vec::new();
            for db in sites.all() {
                let insights = all_insights(db, &onlooker.viewer, &query, 20).await;
                check(&insights, &query, &subjects);
                answers.push(insights);
            }
            assert_eq!(answers[0], answers[1], "{query:?}");
        }
        sites.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_frequent_come_first_and_the_rest_is_mentioned() {
    let mut runner = TestRunner::deterministic();
    let mut drafts = one(&mut runner, &vec(any_draft(), 9));
    for (index, draft) in drafts.iter_mut().enumerate() {
        draft.replaces = None;
        draft.subject.author = if index < 6 {
            "carol"
        } else if index < 8 {
            "bob"
        } else {
            "alice"
        }
        .into();
        draft.subject.objects = vec![if index == 0 { "Kitten" } else { "Dog" }.into(); 3];
        draft.subject.timestamp = 1_704_067_200 + i64::try_from(index).unwrap() * 40 * 86_400;
    }
    let sites = databases().await;
    for db in sites.all() {
        let users = furnish(db).await;
        post(db, &users, &drafts).await;
        let insights = all_insights(db, &Viewer::default(), &Query::default(), 2).await;
        let told = |dimension| {
            let breakdown = insights.breakdowns.iter().find(|breakdown| breakdown.dimension == dimension).unwrap();
            let slices: Vec<(String, i64)> =
                breakdown.slices.iter().map(|slice| (slice.value.clone(), slice.pictures)).collect();
            (slices, breakdown.more)
        };
        assert_eq!(told(Dimension::Author), (vec![("carol".into(), 6), ("bob".into(), 2)], true));
        assert_eq!(told(Dimension::Object), (vec![("Dog".into(), 8), ("Kitten".into(), 1)], false));
        assert_eq!(told(Dimension::Year), (vec![("2024".into(), 9)], false));
        let months = ["01", "02", "03", "04", "06", "07", "08", "10", "11"].map(|month| (format!("2024-{month}"), 1));
        assert_eq!(told(Dimension::Month), (months.to_vec(), false));
        assert_eq!(told(Dimension::Regions), (vec![("2–5".into(), 9)], false));
        assert_eq!(slices(&insights, Dimension::Object)[0].regions, Some(24));

        let query = Query {
            want: vec![Rule::Names(NameField::Author, vec!["carol".into()]), Rule::Time(Side::After, 1_704_067_200)],
            ..Query::default()
        };
        let page = ocellus::model::PageRequest { offset: 1, limit: 3 };
        let text = ocellus::query::write(&query);
        let some = find_some(db, &Viewer::default(), &text, Ordering::DateAsc, 0, Stretch::Page(page)).await.unwrap();
        let all =
            ocellus::server::search::find(db, &Viewer::default(), &text, Ordering::DateAsc, 0, page).await.unwrap();
        assert_eq!((some.len(), &some), (3, &all.items));
    }
    sites.close().await;
}
