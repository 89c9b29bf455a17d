//! What is around a picture in the results of a query.

use super::plan::{Plan, Purpose};
use super::{SearchError, order, pictures, understand};
use crate::model::{Ordering, PageRequest, Queue, Viewer};
use crate::server::store::access::no_picture;
use crate::server::store::queue::{AHEAD, Place, Question, Row, around};
use crate::server::store::{Db, Source};
use sea_query::Value;

/// What is around a picture in the results of a query's text, in an order. It has its place there by its own values even
/// if the query does not find it, perhaps no more.
pub async fn in_query(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    ordering: Ordering,
    seed: i64,
    question: Question<'_>,
) -> Result<Queue, SearchError> {
    let picture = question.picture;
    let (mut source, query, names) = understand(db, text).await?;
    let few = PageRequest { offset: 0, limit: AHEAD as i64 };
    let plan = Plan::make(&mut source, db.engine(), &query, &names, order::seen(ordering, few)).await?;
    let (key, direction) = order::key(ordering, seed);
    let place = order::select_key(viewer, ordering, seed, picture);
    let is_text = matches!(ordering, Ordering::TitleAsc | Ordering::TitleDesc);
    let own_key: Option<Value> = match is_text {
        true => source.optional::<(String,)>(&place).await?.map(|(title,)| title.into()),
        false => source.optional::<(i64,)>(&place).await?.map(|(number,)| number.into()),
    };
    let own_key = own_key.ok_or_else(|| no_picture(picture))?;
    let place = Place { key: question.key(is_text)?.unwrap_or(own_key), picture };
    let row = Row {
        all: pictures(viewer, &query, &names, &plan, Purpose::Count),
        some: pictures(viewer, &query, &names, &plan, Purpose::Page),
        key,
        direction,
    };
    let queue = around(&mut source, row, question, Some(place)).await?;
    source.close().await?;
    Ok(queue)
}
