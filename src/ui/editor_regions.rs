//! The list of a picture's regions.

use super::editor_keys::{asked_by, composes};
use super::editor_session::{EditorSession, RegionRow};
use super::focus;
use super::region_focus::{InPage, ListKeyboard, focus_row};
use super::region_row::{ROW_ID, RegionItem, RowState};
use super::windowed::Windowed;
use crate::editor::{Access, Asked, Command, Input, Key, RegionFilter, Tool, rows_between};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent};

/// The list of regions: choosing, highlighting, relabelling, moving, deleting.
#[component]
pub fn RegionList(
    /// The editor.
    session: EditorSession,
    /// What the viewer may do.
    access: Access,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let filter = Memo::new(move |_| typed.with(|typed| RegionFilter::new(typed)));
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
    let anchor = RwSignal::new(None::<Key>);
    let choose_to = Callback::new(move |key: Key| {
        let rows: Vec<Key> = shown.with_untracked(|rows| rows.iter().map(|row| row.key).collect());
        let from = anchor.get_untracked().or_else(|| selected.with_untracked(|selected| selected.first().copied()));
        session.send(Input::ChooseAll(rows_between(&rows, from, key)));
    });
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
        anchor,
        choose_to,
    };
    // The next picture begins at the top, without a filter.
    Effect::new(move |_| {
        session.visits.track();
        typed.set(String::new());
        last.set(None);
        anchor.set(None);
        windowed.to_top();
    });
    let place_of = move |key: Key| shown.with_untracked(|rows| rows.iter().position(|row| row.key == key));
    Effect::new(move |_| {
        if let Some(key) = session.labels.row_call.get() {
            session.labels.row_call.set(None);
            if let Some(place) = place_of(key) {
                windowed.reveal(place);
            }
            // What is pressed next is meant for the row.
            let is_there = focus_row(key);
            // It may be drawn, or put to another place, only after this.
            request_animation_frame(move || {
                if (!is_there || focus::is_lost()) && !focus_row(key) {
                    session.focus_surface();
                }
            });
        }
    });
    // A region that was chosen on the picture is shown in the list. What lies under the pointer does not move.
    Effect::new(move |_| {
        let chosen = selected.with(|selected| match selected[..] {
            [key] => Some(key),
            _ => None,
        });
        let is_pointed_at = || list.get_untracked().is_some_and(|list| list.matches(":hover").unwrap_or(false));
        if let Some(place) = chosen.and_then(place_of).filter(|_| !is_pointed_at()) {
            windowed.reveal(place);
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
    // The rows in the page with their places: those around the view, and the one that the Tab key comes to.
    let in_page = Memo::new(move |_| {
        let range = windowed.range.get();
        shown.with(|rows| {
            let current = current.get().and_then(|key| rows.iter().position(|row| row.key == key));
            let (above, below) = (current.filter(|at| *at < range.start), current.filter(|at| *at >= range.end));
            let places = above.into_iter().chain(range.clone()).chain(below);
            places.filter_map(|at| Some((at, rows.get(at)?.clone()))).collect::<InPage>()
        })
    });
    let room = move || {
        let range = windowed.range.get();
        let is_away = |row: Option<&(usize, RegionRow)>| row.is_some_and(|(at, _)| !range.contains(at));
        let (above, below) = in_page.with(|rows| (is_away(rows.first()), is_away(rows.last())));
        windowed.room(usize::from(above), usize::from(below))
    };
    let row = move |(place, row): (usize, RegionRow)| {
        let key = row.key;
        let now = Memo::new(move |before: Option<&(usize, RegionRow)>| {
            let found = in_page.with(|rows| rows.iter().find(|(_, row)| row.key == key).cloned());
            // A row that goes is drawn once more.
            found.or_else(|| before.cloned()).unwrap_or_else(|| (place, row.clone()))
        });
        view! { <RegionItem session=session access=access row=now of=number_shown state=state.clone() /> }
    };
    let keyboard = ListKeyboard::follow(session, list, last, in_page);
    let on_key = move |event: KeyboardEvent| {
        if let Some(key) = focused_row(&event) {
            // Not while the list is being read: what the key does changes it.
            key_in_row(session, access, key, &shown.get_untracked(), anchor, &event);
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
                    prop:value=move || typed.get()
                    on:input:target=move |event| typed.set(event.target().value())
                    on:keydown=move |event| {
                        if event.key() != "Escape" || composes(&event) {
                            return;
                        }
                        event.prevent_default();
                        if typed.with_untracked(String::is_empty) {
                            session.focus_surface();
                        } else {
                            typed.set(String::new());
                        }
                    }
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
                class="region-list is-windowed"
                aria-label="Regions"
                aria-describedby="region-list-help"
                style=room
                node_ref=list
                on:scroll=move |_| windowed.measure()
                on:keydown=on_key
                on:focusin=move |_| {
                    if keyboard.came() {
                        // Whoever comes to a row that is scrolled out of sight sees it where its place is.
                        let is_away = |place: &usize| !windowed.range.with_untracked(|range| range.contains(place));
                        if let Some(place) = last.get_untracked().and_then(place_of).filter(is_away) {
                            windowed.reveal(place);
                        }
                    }
                }
                on:focusout=move |event| keyboard.left(&event)
            >
                <For each=move || in_page.get() key=|(_, row)| row.key children=row />
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

/// The region in whose row a key was pressed.
fn focused_row(event: &KeyboardEvent) -> Option<Key> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let row = target.closest(".region-row").ok()??.query_selector(".region-choose").ok()??;
    row.id().strip_prefix(ROW_ID)?.parse().ok().map(Key)
}

fn key_in_row(
    session: EditorSession,
    access: Access,
    key: Key,
    rows: &[RegionRow],
    anchor: RwSignal<Option<Key>>,
    event: &KeyboardEvent,
) {
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
    let is_allowed = held || event.key().chars().count() > 1 || session.single_keys.get_untracked();
    let command = match asked_by(session, event) {
        Some(Asked::Command(command)) if is_allowed => Some(command),
        _ => None,
    };
    // The key of another command in the table, unless a person has given it to a third one, or to letters.
    let letters_pick = session.labels.settings.with_untracked(|settings| settings.letters_pick);
    let moves = matches!(event.key().as_str(), "m" | "M")
        && !(event.ctrl_key() || event.meta_key())
        && (command == Some(Command::Unite) || is_allowed && !held && !letters_pick && command.is_none());
    let to = |index: usize| rows.get(index).map(|row| row.key);
    match event.key().as_str() {
        "ArrowDown" if !held => session.labels.row_call.set(to((at + 1).min(rows.len() - 1))),
        "ArrowUp" if !held => session.labels.row_call.set(to(at.saturating_sub(1))),
        "Home" if !held => session.labels.row_call.set(to(0)),
        "End" if !held => session.labels.row_call.set(to(rows.len() - 1)),
        "Enter" | " " if on_row => {
            let adds = event.shift_key() || event.ctrl_key() || event.meta_key();
            anchor.set(Some(key));
            session.send(if adds { Input::ChooseAlso(key) } else { Input::Choose(Some(key)) });
        }
        _ if writes && command == Some(Command::Delete) => {
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
        _ if writes && moves => {
            choose();
            session.labels.return_to.set_value(Some(key));
            session.command(Command::Use(Tool::Select));
            session.focus_surface();
            session
                .announcer
                .say("The arrow keys move the region, with Shift by ten pixels; Escape leads back to the list");
        }
        name if writes && (command == Some(Command::PickObject) || name == "F2" && command.is_none()) => {
            choose();
            session.labels.return_to.set_value(Some(key));
            session.command(Command::PickObject);
        }
        _ => match command {
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
