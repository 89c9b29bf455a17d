//! What cameras write into files, over HTTP: shown, but for the place where it is not to be known.

use super::app::{TestApp, expect};
use ::exif::experimental::Writer;
use ::exif::{Field, In, Rational, Tag, Value};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value as Json, json};
use std::io::Cursor;

/// A JPEG as a phone writes it.
pub(super) fn jpeg(seed: u8) -> Vec<u8> {
    let degrees = |whole: u32| Value::Rational(vec![Rational { num: whole, denom: 1 }; 3]);
    let fields = [
        (Tag::Model, Value::Ascii(vec![b"Phone 3".to_vec()])),
        (Tag::GPSLatitude, degrees(12)),
        (Tag::GPSLongitude, degrees(34)),
    ]
    .map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value });
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut exif = Cursor::new(b"Exif\0\0".to_vec());
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).unwrap();
    exif.get_mut().extend(tiff.into_inner());
    let segment = exif.into_inner();
    let mut pixels = Cursor::new(Vec::new());
    RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8, y as u8, seed])).write_to(&mut pixels, ImageFormat::Jpeg).unwrap();
    let pixels = pixels.into_inner();
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&pixels[..2], b"\xFF\xE1", &length, &segment, &pixels[2..]].concat()
}

/// Whether a file says where it was taken.
pub(super) fn place_in(bytes: &[u8]) -> bool {
    let exif = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).unwrap();
    exif.get_field(Tag::GPSLatitude, In::PRIMARY).is_some()
}

#[tokio::test]
async fn the_place_stays_home_unless_the_uploader_keeps_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let file = jpeg(1);
    assert!(place_in(&file));
    let hidden = ada.picture_with(json!({"nature": "photo"}), file.clone()).await;
    assert_eq!(hidden["exif"], json!({"camera": "Phone 3"}));
    let get = async |picture: &Json, range: &str| {
        let request = ada.client.get(picture["download"].as_str().unwrap());
        if range.is_empty() { request } else { request.header("range", range) }.send().await.unwrap()
    };
    let whole = get(&hidden, "").await;
    let etag = whole.headers()["etag"].clone();
    assert!(whole.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    let served = whole.bytes().await.unwrap();
    assert_eq!(served.len(), file.len());
    assert!(!place_in(&served));
    assert_eq!(image::load_from_memory(&served).unwrap(), image::load_from_memory(&file).unwrap());
    // Parts and validators belong to the same bytes.
    assert_eq!(get(&hidden, "bytes=10-99").await.bytes().await.unwrap(), served[10..100]);
    let unchanged = ada.client.get(hidden["download"].as_str().unwrap()).header("if-none-match", &etag);
    assert_eq!(unchanged.send().await.unwrap().status(), 304);
    let kept = ada.picture_with(json!({"nature": "photo", "keep_place": true}), jpeg(2)).await;
    let place = kept["exif"]["place"].clone();
    assert!((place["latitude"].as_f64().unwrap() - 12.203_333).abs() < 1e-4, "{place}");
    let served = get(&kept, "").await;
    let told = served.headers()["etag"].clone();
    assert_ne!(told, etag);
    // Caches ask again, so that they learn when it is to be known no longer.
    assert_eq!(served.headers()["cache-control"], "public, no-cache");
    assert_eq!(served.bytes().await.unwrap(), jpeg(2));
    let ask = async || {
        let request = ada.client.get(kept["download"].as_str().unwrap()).header("if-none-match", &told);
        request.send().await.unwrap()
    };
    let same = ask().await;
    assert_eq!((same.status().as_u16(), &same.headers()["cache-control"]), (304, &"public, no-cache".parse().unwrap()));
    // Whoever showed the place may stop that, and nobody may begin later.
    let update = async |change: Json| {
        ada.post(&format!("/api/picture/{}/update", kept["id"])).json(&change).send().await.unwrap()
    };
    let changed = expect(update(json!({"keep_place": false})).await, 200).await;
    assert_eq!(changed["exif"], json!({"camera": "Phone 3"}));
    let changed = ask().await;
    assert_eq!(changed.status(), 200);
    assert!(!place_in(&changed.bytes().await.unwrap()));
    let refused = expect(update(json!({"keep_place": true, "title": "Home"})).await, 400).await;
    assert_eq!(refused["errors"][0]["field"], "keep_place");
    // What a copy says and serves is what its source does.
    let copy = ada.post(&format!("/api/picture/{}/copy", hidden["id"])).send().await.unwrap();
    assert_eq!(expect(copy, 201).await["exif"], json!({"camera": "Phone 3"}));
    // The stored file is as it came.
    let hash = hidden["download"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches(".jpg").to_owned();
    let blob = app.state.blobs.local(&hash, &[]).await.unwrap();
    assert_eq!(std::fs::read(blob.path()).unwrap(), file);
}

#[tokio::test]
async fn a_site_may_serve_files_as_they_are() {
    let app = TestApp::start_with(|config| config.strip_location = false).await;
    let ada = app.user("ada").await;
    let picture = ada.picture_with(json!({"nature": "photo"}), jpeg(1)).await;
    assert_eq!(picture["exif"], json!({"camera": "Phone 3"}));
    let served = ada.client.get(picture["download"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(served.bytes().await.unwrap(), jpeg(1));
}
