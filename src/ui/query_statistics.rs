//! What a query finds, in plots: each with the same numbers as a table, whose values lead to narrower queries. The plots come
//! ready from the server; what shows them is a piece of the front end of its own (`statistics`).

use super::latest::Latest;
use super::query_address::QueryAddress;
use super::session::use_session;
use super::text::{count, grouped};
use crate::api::queries::query_statistics;
use crate::model::insights::link_slices;
use crate::model::text::path_segment;
use crate::model::{AppError, Plot, Slice, Statistics};
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

/// The plots, or why there are none.
pub type Answer = Result<Statistics, AppError>;

/// The piece could not be fetched.
pub struct Missing;

impl From<SplitLoaderError> for Missing {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

/// What a page shows in the place of the pictures. A page that the server has rendered with plots is taken over only when the
/// piece is there: what stands on it has to be there at once. Where there is an answer already, nothing is asked for and the plots
/// stay as they are; their links then lead away from the page.
#[wasm_split(statistics, wasm_split_path = ::leptos::wasm_split, preload(#[doc = "Fetches the piece."] fetch_plots_piece), fallible)]
pub fn plots_piece(address: Signal<QueryAddress>, answer: Option<Answer>) -> Result<AnyView, Missing> {
    Ok(match answer {
        None => view! { <QueryStatistics address=address /> }.into_any(),
        Some(answer) => {
            let plots = plots(answer, &address.get_untracked(), use_follow(true));
            view! { <div class="query-statistics">{plots}</div> }.into_any()
        }
    })
}

/// Asks for the plots of a query's text. Most errors are found here, without asking.
async fn ask(query: String) -> Answer {
    crate::query::parse(&query).map_err(AppError::InvalidQuery)?;
    query_statistics(query).await
}

/// Follows the links of plots; the router follows those of HTML only.
fn use_follow(scroll: bool) -> Callback<MouseEvent> {
    let navigate = use_navigate();
    Callback::new(move |event: MouseEvent| {
        let elsewhere =
            event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() || event.button() != 0;
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let href = target.and_then(|target| target.closest("a").ok()?).and_then(|link| link.get_attribute("href"));
        if let Some(href) = href.filter(|_| !elsewhere) {
            event.prevent_default();
            navigate(&href, NavigateOptions { scroll, ..NavigateOptions::default() });
        }
    })
}

/// Plots of what the query finds that the page's address holds. They follow it; the old ones stay, dimmed, until the new ones
/// are there.
#[component]
fn QueryStatistics(address: Signal<QueryAddress>) -> impl IntoView {
    let changes = use_session().changes;
    let asked_first = address.with_untracked(|address| address.query.clone());
    let first = Resource::new_blocking(|| (), move |()| ask(asked_first.clone()));
    let later = RwSignal::new(None::<Answer>);
    let pending = RwSignal::new(false);
    let latest = Latest::here();
    Effect::new(move |earlier: Option<(String, u32)>| {
        let now = (address.with(|address| address.query.clone()), changes.get());
        if earlier.is_some_and(|earlier| earlier != now) {
            pending.set(true);
            let query = now.0.clone();
            latest.run(async move {
                let answer = ask(query).await;
                let _ = later.try_set(Some(answer));
                let _ = pending.try_set(false);
            });
        }
        now
    });
    let follow = use_follow(false);
    let shown = move || {
        let later = later.get();
        let address = address.get_untracked();
        Suspend::new(async move {
            let answer = match later {
                Some(answer) => answer,
                None => first.await,
            };
            plots(answer, &address, follow)
        })
    };
    view! {
        <div class="query-statistics" class:pending=move || pending.get() aria-busy=move || pending.get().to_string()>
            <Transition fallback=|| view! { <p class="muted">"Counting…"</p> }>{shown}</Transition>
        </div>
    }
}

fn plots(answer: Answer, address: &QueryAddress, follow: Callback<MouseEvent>) -> AnyView {
    let Statistics { total, plots, complete } = match answer {
        Ok(statistics) => statistics,
        Err(AppError::InvalidQuery(_)) => {
            return view! { <p class="muted">"The plots appear here as soon as the query can be read."</p> }.into_any();
        }
        Err(error) => return view! { <p class="query-failed">{error.to_string()}</p> }.into_any(),
    };
    if total == 0 {
        return view! { <p class="empty">"There is nothing to count: no picture fits."</p> }.into_any();
    }
    view! {
        // With scripts the number stands above already.
        <p class="no-script-only">{count(total, "picture", "pictures")}</p>
        {(!complete)
            .then(|| {
                view! {
                    <p class="query-failed" role="status">
                        "Counting took too long: the rest is missing. A narrower query is counted sooner."
                    </p>
                }
            })}
        <div class="plots">{plots.into_iter().map(|plot| figure(plot, address, follow)).collect_view()}</div>
    }
    .into_any()
}

fn figure(Plot { breakdown, narrowed, svg }: Plot, address: &QueryAddress, follow: Callback<MouseEvent>) -> AnyView {
    let (name, label, heading) =
        (breakdown.dimension.as_str(), breakdown.dimension.label(), breakdown.dimension.heading());
    let hrefs: Vec<Option<String>> = narrowed
        .into_iter()
        .map(|narrowed| narrowed.map(|query| QueryAddress { query, ..address.beginning() }.href()))
        .collect();
    let svg = link_slices(&svg, &hrefs);
    let file = format!("/api/query-plot/{name}?query={}", path_segment(&address.query));
    let has_regions = breakdown.slices.iter().any(|slice| slice.regions.is_some());
    let row = |(slice, href): (Slice, Option<String>)| {
        let value = match href {
            Some(href) => view! { <a href=href>{slice.value}</a> }.into_any(),
            None => slice.value.into_any(),
        };
        view! {
            <tr>
                <th scope="row">{value}</th>
                <td class="number">{grouped(slice.pictures)}</td>
                {has_regions.then(|| view! { <td class="number">{slice.regions.map(grouped)}</td> })}
            </tr>
        }
    };
    // An answer has one for each slice.
    let hrefs = hrefs.into_iter().chain(std::iter::repeat(None));
    let rows = breakdown.slices.into_iter().zip(hrefs).map(row).collect_view();
    view! {
        <section class="plot-card" aria-label=heading>
            <h2>{heading}</h2>
            <div class="plot-image" inner_html=svg on:click=move |event| follow.run(event)></div>
            <div class="plot-foot">
                <details>
                    <summary>
                        "Numbers"<span class="visually-hidden">{format!(": {heading}")}</span>
                    </summary>
                    <div class="table-wrap" role="region" aria-label=format!("{heading}: numbers") tabindex="0">
                        <table>
                            <thead>
                                <tr>
                                    <th scope="col">{label}</th>
                                    <th scope="col" class="number">
                                        "Pictures"
                                    </th>
                                    {has_regions
                                        .then(|| {
                                            view! {
                                                <th scope="col" class="number">
                                                    "Regions"
                                                </th>
                                            }
                                        })}
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                </details>
                <a href=file download=format!("{name}.svg")>
                    "SVG"<span class="visually-hidden">{format!(": {heading}")}</span>
                </a>
            </div>
        </section>
    }
    .into_any()
}
