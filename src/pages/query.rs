//! `/query`: find pictures by a query, live.
//!
//! The address is the truth: it holds the query, the order and the part that is shown. Typing changes the address after a
//! short pause, and whatever changes the address (typing, links, the back button) changes what is found. What is asked for while
//! something else is under way ends that. Without scripts the same page is a form.

use super::query_parts::{Fault, Part, bare_rules, mended, no_facets, no_help, no_tools, nothing, parse, when_awake};
use crate::api::queries::{query_grid, query_total};
use crate::model::{AppError, Ordering, QueryError};
use crate::ui::announcer::{Announcements, Announcer};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::latest::Latest;
use crate::ui::query_address::{PAGE_SIZE, QueryAddress, View, as_kept, lines_not_kept};
use crate::ui::query_editor::{QueryEditor, QueryErrors};
use crate::ui::query_reference::{QueryExamples, QueryReference};
use crate::ui::query_results::{Found, Results, Total, ViewTabs, summary};
use crate::ui::query_shared::QueryText;
use crate::ui::query_statistics::{Missing, plots_piece};
use crate::ui::query_typing::Typing;
use crate::ui::session::use_session;
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_url};
use std::time::Duration;

/// Typing is over when nothing was typed for so long.
const PAUSE: Duration = Duration::from_millis(250);
/// A page without a query has been looked at by then, and gets its tools.
const SETTLED: Duration = Duration::from_secs(1);
/// What changes sooner after another change belongs to it, in milliseconds.
const STEP_MS: f64 = 2_000.0;
/// Why a suggestion was not put into a text that is another one by now.
const CHANGED: &str = "The text has changed meanwhile. What is wrong with it now is said here in a moment.";

/// Asks for what an address shows. Most errors are found here, without asking; but names only the site knows, so that all errors
/// come at once.
async fn search(address: QueryAddress) -> Found {
    let known = match parse(address.query.clone()).await {
        Err(Fault::Query { errors, has_names: false }) => return Err(AppError::InvalidQuery(errors)),
        Err(Fault::Query { errors, .. }) => Some(AppError::InvalidQuery(errors)),
        Ok(()) | Err(Fault::NoParser) => None,
    };
    let QueryAddress { query, ordering, seed, offset, beside, view } = address;
    // Beside plots, only whether there is anything.
    let size = if view == View::Statistics { 1 } else { PAGE_SIZE };
    let found = query_grid(query, Some(ordering), Some(seed), Some(offset), Some(size), beside).await;
    match (found, known) {
        (Err(AppError::InvalidQuery(all)), _) => Err(AppError::InvalidQuery(all)),
        // Without an answer, the errors are what can be said.
        (Err(_), Some(known)) => Err(known),
        (found, _) => found,
    }
}

fn places(found: &Found) -> Vec<QueryError> {
    match found {
        Err(AppError::InvalidQuery(errors)) => errors.clone(),
        _ => Vec::new(),
    }
}

fn random_seed() -> i64 {
    (js_sys::Math::random() * f64::from(i32::MAX)) as i64
}

/// The order of the pictures, as a control of the form.
#[component]
fn OrderingSelect(
    /// The order now.
    ordering: Signal<Ordering>,
    /// Called with another one.
    on_change: Callback<Ordering>,
) -> impl IntoView {
    let options = Ordering::ALL.map(|option| {
        view! {
            <option value=option.as_str() selected=move || ordering.get() == option>
                {option.label()}
            </option>
        }
    });
    let change = move |event| {
        if let Ok(chosen) = event_target_value(&event).parse() {
            on_change.run(chosen);
        }
    };
    view! {
        <select name="ordering" aria-label="Order" on:change=change prop:value=move || ordering.get().as_str()>
            {options.collect_view()}
        </select>
    }
}

/// What the page knows of the pictures: what it came with, and after that what was asked for last.
#[derive(Clone, Copy)]
struct Answers {
    asked_first: StoredValue<QueryAddress>,
    first: Resource<Found>,
    later: RwSignal<Option<(QueryAddress, Found)>>,
}

impl Answers {
    /// Asks anew whenever the address or the pictures change.
    fn follow(address: Memo<QueryAddress>, changes: RwSignal<u32>, pending: RwSignal<bool>, typing: Typing) -> Self {
        let asked_first = address.get_untracked();
        let first = {
            let asked = asked_first.clone();
            Resource::new_blocking(|| (), move |()| search(asked.clone()))
        };
        let later = RwSignal::new(None);
        let latest = Latest::here();
        Effect::new(move |earlier: Option<(QueryAddress, u32)>| {
            let now = (address.get(), changes.get());
            if earlier.is_some_and(|earlier| earlier != now) {
                pending.set(true);
                let (asked, caret) = (now.0.clone(), typing.asking());
                latest.run(async move {
                    let found = search(asked.clone()).await;
                    typing.answered(caret);
                    let _ = later.try_set(Some((asked, found)));
                    let _ = pending.try_set(false);
                });
            }
            now
        });
        Self { asked_first: StoredValue::new(asked_first), first, later }
    }

    /// Looks at the address that was asked for and at what was found there; `None` before there is anything.
    fn with<T>(self, look: impl FnOnce(&QueryAddress, &Found) -> T) -> Option<T> {
        if self.later.with(Option::is_some) {
            return self.later.with(|later| later.as_ref().map(|(address, found)| look(address, found)));
        }
        let asked = self.asked_first.get_value();
        self.first.with(|found| found.as_ref().map(|found| look(&asked, found)))
    }
}

/// Counts all results where the part that is shown does not say how many there are.
fn count_all(answers: Answers, found: RwSignal<Option<(String, u32)>>, counted: RwSignal<Option<Total>>) {
    let latest = Latest::here();
    let counting = StoredValue::new(None);
    Effect::new(move |_| {
        let wanted = found.get();
        let is_open = |_: &QueryAddress, found: &Found| found.as_ref().is_ok_and(|part| part.known_total().is_none());
        if answers.with(is_open) != Some(true) || counting.get_value() == wanted {
            return;
        }
        counting.set_value(wanted.clone());
        let Some((query, _)) = wanted else { return latest.stop() };
        latest.run(async move {
            let pictures = query_total(query.clone()).await;
            let _ = counted.try_set(Some(Total { query, pictures }));
        });
    });
}

/// The page.
#[component]
pub fn QueryPage() -> impl IntoView {
    let url = use_url();
    let address = Memo::new(move |_| url.with(|url| QueryAddress::read(url.search())));
    let changes = use_session().changes;
    let pending = RwSignal::new(false);
    let area = NodeRef::<Textarea>::new();
    let typing = Typing::new(area);
    let answers = Answers::follow(address, changes, pending, typing);

    let text = RwSignal::new(address.with_untracked(|address| address.query.clone()));
    // The text that this page wrote into the address: a change of the address to anything else comes from elsewhere.
    let written = StoredValue::new(text.get_untracked());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop_timer = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    // A pause that ends after the page was left must not lead back to it.
    on_cleanup(stop_timer);

    // The text for which pictures were found last.
    let found = RwSignal::new(None::<(String, u32)>);
    let navigate = use_navigate();
    let path = use_location().pathname;
    let here = path.get_untracked();
    // When the address changed last because of what was done here, in milliseconds.
    let changed_at = StoredValue::new(f64::NEG_INFINITY);
    let go = move |ordering: Ordering, seed: i64| {
        stop_timer();
        // Who is on the way to another page is not called back.
        if path.with_untracked(|path| *path != here) {
            return;
        }
        let query = text.get_untracked();
        written.set_value(as_kept(&query).to_owned());
        let before = address.get_untracked();
        let after = QueryAddress { query, ordering, seed, ..before.beginning() };
        // The back button leads to what was there before a pause, if that could be read, and to another order. What is typed in
        // one go is one step.
        let now = js_sys::Date::now();
        let in_one_go = now - changed_at.get_value() < STEP_MS;
        let was_found = found.with_untracked(|found| found.as_ref().is_some_and(|(query, _)| *query == before.query));
        let is_order = after.query == before.query;
        let is_kept = after != before && (is_order || !before.query.is_empty()) && was_found;
        changed_at.set_value(now);
        let replace = in_one_go || !is_kept;
        navigate(&after.href(), NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    };
    let go = StoredValue::new(go);
    let run = move || {
        let QueryAddress { ordering, seed, .. } = address.get_untracked();
        go.with_value(|go| go(ordering, seed));
    };
    let awake = RwSignal::new(false);
    let wake = move || {
        if !awake.get_untracked() {
            awake.set(true);
        }
    };
    let typed = move |value: String| {
        text.set(value);
        wake();
        stop_timer();
        let paused = move || {
            typing.paused();
            run();
        };
        timer.set_value(set_timeout_with_handle(paused, PAUSE).ok());
    };
    let reorder = move |ordering| {
        // Every shuffle is another one; its seed is in the address, so that its pages fit together.
        let seed = if ordering == Ordering::Random { random_seed() } else { address.get_untracked().seed };
        go.with_value(|go| go(ordering, seed));
    };
    let run_now = move || {
        typing.finish();
        run();
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        run_now();
    };

    // What was typed before this code had come.
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            let value = area.value();
            if value != text.get_untracked() {
                typed(value);
            }
        }
    });
    // A query that is there already is shown in colours and as cards. Where there is none, the page comes first.
    Effect::new(move |_| {
        if !text.with_untracked(String::is_empty) {
            return wake();
        }
        let soon = set_timeout_with_handle(wake, SETTLED).ok();
        on_cleanup(move || soon.into_iter().for_each(|timer| timer.clear()));
    });
    // Links to examples, and the back button.
    Effect::new(move |_| {
        let query = address.with(|address| address.query.clone());
        if query != written.get_value() {
            stop_timer();
            written.set_value(query.clone());
            if let Some(area) = area.get_untracked() {
                area.set_value(&query);
            }
            if !query.is_empty() {
                wake();
            }
            text.set(query);
        }
    });

    let ripe = move |asked: &QueryAddress, found: &Found| typing.ripe(&asked.query, places(found));
    // The field has line breaks at its start that were not asked for.
    let lines_before = Memo::new(move |_| text.with(|text| lines_not_kept(text)));
    let errors = Signal::derive(move || {
        let lines = lines_before.get();
        let errors = answers.with(ripe).unwrap_or_default().into_iter();
        errors.map(|error| QueryError { line: error.line.saturating_add(lines), ..error }).collect::<Vec<_>>()
    });
    // The text that the answer is about. It is looked at outside of what waits for the answer, too, where the resource must not
    // be. A page that is rendered has the answer to its own text.
    let answered = RwSignal::new(Some(text.get_untracked()));
    Effect::new(move |_| {
        let now = answers.with(|asked, _| asked.query.clone());
        if answered.with_untracked(|before| *before != now) {
            answered.set(now);
        }
    });
    let current = Signal::derive(move || {
        answered.with(|query| query.as_deref().is_some_and(|query| text.with(|text| as_kept(text) == query)))
    });
    let ordering = Signal::derive(move || address.with(|address| address.ordering));
    let shared = QueryText {
        text,
        area,
        errors,
        current,
        address: address.into(),
        scrolled: RwSignal::new((0, 0)),
        inked: RwSignal::new(false),
        writing: StoredValue::new(false),
        found,
        effects: RwSignal::new(None),
        adding: RwSignal::new(None),
        announcer: Announcer::default(),
    };
    let last = StoredValue::new(None::<(QueryAddress, _)>);
    let counted = RwSignal::new(None);
    Effect::new(move |_| {
        let query = answers.with(|address, found| found.is_ok().then(|| address.query.clone())).flatten();
        let found = query.map(|query| (query, changes.get_untracked()));
        if shared.found.with_untracked(|before| *before != found) {
            shared.found.set(found);
        }
    });
    count_all(answers, shared.found, counted);

    // Why a suggestion was not put into the text, until that changes.
    let unmended = RwSignal::new(None::<&'static str>);
    Effect::new(move |_| {
        text.track();
        unmended.set(None);
    });
    let mend = Callback::new(move |(error, suggestion): (QueryError, String)| {
        unmended.set(None);
        // The places of errors are those of the text that was asked for.
        if !current.get_untracked() {
            return unmended.set(Some(CHANGED));
        }
        spawn_local(async move {
            let Some(area) = shared.field() else { return };
            let old = area.value();
            let why = match mended(old.clone(), error, suggestion).await {
                Ok(Some((range, part))) if area.value() == old => {
                    shared.put(&area, &old, range, &part);
                    let _ = area.focus();
                    return;
                }
                Ok(Some(_)) => CHANGED,
                Ok(None) => "The suggestion does not fit in there. Write it by hand.",
                Err(_) => "What puts it there could not be loaded. Try again, or write it by hand.",
            };
            let _ = unmended.try_set(Some(why));
        });
    });
    let not_mended = move || unmended.get().map(|why| view! { <p class="query-failed">{why}</p> });
    let problems = move || {
        let errors = errors.get();
        answers.with(|_, found| found.as_ref().err().cloned()).flatten().map(|error| match error {
            AppError::InvalidQuery(_) if errors.is_empty() => ().into_any(),
            AppError::InvalidQuery(_) => view! { <QueryErrors errors=errors area=area on_mend=mend /> }.into_any(),
            other => view! { <p class="query-failed">{other.to_string()}</p> }.into_any(),
        })
    };
    let examples = move || {
        let shown = |_: &QueryAddress, found: &Found| {
            found.as_ref().ok().and_then(|part| part.items.iter().find_map(|card| card.objects.first().cloned()))
        };
        let wanted = address.with(|address| address.query.trim().is_empty());
        let object = answers.with(shown).flatten();
        wanted.then(|| view! { <QueryExamples object=object /> })
    };
    let again = move || {
        let again = address.get();
        let href = QueryAddress { seed: again.seed.wrapping_add(1), ..again.beginning() }.href();
        (again.ordering == Ordering::Random).then(|| {
            view! {
                <a class="button" href=href>
                    <Icon glyph=Glyph::Retry />
                    "Shuffle again"
                </a>
            }
        })
    };
    let is_statistics = Memo::new(move |_| address.with(|address| address.view == View::Statistics));
    let count = move || {
        let words =
            |address: &QueryAddress, found: &Found| counted.with(|counted| summary(found, address, counted.as_ref()));
        let errors = errors.get();
        answers.with(|address, found| match found {
            // What was found last stays there while a word is being written.
            Err(AppError::InvalidQuery(_)) if errors.is_empty() => match last.get_value() {
                Some((address, part)) => words(&address, &Ok(part)),
                None => words(address, &Err(AppError::InvalidQuery(errors))),
            },
            Err(AppError::InvalidQuery(_)) => words(address, &Err(AppError::InvalidQuery(errors))),
            found => words(address, found),
        })
    };
    let results = move || {
        let (address, found) = answers.with(|address, found| match address.view {
            View::Pictures => Some((address.clone(), found.clone())),
            // Asked for before the other view was chosen: the pictures that were there stay until the new ones come.
            View::Statistics => last.get_value().map(|(address, part)| (address, Ok(part))),
        })??;
        let advice = move || when_awake(Part::Advice, shared, awake, nothing);
        Some(view! { <Results found=found address=address last=last counted=counted advice=advice /> })
    };

    let statistics = move || {
        Suspend::new(async move {
            match plots_piece(address.into(), None).await {
                Ok(plots) => plots,
                Err(Missing) => {
                    view! { <p class="query-failed">"The plots could not be loaded. Reload the page."</p> }.into_any()
                }
            }
        })
    };

    view! {
        <Title text="Query" />
        <div class="page query-page">
            <div class="query-side" on:pointerenter=move |_| wake() on:focusin=move |_| wake()>
                <h1>"Query"</h1>
                <Announcements announcer=shared.announcer />
                <form class="query-form" method="get" action="/query" on:submit=submit>
                    <QueryEditor
                        shared=shared
                        on_text=Callback::new(move |value| {
                            typing.changed(shared);
                            typed(value);
                        })
                        on_caret=Callback::new(move |()| typing.look())
                        on_run=Callback::new(move |()| run_now())
                    >
                        {when_awake(Part::Text, shared, awake, nothing)}
                    </QueryEditor>
                    {when_awake(Part::Help, shared, awake, no_help)}
                    <div class="query-problems" id="query-problems" role="alert">
                        <Transition>{problems}</Transition>
                        {not_mended}
                    </div>
                    <div class="cluster">
                        <Show when=move || is_statistics.get() fallback=|| ()>
                            <input type="hidden" name="view" value="statistics" />
                        </Show>
                        <OrderingSelect ordering=ordering on_change=Callback::new(reorder) />
                        <button class="button primary no-script-only" type="submit">
                            "Run the query"
                        </button>
                        {again} {when_awake(Part::Toolbar, shared, awake, no_tools)}
                    </div>
                </form>
                {when_awake(Part::Rules, shared, awake, bare_rules)}
                <Transition>{examples}</Transition>
                <QueryReference />
                // On a narrow screen the results lie far below; the link stays in view until they are there.
                <a class="button query-jump" href="#found">
                    <Transition>{count}</Transition>
                    <Icon glyph=Glyph::Down />
                </a>
            </div>
            <section class="query-results" id="found" tabindex="-1" aria-label="Found pictures" aria-busy=move || pending.get().to_string()>
                <div class="query-head">
                    <p class="query-count" role="status" aria-label="Results">
                        <Transition>{count}</Transition>
                    </p>
                    <ViewTabs address=address.into() />
                </div>
                <div on:pointerenter=move |_| wake() on:focusin=move |_| wake()>
                    {when_awake(Part::Facets, shared, awake, no_facets)}
                </div>
                <div class="query-list" class:pending=move || pending.get()>
                    <Show when=move || !is_statistics.get() fallback=|| ()>
                        <Transition>{results}</Transition>
                    </Show>
                </div>
                <Show when=move || is_statistics.get() fallback=|| ()>
                    <Suspense fallback=|| ()>{statistics}</Suspense>
                </Show>
            </section>
        </div>
    }
}
