//! Which rule leads the way to the pictures, and how the others are tested.
//!
//! There are two ways through a search: walk all pictures in order and test each, or start from the few that an index has
//! for one rule and sort them. The first is right for "shows an animal", the second for "shows an axolotl"; taking the
//! wrong one costs seconds on a site with a million pictures. Whoever walks far does better to read the few pictures of a rule
//! into a list once than to look every picture up. PostgreSQL decides by its statistics, but for what `estimates` has for it. SQLite
//! has none on a young site and cannot count a subquery's rows in advance on any, so the decision is made here, by a look into the
//! indexes that ends early, as far as it can: whoever looks for several trigrams at once may read long lists to find little.

use super::names::Names;
use super::ranges::Ranges;
use super::rules::{Translator, rows_within};
use super::{estimates, order};
use crate::model::{Ordering, PageRequest};
use crate::query::rules::{Form, IdField, TextField};
use crate::query::{Query, Rule};
use crate::server::store::db::{Bounded, Result};
use crate::server::store::schema::Pictures;
use crate::server::store::{Engine, Source};
use sea_query::{Expr, Func, Query as Sql, SelectStatement, UnionType};

/// A rule that finds more rows than this leads nowhere; counting them stops here.
pub(super) const MANY: f64 = 30_000.0;
/// So many rules are looked into.
pub(super) const RULES_LOOKED_INTO: usize = 12;

// What takes how long, in the time that it takes to walk past a picture in an index that has all that is tested: 0.06 µs where it
// was measured.

/// To fetch a picture and to sort it.
const SORTED: f64 = 36.0;
/// To sort a picture of which the index has all that is tested.
const SORTED_UNFETCHED: f64 = 3.0;
/// To fetch a picture so that it can be tested.
const FETCHED: f64 = 12.0;
/// To read one row of a rule's index.
const LISTED: f64 = 2.0;
/// The same of the index of texts, in which several long lists may lead to a few.
const MATCHED: f64 = 30.0;
/// So much is nothing to worry about: walking may take far longer than it seems, since what is searched for may stand at the end.
const LITTLE: f64 = 60_000.0;
/// What is asked about a column without an index is thought to be true of one picture of so many.
const GUESS: f64 = 3.0;

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
    /// The search starts from its index, perhaps together with others.
    Leads,
    /// The search goes through a part of its index, which has what others test.
    Begins,
    /// Each picture is looked for among all that the rule finds, which are few.
    Lists,
    /// Each picture is tested by itself.
    Tests,
    /// The same, and nothing else: PostgreSQL would begin to join tables from their beginnings.
    LooksUp,
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
    /// For what.
    pub purpose: Purpose,
    way: Way,
}

/// What was decided.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// Those that lead together.
    pub leaders: Vec<Which>,
    /// The pictures that all leaders find.
    pub leading: Option<SelectStatement>,
    /// The one that begins.
    pub begins: Option<Which>,
    /// Those that are lists.
    pub lists: Vec<Which>,
    /// Whether the pictures are walked through in order, as far as that was decided here.
    pub walks: bool,
    /// Which part of all pictures such a walk probably passes.
    pub passed: f64,
    /// Whether all others are looked up picture by picture, whatever the database thinks of it.
    pub looks_up: bool,
}

impl Plan {
    /// How a rule is applied.
    pub fn role(&self, rule: Which) -> Role {
        if self.way.leaders.contains(&rule) {
            Role::Leads
        } else if self.way.begins == Some(rule) {
            Role::Begins
        } else if self.way.lists.contains(&rule) {
            Role::Lists
        } else if self.way.looks_up {
            Role::LooksUp
        } else {
            Role::Tests
        }
    }

    /// The ids of the pictures from which the search starts, where it does not walk through all.
    pub fn leading(&self) -> Option<&SelectStatement> {
        self.way.leading.as_ref()
    }

    /// Whether the search goes through the pictures in order, as far as it does not depend on the database.
    pub fn walks(&self) -> bool {
        self.way.walks
    }

    /// Which part of all pictures that probably passes.
    pub fn passed(&self) -> f64 {
        self.way.passed
    }

    /// Whether the pictures may be found by the index of their order.
    pub fn is_by_order(&self, ordering: Ordering) -> bool {
        match self.way.begins {
            None => true,
            Some(Which::Range(column)) => order::column(ordering) == Some(column),
            Some(Which::Wanted(_) | Which::Excluded(_)) => false,
        }
    }

    /// Whether the pictures of a range are to be found by an index of this column. SQLite takes any index for a short way in,
    /// although the range may hold nearly every picture; PostgreSQL has statistics and decides better by itself.
    pub fn is_by_index(&self, column: Pictures) -> bool {
        let may_walk = match self.purpose {
            Purpose::Count => true,
            Purpose::Page(ordering, _) => order::column(ordering) == Some(column),
        };
        let is_free = self.leading().is_none() && self.way.begins.is_none();
        self.engine == Engine::Postgres || self.role(Which::Range(column)) == Role::Begins || (may_walk && is_free)
    }

    /// Looks how many rows each rule would start from, and decides.
    pub async fn make(source: &mut Bounded, query: &Query, names: &Names, purpose: Purpose) -> Result<Self> {
        let engine = source.engine();
        let mut plan = Self { engine, ranges: Ranges::of(query), purpose, way: Way::default() };
        if !plan.ranges.are_impossible() {
            plan.way = match engine {
                Engine::Postgres => estimates::way(source, query, names, &plan).await?,
                Engine::Sqlite => by_counting(source, query, names, &plan.ranges, purpose).await?,
            };
        }
        Ok(plan)
    }

    /// A plan in which nothing was decided.
    pub fn without_decisions(query: &Query, engine: Engine) -> Self {
        Self { engine, ranges: Ranges::of(query), purpose: Purpose::Count, way: Way::default() }
    }
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
        return Ok(Way { walks: true, ..Way::default() });
    }
    let all = all_pictures(source).await?;
    let fetches = |found: &[Candidate]| {
        rules_of(query).any(|(which, rule)| is_fetched(rule) && !found.iter().any(|found| found.which == which))
    };
    let guessed = GUESS.powi(uncounted(query, ranges));
    let most = match (purpose, &leaders[..]) {
        (Purpose::Page(ordering, page), [alone]) => {
            most_of_one(alone, wanted(ordering, page) * all * guessed, if fetches(&[]) { FETCHED } else { 1.0 })
        }
        // Each may be common, and yet what they find together be rare.
        _ => MANY,
    };
    let mut found = counted(source, leaders, most).await?;
    let mut passed = 1.0;
    let walk = match purpose {
        Purpose::Count => Walk { pictures: all, pictures_at_worst: all, per_picture: 1.0 },
        Purpose::Page(ordering, page) => {
            // An index that has the range begins and ends with it.
            let within = |candidate: &&Candidate| matches!(candidate.which, Which::Range(column) if Some(column) == order::column(ordering));
            let there = found.iter().find(within).map_or(all, |candidate| candidate.count);
            // Walking in order sees about (all / found) pictures for each one that it finds.
            let part: f64 = found.iter().map(|candidate| candidate.count / all.max(1.0)).product();
            let pictures = wanted(ordering, page) / part.max(f64::MIN_POSITIVE);
            passed = pictures.min(there) / all.max(1.0);
            Walk { pictures: (pictures * guessed).min(there), pictures_at_worst: there, per_picture: 1.0 }
        }
    };
    // These are good for lists only, which are no longer than the walk.
    found.extend(counted(source, others, walk.pictures).await?);
    found.sort_by(|a, b| a.count.total_cmp(&b.count));
    let per_picture = if fetches(&found) { FETCHED } else { 1.0 };
    Ok(Way { passed, ..way(&found, all, Walk { per_picture, ..walk }) })
}

/// How many columns of pictures are asked about that no index leads to.
fn uncounted(query: &Query, ranges: &Ranges) -> i32 {
    let is_indexed = |column| matches!(column, Pictures::CreatedAt | Pictures::RegionCount);
    let ratings = rules_of(query).any(|(_, rule)| matches!(rule, Rule::Rating(..)));
    ranges.iter().filter(|(column, _)| !is_indexed(*column)).count() as i32 + i32::from(ratings)
}

/// About how many pictures there are: one step in an index.
pub(super) async fn all_pictures(source: &mut Bounded) -> Result<f64> {
    let newest = Sql::select().expr(Func::max(Expr::col(Pictures::Id))).from(Pictures::Table).to_owned();
    Ok(source.optional::<(Option<i64>,)>(&newest).await?.and_then(|(id,)| id).unwrap_or(0) as f64)
}

/// How many pictures a page has to find.
pub(super) fn wanted(ordering: Ordering, page: PageRequest) -> f64 {
    let seen = order::seen(ordering, page);
    seen.offset.saturating_add(seen.limit) as f64
}

/// How many rows of the only rule that can lead are worth counting, where a page takes `passed` pictures divided by that number: with
/// more, neither to start from them nor to make a list of them is less work than to walk to the end of the page.
fn most_of_one(alone: &Candidate, passed: f64, per_picture: f64) -> f64 {
    let sorted = alone.sorted(per_picture);
    let leads = (passed * per_picture / sorted).sqrt().max(LITTLE / sorted);
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
    /// Whether its index has what most rules test.
    can_begin: bool,
}

impl Candidate {
    /// How long each picture takes that it alone has led to, where passing one takes so long.
    fn sorted(&self, per_picture: f64) -> f64 {
        if self.can_begin { SORTED_UNFETCHED.max(per_picture) } else { SORTED }
    }

    /// Whether it says what is not wanted. From that no search can start.
    fn is_excluded(&self) -> bool {
        matches!(self.which, Which::Excluded(_))
    }
}

pub(super) fn rules_of(query: &Query) -> impl Iterator<Item = (Which, &Rule)> {
    let wanted = query.want.iter().enumerate().map(|(index, rule)| (Which::Wanted(index), rule));
    wanted.chain(query.exclude.iter().enumerate().map(|(index, rule)| (Which::Excluded(index), rule)))
}

/// What an index can find; how much that is has not been counted.
fn candidates(query: &Query, names: &Names, ranges: &Ranges) -> impl Iterator<Item = Candidate> {
    let rules = Translator { names, engine: Engine::Sqlite };
    let memberships = rules_of(query).filter_map(move |(which, rule)| {
        let membership = rules.membership(rule)?;
        let per_row = if membership.is_exact() { LISTED } else { MATCHED };
        let (can_be_listed, can_begin) = (membership.can_be_listed(), membership.is_inside_its_index());
        Some(Candidate { which, rows: membership.rows(), count: 0.0, per_row, can_be_listed, can_begin })
    });
    let indexed = ranges.iter().filter(|(column, _)| matches!(column, Pictures::CreatedAt | Pictures::RegionCount));
    let ranges = indexed.map(|(column, range)| {
        let rows = rows_within(column, range, Engine::Sqlite);
        let which = Which::Range(column);
        Candidate { which, rows, count: 0.0, per_row: LISTED, can_be_listed: false, can_begin: true }
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
    let lists = |pictures: f64, begins: Option<Which>| {
        let pays = move |candidate: &&Candidate| {
            let is_free = candidate.can_be_listed && Some(candidate.which) != begins;
            is_free && candidate.count * candidate.per_row <= pictures * LISTED
        };
        found.iter().filter(pays).map(|candidate| candidate.which).collect()
    };
    let (way, led) = together(found, all);
    let walking = (walk.pictures * walk.per_picture).max(LITTLE.min(walk.pictures_at_worst * walk.per_picture));
    let begins = leaders(found).find(|candidate| candidate.can_begin);
    if let Some(Candidate { which, count, .. }) = begins
        && begins.is_some_and(|one| count * one.sorted(walk.per_picture) <= led.min(walking))
    {
        return Way { begins: Some(*which), lists: lists(*count, Some(*which)), ..Way::default() };
    }
    if led <= walking {
        return way;
    }
    Way { lists: lists(walk.pictures, None), walks: true, ..Way::default() }
}

/// Those that lead to the fewest pictures together, and how long it takes to find them and to sort these.
fn together(found: &[Candidate], all: f64) -> (Way, f64) {
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
    let time = if way.leading.is_some() { read + left * SORTED } else { f64::INFINITY };
    (way, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: f64 = 1_000_000.0;

    fn candidate(which: Which, count: f64) -> Candidate {
        let rows = Sql::select().column(Pictures::Id).from(Pictures::Table).to_owned();
        Candidate { which, rows, count, per_row: LISTED, can_be_listed: true, can_begin: false }
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
            for (can_be_listed, can_begin) in [(true, false), (false, false), (true, true), (false, true)] {
                let of = |count| Candidate { can_be_listed, can_begin, ..candidate(Which::Wanted(0), count) };
                let most = most_of_one(&of(0.0), wanted * ALL, per_picture);
                let used = |count: f64| {
                    let pictures = (wanted * ALL / count).min(ALL);
                    let way = way(&[of(count)], ALL, Walk { pictures, pictures_at_worst: ALL, per_picture });
                    !way.leaders.is_empty() || way.begins.is_some() || !way.lists.is_empty()
                };
                let of = format!("{wanted} {per_picture} {can_be_listed} {can_begin}: {most}");
                assert!(used(most / 2.0) && !used(most + 1.0), "{of}");
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
