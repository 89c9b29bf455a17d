//! Storage sites whose bytes somebody changes, loses or leads elsewhere.

use super::app::{TestApp, expect, png, problem};
use super::storage_sites::{bytes, dataset, folder, get, put, random, register, send, with_root};
use ocellus::server::file_check::{self, GRACE};
use ocellus::server::storage::sealing::KEY_FILE;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// The folder in which a site has its objects.
fn home(folder: &Path) -> PathBuf {
    let [home] =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>().try_into().unwrap();
    home
}

async fn check(app: &TestApp, grace: Duration) -> file_check::FileCheck {
    file_check::check(&app.state, true, grace).await.unwrap()
}

#[tokio::test]
async fn nobody_else_s_site_answers_for_a_dataset() {
    let (app, root) = with_root().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    // Hers is the first, of the lower number.
    let mut sites = Vec::new();
    for (api, name) in [(&eve, "eve"), (&ada, "ada")] {
        let mut body = folder(&root, name, name, name);
        body["visibility"] = json!("public");
        sites.push(register(api, body).await);
    }
    let theirs = dataset(&ada, "ada", "public", "ada").await;
    let hers = dataset(&eve, "eve", "public", "eve").await;
    let (picture, file) = (png(700, 500, 3), random(5_000_000));
    for (api, dataset) in [(&ada, &theirs), (&eve, &hers)] {
        expect(put(api, dataset, "cat.png", picture.clone()).await, 201).await;
        expect(put(api, dataset, "file.bin", file.clone()).await, 201).await;
    }
    for path in files(&root.path().join("eve")) {
        let mut other = std::fs::read(&path).unwrap();
        other.reverse();
        std::fs::write(&path, other).unwrap();
    }
    let nobody = app.anonymous();
    let list = expect(get(&nobody, &format!("{theirs}/files/")).await, 200).await;
    let told = expect(get(&nobody, &format!("/api/picture/{}/", list[0]["picture"])).await, 200).await;
    let download = told["download"].as_str().unwrap().trim_start_matches(&app.url).to_owned();
    let hash = download.rsplit('/').next().unwrap().trim_end_matches(".png").to_owned();
    let md5 = list[1]["md5"].as_str().unwrap();
    // The picture is in datasets of both sites: its address does not say which one is meant.
    assert_eq!(bytes(get(&nobody, &download).await).await, picture);
    assert_eq!(bytes(get(&nobody, &format!("{theirs}/files/cat.png")).await).await, picture);
    assert_eq!(bytes(get(&nobody, &format!("{theirs}/files/file.bin")).await).await, file);
    let dvc = format!("{theirs}/dvc/files/md5/{}/{}", &md5[..2], &md5[2..]);
    assert_eq!(bytes(get(&nobody, &dvc).await).await, file);
    // Nor does hers when the other dataset is private, and everybody sees only hers.
    let (own, second) = (dataset(&ada, "ada", "private", "ada").await, png(701, 500, 4));
    for (api, dataset) in [(&ada, &own), (&eve, &hers)] {
        expect(put(api, dataset, "second.png", second.clone()).await, 201).await;
    }
    for path in files(&root.path().join("eve")).iter().filter(|path| std::fs::read(path).unwrap() == second) {
        let mut other = second.clone();
        other.reverse();
        std::fs::write(path, other).unwrap();
    }
    let list = expect(get(&ada, &format!("{own}/files/")).await, 200).await;
    let told = expect(get(&ada, &format!("/api/picture/{}/", list[0]["picture"])).await, 200).await;
    let private = told["download"].as_str().unwrap().trim_start_matches(&app.url).to_owned();
    assert_eq!(bytes(get(&ada, &private).await).await, second);
    // So does who sees only hers, which has lost it.
    assert_eq!(bytes(get(&nobody, &private).await).await, second);
    // What is made anew is made of the right bytes.
    app.state.thumbnails.remove(&hash).await.unwrap();
    assert!(get(&nobody, &format!("/thumbnail/{hash}/320")).await.status().is_success());
    // Where all have lost it, it is not made of anything else, nor served.
    for path in files(&root.path().join("ada")) {
        std::fs::remove_file(path).unwrap();
    }
    app.state.thumbnails.remove(&hash).await.unwrap();
    for url in [&download, &dvc, &format!("{theirs}/files/cat.png"), &format!("/thumbnail/{hash}/320")] {
        problem(get(&nobody, url).await, 500).await;
    }
    // While it is down, hers is not asked.
    std::fs::rename(root.path().join("ada"), root.path().join("away")).unwrap();
    problem(get(&nobody, &format!("{theirs}/files/file.bin")).await, 503).await;
}

#[tokio::test]
async fn an_object_that_is_lost_is_brought_again() {
    let (app, root) = with_root().await;
    let ada = app.user("ada").await;
    ada.picture("another").await;
    register(&ada, folder(&root, "a", "shelf", "ada")).await;
    let cats = dataset(&ada, "ada", "private", "shelf").await;
    for (cut, again) in [(None, "file"), (Some(3), "file"), (None, "dvc")] {
        let upload = random(2000);
        let before = files(root.path());
        let made = expect(put(&ada, &cats, "a.bin", upload.clone()).await, 201).await;
        let object = files(root.path()).into_iter().find(|file| !before.contains(file)).unwrap();
        match cut {
            None => std::fs::remove_file(&object).unwrap(),
            Some(length) => std::fs::File::options().write(true).open(&object).unwrap().set_len(length).unwrap(),
        }
        problem(get(&ada, &format!("{cats}/files/a.bin")).await, 500).await;
        assert_eq!(check(&app, GRACE).await.missing.len(), 1, "{made}");
        let list = expect(get(&ada, &format!("{cats}/files/?prefix=a.bin")).await, 200).await;
        let md5 = list[0]["md5"].as_str().unwrap();
        let dvc = format!("{}{cats}/dvc/files/md5/{}/{}", ada.url, &md5[..2], &md5[2..]);
        // Whoever asks beforehand, as DVC does, hears that it is missing.
        assert_eq!(ada.client.head(&dvc).send().await.unwrap().status(), 404);
        match again {
            "dvc" => drop(expect(ada.client.put(&dvc).body(upload.clone()).send().await.unwrap(), 201).await),
            _ => drop(expect(put(&ada, &cats, "again.bin", upload.clone()).await, 201).await),
        }
        assert_eq!(ada.client.head(&dvc).send().await.unwrap().status(), 200);
        assert_eq!(bytes(get(&ada, &format!("{cats}/files/a.bin")).await).await, upload);
        let found = check(&app, Duration::ZERO).await;
        assert!(found.missing.is_empty() && found.unreachable.is_empty(), "{found:?}");
        assert!(!object.exists());
        assert_eq!(bytes(get(&ada, &format!("{cats}/files/a.bin")).await).await, upload);
    }
}

#[tokio::test]
async fn no_link_in_a_folder_leads_out() {
    let (app, root) = with_root().await;
    let ada = app.user("ada").await;
    ada.picture("another").await;
    register(&ada, folder(&root, "a", "shelf", "ada")).await;
    let cats = dataset(&ada, "ada", "private", "shelf").await;
    expect(put(&ada, &cats, "a.bin", random(64)).await, 201).await;
    let (home, data) = (home(&root.path().join("a")), app.state.config.data_dir.clone());
    let [object] = files(&home).try_into().unwrap();
    std::fs::write(data.join(KEY_FILE), [b'7'; 64]).unwrap();
    let before = files(&data.join("blobs"));
    // In the place of an object.
    std::fs::remove_file(&object).unwrap();
    std::os::unix::fs::symlink(data.join(KEY_FILE), &object).unwrap();
    problem(get(&ada, &format!("{cats}/files/a.bin")).await, 500).await;
    // In that of a folder, in which is what belongs to nothing at this site.
    std::os::unix::fs::symlink(data.join("blobs"), home.join("zz")).unwrap();
    std::fs::create_dir(home.join("yy")).unwrap();
    std::os::unix::fs::symlink(&data, home.join("yy/zz")).unwrap();
    let found = check(&app, Duration::ZERO).await;
    assert_eq!((found.missing.len(), &found.unused, &found.unreachable), (1, &[].into(), &Vec::new()));
    // In that of all of it.
    std::fs::rename(&home, root.path().join("away")).unwrap();
    std::os::unix::fs::symlink(data.join("blobs"), &home).unwrap();
    problem(get(&ada, &format!("{cats}/files/a.bin")).await, 503).await;
    problem(put(&ada, &cats, "b.bin", "b").await, 503).await;
    let found = check(&app, Duration::ZERO).await;
    assert_eq!((found.unused.len(), found.unreachable.len()), (0, 1));
    assert_eq!(files(&data.join("blobs")), before);
    assert!(data.join(KEY_FILE).exists());
}

#[tokio::test]
async fn what_is_large_counts_as_left_over_only_when_it_must_have_come() {
    let (app, root) = with_root().await;
    let ada = app.user("ada").await;
    ada.picture("another").await;
    register(&ada, folder(&root, "a", "shelf", "ada")).await;
    let inner = home(&root.path().join("a")).join("aa/bb");
    std::fs::create_dir_all(&inner).unwrap();
    let hour = Duration::from_secs(3600);
    for (name, size, age) in [
        ("small-young", 10, hour / 2),
        ("small-old", 10, hour + hour / 2),
        // What other programs leave behind that write to folders goes as well.
        ("small-old#1", 10, hour + hour / 2),
        ("large-coming", 9_000_000, hour + hour / 2),
        ("large-old", 9_000_000, hour * 2 + hour / 2),
        ("huge-coming", 1_000_000_000, hour * 3 + hour / 2),
    ] {
        let file = std::fs::File::create(inner.join(name)).unwrap();
        file.set_len(size).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }
    let found = check(&app, GRACE).await;
    assert!(found.unreachable.is_empty(), "{found:?}");
    let left: Vec<String> =
        files(&inner).iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(left, ["huge-coming", "large-coming", "small-young"]);
}

#[tokio::test]
async fn what_is_not_registered_leaves_no_folder() {
    let (app, root) = with_root().await;
    let ada = app.user("ada").await;
    register(&ada, folder(&root, "a", "shelf", "ada")).await;
    problem(send(&ada, "storage-sites", folder(&root, "b", "shelf", "ada")).await, 409).await;
    assert!(!root.path().join("b").exists());
    // One in what another site has made would take the other's files for its own.
    let inside = home(&root.path().join("a"));
    let mut body = folder(&root, "a", "inside", "ada");
    body["place"]["folder"] = json!(inside.join("deeper"));
    let refused = problem(send(&ada, "storage-sites", body).await, 400).await;
    assert_eq!(refused["errors"][0]["field"], "folder");
    // Of two at once only one is registered, and only one has a folder.
    let both = [folder(&root, "c", "twins", "ada"), folder(&root, "c", "twins", "ada")];
    let [first, second] = both.map(|body| send(&ada, "storage-sites", body));
    let (first, second) = tokio::join!(first, second);
    let mut statuses = [first.status().as_u16(), second.status().as_u16()];
    statuses.sort();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(std::fs::read_dir(root.path().join("c")).unwrap().count(), 1);
}

#[tokio::test]
async fn what_was_granted_to_those_whom_nobody_sees_is_taken_back_by_its_number() {
    let (app, root) = with_root().await;
    let (ada, ben) = (app.user("ada").await, app.user("ben").await);
    let site = register(&ada, folder(&root, "a", "shelf", "ada")).await;
    let group = json!({"name": "hushed", "visibility": "private"});
    expect(send(&ben, "namespaces", group).await, 201).await;
    let grants = format!("storage-sites/{site}/grants");
    for (namespace, access) in [("ben", "manage")] {
        expect(send(&ada, &grants, json!({"namespace": namespace, "access": access})).await, 204).await;
    }
    expect(send(&ben, &grants, json!({"namespace": "hushed", "access": "use"})).await, 204).await;
    let told = expect(get(&ada, &format!("/api/v1/{grants}")).await, 200).await;
    let told = told.as_array().unwrap();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!((&told[2]["namespace"], &told[2]["access"]), (&Value::Null, &json!("use")));
    let page = String::from_utf8(bytes(get(&ben, &format!("/storage-sites/{site}")).await).await).unwrap();
    assert!(page.contains("/namespace/hushed") && !page.contains("Hidden namespace"), "{page}");
    let page = String::from_utf8(bytes(get(&ada, &format!("/storage-sites/{site}")).await).await).unwrap();
    assert!(page.contains("Hidden namespace") && !page.contains("hushed"), "{page}");
    let remove = format!("{grants}/remove");
    for wrong in [json!({}), json!({"namespace": "ben", "number": 1}), json!({"namespace": "hushed"})] {
        problem(send(&ada, &remove, wrong).await, 400).await;
    }
    problem(send(&app.user("cat").await, &remove, json!({"number": told[2]["number"]})).await, 404).await;
    expect(send(&ada, &remove, json!({"number": told[2]["number"]})).await, 204).await;
    assert_eq!(expect(get(&ben, &format!("/api/v1/{grants}")).await, 200).await.as_array().unwrap().len(), 2);
}
