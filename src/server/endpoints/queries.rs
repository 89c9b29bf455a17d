//! Queries.

use super::{ListParameters, list_response};
use crate::api;
use crate::model::text::path_segment;
use crate::model::{AppError, Ordering, Page, Picture};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Query, Raw};
use crate::server::search::random_seed;
use axum::http::{HeaderMap, header};
use axum::response::Response;

/// `GET /api/query-pictures?query=`.
pub async fn query_by_address(
    context: RequestContext,
    Query(parameters): Query<ListParameters>,
) -> Result<Response, AppError> {
    let text = parameters.query.clone().unwrap_or_default();
    query(context, text, parameters, true).await
}

/// `POST /api/query-pictures` with the query's text as the body.
pub async fn query_by_body(
    context: RequestContext,
    Query(parameters): Query<ListParameters>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, AppError> {
    let text = query_text(&headers, &body)?;
    query(context, text, parameters, false).await
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
    parameters: ListParameters,
    text_in_address: bool,
) -> Result<Response, AppError> {
    let ordering = parameters.ordering.as_deref().map(str::parse::<Ordering>).transpose()?;
    // Whoever names no seed gets another order each time; the links to the other parts name the seed of this one.
    let seed = parameters.seed.or_else(|| (ordering == Some(Ordering::Random)).then(random_seed));
    let operation = api::queries::query_pictures(text.clone(), ordering, seed, parameters.offset, parameters.limit);
    let base = format!("{}/api/query-pictures", context.state.config.public_url);
    let page: Page<Picture> = within(context, operation).await?;
    let address = |offset: i64| {
        let mut pairs = vec![format!("offset={offset}"), format!("limit={}", page.limit)];
        pairs.extend(ordering.map(|ordering| format!("ordering={}", ordering.as_str())));
        pairs.extend(seed.map(|seed| format!("seed={seed}")));
        if text_in_address {
            pairs.push(format!("query={}", path_segment(&text)));
        }
        format!("{base}?{}", pairs.join("&"))
    };
    let mut links = Vec::new();
    let next = page.offset.saturating_add(page.limit);
    if next < page.total {
        links.push(format!("<{}>; rel=\"next\"", address(next)));
    }
    if page.offset > 0 {
        links.push(format!("<{}>; rel=\"prev\"", address((page.offset - page.limit).max(0))));
    }
    Ok(list_response(page, links))
}
