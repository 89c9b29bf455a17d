//! Users, as everybody sees them.

use crate::model::{AppError, Contribution, Page, UserDetail, UserProfile};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of users, by name: all of them, or those with a text in their names.
#[server(prefix = "/fn", endpoint = "users", input = Json)]
pub async fn users(
    search: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<UserProfile>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::users::list(&context.state.db, search.as_deref(), page).await?)
}

/// One user.
#[server(name = GetUser, prefix = "/fn", endpoint = "user", input = Json)]
pub async fn user(name: String) -> Result<UserDetail, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::contributions::detail(&context.state.db, &context.viewer, &name).await?)
}

/// A part of the states of regions that a user saved, the newest first.
#[server(prefix = "/fn", endpoint = "contributions", input = Json)]
pub async fn contributions(
    name: String,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Contribution>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::contributions::list(&context.state.db, &context.viewer, &name, page).await?)
}
