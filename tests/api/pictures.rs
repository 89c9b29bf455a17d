//! The life of a picture over HTTP: metadata, ratings, copies, replacements, its end.

use super::app::{Api, TestApp, expect, png, problem};
use crate::support::promote;
use reqwest::Response;
use serde_json::{Value, json};

async fn get(api: &Api, id: &Value) -> Value {
    expect(api.get(&format!("/api/picture/{id}/")).send().await.unwrap(), 200).await
}

async fn post(api: &Api, id: &Value, what: &str, body: Value) -> Response {
    api.post(&format!("/api/picture/{id}/{what}")).json(&body).send().await.unwrap()
}

#[tokio::test]
async fn metadata_is_changed_by_its_author_and_administrators() {
    let app = TestApp::start().await;
    let (ada, bob, root) = (app.user("ada").await, app.user("bob").await, app.user("root").await);
    promote(&app.state.db, "root").await;
    let picture = ada.picture("before").await;
    let id = &picture["id"];
    let change =
        json!({"title": " after ", "licence_ids": ["MIT"], "nature_id": "scan", "origin_url": "https://example.org/x"});
    let answer = post(&ada, id, "update", change).await;
    assert_eq!(answer.headers()["etag"], "\"1\"");
    let changed = expect(answer, 200).await;
    for (key, value) in [
        ("title", json!("after")),
        ("licences", json!(["MIT"])),
        ("nature", json!("scan")),
        ("origin_url", json!("https://example.org/x")),
        ("metadata_revision", json!(1)),
    ] {
        assert_eq!(changed[key], value, "{key}");
    }
    assert_eq!(get(&ada, id).await, changed);
    let removed = expect(post(&root, id, "update", json!({"origin_url": null})).await, 200).await;
    assert_eq!((&removed["origin_url"], &removed["title"]), (&json!(null), &json!("after")));
    problem(post(&bob, id, "update", json!({"title": "mine"})).await, 403).await;
    problem(post(&app.anonymous(), id, "update", json!({"title": "mine"})).await, 401).await;
    problem(post(&ada, &json!(999), "update", json!({"title": "x"})).await, 404).await;
    for (body, field) in [
        (json!({"nature_id": "dream"}), "nature_id"),
        (json!({"licence_ids": ["MIT", "NONE"]}), "licence_ids[1]"),
        (json!({"origin_url": "javascript:alert(1)"}), "origin_url"),
        (json!({"title": "x".repeat(301)}), "title"),
    ] {
        let answer = problem(post(&ada, id, "update", body).await, 400).await;
        assert_eq!(answer["errors"][0]["field"], field);
    }
    problem(post(&ada, id, "update", json!({"author": "bob"})).await, 400).await;
}

#[tokio::test]
async fn a_late_change_is_told_what_the_other_wrote() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("first").await;
    let update = async |title: &str, base: &str| {
        let request = ada.post(&format!("/api/picture/{}/update", picture["id"])).header("if-match", base);
        request.json(&json!({"title": title})).send().await.unwrap()
    };
    expect(update("theirs", "\"0\"").await, 200).await;
    let late = expect(update("mine", "\"0\"").await, 412).await;
    assert_eq!((&late["title"], &late["metadata_revision"]), (&json!("theirs"), &json!(1)));
    expect(update("mine", "\"1\"").await, 200).await;
    problem(update("mine", "1").await, 400).await;
}

#[tokio::test]
async fn the_form_does_not_overwrite_silently_either() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("first").await;
    let id = picture["id"].to_string();
    let send = async |title: &str, base: &str| {
        let fields = [
            ("id", id.as_str()),
            ("base", base),
            ("title", title),
            ("description", "one\r\ntwo"),
            ("origin_url", ""),
            ("nature_id", "photo"),
            ("licence_ids[]", "MIT"),
            ("licence_ids[]", "CC0-1.0"),
        ];
        ada.post("/fn/edit_picture").form(&fields).send().await.unwrap()
    };
    let done = expect(send("theirs", "0").await, 200).await;
    assert_eq!((&done["title"], &done["description"]), (&json!("theirs"), &json!("one\ntwo")));
    assert_eq!(done["licences"], json!(["CC0-1.0", "MIT"]));
    problem(send("mine", "0").await, 412).await;
    assert_eq!(get(&ada, &picture["id"]).await["title"], "theirs");
    // Without a ticked box the picture has no licence.
    let fields = [
        ("id", id.as_str()),
        ("base", "1"),
        ("title", "t"),
        ("description", ""),
        ("origin_url", ""),
        ("nature_id", "photo"),
    ];
    let none = expect(ada.post("/fn/edit_picture").form(&fields).send().await.unwrap(), 200).await;
    assert_eq!(none["licences"], json!([]));
}

#[tokio::test]
async fn ratings_are_set_changed_and_removed() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let picture = ada.picture("rated").await;
    let id = &picture["id"];
    expect(post(&ada, id, "rate", json!({"rating": 2})).await, 200).await;
    let both = expect(post(&bob, id, "rate", json!({"rating": 5})).await, 200).await;
    assert_eq!(both, json!({"rating_average": 3.5, "rating_count": {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}}));
    let removed = expect(post(&bob, id, "rate", json!({"rating": false})).await, 200).await;
    assert_eq!(removed["rating_average"], 2.0);
    assert_eq!(get(&ada, id).await["rating_count"]["2"], 1);
    for wrong in [json!(0), json!(6), json!(300), json!(true), json!(null), json!("5"), json!(2.5)] {
        problem(post(&ada, id, "rate", json!({"rating": wrong})).await, 400).await;
    }
    problem(post(&ada, id, "rate", json!({})).await, 400).await;
    problem(post(&ada, &json!(999), "rate", json!({"rating": 1})).await, 404).await;
    problem(post(&app.anonymous(), id, "rate", json!({"rating": 1})).await, 401).await;
}

#[tokio::test]
async fn a_copy_is_ones_own() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let annotations = json!([{"type": "point", "shape": {"x": 0.25, "y": 0.5}, "object": "Cat"}]);
    let metadata = json!({"title": "A cat", "nature": "photo", "licence": ["MIT"], "annotations": annotations});
    let source = ada.picture_with(metadata, png(64, 48, 1)).await;
    let answer = bob.post(&format!("/api/picture/{}/copy", source["id"])).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let copy = expect(answer, 201).await;
    assert_eq!(location, format!("/api/picture/{}/", copy["id"]));
    for key in ["title", "download", "licences", "nature", "width", "height", "file_format"] {
        assert_eq!(copy[key], source[key], "{key}");
    }
    assert_eq!((&copy["author"], &copy["copied_from"]), (&json!("bob"), &source["id"]));
    assert_eq!(copy["regions"][0]["shape"], json!({"x": 0.25, "y": 0.5}));
    expect(post(&bob, &copy["id"], "update", json!({"title": "My cat"})).await, 200).await;
    assert_eq!(get(&bob, &source["id"]).await["title"], "A cat");
    problem(post(&app.anonymous(), &source["id"], "copy", json!({})).await, 401).await;
    problem(post(&bob, &json!(999), "copy", json!({})).await, 404).await;
}

#[tokio::test]
async fn a_picture_goes_and_its_neighbours_stay_consistent() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let first = ada.picture("first").await;
    let middle = ada.picture_with(json!({"nature": "photo", "replaces": first["id"]}), png(9, 9, 1)).await;
    let last = ada.picture_with(json!({"nature": "photo", "replaces": middle["id"]}), png(9, 9, 2)).await;
    problem(post(&bob, &middle["id"], "delete", json!({})).await, 403).await;
    expect(post(&ada, &middle["id"], "delete", json!({})).await, 204).await;
    assert_eq!(get(&ada, &first["id"]).await["replaced_by"], last["id"]);
    assert_eq!(get(&ada, &last["id"]).await["replaces"], first["id"]);
    problem(post(&ada, &middle["id"], "delete", json!({})).await, 404).await;
}

#[tokio::test]
async fn regions_go_over_to_a_better_file_of_the_same_shape() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let annotations = json!([{"type": "bbox", "shape": {"x": 0.25, "y": 0.5, "w": 0.25, "h": 0.25}, "object": "Cat"}]);
    let old = ada.picture_with(json!({"nature": "photo", "annotations": annotations}), png(64, 48, 1)).await;
    let better = |more: Value| {
        let mut metadata = json!({"nature": "photo", "replaces": old["id"], "carry_regions": true});
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        metadata
    };
    for (metadata, bytes) in [
        (better(json!({})), png(48, 64, 2)),
        (better(json!({"annotations": []})), png(128, 96, 2)),
        (better(json!({"replaces": null})), png(128, 96, 2)),
    ] {
        let answer = problem(ada.upload(metadata, bytes).await, 400).await;
        assert_eq!(answer["errors"][0]["field"], "carry_regions");
    }
    let new = ada.picture_with(better(json!({})), png(128, 96, 2)).await;
    assert_eq!(new["regions"][0]["shape"], annotations[0]["shape"]);
    assert_ne!(new["regions"][0]["id"], old["regions"][0]["id"]);
    assert_eq!(new["revision"], 1);
}
