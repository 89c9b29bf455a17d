//! The fields of what is said about files that are sent by script.

use super::sending::Shared;
use crate::model::limits::{MAX_DESCRIPTION, MAX_URL};
use crate::model::{Licence, Nature};
use crate::ui::field::FieldError;
use crate::ui::form_error::field_error;
use crate::ui::licence_picker::LicencePicker;
use crate::ui::nature_options::NatureOptions;
use leptos::prelude::*;

/// An optional line of text.
#[component]
pub fn LineField(
    /// What to call the field.
    label: &'static str,
    /// The control's id.
    id: &'static str,
    /// What it holds.
    value: RwSignal<String>,
    /// Longest text, in characters.
    max_length: usize,
    /// Whether it is the address of a page.
    #[prop(optional)]
    url: bool,
    /// What to write into it.
    #[prop(optional)]
    hint: Option<&'static str>,
    /// What is wrong with it, if anything is.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = if hint.is_none() { error_id.clone() } else { format!("{hint_id} {error_id}") };
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label} <span class="field-optional">"optional"</span>
            </label>
            <input
                id=id
                type=if url { "url" } else { "text" }
                inputmode=url.then_some("url")
                placeholder=url.then_some("https://")
                maxlength=max_length.to_string()
                aria-describedby=described_by
                aria-invalid=move || error.get().is_some().then_some("true")
                prop:value=move || value.get()
                on:input:target=move |event| value.set(event.target().value())
            />
            {hint
                .map(|hint| {
                    view! {
                        <p class="field-hint" id=hint_id>
                            {hint}
                        </p>
                    }
                })}
            <FieldError id=error_id error=error />
        </div>
    }
}

/// What is asked once for all pictures.
#[component]
pub fn SharedFields(
    /// What is said.
    shared: Shared,
    /// Every nature.
    natures: Vec<Nature>,
    /// Every licence.
    licences: Vec<Licence>,
    /// What stands above the fields.
    title: &'static str,
) -> impl IntoView {
    let error = move |name: &'static str| field_error(shared.error.into(), name);
    let (nature_error, description_error) = (error("nature"), error("description"));
    let meanings = natures.clone();
    let meaning = move || {
        let chosen = shared.nature.get();
        meanings.iter().find(|nature| nature.id == chosen).map(|nature| nature.description.clone())
    };
    view! {
        <fieldset class="card form script-only shared-fields">
            <legend class="visually-hidden">{title}</legend>
            <h2 aria-hidden="true">{title}</h2>
            <div class="field">
                <label class="field-label" for="nature">
                    "Nature"
                </label>
                <select
                    id="nature"
                    aria-describedby="nature-hint nature-error"
                    aria-invalid=move || nature_error.get().is_some().then_some("true")
                    on:change:target=move |event| shared.nature.set(event.target().value())
                >
                    <NatureOptions natures=natures chosen=shared.nature />
                </select>
                <p class="field-hint" id="nature-hint">
                    {meaning}
                </p>
                <FieldError id="nature-error" error=nature_error />
            </div>
            <LicencePicker licences=licences chosen=shared.licences error=error("licence") />
            <LineField
                label="Origin"
                id="origin"
                value=shared.origin
                max_length=MAX_URL
                url=true
                hint="The address where the pictures come from."
                error=error("origin_url")
            />
            <div class="field">
                <label class="field-label" for="description">
                    "Description" <span class="field-optional">"optional"</span>
                </label>
                <textarea
                    id="description"
                    rows="3"
                    maxlength=MAX_DESCRIPTION.to_string()
                    aria-describedby="description-error"
                    aria-invalid=move || description_error.get().is_some().then_some("true")
                    prop:value=move || shared.description.get()
                    on:input:target=move |event| shared.description.set(event.target().value())
                ></textarea>
                <FieldError id="description-error" error=description_error />
            </div>
            <div class="field">
                <label class="choice">
                    <input
                        type="checkbox"
                        aria-describedby="place-hint"
                        prop:checked=move || shared.keep_place.get()
                        on:change:target=move |event| shared.keep_place.set(event.target().checked())
                    />
                    <span>"Show where it was taken"</span>
                </label>
                <p class="field-hint" id="place-hint">
                    "Cameras and phones write the place into the file. Unless you tick this, it is neither shown nor given out."
                </p>
            </div>
        </fieldset>
    }
}
