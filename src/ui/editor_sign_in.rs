//! Signing in again without leaving the editor, when the session has ended while somebody draws.

use super::dialog::Dialog;
use super::editor_session::EditorSession;
use super::field::PasswordField;
use super::focus::by_id;
use super::form::SubmitButton;
use super::left_work::use_left_work;
use super::text::sentence;
use crate::editor::Input;
use crate::model::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use wasm_bindgen::JsCast;

/// The field's id, of which the page has no other.
const PASSWORD: &str = "again-password";

#[derive(Serialize)]
struct Credentials<'a> {
    username: &'a str,
    password: &'a str,
}

/// Asks for the password of whoever draws.
#[component]
pub fn SignInDialog(
    /// The editor.
    session: EditorSession,
    /// Who draws. Nobody else can go on with their work.
    user: String,
) -> impl IntoView {
    let open = session.sign_in_open;
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let user = StoredValue::new(user);
    let left = use_left_work();
    let password = || by_id(PASSWORD).and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok());
    // The next picture begins without what was wrong before.
    Effect::new(move |_| {
        session.visits.track();
        problem.set(None);
        if let Some(field) = password() {
            field.set_value("");
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = password().filter(|_| !pending.get_untracked()) else { return };
        pending.set(true);
        problem.set(None);
        spawn_local(async move {
            let refusal = sign_in(&user.get_value(), &field.value()).await.err();
            // The page may have been left meanwhile.
            if pending.try_set(false).is_some() {
                return;
            }
            if refusal.is_none() {
                field.set_value("");
                open.set(false);
                session.sign_ins.update_value(|sign_ins| *sign_ins += 1);
                session.announcer.say("Signed in; your work is being saved");
                session.send(Input::Save);
                left.try_again();
                session.focus_surface();
            } else {
                // Fails only for an element that cannot be focused, which this can.
                let _ = field.focus();
            }
            problem.set(refusal);
        });
    };
    view! {
        <Dialog open=open title="Sign in again" id="editor-sign-in">
            <form class="form" method="dialog" on:submit=submit>
                <p>"Your session has ended. Nothing is lost: what you drew is kept here, and is saved once you are signed in."</p>
                <input type="hidden" name="username" autocomplete="username" value=user.get_value() />
                <PasswordField
                    label=format!("Password of {}", user.get_value())
                    name=PASSWORD
                    autocomplete="current-password"
                    error=problem
                />
                <div class="dialog-actions">
                    <SubmitButton pending=pending class="button primary">
                        "Sign in"
                    </SubmitButton>
                </div>
            </form>
        </Dialog>
    }
}

/// Signs in, or says why not.
async fn sign_in(username: &str, password: &str) -> Result<(), String> {
    let unreachable = |_| "The server cannot be reached just now; try again in a moment.".to_owned();
    let request = gloo_net::http::Request::post("/api/login").json(&Credentials { username, password });
    let response = request.map_err(unreachable)?.send().await.map_err(unreachable)?;
    if response.ok() {
        return Ok(());
    }
    let problem = response.json::<Problem>().await.map_err(unreachable)?;
    Err(sentence(&problem.detail))
}
