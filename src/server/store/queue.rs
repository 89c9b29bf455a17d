//! What is around a picture in a row of pictures: a gallery here, the results of a query in `search`.

use super::access::require_visible;
use super::db::{Db, Result, Source};
use super::galleries::{POSITION, must_exist, pictures_in};
use super::schema::{GalleryPictures, PictureMarks, Pictures};
use crate::model::{Only, Queue, QueueEntry, Viewer};
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement, Value};

/// So many pictures can be fetched in advance.
pub const AHEAD: u64 = 5;

/// Pictures in a row: by a key, and where that is the same by their numbers, both in one direction.
pub struct Row {
    /// The rows of `pictures`, for counting all, without columns and order.
    pub all: SelectStatement,
    /// The same rows, for finding a few of them in order.
    pub some: SelectStatement,
    /// The key.
    pub key: Expr,
    /// From small to large or back.
    pub direction: Order,
}

/// The place of a picture in a row, whether or not it is in it.
pub struct Place {
    /// Its key.
    pub key: Value,
    /// Its number.
    pub picture: i64,
}

const ID: (Pictures, Pictures) = (Pictures::Table, Pictures::Id);

impl Row {
    /// Keeps only some of the pictures.
    fn restrict(&mut self, only: Option<Only>) {
        let condition = match only {
            None => return,
            Some(Only::Unannotated) => Expr::col((Pictures::Table, Pictures::RegionCount)).eq(0),
            Some(Only::Unmarked) => {
                let marks = Query::select()
                    .expr(Expr::cust("1"))
                    .from(PictureMarks::Table)
                    .and_where(Expr::col((PictureMarks::Table, PictureMarks::Picture)).equals(ID))
                    .and_where(Expr::col((PictureMarks::Table, PictureMarks::EndedAt)).is_null())
                    .to_owned();
                Expr::exists(marks).not()
            }
        };
        self.all.and_where(condition.clone());
        self.some.and_where(condition);
    }

    /// The condition under which a picture comes after a place, or before it.
    fn beyond(&self, place: &Place, after: bool) -> Condition {
        let (key, id) = (|| self.key.clone(), || Expr::col(ID));
        let (own_key, own_id) = (|| Expr::val(place.key.clone()), place.picture);
        // The first half alone lets an index lead to the place.
        match (self.direction == Order::Asc) == after {
            true => Condition::all()
                .add(key().gte(own_key()))
                .add(Condition::any().add(key().gt(own_key())).add(id().gt(own_id))),
            false => Condition::all()
                .add(key().lte(own_key()))
                .add(Condition::any().add(key().lt(own_key())).add(id().lt(own_id))),
        }
    }

    /// The next pictures after a place, or the previous ones before it, the nearest first.
    async fn from(
        &self,
        source: &mut impl Source,
        place: Option<&Place>,
        after: bool,
        only: Option<Only>,
        limit: u64,
    ) -> Result<Vec<QueueEntry>> {
        let mut statement = self.some.clone();
        statement.columns([ID, (Pictures::Table, Pictures::Title)]);
        if let Some(place) = place {
            statement.cond_where(self.beyond(place, after));
        }
        if only == Some(Only::Unannotated) {
            statement.and_where(Expr::col((Pictures::Table, Pictures::RegionCount)).eq(0));
        }
        let direction = if (self.direction == Order::Asc) == after { Order::Asc } else { Order::Desc };
        statement.order_by_expr(self.key.clone(), direction.clone()).order_by(ID, direction).limit(limit);
        let rows = source.all::<(i64, String)>(&statement).await?;
        Ok(rows.into_iter().map(|(id, title)| QueueEntry { id, title }).collect())
    }

    async fn count(&self, source: &mut impl Source, condition: Option<Condition>) -> Result<i64> {
        let mut statement = self.all.clone();
        statement.expr(Expr::cust("COUNT(*)"));
        if let Some(condition) = condition {
            statement.cond_where(condition);
        }
        Ok(source.optional::<(i64,)>(&statement).await?.map_or(0, |(count,)| count))
    }
}

/// What is around a picture in a row. Without a place it is before the first.
pub async fn around(
    source: &mut impl Source,
    mut row: Row,
    picture: i64,
    place: Option<Place>,
    only: Option<Only>,
) -> Result<Queue> {
    row.restrict(only);
    let total = row.count(source, None).await?;
    let ahead = row.from(source, place.as_ref(), true, None, AHEAD).await?;
    let empty = row.from(source, place.as_ref(), true, Some(Only::Unannotated), 1).await?.pop();
    let (mut before, mut previous) = (0, None);
    if let Some(place) = &place {
        before = row.count(source, Some(row.beyond(place, false))).await?;
        previous = row.from(source, Some(place), false, None, 1).await?.pop();
    }
    let is_in = row.count(source, Some(Condition::all().add(Expr::col(ID).eq(picture)))).await? > 0;
    Ok(Queue {
        position: is_in.then_some(before + 1),
        before,
        total,
        previous,
        next: ahead.first().cloned(),
        next_without_regions: empty,
        ahead: ahead.into_iter().map(|entry| entry.id).collect(),
    })
}

/// What is around a picture in a gallery. One that is not in it, perhaps no more, is before the first.
pub async fn in_gallery(db: &Db, viewer: &Viewer, gallery: i64, picture: i64, only: Option<Only>) -> Result<Queue> {
    require_visible(db, viewer, picture).await?;
    let mut source = db.snapshot().await?;
    must_exist(&mut source, gallery).await?;
    let own = Query::select()
        .column(GalleryPictures::Position)
        .from(GalleryPictures::Table)
        .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
        .and_where(Expr::col(GalleryPictures::Picture).eq(picture))
        .to_owned();
    let place = source.optional::<(i64,)>(&own).await?.map(|(key,)| Place { key: key.into(), picture });
    let rows = pictures_in(viewer, gallery);
    let row = Row { all: rows.clone(), some: rows, key: Expr::col(POSITION), direction: Order::Asc };
    around(&mut source, row, picture, place, only).await
}
