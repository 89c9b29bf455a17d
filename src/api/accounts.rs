//! Accounts: register, sign in, sign out.
//!
//! The mutating functions are URL-encoded, so that their forms work without JavaScript.

use super::json::TextJson;
use crate::model::{Account, AppError, Challenge, SiteState};
use leptos::prelude::*;

/// Who is signed in, if anybody is.
#[server(prefix = "/fn", endpoint = "current_account", output = TextJson)]
pub async fn current_account() -> Result<Option<Account>, AppError> {
    Ok(crate::server::context::current()?.viewer.account)
}

/// What forms need to know of the site.
#[server(name = GetSiteState, prefix = "/fn", endpoint = "site_state")]
pub async fn site_state() -> Result<SiteState, AppError> {
    let context = crate::server::context::current()?;
    crate::server::accounts::site_state(&context).await
}

/// A new question for the registration form.
#[server(prefix = "/fn", endpoint = "new_challenge")]
pub async fn new_challenge() -> Result<Challenge, AppError> {
    let context = crate::server::context::current()?;
    crate::server::accounts::new_challenge(&context).await
}

/// Makes an account and signs it in. `website` is a trap: people do not see the field, so only programs fill it in.
#[server(prefix = "/fn", endpoint = "register", output = TextJson)]
pub async fn register(
    username: String,
    password: String,
    challenge: String,
    answer: String,
    #[server(default)] website: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::accounts::register(&context, &username, &password, &challenge, &answer, &website).await?;
    leptos_axum::redirect(crate::model::text::local_path(&next));
    Ok(())
}

/// Signs in. Answers in the same words and time whether or not the user exists.
#[server(prefix = "/fn", endpoint = "login", output = TextJson)]
pub async fn login(username: String, password: String, #[server(default)] next: String) -> Result<Account, AppError> {
    let context = crate::server::context::current()?;
    let account = crate::server::accounts::login(&context, &username, &password).await?;
    leptos_axum::redirect(crate::model::text::local_path(&next));
    Ok(account)
}

/// Signs out and ends the session.
#[server(prefix = "/fn", endpoint = "logout", output = TextJson)]
pub async fn logout() -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::accounts::logout(&context).await?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Makes the first account, an administrator, for whoever holds the one-time link that the console showed.
#[server(prefix = "/fn", endpoint = "first_account", output = TextJson)]
pub async fn first_account(token: String, username: String, password: String) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::accounts::first_account(&context, &token, &username, &password).await?;
    leptos_axum::redirect("/");
    Ok(())
}
