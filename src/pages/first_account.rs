//! `/setup?token=…`: make the first account, with the link that the console showed.

use super::register::NewAccountFields;
use crate::ui::form::Form;
use crate::ui::form_error::{forget, form_error};
use crate::ui::notice::{Notice, Tone};
use crate::ui::parameters::use_parameter;
use crate::ui::session::use_session;
use leptos::prelude::*;
use leptos_meta::Title;

/// Says how a site gets its first account, where people sign in or register and there is none yet.
#[component]
pub(super) fn NoAccountYet() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning>
            <p>
                "Nobody has an account here yet. "<a href="/setup">"Make the first account"</a>
                ": it is the administrator’s, and needs the link that the server showed where it was started."
            </p>
        </Notice>
    }
}

/// What to do where the address lacks its token.
#[component]
fn WithoutToken() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning>
            <p>
                "The address lacks its token. Copy the whole link from the console where the server started; it begins with this page’s address and ends with "
                <code>"?token=…"</code>"."
            </p>
            <p>
                "If it is gone, start the server again: as long as there is no account, each start shows a new link. Or make the account there with "
                <code>"ocellus user add NAME --admin --password-stdin"</code>"."
            </p>
        </Notice>
    }
}

/// The page to make the first account.
#[component]
pub fn FirstAccountPage() -> impl IntoView {
    let action = use_session().first_account;
    forget(action);
    let token = use_parameter("token");
    view! {
        <Title text="Set up this site" />
        <div class="page page-narrow">
            <div class="page-head">
                <div>
                    <h1>"Set up this site"</h1>
                    <p>"Make the first account. It is the administrator’s, and the link that led you here works only once."</p>
                </div>
            </div>
            {move || {
                token
                    .with(String::is_empty)
                    .then(|| view! { <WithoutToken /> })
            }}
            <Form action=action submit="Make the first account" fields=&["username", "password"] card=true>
                <input type="hidden" name="token" value=move || token.get() />
                <NewAccountFields error=form_error(action) />
            </Form>
        </div>
    }
}
