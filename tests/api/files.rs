//! Picture files over HTTP.

use super::app::{TestApp, expect, png, problem};
use crate::support::ACTOR;
use ocellus::server::file_check::{self, FileCheck};
use ocellus::server::store::picture_changes;
use serde_json::{Value, json};
use std::time::Duration;

fn hash_of(picture: &Value) -> String {
    let (_, name) = picture["download"].as_str().unwrap().split_once("/image/").unwrap();
    name.split('.').next().unwrap().to_owned()
}

#[tokio::test]
async fn originals_come_whole_in_parts_and_not_twice() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bytes = png(64, 48, 1);
    let picture = ada.picture_with(json!({"nature": "photo"}), bytes.clone()).await;
    let url = picture["download"].as_str().unwrap();
    let whole = ada.client.get(url).send().await.unwrap();
    for (name, part) in [
        ("content-type", "image/png"),
        ("cache-control", "immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox"),
        ("accept-ranges", "bytes"),
    ] {
        assert!(whole.headers()[name].to_str().unwrap().contains(part), "{name}");
    }
    let etag = whole.headers()["etag"].clone();
    let unchanged = ada.client.get(url).header("if-none-match", etag).send().await.unwrap();
    assert_eq!(unchanged.status(), 304);
    let part = ada.client.get(url).header("range", "bytes=4-9").send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.headers()["content-range"], format!("bytes 4-9/{}", bytes.len()));
    assert_eq!(part.bytes().await.unwrap(), bytes[4..10]);
    let beyond = ada.client.get(url).header("range", "bytes=999999-").send().await.unwrap();
    assert_eq!(beyond.status(), 416);
    let head = ada.client.head(url).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], bytes.len().to_string());
}

#[tokio::test]
async fn thumbnails_fit_and_are_made_again_when_lost() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture_with(json!({"nature": "photo"}), png(1200, 800, 1)).await;
    let hash = hash_of(&picture);
    for (size, width, height) in [(320, 320, 213), (960, 960, 640)] {
        let path = format!("/thumbnail/{hash}/{size}");
        let first = ada.get(&path).send().await.unwrap().bytes().await.unwrap();
        let thumbnail = image::load_from_memory(&first).unwrap();
        assert_eq!((thumbnail.width(), thumbnail.height()), (width, height));
        std::fs::remove_dir_all(app.state.config.data_dir.join("thumbnails")).unwrap_or_default();
        assert_eq!(ada.get(&path).send().await.unwrap().bytes().await.unwrap(), first);
    }
    for path in [
        format!("/thumbnail/{hash}/1000"),
        "/thumbnail/..%2F..%2Fetc/320".to_owned(),
        format!("/thumbnail/{}/320", "0".repeat(64)),
        format!("/image/{hash}.gif"),
        "/image/..%2Ftest.sqlite".to_owned(),
    ] {
        expect(ada.get(&path).send().await.unwrap(), 404).await;
    }
}

#[tokio::test]
async fn only_files_of_pictures_are_served_and_the_others_are_removed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (kept, deleted) = (ada.picture("kept").await, ada.picture("deleted").await);
    let hash = hash_of(&deleted);
    picture_changes::delete(&app.state.db, deleted["id"].as_i64().unwrap(), ACTOR).await.unwrap();
    for path in [format!("/image/{hash}.png"), format!("/thumbnail/{hash}/320")] {
        for value in ["*", "\"x\""] {
            problem(ada.get(&path).header("if-none-match", value).send().await.unwrap(), 404).await;
        }
    }
    // A file that never had a row: the server stopped between the two.
    let staged = app.state.blobs.stage_bytes("left behind").await.unwrap();
    let left = staged.hash.clone();
    app.state.blobs.commit(staged).await.unwrap();
    let unused = FileCheck { unused: [hash.clone(), left.clone()].into(), ..FileCheck::default() };
    assert_eq!(file_check::check(&app.state, true, file_check::GRACE).await.unwrap(), FileCheck::default());
    assert_eq!(file_check::check(&app.state, false, Duration::ZERO).await.unwrap(), unused);
    assert_eq!(file_check::check(&app.state, true, Duration::ZERO).await.unwrap(), unused);
    assert_eq!(file_check::check(&app.state, false, Duration::ZERO).await.unwrap(), FileCheck::default());
    assert!(!app.state.blobs.exists(&hash).await.unwrap() && !app.state.blobs.exists(&left).await.unwrap());
    expect(ada.client.get(kept["download"].as_str().unwrap()).send().await.unwrap(), 200).await;
}

#[tokio::test]
async fn a_lost_file_is_the_sites_fault_and_is_reported() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("lost").await;
    let hash = hash_of(&picture);
    assert!(app.state.blobs.remove_unused(&hash, Duration::ZERO).await.unwrap());
    std::fs::remove_dir_all(app.state.config.data_dir.join("thumbnails")).unwrap();
    problem(ada.client.get(picture["download"].as_str().unwrap()).send().await.unwrap(), 500).await;
    assert_eq!(ada.client.head(picture["download"].as_str().unwrap()).send().await.unwrap().status(), 500);
    problem(ada.get(&format!("/thumbnail/{hash}/320")).send().await.unwrap(), 500).await;
    let found = file_check::check(&app.state, true, Duration::ZERO).await.unwrap();
    assert_eq!(found, FileCheck { missing: [hash].into(), ..FileCheck::default() });
}

#[tokio::test]
async fn an_svg_may_show_the_pictures_within_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' width='5' height='4'/>".as_bytes().to_vec();
    let picture = ada.picture_with(json!({"nature": "photo"}), svg).await;
    let file = ada.client.get(picture["download"].as_str().unwrap()).send().await.unwrap();
    let policy = file.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("img-src data:"), "{policy}");
}
