//! What people have made of the annotation editor.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::EditorSettings as Columns;
use super::users;
use crate::model::{EditorSettings, EditorSettingsChange};
use sea_query::{DeleteStatement, Expr, ExprTrait, OnConflict, Query};
use serde_json::{Map, Value};

/// A user's settings; the usual ones where they have changed nothing.
pub async fn get(db: &Db, user: i64) -> Result<EditorSettings> {
    let statement = Query::select()
        .columns([Columns::Field, Columns::Value])
        .from(Columns::Table)
        .and_where(Expr::col(Columns::UserId).eq(user))
        .to_owned();
    let mut fields = Map::new();
    for (field, text) in db.all::<(String, String)>(&statement).await? {
        match readable(&field, &text) {
            Ok(value) => drop(fields.insert(field, value)),
            // One setting that another version understands differently is no reason to do without the editor.
            Err(error) => tracing::warn!(user, field, %error, "a setting cannot be read"),
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(unreadable)
}

/// The value of a field, if the settings can have it there.
fn readable(field: &str, text: &str) -> serde_json::Result<Value> {
    let value: Value = serde_json::from_str(text)?;
    let alone = Map::from_iter([(field.to_owned(), value.clone())]);
    serde_json::from_value::<EditorSettings>(Value::Object(alone)).map(|_| value)
}

/// Changes some of a user's settings, whose account has to be active still. Of two changes of the same one, the later counts.
pub async fn change(db: &Db, user: i64, change: &EditorSettingsChange) -> Result<()> {
    let Value::Object(fields) = serde_json::to_value(change).map_err(unreadable)? else { return Ok(()) };
    if fields.is_empty() {
        return Ok(());
    }
    let mut statement = Query::insert()
        .into_table(Columns::Table)
        .columns([Columns::UserId, Columns::Field, Columns::Value])
        .on_conflict(OnConflict::columns([Columns::UserId, Columns::Field]).update_column(Columns::Value).to_owned())
        .to_owned();
    for (field, value) in fields {
        statement.values_panic([user.into(), field.into(), value.to_string().into()]);
    }
    let statement = &statement;
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, user).await?;
        tx.execute(statement).await?;
        tx.commit(()).await
    })
    .await
}

/// The statement that forgets all of a user's settings.
pub(super) fn delete_all(user: i64) -> DeleteStatement {
    Query::delete().from_table(Columns::Table).and_where(Expr::col(Columns::UserId).eq(user)).to_owned()
}

fn unreadable(error: serde_json::Error) -> StoreError {
    StoreError::corrupt(error.to_string())
}
