//! A checked query becomes SQL, and SQL becomes a page of picture ids.
//!
//! Today everything comes from the database. Whatever is counted is counted by one function, `insights::count`, so that totals,
//! facets and what rules remove may come from another engine later, such as bitmaps, without anybody noticing.
//!
//! - `names` looks up the names in a query and turns them into ids.
//! - `ranges` takes together what rules say of numbers and dates.
//! - `rules` says for every rule of the language what it is in SQL.
//! - `plan` decides which rule leads the way to the pictures, and how the others are tested; for PostgreSQL with `estimates`.
//! - `order` puts the pictures in order.
//! - `pages` reads the ids of a part of them.
//! - `insights` counts what each rule does, and with `breakdown` how many results there are of which kind.
//! - `outlines` finds the regions that show what a query asks for.
//! - `spool` reads all ids that a query finds, for downloads.
//! - `queue` finds what is around one of them in that order.
//!
//! What a query means is said by [`crate::query::evaluate`], and tests hold this module to it on both databases.

mod breakdown;
mod estimates;
mod insights;
mod names;
mod order;
mod outlines;
mod pages;
mod plan;
mod queue;
mod ranges;
mod rules;
mod spool;

pub(in crate::server) use breakdown::{extent_classes, region_classes};
pub use insights::{Wanted, insights};
pub use outlines::outlines;
pub use queue::{begin_query, in_query};
pub use spool::{FoundIds, find_all};

use crate::model::{Beside, Ordering, Page, PageRequest, QueryError, Viewer};
use crate::query;
use crate::server::store::schema::Pictures;
use crate::server::store::{Bounded, Db, Engine, StoreError, access};
use names::Names;
use pages::Reading;
use plan::{Plan, Purpose, Role, Which};
use ranges::Ranges;
use sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use std::fmt;

/// Why a search gave no answer.
#[derive(Debug)]
pub enum SearchError {
    /// The query is wrong in these places.
    Query(Vec<QueryError>),
    /// There is no such picture beside which results could be.
    NoPlace(i64),
    /// The store failed.
    Store(StoreError),
}

/// Which part of the results is wanted.
#[derive(Clone, Copy, Debug)]
pub enum Stretch {
    /// By its place in the list.
    Page(PageRequest),
    /// At most so many beside a picture, which need not be among the results itself.
    Beside(Beside, i64),
}

impl Stretch {
    /// Whether it ends where it is known and not where it begins.
    pub fn is_backwards(self) -> bool {
        matches!(self, Self::Beside(Beside::Before(_), _))
    }
}

impl fmt::Display for SearchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(errors) => match errors.first() {
                Some(first) => write!(f, "line {}, column {}: {}", first.line, first.column, first.message),
                None => f.write_str("the query is invalid"),
            },
            Self::NoPlace(picture) => write!(f, "there is no picture {picture}"),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SearchError {}

impl From<StoreError> for SearchError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The pictures that a query's text asks for, as far as `viewer` may see them: the ids of one page and the exact number of
/// all. `seed` matters to [`Ordering::Random`] only.
pub async fn find(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    ordering: Ordering,
    seed: i64,
    page: PageRequest,
) -> Result<Page<i64>, SearchError> {
    let (mut source, query, names) = understand(db, viewer, text).await?;
    let total = insights::count(&mut source, viewer, &query, &names, &Wanted::default()).await?.total;
    let mut items = Vec::new();
    if total > page.offset {
        let plan = Plan::make(&mut source, &query, &names, Purpose::Page(ordering, page)).await?;
        let pictures = pictures(viewer, &query, &names, &plan);
        items = Reading { plan: &plan, ordering, seed, place: None }.ids(&mut source, &pictures, page).await?;
    }
    source.close().await?;
    Ok(Page { items, total, offset: page.offset, limit: page.limit })
}

/// A part of the same without the number of all, which may take longer than everything else.
pub async fn find_some(
    db: &Db,
    viewer: &Viewer,
    text: &str,
    ordering: Ordering,
    seed: i64,
    stretch: Stretch,
) -> Result<Vec<i64>, SearchError> {
    let (mut source, query, names) = understand(db, viewer, text).await?;
    let (place, page) = match stretch {
        Stretch::Page(page) => (None, page),
        Stretch::Beside(beside, limit) => {
            let (Beside::After(picture) | Beside::Before(picture)) = beside;
            let place = order::place(&mut source, viewer, ordering, seed, picture).await?;
            let place = place.ok_or(SearchError::NoPlace(picture))?;
            (Some((place, matches!(beside, Beside::After(_)))), PageRequest { offset: 0, limit })
        }
    };
    let plan = Plan::make(&mut source, &query, &names, Purpose::Page(ordering, page)).await?;
    let pictures = pictures(viewer, &query, &names, &plan);
    let items = Reading { plan: &plan, ordering, seed, place }.ids(&mut source, &pictures, page).await?;
    source.close().await?;
    Ok(items)
}

/// Says whether `viewer` can search for a query's text, and otherwise what is wrong with it.
pub async fn check(db: &Db, viewer: &Viewer, text: &str) -> Result<(), SearchError> {
    let (source, ..) = understand(db, viewer, text).await?;
    Ok(source.close().await?)
}

/// Reads a query's text and looks its names up, in the state of the database in which the search is to be made.
async fn understand(db: &Db, viewer: &Viewer, text: &str) -> Result<(Bounded, query::Query, Names), SearchError> {
    let (parsed, mut errors) = query::read(text);
    let mut source = db.bounded().await?;
    let (mut names, known) = Names::look_up(&mut source, viewer, &parsed).await?;
    if !known.missing(&parsed.references()).is_empty() || !parsed.references().galleries.is_subset(&known.galleries) {
        source.close().await?;
        // Finding what was meant compares each unknown name with thousands.
        let unknown = tokio::task::spawn_blocking(move || parsed.unknown_names(&known)).await;
        errors.extend(unknown.map_err(|error| StoreError::corrupt(error.to_string()))?);
        errors.sort_by_key(|error| (error.line, error.column));
        return Err(SearchError::Query(errors));
    }
    if !errors.is_empty() {
        errors.sort_by_key(|error| (error.line, error.column));
        return Err(SearchError::Query(errors));
    }
    let query = parsed.into_query();
    if source.engine() == Engine::Postgres {
        names.list_descendants(&mut source, &query).await?;
    }
    Ok((source, query, names))
}

/// A seed for whoever names none.
pub fn random_seed() -> i64 {
    // Short, since it stands in addresses, and exact where a program takes it for a float.
    rand::random::<u32>().into()
}

/// The rows of `pictures` that the query asks for, without columns and order.
fn pictures(viewer: &Viewer, query: &query::Query, names: &Names, plan: &Plan) -> SelectStatement {
    let condition = Condition::all().add(access::visible(viewer)).add(conditions(query, names, plan));
    Query::select().from(Pictures::Table).cond_where(condition).to_owned()
}

/// What the query asks of a row of `pictures`, whoever may see it.
fn conditions(query: &query::Query, names: &Names, plan: &Plan) -> Condition {
    let rules = rules::Translator { names, engine: plan.engine };
    let mut condition = Condition::all();
    if !query.include_obsolete {
        condition = condition.add(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_null());
    }
    if plan.ranges.are_impossible() {
        condition = condition.add(rules::never());
    }
    if let Some(leading) = plan.leading() {
        condition = condition.add(rules::among(leading, plan.engine, plan.purpose));
    }
    for (column, range) in plan.ranges.iter() {
        if plan.role(Which::Range(column)) != Role::Leads {
            condition = condition.add(rules::within(column, range, plan.engine, plan.is_by_index(column)));
        }
    }
    for (index, rule) in query.want.iter().enumerate().filter(|(_, rule)| !Ranges::has(rule)) {
        condition = condition.add(rules.condition(rule, plan.role(Which::Wanted(index))));
    }
    for (index, rule) in query.exclude.iter().enumerate().filter(|(_, rule)| !Ranges::has(rule)) {
        condition = condition.add(rules.condition(rule, plan.role(Which::Excluded(index))).not());
    }
    condition
}
