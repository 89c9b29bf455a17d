//! `/nature/<id>`: one nature and its pictures.

use super::nature_form::{DescriptionField, FIELDS};
use super::reference::{ReferenceEntry, use_entry};
use crate::api::reference::{EditNature, nature};
use crate::model::text::path_segment;
use crate::model::{Nature, Page, PictureCard};
use crate::ui::form::Form;
use crate::ui::form_error::form_error;
use crate::ui::loaded::Loaded;
use crate::ui::text::{query_for, spelled_out};
use leptos::prelude::*;

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
fn Content(nature: Nature, pictures: Page<PictureCard>, edit: ServerAction<EditNature>) -> impl IntoView {
    let edited = nature.clone();
    let about = view! {
        <p>
            <code>{nature.id.clone()}</code>
        </p>
        <p class="description">{nature.description}</p>
    }
    .into_any();
    view! {
        <ReferenceEntry
            title=spelled_out(&nature.id)
            list=("/natures", "Natures")
            about=about
            path=format!("/nature/{}", path_segment(&nature.id))
            pictures=pictures
            empty="No picture has this nature yet."
            change="Change this nature"
            action=edit
        >
            <EditForm nature=edited.clone() action=edit />
        </ReferenceEntry>
    }
}

/// The page of one nature.
#[component]
pub fn NaturePage() -> impl IntoView {
    let edit = ServerAction::<EditNature>::new();
    let loaded = use_entry(nature, |nature| query_for("nature", &nature.id), edit);
    view! {
        <Loaded
            from=loaded
            show=move |(nature, pictures)| view! { <Content nature=nature pictures=pictures edit=edit /> }.into_any()
        />
    }
}
