//! Natures: where images come from.

use super::access;
use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::{Natures, Pictures};
use crate::model::{Counted, Nature, Viewer};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use std::collections::HashMap;

fn select() -> SelectStatement {
    Query::select().columns([Natures::Id, Natures::Description]).from(Natures::Table).to_owned()
}

fn unknown(id: &str) -> StoreError {
    StoreError::NotFound(format!("there is no nature `{id}`"))
}

/// Every nature, the commonest first.
pub async fn list(db: &Db) -> Result<Vec<Nature>> {
    let mut statement = select();
    statement.order_by(Natures::Position, Order::Asc).order_by(Natures::Id, Order::Asc);
    let rows = db.all::<(String, String)>(&statement).await?;
    Ok(rows.into_iter().map(|(id, description)| Nature { id, description }).collect())
}

/// Every nature with the number of its pictures, the commonest first.
pub async fn counted(db: &Db) -> Result<Vec<Counted<Nature>>> {
    let mut counts = picture_counts(db, None).await?;
    let count = |item: Nature| Counted { pictures: counts.remove(&item.id).unwrap_or_default(), item };
    Ok(list(db).await?.into_iter().map(count).collect())
}

/// One nature with the number of its pictures.
pub async fn get_counted(db: &Db, id: &str) -> Result<Counted<Nature>> {
    let mut statement = select();
    statement.and_where(Expr::col(Natures::Id).eq(id));
    let row = db.optional::<(String, String)>(&statement).await?;
    let item = row.map(|(id, description)| Nature { id, description }).ok_or_else(|| unknown(id))?;
    let pictures = picture_counts(db, Some(id)).await?.remove(id).unwrap_or_default();
    Ok(Counted { item, pictures })
}

/// How many pictures have each nature, or the one that is asked for: those that everybody may see and that are not
/// obsolete, so that the number is that of a query's results.
async fn picture_counts(db: &Db, only: Option<&str>) -> Result<HashMap<String, i64>> {
    let of = |column| (Pictures::Table, column);
    let mut statement = Query::select();
    statement
        .column(of(Pictures::Nature))
        .expr(Func::count(Expr::col(of(Pictures::Id))))
        .from(Pictures::Table)
        .and_where(Expr::col(of(Pictures::ReplacedBy)).is_null())
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(of(Pictures::Nature));
    if let Some(id) = only {
        statement.and_where(Expr::col(of(Pictures::Nature)).eq(id));
    }
    Ok(db.all::<(String, i64)>(&statement).await?.into_iter().collect())
}

/// Adds a nature at the end of lists. An id that exists is a conflict.
pub async fn insert(db: &Db, nature: &Nature) -> Result<()> {
    let next = Query::select().expr(Expr::cust("COALESCE(MAX(position), 0) + 1")).from(Natures::Table).to_owned();
    let position: i64 = db.scalar(&next).await?;
    let statement = Query::insert()
        .into_table(Natures::Table)
        .columns([Natures::Id, Natures::Description, Natures::Position])
        .values_panic([nature.id.as_str().into(), nature.description.as_str().into(), position.into()])
        .to_owned();
    db.execute(&statement).await.map(drop)
}

/// Changes what a nature means.
pub async fn update(db: &Db, id: &str, description: &str) -> Result<()> {
    let statement = Query::update()
        .table(Natures::Table)
        .value(Natures::Description, description)
        .and_where(Expr::col(Natures::Id).eq(id))
        .to_owned();
    match db.execute(&statement).await? {
        0 => Err(unknown(id)),
        _ => Ok(()),
    }
}
