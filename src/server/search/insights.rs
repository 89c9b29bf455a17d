//! What can be said of a query's results beside the pictures: their number, what each rule does, and how many there are of
//! which kind.
//!
//! Everything is counted by plain SQL in one snapshot, the total first, until the time is over.

use super::breakdown::breakdown;
use super::names::Names;
use super::plan::{Plan, Purpose};
use super::{SearchError, pictures, understand};
use crate::model::{Dimension, Insights, RuleEffect, Viewer};
use crate::query::{Query, Rule};
use crate::server::store::schema::Pictures;
use crate::server::store::{Bounded, Db, Source, StoreError};
use sea_query::{Expr, ExprTrait, SelectStatement};

/// What is to be counted beside the total.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What each rule does.
    pub effects: bool,
    /// What the results are counted by.
    pub dimensions: Vec<Dimension>,
    /// How many names of each dimension.
    pub top: i64,
}

/// Counts what a query's text finds, as far as `viewer` may see it. Fails only where not even the total could be counted in
/// time.
pub async fn insights(db: &Db, viewer: &Viewer, text: &str, wanted: &Wanted) -> Result<Insights, SearchError> {
    let (mut source, query, names) = understand(db, viewer, text).await?;
    Ok(count(&mut source, viewer, &query, &names, wanted).await?)
}

/// Counts what a query finds: the one place where anything is counted for a search. Fails only where not even the total could be
/// counted in time.
pub(super) async fn count(
    source: &mut Bounded,
    viewer: &Viewer,
    query: &Query,
    names: &Names,
    wanted: &Wanted,
) -> Result<Insights, StoreError> {
    let mut counting = Counting { source, viewer, names };
    let results = counting.select(query).await?;
    let total = counting.number_of(&results).await?;
    let mut insights = Insights { total, effects: Vec::new(), obsolete: None, breakdowns: Vec::new(), complete: false };
    match counting.fill(&mut insights, query, &results, wanted).await {
        Ok(()) => insights.complete = true,
        Err(StoreError::TimedOut) => {}
        Err(error) => return Err(error),
    }
    Ok(insights)
}

struct Counting<'a> {
    source: &'a mut Bounded,
    viewer: &'a Viewer,
    names: &'a Names,
}

impl Counting<'_> {
    /// The rows of `pictures` that a query asks for, by the way that is best for this one.
    async fn select(&mut self, query: &Query) -> Result<SelectStatement, StoreError> {
        let plan = Plan::make(self.source, query, self.names, Purpose::Count).await?;
        Ok(pictures(self.viewer, query, self.names, &plan))
    }

    /// How many rows of `pictures` there are.
    async fn number_of(&mut self, pictures: &SelectStatement) -> Result<i64, StoreError> {
        let mut statement = pictures.clone();
        statement.expr(Expr::cust("COUNT(*)"));
        Ok(self.source.optional::<(i64,)>(&statement).await?.map_or(0, |(count,)| count))
    }

    async fn fill(
        &mut self,
        insights: &mut Insights,
        query: &Query,
        results: &SelectStatement,
        wanted: &Wanted,
    ) -> Result<(), StoreError> {
        if wanted.effects {
            for (effect, opposite) in opposites(query) {
                let removed = self.select(&opposite).await?;
                insights.effects.push(RuleEffect { removes: self.number_of(&removed).await?, ..effect });
            }
            if !query.include_obsolete {
                let all = Query { include_obsolete: true, ..query.clone() };
                let mut obsolete = self.select(&all).await?;
                obsolete.and_where(Expr::col((Pictures::Table, Pictures::ReplacedBy)).is_not_null());
                insights.obsolete = Some(self.number_of(&obsolete).await?);
            }
        }
        for &dimension in &wanted.dimensions {
            insights.breakdowns.push(breakdown(self.source, results, dimension, wanted.top).await?);
        }
        Ok(())
    }
}

/// For each rule the query that finds what this rule alone removes: the same rules, but this one in the other list.
fn opposites(query: &Query) -> impl Iterator<Item = (RuleEffect, Query)> {
    let effect = |excluded: bool, index: usize, rule: &Rule| {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        RuleEffect { excluded, index, rule: rule.name().to_owned(), removes: 0 }
    };
    let wanted = query.want.iter().enumerate().map(move |(index, rule)| {
        let mut opposite = query.clone();
        opposite.exclude.push(opposite.want.remove(index));
        (effect(false, index, rule), opposite)
    });
    let excluded = query.exclude.iter().enumerate().map(move |(index, rule)| {
        let mut opposite = query.clone();
        opposite.want.push(opposite.exclude.remove(index));
        (effect(true, index, rule), opposite)
    });
    wanted.chain(excluded)
}
