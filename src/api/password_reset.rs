//! Another password for whoever holds a link that an administrator made.

use super::json::TextJson;
use crate::model::AppError;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The username of the account that a link gives another password. Looking does not use the link up.
#[server(prefix = "/fn", endpoint = "reset_owner", input = Json)]
pub async fn reset_owner(token: String) -> Result<String, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::password_reset::owner(&context.state, &token).await?.username)
}

/// Gives the link's account another password, ends its sessions, and signs in.
#[server(prefix = "/fn", endpoint = "reset_password", output = TextJson)]
pub async fn reset_password(token: String, password: String) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::password_reset::reset(&context, &token, &password).await?;
    leptos_axum::redirect("/");
    Ok(())
}
