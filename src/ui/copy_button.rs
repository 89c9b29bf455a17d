//! A button that puts a text on the clipboard.

use super::clipboard::write_to_clipboard;
use super::icons::{Glyph, Icon};
use super::notice::Tone;
use super::toast::use_toasts;
use leptos::prelude::*;

/// Copies a text, and says so. Without JavaScript it is not there.
#[component]
pub fn CopyButton(
    /// What is copied, at the beginning of a sentence: "The snippet".
    what: &'static str,
    /// The text.
    #[prop(into)]
    text: Signal<String>,
    /// What the button says.
    #[prop(default = "Copy")]
    label: &'static str,
    /// What to call the button where there are several that say the same.
    #[prop(into, optional)]
    name: Option<String>,
    /// The button's classes beside `button`.
    #[prop(default = "quiet small")]
    class: &'static str,
    /// Whether the text stands on the page, to be selected by hand where the browser does not allow copying.
    #[prop(default = true)]
    visible: bool,
) -> impl IntoView {
    let toasts = use_toasts();
    let copy = move |_| {
        leptos::task::spawn_local(async move {
            let text = text.get_untracked();
            if write_to_clipboard(&text).await {
                toasts.show(Tone::Success, format!("{what} is on the clipboard."));
            } else if !visible {
                toasts.show(Tone::Warning, format!("The browser did not allow copying. {what}: {text}"));
            } else {
                toasts.show(Tone::Warning, "The browser did not allow copying. Select the text instead.");
            }
        });
    };
    view! {
        <button class=format!("button {class} script-only") type="button" aria-label=name on:click=copy>
            <Icon glyph=Glyph::Copy />
            {label}
        </button>
    }
}
