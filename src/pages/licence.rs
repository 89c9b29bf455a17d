//! `/licence/<id>`: one licence and the pictures under it.

use super::licence_form::{FIELDS, LicenceFields};
use super::reference::{ReferenceEntry, use_entry};
use crate::api::reference::{EditLicence, licence};
use crate::model::text::path_segment;
use crate::model::{Licence, LicenceChange, Page, PictureCard};
use crate::ui::form::{Beginning, Form};
use crate::ui::form_error::form_error;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::licence_badge::FreedomBadge;
use crate::ui::loaded::Loaded;
use crate::ui::text::query_for;
use leptos::prelude::*;

#[component]
fn EditForm(licence: Licence, action: ServerAction<EditLicence>) -> impl IntoView {
    view! {
        <Form action=action submit="Save" fields=FIELDS>
            <input type="hidden" name="id" value=licence.id.clone() />
            <Beginning of=LicenceChange::from(&licence) />
            <LicenceFields licence=Some(licence) error=form_error(action) />
        </Form>
    }
}

#[component]
fn Content(licence: Licence, pictures: Page<PictureCard>, edit: ServerAction<EditLicence>) -> impl IntoView {
    let edited = licence.clone();
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
    let about = view! {
        <p class="cluster">
            <code>{licence.id.clone()}</code>
            <FreedomBadge free=licence.free />
        </p>
        <p class="description">{licence.description}</p>
    }
    .into_any();
    let links = view! {
        <div class="cluster">{link(licence.info_url, "About it")} {link(licence.legalese_url, "Legal text")}</div>
    }
    .into_any();
    view! {
        <ReferenceEntry
            title=licence.title
            list=("/licences", "Licences")
            about=about
            links=links
            path=format!("/licence/{}", path_segment(&licence.id))
            pictures=pictures
            empty="No picture has this licence yet."
            change="Change this licence"
            action=edit
        >
            <EditForm licence=edited.clone() action=edit />
        </ReferenceEntry>
    }
}

/// The page of one licence.
#[component]
pub fn LicencePage() -> impl IntoView {
    let edit = ServerAction::<EditLicence>::new();
    let loaded = use_entry(licence, |licence| query_for("licence", &licence.id), edit);
    view! {
        <Loaded
            from=loaded
            show=move |(licence, pictures)| {
                view! { <Content licence=licence pictures=pictures edit=edit /> }.into_any()
            }
        />
    }
}
