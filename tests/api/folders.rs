//! Folders of datasets, and what earlier states show, over HTTP.

use super::app::{TestApp, expect, png, problem};
use super::lab::Lab;
use reqwest::Method;
use serde_json::{Value, json};

/// The names of what is in a folder.
fn names(list: &Value) -> Vec<String> {
    let folders =
        list["folders"].as_array().unwrap().iter().map(|folder| format!("{}/", folder["name"].as_str().unwrap()));
    let files = list["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned());
    folders.chain(files).collect()
}

#[tokio::test]
async fn folders_of_any_state_are_listed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "private").await;
    let empty = lab.get("folder").await;
    assert_eq!((&empty["commit"], &empty["total"], &empty["folder"]), (&json!(null), &json!(0), &json!("")));
    problem(lab.raw("folder?path=train").await, 404).await;

    lab.put("train/cats/1.png", png(40, 30, 1)).await;
    lab.put("train/notes.txt", "hello").await;
    let first = lab.put("README.md", "# Cats\n\n<script>alert(1)</script>").await;
    lab.put("train/cats/2.png", png(40, 30, 2)).await;
    let newest = lab.get("folder").await;
    assert_eq!(names(&newest), ["train/", "README.md"]);
    assert_eq!((&newest["folders"][0]["files"], &newest["total"]), (&json!(3), &json!(2)));
    let cats = lab.get("folder?path=train/cats/").await;
    assert_eq!(names(&cats), ["train/cats/1.png", "train/cats/2.png"]);
    assert_eq!(lab.get("folder?path=train/cats").await, cats);
    let image = cats["files"][0]["thumbnail"].as_str().unwrap();
    expect(ada.get(image).send().await.unwrap(), 200).await;

    // An earlier state, named by a commit or a tag.
    lab.post("tags", json!({"name": "v1", "ref": first}), 201).await;
    for reference in [first.as_str(), "v1"] {
        let older = lab.get(&format!("folder?ref={reference}&path=train/")).await;
        assert_eq!(names(&older), ["cats/", "train/notes.txt"], "{reference}");
        assert_eq!((&older["folders"][0]["files"], &older["commit"]), (&json!(null), &json!(first)));
        let cats = lab.get(&format!("folder?ref={reference}&path=train/cats")).await;
        assert_eq!(names(&cats), ["train/cats/1.png"], "{reference}");
        assert_eq!(cats["files"][0]["thumbnail"], json!(image));
        let found = lab.get(&format!("folder?ref={reference}&find=.TXT")).await;
        assert_eq!(names(&found), ["train/notes.txt"], "{reference}");
        let part = lab.get(&format!("folder?ref={reference}&offset=1&limit=1")).await;
        assert_eq!((names(&part), &part["total"]), (vec!["README.md".to_owned()], &json!(2)));
        problem(lab.raw(&format!("folder?ref={reference}&path=test")).await, 404).await;
    }
    assert_eq!(names(&lab.get("folder?find=png&path=train").await), ["train/cats/1.png", "train/cats/2.png"]);
    for (parameters, field) in [("path=../x", "path"), ("path=/x", "path"), ("path=.git", "path"), ("limit=0", "limit")]
    {
        let fault = problem(lab.raw(&format!("folder?{parameters}")).await, 400).await;
        assert_eq!(fault["errors"][0]["field"], field, "{parameters}");
    }
    problem(lab.raw("folder?ref=v2").await, 404).await;

    // To others the dataset is not there, in whatever way one asks.
    let eve = app.user("eve").await;
    problem(lab.seen_by(&eve).raw("folder").await, 404).await;
    problem(lab.seen_by(&eve).raw("folder?ref=v1&path=train").await, 404).await;
    problem(eve.get(image).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn what_earlier_states_had_keeps_its_thumbnail() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "internal").await;
    lab.put("cat.png", png(40, 30, 1)).await;
    let replaced = lab.put("cat.png", png(40, 30, 2)).await;
    let deleted = expect(lab.send(Method::DELETE, "files/cat.png", "").await, 201).await;
    let commit = lab.get(&format!("commits/{replaced}")).await;
    let change = &commit["changes"][0];
    let (before, after) = (change["thumbnail_before"].as_str().unwrap(), change["thumbnail"].as_str().unwrap());
    assert_ne!(before, after);
    let gone = lab.get(&format!("commits/{}", deleted["commit"].as_str().unwrap())).await;
    assert_eq!(
        (&gone["changes"][0]["thumbnail_before"], &gone["changes"][0]["thumbnail"]),
        (&json!(after), &json!(null))
    );
    let compared = lab.get(&format!("compare?from={replaced}")).await;
    assert_eq!(compared["changes"][0]["thumbnail_before"], json!(after));

    // Their pictures are gone; who sees the dataset sees its history.
    let eve = app.user("eve").await;
    for image in [before, after] {
        let shown = expect(eve.get(image).send().await.unwrap(), 200).await;
        drop(shown);
        problem(app.anonymous().get(image).send().await.unwrap(), 404).await;
        let hash = image.split('/').nth(2).unwrap();
        problem(ada.get(&format!("/image/{hash}.png")).send().await.unwrap(), 404).await;
    }
    expect(
        ada.post(&format!("{}/update", lab.path)).json(&json!({"visibility": "private"})).send().await.unwrap(),
        200,
    )
    .await;
    problem(eve.get(before).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn pages_of_files_tell_of_any_state() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let lab = Lab::new(&ada, "ada", "public").await;
    lab.put("in/cat.png", png(40, 30, 1)).await;
    let first = lab.put("README.md", "# Cats of ours\n\n<script>alert(1)</script>").await;
    lab.put("README.md", "# Dogs").await;
    let page = async |address: &str| {
        let response =
            app.anonymous().get(&format!("/ada/cats?{address}")).header("accept", "text/html").send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, newest) = page("view=files").await;
    assert_eq!(status, 200);
    assert!(newest.contains("<h2>Dogs</h2>") && newest.contains("README.md"), "{newest}");
    let (_, older) = page(&format!("view=files&ref={first}")).await;
    assert!(older.contains("<h2>Cats of ours</h2>") && !older.contains("<script>alert"), "{older}");
    // What is relative in it leads to files of the same state.
    let links = "[cat](../in/cat.png) ![The cat](../in/cat.png) [all](..) [out](../../x) [far](https://example.org/)";
    let second = lab.put("docs/README.md", links).await;
    for (state, link, image) in [
        (String::new(), String::new(), String::new()),
        (format!("&ref={second}"), format!("&amp;ref={second}"), format!("?ref={second}")),
    ] {
        let (_, docs) = page(&format!("view=files&path=docs%2F{state}")).await;
        let readme = docs.split("aria-label=\"README\"").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(readme.contains(&format!("href=\"/ada/cats?view=file&amp;path=in%2Fcat.png{link}\"")), "{readme}");
        assert!(readme.contains(&format!("href=\"/ada/cats?view=files{link}\"")), "{readme}");
        assert!(readme.contains("href=\"https://example.org/\"") && !readme.contains("../"), "{readme}");
        let src = format!("{}/files/in/cat.png{image}", lab.path);
        assert!(readme.contains(&format!("<img src=\"{src}\" alt=\"The cat\"")), "{readme}");
        let bytes = app.anonymous().get(&src).send().await.unwrap();
        assert_eq!(bytes.headers()["content-type"], "image/png");
    }
    for (address, text) in [
        ("view=file&path=in%2Fcat.png", "SHA-256"),
        ("view=history", "Put README.md"),
        (&format!("view=commit&ref={first}"), "1 added"),
        (&format!("view=compare&from={first}"), "1 replaced"),
        // The newest state with itself, and the form to choose others.
        ("view=compare", "No file differs."),
        ("", "Dogs"),
    ] {
        let (status, page) = page(address).await;
        assert!(status == 200 && page.contains(text), "{address}: {status} {page}");
    }
    for address in
        ["view=files&path=none", "view=file&path=none", "view=commit&ref=none", "view=commit", "view=files&ref=none"]
    {
        assert_eq!(page(address).await.0, 404, "{address}");
    }
    assert_eq!(page("view=files&path=..").await.0, 400);
}
