//! `/namespaces/new`: makes a group, which is a namespace of its own.

use crate::api::namespaces::NewGroup;
use crate::model::Visibility;
use crate::ui::field::TextField;
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::Loading;
use crate::ui::parameters::use_sign_in;
use crate::ui::session::use_session;
use crate::ui::visibility::VisibilityChoice;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
fn NewGroupForm(action: ServerAction<NewGroup>) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form action=action submit="Make the group" fields=&["name", "visibility"]>
            <TextField
                label="Name"
                name="name"
                required=true
                verbatim=true
                max_length=32
                hint="Stands before the names of its datasets, as a username would: lower-case letters, digits, - and _. It stays."
                error=field_error(error, "name")
            />
            <VisibilityChoice
                chosen=RwSignal::new(Visibility::Public)
                most=Visibility::Public
                reason="The most that can see any of its datasets. It can be changed later."
                error=field_error(error, "visibility")
            />
        </Form>
    }
}

/// The form for a new group.
#[component]
pub fn NewNamespacePage() -> impl IntoView {
    let action = ServerAction::<NewGroup>::new();
    let (account, sign_in) = (use_session().account, use_sign_in());
    view! {
        <Title text="New group" />
        <div class="page page-form">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/namespaces">"Groups"</a>
                    </p>
                    <h1>"New group"</h1>
                </div>
            </div>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(Some(_)) => view! { <NewGroupForm action=action /> }.into_any(),
                        _ => {
                            view! {
                                <p class="muted">
                                    <a href=sign_in>"Sign in"</a>
                                    " to make groups."
                                </p>
                            }
                                .into_any()
                        }
                    }
                })}
            </Suspense>
        </div>
    }
}
