//! `/galleries/new`: makes a gallery.

use crate::api::galleries::NewGallery;
use crate::ui::field::{TextArea, TitleField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::Loading;
use crate::ui::session::use_session;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
fn NewGalleryForm(action: ServerAction<NewGallery>) -> impl IntoView {
    let error = form_error(action);
    view! {
        <Form action=action submit="Make the gallery" fields=&["title", "description"]>
            <TitleField error=error />
            <TextArea
                label="Description"
                name="description"
                hint="What belongs in it, and what it is for."
                error=field_error(error, "description")
            />
        </Form>
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
