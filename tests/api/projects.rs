//! Projects over HTTP.

use super::app::{TestApp, expect, png, problem};
use super::lab::Lab;
use serde_json::{Value, json};

async fn post(api: &super::app::Api, path: &str, body: Value, status: u16) -> Value {
    let response = api.post(path).json(&body).send().await.unwrap();
    match status {
        204 => {
            assert_eq!(response.status(), 204);
            Value::Null
        }
        status if status < 400 => expect(response, status).await,
        status => problem(response, status).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_project_stays_with_its_version() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let lab = Lab::new(&ada, "ada", "private").await;
    post(&ada, &format!("{}/members", lab.path), json!({"username": "bob", "role": "annotator"}), 204).await;
    for (path, seed) in [("b.png", 1), ("a.png", 2), ("gone.png", 3)] {
        lab.put(path, png(40, 30, seed)).await;
    }
    lab.put("notes.txt", "no picture").await;
    let (a, b, gone) = (lab.picture("a.png").await, lab.picture("b.png").await, lab.picture("gone.png").await);
    lab.post("tags", json!({"name": "v1"}), 201).await;
    // What comes later is not in it; what was replaced or deleted is.
    lab.put("c.png", png(40, 30, 4)).await;
    lab.put("a.png", png(40, 30, 5)).await;
    lab.send(reqwest::Method::DELETE, "files/gone.png", "").await;
    ada.object("Whisker", &[]).await;

    let new = json!({"name": "Whiskers", "dataset": "ada/cats", "ref": "v1", "objects": ["Whisker"],
        "instructions": "Every *one*.", "annotators": ["bob"]});
    let made = post(&ada, "/api/v1/projects/", new.clone(), 201).await;
    assert_eq!((made["ref"].as_str(), made["dataset"].as_i64()), (Some("v1"), Some(lab.id)));
    assert_eq!(made["objects"], json!(["Whisker"]));
    let path = format!("/api/v1/projects/{}", made["id"]);
    let listed =
        expect(bob.get(&format!("{path}/pictures?state=to_do&annotator=bob")).send().await.unwrap(), 200).await;
    let ids: Vec<i64> = listed.as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
    // A deleted picture is gone, which is told.
    assert_eq!((ids, made["missing"].as_i64()), (vec![a, b], Some(1)), "{gone}");

    // The newest state has others.
    let newest = json!({"name": "Newest", "dataset": lab.id});
    let newest = post(&ada, "/api/v1/projects", newest, 201).await;
    assert_eq!((newest["pictures"]["to_do"].as_i64(), newest["ref"].as_str()), (Some(3), None));

    // What is wrong is told by its field, and nothing is begun.
    for (field, value) in [
        ("ref", json!("v9")),
        ("dataset", json!("ada/dogs")),
        ("objects", json!(["Unicorn"])),
        ("annotators", json!(["nobody"])),
        ("name", json!(" ")),
    ] {
        let mut wrong = new.clone();
        wrong["name"] = "Another".into();
        wrong[field] = value;
        let said = post(&ada, "/api/v1/projects", wrong, 400).await;
        assert_eq!(said["errors"][0]["field"], field, "{said}");
    }
    post(&ada, "/api/v1/projects", new.clone(), 409).await;
    post(&bob, "/api/v1/projects", new, 403).await;
    let all = expect(ada.get("/api/v1/projects").send().await.unwrap(), 200).await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    assert_eq!(
        expect(bob.get("/api/v1/projects?mine=true").send().await.unwrap(), 200).await.as_array().unwrap().len(),
        1
    );

    let eve = app.user("eve").await;
    for stranger in [&eve, &app.anonymous()] {
        for path in
            [path.clone(), format!("{path}/progress"), format!("{path}/pictures"), format!("{path}/pictures/{a}")]
        {
            problem(stranger.get(&path).send().await.unwrap(), 404).await;
        }
        assert_eq!(expect(stranger.get("/api/v1/projects").send().await.unwrap(), 200).await, json!([]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn work_goes_from_hand_to_hand() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let lab = Lab::new(&ada, "ada", "public").await;
    post(&ada, &format!("{}/members", lab.path), json!({"username": "bob", "role": "annotator"}), 204).await;
    for (path, seed) in [("a.png", 1), ("b.png", 2)] {
        lab.put(path, png(40, 30, seed)).await;
    }
    let (a, b) = (lab.picture("a.png").await, lab.picture("b.png").await);
    let made = post(&ada, "/api/v1/projects", json!({"name": "Both", "dataset": "ada/cats"}), 201).await;
    let path = format!("/api/v1/projects/{}", made["id"]);
    let state = |picture: i64| format!("{path}/pictures/{picture}");

    post(&ada, &format!("{path}/share-out"), json!({}), 409).await;
    post(&ada, &format!("{path}/members"), json!({"username": "bob", "role": "annotator"}), 204).await;
    assert_eq!(post(&bob, &format!("{path}/take"), json!({"count": 1}), 200).await["pictures"], 1);
    assert_eq!(post(&ada, &format!("{path}/share-out"), json!({}), 200).await["pictures"], 1);
    let done = post(&bob, &state(a), json!({"state": "done", "before": "to_do"}), 200).await;
    assert_eq!((done["work"]["state"].as_str(), done["work"]["annotator"].as_str()), (Some("done"), Some("bob")));
    post(&bob, &state(a), json!({"state": "needs_review", "before": "to_do"}), 409).await;
    post(&bob, &state(a), json!({"state": "accepted"}), 403).await;
    post(&bob, &state(a), json!({"state": "well"}), 400).await;
    post(&bob, &state(999_999), json!({"state": "done"}), 404).await;
    post(&app.anonymous(), &state(a), json!({"state": "done"}), 401).await;
    let back = post(&ada, &state(a), json!({"state": "to_do", "comment": "The left ear"}), 200).await;
    assert_eq!(
        (back["steps"][0]["from"].as_str(), back["steps"][0]["comment"].as_str()),
        (Some("done"), Some("The left ear"))
    );

    let row = format!("/api/picture/{a}/queue?project={}&state=to_do&annotator=bob", made["id"]);
    let queue = expect(bob.get(&row).send().await.unwrap(), 200).await;
    assert_eq!((queue["position"].as_i64(), queue["next"]["id"].as_i64()), (Some(1), Some(b)));
    problem(bob.get(&format!("{row}&gallery=1")).send().await.unwrap(), 400).await;
    problem(bob.get(&format!("/api/picture/{a}/queue?state=to_do")).send().await.unwrap(), 400).await;

    let progress = expect(ada.get(&format!("{path}/progress")).send().await.unwrap(), 200).await;
    assert_eq!(progress["days"][0]["pictures"], json!({"to_do": 2, "done": 0, "needs_review": 0, "accepted": 0}));
    let bobs = progress["members"].as_array().unwrap().iter().find(|one| one["username"] == "bob").unwrap();
    assert_eq!((bobs["finished"].as_i64(), bobs["reviewed"].as_i64()), (Some(1), Some(0)));
    let assigned = json!({"pictures": [a, b], "annotator": null});
    assert_eq!(post(&ada, &format!("{path}/assign"), assigned, 200).await["pictures"], 2);
    post(&ada, &format!("{path}/update"), json!({"name": "Two", "description": "Few."}), 200).await;
    post(&bob, &format!("{path}/delete"), json!({}), 403).await;
    // Everybody sees a public dataset's project, and can change nothing.
    let seen = expect(app.anonymous().get(&path).send().await.unwrap(), 200).await;
    assert_eq!(
        (seen["name"].as_str(), seen["manages"].as_bool(), seen["unassigned"].as_i64()),
        (Some("Two"), Some(false), Some(2))
    );
    post(&ada, &format!("{path}/delete"), json!({}), 204).await;
    problem(ada.get(&path).send().await.unwrap(), 404).await;
}
