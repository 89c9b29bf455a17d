//! Which rule leads the way to the pictures, and how the others are tested.
//!
//! There are two ways through a search: walk all pictures in order and test each, or start from the few that an index has
//! for one rule and sort them. The first is right for "shows an animal", the second for "shows an axolotl"; taking the
//! wrong one costs seconds on a site with a million pictures. Whoever walks far does better to read the few pictures of a rule
//! into a list once than to look every picture up. PostgreSQL decides by its statistics, but for texts, which have an index
//! beside the pictures. SQLite has none on a young site and cannot count a subquery's rows in advance on any, so the decision is
//! made here, by a look into the indexes that ends early, as far as it can: whoever looks for several trigrams at once may read
//! long lists to find little.

use super::names::Names;
use super::order;
use super::ranges::Ranges;
use super::rules::{Translator, rows_within};
use crate::model::{Ordering, PageRequest};
use crate::query::rules::{Form, IdField, TextField};
use crate::query::{Query, Rule};
use crate::server::store::db::{Bounded, Planned, Result};
use crate::server::store::schema::Pictures;
use crate::server::store::{Engine, Source};
use sea_query::{Expr, Func, Query as Sql, SelectStatement, UnionType};

/// A rule that finds more rows than this leads nowhere; counting them stops here.
const MANY: f64 = 30_000.0;
/// PostgreSQL begins with the index of texts where it expects fewer rows than this; of more, walking soon finds a page.
const FEW: f64 = 3_000.0;
/// So many rules are looked into.
const RULES_LOOKED_INTO: usize = 12;

// What takes how long, in the time that it takes to walk past a picture in an index that has all that is tested: 0.06 µs where it
// was measured.

/// To fetch a picture and to sort it.
const SORTED: f64 = 36.0;
/// To fetch a picture so that it can be tested.
const FETCHED: f64 = 12.0;
/// To read one row of a rule's index.
const LISTED: f64 = 2.0;
/// The same of the index of texts, in which several long lists may lead to a few.
const MATCHED: f64 = 30.0;
/// So much is nothing to worry about: walking may take far longer than it seems, since what is searched for may stand at the end.
const LITTLE: f64 = 60_000.0;

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Every picture has to be seen.
    Count,
    /// The first ones in order suffice.
    Page(Ordering, PageRequest),
}

/// How a rule is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The search starts from its index.
    Leads,
    /// Each picture is looked for among all that the rule finds, which are few.
    Lists,
    /// Each picture is tested by itself.
    Tests,
}

/// Which rule, by its place in `want` or in `exclude`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Wanted(usize),
    Excluded(usize),
    /// The rules that say a range of a column.
    Range(Pictures),
}

/// How to go through the pictures.
#[derive(Debug)]
pub(super) struct Plan {
    /// For which database.
    pub engine: Engine,
    /// What the rules say of numbers and dates.
    pub ranges: Ranges,
    purpose: Purpose,
    way: Way,
}

#[derive(Debug, Default)]
struct Way {
    leaders: Vec<Which>,
    /// The pictures that all leaders find.
    leading: Option<SelectStatement>,
    lists: Vec<Which>,
}

impl Plan {
    /// How a rule is applied.
    pub fn role(&self, rule: Which) -> Role {
        if self.way.leaders.contains(&rule) {
            Role::Leads
        } else if self.way.lists.contains(&rule) {
            Role::Lists
        } else {
            Role::Tests
        }
    }

    /// The ids of the pictures from which the search starts, where it does not walk through all.
    pub fn leading(&self) -> Option<&SelectStatement> {
        self.way.leading.as_ref()
    }

    /// Whether the pictures of a range are to be found by an index of this column. SQLite takes any index for a short way in,
    /// although the range may hold nearly every picture; PostgreSQL has statistics and decides better by itself.
    pub fn is_by_index(&self, column: Pictures) -> bool {
        let may_walk = match self.purpose {
            Purpose::Count => true,
            Purpose::Page(ordering, _) => order::column(ordering) == Some(column),
        };
        self.engine == Engine::Postgres || (may_walk && self.leading().is_none())
    }

    /// Looks how many rows each rule would start from, and decides.
    pub async fn make(source: &mut Bounded, query: &Query, names: &Names, purpose: Purpose) -> Result<Self> {
        let engine = source.engine();
        let mut plan = Self { engine, ranges: Ranges::of(query), purpose, way: Way::default() };
        if !plan.ranges.are_impossible() {
            plan.way = match engine {
                // Its statistics decide, but it does not look for another table by itself.
                Engine::Postgres => {
                    let few = match purpose {
                        Purpose::Page(ordering, page) if wanted(ordering, page) < FEW => FEW,
                        // Every text is seen sooner or later.
                        _ => MANY,
                    };
                    Way { lists: texts_of(source, query, &Translator { names, engine }, few).await?, ..Way::default() }
                }
                Engine::Sqlite => by_counting(source, query, names, &plan.ranges, purpose).await?,
            };
        }
        Ok(plan)
    }
}

/// The rules about texts of which PostgreSQL expects fewer rows than `few`.
async fn texts_of(source: &mut Bounded, query: &Query, rules: &Translator<'_>, few: f64) -> Result<Vec<Which>> {
    let texts = query.want.iter().enumerate().filter(|(_, rule)| matches!(rule, Rule::Text(..)));
    let texts = texts.filter_map(|(index, rule)| Some((index, rules.membership(rule)?)));
    let mut found = Vec::new();
    for (index, membership) in texts.take(RULES_LOOKED_INTO) {
        let expected = |(line,): (String,)| line.split_once(" rows=")?.1.split_once(' ')?.0.parse().ok();
        if source.lately(&Planned(membership.rows()), expected).await?.is_some_and(|rows| (rows as f64) < few) {
            found.push(Which::Wanted(index));
        }
    }
    Ok(found)
}

/// The way that SQLite goes, by how many rows its indexes have.
async fn by_counting(
    source: &mut Bounded,
    query: &Query,
    names: &Names,
    ranges: &Ranges,
    purpose: Purpose,
) -> Result<Way> {
    let candidates = candidates(query, names, ranges).take(RULES_LOOKED_INTO);
    let (others, leaders): (Vec<_>, Vec<_>) = candidates.partition(Candidate::is_excluded);
    if others.is_empty() && leaders.is_empty() {
        return Ok(Way::default());
    }
    // One step in an index.
    let newest = Sql::select().expr(Func::max(Expr::col(Pictures::Id))).from(Pictures::Table).to_owned();
    let all = source.optional::<(Option<i64>,)>(&newest).await?.and_then(|(id,)| id).unwrap_or(0) as f64;
    let fetches = |found: &[Candidate]| {
        rules_of(query).any(|(which, rule)| is_fetched(rule) && !found.iter().any(|found| found.which == which))
    };
    let most = match (purpose, &leaders[..]) {
        (Purpose::Page(ordering, page), [alone]) => {
            most_of_one(alone, wanted(ordering, page) * all, if fetches(&[]) { FETCHED } else { 1.0 })
        }
        // Each may be common, and yet what they find together be rare.
        _ => MANY,
    };
    let mut found = counted(source, leaders, most).await?;
    let walk = match purpose {
        Purpose::Count => Walk { pictures: all, pictures_at_worst: all, per_picture: 1.0 },
        Purpose::Page(ordering, page) => {
            // An index that has the range begins and ends with it.
            let within = |candidate: &&Candidate| matches!(candidate.which, Which::Range(column) if Some(column) == order::column(ordering));
            let there = found.iter().find(within).map_or(all, |candidate| candidate.count);
            // Walking in order sees about (all / found) pictures for each one that it finds.
            let part: f64 = found.iter().map(|candidate| candidate.count / all.max(1.0)).product();
            let pictures = (wanted(ordering, page) / part.max(f64::MIN_POSITIVE)).min(there);
            Walk { pictures, pictures_at_worst: there, per_picture: 1.0 }
        }
    };
    // These are good for lists only, which are no longer than the walk.
    found.extend(counted(source, others, walk.pictures).await?);
    found.sort_by(|a, b| a.count.total_cmp(&b.count));
    let per_picture = if fetches(&found) { FETCHED } else { 1.0 };
    Ok(way(&found, all, Walk { per_picture, ..walk }))
}

/// How many pictures a page has to find.
fn wanted(ordering: Ordering, page: PageRequest) -> f64 {
    let seen = order::seen(ordering, page);
    seen.offset.saturating_add(seen.limit) as f64
}

/// How many rows of the only rule that can lead are worth counting, where a page takes `passed` pictures divided by that number: with
/// more, neither to start from them nor to make a list of them is less work than to walk to the end of the page.
fn most_of_one(alone: &Candidate, passed: f64, per_picture: f64) -> f64 {
    let leads = (passed * per_picture / SORTED).sqrt().max(LITTLE / SORTED);
    let lists = if alone.can_be_listed { (passed * LISTED / alone.per_row).sqrt() } else { 0.0 };
    leads.max(lists)
}

/// Those that find fewer rows than `most`, and how many.
async fn counted(source: &mut Bounded, candidates: Vec<Candidate>, most: f64) -> Result<Vec<Candidate>> {
    // A few limits, however a site grows, so that what was counted lately is found again.
    let most = (most.min(MANY) as u64).next_power_of_two().min(MANY as u64);
    let mut found = Vec::new();
    for candidate in candidates {
        let rows = candidate.rows.clone().limit(most).to_owned();
        let statement = Sql::select().expr(Expr::cust("COUNT(*)")).from_subquery(rows, "leading").to_owned();
        let count = source.lately(&statement, |(rows,): (i64,)| Some(rows)).await?.unwrap_or(0);
        if count.unsigned_abs() < most {
            found.push(Candidate { count: count as f64, ..candidate });
        }
    }
    Ok(found)
}

/// To go through the pictures in order.
#[derive(Clone, Copy)]
struct Walk {
    /// How many it probably passes.
    pictures: f64,
    pictures_at_worst: f64,
    per_picture: f64,
}

/// A rule that finds few rows.
struct Candidate {
    which: Which,
    /// The ids of pictures; some of them may be there several times.
    rows: SelectStatement,
    /// How many.
    count: f64,
    /// How long it takes to read one.
    per_row: f64,
    can_be_listed: bool,
}

impl Candidate {
    /// Whether it says what is not wanted. From that no search can start.
    fn is_excluded(&self) -> bool {
        matches!(self.which, Which::Excluded(_))
    }
}

fn rules_of(query: &Query) -> impl Iterator<Item = (Which, &Rule)> {
    let wanted = query.want.iter().enumerate().map(|(index, rule)| (Which::Wanted(index), rule));
    wanted.chain(query.exclude.iter().enumerate().map(|(index, rule)| (Which::Excluded(index), rule)))
}

/// What an index can find; how much that is has not been counted.
fn candidates(query: &Query, names: &Names, ranges: &Ranges) -> impl Iterator<Item = Candidate> {
    let rules = Translator { names, engine: Engine::Sqlite };
    let memberships = rules_of(query).filter_map(move |(which, rule)| {
        let membership = rules.membership(rule)?;
        let per_row = if membership.is_exact() { LISTED } else { MATCHED };
        let (rows, can_be_listed) = (membership.rows(), membership.can_be_listed());
        Some(Candidate { which, rows, count: 0.0, per_row, can_be_listed })
    });
    let indexed = ranges.iter().filter(|(column, _)| matches!(column, Pictures::CreatedAt | Pictures::RegionCount));
    let ranges = indexed.map(|(column, range)| {
        let rows = rows_within(column, range, Engine::Sqlite);
        Candidate { which: Which::Range(column), rows, count: 0.0, per_row: LISTED, can_be_listed: false }
    });
    ranges.chain(memberships)
}

/// Those from which a search can start.
fn leaders(found: &[Candidate]) -> impl Iterator<Item = &Candidate> {
    found.iter().filter(|candidate| !candidate.is_excluded())
}

/// Which part of all pictures a candidate finds, at most.
fn part(candidate: &Candidate, all: f64) -> f64 {
    (candidate.count / all.max(1.0)).min(1.0)
}

/// Whether the indexes by which pictures are walked through in order lack what a rule tests.
fn is_fetched(rule: &Rule) -> bool {
    matches!(rule.form(), Form::Text(TextField::Description) | Form::Origin | Form::Ids(IdField::CopiedFrom))
}

/// The quickest way to the pictures. The candidates begin with the rarest.
fn way(found: &[Candidate], all: f64, walk: Walk) -> Way {
    let mut way = Way::default();
    let (mut read, mut left) = (0.0, all);
    for candidate in leaders(found) {
        let part = part(candidate, all);
        let saved = left * (1.0 - part) * SORTED;
        // The first one is read whatever it saves.
        if !way.leaders.is_empty() && candidate.count * candidate.per_row >= saved {
            break;
        }
        read += candidate.count * candidate.per_row;
        left = (left * part).min(candidate.count);
        way.leaders.push(candidate.which);
        way.leading = Some(match way.leading {
            None => candidate.rows.clone(),
            Some(mut leading) => leading.union(UnionType::Intersect, candidate.rows.clone()).to_owned(),
        });
    }
    let walking = (walk.pictures * walk.per_picture).max(LITTLE.min(walk.pictures_at_worst * walk.per_picture));
    if way.leading.is_some() && read + left * SORTED <= walking {
        return way;
    }
    let pays = |candidate: &&Candidate| {
        candidate.can_be_listed && candidate.count * candidate.per_row <= walk.pictures * LISTED
    };
    Way { lists: found.iter().filter(pays).map(|candidate| candidate.which).collect(), ..Way::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: f64 = 1_000_000.0;

    fn candidate(which: Which, count: f64) -> Candidate {
        let rows = Sql::select().column(Pictures::Id).from(Pictures::Table).to_owned();
        Candidate { which, rows, count, per_row: LISTED, can_be_listed: true }
    }

    fn chosen(found: &[Candidate], pictures: f64) -> Way {
        way(found, ALL, Walk { pictures, pictures_at_worst: ALL, per_picture: 1.0 })
    }

    #[test]
    fn few_lead_and_many_are_walked_through() {
        let rare = chosen(&[candidate(Which::Wanted(3), 100.0)], ALL);
        assert_eq!((rare.leaders, rare.lists), (vec![Which::Wanted(3)], vec![]));
        // Fifty thousand are fetched and sorted in the time in which two hundred pages are walked through.
        let common = chosen(&[candidate(Which::Wanted(0), 50_000.0)], 1_200.0);
        assert!(common.leaders.is_empty() && common.leading.is_none() && common.lists.is_empty());
        // What is walked far is looked for in a list.
        let far = chosen(&[candidate(Which::Wanted(0), 25_000.0)], 500_000.0);
        assert_eq!((far.leaders, far.lists), (vec![], vec![Which::Wanted(0)]));
        // What seems near may be at the end.
        assert_eq!(chosen(&[candidate(Which::Wanted(0), 1_000.0)], 60.0).leaders, [Which::Wanted(0)]);
    }

    #[test]
    fn several_lead_together_where_that_leaves_less() {
        let found = [candidate(Which::Wanted(1), 9_000.0), candidate(Which::Range(Pictures::CreatedAt), 20_000.0)];
        let way = chosen(&found, ALL);
        assert_eq!(way.leaders, [Which::Wanted(1), Which::Range(Pictures::CreatedAt)]);
        assert!(way.leading.is_some_and(|rows| rows.to_string(sea_query::SqliteQueryBuilder).contains("INTERSECT")));
        let found = [candidate(Which::Wanted(1), 10.0), candidate(Which::Wanted(0), 29_000.0)];
        assert_eq!(chosen(&found, ALL).leaders, [Which::Wanted(1)]);
    }

    #[test]
    fn what_is_not_counted_would_not_be_used() {
        for (wanted, per_picture) in [(60.0, 1.0), (240.0, 1.0), (60.0, FETCHED), (6_060.0, 1.0)] {
            for can_be_listed in [true, false] {
                let of = |count| Candidate { can_be_listed, ..candidate(Which::Wanted(0), count) };
                let most = most_of_one(&of(0.0), wanted * ALL, per_picture);
                let used = |count: f64| {
                    let pictures = (wanted * ALL / count).min(ALL);
                    let way = way(&[of(count)], ALL, Walk { pictures, pictures_at_worst: ALL, per_picture });
                    !way.leaders.is_empty() || !way.lists.is_empty()
                };
                assert!(used(most / 2.0) && !used(most + 1.0), "{wanted} {per_picture} {can_be_listed}: {most}");
            }
        }
    }

    #[test]
    fn long_lists_of_trigrams_are_read_where_that_leaves_far_less() {
        let text = |count| Candidate { per_row: MATCHED, can_be_listed: false, ..candidate(Which::Wanted(0), count) };
        let other = || candidate(Which::Wanted(1), 5_000.0);
        // To fetch and sort 5,000 pictures takes as long as to find 6,000 texts.
        assert_eq!(chosen(&[other(), text(5_900.0)], ALL).leaders, [Which::Wanted(1), Which::Wanted(0)]);
        assert_eq!(chosen(&[other(), text(6_100.0)], ALL).leaders, [Which::Wanted(1)]);
    }

    #[test]
    fn what_is_excluded_never_leads() {
        let way = chosen(&[candidate(Which::Excluded(0), 10.0)], ALL);
        assert_eq!((way.leaders, way.lists), (vec![], vec![Which::Excluded(0)]));
    }
}
