//! Annotating picture after picture, over HTTP.

use super::app::{Api, TestApp, expect, problem};
use ocellus::model::text::path_segment;
use serde_json::{Value, json};

async fn around(api: &Api, picture: &Value, parameters: &[(&str, &str)]) -> reqwest::Response {
    let parameters: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", path_segment(value))).collect();
    api.get(&format!("/api/picture/{}/queue?{}", picture["id"], parameters.join("&"))).send().await.unwrap()
}

#[tokio::test]
async fn the_way_through_a_query_goes_on_where_a_picture_drops_out() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let (third, second, first) = (ada.picture("third").await, ada.picture("second").await, ada.picture("first").await);
    let query = [("query", "exclude:\n  - has: Cat\n"), ("ordering", "title-asc")];
    let queue = expect(around(&app.anonymous(), &second, &query).await, 200).await;
    assert_eq!((&queue["position"], &queue["total"]), (&json!(2), &json!(3)));
    assert_eq!(queue["previous"], json!({"id": first["id"], "title": "first"}));
    assert_eq!((&queue["next"]["id"], &queue["ahead"]), (&third["id"], &json!([third["id"]])));
    let cat = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}]);
    let path = format!("/api/picture/{}/annotations", second["id"]);
    expect(ada.put(&path).json(&cat).send().await.unwrap(), 200).await;
    let queue = expect(around(&ada, &second, &query).await, 200).await;
    assert_eq!((&queue["position"], &queue["before"], &queue["total"]), (&Value::Null, &json!(1), &json!(2)));
    assert_eq!((&queue["previous"]["id"], &queue["next"]["id"]), (&first["id"], &third["id"]));
    // Without a query all pictures follow each other, the newest first.
    let all = expect(around(&ada, &second, &[]).await, 200).await;
    assert_eq!((&all["position"], &all["total"]), (&json!(2), &json!(3)));
    let only = expect(around(&ada, &first, &[("only", "unannotated")]).await, 200).await;
    assert_eq!(only["total"], 2);
}

#[tokio::test]
async fn a_wrong_row_is_said_to_be_wrong() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("one").await;
    let wrong = problem(around(&ada, &picture, &[("query", "want:\n  - has_wings: 2\n")]).await, 400).await;
    assert_eq!(wrong["errors"][0]["line"], 2);
    problem(around(&ada, &picture, &[("gallery", "77")]).await, 404).await;
    problem(around(&ada, &picture, &[("gallery", "77"), ("query", "")]).await, 400).await;
    problem(around(&ada, &picture, &[("ordering", "backwards")]).await, 400).await;
    problem(around(&ada, &picture, &[("galery", "3")]).await, 400).await;
    problem(around(&ada, &picture, &[("gallery", "77"), ("ordering", "random")]).await, 400).await;
    problem(around(&ada, &picture, &[("gallery", "77"), ("seed", "3")]).await, 400).await;
    problem(around(&ada, &picture, &[("only", "nice")]).await, 400).await;
    problem(around(&ada, &json!({"id": 999}), &[]).await, 404).await;
}

#[tokio::test]
async fn a_gallery_is_a_row() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (one, two) = (ada.picture("one").await, ada.picture("two").await);
    let made = ada.post("/api/new-gallery").json(&json!({"title": "Mine"})).send().await.unwrap();
    let gallery = expect(made, 201).await["id"].clone();
    let ids = json!({"picture_ids": [one["id"], two["id"]]});
    expect(ada.post(&format!("/api/gallery/{gallery}/add-pictures")).json(&ids).send().await.unwrap(), 200).await;
    let queue = expect(around(&ada, &one, &[("gallery", &gallery.to_string())]).await, 200).await;
    assert_eq!((&queue["position"], &queue["next"]["id"]), (&json!(1), &two["id"]));
}

#[tokio::test]
async fn marks_are_put_and_taken_back() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let picture = ada.picture("one").await;
    let path = format!("/api/picture/{}/mark", picture["id"]);
    let none = expect(app.anonymous().get(&path).send().await.unwrap(), 200).await;
    assert_eq!(none, json!({"mark": null, "earlier": []}));
    let review = json!({"state": "needs_review", "comment": " Which cat?\r\n"});
    let marks = expect(bob.put(&path).json(&review).send().await.unwrap(), 200).await;
    assert_eq!((&marks["mark"]["state"], &marks["mark"]["author"]), (&json!("needs_review"), &json!("bob")));
    assert_eq!(marks["mark"]["comment"], "Which cat?");
    let done = expect(ada.put(&path).json(&json!({"state": "done"})).send().await.unwrap(), 200).await;
    assert_eq!(done["mark"]["state"], "done");
    let mut replaced = marks["mark"].clone();
    replaced["ended"] = json!({"author": "ada", "timestamp": done["mark"]["timestamp"]});
    assert_eq!(done["earlier"], json!([replaced]));
    let detail = expect(ada.get(&format!("/api/picture/{}", picture["id"])).send().await.unwrap(), 200).await;
    assert_eq!(detail["mark"], done["mark"]);
    let gone = expect(bob.client.delete(format!("{}{path}", app.url)).send().await.unwrap(), 200).await;
    assert_eq!((&gone["mark"], gone["earlier"].as_array().unwrap().len()), (&Value::Null, 2));

    for (body, field) in [
        (json!({"state": "done", "comment": "x".repeat(2001)}), Some("comment")),
        (json!({"state": "finished"}), None),
        (json!({"comment": ""}), None),
        (json!({"state": "done", "mood": "good"}), None),
    ] {
        let answer = problem(ada.put(&path).json(&body).send().await.unwrap(), 400).await;
        assert_eq!(answer["errors"][0]["field"].as_str(), field, "{answer}");
    }
    let reader = app.user_with("eve", ocellus::server::store::tokens::Scope::Read).await;
    problem(reader.put(&path).json(&json!({"state": "done"})).send().await.unwrap(), 403).await;
    problem(app.anonymous().put(&path).json(&json!({"state": "done"})).send().await.unwrap(), 401).await;
    let url = format!("{}{path}", app.url);
    problem(reader.client.delete(&url).send().await.unwrap(), 403).await;
    problem(app.anonymous().client.delete(&url).send().await.unwrap(), 401).await;
    problem(ada.put("/api/picture/999/mark").json(&json!({"state": "done"})).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn a_page_marks_only_for_whoever_opened_it() {
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    let picture = bob.picture("one").await;
    let (path, done) = (format!("/api/picture/{}/mark", picture["id"]), json!({"state": "done"}));
    let url = format!("{}{path}", app.url);
    let page = |user: Value| json!({"picture": picture["id"], "mark": done, "user": user});
    let unmark = |user: Value| json!({"picture": picture["id"], "user": user});
    for name in ["ada", "bobby"] {
        let name = path_segment(name);
        problem(bob.put(&path).header("X-Ocellus-User", &name).json(&done).send().await.unwrap(), 401).await;
        problem(bob.client.delete(&url).header("X-Ocellus-User", &name).send().await.unwrap(), 401).await;
        expect(bob.post("/fn/mark_picture").json(&page(json!(name))).send().await.unwrap(), 401).await;
        expect(bob.post("/fn/unmark_picture").json(&unmark(json!(name))).send().await.unwrap(), 401).await;
    }
    let name = path_segment("bob");
    expect(bob.put(&path).header("X-Ocellus-User", &name).json(&done).send().await.unwrap(), 200).await;
    expect(bob.client.delete(&url).header("X-Ocellus-User", &name).send().await.unwrap(), 200).await;
    expect(bob.post("/fn/mark_picture").json(&page(json!("bob"))).send().await.unwrap(), 200).await;
    expect(bob.post("/fn/unmark_picture").json(&unmark(json!("bob"))).send().await.unwrap(), 200).await;
}
