//! Who saved which state of a picture's regions when.

use super::db::{Db, Result, Source};
use super::regions::visible_revision;
use super::schema::{PictureRevisions, Users};
use crate::model::history::HistoryPart;
use crate::model::{Page, PageRequest, RevisionSummary, Viewer};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

/// So many states are read at once where nobody knows yet how many are needed.
const BATCH: u64 = 500;

/// A part of a picture's states, the newest first.
pub async fn list(db: &Db, viewer: &Viewer, picture: i64, page: PageRequest) -> Result<Page<RevisionSummary>> {
    let mut tx = db.snapshot().await?;
    // States are numbered from 1 without gaps.
    let total = visible_revision(&mut tx, viewer, picture).await?;
    let PageRequest { offset, limit } = page;
    let mut statement = select_states(picture);
    statement.limit(limit.unsigned_abs()).offset(offset.unsigned_abs());
    Ok(Page { items: states(&mut tx, &statement).await?, total, offset, limit })
}

/// A part of a picture's states, folded as people read them: from the one with the number `from`, or from the newest.
pub async fn sittings(db: &Db, viewer: &Viewer, picture: i64, from: Option<i64>) -> Result<HistoryPart> {
    let mut tx = db.snapshot().await?;
    let newest = visible_revision(&mut tx, viewer, picture).await?;
    let mut part = HistoryPart::default();
    let mut from = from.unwrap_or(newest);
    loop {
        let mut statement = select_states(picture);
        statement.and_where(Expr::col((PictureRevisions::Table, PictureRevisions::Revision)).lte(from)).limit(BATCH);
        let batch = states(&mut tx, &statement).await?;
        let Some(last) = batch.last().map(|state| state.revision) else { return Ok(part) };
        if !batch.into_iter().all(|state| part.add(state)) {
            return Ok(part);
        }
        from = last - 1;
    }
}

fn select_states(picture: i64) -> SelectStatement {
    let of = |column| (PictureRevisions::Table, column);
    Query::select()
        .column(of(PictureRevisions::Revision))
        .column((Users::Table, Users::Username))
        .columns([
            of(PictureRevisions::CreatedAt),
            of(PictureRevisions::Added),
            of(PictureRevisions::Changed),
            of(PictureRevisions::Removed),
        ])
        .from(PictureRevisions::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(PictureRevisions::Author)))
        .and_where(Expr::col(of(PictureRevisions::Picture)).eq(picture))
        .order_by(of(PictureRevisions::Revision), Order::Desc)
        .to_owned()
}

async fn states(source: &mut impl Source, statement: &SelectStatement) -> Result<Vec<RevisionSummary>> {
    let rows = source.all::<(i64, String, i64, i64, i64, i64)>(statement).await?;
    let state = |(revision, author, timestamp, added, changed, removed)| RevisionSummary {
        revision,
        author: Some(author),
        timestamp,
        added,
        changed,
        removed,
    };
    Ok(rows.into_iter().map(state).collect())
}
