//! The editor's toolbar: tools, history, view, saving.

use super::editor_session::EditorSession;
use crate::editor::{Access, Command, SaveStatus, Tool, Trouble, row_of};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// What a button is drawn as: line art on a grid of 24 units.
fn glyph(command: Command) -> &'static str {
    match command {
        Command::Use(Tool::Select) => "M5.5 3.5 18.5 11l-5.8 1.7L10 18.5Z M13 13.5l4.5 5.5",
        Command::Use(Tool::Box) => "M4.5 6.5h15v11h-15Z M3.2 5.2h2.6v2.6H3.2Z M18.2 16.2h2.6v2.6h-2.6Z",
        Command::Use(Tool::Extreme) => "M6 7.5h12v9H6Z M12 5v5 M12 14v5 M3.5 12h5 M15.5 12h5",
        Command::Use(Tool::Polygon) => "M12 3.5 20.5 10l-3.3 9.5H6.8L3.5 10Z",
        Command::Use(Tool::Polyline) => "M3.5 18.5 9 8l5.5 7.5 6-11",
        Command::Use(Tool::Point) => "M12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z M12 3v4.5 M12 16.5V21 M3 12h4.5 M16.5 12H21",
        Command::Undo => "M8.5 5 4 9.5 8.5 14 M4 9.5h10a5.5 5.5 0 0 1 0 11h-3",
        Command::Redo => "M15.5 5 20 9.5 15.5 14 M20 9.5H10a5.5 5.5 0 0 0 0 11h3",
        Command::Delete => "M4.5 6.5h15 M9.5 6.5v-2h5v2 M6.5 6.5l.8 13h9.4l.8-13 M10.2 10.5v5.5 M13.8 10.5v5.5",
        Command::ZoomIn => {
            "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z M15.2 15.2 20 20 M10.5 7.8v5.4 M7.8 10.5h5.4"
        }
        Command::ZoomOut => "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z M15.2 15.2 20 20 M7.8 10.5h5.4",
        Command::Fit => "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5 M8.5 8.5h7v7h-7Z",
        Command::OneToOne => "M5 8.5 7.5 7v10 M16.5 8.5 19 7v10 M12.2 10v.1 M12.2 14.5v.1",
        Command::Palette => "M4 6.5h16v11H4Z M7 10h.1 M10.3 10h.1 M13.7 10h.1 M17 10h.1 M8 14h8",
        Command::ToggleSnapping => "M6 4v8a6 6 0 0 0 12 0V4h-4v8a2 2 0 0 1-4 0V4Z M6 8h4 M14 8h4",
        Command::Look => {
            "M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.5S2.5 12 2.5 12Z M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z"
        }
        Command::Save => "M5 4.5h11l3.5 3.5v11.5h-15V4.5Z M8 4.5v5h7v-5 M8 19.5v-6h8v6",
        _ => "M9.3 9.2a2.8 2.8 0 1 1 4 2.6c-.9.4-1.3 1-1.3 2v.6 M12 17.3v.1 M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z",
    }
}

/// A button for a command of the table, named and explained by its row there.
#[component]
fn CommandButton(
    session: EditorSession,
    command: Command,
    /// The button of the toolbar that the Tab key comes to.
    current: RwSignal<Command>,
    /// Whether the command cannot be obeyed now. The button keeps the keyboard, where it would lose it if it were disabled.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// For buttons that stay down: whether it is.
    #[prop(into, optional)]
    pressed: Option<Signal<bool>>,
    /// Whether fingers do the same on the picture itself, so that a telephone has no room for it. The list of all commands has.
    #[prop(optional)]
    by_fingers: bool,
) -> impl IntoView {
    let row = row_of(command);
    let name = row.map_or("", |row| row.name);
    let keymap = session.labels.keymap;
    view! {
        <button
            class="editor-tool"
            class:by-fingers=by_fingers
            type="button"
            aria-label=name
            title=move || format!("{name}{}", keymap.with(|keymap| keymap.in_brackets(command)))
            aria-keyshortcuts=move || keymap.with(|keymap| keymap.aria(command))
            aria-pressed=move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" })
            aria-disabled=move || disabled.get().then_some("true")
            tabindex=move || if current.get() == command { "0" } else { "-1" }
            on:focus=move |_| current.set(command)
            on:click=move |event| {
                if !disabled.get_untracked() {
                    session.command(command);
                }
                // After a click the keys belong to the drawing surface; whoever came by keyboard stays here.
                if event.detail() > 0 && !matches!(command, Command::Shortcuts | Command::Look | Command::Palette) {
                    session.focus_surface();
                }
            }
        >
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d=glyph(command)></path>
            </svg>
        </button>
    }
}

/// Keeps the key that adds to the selection down, for those who have no such key. Only where people point with fingers.
#[component]
fn AddsButton(session: EditorSession) -> impl IntoView {
    let adds = session.labels.adds;
    view! {
        <div class="editor-tools touch-only" role="group" aria-label="Selecting">
            <button
                class="editor-tool"
                type="button"
                aria-label="Add to selection"
                title="Add to selection: tap regions, or draw a band around them"
                tabindex="-1"
                aria-pressed=move || if adds.get() { "true" } else { "false" }
                on:click=move |_| {
                    adds.update(|adds| *adds = !*adds);
                    if adds.get_untracked() {
                        session.command(Command::Use(Tool::Select));
                    }
                }
            >
                <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M4 4h9v9H4Z M11 11h9v9h-9Z M15.5 13.5v4 M13.5 15.5h4"></path>
                </svg>
            </button>
        </div>
    }
}

/// Moves the keyboard between the buttons of a toolbar, which the Tab key enters and leaves as one.
fn move_between_buttons(event: &KeyboardEvent) {
    let (Some(toolbar), Some(target)) = (
        event.current_target().and_then(|toolbar| toolbar.dyn_into::<Element>().ok()),
        event.target().and_then(|target| target.dyn_into::<Element>().ok()),
    ) else {
        return;
    };
    if event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    // Some buttons are for fingers only.
    let is_shown = |button: &HtmlElement| button.offset_parent().is_some();
    let Ok(found) = toolbar.query_selector_all("button") else { return };
    let buttons: Vec<HtmlElement> =
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).filter(is_shown).collect();
    let Some(index) = buttons.iter().position(|button| target == **button) else { return };
    let count = buttons.len();
    // On a wide screen the toolbar is a column, on a narrow one a row.
    let to = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => (index + 1) % count,
        "ArrowUp" | "ArrowLeft" => (index + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        _ => return,
    };
    event.prevent_default();
    // Fails only for an element that cannot be focused, which a button can.
    let _ = buttons[to].focus();
}

/// The toolbar.
#[component]
pub fn EditorToolbar(
    /// The editor.
    session: EditorSession,
    /// What the viewer may do.
    access: Access,
) -> impl IntoView {
    let writes = access == Access::Write;
    let panel = session.panel;
    let current = RwSignal::new(Command::Use(Tool::Select));
    // Memos, since the panel has news at every other move of the pointer, and hardly ever any for a button.
    let tools = Tool::ALL
        .into_iter()
        .filter(|tool| writes || *tool == Tool::Select)
        .map(|tool| {
            let pressed = Memo::new(move |_| panel.with(|panel| panel.tool == tool));
            view! { <CommandButton session=session command=Command::Use(tool) current=current pressed=pressed /> }
        })
        .collect_view();
    let cannot = move |able: fn(&super::editor_session::Panel) -> bool| Memo::new(move |_| !panel.with(able));
    let changes = writes.then(|| {
        view! {
            <div class="editor-tools" role="group" aria-label="Changes">
                <CommandButton session=session command=Command::Undo current=current disabled=cannot(|panel| panel.can_undo) />
                <CommandButton session=session command=Command::Redo current=current disabled=cannot(|panel| panel.can_redo) />
                <CommandButton
                    session=session
                    command=Command::Delete
                    current=current
                    disabled=cannot(|panel| panel.can_delete)
                />
                <CommandButton
                    session=session
                    command=Command::ToggleSnapping
                    current=current
                    pressed=Memo::new(move |_| panel.with(|panel| panel.snapping))
                />
            </div>
        }
    });
    view! {
        <div
            class="editor-toolbar"
            role="toolbar"
            aria-label="Tools"
            on:keydown=move |event| move_between_buttons(&event)
        >
            <div class="editor-tools" role="group" aria-label="Drawing">
                {tools}
            </div>
            {changes}
            <AddsButton session=session />
            <div class="editor-tools" role="group" aria-label="View">
                <CommandButton session=session command=Command::ZoomIn current=current by_fingers=true />
                <CommandButton session=session command=Command::ZoomOut current=current by_fingers=true />
                <CommandButton session=session command=Command::Fit current=current />
                <CommandButton session=session command=Command::OneToOne current=current by_fingers=true />
                <CommandButton session=session command=Command::Look current=current pressed=session.look_open />
            </div>
            <div class="editor-tools" role="group" aria-label="Help">
                <CommandButton session=session command=Command::Palette current=current />
                <CommandButton session=session command=Command::Shortcuts current=current />
            </div>
        </div>
    }
}

/// What a person can do where saving failed.
#[derive(Clone, Debug, PartialEq)]
enum WayOut {
    SignIn,
    Decide,
    /// Nothing but knowing why.
    Read(String),
}

/// Where saving stands, with the button that saves and what to do where saving failed.
#[component]
pub fn SaveIndicator(
    /// The editor.
    session: EditorSession,
    /// Who draws.
    #[prop(into)]
    user: String,
) -> impl IntoView {
    let status = Memo::new(move |_| session.panel.with(|panel| panel.status.clone()));
    let class = move || match status.get() {
        SaveStatus::Saved | SaveStatus::Saving(_) => "editor-status",
        SaveStatus::Unsaved(_) | SaveStatus::Pending(_) => "editor-status is-waiting",
        SaveStatus::Trouble(..) | SaveStatus::Conflicts(_) => "editor-status is-trouble",
    };
    // A button that is in use is not made anew because one more change waits, or because something is being tried once more.
    let trouble = Memo::new(move |before: Option<&Option<WayOut>>| match status.get() {
        SaveStatus::Trouble(_, Trouble::SignedOut) => Some(WayOut::SignIn),
        SaveStatus::Trouble(_, Trouble::Refused(detail)) => Some(WayOut::Read(detail)),
        SaveStatus::Conflicts(_) => Some(WayOut::Decide),
        SaveStatus::Saving(_) => before.cloned().flatten(),
        _ => None,
    });
    let way_out = move || match trouble.get() {
        Some(WayOut::SignIn) => view! {
            <button class="button small" type="button" on:click=move |_| session.sign_in_open.set(true)>
                {format!("Sign in again as {user}")}
            </button>
        }
        .into_any(),
        Some(WayOut::Read(detail)) => view! { <span class="editor-way-out">{detail}</span> }.into_any(),
        Some(WayOut::Decide) => view! {
            <button class="button small" type="button" on:click=move |_| session.conflicts_open.set(true)>
                "Decide"
            </button>
        }
        .into_any(),
        None => ().into_any(),
    };
    let unkept = move || {
        session.unkept.get().then(|| {
            view! {
                <span class="editor-way-out">
                    "This browser cannot keep a copy of unsaved work: wait for “Saved” before you leave."
                </span>
            }
        })
    };
    view! {
        <div class="editor-saving">
            <p class=class role="status" aria-label="Saving">
                {move || status.get().to_string()}
            </p>
            {way_out}
            {unkept}
            <button
                class="button small"
                type="button"
                title=move || format!("Save{}", session.labels.keymap.with(|keymap| keymap.in_brackets(Command::Save)))
                aria-keyshortcuts=move || session.labels.keymap.with(|keymap| keymap.aria(Command::Save))
                on:click=move |_| session.command(Command::Save)
            >
                "Save"
            </button>
        </div>
    }
}
