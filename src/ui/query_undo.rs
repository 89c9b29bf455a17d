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

/// Takes down what becomes of the text from now on, and takes it back when the keys or the menu of the browser ask for it. Until
/// there is anything, the browser may know what was typed before. From then on it is not asked: to the browser, what is taken back
/// here is one more change, which it would take back.
pub fn keep_steps(shared: QueryText) {
    let undo = StoredValue::new(Undo::new(shared.text.get_untracked()));
    // Half a word that an input method composes is no step.
    let composing = StoredValue::new(false);
    let take_down = move |text: &str| undo.update_value(|undo| undo.changed(text));
    Effect::new(move |_| {
        shared.text.with(|text| {
            if !composing.get_value() {
                take_down(text);
            }
        });
    });
    let go = move |way: Way| -> bool {
        let turn = undo.try_update_value(|undo| match way {
            _ if undo.is_new() => None,
            Way::Back => Some(undo.back()),
            Way::Again => Some(undo.again()),
        });
        let Some(turn) = turn.flatten() else { return false };
        let Some((turn, area)) = turn.zip(shared.field()) else { return true };
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
        let here = is_here.clone();
        let clicked = window_event_listener(ev::pointerdown, move |event| {
            if here(&event) {
                undo.update_value(Undo::pause);
            }
        });
        let here = is_here.clone();
        let begun = window_event_listener(ev::compositionstart, move |event| {
            if here(&event) {
                composing.set_value(true);
            }
        });
        let ended = window_event_listener(ev::compositionend, move |event| {
            if is_here(&event) {
                composing.set_value(false);
                shared.text.with_untracked(|text| take_down(text));
            }
        });
        on_cleanup(move || {
            for listener in [pressed, asked, clicked, begun, ended] {
                listener.remove();
            }
        });
    });
}

/// Whether a key takes the caret elsewhere.
fn is_move(key: &str) -> bool {
    key.starts_with("Arrow") || matches!(key, "Home" | "End" | "PageUp" | "PageDown")
}
