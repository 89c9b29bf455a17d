//! What is drawn, as text in the history of a dataset: naming a version keeps it.

use super::app::{Api, TestApp, expect, png, problem};
use super::lab::{Lab, git};
use ocellus::server::git::{NewCommit, Person, text_path};
use ocellus::server::versions::check::check;
use serde_json::{Value, json};

fn point(x: f64, object: &str) -> Value {
    json!({"type": "point", "shape": {"x": x, "y": 0.5}, "object": object})
}

/// Draws on a picture, in place of what was there, and gives it with its numbers.
pub async fn draw(api: &Api, picture: i64, regions: Value) -> Value {
    let path = format!("/api/picture/{picture}/annotations");
    expect(api.put(&path).json(&regions).send().await.unwrap(), 200).await
}

async fn text_at(app: &TestApp, dataset: i64, object: &str) -> (bool, String) {
    let folder = app.state.config.data_dir.join(format!("datasets/{dataset}.git"));
    let object = object.to_owned();
    tokio::task::spawn_blocking(move || git(&folder, &["show", &object])).await.unwrap()
}

#[tokio::test]
async fn a_version_keeps_what_is_drawn() {
    let app = TestApp::start().await;
    let (ada, nobody) = (app.user("ada").await, app.anonymous());
    ada.object("Cat", &[]).await;
    ada.object("Dog", &[]).await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a/cat.png", png(40, 30, 1)).await;
    lab.put("dog.png", png(40, 30, 2)).await;
    lab.put("notes.txt", "x").await;
    let (cat, dog) = (lab.picture("a/cat.png").await, lab.picture("dog.png").await);
    let first = draw(&ada, cat, json!([point(0.1, "Cat"), point(0.2, "Cat"), point(0.3, "Cat")])).await;
    let before = expect(ada.get(&lab.path).send().await.unwrap(), 200).await["head"].clone();
    let v1 = lab.post("tags", json!({"name": "v1"}), 201).await;
    assert_ne!(v1["commit"], before);
    assert_eq!(expect(ada.get(&lab.path).send().await.unwrap(), 200).await["head"], v1["commit"]);
    assert_eq!(lab.messages().await[0], "Annotations of v1");
    let md5 = lab.get("files/?prefix=a/").await[0]["md5"].as_str().unwrap().to_owned();
    let ids: Vec<i64> = first.as_array().unwrap().iter().map(|region| region["id"].as_i64().unwrap()).collect();
    let (_, text) = text_at(&app, lab.id, "v1:.ocellus/annotations/a/cat.png.json").await;
    let line = |id: i64, x: &str| format!(r#"{{"id":{id},"type":"point","shape":{{"x":{x},"y":0.5}},"object":"Cat"}}"#);
    let lines = [line(ids[0], "0.1"), line(ids[1], "0.2"), line(ids[2], "0.3")].join(",\n");
    assert_eq!(text, format!("{{\n\"md5\": \"{md5}\",\n\"regions\": [\n{lines}\n]\n}}\n"));
    assert!(!text_at(&app, lab.id, "v1:.ocellus/annotations/dog.png.json").await.0, "nothing is drawn there");

    // Nothing has changed, and nothing is committed.
    let again = lab.post("tags", json!({"name": "again"}), 201).await;
    assert_eq!(again["commit"], v1["commit"]);
    // One more, one less, one that is another.
    let second = json!([
        {"id": ids[0], "type": "point", "shape": {"x": 0.9, "y": 0.5}, "object": "Cat"}, first[1], point(0.4, "Dog")
    ]);
    let second = draw(&ada, cat, second).await;
    draw(&ada, dog, json!([point(0.5, "Dog")])).await;
    lab.post("tags", json!({"name": "v1"}), 409).await;
    assert_eq!(lab.messages().await[0], "Annotations of v1", "a name that is taken leads to no commit");
    let v2 = lab.post("tags", json!({"name": "v2"}), 201).await;
    let of = |path: &str, added: i64, removed: i64, changed: i64| json!({"path": path, "added": added, "removed": removed, "changed": changed, "gone": added + changed == 0});
    let expected = json!({"pictures": 2, "added": 2, "removed": 1, "changed": 1,
        "changes": [of("a/cat.png", 1, 1, 1), of("dog.png", 1, 0, 0)]});
    assert_eq!(lab.get("compare?from=v1&to=v2").await["regions"], expected);
    let detail = lab.get(&format!("commits/{}", v2["commit"].as_str().unwrap())).await;
    assert_eq!((&detail["regions"], &detail["added"]), (&expected, &json!(0)));
    let back = json!({"pictures": 2, "added": 1, "removed": 2, "changed": 1,
        "changes": [of("a/cat.png", 1, 1, 1), of("dog.png", 0, 1, 0)]});
    assert_eq!(lab.get("compare?from=v2&to=v1").await["regions"], back);

    // What was drawn can be asked for, for good.
    draw(&ada, cat, json!([])).await;
    assert_eq!(lab.get("annotations/a/cat.png").await, json!([]));
    for (reference, expected) in [("v1", &first), ("v2", &second), (v2["commit"].as_str().unwrap(), &second)] {
        assert_eq!(&lab.get(&format!("annotations/a/cat.png?ref={reference}")).await, expected);
    }
    assert_eq!(lab.get("annotations/notes.txt?ref=v1").await, json!([]));
    assert_eq!(lab.get("annotations/notes.txt").await, json!([]));
    for missing in
        ["annotations/b.png", "annotations/b.png?ref=v1", "annotations/a/cat.png?ref=v9", "annotations/..%2Fx?ref=v1"]
    {
        problem(lab.raw(missing).await, 404).await;
    }
    problem(lab.seen_by(&nobody).raw("annotations/a/cat.png?ref=v1").await, 404).await;

    // Another picture has come there, of which nothing was said yet; then one that is elsewhere, and one that is gone.
    let replaced = lab.put("dog.png", png(40, 30, 3)).await;
    assert_eq!(lab.get(&format!("annotations/dog.png?ref={replaced}")).await, json!([]));
    lab.post("move", json!({"from": "a/cat.png", "to": "b/cat.png"}), 201).await;
    draw(&ada, cat, json!([point(0.7, "Cat")])).await;
    lab.post("tags", json!({"name": "v3"}), 201).await;
    assert!(!text_at(&app, lab.id, "v3:.ocellus/annotations/a").await.0);
    assert!(text_at(&app, lab.id, "v3:.ocellus/annotations/b/cat.png.json").await.0);
    // An earlier state is named as it is, and undoing what brought no file changes none.
    let old = lab.post("tags", json!({"name": "old", "ref": before}), 201).await;
    assert_eq!(old["commit"], before);
    let undone = lab.post("revert", json!({"commit": v2["commit"]}), 200).await;
    assert_eq!(undone["changed"], 0);
    assert_eq!(check(&app.state, false).await.unwrap(), []);
}

#[tokio::test]
async fn what_cannot_be_kept_is_named() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a", png(20, 20, 1)).await;
    lab.put("a.json/b", png(20, 20, 2)).await;
    let refused = lab.post("tags", json!({"name": "v1"}), 409).await;
    assert!(refused["detail"].as_str().unwrap().contains("`a.json`"), "{refused}");
    assert_eq!(lab.get("tags").await, json!([]));
    problem(lab.raw("files/.ocellus/x").await, 404).await;
    problem(lab.send(reqwest::Method::PUT, "files/.ocellus/x", "x").await, 400).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_counts_for_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    let repository = app.state.repositories.of(lab.id);
    let (lock, head) = (repository.lock().await.unwrap(), repository.head().await.unwrap());
    let author = Person { name: "ada".into(), email: "1@users.ocellus.invalid".into() };
    let texts = [(text_path("cat.png"), Some("outs: []\n".to_owned()))];
    let parent = head.as_deref();
    let commit =
        NewCommit { parent, author: &author, at: 1, message: "By hand", edits: &[], texts: &texts, settings: &[] };
    let strange = repository.commit(&lock, &commit).await.unwrap();
    drop(lock);
    lab.put("b.txt", "b").await;
    let told = problem(lab.raw(&format!("annotations/cat.png?ref={strange}")).await, 409).await;
    assert!(told["detail"].as_str().unwrap().contains("`cat.png` cannot be read"), "{told}");
    let nothing = json!({"pictures": 0, "added": 0, "removed": 0, "changed": 0, "changes": []});
    assert_eq!(lab.get(&format!("commits/{strange}")).await["regions"], nothing);
    assert_eq!(lab.get(&format!("compare?from={}&to={strange}", head.unwrap())).await["regions"], nothing);
    // The next version says it anew.
    lab.post("tags", json!({"name": "v1"}), 201).await;
    assert_eq!(lab.get("annotations/cat.png?ref=v1").await, json!([]));
}
