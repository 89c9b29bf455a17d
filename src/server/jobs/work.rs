//! A job that is being worked on.

use crate::model::job::JobError;
use crate::model::{Account, AppError, Viewer};
use crate::server::context::{RequestContext, now_s};
use crate::server::state::AppState;
use crate::server::store::jobs::{Heard, Progress, Taken};
use crate::server::store::{self, Caller, StoreError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Progress is written down so often, since each time costs the disk something.
const TELLS_EVERY: Duration = Duration::from_millis(500);
/// So many errors wait at most until they are written down.
const TOGETHER: usize = 500;

/// Why work on a job ends before all is done.
#[derive(Debug)]
pub enum Stop {
    /// Somebody wants it to end, or has taken it over, or this server ends.
    Ordered,
    /// The database cannot be reached; later it may.
    Again(StoreError),
    /// Nothing more can be done, for this reason.
    Failed(AppError),
}

/// What those who work on a job are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Its owner wants no more of it.
    Cancel,
    /// Somebody else shall go on with it.
    PutBack,
}

/// The first order that was given.
#[derive(Debug, Default)]
pub(super) struct Orders {
    first: OnceLock<Order>,
    token: CancellationToken,
}

impl Orders {
    pub(super) fn give(&self, order: Order) {
        let _ = self.first.set(order);
        self.token.cancel();
    }

    pub(super) fn given(&self) -> Option<Order> {
        self.first.get().copied()
    }

    pub(super) fn hear(&self, heard: Heard) {
        match heard {
            Heard::GoOn => {}
            Heard::Cancelled => self.give(Order::Cancel),
            // To put back what is somebody else's changes nothing.
            Heard::Lost => self.give(Order::PutBack),
        }
    }
}

/// A job that this server works on.
pub struct Work {
    /// As if its owner asked.
    pub context: RequestContext,
    /// Its owner.
    pub account: Account,
    /// Its number.
    pub id: i64,
    /// What is to be done, as JSON.
    pub task: String,
    /// From where it goes on, as JSON; none at the beginning.
    pub checkpoint: Option<String>,
    worker: String,
    orders: Arc<Orders>,
    progress: Progress,
    told: Instant,
}

impl Work {
    /// Fails where the owner's account may not act any more.
    pub(super) async fn new(state: AppState, taken: Taken, worker: String, orders: Arc<Orders>) -> Result<Self, Stop> {
        let user = store::users::by_id(&state.db, taken.owner).await?;
        let gone = || AppError::Forbidden("the account that wanted this may not act any more".to_owned());
        let user = user.filter(|user| user.suspended_at.is_none()).ok_or_else(gone)?;
        let account = Account { id: user.id, username: user.username, admin: user.admin };
        let mut state = state;
        state.db = state.db.on_behalf_of(Caller::Account(account.id));
        let viewer = Viewer { account: Some(account.clone()), read_only: false };
        let progress = Progress { done: taken.done, ..Progress::default() };
        let context = RequestContext::of_job(&state, viewer, orders.token.clone());
        let Taken { id, task, checkpoint, .. } = taken;
        Ok(Self { context, account, id, task, checkpoint, worker, orders, progress, told: Instant::now() })
    }

    /// What handlers share.
    pub fn state(&self) -> &AppState {
        &self.context.state
    }

    /// Cancelled when the work shall end, for whatever must not go on for long: it asks on its own threads.
    pub fn end(&self) -> CancellationToken {
        self.orders.token.clone()
    }

    /// Fails if the work shall end.
    pub fn check(&self) -> Result<(), Stop> {
        if self.orders.token.is_cancelled() { Err(Stop::Ordered) } else { Ok(()) }
    }

    /// What takes long, until the work shall end.
    pub async fn unless_ended<T, E: Into<Stop>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, Stop> {
        let end = self.end();
        tokio::select! {
            biased;
            () = end.cancelled() => Err(Stop::Ordered),
            outcome = work => outcome.map_err(Into::into),
        }
    }

    /// So much is done.
    pub fn done(&self) -> i64 {
        self.progress.done
    }

    /// Says how much there is to do.
    pub fn set_total(&mut self, total: i64) {
        self.progress.total = Some(total);
    }

    /// Notes something that cannot be done.
    pub fn note(&mut self, place: impl Into<String>, message: impl Into<String>) {
        // PostgreSQL takes no U+0000, wherever it comes from.
        let kept = |text: String| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
        self.progress.errors.push(JobError { place: kept(place.into()), message: kept(message.into()) });
    }

    /// Says how much is done, which is written down every now and then.
    pub async fn tell(&mut self, done: i64) -> Result<(), Stop> {
        self.progress.done = done;
        match self.told.elapsed() >= TELLS_EVERY || self.progress.errors.len() >= TOGETHER {
            true => self.tell_all().await,
            false => self.check(),
        }
    }

    /// Writes down a place from which somebody else can go on, and all that was noted before it.
    pub async fn reach(&mut self, done: i64, checkpoint: String) -> Result<(), Stop> {
        self.progress.done = done;
        self.progress.checkpoint = Some(checkpoint.clone());
        self.tell_all().await?;
        self.checkpoint = Some(checkpoint);
        Ok(())
    }

    /// Writes down what was not yet.
    pub(super) async fn tell_all(&mut self) -> Result<(), Stop> {
        let heard = store::jobs::tell(&self.context.state.db, self.id, &self.worker, &self.progress, now_s()).await?;
        self.heard(heard)
    }

    /// What is to be written down with a change, in its transaction: who works on the job, and how far it will be then.
    pub fn with(&mut self, done: i64) -> (i64, &str, &Progress) {
        self.progress.done = done;
        (self.id, &self.worker, &self.progress)
    }

    /// Takes note that all was written down.
    pub fn heard(&mut self, heard: Heard) -> Result<(), Stop> {
        self.told = Instant::now();
        self.progress.errors.clear();
        self.progress.checkpoint = None;
        self.orders.hear(heard);
        self.check()
    }
}
