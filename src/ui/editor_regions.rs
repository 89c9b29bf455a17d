//! The list of a picture's regions.

use super::editor_keys::shortcut_of;
use super::editor_session::{EditorSession, RegionRow};
use super::region_row::{ROW_ID, RegionItem, RowState, row_id};
use super::windowed::Windowed;
use crate::editor::{Access, Command, Input, Key, RegionFilter, Tool};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// The list of regions: choosing, highlighting, relabelling, moving, deleting.
#[component]
pub fn RegionList(
    /// The editor.
    session: EditorSession,
    /// What the viewer may do.
    access: Access,
) -> impl IntoView {
    let filter = RwSignal::new(RegionFilter::default());
    let count = move || session.rows.with(Vec::len);
    let shown = Memo::new(move |_| {
        filter.with(|filter| {
            session.rows.with(|rows| {
                rows.iter().filter(|row| filter.fits(&row.object, row.kind)).cloned().collect::<Vec<RegionRow>>()
            })
        })
    });
    let number_shown = Signal::derive(move || shown.with(Vec::len));
    let list = NodeRef::<html::Ul>::new();
    let windowed = Windowed::new(list, number_shown);
    let selected = Memo::new(move |_| session.panel.with(|panel| panel.selected.clone()));
    let last = RwSignal::new(None::<Key>);
    // The Tab key comes to one row: where the keyboard was last, else to the selected region, else to the first.
    let current = Memo::new(move |_| {
        shown.with(|rows| {
            let is_shown = |key: &Key| rows.iter().any(|row| row.key == *key);
            let chosen = || selected.with(|selected| selected.first().copied()).filter(is_shown);
            last.get().filter(is_shown).or_else(chosen).or_else(|| rows.first().map(|row| row.key))
        })
    });
    let state = RowState {
        // Of thousands of rows, only those that change draw themselves again when others are chosen or pointed at.
        selected: Selector::new_with_fn(
            move || selected.get(),
            |of_row: &Vec<Key>, selected| of_row.iter().all(|key| selected.binary_search(key).is_ok()),
        ),
        hovered: Selector::new(move || session.panel.with(|panel| panel.hovered)),
        current: Selector::new(move || current.get()),
        flags_version: Memo::new(move |_| session.panel.with(|panel| panel.flags_version)),
        last,
    };
    Effect::new(move |_| {
        if let Some(key) = session.labels.row_call.get() {
            session.labels.row_call.set(None);
            if let Some(place) = shown.with_untracked(|rows| rows.iter().position(|row| row.key == key)) {
                windowed.reveal(place);
            }
            // The row may be drawn only after this.
            request_animation_frame(move || focus_row(session, key));
        }
    });
    let numbers = move || match filter.with(RegionFilter::is_empty) {
        true => count().to_string(),
        false => format!("{} of {}", shown.with(Vec::len), count()),
    };
    let several = move || {
        let number = selected.with(Vec::len);
        (number > 1).then(|| view! { " " <span class="editor-count">{format!("{number} selected")}</span> })
    };
    let select_matching = move |_| {
        let keys = shown.with_untracked(|rows| rows.iter().map(|row| row.key).collect());
        session.send(Input::ChooseAll(keys));
    };
    let in_page = move || {
        let range = windowed.range.get();
        let rows = shown.with(|rows| rows.get(range.clone()).map(<[_]>::to_vec).unwrap_or_default());
        range.zip(rows).collect::<Vec<_>>()
    };
    let row = move |(place, row): (usize, RegionRow)| {
        view! { <RegionItem session=session access=access row=row place=place of=number_shown state=state.clone() /> }
    };
    let on_key = move |event: KeyboardEvent| {
        if let Some(key) = focused_row(&event) {
            // Not while the list is being read: what the key does changes it.
            key_in_row(session, access, key, &shown.get_untracked(), &event);
        }
    };
    view! {
        <section class="editor-regions">
            <h2 class="editor-heading">"Regions " <span class="editor-count">{numbers}</span> {several}</h2>
            <div class="region-filter" hidden=move || count() == 0>
                <input
                    class="input"
                    type="search"
                    placeholder="Filter"
                    autocomplete="off"
                    aria-label="Filter regions by object or kind"
                    on:input:target=move |event| filter.set(RegionFilter::new(&event.target().value()))
                />
                <button
                    class="button small"
                    type="button"
                    hidden=move || filter.with(RegionFilter::is_empty)
                    disabled=move || shown.with(Vec::is_empty)
                    on:click=select_matching
                >
                    "Select all matching"
                </button>
            </div>
            <p class="visually-hidden" id="region-list-help">
                {if access == Access::Write {
                    "Arrow keys go from region to region. Enter selects, Shift and Enter adds to the selection, Delete deletes, F2 picks the object, M moves."
                } else {
                    "Arrow keys go from region to region. Enter selects, Shift and Enter adds to the selection."
                }}
            </p>
            <ul
                class="region-list"
                aria-label="Regions"
                aria-describedby="region-list-help"
                style=move || windowed.room()
                node_ref=list
                on:scroll=move |_| windowed.measure()
                on:keydown=on_key
            >
                <For each=in_page key=|(place, row)| (*place, row.clone()) children=row />
            </ul>
            <p class="editor-empty" hidden=move || count() != 0>
                {if access == Access::Write {
                    "Nothing is annotated yet. Take up a tool and draw."
                } else {
                    "Nothing is annotated yet."
                }}
            </p>
        </section>
    }
}

/// Gives a row the keyboard, or the drawing surface where it is not there any more.
fn focus_row(session: EditorSession, key: Key) {
    let row = document().get_element_by_id(&row_id(key)).and_then(|row| row.dyn_into::<HtmlElement>().ok());
    match row {
        // Fails only for an element that cannot be focused, which a button can.
        Some(row) => drop(row.focus()),
        None => session.focus_surface(),
    }
}

/// The region in whose row a key was pressed.
fn focused_row(event: &KeyboardEvent) -> Option<Key> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let row = target.closest(".region-row").ok()??.query_selector(".region-choose").ok()??;
    row.id().strip_prefix(ROW_ID)?.parse().ok().map(Key)
}

fn key_in_row(session: EditorSession, access: Access, key: Key, rows: &[RegionRow], event: &KeyboardEvent) {
    let Some(at) = rows.iter().position(|row| row.key == key) else { return };
    let on_row = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|target| target.class_list().contains("region-choose"));
    let is_selected = session.panel.with_untracked(|panel| panel.selected.binary_search(&key).is_ok());
    let writes = access == Access::Write;
    let choose = move || {
        if !is_selected {
            session.send(Input::Choose(Some(key)));
        }
    };
    let held = event.ctrl_key() || event.meta_key() || event.alt_key();
    let asked =
        shortcut_of(event).and_then(|pressed| session.labels.keymap.with_untracked(|keymap| keymap.command(pressed)));
    let to = |index: usize| rows.get(index).map(|row| row.key);
    match event.key().as_str() {
        "ArrowDown" if !held => session.labels.row_call.set(to((at + 1).min(rows.len() - 1))),
        "ArrowUp" if !held => session.labels.row_call.set(to(at.saturating_sub(1))),
        "Home" if !held => session.labels.row_call.set(to(0)),
        "End" if !held => session.labels.row_call.set(to(rows.len() - 1)),
        "Enter" | " " if on_row => {
            let adds = event.shift_key() || event.ctrl_key() || event.meta_key();
            session.send(if adds { Input::ChooseAlso(key) } else { Input::Choose(Some(key)) });
        }
        "Delete" if writes && !held => {
            let selected = session.panel.with_untracked(|panel| panel.selected.clone());
            let several = is_selected && selected.len() > 1;
            let goes = |row: &RegionRow| row.key == key || several && selected.binary_search(&row.key).is_ok();
            let stays = |row: &&RegionRow| !goes(row);
            let next = rows[at..].iter().find(stays).or_else(|| rows[..at].iter().rev().find(stays));
            let next = next.map(|row| row.key);
            if several {
                session.command(Command::Delete);
            } else {
                session.send(Input::DeleteRegion(key));
            }
            match next {
                Some(next) => session.labels.row_call.set(Some(next)),
                None => session.focus_surface(),
            }
        }
        "m" | "M" if writes && !held && session.single_keys.get_untracked() => {
            choose();
            session.labels.return_to.set_value(Some(key));
            session.command(Command::Use(Tool::Select));
            session.focus_surface();
            session
                .announcer
                .say("The arrow keys move the region, with Shift by ten pixels; Escape leads back to the list");
        }
        name if writes && (name == "F2" || asked == Some(Command::PickObject)) => {
            choose();
            session.labels.return_to.set_value(Some(key));
            session.command(Command::PickObject);
        }
        _ => match asked {
            Some(command @ (Command::BringForward | Command::SendBackward)) if writes => {
                choose();
                session.command(command);
                // A row that moves loses the keyboard.
                session.labels.row_call.set(Some(key));
            }
            _ => return,
        },
    }
    event.prevent_default();
}
