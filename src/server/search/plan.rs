//! Which rule leads the way to the pictures.
//!
//! There are two ways through a search: walk all pictures in order and test each, or start from the few that an index has
//! for one rule and sort them. The first is right for "shows an animal", the second for "shows an axolotl"; taking the
//! wrong one costs seconds on a site with a million pictures. PostgreSQL decides by its statistics. SQLite has none on a
//! young site and cannot count a subquery's rows in advance on any, so the decision is made here, by a look into the
//! indexes that ends early.

use super::names::Names;
use super::rules::Translator;
use crate::model::PageRequest;
use crate::query::Query;
use crate::server::store::db::Result;
use crate::server::store::schema::Pictures;
use crate::server::store::{Engine, Source};
use sea_query::{Expr, Func, Query as Sql};

/// A rule that finds more rows than this leads nowhere; counting them stops here.
const MANY: i64 = 100_000;
/// So many rules are looked into.
const RULES_LOOKED_INTO: usize = 12;

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Every picture has to be seen.
    Count,
    /// The first ones in order suffice.
    Page,
}

/// How to go through the pictures.
#[derive(Debug)]
pub(super) struct Plan {
    /// For which database.
    pub engine: Engine,
    leader_of_count: Option<usize>,
    leader_of_page: Option<usize>,
}

impl Plan {
    /// The rule in `want` from whose index the search starts, if any.
    pub fn leader(&self, purpose: Purpose) -> Option<usize> {
        match purpose {
            Purpose::Count => self.leader_of_count,
            Purpose::Page => self.leader_of_page,
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
        let mut plan = Self { engine, leader_of_count: None, leader_of_page: None };
        if engine == Engine::Postgres {
            return Ok(plan);
        }
        let rules = Translator { names, engine };
        let candidates =
            query.want.iter().enumerate().filter_map(|(index, rule)| Some((index, rules.membership(rule)?)));
        let mut rarest: Option<(i64, usize)> = None;
        for (index, membership) in candidates.take(RULES_LOOKED_INTO) {
            let most = rarest.map_or(MANY, |(rows, _)| rows);
            let rows = membership.rows().limit(most.unsigned_abs()).to_owned();
            let statement = Sql::select().expr(Expr::cust("COUNT(*)")).from_subquery(rows, "leading").to_owned();
            let found = source.optional::<(i64,)>(&statement).await?.map_or(0, |(rows,)| rows);
            if found < most {
                rarest = Some((found, index));
            }
        }
        if let Some((rows, index)) = rarest {
            plan.leader_of_count = Some(index);
            let statement = Sql::select().expr(Func::max(Expr::col(Pictures::Id))).from(Pictures::Table).to_owned();
            let newest = source.optional::<(Option<i64>,)>(&statement).await?.and_then(|(id,)| id).unwrap_or(0);
            // Walking in order sees about (all / rows) pictures for each one that it finds.
            let walked = (newest / std::cmp::Ord::max(rows, 1)).saturating_mul(page.offset.saturating_add(page.limit));
            plan.leader_of_page = (rows <= walked).then_some(index);
        }
        Ok(plan)
    }
}
