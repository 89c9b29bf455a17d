//! The fields of a licence, which administrators fill in, and the form for a new one.

use crate::api::reference::NewLicence;
use crate::model::licence::MAX_ID;
use crate::model::limits::{MAX_TITLE, MAX_URL};
use crate::model::{AppError, Licence};
use crate::ui::field::{CheckBox, TextArea, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use leptos::prelude::*;

/// The names of the fields.
pub const FIELDS: &[&str] = &["id", "title", "description", "info_url", "legalese_url", "logo_url"];

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
        <TextField
            label="Title"
            name="title"
            value=text(|licence| &licence.title)
            required=true
            max_length=MAX_TITLE
            error=field_error(error, "title")
        />
        <TextArea
            label="Description"
            name="description"
            value=text(|licence| &licence.description)
            hint="What it allows and what it asks for, in a sentence or two."
            error=field_error(error, "description")
        />
        <TextField
            label="Page about it"
            name="info_url"
            kind="url"
            value=address(|licence| &licence.info_url).unwrap_or_default()
            max_length=MAX_URL
            verbatim=true
            error=field_error(error, "info_url")
        />
        <TextField
            label="Legal text"
            name="legalese_url"
            kind="url"
            value=address(|licence| &licence.legalese_url).unwrap_or_default()
            max_length=MAX_URL
            verbatim=true
            error=field_error(error, "legalese_url")
        />
        <TextField
            label="Logo"
            name="logo_url"
            kind="url"
            value=address(|licence| &licence.logo_url).unwrap_or_default()
            max_length=MAX_URL
            verbatim=true
            error=field_error(error, "logo_url")
        />
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
            <TextField
                label="Id"
                name="id"
                required=true
                max_length=MAX_ID
                verbatim=true
                hint="The SPDX identifier where there is one, otherwise a word that starts with X-. It cannot be changed later."
                error=field_error(error, "id")
            />
            <LicenceFields licence=None error=error />
        </Form>
    }
}
