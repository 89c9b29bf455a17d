//! API tokens: secrets with which programs act for a user. Secrets come here hashed already.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::{ApiTokens, Users};
use super::users;
use crate::model::{Account, ApiToken};
use sea_query::{Cond, DeleteStatement, Expr, ExprTrait, InsertStatement, Order, Query};

pub use crate::model::TokenScope as Scope;

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// Whose token it is.
    pub account: Account,
    /// Whether it may only read.
    pub read_only: bool,
    /// When its use was last written down, in Unix seconds.
    pub last_used_at: Option<i64>,
}

/// Adds a token and gives its id.
pub async fn insert(
    db: &Db,
    user: i64,
    name: &str,
    token_hash: &str,
    scope: Scope,
    expires_at: Option<i64>,
    now: i64,
) -> Result<i64> {
    let statement = insert_row(user, name, token_hash, scope, expires_at, now);
    let row = db.execute_returning::<(i64,)>(&statement).await?;
    row.map(|(id,)| id).ok_or_else(|| StoreError::corrupt("INSERT returned no id"))
}

/// The statement of [`insert`].
pub(super) fn insert_row(
    user: i64,
    name: &str,
    token_hash: &str,
    scope: Scope,
    expires_at: Option<i64>,
    now: i64,
) -> InsertStatement {
    Query::insert()
        .into_table(ApiTokens::Table)
        .columns([
            ApiTokens::UserId,
            ApiTokens::Name,
            ApiTokens::TokenHash,
            ApiTokens::Scope,
            ApiTokens::ExpiresAt,
            ApiTokens::CreatedAt,
        ])
        .values_panic([
            user.into(),
            name.into(),
            token_hash.into(),
            scope.as_str().into(),
            expires_at.into(),
            now.into(),
        ])
        .returning_col(ApiTokens::Id)
        .to_owned()
}

/// Whom a token stands for; nothing if there is no such token, it has expired, or its user may not act.
pub async fn by_hash(db: &Db, token_hash: &str, now: i64) -> Result<Option<Bearer>> {
    let of = |column| (ApiTokens::Table, column);
    let statement = Query::select()
        .columns([(Users::Table, Users::Id), (Users::Table, Users::Username), (Users::Table, Users::Admin)])
        .columns([of(ApiTokens::Scope), of(ApiTokens::LastUsedAt)])
        .from(ApiTokens::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(ApiTokens::UserId)))
        .and_where(Expr::col(of(ApiTokens::TokenHash)).eq(token_hash))
        .cond_where(users::active())
        .cond_where(
            Cond::any()
                .add(Expr::col(of(ApiTokens::ExpiresAt)).is_null())
                .add(Expr::col(of(ApiTokens::ExpiresAt)).gt(now)),
        )
        .to_owned();
    let row = db.optional::<(i64, String, bool, String, Option<i64>)>(&statement).await?;
    Ok(row.map(|(id, username, admin, scope, last_used_at)| Bearer {
        account: Account { id, username, admin },
        read_only: scope != Scope::Write.as_str(),
        last_used_at,
    }))
}

/// Writes down that a token was used.
pub async fn mark_used(db: &Db, token_hash: &str, now: i64) -> Result<()> {
    let statement = Query::update()
        .table(ApiTokens::Table)
        .value(ApiTokens::LastUsedAt, now)
        .and_where(Expr::col(ApiTokens::TokenHash).eq(token_hash))
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// The tokens of a user, the newest first, those that have expired included.
pub async fn list(db: &Db, user: i64, now: i64) -> Result<Vec<ApiToken>> {
    let statement = Query::select()
        .columns([ApiTokens::Id, ApiTokens::Name, ApiTokens::Scope])
        .columns([ApiTokens::CreatedAt, ApiTokens::ExpiresAt, ApiTokens::LastUsedAt])
        .from(ApiTokens::Table)
        .and_where(Expr::col(ApiTokens::UserId).eq(user))
        .order_by(ApiTokens::Id, Order::Desc)
        .to_owned();
    let rows = db.all::<(i64, String, String, i64, Option<i64>, Option<i64>)>(&statement).await?;
    let token = |(id, name, scope, created_at, expires_at, last_used_at): (_, _, String, _, Option<i64>, _)| ApiToken {
        id,
        name,
        scope: if scope == Scope::Write.as_str() { Scope::Write } else { Scope::Read },
        created_at,
        expires_at,
        last_used_at,
        expired: expires_at.is_some_and(|at| at <= now),
    };
    Ok(rows.into_iter().map(token).collect())
}

/// Revokes a token of a user's.
pub async fn delete(db: &Db, user: i64, id: i64) -> Result<()> {
    if db.execute(delete_all(user).and_where(Expr::col(ApiTokens::Id).eq(id))).await? == 0 {
        return Err(StoreError::NotFound(format!("you have no token {id}")));
    }
    Ok(())
}

/// Revokes every token of a user.
pub async fn revoke_all(db: &Db, user: i64) -> Result<()> {
    db.execute(&delete_all(user)).await.map(drop)
}

/// Does what [`revoke_all`] does, as a statement.
pub(super) fn delete_all(user: i64) -> DeleteStatement {
    Query::delete().from_table(ApiTokens::Table).and_where(Expr::col(ApiTokens::UserId).eq(user)).to_owned()
}
