//! Licences: terms of use.

use super::access;
use super::audit::{Actor, record};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{Licences, PictureLicences, Pictures};
use crate::model::{AuditAction, Counted, Licence, LicenceChange, Viewer};
use sea_query::{Expr, ExprTrait, Func, InsertStatement, Order, Query, SelectStatement};
use std::collections::HashMap;

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

/// What a licence says of itself.
const COLUMNS: [Licences; 8] = [
    Licences::Id,
    Licences::Title,
    Licences::Description,
    Licences::InfoUrl,
    Licences::LegaleseUrl,
    Licences::Free,
    Licences::Pinned,
    Licences::LogoUrl,
];

fn select() -> SelectStatement {
    Query::select().columns(COLUMNS).from(Licences::Table).to_owned()
}

/// Adds licences, each at its position in lists.
pub(super) fn insertion(licences: impl IntoIterator<Item = (i64, Licence)>) -> InsertStatement {
    let mut statement = Query::insert();
    statement.into_table(Licences::Table).columns(COLUMNS.into_iter().chain([Licences::Position]));
    for (position, licence) in licences {
        let Licence { id, title, description, info_url, legalese_url, free, pinned, logo_url } = licence;
        statement.values_panic([
            id.into(),
            title.into(),
            description.into(),
            info_url.into(),
            legalese_url.into(),
            free.into(),
            pinned.into(),
            logo_url.into(),
            position.into(),
        ]);
    }
    statement
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
    let row = db.optional::<LicenceRow>(&select_one(id)).await?;
    row.map(Licence::from).ok_or_else(|| unknown(id))
}

fn select_one(id: &str) -> SelectStatement {
    select().and_where(Expr::col(Licences::Id).eq(id)).to_owned()
}

fn unknown(id: &str) -> StoreError {
    StoreError::NotFound(format!("there is no licence `{id}`"))
}

/// Every licence with the number of its pictures, the pinned ones first.
pub async fn counted(db: &Db) -> Result<Vec<Counted<Licence>>> {
    let mut counts = picture_counts(db, None).await?;
    let count = |item: Licence| Counted { pictures: counts.remove(&item.id).unwrap_or_default(), item };
    Ok(list(db).await?.into_iter().map(count).collect())
}

/// One licence with the number of its pictures.
pub async fn get_counted(db: &Db, id: &str) -> Result<Counted<Licence>> {
    let item = get(db, id).await?;
    let pictures = picture_counts(db, Some(id)).await?.remove(id).unwrap_or_default();
    Ok(Counted { item, pictures })
}

/// How many pictures have each licence, or the one that is asked for: those that everybody may see and that are not
/// obsolete, so that the number is that of a query's results.
async fn picture_counts(db: &Db, only: Option<&str>) -> Result<HashMap<String, i64>> {
    let of = |column| (PictureLicences::Table, column);
    let mut statement = Query::select();
    statement
        .column(of(PictureLicences::Licence))
        .expr(Func::count(Expr::col(of(PictureLicences::Picture))))
        .from(PictureLicences::Table)
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(of(PictureLicences::Picture)))
        .and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null())
        .cond_where(access::visible(&Viewer::default()))
        .group_by_col(of(PictureLicences::Licence));
    if let Some(id) = only {
        statement.and_where(Expr::col(of(PictureLicences::Licence)).eq(id));
    }
    Ok(db.all::<(String, i64)>(&statement).await?.into_iter().collect())
}

/// Adds a licence at the end of lists. An id that exists is a conflict.
pub async fn insert(db: &Db, licence: &Licence, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        insert_in(&mut tx, licence).await?;
        let subject = format!("licence {}", licence.id);
        record(&mut tx, actor, AuditAction::LicenceAdded, &subject, &licence.title).await?;
        tx.commit(()).await
    })
    .await
}

async fn insert_in(tx: &mut Tx, licence: &Licence) -> Result<()> {
    let next = Query::select().expr(Expr::cust("COALESCE(MAX(position), 0) + 1")).from(Licences::Table).to_owned();
    let position: i64 = tx.scalar(&next).await?;
    tx.execute(&insertion([(position, licence.clone())])).await.map(drop)
}

/// Changes a licence; what is absent stays as it is.
pub async fn update(db: &Db, id: &str, change: &LicenceChange, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let row = tx.optional::<LicenceRow>(select_one(id).lock_exclusive()).await?;
        let values = changes(&row.map(Licence::from).ok_or_else(|| unknown(id))?, change);
        if values.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = values.iter().map(|(name, _, _)| *name).collect();
        let update = Query::update()
            .table(Licences::Table)
            .values(values.iter().map(|(_, column, value)| (*column, value.clone())))
            .and_where(Expr::col(Licences::Id).eq(id))
            .to_owned();
        tx.execute(&update).await?;
        record(&mut tx, actor, AuditAction::LicenceChanged, &format!("licence {id}"), &names.join(", ")).await?;
        tx.commit(()).await
    })
    .await
}

/// What a change makes different, by the names of the API.
fn changes(now: &Licence, change: &LicenceChange) -> Vec<(&'static str, Licences, Expr)> {
    let mut values = Vec::new();
    let texts = [
        ("title", Licences::Title, &now.title, &change.title),
        ("description", Licences::Description, &now.description, &change.description),
    ];
    for (name, column, before, text) in texts {
        values.extend(text.as_ref().filter(|text| *text != before).map(|text| (name, column, text.as_str().into())));
    }
    let urls = [
        ("info_url", Licences::InfoUrl, &now.info_url, &change.info_url),
        ("legalese_url", Licences::LegaleseUrl, &now.legalese_url, &change.legalese_url),
        ("logo_url", Licences::LogoUrl, &now.logo_url, &change.logo_url),
    ];
    for (name, column, before, url) in urls {
        values.extend(url.as_ref().filter(|url| *url != before).map(|url| (name, column, url.clone().into())));
    }
    let marks =
        [("free", Licences::Free, now.free, change.free), ("pinned", Licences::Pinned, now.pinned, change.pinned)];
    for (name, column, before, mark) in marks {
        values.extend(mark.filter(|mark| *mark != before).map(|mark| (name, column, mark.into())));
    }
    values
}
