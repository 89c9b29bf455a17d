//! Natures: where images come from.

use super::access;
use super::audit::{Actor, record};
use super::db::{Db, Result, Source};
use super::error::StoreError;
use super::schema::{Natures, Pictures};
use crate::model::{AuditAction, Counted, Nature, Viewer};
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
pub async fn insert(db: &Db, nature: &Nature, actor: Actor) -> Result<()> {
    let next = Query::select().expr(Expr::cust("COALESCE(MAX(position), 0) + 1")).from(Natures::Table).to_owned();
    let next = &next;
    db.write(|mut tx| async move {
        let position: i64 = tx.scalar(next).await?;
        let statement = Query::insert()
            .into_table(Natures::Table)
            .columns([Natures::Id, Natures::Description, Natures::Position])
            .values_panic([nature.id.as_str().into(), nature.description.as_str().into(), position.into()])
            .to_owned();
        tx.execute(&statement).await?;
        record(&mut tx, actor, AuditAction::NatureAdded, &format!("nature {}", nature.id), "").await?;
        tx.commit(()).await
    })
    .await
}

/// Changes what a nature means.
pub async fn update(db: &Db, id: &str, description: &str, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let lock = select().and_where(Expr::col(Natures::Id).eq(id)).lock_exclusive().to_owned();
        let row = tx.optional::<(String, String)>(&lock).await?;
        if row.ok_or_else(|| unknown(id))?.1 == description {
            return Ok(());
        }
        let update = Query::update()
            .table(Natures::Table)
            .value(Natures::Description, description)
            .and_where(Expr::col(Natures::Id).eq(id))
            .to_owned();
        tx.execute(&update).await?;
        record(&mut tx, actor, AuditAction::NatureChanged, &format!("nature {id}"), "description").await?;
        tx.commit(()).await
    })
    .await
}
