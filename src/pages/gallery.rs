//! `/gallery/<id>`: one picked set of pictures.

use super::picture_list::PictureList;
use crate::api::galleries::gallery;
use crate::api::queries::query_pictures;
use crate::model::text::path_segment;
use crate::model::{AppError, Gallery, Page, Picture};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_offset;
use crate::ui::text::query_href;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

fn gallery_query(id: i64) -> String {
    // A gallery keeps what was put into it, also pictures that have been replaced since.
    format!("want:\n  - in_gallery: [{id}]\ninclude_obsolete: true\n")
}

async fn load(id: Option<i64>, offset: i64) -> Result<(Gallery, Page<Picture>), AppError> {
    let id = id.ok_or_else(|| AppError::NotFound("galleries have whole numbers as addresses".to_owned()))?;
    let gallery = gallery(id).await?;
    Ok((gallery, query_pictures(gallery_query(id), None, None, Some(offset), Some(super::PICTURES)).await?))
}

#[component]
fn Content(gallery: Gallery, pictures: Page<Picture>) -> impl IntoView {
    let trusted = gallery.users.join(", ");
    view! {
        <Title text=gallery.title.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/galleries">"Galleries"</a>
                    </p>
                    <h1>{gallery.title}</h1>
                    {(!gallery.description.is_empty()).then(|| view! { <p class="description">{gallery.description}</p> })}
                    <p class="muted">
                        "Kept by " <a href=format!("/user/{}", path_segment(&gallery.owner))>{gallery.owner.clone()}</a>
                        {(!trusted.is_empty()).then(|| format!(" with {trusted}"))}
                    </p>
                </div>
                <a class="button" href=query_href(&gallery_query(gallery.id))>
                    <Icon glyph=Glyph::Search />
                    "Refine as a query"
                </a>
            </div>
            <PictureList
                pictures=pictures
                base=format!("/gallery/{}?offset=", gallery.id)
                empty="Nothing has been put into this gallery yet."
            />
        </div>
    }
}

/// The page of one gallery.
#[component]
pub fn GalleryPage() -> impl IntoView {
    let (params, offset) = (use_params_map(), use_offset());
    let wanted = move || {
        let id = params.with(|params| params.get_str("id").and_then(|id| id.parse::<i64>().ok()));
        (id, offset.get())
    };
    let loaded = Resource::new_blocking(wanted, |(id, offset)| load(id, offset));
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((gallery, pictures)) => view! { <Content gallery=gallery pictures=pictures /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
