//! Licences in short.

use crate::model::licence::short_name;
use leptos::prelude::*;

/// A licence as a small label that leads to its page.
#[component]
pub fn LicenceBadge(
    /// Id of the licence.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let name = short_name(&id);
    view! {
        <a class="badge" href=format!("/licence/{}", crate::model::text::path_segment(&id)) title=format!("Licence: {id}")>
            {name}
        </a>
    }
}

/// Whether a licence grants the Four Freedoms.
#[component]
pub fn FreedomBadge(
    /// Whether it does.
    free: bool,
) -> impl IntoView {
    let (class, word) = if free { ("badge success", "Free") } else { ("badge", "Restricted") };
    view! { <span class=class>{word}</span> }
}
