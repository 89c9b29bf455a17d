//! What the query page, its text editor and its builder share.

use super::announcer::Announcer;
use super::insert_text;
use super::query_address::QueryAddress;
use crate::model::QueryError;
use crate::query::text::position::to_utf16;
use crate::query::text::splice::difference;
use leptos::html::Textarea;
use leptos::prelude::*;
use web_sys::HtmlTextAreaElement;

/// The text of the page, and what is known of it.
#[derive(Clone, Copy)]
pub struct QueryText {
    /// The text as it is now.
    pub text: RwSignal<String>,
    /// The field that holds it.
    pub area: NodeRef<Textarea>,
    /// What is wrong with the text; reads a resource.
    pub errors: Signal<Vec<QueryError>>,
    /// Whether the errors belong to the text as it is now.
    pub current: Signal<bool>,
    /// What the page shows.
    pub address: Signal<QueryAddress>,
    /// How far the text is scrolled, in CSS pixels: to the right, and down.
    pub scrolled: RwSignal<(i32, i32)>,
    /// Whether the text is coloured by what lies behind it.
    pub inked: RwSignal<bool>,
    /// Whether the text is being changed from outside its field, which has the keyboard for that moment.
    pub writing: StoredValue<bool>,
    /// The text for which pictures were found last, and how often pictures were changed on this page before that.
    pub found: RwSignal<Option<(String, u32)>>,
    /// What each rule of a text does.
    pub effects: RwSignal<Option<super::query_effects::Effects>>,
    /// Into which list a rule shall be added.
    pub adding: RwSignal<Option<crate::query::text::List>>,
    /// Speaks to those who do not see the page.
    pub announcer: Announcer,
}

impl QueryText {
    /// The field, as long as it is on the page.
    pub fn field(self) -> Option<HtmlTextAreaElement> {
        self.area.try_get_untracked().flatten()
    }

    /// Makes the text another one, which the browser's undo can take back.
    pub fn write(self, text: &str) {
        let Some(area) = self.field() else { return };
        let old = area.value();
        if let Some((range, part)) = difference(&old, text) {
            self.put(&area, &old, range, part);
        }
    }

    /// Replaces a part of the text, counted in bytes.
    pub fn put(self, area: &HtmlTextAreaElement, old: &str, range: std::ops::Range<usize>, part: &str) {
        self.writing.set_value(true);
        insert_text::replace(area, to_utf16(old, range.start)..to_utf16(old, range.end), part);
        self.writing.try_update_value(|writing| *writing = false);
    }
}
