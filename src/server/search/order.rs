//! The order of the pictures. Ties go by id in the direction of the ordering, so that one index serves both directions.

use crate::model::{Ordering, Viewer};
use crate::query::Shuffle;
use crate::server::store::access;
use crate::server::store::schema::Pictures;
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};

/// What the pictures are ordered by before their ids, and in which direction.
pub(super) fn key(ordering: Ordering, seed: i64) -> (Expr, Order) {
    let by = |column, direction| (Expr::col((Pictures::Table, column)), direction);
    match ordering {
        Ordering::DateDesc => by(Pictures::CreatedAt, Order::Desc),
        Ordering::DateAsc => by(Pictures::CreatedAt, Order::Asc),
        // The column sorts by bytes on both databases.
        Ordering::TitleAsc => by(Pictures::TitleFolded, Order::Asc),
        Ordering::TitleDesc => by(Pictures::TitleFolded, Order::Desc),
        Ordering::NumberRegionsDesc => by(Pictures::RegionCount, Order::Desc),
        Ordering::NumberRegionsAsc => by(Pictures::RegionCount, Order::Asc),
        Ordering::Random => (shuffle_key(Shuffle::new(seed)), Order::Asc),
    }
}

/// Puts the pictures in order.
pub(super) fn apply(statement: &mut SelectStatement, ordering: Ordering, seed: i64) {
    let (key, direction) = key(ordering, seed);
    statement.order_by_expr(key, direction.clone()).order_by((Pictures::Table, Pictures::Id), direction);
}

/// Reads what one picture is ordered by, if the viewer may see it.
pub(super) fn select_key(viewer: &Viewer, ordering: Ordering, seed: i64, picture: i64) -> SelectStatement {
    Query::select()
        .expr(key(ordering, seed).0)
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(picture))
        .cond_where(access::visible(viewer))
        .to_owned()
}

/// [`Shuffle::key`] in SQL.
fn shuffle_key(shuffle: Shuffle) -> Expr {
    let mixed = || {
        Expr::col((Pictures::Table, Pictures::Id))
            .modulo(Shuffle::PRIME)
            .mul(shuffle.factor)
            .add(shuffle.shift)
            .modulo(Shuffle::PRIME)
    };
    mixed().mul(mixed()).modulo(Shuffle::PRIME).mul(mixed()).modulo(Shuffle::PRIME)
}
