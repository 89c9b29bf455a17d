//! `/object/<name>`: one object, its neighbours in the graph, and the pictures that show it.

use super::picture_list::PictureList;
use crate::api::objects::object;
use crate::api::queries::query_pictures;
use crate::model::{AppError, Object, Page, Picture};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::object_link::{ObjectLink, object_href};
use crate::ui::parameters::use_offset;
use crate::ui::text::{query_for, query_href};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

async fn load(name: String, offset: i64) -> Result<(Object, Page<Picture>), AppError> {
    let object = object(name).await?;
    let pictures =
        query_pictures(query_for("has", &object.id), None, None, Some(offset), Some(super::PICTURES)).await?;
    Ok((object, pictures))
}

#[component]
fn Neighbours(label: &'static str, names: Vec<String>) -> impl IntoView {
    if names.is_empty() {
        return ().into_any();
    }
    let chips = names.into_iter().map(|name| view! { <ObjectLink name=name count=None /> }).collect_view();
    view! {
        <div class="cluster">
            <span class="muted">{label}</span>
            {chips}
        </div>
    }
    .into_any()
}

#[component]
fn Content(object: Object, pictures: Page<Picture>) -> impl IntoView {
    let base = format!("{}?offset=", object_href(&object.id));
    let query = query_href(&query_for("has", &object.id));
    view! {
        <Title text=object.id.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/objects">"Objects"</a>
                    </p>
                    <h1>{object.id}</h1>
                    {(!object.description.is_empty()).then(|| view! { <p class="description">{object.description}</p> })}
                    <Neighbours label="A kind of" names=object.parents />
                    <Neighbours label="More special" names=object.children />
                </div>
                <a class="button" href=query>
                    <Icon glyph=Glyph::Search />
                    "Refine as a query"
                </a>
            </div>
            <PictureList
                pictures=pictures
                base=base
                empty="No picture shows this yet. Annotate one, and it will appear here."
            />
        </div>
    }
}

/// The page of one object.
#[component]
pub fn ObjectPage() -> impl IntoView {
    let (params, offset) = (use_params_map(), use_offset());
    let wanted = move || {
        let name = params.with(|params| params.get("name").unwrap_or_default());
        (name, offset.get())
    };
    let loaded = Resource::new_blocking(wanted, |(name, offset)| load(name, offset));
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((object, pictures)) => view! { <Content object=object pictures=pictures /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
