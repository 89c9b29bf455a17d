//! `/reset?token=…`: another password, with the link that an administrator made.

use super::register::password_hint;
use crate::api::password_reset::reset_owner;
use crate::api::set_page_status;
use crate::ui::field::PasswordField;
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, forget, form_error};
use crate::ui::loaded::Loading;
use crate::ui::notice::{Notice, Tone};
use crate::ui::parameters::use_parameter;
use crate::ui::session::use_session;
use crate::ui::text::sentence;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
fn ResetForm(name: String, token: String) -> impl IntoView {
    let action = use_session().reset_password;
    view! {
        <p>
            "Choose a new password for " <strong>{name}</strong>
            ". It signs you in here, and ends every session that was started with the old one."
        </p>
        <div class="card">
            <Form action=action submit="Set the password" fields=&["password"]>
                <input type="hidden" name="token" value=token />
                <PasswordField
                    label="New password"
                    autocomplete="new-password"
                    hint=password_hint()
                    error=field_error(form_error(action), "password")
                />
            </Form>
        </div>
    }
}

/// The page to set another password with a link.
#[component]
pub fn ResetPage() -> impl IntoView {
    forget(use_session().reset_password);
    // Once and for all: the address changes when the form leads on.
    let token = use_parameter("token").get_untracked();
    let sent = token.clone();
    let owner = Resource::new_blocking(|| (), move |()| reset_owner(sent.clone()));
    let token = StoredValue::new(token);
    view! {
        <Title text="New password" />
        <div class="page page-narrow">
            <div class="page-head">
                <h1>"New password"</h1>
            </div>
            <div class="stack">
                <Suspense fallback=Loading>
                    {move || Suspend::new(async move {
                        match owner.await {
                            Ok(name) => view! { <ResetForm name=name token=token.get_value() /> }.into_any(),
                            Err(error) => {
                                set_page_status(&error);
                                view! {
                                    <Notice tone=Tone::Warning>
                                        <p>{sentence(&error.to_string())}</p>
                                    </Notice>
                                }
                                    .into_any()
                            }
                        }
                    })}
                </Suspense>
            </div>
        </div>
    }
}
