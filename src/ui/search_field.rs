//! The field of a form whose answer is a page with the text in its address.

use super::parameters::use_parameter;
use leptos::prelude::*;

/// What is in a field for a parameter of the address. It follows the address when that changes, and not when the page that belongs to
/// it arrives: by then, somebody may have typed on.
pub fn use_typed(name: &'static str) -> RwSignal<String> {
    let asked = use_parameter(name);
    let typed = RwSignal::new(asked.get_untracked());
    Effect::watch(move || asked.get(), move |asked, _, _| typed.set(asked.clone()), false);
    typed
}

/// A field to search by. It has a label around it, or one that is not seen.
#[component]
pub fn SearchField(
    /// What is in it, from [`use_typed`], which is called outside whatever is loaded anew.
    typed: RwSignal<String>,
    /// The parameter of the address.
    name: &'static str,
    /// As many characters are taken.
    max_length: usize,
    /// What to type, shown while there is nothing.
    placeholder: &'static str,
    /// The name of the field where nothing around it tells.
    #[prop(optional)]
    label: Option<&'static str>,
) -> impl IntoView {
    view! {
        <input
            type="search"
            name=name
            maxlength=max_length.to_string()
            placeholder=placeholder
            aria-label=label
            value=typed.get_untracked()
            prop:value=typed
            on:input:target=move |event| typed.set(event.target().value())
        />
    }
}
