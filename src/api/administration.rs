//! What only administrators may do: look after accounts, and read what administrators did.
//!
//! The mutating functions that forms call are URL-encoded, so that they work without JavaScript.

use crate::model::{AccountChange, AppError, AuditEntry, Member, MemberFilter, Page, ResetLink};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of users, as administrators see them.
#[server(prefix = "/fn", endpoint = "members", input = Json)]
pub async fn members(filter: MemberFilter, offset: Option<i64>, limit: Option<i64>) -> Result<Page<Member>, AppError> {
    let context = crate::server::context::current()?;
    context.reading_administrator()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::administration::members(&context.state.db, &filter, page).await?)
}

/// One user, as administrators see them.
#[server(name = GetMember, prefix = "/fn", endpoint = "member", input = Json)]
pub async fn member(name: String) -> Result<Member, AppError> {
    let context = crate::server::context::current()?;
    context.reading_administrator()?;
    Ok(crate::server::store::administration::member(&context.state.db, &name).await?)
}

/// Changes somebody's account: whether they are an administrator, and whether they may sign in. A token makes nobody an
/// administrator: whoever got hold of it would stay one after it was revoked.
#[server(prefix = "/fn", endpoint = "change_account", input = Json)]
pub async fn change_account(name: String, change: AccountChange) -> Result<Member, AppError> {
    use crate::server::store::administration as store;
    let context = crate::server::context::current()?;
    let actor = crate::server::context::actor(&context.administrator()?);
    if change.admin == Some(true) {
        context.account_holder().await?;
    }
    if let Some(error) = change.check() {
        return Err(AppError::fields(vec![error]));
    }
    store::change(&context.state.db, &name, &change, actor).await?;
    Ok(store::member(&context.state.db, &name).await?)
}

/// Makes somebody an administrator, or takes that away, from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "set_administrator")]
pub async fn set_administrator(name: String, #[server(default)] admin: bool) -> Result<Member, AppError> {
    change_by_form(name, AccountChange { admin: Some(admin), ..AccountChange::default() }).await
}

/// Keeps somebody out, or lets them in again, from a form that works without JavaScript.
#[server(prefix = "/fn", endpoint = "set_suspended")]
pub async fn set_suspended(
    name: String,
    #[server(default)] suspended: bool,
    #[server(default)] reason: String,
) -> Result<Member, AppError> {
    change_by_form(name, AccountChange { suspended: Some(suspended), reason, ..AccountChange::default() }).await
}

#[cfg(feature = "ssr")]
async fn change_by_form(name: String, change: AccountChange) -> Result<Member, AppError> {
    let member = change_account(name, change).await?;
    super::lead_to(&format!("/administration/user/{}", crate::model::text::path_segment(&member.id)));
    Ok(member)
}

/// A link that gives somebody's account another password once. It cannot be shown again. A token makes none: whoever got hold
/// of it would have an account after it was revoked.
#[server(prefix = "/fn", endpoint = "make_reset_link", input = Json)]
pub async fn make_reset_link(name: String) -> Result<ResetLink, AppError> {
    let context = crate::server::context::current()?;
    let actor = crate::server::context::actor(&context.administrator()?);
    context.account_holder().await?;
    crate::server::password_reset::make_link(&context.state, &name, actor).await
}

/// A part of the audit log, newest first. `actor` keeps what one user did, or with `-` the command line; `action` keeps one
/// kind of deed.
#[server(prefix = "/fn", endpoint = "audit_log", input = Json)]
pub async fn audit_log(
    actor: Option<String>,
    action: Option<String>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<AuditEntry>, AppError> {
    let context = crate::server::context::current()?;
    context.reading_administrator()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let action = action.as_deref().map(str::parse).transpose()?;
    Ok(crate::server::store::audit::list(&context.state.db, actor.as_deref(), action, page).await?)
}

/// The names of those who did what the audit log tells of.
#[server(prefix = "/fn", endpoint = "audit_actors", input = Json)]
pub async fn audit_actors() -> Result<Vec<String>, AppError> {
    let context = crate::server::context::current()?;
    context.reading_administrator()?;
    Ok(crate::server::store::audit::actors(&context.state.db).await?)
}
