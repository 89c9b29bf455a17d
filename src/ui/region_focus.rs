//! Where the keyboard is in the list of regions.

use super::editor_session::{EditorSession, RegionRow};
use super::focus;
use super::region_row::row_id;
use crate::editor::Key;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, Node};

/// The rows in the page with their places in the list.
pub type InPage = Vec<(usize, RegionRow)>;

/// Gives a row the keyboard, if it is in the page.
pub fn focus_row(key: Key) -> bool {
    // Fails only for an element that cannot be focused, which a button can.
    focus::by_id(&row_id(key)).is_some_and(|row| row.focus().is_ok())
}

/// Keeps the keyboard in the list where its row is taken out of the page, or put to another place in it: scrolling, undoing and
/// other people do that. Otherwise the next arrow key, meant for the list, would move the region.
#[derive(Clone, Copy)]
pub struct ListKeyboard {
    is_here: StoredValue<bool>,
    /// Whether the row is only being given back what it has lost.
    restores: StoredValue<bool>,
    /// The place of the row that the keyboard was in last.
    place: StoredValue<usize>,
}

impl ListKeyboard {
    /// Watches over a list. `last` is the row that the keyboard was in last.
    pub fn follow(
        session: EditorSession,
        list: NodeRef<html::Ul>,
        last: RwSignal<Option<Key>>,
        in_page: Memo<InPage>,
    ) -> Self {
        let keyboard =
            Self { is_here: StoredValue::new(false), restores: StoredValue::new(false), place: StoredValue::new(0) };
        let is_within = move |node: Option<&Node>| {
            list.try_get_untracked().flatten().is_some_and(|list| node.is_some() && list.contains(node))
        };
        Effect::new(move |_| {
            // Whoever presses beside everything has left the list, though nothing else has the keyboard.
            let pressed = window_event_listener(leptos::ev::pointerdown, move |event| {
                let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
                if !is_within(target.as_ref()) {
                    keyboard.is_here.set_value(false);
                }
            });
            on_cleanup(move || pressed.remove());
        });
        Effect::new(move |_| {
            let Some(key) = last.get() else { return };
            let place = in_page.with(|rows| rows.iter().find(|(_, row)| row.key == key).map(|(place, _)| *place));
            if let Some(place) = place {
                keyboard.place.set_value(place);
            }
            // The page shows the rows after this.
            request_animation_frame(move || {
                if keyboard.is_here.try_get_value() != Some(true) {
                    return;
                }
                if !focus::is_lost() {
                    return keyboard.is_here.set_value(is_within(document().active_element().as_deref()));
                }
                if keyboard.restore(list, key) {
                    return;
                }
                match keyboard.neighbour(in_page) {
                    Some(next) => session.labels.row_call.set(Some(next)),
                    None => session.focus_surface(),
                }
            });
        });
        keyboard
    }

    /// A row has the keyboard. Whether a person went there.
    pub fn came(self) -> bool {
        self.is_here.set_value(true);
        !self.restores.get_value()
    }

    /// A row has it no more.
    pub fn left(self, event: &FocusEvent) {
        // Where nothing else has it, it is lost, perhaps with its row.
        if event.related_target().is_some() {
            self.is_here.try_set_value(false);
        }
    }

    /// Gives a row the keyboard back, and leaves the list where it is scrolled to.
    fn restore(self, list: NodeRef<html::Ul>, key: Key) -> bool {
        let Some(list) = list.try_get_untracked().flatten() else { return false };
        let scrolled = list.scroll_top();
        self.restores.set_value(true);
        let is_there = focus_row(key);
        self.restores.set_value(false);
        list.set_scroll_top(scrolled);
        is_there
    }

    /// The row at the place of one that is gone, else the last one.
    fn neighbour(self, in_page: Memo<InPage>) -> Option<Key> {
        let place = self.place.try_get_value()?;
        in_page.try_with_untracked(|rows| {
            let row = rows.iter().find(|(at, _)| *at >= place).or_else(|| rows.last());
            row.map(|(_, row)| row.key)
        })?
    }
}
