//! Galleries: picked sets of pictures.

use crate::model::{AppError, Gallery, GallerySummary, Page};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the list of galleries, newest first.
#[server(prefix = "/fn", endpoint = "galleries", input = Json)]
pub async fn galleries(offset: Option<i64>, limit: Option<i64>) -> Result<Page<GallerySummary>, AppError> {
    let context = crate::server::context::current()?;
    let page = crate::model::PageRequest::new(offset, limit)?;
    Ok(crate::server::store::galleries::list(&context.state.db, page).await?)
}

/// One gallery. Its pictures come from a query (`in_gallery`).
#[server(name = GetGallery, prefix = "/fn", endpoint = "gallery", input = Json)]
pub async fn gallery(id: i64) -> Result<Gallery, AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::galleries::get(&context.state.db, id).await?)
}
