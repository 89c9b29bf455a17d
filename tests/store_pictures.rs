//! Stories of the store: pictures, ratings, galleries, and the repair of derived values.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, names, new_picture, nobody, object, picture, point, rect, user};
use ocellus::model::picture::RatingCounts;
use ocellus::model::{Account, PageRequest, PictureChange, Point, Region, Shape, Viewer};
use ocellus::server::store::picture_changes::{self, UpdateOutcome};
use ocellus::server::store::pictures::NamesUsed;
use ocellus::server::store::{
    Db, Engine, StoreError, Urls, blobs, galleries, objects, picture_copy, pictures, ratings, regions, repair,
    surroundings, text_index,
};

fn urls() -> Urls {
    Urls { public_url: "https://images.example.org".into() }
}

/// The indexes of a SQLite database with how they are made.
async fn indexes(db: &Db) -> Vec<(String, String)> {
    use sea_query::{Expr, ExprTrait, Order};
    let indexes = sea_query::Query::select()
        .columns(["name", "sql"])
        .from("sqlite_schema")
        .and_where(Expr::col("type").eq("index"))
        .and_where(Expr::col("sql").is_not_null())
        .order_by("name", Order::Asc)
        .to_owned();
    if db.engine() == Engine::Sqlite { db.all(&indexes).await.unwrap() } else { Vec::new() }
}

on_both_databases! {
    async fn a_file_is_recorded_once_and_for_as_long_as_a_picture_has_it(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let first = picture(db, ada).await;
        let mut again = new_picture(ada, "Again");
        again.blob.created_at += 1;
        let second = pictures::insert(db, again).await.unwrap();
        let file = blob('a');
        let visible = async || blobs::visible(db, &nobody(), &file.hash).await.unwrap();
        assert_eq!(visible().await, Some(file.clone()));
        assert_eq!(blobs::visible(db, &nobody(), "none").await.unwrap(), None);
        picture_changes::delete(db, first, ACTOR).await.unwrap();
        assert_eq!(visible().await, Some(file.clone()));
        picture_changes::delete(db, second, ACTOR).await.unwrap();
        assert_eq!(visible().await, None);
        assert!(blobs::hashes(db).await.unwrap().is_empty());
    }

    async fn who_expects_much_hears_of_rows_that_refer_to_nothing(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        db.expect_much().await.unwrap();
        let id = picture(db, ada).await;
        db.take_stock().await.unwrap();
        let rating = |picture: i64| {
            sea_query::Query::insert()
                .into_table("ratings")
                .columns(["picture", "user_id", "rating", "created_at"])
                .values_panic([picture.into(), ada.into(), 3.into(), NOW.into()])
                .to_owned()
        };
        db.expect_much().await.unwrap();
        // PostgreSQL says so at once.
        let refused = match db.execute(&rating(id + 1)).await {
            Ok(_) => db.take_stock().await,
            Err(error) => Err(error),
        };
        assert!(refused.is_err());
        // From then on, SQLite does as well.
        assert!(db.execute(&rating(id + 2)).await.is_err());
    }

    async fn indexes_that_are_put_off_come_again(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let all = indexes(db).await;
        db.expect_much().await.unwrap();
        if db.engine() == Engine::Sqlite {
            let rest = indexes(db).await;
            assert!(!rest.iter().any(|(name, _)| name == "regions_object"));
            assert!(rest.iter().any(|(name, _)| name == "pictures_replaced_by_key"));
        }
        picture(db, ada).await;
        // Whoever was to make them did not come to that.
        db.migrate().await.unwrap();
        assert_eq!(indexes(db).await, all);
        // Nobody waits for them to be made again once there are pictures.
        db.expect_much().await.unwrap();
        assert_eq!(indexes(db).await, all);
        db.take_stock().await.unwrap();
        assert_eq!(indexes(db).await, all);
    }

    async fn a_refused_picture_leaves_no_file(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut refused = new_picture(ada, "No");
        refused.nature = "fotoo".into();
        let names = NamesUsed { nature: "fotoo", licences: &[], regions: &[rect(0.1, "Cat")], replaces: None };
        match pictures::check_names(db, names).await {
            Err(StoreError::Invalid(errors)) => {
                let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
                assert_eq!(fields, ["nature", "annotations[0].object"]);
            }
            other => panic!("{other:?}"),
        }
        assert!(pictures::insert(db, refused).await.is_err());
        assert!(blobs::hashes(db).await.unwrap().is_empty());
        let old = picture(db, ada).await;
        let names = NamesUsed { nature: "photo", licences: &[], regions: &[], replaces: Some(old) };
        pictures::check_names(db, names).await.unwrap();
        let better = pictures::NewPicture { replaces: Some(old), ..new_picture(ada, "Better") };
        pictures::insert(db, better).await.unwrap();
        assert!(matches!(pictures::check_names(db, names).await, Err(StoreError::Conflict(_))));
    }

    async fn a_file_comes_and_goes_with_pictures_at_once(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let rounds = (0..6).map(|_| async {
            for _ in 0..10 {
                let id = picture(db, ada).await;
                picture_changes::delete(db, id, ACTOR).await.unwrap();
            }
        });
        futures::future::join_all(rounds).await;
        assert!(blobs::hashes(db).await.unwrap().is_empty());
    }

    async fn rows_of_files_that_no_picture_has_are_found(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        picture(db, ada).await;
        // As an older version of the program left them.
        let orphan = blob('b');
        let insert = sea_query::Query::insert()
            .into_table("blobs")
            .columns(["hash", "sha256", "md5", "size", "media_type", "extension", "created_at"])
            .values_panic([
                orphan.hash.as_str().into(),
                orphan.sha256.into(),
                orphan.md5.into(),
                orphan.size.into(),
                orphan.media_type.into(),
                orphan.extension.into(),
                orphan.created_at.into(),
            ])
            .to_owned();
        db.execute(&insert).await.unwrap();
        assert_eq!(blobs::visible(db, &nobody(), &orphan.hash).await.unwrap(), None);
        assert!(blobs::unused(db, NOW).await.unwrap().is_empty());
        let unused = blobs::unused(db, NOW + 1).await.unwrap();
        assert_eq!(unused, [orphan.hash.as_str()]);
        assert_eq!(blobs::delete_unused(db, &[orphan.hash, blob('a').hash]).await.unwrap(), 1);
        assert_eq!(blobs::hashes(db).await.unwrap(), [blob('a').hash]);
    }

    async fn pictures_with_too_many_regions_for_one_answer_are_refused(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let mut new = new_picture(ada, "Large");
        let long: Vec<Point> = (0..400_000).map(|n| Point { x: f64::from(n) / 1e6, y: 0.123_456_789 }).collect();
        new.regions = vec![Region { id: None, shape: Shape::Polyline(long), object: "Cat".into() }];
        let mut ids = Vec::new();
        for _ in 0..6 {
            ids.push(pictures::insert(db, new.clone()).await.unwrap());
        }
        assert_eq!(pictures::by_ids(db, &nobody(), &ids[..1], &urls()).await.unwrap().len(), 1);
        match pictures::by_ids(db, &nobody(), &ids, &urls()).await {
            Err(StoreError::Invalid(errors)) => assert_eq!(errors[0].field, "limit"),
            other => panic!("{} pictures", other.unwrap().len()),
        }
    }

    async fn a_picture_comes_back_whole(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let original = picture(db, ada).await;
        let mut new = new_picture(ada, "Straße im Regen");
        new.description = "Zwei\nZeilen".into();
        new.origin_url = Some("https://Example.org/Bild".into());
        new.licences = names(&["MIT", "CC-BY-4.0", "MIT"]);
        new.regions = vec![rect(0.1, "Cat"), point(0.2, 0.3, "Cat")];
        new.copied_from = Some(original);
        let id = pictures::insert(db, new).await.unwrap();
        let detail = pictures::get(db, &nobody(), id, &urls()).await.unwrap();
        assert_eq!(detail.revision, 1);
        let got = detail.picture;
        assert_eq!((got.title.as_str(), got.description.as_str()), ("Straße im Regen", "Zwei\nZeilen"));
        assert_eq!((got.author.as_str(), got.nature.as_str(), got.timestamp), ("ada", "photo", NOW));
        assert_eq!((got.width, got.height, got.file_format.as_str()), (640, 480, "image/png"));
        assert_eq!(got.origin_url.as_deref(), Some("https://Example.org/Bild"));
        assert_eq!(got.licences, ["CC-BY-4.0", "MIT"]);
        assert_eq!((got.copied_from, got.replaces, got.replaced_by), (Some(original), None, None));
        assert_eq!(got.regions.len(), 2);
        assert_eq!(got.regions[1].shape, point(0.2, 0.3, "Cat").shape);
        assert_eq!(got.download, format!("https://images.example.org/image/{}.png", "a".repeat(64)));
        assert_eq!(pictures::owner_of(db, &nobody(), id).await.unwrap().author, ada);
        assert_eq!(pictures::get(db, &nobody(), original, &urls()).await.unwrap().revision, 0);
        assert!(matches!(pictures::get(db, &nobody(), 999, &urls()).await, Err(StoreError::NotFound(_))));
        assert!(matches!(pictures::owner_of(db, &nobody(), 999).await, Err(StoreError::NotFound(_))));
    }

    async fn several_pictures_come_in_the_order_asked_for(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut ids = Vec::new();
        for _ in 0..4 {
            ids.push(picture(db, ada).await);
        }
        let wanted = [ids[2], 999, ids[0], ids[3]];
        let got = pictures::by_ids(db, &nobody(), &wanted, &urls()).await.unwrap();
        assert_eq!(got.iter().map(|picture| picture.id).collect::<Vec<_>>(), [ids[2], ids[0], ids[3]]);
        assert_eq!(pictures::by_ids(db, &nobody(), &[], &urls()).await.unwrap(), []);
    }

    async fn unknown_names_are_all_reported(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut new = new_picture(ada, "No");
        new.nature = "fotoo".into();
        new.licences = names(&["MIT", "CC-BY-9.0"]);
        match pictures::insert(db, new).await {
            Err(StoreError::Invalid(errors)) => {
                let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
                assert_eq!(fields, ["nature", "licence[1]"]);
            }
            other => panic!("{other:?}"),
        }
    }

    async fn a_picture_is_replaced_once(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let old = picture(db, ada).await;
        let mut new = new_picture(ada, "Better");
        new.replaces = Some(old);
        let tries = (0..8).map(|_| pictures::insert(db, new.clone()));
        let tries = futures::future::join_all(tries).await;
        let won: Vec<i64> = tries.iter().filter_map(|outcome| outcome.as_ref().ok().copied()).collect();
        assert_eq!(won.len(), 1);
        assert!(tries.iter().filter(|t| t.is_err()).all(|t| matches!(t, Err(StoreError::Conflict(_)))), "{tries:?}");
        let got = pictures::by_ids(db, &nobody(), &[old, won[0]], &urls()).await.unwrap();
        assert_eq!((got[0].replaced_by, got[1].replaces), (Some(won[0]), Some(old)));
        new.replaces = Some(999);
        assert!(matches!(pictures::insert(db, new).await, Err(StoreError::Invalid(_))));
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_chain_stays_whole_when_its_middle_goes(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let first = picture(db, ada).await;
        let mut chain = vec![first];
        for _ in 0..2 {
            let mut next = new_picture(ada, "Next");
            next.replaces = chain.last().copied();
            next.regions = vec![rect(0.1, "Cat")];
            chain.push(pictures::insert(db, next).await.unwrap());
        }
        ratings::set(db, chain[1], ada, Some(3), NOW).await.unwrap();
        regions::save(db, &nobody(), chain[1], None, &[], ada, NOW).await.unwrap();
        picture_changes::delete(db, chain[1], ACTOR).await.unwrap();
        let got = pictures::by_ids(db, &nobody(), &chain, &urls()).await.unwrap();
        assert_eq!(got.len(), 2);
        assert_eq!((got[0].replaced_by, got[1].replaces), (Some(chain[2]), Some(chain[0])));
        picture_changes::delete(db, chain[2], ACTOR).await.unwrap();
        assert_eq!(pictures::get(db, &nobody(), first, &urls()).await.unwrap().picture.replaced_by, None);
        assert!(matches!(picture_changes::delete(db, chain[2], ACTOR).await, Err(StoreError::NotFound(_))));
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn metadata_changes_and_the_rest_stays(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let id = picture(db, ada).await;
        let change = PictureChange {
            title: Some("ÄNDERUNG".into()),
            origin_url: Some(Some("http://example.org".into())),
            licence_ids: Some(names(&["MIT"])),
            ..PictureChange::default()
        };
        assert_eq!(picture_changes::update(db, id, None, &change, ACTOR).await.unwrap(), UpdateOutcome::Done);
        let got = pictures::get(db, &nobody(), id, &urls()).await.unwrap().picture;
        assert_eq!((got.title.as_str(), got.nature.as_str()), ("ÄNDERUNG", "photo"));
        assert_eq!((got.licences, got.origin_url.as_deref()), (names(&["MIT"]), Some("http://example.org")));
        let change = PictureChange {
            origin_url: Some(None),
            nature_id: Some("scan".into()),
            description: Some("x".into()),
            ..PictureChange::default()
        };
        picture_changes::update(db, id, None, &change, ACTOR).await.unwrap();
        let got = pictures::get(db, &nobody(), id, &urls()).await.unwrap().picture;
        assert_eq!((got.origin_url, got.nature.as_str(), got.description.as_str()), (None, "scan", "x"));
        assert!(matches!(picture_changes::update(db, 999, None, &change, ACTOR).await, Err(StoreError::NotFound(_))));
        let change = PictureChange {
            nature_id: Some("none".into()),
            licence_ids: Some(names(&["MIT", "NONE"])),
            ..PictureChange::default()
        };
        match picture_changes::update(db, id, None, &change, ACTOR).await {
            Err(StoreError::Invalid(errors)) => {
                let fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
                assert_eq!(fields, ["nature_id", "licence_ids[1]"]);
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn of_two_who_change_the_same_metadata_one_is_told(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let id = picture(db, ada).await;
        let to = |title: &str| PictureChange { title: Some(title.into()), ..PictureChange::default() };
        let tries = (0..10).map(|number| {
            let (db, change) = (db.clone(), to(&format!("Title {number}")));
            tokio::spawn(async move { picture_changes::update(&db, id, Some(0), &change, ACTOR).await.unwrap() })
        });
        let outcomes = futures::future::join_all(tries).await;
        let done = outcomes.into_iter().filter(|outcome| *outcome.as_ref().unwrap() == UpdateOutcome::Done).count();
        assert_eq!(done, 1);
        let got = pictures::get(db, &nobody(), id, &urls()).await.unwrap();
        assert_eq!(got.metadata_revision, 1);
        // Saving what is there already makes no new state, and so is no conflict for others.
        let same = to(&got.picture.title);
        assert_eq!(picture_changes::update(db, id, Some(1), &same, ACTOR).await.unwrap(), UpdateOutcome::Done);
        assert_eq!(picture_changes::update(db, id, Some(1), &to("Next"), ACTOR).await.unwrap(), UpdateOutcome::Done);
        assert_eq!(picture_changes::update(db, id, Some(1), &to("Late"), ACTOR).await.unwrap(), UpdateOutcome::Outdated);
        let got = pictures::get(db, &nobody(), id, &urls()).await.unwrap();
        assert_eq!((got.picture.title.as_str(), got.metadata_revision), ("Next", 2));
    }

    async fn a_copy_has_the_same_file_and_regions_and_a_life_of_its_own(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        object(db, "Cat", &[], ada).await;
        let mut new = new_picture(ada, "Original");
        new.regions = vec![rect(0.1, "Cat"), point(0.5, 0.5, "Cat")];
        new.keep_place = true;
        new.blob.exif = Some(r#"{"camera":"Box","place":{"latitude":1.5,"longitude":-2.0}}"#.into());
        let source = pictures::insert(db, new).await.unwrap();
        let copy = picture_copy::copy(db, &nobody(), source, bob, NOW + 5).await.unwrap();
        let got = pictures::get(db, &nobody(), copy, &urls()).await.unwrap();
        let original = pictures::get(db, &nobody(), source, &urls()).await.unwrap();
        assert_eq!((got.picture.author.as_str(), got.picture.copied_from), ("bob", Some(source)));
        assert_eq!((got.picture.timestamp, got.revision, got.metadata_revision), (NOW + 5, 1, 0));
        assert_eq!((&got.picture.download, &got.picture.licences), (&original.picture.download, &original.picture.licences));
        let shapes = |regions: &[Region]| regions.iter().map(|region| region.shape.clone()).collect::<Vec<_>>();
        assert_eq!(shapes(&got.picture.regions), shapes(&original.picture.regions));
        assert_ne!(got.picture.regions[0].id, original.picture.regions[0].id);
        assert_eq!((got.exif.clone(), got.exif.unwrap().place.unwrap().longitude), (original.exif, -2.0));
        regions::save(db, &nobody(), copy, None, &[], bob, NOW).await.unwrap();
        assert_eq!(pictures::get(db, &nobody(), source, &urls()).await.unwrap().picture.regions.len(), 2);
        // The source may go; the copy keeps the file, and no longer says where it comes from.
        picture_changes::delete(db, source, ACTOR).await.unwrap();
        assert_eq!(pictures::get(db, &nobody(), copy, &urls()).await.unwrap().picture.copied_from, None);
        assert!(blobs::visible(db, &nobody(), &blob('a').hash).await.unwrap().is_some());
        assert!(matches!(picture_copy::copy(db, &nobody(), source, bob, NOW).await, Err(StoreError::NotFound(_))));
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn a_copy_never_brings_a_file_back_that_is_going(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for _ in 0..20 {
            let source = picture(db, ada).await;
            let viewer = nobody();
            let (copied, deleted) =
                tokio::join!(picture_copy::copy(db, &viewer, source, ada, NOW), picture_changes::delete(db, source, ACTOR));
            deleted.unwrap();
            let file = blobs::visible(db, &nobody(), &blob('a').hash).await.unwrap();
            match copied {
                Ok(copy) => {
                    assert!(file.is_some());
                    picture_changes::delete(db, copy, ACTOR).await.unwrap();
                }
                Err(error) => assert!(matches!(error, StoreError::NotFound(_)) && file.is_none(), "{error:?}"),
            }
        }
        assert!(blobs::hashes(db).await.unwrap().is_empty());
    }

    async fn regions_are_carried_over_to_a_replacement(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Cat", &[], ada).await;
        let mut old = new_picture(ada, "Old");
        old.regions = vec![rect(0.1, "Cat"), rect(0.4, "Cat")];
        let old = pictures::insert(db, old).await.unwrap();
        let better =
            pictures::NewPicture { replaces: Some(old), carry_regions: true, ..new_picture(ada, "Better") };
        let better = pictures::insert(db, better).await.unwrap();
        let got = pictures::get(db, &nobody(), better, &urls()).await.unwrap();
        assert_eq!((got.picture.regions.len(), got.revision, got.picture.replaces), (2, 1, Some(old)));
        assert_eq!(pictures::get(db, &nobody(), old, &urls()).await.unwrap().picture.regions.len(), 2);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn the_place_is_known_only_where_everybody_keeps_it(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        let mut new = new_picture(ada, "Home");
        new.blob.exif = Some(r#"{"place":{"latitude":1.5,"longitude":2.5}}"#.into());
        let hidden = pictures::insert(db, new.clone()).await.unwrap();
        assert_eq!(pictures::get(db, &nobody(), hidden, &urls()).await.unwrap().exif, None);
        assert!(!blobs::keeps_place(db, &nobody(), &new.blob.hash).await.unwrap());
        let kept = pictures::NewPicture { author: bob, keep_place: true, ..new.clone() };
        let kept = pictures::insert(db, kept).await.unwrap();
        // The file is the same, and ada did not agree.
        assert!(!blobs::keeps_place(db, &nobody(), &new.blob.hash).await.unwrap());
        let place = async |id| {
            let exif = pictures::get(db, &nobody(), id, &urls()).await.unwrap().exif;
            exif.and_then(|exif| exif.place).map(|place| (place.latitude, place.longitude))
        };
        assert_eq!(place(kept).await, None);
        picture_changes::delete(db, hidden, ACTOR).await.unwrap();
        assert!(blobs::keeps_place(db, &nobody(), &new.blob.hash).await.unwrap());
        assert_eq!(place(kept).await, Some((1.5, 2.5)));
        // Whoever stops showing it stops all copies.
        let copy = picture_copy::copy(db, &nobody(), kept, ada, NOW).await.unwrap();
        assert_eq!(place(copy).await, Some((1.5, 2.5)));
        let hide = PictureChange { keep_place: Some(false), ..PictureChange::default() };
        picture_changes::update(db, kept, None, &hide, ACTOR).await.unwrap();
        assert_eq!((place(kept).await, place(copy).await), (None, None));
    }

    async fn what_a_camera_wrote_is_no_matter_of_lists(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut new = new_picture(ada, "Broken");
        new.blob.exif = Some("no JSON".into());
        let id = pictures::insert(db, new).await.unwrap();
        assert_eq!(pictures::by_ids(db, &nobody(), &[id], &urls()).await.unwrap().len(), 1);
        assert_eq!(pictures::cards(db, &nobody(), &[id], &urls()).await.unwrap().len(), 1);
        assert!(pictures::get(db, &nobody(), id, &urls()).await.is_err());
    }

    async fn a_card_is_small_however_many_regions_there_are(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let names = ["Ant", "Bee", "Cat", "Dog", "Eel", "Fox", "Gnu"];
        for name in names {
            object(db, name, &[], ada).await;
        }
        let mut new = new_picture(ada, "Many");
        // The later in the alphabet, the more there are; of the first four there are as many.
        let show = |(number, name): (usize, &'static str)| (0..300.max(100 * number)).map(move |_| rect(0.1, name));
        new.regions = names.into_iter().enumerate().flat_map(show).collect();
        let count = new.regions.len() as i64;
        let (many, none) = (pictures::insert(db, new).await.unwrap(), picture(db, ada).await);
        let cards = pictures::cards(db, &nobody(), &[none, many, 999], &urls()).await.unwrap();
        assert_eq!(cards.iter().map(|card| (card.picture.id, card.region_count)).collect::<Vec<_>>(), [(none, 0), (many, count)]);
        assert_eq!(cards[0].objects, Vec::<String>::new());
        assert_eq!(cards[1].objects, ["Gnu", "Fox", "Eel", "Ant", "Bee"]);
        assert!(serde_json::to_string(&cards[1]).unwrap().len() < 1000);
    }

    async fn the_page_tells_what_hangs_on_a_picture(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        let id = picture(db, ada).await;
        let gallery = galleries::insert(db, "Cats", "", ada, NOW).await.unwrap();
        galleries::add_picture(db, &nobody(), gallery, id, ACTOR).await.unwrap();
        let copy = picture_copy::copy(db, &nobody(), id, bob, NOW).await.unwrap();
        let copy = picture_copy::copy(db, &nobody(), copy, bob, NOW).await.unwrap();
        let original = surroundings::get(db, &nobody(), copy).await.unwrap().original.unwrap();
        assert_eq!((original.id, original.author.as_str()), (id, "ada"), "a copy of a copy");
        ratings::set(db, id, bob, Some(4), NOW).await.unwrap();
        let viewer = |id, admin, read_only| {
            Viewer { account: Some(Account { id, username: "somebody".into(), admin }), read_only }
        };
        let strangers = surroundings::get(db, &nobody(), id).await.unwrap();
        assert_eq!((strangers.may_edit, strangers.own_rating, strangers.original), (false, None, None));
        assert_eq!((strangers.gallery_count, strangers.copy_count, strangers.size_bytes), (1, 1, 1234));
        assert_eq!(strangers.galleries, [(gallery, "Cats".to_owned())]);
        let may_edit = async |viewer| surroundings::get(db, &viewer, id).await.unwrap().may_edit;
        assert!(may_edit(viewer(ada, false, false)).await && may_edit(viewer(bob, true, false)).await);
        assert!(!may_edit(viewer(bob, false, false)).await && !may_edit(viewer(ada, false, true)).await);
        let bobs = surroundings::get(db, &viewer(bob, false, false), id).await.unwrap();
        assert_eq!(bobs.own_rating, Some(4));
        assert!(matches!(surroundings::get(db, &nobody(), 999).await, Err(StoreError::NotFound(_))));
    }

    async fn ratings_add_up_however_many_come_at_once(test: &TestDb) {
        let db = &test.db;
        let mut raters = Vec::new();
        for number in 0..50 {
            raters.push(user(db, &format!("rater-{number}")).await);
        }
        let id = picture(db, raters[0]).await;
        let tries = raters.iter().enumerate().map(|(number, &rater)| {
            let db = db.clone();
            tokio::spawn(async move {
                let last = (number % 5 + 1) as u8;
                for rating in [Some(1), None, Some(5), Some(last), Some(last)] {
                    ratings::set(&db, id, rater, rating, NOW).await.unwrap();
                }
            })
        });
        for outcome in futures::future::join_all(tries).await {
            outcome.unwrap();
        }
        let rating = pictures::get(db, &nobody(), id, &urls()).await.unwrap().rating;
        assert_eq!(rating.rating_average, Some(3.0));
        let each = RatingCounts { one: 10, two: 10, three: 10, four: 10, five: 10 };
        assert_eq!(rating.rating_count, each);
        assert_eq!(repair::check(db).await.unwrap(), []);
        for rater in raters {
            ratings::set(db, id, rater, None, NOW).await.unwrap();
        }
        assert_eq!(pictures::get(db, &nobody(), id, &urls()).await.unwrap().rating.rating_average, None);
        assert!(matches!(ratings::set(db, id, 1, Some(6), NOW).await, Err(StoreError::Invalid(_))));
        assert!(matches!(ratings::set(db, 999, 1, Some(5), NOW).await, Err(StoreError::NotFound(_))));
    }

    async fn galleries_hold_pictures_and_trust_people(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let grace = user(db, "grace").await;
        let (one, two) = (picture(db, ada).await, picture(db, ada).await);
        let id = galleries::insert(db, "Best", "Of all", ada, NOW).await.unwrap();
        let empty = galleries::insert(db, "Empty", "", grace, NOW).await.unwrap();
        for picture in [two, one, one] {
            galleries::add_picture(db, &nobody(), id, picture, ACTOR).await.unwrap();
        }
        let page = galleries::list(db, None, None, PageRequest { offset: 0, limit: 10 }).await.unwrap();
        assert_eq!(page.total, 2);
        let rows: Vec<_> = page.items.iter().map(|g| (g.id, g.title.as_str(), g.owner.as_str(), g.pictures)).collect();
        assert_eq!(rows, [(empty, "Empty", "grace", 0), (id, "Best", "ada", 2)]);
        assert_eq!((page.items[0].cover.clone(), page.items[1].cover.clone()), (None, Some("a".repeat(64))));
        for _ in 0..2 {
            galleries::remove_picture(db, id, two, ACTOR).await.unwrap();
        }

        let account = |id, admin| Account { id, username: String::new(), admin };
        assert!(!galleries::may_edit(db, id, &account(grace, false)).await.unwrap());
        assert!(galleries::may_edit(db, id, &account(grace, true)).await.unwrap());
        for _ in 0..2 {
            galleries::add_user(db, id, "grace", ACTOR).await.unwrap();
        }
        assert!(galleries::may_edit(db, id, &account(grace, false)).await.unwrap());
        assert!(!galleries::may_manage(db, id, &account(grace, false)).await.unwrap());
        assert!(galleries::may_manage(db, id, &account(ada, false)).await.unwrap());
        galleries::update(db, id, Some("Better"), Some("Of most"), ACTOR).await.unwrap();
        let got = galleries::get(db, id).await.unwrap();
        assert_eq!((got.title.as_str(), got.description.as_str(), got.owner.as_str()), ("Better", "Of most", "ada"));
        assert_eq!(got.users, ["grace"]);
        galleries::remove_user(db, id, "grace", ACTOR).await.unwrap();
        assert_eq!(galleries::get(db, id).await.unwrap().users, names(&[]));

        picture_changes::delete(db, one, ACTOR).await.unwrap();
        let page = galleries::list(db, None, None, PageRequest { offset: 1, limit: 10 }).await.unwrap();
        assert_eq!((page.items[0].pictures, page.items[0].cover.as_deref()), (0, None));
        galleries::delete(db, id, ACTOR).await.unwrap();
        for outcome in [
            galleries::delete(db, id, ACTOR).await,
            galleries::update(db, id, Some(""), Some(""), ACTOR).await,
            galleries::add_picture(db, &nobody(), id, two, ACTOR).await,
            galleries::add_picture(db, &nobody(), empty, 999, ACTOR).await,
            galleries::remove_picture(db, id, two, ACTOR).await,
            galleries::add_user(db, empty, "alan", ACTOR).await,
        ] {
            assert!(matches!(outcome, Err(StoreError::NotFound(_))), "{outcome:?}");
        }
    }

    async fn repair_finds_and_mends_what_was_tampered_with(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        object(db, "Animal", &[], ada).await;
        object(db, "Cat", &["Animal"], ada).await;
        let old = picture(db, ada).await;
        let mut new = new_picture(ada, "Title");
        new.regions = vec![rect(0.1, "Cat"), rect(0.3, "Cat")];
        new.replaces = Some(old);
        let id = pictures::insert(db, new).await.unwrap();
        ratings::set(db, id, ada, Some(4), NOW).await.unwrap();
        let before = pictures::get(db, &nobody(), id, &urls()).await.unwrap();

        use sea_query::{Expr, ExprTrait, Query};
        let all = Expr::val(1).eq(1);
        for statement in [
            Query::update()
                .table("pictures")
                .values([
                    ("title_folded", "x".into()),
                    ("description_folded", "x".into()),
                    ("origin_key", "x".into()),
                    ("region_count", 9.into()),
                    ("region_bytes", 9.into()),
                    ("rating_sum", 9.into()),
                    ("rating_count", 9.into()),
                    ("replaced_by", Expr::null()),
                ])
                .to_owned(),
            Query::update().table("picture_objects").value("count", 9).to_owned(),
            Query::update().table("regions").value("w", 0.5).to_owned(),
            Query::update().table("objects").value("name_folded", Expr::col("name")).to_owned(),
        ] {
            db.execute(&statement).await.unwrap();
        }
        db.execute(&Query::delete().from_table("object_closure").and_where(all).to_owned()).await.unwrap();

        let found = repair::check(db).await.unwrap();
        let columns: std::collections::BTreeSet<_> = found.iter().map(|difference| difference.column).collect();
        let expected = [
            "ancestors", "bounds", "counts", "description_folded", "name_folded", "origin_key", "rating_count",
            "rating_sum", "region_bytes", "region_count", "replaced_by", "title_folded",
        ];
        assert_eq!(columns.into_iter().collect::<Vec<_>>(), expected);
        assert!(found.iter().any(|difference| {
            difference.to_string() == format!("pictures {id}: region_count is 9, should be 2")
        }));
        assert_eq!(repair::repair(db).await.unwrap(), found);
        assert_eq!(repair::check(db).await.unwrap(), []);
        assert_eq!(pictures::get(db, &nobody(), id, &urls()).await.unwrap(), before);
        assert_eq!(objects::get(db, "Animal").await.unwrap().pictures, 1);
    }

    async fn the_index_of_texts_is_compared_with_the_pictures(test: &TestDb) {
        use sea_query::Query;
        let db = &test.db;
        let ada = user(db, "ada").await;
        for title in ["Winter", "Summer"] {
            pictures::insert(db, new_picture(ada, title)).await.unwrap();
        }
        assert!(text_index::is_whole(db).await.unwrap());
        for index in 0..2 {
            match (db.engine(), index) {
                (Engine::Sqlite, 0) => {
                    let ghost = Query::insert()
                        .into_table("picture_texts")
                        .columns(["rowid", "title_folded"])
                        .values_panic([999.into(), "nobody's".into()])
                        .to_owned();
                    db.execute(&ghost).await.unwrap();
                }
                (Engine::Sqlite, _) => {
                    let forgotten = Query::insert()
                        .into_table("picture_texts")
                        .columns(["picture_texts", "rowid", "title_folded"])
                        .values_panic(["delete".into(), 1.into(), "winter".into()])
                        .to_owned();
                    db.execute(&forgotten).await.unwrap();
                }
                (Engine::Postgres, 0) => {
                    let other = Query::update().table("picture_texts").value("title_folded", "x").to_owned();
                    db.execute(&other).await.unwrap();
                }
                (Engine::Postgres, _) => {
                    db.execute(&Query::delete().from_table("picture_texts").to_owned()).await.unwrap();
                }
            }
            assert!(!text_index::is_whole(db).await.unwrap());
            text_index::rebuild(db).await.unwrap();
            assert!(text_index::is_whole(db).await.unwrap());
        }
    }

    async fn postgres_has_an_index_of_texts_that_is_kept_from_everywhere(test: &TestDb) {
        use sea_query::{Expr, ExprTrait, Query};
        let db = &test.db;
        if db.engine() == Engine::Sqlite {
            return;
        }
        let indexes = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from("pg_indexes")
            .and_where(Expr::col("schemaname").eq(Expr::cust("current_schema()")))
            .and_where(Expr::col("indexdef").like("%gin_trgm_ops%"))
            .to_owned();
        assert_eq!(db.scalar::<i64>(&indexes).await.unwrap(), 2);
        db.migrate().await.unwrap();
        assert_eq!(db.scalar::<i64>(&indexes).await.unwrap(), 2);

        let ada = user(db, "ada").await;
        pictures::insert(db, new_picture(ada, "Winter")).await.unwrap();
        let schema = Query::select().expr(Expr::cust("current_schema()::text")).to_owned();
        let schema: String = db.scalar(&schema).await.unwrap();
        // An administrator's program looks for tables elsewhere.
        let elsewhere = test.url.replace(&format!("search_path]={schema}"), "search_path]=public");
        assert_ne!(elsewhere, test.url);
        let other = Db::connect(&elsewhere).await.unwrap();
        let rename = Query::update().table((schema, "pictures")).value("title_folded", "summer").to_owned();
        assert_eq!(other.execute(&rename).await.unwrap(), 1);
        other.close().await;
        assert!(text_index::is_whole(db).await.unwrap());
        let kept = Query::select().column("title_folded").from("picture_texts").to_owned();
        assert_eq!(db.column::<String>(&kept).await.unwrap(), ["summer"]);
    }
}
