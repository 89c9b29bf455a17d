//! `/projects/new`: starts a project, with `?dataset=namespace/name` and `&ref=` of that.

use super::project::ProjectFields;
use crate::api::projects::BeginProject;
use crate::ui::field::{CheckBox, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::parameters::{use_parameter, use_sign_in};
use crate::ui::session::use_session;
use leptos::prelude::*;
use leptos_meta::Title;

const FIELDS: &[&str] =
    &["dataset", "name", "ref", "description", "instructions", "objects", "annotators", "reviewers"];

#[component]
fn NewProjectForm(
    dataset: String,
    reference: String,
    username: String,
    action: ServerAction<BeginProject>,
) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form action=action submit="Start the project" busy="Starting …" fields=FIELDS>
            <TextField
                label="Dataset"
                name="dataset"
                value=dataset
                required=true
                verbatim=true
                max_length=200
                hint="As namespace/name. Its maintainers start projects."
                error=field_error(error, "dataset")
            />
            <TextField
                label="Version"
                name="reference"
                value=reference
                verbatim=true
                max_length=200
                hint="A tag or a commit. Without one the newest state. The project stays with it."
                error=field_error(error, "ref")
            />
            <ProjectFields error=error />
            <TextField
                label="Annotators"
                name="annotators"
                verbatim=true
                max_length=20_000
                hint="Usernames, separated by commas. The pictures are shared out among them; you can do so later as well."
                error=field_error(error, "annotators")
            />
            <CheckBox
                label=format!("I ({username}) annotate, too: some of the pictures come into my queue. I manage the project in any case.")
                name="myself"
                checked=true
            />
            <TextField
                label="Reviewers"
                name="reviewers"
                verbatim=true
                max_length=20_000
                hint="They accept what is done, or send it back. Maintainers of the dataset may, too."
                error=field_error(error, "reviewers")
            />
        </Form>
    }
}

/// The form for a new project.
#[component]
pub fn NewProjectPage() -> impl IntoView {
    let action = ServerAction::<BeginProject>::new();
    let (account, sign_in) = (use_session().account, use_sign_in());
    let (dataset, reference) = (use_parameter("dataset"), use_parameter("ref"));
    view! {
        <Title text="Start a project" />
        <div class="page page-form">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/projects">"Projects"</a>
                    </p>
                    <h1>"Start a project"</h1>
                    <p class="muted">
                        "A project pins a version of a dataset, shares its pictures out among annotators, and says how far they are."
                    </p>
                </div>
            </div>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(Some(account)) => {
                            view! {
                                <NewProjectForm
                                    dataset=dataset.get_untracked()
                                    reference=reference.get_untracked()
                                    username=account.username
                                    action=action
                                />
                            }
                                .into_any()
                        }
                        Ok(None) => {
                            view! {
                                <p class="muted">
                                    <a href=sign_in>"Sign in"</a>
                                    " to start projects."
                                </p>
                            }
                                .into_any()
                        }
                        Err(error) => failed(error),
                    }
                })}
            </Suspense>
        </div>
    }
}
