//! The order of the pictures. Ties go by id in the direction of the ordering, so that one index serves both directions.

use crate::model::Ordering;
use crate::query::Shuffle;
use crate::server::store::schema::Pictures;
use sea_query::{Expr, ExprTrait, Order, SelectStatement};

/// Puts the pictures in order.
pub(super) fn apply(statement: &mut SelectStatement, ordering: Ordering, seed: i64) {
    let by = |statement: &mut SelectStatement, column: Pictures, direction: Order| {
        statement.order_by((Pictures::Table, column), direction.clone());
        statement.order_by((Pictures::Table, Pictures::Id), direction);
    };
    match ordering {
        Ordering::DateDesc => by(statement, Pictures::CreatedAt, Order::Desc),
        Ordering::DateAsc => by(statement, Pictures::CreatedAt, Order::Asc),
        // The column sorts by bytes on both databases.
        Ordering::TitleAsc => by(statement, Pictures::TitleFolded, Order::Asc),
        Ordering::TitleDesc => by(statement, Pictures::TitleFolded, Order::Desc),
        Ordering::NumberRegionsDesc => by(statement, Pictures::RegionCount, Order::Desc),
        Ordering::NumberRegionsAsc => by(statement, Pictures::RegionCount, Order::Asc),
        Ordering::Random => {
            statement.order_by_expr(shuffle_key(Shuffle::new(seed)), Order::Asc);
            statement.order_by((Pictures::Table, Pictures::Id), Order::Asc);
        }
    }
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
