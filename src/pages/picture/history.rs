//! The states that the regions were in: who saved which when, what changed, and the way back.

use super::{STATES, Shown, newest_states};
use crate::api::regions::Revert;
use crate::model::RevisionSummary;
use crate::model::history::{Sitting, sittings};
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

#[component]
fn State(state: RevisionSummary, newest: i64, shown: Shown, revert: Option<ServerAction<Revert>>) -> impl IntoView {
    let number = state.revision;
    let name = format!("Revision {number}");
    let name = if number == newest {
        view! { <strong>{name}</strong> }.into_any()
    } else {
        let current =
            move || shown.earlier.with(|earlier| earlier.as_ref().is_some_and(|state| state.revision == number));
        view! {
            <a
                href=format!("{}?revision={number}", shown.path())
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

/// States that somebody saved one after the other, folded into one entry.
#[component]
fn FoldedStates(sitting: Sitting, newest: i64, shown: Shown, revert: Option<ServerAction<Revert>>) -> impl IntoView {
    if sitting.earlier.is_empty() {
        return view! { <State state=sitting.last newest=newest shown=shown revert=revert /> }.into_any();
    }
    let (began, (added, changed, removed)) = (sitting.began(), sitting.changes());
    let last = &sitting.last;
    let first = sitting.earlier.last().unwrap_or(last);
    let name = format!("Revisions {}–{}", first.revision, last.revision);
    let is_newest = last.revision == newest;
    let by = last.author.as_ref().map(|author| format!(" by {author}"));
    let details = format!("{}, {}", change_text(added, changed, removed), span_text(began, last.timestamp));
    let looked_at = sitting.earlier.iter().chain([last]).map(|state| state.revision).collect::<Vec<_>>();
    // Whoever looks at one of them goes on among them.
    let open = shown
        .earlier
        .with_untracked(|earlier| earlier.as_ref().is_some_and(|state| looked_at.contains(&state.revision)));
    let states = std::iter::once(sitting.last)
        .chain(sitting.earlier)
        .map(|state| view! { <State state=state newest=newest shown=shown revert=revert /> })
        .collect_view();
    view! {
        <li class="history-sitting">
            <details open=open>
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
                <ol class="history-states">{states}</ol>
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
        if shown.earlier.with_untracked(Option::is_some) {
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
            if let Ok(states) = newest_states(shown.id).await {
                shown.history.set(states);
            }
        });
    });
    let states = move |may_revert: bool| {
        let states = shown.history.get();
        let newest = states.first().map_or(0, |state| state.revision);
        let oldest = states.last().map_or(0, |state| state.revision);
        let cut = states.len() >= STATES && oldest > 1;
        let rows = sittings(states)
            .into_iter()
            .map(|sitting| {
                view! {
                    <FoldedStates sitting=sitting newest=newest shown=shown revert=may_revert.then_some(action) />
                }
            })
            .collect_view();
        view! {
            <ol class="history-states">{rows}</ol>
            {cut.then(|| view! { <p class="muted">{format!("and {} before", count(oldest - 1, "state", "states"))}</p> })}
        }
    };
    let total = move || shown.history.with(|states| states.first().map_or(0, |state| state.revision));
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
                    open=move || shown.history_open.get()
                    on:toggle=move |event| {
                        let details = event.target().and_then(|target| target.dyn_into::<HtmlDetailsElement>().ok());
                        if let Some(details) = details {
                            // The page may have gone meanwhile.
                            let _ = shown.history_open.try_set(details.open());
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
