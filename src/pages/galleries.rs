//! `/galleries`: picked sets of pictures.

use crate::api::galleries::galleries;
use crate::model::picture::THUMBNAIL_SMALL_PX;
use crate::model::text::path_segment;
use crate::model::{AppError, GallerySummary, Page};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::{use_parameter, use_part};
use crate::ui::search_field::{SearchField, use_typed};
use crate::ui::text::count;
use leptos::prelude::*;
use leptos_meta::Title;

const PAGE: i64 = 48;

/// A gallery in a list of them.
#[component]
pub(super) fn GalleryCard(gallery: GallerySummary) -> impl IntoView {
    let cover = gallery.cover.map(|hash| {
        view! {
            <img
                src=format!("/thumbnail/{hash}/{THUMBNAIL_SMALL_PX}")
                alt=""
                width="320"
                height="240"
                loading="lazy"
                decoding="async"
            />
        }
    });
    view! {
        <li class="gallery-card picture-card-like">
            <div class="gallery-cover">{cover}</div>
            <div class="picture-caption">
                <a class="picture-title" href=format!("/gallery/{}", gallery.id)>
                    {gallery.title}
                </a>
                <p class="picture-meta">
                    <span>{count(gallery.pictures, "picture", "pictures")}</span>
                    <span>{format!("by {}", gallery.owner)}</span>
                </p>
            </div>
        </li>
    }
}

#[component]
fn List(page: Page<GallerySummary>, owner: String, search: String) -> impl IntoView {
    if page.items.is_empty() {
        let (title, words) = match (search.is_empty(), owner.is_empty()) {
            (false, _) => ("No gallery found", "No title and no owner's name has this text."),
            (true, true) => {
                ("No galleries yet", "A gallery is a set of pictures that somebody picked by hand. Make the first one.")
            }
            (true, false) => ("No galleries yet", "This user keeps no galleries."),
        };
        return view! {
            <Empty title=title>
                <p>{words}</p>
            </Empty>
        }
        .into_any();
    }
    let cards = page.items.into_iter().map(|gallery| view! { <GalleryCard gallery=gallery /> }).collect_view();
    let named = |name: &str, value: &str| match value {
        "" => String::new(),
        value => format!("{name}={}&", path_segment(value)),
    };
    let base = format!("/galleries?{}{}", named("owner", &owner), named("search", &search));
    let base = super::with_limit(base, page.limit, PAGE);
    view! {
        <ul class="gallery-grid">{cards}</ul>
        <Pagination total=page.total offset=page.offset limit=page.limit base=base />
    }
    .into_any()
}

#[component]
fn Head(owner: String) -> impl IntoView {
    let words = match owner.as_str() {
        "" => view! { <p>"Sets of pictures that people picked by hand and keep together."</p> }.into_any(),
        owner => view! {
            <p>
                "Those of " <a href=format!("/user/{}", path_segment(owner))>{owner.to_owned()}</a> ". "
                <a href="/galleries">"Show all"</a>
            </p>
        }
        .into_any(),
    };
    view! {
        <div class="page-head">
            <div>
                <h1>"Galleries"</h1>
                {words}
            </div>
            <a class="button" href="/galleries/new">
                <Icon glyph=Glyph::Plus />
                "New gallery"
            </a>
        </div>
    }
}

/// What the address asks for.
type Wanted = (String, String, (i64, i64));

async fn load(wanted: Wanted) -> Result<(Wanted, Page<GallerySummary>), AppError> {
    let (owner, search, (offset, limit)) = wanted.clone();
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok((wanted, galleries(given(owner), given(search), Some(offset), Some(limit)).await?))
}

/// The form that finds galleries, among those of an owner where they are shown.
#[component]
fn Find(owner: String, typed: RwSignal<String>) -> impl IntoView {
    let owner = (!owner.is_empty()).then(|| view! { <input type="hidden" name="owner" value=owner /> });
    view! {
        <form class="search-form" role="search" aria-label="Galleries" method="get" action="/galleries">
            {owner}
            <SearchField
                typed=typed
                name="search"
                max_length=100
                placeholder="Part of the title or the owner's name"
                label="Part of the title or the owner's name"
            />
            <button class="button" type="submit">
                <Icon glyph=Glyph::Search />
                "Show"
            </button>
        </form>
    }
}

/// The list of galleries, of all or of one owner's.
#[component]
pub fn GalleriesPage() -> impl IntoView {
    let (owner, search, part) = (use_parameter("owner"), use_parameter("search"), use_part(PAGE));
    let typed = use_typed("search");
    let list = Resource::new_blocking(move || (owner.get(), search.get(), part.get()), load);
    view! {
        <Title text="Galleries" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(((owner, search, _), page)) => {
                        view! {
                            <div class="page">
                                <Head owner=owner.clone() />
                                <div class="stack">
                                    <Find owner=owner.clone() typed=typed />
                                    <List page=page owner=owner search=search />
                                </div>
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
