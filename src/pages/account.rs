//! `/account`: the account from the inside.

mod close;
mod password;
mod sessions;
mod tokens;

use crate::api::account::{EndOtherSessions, EndSession, RevokeToken, account_overview};
use crate::model::AccountOverview;
use crate::model::text::path_segment;
use crate::ui::announcer::{Announcements, Announcer};
use crate::ui::focus::{by_id, focus_soon};
use crate::ui::form_error::on_success;
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::parameters::use_parameter;
use crate::ui::session::use_session;
use crate::ui::text::count;
use crate::ui::time::Date;
pub use close::ClosePage;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
pub use password::PasswordPage;
use sessions::Sessions;
pub use tokens::TokenPage;
use tokens::Tokens;

/// What the page changes.
#[derive(Clone, Copy)]
struct Actions {
    end_session: ServerAction<EndSession>,
    end_others: ServerAction<EndOtherSessions>,
    revoke_token: ServerAction<RevokeToken>,
}

/// Said once, after the form of the password has led back here.
#[component]
fn PasswordChanged(tokens: i64) -> impl IntoView {
    let tokens = (tokens > 0).then(|| {
        let number = count(tokens, "API token", "API tokens");
        let (work, them) = if tokens == 1 { ("works", "it") } else { ("work", "them") };
        view! { <p>{format!("Your {number} still {work}. If somebody else may know {them}, revoke {them} below.")}</p> }
    });
    view! {
        <Notice tone=Tone::Success>
            <p>"Your password is changed. All your other sessions have ended."</p>
            {tokens}
        </Notice>
    }
}

#[component]
fn Facts(username: String, admin: bool, joined: i64) -> impl IntoView {
    let logout = use_session().logout;
    view! {
        <div class="card stack">
            <dl class="facts">
                <dt>"Username"</dt>
                <dd>{username.clone()}</dd>
                <dt>"Role"</dt>
                <dd>{if admin { "Administrator" } else { "User" }}</dd>
                <dt>"Joined"</dt>
                <dd>
                    <Date unix=joined />
                </dd>
            </dl>
            <div class="form-actions">
                <a class="button" href=format!("/user/{}", path_segment(&username))>
                    "Your page"
                </a>
                <a class="button" href="/account/password">
                    "Change the password"
                </a>
                <ActionForm action=logout>
                    <button class="button" type="submit">
                        "Sign out"
                    </button>
                </ActionForm>
            </div>
        </div>
    }
}

#[component]
fn Content(overview: AccountOverview, actions: Actions) -> impl IntoView {
    let done = use_parameter("done");
    let AccountOverview { username, admin, joined, sessions, tokens } = overview;
    let valid = tokens.iter().filter(|token| !token.expired).count() as i64;
    view! {
        <div class="sections">
            {move || done.with(|done| done == "password").then(|| view! { <PasswordChanged tokens=valid /> })}
            <Facts username=username admin=admin joined=joined />
            <Sessions sessions=sessions end=actions.end_session end_others=actions.end_others />
            <Tokens tokens=tokens revoke=actions.revoke_token />
            <section aria-labelledby="close">
                <div class="section-head">
                    <h2 id="close">"Close the account"</h2>
                </div>
                <div class="stack">
                    <p>"This ends it for good. You decide whether your pictures stay, and under which name."</p>
                    <p>
                        <a class="button danger" href="/account/close">
                            "Close the account"
                        </a>
                    </p>
                </div>
            </section>
        </div>
    }
}

/// The page of the signed-in user.
#[component]
pub fn AccountPage() -> impl IntoView {
    let actions = Actions {
        end_session: ServerAction::new(),
        end_others: ServerAction::new(),
        revoke_token: ServerAction::new(),
    };
    let versions = move || {
        (actions.end_session.version().get(), actions.end_others.version().get(), actions.revoke_token.version().get())
    };
    let announcer = Announcer::default();
    let tell = move |sentence: &'static str, heading: &'static str| {
        announcer.say(sentence);
        // The button that was pressed goes, or stands for another row.
        focus_soon(move || by_id(heading));
    };
    on_success(actions.end_session, move || tell("The session has ended.", "sessions"));
    on_success(actions.end_others, move || tell("All other sessions have ended.", "sessions"));
    on_success(actions.revoke_token, move || tell("The token is revoked.", "tokens"));
    let overview = Resource::new_blocking(versions, |_| account_overview());
    view! {
        <Title text="Account" />
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match overview.await {
                    Ok(overview) => {
                        view! {
                            <div class="page page-text">
                                <div class="page-head">
                                    <h1>"Your account"</h1>
                                </div>
                                <Content overview=overview actions=actions />
                            </div>
                        }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Transition>
        <Announcements announcer=announcer />
    }
}

/// A page below this one, with one card.
#[component]
fn Below(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title />
        <div class="page page-narrow">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/account">"Your account"</a>
                    </p>
                    <h1>{title}</h1>
                </div>
            </div>
            <div class="card">{children()}</div>
        </div>
    }
}
