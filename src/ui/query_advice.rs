//! What helps where no picture fits.

use super::focus::{by_id, focus_soon};
use super::query_builder::list_label;
use super::query_effects;
use super::query_names::label_of;
use super::query_shared::QueryText;
use super::query_tools::LostComments;
use super::text::count;
use crate::query::Rule;
use crate::query::rules::{Form, by_form};
use crate::query::text::List;
use crate::query::text::complete::Names;
use crate::query::text::document::Document;
use crate::query::text::widen::{Wider, widest};
use leptos::prelude::*;

/// So many values of a rule are named.
const NAMED: usize = 3;

/// A rule as people say it: "Shows: Cat, Dog".
fn said(rule: &Rule) -> String {
    let form = rule.form();
    let label = by_form(form).map_or("", |spec| spec.label);
    let values = rule.values();
    let named = values.iter().take(NAMED).map(|value| match form {
        Form::Names(field) => label_of(Names::Of(field.vocabulary()), value),
        _ => value.clone(),
    });
    let more = if values.len() > NAMED { ", …" } else { "" };
    format!("{label}: {}{more}", named.collect::<Vec<_>>().join(", "))
}

/// What a change would do, and what its button says. That a rule removes most is known only where all were counted.
fn offered(wider: &Wider, complete: bool) -> (String, &'static str) {
    let pictures = count(wider.pictures, "picture", "pictures");
    let fit = if wider.pictures == 1 { "fits" } else { "fit" };
    match &wider.rule {
        Some((list, rule)) => {
            let under = match list {
                List::Want => String::new(),
                List::Exclude => format!(" under “{}”", list_label(*list)),
            };
            let removes = if complete { "removes most" } else { "removes pictures" };
            (format!("“{}”{under} {removes}: without it, {pictures} {fit}.", said(rule)), "Disable this rule")
        }
        None => {
            (format!("{pictures} {fit} when those that have been replaced count, too."), "Include what was replaced")
        }
    }
}

/// What would find pictures again, as soon as it was counted.
#[component]
pub fn Advice(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let lost = RwSignal::new(None::<(String, Vec<String>)>);
    let advice = Memo::new(move |_| {
        query_effects::current(shared, |insights| {
            let document = shared.text.with(|text| Document::read(text)).ok().filter(|_| insights.total == 0)?;
            let nothing_helps = insights.complete && insights.effects.len() > 1;
            Some((widest(&document, insights), nothing_helps, insights.complete))
        })
    });
    let take = move |text: String| {
        shared.write(&text);
        // The button goes.
        focus_soon(|| by_id("found"));
        shared.announcer.say("The query is wider now.");
    };
    let act = move |wider: Wider| {
        let edited = shared
            .text
            .with_untracked(|text| Document::read(text))
            .ok()
            .and_then(|document| document.edit(&wider.edit).ok());
        match edited {
            Some(edited) if edited.lost.is_empty() => take(edited.text),
            Some(edited) => lost.set(Some((edited.text, edited.lost))),
            // The text has become another one meanwhile, and so will this.
            None => {}
        }
    };
    let content = move || {
        let (wider, nothing_helps, complete) = advice.get()?;
        let Some(wider) = wider else {
            let sentence = "No single rule is the reason: without any one of them there is still nothing.";
            return nothing_helps.then(|| view! { <p>{sentence}</p> }.into_any());
        };
        let (words, button) = offered(&wider, complete);
        let content = view! {
            <p>{words}</p>
            <button class="button" type="button" on:click=move |_| act(wider.clone())>
                {button}
            </button>
        };
        Some(content.into_any())
    };
    view! {
        <div class="query-advice" role="status">
            {content}
        </div>
        <LostComments lost=lost id="query-advice-lost" doing="This change" on_agreed=Callback::new(take) />
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::text::document::Edit;

    #[test]
    fn rules_are_called_as_on_their_cards() {
        let query = "want:\n  - licence: [CC0-1.0, X-public-domain, MIT, CC-BY-4.0]\nexclude:\n  - title: sea\n";
        let query = crate::query::parse(query).unwrap().into_query();
        assert_eq!(said(&query.want[0]), "Licence: CC0 1.0, Public domain, MIT, …");
        let edit = Edit::IncludeObsolete(true);
        let wider = Wider { edit, rule: Some((List::Exclude, query.exclude[0].clone())), pictures: 1 };
        assert_eq!(offered(&wider, true).0, "“Title: sea” under “Must not” removes most: without it, 1 picture fits.");
        // Another rule, which was not counted, may remove more.
        let partly = offered(&wider, false).0;
        assert_eq!(partly, "“Title: sea” under “Must not” removes pictures: without it, 1 picture fits.");
    }
}
