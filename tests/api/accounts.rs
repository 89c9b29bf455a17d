//! Who is asking: cookies, tokens, forged requests, the first account.

use super::app::{PASSWORD, TestApp, expect, hidden, problem};
use ocellus::server::accounts::setup_link;
use ocellus::server::auth::passwords;
use ocellus::server::store::tokens::Scope;
use ocellus::server::store::users;
use serde_json::json;

#[tokio::test]
async fn signing_in_gives_a_cookie_and_signing_out_takes_it() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let browser = app.browser();
    let body = json!({"username": "ada", "password": PASSWORD});
    let response = browser.post("/api/login").json(&body).send().await.unwrap();
    let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "the test site has no TLS: {cookie}");
    assert_eq!(expect(response, 200).await, json!({"username": "ada", "admin": false}));
    // A second sign-in gives a new id.
    let again = browser.post("/api/login").json(&body).send().await.unwrap();
    assert_ne!(again.headers()["set-cookie"].to_str().unwrap().split(';').next(), cookie.split(';').next());
    expect(browser.post("/api/new-object").json(&json!({"id": "Cat"})).send().await.unwrap(), 201).await;
    expect(browser.post("/api/logout").send().await.unwrap(), 204).await;
    problem(browser.post("/api/new-object").json(&json!({"id": "Dog"})).send().await.unwrap(), 401).await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_look_the_same() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let api = app.anonymous();
    let mut details = Vec::new();
    for (username, password) in [("ada", "wrong wrong wrong"), ("nobody", PASSWORD), ("", "")] {
        let body = json!({"username": username, "password": password});
        let answer = problem(api.post("/api/login").json(&body).send().await.unwrap(), 401).await;
        details.push(answer["detail"].clone());
    }
    assert!(details.windows(2).all(|pair| pair[0] == pair[1]), "{details:?}");
}

#[tokio::test]
async fn too_many_tries_are_refused_for_a_while() {
    let app = TestApp::start_with(|config| config.logins_per_minute = 3).await;
    let api = app.anonymous();
    let body = json!({"username": "ada", "password": "wrong wrong wrong"});
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let response = api.post("/api/login").json(&body).send().await.unwrap();
        if response.status() == 429 {
            assert!(response.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
        }
        statuses.push(response.status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
}

#[tokio::test]
async fn a_cookie_needs_the_right_origin() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let browser = app.browser();
    let body = json!({"username": "ada", "password": PASSWORD});
    let login = browser.post("/api/login").json(&body).send().await.unwrap();
    let cookie = login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let api = app.anonymous();
    for (name, value, status) in [
        ("origin", app.url.as_str(), 201),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-origin", 409),
        ("x-nothing", "x", 403),
    ] {
        let request = api.post("/api/new-object").header("cookie", &cookie).header(name, value);
        expect(request.json(&json!({"id": "Cat"})).send().await.unwrap(), status).await;
    }
    // Reading needs none.
    expect(api.get("/api/object").header("cookie", &cookie).send().await.unwrap(), 200).await;
    // A form elsewhere cannot sign anybody in, either.
    let forged = api.post("/api/login").header("origin", "https://evil.example").json(&body).send().await.unwrap();
    problem(forged, 403).await;
}

#[tokio::test]
async fn tokens_have_scopes() {
    let app = TestApp::start().await;
    let reader = app.user_with("ada", Scope::Read).await;
    expect(reader.get("/api/object").send().await.unwrap(), 200).await;
    problem(reader.post("/api/new-object").json(&json!({"id": "Cat"})).send().await.unwrap(), 403).await;
    let api = app.anonymous();
    for value in ["Bearer wrong", "Bearer", "Basic YTpi", ""] {
        let request = api.get("/api/object").header("authorization", value);
        problem(request.send().await.unwrap(), 401).await;
    }
}

#[tokio::test]
async fn registering_tells_all_that_is_wrong_at_once() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let browser = app.browser();
    let page = browser.get("/register").send().await.unwrap().text().await.unwrap();
    let challenge = hidden(&page, "challenge");
    let form = [("username", "E v"), ("password", "password12"), ("challenge", &challenge), ("answer", "zzz")];
    let form: Vec<(&str, &str)> = form.into_iter().chain([("website", ""), ("next", "/")]).collect();
    let refusal = problem(browser.post("/fn/register").form(&form).send().await.unwrap(), 400).await;
    let errors = refusal["errors"].as_array().unwrap();
    let fields: Vec<&str> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(fields, ["username", "password", "answer"], "{refusal}");

    // Without JavaScript the form comes back with a new question and says so.
    assert!(!page.contains("new question"), "{page}");
    let request = browser.post("/fn/register").header("accept", "text/html");
    let back = request.header("referer", format!("{}/register", app.url)).form(&form).send().await.unwrap();
    let address = back.headers()["location"].to_str().unwrap().to_owned();
    let again = browser.client.get(&address).send().await.unwrap().text().await.unwrap();
    assert!(again.contains("This is a new question."), "{again}");
    assert_ne!(hidden(&again, "challenge"), challenge);
}

#[tokio::test]
async fn the_first_account_is_made_through_the_link_and_only_once() {
    let app = TestApp::start().await;
    let link = setup_link(&app.state).await.unwrap().unwrap();
    let token = link.split("token=").nth(1).unwrap().to_owned();
    let browser = app.browser();
    // Until then nobody is asked for a password that there cannot be, and every way leads to the page for the first account.
    let early =
        browser.post("/api/login").json(&json!({"username": "ada", "password": PASSWORD})).send().await.unwrap();
    assert!(problem(early, 401).await["detail"].as_str().unwrap().contains("nobody has an account here yet"));
    for page in ["/login", "/register"] {
        let html = browser.get(page).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("href=\"/setup\"") && !html.contains("No account yet?"), "{page}");
    }
    let form = |token: &str, password: &str| {
        [("token", token.to_owned()), ("username", "ada".to_owned()), ("password", password.to_owned())]
    };
    let send = |form: [(&'static str, String); 3]| browser.post("/fn/first_account").form(&form).send();
    problem(send(form("wrong", PASSWORD)).await.unwrap(), 403).await;
    problem(send(form(&token, "short")).await.unwrap(), 400).await;
    expect(send(form(&token, PASSWORD)).await.unwrap(), 200).await;
    problem(send(form(&token, PASSWORD)).await.unwrap(), 403).await;
    let user = expect(browser.get("/api/user/ada").send().await.unwrap(), 200).await;
    assert_eq!(user["admin"], true);
    assert!(setup_link(&app.state).await.unwrap().is_none());
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_of_the_old_one() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let (thief, other) = (app.browser(), app.browser());
    let body = json!({"username": "ada", "password": PASSWORD});
    expect(thief.post("/api/login").json(&body).send().await.unwrap(), 200).await;
    expect(thief.post("/api/new-object").json(&json!({"id": "Cat"})).send().await.unwrap(), 201).await;
    let hash = passwords::hash("drei Gurken im Regen").await.unwrap();
    users::set_password(&app.state.db, "ada", &hash).await.unwrap();
    problem(thief.post("/api/new-object").json(&json!({"id": "Dog"})).send().await.unwrap(), 401).await;
    let body = json!({"username": "ada", "password": "drei Gurken im Regen"});
    expect(other.post("/api/login").json(&body).send().await.unwrap(), 200).await;
    expect(other.post("/api/new-object").json(&json!({"id": "Dog"})).send().await.unwrap(), 201).await;
}

#[tokio::test]
async fn links_to_the_first_account_cannot_be_guessed_in_bulk() {
    let app = TestApp::start_with(|config| config.registrations_per_hour = 2).await;
    let browser = app.browser();
    let form = [("token", "oc_guess"), ("username", "ada"), ("password", PASSWORD)];
    for status in [403, 403, 429] {
        problem(browser.post("/fn/first_account").form(&form).send().await.unwrap(), status).await;
    }
}
