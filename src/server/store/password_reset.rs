//! Links with which an account gets another password.

use super::administration::lock;
use super::audit::{Actor, record};
use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::Users;
use super::{links, users};
use crate::model::AuditAction;
use sea_query::{Expr, ExprTrait};

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
        if user.closed_at.is_some() {
            return Err(StoreError::Conflict(format!("the account of `{username}` is closed")));
        }
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
        let update = users::update_password(password_hash)
            .and_where(Expr::col(Users::Id).eq(user))
            .cond_where(users::active())
            .to_owned();
        if tx.execute(&update).await? == 0 {
            return Ok(None);
        }
        tx.commit(Some(user)).await
    })
    .await
}
