//! Toasts: short messages about what has just happened, which leave by themselves.

use super::icons::{Glyph, Icon};
use super::notice::Tone;
use leptos::prelude::*;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Toast {
    key: u32,
    tone: Tone,
    text: String,
}

/// Shows messages from anywhere below the layout.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: RwSignal<u32>,
}

impl Toasts {
    /// Shows a message. Failures stay until they are closed; everything else leaves after some seconds.
    pub fn show(self, tone: Tone, text: impl Into<String>) {
        self.add(tone, text.into());
    }

    fn add(self, tone: Tone, text: String) {
        let key = self.next.get_untracked();
        self.next.set(key + 1);
        self.list.update(|list| list.push(Toast { key, tone, text }));
        if tone != Tone::Danger {
            set_timeout(move || self.close(key), Duration::from_secs(6));
        }
    }

    fn close(self, key: u32) {
        self.list.update(|list| list.retain(|toast| toast.key != key));
    }
}

/// Makes [`use_toasts`] work below the calling component.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts { list: RwSignal::new(Vec::new()), next: RwSignal::new(0) };
    provide_context(toasts);
    toasts
}

/// The messages of the page that the calling component is on.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

/// Where the messages appear; the layout has one.
#[component]
pub fn ToastHost(
    /// Whose messages.
    toasts: Toasts,
) -> impl IntoView {
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list.get() key=|toast| toast.key let:toast>
                <div class=format!("toast {}", toast.tone.class())>
                    <p>{toast.text}</p>
                    <button
                        class="icon-button"
                        type="button"
                        aria-label="Close this message"
                        on:click=move |_| toasts.close(toast.key)
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </div>
            </For>
        </div>
    }
}
