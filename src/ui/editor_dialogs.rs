//! The editor's dialogs: the list of shortcuts, and the decision about conflicts.

use super::dialog::Dialog;
use super::editor_session::EditorSession;
use crate::editor::{COMMANDS, Choice, Conflict, GESTURES, Input, Row};
use crate::model::region::{Rect, Region};
use leptos::prelude::*;

/// Where the browser remembers whether single keys work everywhere.
const SINGLE_KEYS: &str = "ocellus.single-keys";

/// Every shortcut, from the table of commands.
#[component]
pub fn ShortcutsDialog(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
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
    let keys = |row: &'static Row| {
        row.keys
            .iter()
            .enumerate()
            .map(|(index, key)| view! { {(index > 0).then_some(" or ")} <kbd>{key.label()}</kbd> })
            .collect_view()
    };
    let commands = COMMANDS
        .iter()
        .filter(|row| !row.help.is_empty())
        .map(|row| view! { <tr><td>{keys(row)}</td><th scope="row">{row.name}</th><td>{row.help}</td></tr> })
        .collect_view();
    let gestures = GESTURES
        .iter()
        .map(|(gesture, effect)| view! { <tr><td>{*gesture}</td><td colspan="2">{*effect}</td></tr> })
        .collect_view();
    view! {
        <Dialog open=session.shortcuts_open title="Shortcuts" id="editor-shortcuts">
            <table class="shortcuts">
                <thead>
                    <tr>
                        <th scope="col">"Keys"</th>
                        <th scope="col">"Command"</th>
                        <th scope="col">"What it does"</th>
                    </tr>
                </thead>
                <tbody>{commands} {gestures}</tbody>
            </table>
            <label class="shortcuts-switch">
                <input
                    type="checkbox"
                    prop:checked=move || session.single_keys.get()
                    on:change:target=move |event| remember(event.target().checked())
                />
                " Single keys work outside of the drawing surface, too"
            </label>
        </Dialog>
    }
}

/// Lets a person decide what cannot be merged.
#[component]
pub fn ConflictsDialog(
    /// The editor.
    session: EditorSession,
) -> impl IntoView {
    let conflicts = Memo::new(move |_| {
        // Read again whenever the panels have news: deciding one conflict changes the status.
        session.panel.track();
        session.read(|editor| editor.conflicts().to_vec())
    });
    let decide = move |conflict: &Conflict, choice: Choice| {
        session.send(Input::Resolve(conflict.key, choice));
        if session.read(|editor| editor.conflicts().is_empty()) {
            session.conflicts_open.set(false);
        }
    };
    let decide_all = move |choice: Choice| {
        for conflict in conflicts.get_untracked() {
            decide(&conflict, choice);
        }
    };
    let item = move |conflict: Conflict| {
        let (for_mine, for_theirs) = (conflict.clone(), conflict.clone());
        let name =
            conflict.mine.as_ref().or(conflict.theirs.as_ref()).map(|region| region.object.clone()).unwrap_or_default();
        view! {
            <li class="conflict">
                <p class="conflict-name">{name.clone()}</p>
                <p>"Yours: " {in_words(conflict.mine.as_ref())}</p>
                <p>"Theirs: " {in_words(conflict.theirs.as_ref())}</p>
                <div class="cluster">
                    <button
                        class="button small"
                        type="button"
                        aria-label=format!("Keep mine: {name}")
                        on:click=move |_| decide(&for_mine, Choice::Mine)
                    >
                        "Keep mine"
                    </button>
                    <button
                        class="button small"
                        type="button"
                        aria-label=format!("Take theirs: {name}")
                        on:click=move |_| decide(&for_theirs, Choice::Theirs)
                    >
                        "Take theirs"
                    </button>
                </div>
            </li>
        }
    };
    view! {
        <Dialog open=session.conflicts_open title="Somebody else changed the same regions" id="editor-conflicts">
            <p>"Both of you changed these regions since you last saved. Everything else has been merged."</p>
            <ul class="conflicts">{move || conflicts.get().into_iter().map(item).collect_view()}</ul>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| decide_all(Choice::Theirs)>
                    "Take all of theirs"
                </button>
                <button class="button primary" type="button" on:click=move |_| decide_all(Choice::Mine)>
                    "Keep all of mine"
                </button>
            </div>
        </Dialog>
    }
}

/// A region for a person to recognise: its object, kind, and place in percent of the picture.
fn in_words(region: Option<&Region>) -> String {
    let Some(region) = region else { return "deleted".to_owned() };
    let Rect { x, y, w, h } = region.shape.bounds();
    let percent = |part: f64| (part * 100.0).round();
    format!(
        "{} ({}), {} % from the left, {} % from the top, {} × {} %",
        region.object,
        region.shape.kind().label().to_lowercase(),
        percent(x),
        percent(y),
        percent(w),
        percent(h),
    )
}
