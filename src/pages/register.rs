//! `/register`: make an account.

use super::first_account::NoAccountYet;
use crate::api::accounts::{new_challenge, site_state};
use crate::model::text::{local_path, path_segment};
use crate::model::user::MIN_PASSWORD;
use crate::model::{AppError, Challenge};
use crate::ui::field::{PasswordField, TextField};
use crate::ui::focus::by_id;
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, forget, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Notice;
use crate::ui::parameters::use_parameter;
use crate::ui::session::use_session;
use leptos::prelude::*;
use leptos_meta::Title;
use wasm_bindgen::JsCast;

/// What a username has to be like, in words for the form.
pub(super) const USERNAME_HINT: &str =
    "2 to 32 lower-case letters, digits, - and _. Everybody sees it beside what you post.";

/// What a password has to be like, in words for the form.
pub(super) fn password_hint() -> String {
    format!(
        "At least {MIN_PASSWORD} characters, without the username in them, and not one of the common ones. Three or four random words \
         do well."
    )
}

/// What a new account is called, and its password.
#[component]
pub(super) fn NewAccountFields(error: Signal<Option<AppError>>) -> impl IntoView {
    view! {
        <TextField
            label="Username"
            name="username"
            autocomplete="username"
            required=true
            max_length=32
            verbatim=true
            hint=USERNAME_HINT
            error=field_error(error, "username")
        />
        <PasswordField
            label="Password"
            autocomplete="new-password"
            hint=password_hint()
            error=field_error(error, "password")
        />
    }
}

/// What the page begins with.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Start {
    /// A question, and then an account.
    Question(Challenge),
    /// The site takes nobody.
    Closed,
    /// The first account is made elsewhere.
    FirstAccount,
}

async fn load() -> Result<Start, AppError> {
    let site = site_state().await?;
    match (site.has_accounts, site.registration_open) {
        (false, _) => Ok(Start::FirstAccount),
        (true, true) => new_challenge().await.map(Start::Question),
        (true, false) => Ok(Start::Closed),
    }
}

#[component]
fn RegisterForm(challenge: Challenge, error: Signal<Option<AppError>>, next: String) -> impl IntoView {
    let action = use_session().register;
    let first = "This keeps programs from registering in bulk.";
    let hint =
        if error.with_untracked(Option::is_some) { format!("This is a new question. {first}") } else { first.into() };
    view! {
        <Form
            action=action
            submit="Make the account"
            busy="Making the account …"
            fields=&["username", "password", "answer"]
            card=true
        >
            <input type="hidden" name="next" value=next />
            <input type="hidden" name="challenge" value=challenge.token />
            <NewAccountFields error=error />
            <TextField
                label=challenge.question
                name="answer"
                required=true
                max_length=64
                hint=hint
                error=field_error(error, "answer")
            />
            // People do not see this field; programs that fill in everything give themselves away.
            <div class="trap" aria-hidden="true">
                <label for="website">"Leave this empty"</label>
                <input id="website" name="website" type="text" tabindex="-1" autocomplete="off" />
            </div>
        </Form>
    }
}

/// The page to make an account.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let action = use_session().register;
    forget(action);
    let wanted = use_parameter("next");
    let next = Memo::new(move |_| wanted.with(|wanted| local_path(wanted).to_owned()));
    let error = form_error(action);
    // A question is good for one try: after a failure there is a new one.
    let challenge = Resource::new_blocking(move || action.version().get(), |_| load());
    // The field stays where the question changes, and with it an answer that no longer belongs there.
    Effect::new(move |before: Option<Option<String>>| {
        let before = before.flatten();
        let asked = match challenge.get() {
            Some(Ok(Start::Question(challenge))) => Some(challenge.token),
            _ => None,
        };
        let field = by_id("answer").and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(field) = field.filter(|_| before.is_some() && asked.is_some() && asked != before) {
            field.set_value("");
        }
        asked.or(before)
    });
    let sign_in = move || match next.get().as_str() {
        "/" => "/login".to_owned(),
        next => format!("/login?next={}", path_segment(next)),
    };
    view! {
        <Title text="Register" />
        <div class="page page-narrow">
            <div class="page-head">
                <h1>"Make an account"</h1>
            </div>
            <Transition fallback=Loading>
                {move || Suspend::new(async move {
                    match challenge.await {
                        Ok(Start::Question(challenge)) => {
                            view! { <RegisterForm challenge=challenge error=error next=next.get_untracked() /> }.into_any()
                        }
                        Ok(Start::FirstAccount) => view! { <NoAccountYet /> }.into_any(),
                        Ok(Start::Closed) => {
                            view! {
                                <Notice>
                                    <p>
                                        "This site does not let strangers register. Ask its administrator for an account."
                                    </p>
                                </Notice>
                            }
                                .into_any()
                        }
                        Err(error) => failed(error),
                    }
                })}
            </Transition>
            <p class="after-form">"Have an account? " <a href=sign_in>"Sign in"</a></p>
        </div>
    }
}
