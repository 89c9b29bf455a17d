//! Queries: finding pictures.

use crate::model::{AppError, Ordering, Page, Picture};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// The pictures that a query's text asks for: one part of them, and the exact number of all. `seed` says which of the
/// shuffles [`Ordering::Random`] gives; without one, every answer has another.
#[server(prefix = "/fn", endpoint = "query_pictures", input = Json)]
pub async fn query_pictures(
    query: String,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Picture>, AppError> {
    let context = crate::server::context::current()?;
    let request = crate::model::PageRequest::new(offset, limit)?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let ordering = ordering.unwrap_or_default();
    let seed = seed.unwrap_or_else(crate::server::search::random_seed);
    let found = crate::server::search::find(db, viewer, &query, ordering, seed, request).await?;
    let items = crate::server::store::pictures::by_ids(db, viewer, &found.items, &context.state.urls).await?;
    Ok(Page { items, total: found.total, offset: found.offset, limit: found.limit })
}
