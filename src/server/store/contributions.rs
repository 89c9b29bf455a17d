//! What a user has done: the numbers on their page, and the states of regions that they saved.

use super::access;
use super::db::{Db, Result, Source};
use super::schema::{Galleries, PictureRevisions, Pictures, Regions, Users};
use super::users::unknown;
use crate::model::{Contribution, Page, PageRequest, UserDetail, UserProfile, Viewer};
use sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};

/// What everybody may know of a user, closed accounts included. Pictures that the viewer may not see are not counted.
pub async fn detail(db: &Db, viewer: &Viewer, username: &str) -> Result<UserDetail> {
    let mut tx = db.snapshot().await?;
    let statement = Query::select()
        .columns([Users::Id, Users::Admin, Users::Joined, Users::ClosedAt, Users::Attribution])
        .from(Users::Table)
        .and_where(Expr::col(Users::Username).eq(username))
        .to_owned();
    let row = tx.optional::<(i64, bool, i64, Option<i64>, Option<String>)>(&statement).await?;
    let (user, admin, joined, closed_at, attribution) = row.ok_or_else(|| unknown(username))?;
    let pictures = count_pictures(user).cond_where(access::visible(viewer)).to_owned();
    let regions = count_regions(user).cond_where(access::visible(viewer)).to_owned();
    let annotated =
        saved_by(viewer, user).expr(Func::count_distinct(Expr::col(of(PictureRevisions::Picture)))).to_owned();
    Ok(UserDetail {
        profile: UserProfile { id: username.to_owned(), admin, joined },
        closed: closed_at.is_some(),
        attribution,
        pictures: tx.scalar(&pictures).await?,
        galleries: tx.scalar(&count_galleries(user)).await?,
        regions: tx.scalar(&regions).await?,
        annotated: tx.scalar(&annotated).await?,
    })
}

/// Counts a user's pictures.
pub(super) fn count_pictures(user: i64) -> SelectStatement {
    Query::select()
        .expr(Func::count(Expr::col(Pictures::Id)))
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Author).eq(user))
        .to_owned()
}

/// Counts a user's galleries.
pub(super) fn count_galleries(user: i64) -> SelectStatement {
    Query::select()
        .expr(Func::count(Expr::col(Galleries::Id)))
        .from(Galleries::Table)
        .and_where(Expr::col(Galleries::Owner).eq(user))
        .to_owned()
}

/// Counts the regions that a user drew, together with their pictures.
pub(super) fn count_regions(user: i64) -> SelectStatement {
    Query::select()
        .expr(Func::count(Expr::col((Regions::Table, Regions::Id))))
        .from(Regions::Table)
        .inner_join(
            Pictures::Table,
            Expr::col((Pictures::Table, Pictures::Id)).equals((Regions::Table, Regions::Picture)),
        )
        .and_where(Expr::col((Regions::Table, Regions::Author)).eq(user))
        .to_owned()
}

fn of(column: PictureRevisions) -> (PictureRevisions, PictureRevisions) {
    (PictureRevisions::Table, column)
}

/// The states that a user saved of pictures that the viewer may see, without columns and order.
fn saved_by(viewer: &Viewer, user: i64) -> SelectStatement {
    Query::select()
        .from(PictureRevisions::Table)
        .inner_join(Pictures::Table, Expr::col((Pictures::Table, Pictures::Id)).equals(of(PictureRevisions::Picture)))
        .and_where(Expr::col(of(PictureRevisions::Author)).eq(user))
        .cond_where(access::visible(viewer))
        .to_owned()
}

/// A part of the states of regions that a user saved, the newest first.
pub async fn list(db: &Db, viewer: &Viewer, username: &str, page: PageRequest) -> Result<Page<Contribution>> {
    let mut tx = db.snapshot().await?;
    let user = Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .and_where(Expr::col(Users::Username).eq(username))
        .to_owned();
    let (user,) = tx.optional::<(i64,)>(&user).await?.ok_or_else(|| unknown(username))?;
    let total = saved_by(viewer, user).expr(Func::count(Expr::col(of(PictureRevisions::Revision)))).to_owned();
    let statement = saved_by(viewer, user)
        .columns([(Pictures::Table, Pictures::Id), (Pictures::Table, Pictures::Title)])
        .columns([of(PictureRevisions::Revision), of(PictureRevisions::CreatedAt)])
        .columns([of(PictureRevisions::Added), of(PictureRevisions::Changed), of(PictureRevisions::Removed)])
        .order_by(of(PictureRevisions::CreatedAt), Order::Desc)
        .order_by(of(PictureRevisions::Picture), Order::Desc)
        .order_by(of(PictureRevisions::Revision), Order::Desc)
        .offset(page.offset as u64)
        .limit(page.limit as u64)
        .to_owned();
    let rows = tx.all::<(i64, String, i64, i64, i64, i64, i64)>(&statement).await?;
    let items = rows
        .into_iter()
        .map(|(picture, title, revision, timestamp, added, changed, removed)| Contribution {
            picture,
            title,
            revision,
            timestamp,
            added,
            changed,
            removed,
        })
        .collect();
    Ok(Page { items, total: tx.scalar(&total).await?, offset: page.offset, limit: page.limit })
}
