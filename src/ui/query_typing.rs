//! Whether somebody is still writing a word of a query, so that it is too early to say what is wrong with it.

use super::query_address::as_kept;
use super::query_shared::QueryText;
use crate::model::QueryError;
use crate::query::text::position::from_utf16;
use crate::query::text::unfinished::is_unfinished;
use leptos::html::Textarea;
use leptos::prelude::*;
use std::time::Duration;

/// After a pause of so long, and the one after which pictures are asked for, a word counts as finished.
const PATIENCE: Duration = Duration::from_millis(800);

/// Where somebody types.
#[derive(Clone, Copy)]
pub struct Typing {
    area: NodeRef<Textarea>,
    /// The caret after what was typed last, in UTF-16 units, until it goes elsewhere or the patience ends.
    at: StoredValue<Option<u32>>,
    /// The byte of the text that was asked for at which the caret was; errors of the word there wait.
    held: RwSignal<Option<usize>>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl Typing {
    /// Nobody has typed yet.
    pub fn new(area: NodeRef<Textarea>) -> Self {
        let typing =
            Self { area, at: StoredValue::new(None), held: RwSignal::new(None), timer: StoredValue::new(None) };
        on_cleanup(move || typing.stop_timer());
        typing
    }

    fn stop_timer(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }

    fn caret(self) -> Option<u32> {
        self.area.try_get_untracked().flatten()?.selection_end().ok().flatten()
    }

    /// The text has changed. What was not typed into it, but came from elsewhere, has no unfinished words.
    pub fn changed(self, shared: QueryText) {
        self.stop_timer();
        self.at.set_value(if shared.writing.get_value() { None } else { self.caret() });
    }

    /// Typing has paused.
    pub fn paused(self) {
        self.stop_timer();
        self.timer.set_value(set_timeout_with_handle(move || self.finish(), PATIENCE).ok());
    }

    /// Every word is finished.
    pub fn finish(self) {
        self.stop_timer();
        self.at.try_update_value(Option::take);
        if self.held.try_with_untracked(Option::is_some) == Some(true) {
            self.held.set(None);
        }
    }

    /// The caret may have gone elsewhere, or the keyboard.
    pub fn look(self) {
        let Some(at) = self.at.get_value() else { return };
        let area = self.area.try_get_untracked().flatten();
        let is_here = area.is_some_and(|area| document().active_element().is_some_and(|active| active == **area));
        if !is_here || self.caret() != Some(at) {
            self.finish();
        }
    }

    /// The byte at which somebody is writing a text that is about to be asked for.
    pub fn asking(self) -> Option<usize> {
        let (at, area) = (self.at.get_value()?, self.area.try_get_untracked().flatten()?);
        let text = area.value();
        // An address does not keep line breaks at the start.
        Some(from_utf16(&text, at as usize).saturating_sub(text.len() - as_kept(&text).len()))
    }

    /// The answer has come: errors of the word at `caret` wait, if somebody is still writing.
    pub fn answered(self, caret: Option<usize>) {
        let held = caret.filter(|_| self.at.try_get_value().flatten().is_some());
        let _ = self.held.try_set(held);
    }

    /// The errors of a text that was asked for, without those that wait.
    pub fn ripe(self, text: &str, mut errors: Vec<QueryError>) -> Vec<QueryError> {
        if let Some(caret) = self.held.get() {
            errors.retain(|error| !is_unfinished(text, error, caret));
        }
        errors
    }
}
