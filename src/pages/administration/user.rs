//! `/administration/user/<name>`: what administrators may do about an account. Each form says what it will do before it does it.

use super::{AccountState, member_href, role};
use crate::api::accounts::current_account;
use crate::api::administration::{SetAdministrator, SetSuspended, member};
use crate::model::administration::MAX_REASON;
use crate::model::text::path_segment;
use crate::model::{AppError, Member};
use crate::ui::disclosure::Disclosure;
use crate::ui::field::TextField;
use crate::ui::form::Form;
use crate::ui::form_error::{field_error, form_error};
use crate::ui::loaded::{Loading, failed};
use crate::ui::text::grouped;
use crate::ui::time::Date;
use leptos::prelude::*;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::{Http, ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use serde::de::DeserializeOwned;

/// What the page shows of somebody, and whether it is whoever looks at it.
async fn load(name: String) -> Result<(Member, bool), AppError> {
    let member = member(name).await?;
    let own = current_account().await?.is_some_and(|account| account.username == member.id);
    Ok((member, own))
}

/// A folded form that changes an account, with what that means for whom it concerns.
#[component]
fn Change<F, Output>(
    title: &'static str,
    name: String,
    means: &'static str,
    action: ServerAction<F>,
    submit: &'static str,
    #[prop(default = "primary")] button: &'static str,
    #[prop(optional)] fields: &'static [&'static str],
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView
where
    F: ServerFn<Client = BrowserClient, Protocol = Http<PostUrl, Output>, Error = AppError>,
    F: DeserializeOwned + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    Output: 'static,
{
    let refused = form_error(action).with_untracked(Option::is_some);
    view! {
        <Disclosure title=title open=refused>
            <Form action=action submit=submit button=button fields=fields>
                <p>
                    <strong>{name.clone()}</strong>
                    {means}
                </p>
                <input type="hidden" name="name" value=name />
                {children.map(|children| children())}
            </Form>
        </Disclosure>
    }
}

#[component]
fn RoleForm(member: Member, action: ServerAction<SetAdministrator>) -> impl IntoView {
    let name = member.id;
    if member.admin {
        let means = " will be an ordinary user: no longer see these pages, change what belongs to others, or add licences and natures.";
        view! {
            <Change
                title="Take the role of an administrator away"
                name=name
                means=means
                action=action
                submit="Take the role away"
                button="danger"
            />
        }
        .into_any()
    } else {
        let means = " will be able to do all that you can: suspend users, make links to their accounts, change and delete what belongs to others. What administrators do is logged.";
        view! {
            <Change title="Make an administrator" name=name means=means action=action submit="Make an administrator">
                <input type="hidden" name="admin" value="true" />
            </Change>
        }
        .into_any()
    }
}

#[component]
fn SuspendForm(member: Member, action: ServerAction<SetSuspended>) -> impl IntoView {
    let error = form_error(action);
    let name = member.id;
    if member.suspended_at.is_some() {
        let means = " will be able to sign in again, and tokens will work as before.";
        view! { <Change title="Let in again" name=name means=means action=action submit="Let in again" /> }.into_any()
    } else {
        let means = " will be signed out everywhere at once, and no token will work, until an administrator lets them in again. Pictures, regions and galleries stay.";
        view! {
            <Change
                title="Suspend"
                name=name
                means=means
                action=action
                submit="Suspend"
                button="danger"
                fields=&["reason"]
            >
                <input type="hidden" name="suspended" value="true" />
                <TextField
                    label="Reason"
                    name="reason"
                    max_length=MAX_REASON
                    hint="It is noted in the log, which administrators read."
                    error=field_error(error, "reason")
                />
            </Change>
        }
        .into_any()
    }
}

/// Its answer is a page that shows the link, with and without a script.
#[component]
fn ResetForm(name: String) -> impl IntoView {
    let action = format!("{}/reset-link", member_href(&name));
    view! {
        <Disclosure title="Help with a forgotten password">
            <form class="form" method="post" action=action>
                <p>
                    "You will get a link that lets whoever opens it set a new password for "
                    <strong>{name}</strong>
                    ", once and within 24 hours. It is shown once. Earlier links stop working; the password stays as it is until the link is used."
                </p>
                <div class="form-actions">
                    <button class="button primary" type="submit">
                        "Make the link"
                    </button>
                </div>
            </form>
        </Disclosure>
    }
}

#[component]
fn Content(
    member: Member,
    own: bool,
    administrator: ServerAction<SetAdministrator>,
    suspended: ServerAction<SetSuspended>,
) -> impl IntoView {
    let is_open = member.closed_at.is_none();
    let may_sign_in = is_open && member.suspended_at.is_none();
    view! {
        <Title text=format!("{} – administration", member.id) />
        <div class="page page-narrow">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/administration">"Administration"</a>
                    </p>
                    <h1>{member.id.clone()}</h1>
                </div>
            </div>
            <div class="stack">
                <dl class="facts">
                    <dt>"Role"</dt>
                    <dd>{role(&member)}</dd>
                    <dt>"State"</dt>
                    <dd>
                        <AccountState member=member.clone() />
                    </dd>
                    <dt>"Joined"</dt>
                    <dd>
                        <Date unix=member.joined />
                    </dd>
                    <dt>"Pictures"</dt>
                    <dd>
                        <a href=format!("/user/{}", path_segment(&member.id))>{grouped(member.pictures)}</a>
                    </dd>
                </dl>
                {is_open.then(|| view! { <RoleForm member=member.clone() action=administrator /> })}
                // Nobody suspends themselves.
                {(is_open && !own).then(|| view! { <SuspendForm member=member.clone() action=suspended /> })}
                {may_sign_in.then(|| view! { <ResetForm name=member.id.clone() /> })}
            </div>
        </div>
    }
}

/// The page of one user for administrators.
#[component]
pub fn AdministrationUserPage() -> impl IntoView {
    let params = use_params_map();
    let (administrator, suspended) = (ServerAction::<SetAdministrator>::new(), ServerAction::<SetSuspended>::new());
    let wanted = move || {
        let name = params.with(|params| params.get("name").unwrap_or_default());
        (name, administrator.version().get(), suspended.version().get())
    };
    let loaded = Resource::new_blocking(wanted, |(name, ..)| load(name));
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((member, own)) => {
                        view! { <Content member=member own=own administrator=administrator suspended=suspended /> }
                            .into_any()
                    }
                    Err(error) => failed(error),
                }
            })}
        </Transition>
    }
}
