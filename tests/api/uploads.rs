//! Files that come in parts, over HTTP.

use super::app::{Api, TestApp, expect, png, problem};
use super::lab::Lab;
use super::storage_sites;
use crate::support::s3::{Fault, S3};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ocellus::model::upload::UPLOAD_LASTS_S;
use ocellus::server::context::now_s;
use ocellus::server::uploads;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

/// A request as the protocol wants it.
async fn tus(
    api: &Api,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> Response {
    let request = api.client.request(method, format!("{}{path}", api.url)).header("tus-resumable", "1.0.0");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(body).send().await.unwrap()
}

fn said(response: &Response, name: &str) -> String {
    response.headers().get(name).unwrap_or_else(|| panic!("no {name}")).to_str().unwrap().to_owned()
}

/// Begins a file, and gives its address.
async fn begin(lab: &Lab<'_>, path: &str, size: usize) -> String {
    let (metadata, size) = (format!("filename eA==,path {}", STANDARD.encode(path)), size.to_string());
    let headers = [("upload-metadata", metadata.as_str()), ("upload-length", size.as_str())];
    let begun = tus(lab.api, Method::POST, &format!("{}/uploads", lab.path), &headers, "").await;
    assert_eq!(begun.status(), 201, "{}", begun.text().await.unwrap());
    assert_eq!((said(&begun, "tus-resumable"), said(&begun, "upload-offset")), ("1.0.0".to_owned(), "0".to_owned()));
    said(&begun, "location")
}

async fn patch(api: &Api, upload: &str, offset: usize, bytes: &[u8]) -> Response {
    let offset = offset.to_string();
    tus(api, Method::PATCH, upload, &[BYTES, ("upload-offset", &offset)], bytes.to_vec()).await
}

async fn state(api: &Api, upload: &str) -> Value {
    expect(api.get(upload).send().await.unwrap(), 200).await
}

#[tokio::test]
async fn a_file_comes_in_parts_and_a_commit_puts_it_there() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let spoken = tus(&ada, Method::OPTIONS, &format!("{}/uploads", lab.path), &[], "").await;
    assert_eq!((spoken.status().as_u16(), said(&spoken, "tus-version")), (204, "1.0.0".to_owned()));
    assert!(said(&spoken, "tus-extension").contains("termination"));

    let file = png(400, 300, 1);
    let (first, rest) = file.split_at(100);
    let upload = begin(&lab, "train/ä.png", file.len()).await;
    assert_eq!(said(&patch(&ada, &upload, 0, first).await, "upload-offset"), "100");
    // As much as has come is told, and nothing is taken from anywhere else.
    let head = tus(&ada, Method::HEAD, &upload, &[], "").await;
    assert_eq!(
        (said(&head, "upload-offset"), said(&head, "upload-length")),
        ("100".to_owned(), file.len().to_string())
    );
    assert_eq!(said(&head, "cache-control"), "no-store");
    assert_eq!(said(&head, "upload-metadata"), format!("filename eA==,path {}", STANDARD.encode("train/ä.png")));
    assert_eq!(tus(&ada, Method::HEAD, &format!("{upload}/"), &[], "").await.status(), 200);
    assert!(said(&head, "upload-expires").ends_with("GMT"));
    for offset in [0, 99, 101] {
        problem(patch(&ada, &upload, offset, rest).await, 409).await;
    }
    let there = state(&ada, &upload).await;
    assert_eq!((&there["offset"], &there["md5"], &there["path"]), (&json!(100), &json!(null), &json!("train/ä.png")));
    assert_eq!(patch(&ada, &upload, 100, rest).await.status(), 204);
    // The answer to the last part may get lost: to ask for nothing more is no fault.
    let whole = patch(&ada, &upload, file.len(), b"").await;
    assert_eq!(said(&whole, "upload-offset"), file.len().to_string());
    problem(patch(&ada, &upload, 0, b"x").await, 409).await;

    let md5 = state(&ada, &upload).await["md5"].clone();
    let head_now = tus(&ada, Method::HEAD, &upload, &[], "").await;
    assert_eq!(md5, json!(said(&whole, "upload-md5")), "whoever sends all of it needs not ask for its name");
    assert_eq!((md5.clone(), None), (json!(said(&head_now, "upload-md5")), head.headers().get("upload-md5")));
    assert!(lab.paths("").await.is_empty());
    let changes = json!([{"action": "put", "path": "train/ä.png", "md5": md5}]);
    lab.post("commits", json!({"changes": changes}), 201).await;
    assert_eq!(lab.raw("files/train/%C3%A4.png").await.bytes().await.unwrap(), file);
    lab.picture("train/%C3%A4.png").await;
    assert_eq!(tus(&ada, Method::DELETE, &upload, &[], "").await.status(), 204);
    problem(ada.get(&upload).send().await.unwrap(), 404).await;
    assert_eq!(lab.paths("").await, ["train/ä.png"]);

    // Nothing is a file, too, and small ones may come with the beginning.
    let empty = begin(&lab, "empty", 0).await;
    assert_eq!(state(&ada, &empty).await["md5"], "d41d8cd98f00b204e9800998ecf8427e");
    let metadata = format!("path {}", STANDARD.encode("small"));
    let headers = [BYTES, ("upload-metadata", &metadata), ("upload-length", "5")];
    let small = tus(&ada, Method::POST, &format!("{}/uploads/", lab.path), &headers, "hello").await;
    assert_eq!((small.status().as_u16(), said(&small, "upload-offset")), (201, "5".to_owned()));
    assert_eq!(state(&ada, &said(&small, "location")).await["md5"], "5d41402abc4b2a76b9719d911017c592");
}

#[tokio::test]
async fn a_broken_connection_loses_nothing_that_came() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let file: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let upload = begin(&lab, "large.bin", file.len()).await;
    let (some, more) = (file[..1_000_000].to_vec(), file[1_000_000..2_000_000].to_vec());
    let parts = futures::stream::iter([Ok(some), Ok(more), Err(std::io::Error::other("the tunnel"))]);
    let offset = "0".to_owned();
    let broken = ada.client.patch(format!("{}{upload}", ada.url)).header("tus-resumable", "1.0.0");
    let broken = broken.header(BYTES.0, BYTES.1).header("upload-offset", offset);
    assert!(broken.body(reqwest::Body::wrap_stream(parts)).send().await.is_err());
    // The server may still be writing what has come.
    let mut came = 0;
    for _ in 0..200 {
        let there = state(&ada, &upload).await["offset"].as_u64().unwrap() as usize;
        if there > 0 && there == came {
            break;
        }
        came = there;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!((1..=2_000_000).contains(&came), "{came}");
    // Whoever goes on does so from there.
    let mut done = patch(&ada, &upload, came, &file[came..]).await;
    while done.status() == 409 {
        came = state(&ada, &upload).await["offset"].as_u64().unwrap() as usize;
        done = patch(&ada, &upload, came, &file[came..]).await;
    }
    assert_eq!(done.status(), 204);
    let md5 = state(&ada, &upload).await["md5"].clone();
    lab.post("commits", json!({"changes": [{"action": "put", "path": "large.bin", "md5": md5}]}), 201).await;
    assert!(lab.raw("files/large.bin").await.bytes().await.unwrap() == file);
}

#[tokio::test]
async fn what_is_not_spoken_or_allowed_is_refused() {
    let app = TestApp::start_with(|config| config.file_limit_bytes = 1_000_000).await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let lab = Lab::new(&ada, "ada", "public").await;
    let path = format!("{}/uploads", lab.path);
    let metadata = format!("path {}", STANDARD.encode("a.txt"));
    let wrong = format!("path {}", STANDARD.encode("../a"));
    let length = ("upload-length", "10");
    for (headers, status) in [
        (vec![length], 400),
        (vec![("upload-metadata", metadata.as_str())], 400),
        (vec![("upload-metadata", "path ***"), length], 400),
        (vec![("upload-metadata", wrong.as_str()), length], 400),
        (vec![("upload-metadata", metadata.as_str()), ("upload-length", "-1")], 400),
        (vec![("upload-metadata", metadata.as_str()), ("upload-length", "1000001")], 413),
    ] {
        problem(tus(&ada, Method::POST, &path, &headers, "").await, status).await;
    }
    let silent =
        ada.post(&path).header("upload-metadata", &metadata).header("upload-length", "10").send().await.unwrap();
    assert_eq!(said(&silent, "tus-version"), "1.0.0");
    problem(silent, 412).await;
    let good = [("upload-metadata", metadata.as_str()), length];
    problem(tus(&eve, Method::POST, &path, &good, "").await, 403).await;

    let upload = begin(&lab, "a.txt", 10).await;
    problem(tus(&ada, Method::PATCH, &upload, &[("upload-offset", "0")], "x").await, 415).await;
    problem(tus(&ada, Method::PATCH, &upload, &[BYTES], "x").await, 400).await;
    problem(patch(&ada, &upload, 0, b"01234567890").await, 413).await;
    for method in [Method::HEAD, Method::PATCH, Method::DELETE] {
        let answer = tus(&eve, method, &upload, &[BYTES, ("upload-offset", "0")], "").await;
        assert_eq!(answer.status(), 403);
    }
    // To another writer it is not there.
    lab.post("members", json!({"username": "eve", "role": "writer"}), 204).await;
    assert_eq!(tus(&eve, Method::HEAD, &upload, &[], "").await.status(), 404);
    // Some can send nothing but POST.
    let instead = [BYTES, ("upload-offset", "0"), ("x-http-method-override", "PATCH")];
    assert_eq!(tus(&ada, Method::POST, &upload, &instead, "hello").await.status(), 204);
    problem(tus(&ada, Method::POST, &upload, &[BYTES], "hello").await, 405).await;
}

/// Begins to send bytes on a connection that then goes silent.
async fn go_silent(app: &TestApp, api: &Api, upload: &str, bytes: &'static [u8]) -> tokio::task::JoinHandle<u16> {
    let first = futures::stream::once(async move { Ok::<_, std::io::Error>(bytes) });
    let parts = futures::stream::StreamExt::chain(first, futures::stream::pending());
    let request = api.client.patch(format!("{}{upload}", api.url)).header("tus-resumable", "1.0.0");
    let request = request.header(BYTES.0, BYTES.1).header("upload-offset", "0");
    let request = request.body(reqwest::Body::wrap_stream(parts));
    let silent = tokio::spawn(async move { request.send().await.unwrap().status().as_u16() });
    // Whoever adds to a file has locked it. To have sent something does not mean that the server has begun with it.
    let path = app.state.config.data_dir.join("uploads").join(upload.rsplit('/').next().unwrap());
    let is_held = || std::fs::File::open(&path).is_ok_and(|file| file.try_lock().is_err());
    while !is_held() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    silent
}

#[tokio::test]
async fn who_comes_again_need_not_wait_for_a_connection_that_is_dead() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let upload = begin(&lab, "a", 6).await;
    let silent = go_silent(&app, &ada, &upload, b"abc").await;
    // What the dead connection brought may be here by now, or not yet.
    let mut came = 0;
    loop {
        let next = patch(&ada, &upload, came, &b"abcdef"[came..]).await;
        if next.status() == 204 {
            break;
        }
        problem(next, 409).await;
        came = state(&ada, &upload).await["offset"].as_u64().unwrap() as usize;
    }
    assert_eq!(silent.await.unwrap(), 400);
    assert_eq!(state(&ada, &upload).await["md5"], "e80b5017098950fc58aad83c8c14978e");

    // To end it ends the request that brings it, too, and nothing is left.
    let upload = begin(&lab, "b", 6).await;
    let silent = go_silent(&app, &ada, &upload, b"abc").await;
    assert_eq!(tus(&ada, Method::DELETE, &upload, &[], "").await.status(), 204);
    assert_eq!(silent.await.unwrap(), 400);
    uploads::sweep(&app.state, now_s()).await.unwrap();
    assert_eq!(std::fs::read_dir(app.state.config.data_dir.join("uploads")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_at_a_storage_site_come_in_parts_and_go_as_an_archive() {
    let s3 = S3::start().await;
    let app = storage_sites::start(&s3).await;
    let ada = app.user("ada").await;
    storage_sites::register(&ada, storage_sites::bucket(&s3.endpoint, "archive", "ada")).await;
    let lab = Lab::at(&ada, storage_sites::dataset(&ada, "ada", "private", "archive").await);
    let file = storage_sites::random(300_000);
    let upload = begin(&lab, "x/a.bin", file.len()).await;
    assert_eq!(patch(&ada, &upload, 0, &file[..100_000]).await.status(), 204);
    assert!(s3.objects().is_empty());
    // The bucket is down when the last byte comes. Nobody takes the file for complete, and its last byte tries the end again.
    s3.fail(Fault::Broken, 0);
    let failed = patch(&ada, &upload, 100_000, &file[100_000..]).await;
    assert!(failed.status().is_server_error(), "{}", failed.status());
    let told = state(&ada, &upload).await;
    let last = file.len() - 1;
    assert_eq!((&told["offset"], &told["md5"]), (&json!(last), &json!(null)));
    s3.recover();
    problem(patch(&ada, &upload, file.len(), b"").await, 409).await;
    assert_eq!(patch(&ada, &upload, last, &file[last..]).await.status(), 204);
    let md5 = state(&ada, &upload).await["md5"].clone();
    let changes = json!([{"action": "put", "path": "x/a.bin", "md5": md5}]);
    lab.post("commits", json!({"changes": changes}), 201).await;
    assert_eq!(s3.objects().len(), 1);
    assert!(app.state.blobs.older_than(Duration::ZERO).await.unwrap().is_empty());

    // Across the chunks in which it is read, and from the middle.
    let whole = lab.raw("archive?format=tar").await.bytes().await.unwrap();
    let at = whole.windows(64).position(|part| part == &file[..64]).unwrap();
    assert_eq!(&whole[at..at + file.len()], file);
    let range = format!("bytes={}-{}", at + 70_000, at + 199_999);
    let part = ada.get(&format!("{}/archive?format=tar", lab.path)).header("range", range).send().await.unwrap();
    assert_eq!(part.status(), 206);
    assert_eq!(part.bytes().await.unwrap(), file[70_000..200_000]);
    // Where the bucket fails, the archive breaks off rather than end as if it were whole.
    s3.fail(Fault::Broken, 0);
    let broken = lab.raw("archive?format=tar").await;
    assert!(!broken.status().is_success() || broken.bytes().await.is_err());
}

#[tokio::test]
async fn what_is_being_written_is_not_forgotten() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let upload = begin(&lab, "a", 6).await;
    assert_eq!(patch(&ada, &upload, 0, b"abc").await.status(), 204);
    let folder = app.state.config.data_dir.join("uploads");
    let path = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    // As a request holds it that brings bytes for days.
    let file = std::fs::File::open(path).unwrap();
    file.lock().unwrap();
    let later = now_s() + UPLOAD_LASTS_S + 60;
    uploads::sweep(&app.state, later).await.unwrap();
    file.unlock().unwrap();
    assert_eq!(patch(&ada, &upload, 3, b"def").await.status(), 204);
    assert_eq!(state(&ada, &upload).await["offset"], 6);
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_forgotten() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let (old, stray) = (begin(&lab, "a", 10).await, begin(&lab, "b", 10).await);
    assert_eq!(patch(&ada, &old, 0, b"abc").await.status(), 204);
    assert_eq!(patch(&ada, &stray, 0, b"abc").await.status(), 204);
    let folder = app.state.config.data_dir.join("uploads");
    let files = || std::fs::read_dir(&folder).unwrap().count();
    let now = now_s();
    uploads::sweep(&app.state, now).await.unwrap();
    assert_eq!(files(), 2);
    lab.post("delete", json!({}), 204).await;
    uploads::sweep(&app.state, now).await.unwrap();
    assert_eq!(files(), 0);
    let lab = Lab::new(&ada, "ada", "private").await;
    let kept = begin(&lab, "a", 10).await;
    assert_eq!(patch(&ada, &kept, 0, b"abc").await.status(), 204);
    uploads::sweep(&app.state, now + UPLOAD_LASTS_S + 60).await.unwrap();
    assert_eq!(files(), 0);
    problem(ada.get(&kept).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn files_of_one_body_go_below_a_folder_and_lead_a_browser_to_the_page() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let lab = Lab::new(&ada, "ada", "public").await;
    let file = |name: &str| Part::bytes(name.as_bytes().to_vec()).file_name(name.to_owned());
    let send = |api: &Api, folder: &str, name: &str| {
        let form = Form::new().part("files", file(name)).text("message", "");
        api.post(&format!("{}/files?folder={folder}", lab.path)).multipart(form)
    };
    let made = expect(send(&ada, "train%2Fnew", "a.txt").send().await.unwrap(), 201).await;
    assert_eq!((lab.paths("").await, &made["changed"]), (vec!["train/new/a.txt".to_owned()], &json!(1)));
    let fault = problem(send(&ada, "..", "a.txt").send().await.unwrap(), 400).await;
    assert_eq!(fault["errors"][0]["field"], json!("folder"));

    // A browser is led to the folder, or back to the form with the reason.
    let accept = ("accept", "text/html,application/xhtml+xml");
    let led = |request: reqwest::RequestBuilder| async move {
        let response = request.header(accept.0, accept.1).send().await.unwrap();
        (response.status().as_u16(), response.url().query().unwrap_or_default().to_owned())
    };
    let (status, place) = led(send(&ada, "train", "b.txt")).await;
    assert!(status == 200 && place.starts_with("view=files&path=train&uploaded="), "{place}");
    let (_, place) = led(send(&ada, "train", "b.dvc")).await;
    assert!(place.starts_with("view=upload&path=train&__path=upload_files&__err="), "{place}");
    let (_, place) = led(send(&eve, "train", "c.txt")).await;
    assert!(place.starts_with("view=upload&path=train&"), "{place}");
    assert_eq!(lab.paths("").await, ["train/b.txt", "train/new/a.txt"]);
}

#[tokio::test]
async fn who_brings_files_learns_what_is_there() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let lab = Lab::new(&ada, "ada", "private").await;
    lab.put("a/b.txt", "hello").await;
    let ask = |api: &Api, paths: Value| api.post("/fn/files_at").json(&json!({"dataset": lab.id, "paths": paths}));
    // What can be no path is no fault: nothing is there.
    let found = expect(ask(&ada, json!(["a", "a/b.txt", "a/c.txt", "\u{0}", "../a"])).send().await.unwrap(), 200).await;
    assert_eq!(found, json!([{"path": "a/b.txt", "size": 5, "md5": "5d41402abc4b2a76b9719d911017c592"}]));
    problem(ask(&eve, json!(["a/b.txt"])).send().await.unwrap(), 404).await;
    problem(ask(&ada, json!(vec!["a"; 20_001])).send().await.unwrap(), 400).await;
}
