//! Reference data: licences and natures.

use crate::model::{AppError, Licence, Nature};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// Every licence, pinned ones first.
#[server(prefix = "/fn", endpoint = "licences", input = Json)]
pub async fn licences() -> Result<Vec<Licence>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::licences::list(&context.state.db).await?)
}

/// One licence.
#[server(name = GetLicence, prefix = "/fn", endpoint = "licence", input = Json)]
pub async fn licence(id: String) -> Result<Licence, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::licences::get(&context.state.db, &id).await?)
}

/// Every nature.
#[server(prefix = "/fn", endpoint = "natures", input = Json)]
pub async fn natures() -> Result<Vec<Nature>, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::natures::list(&context.state.db).await?)
}
