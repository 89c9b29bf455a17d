//! Who may see something: in words, and as a choice.

use super::field::FieldError;
use crate::model::Visibility;
use leptos::prelude::*;

/// Who may see something, in one word that a longer one explains.
#[component]
pub fn VisibilityBadge(
    /// Who may see it.
    visibility: Visibility,
) -> impl IntoView {
    let class = match visibility {
        Visibility::Private => "badge warning",
        Visibility::Internal => "badge accent",
        Visibility::Public => "badge success",
    };
    view! {
        <span class=class title=visibility.meaning()>
            {visibility.label()}
        </span>
    }
}

/// Who shall see something, with all that it can be.
#[component]
pub fn VisibilityChoice(
    /// What is chosen.
    chosen: RwSignal<Visibility>,
    /// The most that can be chosen.
    #[prop(into)]
    most: Signal<Visibility>,
    /// Why it can be no more.
    #[prop(into)]
    reason: Signal<String>,
    /// What is wrong with it, if anything is.
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    // Without JavaScript what can be chosen cannot follow another field: then the server says what does not fit.
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    Effect::new(move |_| {
        let most = most.get();
        if chosen.get_untracked() > most {
            chosen.set(most);
        }
    });
    let begins = chosen.get_untracked();
    let choices = Visibility::ALL.iter().rev().map(|visibility| {
        let visibility = *visibility;
        let is_beyond = move || live.get() && visibility > most.get();
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="visibility"
                    value=visibility.as_str()
                    checked=visibility == begins
                    prop:checked=move || chosen.get() == visibility
                    disabled=is_beyond
                    on:change=move |_| chosen.set(visibility)
                />
                <span>
                    {visibility.label()} <span class="muted">{format!(": {}", visibility.meaning())}</span>
                </span>
            </label>
        }
    });
    view! {
        <fieldset class="visibility-choice" aria-describedby="visibility-hint visibility-error">
            <legend class="field-label">"Visibility"</legend>
            {choices.collect_view()}
            <p class="field-hint" id="visibility-hint">
                {move || reason.get()}
            </p>
            <FieldError id="visibility-error" error=error />
        </fieldset>
    }
}

/// Why a dataset can be seen by no more than so many; nothing where all of them can see it.
pub fn bound_of(namespace: &str, visibility: Visibility) -> String {
    match visibility {
        Visibility::Public => String::new(),
        visibility => format!(
            "The namespace {namespace} is {}, and nothing in it is seen by more than the namespace is.",
            visibility.as_str()
        ),
    }
}
