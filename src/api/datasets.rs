//! Datasets: named collections of pictures, and who has which role in them.

use crate::model::{AppError, Dataset, DatasetChange, DatasetFilter, DatasetOrder, Membership, NewDataset, Page, Role};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the datasets that the viewer may see.
#[server(prefix = "/fn", endpoint = "datasets", input = Json)]
pub async fn datasets(
    filter: DatasetFilter,
    order: DatasetOrder,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Dataset>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::datasets::list(&context.state.db, &context.viewer, &filter, order, page).await?)
}

/// One dataset.
#[server(name = GetDataset, prefix = "/fn", endpoint = "dataset", input = Json)]
pub async fn dataset(id: i64) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::datasets::get(&context.state.db, &context.viewer, id).await?)
}

/// One dataset by its name.
#[server(prefix = "/fn", endpoint = "dataset_by_name", input = Json)]
pub async fn dataset_by_name(namespace: String, name: String) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::datasets::by_name(&context.state.db, &context.viewer, &namespace, &name).await?)
}

/// Makes a dataset: maintainers of its namespace may.
#[server(prefix = "/fn", endpoint = "create_dataset", input = Json)]
pub async fn create_dataset(dataset: NewDataset) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut dataset = dataset;
    let errors = dataset.check();
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let id = crate::server::store::datasets::insert(db, viewer, &dataset, account.id, actor).await?;
    Ok(crate::server::store::datasets::get(db, viewer, id).await?)
}

/// Changes the settings of a dataset; absent ones stay.
#[server(prefix = "/fn", endpoint = "update_dataset", input = Json)]
pub async fn update_dataset(id: i64, change: DatasetChange) -> Result<Dataset, AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let mut change = change;
    let errors = change.check();
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    crate::server::store::datasets::update(db, viewer, id, &change, account.id, actor).await?;
    Ok(crate::server::store::datasets::get(db, viewer, id).await?)
}

/// Deletes a dataset with its pictures, files and history.
#[server(prefix = "/fn", endpoint = "delete_dataset", input = Json)]
pub async fn delete_dataset(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    crate::server::versions::delete(&context, id).await
}

/// A part of the members of a dataset, the highest role first; those of its namespace are not among them.
#[server(prefix = "/fn", endpoint = "dataset_members", input = Json)]
pub async fn dataset_members(id: i64, offset: Option<i64>, limit: Option<i64>) -> Result<Page<Membership>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::datasets::members(&context.state.db, &context.viewer, id, page).await?)
}

/// Gives somebody a role in a dataset; without one they are taken out. Doing so again changes nothing.
#[server(prefix = "/fn", endpoint = "set_dataset_member", input = Json)]
pub async fn set_dataset_member(id: i64, username: String, role: Option<Role>) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    let account = context.writer()?;
    let (db, viewer, actor) = (&context.state.db, &context.viewer, crate::server::context::actor(&account));
    let username = username.trim();
    Ok(crate::server::store::datasets::set_member(db, viewer, id, username, role, account.id, actor).await?)
}
