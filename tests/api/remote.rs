//! `ocellus download` and `ocellus upload` against a real server.

use super::app::{Api, TestApp, expect, png};
use super::exif::{jpeg, place_in};
use super::lab::{Lab, sum};
use super::storage_sites::random;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Parser;
use ocellus::server::cli::{Cli, run};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where uploads are noted.
fn cache(app: &TestApp) -> PathBuf {
    app.state.config.data_dir.join("cache of the test")
}

/// Runs the program with these arguments behind the dataset's.
async fn ocellus(app: &TestApp, command: &str, token: &str, arguments: &[&str]) -> Result<(), String> {
    let (cache, mut whole) = (cache(app), vec!["ocellus", command, "--server", &app.url, "--dataset", "ada/cats"]);
    whole.extend(["--token", token]);
    if command == "upload" {
        whole.extend(["--cache", cache.to_str().unwrap()]);
    }
    whole.extend(arguments);
    let cli = Cli::try_parse_from(whole).map_err(|error| error.to_string())?;
    run(cli).await.map(drop).map_err(|error| error.to_string())
}

/// All files of a folder, by their paths in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in
        walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_file())
    {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        found.insert(path, std::fs::read(entry.path()).unwrap());
    }
    found
}

fn write(folder: &Path, path: &str, bytes: &[u8]) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_folder_goes_there_as_one_commit_and_comes_back_byte_for_byte() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = tempfile::tempdir().unwrap();
    let cats = home.path().join("cats");
    // More than goes in one request, names of all kinds, and the same bytes twice.
    let large = random(40_000_000);
    for (path, bytes) in [
        ("large.bin", large.as_slice()),
        ("train/ä b.png", &png(40, 30, 1)),
        ("train/same.png", &png(40, 30, 1)),
        ("empty", b""),
        (".DS_Store", b"litter"),
    ] {
        write(&cats, path, bytes);
    }
    let inside = format!("{}/", cats.display());
    ocellus(&app, "upload", &token, &["--message", "All of it", &inside]).await.unwrap();
    assert_eq!(lab.messages().await, ["All of it"]);
    assert_eq!(lab.paths("").await, ["empty", "large.bin", "train/same.png", "train/ä b.png"]);
    lab.picture("train/%C3%A4").await;
    // The same once more brings nothing, and a change brings what has changed.
    ocellus(&app, "upload", &token, &[&inside]).await.unwrap();
    assert_eq!(lab.messages().await.len(), 1);
    write(&cats, "empty", b"no more");
    ocellus(&app, "upload", &token, &["--dry-run", &inside]).await.unwrap();
    assert_eq!(lab.messages().await.len(), 1);
    ocellus(&app, "upload", &token, &["--into", "x", &inside]).await.unwrap();
    ocellus(&app, "upload", &token, &[&inside]).await.unwrap();
    assert_eq!(lab.messages().await.len(), 3);
    let first = lab.get("commits").await[2]["id"].as_str().unwrap().to_owned();
    lab.post("tags", json!({"name": "v1", "ref": first}), 201).await;

    let output = home.path().join("back");
    let to = output.to_str().unwrap();
    ocellus(&app, "download", &token, &["--output", to, "--ref", "v1"]).await.unwrap();
    let back = files(&output);
    assert_eq!(back.keys().collect::<Vec<_>>(), ["empty", "large.bin", "train/same.png", "train/ä b.png"]);
    assert!(back["large.bin"] == large && back["empty"].is_empty());
    // What is different is not overwritten without being asked, and nothing else is fetched then.
    std::fs::remove_file(output.join("large.bin")).unwrap();
    let refused = ocellus(&app, "download", &token, &["--output", to]).await.unwrap_err();
    assert!(refused.contains("empty is there and is different") && refused.contains("--force"), "{refused}");
    assert!(!output.join("large.bin").exists());
    ocellus(&app, "download", &token, &["--output", to, "--force", "empty", "train/"]).await.unwrap();
    assert!(!output.join("large.bin").exists() && !output.join("x").exists());
    assert_eq!(files(&output)["empty"], b"no more");
    let missing = ocellus(&app, "download", &token, &["--output", to, "trai"]).await.unwrap_err();
    assert!(missing.contains("neither a file nor a folder `trai`"), "{missing}");

    // To others it is not there, and those who named nobody learn what may help.
    let refused = ocellus(&app, "download", "", &["--output", to]).await.unwrap_err();
    assert!(refused.contains("there is no dataset `ada/cats`") && refused.contains("OCELLUS_TOKEN"), "{refused}");
    let (_, eves) = app.user_with_token("eve").await;
    assert!(ocellus(&app, "upload", &eves, &[&inside]).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_download_goes_on_where_it_was_and_is_checked() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let bytes = random(3_000_000);
    lab.put("a.bin", bytes.clone()).await;
    let md5 = lab.get("files/").await[0]["md5"].as_str().unwrap().to_owned();
    let home = tempfile::tempdir().unwrap();
    let output = home.path().join("back");
    let name = blake3::hash(format!("a.bin\0{md5}").as_bytes()).to_hex();
    let partial = output.join(".ocellus-partial").join(&name[..32]);
    std::fs::create_dir_all(partial.parent().unwrap()).unwrap();
    // As a program leaves it that was killed; what is wrong in it is found out, and fetched again.
    for begin in [bytes[..1_000_000].to_vec(), bytes.clone(), vec![7; 1_000_000], vec![7; 4_000_000]] {
        std::fs::write(&partial, &begin).unwrap();
        ocellus(&app, "download", &token, &["--output", output.to_str().unwrap()]).await.unwrap();
        assert!(files(&output) == BTreeMap::from([("a.bin".to_owned(), bytes.clone())]));
        std::fs::remove_file(output.join("a.bin")).unwrap();
        std::fs::create_dir_all(partial.parent().unwrap()).unwrap();
    }
}

/// Begins a file of these bytes with some of them, as a program that was stopped then, and gives its address.
async fn begin(ada: &Api, lab: &Lab<'_>, path: &str, bytes: &[u8], sent: usize) -> String {
    let request = ada.post(&format!("{}/uploads", lab.path)).header("tus-resumable", "1.0.0");
    let request = request.header("upload-length", bytes.len());
    let request = request.header("upload-metadata", format!("path {}", STANDARD.encode(path)));
    let begun = request.header("content-type", "application/offset+octet-stream").body(bytes[..sent].to_vec());
    begun.send().await.unwrap().headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upload_goes_on_where_it_was() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let home = tempfile::tempdir().unwrap();
    let inside = format!("{}/", home.path().display());
    for (path, is_there) in [("a.bin", true), ("b.bin", false)] {
        let bytes = random(5_000_000 + path.len() + usize::from(is_there));
        write(home.path(), path, &bytes);
        let upload = begin(&ada, &lab, path, &bytes, 3_000_000).await;
        // Whoever ended it is told by no note.
        let noted = if is_there { upload.clone() } else { format!("{}/uploads/{:032x}", lab.path, 1) };
        let md5 = sum(&bytes);
        let name = format!("{}{}\0{md5}\0{}", app.url, lab.path, bytes.len());
        let note = cache(&app).join("ocellus/uploads").join(&blake3::hash(name.as_bytes()).to_hex()[..32]);
        std::fs::create_dir_all(note.parent().unwrap()).unwrap();
        std::fs::write(&note, noted).unwrap();
        ocellus(&app, "upload", &token, &[&inside]).await.unwrap();
        assert!(lab.raw(&format!("files/{path}")).await.bytes().await.unwrap() == bytes);
        assert!(!note.exists(), "what has come needs no note");
        let begun = expect(ada.get(&upload).send().await.unwrap(), 200).await;
        let expected = if is_there { bytes.len() } else { 3_000_000 };
        assert_eq!(begun["offset"], json!(expected), "what was noted is gone on with, and nothing else");
    }
    assert_eq!(lab.messages().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pictures_without_their_place_are_known_again() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (eve, token) = app.user_with_token("eve").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    let file = jpeg(1);
    lab.put("a.jpg", file.clone()).await;
    lab.put("b.txt", "b").await;
    let md5 = lab.get("files/").await[0]["md5"].as_str().unwrap().to_owned();
    let home = tempfile::tempdir().unwrap();
    let output = home.path().join("back");
    let to = output.to_str().unwrap();
    // Whoever asks is told the digest of what they get.
    for wanted in [true, false] {
        let request = eve.get(&format!("{}/files/a.jpg", lab.path));
        let request = if wanted { request.header("want-repr-digest", "sha-256=1") } else { request };
        let answer = request.send().await.unwrap();
        let said = answer.headers().get("repr-digest").cloned();
        let bytes = answer.bytes().await.unwrap();
        assert!(!place_in(&bytes));
        let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&bytes)));
        assert_eq!(said, wanted.then(|| digest.parse().unwrap()));
    }
    // What came before and is wrong comes anew, since the server says a digest of what it sends.
    let name = blake3::hash(format!("a.jpg\0{md5}").as_bytes()).to_hex();
    let partial = output.join(".ocellus-partial").join(&name[..32]);
    for length in [100, file.len()] {
        std::fs::create_dir_all(partial.parent().unwrap()).unwrap();
        std::fs::write(&partial, vec![7; length]).unwrap();
        ocellus(&app, "download", &token, &["--output", to, "a.jpg"]).await.unwrap();
        let came = std::fs::read(output.join("a.jpg")).unwrap();
        assert!(came.len() == file.len() && !place_in(&came));
        assert_eq!(image::load_from_memory(&came).unwrap(), image::load_from_memory(&file).unwrap());
        std::fs::remove_file(output.join("a.jpg")).unwrap();
    }
    // Whoever goes on finds the picture there, though its bytes are not those of the dataset.
    ocellus(&app, "download", &token, &["--output", to, "a.jpg"]).await.unwrap();
    ocellus(&app, "download", &token, &["--output", to]).await.unwrap();
    assert_eq!(files(&output).into_keys().collect::<Vec<_>>(), ["a.jpg", "b.txt"]);
    // Another length is another file, and so are other bytes.
    let mut touched = std::fs::read(output.join("a.jpg")).unwrap();
    *touched.last_mut().unwrap() ^= 1;
    for (path, bytes) in [("a.jpg", &b"x"[..]), ("a.jpg", &touched[..]), ("b.txt", b"c")] {
        let before = std::fs::read(output.join(path)).unwrap();
        std::fs::write(output.join(path), bytes).unwrap();
        let refused = ocellus(&app, "download", &token, &["--output", to]).await.unwrap_err();
        assert!(refused.contains(&format!("{path} is there and is different")), "{refused}");
        std::fs::write(output.join(path), before).unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_told() {
    let app = TestApp::start().await;
    let (ada, token) = app.user_with_token("ada").await;
    let home = tempfile::tempdir().unwrap();
    let to = home.path().to_str().unwrap();
    let missing = ocellus(&app, "download", &token, &["--output", to]).await.unwrap_err();
    assert!(missing.contains("dataset"), "{missing}");
    Lab::new(&ada, "ada", "private").await;
    let empty = ocellus(&app, "download", &token, &["--output", to]).await.unwrap_err();
    assert!(empty.contains("ada/cats has no files yet"), "{empty}");
    let unknown = ocellus(&app, "download", &token, &["--output", to, "--ref", "v9"]).await.unwrap_err();
    assert!(unknown.contains("v9"), "{unknown}");
    write(home.path(), "in/x.dvc", b"x");
    let refused = ocellus(&app, "upload", &token, &[home.path().join("in").to_str().unwrap()]).await.unwrap_err();
    assert!(refused.contains("x.dvc") && refused.contains("nothing was brought"), "{refused}");
    std::fs::remove_file(home.path().join("in/x.dvc")).unwrap();
    write(home.path(), "in/x.txt", b"x");
    let wrong = ocellus(&app, "upload", "x\ny", &[to]).await.unwrap_err();
    assert!(wrong.contains("token"), "{wrong}");
    for arguments in [["--server", "ftp://x"], ["--dataset", "cats"]] {
        let whole = ["ocellus", "download", "--output", to];
        let base = [["--server", app.url.as_str()], ["--dataset", "ada/cats"]].concat();
        let rest: Vec<&str> = base.chunks(2).filter(|pair| pair[0] != arguments[0]).flatten().copied().collect();
        let cli = Cli::parse_from([&whole[..], &rest, &arguments].concat());
        let refused = run(cli).await.unwrap_err().to_string();
        assert!(refused.contains(arguments[0]), "{refused}");
    }
}
