//! What each rule of a query does: how many pictures there would be more without it. It is counted after the pictures were
//! found, and shown on the cards.

use super::latest::Latest;
use super::query_address::as_kept;
use super::query_shared::QueryText;
use super::text::{count, grouped};
use crate::api::queries::query_insights;
use crate::model::Insights;
use crate::query::text::List;
use leptos::prelude::*;

/// What was counted, and of which text.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    query: String,
    insights: Insights,
}

/// Counts whenever something was found.
pub fn follow(shared: QueryText) {
    let latest = Latest::here();
    Effect::new(move |_| {
        let Some((query, _)) = shared.found.get() else { return latest.stop() };
        let has_rules =
            crate::query::parse(&query).is_ok_and(|query| !query.want.is_empty() || !query.exclude.is_empty());
        if !has_rules {
            return latest.stop();
        }
        latest.run(async move {
            // Where it cannot be counted, the cards say nothing.
            if let Ok(insights) = query_insights(query.clone(), true, Vec::new(), None).await {
                let _ = shared.effects.try_set(Some(Effects { query, insights }));
            }
        });
    });
}

/// What was counted of the text as it is now.
pub fn current<T>(shared: QueryText, of: impl FnOnce(&Insights) -> Option<T>) -> Option<T> {
    let is_current = |effects: &&Effects| shared.text.with(|text| as_kept(text) == effects.query);
    shared.effects.with(|effects| effects.as_ref().filter(is_current).and_then(|effects| of(&effects.insights)))
}

/// How many pictures a rule removes, by its place among those of its list that count; `None` while nobody knows.
pub fn removed_by(shared: QueryText, list: List, index: usize) -> Option<i64> {
    current(shared, |insights| {
        let excluded = list == List::Exclude;
        let effect = insights
            .effects
            .iter()
            .find(|effect| effect.excluded == excluded && usize::try_from(effect.index).is_ok_and(|at| at == index))?;
        Some(effect.removes)
    })
}

/// How many pictures there would be more with those that have been replaced.
pub fn obsolete(shared: QueryText) -> Option<i64> {
    current(shared, |insights| insights.obsolete)
}

/// The number as a card says it, and as it is read out.
pub fn in_words(removes: i64) -> (String, String) {
    match removes {
        0 => ("−0".to_owned(), "Removes no picture".to_owned()),
        _ => (format!("−{}", grouped(removes)), format!("Removes {}", count(removes, "picture", "pictures"))),
    }
}
