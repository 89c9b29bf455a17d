//! Natures: where images come from.

use super::db::{Db, Result};
use super::schema::Natures;
use crate::model::Nature;
use sea_query::{Order, Query};

/// Every nature, the commonest first.
pub async fn list(db: &Db) -> Result<Vec<Nature>> {
    let statement = Query::select()
        .columns([Natures::Id, Natures::Description])
        .from(Natures::Table)
        .order_by(Natures::Position, Order::Asc)
        .order_by(Natures::Id, Order::Asc)
        .to_owned();
    let rows = db.all::<(String, String)>(&statement).await?;
    Ok(rows.into_iter().map(|(id, description)| Nature { id, description }).collect())
}
