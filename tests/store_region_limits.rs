//! Stories of the store: as many and as large regions as a picture may have.

use crate::on_both_databases;
use crate::support::{NOW, nobody, object, picture, point, user};
use ocellus::model::region::MAX_SHAPE_BYTES;
use ocellus::model::{Annotations, Delta, DeltaAnswer, DeltaChange, Point, Region, Shape, SoundDelta};
use ocellus::server::store::region_delta::{self, DeltaOutcome};
use ocellus::server::store::{Db, StoreError, Urls, pictures, regions, repair};
use sea_query::Query;

async fn site(db: &Db) -> (i64, i64) {
    let ada = user(db, "ada").await;
    object(db, "Cat", &[], ada).await;
    (picture(db, ada).await, ada)
}

fn put(region: Region) -> DeltaChange {
    DeltaChange::Put { put: region, position: None }
}

async fn send(
    db: &Db,
    picture: i64,
    author: i64,
    revision: i64,
    changes: Vec<DeltaChange>,
) -> Result<DeltaAnswer, StoreError> {
    let delta = Delta { id: format!("from-{revision}"), revision, changes };
    let delta = SoundDelta::parse(&serde_json::to_value(&delta).unwrap()).unwrap();
    match region_delta::apply(db, &nobody(), picture, &delta, author, NOW).await? {
        DeltaOutcome::Applied(answer) => Ok(answer),
        DeltaOutcome::Outdated(state) => panic!("outdated: at {}", state.revision),
    }
}

async fn now(db: &Db, picture: i64) -> Annotations {
    regions::annotations(db, &nobody(), picture).await.unwrap()
}

fn field<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Invalid(errors)) => errors[0].field.clone(),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("was not refused"),
    }
}

/// An area of so many corners that six of them are less than a picture may have, and seven are more.
fn large(number: usize) -> Region {
    let corner = |at: usize| Point { x: 0.1 + (at + number) as f64 / 300_007.0, y: 0.123_456_789_012_345_6 };
    let corners = MAX_SHAPE_BYTES * 3 / 20 / 45;
    Region { id: None, shape: Shape::Polygon((0..corners).map(corner).collect()), object: "Cat".into() }
}

on_both_databases! {
    async fn small_changes_do_not_add_up_to_more_than_a_picture_may_have(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        let three = |from: usize| (from..from + 3).map(|number| put(large(number))).collect::<Vec<_>>();
        let first = send(db, picture, ada, 0, three(0)).await.unwrap();
        send(db, picture, ada, 1, three(3)).await.unwrap();
        assert_eq!(field(send(db, picture, ada, 2, vec![put(large(6))]).await), "changes");
        // Nor does the whole list, and what is there counts only once.
        let mut list = now(db, picture).await.regions;
        list.push(large(6));
        assert_eq!(field(regions::save(db, &nobody(), picture, None, &list, ada, NOW).await), "body");
        let smaller = DeltaChange::Delete { delete: first.regions[0].as_ref().unwrap().id.unwrap() };
        send(db, picture, ada, 2, vec![put(large(6)), smaller]).await.unwrap();
        assert_eq!(now(db, picture).await.regions.len(), 6);
        // So one picture always fits into an answer.
        let urls = Urls { public_url: "http://x".into() };
        assert_eq!(pictures::by_ids(db, &nobody(), &[picture], &urls).await.unwrap()[0].regions.len(), 6);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn more_regions_than_a_statement_has_parameters_are_deleted_and_come_back(test: &TestDb) {
        let db = &test.db;
        let (picture, ada) = site(db).await;
        // PostgreSQL takes 65,535 parameters, SQLite half as many.
        let objects: Vec<String> = (0..66_000).map(|n| format!("Object {n}")).collect();
        for chunk in objects.chunks(1000) {
            let mut insert = Query::insert();
            insert.into_table("objects").columns(["name", "name_folded", "description", "author", "created_at"]);
            for name in chunk {
                insert.values_panic([name.as_str().into(), name.to_lowercase().into(), "".into(), ada.into(), NOW.into()]);
            }
            db.execute(&insert).await.unwrap();
        }
        let many: Vec<Region> = objects.iter().map(|object| point(0.25, 0.5, object)).collect();
        regions::save(db, &nobody(), picture, None, &many, ada, NOW).await.unwrap();
        let before = now(db, picture).await.regions;
        let deletions = before.iter().map(|region| DeltaChange::Delete { delete: region.id.unwrap() }).collect();
        send(db, picture, ada, 1, deletions).await.unwrap();
        send(db, picture, ada, 2, before.iter().cloned().map(put).collect()).await.unwrap();
        assert_eq!(now(db, picture).await.regions, before);
        regions::revert(db, &nobody(), picture, 2, ada, NOW).await.unwrap();
        regions::revert(db, &nobody(), picture, 1, ada, NOW).await.unwrap();
        assert_eq!(now(db, picture).await.regions, before);
    }
}
