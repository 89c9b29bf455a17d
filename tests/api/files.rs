//! Picture files over HTTP.

use super::app::{TestApp, expect, png};
use serde_json::json;

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
    let hash = picture["download"].as_str().unwrap().split("/image/").nth(1).unwrap().split('.').next().unwrap();
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
