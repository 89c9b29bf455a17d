//! Namespaces: what stands before the names of datasets, and who has which role there.
//!
//! The mutating functions that forms call are URL-encoded, so that they work without JavaScript.

use crate::model::{AppError, Membership, Namespace, NamespaceFilter, Page, Role, Visibility};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the namespaces that the viewer may see, by name.
#[server(prefix = "/fn", endpoint = "namespaces", input = Json)]
pub async fn namespaces(
    filter: NamespaceFilter,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Namespace>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(crate::server::store::namespaces::list(db, viewer, &filter, page).await?)
}

/// Whether there is a namespace of this name, as far as the viewer may know.
#[server(name = IsKnownNamespace, prefix = "/fn", endpoint = "is_known_namespace", input = Json)]
pub async fn is_known(name: String) -> Result<bool, AppError> {
    match namespace(name).await {
        Ok(_) => Ok(true),
        Err(AppError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// One namespace.
#[server(name = GetNamespace, prefix = "/fn", endpoint = "namespace", input = Json)]
pub async fn namespace(name: String) -> Result<Namespace, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::namespaces::get(&context.state.db, &context.viewer, &name).await?)
}

/// Makes the namespace of a group, which the viewer then owns.
#[server(prefix = "/fn", endpoint = "create_namespace", input = Json)]
pub async fn create_namespace(name: String, visibility: Visibility) -> Result<Namespace, AppError> {
    let context = crate::server::context::current()?;
    let owner = context.writer()?;
    if let Some(error) = crate::model::dataset::check_group_name(&name) {
        return Err(AppError::fields(vec![error]));
    }
    let (db, viewer, now) = (&context.state.db, &context.viewer, crate::server::context::now_s());
    crate::server::store::namespaces::insert_group(db, &name, visibility, owner.id, now).await?;
    Ok(crate::server::store::namespaces::get(db, viewer, &name).await?)
}

/// Changes who may see a namespace.
#[server(prefix = "/fn", endpoint = "update_namespace", input = Json)]
pub async fn update_namespace(name: String, visibility: Visibility) -> Result<Namespace, AppError> {
    use crate::server::store::namespaces;
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    namespaces::set_visibility(db, viewer, &name, visibility, account.id, actor).await?;
    Ok(namespaces::get(db, viewer, &name).await?)
}

/// Deletes the namespace of a group that has no datasets.
#[server(prefix = "/fn", endpoint = "delete_namespace", input = Json)]
pub async fn delete_namespace(name: String) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    Ok(crate::server::store::namespaces::delete(db, viewer, &name, account.id, actor).await?)
}

/// A part of the members of a namespace, the highest role first.
#[server(prefix = "/fn", endpoint = "namespace_members", input = Json)]
pub async fn namespace_members(
    name: String,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Membership>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::namespaces::members(&context.state.db, &context.viewer, &name, page).await?)
}

/// Gives somebody a role in a namespace; without one they are taken out. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "set_namespace_member", input = Json)]
pub async fn set_namespace_member(name: String, username: String, role: Option<Role>) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let username = username.trim();
    Ok(crate::server::store::namespaces::set_member(db, viewer, &name, username, role, account.id, actor).await?)
}

/// Makes the namespace of a group from a form, and goes on to it.
#[server(prefix = "/fn", endpoint = "new_group")]
pub async fn new_group(name: String, visibility: Visibility) -> Result<Namespace, AppError> {
    let namespace = create_namespace(name.trim().to_owned(), visibility).await?;
    leptos_axum::redirect(&format!("/namespace/{}", namespace.name));
    Ok(namespace)
}

/// Changes who may see a namespace, from a form.
#[server(prefix = "/fn", endpoint = "edit_namespace")]
pub async fn edit_namespace(name: String, visibility: Visibility) -> Result<Namespace, AppError> {
    update_namespace(name, visibility).await
}

/// Deletes the namespace of a group from a form, and goes on to the list of groups.
#[server(prefix = "/fn", endpoint = "remove_namespace")]
pub async fn remove_namespace(name: String) -> Result<(), AppError> {
    delete_namespace(name).await?;
    leptos_axum::redirect("/namespaces");
    Ok(())
}

/// Gives somebody a role in a namespace, from a form.
#[server(prefix = "/fn", endpoint = "give_namespace_role")]
pub async fn give_namespace_role(of: String, username: String, role: Role) -> Result<(), AppError> {
    set_namespace_member(of, username, Some(role)).await
}

/// Takes somebody out of a namespace, from a form, and says whether the viewer still sees it. Who does not goes on to the list of groups.
#[server(prefix = "/fn", endpoint = "take_namespace_role")]
pub async fn take_namespace_role(of: String, username: String) -> Result<bool, AppError> {
    set_namespace_member(of.clone(), username, None).await?;
    if matches!(namespace(of).await, Err(AppError::NotFound(_))) {
        leptos_axum::redirect("/namespaces");
        return Ok(false);
    }
    Ok(true)
}
