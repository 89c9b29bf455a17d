//! `/account/password`: another password.

use super::Below;
use crate::api::account::{ChangePassword, account_overview};
use crate::pages::register::password_hint;
use crate::ui::field::{CheckBox, PasswordField};
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::text::count;
use leptos::prelude::*;

#[component]
fn PasswordForm(action: ServerAction<ChangePassword>, tokens: i64) -> impl IntoView {
    let error = form_error(action);
    let revoke = (tokens > 0).then(|| {
        let label = format!("Revoke my {} as well, which otherwise goes on", count(tokens, "API token", "API tokens"));
        let label = if tokens == 1 { label } else { label.replace("goes on", "go on") };
        view! { <CheckBox label=label name="revoke_tokens" /> }
    });
    view! {
        <Form action=action submit="Change the password" fields=&["current_password", "password"]>
            <PasswordField
                label="Current password"
                name="current_password"
                autocomplete="current-password"
                error=field_error(error, "current_password")
            />
            <PasswordField
                label="New password"
                autocomplete="new-password"
                hint=password_hint()
                error=field_error(error, "password")
            />
            <p>"All your other sessions end: wherever else you are signed in, you sign in again."</p>
            {revoke}
        </Form>
    }
}

/// The page to change one's password.
#[component]
pub fn PasswordPage() -> impl IntoView {
    let action = ServerAction::<ChangePassword>::new();
    let overview = Resource::new_blocking(|| (), |()| account_overview());
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match overview.await {
                    Ok(overview) => {
                        let tokens = overview.tokens.iter().filter(|token| !token.expired).count() as i64;
                        view! {
                            <Below title="Change the password">
                                <PasswordForm action=action tokens=tokens />
                            </Below>
                        }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
