//! The order of the pictures. Ties go by id in the direction of the ordering, so that one index serves both directions.

use super::plan::Plan;
use super::rules::tested;
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
        Ordering::Random => PageRequest { offset: 0, limit: page.offset.saturating_add(page.limit).saturating_mul(2) },
        _ => page,
    }
}

/// Puts the pictures in order, which a plan leads to.
pub(super) fn apply(statement: &mut SelectStatement, plan: &Plan, ordering: Ordering, seed: i64) {
    let (key, direction) = sorting_key(plan, ordering, seed);
    statement.order_by_expr(key, direction.clone()).order_by((Pictures::Table, Pictures::Id), direction);
}

/// These rows of `pictures`, which a plan leads to, in order, for walking from a place.
pub(super) fn ordered(pictures: SelectStatement, plan: &Plan, ordering: Ordering, seed: i64) -> Ordered {
    let (key, direction) = sorting_key(plan, ordering, seed);
    Ordered { pictures, key, direction, has_ties: ordering != Ordering::Random }
}

/// The key in a form that no index serves where the pictures are to be found by another one.
fn sorting_key(plan: &Plan, ordering: Ordering, seed: i64) -> (Expr, Order) {
    let (key, direction) = key(ordering, seed);
    (if plan.is_by_order(ordering) { key } else { tested(key, plan.engine) }, direction)
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

/// At least so many buckets of a shuffle are looked into at once.
const FEWEST_BUCKETS: usize = 2;
/// At most so many: of more it is no use to know where they are.
const MOST_BUCKETS: usize = 1_500;

/// What comes next in a shuffle.
pub(super) struct Next {
    /// Conditions that leave one part after the other.
    pub parts: Vec<Expr>,
    /// Whether nothing comes after the last part.
    pub are_all: bool,
}

/// What comes next in a shuffle, from its beginning or from a place, or back from there. What suffices is expected in so many
/// buckets.
pub(super) fn nearest_buckets(seed: i64, place: Option<i64>, after: bool, expected: f64) -> Next {
    let shuffle = Shuffle::new(seed);
    let mut buckets = shuffle.buckets_in_order();
    if !after {
        buckets.reverse();
    }
    let begin = place.and_then(|picture| buckets.iter().position(|bucket| *bucket == picture % Shuffle::BUCKETS));
    let mut left = &buckets[begin.unwrap_or(0)..];
    let mut parts = Vec::new();
    let mut count = (expected as usize).max(FEWEST_BUCKETS);
    while !left.is_empty() && count <= MOST_BUCKETS {
        let (part, rest) = left.split_at(count.min(left.len()));
        // Without parameters and by its columns only, as the index has it.
        let bucket = Expr::cust(format!("\"pictures\".\"id\" % {}", Shuffle::BUCKETS));
        parts.push(bucket.is_in(part.iter().copied()));
        left = rest;
        count *= 3;
    }
    Next { parts, are_all: left.is_empty() }
}
