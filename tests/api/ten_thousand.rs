//! Ten thousand files, as somebody has them at home, through everything that is done with a dataset.

use super::app::{TestApp, expect};
use super::archives::untar;
use super::lab::{Lab, git, sum};
use super::push::{Home, bring, dvc, introduce, run};
use crate::support::{dvc_program, report, roomy_folder};
use image::{ImageFormat, Rgb, RgbImage};
use ocellus::model::text::path_segment;
use ocellus::server::git::Pointer;
use ocellus::server::versions::check::check;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;
use std::time::Instant;

const FILES: usize = 10_000;
/// A folder has so many of them.
const IN_FOLDER: usize = 500;
/// Lists come in parts of so many.
const PART: usize = 1000;
/// What stands between the parts of a form, and in no file.
const BOUNDARY: &str = "between-ten-thousand-files";

/// Files by their paths.
type Files = BTreeMap<String, Vec<u8>>;

/// A picture whose pixels no other number has.
fn picture(number: usize) -> Vec<u8> {
    let [low, high, ..] = number.to_le_bytes();
    let picture = RgbImage::from_fn(16, 12, |x, y| Rgb([low, high, (16 * y + x) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// What is to be brought: most are texts, some are pictures, some have names that programs stumble over. No two have the same bytes.
fn made() -> Files {
    let file = |number: usize| {
        let folder = match number / IN_FOLDER {
            folder @ 0..16 => format!("train/{folder:02}"),
            16 | 17 => format!("validation set/v{}.d", number / IN_FOLDER),
            _ => "prüfung/äußere 猫".to_owned(),
        };
        let name = match number % 20 {
            3 if number.is_multiple_of(3) => format!("a {number} with spaces.txt"),
            7 => format!("{number:05}.png"),
            11 if number.is_multiple_of(3) => format!("{number}.tar.of.dots.gz"),
            13 if number.is_multiple_of(3) => format!("größe {number} 猫 🐈.txt"),
            17 if number.is_multiple_of(3) => format!("100% #{number} & 'so' + [more], {{x}} = -1.txt"),
            18 if number.is_multiple_of(3) => format!(".hidden-{number}"),
            19 if number.is_multiple_of(3) => format!("-{number}"),
            _ => format!("{number:05}.txt"),
        };
        let bytes = match number {
            0 => Vec::new(),
            number if name.ends_with(".png") => picture(number),
            number => format!("file {number}\n").repeat(1 + number % 40).into_bytes(),
        };
        (format!("{folder}/{name}"), bytes)
    };
    (0..FILES).map(file).collect()
}

/// The body of a form with a message and files. Those who make one for us keep its parts in one another, which are too many here.
fn form(message: &str, files: &Files) -> Vec<u8> {
    let body = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n{message}");
    let mut body = body.into_bytes();
    for (path, bytes) in files {
        let head = format!("Content-Disposition: form-data; name=\"files\"; filename=\"{path}\"");
        body.extend(format!("\r\n--{BOUNDARY}\r\n{head}\r\n\r\n").into_bytes());
        body.extend(bytes);
    }
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// The MD5 of each file.
fn sums(files: &Files) -> BTreeMap<String, String> {
    files.iter().map(|(path, bytes)| (path.clone(), sum(bytes))).collect()
}

/// The MD5 of each file of a state, part by part.
async fn listed(lab: &Lab<'_>, reference: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    loop {
        let part = lab.raw(&format!("files/?ref={reference}&offset={}&limit={PART}", found.len())).await;
        let total: usize = part.headers()["x-total-count"].to_str().unwrap().parse().unwrap();
        let part = expect(part, 200).await;
        let before = found.len();
        for file in part.as_array().unwrap() {
            let (path, md5) = (file["path"].as_str().unwrap(), file["md5"].as_str().unwrap());
            // What earlier states have are no pictures of today.
            assert_eq!(file["picture"].is_i64(), reference.is_empty() && path.ends_with(".png"), "{file}");
            found.insert(path.to_owned(), md5.to_owned());
        }
        assert_eq!(found.len(), total.min(before + PART), "each part has others");
        if found.len() == total {
            return found;
        }
    }
}

/// The counts of a comparison: added, removed, replaced, renamed.
fn counts(compared: &Value) -> [i64; 4] {
    ["added", "removed", "replaced", "renamed"].map(|fate| compared[fate].as_i64().unwrap())
}

/// The files that somebody sees in a clone, without what belongs to Git and DVC.
fn cloned(folder: &Path) -> Files {
    let own = [".git", ".dvc", ".gitignore"];
    let walk = walkdir::WalkDir::new(folder).into_iter();
    let walk = walk.filter_entry(|entry| entry.depth() != 1 || own.iter().all(|name| entry.file_name() != *name));
    let mut found = Files::new();
    for entry in walk.map(Result::unwrap).filter(|entry| entry.file_type().is_file()) {
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap();
        if !path.ends_with(".dvc") {
            found.insert(path.to_owned(), std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

/// Looks at folders of a state, as somebody does who turns pages.
async fn browse(lab: &Lab<'_>, reference: &str, files: &Files) {
    let folders = lab.get(&format!("folder?ref={reference}")).await;
    let names: Vec<&str> =
        folders["folders"].as_array().unwrap().iter().map(|folder| folder["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["prüfung", "train", "validation set"]);
    for folder in ["train/03/", "prüfung/äußere 猫/", "validation set/v16.d/"] {
        let inside: Vec<&String> = files.keys().filter(|path| path.starts_with(folder)).collect();
        let asked = format!("folder?ref={reference}&path={}&offset=150&limit=100", path_segment(folder));
        let list = lab.get(&asked).await;
        let paths: Vec<&str> =
            list["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
        assert_eq!(paths, inside[150..250], "{folder}");
        assert_eq!(list["total"], inside.len(), "{folder}");
        let shown = list["files"].as_array().unwrap().iter().filter(|file| file["thumbnail"].is_string()).count();
        assert_eq!(shown, paths.iter().filter(|path| path.ends_with(".png")).count(), "{folder}");
    }
    let page = format!("/ada/cats?view=files&path=train%2F03&ref={reference}");
    let page = lab.api.get(&page).header("accept", "text/html").send().await.unwrap();
    let page = expect(page, 200).await;
    assert!(page.as_str().unwrap().contains("01500.txt"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_files_are_brought_browsed_changed_compared_reverted_and_pulled() {
    let program = dvc_program();
    let folder = roomy_folder();
    let app = TestApp::start_with(|config| {
        config.data_dir = folder.path().join("data");
        config.database_url = format!("sqlite:{}", folder.path().join("test.sqlite").display());
    })
    .await;
    let (ada, token) = app.user_with_token("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let before = made();
    assert_eq!(before.len(), FILES);
    assert_eq!(sums(&before).into_values().collect::<BTreeSet<_>>().len(), FILES);

    // As a form sends a folder that somebody has chosen.
    let begin = Instant::now();
    let url = format!("{}{}/files", app.url, lab.path);
    let request = ada.client.post(url).header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    let made = expect(request.body(form("All of it", &before)).send().await.unwrap(), 201).await;
    assert_eq!(made["changed"], FILES);
    report(&format!("{FILES} files were uploaded and committed in {:.1} s", begin.elapsed().as_secs_f64()));
    assert_eq!(lab.messages().await, ["All of it"]);
    assert!(listed(&lab, "").await == sums(&before), "what was brought is listed");
    let tag = lab.post("tags", json!({"name": "v1"}), 201).await;
    browse(&lab, "", &before).await;

    // One commit with changes of every kind, all over the folders.
    let begin = Instant::now();
    let (mut after, mut changes) = (before.clone(), Vec::new());
    let (mut fates, mut paths) = (BTreeMap::new(), before.keys().step_by(49));
    for number in 0..100 {
        let path = paths.next().unwrap().clone();
        let bytes = if path.ends_with(".png") { picture(FILES + number) } else { format!("new {number}").into_bytes() };
        changes.push(json!({"action": "put", "path": path, "md5": bring(&lab, &bytes).await}));
        fates.insert(path.clone(), json!(["replaced", null]));
        after.insert(path, bytes);
    }
    for _ in 0..50 {
        let from = paths.next().unwrap().clone();
        let to = format!("elsewhere/{from}");
        changes.push(json!({"action": "move", "from": from, "to": to}));
        let bytes = after.remove(&from).unwrap();
        after.insert(to.clone(), bytes);
        fates.insert(to, json!(["renamed", from]));
    }
    for _ in 0..20 {
        let path = paths.next().unwrap().clone();
        after.remove(&path);
        changes.push(json!({"action": "delete", "path": path}));
        fates.insert(path, json!(["removed", null]));
    }
    for number in 0..30 {
        let (path, bytes) = (format!("train/new/{number}.txt"), format!("added {number}").into_bytes());
        changes.push(json!({"action": "put", "path": path, "md5": bring(&lab, &bytes).await}));
        fates.insert(path.clone(), json!(["added", null]));
        after.insert(path, bytes);
    }
    let made = lab.post("commits", json!({"changes": changes, "message": "Many changes"}), 201).await;
    // What was renamed is gone in one place and new in another.
    assert_eq!(made["changed"], 100 + 2 * 50 + 20 + 30);
    assert!(listed(&lab, "").await == sums(&after), "what was changed is listed");
    assert!(listed(&lab, "v1").await == sums(&before), "what was named is as it was");
    browse(&lab, "v1", &before).await;

    let compared = lab.get("compare?from=v1&limit=1000").await;
    assert_eq!((counts(&compared), &compared["from"]), ([30, 20, 100, 50], &tag["commit"]));
    let told = compared["changes"].as_array().unwrap().iter();
    let told = told.map(|change| {
        let path = change["path"].as_str().unwrap().to_owned();
        (path, json!([change["fate"], change["renamed_from"]]))
    });
    assert_eq!(told.collect::<BTreeMap<_, _>>(), fates);

    let reverted = lab.post("revert", json!({"commit": made["commit"]}), 201).await;
    assert_eq!(reverted["changed"], made["changed"]);
    assert!(listed(&lab, "").await == sums(&before), "what was changed is as it was before");
    let compared = lab.get("compare?from=v1").await;
    assert_eq!((counts(&compared), &compared["changes"]), ([0; 4], &json!([])));
    assert_eq!(lab.get("commits").await.as_array().unwrap().len(), 3);
    let told = expect(ada.get(&lab.path).send().await.unwrap(), 200).await;
    assert_eq!(told["files"], FILES);
    report(&format!("they were changed, compared and reverted in {:.1} s", begin.elapsed().as_secs_f64()));

    let begin = Instant::now();
    let clone = Home::clone_of(&app, &token).await;
    report(&format!("they were cloned in {:.1} s", begin.elapsed().as_secs_f64()));
    for (path, bytes) in &before {
        let text = std::fs::read(clone.path().join(format!("{path}.dvc"))).unwrap();
        let expected = Pointer { md5: sum(bytes), size: bytes.len() as u64 };
        assert_eq!(Pointer::read(path, &text).unwrap(), expected, "{path}");
    }
    let begin = Instant::now();
    introduce(&program, &clone, &token).await;
    dvc(&program, &clone, &["pull"]).await;
    report(&format!("they were pulled in {:.1} s", begin.elapsed().as_secs_f64()));
    assert!(cloned(&clone.path()) == before, "every file is there with its bytes, and no other");
    assert_eq!(clone.done(&["status", "--short"]).await, "");

    // The bytes of all of them, as the site hands them out.
    let archive = lab.raw("archive?format=tar&ref=v1").await.bytes().await.unwrap();
    assert!(untar(&archive) == before, "every file is in the archive with its bytes, and no other");
    assert_eq!(check(&app.state, false).await.unwrap(), []);
    let folder = app.state.config.data_dir.join(format!("datasets/{}.git", lab.id));
    let (done, said) = run(move || git(&folder, &["fsck", "--strict"])).await;
    assert!(done, "{said}");
}
