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
    /// Says a sentence; nothing once its page was left, as it may have been while an answer was under way.
    pub fn say(self, sentence: impl Into<String>) {
        let Some(second) = self.turn.try_get_untracked().map(|turn| !turn) else { return };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_take_turns() {
        let owner = Owner::new();
        owner.with(|| {
            let announcer = Announcer::default();
            let heard = || announcer.texts.map(|text| text.get_untracked());
            announcer.say("Saved");
            let first = heard();
            announcer.say("Saved");
            assert_ne!(first, heard(), "what is said again is heard again");
        });
    }

    #[test]
    fn a_page_that_was_left_says_nothing() {
        let owner = Owner::new();
        let announcer = owner.with(Announcer::default);
        owner.cleanup();
        announcer.say("Saved");
        assert_eq!(announcer.turn.try_get_untracked(), None);
    }
}
