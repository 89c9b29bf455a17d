//! How many of the results there are of which kind, and the rules that lead to them: one menu for each dimension.

use super::icons::{Glyph, Icon};
use super::latest::Latest;
use super::query_shared::QueryText;
use super::query_tools::LostComments;
use super::text::{grouped, spelled_out};
use crate::api::queries::query_insights;
use crate::model::licence::short_name;
use crate::model::{AppError, Breakdown, Dimension, Insights, Slice};
use crate::query::text::List;
use crate::query::text::document::Document;
use crate::query::text::narrow::{add_rules, has_rules, remove_rules};
use leptos::prelude::*;

/// So many names of a dimension are asked for.
const TOP: i64 = 50;

/// What the menus share.
#[derive(Clone, Copy)]
struct Facets {
    shared: QueryText,
    /// What was counted last, and of which text.
    counted: RwSignal<Option<(String, Result<Insights, AppError>)>>,
    /// The text and the comments that it does not have, while somebody is asked about them.
    lost: RwSignal<Option<(String, Vec<String>)>>,
}

impl Facets {
    fn breakdown(self, dimension: Dimension) -> Option<Breakdown> {
        self.counted.with(|counted| {
            let insights = counted.as_ref()?.1.as_ref().ok()?;
            insights.breakdowns.iter().find(|breakdown| breakdown.dimension == dimension).cloned()
        })
    }

    /// Why there are no numbers of a dimension; `None` while they are being counted.
    fn missing(self) -> Option<String> {
        self.counted.with(|counted| match &counted.as_ref()?.1 {
            Ok(insights) if insights.complete => None,
            Ok(_) => Some("Counting took too long.".to_owned()),
            Err(error) => Some(error.to_string()),
        })
    }

    /// Wants or excludes what a slice stands for, or no longer does. People know it by this name.
    fn toggle(self, list: List, slice: &Slice, name: &str) {
        let text = self.shared.text.get_untracked();
        let Ok(document) = Document::read(&text) else {
            return self.shared.announcer.say("A query with errors takes no rules.");
        };
        let is_there = has_rules(&document, list, &slice.rules);
        let edited = match is_there {
            true => remove_rules(&text, list, &slice.rules),
            false => add_rules(&text, list, &slice.rules),
        };
        match edited {
            Ok(edited) if edited.lost.is_empty() => {
                self.shared.write(&edited.text);
                let done = match (is_there, list) {
                    (true, _) => "no longer asked for",
                    (false, List::Want) => "wanted",
                    (false, List::Exclude) => "excluded",
                };
                self.shared.announcer.say(format!("{name}: {done}."));
            }
            Ok(edited) => self.lost.set(Some((edited.text, edited.lost))),
            Err(_) => self.shared.announcer.say("The query has no room for this rule."),
        }
    }
}

/// The menus. Nothing is counted before one of them is opened.
#[component]
pub fn FacetMenus(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let facets = Facets { shared, counted: RwSignal::new(None), lost: RwSignal::new(None) };
    let wanted = RwSignal::new(false);
    let latest = Latest::here();
    Effect::new(move |_| {
        let Some((query, _)) = shared.found.get().filter(|_| wanted.get()) else { return latest.stop() };
        latest.run(async move {
            let counted = query_insights(query.clone(), false, Dimension::FACETS.to_vec(), Some(TOP)).await;
            let _ = facets.counted.try_set(Some((query, counted)));
        });
    });
    let stale = Memo::new(move |_| {
        let found = shared.found.with(|found| found.as_ref().map(|(query, _)| query.clone()));
        facets.counted.with(|counted| counted.as_ref().is_some_and(|(query, _)| found.as_ref() != Some(query)))
    });
    let menus = Dimension::FACETS.map(|dimension| {
        view! { <FacetMenu facets=facets dimension=dimension wanted=wanted stale=stale /> }
    });
    let agreed = Callback::new(move |text: String| shared.write(&text));
    view! {
        <div class="facets" role="group" aria-label="Narrow down">
            {menus.into_iter().collect_view()}
        </div>
        <LostComments lost=facets.lost id="query-facet-lost" doing="This rule" on_agreed=agreed />
    }
}

#[component]
fn FacetMenu(facets: Facets, dimension: Dimension, wanted: RwSignal<bool>, stale: Memo<bool>) -> impl IntoView {
    let open = RwSignal::new(false);
    let breakdown = Memo::new(move |_| open.get().then(|| facets.breakdown(dimension)).flatten());
    let toggled = move |event: web_sys::Event| {
        let is_open = event_target::<web_sys::Element>(&event).has_attribute("open");
        open.set(is_open);
        if is_open && !wanted.get_untracked() {
            wanted.set(true);
        }
    };
    // What is there stays in its order while the menu is open: a row does not go away below the pointer or the keyboard.
    let slices = Memo::new(move |before: Option<&Vec<Slice>>| {
        let mut slices = breakdown.with(|now| now.as_ref().map(|now| now.slices.clone()).unwrap_or_default());
        let place = |slice: &Slice| before.and_then(|all| all.iter().position(|other| other.value == slice.value));
        slices.sort_by_key(|slice| place(slice).unwrap_or(usize::MAX));
        slices
    });
    let note = move || {
        breakdown.with(|now| match now {
            None => Some(facets.missing().unwrap_or_else(|| "Counting…".to_owned())),
            Some(now) if now.slices.is_empty() => Some("Nothing to count.".to_owned()),
            Some(now) => {
                let exact = (dimension == Dimension::Object).then(|| "Labelled with exactly this.".to_owned());
                let top = now.more.then(|| format!("The {TOP} most frequent ones."));
                exact.into_iter().chain(top).reduce(|exact, top| format!("{exact} {top}"))
            }
        })
    };
    let note = move || note().map(|note| view! { <p class="facet-note">{note}</p> });
    view! {
        <details class="menu facet" data-stays on:toggle=toggled>
            <summary class="button small">{dimension.label()}</summary>
            <div class="menu-panel" class:stale=move || stale.get()>
                <ul class="facet-slices" aria-label=dimension.label()>
                    <For each=move || slices.get() key=|slice| slice.value.clone() let:slice>
                        <SliceRow facets=facets dimension=dimension slice=slice slices=slices />
                    </For>
                </ul>
                {note}
            </div>
        </details>
    }
}

/// What people call a value.
fn called(dimension: Dimension, value: &str) -> String {
    match dimension {
        Dimension::Licence => short_name(value),
        Dimension::Nature => spelled_out(value),
        _ => value.to_owned(),
    }
}

/// One kind of pictures: a press wants it, another button excludes it.
#[component]
fn SliceRow(facets: Facets, dimension: Dimension, slice: Slice, slices: Memo<Vec<Slice>>) -> impl IntoView {
    let shared = facets.shared;
    // How many there are, and most of any kind.
    let numbers = {
        let value = slice.value.clone();
        Memo::new(move |_| {
            slices.with(|slices| {
                let this = slices.iter().find(|slice| slice.value == value).map_or(0, |slice| slice.pictures);
                (this, slices.iter().map(|slice| slice.pictures).max().unwrap_or(1).max(1))
            })
        })
    };
    let slice = StoredValue::new(slice);
    let state = Memo::new(move |_| {
        let document = shared.text.with(|text| Document::read(text));
        let there = |list| {
            document.as_ref().is_ok_and(|document| slice.with_value(|slice| has_rules(document, list, &slice.rules)))
        };
        (there(List::Want), there(List::Exclude))
    });
    let (value, rules) = slice.with_value(|slice| (called(dimension, &slice.value), slice.rules.len()));
    let name = StoredValue::new(value.clone());
    let share = move || {
        let (pictures, most) = numbers.get();
        format!("--share: {:.1}%", 100.0 * pictures as f64 / most as f64)
    };
    let act = move |list| slice.with_value(|slice| name.with_value(|name| facets.toggle(list, slice, name)));
    // A picture is excluded that satisfies any of the rules, which are two where the slice has two ends.
    let exclude = (rules > 0).then(|| {
        let (is_apart, label) = match rules {
            1 => (false, format!("Exclude {value}")),
            _ => (true, format!("{value} cannot be excluded: it lies between others, and a query excludes only what is beyond an end")),
        };
        let title = if is_apart { label.clone() } else { "Exclude".to_owned() };
        view! {
            <button
                class="icon-button"
                type="button"
                aria-label=label
                title=title
                aria-disabled=is_apart.then_some("true")
                aria-pressed=move || state.get().1.to_string()
                on:click=move |_| {
                    if !is_apart {
                        act(List::Exclude);
                    }
                }
            >
                <Icon glyph=Glyph::Minus />
            </button>
        }
    });
    view! {
        <li class="facet-slice">
            <button
                class="facet-value"
                type="button"
                disabled=rules == 0
                aria-pressed=move || state.get().0.to_string()
                on:click=move |_| act(List::Want)
                style=share
            >
                <span class="facet-name">{value.clone()}</span>
                <span class="facet-count">{move || grouped(numbers.get().0)}</span>
            </button>
            {exclude}
        </li>
    }
}
