//! Exports read by the programs that they are for, from PyPI: `tests/loaders/` says which, and what is compared.

use super::app::{TestApp, png};
use super::archives::{ask, unzip};
use super::drawn::draw;
use super::lab::Lab;
use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

/// The forms that come in an archive.
pub const FORMATS: [&str; 14] = [
    "coco",
    "yolo",
    "yolo-seg",
    "voc",
    "cvat",
    "labelme",
    "label-studio",
    "datumaro",
    "via",
    "w3c",
    "imagefolder",
    "webdataset",
    "croissant",
    "ocellus",
];

/// A JPEG that a camera has turned: its pixels lie on their side, and the file says so.
fn turned(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(height, width, |x, y| image::Rgb([x as u8, y as u8, 90]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    let bytes = bytes.into_inner();
    let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&bytes[..2], &[0xff, 0xe1], &length, exif, &bytes[2..]].concat()
}

/// A region as the API takes it, and in pixels as the loaders have to find it.
fn region(kind: &str, corners: &[(f64, f64)], object: &str, (width, height): (f64, f64)) -> (Value, Value) {
    let point = |(x, y): &(f64, f64)| json!({"x": x, "y": y});
    let side = |of: fn(&(f64, f64)) -> f64| {
        let all = corners.iter().map(of);
        (all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max))
    };
    let ((left, right), (top, bottom)) = (side(|corner| corner.0), side(|corner| corner.1));
    let shape = match kind {
        "bbox" => json!({"x": left, "y": top, "w": right - left, "h": bottom - top}),
        "point" => point(&corners[0]),
        _ => Value::Array(corners.iter().map(point).collect()),
    };
    let next = corners.iter().cycle().skip(1);
    let twice: f64 = corners.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
    let area = match kind {
        "bbox" => (right - left) * (bottom - top),
        "polygon" => twice.abs() / 2.0,
        _ => 0.0,
    };
    let points: Vec<f64> = corners.iter().flat_map(|(x, y)| [x * width, y * height]).collect();
    let expected = json!({
        "object": object, "type": kind, "area": area * width * height,
        "bbox": [left * width, top * height, (right - left) * width, (bottom - top) * height],
        "points": if kind == "bbox" { Vec::new() } else { points },
    });
    (json!({"type": kind, "shape": shape, "object": object}), expected)
}

fn unpack(files: &std::collections::BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (path, bytes) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

#[tokio::test]
async fn loaders_find_what_was_drawn() {
    let python = std::env::var("OCELLUS_TEST_LOADERS").expect(
        "OCELLUS_TEST_LOADERS is not set. `make test` installs what loads exports and sets it; use that, or set it to a Python that has \
         what tests/loaders/requirements.txt names.",
    );
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let quoted = "A \"quoted\" <cat> & ü";
    for object in ["Person", "Line, with comma", quoted] {
        ada.object(object, &[]).await;
    }
    let lab = Lab::new(&ada, "ada", "public").await;
    // Equal names in different folders, dots and other alphabets in names, a picture that lies on its side, and some with nothing on them.
    let mut wanted = vec![
        ("a/same.png".to_owned(), png(60, 40, 1), (60, 40), true),
        ("b/same.png".to_owned(), png(50, 30, 2), (50, 30), true),
        ("dots.v1.2/Bär x.y.png".to_owned(), png(64, 48, 3), (64, 48), true),
        ("turned.jpg".to_owned(), turned(60, 90), (60, 90), true),
        ("empty/none.png".to_owned(), png(20, 20, 4), (20, 20), false),
        ("日本.png".to_owned(), png(24, 20, 5), (24, 20), false),
    ];
    wanted.extend((0..24).map(|n: u8| {
        let side = 30 + u32::from(n);
        (format!("many/{n:02}.png"), png(side, 40, 100 + n), (side, 40), !n.is_multiple_of(4))
    }));
    let licences = [json!(["CC-BY-4.0"]), json!(["CC-BY-SA-4.0", "CC0-1.0"]), json!([])];
    let mut expected = serde_json::Map::new();
    for ((path, bytes, (width, height), is_drawn_on), licences) in wanted.into_iter().zip(licences.iter().cycle()) {
        let about =
            json!({"title": "=1+1", "nature": "photo", "dataset": "ada/cats", "path": path, "licence": licences});
        let picture = ada.picture_with(about, bytes).await;
        assert_eq!((&picture["width"], &picture["height"]), (&json!(width), &json!(height)), "{path}");
        let size = (f64::from(width), f64::from(height));
        let (drawn, said): (Vec<Value>, Vec<Value>) = if is_drawn_on {
            [
                region("bbox", &[(0.1, 0.2), (0.4, 0.6)], quoted, size),
                region("polygon", &[(0.1, 0.1), (0.9, 0.1), (0.5, 0.8)], "Person", size),
                region("polyline", &[(0.0, 0.0), (0.5, 0.5), (1.0, 0.0)], "Line, with comma", size),
                region("point", &[(0.25, 0.75)], "Person", size),
            ]
            .into_iter()
            .unzip()
        } else {
            (Vec::new(), Vec::new())
        };
        draw(&ada, picture["id"].as_i64().unwrap(), Value::Array(drawn)).await;
        let known = json!({
            "id": picture["id"], "path": path, "width": width, "height": height, "media_type": picture["file_format"],
            "licences": picture["licences"], "regions": said,
        });
        expected.insert(path, known);
    }
    lab.post("tags", json!({"name": "v1"}), 201).await;

    let folder = tempfile::tempdir().unwrap();
    let split = "dataset=ada/cats&ref=v1&split=60,20,20&seed=3";
    for format in FORMATS {
        let bytes = ask(&ada, &format!("/api/v1/export?format={format}&{split}"), &[]).await;
        assert_eq!(bytes.status(), 200, "{format}");
        unpack(&unzip(&bytes.bytes().await.unwrap()), &folder.path().join(format));
    }
    for format in ["csv", "xlsx", "jsonl", "parquet"] {
        let bytes = ask(&ada, &format!("/api/v1/export?format={format}&{split}"), &[]).await.bytes().await.unwrap();
        std::fs::write(folder.path().join(format!("pictures.{format}")), bytes).unwrap();
    }
    // Who belongs to which part only the export can say.
    let lines = std::fs::read_to_string(folder.path().join("pictures.jsonl")).unwrap();
    for line in lines.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let picture = &mut expected[row["path"].as_str().unwrap()];
        let (split, path) = (row["split"].as_str().unwrap(), row["path"].as_str().unwrap());
        picture["place"] = json!(format!("images/{split}/{path}"));
        picture["split"] = json!(split);
    }
    let mut pictures: Vec<Value> = expected.into_iter().map(|(_, picture)| picture).collect();
    pictures.sort_by(|a, b| a["path"].as_str().cmp(&b["path"].as_str()));
    std::fs::write(folder.path().join("expected.json"), json!({"pictures": pictures}).to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/loaders/check.py");
    let mut check = Command::new(python);
    check.arg("-B").arg(script).arg(folder.path()).env("HF_HOME", folder.path().join("cache"));
    let said = tokio::task::spawn_blocking(move || check.output().unwrap()).await.unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success() && !text.contains("absent"), "{text}");
}
