//! Links to the views of a page, one of which is shown.

use leptos::prelude::*;

/// A view.
#[derive(Clone)]
pub struct Tab {
    /// Its address.
    pub href: Signal<String>,
    /// What it is called.
    pub label: String,
    /// Whether it is the one that is shown.
    pub current: Signal<bool>,
}

impl Tab {
    /// A view whose address does not change while the page is there.
    pub fn fixed(href: impl Into<String>, label: impl Into<String>, current: impl Into<Signal<bool>>) -> Self {
        Self { href: Signal::stored(href.into()), label: label.into(), current: current.into() }
    }
}

/// The links.
#[component]
pub fn Tabs(
    /// What they are links to.
    label: &'static str,
    /// The views.
    tabs: Vec<Tab>,
    /// Whether the page stays where it is scrolled to.
    #[prop(optional)]
    stays: bool,
) -> impl IntoView {
    let tabs = tabs.into_iter().map(|Tab { href, label, current }| {
        view! {
            <a
                class="tab"
                href=move || href.get()
                aria-current=move || current.get().then_some("page")
                data-noscroll=stays.then_some("")
            >
                {label}
            </a>
        }
    });
    view! {
        <nav class="tabs" aria-label=label>
            {tabs.collect_view()}
        </nav>
    }
}
