//! Links with which an account gets another password.

use super::administration::lock;
use super::audit::{Actor, record};
use super::db::{Db, Result, Source};
use super::error::StoreError;
use super::schema::Users;
use super::{links, users};
use crate::model::AuditAction;
use sea_query::{Expr, ExprTrait, Query};

/// Makes a link for an account, whose earlier ones stop working. An account that nobody may sign in to gets none.
pub async fn make_link(
    db: &Db,
    username: &str,
    purpose: &str,
    token_hash: &str,
    expires_at: i64,
    actor: Actor,
) -> Result<()> {
    db.write(|mut tx| async move {
        let user = lock(&mut tx, username).await?;
        if user.suspended_at.is_some() {
            return Err(StoreError::Conflict(format!("`{username}` is suspended; let them in again first")));
        }
        links::delete_of_user(&mut tx, purpose, user.id).await?;
        links::create_in(&mut tx, purpose, Some(user.id), token_hash, expires_at, actor.at).await?;
        record(&mut tx, actor, AuditAction::ResetLinkMade, &format!("user {username}"), "").await?;
        tx.commit(()).await
    })
    .await
}

/// Uses a link up, gives its account the password with this hash, and gives the account's id. Nothing, and nothing changed,
/// if there is no such link or nobody may sign in to the account.
pub async fn redeem(db: &Db, purpose: &str, token_hash: &str, password_hash: &str, now: i64) -> Result<Option<i64>> {
    db.write(|mut tx| async move {
        let link = links::take_in(&mut tx, purpose, token_hash, now).await?;
        let Some(user) = link.and_then(|link| link.user) else { return Ok(None) };
        let lock = Query::select()
            .column(Users::Id)
            .from(Users::Table)
            .and_where(Expr::col(Users::Id).eq(user))
            .cond_where(users::active())
            .lock_exclusive()
            .to_owned();
        if tx.optional::<(i64,)>(&lock).await?.is_none() {
            return Ok(None);
        }
        users::set_password_in(&mut tx, user, password_hash).await?;
        tx.commit(Some(user)).await
    })
    .await
}
