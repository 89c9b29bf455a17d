//! Objects over HTTP.

use super::app::{TestApp, expect, problem};
use serde_json::{Value, json};

#[tokio::test]
async fn objects_form_a_graph_without_cycles() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.object("Animal", &[]).await;
    ada.object("Pet", &[]).await;
    ada.object("Cat (Felis catus)", &["Animal", "Pet"]).await;
    let cat = expect(ada.get("/api/object/Cat%20(Felis%20catus)/").send().await.unwrap(), 200).await;
    assert_eq!(cat["parents"], json!(["Animal", "Pet"]));
    let animal = expect(ada.get("/api/object/Animal").send().await.unwrap(), 200).await;
    assert_eq!(animal["children"], json!(["Cat (Felis catus)"]));
    let cycle = ada.post("/api/object/Animal/update").json(&json!({"parents": ["Cat (Felis catus)"]}));
    let detail = problem(cycle.send().await.unwrap(), 409).await["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Animal") && detail.contains("Cat"), "{detail}");
    let unknown = ada.post("/api/object/Animal/update").json(&json!({"parents": ["Plant"]}));
    problem(unknown.send().await.unwrap(), 400).await;
    let described = ada.post("/api/object/Animal/update").json(&json!({"description": "Moves about."}));
    let animal = expect(described.send().await.unwrap(), 200).await;
    assert_eq!((&animal["description"], &animal["children"]), (&json!("Moves about."), &json!(["Cat (Felis catus)"])));
    problem(ada.post("/api/new-object").json(&json!({"id": "animal"})).send().await.unwrap(), 409).await;
    problem(ada.get("/api/object/Plant").send().await.unwrap(), 404).await;
}

#[tokio::test]
async fn objects_are_listed_in_parts_and_searched() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["Ähre", "Cat", "Caterpillar", "Dog"] {
        ada.object(name, &[]).await;
    }
    let names = |value: Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    };
    let found = ada.get("/api/object/?search=cAT").send().await.unwrap();
    assert_eq!(found.headers()["x-total-count"], "2");
    assert_eq!(names(expect(found, 200).await), ["Cat", "Caterpillar"]);
    let folded = expect(ada.get("/api/object/?search=%C3%A4HR").send().await.unwrap(), 200).await;
    assert_eq!(names(folded), ["Ähre"]);
    let part = ada.get("/api/object/?offset=1&limit=2").send().await.unwrap();
    assert_eq!(part.headers()["x-total-count"], "4");
    assert_eq!(names(expect(part, 200).await).len(), 2);
    problem(ada.get("/api/object/?limit=0").send().await.unwrap(), 400).await;
    problem(ada.get("/api/object/?offset=-1").send().await.unwrap(), 400).await;
    problem(ada.get("/api/object/?offset=x").send().await.unwrap(), 400).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_who_change_different_parts_at_once_both_get_their_way() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for name in ["Animal", "Pet", "Cat"] {
        ada.object(name, &[]).await;
    }
    for round in 0..20 {
        let (text, parent) = (format!("text {round}"), ["Animal", "Pet"][round % 2]);
        let update = |change: Value| ada.post("/api/object/Cat/update").json(&change).send();
        let (first, second) = tokio::join!(update(json!({"description": text})), update(json!({"parents": [parent]})));
        expect(first.unwrap(), 200).await;
        expect(second.unwrap(), 200).await;
        let cat = expect(ada.get("/api/object/Cat").send().await.unwrap(), 200).await;
        assert_eq!((&cat["description"], &cat["parents"]), (&json!(text), &json!([parent])));
    }
}
