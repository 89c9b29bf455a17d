//! Queries that people keep under a name.

use super::audit::{Actor, record_if_anothers};
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::schema::{SavedQueries, Users};
use super::users;
use crate::model::saved_query::{MAX_SAVED_QUERIES, NewSavedQuery};
use crate::model::{AuditAction, Page, PageRequest, SavedQuery, SavedQueryChange, Viewer};
use sea_query::{Condition, Expr, ExprTrait, Func, Order, Query, SelectStatement};

fn no_saved_query(id: i64) -> StoreError {
    StoreError::NotFound(format!("there is no saved query {id}"))
}

fn column(column: SavedQueries) -> Expr {
    Expr::col((SavedQueries::Table, column))
}

/// The condition under which `viewer` may see a saved query: everybody sees public ones, and nobody but their owners the
/// others.
fn visible(viewer: &Viewer) -> Condition {
    let own = viewer.account.as_ref().map(|account| column(SavedQueries::Owner).eq(account.id));
    Condition::any().add(column(SavedQueries::Public).eq(true)).add_option(own)
}

/// Those that the viewer may see, with their owners, without columns.
fn select(viewer: &Viewer) -> SelectStatement {
    Query::select()
        .from(SavedQueries::Table)
        .inner_join(
            Users::Table,
            Expr::col((Users::Table, Users::Id)).equals((SavedQueries::Table, SavedQueries::Owner)),
        )
        .cond_where(visible(viewer))
        .to_owned()
}

fn with_columns(mut statement: SelectStatement) -> SelectStatement {
    statement
        .columns(
            [SavedQueries::Id, SavedQueries::Title, SavedQueries::Query, SavedQueries::Ordering]
                .map(|column| (SavedQueries::Table, column)),
        )
        .column((Users::Table, Users::Username))
        .columns([SavedQueries::Public, SavedQueries::UpdatedAt].map(|column| (SavedQueries::Table, column)));
    statement
}

type SavedRow = (i64, String, String, String, String, bool, i64);

fn saved((id, title, query, ordering, owner, public, timestamp): SavedRow) -> SavedQuery {
    // An order that a newer program has kept is one that this does not know.
    let ordering = ordering.parse().unwrap_or_default();
    SavedQuery { id, title, query, ordering, owner, public, timestamp }
}

/// A part of the queries that the viewer may see, of all owners or of one, those that were changed last first.
pub async fn list(db: &Db, viewer: &Viewer, owner: Option<&str>, page: PageRequest) -> Result<Page<SavedQuery>> {
    let mut wanted = select(viewer);
    if let Some(owner) = owner {
        wanted.and_where(Expr::col((Users::Table, Users::Username)).eq(owner));
    }
    let statement = with_columns(wanted.clone())
        .order_by((SavedQueries::Table, SavedQueries::UpdatedAt), Order::Desc)
        .order_by((SavedQueries::Table, SavedQueries::Id), Order::Desc)
        .offset(page.offset.unsigned_abs())
        .limit(page.limit.unsigned_abs())
        .to_owned();
    let total = wanted.expr(Func::count(column(SavedQueries::Id))).to_owned();
    let mut tx = db.snapshot().await?;
    let items = tx.all::<SavedRow>(&statement).await?.into_iter().map(saved).collect();
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}

/// One saved query, if the viewer may see it.
pub async fn get(db: &Db, viewer: &Viewer, id: i64) -> Result<SavedQuery> {
    let statement = with_columns(select(viewer)).and_where(column(SavedQueries::Id).eq(id)).to_owned();
    db.optional::<SavedRow>(&statement).await?.map(saved).ok_or_else(|| no_saved_query(id))
}

/// Keeps a query and gives its id. Its owner's account has to be active still.
pub async fn insert(db: &Db, new: &NewSavedQuery, owner: i64, now: i64) -> Result<i64> {
    let NewSavedQuery { title, query, ordering, public } = new;
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, owner).await?;
        let number = Query::select()
            .expr(Func::count(column(SavedQueries::Id)))
            .from(SavedQueries::Table)
            .and_where(column(SavedQueries::Owner).eq(owner))
            .to_owned();
        if tx.scalar::<i64>(&number).await? >= MAX_SAVED_QUERIES {
            return Err(StoreError::Conflict(format!(
                "nobody keeps more than {MAX_SAVED_QUERIES} queries; delete some"
            )));
        }
        let insert = Query::insert()
            .into_table(SavedQueries::Table)
            .columns([
                SavedQueries::Owner,
                SavedQueries::Title,
                SavedQueries::Query,
                SavedQueries::Ordering,
                SavedQueries::Public,
                SavedQueries::CreatedAt,
                SavedQueries::UpdatedAt,
            ])
            .values_panic([
                owner.into(),
                title.as_str().into(),
                query.as_str().into(),
                ordering.as_str().into(),
                (*public).into(),
                now.into(),
                now.into(),
            ])
            .returning_col(SavedQueries::Id)
            .to_owned();
        let id = tx.scalar(&insert).await?;
        tx.commit(id).await
    })
    .await
}

/// Whose it is, if the viewer may see it.
pub async fn owner_of(db: &Db, viewer: &Viewer, id: i64) -> Result<i64> {
    let mut statement = select(viewer);
    statement.column((SavedQueries::Table, SavedQueries::Owner)).and_where(column(SavedQueries::Id).eq(id));
    db.optional::<(i64,)>(&statement).await?.map(|(owner,)| owner).ok_or_else(|| no_saved_query(id))
}

/// Changes a saved query that the viewer may see.
pub async fn update(db: &Db, viewer: &Viewer, id: i64, change: &SavedQueryChange, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, viewer, id).await?;
        let mut update = Query::update();
        update.table(SavedQueries::Table).value(SavedQueries::UpdatedAt, actor.at);
        update.and_where(Expr::col(SavedQueries::Id).eq(id));
        let mut changed = Vec::new();
        if let Some(title) = &change.title {
            changed.push("title");
            update.value(SavedQueries::Title, title.as_str());
        }
        if let Some(query) = &change.query {
            changed.push("query");
            update.value(SavedQueries::Query, query.as_str());
        }
        if let Some(ordering) = change.ordering {
            changed.push("ordering");
            update.value(SavedQueries::Ordering, ordering.as_str());
        }
        if let Some(public) = change.public {
            changed.push("public");
            update.value(SavedQueries::Public, public);
        }
        if changed.is_empty() {
            return Ok(());
        }
        tx.execute(&update).await?;
        let (action, subject) = (AuditAction::SavedQueryChanged, format!("saved query {id}"));
        record_if_anothers(&mut tx, actor, Some(owner), action, &subject, &changed.join(", ")).await?;
        tx.commit(()).await
    })
    .await
}

/// Deletes a saved query that the viewer may see.
pub async fn delete(db: &Db, viewer: &Viewer, id: i64, actor: Actor) -> Result<()> {
    db.write(|mut tx| async move {
        let owner = lock(&mut tx, viewer, id).await?;
        let delete = Query::delete()
            .from_table(SavedQueries::Table)
            .and_where(Expr::col(SavedQueries::Id).eq(id))
            .returning_col(SavedQueries::Title)
            .to_owned();
        let (subject, details) = (format!("saved query {id}"), format!("“{}”", tx.scalar::<String>(&delete).await?));
        record_if_anothers(&mut tx, actor, Some(owner), AuditAction::SavedQueryDeleted, &subject, &details).await?;
        tx.commit(()).await
    })
    .await
}

/// Locks a saved query that the viewer may see, and gives its owner.
async fn lock(tx: &mut Tx, viewer: &Viewer, id: i64) -> Result<i64> {
    let statement = Query::select()
        .column(SavedQueries::Owner)
        .from(SavedQueries::Table)
        .and_where(column(SavedQueries::Id).eq(id))
        .cond_where(visible(viewer))
        .lock_exclusive()
        .to_owned();
    tx.optional::<(i64,)>(&statement).await?.map(|(owner,)| owner).ok_or_else(|| no_saved_query(id))
}
