//! Undo and redo in the text of a query, by word, and by step for what is done to it at once.

use super::key_listener::on_key_down;
use super::query_shared::QueryText;
use crate::query::text::position::to_utf16;
use crate::query::text::undo::Undo;
use leptos::ev;
use leptos::prelude::*;
use web_sys::{Event, EventTarget, InputEvent, KeyboardEvent};

/// Which way it goes.
#[derive(Clone, Copy)]
enum Way {
    Back,
    Again,
}

fn way_of(event: &KeyboardEvent) -> Option<Way> {
    if !(event.ctrl_key() || event.meta_key()) || event.alt_key() || event.is_composing() {
        return None;
    }
    // Other layouts type other letters at these places, and mean the same.
    let (key, code) = (event.key(), event.code());
    let is = |letter: &str, place: &str| key.eq_ignore_ascii_case(letter) || !key.is_ascii() && code == place;
    match event.shift_key() {
        false if is("z", "KeyZ") => Some(Way::Back),
        true if is("z", "KeyZ") => Some(Way::Again),
        false if is("y", "KeyY") => Some(Way::Again),
        _ => None,
    }
}

/// Takes down what becomes of the text from now on, and takes it back when the keys or the menu of the browser ask for it. Where
/// nothing is left to take back, the browser may know what was typed before.
pub fn keep_steps(shared: QueryText) {
    let undo = StoredValue::new(Undo::new(shared.text.get_untracked()));
    Effect::new(move |_| shared.text.with(|text| undo.update_value(|undo| undo.changed(text))));
    let go = move |way: Way| -> bool {
        let turn = undo.try_update_value(|undo| match way {
            Way::Back => undo.back(),
            Way::Again => undo.again(),
        });
        let Some((turn, area)) = turn.flatten().zip(shared.field()) else { return false };
        shared.write(&turn.text);
        let caret = u32::try_from(to_utf16(&turn.text, turn.caret)).unwrap_or(u32::MAX);
        // Fails only for fields without a caret, which this is not.
        let _ = area.set_selection_range(caret, caret);
        true
    };
    Effect::new(move |_| {
        let Some(area) = shared.area.get() else { return };
        let is_here =
            move |event: &Event| event.target().is_some_and(|target| target == *AsRef::<EventTarget>::as_ref(&area));
        let here = is_here.clone();
        let pressed = on_key_down(move |event| match way_of(&event) {
            _ if !here(&event) => {}
            Some(way) if go(way) => event.prevent_default(),
            None if is_move(&event.key()) => undo.update_value(Undo::pause),
            _ => {}
        });
        let here = is_here.clone();
        let asked = window_event_listener(ev::beforeinput, move |event: InputEvent| {
            let way = match event.input_type().as_str() {
                "historyUndo" => Way::Back,
                "historyRedo" => Way::Again,
                _ => return,
            };
            if here(&event) && go(way) {
                event.prevent_default();
            }
        });
        let clicked = window_event_listener(ev::pointerdown, move |event| {
            if is_here(&event) {
                undo.update_value(Undo::pause);
            }
        });
        on_cleanup(move || {
            pressed.remove();
            asked.remove();
            clicked.remove();
        });
    });
}

/// Whether a key takes the caret elsewhere.
fn is_move(key: &str) -> bool {
    key.starts_with("Arrow") || matches!(key, "Home" | "End" | "PageUp" | "PageDown")
}
