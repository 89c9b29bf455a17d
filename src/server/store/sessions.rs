//! Sessions: what the browser's cookie stands for. Ids come here hashed already.

use super::db::{Db, Result};
use super::schema::Sessions;
use crate::model::SessionInfo;
use sea_query::{Cond, Condition, DeleteStatement, Expr, ExprTrait, OnConflict, Order, Query};

/// What a session holds, beside its id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// A JSON dictionary.
    pub data: String,
    /// When it ends unless it is used, in Unix seconds.
    pub expires_at: i64,
    /// Whose it is.
    pub user: Option<i64>,
    /// When somebody signed in, in Unix seconds.
    pub started_at: Option<i64>,
    /// When it was last used, in Unix seconds.
    pub seen_at: Option<i64>,
    /// The browser and system in a few words.
    pub client: Option<String>,
}

const COLUMNS: [Sessions; 6] =
    [Sessions::Data, Sessions::ExpiresAt, Sessions::UserId, Sessions::StartedAt, Sessions::SeenAt, Sessions::Client];

fn values(content: &Content) -> [Expr; 6] {
    let Content { data, expires_at, user, started_at, seen_at, client } = content;
    [
        data.as_str().into(),
        (*expires_at).into(),
        (*user).into(),
        (*started_at).into(),
        (*seen_at).into(),
        client.clone().into(),
    ]
}

/// Adds a session. False, and nothing changed, if the id is in use.
pub async fn create(db: &Db, id_hash: &str, content: &Content) -> Result<bool> {
    let statement = Query::insert()
        .into_table(Sessions::Table)
        .columns([Sessions::IdHash].into_iter().chain(COLUMNS))
        .values_panic([id_hash.into()].into_iter().chain(values(content)))
        .on_conflict(OnConflict::column(Sessions::IdHash).do_nothing().to_owned())
        .to_owned();
    Ok(db.execute(&statement).await? == 1)
}

/// Replaces what a session holds. One that was ended meanwhile stays ended.
pub async fn save(db: &Db, id_hash: &str, content: &Content) -> Result<()> {
    let statement = Query::update()
        .table(Sessions::Table)
        .values(COLUMNS.into_iter().zip(values(content)))
        .and_where(Expr::col(Sessions::IdHash).eq(id_hash))
        .to_owned();
    db.execute(&statement).await.map(drop)
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

/// The condition for the sessions of a user. Those from before the column was there say so in their data only, which is
/// JSON without spaces.
fn belongs_to(user: i64) -> Condition {
    let says = |end: char| Expr::col(Sessions::Data).like(format!("%\"user\":{user}{end}%"));
    Cond::any()
        .add(Expr::col(Sessions::UserId).eq(user))
        .add(Expr::col(Sessions::UserId).is_null().and(says(',').or(says('}'))))
}

/// The sessions of a user that have not expired, the last used first; `current` is the one that asks.
pub async fn list(db: &Db, user: i64, current: Option<&str>, now: i64) -> Result<Vec<SessionInfo>> {
    let statement = Query::select()
        .columns([Sessions::IdHash, Sessions::StartedAt, Sessions::SeenAt, Sessions::Client])
        .from(Sessions::Table)
        .cond_where(belongs_to(user))
        .and_where(Expr::col(Sessions::ExpiresAt).gt(now))
        .order_by(Sessions::ExpiresAt, Order::Desc)
        .order_by(Sessions::IdHash, Order::Asc)
        .to_owned();
    let rows = db.all::<(String, Option<i64>, Option<i64>, Option<String>)>(&statement).await?;
    let info = |(id, started_at, seen_at, client)| {
        let current = current == Some(String::as_str(&id));
        SessionInfo { id, started_at, seen_at, client, current }
    };
    Ok(rows.into_iter().map(info).collect())
}

/// Ends a session if it is this user's. Doing so again changes nothing.
pub async fn delete_one(db: &Db, user: i64, id_hash: &str) -> Result<()> {
    let statement = Query::delete()
        .from_table(Sessions::Table)
        .cond_where(belongs_to(user))
        .and_where(Expr::col(Sessions::IdHash).eq(id_hash))
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// Ends the sessions of a user, but for `keep`, and gives their number.
pub async fn delete_others(db: &Db, user: i64, keep: &str) -> Result<u64> {
    db.execute(delete_all(user).and_where(Expr::col(Sessions::IdHash).ne(keep))).await
}

/// Ends every session of a user, as a statement.
pub(super) fn delete_all(user: i64) -> DeleteStatement {
    Query::delete().from_table(Sessions::Table).cond_where(belongs_to(user)).to_owned()
}

/// Removes the sessions that have expired, and gives their number.
pub async fn delete_expired(db: &Db, now: i64) -> Result<u64> {
    let statement =
        Query::delete().from_table(Sessions::Table).and_where(Expr::col(Sessions::ExpiresAt).lte(now)).to_owned();
    db.execute(&statement).await
}
