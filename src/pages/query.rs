//! `/query`: find pictures by a query, live.
//!
//! The address is the truth: it holds the query, the order and the part that is shown. Typing changes the address after a
//! short pause, and whatever changes the address (typing, links, the back button) changes what is found. Without
//! scripts the same page is a form.

use crate::api::queries::query_cards;
use crate::model::{AppError, Ordering, Page, PictureCard, QueryError};
use crate::query::text::List;
use crate::ui::announcer::{Announcements, Announcer};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::pagination::Pagination;
use crate::ui::picture_grid::PictureGrid;
use crate::ui::query_address::{PAGE_SIZE, QueryAddress};
use crate::ui::query_builder::QueryBuilder;
use crate::ui::query_editor::{QueryEditor, QueryErrors};
use crate::ui::query_reference::{QueryExamples, QueryReference};
use crate::ui::query_shared::QueryText;
use crate::ui::query_tools::{CaretHelp, TextToolbar, TextTools};
use crate::ui::queue_address::QueueAddress;
use crate::ui::session::use_session;
use crate::ui::text::{count, grouped};
use leptos::html::Textarea;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_meta::Title;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_url};
use std::time::Duration;

/// Typing is over when nothing was typed for so long.
const PAUSE: Duration = Duration::from_millis(250);

/// Why a query was not read here.
enum Fault {
    /// It has errors.
    Query(Vec<QueryError>),
    /// The parser could not be fetched; the server has one.
    NoParser,
}

impl From<SplitLoaderError> for Fault {
    fn from(_: SplitLoaderError) -> Self {
        Self::NoParser
    }
}

/// Reads a query. The parser and what helps those who write queries are a piece of the front end of its own, which the
/// browser fetches when someone types, or goes near what can be edited.
#[wasm_split(query, wasm_split_path = ::leptos::wasm_split, fallible)]
fn parse(query: String) -> Result<(), Fault> {
    crate::query::parse(&query).map(drop).map_err(Fault::Query)
}

/// What the piece adds to the page.
#[derive(Clone, Copy)]
enum Part {
    /// Colours and completion, inside the text's field.
    Text,
    /// Help for what the caret is on.
    Help,
    /// Buttons below the text.
    Toolbar,
    /// The rules as cards.
    Rules,
}

#[wasm_split(query, wasm_split_path = ::leptos::wasm_split, fallible)]
fn part(part: Part, shared: QueryText) -> Result<AnyView, Fault> {
    Ok(match part {
        Part::Text => view! { <TextTools shared=shared /> }.into_any(),
        Part::Help => view! { <CaretHelp shared=shared /> }.into_any(),
        Part::Toolbar => view! { <TextToolbar shared=shared /> }.into_any(),
        Part::Rules => view! { <QueryBuilder shared=shared /> }.into_any(),
    })
}

/// A part of the piece, once somebody is about to edit; what takes its place until then is there without it.
fn when_awake(
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

/// Keeps the place of the help.
fn no_help(_: QueryText, _: RwSignal<bool>) -> AnyView {
    view! { <p class="query-caret-help script-only"></p> }.into_any()
}

/// Where rules can be added, before the builder has come.
fn bare_rules(shared: QueryText, awake: RwSignal<bool>) -> AnyView {
    let list = |(list, title): (List, &'static str)| {
        view! {
            <div class="query-cards-list">
                <h2>{title}</h2>
                <button
                    class="button small query-add"
                    type="button"
                    aria-haspopup="dialog"
                    aria-label=format!("Add a rule: {}", title.to_lowercase())
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
    let lists = [(List::Want, "Must"), (List::Exclude, "Must not")].map(list);
    view! {
        <section class="query-builder script-only" aria-label="Rules">
            <div class="query-cards">{lists.into_iter().collect_view()}</div>
        </section>
    }
    .into_any()
}

type Found = Result<Page<PictureCard>, AppError>;

/// Asks for what an address shows. Most errors are found here, without asking.
async fn search(address: QueryAddress) -> Found {
    if let Err(Fault::Query(errors)) = parse(address.query.clone()).await {
        return Err(AppError::InvalidQuery(errors));
    }
    let QueryAddress { query, ordering, seed, offset } = address;
    query_cards(query, Some(ordering), Some(seed), Some(offset), Some(PAGE_SIZE)).await
}

fn places(found: Option<Found>) -> Vec<QueryError> {
    match found {
        Some(Err(AppError::InvalidQuery(errors))) => errors,
        _ => Vec::new(),
    }
}

fn random_seed() -> i64 {
    (js_sys::Math::random() * f64::from(i32::MAX)) as i64
}

/// The count in words.
fn summary(found: &Found) -> String {
    match found {
        Ok(page) if page.total == 0 => "No picture fits".to_owned(),
        Ok(page) if page.items.is_empty() => format!("{}, none of them here", count(page.total, "picture", "pictures")),
        Ok(page) if page.total > page.limit => {
            let last = page.offset + i64::try_from(page.items.len()).unwrap_or_default();
            format!("{}–{} of {}", grouped(page.offset + 1), grouped(last), count(page.total, "picture", "pictures"))
        }
        Ok(page) => count(page.total, "picture", "pictures"),
        Err(AppError::InvalidQuery(errors)) if errors.len() == 1 => "The query has an error".to_owned(),
        Err(AppError::InvalidQuery(errors)) => format!("The query has {} errors", errors.len()),
        Err(_) => "No answer".to_owned(),
    }
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

/// What was found, or what was found last where the present text cannot be run.
#[component]
fn Results(
    /// What was found.
    found: Found,
    /// Where the page is.
    address: QueryAddress,
    /// What was found last.
    last: StoredValue<Option<(QueryAddress, Page<PictureCard>)>>,
) -> impl IntoView {
    let stale = found.is_err();
    if let Ok(page) = found {
        last.set_value(Some((address, page)));
    }
    let Some((address, page)) = last.get_value() else {
        return view! { <p class="muted">"The pictures appear here as soon as the query can be read."</p> }.into_any();
    };
    let body = if page.items.is_empty() && page.total > 0 {
        let first = QueryAddress { offset: 0, ..address.clone() }.href();
        view! {
            <p class="empty">
                "The list is not that long. " <a href=first>"Go to its beginning"</a>
            </p>
        }
        .into_any()
    } else if page.items.is_empty() {
        view! {
            <div class="empty">
                <h2>"No picture fits"</h2>
                <p>"Remove a rule, or make one of them wider: the pictures appear while you type."</p>
            </div>
        }
        .into_any()
    } else {
        let row = QueueAddress::Query(address.clone());
        view! { <PictureGrid pictures=page.items label="Results" query=address.query.clone() row=row /> }.into_any()
    };
    view! {
        <div class="query-found" class:stale=stale>
            {body}
            <Pagination total=page.total offset=page.offset limit=page.limit base=address.href_up_to_offset() />
        </div>
    }
    .into_any()
}

/// The page.
#[component]
pub fn QueryPage() -> impl IntoView {
    let url = use_url();
    let address = Memo::new(move |_| url.with(|url| QueryAddress::read(url.search())));
    let changes = use_session().changes;
    let found = Resource::new_blocking(move || (address.get(), changes.get()), |(address, _)| search(address));

    let text = RwSignal::new(address.with_untracked(|address| address.query.clone()));
    let area = NodeRef::<Textarea>::new();
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

    let navigate = use_navigate();
    let path = use_location().pathname;
    let here = path.get_untracked();
    let go = move |ordering: Ordering, seed: i64| {
        stop_timer();
        // Who is on the way to another page is not called back.
        if path.with_untracked(|path| *path != here) {
            return;
        }
        let query = text.get_untracked();
        written.set_value(query.clone());
        let href = QueryAddress { query, ordering, seed, offset: 0 }.href();
        navigate(&href, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
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
        timer.set_value(set_timeout_with_handle(run, PAUSE).ok());
    };
    let reorder = move |ordering| {
        // Every shuffle is another one; its seed is in the address, so that its pages fit together.
        let seed = if ordering == Ordering::Random { random_seed() } else { address.get_untracked().seed };
        go.with_value(|go| go(ordering, seed));
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        run();
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
    // A query that is there already is shown in colours and as cards.
    Effect::new(move |_| {
        if !text.with_untracked(String::is_empty) {
            wake();
        }
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

    let errors = Signal::derive(move || places(found.get()));
    let current = Signal::derive(move || address.with(|address| text.with(|text| address.query == *text)));
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
        adding: RwSignal::new(None),
        announcer: Announcer::default(),
    };
    let pending = RwSignal::new(false);
    let last = StoredValue::new(None);

    let problems = move || {
        found.get().and_then(Result::err).map(|error| match error {
            AppError::InvalidQuery(errors) => view! { <QueryErrors errors=errors area=area /> }.into_any(),
            other => view! { <p class="query-failed">{other.to_string()}</p> }.into_any(),
        })
    };
    let examples = move || {
        let shown = |page: &Page<PictureCard>| page.items.iter().find_map(|card| card.objects.first().cloned());
        let wanted = address.with(|address| address.query.trim().is_empty());
        let object = found.get().and_then(|found| found.ok().as_ref().and_then(shown));
        wanted.then(|| view! { <QueryExamples object=object /> })
    };
    let again = move || {
        let again = address.get();
        let href = QueryAddress { seed: again.seed.wrapping_add(1), offset: 0, ..again.clone() }.href();
        (again.ordering == Ordering::Random).then(|| {
            view! {
                <a class="button" href=href>
                    <Icon glyph=Glyph::Retry />
                    "Shuffle again"
                </a>
            }
        })
    };
    let results =
        move || found.get().map(|found| view! { <Results found=found address=address.get_untracked() last=last /> });

    view! {
        <Title text="Query" />
        <div class="page query-page">
            <div class="query-side" on:pointerenter=move |_| wake() on:focusin=move |_| wake()>
                <h1>"Query"</h1>
                <Announcements announcer=shared.announcer />
                <form class="query-form" method="get" action="/query" on:submit=submit>
                    <QueryEditor
                        shared=shared
                        on_text=Callback::new(typed)
                        on_run=Callback::new(move |()| run())
                    >
                        {when_awake(Part::Text, shared, awake, |_, _| ().into_any())}
                    </QueryEditor>
                    {when_awake(Part::Help, shared, awake, no_help)}
                    <div class="query-problems" id="query-problems" role="alert">
                        <Transition>{problems}</Transition>
                    </div>
                    <div class="cluster">
                        <OrderingSelect ordering=ordering on_change=Callback::new(reorder) />
                        <button class="button primary no-script-only" type="submit">
                            "Run the query"
                        </button>
                        {again} {when_awake(Part::Toolbar, shared, awake, |_, _| ().into_any())}
                    </div>
                </form>
                {when_awake(Part::Rules, shared, awake, bare_rules)}
                <Transition>{examples}</Transition>
                <QueryReference />
            </div>
            <section class="query-results" aria-label="Found pictures" aria-busy=move || pending.get().to_string()>
                <p class="query-count" role="status" aria-label="Results">
                    <Transition>{move || found.get().as_ref().map(summary)}</Transition>
                </p>
                <div class="query-list" class:pending=move || pending.get()>
                    <Transition set_pending=pending>{results}</Transition>
                </div>
            </section>
        </div>
    }
}
