//! Stories of the store: saved queries.

use crate::on_both_databases;
use crate::support::{NOW, nobody, user};
use ocellus::model::saved_query::{MAX_SAVED_QUERIES, NewSavedQuery};
use ocellus::model::{Account, AuditAction, Ordering, PageRequest, SavedQueryChange, Viewer};
use ocellus::server::store::audit::Actor;
use ocellus::server::store::{Db, StoreError, audit, saved_queries};

const ALL: PageRequest = PageRequest { offset: 0, limit: 100 };

fn viewer(id: i64, name: &str) -> Viewer {
    Viewer { account: Some(Account { id, username: name.into(), admin: false }), read_only: false }
}

fn new(title: &str, query: &str, public: bool) -> NewSavedQuery {
    NewSavedQuery { title: title.into(), query: query.into(), ordering: Ordering::TitleDesc, public }
}

async fn titles(db: &Db, viewer: &Viewer, owner: Option<&str>) -> Vec<String> {
    let page = saved_queries::list(db, viewer, owner, ALL).await.unwrap();
    assert_eq!(page.total, page.items.len() as i64);
    page.items.into_iter().map(|saved| saved.title).collect()
}

on_both_databases! {
    async fn private_ones_are_their_owners_only(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        let (as_ada, as_bob) = (viewer(ada, "ada"), viewer(bob, "bob"));
        let private = saved_queries::insert(db, &new("Mine", "want: []", false), ada, NOW).await.unwrap();
        let public = saved_queries::insert(db, &new("Ours", "# all\n", true), ada, NOW + 1).await.unwrap();
        saved_queries::insert(db, &new("Mine", "", false), bob, NOW + 2).await.unwrap();
        let again = saved_queries::insert(db, &new("Mine", "", true), ada, NOW).await;
        assert!(matches!(&again, Err(StoreError::Conflict(text)) if text.contains("this name")), "{again:?}");

        assert_eq!(titles(db, &as_ada, None).await, ["Ours", "Mine"]);
        assert_eq!(titles(db, &as_bob, None).await, ["Mine", "Ours"]);
        assert_eq!(titles(db, &as_bob, Some("ada")).await, ["Ours"]);
        assert_eq!(titles(db, &nobody(), None).await, ["Ours"]);
        let part = saved_queries::list(db, &as_ada, None, PageRequest { offset: 1, limit: 5 }).await.unwrap();
        assert_eq!((part.items.len(), part.total), (1, 2));

        let seen = saved_queries::get(db, &nobody(), public).await.unwrap();
        assert_eq!((seen.owner.as_str(), seen.query.as_str(), seen.public, seen.timestamp), ("ada", "# all\n", true, NOW + 1));
        assert_eq!(seen.ordering, Ordering::TitleDesc);
        let actor = Actor::user(bob, NOW);
        let change = SavedQueryChange { public: Some(true), ..SavedQueryChange::default() };
        for who in [&as_bob, &nobody()] {
            let hidden = [
                saved_queries::get(db, who, private).await.map(drop),
                saved_queries::owner_of(db, who, private).await.map(drop),
                saved_queries::update(db, who, private, &change, actor).await,
                saved_queries::delete(db, who, private, actor).await,
            ];
            assert!(hidden.iter().all(|outcome| matches!(outcome, Err(StoreError::NotFound(_)))), "{hidden:?}");
        }

        let (own, later) = (Actor::user(ada, NOW + 9), NOW + 9);
        saved_queries::update(db, &as_ada, private, &change, own).await.unwrap();
        let seen = saved_queries::get(db, &nobody(), private).await.unwrap();
        assert_eq!((seen.title.as_str(), seen.query.as_str(), seen.timestamp), ("Mine", "want: []", later));
        let taken = SavedQueryChange { title: Some("Ours".into()), ..SavedQueryChange::default() };
        assert!(matches!(saved_queries::update(db, &as_ada, private, &taken, own).await, Err(StoreError::Conflict(_))));
        saved_queries::delete(db, &as_ada, private, own).await.unwrap();
        assert_eq!(titles(db, &as_ada, None).await, ["Ours"]);
        assert_eq!(audit::list(db, None, None, ALL).await.unwrap().total, 0);

        // What is done to somebody else's is written down.
        saved_queries::update(db, &as_bob, public, &change, actor).await.unwrap();
        saved_queries::delete(db, &as_bob, public, actor).await.unwrap();
        let entries = audit::list(db, None, None, ALL).await.unwrap().items;
        let told: Vec<_> = entries.iter().map(|entry| (entry.action.as_str(), entry.details.as_str())).collect();
        assert_eq!(told, [(AuditAction::SavedQueryDeleted.as_str(), "of ada: “Ours”"), (AuditAction::SavedQueryChanged.as_str(), "of ada: public")]);
    }

    async fn nobody_keeps_queries_without_end(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for number in 0..MAX_SAVED_QUERIES {
            saved_queries::insert(db, &new(&number.to_string(), "", false), ada, NOW).await.unwrap();
        }
        let more = saved_queries::insert(db, &new("one more", "", false), ada, NOW).await;
        assert!(matches!(more, Err(StoreError::Conflict(_))), "{more:?}");
    }
}
