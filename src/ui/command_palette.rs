//! Every command by its name, for those who do not remember its key.

use super::dialog::Dialog;
use super::editor_keys::composes;
use super::editor_session::EditorSession;
use crate::editor::{Command, Row, Shortcut, find_commands};
use leptos::html;
use leptos::prelude::*;

/// The command palette.
#[component]
pub fn CommandPalette(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    let open = session.labels.palette_open;
    let input = NodeRef::<html::Input>::new();
    let typed = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    // Whether a command can be obeyed does not change while the palette is open.
    let rows = Memo::new(move |_| {
        let rows = if open.get() { typed.with(|typed| find_commands(typed)) } else { Vec::new() };
        rows.into_iter().map(|row| row.command).collect::<Vec<Command>>()
    });
    let refused = RwSignal::new(None::<&'static str>);
    Effect::new(move |_| {
        if open.get() {
            typed.set(String::new());
            active.set(0);
            refused.set(None);
            if let Some(input) = input.get_untracked() {
                input.set_value("");
            }
        }
    });
    let able = move |command: Command| session.read(|editor| editor.can(command));
    let obey = move |command: Command| {
        let Some(row) = crate::editor::row_of(command) else { return };
        if !able(command) {
            return refused.set(Some(row.name));
        }
        open.set(false);
        // The dialog gives the keyboard back first, so that a command can pass it on.
        request_animation_frame(move || {
            session.focus_surface();
            session.command(command);
        });
    };
    let go_to = move |index: usize| {
        active.set(index);
        refused.set(None);
        super::editor_picker::scroll_to_option(format!("palette-option-{index}"));
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        if composes(&event) {
            return;
        }
        let count = rows.with_untracked(Vec::len);
        let at = active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => go_to((at + 1) % count),
            "ArrowUp" if count > 0 => go_to((at + count - 1) % count),
            "Enter" => {
                if let Some(command) = rows.with_untracked(|rows| rows.get(at).copied()) {
                    obey(command);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    let option = move |(index, command): (usize, Command)| {
        let row: Option<&'static Row> = crate::editor::row_of(command);
        let keys = session.labels.keymap.with(|keymap| keymap.pressed_keys(command));
        let keys = keys.iter().map(Shortcut::label).map(|key| view! { <kbd>{key}</kbd> " " }).collect_view();
        view! {
            <li
                id=format!("palette-option-{index}")
                class="palette-option"
                role="option"
                aria-selected=move || if active.get() == index { "true" } else { "false" }
                aria-disabled=(!able(command)).then_some("true")
                on:mousedown=move |event| event.prevent_default()
                on:pointermove=move |_| active.set(index)
                on:click=move |_| obey(command)
            >
                <span class="palette-name">{row.map(|row| row.name)}</span>
                <span class="palette-keys">{keys}</span>
                <span class="palette-help">{row.map(|row| row.help)}</span>
            </li>
        }
    };
    view! {
        <Dialog open=open title="All commands" id="editor-palette">
            <input
                class="input palette-input"
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                placeholder="What shall be done?"
                aria-label="Command"
                aria-autocomplete="list"
                aria-expanded="true"
                aria-controls="editor-palette-list"
                aria-activedescendant=move || {
                    (active.get() < rows.with(Vec::len)).then(|| format!("palette-option-{}", active.get()))
                }
                // The dialog gives it the keyboard when it opens.
                autofocus
                node_ref=input
                on:input:target=move |event| {
                    typed.set(event.target().value());
                    active.set(0);
                    refused.set(None);
                }
                on:keydown=on_key
            />
            <p class="palette-refused" role="status">
                {move || match refused.get() {
                    Some(name) => format!("“{name}” cannot be done now."),
                    None if rows.with(Vec::is_empty) && open.get() => "There is no such command.".to_owned(),
                    None => String::new(),
                }}
            </p>
            <ul class="palette-list" id="editor-palette-list" role="listbox" aria-label="Commands">
                {move || rows.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
        </Dialog>
    }
}
