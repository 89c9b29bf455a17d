//! Stories of the store: galleries, their order and their covers; changes to many pictures at once.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, names, new_picture, nobody, picture, user};
use futures::future::join_all;
use ocellus::model::{Account, GalleryName, PageRequest, PictureChange};
use ocellus::server::store::{Db, StoreError, galleries, picture_changes, pictures};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

async fn gallery(db: &Db, owner: i64) -> i64 {
    galleries::insert(db, "Birds", "", owner, NOW).await.unwrap()
}

async fn filled(db: &Db, owner: i64, number: usize) -> (i64, Vec<i64>) {
    let mut pictures = Vec::new();
    for _ in 0..number {
        pictures.push(picture(db, owner).await);
    }
    let gallery = gallery(db, owner).await;
    assert_eq!(galleries::add_pictures(db, &nobody(), gallery, &pictures, ACTOR).await.unwrap(), number as i64);
    (gallery, pictures)
}

async fn order(db: &Db, gallery: i64) -> Vec<i64> {
    let page = galleries::pictures(db, &nobody(), gallery, ALL).await.unwrap();
    assert_eq!(page.total, page.items.len() as i64);
    page.items
}

on_both_databases! {
    async fn pictures_are_ordered_by_hand(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let (gallery, p) = filled(db, ada, 5).await;
        assert_eq!(order(db, gallery).await, p);
        let go = async |picture: i64, index: i64| {
            galleries::move_picture(db, &nobody(), gallery, picture, index, ACTOR).await.unwrap();
            order(db, gallery).await
        };
        assert_eq!(go(p[4], 0).await, [p[4], p[0], p[1], p[2], p[3]]);
        assert_eq!(go(p[4], 3).await, [p[0], p[1], p[2], p[4], p[3]]);
        assert_eq!(go(p[1], 1).await, [p[0], p[1], p[2], p[4], p[3]]);
        assert_eq!(go(p[0], 99).await, [p[1], p[2], p[4], p[3], p[0]]);
        // What is added again keeps its place, and what is new comes last.
        let new = picture(db, ada).await;
        assert_eq!(galleries::add_pictures(db, &nobody(), gallery, &[p[4], new, new], ACTOR).await.unwrap(), 1);
        assert_eq!(order(db, gallery).await, [p[1], p[2], p[4], p[3], p[0], new]);
        let part = galleries::pictures(db, &nobody(), gallery, PageRequest { offset: 4, limit: 4 }).await.unwrap();
        assert_eq!((part.items, part.total), (vec![p[0], new], 6));
        let stranger = picture(db, ada).await;
        let missing = galleries::move_picture(db, &nobody(), gallery, stranger, 0, ACTOR).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
    }

    async fn many_are_added_all_or_none(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let (gallery, p) = filled(db, ada, 2).await;
        let new = picture(db, ada).await;
        match galleries::add_pictures(db, &nobody(), gallery, &[new, 9999], ACTOR).await {
            Err(StoreError::Invalid(errors)) => assert_eq!(errors[0].field, "picture_ids[1]"),
            other => panic!("{other:?}"),
        }
        assert_eq!(order(db, gallery).await, p);
        assert!(matches!(galleries::add_pictures(db, &nobody(), 77, &p, ACTOR).await, Err(StoreError::NotFound(_))));
    }

    async fn who_add_and_move_at_once_leave_every_picture_once(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let (gallery, mut p) = filled(db, ada, 6).await;
        for _ in 0..6 {
            p.push(picture(db, ada).await);
        }
        let outcomes = join_all((0..24).map(|round| {
            let (old, new) = (p[round % 6], p[6 + round % 6]);
            async move {
                galleries::add_picture(db, &nobody(), gallery, new, ACTOR).await?;
                galleries::move_picture(db, &nobody(), gallery, old, (round % 5) as i64, ACTOR).await
            }
        }))
        .await;
        outcomes.into_iter().for_each(|outcome| outcome.unwrap());
        let mut all = order(db, gallery).await;
        // Neighbours agree with the list, which they would not if two pictures had the same place.
        for (index, picture) in all.iter().enumerate() {
            let standing = galleries::standing(db, &nobody(), gallery, Some(*picture)).await.unwrap();
            assert_eq!((standing.index, standing.total), (index as i64, 12));
            assert_eq!(standing.next, all.get(index + 1).copied());
            assert_eq!(standing.previous, index.checked_sub(1).map(|before| all[before]));
        }
        all.sort();
        assert_eq!(all, p);
    }

    async fn slides_know_their_neighbours(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let (gallery, p) = filled(db, ada, 3).await;
        let first = galleries::standing(db, &nobody(), gallery, None).await.unwrap();
        assert_eq!((first.picture, first.index, first.previous, first.next), (Some(p[0]), 0, None, Some(p[1])));
        assert_eq!((first.first, first.last, first.total), (Some(p[0]), Some(p[2]), 3));
        let stranger = picture(db, ada).await;
        let missing = galleries::standing(db, &nobody(), gallery, Some(stranger)).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
        let empty = galleries::insert(db, "Empty", "", ada, NOW).await.unwrap();
        assert_eq!(galleries::standing(db, &nobody(), empty, None).await.unwrap(), Default::default());
    }

    async fn a_cover_is_one_of_the_pictures(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut ids = Vec::new();
        for digit in ['a', 'b', 'c'] {
            let mut new = new_picture(ada, "One");
            new.blob = blob(digit);
            ids.push(pictures::insert(db, new).await.unwrap());
        }
        let gallery = gallery(db, ada).await;
        galleries::add_pictures(db, &nobody(), gallery, &ids[1..], ACTOR).await.unwrap();
        let cover = async || {
            let list = galleries::list(db, None, None, ALL).await.unwrap();
            let chosen = galleries::get(db, gallery).await.unwrap().cover;
            (list.items[0].cover.clone().unwrap_or_default().chars().next(), list.items[0].pictures, chosen)
        };
        assert_eq!(cover().await, (Some('b'), 2, None), "the first one");
        galleries::set_cover(db, &nobody(), gallery, Some(ids[2]), ACTOR).await.unwrap();
        assert_eq!(cover().await, (Some('c'), 2, Some(ids[2])));
        assert!(matches!(galleries::set_cover(db, &nobody(), gallery, Some(ids[0]), ACTOR).await, Err(StoreError::NotFound(_))));
        galleries::remove_picture(db, gallery, ids[2], ACTOR).await.unwrap();
        assert_eq!(cover().await, (Some('b'), 1, None), "what is taken out stands for nothing");
        galleries::set_cover(db, &nobody(), gallery, Some(ids[1]), ACTOR).await.unwrap();
        picture_changes::delete(db, ids[1], ACTOR).await.unwrap();
        assert_eq!(cover().await, (None, 0, None), "nor does what is deleted");
    }

    async fn galleries_are_found_by_title_owner_and_number(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        let cats = galleries::insert(db, "Große Katzen", "", ada, NOW).await.unwrap();
        let dogs = galleries::insert(db, "Dogs 0 %", "", bob, NOW).await.unwrap();
        let found = async |text: &str| {
            let list = galleries::list(db, None, Some(text), ALL).await.unwrap();
            assert_eq!(list.total, list.items.len() as i64);
            list.items.iter().map(|gallery| gallery.id).collect::<Vec<_>>()
        };
        assert_eq!(found(" GROSSE ").await, [cats]);
        assert_eq!(found("bob").await, [dogs]);
        assert_eq!(found("0 %").await, [dogs]);
        assert_eq!(found("_").await, [0_i64; 0]);
        assert_eq!(found(&cats.to_string()).await, [cats]);
        assert_eq!(found("").await, [dogs, cats]);
        galleries::update(db, cats, Some("Tigers"), None, ACTOR).await.unwrap();
        assert_eq!((found("katzen").await, found("tiger").await), (vec![], vec![cats]));
        // Titles from before are folded at the next start.
        let old = sea_query::Query::update().table("galleries").value("title_folded", None::<String>).to_owned();
        db.execute(&old).await.unwrap();
        assert_eq!(found("dogs").await, [0_i64; 0]);
        db.migrate().await.unwrap();
        assert_eq!(found("dogs").await, [dogs]);
    }

    async fn galleries_are_offered_to_those_who_may_add(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        let (gallery, p) = filled(db, ada, 1).await;
        let other = galleries::insert(db, "Other", "", ada, NOW).await.unwrap();
        let account = |id| Account { id, username: String::new(), admin: false };
        let offered = async |user| -> Vec<i64> {
            let names = galleries::editable_by(db, &account(user)).await.unwrap();
            names.into_iter().map(|gallery| gallery.id).collect()
        };
        assert_eq!((offered(ada).await, offered(bob).await), (vec![other, gallery], vec![]));
        galleries::add_user(db, gallery, "bob", ACTOR).await.unwrap();
        assert_eq!(offered(bob).await, [gallery]);
        let of = galleries::of_picture(db, &nobody(), p[0]).await.unwrap();
        assert_eq!(of, [GalleryName { id: gallery, title: "Birds".into() }]);
    }

    async fn many_pictures_change_together_or_not_at_all(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        let (one, two, foreign) = (picture(db, ada).await, picture(db, ada).await, picture(db, bob).await);
        let urls = ocellus::server::store::Urls { public_url: "http://x".into() };
        let licences_of = async |id| pictures::get(db, &nobody(), id, &urls).await.unwrap().picture.licences;
        let change = |ids: &[&str]| PictureChange { licence_ids: Some(names(ids)), ..PictureChange::default() };
        picture_changes::update_many(db, &[two, one, two], &change(&["CC-BY-4.0"]), ACTOR).await.unwrap();
        assert_eq!((licences_of(one).await, licences_of(two).await), (names(&["CC-BY-4.0"]), names(&["CC-BY-4.0"])));
        let missing = picture_changes::update_many(db, &[one, 9999], &change(&["CC0-1.0"]), ACTOR).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
        assert_eq!(licences_of(one).await, names(&["CC-BY-4.0"]));
        let owners = pictures::owners_of(db, &nobody(), &[one, foreign]).await.unwrap();
        assert_eq!(owners.iter().map(|owner| owner.author).collect::<Vec<_>>(), [ada, bob]);
        assert!(matches!(picture_changes::delete_many(db, &[one, 9999], ACTOR).await, Err(StoreError::NotFound(_))));
        assert_eq!(licences_of(one).await.len(), 1);
        picture_changes::delete_many(db, &[one, two], ACTOR).await.unwrap();
        assert!(matches!(pictures::owners_of(db, &nobody(), &[one]).await, Err(StoreError::NotFound(_))));
        assert_eq!(licences_of(foreign).await.len(), 1);
    }
}
