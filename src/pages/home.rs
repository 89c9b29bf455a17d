//! `/`: what this is, the latest pictures, and a search that leads to the query page.

use crate::api::accounts::site_state;
use crate::api::objects::{object_summaries, objects};
use crate::api::queries::query_cards;
use crate::model::{AppError, ObjectSummary, Page, PictureCard, SiteState};
use crate::ui::icons::{Glyph, Icon, Mark};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Empty, Notice};
use crate::ui::object_link::ObjectLink;
use crate::ui::parameters::use_parameter;
use crate::ui::picture_grid::PictureGrid;
use crate::ui::session::use_session;
use crate::ui::text::{count, grouped, query_for, query_href, yaml_string};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// How many of the latest pictures to show.
const LATEST: i64 = 24;

/// How many objects to offer beside the search.
const OFFERED: usize = 12;

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Home {
    site: SiteState,
    latest: Page<PictureCard>,
    objects: Vec<ObjectSummary>,
}

async fn load() -> Result<Home, AppError> {
    let site = site_state().await?;
    let latest = query_cards(String::new(), None, None, None, Some(LATEST)).await?;
    let objects = object_summaries().await?;
    Ok(Home { site, latest, objects })
}

/// Where a search in plain words leads: the name of an object finds what shows it, anything else is looked for in titles.
async fn search_href(words: String) -> Result<String, AppError> {
    let words = words.trim();
    let candidates = objects(Some(words.to_owned()), false, None, Some(1)).await?;
    let object = candidates.items.iter().find(|object| object.id.to_lowercase() == words.to_lowercase());
    Ok(query_href(&match object {
        Some(object) => query_for("has", &object.id),
        None => format!("want:\n  - title: {}\n", yaml_string(words)),
    }))
}

#[component]
fn Search() -> impl IntoView {
    view! {
        <form class="search-form" role="search" method="get" action="/">
            <label class="visually-hidden" for="search">
                "Search by object or title"
            </label>
            <input
                id="search"
                name="search"
                type="search"
                required=true
                maxlength="300"
                autocomplete="off"
                placeholder="An object or a title, such as Cat"
            />
            <button class="button primary" type="submit">
                <Icon glyph=Glyph::Search />
                "Search"
            </button>
        </form>
    }
}

#[component]
fn Hero(objects: Vec<ObjectSummary>, pictures: i64) -> impl IntoView {
    let known = objects.len() as i64;
    let mut offered: Vec<ObjectSummary> = objects.into_iter().filter(|object| object.pictures > 0).collect();
    offered.sort_by(|left, right| right.pictures.cmp(&left.pictures).then_with(|| left.name.cmp(&right.name)));
    offered.truncate(OFFERED);
    let chips = offered
        .into_iter()
        .map(|object| view! { <ObjectLink name=object.name count=Some(object.pictures) /> })
        .collect_view();
    view! {
        <section class="hero">
            <Mark class="hero-mark" />
            <div class="hero-text">
                <h1>"Image datasets you can question"</h1>
                <p>
                    "Bring pictures in, draw on them what they show, and find exactly those you need: by object, by size, and by \
                    the licence you can live with."
                </p>
                <Search />
                <p class="hero-more">
                    <a href="/query">"Write a full query"</a>
                    <span class="muted">
                        {format!("{} and {} so far", count(pictures, "picture", "pictures"), count(known, "object", "objects"))}
                    </span>
                </p>
                <div class="cluster" aria-label="Objects shown most often" role="group">
                    {chips}
                </div>
            </div>
        </section>
    }
}

#[component]
fn Latest(latest: Page<PictureCard>) -> impl IntoView {
    let total = latest.total;
    let more = total > latest.items.len() as i64;
    if latest.items.is_empty() {
        return view! {
            <Empty title="No pictures yet">
                <p>
                    "Upload the first ones, or let " <code>"ocellus demo"</code>
                    " fill the site with pictures that it draws itself."
                </p>
                <a class="button primary" href="/upload">
                    <Icon glyph=Glyph::Upload />
                    "Upload pictures"
                </a>
            </Empty>
        }
        .into_any();
    }
    view! {
        <section aria-labelledby="latest">
            <div class="section-head">
                <h2 id="latest">"Latest pictures"</h2>
                {more.then(|| view! { <a href="/query">{format!("All {}", grouped(total))}</a> })}
            </div>
            <PictureGrid pictures=latest.items />
        </section>
    }
    .into_any()
}

/// The start page.
#[component]
pub fn HomePage() -> impl IntoView {
    let typed = use_parameter("search");
    let changes = use_session().changes;
    let words = move || Some(typed.get()).filter(|words| !words.trim().is_empty());
    let wanted = move || (words(), changes.get());
    let content = Resource::new_blocking(wanted, |(words, _)| async move {
        match words {
            Some(words) => search_href(words).await.map(Err),
            None => load().await.map(Ok),
        }
    });
    view! {
        <Title text="" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match content.await {
                    Err(error) => failed(error),
                    Ok(Err(href)) => view! { <Redirect path=href /> }.into_any(),
                    Ok(Ok(Home { site, latest, objects })) => {
                        view! {
                            <div class="page">
                                <Hero objects=objects pictures=latest.total />
                                {(!site.has_accounts)
                                    .then(|| {
                                        view! {
                                            <div class="hero-notice">
                                                <Notice>
                                                    <p>
                                                        "This site has no account yet. Open the one-time link that the server printed when it started, or run "
                                                        <code>"ocellus user add NAME --admin --password-stdin"</code>"."
                                                    </p>
                                                </Notice>
                                            </div>
                                        }
                                    })}
                                <Latest latest=latest />
                            </div>
                        }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}
