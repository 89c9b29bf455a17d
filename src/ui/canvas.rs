//! The drawing surface: with the files below it, the only one that talks to a canvas.
//!
//! Pointer, wheel and key events become the editor's [`Input`]s; the editor's scene becomes the place of the picture and lines on
//! canvases above it, of which each is drawn again only when it looks different. What takes longer than a frame is drawn in
//! several (`resting`).

mod crowd;
mod inks;
mod pace;
mod painter;
mod pen;
mod resting;
mod rulers;
mod sheet;

use super::editor_keys::listen_to_keys;
use super::editor_seen::{PictureFilter, RulerMarks, picture_filter, remember_look};
use super::editor_session::EditorSession;
use super::editor_visit::Visit;
use crate::editor::{
    Contact, Cursor, Device, Hands, Input, Layers, Pointer, PointerKind, Tool, WheelEvent, WheelReader,
};
use crate::geometry::{ScreenPoint, Size};
use leptos::html;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use painter::{LAYERS, Painter};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::Element;

/// A finger that is held still for so long adds to the selection.
const HELD: Duration = Duration::from_millis(500);

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
    let layers: [NodeRef<html::Canvas>; LAYERS] = std::array::from_fn(|_| NodeRef::new());
    let live = RwSignal::new(false);
    let size = StoredValue::new(None::<Size>);
    Effect::new(move |_| {
        let (Some(surface), Some(picture)) = (surface.get(), picture.get()) else { return };
        let canvases: Vec<_> = layers.iter().filter_map(NodeRef::get).collect();
        let Some(painter) = canvases.try_into().ok().and_then(|canvases| Painter::new(canvases, picture)) else {
            return;
        };
        // Each picture has an image of its own.
        if let Some(visit) = session.visit() {
            wake(session, visit, surface.into(), Rc::new(painter), size);
            live.set(true);
        }
    });
    listen_to_keys(session, surface);
    remember_look(session.look);

    let hands = StoredValue::new(Hands::default());
    let holding = StoredValue::new(None::<TimeoutHandle>);
    let wheel = StoredValue::new(WheelReader::default());
    let tell = move |happened: &dyn Fn(&mut Hands) -> Vec<Input>| {
        for input in hands.try_update_value(happened).unwrap_or_default() {
            session.send(input);
        }
    };
    let locate = move |event: &web_sys::MouseEvent| place_on(surface, event);
    let contact = move |event: &web_sys::PointerEvent| {
        let at = locate(event)?;
        let selecting = session.panel.with_untracked(|panel| panel.tool == Tool::Select);
        let adds = event.shift_key() || selecting && session.labels.adds.get_untracked();
        let edges = event.ctrl_key() || event.meta_key();
        let kind = kind_of(event);
        let device = if kind == PointerKind::Touch { Device::Touch } else { Device::Mouse };
        let size_px = f64::from(event.width().max(event.height()));
        Some(Contact {
            id: event.pointer_id(),
            kind,
            pointer: Pointer { at, device, adds, free: event.alt_key(), edges },
            size_px,
            time_ms: event.time_stamp(),
        })
    };
    let down = move |event: web_sys::PointerEvent| {
        let Some(contact) = contact(&event) else { return };
        if let Some(surface) = surface.get() {
            // Fails only for a pointer that is gone already.
            let _ = surface.set_pointer_capture(event.pointer_id());
        }
        session.labels.return_to.set_value(None);
        let button = event.button();
        tell(&|hands| hands.down(contact, button));
        let selecting = session.panel.with_untracked(|panel| panel.tool == Tool::Select);
        if selecting && contact.kind == PointerKind::Touch {
            let held = move || tell(&|hands| hands.held(contact.id).into_iter().collect());
            holding.set_value(set_timeout_with_handle(held, HELD).ok());
        }
    };
    let moved = move |event: web_sys::PointerEvent| {
        if let Some(contact) = contact(&event) {
            tell(&|hands| hands.moved(contact));
        }
    };
    // A later finger may have the same number.
    let let_go = move || {
        if let Some(timer) = holding.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    Effect::new(move |_| {
        // What was held was on the picture before.
        session.visits.track();
        let_go();
    });
    let up = move |event: web_sys::PointerEvent| {
        let_go();
        if let Some(contact) = contact(&event) {
            tell(&|hands| hands.up(contact));
        }
    };
    let cancelled = move |event: web_sys::PointerEvent| {
        let_go();
        tell(&|hands| hands.cancelled(event.pointer_id(), kind_of(&event)));
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
    let canvases =
        layers.map(|layer| view! { <canvas class="editor-layer" aria-hidden="true" node_ref=layer></canvas> });
    view! {
        <div
            class="editor-surface"
            class:is-live=move || live.get()
            role="application"
            aria-label="Annotation canvas"
            aria-describedby="editor-canvas-help"
            tabindex="0"
            style:cursor=move || cursor.get()
            style=("--picture-filter", move || session.look.with(picture_filter))
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
            on:contextmenu=move |event| {
                // A finger that is held still and the button of a pen have a meaning of their own.
                let pointer = event.dyn_ref::<web_sys::PointerEvent>().map(kind_of);
                if pointer.is_some_and(|kind| kind != PointerKind::Mouse) {
                    event.prevent_default();
                }
            }
            on:dblclick=double
            on:wheel=turned
        >
            {children()}
            {canvases.into_iter().collect_view()}
            <RulerMarks session=session />
            <PictureFilter session=session />
        </div>
    }
}

/// Asks the browser for frames, and draws in them as long as there is something to draw.
struct Frames {
    session: EditorSession,
    visit: Visit,
    painter: Rc<Painter>,
    requested: Cell<bool>,
}

impl Frames {
    fn request(self: &Rc<Self>) {
        if !self.requested.replace(true) {
            let frames = self.clone();
            request_animation_frame(move || frames.draw());
        }
    }

    fn draw(self: Rc<Self>) {
        self.requested.set(false);
        let began = now_ms();
        let session = self.session;
        if self.visit.is_over() {
            return;
        }
        let Some(layers) = session.redraw.try_update_untracked(std::mem::take) else { return };
        let Some(look) = session.look.try_get_untracked() else { return };
        let drawn = self.visit.read(|editor| self.painter.paint(editor, look, layers));
        if let Some(drawn) = drawn {
            self.request();
            // The browser carries out what was drawn when this has ended, and what comes after that knows how long it took.
            set_timeout(move || self.painter.learn(drawn, now_ms() - began), Duration::ZERO);
        }
    }
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Connects the painter to the editor: draws when there is something to draw, and follows the size of the surface, which is known
/// from the picture before.
fn wake(session: EditorSession, visit: Visit, surface: Element, painter: Rc<Painter>, size: StoredValue<Option<Size>>) {
    let frames = Rc::new(Frames { session, visit, painter: painter.clone(), requested: Cell::new(false) });
    Effect::new(move |_| {
        if session.redraw.get().any() {
            frames.request();
        }
    });
    Effect::new(move |_| {
        session.look.track();
        session.redraw.set(Layers::ALL);
    });

    follow_resolution(session);
    let measured = surface.clone();
    let measure = move || {
        // With the fractions of a pixel, so that the canvases are not stretched.
        let edges = measured.get_bounding_client_rect();
        let now = Size::new(edges.width(), edges.height());
        if size.try_get_value() != Some(Some(now)) {
            size.set_value(Some(now));
            visit.send(Input::Resize(now));
            session.redraw.set(Layers::ALL);
        }
    };
    // The first frame shows the picture in its place already.
    match size.get_value() {
        Some(size) => visit.send(Input::Resize(size)),
        None => measure(),
    }
    let on_resize = Closure::<dyn FnMut()>::new(measure);
    let observer = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
    if let Some(observer) = &observer {
        observer.observe(&surface);
    }
    // Kept as long as the page, because the browser calls them from outside.
    let kept = StoredValue::new_local((observer, on_resize, painter));
    on_cleanup(move || {
        kept.try_with_value(|(observer, ..)| {
            if let Some(observer) = observer {
                observer.disconnect();
            }
        });
    });
}

/// Draws again when the window comes to a display with another resolution, which tells nobody else.
fn follow_resolution(session: EditorSession) {
    let ratio = RwSignal::new(window().device_pixel_ratio());
    Effect::new(move |_| {
        let query = format!("(resolution: {}dppx)", ratio.get());
        let Some(query) = window().match_media(&query).ok().flatten() else { return };
        let changed = Closure::<dyn FnMut()>::new(move || {
            ratio.set(window().device_pixel_ratio());
            session.redraw.set(Layers::ALL);
        });
        query.set_onchange(Some(changed.as_ref().unchecked_ref()));
        // Kept until then, because the browser calls it from outside.
        let kept = StoredValue::new_local((query, changed));
        on_cleanup(move || {
            kept.try_with_value(|(query, _)| query.set_onchange(None));
        });
    });
}

/// The place of an event on the surface, with the fractions of a pixel that web-sys would cut off.
fn place_on(surface: NodeRef<html::Div>, event: &web_sys::MouseEvent) -> Option<ScreenPoint> {
    let edges = surface.get_untracked()?.get_bounding_client_rect();
    let exact = |name: &str| js_sys::Reflect::get(event, &name.into()).ok()?.as_f64();
    Some(ScreenPoint::new(exact("clientX")? - edges.left(), exact("clientY")? - edges.top()))
}

fn kind_of(event: &web_sys::PointerEvent) -> PointerKind {
    match event.pointer_type().as_str() {
        "touch" => PointerKind::Touch,
        "pen" => PointerKind::Pen,
        _ => PointerKind::Mouse,
    }
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
