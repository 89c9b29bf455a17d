//! Reference data, users, galleries and pages over HTTP.

use super::app::{TestApp, expect, problem};
use ocellus::server::context::now_s;
use ocellus::server::store;

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
async fn users_are_listed() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let api = app.anonymous();
    let users = expect(api.get("/api/user/").send().await.unwrap(), 200).await;
    assert_eq!(users["ada"]["admin"], false);
    let ada = expect(api.get("/api/user/ada/").send().await.unwrap(), 200).await;
    assert!(ada["joined"].as_i64().unwrap() <= now_s());
    assert_eq!(ada.as_object().unwrap().len(), 3, "nothing else about a user is public: {ada}");
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
