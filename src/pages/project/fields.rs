//! What a form says of a project, a new one or one that is there.

use crate::model::AppError;
use crate::model::limits::MAX_TITLE;
use crate::ui::field::{CheckBox, TextArea, TextField};
use crate::ui::form_error::field_error;
use leptos::prelude::*;

/// The fields `name`, `description`, `instructions`, `objects` and `register_objects`.
#[component]
pub fn ProjectFields(
    /// What the form was refused with.
    error: Signal<Option<AppError>>,
    /// The name at first.
    #[prop(optional)]
    name: String,
    /// The description at first.
    #[prop(optional)]
    description: String,
    /// The instructions at first.
    #[prop(optional)]
    instructions: String,
    /// The objects at first, one in a line.
    #[prop(optional)]
    objects: String,
) -> impl IntoView {
    view! {
        <TextField
            label="Name"
            name="name"
            value=name
            required=true
            max_length=MAX_TITLE
            error=field_error(error, "name")
        />
        <TextArea
            label="Description"
            name="description"
            value=description
            rows=4
            hint="What it is for. Markdown."
            error=field_error(error, "description")
        />
        <TextArea
            label="Instructions"
            name="instructions"
            value=instructions
            rows=8
            hint="What annotators are to do; they see it in the editor. Markdown."
            error=field_error(error, "instructions")
        />
        <TextArea
            label="Objects to annotate"
            name="objects"
            value=objects
            rows=5
            hint="One in a line, by their names. The editor offers these only. Without any, everything may be annotated."
            error=field_error(error, "objects")
        />
        <CheckBox label="Register those of them that there are not yet" name="register_objects" />
    }
}
