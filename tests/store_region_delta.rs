//! Stories of the store: small changes of regions, each of which counts once.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, nobody, object, picture, point, rect, user};
use ocellus::model::region::MAX_REGIONS;
use ocellus::model::{
    Annotations, Delta, DeltaAnswer, DeltaChange, ObjectChange, PageRequest, PicturesFate, Region, SoundDelta,
};
use ocellus::server::store::region_delta::{self, DeltaOutcome};
use ocellus::server::store::regions::{self, SaveOutcome};
use ocellus::server::store::{Db, StoreError, closing, object_merge, objects, picture_changes, region_history, repair};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_query::{Expr, ExprTrait, Query};

async fn site(db: &Db) -> (i64, i64) {
    let ada = user(db, "ada").await;
    object(db, "Cat", &[], ada).await;
    object(db, "Dog", &[], ada).await;
    (picture(db, ada).await, ada)
}

fn delta(id: &str, revision: i64, changes: Vec<DeltaChange>) -> SoundDelta {
    let delta = Delta { id: id.into(), revision, changes };
    SoundDelta::parse(&serde_json::to_value(&delta).unwrap()).unwrap()
}

fn put(region: Region) -> DeltaChange {
    DeltaChange::Put { put: region, position: None }
}

fn put_at(position: usize, region: Region) -> DeltaChange {
    DeltaChange::Put { put: region, position: Some(position) }
}

fn known(id: i64, region: Region) -> Region {
    Region { id: Some(id), ..region }
}

async fn send(db: &Db, picture: i64, author: i64, delta: &SoundDelta) -> Result<DeltaOutcome, StoreError> {
    region_delta::apply(db, &nobody(), picture, delta, author, NOW).await
}

async fn applied(db: &Db, picture: i64, author: i64, delta: &SoundDelta) -> DeltaAnswer {
    match send(db, picture, author, delta).await.unwrap() {
        DeltaOutcome::Applied(answer) => answer,
        DeltaOutcome::Outdated(state) => panic!("outdated: {state:?}"),
    }
}

async fn save(db: &Db, picture: i64, author: i64, list: &[Region]) -> Annotations {
    match regions::save(db, &nobody(), picture, None, list, author, NOW).await.unwrap() {
        SaveOutcome::Saved(state) => state,
        SaveOutcome::Outdated(state) => panic!("outdated: {state:?}"),
    }
}

async fn now(db: &Db, picture: i64) -> Annotations {
    regions::annotations(db, &nobody(), picture).await.unwrap()
}

fn fields(outcome: Result<DeltaOutcome, StoreError>) -> Vec<String> {
    match outcome {
        Err(StoreError::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect(),
        other => panic!("{other:?}"),
    }
}

/// What a delta means, said as plainly as possible: the list afterwards, in which new regions have no id.
fn naive(before: &[Region], changes: &[DeltaChange]) -> Vec<Region> {
    let mut list = before.to_vec();
    list.retain(|region| {
        changes.iter().all(|change| match change {
            DeltaChange::Delete { delete } => region.id != Some(*delete),
            DeltaChange::Put { put, position } => region.id != put.id || position.is_none(),
        })
    });
    for change in changes {
        if let DeltaChange::Put { put, position: None } = change {
            match list.iter_mut().find(|region| put.id.is_some() && region.id == put.id) {
                Some(region) => *region = put.clone(),
                None => list.push(put.clone()),
            }
        }
    }
    for change in changes {
        if let DeltaChange::Put { put, position: Some(position) } = change {
            list.insert((*position).min(list.len()), put.clone());
        }
    }
    list
}

/// The delta that leads from one list to another: everything that changed its place has a position.
fn between(before: &[Region], after: &[Region]) -> Vec<DeltaChange> {
    let gone = before.iter().filter_map(|region| region.id).filter(|id| after.iter().all(|kept| kept.id != Some(*id)));
    let mut changes: Vec<DeltaChange> = gone.map(|delete| DeltaChange::Delete { delete }).collect();
    changes.extend(after.iter().enumerate().map(|(index, region)| put_at(index, region.clone())));
    changes
}

/// Numbers from which random lists and changes are made.
fn random_numbers(rounds: usize, seed: u8) -> Vec<Vec<u8>> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let bytes = proptest::collection::vec(any::<u8>(), 1..40);
    proptest::collection::vec(bytes, rounds).new_tree(&mut runner).unwrap().current()
}

/// A region that differs from most others.
fn some_region(byte: u8) -> Region {
    let object = if byte.is_multiple_of(3) { "Dog" } else { "Cat" };
    if byte.is_multiple_of(2) {
        rect(f64::from(byte) / 300.0, object)
    } else {
        point(f64::from(byte) / 300.0, 0.5, object)
    }
}

on_both_databases! {
    async fn a_delta_changes_what_it_names_and_nothing_else(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let grace = user(db, "grace").await;
        let first = save(db, picture, ada, &[rect(0.1, "Cat"), rect(0.2, "Cat"), rect(0.3, "Dog")]).await;
        let [a, b, c] = [0, 1, 2].map(|index| first.regions[index].id.unwrap());
        let changes = vec![
            put(known(b, rect(0.25, "Dog"))),
            DeltaChange::Delete { delete: a },
            put(point(0.5, 0.5, "Cat")),
            put_at(0, point(0.6, 0.6, "Cat")),
        ];
        let answer = applied(db, picture, grace, &delta("one", 1, changes)).await;
        let state = now(db, picture).await;
        assert_eq!((answer.revision, state.revision), (2, 2));
        let ids: Vec<i64> = state.regions.iter().map(|region| region.id.unwrap()).collect();
        assert_eq!(ids[1..3], [b, c]);
        let plain: Vec<Region> = state.regions.iter().map(|region| Region { id: None, ..region.clone() }).collect();
        let expected = [point(0.6, 0.6, "Cat"), rect(0.25, "Dog"), rect(0.3, "Dog"), point(0.5, 0.5, "Cat")];
        assert_eq!(plain, expected);
        let [new_first, moved, _, new_last] = &state.regions[..] else { panic!("{state:?}") };
        let told = [Some(moved), None, Some(new_last), Some(new_first)];
        assert_eq!(answer.regions, told.map(|region| region.cloned()));
        let newest = &region_history::list(db, &nobody(), picture, PageRequest { offset: 0, limit: 100 }).await.unwrap().items[0];
        assert_eq!((newest.added, newest.changed, newest.removed, newest.author.as_deref()), (2, 1, 1, Some("grace")));
        assert_eq!(regions::at_revision(db, &nobody(), picture, 1).await.unwrap(), first.regions);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_delta_that_comes_again_changes_nothing(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let grace = user(db, "grace").await;
        let first = delta("a", 0, vec![put(rect(0.1, "Cat")), put(rect(0.1, "Cat"))]);
        let answer = applied(db, picture, ada, &first).await;
        assert_eq!(answer.regions.iter().flatten().count(), 2);
        // Two regions that look alike are two.
        let [one, two] = &answer.regions[..] else { panic!("{answer:?}") };
        assert_ne!(one.as_ref().unwrap().id, two.as_ref().unwrap().id);
        // Even after others have come.
        let gone = DeltaChange::Delete { delete: one.as_ref().unwrap().id.unwrap() };
        applied(db, picture, ada, &delta("b", 1, vec![gone])).await;
        let state = now(db, picture).await;
        assert_eq!(applied(db, picture, ada, &first).await, answer);
        assert_eq!(now(db, picture).await, state);
        for (author, other) in [
            (grace, first.clone()),
            (ada, delta("a", 0, vec![put(rect(0.1, "Cat")), put(rect(0.1, "Dog"))])),
            (ada, delta("a", 2, vec![put(rect(0.1, "Cat")), put(rect(0.1, "Cat"))])),
        ] {
            assert!(matches!(send(db, picture, author, &other).await, Err(StoreError::Conflict(_))));
        }
        assert_eq!(now(db, picture).await, state);
        // Another picture has names of its own.
        let elsewhere = crate::support::picture(db, ada).await;
        assert_eq!(applied(db, elsewhere, ada, &first).await.revision, 1);
        // What is forgotten is new, and based on an old state.
        assert_eq!(region_delta::forget(db, NOW).await.unwrap(), 0);
        assert_eq!(region_delta::forget(db, NOW + 1).await.unwrap(), 3);
        assert_eq!(send(db, picture, ada, &first).await.unwrap(), DeltaOutcome::Outdated(state));
    }

    async fn twice_at_once_is_once(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let same = delta("same", 0, vec![put(rect(0.1, "Cat"))]);
        let senders = (0..10).map(|_| send(db, picture, ada, &same));
        let mut answers: Vec<_> = futures::future::join_all(senders).await.into_iter().map(Result::unwrap).collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let state = now(db, picture).await;
        assert_eq!((state.revision, state.regions.len()), (1, 1));
    }

    async fn a_delta_on_another_state_gets_the_newest(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let first = save(db, picture, ada, &[rect(0.1, "Cat")]).await;
        for base in [0, 2] {
            let outcome = send(db, picture, ada, &delta("x", base, vec![put(rect(0.2, "Cat"))])).await.unwrap();
            assert_eq!(outcome, DeltaOutcome::Outdated(first.clone()));
        }
        // The name is free: nothing was done under it.
        assert_eq!(applied(db, picture, ada, &delta("x", 1, vec![put(rect(0.2, "Cat"))])).await.revision, 2);
        assert!(matches!(send(db, 999, ada, &delta("x", 0, vec![])).await, Err(StoreError::NotFound(_))));
    }

    async fn what_changes_nothing_makes_no_state(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let first = save(db, picture, ada, &[rect(0.1, "Cat"), rect(0.2, "Dog")]).await;
        let same: Vec<DeltaChange> = first.regions.iter().cloned().map(put).collect();
        let answer = applied(db, picture, ada, &delta("a", 1, same)).await;
        let regions = first.regions.iter().cloned().map(Some).collect();
        assert_eq!(answer, DeltaAnswer { revision: 1, regions });
        let same_places = first.regions.iter().cloned().enumerate().map(|(index, region)| put_at(index, region)).collect();
        assert_eq!(applied(db, picture, ada, &delta("b", 1, same_places)).await, answer);
        assert_eq!(applied(db, picture, ada, &delta("c", 1, vec![])).await, DeltaAnswer { revision: 1, regions: vec![] });
        assert_eq!(now(db, picture).await, first);
        assert_eq!(region_history::list(db, &nobody(), picture, PageRequest { offset: 0, limit: 100 }).await.unwrap().items.len(), 1);
    }

    async fn every_fault_is_named_and_nothing_changes(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let elsewhere = crate::support::picture(db, ada).await;
        let theirs = save(db, elsewhere, ada, &[rect(0.1, "Cat")]).await.regions[0].id.unwrap();
        let first = save(db, picture, ada, &[rect(0.1, "Cat")]).await;
        let unknown = vec![put(rect(0.1, "Cat")), put(rect(0.2, "Unicorn")), put_at(0, rect(0.2, "cat"))];
        let outcome = send(db, picture, ada, &delta("a", 1, unknown)).await;
        assert_eq!(fields(outcome), ["changes[1].put.object", "changes[2].put.object"]);
        let strangers = vec![
            DeltaChange::Delete { delete: theirs },
            put(known(theirs + 1000, rect(0.3, "Cat"))),
            DeltaChange::Delete { delete: -1 },
        ];
        let outcome = send(db, picture, ada, &delta("a", 1, strangers)).await;
        assert_eq!(fields(outcome), ["changes[0].delete", "changes[1].put.id", "changes[2].delete"]);
        assert_eq!(now(db, picture).await, first);
        // What is deleted already cannot be deleted again, but it can come back.
        let id = first.regions[0].id.unwrap();
        applied(db, picture, ada, &delta("b", 1, vec![DeltaChange::Delete { delete: id }])).await;
        let again = send(db, picture, ada, &delta("c", 2, vec![DeltaChange::Delete { delete: id }])).await;
        assert_eq!(fields(again), ["changes[0].delete"]);
        let back = applied(db, picture, ada, &delta("c", 2, vec![put(first.regions[0].clone())])).await;
        assert_eq!(back.regions, [Some(first.regions[0].clone())]);
        assert_eq!(now(db, picture).await.regions, first.regions);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn no_picture_gets_more_than_it_may_have(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let first = save(db, picture, ada, &[point(0.5, 0.5, "Cat")]).await;
        // As if the others were there, too: to write them down would take longer than all other tests.
        let full = Query::update()
            .table("pictures")
            .value("region_count", MAX_REGIONS as i64)
            .and_where(Expr::col("id").eq(picture))
            .to_owned();
        db.execute(&full).await.unwrap();
        let one_more = send(db, picture, ada, &delta("a", 1, vec![put(rect(0.1, "Cat"))])).await;
        assert_eq!(fields(one_more), ["changes"]);
        let gone = DeltaChange::Delete { delete: first.regions[0].id.unwrap() };
        applied(db, picture, ada, &delta("a", 1, vec![put(rect(0.1, "Cat")), gone])).await;
    }

    async fn thousands_are_turned_round(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let many: Vec<Region> = (0..10_000).map(|n| point(f64::from(n) / 10_000.0, 0.5, "Cat")).collect();
        let state = save(db, picture, ada, &many).await;
        let mut turned = state.regions.clone();
        turned.reverse();
        applied(db, picture, ada, &delta("a", 1, between(&state.regions, &turned))).await;
        assert_eq!(now(db, picture).await.regions, turned);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn names_of_before_lead_to_the_object_of_now(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let rename = ObjectChange { id: Some("House cat".into()), ..ObjectChange::default() };
        objects::update(db, "Cat", &rename, ACTOR).await.unwrap();
        let answer = applied(db, picture, ada, &delta("a", 0, vec![put(rect(0.1, "Cat"))])).await;
        assert_eq!(answer.regions[0].as_ref().unwrap().object, "House cat");
        object_merge::merge(db, "House cat", "Dog", None, ACTOR).await.unwrap();
        for (id, revision, name) in [("b", 1, "Cat"), ("c", 2, "House cat"), ("d", 3, "Dog")] {
            let answer = applied(db, picture, ada, &delta(id, revision, vec![put(rect(0.1, name))])).await;
            assert_eq!(answer.regions[0].as_ref().unwrap().object, "Dog", "{name}");
        }
        // A list may use them as well.
        let saved = save(db, picture, ada, &[rect(0.5, "House cat")]).await;
        assert_eq!(saved.regions[0].object, "Dog");
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_merge_at_the_same_time_loses_nothing(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        for round in 0..20_i64 {
            let name = format!("Kind {round}");
            object(db, &name, &[], ada).await;
            let base = now(db, picture).await.revision;
            let one = delta(&format!("one-{round}"), base, vec![put(rect(0.1, &name))]);
            let (sent, merged) =
                tokio::join!(send(db, picture, ada, &one), object_merge::merge(db, &name, "Dog", None, ACTOR));
            merged.unwrap();
            assert!(matches!(sent.unwrap(), DeltaOutcome::Applied(_)));
        }
        let state = now(db, picture).await;
        assert_eq!(state.regions.len(), 20);
        assert!(state.regions.iter().all(|region| region.object == "Dog"), "{state:?}");
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn whoever_was_kept_out_meanwhile_changes_nothing(test: &TestDb) {
        let db = &test.db;
        let (picture, _) = site(db).await;
        let grace = user(db, "grace").await;
        let first = save(db, picture, grace, &[rect(0.1, "Cat")]).await;
        closing::close(db, grace, &PicturesFate::KeepName, NOW).await.unwrap();
        let late = send(db, picture, grace, &delta("a", 1, vec![put(rect(0.2, "Cat"))])).await;
        assert!(matches!(late, Err(StoreError::Inactive)), "{late:?}");
        let late = regions::save(db, &nobody(), picture, None, &[], grace, NOW).await;
        assert!(matches!(late, Err(StoreError::Inactive)), "{late:?}");
        let late = regions::revert(db, &nobody(), picture, 0, grace, NOW).await;
        assert!(matches!(late, Err(StoreError::Inactive)), "{late:?}");
        assert_eq!(now(db, picture).await, first);
    }

    async fn all_old_deltas_are_forgotten(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        for chunk in (0..2_500).collect::<Vec<i64>>().chunks(500) {
            let columns = ["picture", "id", "author", "body_hash", "revision", "regions", "created_at"];
            let mut insert = Query::insert().into_table("applied_deltas").columns(columns).to_owned();
            for n in chunk {
                insert.values_panic([picture.into(), n.to_string().into(), ada.into(), "".into(), 1.into(), "[]".into(), (NOW + n).into()]);
            }
            db.execute(&insert).await.unwrap();
        }
        assert_eq!(region_delta::forget(db, NOW + 2_400).await.unwrap(), 2_400);
        assert_eq!(region_delta::forget(db, NOW + 9_999).await.unwrap(), 100);
    }

    async fn a_picture_takes_its_deltas_along(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        applied(db, picture, ada, &delta("a", 0, vec![put(rect(0.1, "Cat"))])).await;
        picture_changes::delete(db, picture, ACTOR).await.unwrap();
        assert_eq!(region_delta::forget(db, NOW + 1).await.unwrap(), 0);
    }

    async fn random_deltas_do_what_the_plain_model_does(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let mut state = now(db, picture).await;
        let mut past: Vec<i64> = Vec::new();
        for (round, bytes) in random_numbers(150, 7).into_iter().enumerate() {
            let mut rest: Vec<Region> = state.regions.clone();
            let mut gone = past.clone();
            let mut changes = Vec::new();
            for pair in bytes.chunks(2) {
                let (what, which) = (pair[0], usize::from(*pair.last().unwrap()));
                let at = |place: u8| (place.is_multiple_of(4)).then_some(which % 12);
                match what % 5 {
                    0 | 1 => changes.push(DeltaChange::Put { put: some_region(what), position: at(what / 5) }),
                    2 if !gone.is_empty() => {
                        let back = known(gone.swap_remove(which % gone.len()), some_region(what));
                        changes.push(DeltaChange::Put { put: back, position: at(what / 5) });
                    }
                    3 if !rest.is_empty() => {
                        let region = rest.swap_remove(which % rest.len());
                        let new = if what % 2 == 0 { region } else { known(region.id.unwrap(), some_region(what)) };
                        changes.push(DeltaChange::Put { put: new, position: at(what / 5) });
                    }
                    _ if !rest.is_empty() => {
                        let region = rest.swap_remove(which % rest.len());
                        changes.push(DeltaChange::Delete { delete: region.id.unwrap() });
                    }
                    _ => {}
                }
            }
            let expected = naive(&state.regions, &changes);
            let sent = delta(&format!("round-{round}"), state.revision, changes);
            let answer = applied(db, picture, ada, &sent).await;
            let after = now(db, picture).await;
            assert_eq!(answer.revision, after.revision);
            assert_eq!(after.revision, state.revision + i64::from(after.regions != state.regions), "round {round}");
            assert_eq!(after.regions.len(), expected.len(), "round {round}: {sent:?}");
            for (region, wanted) in after.regions.iter().zip(&expected) {
                assert_eq!((&region.shape, &region.object), (&wanted.shape, &wanted.object), "round {round}: {sent:?}");
                assert!(wanted.id.is_none() || wanted.id == region.id, "round {round}");
            }
            for (change, told) in sent.changes.iter().zip(&answer.regions) {
                match change {
                    DeltaChange::Delete { .. } => assert_eq!(*told, None),
                    DeltaChange::Put { .. } => assert!(after.regions.contains(told.as_ref().unwrap()), "{told:?}"),
                }
            }
            assert_eq!(applied(db, picture, ada, &sent).await, answer);
            assert_eq!(regions::at_revision(db, &nobody(), picture, state.revision).await.unwrap(), state.regions);
            past.extend(state.regions.iter().filter_map(|region| region.id));
            past.retain(|id| after.regions.iter().all(|region| region.id != Some(*id)));
            past.sort_unstable();
            past.dedup();
            state = after;
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn the_difference_of_two_lists_leads_from_one_to_the_other(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        for (round, bytes) in random_numbers(60, 9).into_iter().enumerate() {
            let before = now(db, picture).await;
            let mut after: Vec<Region> = Vec::new();
            let mut rest = before.regions.clone();
            for byte in bytes {
                if byte.is_multiple_of(3) && !rest.is_empty() {
                    after.push(rest.swap_remove(usize::from(byte) % rest.len()));
                } else if byte % 3 == 1 {
                    after.push(some_region(byte));
                }
            }
            let sent = delta(&format!("round-{round}"), before.revision, between(&before.regions, &after));
            applied(db, picture, ada, &sent).await;
            let state = now(db, picture).await.regions;
            assert_eq!(state.len(), after.len());
            for (region, wanted) in state.iter().zip(&after) {
                assert_eq!((&region.shape, &region.object), (&wanted.shape, &wanted.object), "round {round}");
                assert!(wanted.id.is_none() || wanted.id == region.id, "round {round}");
            }
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }
}
