//! Stories of the store: what administrators do with accounts, and the log of what they do.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, new_picture, nobody, object, picture, point, promote, user};
use ocellus::model::administration::COMMAND_LINE;
use ocellus::model::{
    AccountChange, AuditAction, LicenceChange, MemberFilter, MemberKind, MemberOrder, ObjectChange, PageRequest,
    PictureChange, Viewer,
};
use ocellus::server::auth::links::Purpose;
use ocellus::server::auth::tokens::hash_token;
use ocellus::server::store::audit::{self, Actor};
use ocellus::server::store::tokens::Scope;
use ocellus::server::store::users::{self, NewUser, by_name};
use ocellus::server::store::{
    Db, StoreError, administration, galleries, licences, natures, object_merge, objects, password_reset,
    picture_changes, pictures, tokens,
};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

fn by(user: i64) -> Actor {
    Actor::user(user, NOW)
}

fn suspended(suspended: bool) -> AccountChange {
    AccountChange { suspended: Some(suspended), reason: " Spam. ".into(), ..AccountChange::default() }
}

fn administrator(admin: bool) -> AccountChange {
    AccountChange { admin: Some(admin), ..AccountChange::default() }
}

/// An administrator who always was one: nothing in the log tells how they became it.
async fn administrator_called(db: &Db, name: &str) -> i64 {
    let user = NewUser { username: name.into(), password_hash: "$".into(), admin: true, joined: NOW };
    users::insert(db, &user).await.unwrap()
}

fn titled(title: &str) -> PictureChange {
    PictureChange { title: Some(title.into()), ..PictureChange::default() }
}

/// The log as lines, the oldest first: who, what, on what, details.
async fn log(db: &Db) -> Vec<String> {
    let page = audit::list(db, None, None, ALL).await.unwrap();
    assert_eq!(page.total, page.items.len() as i64);
    let line = |entry: ocellus::model::AuditEntry| {
        let actor = entry.actor.unwrap_or_else(|| COMMAND_LINE.to_owned());
        format!("{actor}|{}|{}|{}", entry.action, entry.subject, entry.details)
    };
    page.items.into_iter().rev().map(line).collect()
}

async fn members(db: &Db, filter: MemberFilter, page: PageRequest) -> (Vec<String>, i64) {
    let page = administration::members(db, &filter, page).await.unwrap();
    (page.items.into_iter().map(|member| member.id).collect(), page.total)
}

on_both_databases! {
    async fn of_two_administrators_who_depose_each_other_one_stays(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        for round in 0..12 {
            for name in ["ada", "bob"] {
                administration::change(db, name, &suspended(false), ACTOR).await.unwrap();
                promote(db, name).await;
            }
            let (demote, suspend) = (administrator(false), suspended(true));
            let second = if round % 2 == 0 { &suspend } else { &demote };
            // Those who depose each other also wait for each other's rows; the command line waits for nobody.
            let (by_ada, by_bob) = if round % 3 == 0 { (by(ada), by(bob)) } else { (ACTOR, ACTOR) };
            let (one, other) = tokio::join!(
                administration::change(db, "ada", &demote, by_bob),
                administration::change(db, "bob", second, by_ada),
            );
            let refused = match (one, other) {
                (Ok(()), Err(refused)) | (Err(refused), Ok(())) => refused,
                outcomes => panic!("{outcomes:?}"),
            };
            assert!(matches!(refused, StoreError::Conflict(_)), "{refused:?}");
        }
    }

    async fn a_site_keeps_an_administrator_who_can_sign_in(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        user(db, "bob").await;
        promote(db, "ada").await;
        promote(db, "bob").await;
        administration::change(db, "bob", &suspended(true), by(ada)).await.unwrap();
        let before = log(db).await;
        // Bob is an administrator, too, but one who cannot sign in.
        for change in [administrator(false), suspended(true)] {
            assert!(matches!(administration::change(db, "ada", &change, ACTOR).await, Err(StoreError::Conflict(_))));
        }
        assert_eq!(log(db).await, before, "what was refused is not in the log");
        let row = by_name(db, "ada").await.unwrap().unwrap();
        assert_eq!((row.admin, row.suspended_at), (true, None));
        administration::change(db, "bob", &suspended(false), by(ada)).await.unwrap();
        match administration::change(db, "ada", &suspended(true), by(ada)).await {
            Err(StoreError::Conflict(sentence)) => assert_eq!(sentence, "you cannot suspend yourself"),
            other => panic!("{other:?}"),
        }
        administration::change(db, "ada", &administrator(false), by(ada)).await.unwrap();
        assert!(!by_name(db, "ada").await.unwrap().unwrap().admin);
        let missing = administration::change(db, "alan", &administrator(true), ACTOR).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
    }

    async fn who_is_kept_out_has_no_tokens_until_let_in(test: &TestDb) {
        let db = &test.db;
        let (ada, boss) = (user(db, "ada").await, user(db, "boss").await);
        tokens::insert(db, ada, "day", "hash", Scope::Write, None, NOW).await.unwrap();
        for _ in 0..2 {
            administration::change(db, "ada", &suspended(true), by(boss)).await.unwrap();
        }
        assert!(tokens::by_hash(db, "hash", NOW).await.unwrap().is_none());
        assert_eq!(by_name(db, "ada").await.unwrap().unwrap().suspended_at, Some(NOW));
        for _ in 0..2 {
            administration::change(db, "ada", &suspended(false), by(boss)).await.unwrap();
        }
        assert!(tokens::by_hash(db, "hash", NOW).await.unwrap().is_some());
        let expected = ["boss|user-suspended|user ada|Spam.", "boss|user-restored|user ada|Spam."];
        assert_eq!(log(db).await, expected, "what is so already makes no entry");
    }

    async fn without_its_entry_nothing_is_done(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let gallery = galleries::insert(db, "Mine", "", ada, NOW).await.unwrap();
        let own = picture(db, ada).await;
        object(db, "Cat", &[], ada).await;
        object(db, "Dog", &[], ada).await;
        // The log takes no actor whom nobody knows.
        let ghost = by(9999);
        let rename = ObjectChange { id: Some("Puss".into()), ..ObjectChange::default() };
        let nature = ocellus::model::Nature { id: "x-ray".into(), description: "Seen through.".into() };
        let licence = licences::get(db, "MIT").await.unwrap();
        let new = NewUser { username: "eve".into(), password_hash: "$".into(), admin: true, joined: NOW };
        let outcomes = [
            administration::change(db, "ada", &suspended(true), ghost).await,
            administration::change(db, "ada", &administrator(true), ghost).await,
            administration::add_user(db, &new, ghost).await.map(drop),
            administration::set_password(db, "ada", "$other", ghost).await,
            administration::make_token(db, "ada", "night", "hash", Scope::Read, None, ghost).await,
            password_reset::make_link(db, "ada", "purpose", "hash", NOW + 10, ghost).await,
            licences::insert(db, &ocellus::model::Licence { id: "X-new".into(), ..licence.clone() }, ghost).await,
            licences::update(db, "MIT", &LicenceChange { free: Some(!licence.free), ..LicenceChange::default() }, ghost)
                .await,
            natures::insert(db, &nature, ghost).await,
            natures::update(db, "photo", "Theirs.", ghost).await,
            galleries::update(db, gallery, Some("Theirs"), None, ghost).await,
            galleries::add_picture(db, &Viewer::default(), gallery, own, ghost).await,
            galleries::add_user(db, gallery, "ada", ghost).await,
            galleries::delete(db, gallery, ghost).await,
            objects::update(db, "Cat", &rename, ghost).await.map(drop),
            object_merge::merge(db, "Cat", "Dog", None, ghost).await.map(drop),
        ];
        for (index, outcome) in outcomes.into_iter().enumerate() {
            assert!(matches!(outcome, Err(StoreError::Conflict(_))), "{index}: {outcome:?}");
        }
        let on_pictures = [
            picture_changes::update(db, own, None, &titled("Theirs"), ghost).await.map(drop),
            picture_changes::update_many(db, &[own], &titled("Theirs"), ghost).await,
            picture_changes::delete(db, own, ghost).await,
        ];
        assert!(on_pictures.iter().all(|outcome| matches!(outcome, Err(StoreError::Inactive))), "{on_pictures:?}");
        assert_eq!(log(db).await, Vec::<String>::new());
        let row = by_name(db, "ada").await.unwrap().unwrap();
        assert_eq!((row.admin, row.suspended_at, row.password_hash.as_str()), (false, None, "$"));
        assert_eq!(by_name(db, "eve").await.unwrap(), None);
        assert!(tokens::by_hash(db, "hash", NOW).await.unwrap().is_none());
        assert_eq!(password_reset::redeem(db, "purpose", "hash", "$new", NOW).await.unwrap(), None);
        assert_eq!(licences::get(db, "MIT").await.unwrap(), licence);
        assert!(licences::get(db, "X-new").await.is_err() && natures::get_counted(db, "x-ray").await.is_err());
        assert_ne!(natures::get_counted(db, "photo").await.unwrap().item.description, "Theirs.");
        assert_eq!(pictures::owner_of(db, &Viewer::default(), own).await.unwrap().author, ada);
        let kept = galleries::get(db, gallery).await.unwrap();
        assert_eq!((kept.title.as_str(), kept.users.len()), ("Mine", 0));
        assert_eq!(galleries::pictures(db, &Viewer::default(), gallery, ALL).await.unwrap().total, 0);
        assert_eq!(objects::get(db, "Cat").await.unwrap().id, "Cat");
    }

    async fn rights_over_what_is_ones_own_make_no_entries(test: &TestDb) {
        let db = &test.db;
        let (ada, boss) = (user(db, "ada").await, administrator_called(db, "boss").await);
        let (own, others) = (picture(db, boss).await, picture(db, ada).await);
        let gallery = galleries::insert(db, "Trusting", "", ada, NOW).await.unwrap();
        galleries::add_user(db, gallery, "boss", by(ada)).await.unwrap();
        object(db, "Cat", &[], boss).await;
        object(db, "Dog", &[], ada).await;

        picture_changes::update(db, own, None, &titled("New"), by(boss)).await.unwrap();
        picture_changes::update(db, others, None, &titled("A picture"), by(boss)).await.unwrap();
        galleries::add_pictures(db, &Viewer::default(), gallery, &[own, others], by(boss)).await.unwrap();
        galleries::remove_picture(db, gallery, own, by(boss)).await.unwrap();
        let describe = ObjectChange { description: Some("Barks.".into()), ..ObjectChange::default() };
        objects::update(db, "Dog", &describe, by(boss)).await.unwrap();
        let rename = ObjectChange { id: Some("Puss".into()), ..ObjectChange::default() };
        objects::update(db, "Cat", &rename, by(boss)).await.unwrap();
        pictures::insert(db, ocellus::server::store::pictures::NewPicture { replaces: Some(own), ..new_picture(boss, "") })
            .await
            .unwrap();
        picture_changes::delete(db, own, by(boss)).await.unwrap();
        let nothing = LicenceChange { title: Some(licences::get(db, "MIT").await.unwrap().title), ..LicenceChange::default() };
        licences::update(db, "MIT", &nothing, by(boss)).await.unwrap();
        object_merge::merge(db, "Puss", "Dog", None, by(boss)).await.unwrap();
        assert_eq!(log(db).await, Vec::<String>::new());
    }

    async fn rights_over_what_is_anothers_make_entries(test: &TestDb) {
        let db = &test.db;
        let (ada, boss) = (user(db, "ada").await, administrator_called(db, "boss").await);
        let (own, others) = (picture(db, boss).await, picture(db, ada).await);
        let gallery = galleries::insert(db, "Closed", "", ada, NOW).await.unwrap();
        object(db, "Cat", &[], ada).await;
        object(db, "Puss", &[], boss).await;
        object(db, "Dog", &[], ada).await;

        let change = PictureChange { nature_id: Some("scan".into()), licence_ids: Some(vec!["MIT".into()]), ..titled("New") };
        picture_changes::update(db, others, None, &change, by(boss)).await.unwrap();
        picture_changes::update_many(db, &[own, others], &titled("Both"), by(boss)).await.unwrap();
        let replacement = ocellus::server::store::pictures::NewPicture { replaces: Some(others), ..new_picture(boss, "") };
        let replacement = pictures::insert(db, replacement).await.unwrap();
        galleries::update(db, gallery, Some("Closed"), Some("Theirs."), by(boss)).await.unwrap();
        galleries::add_user(db, gallery, "ada", by(boss)).await.unwrap();
        galleries::remove_user(db, gallery, "ada", by(boss)).await.unwrap();
        let viewer = Viewer::default();
        for _ in 0..2 {
            galleries::add_pictures(db, &viewer, gallery, &[own, replacement], by(boss)).await.unwrap();
        }
        galleries::move_picture(db, &viewer, gallery, own, 1, by(boss)).await.unwrap();
        galleries::set_cover(db, &nobody(), gallery, Some(own), by(boss)).await.unwrap();
        for _ in 0..2 {
            galleries::remove_picture(db, gallery, own, by(boss)).await.unwrap();
        }
        galleries::delete(db, gallery, by(boss)).await.unwrap();
        picture_changes::delete_many(db, &[own, others], by(boss)).await.unwrap();
        let rename = ObjectChange { id: Some("Felis".into()), ..ObjectChange::default() };
        objects::update(db, "Cat", &rename, by(boss)).await.unwrap();
        object_merge::merge(db, "Felis", "Dog", None, by(boss)).await.unwrap();
        // It is the administrator's own, but others have drawn it.
        let drawn = ocellus::server::store::pictures::NewPicture { regions: vec![point(0.5, 0.5, "Puss")], ..new_picture(ada, "") };
        pictures::insert(db, drawn).await.unwrap();
        object_merge::merge(db, "Puss", "Dog", None, by(boss)).await.unwrap();

        let expected = [
            format!("picture-changed|picture {others}|of ada: title, nature, licences"),
            format!("picture-changed|picture {others}|of ada: title"),
            format!("picture-replaced|picture {others}|of ada: by picture {replacement}"),
            format!("gallery-changed|gallery {gallery}|of ada: description"),
            format!("gallery-changed|gallery {gallery}|of ada: user ada added"),
            format!("gallery-changed|gallery {gallery}|of ada: user ada removed"),
            format!("gallery-changed|gallery {gallery}|of ada: 2 pictures added"),
            format!("gallery-changed|gallery {gallery}|of ada: picture {own} moved"),
            format!("gallery-changed|gallery {gallery}|of ada: cover"),
            format!("gallery-changed|gallery {gallery}|of ada: picture {own} removed"),
            format!("gallery-deleted|gallery {gallery}|of ada: “Closed”"),
            format!("picture-deleted|picture {others}|of ada: “Both”"),
            "object-renamed|object Cat|of ada: now Felis".to_owned(),
            "object-merged|object Felis|of ada: into Dog".to_owned(),
            "object-merged|object Puss|into Dog".to_owned(),
        ];
        assert_eq!(log(db).await, expected.map(|line| format!("boss|{line}")));
    }

    async fn the_log_is_read_in_parts(test: &TestDb) {
        let db = &test.db;
        let boss = user(db, "boss").await;
        let new = NewUser { username: "ada".into(), password_hash: "$".into(), admin: true, joined: NOW };
        administration::add_user(db, &new, ACTOR).await.unwrap();
        administration::set_password(db, "ada", "$other", ACTOR).await.unwrap();
        administration::make_token(db, "ada", "night", "hash", Scope::Read, None, by(boss)).await.unwrap();
        natures::update(db, "photo", "Taken by a camera.", by(boss)).await.unwrap();
        assert_eq!(by_name(db, "ada").await.unwrap().unwrap().password_hash, "$other");
        assert!(tokens::by_hash(db, "hash", NOW).await.unwrap().is_some());
        let page = audit::list(db, None, None, PageRequest { offset: 1, limit: 2 }).await.unwrap();
        let words: Vec<&str> = page.items.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!((words, page.total), (vec!["token-made", "password-set"], 4));
        assert_eq!(page.items[0].timestamp, NOW);
        assert_eq!((page.items[0].details.as_str(), &page.items[1].actor), ("night, read", &None));
        let count = async |actor: Option<&str>, action: Option<AuditAction>| {
            audit::list(db, actor, action, ALL).await.unwrap().total
        };
        assert_eq!(count(Some(COMMAND_LINE), None).await, 2);
        assert_eq!(count(Some("boss"), None).await, 2);
        assert_eq!(count(Some("nobody"), None).await, 0);
        assert_eq!(count(None, Some(AuditAction::UserAdded)).await, 1);
        assert_eq!(count(Some("boss"), Some(AuditAction::UserAdded)).await, 0);
        assert_eq!(audit::actors(db).await.unwrap(), ["boss"]);
    }

    async fn users_are_searched_sorted_and_filtered(test: &TestDb) {
        let db = &test.db;
        for (index, name) in ["grace", "ada", "edsger", "ada_b"].into_iter().enumerate() {
            let new = NewUser {
                username: name.into(),
                password_hash: "$".into(),
                admin: name == "grace",
                joined: NOW + index as i64,
            };
            administration::add_user(db, &new, ACTOR).await.unwrap();
        }
        administration::change(db, "ada", &suspended(true), ACTOR).await.unwrap();
        let author = by_name(db, "edsger").await.unwrap().unwrap().id;
        picture(db, author).await;
        let filter = |search: &str, kind: MemberKind, order: MemberOrder| MemberFilter { search: search.into(), kind, order };
        let (all, by_name) = (MemberKind::All, MemberOrder::Name);
        assert_eq!(members(db, filter("", all, by_name), ALL).await.0, ["ada", "ada_b", "edsger", "grace"]);
        let part = PageRequest { offset: 1, limit: 2 };
        let newest = filter("", all, MemberOrder::Joined);
        assert_eq!(members(db, newest, part).await, (vec!["edsger".into(), "ada".into()], 4));
        assert_eq!(members(db, filter("ADA", all, by_name), ALL).await.0, ["ada", "ada_b"]);
        assert_eq!(members(db, filter("a_", all, by_name), ALL).await.0, ["ada_b"]);
        assert_eq!(members(db, filter("", MemberKind::Administrators, by_name), ALL).await.0, ["grace"]);
        assert_eq!(members(db, filter("", MemberKind::Suspended, by_name), ALL).await.0, ["ada"]);
        assert_eq!(members(db, filter("grace", MemberKind::Suspended, by_name), ALL).await.1, 0);
        let edsger = administration::member(db, "edsger").await.unwrap();
        assert_eq!((edsger.pictures, edsger.joined, edsger.suspended_at), (1, NOW + 2, None));
        assert_eq!(administration::member(db, "ada").await.unwrap().suspended_at, Some(NOW));
        assert!(matches!(administration::member(db, "alan").await, Err(StoreError::NotFound(_))));
    }

    async fn a_reset_link_works_once_for_who_may_sign_in(test: &TestDb) {
        let db = &test.db;
        user(db, "ada").await;
        let purpose = Purpose::PasswordReset.as_str();
        let make = async |token: &str| {
            password_reset::make_link(db, "ada", purpose, &hash_token(token), NOW + 100, ACTOR).await
        };
        let redeem = async |token: &str, password: &str, now: i64| {
            password_reset::redeem(db, purpose, &hash_token(token), password, now).await.unwrap()
        };
        make("first").await.unwrap();
        make("second").await.unwrap();
        assert_eq!(redeem("first", "$first", NOW).await, None, "a new link replaces the old one");
        assert_eq!(redeem("second", "$late", NOW + 100).await, None);
        administration::change(db, "ada", &suspended(true), ACTOR).await.unwrap();
        assert_eq!(redeem("second", "$suspended", NOW).await, None);
        assert!(matches!(make("third").await, Err(StoreError::Conflict(_))));
        administration::change(db, "ada", &suspended(false), ACTOR).await.unwrap();
        assert_eq!(by_name(db, "ada").await.unwrap().unwrap().password_hash, "$");
        let tries = futures::future::join_all((0..8).map(|_| redeem("second", "$new", NOW))).await;
        assert_eq!(tries.into_iter().flatten().count(), 1);
        assert_eq!(by_name(db, "ada").await.unwrap().unwrap().password_hash, "$new");
        let missing = password_reset::make_link(db, "alan", purpose, "hash", NOW + 100, ACTOR).await;
        assert!(matches!(missing, Err(StoreError::NotFound(_))));
        let made = audit::list(db, None, Some(AuditAction::ResetLinkMade), ALL).await.unwrap();
        assert_eq!((made.total, made.items[0].subject.as_str()), (2, "user ada"));
    }
}
