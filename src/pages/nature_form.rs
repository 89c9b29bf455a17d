//! The fields of a nature, which administrators fill in, and the form for a new one.

use super::reference::IdField;
use crate::api::reference::NewNature;
use crate::model::AppError;
use crate::ui::field::TextArea;
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use leptos::prelude::*;

/// The names of the fields.
pub const FIELDS: &[&str] = &["id", "description"];

/// What a nature means.
#[component]
pub fn DescriptionField(
    /// What the field holds at first.
    #[prop(into, optional)]
    value: String,
    /// Why the form was refused, if it was.
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    view! {
        <TextArea
            label="Description"
            name="description"
            value=value
            required=true
            hint="Which images it fits, and which it does not."
            error=field_error(error, "description")
        />
    }
}

/// The form for a new nature.
#[component]
pub fn NewNatureForm(
    /// Adds the nature.
    action: ServerAction<NewNature>,
) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form action=action submit="Add nature" fields=FIELDS>
            <IdField
                hint="A short name in lower case, such as video-frame. It cannot be changed later."
                error=error
            />
            <DescriptionField error=error />
        </Form>
    }
}
