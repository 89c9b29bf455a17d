//! The list of a picture's regions.

use super::editor_colours::object_colour;
use super::editor_session::{EditorSession, RegionRow};
use super::icons::{Glyph, Icon};
use super::windowed::Windowed;
use crate::editor::{Access, Input, Key};
use leptos::html;
use leptos::prelude::*;

/// The list of regions: choosing, highlighting, deleting.
#[component]
pub fn RegionList(
    /// The editor.
    session: EditorSession,
    /// What the viewer may do.
    access: Access,
) -> impl IntoView {
    let count = move || session.rows.with(Vec::len);
    let selected = Memo::new(move |_| session.panel.with(|panel| panel.selected.clone()));
    let several = move || {
        let number = selected.with(Vec::len);
        (number > 1).then(|| view! { " " <span class="editor-count">{format!("{number} selected")}</span> })
    };
    // Of thousands of rows, only those that change draw themselves again when others are chosen or pointed at.
    let is_selected = Selector::new_with_fn(
        move || selected.get(),
        |of_row: &Vec<Key>, selected| of_row.iter().all(|key| selected.binary_search(key).is_ok()),
    );
    let hovered = Selector::new(move || session.panel.with(|panel| panel.hovered));
    let list = NodeRef::<html::Ul>::new();
    let windowed = Windowed::new(list, Signal::derive(count));
    let in_page = move || {
        let range = windowed.range.get();
        let rows = session.rows.with(|rows| rows.get(range.clone()).map(<[_]>::to_vec).unwrap_or_default());
        range.zip(rows).collect::<Vec<_>>()
    };
    let row = move |(index, row): (usize, RegionRow)| {
        let RegionRow { key, object, kind } = row;
        let (chosen, pressed, pointed_at) = (is_selected.clone(), is_selected.clone(), hovered.clone());
        let kind = kind.label().to_lowercase();
        let name = if object.is_empty() { "No object yet".to_owned() } else { object.clone() };
        let delete = (access == Access::Write).then(|| {
            view! {
                <button
                    class="icon-button region-delete"
                    type="button"
                    aria-label=format!("Delete {name}, {kind}")
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
                aria-setsize=count
                aria-posinset=index + 1
                class:is-selected=move || chosen.selected(&vec![key])
                class:is-hovered=move || pointed_at.selected(&Some(key))
                class:is-pending=object.is_empty()
                on:pointerenter=move |_| session.send(Input::Point(Some(key)))
                on:pointerleave=move |_| session.send(Input::Point(None))
            >
                <button
                    class="region-choose"
                    type="button"
                    aria-pressed=move || if pressed.selected(&vec![key]) { "true" } else { "false" }
                    on:click=move |event| {
                        let adds = event.shift_key() || event.ctrl_key() || event.meta_key();
                        session.send(if adds { Input::ChooseAlso(key) } else { Input::Choose(Some(key)) });
                        // After a click the keys belong to the drawing surface; whoever came by keyboard stays here.
                        if event.detail() > 0 {
                            session.focus_surface();
                        }
                    }
                    on:focus=move |_| session.send(Input::Point(Some(key)))
                    on:blur=move |_| session.send(Input::Point(None))
                >
                    <span class="object-swatch" style:background=object_colour(&object)></span>
                    <span class="region-name">{name.clone()}</span>
                    <span class="region-kind">{kind.clone()}</span>
                </button>
                {delete}
            </li>
        }
    };
    view! {
        <section class="editor-regions">
            <h2 class="editor-heading">"Regions " <span class="editor-count">{count}</span> {several}</h2>
            <ul
                class="region-list"
                aria-label="Regions"
                style=move || windowed.room()
                node_ref=list
                on:scroll=move |_| windowed.measure()
            >
                <For each=in_page key=|(index, row)| (*index, row.key, row.object.clone()) children=row />
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
