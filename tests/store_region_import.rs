//! Regions that come with an import: together with how far it is, or not at all; on both databases.

use crate::on_both_databases;
use crate::support::{NOW, new_picture, object, point, rect, user};
use ocellus::model::job::{JobError, JobKind};
use ocellus::model::{Account, NewDataset, Region, Viewer, Visibility};
use ocellus::server::store::audit::Actor;
use ocellus::server::store::jobs::{self, Heard, NewJob, Progress};
use ocellus::server::store::pictures::NewPicture;
use ocellus::server::store::region_import::{self, Addition, Importer, Stored};
use ocellus::server::store::{Db, StoreError, datasets, picture_changes, pictures, regions, repair};

struct Site {
    ada: i64,
    viewer: Viewer,
    dataset: i64,
    pictures: Vec<i64>,
    job: i64,
}

async fn site(db: &Db) -> Site {
    let ada = user(db, "ada").await;
    for name in ["Cat", "Dog"] {
        object(db, name, &[], ada).await;
    }
    let account = Account { id: ada, username: "ada".into(), admin: false };
    let viewer = Viewer { account: Some(account), read_only: false };
    let new = NewDataset {
        namespace: "ada".into(),
        name: "cats".into(),
        description: String::new(),
        visibility: Visibility::Private,
        tags: Vec::new(),
        storage_site: None,
    };
    let dataset = datasets::insert(db, &viewer, &new, ada, Actor::user(ada, NOW)).await.unwrap();
    let mut ids = Vec::new();
    for title in ["a", "b", "c"] {
        let new = NewPicture { dataset: Some(dataset), ..new_picture(ada, title) };
        ids.push(pictures::insert(db, new).await.unwrap());
    }
    let new = NewJob { kind: JobKind::Import, title: "one".to_owned(), task: "{}".to_owned() };
    let job = jobs::insert(db, &new, ada, NOW).await.unwrap();
    jobs::take(db, "worker", NOW).await.unwrap().unwrap();
    Site { ada, viewer, dataset, pictures: ids, job }
}

impl Site {
    async fn add(&self, db: &Db, worker: &str, done: i64, additions: &[Addition]) -> Result<Stored, StoreError> {
        let progress = Progress { done, total: Some(100), ..Progress::default() };
        let checkpoint = |stored: u64| Ok(format!("{{\"stored\":{stored}}}"));
        let job = (self.job, worker, &progress);
        let importer =
            Importer { viewer: &self.viewer, author: self.ada, dataset: self.dataset, job, checkpoint: &checkpoint };
        region_import::add(db, importer, additions, NOW).await
    }

    async fn regions(&self, db: &Db, picture: usize) -> Vec<Region> {
        let mut found = regions::annotations(db, &self.viewer, self.pictures[picture]).await.unwrap().regions;
        found.iter_mut().for_each(|region| region.id = None);
        found
    }

    fn addition(&self, picture: usize, replaces: bool, regions: &[Region]) -> Addition {
        let regions = regions.to_vec();
        Addition { picture: self.pictures[picture], path: format!("{picture}.png"), replaces, regions }
    }
}

on_both_databases! {
    async fn regions_come_behind_those_that_are_there_and_count(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let (one, two, three) = (rect(0.1, "Cat"), rect(0.2, "Dog"), point(0.5, 0.5, "Cat"));
        let first = [site.addition(0, false, &[one.clone(), two.clone()]), site.addition(1, false, std::slice::from_ref(&three))];
        assert_eq!(site.add(db, "worker", 3, &first).await.unwrap(), Stored { heard: Heard::GoOn, regions: 3 });
        let second = [site.addition(0, false, std::slice::from_ref(&three)), site.addition(2, false, &[])];
        assert_eq!(site.add(db, "worker", 4, &second).await.unwrap().regions, 1);
        assert_eq!(site.regions(db, 0).await, [one, two, three.clone()]);
        assert_eq!(site.regions(db, 1).await, [three]);
        assert_eq!(site.regions(db, 2).await, []);
        let history = regions::annotations_at(db, &site.viewer, site.pictures[0], 1).await.unwrap();
        assert_eq!(history.regions.len(), 2);
        assert_eq!(regions::annotations(db, &site.viewer, site.pictures[2]).await.unwrap().revision, 0);
        // What is counted of pictures is what is there.
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn regions_that_make_way_stay_in_the_history(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let (one, two) = (rect(0.1, "Cat"), rect(0.2, "Dog"));
        site.add(db, "worker", 1, &[site.addition(0, false, &[one.clone(), two.clone()])]).await.unwrap();
        let before = regions::annotations(db, &site.viewer, site.pictures[0]).await.unwrap();
        let replaced = [site.addition(0, true, std::slice::from_ref(&two)), site.addition(1, true, std::slice::from_ref(&one))];
        assert_eq!(site.add(db, "worker", 2, &replaced).await.unwrap().regions, 2);
        let after = regions::annotations(db, &site.viewer, site.pictures[0]).await.unwrap();
        assert_eq!(after.regions, before.regions[1..], "what is the same stays the same");
        assert_eq!(site.regions(db, 1).await, [one]);
        site.add(db, "worker", 3, &[site.addition(0, true, &[])]).await.unwrap();
        assert_eq!(site.regions(db, 0).await, []);
        assert_eq!(repair::check(db).await.unwrap(), []);
    }

    async fn who_has_lost_the_job_changes_nothing(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        let some = [site.addition(0, false, &[rect(0.1, "Cat")])];
        let lost = site.add(db, "another", 1, &some).await.unwrap();
        assert_eq!(lost, Stored { heard: Heard::Lost, regions: 0 });
        assert_eq!(site.regions(db, 0).await, []);
        let account = site.viewer.account.clone().unwrap();
        jobs::cancel(db, &account, site.job, NOW).await.unwrap();
        // Whoever works on it hears of it with what was stored last.
        assert_eq!(site.add(db, "worker", 1, &some).await.unwrap(), Stored { heard: Heard::Cancelled, regions: 1 });
        let unknown = [site.addition(0, false, &[rect(0.1, "Cat"), rect(0.1, "Unknown")])];
        assert!(matches!(site.add(db, "worker", 2, &unknown).await, Err(StoreError::Invalid(_))));
        assert_eq!(site.regions(db, 0).await.len(), 1, "all or nothing");
        assert_eq!(jobs::get(db, &account, site.job, NOW).await.unwrap().done, 1);
    }

    async fn what_has_no_room_and_who_is_gone_are_errors_of_the_job(test: &TestDb) {
        let db = &test.db;
        let site = site(db).await;
        picture_changes::delete(db, site.pictures[1], Actor::user(site.ada, NOW)).await.unwrap();
        let many: Vec<Region> = (0..100_001).map(|number| point(f64::from(number) / 200_000.0, 0.5, "Dog")).collect();
        let additions = [site.addition(0, false, &many), site.addition(1, false, &many[..1])];
        assert_eq!(site.add(db, "worker", 1, &additions).await.unwrap().regions, 100_000);
        let errors = jobs::errors(db, site.job, 0, 10).await.unwrap();
        let errors: Vec<JobError> = errors.into_iter().map(|(_, error)| error).collect();
        let error = |place: &str, message: &str| JobError { place: place.to_owned(), message: message.to_owned() };
        assert_eq!(
            errors,
            [error("0.png", "there is no room for 1 more regions on the picture"), error("1.png", "the picture is gone")]
        );
        assert_eq!(repair::check(db).await.unwrap(), []);
    }
}
