//! Links to objects.

use super::text::grouped;
use crate::model::text::path_segment;
use leptos::prelude::*;

/// The address of an object's page.
pub fn object_href(name: &str) -> String {
    format!("/object/{}", path_segment(name))
}

/// An object as a chip that leads to its page.
#[component]
pub fn ObjectLink(
    /// The object's name.
    #[prop(into)]
    name: String,
    /// A number to show beside it.
    #[prop(optional_no_strip)]
    count: Option<i64>,
) -> impl IntoView {
    let href = object_href(&name);
    view! {
        <a class="chip" href=href>
            {name}
            {count.map(|count| view! { <span class="chip-count">{grouped(count)}</span> })}
        </a>
    }
}
