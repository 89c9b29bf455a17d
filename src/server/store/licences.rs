//! Licences: terms of use.

use super::db::{Db, Result};
use super::error::StoreError;
use super::schema::Licences;
use crate::model::Licence;
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

#[derive(sqlx::FromRow)]
struct LicenceRow {
    id: String,
    title: String,
    description: String,
    info_url: Option<String>,
    legalese_url: Option<String>,
    free: bool,
    pinned: bool,
    logo_url: Option<String>,
}

impl From<LicenceRow> for Licence {
    fn from(row: LicenceRow) -> Self {
        let LicenceRow { id, title, description, info_url, legalese_url, free, pinned, logo_url } = row;
        Self { id, title, description, info_url, legalese_url, free, pinned, logo_url }
    }
}

fn select() -> SelectStatement {
    Query::select()
        .columns([
            Licences::Id,
            Licences::Title,
            Licences::Description,
            Licences::InfoUrl,
            Licences::LegaleseUrl,
            Licences::Free,
            Licences::Pinned,
            Licences::LogoUrl,
        ])
        .from(Licences::Table)
        .to_owned()
}

/// Every licence, the pinned ones first.
pub async fn list(db: &Db) -> Result<Vec<Licence>> {
    let mut statement = select();
    statement
        .order_by(Licences::Pinned, Order::Desc)
        .order_by(Licences::Position, Order::Asc)
        .order_by(Licences::Id, Order::Asc);
    Ok(db.all::<LicenceRow>(&statement).await?.into_iter().map(Licence::from).collect())
}

/// One licence.
pub async fn get(db: &Db, id: &str) -> Result<Licence> {
    let mut statement = select();
    statement.and_where(Expr::col(Licences::Id).eq(id));
    let row = db.optional::<LicenceRow>(&statement).await?;
    row.map(Licence::from).ok_or_else(|| StoreError::NotFound(format!("there is no licence `{id}`")))
}
