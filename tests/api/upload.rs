//! Uploads over HTTP.

use super::app::{TestApp, expect, png, problem};
use reqwest::multipart::{Form, Part};
use serde_json::json;

#[tokio::test]
async fn a_picture_comes_in_with_everything() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let metadata = json!({
        "title": "A cat", "description": "On a mat.", "origin_url": "https://example.org/cat", "licence": ["CC-BY-4.0", "MIT"],
        "nature": "photo", "annotations": [{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}],
    });
    let response = ada.upload(metadata, png(64, 48, 1)).await;
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let picture = expect(response, 201).await;
    for (key, value) in [
        ("title", json!("A cat")),
        ("author", json!("ada")),
        ("width", json!(64)),
        ("height", json!(48)),
        ("file_format", json!("image/png")),
        ("licences", json!(["CC-BY-4.0", "MIT"])),
        ("replaces", json!(null)),
        ("rating_average", json!(null)),
    ] {
        assert_eq!(picture[key], value, "{key}");
    }
    assert_eq!(picture["regions"][0]["object"], "Cat");
    assert_eq!(expect(ada.get(&location).send().await.unwrap(), 200).await, picture);
    let file = ada.client.get(picture["download"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(file.bytes().await.unwrap(), png(64, 48, 1));
}

#[tokio::test]
async fn the_parts_may_come_in_either_order() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let form = Form::new().part("file", Part::bytes(png(8, 8, 1))).text("json", json!({"nature": "photo"}).to_string());
    expect(ada.post("/api/upload").multipart(form).send().await.unwrap(), 201).await;
}

#[tokio::test]
async fn bad_uploads_are_refused_in_words_and_leave_nothing() {
    let app = TestApp::start_with(|config| config.upload_limit_bytes = 1_000_000).await;
    let ada = app.user("ada").await;
    let good = json!({"nature": "photo", "licence": ["MIT"]});
    // A PNG header that claims 60000 x 60000 pixels.
    let mut bomb = png(8, 8, 1);
    bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32(&bomb[12..29]);
    bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
    let truncated = png(64, 48, 1)[..100].to_vec();
    for (what, metadata, bytes, status) in [
        ("text", good.clone(), b"Not a picture at all.".to_vec(), 415),
        ("empty", good.clone(), Vec::new(), 415),
        ("bomb", good.clone(), bomb, 413),
        ("truncated", good.clone(), truncated, 400),
        ("large", good.clone(), vec![0x89; 1_500_000], 413),
        ("nature", json!({"nature": "dream"}), png(8, 8, 1), 400),
        ("licence", json!({"nature": "photo", "licence": ["NONE-1.0"]}), png(8, 8, 1), 400),
        ("url", json!({"nature": "photo", "origin_url": "javascript:alert(1)"}), png(8, 8, 1), 400),
        (
            "object",
            json!({"nature": "photo", "annotations": [{"type": "point", "shape": {"x": 0, "y": 0}, "object": "X"}]}),
            png(8, 8, 1),
            400,
        ),
        ("key", json!({"nature": "photo", "author": "root"}), png(8, 8, 1), 400),
        ("replaced", json!({"nature": "photo", "replaces": 99}), png(8, 8, 1), 404),
    ] {
        let answer = problem(ada.upload(metadata, bytes).await, status).await;
        assert!(answer["detail"].as_str().unwrap().len() > 10, "{what}: {answer}");
    }
    let all = ada.get("/api/query-pictures").send().await.unwrap();
    assert_eq!(all.headers()["x-total-count"], "0");
    let blobs = app.state.config.data_dir.join("blobs");
    assert_eq!(std::fs::read_dir(blobs.join("incoming")).unwrap().count(), 0);
    // Nor the file under its name, where anybody could fetch it.
    assert_eq!(std::fs::read_dir(&blobs).unwrap().count(), 1, "only `incoming` is there");
    let missing = ada.post("/api/upload").multipart(Form::new().text("json", good.to_string())).send().await.unwrap();
    assert_eq!(problem(missing, 400).await["errors"][0]["field"], "file");
    problem(ada.post("/api/upload").json(&good).send().await.unwrap(), 415).await;
    problem(app.anonymous().upload(good, png(8, 8, 1)).await, 401).await;
}

#[tokio::test]
async fn a_replacement_makes_the_old_picture_obsolete() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let old = ada.picture("old").await;
    let metadata = json!({"nature": "photo", "replaces": old["id"]});
    problem(bob.upload(metadata.clone(), png(9, 9, 1)).await, 403).await;
    let new = ada.picture_with(metadata.clone(), png(9, 9, 2)).await;
    assert_eq!(new["replaces"], old["id"]);
    let old = expect(ada.get(&format!("/api/picture/{}", old["id"])).send().await.unwrap(), 200).await;
    assert_eq!(old["replaced_by"], new["id"]);
    problem(ada.upload(metadata, png(9, 9, 3)).await, 409).await;
}

/// The checksum of a PNG chunk (ISO 3309).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
