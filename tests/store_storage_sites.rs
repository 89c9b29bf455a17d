//! Stories of the store: who may see and do what with a storage site, and where bytes are.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, TestDb, blob, nobody, promote, user};
use ocellus::model::{
    Account, GrantedRight, NewDataset, NewStorageSite, PageRequest, Role, SiteAccess, SitePlace, StorageSiteFilter,
    Viewer, Visibility,
};
use ocellus::server::store::blob_sites::{self, Whereabouts};
use ocellus::server::store::dataset_files::{self, Kept};
use ocellus::server::store::storage_sites::{self, Prepared, SiteChange};
use ocellus::server::store::{Db, Result, StoreError, blobs, datasets, namespaces, site_choice, site_grants, users};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

async fn viewer(db: &Db, name: &str) -> Viewer {
    let row = users::by_name(db, name).await.unwrap().unwrap();
    Viewer { account: Some(Account { id: row.id, username: row.username, admin: row.admin }), read_only: false }
}

fn id(viewer: &Viewer) -> i64 {
    viewer.account.as_ref().unwrap().id
}

async fn register(db: &Db, by: &Viewer, name: &str, namespace: Option<&str>, visibility: Visibility) -> Result<i64> {
    let site = NewStorageSite {
        name: name.into(),
        description: format!("The shelf {name}"),
        visibility,
        namespace: namespace.map(str::to_owned),
        place: SitePlace::Folder { folder: "/shelf".into() },
        credentials: None,
    };
    let place = serde_json::to_string(&site.place).unwrap();
    let prepared = Prepared { place: &place, base: &format!("base-{name}"), credentials: None };
    storage_sites::insert(db, by, &site, prepared, id(by), ACTOR).await
}

async fn make(db: &Db, by: &Viewer, namespace: &str, name: &str, site: Option<&str>) -> Result<i64> {
    let dataset = NewDataset {
        namespace: namespace.into(),
        name: name.into(),
        description: String::new(),
        visibility: Visibility::Public,
        tags: Vec::new(),
        storage_site: site.map(str::to_owned),
    };
    datasets::insert(db, by, &dataset, id(by), ACTOR).await
}

/// The outcome in one word.
fn word<T>(result: Result<T>) -> &'static str {
    match result {
        Ok(_) => "yes",
        Err(StoreError::NotFound(_)) => "unknown",
        Err(StoreError::Forbidden(_)) => "no",
        Err(StoreError::Invalid(_)) => "unknown",
        Err(StoreError::Conflict(_)) => "conflict",
        Err(error) => panic!("{error}"),
    }
}

fn kept(digit: char, there: Whereabouts) -> Kept {
    Kept { blob: blob(digit), size_px: None, there }
}

fn at(site: i64, object: &str) -> Whereabouts {
    Whereabouts::At { site, object: object.into() }
}

/// What everybody may do with a site of this visibility whose only grant is this one, to a group with members of every role.
async fn table(test: &TestDb, visibility: Visibility, granted: Option<SiteAccess>) -> Vec<String> {
    let db = &test.db;
    let keeper = viewer(db, "keeper").await;
    let name = format!("{}-{}", visibility.as_str(), granted.map_or("none", |access| access.as_str()));
    let site = register(db, &keeper, &name, Some("keeper"), visibility).await.unwrap();
    if let Some(access) = granted {
        site_grants::set(db, &keeper, site, "lab", Some(access), ACTOR).await.unwrap();
    }
    let dataset = make(db, &keeper, "keeper", &format!("of-{name}"), Some(&name)).await.unwrap();
    let mut lines = Vec::new();
    for actor in ["nobody", "stranger", "reader", "annotator", "writer", "maintainer", "owner", "boss", "keeper"] {
        let who = if actor == "nobody" { nobody() } else { viewer(db, actor).await };
        let listed = storage_sites::list(db, &who, &StorageSiteFilter::default(), ALL).await.unwrap();
        let listed = listed.items.into_iter().find(|item| item.id == site);
        let seen = storage_sites::get(db, &who, site).await;
        // Every way to look agrees.
        assert_eq!(listed.is_some(), seen.is_ok(), "{name} {actor}");
        assert_eq!(listed, seen.ok(), "{name} {actor}");
        for access in SiteAccess::ALL {
            let filter = StorageSiteFilter { search: Some(name.clone()), access: Some(*access) };
            let with = storage_sites::list(db, &who, &filter, ALL).await.unwrap();
            let has = listed.as_ref().is_some_and(|site| site.access >= *access);
            assert_eq!(with.items.iter().any(|item| item.id == site), has, "{name} {actor} {access:?}");
        }
        let shown = datasets::get(db, &who, dataset).await.unwrap().storage_site.unwrap();
        assert_eq!(shown.name.is_some(), listed.is_some(), "{name} {actor}");
        assert_eq!(shown.id.is_some(), listed.is_some(), "{name} {actor}");
        assert_eq!(
            listed.as_ref().is_some_and(|site| site.place.is_some()),
            listed.as_ref().is_some_and(|site| site.access == SiteAccess::Manage)
        );
        let read = word(site_choice::of_dataset(db, &who, dataset, SiteAccess::Read).await);
        let add = word(site_choice::of_dataset(db, &who, dataset, SiteAccess::Use).await);
        let (mut choose, mut change, mut grants) = ("-", "-", "-");
        if who.account.is_some() {
            choose = word(make(db, &who, actor, &format!("{actor}-{name}"), Some(&name)).await);
            let described = SiteChange { description: Some("Changed".into()), ..SiteChange::default() };
            change = word(storage_sites::update(db, &who, site, &described, ACTOR).await);
            grants = word(site_grants::list(db, &who, site).await);
            let granted = site_grants::set(db, &who, site, "other", Some(SiteAccess::Read), ACTOR).await;
            assert_eq!(word(granted), change, "{name} {actor}");
            let removed = word(storage_sites::delete(db, &who, site, ACTOR).await);
            // Datasets use it.
            assert_eq!(removed, if change == "yes" { "conflict" } else { change }, "{name} {actor}");
        }
        lines.push(format!("{actor}: read {read}, add {add}, choose {choose}, change {change}, grants {grants}"));
    }
    lines
}

/// A group with members of every role, a stranger, an administrator, and who keeps the sites.
async fn people(db: &Db) {
    for name in
        ["keeper", "stranger", "boss"].iter().chain(&Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>())
    {
        user(db, name).await;
    }
    promote(db, "boss").await;
    let keeper = viewer(db, "keeper").await;
    for group in ["lab", "other"] {
        namespaces::insert_group(db, group, Visibility::Public, id(&keeper), NOW).await.unwrap();
    }
    for role in Role::ALL {
        let name = role.as_str();
        namespaces::set_member(db, &keeper, "lab", name, Some(*role), id(&keeper), ACTOR).await.unwrap();
    }
}

on_both_databases! {
    async fn rights_go_as_far_as_grant_and_role(test: &TestDb) {
        people(&test.db).await;
        let line = |actor: &str, read: &str, add: &str, choose: &str, change: &str| {
            format!("{actor}: read {read}, add {add}, choose {choose}, change {change}, grants {change}")
        };
        for visibility in Visibility::ALL {
            for granted in [None, Some(SiteAccess::Read), Some(SiteAccess::Use), Some(SiteAccess::Manage)] {
                let found = table(test, *visibility, granted).await;
                let open = match visibility {
                    Visibility::Public => Some(SiteAccess::Read),
                    Visibility::Internal => Some(SiteAccess::Read),
                    Visibility::Private => None,
                };
                let expected = |actor: &str| {
                    let most = match actor {
                        "reader" | "annotator" => Some(SiteAccess::Read),
                        "writer" => Some(SiteAccess::Use),
                        "maintainer" | "owner" => Some(SiteAccess::Manage),
                        _ => None,
                    };
                    let by_grant = granted.zip(most).map(|(granted, most)| granted.min(most));
                    match actor {
                        "keeper" | "boss" => Some(SiteAccess::Manage),
                        _ => by_grant.max(open),
                    }
                };
                let mut wanted = vec![match visibility {
                    Visibility::Public => "nobody: read yes, add no, choose -, change -, grants -".to_owned(),
                    _ => "nobody: read no, add no, choose -, change -, grants -".to_owned(),
                }];
                for actor in ["stranger", "reader", "annotator", "writer", "maintainer", "owner", "boss", "keeper"] {
                    wanted.push(match expected(actor) {
                        None => line(actor, "no", "no", "unknown", "unknown"),
                        Some(SiteAccess::Read) => line(actor, "yes", "no", "no", "no"),
                        Some(SiteAccess::Use) => line(actor, "yes", "yes", "yes", "no"),
                        Some(SiteAccess::Manage) => line(actor, "yes", "yes", "yes", "yes"),
                    });
                }
                assert_eq!(found, wanted, "{visibility:?} {granted:?}");
            }
        }
    }

    async fn only_maintainers_and_administrators_register(test: &TestDb) {
        let db = &test.db;
        people(db).await;
        for (actor, expected) in
            [("stranger", "no"), ("reader", "no"), ("writer", "no"), ("maintainer", "yes"), ("owner", "yes"), ("boss", "yes")]
        {
            let who = viewer(db, actor).await;
            assert_eq!(word(register(db, &who, actor, Some("lab"), Visibility::Private).await), expected, "{actor}");
            let nobodys = register(db, &who, &format!("{actor}-2"), None, Visibility::Private).await;
            assert_eq!(word(nobodys), if actor == "boss" { "yes" } else { "unknown" }, "{actor}");
        }
        let owner = viewer(db, "owner").await;
        assert_eq!(word(register(db, &owner, "owner", Some("owner"), Visibility::Private).await), "conflict");
        let filter = StorageSiteFilter { search: Some("maintainer".into()), access: None };
        let others = storage_sites::list(db, &viewer(db, "stranger").await, &filter, ALL).await.unwrap();
        assert_eq!((others.total, others.items), (0, Vec::new()));
        let owner_of_lab = storage_sites::list(db, &owner, &filter, ALL).await.unwrap();
        let site = owner_of_lab.items[0].id;
        let grants = site_grants::list(db, &owner, site).await.unwrap();
        let told = |grants: Vec<GrantedRight>| {
            grants.into_iter().map(|right| (right.namespace, right.access)).collect::<Vec<_>>()
        };
        assert_eq!(told(grants), [(Some("lab".to_owned()), SiteAccess::Manage)]);
        // What was granted to those whom a manager does not see is seen and taken back all the same.
        let keeper = viewer(db, "keeper").await;
        namespaces::insert_group(db, "secret", Visibility::Private, id(&keeper), NOW).await.unwrap();
        let boss = viewer(db, "boss").await;
        site_grants::set(db, &boss, site, "secret", Some(SiteAccess::Use), ACTOR).await.unwrap();
        let grants = site_grants::list(db, &owner, site).await.unwrap();
        assert_eq!(
            told(grants.clone()),
            [(Some("lab".to_owned()), SiteAccess::Manage), (None, SiteAccess::Use)]
        );
        assert_eq!(word(site_grants::set(db, &owner, site, "secret", None, ACTOR).await), "unknown");
        assert_eq!(word(site_grants::take(db, &viewer(db, "stranger").await, site, grants[1].number, ACTOR).await), "unknown");
        site_grants::take(db, &owner, site, grants[1].number, ACTOR).await.unwrap();
        assert_eq!(site_grants::list(db, &boss, site).await.unwrap(), grants[..1]);
    }

    async fn bytes_are_where_their_dataset_is(test: &TestDb) {
        let db = &test.db;
        people(db).await;
        let keeper = viewer(db, "keeper").await;
        let site = register(db, &keeper, "shelf", Some("keeper"), Visibility::Private).await.unwrap();
        let other = register(db, &keeper, "other", Some("keeper"), Visibility::Private).await.unwrap();
        let there = make(db, &keeper, "keeper", "there", Some("shelf")).await.unwrap();
        let here = make(db, &keeper, "keeper", "here", None).await.unwrap();
        let insert = async |dataset: i64, digit: char, whereabouts: Whereabouts| {
            word(dataset_files::insert_kept(db, dataset, &[kept(digit, whereabouts)]).await)
        };
        // What was brought elsewhere, since the site was chosen meanwhile, is refused as a whole.
        assert_eq!(insert(there, 'a', Whereabouts::Here).await, "conflict");
        assert_eq!(insert(there, 'a', at(other, "x")).await, "conflict");
        assert_eq!(insert(here, 'a', at(site, "x")).await, "conflict");
        assert!(blobs::known(db, &[blob('a').hash]).await.unwrap().is_empty());
        assert_eq!(blob_sites::sites(db, &blob('a').hash).await.unwrap(), (0, Vec::new()));

        assert_eq!(insert(there, 'a', at(site, "first")).await, "yes");
        assert_eq!(blob_sites::sites(db, &blob('a').hash).await.unwrap(), (1234, vec![site]));
        assert_eq!(blob_sites::object(db, &blob('a').hash, site).await.unwrap(), Some((1234, "first".to_owned())));
        assert_eq!(blob_sites::object(db, &blob('a').hash, other).await.unwrap(), None);
        assert!(blobs::hashes(db).await.unwrap().is_empty());
        // A second one of the same bytes takes the place of the first, which may be lost, and what is only known changes nothing; in
        // the site's own folder they are as well when another dataset has them.
        assert_eq!(insert(there, 'a', at(site, "second")).await, "yes");
        assert_eq!(insert(there, 'a', Whereabouts::Known).await, "yes");
        assert_eq!(blob_sites::at_site(db, site).await.unwrap(), [(blob('a').hash, "second".to_owned(), 1234)]);
        assert_eq!(insert(here, 'a', Whereabouts::Here).await, "yes");
        assert_eq!(blobs::hashes(db).await.unwrap(), [blob('a').hash]);
        assert!(blob_sites::unused(db, NOW + 1).await.unwrap().is_empty());
        assert!(blob_sites::unused_here(db, NOW + 1).await.unwrap().is_empty());
        assert!(!blob_sites::forget_unused(db, &blob('a').hash, site).await.unwrap());
        assert!(!blob_sites::leave_unused_here(db, &blob('a').hash).await.unwrap());
        // What one of them still has is not unused because the other is gone.
        datasets::delete(db, &keeper, here, id(&keeper), ACTOR).await.unwrap();
        assert_eq!(blob_sites::unused_here(db, NOW + 1).await.unwrap(), [blob('a').hash]);
        assert!(blob_sites::unused_here(db, NOW).await.unwrap().is_empty());
        assert!(blob_sites::leave_unused_here(db, &blob('a').hash).await.unwrap());
        assert!(blobs::hashes(db).await.unwrap().is_empty() && blobs::unused(db, NOW + 1).await.unwrap().is_empty());
        assert_eq!(insert(there, 'b', at(site, "third")).await, "yes");
        datasets::delete(db, &keeper, there, id(&keeper), ACTOR).await.unwrap();
        assert_eq!(blob_sites::unused(db, NOW + 1).await.unwrap().len(), 2);
        assert!(blob_sites::forget_unused(db, &blob('a').hash, site).await.unwrap());
        assert_eq!(blobs::delete_unused(db, &[blob('a').hash, blob('b').hash]).await.unwrap(), 2);
        assert!(blob_sites::at_site(db, site).await.unwrap().is_empty());
        storage_sites::delete(db, &keeper, site, ACTOR).await.unwrap();
        assert_eq!(word(storage_sites::row(db, site).await), "unknown");
    }

    async fn the_first_bytes_and_the_choice_do_not_pass_each_other(test: &TestDb) {
        let db = &test.db;
        people(db).await;
        let keeper = viewer(db, "keeper").await;
        register(db, &keeper, "shelf", Some("keeper"), Visibility::Private).await.unwrap();
        let (mut chosen, mut kept_here) = (0, 0);
        for round in 0..20 {
            let dataset = make(db, &keeper, "keeper", &format!("set-{round}"), None).await.unwrap();
            let files = [kept('a', Whereabouts::Here)];
            let choose = site_choice::choose(db, &keeper, dataset, "shelf", id(&keeper), ACTOR);
            let (choice, bytes) = if round % 2 == 0 {
                tokio::join!(choose, dataset_files::insert_kept(db, dataset, &files))
            } else {
                let (bytes, choice) = tokio::join!(dataset_files::insert_kept(db, dataset, &files), choose);
                (choice, bytes)
            };
            // Exactly one of them wins.
            assert!(choice.is_ok() != bytes.is_ok(), "{choice:?} {bytes:?}");
            chosen += usize::from(choice.is_ok());
            kept_here += usize::from(bytes.is_ok());
            assert_eq!(site_choice::site_of(db, dataset).await.unwrap().is_some(), choice.is_ok());
        }
        assert_eq!(chosen + kept_here, 20);
    }
}
