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
    let found = find(&context, &query, ordering, seed, offset, limit).await?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let items = crate::server::store::pictures::by_ids(db, viewer, &found.items, &context.state.urls).await?;
    Ok(Page { items, total: found.total, offset: found.offset, limit: found.limit })
}

/// The same as [`query_pictures`] for pages that show pictures as cards: regions say what they show, but not where. Outlines
/// would make a page several times as large.
#[server(prefix = "/fn", endpoint = "query_cards", input = Json)]
pub async fn query_cards(
    query: String,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<Picture>, AppError> {
    let context = crate::server::context::current()?;
    let found = find(&context, &query, ordering, seed, offset, limit).await?;
    let (db, viewer) = (&context.state.db, &context.viewer);
    let items = crate::server::store::pictures::cards(db, viewer, &found.items, &context.state.urls).await?;
    Ok(Page { items, total: found.total, offset: found.offset, limit: found.limit })
}

#[cfg(feature = "ssr")]
async fn find(
    context: &crate::server::context::RequestContext,
    query: &str,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<i64>, AppError> {
    let request = crate::model::PageRequest::new(offset, limit)?;
    let seed = seed.unwrap_or_else(crate::server::search::random_seed);
    let (db, viewer) = (&context.state.db, &context.viewer);
    Ok(crate::server::search::find(db, viewer, query, ordering.unwrap_or_default(), seed, request).await?)
}
