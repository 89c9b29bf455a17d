//! What is around a picture in the results of a query.

use super::plan::{Plan, Purpose};
use super::{SearchError, order, pictures, understand};
use crate::model::{Ordering, PageRequest, Queue, Viewer};
use crate::server::store::Db;
use crate::server::store::access::no_picture;
use crate::server::store::queue::{AHEAD, Question, Row, around};

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
    let own = order::place(&mut source, viewer, ordering, seed, picture).await?;
    let mut place = own.ok_or_else(|| no_picture(picture))?;
    if let Some(key) = question.key(order::is_by_text(ordering))? {
        place.key = key;
    }
    let plan = Plan::make(&mut source, &query, &names, Purpose::Count).await?;
    let all = pictures(viewer, &query, &names, &plan);
    let plan = Plan::make(&mut source, &query, &names, Purpose::Page(ordering, few)).await?;
    let row = Row { all, some: order::ordered(pictures(viewer, &query, &names, &plan), ordering, seed) };
    let queue = around(&mut source, row, question, Some(place)).await?;
    source.close().await?;
    Ok(queue)
}
