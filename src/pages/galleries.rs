//! `/galleries`: picked sets of pictures.

use crate::api::galleries::galleries;
use crate::model::picture::THUMBNAIL_SMALL_PX;
use crate::model::{GallerySummary, Page};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Empty;
use crate::ui::pagination::Pagination;
use crate::ui::parameters::use_offset;
use crate::ui::text::count;
use leptos::prelude::*;
use leptos_meta::Title;

const PAGE: i64 = 48;

#[component]
fn GalleryCard(gallery: GallerySummary) -> impl IntoView {
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
fn List(page: Page<GallerySummary>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty title="No galleries yet">
                <p>
                    "A gallery is a hand-picked set of pictures. Programs make them through the API: "
                    <code>"POST /api/new-gallery"</code>"."
                </p>
            </Empty>
        }
        .into_any();
    }
    let cards = page.items.into_iter().map(|gallery| view! { <GalleryCard gallery=gallery /> }).collect_view();
    view! {
        <ul class="gallery-grid">{cards}</ul>
        <Pagination total=page.total offset=page.offset limit=page.limit base="/galleries?offset=" />
    }
    .into_any()
}

/// The list of galleries.
#[component]
pub fn GalleriesPage() -> impl IntoView {
    let offset = use_offset();
    let list = Resource::new_blocking(move || offset.get(), |offset| galleries(Some(offset), Some(PAGE)));
    view! {
        <Title text="Galleries" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(page) => {
                        view! {
                            <div class="page">
                                <div class="page-head">
                                    <div>
                                        <h1>"Galleries"</h1>
                                        <p>"Sets of pictures that people picked by hand and keep together."</p>
                                    </div>
                                </div>
                                <List page=page />
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
