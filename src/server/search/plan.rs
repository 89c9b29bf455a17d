//! Which rule leads the way to the pictures, and how the others are tested.
//!
//! There are two ways through a search: walk all pictures in order and test each, or start from the few that an index has
//! for one rule and sort them. The first is right for "shows an animal", the second for "shows an axolotl"; taking the
//! wrong one costs seconds on a site with a million pictures. Whoever walks far does better to read the few pictures of a rule
//! into a list once than to look every picture up. PostgreSQL decides by its statistics. SQLite has none on a
//! young site and cannot count a subquery's rows in advance on any, so the decision is made here, by a look into the
//! indexes that ends early.

use super::names::Names;
use super::rules::Translator;
use crate::model::PageRequest;
use crate::query::rules::{Form, IdField, TextField};
use crate::query::{Query, Rule};
use crate::server::store::db::Result;
use crate::server::store::schema::Pictures;
use crate::server::store::{Engine, Source};
use sea_query::{Expr, Func, Query as Sql};

/// A rule that finds more rows than this leads nowhere; counting them stops here.
const MANY: i64 = 30_000;
/// So many rules are looked into.
const RULES_LOOKED_INTO: usize = 12;
/// To fetch and sort a picture takes as long as to walk past so many in an index that has all that is tested.
const WALKED_PER_SORTED: i64 = 30;
/// The same where each has to be fetched to be tested.
const FETCHED_PER_SORTED: i64 = 3;

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Every picture has to be seen.
    Count,
    /// The first ones in order suffice.
    Page,
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
}

/// How to go through the pictures.
#[derive(Debug)]
pub(super) struct Plan {
    /// For which database.
    pub engine: Engine,
    count: Way,
    page: Way,
}

#[derive(Debug, Default)]
struct Way {
    leader: Option<usize>,
    lists: Vec<Which>,
}

impl Plan {
    /// How a rule is applied.
    pub fn role(&self, purpose: Purpose, rule: Which) -> Role {
        let way = self.way(purpose);
        match rule {
            Which::Wanted(index) if way.leader == Some(index) => Role::Leads,
            _ if way.lists.contains(&rule) => Role::Lists,
            _ => Role::Tests,
        }
    }

    /// Whether the search starts from the index of a rule.
    pub fn leads(&self, purpose: Purpose) -> bool {
        self.way(purpose).leader.is_some()
    }

    fn way(&self, purpose: Purpose) -> &Way {
        match purpose {
            Purpose::Count => &self.count,
            Purpose::Page => &self.page,
        }
    }

    /// Looks how many rows each rule would start from, and decides.
    pub async fn make(
        source: &mut impl Source,
        engine: Engine,
        query: &Query,
        names: &Names,
        page: PageRequest,
    ) -> Result<Self> {
        let mut plan = Self { engine, count: Way::default(), page: Way::default() };
        if engine == Engine::Postgres {
            return Ok(plan);
        }
        let rules = Translator { names, engine };
        let wanted = query.want.iter().enumerate().map(|(index, rule)| (Which::Wanted(index), rule));
        let excluded = query.exclude.iter().enumerate().map(|(index, rule)| (Which::Excluded(index), rule));
        let candidates = wanted.chain(excluded).filter_map(|(which, rule)| Some((which, rules.membership(rule)?)));
        let mut found = Vec::new();
        for (which, membership) in candidates.take(RULES_LOOKED_INTO) {
            let rows = membership.rows().limit(MANY.unsigned_abs()).to_owned();
            let statement = Sql::select().expr(Expr::cust("COUNT(*)")).from_subquery(rows, "leading").to_owned();
            let rows = source.optional::<(i64,)>(&statement).await?.map_or(0, |(rows,)| rows);
            if rows < MANY {
                found.push(Candidate { which, rows, can_be_listed: membership.is_of_pairs() });
            }
        }
        if !found.is_empty() {
            let statement = Sql::select().expr(Func::max(Expr::col(Pictures::Id))).from(Pictures::Table).to_owned();
            let newest = source.optional::<(Option<i64>,)>(&statement).await?.and_then(|(id,)| id).unwrap_or(0);
            let per_sorted = if walks_in_index(query) { WALKED_PER_SORTED } else { FETCHED_PER_SORTED };
            let wanted_rows = page.offset.saturating_add(page.limit);
            plan.count = way(&found, newest, per_sorted);
            // Walking in order sees about (all / rows) pictures for each one that it finds.
            let rarest =
                found.iter().filter(|candidate| candidate.leader().is_some()).map(|candidate| candidate.rows).min();
            let walked = newest.checked_div(rarest.unwrap_or(newest)).unwrap_or(newest).saturating_mul(wanted_rows);
            plan.page = way(&found, std::cmp::Ord::min(walked, newest), per_sorted);
        }
        Ok(plan)
    }
}

/// A rule that finds few rows.
struct Candidate {
    which: Which,
    rows: i64,
    can_be_listed: bool,
}

impl Candidate {
    fn leader(&self) -> Option<usize> {
        match self.which {
            Which::Wanted(index) => Some(index),
            Which::Excluded(_) => None,
        }
    }
}

/// Whether the indexes by which pictures are walked through in order have all that the query tests.
fn walks_in_index(query: &Query) -> bool {
    let is_elsewhere = |rule: &Rule| {
        matches!(rule.form(), Form::Text(TextField::Description) | Form::Origin | Form::Ids(IdField::CopiedFrom))
    };
    !query.include_obsolete && !query.want.iter().chain(&query.exclude).any(is_elsewhere)
}

/// The quickest way if walking sees so many pictures.
fn way(found: &[Candidate], walked: i64, per_sorted: i64) -> Way {
    let rarest = found.iter().filter_map(|candidate| Some((candidate.rows, candidate.leader()?))).min();
    if let Some((rows, index)) = rarest
        && rows.saturating_mul(per_sorted) <= walked
    {
        return Way { leader: Some(index), lists: Vec::new() };
    }
    let pays = |candidate: &&Candidate| candidate.can_be_listed && candidate.rows <= walked;
    Way { leader: None, lists: found.iter().filter(pays).map(|candidate| candidate.which).collect() }
}
