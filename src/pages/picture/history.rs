//! The states that the regions were in: who saved which when, what changed, and the way back.

use super::Shown;
use crate::api::regions::{Revert, sittings};
use crate::model::RevisionSummary;
use crate::model::history::Sitting;
use crate::model::text::path_segment;
use crate::ui::focus::focus_soon;
use crate::ui::form::SubmitButton;
use crate::ui::form_error::{FormNotice, form_error, general_error};
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::Tone;
use crate::ui::session::use_session;
use crate::ui::text::{change_text, count};
use crate::ui::time::{Moment, span_text};
use crate::ui::toast::use_toasts;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::HtmlDetailsElement;

/// The page with the history from a state on.
fn from_state(shown: Shown, from: i64) -> String {
    format!("{}?history={from}#history", shown.path())
}

#[component]
fn State(state: RevisionSummary, newest: i64, shown: Shown, revert: Option<ServerAction<Revert>>) -> impl IntoView {
    let number = state.revision;
    let name = format!("Revision {number}");
    let name = if number == newest {
        view! { <strong>{name}</strong> }.into_any()
    } else {
        let from = shown.history_from.map(|from| format!("&history={from}")).unwrap_or_default();
        let current =
            move || shown.earlier.with(|earlier| earlier.as_ref().is_some_and(|state| state.revision == number));
        view! {
            <a
                href=format!("{}?revision={number}{from}", shown.path())
                aria-current=move || current().then_some("true")
                title="Show these regions on the picture"
            >
                {name}
            </a>
        }
        .into_any()
    };
    let changes = change_text(state.added, state.changed, state.removed);
    let author = state.author.clone().map(|name| {
        view! {
            " by "
            <a href=format!("/user/{}", path_segment(&name))>{name.clone()}</a>
        }
    });
    let button = revert.filter(|_| number != newest).map(|action| {
        view! {
            <ActionForm action=action>
                <input type="hidden" name="picture" value=shown.id.to_string() />
                <SubmitButton
                    pending=action.pending()
                    class="button quiet small"
                    name="revision"
                    value=number.to_string()
                    label=format!("Revert to revision {number}")
                >
                    <Icon glyph=Glyph::Retry />
                    "Revert"
                </SubmitButton>
            </ActionForm>
        }
    });
    view! {
        <li class="history-state">
            <div>
                <p>
                    {name} {author}
                    {(number == newest).then(|| view! { " " <span class="badge">"now"</span> })}
                </p>
                <p class="field-hint">{changes} ", " <Moment unix=state.timestamp /></p>
            </div>
            {button}
        </li>
    }
}

/// Whether what was folded or unfolded is open.
fn is_open(event: &web_sys::Event) -> Option<bool> {
    event.target()?.dyn_into::<HtmlDetailsElement>().ok().map(|details| details.open())
}

/// States that somebody saved one after the other, folded into one entry.
#[component]
fn FoldedStates(sitting: Sitting, newest: i64, shown: Shown, revert: Option<ServerAction<Revert>>) -> impl IntoView {
    let Sitting { states, first, began, count: all, added, changed, removed } = sitting;
    let Some(last) = states.first().cloned() else { return ().into_any() };
    if all == 1 {
        return view! { <State state=last newest=newest shown=shown revert=revert /> }.into_any();
    }
    let name = format!("Revisions {first}–{}", last.revision);
    let is_newest = last.revision == newest;
    let by = last.author.as_ref().map(|author| format!(" by {author}"));
    let details = format!("{}, {}", change_text(added, changed, removed), span_text(began, last.timestamp));
    // Whoever looks at one of them goes on among them, and whoever asked for the rest of them sees it.
    let looked_at = shown.earlier.with_untracked(|earlier| earlier.as_ref().map(|state| state.revision));
    let open = looked_at.is_some_and(|revision| (first..=last.revision).contains(&revision))
        || shown.history_from == Some(last.revision)
        || shown.unfolded.sittings.with_value(|sittings| sittings.contains(&first));
    let oldest_listed = states.last().map_or(first, |state| state.revision);
    let rest = (oldest_listed > first).then(|| {
        let rest = count(oldest_listed - first, "earlier state", "earlier states");
        view! {
            <li>
                <a href=from_state(shown, oldest_listed - 1)>{rest}</a>
            </li>
        }
    });
    let states = states
        .into_iter()
        .map(|state| view! { <State state=state newest=newest shown=shown revert=revert /> })
        .collect_view();
    view! {
        <li class="history-sitting">
            <details
                open=open
                on:toggle=move |event| {
                    if let Some(open) = is_open(&event) {
                        let _ = shown
                            .unfolded
                            .sittings
                            .try_update_value(|sittings| {
                                if open { sittings.insert(first) } else { sittings.remove(&first) }
                            });
                    }
                }
            >
                <summary>
                    <span>
                        {if is_newest {
                            view! { <strong>{name}</strong> }.into_any()
                        } else {
                            name.into_any()
                        }} {by} {is_newest.then(|| view! { " " <span class="badge">"now"</span> })}
                    </span>
                    <span class="field-hint">{details}</span>
                </summary>
                <ol class="history-states">{states} {rest}</ol>
            </details>
        </li>
    }
    .into_any()
}

/// The list of states, the newest first.
#[component]
pub(super) fn History(shown: Shown) -> impl IntoView {
    let account = use_session().account;
    let toasts = use_toasts();
    let navigate = use_navigate();
    let action = ServerAction::<Revert>::new();
    let error = general_error(form_error(action), &[]);
    Effect::new(move |_| {
        let Some(Ok(now)) = action.value().get() else { return };
        toasts.show(Tone::Success, format!("The regions are as they were; this is revision {}.", now.revision));
        // What was looked at is what there is now.
        if shown.earlier.with_untracked(Option::is_some) || shown.history_from.is_some() {
            navigate(&shown.path(), NavigateOptions::default());
        }
        // Its row has moved down, and the button below the keyboard would be another one's.
        focus_soon(|| document().query_selector(".history > summary").ok().flatten()?.dyn_into().ok());
        shown.detail.update(|detail| {
            detail.revision = now.revision;
            detail.picture.regions = now.regions;
        });
        wasm_bindgen_futures::spawn_local(async move {
            // Without it the list stays as it was, and the next visit shows the whole.
            if let Ok(part) = sittings(shown.id, None).await {
                let _ = shown.history.try_set(part);
            }
        });
    });
    let states = move |may_revert: bool| {
        let part = shown.history.get();
        let newest = shown.detail.with(|detail| detail.revision);
        let rows = part
            .sittings
            .into_iter()
            .map(|sitting| {
                view! {
                    <FoldedStates sitting=sitting newest=newest shown=shown revert=may_revert.then_some(action) />
                }
            })
            .collect_view();
        let back = shown.history_from.map(|_| {
            view! {
                <p>
                    <a href=format!("{}#history", shown.path())>"To the newest states"</a>
                </p>
            }
        });
        let older = part.next.map(|next| {
            view! {
                <p>
                    <a href=from_state(shown, next)>{count(next, "older state", "older states")}</a>
                </p>
            }
        });
        view! {
            {back}
            <ol class="history-states">{rows}</ol>
            {older}
        }
    };
    let total = move || shown.detail.with(|detail| detail.revision);
    view! {
        <section aria-labelledby="history">
            <div class="side-head">
                <h2 id="history">"History of the regions"</h2>
            </div>
            <FormNotice error=error />
            <Show
                when=move || total().is_positive()
                fallback=|| view! { <p class="muted">"Nobody has saved any regions yet."</p> }
            >
                <details
                    class="history"
                    open=move || shown.unfolded.list.get()
                    on:toggle=move |event| {
                        if let Some(open) = is_open(&event) {
                            // The page may have gone meanwhile.
                            let _ = shown.unfolded.list.try_set(open);
                        }
                    }
                >
                    <summary>{move || count(total(), "saved state", "saved states")}</summary>
                    <Suspense fallback=|| ()>
                        {move || Suspend::new(async move {
                            let signed_in = matches!(account.await, Ok(Some(_)));
                            view! { {move || states(signed_in)} }
                        })}
                    </Suspense>
                </details>
            </Show>
        </section>
    }
}
