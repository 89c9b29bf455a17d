//! A row of the list of regions.

use super::editor_colours::object_colour;
use super::editor_session::{EditorSession, RegionRow};
use super::icons::{Glyph, Icon};
use crate::editor::{Access, Command, Input, Key};
use leptos::prelude::*;

/// What the list tells each of its rows.
#[derive(Clone)]
pub struct RowState {
    /// Whether these regions are selected.
    pub selected: Selector<Vec<Key>>,
    /// Whether the pointer is over this region.
    pub hovered: Selector<Option<Key>>,
    /// Whether the Tab key comes to this row.
    pub current: Selector<Option<Key>>,
    /// Changes with what is locked and hidden.
    pub flags_version: Memo<u64>,
    /// The row that the keyboard was in last.
    pub last: RwSignal<Option<Key>>,
    /// The row that was chosen or added last: from there a range goes.
    pub anchor: RwSignal<Option<Key>>,
    /// Selects all from there to a row.
    pub choose_to: Callback<Key>,
}

/// What the ids of the buttons begin with that stand for regions.
pub const ROW_ID: &str = "region-";

/// The id of the button that stands for a region.
pub fn row_id(key: Key) -> String {
    format!("{ROW_ID}{}", key.0)
}

/// What a row calls its region's object.
pub fn name_of(object: &str) -> &str {
    if object.is_empty() { "No object yet" } else { object }
}

/// A row: choosing, pointing, deleting.
#[component]
pub fn RegionItem(
    /// The editor.
    session: EditorSession,
    /// What the viewer may do.
    access: Access,
    /// Its place in the list, from 0, and the region, which is always the same one.
    row: Memo<(usize, RegionRow)>,
    /// How many rows the list has, also those that are not in the page.
    of: Signal<usize>,
    /// What the list knows.
    state: RowState,
) -> impl IntoView {
    let key = row.with_untracked(|(_, row)| row.key);
    let place = Memo::new(move |_| row.with(|(place, _)| *place));
    let object = Memo::new(move |_| row.with(|(_, row)| row.object.clone()));
    let name = move || object.with(|object| name_of(object).to_owned());
    let kind = Memo::new(move |_| row.with(|(_, row)| row.kind.label().to_lowercase()));
    let called = move |deed: &str| format!("{deed} {}, {}", name(), kind.get());
    let RowState { selected, hovered, current, flags_version, last, anchor, choose_to } = state;
    let pressed = selected.clone();
    let size_px = Memo::new(move |_| row.with(|(_, row)| row.size_px));
    let size = move || {
        size_px.get().map(|(width, height)| {
            let size = format!("{width}×{height}");
            view! { <span class="visually-hidden">", "</span> <span class="region-size tabular">{size}</span> }
        })
    };
    // The buttons beside are reached from the row that the keyboard is in.
    let in_current = move || if current.selected(&Some(key)) { "0" } else { "-1" };
    let tab_stop = in_current.clone();
    let is_locked = Memo::new(move |_| {
        // A memo that nobody reads hears of nothing.
        flags_version.get();
        session.read(|editor| editor.is_locked(key))
    });
    let is_hidden = Memo::new(move |_| {
        flags_version.get();
        session.read(|editor| editor.is_hidden(key))
    });
    let lock = (access == Access::Write).then(|| {
        view! {
            <button
                class="icon-button region-flag"
                type="button"
                tabindex=in_current.clone()
                aria-label=move || called("Lock")
                title=move || if is_locked.get() { "Locked: nothing changes it" } else { "Lock" }
                aria-pressed=move || if is_locked.get() { "true" } else { "false" }
                on:click=move |_| session.send(Input::ToggleLock(key))
            >
                {move || view! { <Icon glyph=if is_locked.get() { Glyph::Lock } else { Glyph::Unlock } /> }}
            </button>
        }
    });
    let hide = view! {
        <button
            class="icon-button region-flag"
            type="button"
            tabindex=in_current.clone()
            aria-label=move || called("Hide")
            title=move || if is_hidden.get() { "Hidden" } else { "Hide; a double click on the name hides all others" }
            aria-pressed=move || if is_hidden.get() { "true" } else { "false" }
            on:click=move |_| session.send(Input::ToggleHide(key))
        >
            {move || view! { <Icon glyph=if is_hidden.get() { Glyph::EyeOff } else { Glyph::Eye } /> }}
        </button>
    };
    let delete = (access == Access::Write).then(|| {
        view! {
            <button
                class="icon-button region-delete"
                type="button"
                tabindex=in_current
                aria-label=move || called("Delete")
                title="Delete"
                on:click=move |_| {
                    session.send(Input::DeleteRegion(key));
                    // The button is gone; the keyboard must be somewhere.
                    session.focus_surface();
                }
            >
                <Icon glyph=Glyph::Delete />
            </button>
        }
    });
    view! {
        <li
            class="region-row"
            aria-setsize=move || of.get()
            aria-posinset=move || place.get() + 1
            class:is-selected=move || selected.selected(&vec![key])
            class:is-hovered=move || hovered.selected(&Some(key))
            class:is-pending=move || object.with(String::is_empty)
            class:is-hidden=move || is_hidden.get()
            on:pointerenter=move |_| session.send(Input::Point(Some(key)))
            on:pointerleave=move |_| session.send(Input::Point(None))
        >
            <button
                class="region-choose"
                type="button"
                id=row_id(key)
                tabindex=tab_stop
                aria-pressed=move || if pressed.selected(&vec![key]) { "true" } else { "false" }
                on:click=move |event| {
                    if event.shift_key() {
                        choose_to.run(key);
                    } else {
                        let adds = event.ctrl_key() || event.meta_key() || session.labels.adds.get_untracked();
                        anchor.set(Some(key));
                        session.send(if adds { Input::ChooseAlso(key) } else { Input::Choose(Some(key)) });
                    }
                    // After a click the keys belong to the drawing surface; whoever came by keyboard stays here.
                    if event.detail() > 0 {
                        session.focus_surface();
                    }
                }
                on:dblclick=move |_| {
                    // The clicks have chosen it; all others are hidden now, or shown again.
                    session.send(Input::Choose(Some(key)));
                    session.command(Command::Solo);
                }
                on:focus=move |_| {
                    last.set(Some(key));
                    session.send(Input::Point(Some(key)));
                }
                on:blur=move |_| session.send(Input::Point(None))
            >
                <span class="object-swatch" style:background=move || object.with(|object| object_colour(object))></span>
                <span class="region-name">{name}</span>
                <span class="visually-hidden">", "</span>
                <span class="region-kind">{move || kind.get()}</span>
                {size}
            </button>
            {lock}
            {hide}
            {delete}
        </li>
    }
}
