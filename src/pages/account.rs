//! `/account`: who is signed in.

use crate::model::text::path_segment;
use crate::model::{Account, AppError};
use crate::ui::loaded::{Loading, failed};
use crate::ui::session::use_session;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
fn Content(account: Account) -> impl IntoView {
    let action = use_session().logout;
    view! {
        <div class="page page-narrow">
            <div class="page-head">
                <h1>"Your account"</h1>
            </div>
            <div class="card stack">
                <dl class="facts">
                    <dt>"Username"</dt>
                    <dd>{account.username.clone()}</dd>
                    <dt>"Role"</dt>
                    <dd>{if account.admin { "Administrator" } else { "User" }}</dd>
                </dl>
                <div class="form-actions">
                    <a class="button" href=format!("/user/{}", path_segment(&account.username))>
                        "Your pictures"
                    </a>
                    <ActionForm action=action>
                        <button class="button" type="submit">
                            "Sign out"
                        </button>
                    </ActionForm>
                </div>
            </div>
        </div>
    }
}

/// The page of the signed-in user.
#[component]
pub fn AccountPage() -> impl IntoView {
    let account = use_session().account;
    view! {
        <Title text="Account" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(Some(account)) => view! { <Content account=account /> }.into_any(),
                    Ok(None) => failed(AppError::NotSignedIn("sign in to see your account".to_owned())),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
