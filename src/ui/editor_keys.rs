//! The editor's keys: wherever the keyboard is, but in fields, below dialogs and on buttons that want the key themselves.

use super::editor_session::EditorSession;
use super::key_listener::{on_key_down, on_key_up};
use crate::editor::{Asked, Command, Editor, Input, Shortcut};
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Where every key belongs to what is there.
const TEXT_FIELDS: &str = "input:not([type=checkbox], [type=range]), textarea, select, [contenteditable]";

/// Listens to keys for as long as the editor is there, and gives its surface the keyboard when it is called for.
pub fn listen_to_keys(session: EditorSession, surface: NodeRef<html::Div>) {
    Effect::new(move |_| {
        let pressed = on_key_down(move |event| key_down(session, surface, &event));
        let released = on_key_up(move |event| match event.key().as_str() {
            " " => session.send(Input::HoldPan(false)),
            key if key.starts_with("Arrow") => session.send(Input::NudgeEnd),
            _ => {}
        });
        let left = window_event_listener(ev::blur, move |_| {
            session.send(Input::HoldPan(false));
            session.send(Input::NudgeEnd);
        });
        on_cleanup(move || {
            pressed.remove();
            released.remove();
            left.remove();
        });
    });
    Effect::new(move |_| {
        if session.surface_calls.get() > 0
            && let Some(surface) = surface.get_untracked()
        {
            // Fails only for an element that cannot be focused, which this can.
            let _ = surface.focus();
        }
    });
}

/// Whether the key belongs to an input method, which makes signs of several keys.
pub fn composes(event: &KeyboardEvent) -> bool {
    // Some browsers say so by the number only, when the last key ends it.
    event.is_composing() || event.key_code() == 229
}

/// Whether a dialog lies over everything, so that a key is not for what is behind it, wherever the keyboard is.
fn is_covered() -> bool {
    matches!(document().query_selector("dialog:modal"), Ok(Some(_)))
}

/// What was pressed: by what the key types, and by the Latin letter at its place if it types another.
fn pressed(event: &KeyboardEvent) -> [Option<Shortcut>; 2] {
    let (key, shift) = (event.key(), event.shift_key());
    let (ctrl, alt) = (event.ctrl_key() || event.meta_key(), event.alt_key());
    // AltGr is a way of typing signs. Some systems report it as Control and Alt together, and some report Alt as AltGr.
    if event.get_modifier_state("AltGraph") && ctrl == alt {
        return [Shortcut::pressed(&key, false, shift, false), None];
    }
    [Shortcut::pressed(&key, ctrl, shift, alt), Shortcut::in_latin(&key, &event.code(), ctrl, shift, alt)]
}

/// The shortcut that a person gives to a command by pressing it, unless it can be none.
pub fn shortcut_of(event: &KeyboardEvent) -> Option<Shortcut> {
    let [typed, latin] = pressed(event);
    // What a key types together with these is not what is written on it.
    let held = latin.filter(|latin| latin.ctrl || latin.alt);
    held.or(typed)
}

/// What a pressed key asks for.
pub fn asked_by(session: EditorSession, event: &KeyboardEvent) -> Option<Asked> {
    let [typed, latin] = pressed(event);
    session.labels.keymap.with_untracked(|keymap| keymap.asked_by_either(typed, latin))
}

fn key_down(session: EditorSession, surface: NodeRef<html::Div>, event: &KeyboardEvent) {
    if event.default_prevented() || composes(event) {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    let asked = asked_by(session, event);
    let works_in_fields = pressed(event).into_iter().flatten().any(Shortcut::works_in_fields);
    // Wherever the keyboard is: nobody who works here wants the browser to store the page, or to search the web.
    let everywhere = match asked {
        Some(Asked::Command(command @ (Command::Save | Command::Palette))) => {
            Some(command).filter(|command| works_in_fields && session.read(|editor| editor.can(*command)))
        }
        _ => None,
    };
    let is_covered = is_covered();
    match everywhere {
        Some(command) if !is_covered => {
            event.prevent_default();
            return session.command(command);
        }
        // What saving waits for could not be given below a dialog.
        Some(Command::Save) => {
            event.prevent_default();
            return session.send(Input::Save);
        }
        _ => {}
    }
    if within(TEXT_FIELDS) || is_covered {
        return;
    }
    let key = event.key();
    if within("button, a, summary, input") && matches!(key.as_str(), "Enter" | " ") {
        return;
    }
    let slides = key.starts_with("Arrow") || matches!(key.as_str(), "Home" | "End" | "PageUp" | "PageDown");
    if slides && within("input[type=range], .editor-said") {
        return;
    }
    if key == " " {
        event.prevent_default();
        if !session.read(Editor::aims_by_keys) {
            session.send(Input::HoldPan(true));
        } else if !event.repeat() {
            session.send(Input::PressHere);
        }
        return;
    }
    let on_surface = surface.get_untracked().is_some_and(|surface| {
        let surface: &HtmlElement = &surface;
        target.as_ref().is_some_and(|target| surface.contains(Some(target)))
    });
    // It suspends snapping; on its own it would call up the browser's menu.
    if key == "Alt" && on_surface {
        event.prevent_default();
    }
    let single = key.chars().count() == 1 && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
    if single && !on_surface && !session.single_keys.get_untracked() {
        return;
    }
    let command = match asked {
        Some(Asked::Command(command)) => command,
        Some(Asked::Letter) => {
            event.prevent_default();
            return session.pick_by_letter(key);
        }
        None => {
            // Whoever types the name of an object learns where, before a later letter is a command.
            if single && key.chars().all(char::is_alphabetic) {
                session.say_no_command(&key);
            }
            return;
        }
    };
    // Alt and an arrow mean "back" to the browser, it copies what is selected of the page, and scrolls it; the keys for that
    // are taken from it only where there is a region for them.
    let has_another_meaning = matches!(
        command,
        Command::Grow(..)
            | Command::Copy
            | Command::Cut
            | Command::BringToFront
            | Command::BringForward
            | Command::SendBackward
            | Command::SendToBack
    );
    if has_another_meaning && !session.read(|editor| editor.can(command)) {
        return;
    }
    event.prevent_default();
    // A shape that is ended with a long press is not followed by others.
    if command == Command::Finish && event.repeat() {
        return;
    }
    // Whoever came from the list to move a region goes back there.
    if command == Command::Cancel && on_surface && session.labels.return_to.with_value(Option::is_some) {
        session.send(Input::NudgeEnd);
        return session.give_keyboard_back();
    }
    session.command(command);
    if matches!(command, Command::Nudge(..)) && !on_surface && session.read(Editor::aims_by_keys) {
        // What the arrow keys have begun, Space and Enter go on with; on a button they would press that.
        session.focus_surface();
    }
}
