//! Annotating picture after picture: what comes next, and what is said of the work.

use super::Answer;
use super::regions::must_be_who_drew;
use crate::api;
use crate::model::{AppError, Marks, NewMark, Only, Ordering, Queue, WorkFilter};
use crate::server::context::{RequestContext, within};
use crate::server::extract::{Json, Path, Query};
use axum::http::HeaderMap;
use serde::Deserialize;

/// In which row of pictures one is annotated.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueParameters {
    query: Option<String>,
    gallery: Option<i64>,
    project: Option<i64>,
    state: Option<String>,
    annotator: Option<String>,
    ordering: Option<String>,
    seed: Option<i64>,
    only: Option<String>,
    place: Option<String>,
}

/// `GET /api/picture/<id>/queue`.
pub async fn queue(
    context: RequestContext,
    Path(id): Path<i64>,
    Query(parameters): Query<QueueParameters>,
) -> Answer<Queue> {
    let QueueParameters { query, gallery, project, state, annotator, ordering, seed, only, place } = parameters;
    let filter = match (project, state, annotator) {
        (None, None, None) => None,
        (None, ..) => return Err(AppError::field("project", "is needed together with `state` and `annotator`")),
        (Some(project), state, annotator) => {
            let states = WorkFilter::read_states(state.as_deref().unwrap_or_default())?;
            Some((project, WorkFilter { states, annotator }))
        }
    };
    let ordering = ordering.as_deref().map(str::parse::<Ordering>).transpose()?;
    let only = only.as_deref().map(str::parse::<Only>).transpose()?;
    within(context, api::flow::queue(id, query, gallery, filter, ordering, seed, only, place)).await.map(axum::Json)
}

/// `GET /api/picture/<id>/mark`.
pub async fn marks(context: RequestContext, Path(id): Path<i64>) -> Answer<Marks> {
    within(context, api::flow::marks(id)).await.map(axum::Json)
}

/// `PUT /api/picture/<id>/mark`.
pub async fn mark_picture(
    context: RequestContext,
    Path(id): Path<i64>,
    headers: HeaderMap,
    Json(mark): Json<NewMark>,
) -> Answer<Marks> {
    must_be_who_drew(&context, &headers)?;
    within(context, api::flow::mark_picture(id, mark, None)).await.map(axum::Json)
}

/// `DELETE /api/picture/<id>/mark`.
pub async fn unmark_picture(context: RequestContext, Path(id): Path<i64>, headers: HeaderMap) -> Answer<Marks> {
    must_be_who_drew(&context, &headers)?;
    within(context, api::flow::unmark_picture(id, None)).await.map(axum::Json)
}
