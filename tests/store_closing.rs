//! Stories of the store: closing an account in each of the three ways, and what a user has done.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, names, new_picture, nobody, object, picture, promote, rect, user};
use ocellus::model::{Account, AccountChange, Holdings, PageRequest, PicturesFate, Viewer};
use ocellus::server::auth::links::{self, Purpose};
use ocellus::server::auth::tokens::hash_token;
use ocellus::server::store::tokens::Scope;
use ocellus::server::store::{
    Db, StoreError, Urls, administration, closing, contributions, galleries, picture_bulk, picture_copy, pictures,
    ratings, region_history, regions, repair, sessions, tokens, users,
};

fn urls() -> Urls {
    Urls { public_url: "https://ocellus.example".into() }
}

const ALL: PageRequest = PageRequest { offset: 0, limit: 100 };

/// A site where Ada, who is about to leave, has something of every kind, and Bob builds on it.
struct Site {
    ada: i64,
    bob: i64,
    /// Ada's, with regions, rated by both, and replaced by `newer`.
    old: i64,
    /// Ada's, in Bob's gallery.
    newer: i64,
    /// Bob's, with a region by Ada, rated by both.
    his: i64,
    /// Bob's copy of `newer`.
    copy: i64,
    her_gallery: i64,
    his_gallery: i64,
    link: String,
}

async fn save(db: &Db, picture: i64, objects: &[&str], author: i64) {
    let wanted: Vec<_> = objects.iter().enumerate().map(|(place, object)| rect(0.1 * place as f64, object)).collect();
    regions::save(db, &nobody(), picture, None, &wanted, author, NOW).await.unwrap();
}

impl Site {
    async fn make(db: &Db) -> Self {
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        object(db, "Cat", &[], ada).await;
        object(db, "Dog", &[], bob).await;
        let old = picture(db, ada).await;
        save(db, old, &["Cat", "Dog"], ada).await;
        let newer = pictures::NewPicture { blob: blob('b'), replaces: Some(old), ..new_picture(ada, "Newer") };
        let newer = pictures::insert(db, newer).await.unwrap();
        let his = picture(db, bob).await;
        save(db, his, &["Dog"], bob).await;
        save(db, his, &["Dog", "Cat"], ada).await;
        let copy = picture_copy::copy(db, &nobody(), newer, bob, NOW).await.unwrap();
        for (picture, who, rating) in [(old, ada, 5), (old, bob, 2), (his, ada, 4), (his, bob, 1), (copy, ada, 3)] {
            ratings::set(db, picture, who, Some(rating), NOW).await.unwrap();
        }
        let her_gallery = galleries::insert(db, "Hers", "", ada, NOW).await.unwrap();
        let his_gallery = galleries::insert(db, "His", "", bob, NOW).await.unwrap();
        for gallery in [her_gallery, his_gallery] {
            galleries::add_pictures(db, &nobody(), gallery, &[newer, his], ACTOR).await.unwrap();
            galleries::set_cover(db, &nobody(), gallery, Some(newer), ACTOR).await.unwrap();
        }
        galleries::add_user(db, his_gallery, "ada", ACTOR).await.unwrap();
        tokens::insert(db, ada, "night", &hash_token("hers"), Scope::Write, None, NOW).await.unwrap();
        tokens::insert(db, bob, "day", &hash_token("his"), Scope::Write, None, NOW).await.unwrap();
        for (id, user) in [("hers", ada), ("his", bob)] {
            let content = sessions::Content {
                data: "{}".into(),
                expires_at: NOW + 100,
                user: Some(user),
                ..sessions::Content::default()
            };
            assert!(sessions::create(db, id, &content).await.unwrap());
        }
        let link = links::issue(db, Purpose::PasswordReset, Some(ada), 100, NOW).await.unwrap();
        Self { ada, bob, old, newer, his, copy, her_gallery, his_gallery, link }
    }

    /// What is so whatever becomes of the pictures.
    async fn check_end(&self, db: &Db, name: &str) {
        assert_eq!(repair::check(db).await.unwrap(), []);
        assert_eq!(users::by_name(db, name).await.unwrap(), None, "nobody signs in as {name}");
        assert_eq!(users::by_id(db, self.ada).await.unwrap(), None);
        let list = users::list(db, None, ALL).await.unwrap();
        assert_eq!((list.total, list.items[0].id.as_str()), (1, "bob"));
        assert!(tokens::by_hash(db, &hash_token("hers"), NOW).await.unwrap().is_none());
        assert!(tokens::by_hash(db, &hash_token("his"), NOW).await.unwrap().is_some());
        assert!(sessions::load(db, "hers", NOW).await.unwrap().is_none());
        assert!(sessions::load(db, "his", NOW).await.unwrap().is_some());
        assert!(links::peek(db, Purpose::PasswordReset, &self.link, NOW).await.unwrap().is_none());
        assert!(matches!(galleries::get(db, self.her_gallery).await, Err(StoreError::NotFound(_))));
        assert_eq!(galleries::get(db, self.his_gallery).await.unwrap().users, names(&[]));
        let added = galleries::add_user(db, self.his_gallery, name, ACTOR).await;
        assert!(matches!(added, Err(StoreError::NotFound(_))), "{added:?}");
        assert!(matches!(users::set_password(db, name, "$").await, Err(StoreError::NotFound(_))));
        let change = AccountChange { admin: Some(true), ..AccountChange::default() };
        let promoted = administration::change(db, name, &change, ACTOR).await;
        assert!(matches!(promoted, Err(StoreError::Conflict(_))), "{promoted:?}");
        let password = administration::set_password(db, name, "$", ACTOR).await;
        assert!(matches!(password, Err(StoreError::Conflict(_))), "{password:?}");
        let token = administration::make_token(db, name, "new", "hash", Scope::Write, None, ACTOR).await;
        assert!(matches!(token, Err(StoreError::Conflict(_))), "{token:?}");
        // Her ratings are withdrawn, those of others stay.
        let rating = pictures::get(db, &nobody(), self.his, &urls()).await.unwrap().rating;
        assert_eq!(rating.rating_average, Some(1.0));
        assert_eq!(pictures::get(db, &nobody(), self.copy, &urls()).await.unwrap().rating.rating_average, None);
        // What she drew for others stays, under the name that she has now.
        assert_eq!(regions::annotations(db, &nobody(), self.his).await.unwrap().regions.len(), 2);
        let history = region_history::list(db, &nobody(), self.his, PageRequest { offset: 0, limit: 1 }).await.unwrap();
        assert_eq!(history.items[0].author.as_deref(), Some(name));
        let detail = contributions::detail(db, &nobody(), name).await.unwrap();
        assert!(detail.closed && !detail.profile.admin && detail.galleries == 0);
        assert_eq!(galleries::list(db, Some(name), None, ALL).await.unwrap().total, 0);
        assert_eq!(galleries::list(db, Some("bob"), None, ALL).await.unwrap().total, 1);
        // There is nothing left to close.
        let again = closing::close(db, self.ada, &PicturesFate::KeepName, NOW).await;
        assert!(matches!(again, Err(StoreError::NotFound(_))), "{again:?}");
    }
}

fn newcomer(name: &str) -> users::NewUser {
    users::NewUser { username: name.into(), password_hash: "$".into(), admin: false, joined: NOW }
}

on_both_databases! {
    async fn an_account_knows_what_hangs_on_it(test: &TestDb) {
        let site = Site::make(&test.db).await;
        let holdings = closing::holdings(&test.db, site.ada).await.unwrap();
        assert_eq!(holdings, Holdings { pictures: 2, galleries: 1, regions_elsewhere: 1, ratings: 3 });
        let holdings = closing::holdings(&test.db, site.bob).await.unwrap();
        assert_eq!(holdings, Holdings { pictures: 2, galleries: 1, regions_elsewhere: 0, ratings: 2 });
    }

    async fn pictures_stay_under_the_username(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        assert_eq!(closing::close(db, site.ada, &PicturesFate::KeepName, NOW).await.unwrap(), "ada");
        site.check_end(db, "ada").await;
        let picture = pictures::get(db, &nobody(), site.old, &urls()).await.unwrap();
        assert_eq!((picture.picture.author.as_str(), picture.picture.attribution), ("ada", None));
        // Of the ratings of her own picture the one by Bob is left.
        assert_eq!(picture.rating.rating_average, Some(2.0));
        let taken = users::insert(db, &newcomer("ada")).await;
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    }

    async fn pictures_stay_under_another_name(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        let fate = PicturesFate::Attribute("Ada Lovelace".into());
        let name = closing::close(db, site.ada, &fate, NOW).await.unwrap();
        assert_eq!(name, format!("deleted-{}", site.ada));
        site.check_end(db, &name).await;
        let picture = pictures::get(db, &nobody(), site.newer, &urls()).await.unwrap().picture;
        assert_eq!((picture.author.as_str(), picture.author_name()), (name.as_str(), "Ada Lovelace"));
        let detail = contributions::detail(db, &nobody(), &name).await.unwrap();
        assert_eq!((detail.attribution.as_deref(), detail.pictures), (Some("Ada Lovelace"), 2));
        // The old name leads nowhere, and nobody else gets it.
        assert!(matches!(contributions::detail(db, &nobody(), "ada").await, Err(StoreError::NotFound(_))));
        let retired = users::insert(db, &newcomer("ada")).await;
        assert!(matches!(retired, Err(StoreError::Conflict(_))), "{retired:?}");
        assert_eq!(users::by_name(db, "ada").await.unwrap(), None);
        users::insert(db, &newcomer("ada2")).await.unwrap();
    }

    async fn pictures_go(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        // More than go at once.
        let many: Vec<_> = (0..230).map(|number| new_picture(site.ada, &number.to_string())).collect();
        picture_bulk::insert_many(db, &many).await.unwrap();
        // Somebody has a name of the kind that closed accounts get.
        users::insert(db, &newcomer(&format!("deleted-{}", site.ada))).await.unwrap();
        let name = closing::close(db, site.ada, &PicturesFate::Delete, NOW).await.unwrap();
        assert_eq!(name, format!("deleted-{}-2", site.ada));
        for gone in [site.old, site.newer] {
            assert!(matches!(pictures::get(db, &nobody(), gone, &urls()).await, Err(StoreError::NotFound(_))));
        }
        assert_eq!(contributions::detail(db, &nobody(), &name).await.unwrap().pictures, 0);
        let shown = galleries::pictures(db, &nobody(), site.his_gallery, ALL).await.unwrap();
        assert_eq!(shown.items, [site.his]);
        assert_eq!(galleries::get(db, site.his_gallery).await.unwrap().cover, None);
        let copy = pictures::get(db, &nobody(), site.copy, &urls()).await.unwrap().picture;
        assert_eq!(copy.copied_from, None, "the file stays with the copy");
        assert!(copy.download.contains(&"b".repeat(64)));
        let other = users::by_name(db, &format!("deleted-{}", site.ada)).await.unwrap().unwrap();
        closing::close(db, other.id, &PicturesFate::KeepName, NOW).await.unwrap();
        site.check_end(db, &name).await;
    }

    async fn the_last_administrator_stays(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        for name in ["ada", "bob"] {
            promote(db, name).await;
        }
        // Both at once: one of them has to stay, and nothing of theirs is gone.
        let fate = PicturesFate::KeepName;
        let (ada, bob) = futures::join!(closing::close(db, site.ada, &fate, NOW), closing::close(db, site.bob, &fate, NOW));
        let refused = match (&ada, &bob) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            both => panic!("{both:?}"),
        };
        assert!(refused.to_string().contains("administrator"), "{refused}");
        let left = users::list(db, None, ALL).await.unwrap();
        assert_eq!((left.total, left.items[0].admin), (1, true));
        let last = users::by_name(db, &left.items[0].id).await.unwrap().unwrap().id;
        let pictures = closing::holdings(db, last).await.unwrap().pictures;
        assert!(matches!(closing::close(db, last, &PicturesFate::Delete, NOW).await, Err(StoreError::Conflict(_))));
        assert_eq!(closing::holdings(db, last).await.unwrap().pictures, pictures);
        assert_eq!(repair::check(db).await.unwrap(), []);
        // A second administrator lets the first one go.
        user(db, "carol").await;
        promote(db, "carol").await;
        closing::close(db, last, &PicturesFate::Delete, NOW).await.unwrap();
    }

    async fn ratings_and_closing_at_once_add_up(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        let rate = |picture: i64, who: i64, rating: u8| ratings::set(db, picture, who, Some(rating), NOW);
        let fate = PicturesFate::KeepName;
        let (closed, ..) = futures::join!(
            closing::close(db, site.ada, &fate, NOW),
            rate(site.his, site.bob, 5),
            rate(site.old, site.bob, 5),
            rate(site.his, site.ada, 1),
        );
        closed.unwrap();
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn nothing_is_posted_for_who_is_kept_out(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        let refused = async |user: i64| {
            let outcomes = [
                pictures::insert(db, new_picture(user, "Late")).await,
                picture_bulk::insert_many(db, &[new_picture(user, "Late")]).await.map(|ids| ids[0]),
                picture_copy::copy(db, &nobody(), site.his, user, NOW).await,
                galleries::insert(db, "Late", "", user, NOW).await,
            ];
            outcomes.iter().all(|outcome| matches!(outcome, Err(StoreError::Inactive)))
        };
        let keep_out = |suspended| AccountChange { suspended: Some(suspended), ..AccountChange::default() };
        administration::change(db, "ada", &keep_out(true), ACTOR).await.unwrap();
        assert!(refused(site.ada).await);
        administration::change(db, "ada", &keep_out(false), ACTOR).await.unwrap();
        pictures::insert(db, new_picture(site.ada, "In time")).await.unwrap();
        closing::close(db, site.ada, &PicturesFate::Delete, NOW).await.unwrap();
        assert!(refused(site.ada).await);
        let left = closing::holdings(db, site.ada).await.unwrap();
        assert_eq!((left.pictures, left.galleries), (0, 0));
    }

    async fn what_comes_while_an_account_is_closed_goes_or_is_refused(test: &TestDb) {
        let db = &test.db;
        let bob = user(db, "bob").await;
        let his = picture(db, bob).await;
        for round in 0..8 {
            let ada = user(db, &format!("ada{round}")).await;
            let old = picture(db, ada).await;
            let newer = pictures::NewPicture { replaces: Some(old), ..new_picture(ada, "Newer") };
            let viewer = nobody();
            let (closed, replaced, copied, gathered) = futures::join!(
                closing::close(db, ada, &PicturesFate::Delete, NOW),
                pictures::insert(db, newer),
                picture_copy::copy(db, &viewer, his, ada, NOW),
                galleries::insert(db, "Late", "", ada, NOW),
            );
            closed.unwrap();
            for outcome in [replaced, copied, gathered] {
                let fine = matches!(outcome, Ok(_) | Err(StoreError::Inactive | StoreError::Invalid(_)));
                assert!(fine, "{outcome:?}");
            }
            let left = closing::holdings(db, ada).await.unwrap();
            assert_eq!((left.pictures, left.galleries), (0, 0), "in round {round}");
        }
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn contributions_are_told_newest_first(test: &TestDb) {
        let db = &test.db;
        let site = Site::make(db).await;
        regions::save(db, &nobody(), site.old, None, &[rect(0.5, "Dog")], site.ada, NOW + 60).await.unwrap();
        let ada = Account { id: site.ada, username: "ada".into(), admin: false };
        let viewer = Viewer { account: Some(ada), read_only: false };
        let list = contributions::list(db, &viewer, "ada", ALL).await.unwrap();
        let told: Vec<_> = list.items.iter().map(|item| (item.picture, item.revision, item.timestamp)).collect();
        assert_eq!(told, [(site.old, 2, NOW + 60), (site.his, 2, NOW), (site.old, 1, NOW)]);
        assert_eq!((list.items[2].added, list.items[2].changed, list.items[2].removed), (2, 0, 0));
        let part = contributions::list(db, &viewer, "ada", PageRequest { offset: 1, limit: 1 }).await.unwrap();
        assert_eq!((part.total, part.items.as_slice()), (3, &list.items[1..2]));
        let detail = contributions::detail(db, &viewer, "ada").await.unwrap();
        assert_eq!((detail.pictures, detail.galleries, detail.regions, detail.annotated), (2, 1, 2, 2));
        assert!(!detail.closed);
        assert!(matches!(contributions::list(db, &viewer, "eve", ALL).await, Err(StoreError::NotFound(_))));
    }
}
