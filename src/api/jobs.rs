//! Jobs: long work that somebody wants done, as its owner sees it.

use crate::model::{AppError, Job, JobError, Page};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A part of the viewer's jobs, the newest first. Administrators may ask for everybody's.
#[server(prefix = "/fn", endpoint = "jobs", input = Json)]
pub async fn jobs(everybody: bool, offset: Option<i64>, limit: Option<i64>) -> Result<Page<Job>, AppError> {
    let context = crate::server::context::current()?;
    let account = if everybody { context.reading_administrator()? } else { context.reader()? };
    let page = crate::model::PageRequest::new(offset, limit)?;
    let now = crate::server::context::now_s();
    Ok(crate::server::store::jobs::list(&context.state.db, &account, everybody, page, now).await?)
}

/// One job of the viewer's; administrators see all.
#[server(name = GetJob, prefix = "/fn", endpoint = "job", input = Json)]
pub async fn job(id: i64) -> Result<Job, AppError> {
    let context = crate::server::context::current()?;
    let now = crate::server::context::now_s();
    Ok(crate::server::store::jobs::get(&context.state.db, &context.reader()?, id, now).await?)
}

/// The first things that a job could not do, at most 100.
#[server(prefix = "/fn", endpoint = "job_errors", input = Json)]
pub async fn job_errors(id: i64) -> Result<Vec<JobError>, AppError> {
    const MOST: u64 = 100;
    let context = crate::server::context::current()?;
    let (db, now) = (&context.state.db, crate::server::context::now_s());
    crate::server::store::jobs::get(db, &context.reader()?, id, now).await?;
    let errors = crate::server::store::jobs::errors(db, id, 0, MOST).await?;
    Ok(errors.into_iter().map(|(_, error)| error).collect())
}

/// Wants a job to end: one that waits ends at once, one that runs soon after. What it has done stays done.
#[server(prefix = "/fn", endpoint = "cancel_job")]
pub async fn cancel_job(id: i64) -> Result<Job, AppError> {
    let context = crate::server::context::current()?;
    let (db, account, now) = (&context.state.db, context.writer()?, crate::server::context::now_s());
    crate::server::store::jobs::cancel(db, &account, id, now).await?;
    Ok(crate::server::store::jobs::get(db, &account, id, now).await?)
}

/// Forgets a job that has ended, with what it could not do.
#[server(prefix = "/fn", endpoint = "delete_job")]
pub async fn delete_job(id: i64) -> Result<(), AppError> {
    let context = crate::server::context::current()?;
    Ok(crate::server::store::jobs::delete(&context.state.db, &context.writer()?, id).await?)
}
