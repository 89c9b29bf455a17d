//! Looking after one's own account: password, sessions, tokens, and closing it. All of it takes the cookie of somebody who
//! signed in; a token may do none of it.

use super::accounts::start_session;
use super::auth::tokens::{hash_token, new_token};
use super::auth::{common, handover, passwords, session_store};
use super::context::{RequestContext, now_s};
use super::store::{self, StoreError};
use crate::model::account::{TOKEN_LIFETIMES, check_token_name};
use crate::model::{Account, AccountOverview, AppError, FieldError, Holdings, PicturesFate, TokenScope};

const DAY_S: i64 = 86_400;

/// What the account page shows.
pub async fn overview(context: &RequestContext) -> Result<AccountOverview, AppError> {
    let (account, db, now) = (context.account_holder().await?, &context.state.db, now_s());
    let joined = row_of(context, &account).await?.joined;
    let current = current_session(context);
    Ok(AccountOverview {
        sessions: store::sessions::list(db, account.id, current.as_deref(), now).await?,
        tokens: store::tokens::list(db, account.id, now).await?,
        username: account.username,
        admin: account.admin,
        joined,
    })
}

async fn row_of(context: &RequestContext, account: &Account) -> Result<store::users::UserRow, AppError> {
    let row = store::users::by_id(&context.state.db, account.id).await?;
    row.ok_or_else(|| AppError::NotSignedIn("sign in first".to_owned()))
}

fn current_session(context: &RequestContext) -> Option<String> {
    context.session.id().map(|id| session_store::hash(&id))
}

/// Says what is wrong with the present password, if it is not the one that was typed. As slow to guess at as signing in.
async fn check_present_password(
    context: &RequestContext,
    account: &Account,
    password: &str,
    field: &str,
) -> Result<Option<FieldError>, AppError> {
    context.state.limits.check_login(context.client, &account.username)?;
    let row = row_of(context, account).await?;
    let right = passwords::verify(passwords::cut(password), &row.password_hash).await?;
    Ok((!right).then(|| FieldError::new(field, "is not your password")))
}

/// Gives the account another password. All other sessions end, and this one goes on under a new id; tokens go on working
/// unless they are to be revoked.
pub async fn change_password(
    context: &RequestContext,
    current: &str,
    password: &str,
    revoke_tokens: bool,
) -> Result<(), AppError> {
    let (account, db) = (context.account_holder().await?, &context.state.db);
    let mut errors = Vec::new();
    errors.extend(check_present_password(context, &account, current, "current_password").await?);
    errors.extend(common::check_new_password(password, &account.username));
    if errors.is_empty() && password == current {
        errors.push(FieldError::new("password", "must be another one than before"));
    }
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let hash = passwords::hash(password).await?;
    if revoke_tokens {
        store::tokens::revoke_all(db, account.id).await?;
    }
    store::users::set_password(db, &account.username, &hash).await?;
    start_session(context, account.id, &hash).await
}

/// Ends one session of the viewer's.
pub async fn end_session(context: &RequestContext, id: &str) -> Result<(), AppError> {
    let account = context.account_holder().await?;
    Ok(store::sessions::delete_one(&context.state.db, account.id, id).await?)
}

/// Ends all sessions of the viewer's but the one that asks.
pub async fn end_other_sessions(context: &RequestContext) -> Result<(), AppError> {
    let account = context.account_holder().await?;
    let current = current_session(context).unwrap_or_default();
    Ok(store::sessions::delete_others(&context.state.db, account.id, &current).await.map(drop)?)
}

/// Makes a token and gives its secret, which cannot be read again later.
pub async fn make_token(
    context: &RequestContext,
    name: &str,
    scope: TokenScope,
    lifetime: &str,
) -> Result<String, AppError> {
    let (account, now) = (context.account_holder().await?, now_s());
    let name = name.trim();
    let lifetime = TOKEN_LIFETIMES.iter().find(|(word, ..)| *word == lifetime);
    let mut errors: Vec<_> = check_token_name(name).into_iter().collect();
    if lifetime.is_none() {
        errors.push(FieldError::new("lifetime", "must be one of those in the list"));
    }
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let expires_at = lifetime.and_then(|(_, _, days)| *days).map(|days| now + days * DAY_S);
    let secret = new_token();
    store::tokens::insert(&context.state.db, account.id, name, &hash_token(&secret), scope, expires_at, now).await?;
    handover::offer(context, &secret);
    Ok(secret)
}

/// The secret of the token that the viewer has just made without JavaScript, once.
pub async fn take_new_token(context: &RequestContext) -> Result<Option<String>, AppError> {
    let account = context.account_holder().await?;
    let Some(secret) = handover::take(context) else { return Ok(None) };
    // Nobody else's, and nothing that somebody else has put into the cookie.
    let bearer = store::tokens::by_hash(&context.state.db, &hash_token(&secret), now_s()).await?;
    Ok(bearer.filter(|bearer| bearer.account.id == account.id).map(|_| secret))
}

/// Revokes a token of the viewer's. Doing so again changes nothing.
pub async fn revoke_token(context: &RequestContext, id: i64) -> Result<(), AppError> {
    let account = context.account_holder().await?;
    match store::tokens::delete(&context.state.db, account.id, id).await {
        Ok(()) | Err(StoreError::NotFound(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What hangs on the viewer's account.
pub async fn holdings(context: &RequestContext) -> Result<Holdings, AppError> {
    let account = context.account_holder().await?;
    Ok(store::closing::holdings(&context.state.db, account.id).await?)
}

/// Closes the viewer's account for good, ends the session, and gives the username that the account has from then on.
pub async fn close(
    context: &RequestContext,
    password: &str,
    fate: Result<PicturesFate, FieldError>,
) -> Result<String, AppError> {
    let account = context.account_holder().await?;
    let wrong = check_present_password(context, &account, password, "password").await?;
    let fate = match (fate, wrong) {
        (Ok(fate), None) => fate,
        (fate, wrong) => return Err(AppError::fields(fate.err().into_iter().chain(wrong).collect())),
    };
    // Pictures may take a while: whoever closes the page, too, has made up their mind.
    let db = context.state.db.clone();
    let closing = tokio::spawn(async move { store::closing::close(&db, account.id, &fate, now_s()).await });
    let username = closing.await.map_err(|error| super::errors::internal("closing an account", &error))??;
    super::accounts::logout(context).await?;
    Ok(username)
}
