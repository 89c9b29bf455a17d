//! The editor's keys: wherever the keyboard is, but in fields, dialogs and on buttons that want the key themselves.

use super::editor_session::EditorSession;
use crate::editor::{Asked, Command, Input, Shortcut};
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Listens to keys for as long as the editor is there, and gives its surface the keyboard when it is called for.
pub fn listen_to_keys(session: EditorSession, surface: NodeRef<html::Div>) {
    Effect::new(move |_| {
        let pressed = window_event_listener(ev::keydown, move |event| key_down(session, surface, &event));
        let released = window_event_listener(ev::keyup, move |event| match event.key().as_str() {
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

/// What was pressed, unless that can be no shortcut.
pub fn shortcut_of(event: &KeyboardEvent) -> Option<Shortcut> {
    // Some systems report AltGr as Control and Alt; it is a way of typing signs.
    let types_sign = event.get_modifier_state("AltGraph");
    let (ctrl, alt) = (event.ctrl_key() || event.meta_key(), event.alt_key());
    Shortcut::pressed(&event.key(), ctrl && !types_sign, event.shift_key(), alt && !types_sign)
}

fn key_down(session: EditorSession, surface: NodeRef<html::Div>, event: &KeyboardEvent) {
    if event.default_prevented() || event.is_composing() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    let pressed = shortcut_of(event);
    let letters_pick = session.labels.settings.with_untracked(|settings| settings.letters_pick);
    let asked =
        pressed.and_then(|pressed| session.labels.keymap.with_untracked(|keymap| keymap.asked(pressed, letters_pick)));
    // Wherever the keyboard is: nobody who works here wants the browser to store the page, or to search the web.
    let everywhere = match asked {
        Some(Asked::Command(command @ (Command::Save | Command::Palette))) => {
            Some(command).filter(|command| session.read(|editor| editor.can(*command)))
        }
        _ => None,
    };
    if let Some(command) = everywhere.filter(|command| *command == Command::Save || !within("dialog")) {
        event.prevent_default();
        return session.command(command);
    }
    if within("input, textarea, select, dialog, [contenteditable]") {
        return;
    }
    let key = event.key();
    if within("button, a, summary") && matches!(key.as_str(), "Enter" | " ") {
        return;
    }
    if key == " " {
        event.prevent_default();
        session.send(Input::HoldPan(true));
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
        None => return,
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
    // Whoever came from the list to move a region goes back there.
    if command == Command::Cancel && on_surface && session.labels.return_to.with_value(Option::is_some) {
        session.send(Input::NudgeEnd);
        return session.give_keyboard_back();
    }
    session.command(command);
}
