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
fn List(page: Page<GallerySummary>, owner: String) -> impl IntoView {
    if page.items.is_empty() {
        let words = match owner.is_empty() {
            true => "A gallery is a set of pictures that somebody picked by hand. Make the first one.",
            false => "This user keeps no galleries.",
        };
        return view! {
            <Empty title="No galleries yet">
                <p>{words}</p>
            </Empty>
        }
        .into_any();
    }
    let cards = page.items.into_iter().map(|gallery| view! { <GalleryCard gallery=gallery /> }).collect_view();
    let base = match owner.as_str() {
        "" => "/galleries?".to_owned(),
        owner => format!("/galleries?owner={}&", path_segment(owner)),
    };
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

async fn load(owner: String, (offset, limit): (i64, i64)) -> Result<(String, Page<GallerySummary>), AppError> {
    let wanted = Some(owner.clone()).filter(|owner| !owner.is_empty());
    Ok((owner, galleries(wanted, Some(offset), Some(limit)).await?))
}

/// The list of galleries, of all or of one owner's.
#[component]
pub fn GalleriesPage() -> impl IntoView {
    let (owner, part) = (use_parameter("owner"), use_part(PAGE));
    let list = Resource::new_blocking(move || (owner.get(), part.get()), |(owner, part)| load(owner, part));
    view! {
        <Title text="Galleries" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match list.await {
                    Ok((owner, page)) => {
                        view! {
                            <div class="page">
                                <Head owner=owner.clone() />
                                <List page=page owner=owner />
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
