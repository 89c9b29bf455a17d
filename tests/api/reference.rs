//! Reference data, users, galleries and pages over HTTP.

use super::app::{PASSWORD, TestApp, expect, hidden, problem};
use crate::support::promote;
use ocellus::server::context::now_s;
use ocellus::server::store;
use serde_json::json;

#[tokio::test]
async fn licences_and_natures_are_there_from_the_start() {
    let app = TestApp::start().await;
    let api = app.anonymous();
    let licences = expect(api.get("/api/licence/").send().await.unwrap(), 200).await;
    for (id, free) in [
        ("CC-BY-SA-4.0", true),
        ("CC-BY-NC-ND-1.0", false),
        ("X-all-rights-reserved", false),
        ("GPL-3.0-or-later", true),
    ] {
        assert_eq!(licences[id]["free"], free, "{id}");
    }
    let licence = expect(api.get("/api/licence/CC-BY-4.0/").send().await.unwrap(), 200).await;
    for key in ["id", "title", "description", "info_url", "legalese_url", "free", "pinned", "logo_url"] {
        assert!(licence.get(key).is_some(), "{key}");
    }
    problem(api.get("/api/licence/CC-BY-9.0").send().await.unwrap(), 404).await;
    let natures = expect(api.get("/api/nature/").send().await.unwrap(), 200).await;
    for id in ["photo", "computer-3d-art", "drawing", "screenshot", "scan"] {
        assert!(natures[id].as_str().is_some_and(|text| !text.is_empty()), "{id}");
    }
}

#[tokio::test]
async fn administrators_add_and_change_licences() {
    let app = TestApp::start().await;
    let (ada, boss) = (app.user("ada").await, app.user("boss").await);
    promote(&app.state.db, "boss").await;
    let new = json!({"id": "X-ask-first", "title": "Ask first", "free": false, "info_url": "https://example.org/"});
    problem(app.anonymous().post("/api/new-licence").json(&new).send().await.unwrap(), 401).await;
    problem(ada.post("/api/new-licence").json(&new).send().await.unwrap(), 403).await;
    let made = boss.post("/api/new-licence").json(&new).send().await.unwrap();
    assert_eq!(made.headers()["location"], "/api/licence/X-ask-first/");
    assert_eq!(expect(made, 201).await["title"], "Ask first");
    problem(boss.post("/api/new-licence").json(&new).send().await.unwrap(), 409).await;

    let wrong = json!({"id": "no spaces", "title": "", "free": true, "info_url": "javascript:alert(1)"});
    let refused = problem(boss.post("/api/new-licence").json(&wrong).send().await.unwrap(), 400).await;
    assert_eq!(refused["errors"].as_array().unwrap().len(), 3, "{refused}");
    let path = "/api/licence/X-ask-first/update";
    problem(ada.post(path).json(&json!({"free": true})).send().await.unwrap(), 403).await;
    for body in [json!({"id": "MIT"}), json!({"logo_url": "data:image/png,"}), json!({"title": " "})] {
        problem(boss.post(path).json(&body).send().await.unwrap(), 400).await;
    }
    let change = json!({"info_url": null, "description": "Write to the author.", "free": true});
    let changed = expect(boss.post(path).json(&change).send().await.unwrap(), 200).await;
    assert_eq!(
        (&changed["info_url"], &changed["title"], &changed["free"]),
        (&json!(null), &json!("Ask first"), &json!(true))
    );
    problem(boss.post("/api/licence/NONE/update").json(&change).send().await.unwrap(), 404).await;
    let metadata = json!({"title": "one", "nature": "photo", "licence": ["X-ask-first"]});
    ada.picture_with(metadata, super::app::png(64, 48, 1)).await;
    assert_eq!(expect(ada.get("/api/licence/X-ask-first").send().await.unwrap(), 200).await["pictures"], 1);
}

#[tokio::test]
async fn administrators_add_and_change_natures() {
    let app = TestApp::start().await;
    let (ada, boss) = (app.user("ada").await, app.user("boss").await);
    promote(&app.state.db, "boss").await;
    let new = json!({"id": "x-ray", "description": "Seen through."});
    problem(ada.post("/api/new-nature").json(&new).send().await.unwrap(), 403).await;
    expect(boss.post("/api/new-nature").json(&new).send().await.unwrap(), 201).await;
    problem(boss.post("/api/new-nature").json(&new).send().await.unwrap(), 409).await;
    problem(boss.post("/api/new-nature").json(&json!({"id": "X Ray", "description": ""})).send().await.unwrap(), 400)
        .await;
    let path = "/api/nature/x-ray/update";
    problem(ada.post(path).json(&json!({"description": "Mine."})).send().await.unwrap(), 403).await;
    problem(boss.post(path).json(&json!({"description": " "})).send().await.unwrap(), 400).await;
    expect(boss.post(path).json(&json!({"description": "Made with X-rays."})).send().await.unwrap(), 200).await;
    let nature = expect(ada.get("/api/nature/x-ray/").send().await.unwrap(), 200).await;
    assert_eq!(nature, json!({"id": "x-ray", "description": "Made with X-rays.", "pictures": 0}));
    problem(ada.get("/api/nature/none").send().await.unwrap(), 404).await;
    let all = expect(ada.get("/api/nature/").send().await.unwrap(), 200).await;
    assert_eq!(all["x-ray"], "Made with X-rays.");
}

#[tokio::test]
async fn forms_about_licences_work_without_javascript_and_only_administrators_see_them() {
    let app = TestApp::start().await;
    app.account("boss").await;
    promote(&app.state.db, "boss").await;
    let browser = app.browser();
    let page = async |path: &str| browser.get(path).send().await.unwrap().text().await.unwrap();
    assert!(!page("/licences").await.contains("Add a licence"));
    expect(
        browser.post("/api/login").json(&json!({"username": "boss", "password": PASSWORD})).send().await.unwrap(),
        200,
    )
    .await;
    assert!(page("/licences").await.contains("Add a licence"));
    assert!(page("/natures").await.contains("Add a nature"));
    let send = |function: &str, path: &str, form: &[(&str, &str)]| {
        let form: Vec<(String, String)> = form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let request = browser.post(&format!("/fn/{function}")).header("accept", "text/html");
        request.header("referer", format!("{}{path}", app.url)).form(&form).send()
    };
    let made =
        send("new_licence", "/licences", &[("id", "X-new"), ("title", "New"), ("info_url", "ftp://x")]).await.unwrap();
    let back = made.headers()["location"].to_str().unwrap().to_owned();
    let text = browser.client.get(&back).send().await.unwrap().text().await.unwrap();
    let error = text.split("id=\"info_url-error\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(error.contains("http"), "beside the field: {error}");
    let made = send("new_licence", "/licences", &[("id", "X-new"), ("title", "New"), ("free", "true")]).await.unwrap();
    assert_eq!(made.headers()["location"], "/licence/X-new");
    let changed = send("edit_licence", "/licence/X-new", &[("id", "X-new"), ("title", "Newer")]).await.unwrap();
    assert_eq!(changed.headers()["location"], "/licence/X-new");
    let licence = expect(browser.get("/api/licence/X-new").send().await.unwrap(), 200).await;
    assert_eq!((&licence["title"], &licence["free"]), (&json!("Newer"), &json!(false)), "a box that is not ticked");
    // What the form leaves as it was is as somebody else made it since.
    let before = hidden(&page("/licence/X-new").await, "before");
    let change = json!({"description": "Theirs.", "pinned": true, "info_url": "https://example.org/"});
    expect(browser.post("/api/licence/X-new/update").json(&change).send().await.unwrap(), 200).await;
    let form = [("id", "X-new"), ("title", "Newest"), ("before", before.as_str())];
    send("edit_licence", "/licence/X-new", &form).await.unwrap();
    let licence = expect(browser.get("/api/licence/X-new").send().await.unwrap(), 200).await;
    assert_eq!(licence["title"], "Newest");
    for key in ["description", "pinned", "info_url"] {
        assert_eq!(licence[key], change[key], "{key}");
    }
    let changed =
        send("edit_nature", "/nature/photo", &[("id", "photo"), ("description", "Taken by a camera.")]).await.unwrap();
    assert_eq!(changed.headers()["location"], "/nature/photo");
    assert!(page("/nature/photo").await.contains("Taken by a camera."));
}

#[tokio::test]
async fn users_are_listed() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let api = app.anonymous();
    let users = expect(api.get("/api/user/").send().await.unwrap(), 200).await;
    assert_eq!(users["ada"]["admin"], false);
    let ada = expect(api.get("/api/user/ada/").send().await.unwrap(), 200).await;
    assert!(ada["joined"].as_i64().unwrap() <= now_s());
    let keys: Vec<_> = ada.as_object().unwrap().keys().collect();
    let public = ["admin", "annotated", "attribution", "closed", "galleries", "id", "joined", "pictures", "regions"];
    assert_eq!(keys, public, "nothing else about a user is public");
    problem(api.get("/api/user/bob").send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn galleries_are_shown() {
    let app = TestApp::start().await;
    let ada = app.account("ada").await;
    let id = store::galleries::insert(&app.state.db, "Cats", "All of them.", ada, now_s()).await.unwrap();
    let gallery = expect(app.anonymous().get(&format!("/api/gallery/{id}")).send().await.unwrap(), 200).await;
    assert_eq!((gallery["title"].as_str(), gallery["owner"].as_str()), (Some("Cats"), Some("ada")));
    problem(app.anonymous().get("/api/gallery/77").send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn health_says_that_all_is_well() {
    let app = TestApp::start().await;
    let health = expect(app.anonymous().get("/api/health").send().await.unwrap(), 200).await;
    assert_eq!(health["status"], "ok");
}
