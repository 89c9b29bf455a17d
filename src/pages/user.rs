//! `/user/<name>`: one user and their pictures.

use super::picture_list::PictureList;
use crate::api::queries::query_pictures;
use crate::api::users::user;
use crate::model::text::path_segment;
use crate::model::{AppError, Page, Picture, UserProfile};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_offset;
use crate::ui::text::{query_for, query_href};
use crate::ui::time::Date;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

async fn load(name: String, offset: i64) -> Result<(UserProfile, Page<Picture>), AppError> {
    let user = user(name).await?;
    let query = query_for("author", &user.id);
    Ok((user, query_pictures(query, None, None, Some(offset), Some(super::PICTURES)).await?))
}

#[component]
fn Content(user: UserProfile, pictures: Page<Picture>) -> impl IntoView {
    let base = format!("/user/{}?offset=", path_segment(&user.id));
    let query = query_href(&query_for("author", &user.id));
    view! {
        <Title text=user.id.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <h1>{user.id}</h1>
                    <p class="cluster muted">
                        <span>"Joined on " <Date unix=user.joined /></span>
                        {user.admin.then(|| view! { <span class="badge accent">"Administrator"</span> })}
                    </p>
                </div>
                <a class="button" href=query>
                    <Icon glyph=Glyph::Search />
                    "Refine as a query"
                </a>
            </div>
            <PictureList pictures=pictures base=base empty="This user has not posted any pictures yet." />
        </div>
    }
}

/// The page of one user.
#[component]
pub fn UserPage() -> impl IntoView {
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
                    Ok((user, pictures)) => view! { <Content user=user pictures=pictures /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
