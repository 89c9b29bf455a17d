//! Stories of the store: namespaces, datasets, and their members.

use crate::on_both_databases;
use crate::support::{ACTOR, NOW, blob, new_picture, nobody, promote, user};
use ocellus::model::dataset::{MAX_GROUPS, is_reserved};
use ocellus::model::{
    Account, DatasetChange, DatasetFilter, DatasetNumbers, DatasetOrder, Membership, NamespaceFilter, NewDataset,
    PageRequest, PicturesFate, Role, Viewer, Visibility,
};
use ocellus::server::store::audit::{self, Actor};
use ocellus::server::store::{Db, Result, StoreError, blobs, closing, datasets, namespaces, pictures, users};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

async fn viewer(db: &Db, name: &str) -> Viewer {
    let row = users::by_name(db, name).await.unwrap().unwrap();
    Viewer { account: Some(Account { id: row.id, username: row.username, admin: row.admin }), read_only: false }
}

fn id(viewer: &Viewer) -> i64 {
    viewer.account.as_ref().unwrap().id
}

fn dataset(namespace: &str, name: &str, visibility: Visibility) -> NewDataset {
    NewDataset {
        namespace: namespace.into(),
        name: name.into(),
        description: String::new(),
        visibility,
        tags: Vec::new(),
        storage_site: None,
    }
}

async fn make(db: &Db, by: &Viewer, namespace: &str, name: &str, visibility: Visibility) -> Result<i64> {
    datasets::insert(db, by, &dataset(namespace, name, visibility), id(by), ACTOR).await
}

async fn show(db: &Db, by: &Viewer, namespace: &str, visibility: Visibility) -> Result<()> {
    namespaces::set_visibility(db, by, namespace, visibility, id(by), ACTOR).await
}

async fn enrol(db: &Db, by: &Viewer, namespace: &str, name: &str, role: Option<Role>) -> Result<()> {
    namespaces::set_member(db, by, namespace, name, role, id(by), ACTOR).await
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(StoreError::Conflict(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn field<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(StoreError::Invalid(errors)) => errors[0].field.clone(),
        other => panic!("{other:?}"),
    }
}

async fn listed(db: &Db, viewer: &Viewer) -> Vec<String> {
    let filter = DatasetFilter::default();
    let list = datasets::list(db, viewer, &filter, DatasetOrder::Name, ALL).await.unwrap();
    list.items.iter().map(|dataset| dataset.full_name()).collect()
}

on_both_databases! {
    async fn users_and_groups_share_one_list_of_names(test: &TestDb) {
        let db = &test.db;
        user(db, "ada").await;
        let ada = viewer(db, "ada").await;
        let own = namespaces::get(db, &ada, "ada").await.unwrap();
        assert_eq!((own.group, own.visibility, own.role, own.created), (false, Visibility::Public, Some(Role::Owner), NOW));
        assert_eq!(namespaces::get(db, &nobody(), "ada").await.unwrap().role, None);
        let group = async |name: &str| namespaces::insert_group(db, name, Visibility::Private, id(&ada), NOW).await;
        assert_eq!(conflict(group("ada").await), "this name is taken");
        group("lab").await.unwrap();
        conflict(group("lab").await);
        let newcomer = users::NewUser { username: "lab".into(), password_hash: "$".into(), admin: false, joined: NOW };
        assert_eq!(conflict(users::insert(db, &newcomer).await), "this username is taken");
        assert!(users::by_name(db, "lab").await.unwrap().is_none());
        assert!(matches!(namespaces::get(db, &nobody(), "lab").await, Err(StoreError::NotFound(_))));
        let filtered = async |viewer: &Viewer, filter: NamespaceFilter| {
            let page = namespaces::list(db, viewer, &filter, ALL).await.unwrap();
            assert_eq!(page.total, page.items.len() as i64);
            page.items.into_iter().map(|namespace| namespace.name).collect::<Vec<_>>()
        };
        let names = async |viewer: &Viewer, search: Option<&str>| {
            let search = search.map(str::to_owned);
            filtered(viewer, NamespaceFilter { search, ..NamespaceFilter::default() }).await
        };
        assert_eq!(names(&ada, None).await, ["ada", "lab"]);
        assert_eq!(names(&nobody(), None).await, ["ada"]);
        assert_eq!(names(&ada, Some("A")).await, ["ada", "lab"]);
        assert_eq!(names(&ada, Some("l%")).await, [""; 0]);
        user(db, "bob").await;
        let bob = viewer(db, "bob").await;
        enrol(db, &ada, "lab", "bob", Some(Role::Writer)).await.unwrap();
        let group = |group| NamespaceFilter { group: Some(group), ..NamespaceFilter::default() };
        assert_eq!(filtered(&bob, group(true)).await, ["lab"]);
        assert_eq!(filtered(&bob, group(false)).await, ["ada", "bob"]);
        let role = |role| NamespaceFilter { role: Some(role), ..NamespaceFilter::default() };
        assert_eq!(filtered(&bob, role(Role::Reader)).await, ["bob", "lab"]);
        assert_eq!(filtered(&bob, role(Role::Maintainer)).await, ["bob"]);
        assert_eq!(filtered(&nobody(), role(Role::Reader)).await, [""; 0]);
    }

    async fn a_dataset_is_never_seen_by_more_than_its_namespace(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "bob"] {
            user(db, name).await;
        }
        let (ada, bob) = (viewer(db, "ada").await, viewer(db, "bob").await);
        namespaces::insert_group(db, "lab", Visibility::Internal, id(&ada), NOW).await.unwrap();
        assert_eq!(field(make(db, &ada, "lab", "cats", Visibility::Public).await), "visibility");
        let cats = make(db, &ada, "lab", "cats", Visibility::Internal).await.unwrap();
        assert!(conflict(make(db, &ada, "lab", "cats", Visibility::Private).await).contains("of this name"));
        make(db, &ada, "ada", "cats", Visibility::Public).await.unwrap();
        assert_eq!(field(make(db, &ada, "nowhere", "cats", Visibility::Public).await), "namespace");
        assert!(matches!(make(db, &bob, "lab", "dogs", Visibility::Private).await, Err(StoreError::Forbidden(_))));
        assert!(conflict(show(db, &ada, "lab", Visibility::Private).await).contains("cats"));
        let change = |visibility| DatasetChange { visibility: Some(visibility), ..DatasetChange::default() };
        let set = async |visibility| datasets::update(db, &ada, cats, &change(visibility), id(&ada), ACTOR).await;
        assert_eq!(field(set(Visibility::Public).await), "visibility");
        assert_eq!(listed(db, &bob).await, ["ada/cats", "lab/cats"]);
        set(Visibility::Private).await.unwrap();
        assert_eq!(listed(db, &bob).await, ["ada/cats"]);
        show(db, &ada, "lab", Visibility::Private).await.unwrap();
        assert_eq!(field(set(Visibility::Internal).await), "visibility");
        // Where it is there and where it is not, a stranger hears the same.
        let said = |name: &str, error| match error {
            Err(StoreError::Invalid(errors)) => errors[0].message.replace(name, "…"),
            other => panic!("{other:?}"),
        };
        let there = make(db, &bob, "lab", "cats", Visibility::Private).await;
        let not_there = make(db, &bob, "lob", "cats", Visibility::Private).await;
        assert_eq!(said("lab", there), said("lob", not_there));
        assert!(matches!(show(db, &bob, "lab", Visibility::Public).await, Err(StoreError::NotFound(_))));
        assert!(matches!(show(db, &bob, "ada", Visibility::Private).await, Err(StoreError::Forbidden(_))));
        show(db, &ada, "lab", Visibility::Public).await.unwrap();
        set(Visibility::Public).await.unwrap();
        assert_eq!(listed(db, &nobody()).await, ["ada/cats", "lab/cats"]);
        let rename = DatasetChange { name: Some("kittens".into()), ..DatasetChange::default() };
        datasets::update(db, &ada, cats, &rename, id(&ada), ACTOR).await.unwrap();
        assert_eq!(datasets::by_name(db, &nobody(), "lab", "kittens").await.unwrap().id, cats);
        assert!(matches!(datasets::by_name(db, &nobody(), "lab", "cats").await, Err(StoreError::NotFound(_))));
    }

    async fn accounts_called_like_an_address_have_no_datasets(test: &TestDb) {
        let db = &test.db;
        user(db, "gallery").await;
        let gallery = viewer(db, "gallery").await;
        assert_eq!(field(make(db, &gallery, "gallery", "cats", Visibility::Public).await), "namespace");
    }

    async fn members_look_after_those_below_them(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "mona", "rita", "otto", "sam", "root"] {
            user(db, name).await;
        }
        promote(db, "root").await;
        let ada = viewer(db, "ada").await;
        namespaces::insert_group(db, "lab", Visibility::Private, id(&ada), NOW).await.unwrap();
        enrol(db, &ada, "lab", "mona", Some(Role::Maintainer)).await.unwrap();
        let (mona, rita) = (viewer(db, "mona").await, viewer(db, "rita").await);
        assert!(matches!(enrol(db, &rita, "lab", "rita", Some(Role::Reader)).await, Err(StoreError::NotFound(_))));
        enrol(db, &mona, "lab", "rita", Some(Role::Writer)).await.unwrap();
        assert_eq!(field(enrol(db, &mona, "lab", "nobody-there", Some(Role::Reader)).await), "username");
        for (name, role) in [("rita", Some(Role::Maintainer)), ("ada", Some(Role::Reader)), ("ada", None)] {
            let refused = enrol(db, &mona, "lab", name, role).await;
            assert!(matches!(refused, Err(StoreError::Forbidden(_))), "{refused:?}");
        }
        assert!(matches!(enrol(db, &rita, "lab", "otto", Some(Role::Reader)).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(enrol(db, &rita, "lab", "mona", None).await, Err(StoreError::Forbidden(_))));
        let members = async || namespaces::members(db, &ada, "lab", ALL).await.unwrap().items;
        let member = |username: &str, role| Membership { username: username.into(), role };
        let all = [member("ada", Role::Owner), member("mona", Role::Maintainer), member("rita", Role::Writer)];
        assert_eq!(members().await, all);
        // The last owner stays; another one may follow.
        conflict(enrol(db, &ada, "lab", "ada", None).await);
        conflict(enrol(db, &ada, "lab", "ada", Some(Role::Writer)).await);
        enrol(db, &ada, "lab", "mona", Some(Role::Owner)).await.unwrap();
        enrol(db, &ada, "lab", "ada", None).await.unwrap();
        assert!(matches!(namespaces::get(db, &ada, "lab").await, Err(StoreError::NotFound(_))));
        // Everybody may leave.
        enrol(db, &rita, "lab", "rita", None).await.unwrap();
        // Administrators may do everything, and it is written down.
        let root = viewer(db, "root").await;
        let by_root = Actor::user(id(&root), NOW);
        let set = async |name, role| namespaces::set_member(db, &root, "lab", name, role, id(&root), by_root).await;
        set("sam", Some(Role::Owner)).await.unwrap();
        set("sam", Some(Role::Owner)).await.unwrap();
        set("mona", None).await.unwrap();
        let log = audit::list(db, Some("root"), None, ALL).await.unwrap().items;
        let told: Vec<&str> = log.iter().map(|entry| entry.details.as_str()).collect();
        assert_eq!(told, ["mona taken out", "sam made owner"]);
        // A namespace of one's own stays one's own.
        conflict(enrol(db, &ada, "ada", "ada", None).await);
        enrol(db, &ada, "ada", "otto", Some(Role::Owner)).await.unwrap();
        let otto = viewer(db, "otto").await;
        conflict(enrol(db, &otto, "ada", "ada", Some(Role::Reader)).await);
        let sam = viewer(db, "sam").await;
        let delete = async |by: &Viewer, name| namespaces::delete(db, by, name, id(by), ACTOR).await;
        assert!(matches!(delete(&sam, "ada").await, Err(StoreError::Forbidden(_))));
        conflict(delete(&otto, "ada").await);
        let cats = make(db, &sam, "lab", "cats", Visibility::Private).await.unwrap();
        conflict(delete(&sam, "lab").await);
        datasets::delete(db, &sam, cats, id(&sam), ACTOR).await.unwrap();
        delete(&sam, "lab").await.unwrap();
        assert!(matches!(namespaces::get(db, &root, "lab").await, Err(StoreError::NotFound(_))));
    }

    async fn a_dataset_goes_with_its_pictures(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "bob"] {
            user(db, name).await;
        }
        let (ada, bob) = (viewer(db, "ada").await, viewer(db, "bob").await);
        let cats = make(db, &ada, "ada", "cats", Visibility::Private).await.unwrap();
        let other = make(db, &ada, "ada", "dogs", Visibility::Private).await.unwrap();
        datasets::set_member(db, &ada, cats, "bob", Some(Role::Writer), id(&ada), ACTOR).await.unwrap();
        let mut older = None;
        for number in 0..230 {
            let new = pictures::NewPicture {
                blob: blob('c'),
                dataset: Some(cats),
                replaces: older.filter(|_| number < 3),
                ..new_picture(id(&bob), "cat")
            };
            older = Some(pictures::insert(db, new).await.unwrap());
        }
        // A replacement comes to where the picture is that it replaces.
        for dataset in [None, Some(other)] {
            let elsewhere = pictures::NewPicture { dataset, replaces: older, ..new_picture(id(&ada), "better") };
            assert_eq!(field(pictures::insert(db, elsewhere).await), "dataset");
        }
        let dog = pictures::NewPicture { blob: blob('d'), dataset: Some(other), ..new_picture(id(&ada), "dog") };
        pictures::insert(db, dog).await.unwrap();
        assert_eq!(datasets::get(db, &ada, cats).await.unwrap().pictures, 230);
        assert!(matches!(datasets::delete(db, &bob, cats, id(&bob), ACTOR).await, Err(StoreError::Forbidden(_))));
        datasets::delete(db, &ada, cats, id(&ada), ACTOR).await.unwrap();
        assert!(matches!(datasets::get(db, &ada, cats).await, Err(StoreError::NotFound(_))));
        assert!(blobs::visible(db, &ada, &blob('c').hash).await.unwrap().is_none());
        assert!(blobs::visible(db, &ada, &blob('d').hash).await.unwrap().is_some());
        assert!(matches!(datasets::delete(db, &ada, cats, id(&ada), ACTOR).await, Err(StoreError::NotFound(_))));
        let late = pictures::NewPicture { dataset: Some(cats), ..new_picture(id(&ada), "late") };
        assert_eq!(field(pictures::insert(db, late).await), "dataset");
    }

    async fn an_account_with_datasets_or_groups_is_not_closed(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "bob", "root"] {
            user(db, name).await;
        }
        promote(db, "root").await;
        let (ada, bob, root) = (viewer(db, "ada").await, viewer(db, "bob").await, viewer(db, "root").await);
        namespaces::insert_group(db, "lab", Visibility::Public, id(&ada), NOW).await.unwrap();
        let cats = make(db, &ada, "ada", "cats", Visibility::Public).await.unwrap();
        let birds = make(db, &bob, "bob", "birds", Visibility::Private).await.unwrap();
        datasets::set_member(db, &bob, birds, "ada", Some(Role::Writer), id(&bob), ACTOR).await.unwrap();
        enrol(db, &ada, "ada", "bob", Some(Role::Reader)).await.unwrap();
        let bird = pictures::NewPicture { dataset: Some(birds), ..new_picture(id(&ada), "bird") };
        let bird = pictures::insert(db, bird).await.unwrap();
        for fate in [PicturesFate::Delete, PicturesFate::KeepName, PicturesFate::Attribute("A.".into())] {
            let told = conflict(closing::close(db, id(&ada), &fate, NOW).await);
            assert!(told.contains("ada/cats") && told.contains("lab"), "{told}");
        }
        assert_eq!(datasets::get(db, &bob, birds).await.unwrap().pictures, 1);
        datasets::delete(db, &ada, cats, id(&ada), ACTOR).await.unwrap();
        conflict(closing::close(db, id(&ada), &PicturesFate::KeepName, NOW).await);
        enrol(db, &ada, "lab", "bob", Some(Role::Owner)).await.unwrap();
        let name = closing::close(db, id(&ada), &PicturesFate::Attribute("A.".into()), NOW).await.unwrap();
        // Her picture stays where it is, her roles end, and her namespace is nobody's.
        assert_eq!(pictures::owner_of(db, &bob, bird).await.unwrap().dataset, Some(birds));
        assert!(datasets::members(db, &bob, birds, ALL).await.unwrap().items.is_empty());
        let owners = namespaces::members(db, &bob, "lab", ALL).await.unwrap().items;
        assert_eq!(owners, [Membership { username: "bob".into(), role: Role::Owner }]);
        for gone in ["ada", &name] {
            assert!(matches!(namespaces::get(db, &root, gone).await, Err(StoreError::NotFound(_))), "{gone}");
        }
        let group = namespaces::insert_group(db, "ada", Visibility::Public, id(&bob), NOW).await;
        assert!(conflict(group).contains("closed"));
        // The name of one who kept it stays taken.
        let carl = user(db, "carl").await;
        closing::close(db, carl, &PicturesFate::KeepName, NOW).await.unwrap();
        conflict(namespaces::insert_group(db, "carl", Visibility::Public, id(&bob), NOW).await);
    }

    async fn pictures_in_datasets_of_others_outlive_the_account(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "bob"] {
            user(db, name).await;
        }
        let (ada, bob) = (viewer(db, "ada").await, viewer(db, "bob").await);
        let birds = make(db, &bob, "bob", "birds", Visibility::Private).await.unwrap();
        datasets::set_member(db, &bob, birds, "ada", Some(Role::Writer), id(&bob), ACTOR).await.unwrap();
        let bird = pictures::NewPicture { dataset: Some(birds), ..new_picture(id(&ada), "bird") };
        let bird = pictures::insert(db, bird).await.unwrap();
        let own = pictures::insert(db, new_picture(id(&ada), "own")).await.unwrap();
        assert_eq!(closing::holdings(db, id(&ada)).await.unwrap().pictures, 1);
        closing::close(db, id(&ada), &PicturesFate::Delete, NOW).await.unwrap();
        assert_eq!(pictures::owner_of(db, &bob, bird).await.unwrap().dataset, Some(birds));
        assert!(matches!(pictures::owner_of(db, &bob, own).await, Err(StoreError::NotFound(_))));
    }

    async fn accounts_without_a_namespace_get_one_at_the_next_start(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        user(db, "eve").await;
        // As an older server leaves them, which knows nothing of namespaces.
        for table in ["namespace_members", "namespaces"] {
            db.execute(&sea_query::Query::delete().from_table(table).to_owned()).await.unwrap();
        }
        namespaces::insert_group(db, "eve", Visibility::Private, bob, NOW).await.unwrap();
        closing::close(db, ada, &PicturesFate::KeepName, NOW).await.unwrap();
        for _ in 0..2 {
            db.migrate().await.unwrap();
        }
        let bob = viewer(db, "bob").await;
        let own = namespaces::get(db, &bob, "bob").await.unwrap();
        assert_eq!((own.group, own.visibility, own.role), (false, Visibility::Public, Some(Role::Owner)));
        assert!(namespaces::get(db, &bob, "eve").await.unwrap().group);
        conflict(namespaces::insert_group(db, "ada", Visibility::Public, id(&bob), NOW).await);
    }

    async fn nobody_owns_very_many_groups(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        for number in 0..MAX_GROUPS {
            namespaces::insert_group(db, &format!("lab{number}"), Visibility::Public, ada, NOW).await.unwrap();
        }
        let told = conflict(namespaces::insert_group(db, "more", Visibility::Public, ada, NOW).await);
        assert!(told.contains("20 groups"), "{told}");
        let bob = user(db, "bob").await;
        namespaces::insert_group(db, "more", Visibility::Public, bob, NOW).await.unwrap();
    }

    async fn datasets_are_found_by_what_the_viewer_may_do(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "bob", "root"] {
            user(db, name).await;
        }
        promote(db, "root").await;
        let (ada, bob, root) = (viewer(db, "ada").await, viewer(db, "bob").await, viewer(db, "root").await);
        namespaces::insert_group(db, "lab", Visibility::Public, id(&ada), NOW).await.unwrap();
        make(db, &ada, "lab", "cats", Visibility::Public).await.unwrap();
        let dogs = make(db, &ada, "ada", "dogs", Visibility::Public).await.unwrap();
        enrol(db, &ada, "lab", "bob", Some(Role::Reader)).await.unwrap();
        datasets::set_member(db, &ada, dogs, "bob", Some(Role::Writer), id(&ada), ACTOR).await.unwrap();
        let found = async |viewer: &Viewer, role| {
            let filter = DatasetFilter { role: Some(role), ..DatasetFilter::default() };
            let list = datasets::list(db, viewer, &filter, DatasetOrder::Name, ALL).await.unwrap();
            assert_eq!(list.total, list.items.len() as i64);
            list.items.iter().map(|dataset| dataset.full_name()).collect::<Vec<_>>()
        };
        assert_eq!(found(&bob, Role::Reader).await, ["ada/dogs", "lab/cats"]);
        assert_eq!(found(&bob, Role::Writer).await, ["ada/dogs"]);
        assert_eq!(found(&bob, Role::Owner).await, [""; 0]);
        assert_eq!(found(&ada, Role::Owner).await, ["ada/dogs", "lab/cats"]);
        // What administrators may do everywhere makes nothing theirs.
        assert_eq!(found(&root, Role::Reader).await, [""; 0]);
        assert_eq!(found(&nobody(), Role::Reader).await, [""; 0]);
    }

    async fn a_dataset_is_shown_by_numbers_and_its_newest_pictures(test: &TestDb) {
        let db = &test.db;
        user(db, "ada").await;
        let ada = viewer(db, "ada").await;
        let cats = make(db, &ada, "ada", "cats", Visibility::Private).await.unwrap();
        assert_eq!(datasets::numbers(db, &ada, cats).await.unwrap(), DatasetNumbers::default());
        for (title, seed) in [("one", 'a'), ("two", 'b'), ("three", 'b')] {
            let picture =
                pictures::NewPicture { blob: blob(seed), dataset: Some(cats), ..new_picture(id(&ada), title) };
            pictures::insert(db, picture).await.unwrap();
        }
        let numbers = datasets::numbers(db, &ada, cats).await.unwrap();
        // Two pictures have the same file.
        assert_eq!(numbers.size_bytes, blob('a').size + blob('b').size);
        assert_eq!((numbers.replaced, numbers.objects), (0, 0));
        assert_eq!(datasets::covers(db, &ada, &[cats]).await.unwrap()[&cats].len(), 3);
        assert_eq!(datasets::covers(db, &nobody(), &[cats]).await.unwrap()[&cats], [""; 0]);
        assert_eq!(datasets::numbers(db, &nobody(), cats).await.unwrap(), DatasetNumbers::default());
    }

    async fn members_of_one_dataset_learn_little_of_a_private_group(test: &TestDb) {
        let db = &test.db;
        for name in ["ada", "bob", "root"] {
            user(db, name).await;
        }
        promote(db, "root").await;
        let (ada, bob, root) = (viewer(db, "ada").await, viewer(db, "bob").await, viewer(db, "root").await);
        namespaces::insert_group(db, "lab", Visibility::Private, id(&ada), NOW).await.unwrap();
        let cats = make(db, &ada, "lab", "cats", Visibility::Private).await.unwrap();
        make(db, &ada, "lab", "dogs", Visibility::Private).await.unwrap();
        datasets::set_member(db, &ada, cats, "bob", Some(Role::Owner), id(&ada), ACTOR).await.unwrap();
        assert!(namespaces::get(db, &bob, "lab").await.is_ok());
        let members = async |viewer: &Viewer| namespaces::members(db, viewer, "lab", ALL).await;
        assert!(matches!(members(&bob).await, Err(StoreError::Forbidden(_))));
        assert!(matches!(members(&nobody()).await, Err(StoreError::NotFound(_))));
        for viewer in [&ada, &root] {
            assert_eq!(members(viewer).await.unwrap().total, 1);
        }
        // Whether a name is taken is no answer to whoever may not see by what.
        let rename = async |by: &Viewer, name: &str| {
            let change = DatasetChange { name: Some(name.into()), ..DatasetChange::default() };
            datasets::update(db, by, cats, &change, id(by), ACTOR).await
        };
        for name in ["dogs", "birds"] {
            assert!(matches!(rename(&bob, name).await, Err(StoreError::Forbidden(_))), "{name}");
        }
        rename(&bob, "cats").await.unwrap();
        conflict(rename(&ada, "dogs").await);
        show(db, &ada, "lab", Visibility::Internal).await.unwrap();
        assert_eq!(members(&bob).await.unwrap().total, 1);
    }

    async fn one_file_may_be_private_and_public(test: &TestDb) {
        let db = &test.db;
        user(db, "ada").await;
        let ada = viewer(db, "ada").await;
        let cats = make(db, &ada, "ada", "cats", Visibility::Private).await.unwrap();
        let hash = blob('e').hash;
        let secret = pictures::NewPicture { blob: blob('e'), dataset: Some(cats), ..new_picture(id(&ada), "secret") };
        pictures::insert(db, secret).await.unwrap();
        assert!(blobs::visible(db, &nobody(), &hash).await.unwrap().is_none());
        assert!(pictures::of_blob(db, &hash).await.unwrap().is_empty());
        let open = pictures::NewPicture { blob: blob('e'), keep_place: true, ..new_picture(id(&ada), "open") };
        let open = pictures::insert(db, open).await.unwrap();
        assert!(blobs::in_commons(db, &hash).await.unwrap().is_some());
        // That another picture has it, which nobody may know, does not show in what is told of the place.
        assert!(blobs::keeps_place(db, &nobody(), &hash).await.unwrap());
        assert!(!blobs::keeps_place(db, &ada, &hash).await.unwrap());
        assert_eq!(pictures::of_blob(db, &hash).await.unwrap(), [open]);
    }
}

#[test]
fn no_address_of_the_site_begins_like_one_of_a_group() {
    let source = |path: &str| std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (pages, routes) = (source("src/app.rs"), source("src/server/routes.rs"));
    let routes = routes.split("fn api_routes").next().unwrap();
    let starts = pages.split("path!(\"/").skip(1).chain(routes.split("(\"/").skip(1));
    // Those of datasets begin with the name of a namespace themselves.
    let of_site = |word: &&str| !word.is_empty() && !word.starts_with([':', '{']);
    let words: Vec<&str> = starts.map(|rest| rest.split(['/', '"']).next().unwrap()).filter(of_site).collect();
    assert!(words.len() > 30 && words.contains(&"gallery") && words.contains(&"api"), "{words:?}");
    for word in words {
        assert!(is_reserved(word), "/{word} could be a group's");
    }
}
