//! The drawing surface: with the files below it, the only one that talks to a canvas.
//!
//! Pointer, wheel and key events become the editor's [`Input`]s; the editor's scene becomes lines on three canvases, one
//! above the other, of which each is drawn again only when the editor says that it looks different.

mod outlines;
mod painter;

use super::editor_session::EditorSession;
use crate::editor::{Button, Command, Cursor, Input, Layers, Pointer, WheelEvent, WheelReader, command_for};
use crate::geometry::{ScreenPoint, Size};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use painter::Painter;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// The drawing surface of an editor.
#[component]
pub fn Canvas(
    /// The editor.
    session: EditorSession,
    /// The picture as it stands in the page: shown until the canvases take over, and drawn from then on.
    picture: NodeRef<html::Img>,
    /// What stands in the page until the canvases take over.
    children: Children,
) -> impl IntoView {
    let surface = NodeRef::<html::Div>::new();
    let layers: [NodeRef<html::Canvas>; 3] = std::array::from_fn(|_| NodeRef::new());
    let live = RwSignal::new(false);
    Effect::new(move |_| {
        let (Some(surface), Some(picture)) = (surface.get(), picture.get()) else { return };
        let canvases = layers.map(|layer| layer.get());
        let [Some(bottom), Some(middle), Some(top)] = canvases else { return };
        let Some(painter) = Painter::new([bottom, middle, top], picture) else { return };
        wake(session, surface.into(), Rc::new(painter));
        live.set(true);
    });
    listen_to_keys(session, surface);

    let fingers = StoredValue::new(Fingers::default());
    let wheel = StoredValue::new(WheelReader::default());
    let tell = move |input: Option<Option<Input>>| {
        if let Some(input) = input.flatten() {
            session.send(input);
        }
    };
    let locate = move |event: &web_sys::MouseEvent| place_on(surface, event);
    let down = move |event: web_sys::PointerEvent| {
        let Some(at) = locate(&event) else { return };
        let button = match event.button() {
            0 => Button::Primary,
            1 => Button::Middle,
            _ => return,
        };
        if let Some(surface) = surface.get() {
            // Fails only for a pointer that is gone already.
            let _ = surface.set_pointer_capture(event.pointer_id());
        }
        if !is_touch(&event) {
            session.send(Input::Press(mouse(&event, at), button));
        } else {
            tell(fingers.try_update_value(|fingers| fingers.down(event.pointer_id(), at)));
        }
    };
    let moved = move |event: web_sys::PointerEvent| {
        let Some(at) = locate(&event) else { return };
        if !is_touch(&event) {
            session.send(Input::Move(mouse(&event, at)));
        } else {
            tell(fingers.try_update_value(|fingers| fingers.moved(event.pointer_id(), at)));
        }
    };
    let up = move |event: web_sys::PointerEvent| {
        let Some(at) = locate(&event) else { return };
        if !is_touch(&event) {
            session.send(Input::Release(mouse(&event, at)));
        } else {
            tell(fingers.try_update_value(|fingers| fingers.up(event.pointer_id(), at)));
        }
    };
    let cancelled = move |event: web_sys::PointerEvent| {
        fingers.update_value(|fingers| fingers.forget(event.pointer_id()));
        session.send(Input::Interrupt);
    };
    let double = move |event: web_sys::MouseEvent| {
        if let Some(at) = locate(&event) {
            session.send(Input::DoubleClick(Pointer::mouse(at)));
        }
    };
    let turned = move |event: web_sys::WheelEvent| {
        event.prevent_default();
        let Some(at) = locate(&event) else { return };
        let turn = WheelEvent {
            delta: ScreenPoint::new(event.delta_x(), event.delta_y()),
            in_lines: event.delta_mode() != web_sys::WheelEvent::DOM_DELTA_PIXEL,
            ctrl: event.ctrl_key() || event.meta_key(),
            shift: event.shift_key(),
            time_ms: event.time_stamp(),
        };
        if let Some(meaning) = wheel.try_update_value(|reader| reader.read(turn)) {
            session.send(Input::Wheel(at, meaning));
        }
    };
    let cursor = Memo::new(move |_| session.panel.with(|panel| css_cursor(panel.cursor)));
    let [bottom, middle, top] = layers;
    view! {
        <div
            class="editor-surface"
            class:is-live=move || live.get()
            role="application"
            aria-label="Annotation canvas"
            aria-describedby="editor-canvas-help"
            tabindex="0"
            style:cursor=move || cursor.get()
            node_ref=surface
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=cancelled
            on:pointerleave=move |_| session.send(Input::Leave)
            on:mousedown=move |event| {
                // The middle button would start the browser's own scrolling.
                if event.button() == 1 {
                    event.prevent_default();
                }
            }
            on:dblclick=double
            on:wheel=turned
        >
            {children()}
            <canvas class="editor-layer" aria-hidden="true" node_ref=bottom></canvas>
            <canvas class="editor-layer" aria-hidden="true" node_ref=middle></canvas>
            <canvas class="editor-layer" aria-hidden="true" node_ref=top></canvas>
        </div>
    }
}

/// Connects the painter to the editor: draws when there is something to draw, and follows the size of the surface.
fn wake(session: EditorSession, surface: Element, painter: Rc<Painter>) {
    let frame_requested = Rc::new(Cell::new(false));
    let painter_of_frames = painter.clone();
    Effect::new(move |_| {
        if !session.redraw.get().any() || frame_requested.replace(true) {
            return;
        }
        let (painter, frame_requested) = (painter_of_frames.clone(), frame_requested.clone());
        request_animation_frame(move || {
            frame_requested.set(false);
            let Some(layers) = session.redraw.try_update_untracked(std::mem::take) else { return };
            session.read(|editor| painter.paint(editor, layers));
        });
    });

    let measured = surface.clone();
    let on_resize = Closure::<dyn FnMut()>::new(move || {
        session.send(Input::Resize(Size::new(f64::from(measured.client_width()), f64::from(measured.client_height()))));
        session.redraw.set(Layers::ALL);
    });
    let on_load = {
        let redraw = session.redraw;
        Closure::<dyn FnMut()>::new(move || redraw.set(Layers::ALL))
    };
    // Adding a listener to an element that exists cannot fail.
    let _ = painter.picture().add_event_listener_with_callback("load", on_load.as_ref().unchecked_ref());
    let observer = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(&surface);
    }
    // Kept as long as the page, because the browser calls them from outside.
    let kept = StoredValue::new_local((observer, on_resize, on_load, painter));
    on_cleanup(move || {
        kept.try_with_value(|(observer, _, on_load, painter)| {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            let _ = painter.picture().remove_event_listener_with_callback("load", on_load.as_ref().unchecked_ref());
        });
    });
}

/// The place of an event on the surface, with the fractions of a pixel that web-sys would cut off.
fn place_on(surface: NodeRef<html::Div>, event: &web_sys::MouseEvent) -> Option<ScreenPoint> {
    let edges = surface.get_untracked()?.get_bounding_client_rect();
    let exact = |name: &str| js_sys::Reflect::get(event, &name.into()).ok()?.as_f64();
    Some(ScreenPoint::new(exact("clientX")? - edges.left(), exact("clientY")? - edges.top()))
}

/// A mouse or pen with the keys that are held.
fn mouse(event: &web_sys::PointerEvent, at: ScreenPoint) -> Pointer {
    let edges = event.ctrl_key() || event.meta_key();
    Pointer { adds: event.shift_key(), free: event.alt_key(), edges, ..Pointer::mouse(at) }
}

fn is_touch(event: &web_sys::PointerEvent) -> bool {
    event.pointer_type() == "touch"
}

/// The fingers on the surface. One finger is a pointer; two zoom and move the picture until both have left.
#[derive(Clone, Debug, Default)]
struct Fingers {
    down: Vec<(i32, ScreenPoint)>,
    pinching: bool,
}

impl Fingers {
    fn down(&mut self, id: i32, at: ScreenPoint) -> Option<Input> {
        self.down.push((id, at));
        match self.down.len() {
            1 => Some(Input::Press(Pointer::touch(at), Button::Primary)),
            2 if !self.pinching => {
                self.pinching = true;
                Some(Input::Interrupt)
            }
            _ => None,
        }
    }

    fn moved(&mut self, id: i32, at: ScreenPoint) -> Option<Input> {
        let index = self.down.iter().position(|(known, _)| *known == id)?;
        if !self.pinching {
            self.down[index].1 = at;
            return Some(Input::Move(Pointer::touch(at)));
        }
        let [(_, first), (_, second), ..] = self.down[..] else { return None };
        self.down[index].1 = at;
        let [(_, first_now), (_, second_now), ..] = self.down[..] else { return None };
        Some(Input::Pinch { before: [first, second], after: [first_now, second_now] })
    }

    fn up(&mut self, id: i32, at: ScreenPoint) -> Option<Input> {
        let was_pinching = self.pinching;
        self.forget(id);
        (!was_pinching).then_some(Input::Release(Pointer::touch(at)))
    }

    fn forget(&mut self, id: i32) {
        self.down.retain(|(known, _)| *known != id);
        self.pinching &= !self.down.is_empty();
    }
}

/// Shortcuts work wherever the keyboard is, but in fields, dialogs and on buttons that want the key themselves.
fn listen_to_keys(session: EditorSession, surface: NodeRef<html::Div>) {
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

fn key_down(session: EditorSession, surface: NodeRef<html::Div>, event: &KeyboardEvent) {
    if event.default_prevented() || event.is_composing() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let within =
        |selector: &str| target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some());
    let (ctrl, alt) = (event.ctrl_key() || event.meta_key(), event.alt_key());
    // Wherever the keyboard is: nobody who works here wants the browser to store the page.
    let asked = command_for(&event.key(), ctrl, event.shift_key(), alt);
    if asked == Some(Command::Save) && session.read(|editor| editor.can(Command::Save)) {
        event.prevent_default();
        return session.command(Command::Save);
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
    let single = key.chars().count() == 1 && !ctrl && !alt;
    if single && !on_surface && !session.single_keys.get_untracked() {
        return;
    }
    let Some(command) = asked else { return };
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
    session.command(command);
}

fn css_cursor(cursor: Cursor) -> &'static str {
    match cursor {
        Cursor::Arrow => "default",
        Cursor::Cross => "crosshair",
        Cursor::Hand => "grab",
        Cursor::ClosedHand => "grabbing",
        Cursor::Finger => "pointer",
        Cursor::Move => "move",
        Cursor::Horizontal => "ew-resize",
        Cursor::Vertical => "ns-resize",
        Cursor::Falling => "nwse-resize",
        Cursor::Rising => "nesw-resize",
    }
}
