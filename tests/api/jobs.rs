//! Jobs over HTTP: who sees which, how they are followed, ended and forgotten.

use super::app::{Api, TestApp, expect, problem};
use crate::support::promote;
use futures::StreamExt;
use ocellus::model::job::{JobError, JobKind};
use ocellus::server::context::now_s;
use ocellus::server::store::jobs::{self, End, NewJob, Progress};
use ocellus::server::store::users;
use reqwest::Method;
use serde_json::Value;

/// A site whose servers take no jobs by themselves.
async fn site() -> TestApp {
    TestApp::start_with(|config| config.jobs_at_once = 0).await
}

async fn queued(app: &TestApp, owner: &str, title: &str) -> i64 {
    let user = users::by_name(&app.state.db, owner).await.unwrap().unwrap();
    let new = NewJob { kind: JobKind::Import, title: title.to_owned(), task: "{}".to_owned() };
    jobs::insert(&app.state.db, &new, user.id, now_s()).await.unwrap()
}

async fn get(api: &Api, path: &str, status: u16) -> Value {
    let response = api.get(&format!("/api/v1/jobs/{path}")).send().await.unwrap();
    if status < 400 { expect(response, status).await } else { problem(response, status).await }
}

async fn ask(api: &Api, method: Method, path: &str) -> reqwest::Response {
    api.client.request(method, format!("{}/api/v1/jobs/{path}", api.url)).send().await.unwrap()
}

#[tokio::test]
async fn jobs_are_their_owners() {
    let app = site().await;
    let (ada, bob, root) = (app.user("ada").await, app.user("bob").await, app.user("root").await);
    promote(&app.state.db, "root").await;
    let id = queued(&app, "ada", "one").await;
    let other = queued(&app, "bob", "two").await;
    let one = get(&ada, &format!("{id}/"), 200).await;
    assert_eq!(
        (&one["title"], &one["state"], &one["owner"], &one["total"]),
        (&"one".into(), &"queued".into(), &"ada".into(), &Value::Null)
    );
    for path in ["", "/events", "/errors.csv"] {
        get(&bob, &format!("{id}{path}"), 404).await;
        get(&app.anonymous(), &format!("{id}{path}"), 401).await;
    }
    assert_eq!(get(&root, &format!("{id}"), 200).await, one);
    assert_eq!(get(&ada, "", 200).await.as_array().unwrap().len(), 1);
    assert_eq!(get(&root, "", 200).await.as_array().unwrap().len(), 0);
    assert_eq!(get(&root, "?everybody=true", 200).await.as_array().unwrap().len(), 2);
    get(&ada, "?everybody=true", 403).await;
    get(&app.anonymous(), "", 401).await;
    problem(ask(&bob, Method::POST, &format!("{id}/cancel")).await, 404).await;
    problem(ask(&bob, Method::DELETE, &format!("{id}")).await, 404).await;
    problem(ask(&ada, Method::DELETE, &format!("{id}")).await, 409).await;
    let cancelled = expect(ask(&ada, Method::POST, &format!("{id}/cancel")).await, 200).await;
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(ask(&ada, Method::DELETE, &format!("{id}/")).await.status(), 204);
    get(&ada, &format!("{id}"), 404).await;
    assert_eq!(get(&bob, &format!("{other}"), 200).await["state"], "queued");
}

#[tokio::test]
async fn a_job_is_followed_until_it_ends() {
    let app = site().await;
    let ada = app.user("ada").await;
    let id = queued(&app, "ada", "one").await;
    let response = ada.get(&format!("/api/v1/jobs/{id}/events")).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.bytes_stream();
    let mut text = String::new();
    let mut next = async || {
        loop {
            if let Some((event, rest)) = text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                text = rest;
                if let Some(data) = event.strip_prefix("event: job\ndata: ") {
                    return Some(serde_json::from_str::<Value>(data).unwrap());
                }
                continue;
            }
            text.push_str(std::str::from_utf8(&body.next().await?.unwrap()).unwrap());
        }
    };
    let db = &app.state.db;
    assert_eq!(next().await.unwrap()["state"], "queued");
    jobs::take(db, "worker", now_s()).await.unwrap().unwrap();
    assert_eq!(next().await.unwrap()["state"], "running");
    let errors = vec![
        JobError { place: "line 3".to_owned(), message: "is, so to say, \"wrong\"".to_owned() },
        JobError { place: "=1+1".to_owned(), message: "-2".to_owned() },
    ];
    let progress = Progress { done: 5, total: Some(10), checkpoint: None, errors };
    jobs::tell(db, id, "worker", &progress, now_s()).await.unwrap();
    let job = next().await.unwrap();
    assert_eq!((&job["done"], &job["total"], &job["errors"]), (&5.into(), &10.into(), &2.into()));
    jobs::end(db, id, "worker", &End::Done("{\"x\": 1}".to_owned()), now_s()).await.unwrap();
    let job = loop {
        let job = next().await.unwrap();
        if job["state"] == "done" {
            break job;
        }
    };
    assert_eq!(job["result"]["x"], 1);
    assert_eq!(next().await, None, "there is no more news");
    let table = ada.get(&format!("/api/v1/jobs/{id}/errors.csv")).send().await.unwrap();
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8");
    let table = table.text().await.unwrap();
    assert_eq!(table, "place,message\r\nline 3,\"is, so to say, \"\"wrong\"\"\"\r\n'=1+1,'-2\r\n");
}

#[tokio::test]
async fn who_follows_a_job_does_not_keep_the_server_from_ending() {
    let mut app = site().await;
    let ada = app.user("ada").await;
    let id = queued(&app, "ada", "one").await;
    let response = ada.get(&format!("/api/v1/jobs/{id}/events")).send().await.unwrap();
    let mut body = response.bytes_stream();
    body.next().await.unwrap().unwrap();
    // The patience of the server's end is 10 seconds, which are not needed.
    tokio::time::timeout(std::time::Duration::from_secs(8), app.stop()).await.unwrap();
    while let Some(Ok(_)) = body.next().await {}
}
