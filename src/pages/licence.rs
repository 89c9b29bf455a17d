//! `/licence/<id>`: one licence and the pictures under it.

use super::picture_list::PictureList;
use crate::api::queries::query_pictures;
use crate::api::reference::licence;
use crate::model::text::path_segment;
use crate::model::{AppError, Licence, Page, Picture};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_offset;
use crate::ui::text::query_for;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

async fn load(id: String, offset: i64) -> Result<(Licence, Page<Picture>), AppError> {
    let licence = licence(id).await?;
    let query = query_for("licence", &licence.id);
    Ok((licence, query_pictures(query, None, None, Some(offset), Some(super::PICTURES)).await?))
}

#[component]
fn Content(licence: Licence, pictures: Page<Picture>) -> impl IntoView {
    let base = format!("/licence/{}?offset=", path_segment(&licence.id));
    let link = |url: Option<String>, text: &'static str| {
        url.map(|url| {
            view! {
                <a class="button" href=url rel="noopener external">
                    {text}
                    <Icon glyph=Glyph::External />
                </a>
            }
        })
    };
    view! {
        <Title text=licence.title.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/licences">"Licences"</a>
                    </p>
                    <h1>{licence.title}</h1>
                    <p class="cluster">
                        <code>{licence.id}</code>
                        {if licence.free {
                            view! { <span class="badge success">"Free"</span> }.into_any()
                        } else {
                            view! { <span class="badge">"Restricted"</span> }.into_any()
                        }}
                    </p>
                    <p class="description">{licence.description}</p>
                </div>
                <div class="cluster">
                    {link(licence.info_url, "About it")} {link(licence.legalese_url, "Legal text")}
                </div>
            </div>
            <PictureList pictures=pictures base=base empty="No picture has this licence yet." />
        </div>
    }
}

/// The page of one licence.
#[component]
pub fn LicencePage() -> impl IntoView {
    let (params, offset) = (use_params_map(), use_offset());
    let wanted = move || {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, offset.get())
    };
    let loaded = Resource::new_blocking(wanted, |(id, offset)| load(id, offset));
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((licence, pictures)) => view! { <Content licence=licence pictures=pictures /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
