//! What was said of the picture that is open, below the editor's bar. It has to be read whole, so it is never cut off: what is long is
//! scrolled.

use leptos::prelude::*;

/// The words; nothing where there are none.
#[component]
pub fn Said(
    /// What was said.
    #[prop(into)]
    words: Signal<String>,
) -> impl IntoView {
    move || {
        let words = words.get();
        // Whoever has no pointer scrolls with the keyboard.
        (!words.is_empty()).then(|| {
            view! {
                <p class="editor-said" role="note" aria-label="What was said" tabindex="0">
                    {words}
                </p>
            }
        })
    }
}
