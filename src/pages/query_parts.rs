//! What helps those who write queries, and the parser: a piece of the front end of its own (`query`), which the browser fetches
//! when someone types, or goes near what can be edited. What takes its place until then is there without it.

use crate::model::QueryError;
use crate::query::References;
use crate::query::text::{List, mend};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::query_advice::Advice;
use crate::ui::query_builder::QueryBuilder;
use crate::ui::query_facets::FacetMenus;
use crate::ui::query_shared::QueryText;
use crate::ui::query_tools::{CaretHelp, TextToolbar, TextTools};
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use std::ops::Range;

/// Why a query was not read here.
pub enum Fault {
    /// It has errors. Where it has names as well, the server may know more of them.
    Query {
        /// The errors that can be known without the site.
        errors: Vec<QueryError>,
        /// Whether there are names in what could be read.
        has_names: bool,
    },
    /// The parser could not be fetched; the server has one.
    NoParser,
}

impl From<SplitLoaderError> for Fault {
    fn from(_: SplitLoaderError) -> Self {
        Self::NoParser
    }
}

/// Reads a query.
#[wasm_split(query, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn parse(query: String) -> Result<(), Fault> {
    let (parsed, errors) = crate::query::read(&query);
    if errors.is_empty() {
        return Ok(());
    }
    Err(Fault::Query { errors, has_names: parsed.references() != References::default() })
}

/// The bytes of a text in the place of which a suggestion stands, and how it is written there.
#[wasm_split(query, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn mended(text: String, error: QueryError, suggestion: String) -> Result<Option<(Range<usize>, String)>, Fault> {
    Ok(mend::mended(&text, &error, &suggestion))
}

/// What the piece adds to the page.
#[derive(Clone, Copy)]
pub enum Part {
    /// Colours and completion, inside the text's field.
    Text,
    /// Help for what the caret is on.
    Help,
    /// Buttons below the text.
    Toolbar,
    /// The rules as cards.
    Rules,
    /// What the results are like, and the rules that lead to it.
    Facets,
    /// What helps where no picture fits.
    Advice,
}

#[wasm_split(query, wasm_split_path = ::leptos::wasm_split, fallible)]
fn part(part: Part, shared: QueryText) -> Result<AnyView, Fault> {
    Ok(match part {
        Part::Text => view! { <TextTools shared=shared /> }.into_any(),
        Part::Help => view! { <CaretHelp shared=shared /> }.into_any(),
        Part::Toolbar => view! { <TextToolbar shared=shared /> }.into_any(),
        Part::Rules => view! { <QueryBuilder shared=shared /> }.into_any(),
        Part::Facets => view! { <FacetMenus shared=shared /> }.into_any(),
        Part::Advice => view! { <Advice shared=shared /> }.into_any(),
    })
}

/// A part of the piece, once somebody is about to edit; what takes its place until then is there without it.
pub fn when_awake(
    wanted: Part,
    shared: QueryText,
    awake: RwSignal<bool>,
    until_then: fn(QueryText, RwSignal<bool>) -> AnyView,
) -> impl IntoView {
    move || {
        if !awake.get() {
            return until_then(shared, awake);
        }
        view! {
            <Suspense fallback=move || until_then(shared, awake)>
                {move || Suspend::new(async move {
                    match part(wanted, shared).await {
                        Ok(view) => view,
                        Err(_) => {
                            // The next touch tries again.
                            let _ = awake.try_set(false);
                            ().into_any()
                        }
                    }
                })}
            </Suspense>
        }
        .into_any()
    }
}

/// For what nothing takes the place of.
pub fn nothing(_: QueryText, _: RwSignal<bool>) -> AnyView {
    ().into_any()
}

/// Keeps the place of the menus.
pub fn no_facets(_: QueryText, _: RwSignal<bool>) -> AnyView {
    view! { <div class="facets script-only"></div> }.into_any()
}

/// Keeps the place of the help.
pub fn no_help(_: QueryText, _: RwSignal<bool>) -> AnyView {
    view! { <p class="query-caret-help script-only"></p> }.into_any()
}

/// Keeps the place of the tools.
pub fn no_tools(_: QueryText, _: RwSignal<bool>) -> AnyView {
    view! { <div class="query-tools-place script-only"></div> }.into_any()
}

/// Where rules can be added, before the builder has come.
pub fn bare_rules(shared: QueryText, awake: RwSignal<bool>) -> AnyView {
    let list = |(list, title, label): (List, &'static str, &'static str)| {
        view! {
            <div class="query-cards-list">
                <h2>{title}</h2>
                <button
                    class="button small query-add"
                    type="button"
                    aria-haspopup="dialog"
                    aria-label=label
                    on:click=move |_| {
                        shared.adding.set(Some(list));
                        awake.set(true);
                    }
                >
                    <Icon glyph=Glyph::Plus />
                    "Add a rule"
                </button>
            </div>
        }
    };
    let lists =
        [(List::Want, "Must", "Add a rule: must"), (List::Exclude, "Must not", "Add a rule: must not")].map(list);
    view! {
        <section class="query-builder script-only" aria-label="Rules">
            <div class="query-cards">{lists.into_iter().collect_view()}</div>
        </section>
    }
    .into_any()
}
