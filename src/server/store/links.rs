//! One-time links: secrets that open one page once. Secrets come here hashed already.

use super::db::{Db, Result, Source, Tx};
use super::schema::OneTimeLinks;
use sea_query::{Cond, Condition, DeleteStatement, Expr, ExprTrait, Query};

/// What a link stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose link it is, where it belongs to an account.
    pub user: Option<i64>,
    /// When it stops working, in Unix seconds.
    pub expires_at: i64,
}

/// Makes a link, and removes all that have expired by `now`.
pub async fn create(
    db: &Db,
    purpose: &str,
    user: Option<i64>,
    token_hash: &str,
    expires_at: i64,
    now: i64,
) -> Result<()> {
    db.write(|mut tx| async move {
        create_in(&mut tx, purpose, user, token_hash, expires_at, now).await?;
        tx.commit(()).await
    })
    .await
}

/// Does what [`create`] does, together with what comes with it.
pub(super) async fn create_in(
    tx: &mut Tx,
    purpose: &str,
    user: Option<i64>,
    token_hash: &str,
    expires_at: i64,
    now: i64,
) -> Result<()> {
    let expired = Query::delete()
        .from_table(OneTimeLinks::Table)
        .and_where(Expr::col(OneTimeLinks::ExpiresAt).lte(now))
        .to_owned();
    tx.execute(&expired).await?;
    let statement = Query::insert()
        .into_table(OneTimeLinks::Table)
        .columns([OneTimeLinks::TokenHash, OneTimeLinks::Purpose, OneTimeLinks::UserId, OneTimeLinks::ExpiresAt])
        .values_panic([token_hash.into(), purpose.into(), user.into(), expires_at.into()])
        .to_owned();
    tx.execute(&statement).await.map(drop)
}

/// Removes an account's links for a purpose.
pub(super) async fn delete_of_user(tx: &mut Tx, purpose: &str, user: i64) -> Result<()> {
    let statement = Query::delete()
        .from_table(OneTimeLinks::Table)
        .and_where(Expr::col(OneTimeLinks::Purpose).eq(purpose))
        .and_where(Expr::col(OneTimeLinks::UserId).eq(user))
        .to_owned();
    tx.execute(&statement).await.map(drop)
}

fn valid(purpose: &str, token_hash: &str, now: i64) -> Condition {
    Cond::all()
        .add(Expr::col(OneTimeLinks::TokenHash).eq(token_hash))
        .add(Expr::col(OneTimeLinks::Purpose).eq(purpose))
        .add(Expr::col(OneTimeLinks::ExpiresAt).gt(now))
}

/// Uses a link up. Of several that try at once, one succeeds.
pub async fn take(db: &Db, purpose: &str, token_hash: &str, now: i64) -> Result<Option<Link>> {
    let row = db.execute_returning(&delete_valid(purpose, token_hash, now)).await?;
    Ok(row.map(read))
}

/// Does what [`take`] does, together with what the link allows.
pub(super) async fn take_in(tx: &mut Tx, purpose: &str, token_hash: &str, now: i64) -> Result<Option<Link>> {
    Ok(tx.optional(&delete_valid(purpose, token_hash, now)).await?.map(read))
}

fn delete_valid(purpose: &str, token_hash: &str, now: i64) -> DeleteStatement {
    Query::delete()
        .from_table(OneTimeLinks::Table)
        .cond_where(valid(purpose, token_hash, now))
        .returning(Query::returning().columns([OneTimeLinks::UserId, OneTimeLinks::ExpiresAt]))
        .to_owned()
}

fn read((user, expires_at): (Option<i64>, i64)) -> Link {
    Link { user, expires_at }
}

/// Looks at a link without using it up.
pub async fn peek(db: &Db, purpose: &str, token_hash: &str, now: i64) -> Result<Option<Link>> {
    let statement = Query::select()
        .columns([OneTimeLinks::UserId, OneTimeLinks::ExpiresAt])
        .from(OneTimeLinks::Table)
        .cond_where(valid(purpose, token_hash, now))
        .to_owned();
    Ok(db.optional(&statement).await?.map(read))
}

/// Removes every link for a purpose, used or not: the first account needs no second link.
pub async fn delete_all(db: &Db, purpose: &str) -> Result<()> {
    let statement = Query::delete()
        .from_table(OneTimeLinks::Table)
        .and_where(Expr::col(OneTimeLinks::Purpose).eq(purpose))
        .to_owned();
    db.execute(&statement).await.map(drop)
}
