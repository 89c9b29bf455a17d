//! What is around a picture in a row of pictures: a gallery here, the results of a query in `search`.

use super::access::{require_visible, visible};
use super::db::{Db, Result, Source};
use super::error::StoreError;
use super::galleries::{POSITION, must_exist, pictures_in};
use super::schema::{GalleryPictures, PictureMarks, Pictures};
use crate::model::{BegunRow, Only, Queue, QueueEntry, Viewer};
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement, Value};
use std::collections::HashMap;

/// So many pictures can be fetched in advance.
pub const AHEAD: u64 = 5;

/// Pictures in a row.
pub struct Row {
    /// The rows of `pictures`, for counting all, without columns and order.
    pub all: SelectStatement,
    /// The same rows, for finding a few of them in order.
    pub some: Ordered,
}

/// Pictures in order: by a key, and where that is the same by their numbers, both in one direction.
pub struct Ordered {
    /// The rows of `pictures`, without columns and order.
    pub pictures: SelectStatement,
    /// The key.
    pub key: Expr,
    /// From small to large or back.
    pub direction: Order,
    /// Whether several pictures can have the same key.
    pub has_ties: bool,
}

/// What is asked of a row.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// What is around this picture.
    pub picture: i64,
    /// Where it stood when it was asked about before ([`Queue::place`]); without it, it stands where it stands now.
    pub place: Option<&'q str>,
    /// Count only these.
    pub only: Option<Only>,
}

impl Question<'_> {
    /// The key of the place that the question names, if it names one.
    pub fn key(&self, is_text: bool) -> Result<Option<Value>> {
        let Some(place) = self.place else { return Ok(None) };
        let key = match is_text {
            // A text with a NUL is none to PostgreSQL.
            true => (!place.contains('\0')).then(|| place.into()),
            false => place.parse::<i64>().ok().map(Value::from),
        };
        key.map(Some).ok_or_else(|| StoreError::field("place", "must be what an earlier answer for this row said"))
    }
}

/// The place of a picture in a row, whether or not it is in it.
pub struct Place {
    /// Its key.
    pub key: Value,
    /// Its number.
    pub picture: i64,
}

impl Place {
    /// See [`Queue::place`].
    fn text(&self) -> String {
        match &self.key {
            Value::String(Some(text)) => text.to_string(),
            Value::BigInt(Some(number)) => number.to_string(),
            _ => String::new(),
        }
    }
}

const ID: (Pictures, Pictures) = (Pictures::Table, Pictures::Id);

impl Row {
    /// Keeps only some of the pictures.
    fn restrict(&mut self, only: Option<Only>) {
        let condition = match only {
            None => return,
            Some(Only::Unannotated) => without_regions(),
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
        self.some.pictures.and_where(condition);
    }

    /// The next pictures after a place, or the previous ones before it, the nearest first.
    async fn from(
        &self,
        source: &mut impl Source,
        place: Option<&Place>,
        after: bool,
        limit: u64,
    ) -> Result<Vec<QueueEntry>> {
        let rows = self.some.from::<(i64, String)>(source, &[Pictures::Id, Pictures::Title], place, after, limit);
        Ok(rows.await?.into_iter().map(entry).collect())
    }

    /// The numbers of the next pictures after a place, or of the previous ones before it, the nearest first.
    async fn ids(&self, source: &mut impl Source, place: &Place, after: bool, limit: u64) -> Result<Vec<i64>> {
        let rows = self.some.from::<(i64,)>(source, &[Pictures::Id], Some(place), after, limit).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The first picture after a place that has no regions.
    async fn first_empty(&self, source: &mut impl Source, place: Option<&Place>) -> Result<Option<QueueEntry>> {
        let columns = [Pictures::Id, Pictures::Title];
        Ok(self.some.empty().from::<(i64, String)>(source, &columns, place, true, 1).await?.pop().map(entry))
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

impl Ordered {
    /// Reads columns of the next pictures after a place, or of the previous ones before it, the nearest first; without a place
    /// those from the beginning, or from the end.
    pub(in crate::server) async fn from<R: super::db::Row>(
        &self,
        source: &mut impl Source,
        columns: &[Pictures],
        place: Option<&Place>,
        after: bool,
        limit: u64,
    ) -> Result<Vec<R>> {
        let mut found: Vec<R> = Vec::new();
        for mut statement in self.parts(place, after) {
            let left = limit.saturating_sub(found.len() as u64);
            if left > 0 {
                statement.columns(columns.iter().map(|column| (Pictures::Table, *column))).limit(left);
                found.extend(source.all::<R>(&statement).await?);
            }
        }
        Ok(found)
    }

    /// The same in statements of which each goes on where the one before ends.
    fn parts(&self, place: Option<&Place>, after: bool) -> Vec<SelectStatement> {
        let direction = if self.ascends(after) { Order::Asc } else { Order::Desc };
        let conditions = place.map_or_else(|| vec![Condition::all()], |place| self.beyond(place, after));
        let part = |condition| {
            let mut statement = self.pictures.clone();
            statement.cond_where(condition);
            statement.order_by_expr(self.key.clone(), direction.clone()).order_by(ID, direction.clone());
            statement
        };
        conditions.into_iter().map(part).collect()
    }

    fn ascends(&self, after: bool) -> bool {
        (self.direction == Order::Asc) == after
    }

    /// The conditions under which a picture comes after a place, or before it: first the nearer ones, which have the same key.
    /// An index leads to the beginning of either, which a single condition would not let it do on SQLite.
    fn beyond(&self, place: &Place, after: bool) -> Vec<Condition> {
        let (key, id) = (|| self.key.clone(), || Expr::col(ID));
        let (own_key, own_id) = (|| Expr::val(place.key.clone()), place.picture);
        let (by_id, by_key) = match self.ascends(after) {
            true => (id().gt(own_id), key().gt(own_key())),
            false => (id().lt(own_id), key().lt(own_key())),
        };
        let tie = self.has_ties.then(|| Condition::all().add(key().eq(own_key())).add(by_id));
        // It may stand elsewhere by now.
        tie.into_iter().chain([Condition::all().add(by_key).add(id().ne(own_id))]).collect()
    }

    /// Those without regions.
    fn empty(&self) -> Self {
        let pictures = self.pictures.clone().and_where(without_regions()).to_owned();
        Self { pictures, key: self.key.clone(), direction: self.direction.clone(), has_ties: self.has_ties }
    }
}

fn entry((id, title): (i64, String)) -> QueueEntry {
    QueueEntry { id, title }
}

/// Written so that no index on the number fits: it would find all pictures without regions, only to sort them. The index of
/// the order leads to the first of them.
fn without_regions() -> Expr {
    Expr::col((Pictures::Table, Pictures::RegionCount)).add(0).eq(0)
}

/// What is around a picture in a row. Without a place of its own it is before the first.
///
/// Indexes lead to the neighbours in every order but the shuffled: there each question goes through the whole row.
pub async fn around(
    source: &mut impl Source,
    mut row: Row,
    Question { picture, only, .. }: Question<'_>,
    place: Option<Place>,
) -> Result<Queue> {
    row.restrict(only);
    let total = row.count(source, None).await?;
    let ahead = row.from(source, place.as_ref(), true, AHEAD).await?;
    let empty = match only {
        Some(Only::Unannotated) => ahead.first().cloned(),
        _ => row.first_empty(source, place.as_ref()).await?,
    };
    let (mut before, mut previous) = (0, None);
    if let Some(place) = &place {
        let is_before = row.some.beyond(place, false).into_iter().fold(Condition::any(), Condition::add);
        before = row.count(source, Some(is_before)).await?;
        previous = row.from(source, Some(place), false, 1).await?.pop();
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
        place: place.map(|place| place.text()),
    })
}

/// A row to be gone through as it is now, from a picture on, which belongs to it by its place even if it does no longer: somebody
/// may have drawn on it before this was asked.
pub async fn begin(source: &mut impl Source, row: Row, place: Place) -> Result<BegunRow> {
    let (back, on) = BegunRow::REACH;
    let mut ids = row.ids(source, &place, false, back).await?;
    ids.reverse();
    let is_before = row.some.beyond(&place, false).into_iter().fold(Condition::any(), Condition::add);
    let before = row.count(source, Some(is_before)).await?;
    let is_in = row.count(source, Some(Condition::all().add(Expr::col(ID).eq(place.picture)))).await? > 0;
    let total = row.count(source, None).await? + i64::from(!is_in);
    let first = before - ids.len() as i64;
    ids.push(place.picture);
    ids.extend(row.ids(source, &place, true, on).await?);
    Ok(BegunRow { ids, before: first, total })
}

/// What is around a picture, as far as these are the pictures before it and after it, each side the nearest first. Those that
/// are there no more are passed over.
pub async fn neighbours(db: &Db, viewer: &Viewer, before: &[i64], after: &[i64]) -> Result<Queue> {
    let statement = Query::select()
        .columns([Pictures::Id, Pictures::RegionCount])
        .column(Pictures::Title)
        .from(Pictures::Table)
        .and_where(Expr::col(Pictures::Id).is_in(before.iter().chain(after).copied()))
        .cond_where(visible(viewer))
        .to_owned();
    let found: HashMap<i64, (i64, String)> = db
        .all::<(i64, i64, String)>(&statement)
        .await?
        .into_iter()
        .map(|(id, count, title)| (id, (count, title)))
        .collect();
    let known = |id: &i64| found.get(id).map(|(_, title)| QueueEntry { id: *id, title: title.clone() });
    let is_empty = |id: &&i64| found.get(id).is_some_and(|(count, _)| *count == 0);
    Ok(Queue {
        previous: before.iter().find_map(known),
        next: after.iter().find_map(known),
        next_without_regions: after.iter().find(is_empty).and_then(known),
        ahead: after.iter().filter(|id| found.contains_key(id)).take(AHEAD as usize).copied().collect(),
        ..Queue::default()
    })
}

/// What is around a picture in a gallery. One that is not in it, perhaps no more, is before the first.
pub async fn in_gallery(db: &Db, viewer: &Viewer, gallery: i64, question: Question<'_>) -> Result<Queue> {
    let mut source = db.snapshot().await?;
    let (row, place) = row_of(&mut source, viewer, gallery, question).await?;
    around(&mut source, row, question, place).await
}

/// A gallery to be gone through as it is now, from a picture on.
pub async fn begin_gallery(db: &Db, viewer: &Viewer, gallery: i64, question: Question<'_>) -> Result<BegunRow> {
    let mut source = db.snapshot().await?;
    let (row, place) = row_of(&mut source, viewer, gallery, question).await?;
    match place {
        Some(place) => begin(&mut source, row, place).await,
        None => Ok(BegunRow::default()),
    }
}

/// The pictures of a gallery, and the place that a question is about.
async fn row_of(
    source: &mut impl Source,
    viewer: &Viewer,
    gallery: i64,
    question: Question<'_>,
) -> Result<(Row, Option<Place>)> {
    let picture = question.picture;
    require_visible(source, viewer, picture).await?;
    must_exist(source, gallery).await?;
    let own = Query::select()
        .column(GalleryPictures::Position)
        .from(GalleryPictures::Table)
        .and_where(Expr::col(GalleryPictures::Gallery).eq(gallery))
        .and_where(Expr::col(GalleryPictures::Picture).eq(picture))
        .to_owned();
    let own = source.optional::<(i64,)>(&own).await?.map(|(key,)| key.into());
    let place = question.key(false)?.or(own).map(|key| Place { key, picture });
    let pictures = pictures_in(viewer, gallery);
    let all = pictures.clone();
    // What was at its place may be elsewhere, and another one be there.
    let some = Ordered { pictures, key: Expr::col(POSITION), direction: Order::Asc, has_ties: true };
    Ok((Row { all, some }, place))
}

#[cfg(test)]
mod tests {
    use super::super::db::{Engine, Statement};
    use super::*;
    use sea_query_sqlx::SqlxValues;

    /// Asks how SQLite would run a statement.
    struct Explained(SelectStatement);

    impl Statement for Explained {
        fn build_for(&self, engine: Engine) -> (String, SqlxValues) {
            let (sql, values) = self.0.build_for(engine);
            (format!("EXPLAIN QUERY PLAN {sql}"), values)
        }
    }

    #[tokio::test]
    async fn nothing_is_sorted_to_find_a_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::connect(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
        db.migrate().await.unwrap();
        let rows = || {
            let current = Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null();
            Query::select().from(Pictures::Table).and_where(current).to_owned()
        };
        for (column, key) in [(Pictures::CreatedAt, 5.into()), (Pictures::TitleFolded, "a".into())] {
            for only in [None, Some(Only::Unannotated), Some(Only::Unmarked)] {
                let key_of_row = Expr::col((Pictures::Table, column));
                let some = Ordered { pictures: rows(), key: key_of_row, direction: Order::Desc, has_ties: true };
                let mut row = Row { all: rows(), some };
                row.restrict(only);
                let place = Place { key: Value::clone(&key), picture: 7 };
                let (ahead, back) = (row.some.parts(Some(&place), true), row.some.parts(Some(&place), false));
                let empty = row.some.empty().parts(Some(&place), true);
                for mut statement in ahead.into_iter().chain(back).chain(empty) {
                    statement.column(ID).limit(AHEAD);
                    let plan = db.all::<(i64, i64, i64, String)>(&Explained(statement)).await.unwrap();
                    assert!(plan.iter().all(|(.., step)| !step.contains("TEMP B-TREE")), "{only:?}: {plan:?}");
                }
            }
        }
    }
}
