//! Another password for somebody who has forgotten theirs, by a link that an administrator hands to them.

use super::accounts::start_session;
use super::auth::links::{self, Purpose};
use super::auth::tokens::{hash_token, new_token};
use super::auth::{common, passwords};
use super::context::{RequestContext, now_s};
use super::state::AppState;
use super::store::audit::Actor;
use super::store::password_reset as store;
use super::store::users::{self, UserRow};
use crate::model::{AppError, ResetLink};

/// How long a link works, in seconds.
const LIFETIME_S: i64 = 86_400;

/// A link that gives an account another password once. The account's earlier links stop working.
pub async fn make_link(state: &AppState, username: &str, actor: Actor) -> Result<ResetLink, AppError> {
    let (token, expires_at) = (new_token(), actor.at + LIFETIME_S);
    let purpose = Purpose::PasswordReset.as_str();
    store::make_link(&state.db, username, purpose, &hash_token(&token), expires_at, actor).await?;
    Ok(ResetLink { url: format!("{}/reset?token={token}", state.config.public_url), expires_at })
}

fn useless() -> AppError {
    AppError::NotFound("this link has been used or has expired; ask an administrator for another one".to_owned())
}

/// The account that a link gives another password.
pub async fn owner(state: &AppState, token: &str) -> Result<UserRow, AppError> {
    let link = links::peek(&state.db, Purpose::PasswordReset, token, now_s()).await?;
    let user = link.and_then(|link| link.user).ok_or_else(useless)?;
    users::by_id(&state.db, user).await?.filter(|row| row.suspended_at.is_none()).ok_or_else(useless)
}

/// Gives the link's account another password, which ends all its sessions, and signs in.
pub async fn reset(context: &RequestContext, token: &str, password: &str) -> Result<(), AppError> {
    let state = &context.state;
    state.limits.check_register(context.client)?;
    let user = owner(state, token).await?;
    if let Some(error) = common::check_new_password(password, &user.username) {
        return Err(AppError::fields(vec![error]));
    }
    let hash = passwords::hash(password).await?;
    let purpose = Purpose::PasswordReset.as_str();
    let changed = store::redeem(&state.db, purpose, &hash_token(token), &hash, now_s()).await?;
    start_session(context, changed.ok_or_else(useless)?, &hash).await
}
