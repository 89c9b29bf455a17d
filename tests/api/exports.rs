//! Exports over HTTP, read by other programs.

use super::app::{Api, TestApp, expect, png, problem};
use super::archives::{Files, ask, header_of, untar, unzip};
use super::drawn::draw;
use super::exif::{jpeg, place_in};
use super::lab::Lab;
use super::loaders::FORMATS;
use ocellus::model::text::path_segment;
use reqwest::header;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

fn region(kind: &str, shape: Value, object: &str) -> Value {
    json!({"type": kind, "shape": shape, "object": object})
}

fn bbox(x: f64, size: f64, object: &str) -> Value {
    region("bbox", json!({"x": x, "y": 0.25, "w": size, "h": size}), object)
}

fn polyline(object: &str) -> Value {
    region("polyline", json!([{"x": 0.1, "y": 0.1}, {"x": 0.9, "y": 0.5}]), object)
}

/// Fetches a ZIP, and holds it against its own list of files.
async fn zip_of(api: &Api, parameters: &str) -> Files {
    let response = api.get(&format!("/api/v1/export?{parameters}")).send().await.unwrap();
    assert_eq!(response.status(), 200, "{parameters}");
    let files = unzip(&response.bytes().await.unwrap());
    let manifest = String::from_utf8(files["manifest-sha256.txt"].clone()).unwrap();
    let said: BTreeMap<&str, &str> =
        manifest.lines().map(|line| line.split_once("  ").unwrap()).map(|(sum, path)| (path, sum)).collect();
    assert_eq!(said.len() + 1, files.len(), "every file but the list itself is in it");
    for (path, sum) in said {
        assert_eq!(hex::encode(Sha256::digest(&files[path])), sum, "{path}");
    }
    files
}

fn json_of(files: &Files, path: &str) -> Value {
    let file = files.get(path).unwrap_or_else(|| panic!("{path} is not in {:?}", files.keys()));
    serde_json::from_slice(file).unwrap()
}

/// Names of objects and boxes of a COCO file, by the picture's path.
fn coco(files: &Files, path: &str) -> BTreeMap<String, Vec<(String, [f64; 4])>> {
    let all = json_of(files, path);
    let list = |key: &str| all[key].as_array().unwrap().clone();
    let named = |items: Vec<Value>, key: &str| -> BTreeMap<i64, String> {
        items.iter().map(|item| (item["id"].as_i64().unwrap(), item[key].as_str().unwrap().to_owned())).collect()
    };
    let (images, categories) = (named(list("images"), "file_name"), named(list("categories"), "name"));
    let mut found: BTreeMap<String, Vec<_>> = images.values().map(|path| (path.clone(), Vec::new())).collect();
    for annotation in list("annotations") {
        let image = &images[&annotation["image_id"].as_i64().unwrap()];
        let object = categories[&annotation["category_id"].as_i64().unwrap()].clone();
        let bbox: [f64; 4] = serde_json::from_value(annotation["bbox"].clone()).unwrap();
        found.get_mut(image).unwrap().push((object, bbox));
    }
    found
}

async fn cats<'a>(ada: &'a Api, visibility: &str) -> Lab<'a> {
    for (object, parents) in [("Animal", vec![]), ("Cat", vec!["Animal"]), ("Dog", vec!["Animal"])] {
        ada.object(object, &parents).await;
    }
    let lab = Lab::new(ada, "ada", visibility).await;
    lab.put("train/a.b.png", png(100, 80, 1)).await;
    lab.put("%C3%A4/a.b.png", png(40, 30, 2)).await;
    lab.put("empty.png", png(20, 20, 3)).await;
    lab.put("notes.txt", "not a picture").await;
    draw(ada, lab.picture("train/a").await, json!([bbox(0.5, 0.25, "Cat"), polyline("Cat"), bbox(0.0, 0.02, "Dog")]))
        .await;
    draw(ada, lab.picture("%C3%A4").await, json!([bbox(0.25, 0.5, "Dog")])).await;
    lab
}

#[tokio::test]
async fn a_dataset_leaves_in_every_form() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let lab = cats(&ada, "private").await;
    let files = zip_of(&ada, "format=coco&dataset=ada/cats").await;
    let found = coco(&files, "annotations/instances_default.json");
    assert_eq!(found.keys().collect::<Vec<_>>(), ["empty.png", "train/a.b.png", "ä/a.b.png"]);
    assert_eq!(
        found["train/a.b.png"],
        [("Cat".into(), [50.0, 20.0, 25.0, 20.0]), ("Dog".into(), [0.0, 20.0, 2.0, 1.6])]
    );
    assert_eq!(files["images/default/ä/a.b.png"], png(40, 30, 2), "no picture is written anew");
    let losses = json_of(&files, "losses.json");
    assert_eq!(losses["losses"], json!(["1 polyline cannot be said"]));
    let readme = String::from_utf8(files["README.md"].clone()).unwrap();
    assert!(readme.contains("pycocotools") && readme.contains("1 polyline cannot be said"), "{readme}");

    for format in FORMATS.into_iter().filter(|format| !["coco", "webdataset"].contains(format)) {
        let files = zip_of(&ada, &format!("format={format}&dataset={}", lab.id)).await;
        let pictures = files.keys().filter(|path| path.ends_with(".png")).count();
        assert_eq!(pictures, 3, "{format}: {:?}", files.keys());
    }
    // The same pictures make the same bytes, in the other archive too.
    let path = "/api/v1/export?format=voc&dataset=ada/cats&archive=tar";
    let (one, other) = (ask(&ada, path, &[]).await, ask(&ada, path, &[]).await);
    assert_eq!(header_of(&one, header::CONTENT_TYPE), "application/x-tar");
    assert!(header_of(&one, header::CONTENT_DISPOSITION).ends_with("-voc.tar"));
    let (one, other) = (one.bytes().await.unwrap(), other.bytes().await.unwrap());
    assert!(one == other && untar(&one).len() > 6);

    // What cannot be asked for is told, and to others nothing is there.
    for (parameters, status) in [
        ("dataset=ada/cats", 400),
        ("format=coc&dataset=ada/cats", 400),
        ("format=coco", 400),
        ("format=coco&dataset=ada/cats&gallery=1", 400),
        ("format=coco&query=want%3A&ref=v1", 400),
        ("format=coco&dataset=ada/cats&split=a", 400),
        ("format=coco&dataset=ada/cats&level=-1", 400),
        ("format=coco&dataset=ada/cats&archive=rar", 400),
        ("format=coco&dataset=ada/cats&colour=red", 400),
        ("format=coco&query=wanted", 400),
        ("format=coco&dataset=ada/cats&ref=v9", 404),
        ("format=coco&dataset=ada/dogs", 404),
        ("format=coco&dataset=cats", 400),
        ("format=webdataset&dataset=ada/cats&images=urls", 400),
        ("format=coco&dataset=ada/cats&use=fun", 400),
        ("format=coco&gallery=99", 404),
        ("format=coco&project=99", 404),
        ("format=coco&pictures=999999", 404),
    ] {
        problem(ask(&ada, &format!("/api/v1/export?{parameters}"), &[]).await, status).await;
        problem(ask(&ada, &format!("/api/v1/export/preview?{parameters}"), &[]).await, status).await;
    }
    for api in [&eve, &app.anonymous()] {
        let picture = lab.picture("empty").await;
        let query = path_segment("want:\n  - above_width: 1\n");
        for selection in [
            format!("query={query}"),
            "dataset=ada/cats".to_owned(),
            format!("dataset={}", lab.id),
            format!("pictures={picture}"),
        ] {
            problem(ask(api, &format!("/api/v1/export?format=coco&{selection}"), &[]).await, 404).await;
        }
    }
}

#[tokio::test]
async fn a_version_leaves_as_it_was() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = cats(&ada, "public").await;
    lab.post("tags", json!({"name": "v1"}), 201).await;
    let path = "/api/v1/export?format=coco&dataset=ada/cats&ref=v1";
    let before = ask(&ada, path, &[]).await.bytes().await.unwrap();
    // Regions are drawn anew, a picture is replaced, another one deleted.
    draw(&ada, lab.picture("%C3%A4").await, json!([])).await;
    lab.put("train/a.b.png", png(100, 80, 9)).await;
    let after = ask(&ada, path, &[]).await;
    let etag = header_of(&after, header::ETAG);
    let after = after.bytes().await.unwrap();
    let (before, after_files) = (unzip(&before), unzip(&after));
    assert_eq!(before.keys().collect::<Vec<_>>(), after_files.keys().collect::<Vec<_>>());
    let annotations = "annotations/instances_default.json";
    assert_eq!(before[annotations], after_files[annotations]);
    assert_eq!(after_files["images/default/train/a.b.png"], png(100, 80, 1));
    let now = zip_of(&ada, "format=coco&dataset=ada/cats").await;
    assert_eq!(coco(&now, annotations)["ä/a.b.png"], []);
    // A download that broke off goes on.
    for start in [1, after.len() / 2, after.len() - 40] {
        let range = format!("bytes={start}-");
        let rest = ask(&ada, path, &[(header::RANGE, &range), (header::IF_RANGE, &etag)]).await;
        assert_eq!(rest.status(), 206);
        assert!(rest.bytes().await.unwrap() == after[start..], "{start}");
    }
    assert_eq!(ask(&ada, path, &[(header::IF_NONE_MATCH, &etag)]).await.status(), 304);
    // A picture that was deleted since still leaves with the version, and it is said what is not known of it any more.
    let deleted = lab.send(reqwest::Method::DELETE, "files/empty.png", "").await;
    assert!(deleted.status().is_success());
    let files = zip_of(&ada, "format=coco&dataset=ada/cats&ref=v1").await;
    assert_eq!(files["images/default/empty.png"], png(20, 20, 3));
    assert!(json_of(&files, "losses.json")["losses"][0].as_str().unwrap().starts_with("1 picture was deleted since"));
}

#[tokio::test]
async fn annotations_are_shaped_on_the_way() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = cats(&ada, "public").await;
    let annotations = "annotations/instances_default.json";
    let small = zip_of(&ada, "format=coco&dataset=ada/cats&min_size=3&images=urls").await;
    assert_eq!(coco(&small, annotations)["train/a.b.png"].len(), 1);
    assert!(!small.keys().any(|path| path.ends_with(".png")));
    let urls = String::from_utf8(small["urls.csv"].clone()).unwrap();
    let mut urls = csv::Reader::from_reader(urls.as_bytes());
    for row in urls.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        let bytes = reqwest::get(&row["url"]).await.unwrap().bytes().await.unwrap();
        assert_eq!(hex::encode(Sha256::digest(&bytes)), row["sha256"], "{row:?}");
    }
    let rolled = zip_of(&ada, "format=coco&dataset=ada/cats&level=0").await;
    let objects: BTreeSet<String> =
        coco(&rolled, annotations).into_values().flatten().map(|(object, _)| object).collect();
    assert_eq!(objects, ["Animal".to_owned()].into());

    // Copies of one picture stay together, wherever they are.
    for number in 0..12 {
        lab.put(&format!("many/{number}.png"), png(16, 16, 100 + number)).await;
        lab.put(&format!("copies/{number}.png"), png(16, 16, 100 + number)).await;
    }
    let part_of = |files: &Files| -> BTreeMap<String, String> {
        let parts = ["train", "val", "test"]
            .into_iter()
            .filter(|part| files.contains_key(&format!("annotations/instances_{part}.json")));
        let paths = parts.flat_map(|part| {
            coco(files, &format!("annotations/instances_{part}.json"))
                .into_keys()
                .map(move |path| (path, part.to_owned()))
        });
        paths.map(|(path, part)| (path.trim_start_matches(&format!("{part}/")).to_owned(), part)).collect()
    };
    let one = part_of(&zip_of(&ada, "format=coco&dataset=ada/cats&split=50,30,20&images=urls").await);
    assert_eq!(one.len(), 27);
    assert!(one.values().collect::<BTreeSet<_>>().len() > 1);
    for number in 0..12 {
        assert_eq!(one[&format!("many/{number}.png")], one[&format!("copies/{number}.png")]);
    }
    let other = part_of(&zip_of(&ada, "format=coco&dataset=ada/cats&split=50,30,20&seed=7&images=urls").await);
    assert_ne!(one, other);
}

#[tokio::test]
async fn queries_galleries_projects_and_single_pictures_leave() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = cats(&ada, "public").await;
    let alone =
        ada.picture_with(json!({"nature": "photo", "title": "Alone"}), png(32, 32, 50)).await["id"].as_i64().unwrap();
    let query = path_segment("want:\n  - above_width: 30\n");
    let files = zip_of(&ada, &format!("format=coco&query={query}")).await;
    let found = coco(&files, "annotations/instances_default.json");
    let by_number = format!("{alone}.png");
    assert_eq!(
        found.keys().cloned().collect::<BTreeSet<_>>(),
        [by_number, "ada/cats/train/a.b.png".into(), "ada/cats/ä/a.b.png".into()].into()
    );
    let single = zip_of(&ada, &format!("format=ocellus&pictures={alone},{alone}")).await;
    assert_eq!(single.keys().filter(|path| path.ends_with(".png")).count(), 1);

    let gallery = ada.post("/api/new-gallery").json(&json!({"title": "Some", "description": ""}));
    let gallery = expect(gallery.send().await.unwrap(), 201).await;
    let add = ada.post(&format!("/api/gallery/{}/add-picture", gallery["id"])).json(&json!({"picture_id": alone}));
    assert!(add.send().await.unwrap().status().is_success());
    let files = zip_of(&ada, &format!("format=voc&gallery={}", gallery["id"])).await;
    assert!(files.contains_key(&format!("Annotations/{alone}.xml")), "{:?}", files.keys());

    lab.post("tags", json!({"name": "v1"}), 201).await;
    let project = json!({"name": "Dogs", "dataset": "ada/cats", "ref": "v1", "objects": ["Dog"]});
    let project = expect(ada.post("/api/v1/projects/").json(&project).send().await.unwrap(), 201).await;
    let files = zip_of(&ada, &format!("format=coco&project={}", project["id"])).await;
    let found = coco(&files, "annotations/instances_default.json");
    assert_eq!(found.len(), 3);
    assert!(found.values().flatten().all(|(object, _)| object == "Dog"));
    let none = format!("/api/v1/export?format=coco&project={}&states=accepted", project["id"]);
    problem(ask(&ada, &none, &[]).await, 404).await;

    // Tables come alone, and are read by anybody.
    let table = ask(&ada, "/api/v1/export?format=csv&dataset=ada/cats", &[]).await;
    assert_eq!(header_of(&table, header::CONTENT_TYPE), "text/csv; charset=utf-8; header=present");
    let table = table.bytes().await.unwrap();
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(&table[..]).deserialize().map(Result::unwrap).collect();
    assert_eq!(
        rows.iter().map(|row| row["path"].as_str()).collect::<Vec<_>>(),
        ["empty.png", "train/a.b.png", "ä/a.b.png"]
    );
    assert_eq!(serde_json::from_str::<Value>(&rows[1]["regions"]).unwrap().as_array().unwrap().len(), 3);
    let part = ask(&ada, "/api/v1/export?format=csv&dataset=ada/cats", &[(header::RANGE, "bytes=5-9")]).await;
    assert_eq!(part.bytes().await.unwrap(), table[5..10]);
    let lines = ask(&ada, "/api/v1/export?format=jsonl&dataset=ada/cats&split=1,0,0", &[]).await.text().await.unwrap();
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&first["path"], &first["split"]), (&json!("empty.png"), &json!("train")));
    let packed = zip_of(&ada, "format=csv&dataset=ada/cats&archive=zip").await;
    assert!(
        packed.contains_key("pictures.csv")
            && packed.contains_key("empty.png") | packed.contains_key("images/empty.png")
    );

    let preview = expect(ask(&ada, "/api/v1/export/preview?format=coco&dataset=ada/cats", &[]).await, 200).await;
    let whole = ask(&ada, "/api/v1/export?format=coco&dataset=ada/cats", &[]).await.bytes().await.unwrap();
    assert_eq!(preview["size"], whole.len());
    assert_eq!((&preview["pictures"], &preview["regions"]), (&json!(3), &json!(4)));
}

#[tokio::test]
async fn licences_come_along_and_may_exclude_a_use() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut ids = Vec::new();
    for (number, licences) in (60..).zip([json!(["CC0-1.0", "CC-BY-NC-4.0"]), json!(["CC-BY-NC-4.0"]), json!([])]) {
        let about = json!({"nature": "photo", "title": format!("Number {number}"), "licence": licences});
        ids.push(ada.picture_with(about, png(20, 20, number)).await["id"].to_string());
    }
    let all = format!("format=voc&pictures={}", ids.join(","));
    let files = zip_of(&ada, &all).await;
    let list = String::from_utf8(files["ATTRIBUTION.md"].clone()).unwrap();
    assert!(list.contains("Number 60") && list.contains("CC-BY-NC-4.0 AND (CC-BY-NC-4.0 OR CC0-1.0)"), "{list}");
    let table: Vec<BTreeMap<String, String>> =
        csv::Reader::from_reader(&files["attribution.csv"][..]).deserialize().map(Result::unwrap).collect();
    for row in &table {
        assert!(files.contains_key(&row["path"]) && row["author"] == "ada", "{row:?}");
    }
    let refused = ask(&ada, &format!("/api/v1/export?{all}&use=commercial"), &[]).await;
    let said = problem(refused, 409).await["detail"].as_str().unwrap().to_owned();
    assert!(said.contains("the licences of 2 of 3 pictures exclude this use"), "{said}");
    let left = zip_of(&ada, &format!("{all}&use=commercial&excluded=leave-out")).await;
    assert!(
        left.contains_key(&format!("Annotations/{}.xml", ids[0]))
            && !left.contains_key(&format!("Annotations/{}.xml", ids[1]))
    );
    assert!(json_of(&left, "losses.json")["losses"][0].as_str().unwrap().starts_with("2 pictures left out"));

    // What was drawn in a version stays with its pictures where others are left out before them.
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "public").await;
    for (path, seed, licence) in [("a.png", 70, "CC-BY-NC-4.0"), ("b.png", 71, "CC0-1.0"), ("c.png", 72, "CC0-1.0")] {
        let about = json!({"nature": "photo", "dataset": "ada/cats", "path": path, "licence": [licence]});
        let picture = ada.picture_with(about, png(100, 100, seed)).await["id"].as_i64().unwrap();
        draw(&ada, picture, json!([bbox(f64::from(seed - 70) / 10.0, 0.5, "Cat")])).await;
    }
    lab.post("tags", json!({"name": "v1"}), 201).await;
    let files = zip_of(&ada, "format=coco&dataset=ada/cats&ref=v1&use=commercial&excluded=leave-out").await;
    let found = coco(&files, "annotations/instances_default.json");
    let left = |path: &str| found[path][0].1[0];
    assert_eq!((found.len(), left("b.png"), left("c.png")), (2, 10.0, 20.0));
}

#[tokio::test]
async fn an_export_tells_no_place_that_a_file_does_not() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("home.jpg", jpeg(1)).await;
    let own = zip_of(&ada, "format=voc&dataset=ada/cats").await;
    let others = zip_of(&eve, "format=voc&dataset=ada/cats").await;
    let (own, others) = (&own["JPEGImages/home.jpg"], &others["JPEGImages/home.jpg"]);
    assert!(*own == jpeg(1) && !place_in(others) && others.len() == own.len());
    // Once more, with what was found out the first time.
    assert!(zip_of(&eve, "format=voc&dataset=ada/cats").await["JPEGImages/home.jpg"] == *others);
}
