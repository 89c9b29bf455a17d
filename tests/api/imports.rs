//! Annotations are brought in over HTTP: a look first, then the import.

use super::app::{Api, TestApp, expect, png, problem};
use super::drawn::draw;
use super::lab::Lab;
use clap::Parser;
use ocellus::model::AnnotationFormat;
use ocellus::model::import::readable;
use ocellus::server::cli::{Cli, run};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::time::Duration;
use zip::write::SimpleFileOptions;

pub(super) fn zip_of(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(*path, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(super) async fn send(api: &Api, request: &Value, file: Option<(&str, Vec<u8>)>) -> reqwest::Response {
    let mut form = Form::new().text("json", request.to_string());
    if let Some((name, bytes)) = file {
        form = form.part("file", Part::bytes(bytes).file_name(name.to_owned()));
    }
    api.post("/api/v1/imports").multipart(form).send().await.unwrap()
}

async fn job(api: &Api, id: i64) -> Value {
    expect(api.post("/fn/import_job").json(&json!({"id": id})).send().await.unwrap(), 200).await["job"].clone()
}

/// Waits until a job has ended.
pub(super) async fn ended(api: &Api, id: i64) -> Value {
    for _ in 0..600 {
        let job = job(api, id).await;
        if !matches!(job["state"].as_str(), Some("queued" | "running")) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("job {id} does not end");
}

/// Sends, waits, and gives the report.
pub(super) async fn done(api: &Api, request: Value, file: Option<(&str, Vec<u8>)>) -> (i64, Value) {
    let id = expect(send(api, &request, file).await, 202).await["job"].as_i64().unwrap();
    let job = ended(api, id).await;
    assert_eq!(job["state"], "done", "{job}");
    (id, job["result"].clone())
}

/// Sends, waits, and gives why it failed.
pub(super) async fn failed(api: &Api, request: Value, file: (&str, Vec<u8>)) -> String {
    let id = expect(send(api, &request, Some(file)).await, 202).await["job"].as_i64().unwrap();
    let job = ended(api, id).await;
    assert_eq!(job["state"], "failed", "{job}");
    job["failure"].as_str().unwrap().to_owned()
}

/// The regions of all pictures of a dataset, by path, without ids.
async fn regions(lab: &Lab<'_>) -> BTreeMap<String, Vec<Value>> {
    let mut all = BTreeMap::new();
    for path in lab.paths("").await {
        let escaped = path.replace('ä', "%C3%A4");
        let list = lab.get(&format!("files/?prefix={escaped}")).await;
        let Some(picture) = list[0]["picture"].as_i64() else { continue };
        let regions =
            expect(lab.api.get(&format!("/api/picture/{picture}/annotations")).send().await.unwrap(), 200).await;
        let mut regions = regions.as_array().unwrap().clone();
        regions.iter_mut().for_each(|region| drop(region.as_object_mut().unwrap().remove("id")));
        all.insert(path, regions);
    }
    all
}

async fn named<'a>(api: &'a Api, name: &str) -> Lab<'a> {
    let body = json!({"namespace": "ada", "name": name, "visibility": "private"});
    let made = expect(api.post("/api/v1/datasets").json(&body).send().await.unwrap(), 201).await;
    Lab::at(api, format!("/api/v1/datasets/{}", made["id"]))
}

fn bbox(x: f64, object: &str) -> Value {
    json!({"type": "bbox", "shape": {"x": x, "y": 0.25, "w": 0.25, "h": 0.5}, "object": object})
}

/// A COCO document of one category: files with boxes in pixels of 100 × 80.
fn coco(category: &str, pictures: &[(&str, &[[f64; 4]])]) -> Vec<u8> {
    let images: Vec<Value> = pictures
        .iter()
        .enumerate()
        .map(|(id, (name, _))| json!({"id": id, "file_name": name, "width": 100, "height": 80}))
        .collect();
    let boxes = pictures.iter().enumerate().flat_map(|(id, (_, boxes))| boxes.iter().map(move |one| (id, *one)));
    let annotations: Vec<Value> = boxes
        .enumerate()
        .map(|(id, (image, one))| json!({"id": id + 1, "image_id": image, "category_id": 7, "bbox": one}))
        .collect();
    let categories = json!([{"id": 7, "name": category}]);
    json!({"images": images, "annotations": annotations, "categories": categories}).to_string().into_bytes()
}

/// Whether two shapes are the same but for rounding.
fn near(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| near(value, other)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| near(a, b)),
        (Value::Number(a), Value::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 0.002,
        (a, b) => a == b,
    }
}

#[tokio::test]
async fn what_was_exported_comes_back_in_every_format_with_its_pictures() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for object in ["Cat", "Dog"] {
        ada.object(object, &[]).await;
    }
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("train/a.b.png", png(100, 80, 1)).await;
    lab.put("%C3%A4/a.b.png", png(40, 32, 2)).await;
    lab.put("empty.png", png(20, 20, 3)).await;
    draw(&ada, lab.picture("train/a").await, json!([bbox(0.25, "Cat"), bbox(0.5, "Dog")])).await;
    draw(&ada, lab.picture("%C3%A4").await, json!([bbox(0.25, "Dog")])).await;
    let before = regions(&lab).await;
    for format in readable().filter(|format| *format != AnnotationFormat::YoloSeg) {
        let name = format.as_str();
        let address = format!("/api/v1/export?format={name}&dataset=ada%2Fcats");
        let archive = ada.get(&address).send().await.unwrap().bytes().await.unwrap().to_vec();
        let other = named(&ada, &format!("from-{name}")).await;
        let request = json!({"dataset": other.id.to_string(), "folder": "in"});
        let (_, report) = done(&ada, request, Some(("export.zip", archive))).await;
        assert_eq!(report["format"], name);
        assert_eq!(report["missing"]["count"], 0, "{name}: {report}");
        assert_eq!(
            (&report["regions"], &report["stored"], &report["added"]),
            (&json!(3), &json!(3), &json!(3)),
            "{name}"
        );
        let after = regions(&other).await;
        for (path, wanted) in &before {
            let end = format!("/{}", path.rsplit('/').next().unwrap());
            let folder = path.split('/').next().filter(|folder| *folder != path);
            let found = after.iter().find(|(found, _)| {
                found.ends_with(&end) && folder.is_none_or(|folder| found.split('/').any(|part| part == folder))
            });
            let (_, found) = found.unwrap_or_else(|| panic!("{name}: {path} is not in {:?}", after.keys()));
            assert!(near(&json!(wanted), &json!(found)), "{name}: {path}: {wanted:?} became {found:?}");
        }
        assert_eq!(other.messages().await.len(), 1, "all pictures are one commit");
    }
}

#[tokio::test]
async fn a_look_changes_nothing_and_what_follows_takes_what_was_decided() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Traffic light", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("street/one.png", png(100, 80, 1)).await;
    lab.put("street/two.png", png(100, 80, 2)).await;
    draw(&ada, lab.picture("street/one").await, json!([bbox(0.5, "Traffic light")])).await;
    let before = regions(&lab).await;
    let document = coco(
        "traffic_light",
        &[
            ("one.png", &[[25.0, 20.0, 25.0, 40.0]]),
            ("street/two.png", &[[0.0, 0.0, 50.0, 40.0]]),
            ("gone.png", &[[1.0, 1.0, 2.0, 2.0]]),
        ],
    );
    let look = json!({"dataset": "ada/cats", "dry_run": true});
    let (first, report) = done(&ada, look, Some(("instances.json", document))).await;
    assert_eq!(regions(&lab).await, before);
    assert_eq!((&report["format"], &report["pictures"], &report["found"]), (&json!("coco"), &json!(3), &json!(2)));
    assert_eq!(report["missing"], json!({"count": 1, "first": ["gone.png"]}));
    assert_eq!((&report["regions"], &report["stored"]), (&json!(3), &json!(2)));
    let class = json!({"name": "traffic_light", "regions": 3, "object": "Traffic light", "matched": "alike"});
    assert_eq!(report["classes"], json!([class]));

    // What follows needs no file any more.
    let follow = json!({"dataset": "ada/cats", "of": first, "classes": {"traffic_light": "Lamp"}});
    let job = expect(send(&ada, &follow, None).await, 202).await["job"].as_i64().unwrap();
    let refused = ended(&ada, job).await;
    assert_eq!(refused["state"], "failed");
    assert!(refused["failure"].as_str().unwrap().contains("`Lamp` for `traffic_light`"), "{refused}");
    assert_eq!(regions(&lab).await, before);
    let follow =
        json!({"dataset": "ada/cats", "of": first, "classes": {"traffic_light": "Lamp"}, "create_objects": true});
    let (_, report) = done(&ada, follow, None).await;
    assert_eq!(report["stored"], 2);
    let after = regions(&lab).await;
    assert_eq!(after["street/one.png"].len(), 2);
    assert_eq!(after["street/one.png"][0], before["street/one.png"][0]);
    assert_eq!(after["street/one.png"][1], bbox(0.25, "Lamp"));
    assert_eq!(after["street/two.png"].len(), 1);
    expect(ada.get("/api/object/Lamp/").send().await.unwrap(), 200).await;
    // It is done, and what was brought is gone.
    problem(send(&ada, &json!({"dataset": "ada/cats", "of": first}), None).await, 409).await;
    let bob = app.user("bob").await;
    problem(send(&bob, &json!({"dataset": "ada/cats", "of": first}), None).await, 400).await;
}

#[tokio::test]
async fn regions_make_way_only_where_that_is_wanted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    for (name, seed) in [("a", 1), ("b", 2), ("c", 3)] {
        lab.put(&format!("{name}.png"), png(100, 80, seed)).await;
        draw(&ada, lab.picture(name).await, json!([bbox(0.5, "Cat"), bbox(0.25, "Cat")])).await;
    }
    let document = coco("Cat", &[("a.png", &[[25.0, 20.0, 25.0, 40.0]]), ("b.png", &[])]);
    let request = json!({"dataset": "ada/cats", "existing": "replace", "format": "coco"});
    done(&ada, request, Some(("a.json", document.clone()))).await;
    let after = regions(&lab).await;
    assert_eq!(after["a.png"], [bbox(0.25, "Cat")]);
    assert_eq!(after["b.png"], [] as [Value; 0], "it is named without any");
    assert_eq!(after["c.png"].len(), 2, "it is not named");
    // Earlier states are there, and a class that is left out brings nothing.
    let picture = lab.picture("a").await;
    let history = expect(ada.get(&format!("/api/picture/{picture}/history")).send().await.unwrap(), 200).await;
    assert_eq!(history.as_array().unwrap().len(), 2, "{history}");
    let request = json!({"dataset": "ada/cats", "classes": {"Cat": null}});
    let (_, report) = done(&ada, request, Some(("a.json", document))).await;
    assert_eq!((&report["regions"], &report["stored"]), (&json!(1), &json!(0)));
    assert_eq!(regions(&lab).await, after);
}

#[tokio::test]
async fn pictures_come_along_and_nothing_that_is_there_is_overwritten() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("in/same.png", png(100, 80, 1)).await;
    lab.put("in/other.png", png(100, 80, 2)).await;
    let one: &[[f64; 4]] = &[[25.0, 20.0, 25.0, 40.0]];
    let document = coco("Cat", &[("same.png", one), ("other.png", one), ("new.png", one), ("broken.png", one)]);
    let archive = zip_of(&[
        ("same.png", png(100, 80, 1)),
        ("other.png", png(100, 80, 9)),
        ("new.png", png(100, 80, 4)),
        ("broken.png", b"no picture".to_vec()),
        ("annotations/instances.json", document),
        ("README.md", b"about".to_vec()),
    ]);
    let look = json!({"dataset": "ada/cats", "folder": "in", "dry_run": true});
    let (first, report) = done(&ada, look, Some(("all.zip", archive))).await;
    assert_eq!((&report["added"], &report["already_there"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(report["refused"], json!({"count": 1, "first": ["other.png"]}));
    assert_eq!(report["missing"], json!({"count": 1, "first": ["other.png"]}));
    assert_eq!(lab.paths("").await, ["in/other.png", "in/same.png"]);
    let (second, report) = done(&ada, json!({"dataset": "ada/cats", "folder": "in", "of": first}), None).await;
    assert_eq!(lab.paths("").await, ["in/broken.png", "in/new.png", "in/other.png", "in/same.png"]);
    let after = regions(&lab).await;
    assert_eq!((after["in/new.png"].len(), after["in/same.png"].len(), after["in/other.png"].len()), (1, 1, 0));
    assert_eq!(report["stored"], 2);
    assert_eq!(report["commits"].as_array().unwrap().len(), 1);
    assert_eq!(lab.messages().await[0], "Import of all.zip");
    let errors = job(&ada, second).await["errors"].as_i64().unwrap();
    assert!(errors >= 2, "what was refused and what was not found: {errors}");
}

#[tokio::test]
async fn what_cannot_be_read_says_why() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    Lab::new(&ada, "ada", "private").await;
    let request = json!({"dataset": "ada/cats"});
    for (name, bytes, said) in [
        ("notes.txt", b"hello".to_vec(), "cannot be told from the files"),
        ("broken.json", br#"{"images": [{"id": 1, "file_name": "a"#.to_vec(), "broken.json"),
        ("slip.zip", zip_of(&[("../a.json", b"{}".to_vec())]), "../a.json"),
        ("empty.zip", zip_of(&[]), "there is no file in the archive"),
        ("a.rar", b"Rar!\x1a\x07\0".to_vec(), "RAR"),
    ] {
        let failure = failed(&ada, request.clone(), (name, bytes)).await;
        assert!(failure.contains(said), "{name}: {failure}");
    }
    let refused = problem(send(&ada, &request, Some(("a.json", Vec::new()))).await, 400).await;
    assert_eq!(refused["errors"][0]["field"], "file");
    for (request, field) in [
        (json!({"dataset": "ada/nothing"}), "dataset"),
        (json!({"dataset": "ada/cats", "format": "w3c"}), "format"),
        (json!({"dataset": "ada/cats", "folder": "../x"}), "folder"),
        (json!({"dataset": "ada/cats", "kind": "magic"}), "kind"),
        (json!({"dataset": "ada/cats", "classes": {"a": ""}}), "classes"),
        (json!({"dataset": "ada/cats", "of": 4711}), "of"),
    ] {
        let file = (field != "of").then(|| ("a.json", b"{}".to_vec()));
        let refused = problem(send(&ada, &request, file).await, 400).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    assert_eq!(
        std::fs::read_dir(app.state.config.data_dir.join("imports")).unwrap().count(),
        5,
        "what was refused at once is not kept"
    );
}

#[tokio::test]
async fn whoever_may_not_annotate_may_not_import() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.png", png(100, 80, 1)).await;
    let one: &[[f64; 4]] = &[[25.0, 20.0, 25.0, 40.0]];
    let document = coco("Cat", &[("a.png", one)]);
    let request = json!({"dataset": lab.id.to_string()});
    let file = || Some(("a.json", document.clone()));
    problem(send(&app.anonymous(), &request, file()).await, 401).await;
    problem(send(&bob, &request, file()).await, 400).await;
    let member = async |role: &str| {
        let body = json!({"username": "bob", "role": role});
        let response = ada.post(&format!("{}/members", lab.path)).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 204);
    };
    member("reader").await;
    problem(send(&bob, &request, file()).await, 403).await;
    member("annotator").await;
    let (_, report) = done(&bob, request.clone(), file()).await;
    assert_eq!(report["stored"], 1);
    // Pictures are for writers.
    let archive = zip_of(&[("b.png", png(100, 80, 2)), ("a.json", coco("Cat", &[("b.png", one)]))]);
    let failure = failed(&bob, request, ("b.zip", archive)).await;
    assert!(failure.contains("change files of this dataset"), "{failure}");
    assert_eq!(lab.paths("").await, ["a.png"]);
}

#[tokio::test]
async fn an_import_goes_on_when_the_server_comes_back() {
    let mut app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let names: Vec<String> = (0..40).map(|number| format!("{number:02}.png")).collect();
    for (number, name) in names.iter().enumerate() {
        lab.put(name, png(100, 80, number as u8)).await;
    }
    let boxes: Vec<[f64; 4]> = (0..1500).map(|number| [f64::from(number % 90), 2.0, 5.0, 5.0]).collect();
    let pictures: Vec<(&str, &[[f64; 4]])> = names.iter().map(|name| (name.as_str(), boxes.as_slice())).collect();
    let document = coco("Cat", &pictures);
    let id = expect(send(&ada, &json!({"dataset": "ada/cats"}), Some(("a.json", document))).await, 202).await["job"]
        .as_i64()
        .unwrap();
    // In the middle of it the server ends.
    loop {
        let job = job(&ada, id).await;
        if job["done"].as_i64().unwrap() > 0 || job["state"] == "done" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    app.stop().await;
    let app = app.again().await;
    let ada = Api { url: app.url.clone(), client: ada.client.clone() };
    let job = ended(&ada, id).await;
    assert_eq!((&job["state"], &job["result"]["stored"]), (&json!("done"), &json!(60_000)), "{job}");
    let lab = lab.seen_by(&ada);
    for name in &names {
        let picture = lab.picture(name).await;
        let regions = expect(ada.get(&format!("/api/picture/{picture}/annotations")).send().await.unwrap(), 200).await;
        assert_eq!(regions.as_array().unwrap().len(), 1500, "{name}");
    }
}

/// Runs the program.
pub(super) async fn ocellus(arguments: &[&str]) -> Result<(), String> {
    let cli = Cli::try_parse_from(["ocellus", "import"].iter().chain(arguments)).map_err(|error| error.to_string())?;
    run(cli).await.map(drop).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_command_line_imports_a_folder_into_another_server_and_a_file_here() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("cats");
    std::fs::create_dir_all(folder.join("images")).unwrap();
    std::fs::write(folder.join("images/a.png"), png(100, 80, 1)).unwrap();
    let one: &[[f64; 4]] = &[[25.0, 20.0, 25.0, 40.0]];
    std::fs::write(folder.join("instances.json"), coco("cats", &[("a.png", one)])).unwrap();
    let path = folder.to_str().unwrap();
    let there = ["--server", &app.url, "--token", &token, "--dataset", "ada/cats", path];
    ocellus(&[&there[..], &["--class", "cats=Cat", "--dry-run"]].concat()).await.unwrap();
    assert_eq!(lab.paths("").await, [] as [&str; 0]);
    ocellus(&[&there[..], &["--class", "cats=Cat"]].concat()).await.unwrap();
    assert_eq!(regions(&lab).await["images/a.png"], [bbox(0.25, "Cat")]);
    let refused = ocellus(&[&there[..], &["--class", "cats=Unknown"]].concat()).await.unwrap_err();
    assert!(refused.contains("`Unknown` for `cats`"), "{refused}");

    let config = home.path().join("Leptos.toml");
    let settings =
        format!("data_dir = {:?}\ndatabase_url = {:?}\n", app.state.config.data_dir, app.state.config.database_url);
    std::fs::write(&config, settings).unwrap();
    let file = folder.join("instances.json");
    let here = ["--config", config.to_str().unwrap(), "--dataset", "ada/cats", "--class", "cats=Cat", "--replace"];
    ocellus(&[&here[..], &["--user", "ada", file.to_str().unwrap()]].concat()).await.unwrap();
    assert_eq!(regions(&lab).await["images/a.png"], [bbox(0.25, "Cat")]);
    let refused = ocellus(&[&here[..], &["--user", "nobody", file.to_str().unwrap()]].concat()).await.unwrap_err();
    assert!(refused.contains("nobody"), "{refused}");
}

#[tokio::test]
async fn what_is_wanted_twice_is_done_once_and_unknown_parts_are_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("one.png", png(100, 80, 1)).await;
    let document = coco("Cat", &[("one.png", &[[25.0, 20.0, 25.0, 40.0]])]);
    let (first, _) = done(&ada, json!({"dataset": "ada/cats", "dry_run": true}), Some(("c.json", document))).await;
    let follow = json!({"dataset": "ada/cats", "of": first});
    let (one, other) = tokio::join!(send(&ada, &follow, None), send(&ada, &follow, None));
    let mut states = [one.status().as_u16(), other.status().as_u16()];
    states.sort_unstable();
    assert_eq!(states[0], 202);
    for answer in [one, other] {
        if answer.status() == 202 {
            let job: Value = answer.json().await.unwrap();
            ended(&ada, job["job"].as_i64().unwrap()).await;
        }
    }
    problem(send(&ada, &follow, None).await, 409).await;
    let form = Form::new().text("nonsense", "x").text("dataset", "ada/cats");
    let refused = problem(ada.post("/api/v1/imports").multipart(form).send().await.unwrap(), 400).await;
    assert!(refused.to_string().contains("none of json, file"), "{refused}");
}

#[tokio::test]
async fn classes_that_differ_in_case_become_one_object() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("one.png", png(100, 80, 1)).await;
    let mut document: Value = serde_json::from_slice(&coco("Cat", &[("one.png", &[[1.0, 1.0, 9.0, 9.0]; 3])])).unwrap();
    document["categories"] = json!([{"id": 7, "name": "Cat"}, {"id": 8, "name": "cat"}, {"id": 9, "name": "c\u{0}t"}]);
    for (index, category) in [7, 8, 9].into_iter().enumerate() {
        document["annotations"][index]["category_id"] = json!(category);
    }
    let request = json!({"dataset": "ada/cats", "create_objects": true});
    let (_, report) = done(&ada, request, Some(("c.json", document.to_string().into_bytes()))).await;
    assert_eq!((&report["regions"], &report["stored"]), (&json!(3), &json!(2)));
    assert_eq!(regions(&lab).await["one.png"].len(), 2);
}
