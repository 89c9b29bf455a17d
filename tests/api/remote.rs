//! `ocellus download` and `ocellus upload` against a real server.

use super::app::{TestApp, png};
use super::lab::Lab;
use super::storage_sites::random;
use clap::Parser;
use ocellus::server::cli::{Cli, run};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// Runs the program with these arguments behind the dataset's.
async fn ocellus(app: &TestApp, command: &str, token: &str, arguments: &[&str]) -> Result<(), String> {
    let whole =
        [&["ocellus", command, "--server", &app.url, "--dataset", "ada/cats", "--token", token], arguments].concat();
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

    // To others it is not there.
    let refused = ocellus(&app, "download", "", &["--output", to]).await.unwrap_err();
    assert!(refused.contains("there is no dataset `ada/cats`"), "{refused}");
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
