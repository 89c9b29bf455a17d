//! Sentences for people who do not see the page.

use leptos::prelude::*;

/// Says sentences through live regions. A screen reader is silent where a text is replaced by the same text, so two regions
/// take turns: of every sentence one of them hears something new.
#[derive(Clone, Copy, Default)]
pub struct Announcer {
    texts: [RwSignal<String>; 2],
    turn: RwSignal<bool>,
}

impl Announcer {
    /// Says a sentence.
    pub fn say(self, sentence: impl Into<String>) {
        let second = !self.turn.get_untracked();
        self.turn.set(second);
        let [now, before] = if second { self.texts } else { [self.texts[1], self.texts[0]] };
        before.set(String::new());
        now.set(sentence.into());
    }
}

/// The live regions of an announcer; a page has them once.
#[component]
pub fn Announcements(
    /// Whose sentences.
    announcer: Announcer,
) -> impl IntoView {
    let regions = announcer
        .texts
        .into_iter()
        .map(|text| view! { <p class="visually-hidden" aria-live="polite">{move || text.get()}</p> })
        .collect_view();
    view! { {regions} }
}
