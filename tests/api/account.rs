//! Looking after one's own account: password, sessions, tokens, the end.

use super::app::{Api, PASSWORD, TestApp, expect, problem};
use crate::support::{promote, user};
use ocellus::server::store::tokens::Scope;
use reqwest::Response;
use serde_json::{Value, json};

const OTHER: &str = "drei Gurken im Regen";

/// A browser in which somebody is signed in.
async fn signed_in(app: &TestApp, name: &str, password: &str) -> Api {
    let browser = app.browser();
    let body = json!({"username": name, "password": password});
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    expect(browser.post("/api/login").header("user-agent", agent).json(&body).send().await.unwrap(), 200).await;
    browser
}

async fn call(api: &Api, name: &str, form: &[(&str, &str)]) -> Response {
    api.post(&format!("/fn/{name}")).form(form).send().await.unwrap()
}

async fn overview(api: &Api, status: u16) -> Value {
    expect(api.post("/fn/account_overview").json(&json!({})).send().await.unwrap(), status).await
}

/// The status of something that only a signed-in user may do.
async fn writes(api: &Api, object: &str) -> u16 {
    api.post("/api/new-object").json(&json!({"id": object})).send().await.unwrap().status().as_u16()
}

fn with_token(app: &TestApp, token: &str) -> Api {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("authorization", format!("Bearer {token}").parse().unwrap());
    Api { url: app.url.clone(), client: reqwest::Client::builder().default_headers(headers).build().unwrap() }
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let (here, there) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "ada", PASSWORD).await);
    let form = [("name", "script"), ("scope", "write"), ("lifetime", "30")];
    let token = expect(call(&here, "make_token", &form).await, 200).await;
    let script = with_token(&app, token.as_str().unwrap());

    for (current, password, fields) in [
        ("wrong wrong wrong", OTHER, vec!["current_password"]),
        ("wrong wrong wrong", "short", vec!["current_password", "password"]),
        (PASSWORD, "ada and three others", vec!["password"]),
        (PASSWORD, PASSWORD, vec!["password"]),
    ] {
        let form = [("current_password", current), ("password", password)];
        let refused = problem(call(&here, "change_password", &form).await, 400).await;
        let named: Vec<_> = refused["errors"].as_array().unwrap().iter().map(|e| e["field"].clone()).collect();
        assert_eq!(named, fields, "{refused}");
    }
    assert_eq!(writes(&there, "Cat").await, 201, "a refusal ends nothing");

    let form = [("current_password", PASSWORD), ("password", OTHER)];
    let changed = call(&here, "change_password", &form).await;
    assert!(changed.headers().contains_key("set-cookie"), "the session has another id");
    expect(changed, 200).await;
    assert_eq!(writes(&there, "Dog").await, 401);
    assert_eq!(writes(&here, "Dog").await, 201);
    assert_eq!(writes(&script, "Fox").await, 201, "tokens go on");
    assert_eq!(overview(&here, 200).await["sessions"].as_array().unwrap().len(), 1);
    let body = json!({"username": "ada", "password": PASSWORD});
    problem(app.browser().post("/api/login").json(&body).send().await.unwrap(), 401).await;

    let form = [("current_password", OTHER), ("password", PASSWORD), ("revoke_tokens", "true")];
    expect(call(&here, "change_password", &form).await, 200).await;
    assert_eq!(writes(&script, "Owl").await, 401);
}

#[tokio::test]
async fn guessing_the_present_password_is_slowed_down() {
    let app = TestApp::start_with(|config| config.logins_per_minute = 3).await;
    app.account("ada").await;
    let here = signed_in(&app, "ada", PASSWORD).await;
    let form = [("current_password", "wrong wrong wrong"), ("password", OTHER)];
    for status in [400, 400, 429] {
        problem(call(&here, "change_password", &form).await, status).await;
    }
    let form = [("password", "wrong wrong wrong"), ("pictures", "delete")];
    problem(call(&here, "close_account", &form).await, 429).await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let app = TestApp::start().await;
    app.account("ada").await;
    app.account("bob").await;
    let (here, there) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "ada", PASSWORD).await);
    let his = signed_in(&app, "bob", PASSWORD).await;
    let list = overview(&here, 200).await["sessions"].clone();
    let current: Vec<bool> = list.as_array().unwrap().iter().map(|one| one["current"].as_bool().unwrap()).collect();
    assert_eq!(current.iter().filter(|current| **current).count(), 1, "{list}");
    assert_eq!(current.len(), 2, "{list}");
    assert!(list[0]["client"] == "Firefox on Linux" && list[0]["seen_at"].is_number(), "{list}");
    // Nobody ends another one's.
    let other = list.as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    let id = other["id"].as_str().unwrap();
    expect(call(&his, "end_session", &[("id", id)]).await, 200).await;
    assert_eq!(writes(&there, "Cat").await, 201);
    expect(call(&here, "end_session", &[("id", id)]).await, 200).await;
    assert_eq!(writes(&there, "Dog").await, 401);
    assert_eq!(writes(&here, "Dog").await, 201);

    let again = signed_in(&app, "ada", PASSWORD).await;
    expect(call(&here, "end_other_sessions", &[]).await, 200).await;
    assert_eq!(writes(&again, "Fox").await, 401);
    assert_eq!(writes(&here, "Fox").await, 201);
    assert_eq!(writes(&his, "Owl").await, 201);
}

#[tokio::test]
async fn a_token_is_made_used_and_revoked() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let here = signed_in(&app, "ada", PASSWORD).await;
    for (form, field) in [
        ([("name", " "), ("scope", "read"), ("lifetime", "30")], "name"),
        ([("name", "x"), ("scope", "read"), ("lifetime", "31")], "lifetime"),
    ] {
        let refused = problem(call(&here, "make_token", &form).await, 400).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    problem(call(&here, "make_token", &[("name", "x"), ("scope", "all"), ("lifetime", "30")]).await, 400).await;
    let made = call(&here, "make_token", &[("name", "reader"), ("scope", "read"), ("lifetime", "never")]).await;
    assert!(!made.headers().contains_key("set-cookie"), "a script gets it in the answer only");
    let made = expect(made, 200).await;
    let reader = with_token(&app, made.as_str().unwrap());
    expect(reader.get("/api/object").send().await.unwrap(), 200).await;
    assert_eq!(writes(&reader, "Cat").await, 403);

    let mut list = Value::Null;
    // Its use is written down beside the answer.
    for _ in 0..1000 {
        list = overview(&here, 200).await["tokens"].clone();
        if list[0]["last_used_at"].is_number() {
            break;
        }
    }
    assert_eq!(
        (&list[0]["name"], &list[0]["scope"], &list[0]["expires_at"]),
        (&json!("reader"), &json!("read"), &Value::Null)
    );
    assert!(list[0]["last_used_at"].is_number(), "{list}");
    assert!(!list.to_string().contains(made.as_str().unwrap()));
    let id = list[0]["id"].to_string();
    expect(call(&here, "revoke_token", &[("id", &id)]).await, 200).await;
    problem(reader.get("/api/object").send().await.unwrap(), 401).await;
}

#[tokio::test]
async fn reading_with_a_token_waits_for_no_writer() {
    let app = TestApp::start().await;
    let reader = app.user_with("reader", Scope::Read).await;
    // The token is used for the first time while somebody holds the one connection that writes.
    let answer = app.state.db.write(|held| {
        let request = reader.get("/api/object").send();
        async move {
            let answer = request.await.unwrap();
            drop(held);
            Ok(answer)
        }
    });
    expect(answer.await.unwrap(), 200).await;
}

#[tokio::test]
async fn a_token_does_not_look_after_the_account() {
    let app = TestApp::start().await;
    let script = app.user("ada").await;
    overview(&script, 403).await;
    for (name, form) in [
        ("make_token", vec![("name", "x"), ("scope", "write"), ("lifetime", "never")]),
        ("change_password", vec![("current_password", PASSWORD), ("password", OTHER)]),
        ("end_other_sessions", vec![]),
        ("close_account", vec![("password", PASSWORD), ("pictures", "delete")]),
    ] {
        problem(call(&script, name, &form).await, 403).await;
        problem(call(&app.browser(), name, &form).await, 401).await;
    }
    assert_eq!(writes(&script, "Cat").await, 201);
}

#[tokio::test]
async fn a_token_is_shown_once_without_javascript() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let here = signed_in(&app, "ada", PASSWORD).await;
    let form = [("name", "plain"), ("scope", "write"), ("lifetime", "365")];
    let page = format!("{}/account/token", app.url);
    let request = here.post("/fn/make_token").header("accept", "text/html").header("referer", &page).form(&form);
    let made = request.send().await.unwrap();
    assert_eq!(made.status(), 302);
    assert_eq!(made.headers()["location"].to_str().unwrap().trim_end_matches('?'), page);
    let cookie =
        made.headers().get_all("set-cookie").iter().find_map(|value| value.to_str().ok()?.split_once("token="));
    let (_, attributes) = cookie.unwrap();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/account/token", "Max-Age=300"] {
        assert!(attributes.contains(part), "{attributes}");
    }
    let secret = attributes.split(';').next().unwrap();
    // No other page gets it.
    assert!(!here.get("/account").send().await.unwrap().text().await.unwrap().contains(secret));
    let shown = here.get("/account/token").send().await.unwrap();
    assert_eq!(shown.headers()["cache-control"], "no-store");
    assert!(shown.text().await.unwrap().contains(secret));
    assert_eq!(writes(&with_token(&app, secret), "Cat").await, 201);
    let again = here.get("/account/token").send().await.unwrap().text().await.unwrap();
    assert!(!again.contains(secret) && again.contains("Make the token"));
    // What somebody else puts there is not shown.
    let body = json!({"username": "ada", "password": PASSWORD});
    let login = app.browser().post("/api/login").json(&body).send().await.unwrap();
    let session = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let planted = format!("{session}; ocellus-new-token=oc_planted");
    let page = app.anonymous().get("/account/token").header("cookie", planted).send().await.unwrap();
    let page = page.text().await.unwrap();
    assert!(!page.contains("oc_planted") && page.contains("Make the token"));
}

#[tokio::test]
async fn a_closed_account_is_shut() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let (here, there) = (signed_in(&app, "ada", PASSWORD).await, signed_in(&app, "ada", PASSWORD).await);
    let form = [("name", "script"), ("scope", "write"), ("lifetime", "never")];
    let made = expect(call(&here, "make_token", &form).await, 200).await;
    let script = with_token(&app, made.as_str().unwrap());
    let picture = script.picture("Leaving").await;
    let id = picture["id"].to_string();

    for (form, field) in [
        ([("password", "wrong wrong wrong"), ("pictures", "name"), ("attribution", "")], "password"),
        ([("password", PASSWORD), ("pictures", "attribution"), ("attribution", " ")], "attribution"),
        ([("password", PASSWORD), ("pictures", "burn"), ("attribution", "")], "pictures"),
    ] {
        let refused = problem(call(&here, "close_account", &form).await, 400).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    promote(&app.state.db, "ada").await;
    let form = [("password", PASSWORD), ("pictures", "attribution"), ("attribution", "Ada Lovelace")];
    let refused = problem(call(&here, "close_account", &form).await, 409).await;
    assert!(refused["detail"].as_str().unwrap().contains("administrator"), "{refused}");
    user(&app.state.db, "keeper").await;
    promote(&app.state.db, "keeper").await;

    expect(call(&here, "close_account", &form).await, 200).await;
    for client in [&here, &there, &script] {
        assert_eq!(writes(client, "Cat").await, 401);
    }
    overview(&here, 401).await;
    problem(script.get("/api/object").send().await.unwrap(), 401).await;
    let body = json!({"username": "ada", "password": PASSWORD});
    problem(app.browser().post("/api/login").json(&body).send().await.unwrap(), 401).await;

    let api = app.anonymous();
    let kept = expect(api.get(&format!("/api/picture/{id}")).send().await.unwrap(), 200).await;
    let name = kept["author"].as_str().unwrap().to_owned();
    assert!(name.starts_with("deleted-") && kept["attribution"] == "Ada Lovelace", "{kept}");
    let body = json!({"username": name, "password": "closed"});
    problem(app.browser().post("/api/login").json(&body).send().await.unwrap(), 401).await;
    let user = expect(api.get(&format!("/api/user/{name}")).send().await.unwrap(), 200).await;
    assert_eq!((&user["closed"], &user["pictures"]), (&json!(true), &json!(1)));
    assert_eq!(expect(api.get("/api/user").send().await.unwrap(), 200).await.as_object().unwrap().len(), 1);
    for (path, words) in [(format!("/picture/{id}"), "by Ada Lovelace"), (format!("/user/{name}"), "Closed account")] {
        let html = api.get(&path).send().await.unwrap().text().await.unwrap();
        assert!(html.contains(words), "{path} lacks {words}");
    }
}

#[tokio::test]
async fn people_see_what_somebody_has_done() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let id = ada.picture("Drawn on").await["id"].to_string();
    let gallery = json!({"title": "Hers", "description": ""});
    expect(ada.post("/api/new-gallery").json(&gallery).send().await.unwrap(), 201).await;
    for x in [0.1, 0.2] {
        let regions = json!([{"type": "point", "shape": {"x": x, "y": 0.5}, "object": "Cat"}]);
        let path = format!("/api/picture/{id}/annotations");
        expect(ada.post(&path).json(&regions).send().await.unwrap(), 200).await;
    }
    let api = app.anonymous();
    let user = expect(api.get("/api/user/ada").send().await.unwrap(), 200).await;
    for (key, value) in [("pictures", 1), ("galleries", 1), ("regions", 1), ("annotated", 1)] {
        assert_eq!(user[key], value, "{key}: {user}");
    }
    let response = api.get("/api/user/ada/contributions?limit=1").send().await.unwrap();
    assert_eq!(response.headers()["x-total-count"], "2");
    let newest = expect(response, 200).await;
    assert_eq!((&newest[0]["picture"].to_string(), &newest[0]["revision"]), (&id, &json!(2)));
    problem(api.get("/api/user/nobody/contributions").send().await.unwrap(), 404).await;
    problem(api.get("/api/user/ada/contributions?limit=0").send().await.unwrap(), 400).await;
    let hers = expect(api.get("/api/gallery?owner=ada").send().await.unwrap(), 200).await;
    assert_eq!(hers.as_array().unwrap().len(), 1);
    assert_eq!(expect(api.get("/api/gallery?owner=bob").send().await.unwrap(), 200).await, json!([]));
    for (path, words) in [
        ("/user/ada", vec!["Hers", "Contributions", "1 region drawn", "1 added"]),
        ("/user/ada/contributions?limit=1", vec!["2 saves", "/user/ada/contributions?limit=1&amp;offset=1"]),
        ("/galleries?owner=ada", vec!["Hers", "/user/ada"]),
    ] {
        let html = api.get(path).send().await.unwrap().text().await.unwrap();
        for word in words {
            assert!(html.contains(word), "{path} lacks {word}");
        }
    }
}
