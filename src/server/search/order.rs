//! The order of the pictures. Ties go by id in the direction of the ordering, so that one index serves both directions.

use crate::model::{Ordering, PageRequest, Viewer};
use crate::query::{Cube, Shuffle};
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

/// Which of the pictures that a query finds have to be seen for a page of them: all, where no index has their order.
pub(super) fn seen(ordering: Ordering, page: PageRequest) -> PageRequest {
    match ordering {
        Ordering::Random => PageRequest { offset: 0, limit: i64::MAX },
        _ => page,
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
    let cube = |cube: Cube| {
        let mixed = || {
            let id = Expr::col((Pictures::Table, Pictures::Id)).modulo(cube.prime);
            id.mul(cube.factor).add(cube.shift).modulo(cube.prime)
        };
        mixed().mul(mixed()).modulo(cube.prime).mul(mixed()).modulo(cube.prime)
    };
    cube(shuffle.buckets).mul(Shuffle::BUCKET).add(cube(shuffle.ids))
}

/// So many buckets of a shuffle are looked into before all of them.
pub(super) const FIRST_BUCKETS: [usize; 3] = [8, 64, 512];

/// The condition that a picture is in one of the first buckets of a shuffle. What is outside comes after all that is inside.
pub(super) fn in_first_buckets(seed: i64, count: usize) -> Expr {
    // Without parameters and by its columns only, as the index has it.
    let bucket = Expr::cust(format!("\"pictures\".\"id\" % {}", Shuffle::BUCKETS));
    bucket.is_in(Shuffle::new(seed).first_buckets(count))
}
