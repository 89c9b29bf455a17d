//! Files of datasets and their versions, over HTTP.

use super::app::{Api, TestApp, expect, png, problem};
use super::exif::{jpeg, place_in};
use super::lab::{Lab, git};
use ocellus::model::text::path_segment;
use ocellus::server::git::{Edit, NewCommit, Person, Pointer};
use ocellus::server::store::{Db, dataset_files, pictures};
use ocellus::server::versions::check::{check, orphans};
use ocellus::server::versions::heal_all;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::path::Path;

#[tokio::test]
async fn every_change_is_a_commit() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    assert_eq!(lab.get("files").await, json!([]));
    assert_eq!(lab.get("commits").await, json!([]));
    assert_eq!(lab.get("tags").await, json!([]));
    problem(lab.raw("files/a.txt").await, 404).await;
    lab.post("tags", json!({"name": "v0"}), 409).await;

    let first = lab.put("notes/a%20b.txt?message=Notes%20of%20mine", "hello").await;
    let same = lab.send(Method::PUT, "files/notes/a%20b.txt", "hello").await;
    assert_eq!(expect(same, 200).await, json!({"commit": first, "changed": 0}));
    lab.put("cat.png", png(40, 30, 1)).await;
    let list = lab.raw("files/").await;
    assert_eq!(list.headers()["x-total-count"], "2");
    let head = list.headers()["x-commit"].to_str().unwrap().to_owned();
    let list = expect(list, 200).await;
    let expected = json!({"path": "notes/a b.txt", "size": 5, "md5": "5d41402abc4b2a76b9719d911017c592", "media_type": "text/plain",
        "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", "picture": null, "thumbnail": null});
    assert_eq!(list[1], expected);
    let picture = lab.picture("cat.png").await;
    let told = expect(ada.get(&format!("/api/picture/{picture}/")).send().await.unwrap(), 200).await;
    assert_eq!((&told["title"], &told["width"], &told["dataset"]), (&json!("cat"), &json!(40), &json!("ada/cats")));
    let hash = told["download"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches(".png").to_owned();
    expect(ada.get(&format!("/thumbnail/{hash}/320")).send().await.unwrap(), 200).await;
    // One picture that looks like another is an image for nobody else's pages.
    let fake = lab.put("fake.png", "not an image").await;
    assert_eq!(lab.get("files/?prefix=fake").await[0]["media_type"], "application/octet-stream");

    let detail = lab.get(&format!("commits/{head}")).await;
    assert_eq!(
        (&detail["author"], &detail["message"], &detail["added"]),
        (&json!("ada"), &json!("Put cat.png"), &json!(1))
    );
    assert_eq!(detail["parents"], json!([first]));
    assert_eq!(lab.messages().await, ["Put fake.png", "Put cat.png", "Notes of mine"]);
    assert_eq!(lab.get("commits?path=notes").await.as_array().unwrap().len(), 1);
    assert_eq!(lab.get("commits?ref=main&offset=1&limit=1").await[0]["id"], head);
    let moved = lab.post("move", json!({"from": "notes/", "to": "texts/en/"}), 201).await;
    assert_eq!(moved["changed"], 2);
    let compared = lab.get(&format!("compare?from={fake}")).await;
    assert_eq!((&compared["renamed"], &compared["added"], &compared["to"]), (&json!(1), &json!(0), &moved["commit"]));
    assert_eq!(compared["changes"][0]["renamed_from"], "notes/a b.txt");
    expect(lab.send(Method::DELETE, "files/fake.png?message=Out", "").await, 201).await;
    problem(lab.send(Method::DELETE, "files/fake.png", "").await, 404).await;
    assert_eq!(lab.paths("").await, ["cat.png", "texts/en/a b.txt"]);
    assert_eq!(lab.paths(&format!("ref={first}")).await, ["notes/a b.txt"]);
    assert_eq!(lab.paths(&format!("ref={fake}&prefix=notes/")).await, ["notes/a b.txt"]);
    assert_eq!(lab.paths(&format!("ref={fake}&offset=1&limit=1")).await, ["fake.png"]);

    // Several things at once; all or nothing.
    let md5 = expected["md5"].clone();
    let changes = json!([{"action": "put", "path": "x/copy.txt", "md5": md5}, {"action": "move", "from": "cat.png", "to": "x/cat.png"},
        {"action": "delete", "path": "texts/"}]);
    assert_eq!(lab.post("commits", json!({"changes": changes, "message": "Three\n\nthings"}), 201).await["changed"], 4);
    assert_eq!(lab.picture("x/cat.png").await, picture);
    assert_eq!(lab.messages().await[0], "Three\n\nthings");
    let told = expect(ada.get(&lab.path).send().await.unwrap(), 200).await;
    assert_eq!((&told["files"], &told["pictures"]), (&json!(2), &json!(1)));
    let before = told["head"].clone();
    for (changes, status) in [
        (json!([{"action": "delete", "path": "x/cat.png"}, {"action": "delete", "path": "y"}]), 404),
        (json!([{"action": "move", "from": "x/cat.png", "to": "x/copy.txt"}]), 409),
        (json!([{"action": "put", "path": "x", "md5": md5}]), 409),
        (json!([{"action": "put", "path": "x/cat.png/a", "md5": md5}]), 409),
        (json!([{"action": "put", "path": "a", "md5": md5}, {"action": "put", "path": "a/b", "md5": md5}]), 409),
        (json!([{"action": "put", "path": "b", "md5": "0".repeat(32)}]), 400),
        (json!([{"action": "put", "path": "../b", "md5": md5}]), 400),
        (json!([{"action": "move", "from": "x/", "to": "y"}]), 400),
        (json!([{"action": "burn", "path": "x"}]), 400),
        (json!([{"action": "delete", "path": "x", "colour": 1}]), 400),
        (json!([]), 400),
    ] {
        lab.post("commits", json!({"changes": changes}), status).await;
    }
    assert_eq!(expect(ada.get(&lab.path).send().await.unwrap(), 200).await["head"], before);
    // A folder takes the place of a file in one commit, and a file that of a folder.
    let changes = json!([{"action": "delete", "path": "x/"}, {"action": "put", "path": "x", "md5": md5}]);
    lab.post("commits", json!({"changes": changes}), 201).await;
    let changes = json!([{"action": "move", "from": "x", "to": "x/y"}]);
    lab.post("commits", json!({"changes": changes}), 201).await;
    assert_eq!(lab.paths("").await, ["x/y"]);
}

#[tokio::test]
async fn versions_stay_what_they_are() {
    let app = TestApp::start().await;
    let (ada, nobody) = (app.user("ada").await, app.anonymous());
    let lab = Lab::new(&ada, "ada", "public").await;
    let first = lab.put("a.txt", "one").await;
    let tag = lab.post("tags", json!({"name": "v1", "message": "The first"}), 201).await;
    assert_eq!((&tag["commit"], &tag["author"], &tag["message"]), (&json!(first), &json!("ada"), &json!("The first")));
    lab.put("a.txt", "two!").await;
    lab.post("tags", json!({"name": "v1"}), 409).await;
    lab.post("tags", json!({"name": "v1", "ref": first}), 409).await;
    lab.post("tags", json!({"name": "a b"}), 400).await;
    lab.post("tags", json!({"name": "v2", "ref": "v9"}), 404).await;
    lab.post("tags", json!({"name": "again", "ref": "v1"}), 201).await;
    let names: Vec<Value> = lab.get("tags").await.as_array().unwrap().iter().map(|tag| tag["commit"].clone()).collect();
    assert_eq!(names, [json!(first), json!(first)]);

    for reference in ["v1", first.as_str()] {
        let then = lab.seen_by(&nobody).raw(&format!("files/a.txt?ref={reference}")).await;
        assert_eq!(then.headers()["cache-control"], "private, max-age=31536000, immutable");
        let etag = then.headers()["etag"].clone();
        let digest = "sha-256=:dpLDrTVAu4A8Ags67mbNiIcSMjTqDG5xQ8Ct1z/0Me0=:";
        assert_eq!(then.headers()["repr-digest"], digest);
        assert_eq!(then.headers()["content-disposition"], "attachment");
        assert_eq!(
            then.headers()["content-security-policy"].to_str().unwrap().split(';').next(),
            Some("default-src 'none'")
        );
        assert_eq!(expect(then, 200).await, "one");
        let request = || nobody.get(&format!("{}/files/a.txt?ref={reference}", lab.path));
        let part = request().header("range", "bytes=1-").header("accept-encoding", "gzip").send().await.unwrap();
        assert_eq!(
            (&part.headers()["content-range"], &part.headers()["repr-digest"]),
            (&"bytes 1-2/3".parse().unwrap(), &digest.parse().unwrap())
        );
        assert_eq!(expect(part, 206).await, "ne");
        let beyond = request().header("range", "bytes=7-").send().await.unwrap();
        assert!(!beyond.headers().contains_key("repr-digest"));
        expect(beyond, 416).await;
        expect(request().header("if-none-match", etag).send().await.unwrap(), 304).await;
    }
    let now = lab.raw("files/a.txt").await;
    assert_eq!(now.headers()["cache-control"], "private, no-cache");
    assert_eq!(expect(now, 200).await, "two!");
    // Long texts are not compressed on their way: the parts would be others.
    lab.put("long.txt", "x".repeat(10_000)).await;
    let long = ada.get(&format!("{}/files/long.txt", lab.path)).header("accept-encoding", "gzip").send().await.unwrap();
    assert!(!long.headers().contains_key("content-encoding"));
    for strange in ["HEAD", "v1^", "main~1", "refs/tags/v1", &first[..10], "--all", &"0".repeat(40), "v1:a.txt.dvc"] {
        problem(lab.raw(&format!("files/?ref={}", path_segment(strange))).await, 404).await;
    }
    for strange in
        ["files/..%2Fa", "files/.dvc%2Fconfig", "files/a.txt.dvc", "files/a.txt%00", "commits/HEAD", "compare?from=v9"]
    {
        problem(lab.raw(strange).await, 404).await;
    }
    for strange in ["files?prefix=%00", "files?ref=v1&prefix=a%00/", "commits?path=..", "commits?path=%00"] {
        problem(lab.raw(strange).await, 400).await;
    }
    for strange in ["files?ref=v1&prefix=../", "files?ref=v1&prefix=/etc/", "files?prefix=../"] {
        assert_eq!(lab.get(strange).await, json!([]), "{strange}");
    }
    lab.post("commits", json!({"changes": [{"action": "delete", "path": "\u{0}/"}]}), 404).await;
    problem(lab.raw("compare").await, 400).await;
    problem(lab.raw("files?colour=1").await, 400).await;
}

#[tokio::test]
async fn what_was_done_is_undone() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "public").await;
    let first = lab.put("cat.png", png(40, 30, 1)).await;
    let picture = lab.picture("cat.png").await;
    let point = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}]);
    let drawn = ada.put(&format!("/api/picture/{picture}/annotations")).json(&point).send().await.unwrap();
    expect(drawn, 200).await;
    let second = lab.put("cat.png", png(40, 30, 2)).await;
    let newer = lab.picture("cat.png").await;
    let older = expect(ada.get(&format!("/api/picture/{picture}/")).send().await.unwrap(), 200).await;
    assert_eq!(older["replaced_by"], newer);
    assert_eq!(lab.get(&format!("commits/{second}")).await["replaced"], 1);

    let reverted = lab.post("revert", json!({"commit": second}), 201).await;
    assert!(lab.messages().await[0].starts_with("Revert “Put cat.png”"));
    let again = lab.picture("cat.png").await;
    let shown = expect(ada.get(&format!("/api/picture/{again}/annotations")).send().await.unwrap(), 200).await;
    assert_eq!(shown.as_array().unwrap().len(), 1, "what was drawn comes back");
    // The same file has changed since; and so it is brought back by itself.
    lab.post("revert", json!({"commit": first}), 201).await;
    assert_eq!(lab.paths("").await, [""; 0]);
    lab.post("revert", json!({"commit": second}), 409).await;
    lab.post("revert", json!({"commit": "v1"}), 404).await;
    lab.post("revert", json!({"commit": "0".repeat(40)}), 404).await;
    let restore = json!({"path": "cat.png", "ref": second});
    assert_eq!(lab.post("restore", restore.clone(), 201).await["changed"], 1);
    assert_eq!(lab.post("restore", restore, 200).await["changed"], 0);
    lab.post("restore", json!({"path": "dog.png", "ref": second}), 404).await;
    lab.post("restore", json!({"path": "cat.png", "ref": "v9"}), 404).await;
    assert_eq!(lab.get(&format!("compare?from={second}")).await["changes"], json!([]));
    assert_eq!(
        lab.get(&format!("compare?from={second}&to={}", reverted["commit"].as_str().unwrap())).await["replaced"],
        1
    );
}

#[tokio::test]
async fn a_folder_is_one_commit() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let url = format!("{}{}/files", app.url, lab.path);
    let mut form = Form::new().text("message", "A folder");
    for number in 0..600 {
        let (name, bytes) = match number {
            0 => ("train/cat.png".to_owned(), png(20, 20, 1)),
            number => (format!("train/{number:04}.txt"), format!("file {number}").into_bytes()),
        };
        form = form.part("file", Part::bytes(bytes).file_name(name));
    }
    let made = expect(ada.client.post(&url).multipart(form).send().await.unwrap(), 201).await;
    assert_eq!(made["changed"], 600);
    assert_eq!(lab.messages().await, ["A folder"]);
    assert!(lab.picture("train/cat.png").await > 0);
    let part = lab.raw("files/?prefix=train/&offset=590&limit=100").await;
    assert_eq!(part.headers()["x-total-count"], "600");
    assert_eq!(expect(part, 200).await.as_array().unwrap().len(), 10);
    // A bad name, and nothing of it is there.
    let one = |name: &'static str| Form::new().part("file", Part::bytes(b"x".to_vec()).file_name(name));
    for (form, status) in [
        (one("../x"), 400),
        (one("a.dvc"), 400),
        (one("train"), 409),
        (Form::new(), 400),
        (Form::new().text("colour", "red"), 400),
        (one("x").text("message", "a\u{0}b"), 400),
        (one("x").text("message", "x".repeat(50_000)), 400),
    ] {
        problem(ada.client.post(&url).multipart(form).send().await.unwrap(), status).await;
    }
    problem(ada.client.post(&url).body("x").send().await.unwrap(), 415).await;
    assert_eq!(lab.get("commits").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn files_that_are_too_large_are_refused() {
    let app = TestApp::start_with(|config| (config.file_limit_bytes, config.upload_limit_bytes) = (1000, 100)).await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    problem(lab.send(Method::PUT, "files/a", "x".repeat(1001)).await, 413).await;
    lab.put("a", "x".repeat(1000)).await;
    // What is larger than a picture may be is kept without a look at it.
    lab.put("large.png", png(40, 30, 1)).await;
    let listed = lab.get("files/?prefix=large").await;
    assert!(listed[0]["size"].as_i64() > Some(100) && listed[0]["picture"].is_null(), "{listed}");
}

#[tokio::test]
async fn pictures_are_files() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    let upload = async |metadata: Value, seed: u8| {
        let mut whole = json!({"nature": "photo", "dataset": "ada/cats"});
        metadata.as_object().unwrap().iter().for_each(|(key, value)| whole[key] = value.clone());
        ada.upload(whole, png(40, 30, seed)).await
    };
    let one = expect(upload(json!({"title": "One"}), 1).await, 201).await;
    let two = expect(upload(json!({"title": "Two"}), 2).await, 201).await;
    expect(upload(json!({"path": "in/three.png"}), 3).await, 201).await;
    assert_eq!(lab.paths("").await, ["in/three.png", "picture-2.bin", "picture.bin"]);
    problem(upload(json!({"path": "in/three.png"}), 4).await, 409).await;
    problem(upload(json!({"path": "../x"}), 4).await, 400).await;
    problem(upload(json!({"path": "x", "replaces": one["id"]}), 4).await, 400).await;
    problem(upload(json!({"path": "x", "dataset": null}), 4).await, 400).await;
    assert_eq!(lab.picture("picture.bin").await, one["id"]);
    // Of what is elsewhere nothing is replaced, and nothing is committed before that is known.
    let (elsewhere, before) = (ada.picture("Elsewhere").await, lab.messages().await);
    let refused = problem(upload(json!({"replaces": elsewhere["id"]}), 7).await, 400).await;
    assert_eq!(refused["errors"][0]["field"], "dataset", "{refused}");
    assert_eq!(lab.messages().await, before);
    // A replacement takes the place of its file.
    let better = expect(upload(json!({"title": "Better", "replaces": one["id"]}), 5).await, 201).await;
    assert_eq!(lab.picture("picture.bin").await, better["id"]);
    problem(upload(json!({"replaces": one["id"]}), 6).await, 409).await;
    let copy = expect(ada.post(&format!("/api/picture/{}/copy", two["id"])).send().await.unwrap(), 201).await;
    assert_eq!(copy["copied_from"], two["id"]);
    assert_eq!(lab.picture("picture-2-2.bin").await, copy["id"]);
    problem(ada.post(&format!("/api/picture/{}/copy", one["id"])).send().await.unwrap(), 409).await;
    expect(ada.post(&format!("/api/picture/{}/delete", two["id"])).send().await.unwrap(), 204).await;
    assert_eq!(lab.paths("").await, ["in/three.png", "picture-2-2.bin", "picture.bin"]);
    let free = ada.picture("in the commons").await;
    let both = json!({"picture_ids": [copy["id"], free["id"]]});
    expect(ada.post("/api/delete-pictures").json(&both).send().await.unwrap(), 204).await;
    assert_eq!(lab.paths("").await, ["in/three.png", "picture.bin"]);
    problem(ada.get(&format!("/api/picture/{}/", free["id"])).send().await.unwrap(), 404).await;
    let expected = [
        "Delete picture-2-2.bin",
        "Delete picture-2.bin",
        "Copy picture-2.bin to picture-2-2.bin",
        "Replace picture.bin",
        "Add in/three.png",
        "Add picture-2.bin",
        "Add picture.bin",
    ];
    assert_eq!(lab.messages().await, expected);
}

#[tokio::test]
async fn a_file_tells_its_place_to_writers_only() {
    let app = TestApp::start().await;
    let (ada, nobody) = (app.user("ada").await, app.anonymous());
    let lab = Lab::new(&ada, "ada", "public").await;
    let commit = lab.put("cat.jpg", jpeg(9)).await;
    let path = format!("files/cat.jpg?ref={commit}");
    let own = lab.raw(&path).await.bytes().await.unwrap();
    assert_eq!(own, jpeg(9));
    let seen = lab.seen_by(&nobody).raw(&path).await;
    // Who may know it can change.
    assert_eq!(seen.headers()["cache-control"], "private, no-cache");
    let seen = seen.bytes().await.unwrap();
    assert!(place_in(&own) && !place_in(&seen) && own.len() == seen.len());
    // Nor does an earlier state.
    expect(lab.send(Method::DELETE, "files/cat.jpg", "").await, 201).await;
    assert!(!place_in(&lab.seen_by(&nobody).raw(&path).await.bytes().await.unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_write_at_once() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let paths: Vec<String> = (0..12).map(|number| format!("{number}.txt")).collect();
    futures::future::join_all(paths.iter().map(|path| lab.put(path, path.clone()))).await;
    assert_eq!(lab.get("commits").await.as_array().unwrap().len(), 12);
    assert_eq!(lab.paths("").await.len(), 12);
    assert_eq!(check(&app.state, false).await.unwrap(), []);
}

/// Makes a commit that the database does not hear of, as a crash would.
async fn commit_unheard(app: &TestApp, dataset: i64, edits: &[Edit]) {
    let repository = app.state.repositories.of(dataset);
    let (lock, head) = (repository.lock().await.unwrap(), repository.head().await.unwrap());
    let author = Person { name: "ada".into(), email: "1@users.ocellus.invalid".into() };
    let commit = NewCommit {
        parent: head.as_deref(),
        author: &author,
        at: 1,
        message: "Unheard",
        edits,
        texts: &[],
        settings: &[],
    };
    repository.commit(&lock, &commit).await.unwrap();
}

async fn pointer_of(db: &Db, dataset: i64, path: &str) -> Pointer {
    let row = dataset_files::at(db, dataset, &[path]).await.unwrap().remove(path).unwrap();
    Pointer { md5: row.md5, size: u64::try_from(row.size).unwrap() }
}

#[tokio::test]
async fn what_a_crash_left_is_healed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    lab.put("a.txt", "a").await;
    let picture = lab.picture("cat.png").await;
    let pointer = pointer_of(&app.state.db, lab.id, "cat.png").await;
    let edits = [
        Edit::Remove("cat.png".into()),
        Edit::Put("x/cat.png".into(), pointer.clone()),
        Edit::Put("twin.png".into(), pointer),
    ];
    commit_unheard(&app, lab.id, &edits).await;
    assert_eq!(lab.paths("").await, ["a.txt", "cat.png"]);
    assert_eq!(check(&app.state, false).await.unwrap().len(), 1);
    // At the start.
    heal_all(&app.state).await.unwrap();
    assert_eq!(lab.paths("").await, ["a.txt", "twin.png", "x/cat.png"]);
    let pictures = [lab.picture("twin.png").await, lab.picture("x/cat.png").await];
    assert!(pictures.contains(&picture), "{pictures:?}");
    assert_eq!(check(&app.state, false).await.unwrap(), []);
    // And by whoever changes something next.
    commit_unheard(&app, lab.id, &[Edit::Remove("a.txt".into())]).await;
    lab.put("b.txt", "b").await;
    assert_eq!(lab.paths("").await, ["b.txt", "twin.png", "x/cat.png"]);
    assert_eq!(lab.messages().await[..2], ["Put b.txt", "Unheard"]);
}

/// Lets the database fail wherever it hears of a commit, or no longer.
async fn break_index(app: &TestApp, broken: bool) {
    let pool = sqlx::SqlitePool::connect(&app.state.config.database_url).await.unwrap();
    let statement = match broken {
        true => "CREATE TRIGGER broken BEFORE UPDATE OF head ON datasets BEGIN SELECT RAISE(ABORT, 'broken'); END",
        false => "DROP TRIGGER broken",
    };
    sqlx::query(statement).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_a_picture_outlives_a_crash() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (bob, token) = app.user_with_token("bob").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    break_index(&app, true).await;
    let metadata = json!({"title": "My cat", "description": "Asleep", "nature": "photo", "dataset": "ada/cats", "path": "cat.png"});
    problem(ada.upload(metadata, png(40, 30, 1)).await, 500).await;
    break_index(&app, false).await;
    assert_eq!(lab.paths("").await, ["a.txt"]);
    heal_all(&app.state).await.unwrap();
    let picture = lab.picture("cat.png").await;
    let told = expect(ada.get(&format!("/api/picture/{picture}/")).send().await.unwrap(), 200).await;
    assert_eq!(
        (&told["title"], &told["description"], &told["nature"]),
        (&json!("My cat"), &json!("Asleep"), &json!("photo"))
    );
    // What an interrupted commit said belongs to no other one.
    commit_unheard(&app, lab.id, &[Edit::Remove("cat.png".into())]).await;
    heal_all(&app.state).await.unwrap();
    assert_eq!(lab.paths("").await, ["a.txt"]);

    // Who has pushed is not who has made the commits; nor is it forgotten.
    lab.post("members", json!({"username": "bob", "role": "writer"}), 204).await;
    let theirs = lab.seen_by(&bob);
    theirs.put("dog.png", png(40, 30, 2)).await;
    let md5 = lab.get("files/?prefix=dog").await[0]["md5"].as_str().unwrap().to_owned();
    expect(theirs.send(Method::DELETE, "files/dog.png", "").await, 201).await;
    let home = tempfile::tempdir().unwrap();
    let address = app.url.replace("http://", &format!("http://bob:{token}@")) + "/ada/cats.git";
    let size = png(40, 30, 2).len();
    break_index(&app, true).await;
    let said = tokio::task::spawn_blocking(move || {
        let clone = home.path().join("cats");
        assert!(git(home.path(), &["clone", &address, "cats"]).0);
        let pointer = format!("outs:\n- md5: {md5}\n  size: {size}\n  hash: md5\n  path: dog.png\n");
        std::fs::write(clone.join("dog.png.dvc"), pointer).unwrap();
        assert!(git(&clone, &["add", "."]).0 && git(&clone, &["commit", "-m", "Dog"]).0);
        git(&clone, &["push", "origin", "HEAD:main"])
    })
    .await
    .unwrap();
    assert!(said.0 && said.1.contains("a little later"), "{}", said.1);
    break_index(&app, false).await;
    heal_all(&app.state).await.unwrap();
    let picture = lab.picture("dog.png").await;
    let told = expect(ada.get(&format!("/api/picture/{picture}/")).send().await.unwrap(), 200).await;
    assert_eq!(told["author"], "bob");
    assert_eq!(check(&app.state, false).await.unwrap(), []);
}

#[tokio::test]
async fn what_was_drawn_elsewhere_stays_there() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("b.png", png(40, 30, 1)).await;
    lab.put("a.png", png(40, 30, 1)).await;
    let point = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}]);
    let drawn = ada.put(&format!("/api/picture/{}/annotations", lab.picture("a.png").await)).json(&point).send();
    expect(drawn.await.unwrap(), 200).await;
    for (path, seed) in [("b.png", 2), ("a.png", 3), ("b.png", 1)] {
        lab.put(path, png(40, 30, seed)).await;
    }
    assert_eq!(lab.get("annotations/b.png").await, json!([]));
    lab.put("a.png", png(40, 30, 1)).await;
    assert_eq!(lab.get("annotations/a.png").await.as_array().unwrap().len(), 1);
    // A name that a folder has is not free.
    lab.put("picture.bin/x.txt", "x").await;
    let metadata = json!({"nature": "photo", "dataset": "ada/cats"});
    expect(ada.upload(metadata, png(40, 30, 9)).await, 201).await;
    assert!(lab.picture("picture-2.bin").await > 0);
}

#[tokio::test]
async fn who_made_a_commit_is_called_as_they_are_now() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    let commit = lab.put("a.txt", "a").await;
    lab.post("tags", json!({"name": "v1"}), 201).await;
    let pool = sqlx::SqlitePool::connect(&app.state.config.database_url).await.unwrap();
    sqlx::query("UPDATE users SET username = 'somebody' WHERE username = 'ada'").execute(&pool).await.unwrap();
    pool.close().await;
    assert_eq!(lab.get("commits").await[0]["author"], "somebody");
    assert_eq!(lab.get(&format!("commits/{commit}")).await["author"], "somebody");
    assert_eq!(lab.get("tags").await[0]["author"], "somebody");
}

/// Copies a folder with all that is in it.
fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &there);
        } else {
            std::fs::copy(entry.path(), there).unwrap();
        }
    }
}

#[tokio::test]
async fn what_people_did_is_not_taken_back_by_an_older_history() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    let folder = app.state.config.data_dir.join(format!("datasets/{}.git", lab.id));
    let (older, newer) = (folder.with_extension("older"), folder.with_extension("newer"));
    copy_folder(&folder, &older);
    lab.put("dog.png", png(40, 30, 2)).await;
    let picture = lab.picture("dog.png").await;
    std::fs::rename(&folder, &newer).unwrap();
    std::fs::rename(&older, &folder).unwrap();
    heal_all(&app.state).await.unwrap();
    let found = check(&app.state, true).await.unwrap();
    assert!(found.len() == 1 && !found[0].mendable, "{found:?}");
    assert_eq!(lab.send(Method::PUT, "files/a", "a").await.status(), 500);
    assert_eq!(lab.paths("").await, ["cat.png", "dog.png"]);
    assert_eq!(lab.picture("dog.png").await, picture);
    // With its own history it goes on.
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::rename(&newer, &folder).unwrap();
    lab.put("a", "a").await;
    assert_eq!(lab.paths("").await, ["a", "cat.png", "dog.png"]);
}

#[tokio::test]
async fn a_picture_stays_where_a_commit_names_bytes_that_nobody_has() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    let picture = lab.picture("cat.png").await;
    let unknown = Pointer { md5: "0123456789abcdef0123456789abcdef".into(), size: 4 };
    commit_unheard(&app, lab.id, &[Edit::Put("cat.png".into(), unknown)]).await;
    heal_all(&app.state).await.unwrap();
    assert_eq!(lab.picture("cat.png").await, picture);
    let found = check(&app.state, true).await.unwrap();
    assert!(found.iter().any(|fault| !fault.mendable), "{found:?}");
    assert_eq!(lab.picture("cat.png").await, picture);
}

#[tokio::test]
async fn the_index_is_rebuilt_from_git() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    lab.put("old.txt", "old").await;
    lab.put("old.txt", "new").await;
    let picture = lab.picture("cat.png").await;
    // As if another database had been brought back.
    let url = &app.state.config.database_url;
    let pool = sqlx::SqlitePool::connect(url).await.unwrap();
    for wrong in [
        "DELETE FROM dataset_files WHERE path = 'cat.png'",
        "UPDATE dataset_files SET path = 'lost.txt' WHERE path = 'old.txt'",
        "DELETE FROM dataset_blobs WHERE md5 NOT IN (SELECT md5 FROM dataset_files)",
    ] {
        sqlx::query(wrong).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let found = check(&app.state, false).await.unwrap();
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(check(&app.state, true).await.unwrap().len(), 3);
    assert_eq!(check(&app.state, false).await.unwrap(), []);
    assert_eq!(lab.paths("").await, ["cat.png", "old.txt"]);
    assert_eq!(lab.picture("cat.png").await, picture);
    // As if nothing of it had ever been indexed.
    let pool = sqlx::SqlitePool::connect(url).await.unwrap();
    for gone in ["DELETE FROM dataset_files", "DELETE FROM dataset_blobs", "UPDATE datasets SET head = NULL"] {
        sqlx::query(gone).execute(&pool).await.unwrap();
    }
    pool.close().await;
    assert!(!check(&app.state, true).await.unwrap().is_empty());
    assert_eq!(check(&app.state, false).await.unwrap(), []);
    assert_eq!(lab.paths("").await, ["cat.png", "old.txt"]);
    assert_eq!((lab.picture("cat.png").await, lab.messages().await.len()), (picture, 3));
    assert_eq!(expect(lab.raw("files/old.txt").await, 200).await, "new");
    // A repository that is lost is told of, and nothing is done about it.
    let folder = app.state.config.data_dir.join(format!("datasets/{}.git", lab.id));
    std::fs::rename(&folder, folder.with_extension("away")).unwrap();
    let lost = check(&app.state, true).await.unwrap();
    assert!(lost.len() == 1 && !lost[0].mendable, "{lost:?}");
    assert_eq!(lab.send(Method::PUT, "files/a", "a").await.status(), 500);
    assert_eq!(lab.paths("").await.len(), 2);
}

#[tokio::test]
async fn pictures_from_before_versions_become_files() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    let made = ada.picture("One").await;
    let pool = sqlx::SqlitePool::connect(&app.state.config.database_url).await.unwrap();
    sqlx::query("UPDATE pictures SET dataset = $1").bind(lab.id).execute(&pool).await.unwrap();
    pool.close().await;
    heal_all(&app.state).await.unwrap();
    let path = format!("picture-{}.png", made["id"]);
    assert_eq!(lab.paths("").await, [path.as_str()]);
    assert_eq!(lab.picture(&path).await, made["id"]);
    assert_eq!(lab.messages().await, ["Pictures from before versions"]);
    assert!(pictures::any(&app.state.db).await.unwrap());
}

#[tokio::test]
async fn a_deleted_dataset_leaves_no_history() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("a.txt", "a").await;
    let folder = app.state.config.data_dir.join(format!("datasets/{}.git", lab.id));
    lab.seen_by(&bob).post("delete", json!({}), 403).await;
    assert!(folder.exists());
    lab.post("delete", json!({}), 204).await;
    assert!(!folder.exists());
    problem(lab.raw("files/a.txt").await, 404).await;
    problem(lab.send(Method::PUT, "files/a.txt", "a").await, 404).await;
    // One of which the database does not know any more is found, and removed.
    app.state.repositories.of(77).ensure().await.unwrap();
    // But not where the database knows none: it may be the wrong one.
    assert_eq!(orphans(&app.state, true).await.unwrap(), [77]);
    assert_eq!(orphans(&app.state, false).await.unwrap(), [77]);
    let body = json!({"namespace": "ada", "name": "dogs", "visibility": "public"});
    expect(ada.post("/api/v1/datasets").json(&body).send().await.unwrap(), 201).await;
    assert_eq!(orphans(&app.state, true).await.unwrap(), [77]);
    assert!(orphans(&app.state, false).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn git_clones_and_fetches() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = tempfile::tempdir().unwrap();
    let with = |user: &str, name: &str| app.url.replace("http://", &format!("http://{user}@")) + name;
    let (address, ours) = (format!("{}/ada/cats.git", app.url), with(&format!("ada:{token}"), "/ada/cats.git"));
    let run = async |arguments: &[&str]| {
        let (folder, arguments) =
            (home.path().to_owned(), arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        tokio::task::spawn_blocking(move || git(&folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>()))
            .await
            .unwrap()
    };
    // Nothing yet, which is as good as any state.
    let (done, said) = run(&["clone", &ours, "empty"]).await;
    assert!(done && said.contains("empty repository"), "{said}");
    for number in 0..40 {
        lab.put(&format!("a/{number}.txt"), format!("{number}")).await;
    }
    lab.post("tags", json!({"name": "v1"}), 201).await;
    let (done, said) = run(&["clone", &ours, "cats"]).await;
    assert!(done, "{said}");
    let pointer = std::fs::read_to_string(home.path().join("cats/a/7.txt.dvc")).unwrap();
    assert!(pointer.contains("path: \"7.txt\"") && pointer.contains("8f14e45fceea167a5a36dedd4bea2543"), "{pointer}");
    let config = std::fs::read_to_string(home.path().join("cats/.dvc/config")).unwrap();
    assert!(config.contains(&format!("url = {}{}/dvc", app.url, lab.path)), "{config}");
    // The bytes that DVC brings are none of Git's business.
    std::fs::write(home.path().join("cats/a/7.txt"), "7").unwrap();
    assert_eq!(run(&["-C", "cats", "status", "--short"]).await, (true, String::new()));
    lab.put("b.txt", "b").await;
    let (done, said) = run(&["-C", "cats", "pull", "--ff-only"]).await;
    assert!(done && home.path().join("cats/b.txt.dvc").exists(), "{said}");
    let (_, log) = run(&["-C", "cats", "log", "--format=%an %s", "-1", "v1"]).await;
    assert_eq!(log, "ada Put a/39.txt\n");
    let (done, _) = run(&["-C", "cats", "fsck", "--strict"]).await;
    assert!(done);
    // To strangers it is as if there were none.
    for (wrong, words) in [
        (address.clone(), "could not read Username"),
        (with("ada:wrong", "/ada/cats.git"), "Authentication failed"),
        (format!("{}/ada/dogs.git", app.url), "could not read Username"),
    ] {
        let (done, said) = run(&["clone", &wrong, "stranger"]).await;
        assert!(!done && said.contains(words), "{wrong}: {said}");
    }
    let bob = app.user("bob").await;
    for path in [
        "/ada/cats.git/info/refs?service=git-upload-pack",
        "/ada/dogs.git/info/refs?service=git-upload-pack",
        "/ada/cats/info/refs",
    ] {
        problem(bob.get(path).send().await.unwrap(), 404).await;
    }
    problem(bob.post("/ada/cats.git/git-upload-pack").body("0000").send().await.unwrap(), 404).await;
    problem(ada.get("/ada/cats.git/info/refs").send().await.unwrap(), 403).await;
}

#[tokio::test]
async fn dvc_finds_the_bytes() {
    let app = TestApp::start().await;
    let (ada, bob, nobody) = (app.user("ada").await, app.user("bob").await, app.anonymous());
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a.txt", "hello").await;
    let hello = "dvc/files/md5/5d/41402abc4b2a76b9719d911017c592";
    let world = "dvc/files/md5/7d/793037a0760186574b0282f2f435e7";
    assert_eq!(expect(lab.raw(hello).await, 200).await, "hello");
    let head = lab.send(Method::HEAD, hello, "").await;
    assert_eq!((head.status().as_u16(), head.headers()["content-length"].to_str().unwrap()), (200, "5"));
    for missing in [world, "dvc/files/md5/5d/..", "dvc/files/md5/5d4/1402abc4b2a76b9719d911017c592"] {
        problem(lab.raw(missing).await, 404).await;
    }
    problem(lab.seen_by(&bob).raw(hello).await, 404).await;
    problem(lab.send(Method::DELETE, hello, "").await, 405).await;
    let stranger = lab.seen_by(&nobody).raw(hello).await;
    assert!(stranger.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
    problem(stranger, 401).await;
    // The bytes come first, and the commit that mentions them later.
    problem(lab.send(Method::PUT, world, "hello").await, 400).await;
    problem(lab.seen_by(&bob).send(Method::PUT, world, "world").await, 404).await;
    for method in [Method::PUT, Method::POST] {
        expect(lab.send(method, world, "world").await, 201).await;
    }
    assert_eq!(expect(lab.raw(world).await, 200).await, "world");
    let changes = json!([{"action": "put", "path": "b.txt", "md5": "7d793037a0760186574b0282f2f435e7"}]);
    lab.post("commits", json!({"changes": changes}), 201).await;
    assert_eq!(expect(lab.raw("files/b.txt").await, 200).await, "world");
    // Where others may not know a place, they do not get other bytes under the same name.
    lab.put("cat.jpg", jpeg(9)).await;
    let md5 = lab.get("files/?prefix=cat").await[0]["md5"].as_str().unwrap().to_owned();
    lab.post("members", json!({"username": "bob", "role": "reader"}), 204).await;
    let path = format!("dvc/files/md5/{}/{}", &md5[..2], &md5[2..]);
    problem(lab.seen_by(&bob).raw(&path).await, 403).await;
    expect(lab.seen_by(&bob).raw(hello).await, 200).await;
    assert_eq!(lab.raw(&path).await.bytes().await.unwrap(), jpeg(9));
    // The same by the name that the dataset has now.
    let named = |api: &Api, method: Method, path: &str| {
        api.client.request(method, format!("{}/ada/cats.dvc/{}", api.url, path.strip_prefix("dvc/").unwrap()))
    };
    assert_eq!(expect(named(&ada, Method::GET, hello).send().await.unwrap(), 200).await, "hello");
    expect(named(&ada, Method::PUT, hello).body("hello").send().await.unwrap(), 201).await;
    problem(named(&bob, Method::PUT, hello).body("hello").send().await.unwrap(), 403).await;
    problem(named(&nobody, Method::GET, hello).send().await.unwrap(), 401).await;
    lab.post("update", json!({"name": "tigers"}), 200).await;
    problem(named(&ada, Method::GET, hello).send().await.unwrap(), 404).await;
    let renamed = format!("/ada/tigers.dvc/{}", hello.strip_prefix("dvc/").unwrap());
    assert_eq!(expect(ada.get(&renamed).send().await.unwrap(), 200).await, "hello");
}
