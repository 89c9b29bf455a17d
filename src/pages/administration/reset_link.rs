//! `/administration/user/<name>/reset-link`: the link that has just been made, in the one answer that shows it.

use super::member_href;
use crate::api::administration::member;
use crate::model::{AppError, ResetLink};
use crate::ui::copy_button::CopyButton;
use crate::ui::loaded::{Loading, failed};
use crate::ui::notice::Notice;
use crate::ui::time::Moment;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

/// What whoever asks for the page may see: the name, and the link if this very answer made it.
async fn load(
    name: String,
    made: Option<Result<ResetLink, AppError>>,
) -> Result<(String, Option<ResetLink>), AppError> {
    Ok((member(name).await?.id, made.transpose()?))
}

#[component]
fn Link(link: ResetLink) -> impl IntoView {
    let url = link.url;
    view! {
        <div class="card form">
            <div class="field">
                <label class="field-label" for="reset-link">
                    "Link"
                </label>
                <input id="reset-link" type="text" readonly value=url.clone() />
                <p class="field-hint">
                    "It works once, until " <Moment unix=link.expires_at />
                    ". Hand it over in a way that nobody else reads; it cannot be shown again."
                </p>
            </div>
            <div class="form-actions">
                <CopyButton what="The link" label="Copy the link" class="primary" text=url />
            </div>
        </div>
    }
}

#[component]
fn Content(name: String, link: Option<ResetLink>) -> impl IntoView {
    view! {
        <div class="page page-narrow">
            <div class="page-head">
                <div class="stack">
                    <p class="crumb">
                        <a href="/administration">"Administration"</a>
                        " / "
                        <a href=member_href(&name)>{name.clone()}</a>
                    </p>
                    <h1>{format!("A new password for {name}")}</h1>
                </div>
            </div>
            {match link {
                Some(link) => view! { <Link link=link /> }.into_any(),
                None => {
                    view! {
                        <Notice>
                            <p>
                                "A link is shown once, right after it was made. "
                                <a href=member_href(&name)>"Make another one"</a>
                                " if it got lost."
                            </p>
                        </Notice>
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

/// The page that shows a link which has just been made.
#[component]
pub fn ResetLinkPage() -> impl IntoView {
    let params = use_params_map();
    // Only the answer to the form knows it; the browser reads from that answer what the server has put there.
    let made = use_context::<Result<ResetLink, AppError>>();
    let name = params.with_untracked(|params| params.get("name").unwrap_or_default());
    let loaded = Resource::new_blocking(|| (), move |()| load(name.clone(), made.clone()));
    view! {
        <Title text="A new password" />
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok((name, link)) => view! { <Content name=name link=link /> }.into_any(),
                    Err(error) => failed(error),
                }
            })}
        </Suspense>
    }
}
