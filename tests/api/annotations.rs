//! Regions over HTTP.

use super::app::{Api, TestApp, expect, problem};
use serde_json::{Value, json};

async fn put(api: &Api, picture: &Value, regions: &Value) -> reqwest::Response {
    api.put(&format!("/api/picture/{}/annotations", picture["id"])).json(regions).send().await.unwrap()
}

fn point(x: f64, object: &str) -> Value {
    json!({"type": "point", "shape": {"x": x, "y": 0.25}, "object": object})
}

fn without_ids(regions: &Value) -> Value {
    let mut regions = regions.clone();
    for region in regions.as_array_mut().unwrap() {
        region.as_object_mut().unwrap().remove("id");
    }
    regions
}

#[tokio::test]
async fn the_numbers_come_back_exactly_and_in_order() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let regions = json!([
        {"type": "polygon", "shape": [{"x": 0.1, "y": 0.2}, {"x": 0.30000000000000004, "y": 0.2}, {"x": 1.0, "y": 5e-324}], "object": "Cat"},
        {"type": "bbox", "shape": {"x": 0.1234567890123456, "y": 0.0, "w": 0.7000000000000001, "h": 1.0}, "object": "Cat"},
        {"type": "polyline", "shape": [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0}], "object": "Cat"},
        point(0.1 + 0.2, "Cat"),
    ]);
    let saved = expect(put(&ada, &picture, &regions).await, 200).await;
    assert_eq!(without_ids(&saved), regions);
    let path = format!("/api/picture/{}/annotations", picture["id"]);
    let response = app.anonymous().get(&path).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    assert_eq!(expect(response, 200).await, saved);
    let unchanged = app.anonymous().get(&path).header("if-none-match", "\"1\"").send().await.unwrap();
    assert_eq!(unchanged.status(), 304);
    let detail = expect(ada.get(&format!("/api/picture/{}/", picture["id"])).send().await.unwrap(), 200).await;
    assert_eq!((&detail["regions"], &detail["revision"]), (&saved, &json!(1)));
}

#[tokio::test]
async fn one_bad_region_and_nothing_changes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let saved = expect(put(&ada, &picture, &json!([point(0.5, "Cat")])).await, 200).await;
    for (bad, field) in [
        (json!([point(0.6, "Cat"), point(1.5, "Cat")]), "[1].shape.x"),
        (json!([point(0.6, "Cat"), point(0.5, "Unicorn")]), "[1].object"),
        (json!({"regions": []}), "body"),
    ] {
        let answer = problem(put(&ada, &picture, &bad).await, 400).await;
        assert_eq!(answer["errors"][0]["field"], field, "{answer}");
    }
    let unicorn = problem(put(&ada, &picture, &json!([point(0.5, "Unicorn")])).await, 400).await;
    assert!(unicorn["errors"][0]["message"].as_str().unwrap().contains("Unicorn"), "{unicorn}");
    let path = format!("/api/picture/{}/annotations", picture["id"]);
    assert_eq!(expect(ada.get(&path).send().await.unwrap(), 200).await, saved);
}

#[tokio::test]
async fn an_outdated_save_gets_the_current_list() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let path = format!("/api/picture/{}/annotations", picture["id"]);
    let save =
        |api: &Api, regions: Value, base: &'static str| api.put(&path).header("if-match", base).json(&regions).send();
    let first = expect(save(&ada, json!([point(0.1, "Cat")]), "\"0\"").await.unwrap(), 200).await;
    let refused = save(&bob, json!([point(0.2, "Cat")]), "\"0\"").await.unwrap();
    assert_eq!(refused.headers()["etag"], "\"1\"");
    assert_eq!(expect(refused, 412).await, first);
    expect(save(&bob, json!([first[0], point(0.2, "Cat")]), "\"1\"").await.unwrap(), 200).await;
    problem(save(&bob, json!([]), "1").await.unwrap(), 400).await;
}

#[tokio::test]
async fn a_region_keeps_its_id_while_it_lives() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let first = expect(put(&ada, &picture, &json!([point(0.1, "Cat"), point(0.2, "Cat")])).await, 200).await;
    let mut moved = first[1].clone();
    moved["shape"]["x"] = json!(0.9);
    let second = expect(put(&ada, &picture, &json!([moved, point(0.1, "Cat")])).await, 200).await;
    assert_eq!((&second[0]["id"], &second[1]["id"]), (&first[1]["id"], &first[0]["id"]));
}

#[tokio::test]
async fn history_tells_who_did_what_and_can_be_reverted() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let picture = ada.picture("one").await;
    let first = expect(put(&ada, &picture, &json!([point(0.1, "Cat"), point(0.2, "Cat")])).await, 200).await;
    let mut changed = first[0].clone();
    changed["shape"]["x"] = json!(0.3);
    expect(put(&bob, &picture, &json!([changed])).await, 200).await;
    let path = format!("/api/picture/{}", picture["id"]);
    let history = expect(bob.get(&format!("{path}/history")).send().await.unwrap(), 200).await;
    let rows: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["revision"].as_i64().unwrap(),
                row["author"].as_str().unwrap(),
                row["added"].as_i64().unwrap(),
                row["changed"].as_i64().unwrap(),
                row["removed"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(rows, [(2, "bob", 0, 1, 1), (1, "ada", 2, 0, 0)]);
    let earlier = ada.get(&format!("{path}/annotations?revision=1")).send().await.unwrap();
    assert_eq!(earlier.headers()["etag"], "\"1\"");
    assert_eq!(expect(earlier, 200).await, first);
    let before = ada.get(&format!("{path}/annotations?revision=0")).send().await.unwrap();
    assert_eq!(expect(before, 200).await, json!([]));
    problem(ada.get(&format!("{path}/annotations?revision=3")).send().await.unwrap(), 404).await;
    problem(ada.get(&format!("{path}/annotations?revision=first")).send().await.unwrap(), 400).await;
    let reverted = ada.post(&format!("{path}/revert")).json(&json!({"revision": 1})).send().await.unwrap();
    assert_eq!(expect(reverted, 200).await, first);
    let missing = ada.post(&format!("{path}/revert")).json(&json!({"revision": 77})).send().await.unwrap();
    problem(missing, 404).await;
}

#[tokio::test]
async fn only_who_is_signed_in_may_annotate() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("one").await;
    problem(put(&app.anonymous(), &picture, &json!([])).await, 401).await;
    problem(put(&ada, &json!({"id": 999_999}), &json!([])).await, 404).await;
}
