//! The fields of a licence, which administrators fill in, and the form for a new one.

use super::reference::IdField;
use crate::api::reference::NewLicence;
use crate::model::limits::MAX_URL;
use crate::model::{AppError, Licence};
use crate::ui::field::{CheckBox, TextArea, TextField, TitleField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use leptos::prelude::*;

/// The names of the fields.
pub const FIELDS: &[&str] = &["id", "title", "description", "info_url", "legalese_url", "logo_url"];

#[component]
fn AddressField(
    label: &'static str,
    name: &'static str,
    value: Option<String>,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! {
        <TextField
            label=label
            name=name
            kind="url"
            value=value.unwrap_or_default()
            max_length=MAX_URL
            verbatim=true
            error=field_error(error, name)
        />
    }
}

/// All fields but the id, which never changes.
#[component]
pub fn LicenceFields(
    /// What the fields hold at first.
    #[prop(optional_no_strip)]
    licence: Option<Licence>,
    /// Why the form was refused, if it was.
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let address = |url: fn(&Licence) -> &Option<String>| licence.as_ref().and_then(|licence| url(licence).clone());
    let text =
        |part: fn(&Licence) -> &String| licence.as_ref().map(|licence| part(licence).clone()).unwrap_or_default();
    let (free, pinned) = licence.as_ref().map_or((false, false), |licence| (licence.free, licence.pinned));
    view! {
        <TitleField value=text(|licence| &licence.title) error=error />
        <TextArea
            label="Description"
            name="description"
            value=text(|licence| &licence.description)
            hint="What it allows and what it asks for, in a sentence or two."
            error=field_error(error, "description")
        />
        <AddressField label="Page about it" name="info_url" value=address(|licence| &licence.info_url) error=error />
        <AddressField label="Legal text" name="legalese_url" value=address(|licence| &licence.legalese_url) error=error />
        <AddressField label="Logo" name="logo_url" value=address(|licence| &licence.logo_url) error=error />
        <CheckBox label="Free: everybody may use, study, change and share it" name="free" checked=free />
        <CheckBox label="Forms offer it first" name="pinned" checked=pinned />
    }
}

/// The form for a new licence.
#[component]
pub fn NewLicenceForm(
    /// Adds the licence.
    action: ServerAction<NewLicence>,
) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form action=action submit="Add licence" fields=FIELDS>
            <IdField
                hint="The SPDX identifier where there is one, otherwise a word that starts with X-. It cannot be changed later."
                error=error
            />
            <LicenceFields licence=None error=error />
        </Form>
    }
}
