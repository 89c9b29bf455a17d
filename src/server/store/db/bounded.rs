//! Reading what strangers make up: transactions that end in time, and so few of them at once that everybody else still
//! gets a connection.
//!
//! SQLite asks a progress handler while it works. PostgreSQL is told how long a statement may take. What nobody waits for
//! any more ends, too.

use super::{Db, Engine, Pools, Result, Row, Source, Statement, StoreError, Tx};
use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, SqliteConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The limit unless another is set.
const DEFAULT_LIMIT: Duration = Duration::from_secs(10);
/// SQLite looks at the clock after so many steps of its virtual machine. One step can be a comparison of a long text with a
/// long pattern, which takes milliseconds.
const STEPS: i32 = 100;

/// How long a bounded transaction may last, and how many there may be.
#[derive(Clone)]
pub(super) struct Bounds {
    limit: Duration,
    places: Arc<Semaphore>,
}

impl Bounds {
    /// Bounds for a pool of so many connections.
    pub fn new(connections: usize) -> Self {
        Self { limit: DEFAULT_LIMIT, places: Arc::new(Semaphore::new((connections / 2).max(1))) }
    }
}

/// A transaction that only reads: all its statements see one state of the database, and together they take no longer than
/// the site allows. What takes longer fails with [`StoreError::TimedOut`], after which nothing else can be read.
pub struct Bounded {
    // Before the transaction, so that a running statement is told to end before its connection is waited for.
    _abandoned: Abandon,
    tx: Tx,
    deadline: Instant,
    /// What PostgreSQL was told last.
    told: Duration,
    _place: OwnedSemaphorePermit,
}

/// Ends the running statement when it goes.
struct Abandon(Arc<AtomicBool>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Db {
    /// The same database with another limit for [`Db::bounded`].
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.bounds.limit = limit;
        self
    }

    /// Begins a transaction that only reads, and has to end in time. Waiting for its turn counts.
    pub async fn bounded(&self) -> Result<Bounded> {
        let deadline = Instant::now() + self.bounds.limit;
        let turn = tokio::time::timeout(self.bounds.limit, Arc::clone(&self.bounds.places).acquire_owned()).await;
        // It is never closed.
        let Ok(Ok(place)) = turn else { return Err(StoreError::TimedOut) };
        let mut tx = self.snapshot().await?;
        let abandoned = Arc::new(AtomicBool::new(false));
        if let (Tx::Sqlite(sqlite), Pools::Sqlite { .. }) = (&mut tx, &self.pools) {
            let abandoned = Arc::clone(&abandoned);
            let goes_on = move || !abandoned.load(Ordering::Relaxed) && Instant::now() < deadline;
            sqlite.lock_handle().await?.set_progress_handler(STEPS, goes_on);
        }
        Ok(Bounded { _abandoned: Abandon(abandoned), tx, deadline, told: Duration::MAX, _place: place })
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
        self.tx.engine()
    }

    /// Ends the transaction.
    pub async fn close(self) -> Result<()> {
        self.tx.commit(()).await
    }

    /// Reads row by row, however many there are.
    pub async fn each<R: Row>(
        &mut self,
        statement: &(impl Statement + Sync),
        mut take: impl FnMut(R) -> Result<()> + Send,
    ) -> Result<()> {
        let (sql, values) = statement.build_for(self.engine());
        self.tell_limit().await?;
        // sea-query wrote it, and every value is a parameter.
        let sql = AssertSqlSafe(sql);
        match &mut self.tx {
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
        Ok(())
    }

    /// Fails when the time is over. PostgreSQL counts from the beginning of each statement, and hears anew what is left when
    /// that has become much less.
    async fn tell_limit(&mut self) -> Result<()> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(StoreError::TimedOut);
        }
        if let Tx::Postgres(tx) = &mut self.tx
            && left < self.told / 10 * 9
        {
            // Zero would mean that there is no limit.
            let statement = format!("SET LOCAL statement_timeout = {}", left.as_millis().max(1));
            sqlx::query(AssertSqlSafe(statement)).execute(&mut **tx).await?;
            self.told = left;
        }
        Ok(())
    }
}

impl Source for Bounded {
    fn all<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Vec<R>>> + Send {
        let (sql, values) = statement.build_for(self.engine());
        let sql = AssertSqlSafe(sql);
        async move {
            self.tell_limit().await?;
            Ok(match &mut self.tx {
                Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await?,
                Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await?,
            })
        }
    }

    fn optional<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Option<R>>> + Send {
        let (sql, values) = statement.build_for(self.engine());
        let sql = AssertSqlSafe(sql);
        async move {
            self.tell_limit().await?;
            Ok(match &mut self.tx {
                Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_optional(&mut **tx).await?,
                Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_optional(&mut **tx).await?,
            })
        }
    }
}
