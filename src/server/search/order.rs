//! The order of the pictures. Ties go by id in the direction of the ordering, so that one index serves both directions.

use crate::model::{Ordering, PageRequest, Viewer};
use crate::query::{Cube, Shuffle};
use crate::server::store::db::Result;
use crate::server::store::queue::{Ordered, Place};
use crate::server::store::schema::Pictures;
use crate::server::store::{Source, access};
use sea_query::{Expr, ExprTrait, Order, Query, SelectStatement, Value};

/// What the pictures are ordered by before their ids, and in which direction.
fn key(ordering: Ordering, seed: i64) -> (Expr, Order) {
    let direction = match ordering {
        Ordering::DateDesc | Ordering::TitleDesc | Ordering::NumberRegionsDesc => Order::Desc,
        Ordering::DateAsc | Ordering::TitleAsc | Ordering::NumberRegionsAsc | Ordering::Random => Order::Asc,
    };
    // Titles are sorted by bytes on both databases.
    let key = column(ordering).map(|column| Expr::col((Pictures::Table, column)));
    (key.unwrap_or_else(|| shuffle_key(Shuffle::new(seed))), direction)
}

/// The column by whose index pictures are walked through in this order; a shuffle has an expression.
pub(super) fn column(ordering: Ordering) -> Option<Pictures> {
    match ordering {
        Ordering::DateDesc | Ordering::DateAsc => Some(Pictures::CreatedAt),
        Ordering::TitleAsc | Ordering::TitleDesc => Some(Pictures::TitleFolded),
        Ordering::NumberRegionsDesc | Ordering::NumberRegionsAsc => Some(Pictures::RegionCount),
        Ordering::Random => None,
    }
}

/// Which of the pictures that a query finds are seen for a page of them: in a shuffle whole buckets, some of them in vain.
pub(super) fn seen(ordering: Ordering, page: PageRequest) -> PageRequest {
    match ordering {
        Ordering::Random => PageRequest { offset: 0, limit: page.offset.saturating_add(page.limit).saturating_mul(4) },
        _ => page,
    }
}

/// Puts the pictures in order.
pub(super) fn apply(statement: &mut SelectStatement, ordering: Ordering, seed: i64) {
    let (key, direction) = key(ordering, seed);
    statement.order_by_expr(key, direction.clone()).order_by((Pictures::Table, Pictures::Id), direction);
}

/// These rows of `pictures` in order, for walking from a place.
pub(super) fn ordered(pictures: SelectStatement, ordering: Ordering, seed: i64) -> Ordered {
    let (key, direction) = key(ordering, seed);
    Ordered { pictures, key, direction, has_ties: ordering != Ordering::Random }
}

/// Whether the key is a text and not a number.
pub(super) fn is_by_text(ordering: Ordering) -> bool {
    matches!(ordering, Ordering::TitleAsc | Ordering::TitleDesc)
}

/// The place of one picture, if the viewer may see it.
pub(super) async fn place(
    source: &mut impl Source,
    viewer: &Viewer,
    ordering: Ordering,
    seed: i64,
    picture: i64,
) -> Result<Option<Place>> {
    let statement = Query::select()
        .expr(key(ordering, seed).0)
        .from(Pictures::Table)
        .and_where(Expr::col((Pictures::Table, Pictures::Id)).eq(picture))
        .cond_where(access::visible(viewer))
        .to_owned();
    let key: Option<Value> = match is_by_text(ordering) {
        true => source.optional::<(String,)>(&statement).await?.map(|(title,)| title.into()),
        false => source.optional::<(i64,)>(&statement).await?.map(|(number,)| number.into()),
    };
    Ok(key.map(|key| Place { key, picture }))
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
const SOME_BUCKETS: [usize; 3] = [8, 64, 512];

/// Conditions of which each leaves more of what follows a place in a shuffle, or of its beginning, or of what comes before the
/// place: what is outside of one comes after all that is inside.
pub(super) fn nearest_buckets(seed: i64, place: Option<i64>, after: bool) -> impl Iterator<Item = Expr> {
    let shuffle = Shuffle::new(seed);
    let mut buckets = shuffle.buckets_in_order();
    if !after {
        buckets.reverse();
    }
    let begin = place.and_then(|picture| buckets.iter().position(|bucket| *bucket == picture % Shuffle::BUCKETS));
    let buckets = buckets.split_off(begin.unwrap_or(0));
    SOME_BUCKETS.into_iter().map(move |count| {
        // Without parameters and by its columns only, as the index has it.
        let bucket = Expr::cust(format!("\"pictures\".\"id\" % {}", Shuffle::BUCKETS));
        bucket.is_in(buckets.iter().copied().take(count))
    })
}
