//! What is around a picture in the results of a query.

use super::plan::{Plan, Purpose};
use super::{SearchError, order, pictures, understand};
use crate::model::{Only, Ordering, PageRequest, Queue, Viewer};
use crate::server::store::access::no_picture;
use crate::server::store::queue::{AHEAD, Place, Row, around};
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
    picture: i64,
    only: Option<Only>,
) -> Result<Queue, SearchError> {
    let (mut source, query, names) = understand(db, text).await?;
    let few = PageRequest { offset: 0, limit: AHEAD as i64 };
    let plan = Plan::make(&mut source, db.engine(), &query, &names, few).await?;
    let (key, direction) = order::key(ordering, seed);
    let place = order::select_key(viewer, ordering, seed, picture);
    let own_key: Option<Value> = match ordering {
        Ordering::TitleAsc | Ordering::TitleDesc => {
            source.optional::<(String,)>(&place).await?.map(|(title,)| title.into())
        }
        _ => source.optional::<(i64,)>(&place).await?.map(|(number,)| number.into()),
    };
    let place = Place { key: own_key.ok_or_else(|| no_picture(picture))?, picture };
    let row = Row {
        all: pictures(viewer, &query, &names, &plan, Purpose::Count),
        some: pictures(viewer, &query, &names, &plan, Purpose::Page),
        key,
        direction,
    };
    let queue = around(&mut source, row, picture, Some(place), only).await?;
    source.commit(()).await?;
    Ok(queue)
}
