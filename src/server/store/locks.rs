//! Rows that exist to be locked, for changes that are harmless one by one but not at the same time.

use super::db::{Result, Tx};
use super::schema::Locks;
use sea_query::{OnConflict, Query};

/// Holds a lock until the end of the transaction; others who want it wait.
pub(super) async fn hold(tx: &mut Tx, name: &str) -> Result<()> {
    // Writing the row locks it, whether or not it was there. SQLite has one writer at a time anyway.
    let statement = Query::insert()
        .into_table(Locks::Table)
        .columns([Locks::Name])
        .values_panic([name.into()])
        .on_conflict(OnConflict::column(Locks::Name).update_column(Locks::Name).to_owned())
        .to_owned();
    tx.execute(&statement).await.map(drop)
}
