//! Stories of the store: objects and their graph.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, names, new_picture, object, point, rect, user};
use ocellus::model::{ObjectChange, PageRequest};
use ocellus::server::store::{Db, StoreError, objects, pictures, repair};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

/// Changes that are made in one go.
fn change(description: Option<&str>, parents: Option<&[&str]>) -> ObjectChange {
    ObjectChange { id: None, description: description.map(str::to_owned), parents: parents.map(names) }
}

async fn listed(db: &Db, search: &str) -> Vec<String> {
    let page = objects::list(db, Some(search), false, ALL).await.unwrap();
    assert_eq!(page.total, page.items.len() as i64);
    page.items.into_iter().map(|object| object.id).collect()
}

on_both_databases! {
    async fn names_differ_in_more_than_case(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Straße", &[], ada).await;
        match objects::insert(db, "STRASSE", "", &[], ada, NOW).await {
            Err(StoreError::Conflict(sentence)) => assert!(sentence.contains("registered already"), "{sentence}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(objects::get(db, "Straße").await.unwrap().id, "Straße");
        assert!(matches!(objects::get(db, "straße").await, Err(StoreError::NotFound(_))));
    }

    async fn objects_know_their_neighbours(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for (name, parents) in [("Animal", &[][..]), ("Pet", &[]), ("dog", &["Animal", "Pet"]), ("Cat", &["Pet", "Animal"])] {
            object(db, name, parents, ada).await;
        }
        let pet = objects::get(db, "Pet").await.unwrap();
        assert_eq!(pet.children, ["Cat", "dog"], "sorted without regard to case");
        assert_eq!(objects::get(db, "Cat").await.unwrap().parents, ["Animal", "Pet"]);
        match objects::insert(db, "Cow", "", &names(&["Animal", "Nothing"]), ada, NOW).await {
            Err(StoreError::Invalid(errors)) => {
                assert_eq!(errors.len(), 1);
                assert_eq!(errors[0].field, "parents[1]");
                assert!(errors[0].message.contains("`Nothing`"));
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(objects::get(db, "Cow").await, Err(StoreError::NotFound(_))));
        let changed = objects::update(db, "Cat", &change(Some("Felis catus"), Some(&["Pet"])), ACTOR).await.unwrap();
        assert_eq!((changed.description.as_str(), changed.parents), ("Felis catus", names(&["Pet"])));
        assert_eq!(objects::get(db, "Animal").await.unwrap().children, ["dog"]);
    }

    async fn the_list_is_searched_without_wildcards(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for name in ["Cat", "Wildcat", "100%", "100", "a_b", "axb", "back\\slash", "ÄRGER"] {
            object(db, name, &[], ada).await;
        }
        assert_eq!(listed(db, "CAT").await, ["Cat", "Wildcat"]);
        assert_eq!(listed(db, "0%").await, ["100%"]);
        assert_eq!(listed(db, "a_b").await, ["a_b"]);
        assert_eq!(listed(db, "k\\s").await, ["back\\slash"]);
        assert_eq!(listed(db, "ärger").await, ["ÄRGER"]);
        assert_eq!(listed(db, "  ").await.len(), 8);
        let page = objects::list(db, None, false, PageRequest { offset: 2, limit: 2 }).await.unwrap();
        assert_eq!((page.items.len(), page.total), (2, 8));
        assert_eq!(page.items[0].id, "a_b");
    }

    async fn a_picture_counts_once_for_every_ancestor(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for (name, parents) in [("Animal", &[][..]), ("Pet", &["Animal"]), ("Cat", &["Animal", "Pet"]), ("Dog", &["Pet"])] {
            object(db, name, parents, ada).await;
        }
        let mut both = new_picture(ada, "Both");
        both.regions = vec![rect(0.1, "Cat"), rect(0.2, "Cat"), point(0.5, 0.5, "Dog")];
        let both = pictures::insert(db, both).await.unwrap();
        let mut dog = new_picture(ada, "Dog");
        dog.regions = vec![rect(0.1, "Dog")];
        pictures::insert(db, dog).await.unwrap();
        let count = async |name: &str| objects::get(db, name).await.unwrap().pictures;
        assert_eq!([count("Animal").await, count("Pet").await, count("Cat").await, count("Dog").await], [2, 2, 1, 2]);
        let summaries = objects::summaries(db).await.unwrap();
        let summaries: Vec<_> =
            summaries.iter().map(|object| (object.name.as_str(), object.pictures, &object.parents[..])).collect();
        let expected = [("Animal", 0, &[][..]), ("Cat", 1, &[0, 3]), ("Dog", 2, &[3]), ("Pet", 0, &[0])];
        assert_eq!(summaries, expected, "parents are places in the list");

        // A picture that has been replaced no longer counts: no query shows it either.
        let mut better = new_picture(ada, "Better");
        better.replaces = Some(both);
        pictures::insert(db, better).await.unwrap();
        assert_eq!([count("Animal").await, count("Cat").await, count("Dog").await], [1, 0, 1]);
    }

    async fn a_cycle_is_refused_and_named(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "A", &[], ada).await;
        object(db, "B", &["A"], ada).await;
        object(db, "C", &["B"], ada).await;
        for (name, parent, way) in [("A", "C", "A → C → B → A"), ("A", "A", "A → A"), ("B", "C", "B → C → B")] {
            match objects::update(db, name, &change(Some("new"), Some(&[parent])), ACTOR).await {
                Err(cycle @ StoreError::Cycle(_)) => assert!(cycle.to_string().ends_with(way), "{cycle}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(objects::get(db, "A").await.unwrap().description, "", "nothing of it is kept");
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn two_harmless_changes_close_no_cycle_together(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for round in 0..10 {
            let (left, right) = (format!("L{round}"), format!("R{round}"));
            object(db, &left, &[], ada).await;
            object(db, &right, &[], ada).await;
            let (up, down) = (change(None, Some(&[right.as_str()])), change(None, Some(&[left.as_str()])));
            let (one, other) = tokio::join!(objects::update(db, &left, &up, ACTOR), objects::update(db, &right, &down, ACTOR));
            assert!(one.is_ok() != other.is_ok(), "exactly one may win");
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn changes_of_different_parts_at_once_lose_nothing(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for name in ["Animal", "Pet", "Cat"] {
            object(db, name, &[], ada).await;
        }
        for round in 0..10 {
            let (text, parents) = (format!("text {round}"), [["Animal", "Pet"][round % 2]]);
            let (describe, place) = (change(Some(&text), None), change(None, Some(&parents)));
            let (first, second) =
                tokio::join!(objects::update(db, "Cat", &describe, ACTOR), objects::update(db, "Cat", &place, ACTOR));
            first.unwrap();
            second.unwrap();
            let cat = objects::get(db, "Cat").await.unwrap();
            assert_eq!((cat.description, cat.parents), (text, names(&parents)));
        }
    }

    async fn the_closure_follows_every_edit(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for number in 0..12 {
            object(db, &format!("N{number}"), &[], ada).await;
        }
        // Edges only from greater to smaller numbers, so that none closes a cycle. The sequence is fixed.
        let mut state = 12345_u64;
        let mut random = |most: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % most
        };
        for _ in 0..60 {
            let child = random(12);
            let parents: Vec<String> =
                (0..child).filter(|_| random(3) == 0).map(|parent| format!("N{parent}")).collect();
            let place = ObjectChange { parents: Some(parents), ..ObjectChange::default() };
            objects::update(db, &format!("N{child}"), &place, ACTOR).await.unwrap();
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }
}
