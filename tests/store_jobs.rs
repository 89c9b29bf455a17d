//! Jobs in the database: who takes which, what is heard of them, and how they end; on both databases.

use crate::on_both_databases;
use crate::support::{NOW, user};
use ocellus::model::job::{JobError, JobKind, JobState, MAX_OPEN_JOBS};
use ocellus::model::{Account, PageRequest};
use ocellus::server::store::jobs::{self, End, Heard, LEASE_S, NewJob, Progress};
use ocellus::server::store::{Db, StoreError};

const ALL: PageRequest = PageRequest { offset: 0, limit: 1000 };

fn new(title: &str) -> NewJob {
    NewJob { kind: JobKind::Import, title: title.to_owned(), task: "{}".to_owned() }
}

fn account(id: i64, username: &str) -> Account {
    Account { id, username: username.to_owned(), admin: false }
}

fn at(done: i64) -> Progress {
    Progress { done, ..Progress::default() }
}

async fn taken(db: &Db, worker: &str, now: i64) -> Option<i64> {
    jobs::take(db, worker, now).await.unwrap().map(|job| job.id)
}

on_both_databases! {
    async fn everybody_has_a_turn_and_the_oldest_goes_first(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        assert_eq!(taken(db, "one", NOW).await, None);
        let mut ids = Vec::new();
        for (title, owner) in [("a", ada), ("b", ada), ("c", ada), ("d", bob)] {
            ids.push(jobs::insert(db, &new(title), owner, NOW).await.unwrap());
        }
        // Bob has none running, so that he comes before Ada's second one.
        let mut order = Vec::new();
        while let Some(id) = taken(db, "one", NOW).await {
            order.push(id);
        }
        assert_eq!(order, [ids[0], ids[3], ids[1], ids[2]]);
    }

    async fn several_workers_take_each_job_once(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        let mut ids = Vec::new();
        for number in 0..40 {
            ids.push(jobs::insert(db, &new(&number.to_string()), ada, NOW).await.unwrap());
        }
        let work = |worker: usize| async move {
            let mut mine = Vec::new();
            while let Some(id) = taken(db, &format!("worker {worker}"), NOW).await {
                mine.push(id);
            }
            mine
        };
        let mut all: Vec<i64> = futures::future::join_all((0..8).map(work)).await.into_iter().flatten().collect();
        all.sort_unstable();
        // One that is passed over because somebody else holds it may be missed by a worker, and never taken twice.
        all.extend(work(9).await);
        all.sort_unstable();
        assert_eq!(all, ids);
    }

    async fn what_is_heard_of_a_job_is_kept(test: &TestDb) {
        let db = &test.db;
        let ada = account(user(db, "ada").await, "ada");
        let id = jobs::insert(db, &new("a"), ada.id, NOW).await.unwrap();
        let waiting = jobs::get(db, &ada, id, NOW).await.unwrap();
        assert_eq!((waiting.state, waiting.done, waiting.total, waiting.rate), (JobState::Queued, 0, None, None));
        assert_eq!(jobs::tell(db, id, "one", &at(1), NOW).await.unwrap(), Heard::Lost);
        jobs::take(db, "one", NOW).await.unwrap().unwrap();
        let error = |place: &str| JobError { place: place.to_owned(), message: "is wrong".to_owned() };
        let progress = Progress {
            done: 20,
            total: Some(100),
            checkpoint: Some("\"20\"".to_owned()),
            errors: vec![error("row 1"), error("row 7")],
        };
        assert_eq!(jobs::tell(db, id, "one", &progress, NOW + 10).await.unwrap(), Heard::GoOn);
        assert_eq!(jobs::tell(db, id, "two", &at(90), NOW + 10).await.unwrap(), Heard::Lost);
        let progress = Progress { done: 30, errors: vec![error("row 21")], ..Progress::default() };
        assert_eq!(jobs::tell(db, id, "one", &progress, NOW + 15).await.unwrap(), Heard::GoOn);
        let running = jobs::get(db, &ada, id, NOW + 15).await.unwrap();
        assert_eq!((running.done, running.total, running.errors), (30, Some(100), 3));
        assert_eq!((running.rate, running.left_s), (Some(2.0), Some(35)));
        let kept = jobs::errors(db, id, 1, 10).await.unwrap();
        assert_eq!(kept, [(1, error("row 7")), (2, error("row 21"))]);
        assert!(jobs::end(db, id, "one", &End::Done("{\"pictures\":3}".to_owned()), NOW + 20).await.unwrap());
        assert!(!jobs::end(db, id, "one", &End::Failed("late".to_owned()), NOW + 21).await.unwrap());
        let done = jobs::get(db, &ada, id, NOW + 100).await.unwrap();
        assert_eq!((done.state, done.ended, done.left_s), (JobState::Done, Some(NOW + 20), None));
        assert_eq!(done.result, Some(serde_json::json!({"pictures": 3})));
        assert_eq!(jobs::forget(db, NOW + 20).await.unwrap(), 0);
        assert_eq!(jobs::forget(db, NOW + 21).await.unwrap(), 1);
        assert!(matches!(jobs::get(db, &ada, id, NOW).await, Err(StoreError::NotFound(_))));
    }

    async fn another_goes_on_where_a_worker_was_lost(test: &TestDb) {
        let db = &test.db;
        let ada = account(user(db, "ada").await, "ada");
        let id = jobs::insert(db, &new("a"), ada.id, NOW).await.unwrap();
        jobs::take(db, "one", NOW).await.unwrap().unwrap();
        let progress = Progress { done: 7, checkpoint: Some("\"seven\"".to_owned()), ..Progress::default() };
        jobs::tell(db, id, "one", &progress, NOW).await.unwrap();
        assert_eq!(taken(db, "two", NOW + LEASE_S).await, None);
        let again = jobs::take(db, "two", NOW + LEASE_S + 1).await.unwrap().unwrap();
        assert_eq!((again.id, again.done, again.checkpoint.as_deref()), (id, 7, Some("\"seven\"")));
        assert_eq!(jobs::tell(db, id, "one", &at(8), NOW + LEASE_S + 2).await.unwrap(), Heard::Lost);
        // An orderly end gives it back at once.
        jobs::put_back(db, id, "two").await.unwrap();
        assert_eq!(taken(db, "three", NOW + LEASE_S + 2).await, Some(id));
        // What brings down every server is not tried for ever, however much is done again each time.
        let mut now = NOW + LEASE_S + 2;
        for done in 0..4 {
            now += LEASE_S + 1;
            assert_eq!(taken(db, "four", now).await, Some(id));
            let again = Progress { done, checkpoint: Some("\"seven\"".to_owned()), ..Progress::default() };
            for progress in [again, at(90 + done)] {
                assert_eq!(jobs::tell(db, id, "four", &progress, now).await.unwrap(), Heard::GoOn);
            }
        }
        assert_eq!(taken(db, "five", now + LEASE_S + 1).await, None);
        let failed = jobs::get(db, &ada, id, now).await.unwrap();
        assert_eq!(failed.state, JobState::Failed);
        assert!(failed.failure.unwrap().contains("5 times"));
    }

    async fn jobs_are_cancelled_by_those_who_may_see_them(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (account(user(db, "ada").await, "ada"), account(user(db, "bob").await, "bob"));
        let root = Account { admin: true, ..account(user(db, "root").await, "root") };
        let waiting = jobs::insert(db, &new("a"), ada.id, NOW).await.unwrap();
        assert!(matches!(jobs::cancel(db, &bob, waiting, NOW).await, Err(StoreError::NotFound(_))));
        assert!(matches!(jobs::get(db, &bob, waiting, NOW).await, Err(StoreError::NotFound(_))));
        assert!(matches!(jobs::delete(db, &ada, waiting).await, Err(StoreError::Conflict(_))));
        assert_eq!(jobs::cancel(db, &ada, waiting, NOW).await.unwrap(), JobState::Cancelled);
        assert_eq!(taken(db, "one", NOW).await, None);
        let running = jobs::insert(db, &new("b"), ada.id, NOW).await.unwrap();
        jobs::take(db, "one", NOW).await.unwrap().unwrap();
        assert_eq!(jobs::cancel(db, &root, running, NOW).await.unwrap(), JobState::Running);
        assert!(jobs::get(db, &ada, running, NOW).await.unwrap().cancelling);
        assert_eq!(jobs::tell(db, running, "one", &at(1), NOW).await.unwrap(), Heard::Cancelled);
        assert!(jobs::end(db, running, "one", &End::Cancelled, NOW).await.unwrap());
        assert_eq!(jobs::cancel(db, &ada, running, NOW).await.unwrap(), JobState::Cancelled);
        let ids = |page: ocellus::model::Page<ocellus::model::job::Job>| -> Vec<i64> {
            page.items.iter().map(|job| job.id).collect()
        };
        assert_eq!(ids(jobs::list(db, &ada, true, ALL, NOW).await.unwrap()), [running, waiting]);
        assert_eq!(ids(jobs::list(db, &root, false, ALL, NOW).await.unwrap()), [0_i64; 0]);
        assert_eq!(ids(jobs::list(db, &root, true, ALL, NOW).await.unwrap()), [running, waiting]);
        jobs::delete(db, &ada, waiting).await.unwrap();
        assert_eq!(ids(jobs::list(db, &ada, false, ALL, NOW).await.unwrap()), [running]);
    }

    async fn nobody_fills_the_queue_alone(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        for number in 0..MAX_OPEN_JOBS {
            jobs::insert(db, &new(&number.to_string()), ada, NOW).await.unwrap();
        }
        assert!(matches!(jobs::insert(db, &new("one more"), ada, NOW).await, Err(StoreError::Conflict(_))));
        jobs::insert(db, &new("mine"), bob, NOW).await.unwrap();
    }
}
