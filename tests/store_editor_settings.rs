//! Stories of the store: what people have made of the annotation editor.

use crate::on_both_databases;
use crate::support::{NOW, user};
use ocellus::model::{EditorSettings, EditorSettingsChange, PicturesFate};
use ocellus::server::store::{StoreError, closing, editor_settings};
use sea_query::{Expr, ExprTrait, Query};
use serde_json::json;

fn change(fields: serde_json::Value) -> EditorSettingsChange {
    serde_json::from_value(fields).unwrap()
}

on_both_databases! {
    async fn settings_change_one_by_one(test: &TestDb) {
        let db = &test.db;
        let (ada, bob) = (user(db, "ada").await, user(db, "bob").await);
        assert_eq!(editor_settings::get(db, ada).await.unwrap(), EditorSettings::default());
        editor_settings::change(db, ada, &change(json!({}))).await.unwrap();
        assert_eq!(editor_settings::get(db, ada).await.unwrap(), EditorSettings::default());

        let first = change(json!({"keys": {"fit": ["F"]}, "letters_pick": true}));
        editor_settings::change(db, ada, &first).await.unwrap();
        let second = change(json!({"favourites": {"3": "Cat (Felis \"catus\")"}, "letters_pick": false, "view": {"minimap": [1.5]}}));
        editor_settings::change(db, ada, &second).await.unwrap();
        let expected = json!({
            "keys": {"fit": ["F"]}, "favourites": {"3": "Cat (Felis \"catus\")"}, "letters_pick": false, "view": {"minimap": [1.5]},
        });
        assert_eq!(serde_json::to_value(editor_settings::get(db, ada).await.unwrap()).unwrap(), expected);
        assert_eq!(editor_settings::get(db, bob).await.unwrap(), EditorSettings::default(), "they are one's own");
    }

    async fn one_that_cannot_be_read_leaves_the_others(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        editor_settings::change(db, ada, &change(json!({"letters_pick": true, "favourites": {"3": "Cat"}}))).await.unwrap();
        for value in ["[1]", "no JSON"] {
            let later = Query::update()
                .table("editor_settings")
                .value("value", value)
                .and_where(Expr::col("field").eq("favourites"))
                .to_owned();
            db.execute(&later).await.unwrap();
            let kept = EditorSettings { letters_pick: true, ..EditorSettings::default() };
            assert_eq!(editor_settings::get(db, ada).await.unwrap(), kept, "{value}");
        }
    }

    async fn settings_go_with_the_account(test: &TestDb) {
        let db = &test.db;
        let ada = user(db, "ada").await;
        editor_settings::change(db, ada, &change(json!({"favourites": {"9": "Cat"}}))).await.unwrap();
        closing::close(db, ada, &PicturesFate::KeepName, NOW).await.unwrap();
        assert_eq!(editor_settings::get(db, ada).await.unwrap(), EditorSettings::default());
        // One that was on its way comes too late.
        let late = editor_settings::change(db, ada, &change(json!({"letters_pick": true}))).await;
        assert!(matches!(late, Err(StoreError::Inactive)), "{late:?}");
    }
}
