//! Jobs: how far they are, as they go on, and what they could not do.

use super::archives::as_download;
use super::{Answer, list_response};
use crate::api;
use crate::model::download::safe_cell;
use crate::model::{AppError, Job};
use crate::server::context::{RequestContext, now_s, within};
use crate::server::errors::internal;
use crate::server::extract::{Path, Query};
use crate::server::list_download::table_into;
use crate::server::store::{self, jobs::ERRORS_AT_ONCE};
use axum::body::{Body, Bytes};
use axum::http::{StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::io;
use std::time::{Duration, Instant};

/// A job is looked at so often for whoever follows it.
const LOOKS_EVERY: Duration = Duration::from_millis(500);
/// Who follows a job has to ask again after so long, and say again who they are. Browsers do so by themselves.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Which part of whose jobs is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobsParameters {
    #[serde(default)]
    everybody: bool,
    offset: Option<i64>,
    limit: Option<i64>,
}

/// `GET /api/v1/jobs/`.
pub async fn jobs(context: RequestContext, Query(wanted): Query<JobsParameters>) -> Result<Response, AppError> {
    let JobsParameters { everybody, offset, limit } = wanted;
    Ok(list_response(within(context, api::jobs::jobs(everybody, offset, limit)).await?, Vec::new()))
}

/// `GET /api/v1/jobs/<id>/`.
pub async fn job(context: RequestContext, Path(id): Path<i64>) -> Answer<Job> {
    within(context, api::jobs::job(id)).await.map(axum::Json)
}

/// `POST /api/v1/jobs/<id>/cancel`.
pub async fn cancel_job(context: RequestContext, Path(id): Path<i64>) -> Answer<Job> {
    within(context, api::jobs::cancel_job(id)).await.map(axum::Json)
}

/// `DELETE /api/v1/jobs/<id>/`.
pub async fn delete_job(context: RequestContext, Path(id): Path<i64>) -> Result<StatusCode, AppError> {
    within(context, api::jobs::delete_job(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/jobs/<id>/events`: the job at once, again whenever something of it has changed, and for the last time when it has ended.
pub async fn events(context: RequestContext, Path(id): Path<i64>) -> Result<Response, AppError> {
    let account = context.reader()?;
    let first = store::jobs::get(&context.state.db, &account, id, now_s()).await?;
    let place = context.state.watchers.take(context.state.db.caller()).await?;
    let closing = context.state.bell.closing();
    let begun = Instant::now();
    let events = futures::stream::unfold((Some(first), None::<Job>, place), move |(next, last, place)| {
        let (db, account, closing) = (context.state.db.clone(), account.clone(), closing.clone());
        async move {
            let mut next = next;
            loop {
                if let Some(job) = next.take()
                    && last.as_ref() != Some(&job)
                {
                    let event = Event::default().event("job").json_data(&job);
                    return Some((event, (None, Some(job), place)));
                }
                if last.as_ref().is_some_and(|job| job.state.has_ended()) || begun.elapsed() >= LONGEST {
                    return None;
                }
                tokio::select! {
                    () = closing.cancelled() => return None,
                    () = tokio::time::sleep(LOOKS_EVERY) => {}
                }
                // One that is gone has no more to tell.
                next = Some(store::jobs::get(&db, &account, id, now_s()).await.ok()?);
            }
        }
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    // Proxies that gather what comes would keep it back.
    response.headers_mut().insert("x-accel-buffering", header::HeaderValue::from_static("no"));
    Ok(response)
}

/// `GET /api/v1/jobs/<id>/errors.csv`.
pub async fn errors(context: RequestContext, Path(id): Path<i64>) -> Result<Response, AppError> {
    let account = context.reader()?;
    store::jobs::get(&context.state.db, &account, id, now_s()).await?;
    let place = context.state.downloads.take(context.state.db.caller()).await?;
    let db = context.state.db.clone();
    let lines = futures::stream::try_unfold((Some(0), place), move |(from, place)| {
        let db = db.clone();
        async move {
            let Some(from) = from else { return Ok::<_, io::Error>(None) };
            let errors = store::jobs::errors(&db, id, from, ERRORS_AT_ONCE).await.map_err(|error| {
                internal("the errors of a job", &error);
                io::Error::other("the download was broken off")
            })?;
            let mut table = table_into(Vec::new());
            if from == 0 {
                table.write_record(["place", "message"])?;
            }
            for (_, error) in &errors {
                table.write_record([safe_cell(&error.place).as_ref(), safe_cell(&error.message).as_ref()])?;
            }
            let bytes = table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
            let next = errors.last().map(|(number, _)| number + 1);
            Ok(Some((Bytes::from(bytes), (next, place))))
        }
    });
    let mut response = ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], Body::from_stream(lines)).into_response();
    as_download(response.headers_mut(), &format!("attachment; filename=\"job-{id}-errors.csv\""));
    Ok(response)
}
