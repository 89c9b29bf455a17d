//! Errors: one form for all, and never anything else.

use super::app::{TestApp, expect, problem};

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let app = TestApp::start().await;
    let api = app.anonymous();
    for path in ["/api", "/api/", "/api/nothing", "/api/picture/abc", "/api/picture/1/nothing", "/api/picture/99999"] {
        problem(api.get(path).send().await.unwrap(), 404).await;
    }
    let refused = api.post("/api/nature").send().await.unwrap();
    assert!(refused.headers()["allow"].to_str().unwrap().contains("GET"));
    problem(refused, 405).await;
    problem(api.get("/api/login").send().await.unwrap(), 405).await;
}

#[tokio::test]
async fn paths_answer_with_and_without_a_slash() {
    let app = TestApp::start().await;
    let api = app.anonymous();
    for path in ["/api/health", "/api/nature", "/api/licence", "/api/licence/MIT", "/api/object", "/api/user"] {
        let plain = expect(api.get(path).send().await.unwrap(), 200).await;
        let slashed = expect(api.get(&format!("{path}/")).send().await.unwrap(), 200).await;
        assert_eq!(plain, slashed);
    }
}

#[tokio::test]
async fn broken_bodies_are_named_not_answered_with_500() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (path, body) in [
        ("/api/login", ""),
        ("/api/login", "{"),
        ("/api/login", "[]"),
        ("/api/login", r#"{"username": "a", "password": "b", "admin": true}"#),
        ("/api/new-object", r#"{"id": 5}"#),
        ("/api/new-object", r#"{"id": ""}"#),
        ("/api/new-object", r#"{"id": "a/b"}"#),
    ] {
        let response = ada.post(path).header("content-type", "application/json").body(body).send().await.unwrap();
        problem(response, 400).await;
    }
}

#[tokio::test]
async fn a_problem_names_the_request_in_the_log() {
    let app = TestApp::start().await;
    let response = app.anonymous().get("/api/picture/7").send().await.unwrap();
    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert_eq!(problem(response, 404).await["instance"], id);
}

#[tokio::test]
async fn every_documented_path_exists() {
    let app = TestApp::start().await;
    let api = app.anonymous();
    let document = expect(api.get("/api/openapi.json").send().await.unwrap(), 200).await;
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 15);
    for (path, methods) in paths {
        let concrete =
            path.replace("{id}", "1").replace("{name}", "x").replace("{path}", "x").replace("{picture}", "1");
        for method in methods.as_object().unwrap().keys() {
            let method = reqwest::Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let response = api.client.request(method.clone(), format!("{}{concrete}", app.url)).send().await.unwrap();
            let status = response.status().as_u16();
            let documented = &document["paths"][path][method.as_str().to_lowercase()]["responses"];
            assert!(documented[status.to_string()].is_object(), "{method} {path} answered {status}");
            if status == 404 {
                let detail = problem(response, 404).await["detail"].as_str().unwrap().to_owned();
                assert!(
                    !detail.contains("nothing at this address"),
                    "{method} {path} is documented but does not exist"
                );
            }
        }
    }
    let page = api.get("/api/docs").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("/api/query-pictures"));
}

#[tokio::test]
async fn bodies_that_are_too_large_are_named_so_everywhere() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let picture = ada.picture("one").await;
    let path = format!("/api/picture/{}/annotations", picture["id"]);
    let large = format!("[{}]", " ".repeat(32_500_000));
    for request in [ada.post("/fn/save_annotations"), ada.put(&path)] {
        let request = request.header("content-type", "application/json").body(large.clone());
        problem(request.send().await.unwrap(), 413).await;
    }
    // As large as may be, and read off the async threads.
    let request =
        ada.put(&path).header("content-type", "application/json").body(format!("[{}]", " ".repeat(1_000_000)));
    expect(request.send().await.unwrap(), 200).await;
}

#[tokio::test]
async fn a_site_that_stops_closes_its_database() {
    let mut app = TestApp::start().await;
    expect(app.anonymous().get("/api/health").send().await.unwrap(), 200).await;
    app.stop().await;
    assert!(app.state.db.ping().await.is_err());
    // The last connection of SQLite puts the log back into the database.
    assert!(!app.state.config.data_dir.join("test.sqlite-wal").exists());
}
