//! `/login`: sign in.

use super::first_account::NoAccountYet;
use crate::api::accounts::site_state;
use crate::model::text::{local_path, path_segment};
use crate::ui::field::{PasswordField, TextField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, forget, form_error};
use crate::ui::parameters::use_parameter;
use crate::ui::session::use_session;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page to sign in.
#[component]
pub fn LoginPage() -> impl IntoView {
    let action = use_session().login;
    forget(action);
    let wanted = use_parameter("next");
    let next = move || wanted.with(|wanted| local_path(wanted).to_owned());
    let register = move || match next().as_str() {
        "/" => "/register".to_owned(),
        next => format!("/register?next={}", path_segment(next)),
    };
    let site = Resource::new_blocking(|| (), |()| site_state());
    let error = form_error(action);
    view! {
        <Title text="Sign in" />
        <div class="page page-narrow">
            <div class="page-head">
                <h1>"Sign in"</h1>
            </div>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let is_empty = site.await.is_ok_and(|site| !site.has_accounts);
                    is_empty.then(|| view! { <NoAccountYet /> })
                })}
            </Suspense>
            <Form action=action submit="Sign in" busy="Signing in …" fields=&["username", "password"] card=true>
                <input type="hidden" name="next" value=next />
                <TextField
                    label="Username"
                    name="username"
                    autocomplete="username"
                    required=true
                    max_length=64
                    verbatim=true
                    error=field_error(error, "username")
                />
                <PasswordField label="Password" autocomplete="current-password" error=field_error(error, "password") />
            </Form>
            <Suspense fallback=|| ()>
                {move || Suspend::new(async move {
                    let open = site.await.is_ok_and(|site| site.registration_open && site.has_accounts);
                    open.then(|| {
                        view! {
                            <p class="after-form">
                                "No account yet? " <a href=register>"Register"</a> "; it takes a minute."
                            </p>
                        }
                    })
                })}
            </Suspense>
        </div>
    }
}
