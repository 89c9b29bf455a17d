//! Sessions: what the browser's cookie stands for. Ids come here hashed already.

use super::db::{Db, Result};
use super::schema::Sessions;
use sea_query::{DeleteStatement, Expr, ExprTrait, InsertStatement, OnConflict, Query};

fn row(id_hash: &str, data: &str, expires_at: i64, conflict: &OnConflict) -> InsertStatement {
    Query::insert()
        .into_table(Sessions::Table)
        .columns([Sessions::IdHash, Sessions::Data, Sessions::ExpiresAt])
        .values_panic([id_hash.into(), data.into(), expires_at.into()])
        .on_conflict(conflict.clone())
        .to_owned()
}

/// Adds a session. False, and nothing changed, if the id is in use.
pub async fn create(db: &Db, id_hash: &str, data: &str, expires_at: i64) -> Result<bool> {
    let on_conflict = OnConflict::column(Sessions::IdHash).do_nothing().to_owned();
    Ok(db.execute(&row(id_hash, data, expires_at, &on_conflict)).await? == 1)
}

/// Adds a session, or replaces what it holds.
pub async fn save(db: &Db, id_hash: &str, data: &str, expires_at: i64) -> Result<()> {
    let on_conflict =
        OnConflict::column(Sessions::IdHash).update_columns([Sessions::Data, Sessions::ExpiresAt]).to_owned();
    db.execute(&row(id_hash, data, expires_at, &on_conflict)).await.map(drop)
}

/// What a session holds and when it expires, unless it has expired.
pub async fn load(db: &Db, id_hash: &str, now: i64) -> Result<Option<(String, i64)>> {
    let statement = Query::select()
        .columns([Sessions::Data, Sessions::ExpiresAt])
        .from(Sessions::Table)
        .and_where(Expr::col(Sessions::IdHash).eq(id_hash))
        .and_where(Expr::col(Sessions::ExpiresAt).gt(now))
        .to_owned();
    db.optional(&statement).await
}

/// Ends a session.
pub async fn delete(db: &Db, id_hash: &str) -> Result<()> {
    let statement =
        Query::delete().from_table(Sessions::Table).and_where(Expr::col(Sessions::IdHash).eq(id_hash)).to_owned();
    db.execute(&statement).await.map(drop)
}

/// Ends every session of a user, as a statement.
pub(super) fn delete_all(user: i64) -> DeleteStatement {
    Query::delete().from_table(Sessions::Table).and_where(Expr::col(Sessions::UserId).eq(user)).to_owned()
}

/// Removes the sessions that have expired, and gives their number.
pub async fn delete_expired(db: &Db, now: i64) -> Result<u64> {
    let statement =
        Query::delete().from_table(Sessions::Table).and_where(Expr::col(Sessions::ExpiresAt).lte(now)).to_owned();
    db.execute(&statement).await
}
