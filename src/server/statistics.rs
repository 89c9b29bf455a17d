//! What a query finds, in plots.

use super::plots;
use super::search::{SearchError, Wanted, insights};
use super::store::{Db, StoreError};
use crate::model::{Breakdown, Dimension, Plot, RuleText, Statistics, Viewer};
use crate::query::text::List;
use crate::query::text::narrow::add_rules;

/// So many names are in a plot.
pub const TOP: i64 = 20;

/// The narrower queries of one answer have at most about so many bytes together; where they would have more, there are none.
const NARROWED_BYTES: usize = 300_000;

/// All plots of what a query's text finds, as far as `viewer` may see it. Fails where not even the number of pictures could be
/// counted in time.
pub async fn statistics(db: &Db, viewer: &Viewer, text: &str) -> Result<Statistics, SearchError> {
    let wanted = Wanted { effects: false, dimensions: Dimension::STATISTICS.to_vec(), top: TOP };
    let found = insights(db, viewer, text, &wanted).await?;
    let slices: usize = found.breakdowns.iter().map(|breakdown| breakdown.slices.len()).sum();
    let has_links = text.len().saturating_mul(slices) <= NARROWED_BYTES;
    let plot = |breakdown: Breakdown| {
        let narrower = |rules: &[RuleText]| has_links.then(|| narrowed(text, rules)).flatten();
        let narrowed: Vec<Option<String>> = breakdown.slices.iter().map(|slice| narrower(&slice.rules)).collect();
        let linked: Vec<bool> = narrowed.iter().map(Option::is_some).collect();
        Plot { narrowed, svg: plots::svg(&breakdown, found.total, &linked), breakdown }
    };
    let plots = found.breakdowns.into_iter().map(plot).collect();
    Ok(Statistics { total: found.total, plots, complete: found.complete })
}

/// The text with these rules wanted as well, unless it says the same already.
fn narrowed(text: &str, rules: &[RuleText]) -> Option<String> {
    let edited = add_rules(text, List::Want, rules).ok()?;
    Some(edited.text).filter(|narrower| narrower != text)
}

/// One plot of what a query's text finds, the most frequent `top` of the names. Fails where it could not be counted in time.
pub async fn plot(db: &Db, viewer: &Viewer, text: &str, dimension: Dimension, top: i64) -> Result<String, SearchError> {
    let wanted = Wanted { effects: false, dimensions: vec![dimension], top };
    let found = insights(db, viewer, text, &wanted).await?;
    let breakdown = found.breakdowns.first().ok_or(StoreError::TimedOut)?;
    Ok(plots::svg(breakdown, found.total, &[]))
}
