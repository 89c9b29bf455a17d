//! One's own settings of the annotation editor.

use super::app::{Api, TestApp, expect, problem};
use ocellus::server::store::tokens::Scope;
use reqwest::Response;
use serde_json::{Value, json};

const PATH: &str = "/api/account/editor-settings";

async fn read(api: &Api) -> Value {
    expect(api.get(PATH).send().await.unwrap(), 200).await
}

async fn write(api: &Api, change: Value) -> Response {
    api.put(PATH).json(&change).send().await.unwrap()
}

#[tokio::test]
async fn settings_are_kept_per_user_and_field() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let usual = json!({"keys": {}, "favourites": {}, "letters_pick": false, "view": {}});
    assert_eq!(read(&ada).await, usual);
    let keys = json!({"zoom-in": ["Ctrl+Shift+Z", "F2"], "a-command-of-tomorrow": []});
    expect(write(&ada, json!({"keys": keys})).await, 200).await;
    let all = expect(write(&ada, json!({"favourites": {"3": "Cat"}, "letters_pick": true})).await, 200).await;
    assert_eq!(all, json!({"keys": keys, "favourites": {"3": "Cat"}, "letters_pick": true, "view": {}}));
    assert_eq!(read(&ada).await, all);
    assert_eq!(read(&bob).await, usual);
}

#[tokio::test]
async fn faults_are_named_and_change_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let refused = problem(write(&ada, json!({"favourites": {"1": "Cat"}, "letters_pick": true})).await, 400).await;
    assert_eq!(refused["errors"][0]["field"], "favourites.1");
    for body in [json!({"colour": "red"}), json!({"keys": ["F"]}), json!({"letters_pick": "yes"})] {
        problem(write(&ada, body).await, 400).await;
    }
    assert_eq!(read(&ada).await["letters_pick"], false);
}

#[tokio::test]
async fn only_who_may_write_changes_settings() {
    let app = TestApp::start().await;
    let stranger = app.anonymous();
    problem(stranger.get(PATH).send().await.unwrap(), 401).await;
    problem(write(&stranger, json!({})).await, 401).await;
    let reader = app.user_with("ada", Scope::Read).await;
    read(&reader).await;
    problem(write(&reader, json!({"letters_pick": true})).await, 403).await;
}
