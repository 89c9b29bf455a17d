//! The tokens with which programs act for the user, and the page that makes one.

use super::Below;
use crate::api::account::{MakeToken, RevokeToken, take_new_token};
use crate::model::account::{MAX_TOKEN_NAME, TOKEN_LIFETIMES};
use crate::model::{ApiToken, TokenScope};
use crate::ui::copy_button::CopyButton;
use crate::ui::field::{SelectField, TextField};
use crate::ui::focus::{by_id, focus_soon};
use crate::ui::form::{Form, SubmitButton};
use crate::ui::form_error::{FormNotice, field_error, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::{Notice, Tone};
use crate::ui::table::Column::{Buttons, Text};
use crate::ui::table::Table;
use crate::ui::time::{Date, Moment};
use leptos::form::ActionForm;
use leptos::prelude::*;

fn scope_words(scope: TokenScope) -> &'static str {
    match scope {
        TokenScope::Read => "read",
        TokenScope::Write => "read and change",
    }
}

#[component]
fn Row(token: ApiToken, revoke: ServerAction<RevokeToken>) -> impl IntoView {
    let expires = match token.expires_at {
        None => view! { "never" }.into_any(),
        Some(unix) => view! { <Date unix=unix /> }.into_any(),
    };
    let used = match token.last_used_at {
        None => view! { <span class="muted">"not yet"</span> }.into_any(),
        Some(unix) => view! { <Moment unix=unix /> }.into_any(),
    };
    let label = format!("Revoke {}", token.name);
    view! {
        <tr>
            <th scope="row">
                {token.name} {token.expired.then(|| view! { " " <span class="badge warning">"expired"</span> })}
            </th>
            <td data-label="May">{scope_words(token.scope)}</td>
            <td data-label="Made">
                <Date unix=token.created_at />
            </td>
            <td data-label="Expires">{expires}</td>
            <td data-label="Last used">{used}</td>
            <td>
                <ActionForm action=revoke>
                    <SubmitButton
                        pending=revoke.pending()
                        class="button small"
                        name="id"
                        value=token.id.to_string()
                        label=label
                    >
                        "Revoke"
                    </SubmitButton>
                </ActionForm>
            </td>
        </tr>
    }
}

#[component]
fn List(tokens: Vec<ApiToken>, revoke: ServerAction<RevokeToken>) -> impl IntoView {
    let rows = tokens.into_iter().map(|token| view! { <Row token=token revoke=revoke /> }).collect_view();
    view! {
        <Table label="List of tokens" columns=&[Text("Name"), Text("May"), Text("Made"), Text("Expires"), Text("Last used"), Buttons]>{rows}</Table>
    }
}

/// The list of tokens, and the ways to make and revoke them.
#[component]
pub(super) fn Tokens(tokens: Vec<ApiToken>, revoke: ServerAction<RevokeToken>) -> impl IntoView {
    let error = general_error(form_error(revoke), &[]);
    let list = if tokens.is_empty() {
        view! { <p>"You have no tokens."</p> }.into_any()
    } else {
        view! { <List tokens=tokens revoke=revoke /> }.into_any()
    };
    view! {
        <section aria-labelledby="tokens">
            <div class="section-head">
                <h2 id="tokens" tabindex="-1">
                    "API tokens"
                </h2>
                <a class="button small" href="/account/token">
                    <Icon glyph=Glyph::Plus />
                    "New token"
                </a>
            </div>
            <div class="stack">
                <p class="muted">
                    "With a token a program acts for you through the " <a href="/api/docs" rel="external">
                        "API"
                    </a> ", without your password."
                </p>
                <FormNotice error=error />
                {list}
            </div>
        </section>
    }
}

#[component]
fn TokenForm(action: ServerAction<MakeToken>) -> impl IntoView {
    let error = form_error(action);
    let owned = |(value, words): (&str, &str)| (value.to_owned(), words.to_owned());
    let scopes = vec![
        owned((TokenScope::Read.as_str(), "Read")),
        owned((TokenScope::Write.as_str(), "Read and change, as you may yourself")),
    ];
    let lifetimes = TOKEN_LIFETIMES.iter().map(|(value, words, _)| owned((value, words))).collect();
    view! {
        <Form action=action submit="Make the token" fields=&["name", "scope", "lifetime"]>
            <TextField
                label="Name"
                name="name"
                required=true
                max_length=MAX_TOKEN_NAME
                hint="What will use it, such as “nightly upload”, so that you know later which one to revoke."
                error=field_error(error, "name")
            />
            <SelectField
                label="It may"
                name="scope"
                options=scopes
                value=TokenScope::Read.as_str()
                error=field_error(error, "scope")
            />
            <SelectField
                label="It lasts"
                name="lifetime"
                options=lifetimes
                value="90"
                error=field_error(error, "lifetime")
            />
        </Form>
    }
}

/// The secret, which is never shown again.
#[component]
fn Made(secret: String) -> impl IntoView {
    Effect::new(|_| focus_soon(|| by_id("new-token")));
    view! {
        <div class="stack">
            <Notice tone=Tone::Success>
                <p>"The token is made. Copy it now: it is shown only this once."</p>
            </Notice>
            <div class="attribution-line">
                <p class="attribution" id="new-token" tabindex="-1">
                    <code>{secret.clone()}</code>
                </p>
                <CopyButton what="The token" text=secret />
            </div>
            <p>"Programs send it in the header " <code>"Authorization: Bearer …"</code> "."</p>
            <div class="form-actions">
                <a class="button primary" href="/account">
                    "Done"
                </a>
            </div>
        </div>
    }
}

/// The page that makes a token and shows it once.
#[component]
pub fn TokenPage() -> impl IntoView {
    let action = ServerAction::<MakeToken>::new();
    // Without JavaScript the secret comes with the page after the form.
    let handed_over = Resource::new_blocking(|| (), |()| take_new_token());
    let made = Memo::new(move |_| action.value().with(|value| value.as_ref().and_then(|made| made.clone().ok())));
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match handed_over.await {
                    Err(error) => failed(error),
                    Ok(handed_over) => {
                        let secret = move || made.get().or_else(|| handed_over.clone());
                        view! {
                            <Below title="New API token">
                                {move || match secret() {
                                    Some(secret) => view! { <Made secret=secret /> }.into_any(),
                                    None => view! { <TokenForm action=action /> }.into_any(),
                                }}
                            </Below>
                        }
                            .into_any()
                    }
                }
            })}
        </Suspense>
    }
}
