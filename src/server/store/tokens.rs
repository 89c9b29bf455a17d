//! API tokens: secrets with which programs act for a user. Secrets come here hashed already.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::{ApiTokens, Users};
use super::users;
use crate::model::Account;
use sea_query::{Cond, Expr, ExprTrait, InsertStatement, Query};

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// To read.
    Read,
    /// To read and to change.
    Write,
}

impl Scope {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
        }
    }
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

/// Whose token it is, and whether it may only read; nothing if there is no such token, it has expired, or
/// its user may not act.
pub async fn by_hash(db: &Db, token_hash: &str, now: i64) -> Result<Option<(Account, bool)>> {
    let statement = Query::select()
        .columns([(Users::Table, Users::Id), (Users::Table, Users::Username), (Users::Table, Users::Admin)])
        .column((ApiTokens::Table, ApiTokens::Scope))
        .from(ApiTokens::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals((ApiTokens::Table, ApiTokens::UserId)))
        .and_where(Expr::col((ApiTokens::Table, ApiTokens::TokenHash)).eq(token_hash))
        .cond_where(users::active())
        .cond_where(
            Cond::any()
                .add(Expr::col((ApiTokens::Table, ApiTokens::ExpiresAt)).is_null())
                .add(Expr::col((ApiTokens::Table, ApiTokens::ExpiresAt)).gt(now)),
        )
        .to_owned();
    let row = db.optional::<(i64, String, bool, String)>(&statement).await?;
    Ok(row.map(|(id, username, admin, scope)| (Account { id, username, admin }, scope != Scope::Write.as_str())))
}

/// Revokes a token of a user's.
pub async fn delete(db: &Db, user: i64, id: i64) -> Result<()> {
    let statement = Query::delete()
        .from_table(ApiTokens::Table)
        .and_where(Expr::col(ApiTokens::Id).eq(id))
        .and_where(Expr::col(ApiTokens::UserId).eq(user))
        .to_owned();
    if db.execute(&statement).await? == 0 {
        return Err(StoreError::NotFound(format!("you have no token {id}")));
    }
    Ok(())
}
