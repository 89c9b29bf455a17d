//! Administrators over HTTP: who may, who is kept out, links to new passwords, and the log.

use super::app::{Api, PASSWORD, TestApp, expect, problem};
use crate::support::promote;
use ocellus::server::store::tokens::Scope;
use reqwest::Response;
use serde_json::{Value, json};

const OTHER_PASSWORD: &str = "drei Gurken im Regen";

/// A browser that is signed in.
async fn signed_in(app: &TestApp, name: &str) -> Api {
    let browser = app.browser();
    expect(login(&browser, name, PASSWORD).await, 200).await;
    browser
}

async fn login(api: &Api, name: &str, password: &str) -> Response {
    api.post("/api/login").json(&json!({"username": name, "password": password})).send().await.unwrap()
}

/// The status of something that only the signed-in may do.
async fn status_of_writing(api: &Api) -> u16 {
    let body = json!({"title": "Mine", "description": ""});
    api.post("/api/new-gallery").json(&body).send().await.unwrap().status().as_u16()
}

async fn update(api: &Api, name: &str, change: Value) -> Response {
    api.post(&format!("/api/user/{name}/update")).json(&change).send().await.unwrap()
}

/// Sends a form as a browser without JavaScript does, from a page.
async fn send(browser: &Api, function: &str, page: &str, form: &[(&str, &str)]) -> Response {
    let request = browser.post(&format!("/fn/{function}")).header("accept", "text/html");
    request.header("referer", format!("{}{page}", browser.url)).form(form).send().await.unwrap()
}

async fn text(api: &Api, path: &str) -> String {
    api.get(path).send().await.unwrap().text().await.unwrap()
}

async fn boss(app: &TestApp) -> Api {
    let boss = app.user("boss").await;
    promote(&app.state.db, "boss").await;
    boss
}

#[tokio::test]
async fn who_is_suspended_is_out_at_once() {
    let app = TestApp::start().await;
    let (ada, boss) = (app.user("ada").await, boss(&app).await);
    let browser = signed_in(&app, "ada").await;
    let picture = ada.picture("stays").await;
    assert_eq!((status_of_writing(&ada).await, status_of_writing(&browser).await), (201, 201));

    let changed = expect(update(&boss, "ada", json!({"suspended": true, "reason": "Spam."})).await, 200).await;
    assert!(changed["suspended_at"].is_i64(), "{changed}");
    assert_eq!((status_of_writing(&ada).await, status_of_writing(&browser).await), (401, 401));
    // A token says what an unknown one says.
    let refused = problem(ada.get("/api/object").send().await.unwrap(), 401).await;
    let unknown = app.anonymous().get("/api/object").header("authorization", "Bearer wrong");
    assert_eq!(refused["detail"], problem(unknown.send().await.unwrap(), 401).await["detail"]);
    assert!(!text(&browser, "/").await.contains("Sign out"));
    expect(app.anonymous().get(&format!("/api/picture/{}", picture["id"])).send().await.unwrap(), 200).await;

    // Only who knows the password learns why.
    let stranger = app.browser();
    let detail = async |name: &str, password: &str| {
        problem(login(&stranger, name, password).await, 401).await["detail"].as_str().unwrap().to_owned()
    };
    assert!(detail("ada", PASSWORD).await.contains("suspended"));
    assert_eq!(detail("ada", OTHER_PASSWORD).await, detail("nobody", OTHER_PASSWORD).await);
    assert_eq!(status_of_writing(&stranger).await, 401);

    let changed = expect(update(&boss, "ada", json!({"suspended": false})).await, 200).await;
    assert_eq!(changed["suspended_at"], Value::Null);
    assert_eq!(status_of_writing(&ada).await, 201, "tokens work again");
    assert_eq!(status_of_writing(&browser).await, 401, "what was ended stays so");
    expect(login(&stranger, "ada", PASSWORD).await, 200).await;
    assert_eq!(status_of_writing(&stranger).await, 201);
}

#[tokio::test]
async fn only_administrators_may() {
    let app = TestApp::start().await;
    let (ada, boss) = (app.user("ada").await, boss(&app).await);
    let (ada_browser, boss_browser) = (signed_in(&app, "ada").await, signed_in(&app, "boss").await);
    let stranger = app.browser();
    for path in [
        "/administration",
        "/administration/log",
        "/administration/user/ada",
        "/administration/user/nobody",
        "/administration/user/ada/reset-link",
        "/api/audit-log",
    ] {
        let status = async |api: &Api| api.get(path).send().await.unwrap().status().as_u16();
        assert_eq!((status(&stranger).await, status(&ada_browser).await), (401, 403), "{path}");
        let expected = if path.ends_with("nobody") { 404 } else { 200 };
        assert_eq!(status(&boss_browser).await, expected, "{path}");
    }
    assert!(text(&stranger, "/administration").await.contains("/login?next=%2Fadministration"));
    assert!(text(&boss_browser, "/").await.contains("href=\"/administration\""));
    assert!(!text(&ada_browser, "/").await.contains("href=\"/administration\""));

    let filter = json!({"search": "", "kind": "all", "order": "name"});
    for (path, body) in [
        ("/fn/members", json!({"filter": filter})),
        ("/fn/member", json!({"name": "ada"})),
        ("/fn/change_account", json!({"name": "ada", "change": {"admin": true, "reason": ""}})),
        ("/fn/make_reset_link", json!({"name": "ada"})),
        ("/fn/audit_log", json!({})),
        ("/fn/audit_actors", json!({})),
        ("/api/user/ada/update", json!({"admin": true})),
        ("/api/user/boss/update", json!({"suspended": true})),
        ("/api/user/boss/reset-link", json!({})),
    ] {
        problem(stranger.post(path).json(&body).send().await.unwrap(), 401).await;
        problem(ada.post(path).json(&body).send().await.unwrap(), 403).await;
    }
    for form in ["/fn/set_administrator", "/fn/set_suspended"] {
        let fields = [("name", "ada"), ("admin", "true"), ("suspended", "true")];
        problem(stranger.post(form).form(&fields).send().await.unwrap(), 401).await;
        problem(ada.post(form).form(&fields).send().await.unwrap(), 403).await;
    }
    let link = "/administration/user/boss/reset-link";
    assert_eq!(stranger.post(link).send().await.unwrap().status(), 401);
    let refused = ada_browser.post(link).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(!refused.text().await.unwrap().contains("reset?token"));
    let log = expect(boss.get("/api/audit-log").send().await.unwrap(), 200).await;
    assert_eq!(log.as_array().unwrap().len(), 1, "nothing has been done but making an administrator: {log}");

    // A token that may only read reads the log and changes nothing.
    let reader = app.user_with("reader", Scope::Read).await;
    promote(&app.state.db, "reader").await;
    expect(reader.get("/api/audit-log/").send().await.unwrap(), 200).await;
    problem(update(&reader, "ada", json!({"admin": true})).await, 403).await;
    problem(reader.post("/api/user/ada/reset-link").send().await.unwrap(), 403).await;
}

#[tokio::test]
async fn accounts_are_changed_and_one_administrator_stays() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let token = boss(&app).await;
    let boss = signed_in(&app, "boss").await;
    problem(update(&token, "ada", json!({"admin": true})).await, 403).await;
    for change in [json!({"admin": false}), json!({"suspended": true})] {
        problem(update(&boss, "boss", change).await, 409).await;
    }
    problem(update(&boss, "ada", json!({"joined": 1})).await, 400).await;
    problem(update(&boss, "ada", json!({"suspended": true, "reason": "x".repeat(501)})).await, 400).await;
    problem(update(&boss, "nobody", json!({"admin": true})).await, 404).await;
    let ada = expect(update(&boss, "ada", json!({"admin": true})).await, 200).await;
    let keys = ["admin", "closed_at", "id", "joined", "pictures", "suspended_at"];
    assert_eq!(ada.as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    assert_eq!((&ada["id"], &ada["admin"]), (&json!("ada"), &json!(true)));
    expect(update(&token, "boss", json!({"admin": false})).await, 200).await;
    problem(update(&boss, "ada", json!({"admin": false})).await, 403).await;
    let found = expect(boss.get("/api/user/?search=DA").send().await.unwrap(), 200).await;
    assert_eq!(found, json!({"ada": {"admin": true}}));
}

#[tokio::test]
async fn a_reset_link_works_once() {
    let app = TestApp::start().await;
    let (ada, token_of_boss) = (app.user("ada").await, boss(&app).await);
    let (old, boss) = (signed_in(&app, "ada").await, signed_in(&app, "boss").await);
    for name in ["ada", "boss"] {
        problem(token_of_boss.post(&format!("/api/user/{name}/reset-link")).send().await.unwrap(), 403).await;
    }
    problem(boss.post("/api/user/nobody/reset-link").send().await.unwrap(), 404).await;
    let made = boss.post("/api/user/ada/reset-link").send().await.unwrap();
    assert_eq!(made.headers()["cache-control"], "no-store");
    let made = expect(made, 201).await;
    let url = made["url"].as_str().unwrap().to_owned();
    let lasts = made["expires_at"].as_i64().unwrap() - ocellus::server::context::now_s();
    assert!((86_000..=86_400).contains(&lasts), "{lasts}");
    let (page, token) = (url.strip_prefix(&app.url).unwrap(), url.split("token=").nth(1).unwrap());

    let browser = app.browser();
    let shown = browser.get(page).send().await.unwrap();
    assert_eq!(shown.status(), 200);
    // Other sites are told no more than where somebody comes from.
    assert_eq!(shown.headers()["referrer-policy"], "strict-origin-when-cross-origin");
    assert!(shown.text().await.unwrap().contains(">ada<"));
    let weak = send(&browser, "reset_password", page, &[("token", token), ("password", "password123")]).await;
    let back = weak.headers()["location"].to_str().unwrap().to_owned();
    let again = browser.client.get(&back).send().await.unwrap().text().await.unwrap();
    let beside = again.split("id=\"password-error\"").nth(1).unwrap().split("</p>").next().unwrap();
    assert!(beside.contains("common"), "{beside}");
    assert_eq!(status_of_writing(&old).await, 201, "nothing has changed yet");

    let set = send(&browser, "reset_password", page, &[("token", token), ("password", OTHER_PASSWORD)]).await;
    assert_eq!((set.status().as_u16(), set.headers()["location"].to_str().unwrap()), (302, "/"));
    assert!(text(&browser, "/").await.contains("Account: ada"));
    assert_eq!((status_of_writing(&browser).await, status_of_writing(&old).await), (201, 401));
    assert_eq!(status_of_writing(&ada).await, 201, "tokens stay");
    problem(login(&app.browser(), "ada", PASSWORD).await, 401).await;

    let form = [("token", token), ("password", PASSWORD)];
    let used = problem(app.browser().post("/fn/reset_password").form(&form).send().await.unwrap(), 404).await;
    assert!(used["detail"].as_str().unwrap().contains("used or has expired"), "{used}");
    let used = app.browser().get(page).send().await.unwrap();
    assert_eq!(used.status(), 404);
    assert!(used.text().await.unwrap().contains("has been used or has expired"));
    let log = expect(boss.get("/api/audit-log/?action=reset-link-made").send().await.unwrap(), 200).await;
    assert_eq!((&log[0]["actor"], &log[0]["subject"]), (&json!("boss"), &json!("user ada")));
    assert!(!log.to_string().contains(token));
}

#[tokio::test]
async fn a_reset_link_lets_nobody_in_who_is_suspended() {
    let app = TestApp::start().await;
    app.account("ada").await;
    boss(&app).await;
    let boss = signed_in(&app, "boss").await;
    let made = expect(boss.post("/api/user/ada/reset-link").send().await.unwrap(), 201).await;
    expect(update(&boss, "ada", json!({"suspended": true})).await, 200).await;
    problem(boss.post("/api/user/ada/reset-link").send().await.unwrap(), 409).await;
    let browser = app.browser();
    let form = [("token", made["url"].as_str().unwrap().split("token=").nth(1).unwrap()), ("password", OTHER_PASSWORD)];
    problem(browser.post("/fn/reset_password").form(&form).send().await.unwrap(), 404).await;
    assert_eq!(status_of_writing(&browser).await, 401);
    expect(update(&boss, "ada", json!({"suspended": false})).await, 200).await;
    expect(login(&browser, "ada", PASSWORD).await, 200).await;
}

#[tokio::test]
async fn reset_links_cannot_be_guessed_in_bulk() {
    let app = TestApp::start_with(|config| config.registrations_per_hour = 2).await;
    let form = [("token", "oc_guess"), ("password", OTHER_PASSWORD)];
    for status in [404, 404, 429] {
        problem(app.browser().post("/fn/reset_password").form(&form).send().await.unwrap(), status).await;
    }
}

#[tokio::test]
async fn forms_of_administrators_work_without_javascript() {
    let app = TestApp::start().await;
    app.account("ada").await;
    boss(&app).await;
    let browser = signed_in(&app, "boss").await;
    let page = "/administration/user/ada";
    let way = format!("href=\"{page}\"");
    assert!(text(&browser, "/user/ada").await.contains(&way));
    assert!(!text(&signed_in(&app, "ada").await, "/user/ada").await.contains(&way));
    let fields = [("name", "ada"), ("suspended", "true"), ("reason", "Spam & <more>.")];
    let done = send(&browser, "set_suspended", page, &fields).await;
    assert_eq!(done.headers()["location"], page);
    assert!(text(&browser, page).await.contains("Let in again"));
    assert!(text(&browser, "/administration?kind=suspended").await.contains("href=\"/administration/user/ada\""));
    assert!(!text(&browser, "/administration?kind=administrators").await.contains("href=\"/administration/user/ada\""));
    send(&browser, "set_suspended", page, &[("name", "ada")]).await;
    send(&browser, "set_administrator", page, &[("name", "ada"), ("admin", "true")]).await;
    assert!(text(&browser, page).await.contains("Take the role away"));
    send(&browser, "set_administrator", page, &[("name", "ada")]).await;

    // Why nothing was done stands in the form that was sent.
    let own = "/administration/user/boss";
    let refused = send(&browser, "set_administrator", own, &[("name", "boss")]).await;
    let back = refused.headers()["location"].to_str().unwrap().to_owned();
    let again = browser.client.get(&back).send().await.unwrap().text().await.unwrap();
    assert!(again.contains("The site needs an administrator"), "{back}");

    // The link is in the answer to the form, and nowhere else.
    let link = "/administration/user/ada/reset-link";
    let shown = browser.post(link).send().await.unwrap();
    assert_eq!((shown.status().as_u16(), shown.headers()["cache-control"].to_str().unwrap()), (200, "no-store"));
    assert!(shown.text().await.unwrap().contains(&format!("value=\"{}/reset?token=oc_", app.url)));
    assert!(!text(&browser, link).await.contains("reset?token"));
    assert_eq!(browser.post("/administration/user/nobody/reset-link").send().await.unwrap().status(), 404);
    let forged = browser.post(link).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(forged.status(), 403);

    let log = text(&browser, "/administration/log").await;
    for words in ["Spam &amp; &lt;more&gt;.", "User suspended", "User restored", "User promoted", "Reset link made"] {
        assert!(log.contains(words), "{words}");
    }
    let part = text(&browser, "/administration/log?actor=boss&action=user-suspended&limit=1").await;
    assert!(part.contains("1 entry") && part.contains("Spam"), "filters are in the address");
    assert!(text(&browser, "/administration/log?actor=-&limit=1").await.contains("1 entry"));
}

#[tokio::test]
async fn the_log_tells_what_was_done_to_what_is_anothers() {
    let app = TestApp::start().await;
    let (ada, boss) = (app.user("ada").await, boss(&app).await);
    let (others, own) = (ada.picture("theirs").await["id"].clone(), boss.picture("own").await["id"].clone());
    ada.object("Cat", &[]).await;
    ada.object("Dog", &[]).await;
    let gallery = ada.post("/api/new-gallery").json(&json!({"title": "Mine", "description": ""}));
    let gallery = expect(gallery.send().await.unwrap(), 201).await["id"].clone();
    for (path, body, status) in [
        ("/api/new-licence".to_owned(), json!({"id": "X-new", "title": "New", "free": true}), 201),
        ("/api/licence/X-new/update".to_owned(), json!({"title": "Newer", "free": true}), 200),
        ("/api/new-nature".to_owned(), json!({"id": "x-ray", "description": "Seen through."}), 201),
        ("/api/nature/x-ray/update".to_owned(), json!({"description": "Seen."}), 200),
        (format!("/api/picture/{own}/update"), json!({"title": "mine"}), 200),
        (format!("/api/picture/{others}/update"), json!({"title": "other"}), 200),
        ("/api/update-pictures".to_owned(), json!({"picture_ids": [own, others], "nature_id": "scan"}), 204),
        (format!("/api/gallery/{gallery}/edit"), json!({"title": "Ours"}), 200),
        (format!("/api/gallery/{gallery}/add-picture"), json!({"picture_id": own}), 200),
        (format!("/api/gallery/{gallery}/users/add"), json!({"username": "boss"}), 200),
        (format!("/api/gallery/{gallery}/remove-picture"), json!({"picture_id": own}), 200),
        (format!("/api/gallery/{gallery}/delete"), json!({}), 204),
        ("/api/object/Cat/update".to_owned(), json!({"description": "Purrs."}), 200),
        ("/api/object/Cat/update".to_owned(), json!({"id": "Felis"}), 200),
        ("/api/object/Felis/merge".to_owned(), json!({"into": "Dog"}), 200),
        (format!("/api/picture/{own}/delete"), json!({}), 204),
        (format!("/api/picture/{others}/delete"), json!({}), 204),
    ] {
        expect(boss.post(&path).json(&body).send().await.unwrap(), status).await;
    }
    let answer = boss.get("/api/audit-log/?actor=boss&limit=1000").send().await.unwrap();
    let total = answer.headers()["x-total-count"].to_str().unwrap().to_owned();
    let log = expect(answer, 200).await;
    let log: Vec<String> = log.as_array().unwrap().iter().rev().map(line).collect();
    assert_eq!(total, log.len().to_string());
    let expected = [
        "licence-added|licence X-new|New".to_owned(),
        "licence-changed|licence X-new|title".to_owned(),
        "nature-added|nature x-ray|".to_owned(),
        "nature-changed|nature x-ray|description".to_owned(),
        format!("picture-changed|picture {others}|of ada: title"),
        format!("picture-changed|picture {others}|of ada: nature"),
        format!("gallery-changed|gallery {gallery}|of ada: title"),
        format!("gallery-changed|gallery {gallery}|of ada: picture {own} added"),
        format!("gallery-changed|gallery {gallery}|of ada: user boss added"),
        format!("gallery-deleted|gallery {gallery}|of ada: “Ours”"),
        "object-renamed|object Cat|of ada: now Felis".to_owned(),
        "object-merged|object Felis|of ada: into Dog".to_owned(),
        format!("picture-deleted|picture {others}|of ada: “other”"),
    ];
    assert_eq!(log, expected);
    let part = expect(boss.get("/api/audit-log/?offset=1&limit=1").send().await.unwrap(), 200).await;
    assert_eq!(line(&part[0]), expected[11]);
    problem(boss.get("/api/audit-log/?action=nonsense").send().await.unwrap(), 400).await;
    problem(boss.get("/api/audit-log/?limit=0").send().await.unwrap(), 400).await;
}

fn line(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap().to_owned();
    format!("{}|{}|{}", text("action"), text("subject"), text("details"))
}
