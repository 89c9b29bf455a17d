//! Users, as everybody sees them.

use crate::model::{AppError, Page, UserProfile};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of users, by name.
#[server(prefix = "/fn", endpoint = "users", input = Json)]
pub async fn users(offset: Option<i64>, limit: Option<i64>) -> Result<Page<UserProfile>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::users::list(&context.state.db, page).await?)
}

/// One user.
#[server(name = GetUser, prefix = "/fn", endpoint = "user", input = Json)]
pub async fn user(name: String) -> Result<UserProfile, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::users::profile(&context.state.db, &name).await?)
}
