//! Marks: what people say of the work on a picture. One counts, those before it are kept.

use super::access::require_visible;
use super::db::{Db, Result, Source, Tx};
use super::error::StoreError;
use super::regions::lock;
use super::schema::{PictureMarks, Users};
use super::users;
use crate::model::mark::EARLIER_MARKS;
use crate::model::{Mark, MarkEnd, MarkState, Marks, NewMark, Viewer};
use sea_query::{Expr, ExprTrait, JoinType, Order, Query, SelectStatement};

/// A row of `picture_marks` with its author's name.
#[derive(sqlx::FromRow)]
struct MarkRow {
    author: String,
    state: String,
    comment: String,
    created_at: i64,
    ended_at: Option<i64>,
    ended_by: Option<String>,
}

impl MarkRow {
    fn into_mark(self) -> Result<Mark> {
        let state = MarkState::from_name(&self.state)
            .ok_or_else(|| StoreError::corrupt(format!("a mark of the unknown state `{}`", self.state)))?;
        let end = self.ended_at.zip(self.ended_by);
        let ended = end.map(|(timestamp, author)| MarkEnd { author, timestamp });
        Ok(Mark { state, comment: self.comment, author: self.author, timestamp: self.created_at, ended })
    }
}

fn select(picture: i64) -> SelectStatement {
    let of = |column| (PictureMarks::Table, column);
    Query::select()
        .expr_as(Expr::col((Users::Table, Users::Username)), "author")
        .columns([PictureMarks::State, PictureMarks::Comment, PictureMarks::CreatedAt, PictureMarks::EndedAt].map(of))
        .from(PictureMarks::Table)
        .inner_join(Users::Table, Expr::col((Users::Table, Users::Id)).equals(of(PictureMarks::Author)))
        .expr_as(Expr::col(("enders", Users::Username)), "ended_by")
        .join_as(
            JoinType::LeftJoin,
            Users::Table,
            "enders",
            Expr::col(("enders", Users::Id)).equals(of(PictureMarks::EndedBy)),
        )
        .and_where(Expr::col(of(PictureMarks::Picture)).eq(picture))
        .to_owned()
}

/// The mark of a picture that counts. The caller has made sure that the picture may be seen.
pub(super) async fn current(source: &mut impl Source, picture: i64) -> Result<Option<Mark>> {
    let mut statement = select(picture);
    statement.and_where(Expr::col((PictureMarks::Table, PictureMarks::EndedAt)).is_null());
    source.optional::<MarkRow>(&statement).await?.map(MarkRow::into_mark).transpose()
}

/// The mark of a picture, and the last of those before it.
pub async fn of_picture(db: &Db, viewer: &Viewer, picture: i64) -> Result<Marks> {
    let mut source = db.snapshot().await?;
    require_visible(&mut source, viewer, picture).await?;
    let mut earlier = select(picture);
    earlier
        .and_where(Expr::col((PictureMarks::Table, PictureMarks::EndedAt)).is_not_null())
        .order_by((PictureMarks::Table, PictureMarks::Id), Order::Desc)
        .limit(EARLIER_MARKS as u64);
    let earlier = source.all::<MarkRow>(&earlier).await?.into_iter().map(MarkRow::into_mark).collect::<Result<_>>()?;
    Ok(Marks { mark: current(&mut source, picture).await?, earlier })
}

/// Puts a mark on a picture in the place of the one before, and gives both. The same mark by the same person again changes
/// nothing. The author's account has to be active still.
pub async fn set(db: &Db, viewer: &Viewer, picture: i64, mark: &NewMark, author: i64, now: i64) -> Result<Marks> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, author).await?;
        lock(&mut tx, viewer, picture).await?;
        let same = Query::select()
            .column(PictureMarks::Id)
            .from(PictureMarks::Table)
            .and_where(Expr::col(PictureMarks::Picture).eq(picture))
            .and_where(Expr::col(PictureMarks::EndedAt).is_null())
            .and_where(Expr::col(PictureMarks::Author).eq(author))
            .and_where(Expr::col(PictureMarks::State).eq(mark.state.as_str()))
            .and_where(Expr::col(PictureMarks::Comment).eq(mark.comment.as_str()))
            .to_owned();
        if tx.optional::<(i64,)>(&same).await?.is_some() {
            return Ok(());
        }
        end(&mut tx, picture, author, now).await?;
        let insert = Query::insert()
            .into_table(PictureMarks::Table)
            .columns([
                PictureMarks::Picture,
                PictureMarks::Author,
                PictureMarks::State,
                PictureMarks::Comment,
                PictureMarks::CreatedAt,
            ])
            .values_panic([
                picture.into(),
                author.into(),
                mark.state.as_str().into(),
                mark.comment.as_str().into(),
                now.into(),
            ])
            .to_owned();
        tx.execute(&insert).await?;
        tx.commit(()).await
    })
    .await?;
    of_picture(db, viewer, picture).await
}

/// Takes the mark of a picture back, if it has one, in the name of `by`, whose account has to be active still. Gives what is
/// left.
pub async fn remove(db: &Db, viewer: &Viewer, picture: i64, by: i64, now: i64) -> Result<Marks> {
    db.write(|mut tx| async move {
        users::hold_active(&mut tx, by).await?;
        lock(&mut tx, viewer, picture).await?;
        end(&mut tx, picture, by, now).await?;
        tx.commit(()).await
    })
    .await?;
    of_picture(db, viewer, picture).await
}

async fn end(tx: &mut Tx, picture: i64, by: i64, now: i64) -> Result<()> {
    let update = Query::update()
        .table(PictureMarks::Table)
        .value(PictureMarks::EndedAt, now)
        .value(PictureMarks::EndedBy, by)
        .and_where(Expr::col(PictureMarks::Picture).eq(picture))
        .and_where(Expr::col(PictureMarks::EndedAt).is_null())
        .to_owned();
    tx.execute(&update).await.map(drop)
}
