//! `/licence/<id>`: one licence and the pictures under it.

use super::licence_form::{FIELDS, LicenceFields};
use super::picture_list::PictureList;
use crate::api::queries::query_cards;
use crate::api::reference::{EditLicence, licence};
use crate::model::text::path_segment;
use crate::model::{AppError, Licence, Page, Picture};
use crate::ui::admin_only::AdminOnly;
use crate::ui::disclosure::Disclosure;
use crate::ui::form::Form;
use crate::ui::form_error::form_error;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::licence_badge::FreedomBadge;
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::use_part;
use crate::ui::session::use_session;
use crate::ui::text::query_for;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

async fn load(id: String, (offset, limit): (i64, i64)) -> Result<(Licence, Page<Picture>), AppError> {
    let licence = licence(id).await?.item;
    let query = query_for("licence", &licence.id);
    Ok((licence, query_cards(query, None, None, Some(offset), Some(limit)).await?))
}

#[component]
fn EditForm(licence: Licence, action: ServerAction<EditLicence>) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form action=action submit="Save" fields=FIELDS>
            <input type="hidden" name="id" value=licence.id.clone() />
            <LicenceFields licence=Some(licence) error=error />
        </Form>
    }
}

#[component]
fn Content(licence: Licence, pictures: Page<Picture>, edit: ServerAction<EditLicence>) -> impl IntoView {
    let base = format!("/licence/{}?", path_segment(&licence.id));
    let base = super::with_limit(base, pictures.limit, super::PICTURES);
    let refused = form_error(edit).with_untracked(Option::is_some);
    let edited = StoredValue::new(licence.clone());
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
                        <FreedomBadge free=licence.free />
                    </p>
                    <p class="description">{licence.description}</p>
                </div>
                <div class="cluster">
                    {link(licence.info_url, "About it")} {link(licence.legalese_url, "Legal text")}
                </div>
            </div>
            <div class="sections">
                <PictureList pictures=pictures base=base empty="No picture has this licence yet." />
                <AdminOnly>
                    <div class="page-text">
                        <Disclosure title="Change this licence" open=refused>
                            <EditForm licence=edited.get_value() action=edit />
                        </Disclosure>
                    </div>
                </AdminOnly>
            </div>
        </div>
    }
}

/// The page of one licence.
#[component]
pub fn LicencePage() -> impl IntoView {
    let (params, part, changes) = (use_params_map(), use_part(super::PICTURES), use_session().changes);
    let edit = ServerAction::<EditLicence>::new();
    let wanted = move || {
        let id = params.with(|params| params.get("id").unwrap_or_default());
        (id, part.get(), (edit.version().get(), changes.get()))
    };
    let loaded = Resource::new_blocking(wanted, |(id, part, _)| load(id, part));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((licence, pictures)) => {
                        view! { <Content licence=licence pictures=pictures edit=edit /> }.into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
