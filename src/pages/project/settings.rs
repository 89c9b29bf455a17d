//! The settings of a project, and its end.

use super::fields::ProjectFields;
use crate::api::projects::{EditProject, RemoveProject};
use crate::model::Project;
use crate::ui::field::TextField;
use crate::ui::form::{Beginning, Form};
use crate::ui::form_error::{field_error, form_error};
use leptos::prelude::*;

const FIELDS: &[&str] = &["name", "description", "instructions", "objects"];

/// What those who manage it may change.
#[component]
pub(super) fn Settings(
    project: Project,
    edit: ServerAction<EditProject>,
    remove: ServerAction<RemoveProject>,
) -> impl IntoView {
    let hint = format!("So that nothing goes by mistake: {}", project.name);
    let (error, kept) = (form_error(edit), form_error(remove));
    let objects = project.objects.join("\n");
    let (name, id, gone) = (project.name.clone(), project.id.to_string(), project.id.to_string());
    let begun = (project.name.clone(), project.description.clone(), project.instructions.clone(), objects.clone());
    view! {
        <div class="settings">
            <section class="card" aria-labelledby="settings">
                <h2 id="settings">"Settings"</h2>
                <Form action=edit submit="Save" fields=FIELDS>
                    <input type="hidden" name="id" value=id />
                    <Beginning of=begun />
                    <ProjectFields
                        error=error
                        name=name
                        description=project.description
                        instructions=project.instructions
                        objects=objects
                    />
                </Form>
            </section>
            <section class="card" aria-labelledby="delete">
                <h2 id="delete">"Delete the project"</h2>
                <Form action=remove submit="Delete the project" button="danger" fields=&["confirm"]>
                    <p>
                        "Its pictures stay, and so do their regions. What was said of them here goes: states, comments, queues. This cannot be undone."
                    </p>
                    <input type="hidden" name="id" value=gone />
                    <TextField
                        label="Its name, once more"
                        name="confirm"
                        required=true
                        hint=hint
                        error=field_error(kept, "confirm")
                    />
                </Form>
            </section>
        </div>
    }
}
