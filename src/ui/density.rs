//! How large the pictures of grids are. The choice is remembered by the browser; `public/theme.js` applies it before the
//! first paint.

use leptos::prelude::*;

/// Where the browser remembers it, and what the document's element says of it.
const KEY: &str = "ocellus-density";
const ATTRIBUTE: &str = "data-density";

/// The choices: what the document says, and what people read.
const CHOICES: [(&str, &str); 3] = [("small", "Small"), ("medium", "Medium"), ("large", "Large")];

/// The usual size, for which nothing is written down.
const USUAL: &str = "medium";

fn root() -> Option<web_sys::Element> {
    document().document_element()
}

/// What the document's element says of a choice.
pub fn said_by_root(attribute: &str) -> Option<String> {
    root()?.get_attribute(attribute)
}

/// Makes a choice known to the style sheets, and to the next page; `None` is the usual one, for which nothing is written down.
pub fn remember_on_root(attribute: &str, key: &str, choice: Option<&str>) {
    let (root, storage) = (root(), window().local_storage().ok().flatten());
    // Where nothing can be stored, the choice holds for this page.
    match choice {
        None => {
            let _ = root.map(|root| root.remove_attribute(attribute));
            let _ = storage.map(|storage| storage.remove_item(key));
        }
        Some(choice) => {
            let _ = root.map(|root| root.set_attribute(attribute, choice));
            let _ = storage.map(|storage| storage.set_item(key, choice));
        }
    }
}

/// The buttons that choose between sizes.
#[component]
pub fn DensitySwitch() -> impl IntoView {
    let chosen = RwSignal::new(USUAL.to_owned());
    Effect::new(move |_| {
        if let Some(density) = said_by_root(ATTRIBUTE) {
            chosen.set(density);
        }
    });
    let choose = move |density: &'static str| {
        chosen.set(density.to_owned());
        remember_on_root(ATTRIBUTE, KEY, Some(density).filter(|density| *density != USUAL));
    };
    let buttons = CHOICES.map(|(density, name)| {
        view! {
            <button
                class="button quiet small"
                type="button"
                aria-pressed=move || chosen.with(|chosen| chosen == density).to_string()
                on:click=move |_| choose(density)
            >
                {name}
            </button>
        }
    });
    view! {
        <div class="density" role="group" aria-label="Size of the pictures">
            {buttons.collect_view()}
        </div>
    }
}
