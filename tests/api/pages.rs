//! Pages as the server renders them, for people and programs without JavaScript.

use super::app::{PASSWORD, TestApp, expect, problem};
use serde_json::json;

#[tokio::test]
async fn pages_are_whole_without_javascript() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat", &[]).await;
    let picture = ada
        .picture_with(
            json!({"title": "Tom & <Jerry>", "nature": "photo", "licence": ["CC-BY-4.0"],
                   "annotations": [{"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Cat"}]}),
            super::app::png(64, 48, 1),
        )
        .await;
    let saved = json!({"title": "Cats & dogs", "query": "want:\n  - has: Cat\n", "public": true});
    expect(ada.post("/api/new-saved-query").json(&saved).send().await.unwrap(), 201).await;
    let id = &picture["id"];
    for (path, words) in [
        ("/".to_owned(), vec!["Tom &amp; &lt;Jerry"]),
        (format!("/picture/{id}"), vec!["Tom &amp; &lt;Jerry", "CC-BY-4.0", "Cat", "ada"]),
        (format!("/picture/{id}/annotate"), vec!["Annotation canvas", "Cat"]),
        ("/query?query=want%3A%0A-%20has%3A%20Cat".to_owned(), vec!["Tom &amp; &lt;Jerry"]),
        ("/objects".to_owned(), vec!["Cat"]),
        ("/object/Cat".to_owned(), vec!["Cat", "Tom &amp; &lt;Jerry"]),
        ("/objects?top=true&limit=5".to_owned(), vec!["Cat"]),
        ("/objects?search=caat".to_owned(), vec!["Cat"]),
        ("/objects/import".to_owned(), vec!["What it may look like"]),
        ("/licences".to_owned(), vec!["CC0-1.0"]),
        ("/licences?limit=2".to_owned(), vec!["CC0-1.0", "/licences?limit=2&amp;offset=2"]),
        ("/natures".to_owned(), vec!["computer-3d-art"]),
        ("/nature/photo".to_owned(), vec!["camera", "Tom &amp; &lt;Jerry"]),
        ("/licence/CC-BY-4.0".to_owned(), vec!["creativecommons.org"]),
        ("/user/ada".to_owned(), vec!["Tom &amp; &lt;Jerry", "Cats &amp; dogs"]),
        ("/galleries".to_owned(), vec![]),
        ("/queries".to_owned(), vec!["Cats &amp; dogs", "/query?query=want%3A%0A%20%20-%20has%3A%20Cat%0A"]),
        ("/queries?owner=bob".to_owned(), vec!["No saved queries"]),
        ("/help".to_owned(), vec!["has_object"]),
        ("/login".to_owned(), vec!["type=\"password\""]),
        ("/register".to_owned(), vec!["type=\"password\""]),
        ("/upload".to_owned(), vec![]),
    ] {
        let response = app.anonymous().get(&path).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'self' 'nonce-"), "{policy}");
        assert_eq!(response.status(), 200, "{path}");
        let html = response.text().await.unwrap();
        for word in words {
            assert!(html.contains(word), "{path} lacks {word}");
        }
        assert!(html.contains("<main") && html.contains("<title>"), "{path}");
    }
}

#[tokio::test]
async fn what_is_asked_before_deleting_a_picture_can_be_cancelled() {
    let app = TestApp::start().await;
    let picture = app.user("ada").await.picture("Alone").await;
    let browser = app.browser();
    let login = json!({"username": "ada", "password": PASSWORD});
    expect(browser.post("/api/login").json(&login).send().await.unwrap(), 200).await;
    let path = format!("/picture/{}", picture["id"]);
    // Without the marks by which the browser's half finds its place.
    let shown = async |path: &str| browser.get(path).send().await.unwrap().text().await.unwrap().replace("<!>", "");
    let html = shown(&path).await;
    let dialog = html.split("id=\"delete-picture\"").nth(1).unwrap().split("</dialog>").next().unwrap();
    assert!(dialog.contains("<p>Nothing else hangs on it.</p>"), "{dialog}");
    assert!(dialog.contains(">Cancel</button>"), "{dialog}");
    let html = shown(&format!("{path}?form=delete")).await;
    let question = html.split("aria-labelledby=\"delete\"").nth(1).unwrap();
    let cancel = question.split("<a ").find(|link| link.contains(">Cancel</a>")).unwrap();
    assert!(cancel.contains(&format!("href=\"{path}\"")), "{cancel}");
}

#[tokio::test]
async fn titles_are_text_and_never_markup() {
    let app = TestApp::start().await;
    let title = "</title><meta http-equiv=refresh content='0;url=https://evil.example'>";
    let picture = app.user("ada").await.picture(title).await;
    for path in [format!("/picture/{}", picture["id"]), format!("/picture/{}/annotate", picture["id"])] {
        let html = app.anonymous().get(&path).send().await.unwrap().text().await.unwrap();
        assert!(html.contains("&lt;/title&gt;"), "{path}");
        assert!(!html.contains("<meta http-equiv=refresh"), "{path}");
    }
}

#[tokio::test]
async fn missing_pages_say_404() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/picture/77",
        "/picture/x",
        "/object/Unicorn",
        "/licence/NONE",
        "/nature/none",
        "/user/nobody",
        "/gallery/7",
    ] {
        let response = app.anonymous().get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        assert!(response.text().await.unwrap().contains("<main"), "{path}");
    }
    expect(app.anonymous().post("/nothing").send().await.unwrap(), 405).await;
}

#[tokio::test]
async fn forms_work_without_javascript() {
    let app = TestApp::start().await;
    app.account("ada").await;
    let browser = app.browser();
    let send = |form: &[(&str, &str)]| {
        let form: Vec<(String, String)> = form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        browser
            .post("/fn/login")
            .header("accept", "text/html")
            .header("referer", format!("{}/login", app.url))
            .form(&form)
            .send()
    };
    let refused = send(&[("username", "ada"), ("password", "wrong wrong wrong")]).await.unwrap();
    assert_eq!(refused.status(), 302);
    let back = refused.headers()["location"].to_str().unwrap().to_owned();
    assert!(back.contains("/login?") && back.contains("__err"), "{back}");
    let page = browser.client.get(&back).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("he username or the password is wrong"), "the page repeats the reason");
    let form = [("username", "ada"), ("password", PASSWORD), ("next", "/objects")];
    let accepted = send(&form).await.unwrap();
    assert_eq!(accepted.headers()["location"], "/objects");
    assert!(browser.get("/").send().await.unwrap().text().await.unwrap().contains("Sign out"));
    // Somebody else's site is never gone on to.
    let form = [("username", "ada"), ("password", PASSWORD), ("next", "//evil.example")];
    assert_eq!(send(&form).await.unwrap().headers()["location"], "/");
}

#[tokio::test]
async fn server_functions_answer_with_the_right_status() {
    let app = TestApp::start().await;
    let api = app.anonymous();
    problem(api.post("/fn/picture").json(&json!({"id": 77})).send().await.unwrap(), 404).await;
    problem(api.post("/fn/picture").json(&json!({"id": "x"})).send().await.unwrap(), 400).await;
    problem(api.post("/fn/nothing").json(&json!({})).send().await.unwrap(), 404).await;
    let object = json!({"id": "Cat", "description": "", "parents": []});
    problem(api.post("/fn/create_object").json(&object).send().await.unwrap(), 401).await;
}
