//! Accounts: registering, signing in and out, and the link that makes the first account.

use super::auth::links::{self, Purpose};
use super::auth::tokens::hash_token;
use super::auth::{common, passwords};
use super::context::{RequestContext, SESSION_STAMP, SESSION_STARTED, SESSION_USER, mark_seen, now_s};
use super::errors::internal;
use super::state::AppState;
use super::store::{self, users::NewUser};
use crate::model::user::check_username;
use crate::model::{Account, AppError, Challenge, FieldError, SiteState};

/// How long the link that makes the first account works, in seconds. Every start of the server makes a new one.
const SETUP_LINK_SECONDS: i64 = 86_400;

/// What forms need to know of the site.
pub async fn site_state(context: &RequestContext) -> Result<SiteState, AppError> {
    let config = &context.state.config;
    Ok(SiteState {
        registration_open: config.registration_open,
        has_accounts: store::users::count(&context.state.db).await? > 0,
        upload_limit_bytes: i64::try_from(config.upload_limit_bytes).unwrap_or(i64::MAX),
        file_limit_bytes: i64::try_from(config.file_limit_bytes).unwrap_or(i64::MAX),
    })
}

/// A new question for the registration form.
pub async fn new_challenge(context: &RequestContext) -> Result<Challenge, AppError> {
    Ok(context.state.bot_check.challenge(now_s()))
}

/// Makes an account and signs it in.
pub async fn register(
    context: &RequestContext,
    username: &str,
    password: &str,
    challenge: &str,
    answer: &str,
    website: &str,
) -> Result<(), AppError> {
    let state = &context.state;
    if !state.config.registration_open {
        return Err(AppError::Forbidden("this site does not take registrations; ask its administrators".to_owned()));
    }
    state.limits.check_register(context.client)?;
    if store::users::count(&state.db).await? == 0 {
        // The first account is an administrator's, and belongs to whoever reads the console.
        return Err(AppError::Forbidden("this site is still being set up; come back a little later".to_owned()));
    }
    let mut faults = account_faults(username, password);
    // The question is used up even where something else is wrong: nobody can try out answers.
    match state.bot_check.verify(&state.db, challenge, answer, website, now_s()).await {
        Err(AppError::Invalid { errors, .. }) => faults.extend(errors),
        verified => verified?,
    }
    refuse(faults)?;
    let user = new_user(username, password, false).await?;
    let id = store::users::insert(&state.db, &user).await.map_err(|error| match AppError::from(error) {
        AppError::Conflict(_) => AppError::field("username", "is taken"),
        other => other,
    })?;
    start_session(context, id, &user.password_hash).await
}

/// Signs in. Costs the same time whether or not the user exists.
pub async fn login(context: &RequestContext, username: &str, password: &str) -> Result<Account, AppError> {
    let state = &context.state;
    state.limits.check_login(context.client, username)?;
    let row = store::users::by_name(&state.db, username).await?;
    // Asked for everybody, so that the time tells nothing.
    let is_anybody_there = store::users::any(&state.db).await?;
    let password = passwords::cut(password);
    let wrong = || AppError::NotSignedIn("the username or the password is wrong".to_owned());
    let Some(row) = row else {
        passwords::verify_dummy(password).await?;
        if !is_anybody_there {
            let detail = "nobody has an account here yet; the first one is made with the link that the server showed where it was started";
            return Err(AppError::NotSignedIn(detail.to_owned()));
        }
        return Err(wrong());
    };
    if !passwords::verify(password, &row.password_hash).await? {
        return Err(wrong());
    }
    // Only who knows the password learns more.
    if row.suspended_at.is_some() {
        let detail = "this account is suspended; ask an administrator of this site";
        return Err(AppError::NotSignedIn(detail.to_owned()));
    }
    start_session(context, row.id, &row.password_hash).await?;
    Ok(Account { id: row.id, username: row.username, admin: row.admin })
}

/// Signs out and ends the session.
pub async fn logout(context: &RequestContext) -> Result<(), AppError> {
    context.session.flush().await.map_err(|error| internal("ending a session", &error))
}

/// Makes the first account for whoever holds the link of [`setup_link`].
pub async fn first_account(
    context: &RequestContext,
    token: &str,
    username: &str,
    password: &str,
) -> Result<(), AppError> {
    let state = &context.state;
    state.limits.check_register(context.client)?;
    refuse(account_faults(username, password))?;
    let useless = || {
        let detail = "this link has been used or has expired; a start of the server without accounts shows a new one";
        AppError::Forbidden(detail.to_owned())
    };
    // Looked at before anything is hashed for a stranger, and used up together with making the account.
    let (purpose, now) = (Purpose::FirstAccount, now_s());
    links::peek(&state.db, purpose, token, now).await?.ok_or_else(useless)?;
    let user = new_user(username, password, true).await?;
    let made = store::users::insert_first(&state.db, &user, purpose.as_str(), &hash_token(token), now).await?;
    start_session(context, made.ok_or_else(useless)?, &user.password_hash).await
}

/// A fresh one-time link to the page that makes the first account; nothing if there is an account.
pub async fn setup_link(state: &AppState) -> Result<Option<String>, AppError> {
    if store::users::count(&state.db).await? > 0 {
        return Ok(None);
    }
    let token = links::issue(&state.db, Purpose::FirstAccount, None, SETUP_LINK_SECONDS, now_s()).await?;
    Ok(Some(format!("{}/setup?token={token}", state.config.public_url)))
}

/// Makes setup links useless, once there is an account by another way.
pub async fn forget_setup_link(state: &AppState) -> Result<(), AppError> {
    Ok(links::revoke_all(&state.db, Purpose::FirstAccount).await?)
}

fn account_faults(username: &str, password: &str) -> Vec<FieldError> {
    check_username(username).into_iter().chain(common::check_new_password(password, username)).collect()
}

fn refuse(faults: Vec<FieldError>) -> Result<(), AppError> {
    if faults.is_empty() { Ok(()) } else { Err(AppError::fields(faults)) }
}

async fn new_user(username: &str, password: &str, admin: bool) -> Result<NewUser, AppError> {
    let password_hash = passwords::hash(password).await?;
    Ok(NewUser { username: username.to_owned(), password_hash, admin, joined: now_s() })
}

/// The session gets a new id, so that one that somebody planted beforehand is worth nothing. It lasts no longer than the
/// password.
pub(super) async fn start_session(context: &RequestContext, user: i64, password_hash: &str) -> Result<(), AppError> {
    let failed = |error: tower_sessions::session::Error| internal("starting a session", &error);
    context.session.cycle_id().await.map_err(failed)?;
    context.session.insert(SESSION_STAMP, passwords::stamp(password_hash)).await.map_err(failed)?;
    context.session.insert(SESSION_STARTED, now_s()).await.map_err(failed)?;
    mark_seen(context).await.map_err(failed)?;
    context.session.insert(SESSION_USER, user).await.map_err(failed)
}
