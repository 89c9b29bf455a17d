//! Very many rows by one who does nothing else: [`Db::expect_much`] before, [`Db::take_stock`] after.

use super::{Db, Pools, Result};
use crate::server::store::error::StoreError;
use sqlx::{AssertSqlSafe, Row as _, SqliteExecutor, SqlitePool};

/// What SQLite is told: to keep more in memory, what it has read of the file, too, since it would look each page up in the log; not to
/// wait for the disk after every transaction, since the last ones may get lost with the power; to let the log grow to 512 MB, since
/// pages of indexes change with nearly every transaction and go into the file only once then; and not to look references up, since
/// [`Db::take_stock`] does so in the end, table by table.
const BULK_PRAGMAS: [&str; 5] = [
    "PRAGMA cache_size = -524288",
    "PRAGMA mmap_size = 0",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA wal_autocheckpoint = 131072",
    "PRAGMA foreign_keys = OFF",
];
/// What SQLite is told afterwards.
const USUAL_PRAGMAS: [&str; 3] =
    ["PRAGMA foreign_keys = ON", "PRAGMA wal_autocheckpoint = 1000", "PRAGMA wal_checkpoint"];
/// SQLite's tables whose rows refer to nothing but what their own transaction has made or held: there is nothing to look up in the end.
/// Together they have nearly all rows.
const SURE_TABLES: &str = "'picture_licences', 'picture_objects', 'picture_revisions', 'regions'";
/// SQLite's tables that are empty as long as there is no picture, and that get most of the rows.
const FILLED_TABLES: &str =
    "'pictures', 'picture_licences', 'picture_objects', 'picture_revisions', 'ratings', 'regions'";
/// The statements that make the indexes that are put off, in SQLite. The table is there only as long as there are any.
const PUT_OFF: &str = "indexes_put_off";

impl Db {
    /// Tells the database that very much will be written, by one who begins anew where it does not come to its end with
    /// [`Db::take_stock`].
    ///
    /// Where there are no pictures, SQLite puts indexes off: to sort their rows in the end takes a fraction of the time of finding the
    /// place of each. [`Db::migrate`] makes them where that end does not come.
    pub async fn expect_much(&self) -> Result<()> {
        if let Pools::Sqlite { writer, .. } = &self.pools {
            for pragma in BULK_PRAGMAS {
                sqlx::query(pragma).execute(writer).await?;
            }
            put_indexes_off(writer).await?;
        }
        Ok(())
    }

    /// Tells the database what it holds now, after very much has changed: PostgreSQL would find out by itself, but a while later;
    /// SQLite does so when it is closed. Fails where a row refers to one that is not there.
    pub async fn take_stock(&self) -> Result<()> {
        match &self.pools {
            Pools::Postgres(pool) => sqlx::query("VACUUM (ANALYZE)").execute(pool).await.map(drop)?,
            Pools::Sqlite { writer, .. } => {
                self.make_indexes().await?;
                for pragma in USUAL_PRAGMAS {
                    sqlx::query(pragma).execute(writer).await?;
                }
                let faults = format!(
                    "SELECT name FROM sqlite_schema, pragma_foreign_key_check(name) WHERE type = 'table' AND name NOT IN ({SURE_TABLES})"
                );
                if let Some(fault) = sqlx::query(AssertSqlSafe(faults)).fetch_optional(writer).await? {
                    let table: String = fault.try_get("name")?;
                    return Err(StoreError::corrupt(format!("a row of {table} refers to one that is not there")));
                }
            }
        }
        Ok(())
    }

    /// Makes the indexes that are put off, all of them or none.
    pub(super) async fn make_indexes(&self) -> Result<()> {
        let Pools::Sqlite { writer, .. } = &self.pools else { return Ok(()) };
        if !are_put_off(writer).await? {
            return Ok(());
        }
        // What does not fit into memory is sorted in files, by two threads.
        for pragma in ["PRAGMA temp_store = FILE", "PRAGMA threads = 2"] {
            sqlx::query(pragma).execute(writer).await?;
        }
        let made = make_all(writer).await;
        for pragma in ["PRAGMA temp_store = MEMORY", "PRAGMA threads = 0"] {
            sqlx::query(pragma).execute(writer).await?;
        }
        made
    }
}

async fn are_put_off<'e>(executor: impl SqliteExecutor<'e>) -> Result<bool> {
    let is_there = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?)";
    Ok(sqlx::query_scalar(is_there).bind(PUT_OFF).fetch_one(executor).await?)
}

/// Drops the indexes of tables that are empty, and notes how to make them. Those that keep rows unique stay.
async fn put_indexes_off(writer: &SqlitePool) -> Result<()> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    let has_pictures = sqlx::query_scalar::<_, bool>("SELECT EXISTS (SELECT 1 FROM pictures)");
    if has_pictures.fetch_one(&mut *tx).await? || are_put_off(&mut *tx).await? {
        return Ok(());
    }
    let note = format!(
        "CREATE TABLE {PUT_OFF} AS SELECT name, sql FROM sqlite_schema \
         WHERE type = 'index' AND sql LIKE 'CREATE INDEX %' AND tbl_name IN ({FILLED_TABLES}) ORDER BY tbl_name, name"
    );
    sqlx::query(AssertSqlSafe(note)).execute(&mut *tx).await?;
    let names = format!("SELECT name FROM {PUT_OFF}");
    for name in sqlx::query_scalar::<_, String>(AssertSqlSafe(names)).fetch_all(&mut *tx).await? {
        sqlx::query(AssertSqlSafe(format!("DROP INDEX \"{name}\""))).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

async fn make_all(writer: &SqlitePool) -> Result<()> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    // Another program may have made them meanwhile.
    if !are_put_off(&mut *tx).await? {
        return Ok(());
    }
    let statements = format!("SELECT sql FROM {PUT_OFF} ORDER BY rowid");
    for statement in sqlx::query_scalar::<_, String>(AssertSqlSafe(statements)).fetch_all(&mut *tx).await? {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    sqlx::query(AssertSqlSafe(format!("DROP TABLE {PUT_OFF}"))).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}
