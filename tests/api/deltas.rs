//! Small changes of regions over HTTP.

use super::app::{Api, TestApp, expect, problem};
use serde_json::{Value, json};

fn point(x: f64, object: &str) -> Value {
    json!({"type": "point", "shape": {"x": x, "y": 0.25}, "object": object})
}

async fn send(api: &Api, picture: &Value, delta: &Value) -> reqwest::Response {
    api.post(&format!("/api/picture/{}/annotations/delta", picture["id"])).json(delta).send().await.unwrap()
}

async fn list(api: &Api, picture: &Value) -> Value {
    expect(api.get(&format!("/api/picture/{}/annotations", picture["id"])).send().await.unwrap(), 200).await
}

#[tokio::test]
async fn an_hour_of_drawing_in_small_changes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let first = json!({"id": "tab-1.1", "revision": 0, "changes": [{"put": point(0.1 + 0.2, "Cat")}, {"put": point(0.2, "Cat")}]});
    let response = send(&ada, &picture, &first).await;
    assert_eq!(response.headers()["etag"], "\"1\"");
    let answer = expect(response, 200).await;
    assert_eq!((&answer["revision"], &answer["regions"]), (&json!(1), &list(&ada, &picture).await));
    assert_eq!(answer["regions"][0]["shape"]["x"], json!(0.1 + 0.2));

    let mut moved = answer["regions"][1].clone();
    moved["shape"]["x"] = json!(0.9);
    let second = json!({"id": "tab-1.2", "revision": 1, "changes": [
        {"delete": answer["regions"][0]["id"]}, {"put": moved}, {"put": point(0.5, "Cat"), "position": 0},
    ]});
    let changed = expect(send(&ada, &picture, &second).await, 200).await;
    assert_eq!(changed["regions"][0], Value::Null);
    assert_eq!(changed["regions"][1], moved);
    assert_eq!(list(&ada, &picture).await, json!([changed["regions"][2], moved]));

    // Both come again, as if the answers had got lost.
    let again = send(&ada, &picture, &first).await;
    assert_eq!(again.headers()["etag"], "\"1\"");
    assert_eq!(expect(again, 200).await, answer);
    assert_eq!(expect(send(&ada, &picture, &second).await, 200).await, changed);
    let history = ada.get(&format!("/api/picture/{}/history", picture["id"])).send().await.unwrap();
    let history = expect(history, 200).await;
    assert_eq!(history.as_array().unwrap().len(), 2);
    assert_eq!(
        (&history[0]["added"], &history[0]["changed"], &history[0]["removed"]),
        (&json!(1), &json!(1), &json!(1))
    );
}

#[tokio::test]
async fn the_same_name_for_something_else_is_a_conflict() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let delta = json!({"id": "a", "revision": 0, "changes": [{"put": point(0.1, "Cat")}]});
    expect(send(&ada, &picture, &delta).await, 200).await;
    problem(send(&bob, &picture, &delta).await, 409).await;
    let other = json!({"id": "a", "revision": 0, "changes": [{"put": point(0.2, "Cat")}]});
    problem(send(&ada, &picture, &other).await, 409).await;
    assert_eq!(list(&ada, &picture).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_outdated_delta_gets_the_current_list() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let delta = |id: &str| json!({"id": id, "revision": 0, "changes": [{"put": point(0.1, "Cat")}]});
    expect(send(&ada, &picture, &delta("a")).await, 200).await;
    let refused = send(&bob, &picture, &delta("b")).await;
    assert_eq!(refused.headers()["etag"], "\"1\"");
    assert_eq!(expect(refused, 412).await, list(&ada, &picture).await);
}

#[tokio::test]
async fn faults_are_named_by_their_place() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let with = |changes: Value| json!({"id": "a", "revision": 0, "changes": changes});
    for (body, field) in [
        (with(json!([{"put": point(1.5, "Cat")}])), "changes[0].put.shape.x"),
        (with(json!([{"put": point(0.5, "Cat")}, {"put": point(0.5, "Unicorn")}])), "changes[1].put.object"),
        (with(json!([{"delete": 12}])), "changes[0].delete"),
        (with(json!([{"delete": 12}, {"delete": 12}])), "changes[1].delete"),
        (json!({"id": "a/b", "revision": 0, "changes": []}), "id"),
        (json!([]), "body"),
    ] {
        let answer = problem(send(&ada, &picture, &body).await, 400).await;
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
    let path = format!("/api/picture/{}/annotations/delta", picture["id"]);
    problem(ada.post(&path).body("{").send().await.unwrap(), 400).await;
    assert_eq!(list(&ada, &picture).await, json!([]));
    let large = format!("[{}]", " ".repeat(32_500_000));
    problem(ada.post(&path).header("content-type", "application/json").body(large).send().await.unwrap(), 413).await;
    problem(ada.get(&path).send().await.unwrap(), 405).await;
}

#[tokio::test]
async fn only_who_drew_it_may_send_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("one").await;
    let nothing = json!({"id": "a", "revision": 0, "changes": []});
    problem(send(&app.anonymous(), &picture, &nothing).await, 401).await;
    problem(send(&ada, &json!({"id": 999_999}), &nothing).await, 404).await;
    let reader = app.user_with("eve", ocellus::server::store::tokens::Scope::Read).await;
    problem(send(&reader, &picture, &nothing).await, 403).await;
    let path = format!("/api/picture/{}/annotations/delta", picture["id"]);
    let for_bob = ada.post(&path).header("x-ocellus-user", "bob").json(&nothing).send().await.unwrap();
    problem(for_bob, 401).await;
    let for_ada = ada.post(&path).header("x-ocellus-user", "ada").json(&nothing).send().await.unwrap();
    assert_eq!(expect(for_ada, 200).await, json!({"revision": 0, "regions": []}));
}

#[tokio::test]
async fn the_page_may_send_it_as_well() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let arguments = json!({"picture": picture["id"], "delta":
        {"id": "a", "revision": 0, "changes": [{"put": point(0.5, "Cat")}]}});
    let answer = expect(ada.post("/fn/apply_delta").json(&arguments).send().await.unwrap(), 200).await;
    assert_eq!(answer["Done"]["revision"], 1);
    let wrong =
        json!({"picture": picture["id"], "delta": {"id": "b", "revision": 1, "changes": [{"put": point(1.5, "Cat")}]}});
    let answer = problem(ada.post("/fn/apply_delta").json(&wrong).send().await.unwrap(), 400).await;
    assert!(answer["detail"].as_str().unwrap().contains("changes[0].put.shape.x"), "{answer}");
}
