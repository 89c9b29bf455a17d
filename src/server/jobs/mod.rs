//! Long work that goes on while nobody waits for it.
//!
//! Every server works on so many jobs at once as its settings say, whoever has queued them ([`serve`]). Whoever works on one says again
//! and again that it still does, and hears meanwhile whether somebody wants it to end. A job that was cut off is taken again by
//! anybody, and goes on from its checkpoint. So whatever a kind of work does has to be as good when it is done twice, or be written in
//! the same transaction as the checkpoint that says so.

mod work;

pub use work::{Stop, Work};

use super::context::now_s;
use super::errors::internal;
use super::state::AppState;
use super::store::jobs::{End, Heard, LEASE_S, NewJob, Taken};
use super::store::{self, StoreError};
use crate::model::job::JobKind;
use crate::model::{Account, AppError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use work::{Order, Orders};

/// How often a server looks for jobs that others have queued or given up.
const LOOKS_EVERY: Duration = Duration::from_secs(2);
/// How often whoever works on a job says so.
const BEATS_EVERY: Duration = Duration::from_secs(5);
/// How long a job may take to end when the server ends.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells this server that there is work, and those who follow it that the server ends.
#[derive(Clone, Default)]
pub struct Bell {
    work: Arc<Notify>,
    closing: CancellationToken,
}

impl Bell {
    /// Cancelled when the server ends: whoever waits for news of a job waits no longer.
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }
}

/// Queues a job for this account, and gives its number.
pub async fn queue(state: &AppState, account: &Account, new: &NewJob) -> Result<i64, AppError> {
    let id = store::jobs::insert(&state.db, new, account.id, now_s()).await?;
    state.bell.work.notify_one();
    Ok(id)
}

/// Works on jobs until `stop` is cancelled.
pub async fn serve(state: AppState, stop: CancellationToken) {
    let mut running = JoinSet::new();
    while !stop.is_cancelled() {
        while running.len() < state.config.jobs_at_once {
            // One for each taking: whoever has lost a job must not be taken for who has it now, also where both are this server.
            let worker = format!("{:032x}", rand::random::<u128>());
            match store::jobs::take(&state.db, &worker, now_s()).await {
                Ok(Some(taken)) => {
                    let span = tracing::info_span!("job", id = taken.id, kind = taken.kind.as_str());
                    running.spawn(one(state.clone(), taken, worker, stop.clone()).instrument(span));
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::warn!(%error, "no job could be taken");
                    break;
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = running.join_next(), if !running.is_empty() => {}
            () = state.bell.work.notified() => {}
            () = tokio::time::sleep(LOOKS_EVERY) => {}
        }
    }
    state.bell.closing.cancel();
    let all = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!("some jobs were cut off at shutdown; they go on from their checkpoints");
    }
}

/// Works on one job until it ends, or this server does.
async fn one(state: AppState, taken: Taken, worker: String, stop: CancellationToken) {
    let (id, orders) = (taken.id, Arc::new(Orders::default()));
    let (kind, task) = (taken.kind, taken.task.clone());
    let beats = tokio::spawn(beat(state.clone(), id, worker.clone(), orders.clone(), stop).in_current_span());
    let work = perform(state.clone(), taken, worker.clone(), orders.clone());
    let work: JoinHandle<_> = tokio::spawn(work.in_current_span());
    let outcome = work.await;
    beats.abort();
    let end = match outcome {
        Ok(Ok(result)) => Some(End::Done(result)),
        Ok(Err(Stop::Failed(error))) => Some(End::Failed(error.to_string())),
        Ok(Err(Stop::Ordered)) if orders.given() == Some(Order::Cancel) => Some(End::Cancelled),
        Ok(Err(Stop::Ordered)) => None,
        Ok(Err(Stop::Again(error))) => {
            // It stays this server's until the lease has run out, and is tried again then, as often as one that was cut off.
            tracing::warn!(%error, "a job was cut off");
            return;
        }
        Err(panicked) => Some(End::Failed(internal("a job", &panicked).to_string())),
    };
    let written = match end {
        Some(end) => {
            let written = store::jobs::end(&state.db, id, &worker, &end, now_s()).await;
            if matches!((&written, &end), (Ok(true), End::Done(_))) {
                tidy_up(&state, kind, &task).await;
            }
            written.map(|_| ())
        }
        // One that somebody else has by now stays theirs.
        None => store::jobs::put_back(&state.db, id, &worker).await,
    };
    if let Err(error) = written {
        tracing::error!(%error, "the end of a job could not be written down");
    }
}

/// Forgets what a job needs no more which is done.
async fn tidy_up(state: &AppState, kind: JobKind, task: &str) {
    match kind {
        JobKind::Import => super::imports::tidy_up(state, task).await,
    }
}

/// Says again and again that somebody works on a job, and passes on who wants it to end.
async fn beat(state: AppState, id: i64, worker: String, orders: Arc<Orders>, stop: CancellationToken) {
    let mut heard_at = now_s();
    loop {
        tokio::select! {
            () = stop.cancelled() => return orders.give(Order::PutBack),
            () = tokio::time::sleep(BEATS_EVERY) => {}
        }
        match store::jobs::renew(&state.db, id, &worker, now_s()).await {
            Ok(heard) => {
                heard_at = now_s();
                orders.hear(heard);
            }
            // From then on somebody else may work on it.
            Err(_) if now_s() - heard_at >= LEASE_S => orders.hear(Heard::Lost),
            Err(error) => tracing::warn!(%error, "the lease of a job could not be renewed"),
        }
        if orders.given().is_some() {
            return;
        }
    }
}

/// Does what a job is about.
async fn perform(state: AppState, taken: Taken, worker: String, orders: Arc<Orders>) -> Result<String, Stop> {
    let kind = taken.kind;
    let mut work = Work::new(state, taken, worker, orders).await?;
    let result = match kind {
        JobKind::Import => super::imports::run(&mut work).await?,
    };
    work.tell_all().await?;
    serde_json::to_string(&result).map_err(|error| internal("the result of a job", &error).into())
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        if error.is_passing() { Self::Again(error) } else { Self::Failed(error.into()) }
    }
}
