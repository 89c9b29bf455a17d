//! Stories of the store: users, sessions, links, tokens, and what auth builds on them.

use crate::on_both_databases;
use crate::support::{NOW, nobody, promote, user};
use ocellus::model::{AppError, PageRequest};
use ocellus::server::auth::bot_check::BotCheck;
use ocellus::server::auth::links::{self, Purpose};
use ocellus::server::auth::session_store::DbSessionStore;
use ocellus::server::auth::tokens::{hash_token, new_token};
use ocellus::server::store::tokens::Scope;
use ocellus::server::store::{Db, StoreError, contributions, licences, natures, sessions, settings, tokens, users};
use std::collections::HashSet;
use tower_sessions::SessionStore;
use tower_sessions::cookie::time::{Duration, OffsetDateTime};
use tower_sessions::session::{Id, Record};

fn page(offset: i64, limit: i64) -> PageRequest {
    PageRequest { offset, limit }
}

/// The field that an error blames.
fn field(error: AppError) -> String {
    match error {
        AppError::Invalid { errors, .. } => format!("{} {}", errors[0].field, errors[0].message),
        other => panic!("not about a field: {other:?}"),
    }
}

on_both_databases! {
    async fn migrating_again_and_at_once_changes_nothing(test: &TestDb) {
        let before = licences::list(&test.db).await.unwrap();
        let again = Db::connect(&test.url).await.unwrap();
        let outcomes = futures::future::join_all([test.db.migrate(), again.migrate(), test.db.migrate()]).await;
        assert!(outcomes.into_iter().all(|outcome| outcome.is_ok()));
        assert_eq!(licences::list(&test.db).await.unwrap(), before);
        test.db.ping().await.unwrap();
        again.close().await;
    }

    async fn reference_data_is_there(test: &TestDb) {
        let licences = licences::list(&test.db).await.unwrap();
        let pinned = licences.iter().take_while(|licence| licence.pinned).count();
        assert!(pinned > 3 && licences[pinned..].iter().all(|licence| !licence.pinned));
        let licence = licences::get(&test.db, "CC-BY-NC-ND-1.0").await.unwrap();
        assert!(!licence.free && licence.info_url.unwrap().ends_with("/by-nd-nc/1.0/"));
        assert!(matches!(licences::get(&test.db, "X-none").await, Err(StoreError::NotFound(_))));
        let natures = natures::list(&test.db).await.unwrap();
        assert_eq!(natures[0].id, "photo");
        assert!(natures.iter().all(|nature| nature.description.ends_with('.')));
    }

    async fn a_username_is_taken_once(test: &TestDb) {
        let db = &test.db;
        assert_eq!(users::count(db).await.unwrap(), 0);
        let id = user(db, "ada").await;
        let again = users::NewUser { username: "ada".into(), password_hash: "$".into(), admin: true, joined: NOW };
        match users::insert(db, &again).await {
            Err(StoreError::Conflict(sentence)) => assert_eq!(sentence, "this username is taken"),
            other => panic!("{other:?}"),
        }
        let row = users::by_name(db, "ada").await.unwrap().unwrap();
        assert_eq!((row.id, row.admin, row.joined), (id, false, NOW));
        assert_eq!(users::by_id(db, id).await.unwrap(), Some(row));
        assert_eq!(users::by_name(db, "grace").await.unwrap(), None);
    }

    async fn users_are_listed_and_changed(test: &TestDb) {
        let db = &test.db;
        for name in ["grace", "ada", "edsger"] {
            user(db, name).await;
        }
        promote(db, "grace").await;
        users::set_password(db, "grace", "$other").await.unwrap();
        let list = users::list(db, None, page(1, 5)).await.unwrap();
        assert_eq!(list.items.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["edsger", "grace"]);
        assert_eq!(list.total, 3);
        assert!(contributions::detail(db, &nobody(), "grace").await.unwrap().profile.admin);
        assert_eq!(users::by_name(db, "grace").await.unwrap().unwrap().password_hash, "$other");
        assert!(matches!(contributions::detail(db, &nobody(), "alan").await, Err(StoreError::NotFound(_))));
        let found = users::list(db, Some(" GR"), page(0, 5)).await.unwrap();
        assert_eq!((found.items[0].id.as_str(), found.total), ("grace", 1));
        assert_eq!(users::list(db, Some("_"), page(0, 5)).await.unwrap().total, 0, "no wildcards");
    }

    async fn sessions_last_until_they_expire(test: &TestDb) {
        let store = DbSessionStore(test.db.clone());
        let (ada, bob) = (user(&test.db, "ada").await, user(&test.db, "bob").await);
        let soon = OffsetDateTime::from_unix_timestamp(OffsetDateTime::now_utc().unix_timestamp() + 600).unwrap();
        let mut record = Record { id: Id::default(), data: Default::default(), expiry_date: soon };
        record.data.insert("user".into(), ada.into());
        store.create(&mut record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record.clone()));

        let mut twin = record.clone();
        twin.data.clear();
        store.create(&mut twin).await.unwrap();
        assert_ne!(twin.id, record.id, "a session must not take over another one's id");

        record.data.insert("user".into(), bob.into());
        store.save(&record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), Some(record.clone()));

        record.expiry_date = OffsetDateTime::now_utc() - Duration::seconds(5);
        store.save(&record).await.unwrap();
        assert_eq!(store.load(&record.id).await.unwrap(), None);
        assert_eq!(store.delete_expired().await.unwrap(), 1);
        store.delete(&twin.id).await.unwrap();
        assert_eq!(store.load(&twin.id).await.unwrap(), None);
        // Somebody ended it while a request was still busy with it.
        twin.data.insert("user".into(), bob.into());
        store.save(&twin).await.unwrap();
        assert_eq!(store.load(&twin.id).await.unwrap(), None);
    }

    async fn people_see_and_end_their_sessions(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        // An id whose digits begin with those of another.
        let other = format!("{ada}0");
        let start = async |id: &str, user: Option<i64>, data: String, expires_at: i64| {
            let client = user.map(|_| "Firefox on Linux".to_owned());
            let (started_at, seen_at) = (user.map(|_| NOW), user.map(|_| NOW + 5));
            let content = sessions::Content { data, expires_at, user, started_at, seen_at, client };
            assert!(sessions::create(db, id, &content).await.unwrap());
        };
        start("new", Some(ada), format!(r#"{{"user":{ada}}}"#), NOW + 300).await;
        start("expired", Some(ada), format!(r#"{{"user":{ada}}}"#), NOW).await;
        start("his", Some(bob), format!(r#"{{"user":{bob}}}"#), NOW + 300).await;
        // From before the columns were there.
        start("old", None, format!(r#"{{"seen":1,"user":{ada}}}"#), NOW + 200).await;
        start("older", None, format!(r#"{{"user":{ada},"seen":1}}"#), NOW + 100).await;
        start("stranger", None, format!(r#"{{"user":{other},"seen":1}}"#), NOW + 100).await;
        let list = sessions::list(db, ada, Some("old"), NOW).await.unwrap();
        let ids: Vec<&str> = list.iter().map(|session| session.id.as_str()).collect();
        assert_eq!(ids, ["new", "old", "older"]);
        assert_eq!((list[0].started_at, list[0].seen_at, list[0].current), (Some(NOW), Some(NOW + 5), false));
        assert_eq!((list[1].started_at, list[1].client.as_deref(), list[1].current), (None, None, true));

        sessions::delete_one(db, ada, "his").await.unwrap();
        assert!(sessions::load(db, "his", NOW).await.unwrap().is_some(), "it is another one's");
        sessions::delete_one(db, ada, "older").await.unwrap();
        assert!(sessions::load(db, "older", NOW).await.unwrap().is_none());
        sessions::delete_others(db, ada, "new").await.unwrap();
        let left = sessions::list(db, ada, None, NOW).await.unwrap();
        assert_eq!(left.iter().map(|session| session.id.as_str()).collect::<Vec<_>>(), ["new"]);

        // Another password ends them all.
        users::set_password(db, "ada", "$other").await.unwrap();
        assert_eq!(sessions::list(db, ada, None, NOW).await.unwrap(), []);
        for id in ["his", "stranger"] {
            assert!(sessions::load(db, id, NOW).await.unwrap().is_some(), "{id}");
        }
    }

    async fn a_link_works_once_for_its_purpose_in_its_time(test: &TestDb) {
        let db = &test.db;
        let token = links::issue(db, Purpose::FirstAccount, None, 100, NOW).await.unwrap();
        assert!(links::peek(db, Purpose::FirstAccount, &token, NOW).await.unwrap().is_some());
        assert!(links::redeem(db, Purpose::PasswordReset, &token, NOW).await.unwrap().is_none());
        assert!(links::redeem(db, Purpose::FirstAccount, &token, NOW + 100).await.unwrap().is_none());
        let tries = (0..10).map(|_| links::redeem(db, Purpose::FirstAccount, &token, NOW));
        let tries = futures::future::join_all(tries).await;
        assert_eq!(tries.into_iter().filter(|link| link.as_ref().unwrap().is_some()).count(), 1);

        let ada = user(db, "ada").await;
        let token = links::issue(db, Purpose::PasswordReset, Some(ada), 100, NOW).await.unwrap();
        links::revoke_all(db, Purpose::FirstAccount).await.unwrap();
        let link = links::redeem(db, Purpose::PasswordReset, &token, NOW).await.unwrap().unwrap();
        assert_eq!(link.user, Some(ada));
        let token = links::issue(db, Purpose::PasswordReset, Some(ada), 100, NOW).await.unwrap();
        links::revoke_all(db, Purpose::PasswordReset).await.unwrap();
        assert!(links::peek(db, Purpose::PasswordReset, &token, NOW).await.unwrap().is_none());
    }

    async fn the_first_account_is_one(test: &TestDb) {
        let db = &test.db;
        let purpose = Purpose::FirstAccount;
        let mut tokens = Vec::new();
        for _ in 0..6 {
            tokens.push(links::issue(db, purpose, None, 60, NOW).await.unwrap());
        }
        let make = |token: &str, number: usize| {
            let (username, hash) = (format!("user{number}"), hash_token(token));
            let user = users::NewUser { username, password_hash: "$".into(), admin: true, joined: NOW };
            async move { users::insert_first(db, &user, purpose.as_str(), &hash, NOW).await }
        };
        assert!(matches!(make("wrong", 9).await, Ok(None)));
        // Each link twice, all at once.
        let twice = tokens.iter().chain(&tokens).enumerate().map(|(number, token)| make(token, number));
        let outcomes = futures::future::join_all(twice).await;
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(Some(_)))).count(), 1, "{outcomes:?}");
        assert_eq!(users::count(db).await.unwrap(), 1);
    }

    async fn a_token_stands_for_its_user(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let (reads, writes) = (new_token(), new_token());
        let id = tokens::insert(db, ada, "night", &hash_token(&reads), Scope::Read, Some(NOW + 10), NOW).await.unwrap();
        tokens::insert(db, ada, "day", &hash_token(&writes), Scope::Write, None, NOW).await.unwrap();
        let bearer = tokens::by_hash(db, &hash_token(&reads), NOW).await.unwrap().unwrap();
        assert_eq!((bearer.account.id, bearer.account.username.as_str(), bearer.read_only), (ada, "ada", true));
        assert!(!tokens::by_hash(db, &hash_token(&writes), i64::MAX).await.unwrap().unwrap().read_only);
        tokens::mark_used(db, &hash_token(&reads), NOW + 3).await.unwrap();
        let list = tokens::list(db, ada, NOW + 10).await.unwrap();
        let facts: Vec<_> = list.iter().map(|token| (token.name.as_str(), token.expired, token.last_used_at)).collect();
        assert_eq!(facts, [("day", false, None), ("night", true, Some(NOW + 3))]);
        assert!(tokens::by_hash(db, &hash_token(&reads), NOW + 10).await.unwrap().is_none());
        assert!(tokens::by_hash(db, &reads, NOW).await.unwrap().is_none());
        let grace = user(db, "grace").await;
        assert!(matches!(tokens::delete(db, grace, id).await, Err(StoreError::NotFound(_))));
        tokens::delete(db, ada, id).await.unwrap();
        assert!(tokens::by_hash(db, &hash_token(&reads), NOW).await.unwrap().is_none());
        tokens::revoke_all(db, grace).await.unwrap();
        assert_eq!(tokens::list(db, ada, NOW).await.unwrap().len(), 1);
        tokens::revoke_all(db, ada).await.unwrap();
        assert!(tokens::by_hash(db, &hash_token(&writes), NOW).await.unwrap().is_none());
    }

    async fn a_setting_is_the_same_for_every_server(test: &TestDb) {
        let db = &test.db;
        let proposals: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        let values = proposals.iter().map(|proposal| settings::get_or_insert(db, "key", proposal));
        let values: HashSet<String> =
            futures::future::join_all(values).await.into_iter().map(|value| value.unwrap()).collect();
        assert_eq!(values.len(), 1);
    }

    async fn the_bot_check_takes_a_right_answer_once(test: &TestDb) {
        let db = &test.db;
        let here = BotCheck::open(db).await.unwrap();
        let there = BotCheck::open(db).await.unwrap();
        let challenge = loop {
            let challenge = here.challenge(NOW);
            if challenge.question.starts_with("What is the first") {
                break challenge;
            }
        };
        let words = challenge.question.split(": ").nth(1).unwrap();
        let answer = format!(" {}.", words.split(',').next().unwrap().to_uppercase());
        let token = &challenge.token;
        let (soon, late) = (NOW + 10, NOW + 100_000);
        assert!(field(there.verify(db, token, &answer, "spam", soon).await.unwrap_err()).starts_with("website"));
        assert!(field(there.verify(db, token, &answer, "", NOW).await.unwrap_err()).contains("faster"));
        assert!(field(there.verify(db, token, &answer, "", late).await.unwrap_err()).contains("too late"));
        assert!(field(there.verify(db, "1.2.3", &answer, "", soon).await.unwrap_err()).contains("did not ask"));
        there.verify(db, token, &answer, "", soon).await.unwrap();
        assert!(field(here.verify(db, token, &answer, "", soon).await.unwrap_err()).contains("used before"));
        let other = here.challenge(NOW).token;
        assert!(field(here.verify(db, &other, "no idea", "", soon).await.unwrap_err()).contains("not right"));
        assert!(field(here.verify(db, &other, "no idea", "", soon).await.unwrap_err()).contains("used before"));
    }
}

#[tokio::test]
async fn addresses_that_cannot_be_are_named() {
    for url in ["", "mysql://localhost/x", "sqlite:", "sqlite::memory:", "postgres://[::bad"] {
        match Db::connect(url).await {
            Err(StoreError::Address(sentence)) => assert!(sentence.contains("database URL"), "{sentence}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}
