//! The list of shortcuts, where each command's keys can be changed.

use super::dialog::Dialog;
use super::editor_keys::shortcut_of;
use super::editor_labels::Labels;
use super::editor_session::EditorSession;
use super::focus::{by_id, focus_soon};
use crate::editor::{COMMANDS, Command, DRAWING_KEYS, GESTURES, LIST_KEYS, Row, Shortcut, row_of};
use crate::model::EditorSettingsChange;
use leptos::prelude::*;

/// Where the browser remembers whether single keys work everywhere.
const SINGLE_KEYS: &str = "ocellus.single-keys";

/// How far somebody is with giving a command a key.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Giving {
    /// Nobody gives keys.
    Nothing,
    /// The next key is for this command.
    Awaited(Command),
    /// The key is another command's.
    Taken { key: Shortcut, command: Command, from: Command },
}

/// Where the choice to change keys is.
const CHANGE_ID: &str = "shortcuts-change";

/// Where the button is that adds a key for a command.
fn add_id(row: &Row) -> String {
    format!("shortcut-add-{}", row.id())
}

/// The button that was pressed goes, and the keyboard must not go with it.
fn go_on_at(id: String) {
    focus_soon(move || by_id(&id));
}

fn name_of(command: Command) -> &'static str {
    row_of(command).map_or("", |row| row.name)
}

/// Every shortcut, from the table of commands.
#[component]
pub fn ShortcutsDialog(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    let labels = session.labels;
    let keymap = labels.keymap;
    let changing = RwSignal::new(false);
    let giving = RwSignal::new(Giving::Nothing);
    let news = RwSignal::new(String::new());
    Effect::new(move |_| {
        if !session.shortcuts_open.get() {
            changing.set(false);
            giving.set(Giving::Nothing);
            news.set(String::new());
        }
    });
    let change = move |change: &dyn Fn(&mut crate::editor::Keymap)| {
        let mut changed = keymap.get_untracked();
        change(&mut changed);
        session.change_settings(Labels::keys(&changed));
    };
    let go_on = |command| row_of(command).map(add_id).into_iter().for_each(go_on_at);
    let give = move |command: Command, key: Shortcut| {
        change(&|keymap| keymap.give(command, key));
        go_on(command);
        giving.set(Giving::Nothing);
        let label = keymap.with_untracked(|keymap| keymap.as_pressed(key)).label();
        news.set(format!("“{}” has the key {label} now.", name_of(command)));
    };
    let pressed = move |event: web_sys::KeyboardEvent| {
        let Giving::Awaited(command) = giving.get_untracked() else { return };
        let key = event.key();
        if matches!(key.as_str(), "Control" | "Shift" | "Alt" | "Meta" | "AltGraph" | "CapsLock") {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        giving.set(Giving::Nothing);
        if key == "Escape" {
            return news.set("No key was given.".to_owned());
        }
        let Some(key) = shortcut_of(&event) else {
            return news.set("This key cannot be used.".to_owned());
        };
        if let Some(reason) = key.refusal() {
            return news.set(format!("{} cannot be used: {reason}.", key.label()));
        }
        match keymap.with_untracked(|keymap| keymap.command(key)) {
            Some(from) if from != command => {
                giving.set(Giving::Taken { key, command, from });
                news.set(format!("{} is the key of “{}”.", key.label(), name_of(from)));
            }
            Some(_) => news.set(format!("“{}” has this key already.", name_of(command))),
            None => give(command, key),
        }
    };
    let shown_keys = move |command: Command| {
        let keys = keymap.with(|keymap| keymap.pressed_keys(command));
        keys.into_iter()
            .enumerate()
            .map(|(index, key)| view! { {(index > 0).then_some(" or ")} <kbd>{key.label()}</kbd> })
            .collect_view()
            .into_any()
    };
    let changeable_keys = move |row: &'static Row| {
        let command = row.command;
        let chips = keymap.with(|keymap| keymap.keys(command)).into_iter().map(move |key| {
            let label = keymap.with(|keymap| keymap.as_pressed(key)).label();
            let taken = label.clone();
            view! {
                <button
                    class="button small shortcut-key"
                    type="button"
                    aria-label=format!("Take {label} from {}", row.name)
                    title="Take this key away"
                    on:click=move |_| {
                        change(&|keymap| keymap.take(command, key));
                        go_on(command);
                        news.set(format!("“{}” has the key {taken} no more.", row.name));
                    }
                >
                    <kbd>{label.clone()}</kbd>
                    " ×"
                </button>
            }
        });
        let reset = keymap.with(|keymap| keymap.is_changed(command)).then(|| {
            view! {
                <button
                    class="button small"
                    type="button"
                    aria-label=format!("Reset {}", row.name)
                    on:click=move |_| {
                        change(&|keymap| keymap.reset(command));
                        go_on(command);
                        news.set(format!("“{}” has its usual keys.", row.name));
                    }
                >
                    "Reset"
                </button>
            }
        });
        view! {
            <div class="shortcut-keys">
                {chips.collect_view()}
                <button
                    class="button small"
                    type="button"
                    id=add_id(row)
                    aria-label=move || {
                        if giving.get() == Giving::Awaited(command) {
                            format!("Press the key for {}", row.name)
                        } else {
                            format!("Add a key for {}", row.name)
                        }
                    }
                    on:click=move |_| {
                        giving.set(Giving::Awaited(command));
                        news.set(format!("Press the key for “{}”, or Escape.", row.name));
                    }
                    on:keydown=pressed
                    on:blur=move |_| {
                        if giving.get_untracked() == Giving::Awaited(command) {
                            giving.set(Giving::Nothing);
                        }
                    }
                >
                    {move || if giving.get() == Giving::Awaited(command) { "Press a key…" } else { "Add" }}
                </button>
                {reset}
            </div>
        }
        .into_any()
    };
    // A long list that hardly anybody opens does not hold up every picture.
    let open = session.shortcuts_open;
    let rows = move || {
        let (open, changing) = (open.get(), changing.get());
        COMMANDS
            .iter()
            .filter(|row| open && (changing || !row.help.is_empty()))
            .map(|row| {
                let keys = move || if changing { changeable_keys(row) } else { shown_keys(row.command) };
                view! { <tr><td>{keys}</td><th scope="row">{row.name}</th><td>{row.help}</td></tr> }
            })
            .collect_view()
    };
    let gestures = move || {
        let row = |(gesture, effect): &'static (&str, &str)| {
            view! { <tr><td>{*gesture}</td><td colspan="2">{*effect}</td></tr> }
        };
        (open.get() && !changing.get())
            .then(|| GESTURES.iter().chain(DRAWING_KEYS).chain(LIST_KEYS).map(row).collect_view())
    };
    let decision = move || {
        let Giving::Taken { key, command, from } = giving.get() else { return ().into_any() };
        view! {
            <button class="button small primary" type="button" on:click=move |_| give(command, key)>
                {format!("Take it from {}", name_of(from))}
            </button>
            " "
            <button
                class="button small"
                type="button"
                on:click=move |_| {
                    giving.set(Giving::Nothing);
                    news.set(String::new());
                    go_on(command);
                }
            >
                "Leave it there"
            </button>
        }
        .into_any()
    };
    let toggle = move |_| {
        changing.update(|changing| *changing = !*changing);
        giving.set(Giving::Nothing);
        news.set(String::new());
    };
    view! {
        <Dialog open=session.shortcuts_open title="Shortcuts" id="editor-shortcuts">
            <div class="shortcuts-tools">
                <button
                    class="button small"
                    type="button"
                    id=CHANGE_ID
                    aria-pressed=move || if changing.get() { "true" } else { "false" }
                    on:click=toggle
                >
                    "Change keys"
                </button>
                <button
                    class="button small"
                    type="button"
                    hidden=move || !changing.get() || !keymap.with(|keymap| keymap.is_any_changed())
                    on:click=move |_| {
                        change(&|keymap| keymap.reset_all());
                        go_on_at(CHANGE_ID.to_owned());
                        news.set("Every command has its usual keys.".to_owned());
                    }
                >
                    "Reset all"
                </button>
                <p class="shortcuts-news" role="status">
                    {move || labels.unkept.get().unwrap_or_else(|| news.get())}
                </p>
                {decision}
            </div>
            <table class="shortcuts">
                <thead>
                    <tr>
                        <th scope="col">"Keys"</th>
                        <th scope="col">"Command"</th>
                        <th scope="col">"What it does"</th>
                    </tr>
                </thead>
                <tbody>{rows} {gestures}</tbody>
            </table>
            <KeyOptions session=session />
        </Dialog>
    }
}

/// What keys mean in general.
#[component]
fn KeyOptions(session: EditorSession) -> impl IntoView {
    let storage = || window().local_storage().ok().flatten();
    Effect::new(move |_| {
        let stored = storage().and_then(|storage| storage.get_item(SINGLE_KEYS).ok().flatten());
        session.single_keys.set(stored.as_deref() != Some("off"));
    });
    let remember = move |on: bool| {
        session.single_keys.set(on);
        if let Some(storage) = storage() {
            // Where nothing can be stored, the choice holds for this visit.
            let _ = storage.set_item(SINGLE_KEYS, if on { "on" } else { "off" });
        }
    };
    view! {
        <label class="shortcuts-switch">
            <input
                type="checkbox"
                prop:checked=move || session.single_keys.get()
                on:change:target=move |event| remember(event.target().checked())
            />
            " Single keys work outside of the drawing surface, too"
        </label>
        <label class="shortcuts-switch">
            <input
                type="checkbox"
                prop:checked=move || session.labels.settings.with(|settings| settings.letters_pick)
                on:change:target=move |event| {
                    let letters_pick = Some(event.target().checked());
                    session.change_settings(EditorSettingsChange { letters_pick, ..EditorSettingsChange::default() });
                }
            />
            " Letters pick objects; commands have theirs with Alt"
        </label>
    }
}
