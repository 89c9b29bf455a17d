//! Queries.

use super::{linked_response, list_response};
use crate::api;
use crate::model::text::path_segment;
use crate::model::{AppError, Ordering, Page, PageRequest, Picture, Rest};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Query, Raw};
use crate::server::search::random_seed;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Deserialize;

/// Longer texts that came as a body do not stand in the links to other parts of a list, in bytes as an address has them: clients
/// and proxies refuse long headers.
const MAX_LINKED_BYTES: usize = 1_000;

/// Which pictures are wanted, in which order, and which part of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueryParameters {
    query: Option<String>,
    ordering: Option<String>,
    seed: Option<i64>,
    offset: Option<i64>,
    after: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/query-pictures?query=`.
pub async fn query_by_address(
    context: RequestContext,
    Query(parameters): Query<QueryParameters>,
) -> Result<Response, AppError> {
    let text = parameters.query.clone().unwrap_or_default();
    query(context, text, parameters, usize::MAX).await
}

/// `POST /api/query-pictures` with the query's text as the body.
pub async fn query_by_body(
    context: RequestContext,
    Query(parameters): Query<QueryParameters>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    let text = query_text(&headers, &body)?;
    query(context, text, parameters, MAX_LINKED_BYTES).await
}

/// A query's text that comes as a body.
pub(super) fn query_text(headers: &HeaderMap, body: &[u8]) -> Result<String, AppError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("text/plain");
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // `curl --data` sends a form's type unless it is told otherwise; the text is meant all the same.
    const TEXT: [&str; 6] = [
        "application/yaml",
        "text/yaml",
        "text/plain",
        "application/json",
        "application/x-yaml",
        "application/x-www-form-urlencoded",
    ];
    if !TEXT.contains(&essence.as_str()) {
        return Err(AppError::UnsupportedMediaType(format!("a query is text of one of the types {}", TEXT.join(", "))));
    }
    let text = std::str::from_utf8(body).map_err(|_| AppError::invalid("the query is not UTF-8"))?;
    Ok(text.to_owned())
}

async fn query(
    context: RequestContext,
    text: String,
    parameters: QueryParameters,
    most_linked: usize,
) -> Result<Response, AppError> {
    let ordering = parameters.ordering.as_deref().map(str::parse::<Ordering>).transpose()?;
    // Whoever names no seed gets another order each time; the links to the other parts name the seed of this one.
    let is_alone = parameters.after.filter(|_| parameters.offset.is_none());
    let seed = parameters.seed.or_else(|| (ordering == Some(Ordering::Random) && is_alone.is_none()).then(random_seed));
    let base = format!("{}/api/query-pictures", context.state.config.public_url);
    let address = |place: String, limit: i64| {
        let mut pairs = vec![place, format!("limit={limit}")];
        pairs.extend(ordering.map(|ordering| format!("ordering={}", ordering.as_str())));
        pairs.extend(seed.map(|seed| format!("seed={seed}")));
        // Whoever follows a link with GET gets what was asked for in a body, too; with a body it says nothing new.
        let linked = path_segment(&text);
        if linked.len() <= most_linked {
            pairs.push(format!("query={linked}"));
        }
        format!("{base}?{}", pairs.join("&"))
    };
    // To go on from a picture is quicker than to count up to a place.
    let next = |offset: Option<i64>, items: &[Picture], limit: i64| {
        let offset = offset.map(|offset| format!("offset={}&", offset.saturating_add(limit))).unwrap_or_default();
        items.last().map(|last| format!("<{}>; rel=\"next\"", address(format!("{offset}after={}", last.id), limit)))
    };
    let previous = |offset: i64, limit: i64| {
        let before = (offset - limit).max(0);
        (offset > 0).then(|| format!("<{}>; rel=\"prev\"", address(format!("offset={before}"), limit)))
    };
    let QueryParameters { offset, limit, after, .. } = parameters;
    // What is wrong is said before anything is searched for.
    let asked = PageRequest::new(offset, limit)?;
    if let Some(after) = after {
        let operation = api::queries::query_pictures_after(text.clone(), ordering, seed, after, limit);
        match (within(context.clone(), operation).await, offset) {
            (Ok(Rest { items, limit, more }), None) => {
                let links = next(None, &items, limit).filter(|_| more).into_iter().collect();
                return Ok(linked_response(items, links));
            }
            (Ok(Rest { items, limit, more }), Some(_)) => {
                let offset = asked.offset;
                let total = within(context, api::queries::query_total(text.clone())).await?;
                // Where the list has become another one meanwhile, the picture knows better what follows than the offset.
                let links =
                    next(Some(offset), &items, limit).filter(|_| more).into_iter().chain(previous(offset, limit));
                let links = links.collect();
                return Ok(list_response(Page { items, total, offset, limit }, links));
            }
            (Err(error), Some(_)) if error.message_for("after").is_some() => {}
            (Err(error), _) => return Err(error),
        }
    }
    let operation = api::queries::query_pictures(text.clone(), ordering, seed, offset, limit);
    let page: Page<Picture> = within(context, operation).await?;
    let is_last = page.offset.saturating_add(page.limit) >= page.total;
    let following = next(Some(page.offset), &page.items, page.limit).filter(|_| !is_last);
    let links = following.into_iter().chain(previous(page.offset, page.limit)).collect();
    Ok(list_response(page, links))
}
