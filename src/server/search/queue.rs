//! What is around a picture in the results of a query.

use super::plan::{Plan, Purpose};
use super::{SearchError, order, pictures, understand};
use crate::model::{BegunRow, Ordering, PageRequest, Queue, Viewer};
use crate::server::store::access::no_picture;
use crate::server::store::queue::{AHEAD, Place, Question, Row, around, begin};
use crate::server::store::{Bounded, Db};

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
    let (mut source, row, place) = row_of(db, viewer, text, ordering, seed, question, AHEAD).await?;
    let queue = around(&mut source, row, question, Some(place)).await?;
    source.close().await?;
    Ok(queue)
}

/// The results of a query's text in an order, to be gone through as they are now, from a picture on.
pub async fn begin_query(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    ordering: Ordering,
    seed: i64,
    question: Question<'_>,
) -> Result<BegunRow, SearchError> {
    let (mut source, row, place) = row_of(db, viewer, text, ordering, seed, question, BegunRow::REACH.1).await?;
    let row = begin(&mut source, row, place).await?;
    source.close().await?;
    Ok(row)
}

/// The results of a query's text in an order, of which `reach` are read on a side at most, and the place that a question is about.
async fn row_of(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    ordering: Ordering,
    seed: i64,
    question: Question<'_>,
    reach: u64,
) -> Result<(Bounded, Row, Place), SearchError> {
    let picture = question.picture;
    let (mut source, query, names) = understand(db, viewer, text).await?;
    let some = PageRequest { offset: 0, limit: i64::try_from(reach).unwrap_or(i64::MAX) };
    let purpose = match ordering {
        // Each question goes through the whole row.
        Ordering::Random => Purpose::Count,
        _ => Purpose::Page(ordering, some),
    };
    let own = order::place(&mut source, viewer, ordering, seed, picture).await?;
    let mut place = own.ok_or_else(|| no_picture(picture))?;
    if let Some(key) = question.key(order::is_by_text(ordering))? {
        place.key = key;
    }
    let plan = Plan::make(&mut source, &query, &names, Purpose::Count).await?;
    let all = pictures(viewer, &query, &names, &plan);
    let plan = Plan::make(&mut source, &query, &names, purpose).await?;
    let some = order::ordered(pictures(viewer, &query, &names, &plan), &plan, ordering, seed);
    Ok((source, Row { all, some }, place))
}
