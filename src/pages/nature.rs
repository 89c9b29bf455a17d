//! `/nature/<id>`: one nature and its pictures.

use super::nature_form::{DescriptionField, FIELDS};
use super::picture_list::PictureList;
use crate::api::queries::query_cards;
use crate::api::reference::{EditNature, nature};
use crate::model::text::path_segment;
use crate::model::{AppError, Nature, Page, Picture};
use crate::ui::admin_only::AdminOnly;
use crate::ui::disclosure::Disclosure;
use crate::ui::form::Form;
use crate::ui::form_error::form_error;
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_part;
use crate::ui::session::use_session;
use crate::ui::text::{query_for, spelled_out};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

async fn load(id: String, (offset, limit): (i64, i64)) -> Result<(Nature, Page<Picture>), AppError> {
    let nature = nature(id).await?.item;
    let query = query_for("nature", &nature.id);
    Ok((nature, query_cards(query, None, None, Some(offset), Some(limit)).await?))
}

#[component]
fn EditForm(nature: Nature, action: ServerAction<EditNature>) -> impl IntoView {
    view! {
        <Form action=action submit="Save" fields=FIELDS>
            <input type="hidden" name="id" value=nature.id />
            <DescriptionField value=nature.description error=form_error(action) />
        </Form>
    }
}

#[component]
fn Content(nature: Nature, pictures: Page<Picture>, edit: ServerAction<EditNature>) -> impl IntoView {
    let base = format!("/nature/{}?", path_segment(&nature.id));
    let base = super::with_limit(base, pictures.limit, super::PICTURES);
    let refused = form_error(edit).with_untracked(Option::is_some);
    let name = spelled_out(&nature.id);
    let edited = StoredValue::new(nature.clone());
    view! {
        <Title text=name.clone() />
        <div class="page">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/natures">"Natures"</a>
                    </p>
                    <h1>{name}</h1>
                    <p>
                        <code>{nature.id}</code>
                    </p>
                    <p class="description">{nature.description}</p>
                </div>
            </div>
            <div class="sections">
                <PictureList pictures=pictures base=base empty="No picture has this nature yet." />
                <AdminOnly>
                    <div class="page-text">
                        <Disclosure title="Change this nature" open=refused>
                            <EditForm nature=edited.get_value() action=edit />
                        </Disclosure>
                    </div>
                </AdminOnly>
            </div>
        </div>
    }
}

/// The page of one nature.
#[component]
pub fn NaturePage() -> impl IntoView {
    let (params, part, changes) = (use_params_map(), use_part(super::PICTURES), use_session().changes);
    let edit = ServerAction::<EditNature>::new();
    let wanted = move || {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, part.get(), (edit.version().get(), changes.get()))
    };
    let loaded = Resource::new_blocking(wanted, |(id, part, _)| load(id, part));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((nature, pictures)) => view! { <Content nature=nature pictures=pictures edit=edit /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
