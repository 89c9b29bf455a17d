//! What can be said of a query's results beside the pictures.

use super::Answer;
use super::queries::query_text;
use crate::api;
use crate::model::{AppError, Dimension, Insights};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Path, Query, Raw};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::Deserialize;

/// What is to be counted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InsightParameters {
    query: Option<String>,
    effects: Option<bool>,
    dimensions: Option<String>,
    top: Option<i64>,
}

/// `GET /api/query-insights?query=`.
pub async fn insights_by_address(
    context: RequestContext,
    Query(parameters): Query<InsightParameters>,
) -> Answer<Insights> {
    let text = parameters.query.clone().unwrap_or_default();
    insights(context, text, parameters).await
}

/// `POST /api/query-insights` with the query's text as the body.
pub async fn insights_by_body(
    context: RequestContext,
    Query(parameters): Query<InsightParameters>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Answer<Insights> {
    insights(context, query_text(&headers, &body)?, parameters).await
}

async fn insights(context: RequestContext, text: String, parameters: InsightParameters) -> Answer<Insights> {
    let InsightParameters { effects, dimensions, top, .. } = parameters;
    let dimensions: Vec<Dimension> = match dimensions.as_deref() {
        None => Dimension::FACETS.to_vec(),
        Some("") => Vec::new(),
        Some(names) => names.split(',').map(|name| name.trim().parse()).collect::<Result<_, AppError>>()?,
    };
    let operation = api::queries::query_insights(text, effects.unwrap_or(true), dimensions, top);
    within(context, operation).await.map(axum::Json)
}

/// Of what there is a plot.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlotParameters {
    query: Option<String>,
    top: Option<i64>,
}

/// `GET /api/query-plot/<dimension>?query=`: an image.
pub async fn plot(
    context: RequestContext,
    Path(dimension): Path<String>,
    Query(PlotParameters { query, top }): Query<PlotParameters>,
) -> Result<impl IntoResponse, AppError> {
    let nothing = |_| AppError::NotFound(format!("there is no plot called `{dimension}`"));
    let dimension: Dimension = dimension.parse().map_err(nothing)?;
    let svg = within(context, api::queries::query_plot(query.unwrap_or_default(), dimension, top)).await?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml; charset=utf-8"),
        // Nothing in it runs, and nothing is to be loaded.
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
    ];
    Ok((headers, svg))
}
