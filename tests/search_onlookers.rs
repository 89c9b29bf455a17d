//! Pictures in datasets, and those who search with different rights.

use crate::search::{Draft, USERS, one};
use crate::support::ACTOR;
use ocellus::model::dataset::full_name;
use ocellus::model::{Account, NewDataset, Role, Viewer, Visibility};
use ocellus::query::evaluate::Subject;
use ocellus::query::rules::NameField;
use ocellus::query::{Query, Rule};
use ocellus::server::store::{Db, datasets, namespaces, users};
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

/// Datasets in the namespace of a user, and who may see them.
const DATASETS: [(&str, &str, Visibility); 3] = [
    ("alice", "open", Visibility::Public),
    ("alice", "inside", Visibility::Internal),
    ("alice", "secret", Visibility::Private),
];

/// Puts some of the pictures into datasets.
pub(crate) fn scatter(runner: &mut TestRunner, drafts: &mut [Draft]) {
    let names: Vec<String> = DATASETS.iter().map(|(namespace, name, _)| full_name(namespace, name)).collect();
    for draft in drafts {
        draft.subject.dataset = one(runner, &proptest::option::weighted(0.5, select(names.clone())));
    }
}

/// Somebody who searches.
pub(crate) struct Onlooker {
    pub(crate) viewer: Viewer,
    /// The names of the datasets that they may see.
    sees: &'static [&'static str],
}

impl Onlooker {
    /// What they may know of the pictures.
    pub(crate) fn known(&self, subjects: &[Subject]) -> Vec<Subject> {
        let sees = |subject: &&Subject| subject.dataset.as_ref().is_none_or(|name| self.sees.contains(&name.as_str()));
        let ids: BTreeSet<i64> = subjects.iter().filter(sees).map(|subject| subject.id).collect();
        let known = |subject: &Subject| Subject {
            copied_from: subject.copied_from.filter(|source| ids.contains(source)),
            ..subject.clone()
        };
        subjects.iter().filter(sees).map(known).collect()
    }

    /// Whether they may name all the datasets that a query names.
    pub(crate) fn may_ask(&self, query: &Query) -> bool {
        query.want.iter().chain(&query.exclude).all(|rule| match rule {
            Rule::Names(NameField::Dataset, names) => names.iter().all(|name| self.sees.contains(&name.as_str())),
            _ => true,
        })
    }
}

/// Somebody who sees everything.
pub(crate) fn overseer() -> Viewer {
    Viewer { account: Some(Account { id: 0, username: "overseer".into(), admin: true }), read_only: false }
}

/// Makes the datasets, into which all users may write, and gives those who look at them: some members, others not.
pub(crate) async fn furnish_datasets(db: &Db, owner: i64) -> Vec<Onlooker> {
    let mut ids = Vec::new();
    for (namespace, name, visibility) in DATASETS {
        let dataset = NewDataset {
            namespace: namespace.into(),
            name: name.into(),
            description: String::new(),
            visibility,
            tags: Vec::new(),
            storage_site: None,
        };
        let id = datasets::insert(db, &overseer(), &dataset, owner, ACTOR).await.unwrap();
        for username in &USERS[1..] {
            datasets::set_member(db, &overseer(), id, username, Some(Role::Writer), owner, ACTOR).await.unwrap();
        }
        ids.push(id);
    }
    let somebody = async |name: &str| {
        let user = users::NewUser { username: name.into(), password_hash: "x".into(), admin: false, joined: 1 };
        let id = users::insert(db, &user).await.unwrap();
        Viewer { account: Some(Account { id, username: name.into(), admin: false }), read_only: false }
    };
    let (stranger, reader, member) = (somebody("sam").await, somebody("rita").await, somebody("nora").await);
    let everything = &["alice/open", "alice/inside", "alice/secret"];
    datasets::set_member(db, &overseer(), ids[2], "rita", Some(Role::Reader), owner, ACTOR).await.unwrap();
    namespaces::set_member(db, &overseer(), "alice", "nora", Some(Role::Reader), owner, ACTOR).await.unwrap();
    vec![
        Onlooker { viewer: Viewer::default(), sees: &["alice/open"] },
        Onlooker { viewer: stranger, sees: &["alice/open", "alice/inside"] },
        Onlooker { viewer: reader, sees: everything },
        Onlooker { viewer: member, sees: everything },
        Onlooker { viewer: overseer(), sees: everything },
    ]
}
