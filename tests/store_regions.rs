//! Stories of the store: regions, their identity and their history.

use crate::on_both_databases;
use crate::support::{NOW, new_picture, nobody, object, picture, point, rect, user};
use ocellus::model::{Annotations, PageRequest, Point, Region, RevisionSummary, Shape};
use ocellus::server::store::regions::{self, SaveOutcome};
use ocellus::server::store::{Db, StoreError, pictures, region_history, repair};
use std::collections::HashSet;

/// A site with one user, one picture and two objects.
async fn site(db: &Db) -> (i64, i64) {
    let ada = user(db, "ada").await;
    object(db, "Cat", &[], ada).await;
    object(db, "Dog", &[], ada).await;
    (picture(db, ada).await, ada)
}

async fn save(db: &Db, picture: i64, author: i64, list: &[Region]) -> Annotations {
    match regions::save(db, &nobody(), picture, None, list, author, NOW).await.unwrap() {
        SaveOutcome::Saved(annotations) => annotations,
        SaveOutcome::Outdated(annotations) => panic!("outdated: {annotations:?}"),
    }
}

fn ids(list: &[Region]) -> Vec<i64> {
    list.iter().map(|region| region.id.unwrap()).collect()
}

fn without_ids(list: &[Region]) -> Vec<Region> {
    list.iter().map(|region| Region { id: None, ..region.clone() }).collect()
}

async fn now(db: &Db, picture: i64) -> Annotations {
    regions::annotations(db, &nobody(), picture).await.unwrap()
}

async fn history(db: &Db, picture: i64) -> Vec<RevisionSummary> {
    region_history::list(db, &nobody(), picture, PageRequest { offset: 0, limit: 1000 }).await.unwrap().items
}

on_both_databases! {
    async fn numbers_come_back_bit_for_bit(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let hard = [0.1 + 0.2, f64::MIN_POSITIVE, 5e-324, 1.0 - f64::EPSILON / 2.0, 1.0 / 3.0, 0.0, 1.0];
        let corners: Vec<Point> = hard.iter().map(|&x| Point { x, y: 1.0 - x }).collect();
        let list = [
            Region { id: None, shape: Shape::Polygon(corners.clone()), object: "Cat".into() },
            Region { id: None, shape: Shape::Polyline(corners.clone()), object: "Cat".into() },
            rect(0.1 + 0.2, "Dog"),
            point(1.0 / 3.0, 5e-324, "Dog"),
        ];
        let saved = save(db, picture, ada, &list).await;
        assert_eq!(saved.revision, 1);
        assert_eq!(without_ids(&saved.regions), list);
        assert_eq!(now(db, picture).await, saved);
        let Shape::Polygon(points) = &saved.regions[0].shape else { panic!("{saved:?}") };
        for (sent, got) in corners.iter().zip(points) {
            assert_eq!((sent.x.to_bits(), sent.y.to_bits()), (got.x.to_bits(), got.y.to_bits()));
        }
    }

    async fn regions_keep_their_ids(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let first = save(db, picture, ada, &[rect(0.1, "Cat"), rect(0.2, "Cat"), rect(0.3, "Dog")]).await;
        let [a, b, c] = ids(&first.regions)[..] else { panic!("{first:?}") };

        // One is moved under its id, one is named by what it is, one goes, one comes, and the order is another.
        let moved = Region { id: Some(b), ..rect(0.25, "Dog") };
        let second = save(db, picture, ada, &[rect(0.3, "Dog"), moved.clone(), rect(0.9, "Cat")]).await;
        let [c_again, b_again, d] = ids(&second.regions)[..] else { panic!("{second:?}") };
        assert_eq!((c_again, b_again), (c, b));
        assert!(![a, b, c].contains(&d));
        assert_eq!(without_ids(&second.regions), [rect(0.3, "Dog"), rect(0.25, "Dog"), rect(0.9, "Cat")]);

        // An id of before comes back to life; one that is somebody else's does not count.
        let revived = Region { id: Some(a), ..rect(0.1, "Cat") };
        let foreign = Region { id: Some(d + 1000), ..rect(0.4, "Cat") };
        let third = save(db, picture, ada, &[revived, foreign]).await;
        assert_eq!(third.regions[0].id, Some(a));
        assert!(third.regions[1].id.is_some_and(|id| id > d && id != d + 1000));
        assert_eq!(third.revision, 3);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn another_pictures_ids_cannot_be_taken(test: &TestDb) {
        let db = &test.db;
        let (one, ada) = site(db).await;
        let other = picture(db, ada).await;
        let theirs = save(db, other, ada, &[rect(0.1, "Cat"), rect(0.2, "Cat")]).await;
        let kept = save(db, other, ada, &theirs.regions[..1]).await;
        // One id is in use there, the other was in use there.
        let mine = save(db, one, ada, &theirs.regions).await;
        assert!(ids(&mine.regions).iter().all(|id| !ids(&theirs.regions).contains(id)));
        assert_eq!(now(db, other).await, kept);
    }

    async fn saving_the_same_makes_no_new_state(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        assert_eq!(save(db, picture, ada, &[]).await, Annotations::default());
        let first = save(db, picture, ada, &[rect(0.1, "Cat"), rect(0.1, "Cat")]).await;
        assert_eq!(save(db, picture, ada, &first.regions).await, first);
        assert_eq!(save(db, picture, ada, &without_ids(&first.regions)).await, first);
        assert_eq!(history(db, picture).await.len(), 1);
    }

    async fn an_old_base_changes_nothing(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let first = save(db, picture, ada, &[rect(0.1, "Cat")]).await;
        for base in [0, 2, -1] {
            let outcome = regions::save(db, &nobody(), picture, Some(base), &[], ada, NOW).await.unwrap();
            assert_eq!(outcome, SaveOutcome::Outdated(first.clone()));
        }
        let outcome = regions::save(db, &nobody(), picture, Some(1), &[], ada, NOW).await.unwrap();
        assert_eq!(outcome, SaveOutcome::Saved(Annotations { revision: 2, regions: vec![] }));
        assert!(matches!(regions::save(db, &nobody(), 999, None, &[], ada, NOW).await, Err(StoreError::NotFound(_))));
    }

    async fn unknown_objects_are_named_and_nothing_changes(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let first = save(db, picture, ada, &[rect(0.1, "Cat")]).await;
        let list = [rect(0.2, "Cat"), rect(0.3, "cat"), rect(0.4, "Unicorn")];
        match regions::save(db, &nobody(), picture, None, &list, ada, NOW).await {
            Err(StoreError::Invalid(errors)) => {
                let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
                assert_eq!(fields, ["[1].object", "[2].object"]);
                assert!(errors[1].message.contains("`Unicorn`"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(now(db, picture).await, first);
        let mut new = new_picture(ada, "No");
        new.regions = vec![rect(0.4, "Unicorn")];
        match pictures::insert(db, new).await {
            Err(StoreError::Invalid(errors)) => assert_eq!(errors[0].field, "annotations[0].object"),
            other => panic!("{other:?}"),
        }
    }

    async fn every_state_can_be_read_again(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let grace = user(db, "grace").await;
        let mut states = vec![Vec::new()];
        let mut list: Vec<Region> = Vec::new();
        for round in 0..30_u32 {
            match round % 5 {
                0 | 1 => list.push(rect(f64::from(round) / 100.0, "Cat")),
                2 => list.insert(list.len() / 2, point(f64::from(round) / 100.0, 0.5, "Dog")),
                3 => {
                    let middle = list.len() / 2;
                    list[middle].object = if list[middle].object == "Cat" { "Dog" } else { "Cat" }.into();
                    list.rotate_left(1);
                }
                _ => drop(list.remove(0)),
            }
            let author = if round % 2 == 0 { ada } else { grace };
            let saved = save(db, picture, author, &list).await;
            assert_eq!(saved.revision, i64::from(round) + 1);
            assert_eq!(without_ids(&saved.regions), without_ids(&list), "round {round}");
            list = saved.regions.clone();
            states.push(saved.regions);
        }
        for (revision, state) in states.iter().enumerate() {
            assert_eq!(&regions::at_revision(db, &nobody(), picture, revision as i64).await.unwrap(), state, "state {revision}");
        }
        assert!(matches!(regions::at_revision(db, &nobody(), picture, 31).await, Err(StoreError::NotFound(_))));
        assert!(matches!(regions::at_revision(db, &nobody(), picture, -1).await, Err(StoreError::NotFound(_))));

        // To go back is to save an old state: everything has its old id.
        let old = &states[7];
        let back = save(db, picture, ada, old).await;
        assert_eq!((back.revision, &back.regions), (31, old));

        let history = history(db, picture).await;
        assert_eq!(history.iter().map(|entry| entry.revision).collect::<Vec<_>>(), (1..=31).rev().collect::<Vec<_>>());
        let first = history.last().unwrap();
        assert_eq!((first.added, first.changed, first.removed, first.timestamp), (1, 0, 0, NOW));
        assert_eq!((first.author.as_deref(), history[29].author.as_deref()), (Some("ada"), Some("grace")));
        let change = history.iter().find(|entry| entry.revision == 4).unwrap();
        assert_eq!((change.added, change.changed, change.removed), (0, 1, 0));
        assert!(matches!(region_history::sittings(db, &nobody(), 999, None).await, Err(StoreError::NotFound(_))));
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_revert_loses_nothing_that_is_saved_at_the_same_time(test: &TestDb) {
        let db = &test.db;
        let (ada, picture) = site(db).await;
        save(db, picture, ada, &[rect(0.1, "Cat")]).await;
        let base = save(db, picture, ada, &[rect(0.1, "Cat"), rect(0.2, "Cat")]).await;
        let mut drawn = base.regions.clone();
        drawn.push(rect(0.3, "Cat"));
        let viewer = nobody();
        let (saved, reverted) = tokio::join!(
            regions::save(db, &viewer, picture, Some(base.revision), &drawn, ada, NOW),
            regions::revert(db, &viewer, picture, 1, ada, NOW),
        );
        let reverted = reverted.unwrap();
        assert_eq!(without_ids(&reverted.regions), [rect(0.1, "Cat")]);
        match saved.unwrap() {
            // The save came first: it is in the history.
            SaveOutcome::Saved(state) => {
                assert_eq!((state.revision, reverted.revision), (3, 4));
                assert_eq!(regions::at_revision(db, &nobody(), picture, 3).await.unwrap(), state.regions);
            }
            // The revert came first, and the save was told so.
            SaveOutcome::Outdated(state) => assert_eq!(state, reverted),
        }
        let missing = regions::revert(db, &nobody(), picture, 99, ada, NOW).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn ten_thousand_regions_are_saved_whole(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let mut list: Vec<Region> =
            (0..10_000).map(|n| point(f64::from(n) / 10_000.0, 0.5, if n % 3 == 0 { "Cat" } else { "Dog" })).collect();
        let first = save(db, picture, ada, &list).await;
        assert_eq!(without_ids(&first.regions), list);
        assert_eq!(ids(&first.regions).into_iter().collect::<HashSet<_>>().len(), 10_000);
        list = first.regions;
        for region in &mut list {
            region.object = "Cat".into();
        }
        let second = save(db, picture, ada, &list).await;
        assert_eq!(second.regions, list);
        assert_eq!(save(db, picture, ada, &[]).await, Annotations { revision: 3, regions: vec![] });
        assert_eq!(regions::at_revision(db, &nobody(), picture, 2).await.unwrap(), list);
    }

    async fn savers_at_once_lose_nothing(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        // Each adds one box to what is there and tries again until nobody was faster.
        let savers = (0..50).map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut base = regions::annotations(&db, &nobody(), picture).await.unwrap();
                loop {
                    let mut list = base.regions.clone();
                    list.push(rect(f64::from(number) / 100.0, if number % 2 == 0 { "Cat" } else { "Dog" }));
                    match regions::save(&db, &nobody(), picture, Some(base.revision), &list, ada, NOW).await.unwrap() {
                        SaveOutcome::Saved(_) => break,
                        SaveOutcome::Outdated(newer) => base = newer,
                    }
                }
            })
        });
        for saver in futures::future::join_all(savers).await {
            saver.unwrap();
        }
        let end = now(db, picture).await;
        assert_eq!((end.revision, end.regions.len()), (50, 50));
        let lefts: HashSet<u64> = end
            .regions
            .iter()
            .map(|region| match region.shape {
                Shape::Bbox(rect) => rect.x.to_bits(),
                _ => 0,
            })
            .collect();
        assert_eq!(lefts.len(), 50);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn savers_of_many_pictures_stay_out_of_each_others_way(test: &TestDb) {
        let db = &test.db;
        let (first, ada) = site(db).await;
        let second = picture(db, ada).await;
        let savers = (0..50_u32).map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                let picture = if number % 2 == 0 { first } else { second };
                let list: Vec<Region> =
                    (0..=number % 7).map(|n| rect(f64::from(n) / 10.0, ["Cat", "Dog"][(n % 2) as usize])).collect();
                regions::save(&db, &nobody(), picture, None, &list, ada, NOW).await.unwrap();
            })
        });
        for saver in futures::future::join_all(savers).await {
            saver.unwrap();
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn the_morning_is_found_after_a_long_afternoon(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let grace = user(db, "grace").await;
        let mut state = 0;
        for (author, states, from) in [(grace, 3, NOW), (ada, 700, NOW + 20_000)] {
            for n in 0..states {
                let cat = [point(f64::from(state) / 1000.0, 0.5, "Cat")];
                state += 1;
                regions::save(db, &nobody(), picture, None, &cat, author, from + i64::from(n)).await.unwrap();
            }
        }
        let part = region_history::sittings(db, &nobody(), picture, None).await.unwrap();
        let told: Vec<_> = part.sittings.iter().map(|sitting| (sitting.first, sitting.count, sitting.began)).collect();
        assert_eq!((told, part.next), (vec![(4, 700, NOW + 20_000), (1, 3, NOW)], None));
        assert_eq!(part.sittings[1].states.iter().map(|state| state.revision).collect::<Vec<_>>(), [3, 2, 1]);
        // What is not told one by one is told from where that ends.
        let listed = part.sittings[0].states.last().unwrap().revision;
        let rest = region_history::sittings(db, &nobody(), picture, Some(listed - 1)).await.unwrap();
        assert_eq!((rest.sittings[0].states[0].revision, rest.sittings[0].first), (listed - 1, 4));
        assert_eq!(region_history::sittings(db, &nobody(), picture, Some(0)).await.unwrap().sittings, []);

        let page = region_history::list(db, &nobody(), picture, PageRequest { offset: 699, limit: 2 }).await.unwrap();
        assert_eq!((page.items.iter().map(|state| state.revision).collect::<Vec<_>>(), page.total), (vec![4, 3], 703));
    }
}
