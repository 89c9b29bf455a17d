//! The seam between the program and its two databases: this file and its folder alone know that there are two.
//!
//! A statement is built by sea-query and run here. A row type is any type whose `FromRow` serves both databases, which
//! `#[derive(sqlx::FromRow)]` and tuples do.
//!
//! - Single reads: [`Db::all`], [`Db::optional`], [`Db::scalar`].
//! - Several reads that must see one state: [`Db::snapshot`].
//! - The same for what strangers make up, within a time limit: [`Db::bounded`].
//! - Changes: [`Db::write`], which runs a transaction again when the database had to give it up.

mod bounded;
mod bulk;
mod lately;
mod places;

pub use bounded::Bounded;
pub use places::{Caller, Place, Places};

use super::error::StoreError;
use bounded::Bounds;
use lately::Lately;
use sea_query::{InsertStatement, PostgresQueryBuilder, SqliteQueryBuilder};
use sea_query_sqlx::{SqlxBinder, SqlxValues};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, FromRow, Postgres, Sqlite, Transaction};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

/// How long to wait for a lock or a connection before giving up.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a transaction is tried that the database gave up in favour of others.
const TRIES: u32 = 10;
/// The write-ahead log is cut back to this size after a checkpoint.
const WAL_LIMIT_BYTES: u32 = 64 << 20;
/// How much of a SQLite database is read through the page cache of the operating system without copying. Only as much as the
/// database has is mapped; SQLite takes 2 GB for more unless it was compiled otherwise (`.cargo/config.toml`).
const MMAP_BYTES: u64 = 64 << 30;
/// What a transaction changes is kept in so much memory before it goes into the log: pages that change many times are written once.
const WRITER_CACHE_KIB: u32 = 32 << 10;
/// What insertions begin with.
const INSERT: &str = "INSERT";
/// Rows of one INSERT statement, so that its parameters stay below the limit of either database (32,766 and 65,535).
pub(crate) const ROWS_PER_STATEMENT: usize = 1000;
/// The number is for servers that start at the same time: whoever has it goes first. The extension may be in any schema; other sites of
/// the database may need it when this one goes, so that it comes into the common one.
const INDEX_TEXTS: &str = "DO $$ DECLARE home TEXT; part TEXT; BEGIN \
     PERFORM pg_advisory_xact_lock(7308604895); \
     FOREACH part IN ARRAY ARRAY['title_folded', 'description_folded'] LOOP \
         CONTINUE WHEN EXISTS (SELECT FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid \
             WHERE indrelid = 'picture_texts'::regclass AND relname = 'picture_texts_' || part); \
         CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public; \
         SELECT extnamespace::regnamespace::text INTO home FROM pg_extension WHERE extname = 'pg_trgm'; \
         EXECUTE format('CREATE INDEX picture_texts_%1$s ON picture_texts USING gin (%1$s %2$s.gin_trgm_ops)', part, home); \
     END LOOP; END $$";
/// Whether a table of some size has no page of which PostgreSQL knows that everybody may see all in it.
const IS_WRITTEN_ANEW: &str =
    "SELECT pg_relation_size(oid) > 10000000 AND relallvisible = 0 FROM pg_class WHERE oid = 'pictures'::regclass";
/// Values of one IN list.
pub(crate) const VALUES_PER_LIST: usize = 10_000;

/// A text as part of a LIKE pattern that finds exactly this text; the pattern has to say `ESCAPE '\'`.
pub(crate) fn escape_like(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Result of a store function.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded, in one file.
    Sqlite,
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres,
}

/// A connection pool to the platform's database. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    bounds: Bounds,
    lately: Lately,
}

#[derive(Clone)]
enum Pools {
    /// SQLite has one writer at a time: with one connection for writing, writers queue here in order instead of polling a
    /// locked file. Readers never wait for it, thanks to the write-ahead log.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl fmt::Debug for Db {
    /// Says no more than which database it is: the address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Db").field(&self.engine()).finish()
    }
}

/// A statement that sea-query can write for both databases.
pub trait Statement {
    /// The text and its parameters.
    fn build_for(&self, engine: Engine) -> (String, SqlxValues);
}

impl<S: SqlxBinder> Statement for S {
    fn build_for(&self, engine: Engine) -> (String, SqlxValues) {
        match engine {
            Engine::Sqlite => self.build_sqlx(SqliteQueryBuilder),
            Engine::Postgres => self.build_sqlx(PostgresQueryBuilder),
        }
    }
}

/// A statement that is only planned. PostgreSQL says line by line what it expects of it.
pub(crate) struct Planned<S>(pub S);

impl<S: Statement> Statement for Planned<S> {
    fn build_for(&self, engine: Engine) -> (String, SqlxValues) {
        let (sql, values) = self.0.build_for(engine);
        (format!("EXPLAIN {sql}"), values)
    }
}

/// A type that a row of either database can be read into.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// Whatever can run statements that read: the pool ([`Db`]) or a transaction ([`Tx`]).
pub trait Source: Send {
    /// Runs a statement and reads every row.
    fn all<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Vec<R>>> + Send;

    /// Runs a statement and reads the first row, if there is one.
    fn optional<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Option<R>>> + Send;
}

/// Runs `$call` on an executor of either database. The statement is built before anything is awaited, so that futures
/// do not hold it.
macro_rules! run {
    ($statement:expr, $engine:expr, |$sql:ident, $values:ident| $body:expr) => {{
        let ($sql, $values) = $statement.build_for($engine);
        // The one place where text becomes SQL: sea-query wrote it, and every value is a parameter.
        let $sql = AssertSqlSafe($sql);
        async move { Ok($body) }
    }};
}

impl Db {
    /// Opens the database at `url`: `sqlite:PATH` (made when missing, with its folder) or `postgres:…`.
    pub async fn connect(url: &str) -> Result<Self> {
        if url.starts_with("sqlite:") {
            Self::connect_sqlite(url).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Self::connect_postgres(url).await
        } else {
            Err(StoreError::Address("the database URL must start with `sqlite:` or `postgres:`".to_owned()))
        }
    }

    async fn connect_sqlite(url: &str) -> Result<Self> {
        let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
        let path = path.split('?').next().unwrap_or_default();
        if path.is_empty() || path == ":memory:" {
            // Every connection would open a database of its own.
            return Err(StoreError::Address(
                "the database URL must name a file, such as `sqlite:data/ocellus.db`".into(),
            ));
        }
        if let Some(folder) = Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            tokio::fs::create_dir_all(folder).await.map_err(|error| {
                StoreError::Address(format!("the database's folder {} cannot be made: {error}", folder.display()))
            })?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .busy_timeout(PATIENCE)
            .journal_mode(SqliteJournalMode::Wal)
            // NORMAL would lose the last commits with the power, and an annotator must never lose one.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("journal_size_limit", WAL_LIMIT_BYTES.to_string())
            .pragma("mmap_size", MMAP_BYTES.to_string())
            // Sorting a page of results needs no file.
            .pragma("temp_store", "MEMORY")
            .optimize_on_close(true, 400);
        let cores = std::thread::available_parallelism().map_or(4, |cores| cores.get() as u32);
        // The writer connects first: it is the one that makes the file.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone().pragma("cache_size", format!("-{WRITER_CACHE_KIB}")))
            .await?;
        // Few of them read at the same time, but searches that take long must leave places to those that do not.
        let reading = (cores * 2).clamp(16, 32);
        let readers = SqlitePoolOptions::new()
            .max_connections(reading)
            .acquire_timeout(PATIENCE)
            .after_release(|connection, _| Box::pin(bounded::forget_deadline(connection)))
            .connect_with(options.create_if_missing(false).pragma("query_only", "ON"))
            .await?;
        Ok(Self {
            pools: Pools::Sqlite { writer, readers },
            bounds: Bounds::new(reading as usize),
            lately: Lately::default(),
        })
    }

    async fn connect_postgres(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            // The parser's message could quote the password.
            .map_err(|_| StoreError::Address("the database URL is not a valid PostgreSQL address".to_owned()))?
            .application_name("ocellus");
        let connections = 20;
        let pool =
            PgPoolOptions::new().max_connections(connections).acquire_timeout(PATIENCE).connect_with(options).await?;
        Ok(Self { pools: Pools::Postgres(pool), bounds: Bounds::new(connections as usize), lately: Lately::default() })
    }

    /// Brings the schema to the newest version and adds missing reference data, namespaces and derived titles. Several programs may do so at once.
    pub async fn migrate(&self) -> Result<()> {
        static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
        static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");
        // Migrations expect every index.
        self.make_indexes().await?;
        let outcome = match &self.pools {
            Pools::Sqlite { writer, .. } => match SQLITE.run(writer).await {
                // sqlx takes no lock for SQLite: when two programs start at once, the slower one finds the tables
                // made. A second look then sees that nothing is left to do.
                Err(_) => SQLITE.run(writer).await,
                done => done,
            },
            Pools::Postgres(pool) => POSTGRES.run(pool).await,
        };
        outcome.map_err(|error| StoreError::Migration(error.to_string()))?;
        self.index_texts().await;
        self.look_over_pictures().await;
        super::reference::insert_missing(self).await?;
        super::namespaces::insert_missing(self).await?;
        super::galleries::fold_titles(self).await
    }

    /// Makes PostgreSQL's index of texts, for which it needs the extension `pg_trgm`. Without it texts are found all the same, but
    /// slowly: every start tries again.
    async fn index_texts(&self) {
        let Pools::Postgres(pool) = &self.pools else { return };
        if let Err(error) = sqlx::query(INDEX_TEXTS).execute(pool).await {
            tracing::warn!(%error, "texts are searched without an index, since it could not be made");
        }
    }

    /// Lets PostgreSQL look over a table of pictures that a migration has written anew: until then it reads every row that an index
    /// names. It would do so by itself after many changes only.
    async fn look_over_pictures(&self) {
        let Pools::Postgres(pool) = &self.pools else { return };
        let looked_over = match sqlx::query_scalar::<_, bool>(IS_WRITTEN_ANEW).fetch_one(pool).await {
            Ok(true) => sqlx::query("VACUUM (ANALYZE) pictures").execute(pool).await.map(drop),
            other => other.map(drop),
        };
        if let Err(error) = looked_over {
            tracing::warn!(%error, "pictures are searched slowly until the database has looked over them by itself");
        }
    }

    /// Succeeds when the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.scalar::<i64>(sea_query::Query::select().expr(sea_query::Expr::cust("CAST(1 AS BIGINT)"))).await.map(drop)
    }

    /// The same database, of which nothing was read lately: for whoever measures what the first of all callers waits for.
    #[must_use]
    pub fn as_if_new(&self) -> Self {
        Self { lately: Lately::default(), ..self.clone() }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
        }
    }

    /// Waits for what is running and closes every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }

    /// Runs a statement that reads, and gives every row.
    pub fn all<R: Row>(&self, statement: &impl Statement) -> impl Future<Output = Result<Vec<R>>> + Send {
        let pools = self.pools.clone();
        run!(statement, self.engine(), |sql, values| match pools {
            Pools::Sqlite { readers, .. } => sqlx::query_as_with(sql, values).fetch_all(&readers).await?,
            Pools::Postgres(pool) => sqlx::query_as_with(sql, values).fetch_all(&pool).await?,
        })
    }

    /// Runs a statement that reads, and gives the first row, if there is one.
    pub fn optional<R: Row>(&self, statement: &impl Statement) -> impl Future<Output = Result<Option<R>>> + Send {
        let pools = self.pools.clone();
        run!(statement, self.engine(), |sql, values| match pools {
            Pools::Sqlite { readers, .. } => sqlx::query_as_with(sql, values).fetch_optional(&readers).await?,
            Pools::Postgres(pool) => sqlx::query_as_with(sql, values).fetch_optional(&pool).await?,
        })
    }

    /// Runs a statement that reads one value of one row which is always there, such as a count.
    pub async fn scalar<T>(&self, statement: &impl Statement) -> Result<T>
    where
        (T,): Row,
    {
        let row = self.optional::<(T,)>(statement);
        row.await?.map(|(value,)| value).ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }

    /// Runs a statement that reads one column, and gives the column.
    pub async fn column<T>(&self, statement: &impl Statement) -> Result<Vec<T>>
    where
        (T,): Row,
    {
        let rows = self.all::<(T,)>(statement);
        Ok(rows.await?.into_iter().map(|(value,)| value).collect())
    }

    /// Runs a single statement that changes something, and gives the number of rows changed.
    pub fn execute(&self, statement: &impl Statement) -> impl Future<Output = Result<u64>> + Send {
        let pools = self.pools.clone();
        run!(statement, self.engine(), |sql, values| match pools {
            Pools::Sqlite { writer, .. } => sqlx::query_with(sql, values).execute(&writer).await?.rows_affected(),
            Pools::Postgres(pool) => sqlx::query_with(sql, values).execute(&pool).await?.rows_affected(),
        })
    }

    /// Runs a single statement that changes something and returns rows, and gives the first row, if there is one.
    pub fn execute_returning<R: Row>(
        &self,
        statement: &impl Statement,
    ) -> impl Future<Output = Result<Option<R>>> + Send {
        let pools = self.pools.clone();
        run!(statement, self.engine(), |sql, values| match pools {
            // SQLite commits when the statement has given all its rows.
            Pools::Sqlite { writer, .. } => {
                sqlx::query_as_with(sql, values).fetch_all(&writer).await?.into_iter().next()
            }
            Pools::Postgres(pool) => sqlx::query_as_with(sql, values).fetch_optional(&pool).await?,
        })
    }

    /// Begins a transaction that only reads: all its statements see one state of the database.
    pub async fn snapshot(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Pools::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    async fn begin(&self) -> Result<Tx> {
        Ok(match &self.pools {
            // A deferred transaction that reads first and writes later would fail when another has written in between.
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Runs a transaction that changes something. The closure ends with [`Tx::commit`]; if it returns before that,
    /// nothing is changed. It runs again when the database gave the transaction up in favour of another.
    ///
    /// PostgreSQL runs it at READ COMMITTED: what is read to decide on a change has to be locked by the read.
    pub async fn write<T, F, Fut>(&self, mut transaction: F) -> Result<T>
    where
        F: FnMut(Tx) -> Fut + Send,
        Fut: Future<Output = Result<T>> + Send,
    {
        let mut tried = 1;
        loop {
            match transaction(self.begin().await?).await {
                Err(error) if error.is_transient() && tried < TRIES => {
                    // Uneven pauses keep two rivals from meeting again and again.
                    let pause_ms = rand::random_range(1..=10u64 << tried.min(6));
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                    tried += 1;
                }
                outcome => return outcome,
            }
        }
    }
}

impl Source for &Db {
    fn all<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Vec<R>>> + Send {
        Db::all(self, statement)
    }

    fn optional<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Option<R>>> + Send {
        Db::optional(self, statement)
    }
}

/// A transaction. Dropping it undoes it.
pub enum Tx {
    /// A transaction of SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// A transaction of PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    fn engine(&self) -> Engine {
        match self {
            Tx::Sqlite(_) => Engine::Sqlite,
            Tx::Postgres(_) => Engine::Postgres,
        }
    }

    /// Makes the changes permanent and passes `value` on.
    pub async fn commit<T>(self, value: T) -> Result<T> {
        match self {
            Tx::Sqlite(tx) => tx.commit().await?,
            Tx::Postgres(tx) => tx.commit().await?,
        }
        Ok(value)
    }

    /// Runs a statement that changes something, and gives the number of rows changed.
    pub fn execute(&mut self, statement: &impl Statement) -> impl Future<Output = Result<u64>> + Send {
        run!(statement, self.engine(), |sql, values| match self {
            Tx::Sqlite(tx) => sqlx::query_with(sql, values).execute(&mut **tx).await?.rows_affected(),
            Tx::Postgres(tx) => sqlx::query_with(sql, values).execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Runs insertions that may return rows, one after the other, and gives all rows. Each is built while the one before runs. One
    /// that fails may have inserted some of its rows, so that the transaction has to end without effect then.
    pub async fn insert_all<R: Row>(
        &mut self,
        mut insertions: impl Iterator<Item = InsertStatement> + Send,
    ) -> Result<Vec<R>> {
        let engine = self.engine();
        let mut build = || {
            let (mut sql, values) = insertions.next()?.build_for(engine);
            if engine == Engine::Sqlite && sql.starts_with(INSERT) {
                // Otherwise SQLite copies every page before a statement changes it, to be able to undo that statement alone.
                sql.insert_str(INSERT.len(), " OR FAIL");
            }
            Some((sql, values))
        };
        let mut next = build();
        let mut rows = Vec::new();
        while let Some((sql, values)) = next {
            let sql = AssertSqlSafe(sql);
            let run = async {
                match self {
                    Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await,
                    Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await,
                }
            };
            let (ran, built) = futures::join!(run, async { build() });
            rows.extend(ran?);
            next = built;
        }
        Ok(rows)
    }

    /// Runs a statement that gives one value of one row which is always there, such as an INSERT's RETURNING.
    pub async fn scalar<T>(&mut self, statement: &impl Statement) -> Result<T>
    where
        (T,): Row,
    {
        let row = self.optional::<(T,)>(statement);
        row.await?.map(|(value,)| value).ok_or(StoreError::Database(sqlx::Error::RowNotFound))
    }
}

impl Source for Tx {
    fn all<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Vec<R>>> + Send {
        run!(statement, self.engine(), |sql, values| match self {
            Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await?,
            Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_all(&mut **tx).await?,
        })
    }

    fn optional<R: Row>(&mut self, statement: &impl Statement) -> impl Future<Output = Result<Option<R>>> + Send {
        run!(statement, self.engine(), |sql, values| match self {
            Tx::Sqlite(tx) => sqlx::query_as_with(sql, values).fetch_optional(&mut **tx).await?,
            Tx::Postgres(tx) => sqlx::query_as_with(sql, values).fetch_optional(&mut **tx).await?,
        })
    }
}
