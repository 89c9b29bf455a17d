//! Queries: finding pictures.

use crate::model::{AppError, Ordering, Page, Picture, PictureCard};
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
    let (context, found) = found(&query, ordering, seed, offset, limit).await?;
    super::whole_pictures(&context, found).await
}

/// The same as [`query_pictures`] for pages that show pictures as cards.
#[server(prefix = "/fn", endpoint = "query_cards", input = Json)]
pub async fn query_cards(
    query: String,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<Page<PictureCard>, AppError> {
    let (context, found) = found(&query, ordering, seed, offset, limit).await?;
    super::cards(&context, found).await
}

#[cfg(feature = "ssr")]
async fn found(
    query: &str,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
) -> Result<(crate::server::context::RequestContext, Page<i64>), AppError> {
    use crate::server::search;
    let context = crate::server::context::current()?;
    let request = crate::model::PageRequest::new(offset, limit)?;
    let seed = seed.unwrap_or_else(search::random_seed);
    let (db, viewer) = (&context.state.db, &context.viewer);
    let found = search::find(db, viewer, query, ordering.unwrap_or_default(), seed, request).await?;
    Ok((context, found))
}
