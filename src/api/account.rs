//! Looking after one's own account. Every function needs somebody who signed in with a password; a token may do none of it.
//!
//! The mutating functions are URL-encoded, so that their forms work without JavaScript.

use super::json::TextJson;
use crate::model::{AccountOverview, AppError, Holdings, TokenScope};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What the account page shows.
#[server(name = GetAccountOverview, prefix = "/fn", endpoint = "account_overview", input = Json)]
pub async fn account_overview() -> Result<AccountOverview, AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::overview(&context).await
}

/// Gives the account another password; all other sessions end.
#[server(prefix = "/fn", endpoint = "change_password")]
pub async fn change_password(
    current_password: String,
    password: String,
    #[server(default)] revoke_tokens: bool,
) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::change_password(&context, &current_password, &password, revoke_tokens).await?;
    super::lead_to("/account?done=password");
    Ok(())
}

/// Ends one session.
#[server(prefix = "/fn", endpoint = "end_session")]
pub async fn end_session(id: String) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::end_session(&context, &id).await
}

/// Ends all sessions but the one that asks.
#[server(prefix = "/fn", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::end_other_sessions(&context).await
}

/// Makes a token and gives its secret, which cannot be read again later. `lifetime` is one of the words of
/// [`crate::model::account::TOKEN_LIFETIMES`].
#[server(prefix = "/fn", endpoint = "make_token")]
pub async fn make_token(name: String, scope: TokenScope, lifetime: String) -> Result<String, AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::make_token(&context, &name, scope, &lifetime).await
}

/// The secret of a token that was made without JavaScript, for the page that shows it once.
#[server(prefix = "/fn", endpoint = "take_new_token", input = Json)]
pub async fn take_new_token() -> Result<Option<String>, AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::take_new_token(&context).await
}

/// Revokes a token.
#[server(prefix = "/fn", endpoint = "revoke_token")]
pub async fn revoke_token(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::revoke_token(&context, id).await
}

/// What hangs on the account, for the question whether to close it.
#[server(prefix = "/fn", endpoint = "account_holdings", input = Json)]
pub async fn account_holdings() -> Result<Holdings, AppError> {
    let context = crate::server::context::current()?;
    crate::server::account::holdings(&context).await
}

/// Closes the account for good. `pictures` says what becomes of its pictures: `name`, `attribution` or `delete`.
#[server(prefix = "/fn", endpoint = "close_account", output = TextJson)]
pub async fn close_account(
    password: String,
    pictures: String,
    #[server(default)] attribution: String,
) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let fate = crate::model::PicturesFate::parse(&pictures, &attribution);
    let username = crate::server::account::close(&context, &password, fate).await?;
    super::lead_to(&format!("/user/{}", crate::model::text::path_segment(&username)));
    Ok(())
}
