//! What a query asks for, outlined on the cards of its results; and the switch that hides the outlines. The choice is remembered
//! by the browser; `public/theme.js` applies it before the first paint.

use super::density::{remember_on_root, said_by_root};
use super::editor_colours::object_colour;
use crate::model::Outline;
use leptos::prelude::*;

/// Where the browser remembers it, and what the document's element says of it.
const KEY: &str = "ocellus-outlines";
const ATTRIBUTE: &str = "data-outlines";
/// The choice for which something is written down.
const HIDDEN: &str = "hidden";

/// Outlines to be laid over the image of a card.
#[component]
pub fn CardOutlines(
    /// What is outlined.
    outlines: Vec<Outline>,
    /// Width and height of the picture in pixels.
    size: (i64, i64),
) -> impl IntoView {
    // A dark line below makes the colours visible on every picture.
    let halo: String = outlines.iter().map(|outline| outline.path.as_str()).collect();
    let line =
        |Outline { object, path }| view! { <path class="preview-line" stroke=object_colour(&object) d=path></path> };
    view! {
        <svg
            class="card-outlines"
            viewBox=format!("0 0 {} {}", size.0, size.1)
            // As the image below is fitted, which very long pictures are cropped by.
            preserveAspectRatio="xMidYMid slice"
            aria-hidden="true"
        >
            <path class="preview-halo" stroke="#000000" d=halo></path>
            {outlines.into_iter().map(line).collect_view()}
        </svg>
    }
}

/// The button that shows the outlines, or hides them.
#[component]
pub fn OutlinesSwitch() -> impl IntoView {
    let shown = RwSignal::new(true);
    Effect::new(move |_| shown.set(said_by_root(ATTRIBUTE).is_none()));
    let toggle = move |_| {
        let show = !shown.get_untracked();
        shown.set(show);
        remember_on_root(ATTRIBUTE, KEY, (!show).then_some(HIDDEN));
    };
    view! {
        <button
            class="button quiet small"
            type="button"
            aria-pressed=move || shown.get().to_string()
            title="Outline what the query asks for"
            on:click=toggle
        >
            "Outlines"
        </button>
    }
}
