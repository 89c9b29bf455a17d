//! Reading what strangers make up: transactions that end in time, and so few of them at once that everybody else still
//! gets a connection.
//!
//! SQLite asks a progress handler while it works. PostgreSQL is told how long a statement may take. What nobody waits for
//! any more ends, too: SQLite's handler says so, and PostgreSQL is asked to cancel the statement. Until it has, or the limit
//! ends it, it keeps its place.

use super::lately::Lately;
use super::places::{Caller, Place, Places};
use super::{Db, Engine, Pools, Result, Row, Source, Statement, StoreError, Tx};
use futures::TryStreamExt;
use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Postgres, SqliteConnection, Transaction};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The limit unless another is set.
const DEFAULT_LIMIT: Duration = Duration::from_secs(10);
/// SQLite looks at the clock after so many steps of its virtual machine. One step can be a comparison of a long text with a
/// long pattern, which takes milliseconds.
const STEPS: i32 = 100;
/// How long to wait for a connection on which PostgreSQL can be asked to cancel a statement.
const CANCEL_PATIENCE: Duration = Duration::from_secs(1);

/// What PostgreSQL is told at the beginning of a transaction. To make machine code or to start helpers takes longer than to find a
/// page, and how many pictures a rule finds depends on its values: a plan for any values is a bad one.
const SETTINGS: &str = "SELECT pg_backend_pid() FROM set_config('statement_timeout', $1, true) AS a, \
     set_config('jit', 'off', true) AS b, set_config('max_parallel_workers_per_gather', '0', true) AS c, \
     set_config('plan_cache_mode', 'force_custom_plan', true) AS d";

/// How long a bounded transaction may last, and how many there may be.
#[derive(Clone)]
pub(super) struct Bounds {
    limit: Duration,
    places: Places,
    caller: Option<Caller>,
}

impl Bounds {
    /// Bounds for a pool of so many connections.
    pub fn new(connections: usize) -> Self {
        Self { limit: DEFAULT_LIMIT, places: Places::new(connections / 2), caller: None }
    }
}

/// A transaction that only reads: all its statements see one state of the database, and together they take no longer than
/// the site allows. What takes longer fails with [`StoreError::TimedOut`], after which nothing else can be read.
pub struct Bounded {
    engine: Engine,
    /// There until it is closed or dropped.
    held: Option<Held>,
    deadline: Instant,
    lately: Lately,
}

struct Held {
    // Before the transaction, so that a running statement is told to end before its connection is waited for.
    _abandoned: Abandon,
    tx: Tx,
    told: Option<Told>,
    /// Whether a statement has begun whose end nobody has seen.
    is_busy: bool,
    /// Where a statement can be cancelled.
    pool: Option<PgPool>,
    place: Place,
}

/// What PostgreSQL was told last, and what it said.
#[derive(Clone, Copy)]
struct Told {
    left: Duration,
    process: i32,
}

/// Ends the running statement when it goes.
struct Abandon(Arc<AtomicBool>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for Bounded {
    fn drop(&mut self) {
        let Some(Held { tx: Tx::Postgres(tx), told, is_busy, pool: Some(pool), place, .. }) =
            self.held.take_if(|held| matches!(held.tx, Tx::Postgres(_)))
        else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let process = told.filter(|_| is_busy).map(|told| told.process);
            runtime.spawn(give_up(tx, process, pool, place));
        }
    }
}

/// Ends a transaction of PostgreSQL, and gives its place to others only then. `process` is busy with a statement.
async fn give_up(tx: Transaction<'static, Postgres>, process: Option<i32>, pool: PgPool, place: Place) {
    // The transaction keeps its connection meanwhile, so that nobody else's statement can be hit.
    if let Some(process) = process
        && let Ok(Ok(mut other)) = tokio::time::timeout(CANCEL_PATIENCE, pool.acquire()).await
    {
        // If it cannot be cancelled, its limit ends it.
        let _ = sqlx::query("SELECT pg_cancel_backend($1)").bind(process).execute(&mut *other).await;
    }
    // The first answer is that of the statement. If it is an error, the connection rolls back on its way to the pool.
    let _ = tx.rollback().await;
    drop(place);
}

impl Db {
    /// The same database with another limit for [`Db::bounded`].
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.bounds.limit = limit;
        self
    }

    /// The same database as one caller uses it, who has a part of the places for [`Db::bounded`] only.
    #[must_use]
    pub fn on_behalf_of(mut self, caller: Caller) -> Self {
        self.bounds.caller = Some(caller);
        self
    }

    /// On whose behalf this is used, if on anybody's.
    pub fn caller(&self) -> Option<Caller> {
        self.bounds.caller
    }

    /// Begins a transaction that only reads, and has to end in time. Waiting for its turn counts. Fails with
    /// [`StoreError::Busy`] where too many wait already.
    pub async fn bounded(&self) -> Result<Bounded> {
        let deadline = Instant::now() + self.bounds.limit;
        let begun = tokio::time::timeout_at(deadline.into(), async {
            let place = self.bounds.places.take(self.bounds.caller).await?;
            Ok::<_, StoreError>((place, self.snapshot().await?))
        });
        let (place, mut tx) = begun.await.map_err(|_| StoreError::TimedOut)??;
        let abandoned = Arc::new(AtomicBool::new(false));
        if let Tx::Sqlite(sqlite) = &mut tx {
            let abandoned = Arc::clone(&abandoned);
            let goes_on = move || !abandoned.load(Ordering::Relaxed) && Instant::now() < deadline;
            sqlite.lock_handle().await?.set_progress_handler(STEPS, goes_on);
        }
        let pool = match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres(pool) => Some(pool.clone()),
        };
        let held = Held { _abandoned: Abandon(abandoned), tx, told: None, is_busy: false, pool, place };
        Ok(Bounded { engine: self.engine(), held: Some(held), deadline, lately: self.lately.clone() })
    }
}

/// Makes a connection fit for others. It runs when the connection comes back to its pool.
pub(super) async fn forget_deadline(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    connection.lock_handle().await?.remove_progress_handler();
    Ok(true)
}

impl Bounded {
    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// What was read lately from this database.
    pub(super) fn numbers(&self) -> &Lately {
        &self.lately
    }

    /// Ends the transaction.
    pub async fn close(mut self) -> Result<()> {
        match self.held.take() {
            Some(held) => held.tx.commit(()).await,
            None => Ok(()),
        }
    }

    /// Reads row by row, however many there are.
    pub async fn each<R: Row>(
        &mut self,
        statement: &(impl Statement + Sync),
        mut take: impl FnMut(R) -> Result<()> + Send,
    ) -> Result<()> {
        let (sql, values) = statement.build_for(self.engine());
        // sea-query wrote it, and every value is a parameter.
        let sql = AssertSqlSafe(sql);
        let held = self.ready().await?;
        match &mut held.tx {
            Tx::Sqlite(tx) => {
                let mut rows = sqlx::query_as_with(sql, values).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    take(row)?;
                }
            }
            Tx::Postgres(tx) => {
                let mut rows = sqlx::query_as_with(sql, values).fetch(&mut **tx);
                while let Some(row) = rows.try_next().await? {
                    take(row)?;
                }
            }
        }
        held.is_busy = false;
        Ok(())
    }

    /// The transaction, about to begin a statement. Fails when the time is over. PostgreSQL counts from the beginning of each
    /// statement, and hears anew what is left when that has become much less.
    async fn ready(&mut self) -> Result<&mut Held> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let held = self.held.as_mut().filter(|_| !left.is_zero()).ok_or(StoreError::TimedOut)?;
        if let Tx::Postgres(tx) = &mut held.tx
            && held.told.is_none_or(|told| left < told.left / 10 * 9)
        {
            // Zero would mean that there is no limit.
            let limit_ms = left.as_millis().max(1).to_string();
            let process = sqlx::query_scalar(SETTINGS).bind(limit_ms).fetch_one(&mut **tx).await?;
            held.told = Some(Told { left, process });
        }
        held.is_busy = true;
        Ok(held)
    }
}

impl Source for Bounded {
    fn all<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Vec<R>>> + Send {
        let (sql, values) = statement.build_for(self.engine());
        let sql = AssertSqlSafe(sql);
        async move {
            let held = self.ready().await?;
            let rows = match &mut held.tx {
                Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await,
                Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await,
            };
            held.is_busy = false;
            Ok(rows?)
        }
    }

    fn optional<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Option<R>>> + Send {
        let (sql, values) = statement.build_for(self.engine());
        let sql = AssertSqlSafe(sql);
        async move {
            let held = self.ready().await?;
            let row = match &mut held.tx {
                Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_optional(&mut **tx).await,
                Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_optional(&mut **tx).await,
            };
            held.is_busy = false;
            Ok(row?)
        }
    }
}
