//! `/galleries/new`: makes a gallery.

use crate::api::galleries::NewGallery;
use crate::model::limits::MAX_TITLE;
use crate::ui::field::{TextArea, TextField};
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::loaded::Loading;
use crate::ui::session::use_session;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
fn NewGalleryForm(action: ServerAction<NewGallery>) -> impl IntoView {
    let error = form_error(action);
    let general = general_error(error, &["title", "description"]);
    view! {
        <ActionForm action=action>
            <div class="form">
                <FormNotice error=general />
                <TextField
                    label="Title"
                    name="title"
                    required=true
                    max_length=MAX_TITLE
                    error=field_error(error, "title")
                />
                <TextArea
                    label="Description"
                    name="description"
                    hint="What belongs in it, and what it is for."
                    error=field_error(error, "description")
                />
                <div class="form-actions">
                    <button class="button primary" type="submit" disabled=move || action.pending().get()>
                        "Make the gallery"
                    </button>
                </div>
            </div>
        </ActionForm>
    }
}

/// The form for a new gallery.
#[component]
pub fn NewGalleryPage() -> impl IntoView {
    let action = ServerAction::<NewGallery>::new();
    let account = use_session().account;
    view! {
        <Title text="New gallery" />
        <div class="page page-narrow">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/galleries">"Galleries"</a>
                    </p>
                    <h1>"New gallery"</h1>
                </div>
            </div>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(Some(_)) => view! { <NewGalleryForm action=action /> }.into_any(),
                        _ => {
                            view! {
                                <p class="muted">
                                    <a href="/login?next=%2Fgalleries%2Fnew">"Sign in"</a>
                                    " to keep pictures in galleries."
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
