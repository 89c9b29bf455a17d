//! Parts of a page that are folded away until somebody wants them. They need no script.

use leptos::prelude::*;

/// A card that shows its title, and the rest when it is opened.
#[component]
pub fn Disclosure(
    /// What it is about.
    title: &'static str,
    /// Whether it is open at first, as a form is that was refused.
    #[prop(optional)]
    open: bool,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    view! {
        <details class="card disclosure" open=open>
            <summary>{title}</summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
}
