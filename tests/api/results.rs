//! Over HTTP: lists of results as files, and saved queries.

use super::app::{Api, TestApp, expect, problem};
use serde_json::{Value, json};

async fn file(api: &Api, parameters: &str, query: &str) -> (reqwest::header::HeaderMap, String) {
    let request = api.post(&format!("/api/query-download?{parameters}")).header("content-type", "text/plain");
    let response = request.body(query.to_owned()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    (response.headers().clone(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_whole_list_is_downloaded_in_every_form() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Cat; big", &[]).await;
    ada.object("Dog", &[]).await;
    let first = ada.picture("=HYPERLINK(\"http://evil.example\")").await;
    let regions = json!([{"type": "point", "shape": {"x": 0.1, "y": 0.5}, "object": "Dog"},
                         {"type": "point", "shape": {"x": 0.2, "y": 0.5}, "object": "Dog"},
                         {"type": "point", "shape": {"x": 0.3, "y": 0.5}, "object": "Cat; big"}]);
    expect(ada.put(&format!("/api/picture/{}/annotations", first["id"])).json(&regions).send().await.unwrap(), 200)
        .await;
    ada.picture("a, \"quoted\"\nÜnique").await;

    let (headers, text) =
        file(&ada, "format=csv&ordering=date-asc&columns=title,objects,region_count,replaces", "").await;
    assert_eq!(
        text,
        "title,objects,region_count,replaces\r\n\
         \"'=HYPERLINK(\"\"http://evil.example\"\")\",Dog;Cat; big,3,\r\n\
         \"a, \"\"quoted\"\"\nÜnique\",,0,\r\n"
    );
    assert_eq!(headers["x-total-count"], "2");
    assert_eq!(headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(headers["content-disposition"], "attachment; filename=\"pictures.csv\"");

    let (_, text) = file(&ada, "format=jsonl&ordering=date-asc&columns=id,regions,page", "").await;
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["regions"][2]["object"], "Cat; big");
    assert_eq!(lines[0]["page"], json!(format!("{}/picture/{}", app.url, first["id"])));
    assert_eq!(lines[1].as_object().unwrap().len(), 3);

    // Without chosen columns the list is what the query answers.
    let (_, text) = file(&ada, "", "want:\n- has: Dog\n").await;
    let found =
        expect(ada.post("/api/query-pictures").json(&json!({"want": [{"has": "Dog"}]})).send().await.unwrap(), 200)
            .await;
    let mut whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole[0].as_object_mut().unwrap().remove("attribution"), Some(Value::Null));
    assert_eq!(whole, found);
    let (_, nothing) = file(&ada, "", "want:\n- title: nowhere\n").await;
    assert_eq!(serde_json::from_str::<Value>(&nothing).unwrap(), json!([]));
    let (_, nothing) = file(&ada, "format=csv&columns=id", "want:\n- title: nowhere\n").await;
    assert_eq!(nothing, "id\r\n");
}

#[tokio::test]
async fn many_pictures_come_in_order_and_faults_before_the_file() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let one = ada.picture("picture").await;
    for _ in 0..450 {
        expect(ada.post(&format!("/api/picture/{}/copy", one["id"])).send().await.unwrap(), 201).await;
    }
    for format in ["json", "jsonl"] {
        let (_, text) = file(&ada, &format!("format={format}&ordering=random&seed=3&columns=id"), "").await;
        let rows: Vec<Value> = match format {
            "json" => serde_json::from_str(&text).unwrap(),
            _ => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        };
        let listed = ada.get("/api/query-pictures?ordering=random&seed=3&limit=1000").send().await.unwrap();
        let listed = expect(listed, 200).await;
        let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!(ids(&rows), ids(listed.as_array().unwrap()));
        assert_eq!(rows.len(), 451);
    }
    for bad in ["format=xml", "columns=", "columns=password_hash", "ordering=best", "query=want%3A%20x"] {
        problem(ada.get(&format!("/api/query-download?{bad}")).send().await.unwrap(), 400).await;
    }
}

async fn post(api: &Api, path: &str, body: Value, status: u16) -> Value {
    let response = api.post(path).json(&body).send().await.unwrap();
    match status {
        204 => expect(response, 204).await,
        ..400 => expect(response, status).await,
        _ => problem(response, status).await,
    }
}

#[tokio::test]
async fn a_saved_query_lives_and_ends() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let text = "want:\n  # mine\n  - author: ada\n";
    let response =
        ada.post("/api/new-saved-query").json(&json!({"title": " Mine ", "query": text})).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let saved = expect(response, 201).await;
    assert_eq!((&saved["title"], &saved["query"], &saved["public"]), (&json!("Mine"), &json!(text), &json!(false)));
    assert_eq!(expect(ada.get(&location).send().await.unwrap(), 200).await, saved);
    let path = format!("/api/saved-query/{}", saved["id"]);
    assert_eq!(saved["ordering"], "date-desc");
    let change = json!({"public": true, "title": "Ours", "ordering": "title-asc"});
    let changed = post(&ada, &format!("{path}/update"), change, 200).await;
    assert_eq!(changed["ordering"], "title-asc");
    assert_eq!(
        (&changed["title"], &changed["query"], &changed["public"]),
        (&json!("Ours"), &json!(text), &json!(true))
    );
    problem(app.anonymous().get("/api/saved-query?limit=101").send().await.unwrap(), 400).await;
    let list = app.anonymous().get("/api/saved-query?owner=ada").send().await.unwrap();
    assert_eq!(list.headers()["x-total-count"], "1");
    assert_eq!(expect(list, 200).await[0], changed);

    post(&ada, "/api/new-saved-query", json!({"title": "Ours", "query": ""}), 409).await;
    post(&ada, "/api/new-saved-query", json!({"title": " ", "query": ""}), 400).await;
    post(&ada, "/api/new-saved-query", json!({"title": "x", "query": "", "colour": 1}), 400).await;
    post(&ada, "/api/new-saved-query", json!({"title": "x", "query": "", "ordering": "best"}), 400).await;
    let wrong =
        post(&ada, "/api/new-saved-query", json!({"title": "x", "query": "want:\n- author: adda\n"}), 400).await;
    assert_eq!(wrong["errors"][0]["line"], 2, "{wrong}");
    let wrong = post(&ada, &format!("{path}/update"), json!({"query": "want: 1"}), 400).await;
    assert!(wrong["errors"][0]["message"].is_string(), "{wrong}");
    post(&ada, &format!("{path}/delete"), json!({}), 204).await;
    problem(ada.get(&path).send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn who_may_do_what_with_a_saved_query() {
    let app = TestApp::start().await;
    let (ada, bob, nobody) = (app.user("ada").await, app.user("bob").await, app.anonymous());
    let root = app.user("root").await;
    crate::support::promote(&app.state.db, "root").await;
    post(&nobody, "/api/new-saved-query", json!({"title": "x", "query": ""}), 401).await;
    // For each: who, and what reading, changing and deleting answers.
    for (public, table) in [
        (
            false,
            [(&nobody, [404, 401, 401]), (&bob, [404, 404, 404]), (&root, [404, 404, 404]), (&ada, [200, 200, 204])],
        ),
        (
            true,
            [(&nobody, [200, 401, 401]), (&bob, [200, 403, 403]), (&root, [200, 200, 204]), (&ada, [404, 404, 404])],
        ),
    ] {
        let body = json!({"title": "x", "query": "", "public": public});
        let saved = post(&ada, "/api/new-saved-query", body, 201).await;
        let path = format!("/api/saved-query/{}", saved["id"]);
        for (api, [read, change, delete]) in table {
            assert_eq!(api.get(&path).send().await.unwrap().status().as_u16(), read, "{public}");
            post(api, &format!("{path}/update"), json!({"query": "# changed\n"}), change).await;
            post(api, &format!("{path}/delete"), json!({}), delete).await;
        }
    }
    // Hidden by an administrator, it is its owner's only.
    let saved = post(&ada, "/api/new-saved-query", json!({"title": "y", "query": "", "public": true}), 201).await;
    let path = format!("/api/saved-query/{}", saved["id"]);
    let hidden = post(&root, &format!("{path}/update"), json!({"public": false}), 200).await;
    assert_eq!((&hidden["public"], &hidden["title"]), (&json!(false), &json!("y")));
    problem(root.get(&path).send().await.unwrap(), 404).await;
    assert_eq!(expect(ada.get(&path).send().await.unwrap(), 200).await["public"], false);
}
