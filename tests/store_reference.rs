//! Stories of the store: licences and natures.

use crate::on_both_databases;
use crate::support::{ACTOR, new_picture, user};
use ocellus::model::{Licence, LicenceChange, Nature};
use ocellus::server::store::{StoreError, licences, natures, pictures};

fn licence(id: &str) -> Licence {
    Licence {
        id: id.into(),
        title: "Ask first".into(),
        description: String::new(),
        info_url: Some("https://example.org/".into()),
        legalese_url: None,
        free: false,
        pinned: false,
        logo_url: None,
    }
}

on_both_databases! {
    async fn licences_are_added_changed_and_counted(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        licences::insert(db, &licence("X-ask-first"), ACTOR).await.unwrap();
        match licences::insert(db, &licence("X-ask-first"), ACTOR).await {
            Err(StoreError::Conflict(sentence)) => assert!(sentence.contains("licence"), "{sentence}"),
            other => panic!("{other:?}"),
        }
        let mut picture = new_picture(ada, "One");
        picture.licences = vec!["X-ask-first".into(), "CC0-1.0".into()];
        let old = pictures::insert(db, picture.clone()).await.unwrap();
        let counts = async || {
            let all = licences::counted(db).await.unwrap();
            ["X-ask-first", "CC0-1.0", "MIT"]
                .map(|id| all.iter().find(|entry| entry.item.id == id).map(|entry| entry.pictures))
        };
        assert_eq!(counts().await, [Some(1), Some(1), Some(0)]);
        picture.licences = vec!["MIT".into()];
        picture.replaces = Some(old);
        pictures::insert(db, picture).await.unwrap();
        assert_eq!(counts().await, [Some(0), Some(0), Some(1)], "what has been replaced does not count");

        let change = LicenceChange { info_url: Some(None), free: Some(true), ..LicenceChange::default() };
        licences::update(db, "X-ask-first", &change, ACTOR).await.unwrap();
        licences::update(db, "X-ask-first", &LicenceChange::default(), ACTOR).await.unwrap();
        let changed = licences::get_counted(db, "X-ask-first").await.unwrap().item;
        assert_eq!(changed, Licence { info_url: None, free: true, ..licence("X-ask-first") });
        assert!(matches!(licences::update(db, "NONE", &change, ACTOR).await, Err(StoreError::NotFound(_))));
        // What administrators have changed stays when the program starts anew.
        licences::update(db, "MIT", &LicenceChange { title: Some("M".into()), ..LicenceChange::default() }, ACTOR).await.unwrap();
        db.migrate().await.unwrap();
        assert_eq!(licences::get(db, "MIT").await.unwrap().title, "M");
    }

    async fn natures_are_added_changed_and_counted(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let nature = Nature { id: "x-ray".into(), description: "Seen through.".into() };
        natures::insert(db, &nature, ACTOR).await.unwrap();
        match natures::insert(db, &nature, ACTOR).await {
            Err(StoreError::Conflict(sentence)) => assert!(sentence.contains("nature"), "{sentence}"),
            other => panic!("{other:?}"),
        }
        let mut picture = new_picture(ada, "One");
        picture.nature = "x-ray".into();
        pictures::insert(db, picture).await.unwrap();
        natures::update(db, "x-ray", "Made with X-rays.", ACTOR).await.unwrap();
        let counted = natures::get_counted(db, "x-ray").await.unwrap();
        assert_eq!((counted.item.description.as_str(), counted.pictures), ("Made with X-rays.", 1));
        let all = natures::counted(db).await.unwrap();
        assert_eq!(all.last().map(|last| (last.item.id.as_str(), last.pictures)), Some(("x-ray", 1)));
        assert!(matches!(natures::update(db, "none", "x", ACTOR).await, Err(StoreError::NotFound(_))));
        assert!(matches!(natures::get_counted(db, "none").await, Err(StoreError::NotFound(_))));
    }
}
