//! Storage sites over HTTP, against a real S3 server and real folders.

use super::app::{Api, TestApp, expect, png, problem};
use crate::support::promote;
use crate::support::s3::{ACCESS_KEY, BUCKET, Fault, S3, SECRET_KEY};
use ocellus::server::file_check;
use ocellus::server::storage::sealing::KEY_FILE;
use ocellus::server::versions::check;
use reqwest::header::RANGE;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use tempfile::TempDir;

/// Larger than what is brought to a bucket in one part.
const LARGE: usize = 9_000_000;

pub(super) async fn start(s3: &S3) -> TestApp {
    let endpoint = s3.endpoint.clone();
    TestApp::start_with(|config| {
        config.storage_endpoints = vec![endpoint, "http://127.0.0.1:9".to_owned()];
        config.storage_seconds = 3;
    })
    .await
}

pub(super) async fn with_root() -> (TestApp, TempDir) {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().to_owned();
    (TestApp::start_with(|config| config.storage_roots = vec![path]).await, root)
}

pub(super) fn bucket(endpoint: &str, name: &str, namespace: &str) -> Value {
    json!({
        "name": name, "visibility": "private", "namespace": namespace,
        "place": {"kind": "s3", "endpoint": endpoint, "bucket": BUCKET, "prefix": "l"},
        "credentials": {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY},
    })
}

pub(super) fn folder(root: &TempDir, sub: &str, name: &str, namespace: &str) -> Value {
    let folder = root.path().join(sub);
    json!({"name": name, "visibility": "private", "namespace": namespace, "place": {"kind": "folder", "folder": folder}})
}

pub(super) async fn send(api: &Api, path: &str, body: Value) -> Response {
    api.post(&format!("/api/v1/{path}")).json(&body).send().await.unwrap()
}

pub(super) async fn get(api: &Api, path: &str) -> Response {
    api.get(path).send().await.unwrap()
}

pub(super) async fn register(api: &Api, body: Value) -> i64 {
    expect(send(api, "storage-sites", body).await, 201).await["id"].as_i64().unwrap()
}

/// Makes a dataset with its files at a storage site, and gives its path in the API.
pub(super) async fn dataset(api: &Api, namespace: &str, visibility: &str, site: &str) -> String {
    let name = format!("cats-{:x}", rand::random::<u32>());
    let body = json!({"namespace": namespace, "name": name, "visibility": visibility, "storage_site": site});
    let made = expect(send(api, "datasets", body).await, 201).await;
    assert_eq!(made["storage_site"]["name"], site);
    format!("/api/v1/datasets/{}", made["id"])
}

pub(super) async fn put(api: &Api, dataset: &str, path: &str, bytes: impl Into<reqwest::Body>) -> Response {
    let url = format!("{}{dataset}/files/{path}", api.url);
    api.client.request(Method::PUT, url).body(bytes).send().await.unwrap()
}

pub(super) async fn bytes(response: Response) -> Vec<u8> {
    assert!(response.status().is_success(), "{}", response.status());
    response.bytes().await.unwrap().to_vec()
}

/// Bytes that no two calls have in common.
pub(super) fn random(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    rand::fill(&mut bytes[..]);
    bytes
}

/// Waits until something has come about that nobody waits for otherwise.
async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..500 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it has not come about");
}

/// Removes what nothing needs, however young, and gives how many objects are left in the bucket.
async fn left(app: &TestApp, s3: &S3) -> usize {
    let found = file_check::check(&app.state, true, Duration::ZERO).await.unwrap();
    assert!(found.missing.is_empty() && found.unreachable.is_empty(), "{found:?}");
    s3.objects().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_of_a_dataset_are_in_its_bucket_and_come_back_byte_for_byte() {
    let s3 = S3::start().await;
    let app = start(&s3).await;
    let ada = app.user("ada").await;
    let site = register(&ada, bucket(&s3.endpoint, "archive", "ada")).await;
    let tested = expect(send(&ada, &format!("storage-sites/{site}/test"), json!({})).await, 200).await;
    assert_eq!((&tested["ok"], tested["steps"].as_array().unwrap().len()), (&json!(true), 3), "{tested}");
    assert!(s3.objects().is_empty());

    let cats = dataset(&ada, "ada", "private", "archive").await;
    let (large, picture) = (random(LARGE), png(700, 500, 3));
    expect(put(&ada, &cats, "large.bin", large.clone()).await, 201).await;
    expect(put(&ada, &cats, "cat.png", picture.clone()).await, 201).await;
    expect(put(&ada, &cats, "empty.txt", "").await, 201).await;
    let objects = s3.objects();
    assert_eq!(objects.len(), 3, "{objects:?}");
    assert!(objects.iter().all(|object| object.starts_with("l/ocellus-")), "{objects:?}");
    // Nothing of it is in the site's own folder.
    assert!(app.state.blobs.older_than(Duration::ZERO).await.unwrap().is_empty());

    assert_eq!(bytes(get(&ada, &format!("{cats}/files/large.bin")).await).await, large);
    assert!(bytes(get(&ada, &format!("{cats}/files/empty.txt")).await).await.is_empty());
    let url = format!("{cats}/files/large.bin");
    // Across the chunks in which it is read.
    for (range, expected) in [
        ("bytes=0-9", 0..10),
        ("bytes=4194300-4194310", 4_194_300..4_194_311),
        ("bytes=8999990-", 8_999_990..LARGE),
        ("bytes=-5", LARGE - 5..LARGE),
    ] {
        let part = ada.get(&url).header(RANGE, range).send().await.unwrap();
        assert_eq!(part.status(), 206);
        assert_eq!(bytes(part).await, &large[expected], "{range}");
    }
    // Pictures, too: the file, the thumbnail that was made when it came, and one that is made anew.
    let list = expect(get(&ada, &format!("{cats}/files/?prefix=cat")).await, 200).await;
    let id = &list[0]["picture"];
    let told = expect(get(&ada, &format!("/api/picture/{id}/")).await, 200).await;
    let download = told["download"].as_str().unwrap().trim_start_matches(&app.url).to_owned();
    assert_eq!(bytes(get(&ada, &download).await).await, picture);
    let hash = download.rsplit('/').next().unwrap().trim_end_matches(".png").to_owned();
    let before = bytes(get(&ada, &format!("/thumbnail/{hash}/320")).await).await;
    app.state.thumbnails.remove(&hash).await.unwrap();
    assert_eq!(bytes(get(&ada, &format!("/thumbnail/{hash}/320")).await).await, before);

    // The same bytes again bring nothing again; only whether they are still there is asked.
    let requests = s3.requests();
    expect(put(&ada, &cats, "copy.bin", large.clone()).await, 201).await;
    assert_eq!((s3.objects().len(), s3.requests()), (3, requests + 1));
    // In the commons they are in the site's own folder as well, and stay there when the dataset goes.
    ada.picture_with(json!({"nature": "photo", "licence": ["CC0-1.0"]}), picture.clone()).await;
    assert!(app.state.blobs.exists(&hash).await.unwrap());
    assert_eq!(left(&app, &s3).await, 3);
    assert!(check::check(&app.state, false).await.unwrap().is_empty());
    expect(send(&ada, &format!("storage-sites/{site}/delete"), json!({})).await, 409).await;
    expect(send(&ada, &format!("{}/delete", cats.trim_start_matches("/api/v1/")), json!({})).await, 204).await;
    assert_eq!(left(&app, &s3).await, 0);
    assert_eq!(bytes(get(&app.anonymous(), &download).await).await, picture);
    expect(send(&ada, &format!("storage-sites/{site}/delete"), json!({})).await, 204).await;
    problem(get(&ada, &format!("/api/v1/storage-sites/{site}")).await, 404).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bucket_that_fails_in_the_middle_leaves_nothing_half_done() {
    let s3 = S3::start().await;
    let app = start(&s3).await;
    let ada = app.user("ada").await;
    register(&ada, bucket(&s3.endpoint, "archive", "ada")).await;
    let cats = dataset(&ada, "ada", "private", "archive").await;
    expect(put(&ada, &cats, "first.txt", "first").await, 201).await;
    for (fault, status, word) in [
        (Fault::Slow(Duration::from_secs(10)), 503, "does not answer"),
        (Fault::Broken, 503, "does not answer"),
        (Fault::Full, 507, "full"),
        (Fault::Forbidding, 502, "refuses"),
        (Fault::WithoutBucket, 502, "refuses"),
    ] {
        // The second is in the middle: the upload is begun, and some parts are there.
        for (spared, size) in [(0, 1000), (2, LARGE)] {
            let upload = random(size);
            let head = expect(get(&ada, &cats).await, 200).await["head"].clone();
            s3.fail(fault, spared);
            let answer = put(&ada, &cats, "second.bin", upload.clone()).await;
            let retry_after = answer.headers().get("retry-after").cloned();
            let refused = problem(answer, status).await;
            let detail = refused["detail"].as_str().unwrap();
            assert!(detail.contains(word) && detail.contains("nothing was changed"), "{fault:?}: {detail}");
            let whole = refused.to_string();
            for secret in [SECRET_KEY, ACCESS_KEY, s3.endpoint.as_str()] {
                assert!(!whole.contains(secret), "{whole}");
            }
            assert_eq!(retry_after.is_some(), status == 503, "{fault:?}");
            s3.recover();
            assert_eq!(expect(get(&ada, &cats).await, 200).await["head"], head, "{fault:?}");
            problem(get(&ada, &format!("{cats}/files/second.bin")).await, 404).await;
            // Whoever tries again gets what they wanted.
            expect(put(&ada, &cats, "second.bin", upload.clone()).await, 201).await;
            assert_eq!(bytes(get(&ada, &format!("{cats}/files/second.bin")).await).await, upload);
            let undone = ada.client.request(Method::DELETE, format!("{}{cats}/files/second.bin", ada.url));
            expect(undone.send().await.unwrap(), 201).await;
            let commits = expect(get(&ada, &format!("{cats}/commits?limit=1")).await, 200).await;
            assert_eq!(commits[0]["message"], "Delete second.bin");
        }
        // A batch of which one file fails is no commit.
        let before = expect(get(&ada, &cats).await, 200).await["head"].clone();
        let batch = || {
            let files =
                (0..6).map(|at| (format!("batch/{at}"), Part::bytes(random(2000)).file_name(format!("batch/{at}"))));
            files.fold(Form::new(), |form, (name, part)| form.part(name, part))
        };
        s3.fail(fault, 3);
        let url = format!("{cats}/files");
        problem(ada.post(&url).multipart(batch()).send().await.unwrap(), status).await;
        s3.recover();
        assert_eq!(expect(get(&ada, &cats).await, 200).await["head"], before, "{fault:?}");
        expect(ada.post(&url).multipart(batch()).send().await.unwrap(), 201).await;
        // Bytes that cannot be read now can be later.
        s3.fail(fault, 0);
        problem(get(&ada, &format!("{cats}/files/first.txt")).await, status).await;
        let tested = expect(send(&ada, "storage-sites/1/test", json!({})).await, 200).await;
        assert_eq!((&tested["ok"], &tested["steps"][0]["step"]), (&json!(false), &json!("write")), "{tested}");
        assert!(tested["steps"][0]["error"].is_string());
        s3.recover();
        assert_eq!(bytes(get(&ada, &format!("{cats}/files/first.txt")).await).await, b"first");
    }
    let found = file_check::check(&app.state, false, Duration::from_secs(3600)).await.unwrap();
    assert!(found.missing.is_empty(), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_goes_away_in_the_middle_leaves_no_commit_and_no_row() {
    let s3 = S3::start().await;
    let app = start(&s3).await;
    let ada = app.user("ada").await;
    register(&ada, bucket(&s3.endpoint, "archive", "ada")).await;
    let cats = dataset(&ada, "ada", "private", "archive").await;
    // Nothing is removed from a site without any picture.
    ada.picture("another").await;
    s3.fail(Fault::Slow(Duration::from_millis(700)), 1);
    let upload = random(LARGE);
    let impatient = tokio::time::timeout(Duration::from_millis(1000), put(&ada, &cats, "a.bin", upload.clone())).await;
    assert!(impatient.is_err());
    s3.recover();
    assert_eq!(expect(get(&ada, &cats).await, 200).await["head"], Value::Null);
    // What was begun at the bucket goes on to its end: it would keep the parts otherwise.
    until(|| s3.objects().len() == 1 && s3.unfinished() == 0).await;
    expect(put(&ada, &cats, "a.bin", upload.clone()).await, 201).await;
    assert_eq!(bytes(get(&ada, &format!("{cats}/files/a.bin")).await).await, upload);
    assert_eq!(s3.objects().len(), 2);
    assert_eq!(left(&app, &s3).await, 1);
}

#[tokio::test]
async fn a_folder_below_an_allowed_root_takes_files() {
    let (app, root) = with_root().await;
    let ada = app.user("ada").await;
    let site = register(&ada, folder(&root, "lab/cats", "shelf", "ada")).await;
    let told = expect(get(&ada, &format!("/api/v1/storage-sites/{site}")).await, 200).await;
    assert_eq!((&told["kind"], &told["access"], &told["datasets"]), (&json!("folder"), &json!("manage"), &json!(0)));
    let real = root.path().join("lab/cats").canonicalize().unwrap();
    assert_eq!(told["place"]["folder"], real.to_str().unwrap());
    let cats = dataset(&ada, "ada", "public", "shelf").await;
    expect(put(&ada, &cats, "a.bin", "abc").await, 201).await;
    assert_eq!(bytes(get(&ada, &format!("{cats}/files/a.bin")).await).await, b"abc");
    let tested = expect(send(&ada, &format!("storage-sites/{site}/test"), json!({})).await, 200).await;
    assert_eq!(tested["ok"], true, "{tested}");

    // A folder that is gone, as one is that is not mounted, is not taken for an empty one.
    let away = root.path().join("away");
    std::fs::rename(&real, &away).unwrap();
    problem(put(&ada, &cats, "b.bin", "def").await, 503).await;
    problem(get(&ada, &format!("{cats}/files/a.bin")).await, 503).await;
    std::fs::create_dir(&real).unwrap();
    problem(put(&ada, &cats, "b.bin", "def").await, 503).await;
    problem(get(&ada, &format!("{cats}/files/a.bin")).await, 503).await;
    let tested = expect(send(&ada, &format!("storage-sites/{site}/test"), json!({})).await, 200).await;
    assert_eq!(tested["ok"], false, "{tested}");
    std::fs::remove_dir(&real).unwrap();
    std::fs::rename(&away, &real).unwrap();
    expect(put(&ada, &cats, "b.bin", "def").await, 201).await;
    assert_eq!(bytes(get(&ada, &format!("{cats}/files/a.bin")).await).await, b"abc");
}

#[tokio::test]
async fn only_what_the_settings_allow_is_registered() {
    let s3 = S3::start().await;
    let app = start(&s3).await;
    let ada = app.user("ada").await;
    let anywhere = tempfile::tempdir().unwrap();
    let refused = async |body: Value, field: &str| {
        let refused = problem(send(&ada, "storage-sites", body.clone()).await, 400).await;
        assert_eq!(refused["errors"][0]["field"], field, "{body}: {refused}");
    };
    refused(folder(&anywhere, "x", "a", "ada"), "folder").await;
    assert!(!anywhere.path().join("x").exists());
    let data = app.state.config.data_dir.clone();
    let mut inside = folder(&anywhere, "x", "a", "ada");
    inside["place"]["folder"] = json!(data.join("blobs"));
    refused(inside, "folder").await;
    for endpoint in ["http://169.254.169.254", "http://127.0.0.1:1", "https://s3.amazonaws.com"] {
        refused(bucket(endpoint, "a", "ada"), "endpoint").await;
    }
    let with = |key: &str, value: Value| {
        let mut body = bucket(&s3.endpoint, "a", "ada");
        body["place"][key] = value;
        body
    };
    refused(with("endpoint", json!(format!("{}/x", s3.endpoint))), "endpoint").await;
    refused(with("bucket", json!("../x")), "bucket").await;
    refused(with("prefix", json!("a/../b")), "prefix").await;
    // The bucket would become a part of a host that nobody has named.
    refused(with("path_style", json!(false)), "endpoint").await;
    let mut body = bucket(&s3.endpoint, "a", "ada");
    body["name"] = json!("A b");
    refused(body, "name").await;
    let mut body = bucket(&s3.endpoint, "a", "ada");
    body["credentials"] = Value::Null;
    refused(body, "access_key").await;
    let mut body = bucket(&s3.endpoint, "a", "ada");
    body["more"] = json!(1);
    problem(send(&ada, "storage-sites", body).await, 400).await;
    // In the name of a namespace only its maintainers, in nobody's only administrators.
    let ben = app.user("ben").await;
    problem(send(&ben, "storage-sites", bucket(&s3.endpoint, "a", "ada")).await, 403).await;
    refused(bucket(&s3.endpoint, "a", "nobody-at-all"), "namespace").await;
    let mut body = bucket(&s3.endpoint, "a", "ada");
    body["namespace"] = Value::Null;
    refused(body.clone(), "namespace").await;
    problem(send(&app.anonymous(), "storage-sites", body.clone()).await, 401).await;
    promote(&app.state.db, "ben").await;
    let site = register(&ben, body).await;
    problem(send(&ben, "storage-sites", bucket(&s3.endpoint, "a", "ben")).await, 409).await;
    // Nor is a site in what another one has made.
    refused(with("prefix", json!("l/ocellus-0123")), "prefix").await;
    let log = expect(get(&ben, "/api/audit-log").await, 200).await.to_string();
    assert!(log.contains("storage-site-changed") && log.contains("storage site a"), "{log}");

    // What nobody answers at can be registered, and the test says so.
    let quiet = register(&ada, bucket("http://127.0.0.1:9", "quiet", "ada")).await;
    let tested = expect(send(&ada, &format!("storage-sites/{quiet}/test"), json!({})).await, 200).await;
    assert_eq!(tested["ok"], false);
    let error = tested["steps"][0]["error"].as_str().unwrap();
    assert!(error.contains("did not answer"), "{error}");
    // So does a key that is not the right one; a new one helps.
    let mut body = bucket(&s3.endpoint, "wrong", "ada");
    body["credentials"]["secret_key"] = json!("another");
    let wrong = register(&ada, body).await;
    let path = format!("storage-sites/{wrong}");
    let tested = expect(send(&ada, &format!("{path}/test"), json!({})).await, 200).await;
    let error = tested["steps"][0]["error"].as_str().unwrap();
    assert!(error.contains("refused"), "{error}");
    let key = json!({"credentials": {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}});
    expect(send(&ada, &format!("{path}/update"), key).await, 200).await;
    let tested = expect(send(&ada, &format!("{path}/test"), json!({})).await, 200).await;
    assert_eq!(tested["ok"], true, "{tested}");
    assert!(expect(send(&ben, &format!("storage-sites/{site}/test"), json!({})).await, 200).await["ok"] == true);
}

#[tokio::test]
async fn keys_leave_the_server_nowhere() {
    let s3 = S3::start().await;
    let app = start(&s3).await;
    let ada = app.user("ada").await;
    let made = expect(send(&ada, "storage-sites", bucket(&s3.endpoint, "archive", "ada")).await, 201).await;
    let path = format!("/api/v1/storage-sites/{}", made["id"]);
    let mut told = made.to_string();
    for address in ["/api/v1/storage-sites", &path, &format!("{path}/grants")] {
        told.push_str(&expect(get(&ada, address).await, 200).await.to_string());
    }
    told.push_str(&String::from_utf8_lossy(&bytes(get(&ada, "/storage-sites/1").await).await));
    assert!(!told.contains(SECRET_KEY) && !told.contains(ACCESS_KEY), "{told}");
    // Neither as such in the data folder.
    let data = &app.state.config.data_dir;
    assert!(data.join(KEY_FILE).exists());
    for file in ["test.sqlite", "test.sqlite-wal"] {
        let bytes = std::fs::read(data.join(file)).unwrap_or_default();
        let has = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!has(SECRET_KEY) && !has(ACCESS_KEY), "{file}");
    }
}

#[tokio::test]
async fn bytes_ask_for_the_right_of_the_dataset_and_that_of_its_site() {
    let (app, root) = with_root().await;
    let (ada, ben, cat) = (app.user("ada").await, app.user("ben").await, app.user("cat").await);
    let site = register(&ada, folder(&root, "a", "shelf", "ada")).await;
    let cats = dataset(&ada, "ada", "public", "shelf").await;
    expect(put(&ada, &cats, "cat.png", png(40, 30, 1)).await, 201).await;
    let list = expect(get(&ben, &format!("{cats}/files/")).await, 200).await;
    let md5 = list[0]["md5"].as_str().unwrap().to_owned();
    let told = expect(get(&ben, &format!("/api/picture/{}/", list[0]["picture"])).await, 200).await;
    let download = told["download"].as_str().unwrap().trim_start_matches(&app.url).to_owned();
    let hash = download.rsplit('/').next().unwrap().trim_end_matches(".png").to_owned();
    let dvc = format!("{cats}/dvc/files/md5/{}/{}", &md5[..2], &md5[2..]);
    let files = [format!("{cats}/files/cat.png"), dvc, download];
    // A writer of the dataset who has no right at the site.
    let role = json!({"username": "ben", "role": "writer"});
    expect(send(&ada, &format!("{}/members", cats.trim_start_matches("/api/v1/")), role).await, 204).await;
    for (name, api) in [("a stranger", &cat), ("a writer of the dataset", &ben), ("nobody", &app.anonymous())] {
        for file in &files {
            let refused = problem(get(api, file).await, 403).await;
            assert!(!refused.to_string().contains("shelf"), "{name}: {refused}");
        }
        problem(get(api, &format!("/api/v1/storage-sites/{site}")).await, 404).await;
        let seen = expect(get(api, &cats).await, 200).await;
        assert_eq!(seen["storage_site"], json!({"id": null, "name": null}), "{name}");
        // What is made of the files follows the dataset.
        assert!(get(api, &format!("/thumbnail/{hash}/320")).await.status().is_success(), "{name}");
    }
    problem(put(&ben, &cats, "b.txt", "b").await, 403).await;
    let body = json!({"nature": "photo", "licence": ["CC0-1.0"], "dataset": cats.rsplit('/').next().unwrap().parse::<i64>().unwrap()});
    problem(ben.upload(body.clone(), png(41, 30, 2)).await, 403).await;
    let sum = "5d41402abc4b2a76b9719d911017c592";
    let push = format!("{}{cats}/dvc/files/md5/{}/{}", ben.url, &sum[..2], &sum[2..]);
    problem(ben.client.put(&push).body("hello").send().await.unwrap(), 403).await;
    // What moves no bytes asks for the dataset alone.
    let moved = json!({"from": "cat.png", "to": "cats/cat.png"});
    expect(send(&ben, &format!("{}/move", cats.trim_start_matches("/api/v1/")), moved).await, 201).await;
    let files = files.map(|file| file.replace("files/cat.png", "files/cats/cat.png"));

    let grant = async |namespace: &str, access: &str, status: u16| {
        let body = json!({"namespace": namespace, "access": access});
        expect(send(&ada, &format!("storage-sites/{site}/grants"), body).await, status).await;
    };
    grant("ben", "read", 204).await;
    for file in &files {
        assert!(get(&ben, file).await.status().is_success(), "{file}");
        problem(get(&cat, file).await, 403).await;
    }
    assert_eq!(expect(get(&ben, &cats).await, 200).await["storage_site"], json!({"id": site, "name": "shelf"}));
    let told = expect(get(&ben, &format!("/api/v1/storage-sites/{site}")).await, 200).await;
    assert_eq!((&told["access"], &told["place"], &told["datasets"]), (&json!("read"), &Value::Null, &json!(1)));
    problem(put(&ben, &cats, "b.txt", "b").await, 403).await;
    problem(send(&ben, &format!("storage-sites/{site}/test"), json!({})).await, 403).await;
    let own = json!({"namespace": "ben", "name": "own", "visibility": "private", "storage_site": "shelf"});
    problem(send(&ben, "datasets", own.clone()).await, 403).await;
    let unknown = problem(
        send(
            &cat,
            "datasets",
            json!({"namespace": "cat", "name": "own", "visibility": "private",
        "storage_site": "shelf"}),
        )
        .await,
        400,
    )
    .await;
    assert_eq!(unknown["errors"][0]["field"], "storage_site");
    grant("ben", "use", 204).await;
    expect(put(&ben, &cats, "b.txt", "b").await, 201).await;
    expect(ben.client.put(&push).body("hello").send().await.unwrap(), 201).await;
    expect(ben.upload(body, png(41, 30, 2)).await, 201).await;
    expect(send(&ben, "datasets", own).await, 201).await;
    problem(send(&ben, &format!("storage-sites/{site}/test"), json!({})).await, 403).await;
    problem(send(&ben, &format!("storage-sites/{site}/update"), json!({"visibility": "public"})).await, 403).await;
    // Open to all, it is read by all who may see the dataset.
    expect(send(&ada, &format!("storage-sites/{site}/update"), json!({"visibility": "public"})).await, 200).await;
    for file in &files {
        assert!(get(&cat, file).await.status().is_success() && get(&app.anonymous(), file).await.status().is_success());
    }
    problem(put(&cat, &cats, "c.txt", "c").await, 403).await;
    let found = expect(get(&cat, "/api/v1/storage-sites?search=SHE").await, 200).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(expect(get(&cat, "/api/v1/storage-sites?search=she&access=use").await, 200).await, json!([]));
    let taken = json!({"namespace": "ben"});
    expect(send(&ada, &format!("storage-sites/{site}/grants/remove"), taken).await, 204).await;
    problem(put(&ben, &cats, "d.txt", "d").await, 403).await;
}

#[tokio::test]
async fn a_site_is_chosen_once_and_before_the_first_file() {
    let (app, root) = with_root().await;
    let ada = app.user("ada").await;
    register(&ada, folder(&root, "a", "shelf", "ada")).await;
    register(&ada, folder(&root, "b", "other", "ada")).await;
    let make = async |name: &str| {
        let body = json!({"namespace": "ada", "name": name, "visibility": "private"});
        let made = expect(send(&ada, "datasets", body).await, 201).await;
        assert_eq!(made["storage_site"], Value::Null);
        format!("datasets/{}", made["id"])
    };
    let choose = async |dataset: &str, site: &str| {
        send(&ada, &format!("{dataset}/storage-site"), json!({"storage_site": site})).await
    };
    let empty = make("empty").await;
    problem(choose(&empty, "nowhere").await, 400).await;
    let chosen = expect(choose(&empty, "shelf").await, 200).await;
    assert_eq!(chosen["storage_site"]["name"], "shelf");
    for again in ["shelf", "other"] {
        problem(choose(&empty, again).await, 409).await;
    }
    let begun = make("begun").await;
    expect(put(&ada, &format!("/api/v1/{begun}"), "a.txt", "a").await, 201).await;
    problem(choose(&begun, "shelf").await, 409).await;
    let undone = ada.client.request(Method::DELETE, format!("{}/api/v1/{begun}/files/a.txt", ada.url));
    expect(undone.send().await.unwrap(), 201).await;
    problem(choose(&begun, "shelf").await, 409).await;
    let ben = app.user("ben").await;
    let stranger = send(&ben, &format!("{begun}/storage-site"), json!({"storage_site": "shelf"})).await;
    problem(stranger, 404).await;
}
