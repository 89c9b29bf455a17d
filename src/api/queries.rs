//! Queries: finding pictures.

use super::json::TextJson;
use crate::model::{
    AppError, Beside, Dimension, Insights, Ordering, Page, Part, Picture, PictureCard, Rest, Statistics,
};
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

/// The pictures that follow the one with the number `after` in the results of a query, whether or not the query finds that
/// picture itself. Nothing is counted, so that every part comes as quickly as the first one.
#[server(prefix = "/fn", endpoint = "query_pictures_after", input = Json)]
pub async fn query_pictures_after(
    query: String,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    after: i64,
    limit: Option<i64>,
) -> Result<Rest<Picture>, AppError> {
    use crate::model::PageRequest;
    use crate::server::{search, store};
    let context = crate::server::context::current()?;
    let PageRequest { limit, .. } = PageRequest::new(None, limit)?;
    let ordering = ordering.unwrap_or_default();
    let seed = match (ordering, seed) {
        (Ordering::Random, None) => return Err(AppError::field("seed", "must be that of the part before")),
        (_, seed) => seed.unwrap_or_default(),
    };
    let stretch = |limit| search::Stretch::Beside(Beside::After(after), limit);
    let (found, more) = one_more(&context, &query, ordering, seed, limit, stretch).await?;
    let items = store::pictures::by_ids(&context.state.db, &context.viewer, &found, &context.state.urls).await?;
    Ok(Rest { items, limit, more })
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
    let mut page = super::cards(&context, found).await?;
    outline(&context, &query, &mut page.items).await?;
    Ok(page)
}

/// The same without the number of all, so that the pictures wait for no count: [`query_total`] gives it. Where the part is
/// `beside` a picture that is still there, `offset` only says where that is in the list; otherwise it leads to the part.
#[server(prefix = "/fn", endpoint = "query_grid", input = Json, output = TextJson)]
pub async fn query_grid(
    query: String,
    ordering: Option<Ordering>,
    seed: Option<i64>,
    offset: Option<i64>,
    limit: Option<i64>,
    beside: Option<Beside>,
) -> Result<Part<PictureCard>, AppError> {
    use crate::model::PageRequest;
    use crate::server::{search, store};
    let context = crate::server::context::current()?;
    let PageRequest { offset, limit } = PageRequest::new(offset, limit)?;
    let (ordering, seed) = (ordering.unwrap_or_default(), seed.unwrap_or_else(search::random_seed));
    let page = |limit| search::Stretch::Page(PageRequest { offset, limit });
    let beside = match beside {
        None => None,
        Some(beside) => {
            let stretch = |limit| search::Stretch::Beside(beside, limit);
            match one_more(&context, &query, ordering, seed, limit, stretch).await {
                Err(search::SearchError::NoPlace(_)) => None,
                found => Some(found?),
            }
        }
    };
    let is_beside = beside.is_some();
    let (found, more) = match beside {
        Some(found) => found,
        None => one_more(&context, &query, ordering, seed, limit, page).await?,
    };
    let (db, viewer) = (&context.state.db, &context.viewer);
    let mut items = store::pictures::cards(db, viewer, &found, &context.state.urls).await?;
    outline(&context, &query, &mut items).await?;
    Ok(Part { items, offset, limit, more, beside: is_beside })
}

/// At most `limit` results, and whether there are more beyond them.
#[cfg(feature = "ssr")]
async fn one_more(
    context: &crate::server::context::RequestContext,
    query: &str,
    ordering: Ordering,
    seed: i64,
    limit: i64,
    stretch: impl Fn(i64) -> crate::server::search::Stretch,
) -> Result<(Vec<i64>, bool), crate::server::search::SearchError> {
    let (db, viewer) = (&context.state.db, &context.viewer);
    let wanted = stretch(limit.saturating_add(1));
    let search = crate::server::search::find_some(db, viewer, query, ordering, seed, wanted);
    let mut found = context.while_wanted(search).await?;
    let size = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > size;
    if more && wanted.is_backwards() {
        found.remove(0);
    }
    found.truncate(size);
    // What comes before a picture is followed by it.
    Ok((found, more || wanted.is_backwards()))
}

/// How many pictures a query finds, exactly.
#[server(prefix = "/fn", endpoint = "query_total", input = Json, output = TextJson)]
pub async fn query_total(query: String) -> Result<i64, AppError> {
    let context = crate::server::context::current()?;
    let only = crate::server::search::Wanted { effects: false, dimensions: Vec::new(), top: 1 };
    Ok(crate::server::search::insights(&context.state.db, &context.viewer, &query, &only).await?.total)
}

/// How many pictures a query finds; with `effects` what each of its rules does; and for each dimension how many pictures
/// there are of which kind, the most frequent `top` of the names (default 20). All that in the time that a search may take:
/// `complete` says whether it sufficed.
#[server(prefix = "/fn", endpoint = "query_insights", input = Json)]
pub async fn query_insights(
    query: String,
    effects: bool,
    dimensions: Vec<Dimension>,
    top: Option<i64>,
) -> Result<Insights, AppError> {
    let context = crate::server::context::current()?;
    let top = number_of_names(top)?;
    let mut named = std::collections::HashSet::new();
    if !dimensions.iter().all(|dimension| named.insert(*dimension)) {
        return Err(AppError::field("dimensions", "must not name any twice"));
    }
    let wanted = crate::server::search::Wanted { effects, dimensions, top };
    Ok(crate::server::search::insights(&context.state.db, &context.viewer, &query, &wanted).await?)
}

/// What a query finds, in plots. `complete` says whether the time sufficed for all of them.
#[server(prefix = "/fn", endpoint = "query_statistics", input = Json, output = TextJson)]
pub async fn query_statistics(query: String) -> Result<Statistics, AppError> {
    let context = crate::server::context::current()?;
    let counting = crate::server::statistics::statistics(&context.state.db, &context.viewer, &query);
    Ok(context.while_wanted(counting).await?)
}

/// One of the plots as an SVG text; of names the most frequent `top` (default 20).
#[server(prefix = "/fn", endpoint = "query_plot", input = Json)]
pub async fn query_plot(query: String, dimension: Dimension, top: Option<i64>) -> Result<String, AppError> {
    let context = crate::server::context::current()?;
    let top = number_of_names(top)?;
    Ok(crate::server::statistics::plot(&context.state.db, &context.viewer, &query, dimension, top).await?)
}

#[cfg(feature = "ssr")]
fn number_of_names(top: Option<i64>) -> Result<i64, AppError> {
    use crate::model::insights::MAX_SLICES;
    let top = top.unwrap_or(crate::server::statistics::TOP);
    if !(1..=MAX_SLICES).contains(&top) {
        return Err(AppError::field("top", format!("must be from 1 to {MAX_SLICES}")));
    }
    Ok(top)
}

/// Puts the outlines of what a query asks for on the cards of what it finds.
#[cfg(feature = "ssr")]
async fn outline(
    context: &crate::server::context::RequestContext,
    query: &str,
    cards: &mut [PictureCard],
) -> Result<(), AppError> {
    let ids: Vec<i64> = cards.iter().map(|card| card.picture.id).collect();
    let (db, viewer) = (&context.state.db, &context.viewer);
    let mut outlines = crate::server::search::outlines(db, viewer, query, &ids).await?;
    for card in cards {
        card.outlines = outlines.remove(&card.picture.id).unwrap_or_default();
    }
    Ok(())
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
    let search = search::find(db, viewer, query, ordering.unwrap_or_default(), seed, request);
    let found = context.while_wanted(search).await?;
    Ok((context, found))
}
