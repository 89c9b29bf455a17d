//! Galleries over HTTP, and changes to many pictures at once.

use super::app::{Api, TestApp, expect, hidden, png, problem};
use serde_json::{Value, json};

async fn post(api: &Api, path: &str, body: Value, status: u16) -> Value {
    let response = api.post(path).json(&body).send().await.unwrap();
    if status < 400 { expect(response, status).await } else { problem(response, status).await }
}

async fn order(api: &Api, gallery: &str) -> Vec<i64> {
    let list = expect(api.get(&format!("{gallery}/pictures")).send().await.unwrap(), 200).await;
    list.as_array().unwrap().iter().map(|picture| picture["id"].as_i64().unwrap()).collect()
}

async fn new_gallery(api: &Api, title: &str) -> String {
    let gallery = post(api, "/api/new-gallery", json!({"title": title}), 201).await;
    format!("/api/gallery/{}", gallery["id"])
}

async fn pictures(api: &Api, titles: &[&str]) -> Vec<i64> {
    let mut ids = Vec::new();
    for title in titles {
        ids.push(api.picture(title).await["id"].as_i64().unwrap());
    }
    ids
}

#[tokio::test]
async fn a_gallery_lives_and_ends() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = json!({"title": " Birds ", "description": "That sing."});
    let response = ada.post("/api/new-gallery").json(&body).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let gallery = expect(response, 201).await;
    let expected = json!({"id": gallery["id"], "title": "Birds", "description": "That sing.", "owner": "ada", "users": [],
                          "cover": null});
    assert_eq!(gallery, expected);
    assert_eq!(expect(app.anonymous().get(&location).send().await.unwrap(), 200).await, expected);
    let path = format!("/api/gallery/{}", gallery["id"]);
    let edited = post(&ada, &format!("{path}/edit"), json!({"description": ""}), 200).await;
    assert_eq!((&edited["title"], &edited["description"]), (&json!("Birds"), &json!("")));
    let wrong = post(&ada, &format!("{path}/edit/"), json!({"title": "  "}), 400).await;
    assert_eq!(wrong["errors"][0]["field"], "title");
    post(&ada, "/api/new-gallery", json!({"title": "x", "colour": "red"}), 400).await;
    let list = ada.get("/api/gallery/").send().await.unwrap();
    assert_eq!(list.headers()["x-total-count"], "1");
    assert_eq!(expect(list, 200).await[0]["pictures"], 0);
    expect(ada.post(&format!("{path}/delete")).send().await.unwrap(), 204).await;
    problem(ada.get(&path).send().await.unwrap(), 404).await;
    problem(ada.post(&format!("{path}/delete")).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn owners_trusted_users_and_others() {
    let app = TestApp::start().await;
    let (ada, bob, eve) = (app.user("ada").await, app.user("bob").await, app.user("eve").await);
    let ids = pictures(&ada, &["one", "two"]).await;
    let path = new_gallery(&ada, "Birds").await;
    let one = json!({"picture_id": ids[0]});
    post(&app.anonymous(), &format!("{path}/add-picture"), one.clone(), 401).await;
    post(&bob, &format!("{path}/add-picture"), one.clone(), 403).await;
    post(&bob, &format!("{path}/users/add"), json!({"username": "bob"}), 403).await;
    post(&ada, &format!("{path}/users/add"), json!({"username": "nobody-at-all"}), 404).await;
    for _ in 0..2 {
        let gallery = post(&ada, &format!("{path}/users/add"), json!({"username": "bob"}), 200).await;
        assert_eq!(gallery["users"], json!(["bob"]));
        post(&bob, &format!("{path}/add-picture"), one.clone(), 200).await;
    }
    assert_eq!(order(&eve, &path).await, ids[..1]);
    post(&bob, &format!("{path}/edit"), json!({"title": "Mine"}), 403).await;
    post(&bob, &format!("{path}/delete"), json!({}), 403).await;
    post(&eve, &format!("{path}/reorder"), json!({"picture_id": ids[0], "position": 0}), 403).await;
    post(&eve, &format!("{path}/cover"), one.clone(), 403).await;
    post(&eve, &format!("{path}/remove-picture"), one.clone(), 403).await;
    post(&ada, &format!("{path}/add-picture"), json!({"picture_id": 999}), 404).await;
    for _ in 0..2 {
        post(&bob, &format!("{path}/remove-picture"), one.clone(), 200).await;
        let gallery = post(&ada, &format!("{path}/users/remove"), json!({"username": "bob"}), 200).await;
        assert_eq!(gallery["users"], json!([]));
        post(&ada, &format!("{path}/users/add"), json!({"username": "bob"}), 200).await;
    }
    assert_eq!(order(&eve, &path).await, Vec::<i64>::new());
}

#[tokio::test]
async fn pictures_are_added_in_bulk_and_put_in_order() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let ids = pictures(&ada, &["one", "two", "three", "other"]).await;
    let path = new_gallery(&ada, "Numbers").await;
    let added = post(&ada, &format!("{path}/add-pictures"), json!({"picture_ids": [ids[1], ids[0]]}), 200).await;
    assert_eq!(added, json!({"added": 2}));
    let query = json!({"query": "want: [{title: \"t%\"}]"});
    assert_eq!(post(&ada, &format!("{path}/add-query"), query, 200).await, json!({"added": 1}));
    assert_eq!(order(&ada, &path).await, [ids[1], ids[0], ids[2]]);
    let wrong = post(&ada, &format!("{path}/add-query"), json!({"query": "want: [{titel: a}]"}), 400).await;
    assert_eq!(wrong["errors"][0]["line"], 1);
    let wrong = post(&ada, &format!("{path}/add-pictures"), json!({"picture_ids": [ids[3], 999]}), 400).await;
    assert_eq!(wrong["errors"][0]["field"], "picture_ids[1]");
    post(&ada, &format!("{path}/reorder"), json!({"picture_id": ids[2], "position": 0}), 200).await;
    assert_eq!(order(&ada, &path).await, [ids[2], ids[1], ids[0]]);
    post(&ada, &format!("{path}/reorder"), json!({"picture_id": ids[2], "position": -1}), 400).await;
    post(&ada, &format!("{path}/reorder"), json!({"picture_id": ids[3], "position": 0}), 404).await;
    let covered = post(&ada, &format!("{path}/cover"), json!({"picture_id": ids[0]}), 200).await;
    assert_eq!(covered["cover"], ids[0]);
    post(&ada, &format!("{path}/cover"), json!({"picture_id": ids[3]}), 404).await;
    assert_eq!(post(&ada, &format!("{path}/cover"), json!({"picture_id": null}), 200).await["cover"], Value::Null);
    let part = ada.get(&format!("{path}/pictures?offset=2&limit=1")).send().await.unwrap();
    assert_eq!(part.headers()["x-total-count"], "3");
    assert_eq!(expect(part, 200).await[0]["id"], ids[0]);
}

#[tokio::test]
async fn the_pictures_of_a_gallery_come_with_their_regions() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let region = json!({"type": "bbox", "shape": {"x": 0.5, "y": 0.25, "w": 0.25, "h": 0.5}, "object": "Cat"});
    let metadata = json!({"title": "one", "nature": "photo", "annotations": [region]});
    let picture = ada.picture_with(metadata, png(64, 48, 1)).await;
    let path = new_gallery(&ada, "Cats").await;
    post(&ada, &format!("{path}/add-pictures"), json!({"picture_ids": [picture["id"]]}), 200).await;
    let list = expect(ada.get(&format!("{path}/pictures")).send().await.unwrap(), 200).await;
    let listed = &list[0]["regions"][0];
    assert_eq!((&listed["type"], &listed["shape"]), (&region["type"], &region["shape"]));
    assert_eq!(listed, &picture["regions"][0]);
    // A page of cards needs no more than how many there are and what they show.
    let cards =
        ada.post("/fn/gallery_cards").json(&json!({"id": path.rsplit('/').next().unwrap().parse::<i64>().unwrap()}));
    let card = expect(cards.send().await.unwrap(), 200).await["items"][0].clone();
    assert_eq!(
        (&card["region_count"], &card["objects"], &card["picture"]["regions"]),
        (&json!(1), &json!(["Cat"]), &json!(null))
    );
}

#[tokio::test]
async fn one_changes_many_pictures_of_ones_own() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let ids = pictures(&ada, &["one", "two"]).await;
    let foreign = pictures(&bob, &["three"]).await[0];
    let get = async |id: i64| ada.get(&format!("/api/picture/{id}")).send().await.unwrap();
    let change = |ids: &[i64]| json!({"picture_ids": ids, "licence_ids": ["CC-BY-4.0"], "nature_id": "scan"});
    post(&app.anonymous(), "/api/update-pictures", change(&ids), 401).await;
    post(&ada, "/api/update-pictures", change(&[ids[0], foreign]), 403).await;
    post(&ada, "/api/update-pictures", change(&[ids[0], 999]), 404).await;
    post(&ada, "/api/update-pictures", change(&[]), 400).await;
    let wrong = json!({"picture_ids": ids, "nature_id": "no-such-nature"});
    post(&ada, "/api/update-pictures", wrong, 400).await;
    // More than a database takes in one statement.
    let wrong = json!({"picture_ids": ids, "licence_ids": vec!["MIT"; 40_000]});
    assert_eq!(post(&ada, "/api/update-pictures", wrong, 400).await["errors"][0]["field"], "licence_ids");
    assert_eq!(expect(get(ids[0]).await, 200).await["licences"], json!(["CC0-1.0"]));
    let nature = expect(ada.get("/api/nature").send().await.unwrap(), 200).await;
    let nature = nature.as_object().unwrap().keys().find(|id| *id != "photo").unwrap().clone();
    let body = json!({"picture_ids": ids, "licence_ids": ["CC-BY-4.0"], "nature_id": nature});
    post(&ada, "/api/update-pictures", body, 204).await;
    for id in &ids {
        let picture = expect(get(*id).await, 200).await;
        assert_eq!((&picture["licences"], &picture["nature"]), (&json!(["CC-BY-4.0"]), &json!(nature)));
        assert!(picture["title"].as_str().is_some_and(|title| !title.is_empty()), "what is absent stays");
    }
    post(&ada, "/api/delete-pictures", json!({"picture_ids": [ids[0], foreign]}), 403).await;
    post(&ada, "/api/delete-pictures", json!({"picture_ids": ids}), 204).await;
    problem(get(ids[0]).await, 404).await;
    expect(get(foreign).await, 200).await;
}

#[tokio::test]
async fn galleries_have_pages() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let ids = pictures(&ada, &["one", "two"]).await;
    let path = new_gallery(&ada, "Numbers & <signs>").await;
    post(&ada, &format!("{path}/add-pictures"), json!({"picture_ids": ids}), 200).await;
    let page = path.replace("/api", "");
    for (path, words) in [
        ("/galleries".to_owned(), vec!["Numbers &amp; &lt;signs", "/thumbnail/", "/galleries/new"]),
        (page.clone(), vec!["Numbers &amp; &lt;signs", "one", "/embed/gallery/", "/slideshow"]),
        (format!("{page}?arrange=1"), vec!["one"]),
        (format!("{page}/slideshow"), vec!["1 of 2", &format!("picture={}", ids[1])]),
        (format!("{page}/slideshow?picture={}", ids[1]), vec!["2 of 2", "CC0 1.0", "by "]),
        (format!("/embed{page}"), vec!["1 of 2", &format!("/embed{page}?picture={}", ids[1])]),
    ] {
        let response = app.anonymous().get(&path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let html = response.text().await.unwrap();
        for word in words {
            assert!(html.contains(word), "{path} lacks {word}");
        }
    }
    for path in [format!("{page}/slideshow?picture=999"), "/gallery/99/slideshow".into(), "/embed/gallery/99".into()] {
        assert_eq!(app.anonymous().get(&path).send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn only_embedded_pages_may_be_framed_and_they_know_nobody() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let ada = app.browser();
    let login = json!({"username": "ada", "password": super::app::PASSWORD});
    expect(ada.post("/api/login").json(&login).send().await.unwrap(), 200).await;
    let path = new_gallery(&ada, "Birds").await.replace("/api", "");
    let policy = async |path: &str| {
        let response = ada.get(path).send().await.unwrap();
        assert!(!response.headers().contains_key("set-cookie"), "{path}");
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        (policy, response.text().await.unwrap())
    };
    let (own, html) = policy(&path).await;
    assert!(own.contains("frame-ancestors 'self'") && html.contains("Account: ada"), "{own}");
    let (embedded, html) = policy(&format!("/embed{path}")).await;
    assert!(embedded.contains("frame-ancestors *"), "{embedded}");
    assert!(!html.contains("ada") && !html.contains("<form") && !html.contains("<header"), "{html}");
    assert!(policy("/embed").await.0.contains("frame-ancestors 'self'"));
}

#[tokio::test]
async fn gallery_forms_work_without_javascript() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let browser = app.browser();
    let login = json!({"username": "ada", "password": super::app::PASSWORD});
    expect(browser.post("/api/login").json(&login).send().await.unwrap(), 200).await;
    let send = async |name: &str, from: &str, form: &[(&str, &str)]| {
        let form: Vec<(String, String)> = form.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let request = browser.post(&format!("/fn/{name}")).header("accept", "text/html");
        let response = request.header("referer", format!("{}{from}", app.url)).form(&form).send().await.unwrap();
        assert_eq!(response.status(), 302, "{name}");
        response.headers()["location"].to_str().unwrap().to_owned()
    };
    let gallery = send("new_gallery", "/galleries/new", &[("title", "Birds"), ("description", "a\nb")]).await;
    assert!(gallery.starts_with("/gallery/"), "{gallery}");
    let id = gallery.trim_start_matches("/gallery/");
    let refused = send("edit_gallery", &gallery, &[("id", id), ("title", " "), ("description", "")]).await;
    let page = browser.client.get(&refused).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Must not be empty.") && page.contains("<details open"), "{page}");
    send("edit_gallery", &gallery, &[("id", id), ("title", "Song birds"), ("description", "")]).await;
    let page = expect(browser.get(&gallery).send().await.unwrap(), 200).await;
    assert!(page.as_str().unwrap().contains("Song birds"));
    // What the form leaves as it was is as somebody else made it since.
    let before = hidden(page.as_str().unwrap(), "before");
    post(&browser, &format!("/api{gallery}/edit"), json!({"description": "That sing."}), 200).await;
    let form = [("id", id), ("title", "Songbirds"), ("description", ""), ("before", &before)];
    send("edit_gallery", &gallery, &form).await;
    let edited = expect(browser.get(&format!("/api{gallery}")).send().await.unwrap(), 200).await;
    assert_eq!((&edited["title"], &edited["description"]), (&json!("Songbirds"), &json!("That sing.")));
    assert_eq!(send("remove_gallery", &gallery, &[("id", id)]).await, "/galleries");
}
