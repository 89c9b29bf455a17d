//! Archives of datasets over HTTP, read by other programs.

use super::app::{Api, TestApp, png, problem};
use super::exif::{jpeg, place_in};
use super::lab::Lab;
use reqwest::{Method, Response, header};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// Files by their paths.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files in a ZIP, as another program reads it.
pub fn unzip(bytes: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let read = |index| {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (String::from_utf8(file.name_raw().to_vec()).unwrap(), bytes)
    };
    (0..zip::ZipArchive::new(Cursor::new(bytes)).unwrap().len()).map(read).collect()
}

/// The files in a TAR, as another program reads it.
pub fn untar(bytes: &[u8]) -> Files {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().unwrap().map(Result::unwrap).filter(|entry| entry.header().entry_type().is_file());
    entries
        .map(|mut entry| {
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (path, bytes)
        })
        .collect()
}

/// A header of an answer.
pub fn header_of(response: &Response, name: header::HeaderName) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

/// Asks with these headers.
pub async fn ask(api: &Api, path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
    let request = headers.iter().fold(api.get(path), |request, (name, value)| request.header(name, *value));
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_state_or_a_folder_of_it_is_one_archive() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    problem(lab.raw("archive").await, 404).await;
    lab.put("train/a%20b/%C3%A4.png", png(40, 30, 1)).await;
    lab.put(&format!("train/{}/{}.txt", "long".repeat(30), "name".repeat(20)), "hello").await;
    let first = lab.put("empty", "").await;
    lab.post("tags", json!({"name": "v1", "ref": first}), 201).await;
    lab.put("train/a%20b/%C3%A4.png", png(40, 30, 2)).await;

    let long = format!("train/{}/{}.txt", "long".repeat(30), "name".repeat(20));
    let files = |seed| {
        Files::from([
            ("empty".to_owned(), Vec::new()),
            (long.clone(), b"hello".to_vec()),
            ("train/a b/ä.png".to_owned(), png(40, 30, seed)),
        ])
    };
    let response = lab.raw("archive").await;
    assert_eq!(response.status(), 200);
    assert_eq!(header_of(&response, header::CONTENT_TYPE), "application/zip");
    assert!(header_of(&response, header::CONTENT_DISPOSITION).starts_with("attachment; filename*=UTF-8''cats-"));
    let length: usize = header_of(&response, header::CONTENT_LENGTH).parse().unwrap();
    let newest = response.bytes().await.unwrap();
    assert_eq!(newest.len(), length);
    assert_eq!(unzip(&newest), files(2));
    let tar = lab.raw("archive?format=tar&ref=v1").await;
    assert_eq!(header_of(&tar, header::CONTENT_TYPE), "application/x-tar");
    let name = header_of(&tar, header::CONTENT_DISPOSITION);
    assert_eq!(name, "attachment; filename*=UTF-8''cats-v1.tar");
    let tar = tar.bytes().await.unwrap();
    assert_eq!(untar(&tar), files(1));
    // A tag and its commit are the same state, and that is the same bytes.
    assert_eq!(lab.raw(&format!("archive?format=tar&ref={first}")).await.bytes().await.unwrap(), tar);

    let folder = lab.raw("archive?path=train/a%20b").await.bytes().await.unwrap();
    assert_eq!(unzip(&folder).into_keys().collect::<Vec<_>>(), ["train/a b/ä.png"]);
    for (parameters, status) in [
        ("path=nowhere", 404),
        ("ref=v2", 404),
        ("format=rar", 400),
        ("content=all", 400),
        ("path=../x", 400),
        ("x=1", 400),
    ] {
        problem(lab.raw(&format!("archive?{parameters}")).await, status).await;
    }
    // To others it is not there.
    let eve = app.user("eve").await;
    for parameters in ["", "?ref=v1", "?content=pointers"] {
        problem(lab.seen_by(&eve).raw(&format!("archive{parameters}")).await, 404).await;
    }
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    for (name, size) in [("a", 70_000), ("b", 0), ("c", 130_001)] {
        lab.put(name, vec![name.as_bytes()[0]; size]).await;
    }
    for format in ["zip", "tar"] {
        let path = format!("{}/archive?format={format}", lab.path);
        let whole = ask(&ada, &path, &[]).await;
        let (etag, accepts) = (header_of(&whole, header::ETAG), header_of(&whole, header::ACCEPT_RANGES));
        assert_eq!(accepts, "bytes");
        // Compressed on the way, it would have no parts.
        assert!(!whole.headers().contains_key(header::CONTENT_ENCODING));
        let whole = whole.bytes().await.unwrap();
        for start in [1, 60_000, 100_000, whole.len() - 30] {
            let range = format!("bytes={start}-");
            let rest = ask(&ada, &path, &[(header::RANGE, &range), (header::IF_RANGE, &etag)]).await;
            assert_eq!(rest.status(), 206, "{format} {start}");
            let said = header_of(&rest, header::CONTENT_RANGE);
            assert_eq!(said, format!("bytes {start}-{}/{}", whole.len() - 1, whole.len()));
            assert!(rest.bytes().await.unwrap() == whole[start..], "{format} {start}");
        }
        let part = ask(&ada, &path, &[(header::RANGE, "bytes=69000-71000")]).await;
        assert!(part.bytes().await.unwrap() == whole[69_000..71_001], "{format}");
        assert_eq!(ask(&ada, &path, &[(header::RANGE, "bytes=99999999-")]).await.status(), 416);
        assert_eq!(ask(&ada, &path, &[(header::IF_NONE_MATCH, &etag)]).await.status(), 304);
        let head = ada.client.request(Method::HEAD, format!("{}{path}", ada.url)).send().await.unwrap();
        assert_eq!(header_of(&head, header::CONTENT_LENGTH), whole.len().to_string());
    }
    // Another state is another archive, of which no part is taken for one of this.
    let path = format!("{}/archive", lab.path);
    let etag = header_of(&ask(&ada, &path, &[]).await, header::ETAG);
    lab.put("d", "more").await;
    let all = ask(&ada, &path, &[(header::RANGE, "bytes=1-"), (header::IF_RANGE, &etag)]).await;
    assert_eq!(all.status(), 200);
    assert_ne!(header_of(&all, header::ETAG), etag);
}

#[tokio::test]
async fn an_archive_tells_no_place_that_a_file_does_not() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("home.jpg", jpeg(1)).await;
    let shown = json!({"nature": "photo", "keep_place": true, "dataset": "ada/cats", "path": "street.jpg"});
    ada.picture_with(shown, jpeg(2)).await;
    let whole = lab.raw("archive").await;
    let own = header_of(&whole, header::ETAG);
    assert_eq!(unzip(&whole.bytes().await.unwrap())["home.jpg"], jpeg(1));
    let others = lab.seen_by(&eve).raw("archive").await;
    assert_ne!(header_of(&others, header::ETAG), own);
    let bytes = others.bytes().await.unwrap();
    // A part is of the same bytes, though the checksums which it says have been found out by now.
    let path = format!("{}/archive", lab.path);
    for start in [1, 1000, bytes.len() - 200] {
        let rest = ask(&eve, &path, &[(header::RANGE, &format!("bytes={start}-"))]).await;
        assert!(rest.status() == 206 && rest.bytes().await.unwrap() == bytes[start..]);
    }
    let kept = walkdir::WalkDir::new(app.state.config.data_dir.join("placeless")).into_iter().map(Result::unwrap);
    let kept = kept.filter(|entry| entry.path().extension().is_some_and(|end| end == "crc32"));
    assert_eq!(kept.count(), 1, "that of the picture whose place is taken out");
    let others = unzip(&bytes);
    assert!(!place_in(&others["home.jpg"]) && others["street.jpg"] == jpeg(2));
    let file = lab.seen_by(&eve).raw("files/home.jpg").await.bytes().await.unwrap();
    assert!(file == others["home.jpg"]);
}

#[tokio::test]
async fn what_git_keeps_is_an_archive_of_its_own() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("train/a.txt", "hello").await;
    lab.put("b.txt", "there").await;
    let pointers = lab.raw("archive?content=pointers&format=tar").await;
    assert!(header_of(&pointers, header::CONTENT_DISPOSITION).ends_with("-pointers.tar"));
    let pointers = untar(&pointers.bytes().await.unwrap());
    let names: Vec<&str> = pointers.keys().map(String::as_str).collect();
    assert_eq!(names, [".dvc/config", ".gitignore", "b.txt.dvc", "train/a.txt.dvc"]);
    assert!(String::from_utf8_lossy(&pointers["b.txt.dvc"]).contains("md5: "));
    let folder = lab.raw("archive?content=pointers&path=train&format=tar").await.bytes().await.unwrap();
    assert_eq!(untar(&folder).into_keys().collect::<Vec<_>>(), ["train/a.txt.dvc"]);
    let zip = lab.raw("archive?content=pointers&path=train").await.bytes().await.unwrap();
    assert!(zip.starts_with(b"PK"));
    problem(lab.raw("archive?content=pointers&path=nowhere").await, 404).await;
}
