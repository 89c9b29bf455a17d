//! Namespaces and datasets over HTTP.

use super::app::{Api, TestApp, expect, png, problem};
use crate::on_both_databases;
use ocellus::model::{AccountChange, Role, Visibility};
use ocellus::server::store::administration;
use ocellus::server::store::audit::Actor;
use reqwest::Method;
use serde_json::{Value, json};

async fn post(api: &Api, path: &str, body: Value, status: u16) -> Value {
    let response = api.post(path).json(&body).send().await.unwrap();
    if status < 400 { expect(response, status).await } else { problem(response, status).await }
}

async fn get(api: &Api, path: &str, status: u16) -> Value {
    let response = api.get(path).send().await.unwrap();
    if status < 400 { expect(response, status).await } else { problem(response, status).await }
}

async fn new_dataset(api: &Api, namespace: &str, name: &str, visibility: &str) -> i64 {
    let body = json!({"namespace": namespace, "name": name, "visibility": visibility});
    post(api, "/api/v1/datasets/", body, 201).await["id"].as_i64().unwrap()
}

#[tokio::test]
async fn a_dataset_lives_and_ends() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let nobody = app.anonymous();
    let group = json!({"name": "lab", "visibility": "public"});
    let response = ada.post("/api/v1/namespaces/").json(&group).send().await.unwrap();
    assert_eq!(response.headers()["location"], "/api/v1/namespaces/lab/");
    let lab = expect(response, 201).await;
    assert_eq!((&lab["group"], &lab["role"], &lab["datasets"]), (&json!(true), &json!("owner"), &json!(0)));
    post(&ada, "/api/v1/namespaces", group, 409).await;
    for wrong in ["Lab", "picture", "deleted-7", "x", ""] {
        let refused = post(&ada, "/api/v1/namespaces", json!({"name": wrong, "visibility": "public"}), 400).await;
        assert_eq!(refused["errors"][0]["field"], "name", "{wrong}");
    }
    post(&ada, "/api/v1/namespaces", json!({"name": "lab2", "visibility": "hidden"}), 400).await;
    for list in ["namespaces", "datasets", "namespaces/lab/members"] {
        get(&ada, &format!("/api/v1/{list}?limit=1"), 200).await;
        get(&ada, &format!("/api/v1/{list}?colour=1"), 400).await;
    }
    post(&nobody, "/api/v1/namespaces", json!({"name": "lab2", "visibility": "public"}), 401).await;
    let body = json!({"namespace": "lab", "name": "cats-2", "description": " All **cats**. ", "visibility": "public",
                      "tags": ["Cat", "animal", "cat"]});
    let response = ada.post("/api/v1/datasets").json(&body).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let dataset = expect(response, 201).await;
    let expected = json!({"id": dataset["id"], "namespace": "lab", "name": "cats-2", "description": "All **cats**.",
        "visibility": "public", "tags": ["animal", "cat"], "pictures": 0, "files": 0, "bytes": 0, "head": null, "storage_site": null, "created": dataset["created"], "role": "owner"});
    assert_eq!(dataset, expected);
    assert_eq!(get(&ada, &location, 200).await, expected);
    assert_eq!(get(&ada, "/api/v1/datasets/by-name/lab/cats-2/", 200).await, expected);
    assert_eq!(get(&nobody, &location, 200).await["role"], Value::Null);
    get(&nobody, "/api/v1/datasets/by-name/lab/dogs", 404).await;
    get(&nobody, "/api/v1/datasets/cats", 404).await;
    for (key, value) in
        [("name", json!("a/b")), ("name", json!("x.git")), ("tags", json!(["a,b"])), ("description", json!("\u{0}"))]
    {
        let mut wrong = body.clone();
        wrong[key] = value;
        assert_eq!(post(&ada, "/api/v1/datasets", wrong, 400).await["errors"][0]["field"], key);
    }
    post(&ada, "/api/v1/datasets", json!({"namespace": "lab", "name": "a", "visibility": "public", "colour": 1}), 400)
        .await;
    post(&ada, "/api/v1/datasets", body, 409).await;
    let path = format!("/api/v1/datasets/{}", dataset["id"]);
    let updated = post(&ada, &format!("{path}/update"), json!({"visibility": "private", "tags": []}), 200).await;
    assert_eq!(
        (&updated["visibility"], &updated["tags"], &updated["name"]),
        (&json!("private"), &json!([]), &json!("cats-2"))
    );
    get(&nobody, &path, 404).await;
    get(&bob, &path, 404).await;
    assert_eq!(get(&bob, "/api/v1/namespaces/lab", 200).await["datasets"], 0);
    post(&ada, &format!("{path}/members"), json!({"username": "bob", "role": "reader"}), 204).await;
    assert_eq!(get(&bob, &path, 200).await["role"], "reader");
    let members = bob.get(&format!("{path}/members")).send().await.unwrap();
    assert_eq!(members.headers()["x-total-count"], "1");
    assert_eq!(expect(members, 200).await, json!([{"username": "bob", "role": "reader"}]));
    post(&bob, &format!("{path}/members"), json!({"username": "bob", "role": "owner"}), 403).await;
    post(&ada, &format!("{path}/members"), json!({"username": "bob", "role": "king"}), 400).await;
    post(&ada, &format!("{path}/members"), json!({"username": "eve", "role": "reader"}), 400).await;
    post(&bob, &format!("{path}/delete"), json!({}), 403).await;
    post(&bob, &format!("{path}/members/remove"), json!({"username": "bob"}), 204).await;
    post(&bob, &format!("{path}/delete"), json!({}), 404).await;
    post(&ada, "/api/v1/namespaces/lab/update", json!({"visibility": "private"}), 200).await;
    get(&bob, "/api/v1/namespaces/lab", 404).await;
    post(&ada, "/api/v1/namespaces/lab/members", json!({"username": "bob", "role": "maintainer"}), 204).await;
    assert_eq!(get(&bob, &path, 200).await["role"], "maintainer");
    post(&ada, "/api/v1/namespaces/lab/members/remove", json!({"username": "ada"}), 409).await;
    post(&ada, "/api/v1/namespaces/lab/delete", json!({}), 409).await;
    post(&ada, &format!("{path}/delete"), json!({}), 204).await;
    get(&ada, &path, 404).await;
    post(&ada, "/api/v1/namespaces/lab/delete", json!({}), 204).await;
    get(&ada, "/api/v1/namespaces/lab", 404).await;
}

#[tokio::test]
async fn lists_are_searched_sorted_and_cut() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (name, visibility) in [("b", "public"), ("a", "internal"), ("c", "private")] {
        new_dataset(&ada, "ada", name, visibility).await;
    }
    let names = async |api: &Api, parameters: &str| {
        let response = api.get(&format!("/api/v1/datasets/?{parameters}")).send().await.unwrap();
        let total = response.headers()["x-total-count"].to_str().unwrap().to_owned();
        let list = expect(response, 200).await;
        let names: Vec<String> =
            list.as_array().unwrap().iter().map(|dataset| dataset["name"].as_str().unwrap().to_owned()).collect();
        (names.join(""), total)
    };
    let found = |names: &str, total: &str| (names.to_owned(), total.to_owned());
    assert_eq!(names(&ada, "").await, found("abc", "3"));
    assert_eq!(names(&ada, "sort=newest").await, found("cab", "3"));
    assert_eq!(names(&ada, "sort=oldest&offset=1&limit=1").await, found("a", "3"));
    assert_eq!(names(&ada, "visibility=private").await, found("c", "1"));
    assert_eq!(names(&ada, "namespace=ada&search=ada/b").await, found("b", "1"));
    assert_eq!(names(&ada, "namespace=bob").await, found("", "0"));
    assert_eq!(names(&app.anonymous(), "").await, found("b", "1"));
    for wrong in ["sort=size", "visibility=hidden", "limit=0", "offset=-1"] {
        get(&ada, &format!("/api/v1/datasets/?{wrong}"), 400).await;
    }
}

/// Somebody, with the role that counts for them.
struct Who {
    name: String,
    api: Api,
    signed_in: bool,
    role: Option<Role>,
}

async fn everybody(app: &TestApp) -> Vec<Who> {
    let owner = app.user("ada").await;
    post(&owner, "/api/v1/namespaces", json!({"name": "lab", "visibility": "public"}), 201).await;
    let mut all = vec![Who { name: "nobody".into(), api: app.anonymous(), signed_in: false, role: None }];
    for role in Role::ALL {
        for place in ["namespace", "dataset"] {
            let name = format!("{place}-{}", role.as_str());
            let api = app.user(&name).await;
            if place == "namespace" {
                let body = json!({"username": name, "role": role.as_str()});
                post(&owner, "/api/v1/namespaces/lab/members", body, 204).await;
            }
            all.push(Who { name, api, signed_in: true, role: Some(*role) });
        }
    }
    all.push(Who { name: "stranger".into(), api: app.user("stranger").await, signed_in: true, role: None });
    let admin = app.user("root").await;
    let change = AccountChange { admin: Some(true), ..AccountChange::default() };
    administration::change(&app.state.db, "root", &change, Actor::command_line(1)).await.unwrap();
    all.push(Who { name: "root".into(), api: admin, signed_in: true, role: Some(Role::Owner) });
    all.push(Who { name: "ada".into(), api: owner, signed_in: true, role: Some(Role::Owner) });
    all
}

/// What is asked for, the least role that may do it where it writes, and what answers who may.
type Request = (Method, String, Option<Value>, Option<Role>, u16);

/// What the addresses name.
struct Named<'a> {
    picture: i64,
    dataset: i64,
    name: &'a str,
    region: i64,
    hash: &'a str,
    md5: &'a str,
    commit: &'a str,
    project: i64,
}

fn requests(named: &Named<'_>) -> Vec<Request> {
    let Named { picture, dataset, name, region, hash, md5, commit, project } = named;
    let dvc = format!("/api/v1/datasets/{dataset}/dvc/files/md5/{}/{}", &md5[..2], &md5[2..]);
    let read = |path: String| (Method::GET, path, None, None, 200);
    let write = |path: String, body: Value, role: Role, status| (Method::POST, path, Some(body), Some(role), status);
    let point = json!([{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}]);
    let delta = json!({"id": "d1", "revision": 0, "changes": []});
    vec![
        read(format!("/api/picture/{picture}/")),
        read(format!("/api/picture/{picture}/annotations")),
        read(format!("/api/picture/{picture}/annotations?revision=1")),
        read(format!("/api/picture/{picture}/history")),
        read(format!("/api/picture/{picture}/queue")),
        read(format!("/api/picture/{picture}/mark")),
        read(format!("/image/{hash}.png")),
        read(format!("/thumbnail/{hash}/320")),
        read(format!("/crop/{region}")),
        read(format!("/picture/{picture}")),
        read(format!("/picture/{picture}/annotate")),
        read(format!("/api/v1/datasets/{dataset}/")),
        read(format!("/api/v1/datasets/{dataset}/members")),
        read(format!("/api/v1/datasets/{dataset}/numbers")),
        read(format!("/api/v1/export?format=coco&dataset=lab/{name}")),
        read(format!("/api/v1/export/preview?format=coco&dataset=lab/{name}")),
        read(format!("/api/v1/datasets/by-name/lab/{name}")),
        read(format!("/api/v1/datasets/{dataset}/files/")),
        read(format!("/api/v1/datasets/{dataset}/files?ref=main&prefix=pic")),
        read(format!("/api/v1/datasets/{dataset}/files/picture.bin")),
        read(format!("/api/v1/datasets/{dataset}/commits")),
        read(format!("/api/v1/datasets/{dataset}/commits/main")),
        read(format!("/api/v1/datasets/{dataset}/compare?from=main")),
        read(format!("/api/v1/datasets/{dataset}/tags")),
        read(format!("/api/v1/datasets/{dataset}/folder")),
        read(format!("/api/v1/datasets/{dataset}/archive?format=zip")),
        read(format!("/api/v1/datasets/{dataset}/archive?format=tar&content=pointers")),
        read(format!("/api/v1/datasets/{dataset}/annotations/picture.bin")),
        read(dvc.clone()),
        read(format!("/lab/{name}.dvc/files/md5/{}/{}", &md5[..2], &md5[2..])),
        read(format!("/lab/{name}.git/info/refs?service=git-upload-pack")),
        read(format!("/lab/{name}")),
        read(format!("/lab/{name}?view=files")),
        read(format!("/lab/{name}?view=file&path=picture.bin")),
        read(format!("/lab/{name}?view=history")),
        read(format!("/lab/{name}?view=commit&ref={commit}")),
        read(format!("/lab/{name}?view=compare&from={commit}")),
        read(format!("/lab/{name}?view=upload")),
        read(format!("/lab/{name}?view=settings")),
        read(format!("/lab/{name}?view=members")),
        read(format!("/lab/{name}?view=statistics")),
        read(format!("/project/{project}")),
        read(format!("/api/v1/projects/{project}/")),
        read(format!("/api/v1/projects/{project}/progress")),
        read(format!("/api/v1/projects/{project}/pictures")),
        read(format!("/api/v1/projects/{project}/pictures/{picture}")),
        // What changes nothing, or is wrong, where it may be done at all.
        (Method::POST, format!("/lab/{name}.git/git-upload-pack"), Some(json!({})), None, 200),
        (Method::GET, format!("/lab/{name}.git/info/refs?service=git-receive-pack"), None, Some(Role::Writer), 200),
        (Method::POST, format!("/lab/{name}.git/git-receive-pack"), Some(json!({})), Some(Role::Writer), 400),
        write(format!("/api/v1/datasets/{dataset}/uploads"), json!({}), Role::Writer, 201),
        write(format!("/api/v1/datasets/{dataset}/files"), json!({}), Role::Writer, 415),
        write(format!("/api/v1/datasets/{dataset}/revert"), json!({"commit": "x"}), Role::Writer, 404),
        write(format!("/api/v1/projects/{project}/share-out"), json!({}), Role::Maintainer, 409),
        write(
            format!("/api/v1/projects/{project}/members"),
            json!({"username": "nobody-here", "role": "annotator"}),
            Role::Maintainer,
            400,
        ),
        write(
            format!("/api/v1/projects/{project}/members/remove"),
            json!({"username": "stranger2"}),
            Role::Maintainer,
            204,
        ),
        // Nobody annotates for this project.
        write(format!("/api/v1/projects/{project}/take"), json!({"count": 1}), Role::Reader, 403),
        write(
            format!("/api/v1/datasets/{dataset}/restore"),
            json!({"path": "picture.bin", "ref": "main"}),
            Role::Writer,
            200,
        ),
        write(format!("/api/v1/datasets/{dataset}/commits"), json!({"changes": []}), Role::Writer, 400),
        write(
            format!("/api/v1/datasets/{dataset}/storage-site"),
            json!({"storage_site": "nowhere"}),
            Role::Maintainer,
            400,
        ),
        (Method::PUT, dvc.replace(&md5[2..], &"0".repeat(30)), Some(json!({})), Some(Role::Writer), 400),
        write(format!("/api/v1/projects/{project}/update"), json!({"description": "x"}), Role::Maintainer, 200),
        write(
            format!("/api/v1/projects/{project}/assign"),
            json!({"pictures": [picture], "annotator": null}),
            Role::Maintainer,
            200,
        ),
        write(format!("/api/v1/datasets/{dataset}/move"), json!({"from": "", "to": ""}), Role::Writer, 400),
        write(format!("/api/v1/datasets/{dataset}/tags"), json!({"name": ""}), Role::Maintainer, 400),
        (Method::PUT, format!("/api/v1/datasets/{dataset}/files/.git"), Some(json!({})), Some(Role::Writer), 400),
        (Method::DELETE, format!("/api/v1/datasets/{dataset}/files/.git"), None, Some(Role::Writer), 400),
        write(format!("/api/picture/{picture}/annotations"), point, Role::Annotator, 200),
        write(format!("/api/picture/{picture}/revert"), json!({"revision": 1}), Role::Annotator, 200),
        (
            Method::PUT,
            format!("/api/picture/{picture}/mark"),
            Some(json!({"state": "done"})),
            Some(Role::Annotator),
            200,
        ),
        (Method::DELETE, format!("/api/picture/{picture}/mark"), None, Some(Role::Annotator), 200),
        // What it is based on is no more: nothing changes.
        write(format!("/api/picture/{picture}/annotations/delta"), delta, Role::Annotator, 412),
        write(format!("/api/picture/{picture}/update"), json!({"description": "x"}), Role::Writer, 200),
        write(
            "/api/update-pictures".into(),
            json!({"picture_ids": [picture], "nature_id": "photo"}),
            Role::Writer,
            204,
        ),
        write(format!("/api/picture/{picture}/copy"), json!({}), Role::Writer, 201),
        write(format!("/api/v1/datasets/{dataset}/update"), json!({"tags": ["x"]}), Role::Maintainer, 200),
        write(
            format!("/api/v1/datasets/{dataset}/members"),
            json!({"username": "stranger2", "role": "reader"}),
            Role::Maintainer,
            204,
        ),
        write(
            format!("/api/v1/datasets/{dataset}/members/remove"),
            json!({"username": "stranger2"}),
            Role::Maintainer,
            204,
        ),
        write(format!("/api/v1/projects/{project}/delete"), json!({}), Role::Maintainer, 204),
    ]
}

on_both_databases! {
async fn every_address_answers_by_role(test: &TestDb) {
    let app = TestApp::start_with(|config| config.database_url.clone_from(&test.url)).await;
    let all = everybody(&app).await;
    app.account("stranger2").await;
    let owner = &all.last().unwrap().api;
    owner.object("Cat", &[]).await;
    let mut wrong = Vec::new();
    for (index, visibility) in Visibility::ALL.iter().copied().enumerate() {
        let name = visibility.as_str();
        let dataset = new_dataset(owner, "lab", name, name).await;
        for role in Role::ALL {
            let body = json!({"username": format!("dataset-{}", role.as_str()), "role": role.as_str()});
            post(owner, &format!("/api/v1/datasets/{dataset}/members"), body, 204).await;
        }
        let regions = json!([{"type": "bbox", "shape": {"x": 0.1, "y": 0.1, "w": 0.5, "h": 0.5}, "object": "Cat"}]);
        let metadata =
            json!({"title": name, "nature": "photo", "dataset": format!("lab/{name}"), "annotations": regions});
        let bytes = png(64, 48, 100 + index as u8);
        let size = bytes.len();
        let made = owner.picture_with(metadata, bytes).await;
        let numbers = get(owner, &format!("/api/v1/datasets/{dataset}/numbers"), 200).await;
        assert_eq!(numbers, json!({"replaced": 0, "regions": 1, "objects": 1, "size_bytes": size}));
        assert_eq!(made["dataset"], format!("lab/{name}"));
        let picture = made["id"].as_i64().unwrap();
        let hash = made["download"].as_str().unwrap().rsplit('/').next().unwrap().trim_end_matches(".png").to_owned();
        let files = get(owner, &format!("/api/v1/datasets/{dataset}/files/"), 200).await;
        let md5 = files[0]["md5"].as_str().unwrap().to_owned();
        let head = get(owner, &format!("/api/v1/datasets/{dataset}/"), 200).await["head"].as_str().unwrap().to_owned();
        for who in &all {
            let project = post(owner, "/api/v1/projects", json!({"name": who.name, "dataset": dataset}), 201).await;
            let project = project["id"].as_i64().unwrap();
            let regions = get(owner, &format!("/api/picture/{picture}/annotations"), 200).await;
            let region = regions[0]["id"].as_i64().unwrap();
            let sees = match visibility {
                Visibility::Public => true,
                Visibility::Internal => who.signed_in,
                Visibility::Private => who.role.is_some(),
            };
            let here = Named { picture, dataset, name, region, hash: &hash, md5: &md5, commit: &head, project };
            let here = requests(&here);
            // The same where there is nothing.
            let (hash_of_none, none) = ("0".repeat(64), 999_999);
            let nothing = requests(&Named {
                picture: none,
                dataset: none,
                name: "nothing",
                region: none,
                hash: &hash_of_none,
                md5: &md5,
                commit: &head,
                project: none,
            });
            for ((method, path, body, needed, done), (_, other, other_body, ..)) in here.into_iter().zip(nothing) {
                let send = async |path: &str, body: &Option<Value>| {
                    let request = who.api.client.request(method.clone(), format!("{}{path}", app.url));
                    // Only files that come in parts are asked for with these, and nothing else minds.
                    let request = request.header("tus-resumable", "1.0.0").header("upload-length", "3");
                    let request = request.header("upload-metadata", "path bmV3LnR4dA==");
                    match body {
                        Some(body) => request.json(body),
                        None => request,
                    }
                    .send()
                    .await
                    .unwrap()
                };
                let expected = match needed {
                    Some(_) if !who.signed_in => 401,
                    // Programs cannot know that they might see more.
                    None if !sees && !who.signed_in && is_for_programs(&path) => 401,
                    _ if !sees => 404,
                    Some(needed) if who.role < Some(needed) => 403,
                    _ => done,
                };
                let response = send(&path, &body).await;
                let (status, cache) = (response.status().as_u16(), response.headers().get("cache-control").cloned());
                let text = response.text().await.unwrap();
                if status != expected {
                    wrong.push(format!("{} {method} {path} of {name}: {status}, not {expected}: {text:.200}", who.name));
                    continue;
                }
                if ["/image", "/thumb", "/crop/"].iter().any(|start| path.starts_with(start)) && status == 200 {
                    let cache = cache.unwrap().to_str().unwrap().to_owned();
                    let wanted =
                        if visibility == Visibility::Public { "public, no-cache" } else { "private, no-cache" };
                    assert_eq!(cache, wanted, "{path}");
                }
                let may = sees && needed.is_none_or(|needed| who.role >= Some(needed));
                if !may && [401, 404].contains(&expected) && path.starts_with("/api/") {
                    let other_text = send(&other, &other_body).await.text().await.unwrap();
                    let told = |text: &str, id: i64, name: &str| {
                        let problem: Value = serde_json::from_str(text).unwrap();
                        let detail =
                            problem["detail"].as_str().unwrap().replace(&id.to_string(), "…").replace(name, "…");
                        (problem["status"].clone(), problem["title"].clone(), problem["type"].clone(), detail)
                    };
                    let id = match () {
                        () if path.contains("/datasets/") => dataset,
                        () if path.contains("/projects/") => project,
                        () => picture,
                    };
                    assert_eq!(told(&text, id, name), told(&other_text, 999_999, "nothing"), "{path}");
                }
            }
            if who.signed_in {
                let metadata = json!({"title": "new", "nature": "photo", "dataset": dataset});
                let response = who.api.upload(metadata, png(20, 20, 7)).await;
                let expected = match () {
                    () if !sees => 400,
                    () if who.role < Some(Role::Writer) => 403,
                    () => 201,
                };
                let status = response.status().as_u16();
                assert_eq!(status, expected, "{}: {}", who.name, response.text().await.unwrap());
                let rated =
                    who.api.post(&format!("/api/picture/{picture}/rate")).json(&json!({"rating": 3})).send().await;
                assert_eq!(rated.unwrap().status().as_u16(), if sees { 200 } else { 404 }, "{}", who.name);
            }
            // The forms are on the pages of those who may send them.
            for (view, form, needed) in [
                ("settings", "/fn/edit_dataset", Role::Maintainer),
                ("upload", "type=\"file\"", Role::Writer),
            ] {
                let page = who.api.get(&format!("/lab/{name}?view={view}")).send().await.unwrap().text().await.unwrap();
                assert_eq!(page.contains(form), sees && who.role >= Some(needed), "{} {view} of {name}", who.name);
            }
            // Searches, their numbers and their downloads.
            for (method, text) in [
                ("/api/query-pictures?query=", "want: [{title: NAME}]"),
                ("/api/query-download?format=jsonl&query=", "want: [{title: NAME}]"),
            ] {
                let response = who.api.get(&format!("{method}{}", text.replace("NAME", name))).send().await.unwrap();
                let body = expect(response, 200).await.to_string();
                assert_eq!(body.contains(&hash), sees, "{} {method}: {body}", who.name);
            }
            let counted = format!("/api/query-insights?dimensions=object&query=want: [{{title: {name}}}]");
            let counted = get(&who.api, &counted, 200).await;
            assert_eq!((counted["total"] != 0, counted.to_string().contains("Cat")), (sees, sees), "{}: {counted}", who.name);
            let named = format!("/api/query-pictures?query=want: [{{in_dataset: lab/{name}}}]");
            let response = who.api.get(&named).send().await.unwrap();
            assert_eq!(response.status().as_u16(), if sees { 200 } else { 400 });
            let page = who.api.get(&format!("/query?query=want: [{{title: {name}}}]")).send().await.unwrap();
            assert_eq!(page.text().await.unwrap().contains(&hash), sees, "{}", who.name);
        }
        // What replaces it comes to the same place.
        let replacement = json!({"title": "better", "nature": "photo", "replaces": picture});
        let writer = &all.iter().find(|who| who.name == "dataset-writer").unwrap().api;
        let replaced = writer.picture_with(replacement, png(64, 48, 120 + index as u8)).await;
        assert_eq!(replaced["dataset"], format!("lab/{name}"));
        post(writer, &format!("/api/v1/datasets/{dataset}/delete"), json!({}), 403).await;
        post(owner, &format!("/api/v1/datasets/{dataset}/delete"), json!({}), 204).await;
        get(owner, &format!("/api/picture/{picture}/"), 404).await;
        expect(owner.get(&format!("/image/{hash}.png")).send().await.unwrap(), 404).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
}

/// Whether an address is for Git or DVC.
fn is_for_programs(path: &str) -> bool {
    path.contains("/dvc/") || path.contains(".dvc/") || path.contains(".git/")
}
