//! The drawing surface: the only file that talks to a canvas.
//!
//! Pointer, wheel and key events become the editor's [`Input`]s; the editor's scene becomes lines on three canvases, one
//! above the other, of which each is drawn again only when the editor says that it looks different.

use super::editor_colours::{needs_dark_text, palette_colour};
use super::editor_session::EditorSession;
use crate::editor::{
    Button, Command, Cursor, Device, Editor, Input, Layers, Overlay, Pointer, SceneShape, SceneSketch, WheelEvent,
    WheelReader, command_for,
};
use crate::geometry::{HandleKind, Point, Rect, ScreenPoint, Shape, Size, View};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::f64::consts::TAU;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, HtmlElement, HtmlImageElement, KeyboardEvent};

/// From this many device pixels per pixel of the picture on, the pixels are shown as squares: whoever looks so closely
/// wants to see them.
const SQUARE_PIXELS_FROM: f64 = 4.0;

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
            session.send(Input::Press(Pointer { at, device: Device::Mouse }, button));
        } else {
            tell(fingers.try_update_value(|fingers| fingers.down(event.pointer_id(), at)));
        }
    };
    let moved = move |event: web_sys::PointerEvent| {
        let Some(at) = locate(&event) else { return };
        if !is_touch(&event) {
            session.send(Input::Move(Pointer { at, device: Device::Mouse }));
        } else {
            tell(fingers.try_update_value(|fingers| fingers.moved(event.pointer_id(), at)));
        }
    };
    let up = move |event: web_sys::PointerEvent| {
        let Some(at) = locate(&event) else { return };
        if !is_touch(&event) {
            session.send(Input::Release(Pointer { at, device: Device::Mouse }));
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
            session.send(Input::DoubleClick(Pointer { at, device: Device::Mouse }));
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
    let _ = painter.picture.add_event_listener_with_callback("load", on_load.as_ref().unchecked_ref());
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
            let _ = painter.picture.remove_event_listener_with_callback("load", on_load.as_ref().unchecked_ref());
        });
    });
}

/// The place of an event on the surface, with the fractions of a pixel that web-sys would cut off.
fn place_on(surface: NodeRef<html::Div>, event: &web_sys::MouseEvent) -> Option<ScreenPoint> {
    let edges = surface.get_untracked()?.get_bounding_client_rect();
    let exact = |name: &str| js_sys::Reflect::get(event, &name.into()).ok()?.as_f64();
    Some(ScreenPoint::new(exact("clientX")? - edges.left(), exact("clientY")? - edges.top()))
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
            1 => Some(Input::Press(Pointer { at, device: Device::Touch }, Button::Primary)),
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
            return Some(Input::Move(Pointer { at, device: Device::Touch }));
        }
        let [(_, first), (_, second), ..] = self.down[..] else { return None };
        self.down[index].1 = at;
        let [(_, first_now), (_, second_now), ..] = self.down[..] else { return None };
        Some(Input::Pinch { before: [first, second], after: [first_now, second_now] })
    }

    fn up(&mut self, id: i32, at: ScreenPoint) -> Option<Input> {
        let was_pinching = self.pinching;
        self.forget(id);
        (!was_pinching).then_some(Input::Release(Pointer { at, device: Device::Touch }))
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
    let single = key.chars().count() == 1 && !ctrl && !alt;
    if single && !on_surface && !session.single_keys.get_untracked() {
        return;
    }
    let Some(command) = asked else { return };
    // Alt and an arrow mean "back" to the browser; they are taken from it only where there is a box to resize.
    if matches!(command, Command::Grow(..)) && !session.read(|editor| editor.can(command)) {
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

/// Draws scenes.
struct Painter {
    canvases: [HtmlCanvasElement; 3],
    contexts: [CanvasRenderingContext2d; 3],
    picture: HtmlImageElement,
    /// The size of the canvases' stores: CSS pixels and device pixels per CSS pixel. They are touched only when it changes,
    /// because that empties them.
    size: RefCell<Option<(Size, f64)>>,
}

impl Painter {
    fn new(canvases: [HtmlCanvasElement; 3], picture: HtmlImageElement) -> Option<Self> {
        let context =
            |canvas: &HtmlCanvasElement| canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok();
        let contexts = [context(&canvases[0])?, context(&canvases[1])?, context(&canvases[2])?];
        Some(Self { canvases, contexts, picture, size: RefCell::new(None) })
    }

    fn paint(&self, editor: &Editor, layers: Layers) {
        let ratio = window().device_pixel_ratio();
        let layers = if self.fit_stores(editor.view().surface(), ratio) { Layers::ALL } else { layers };
        if layers.picture {
            self.paint_picture(editor.view(), ratio);
        }
        if layers.shapes {
            let pen = self.cleared(1, editor.view(), ratio);
            for shape in editor.shapes() {
                pen.shape(&shape, Style::PLAIN);
            }
        }
        if layers.overlay {
            self.cleared(2, editor.view(), ratio).overlay(&editor.overlay());
        }
    }

    /// Makes the canvases as large as the surface. Returns whether that was necessary.
    fn fit_stores(&self, surface: Size, ratio: f64) -> bool {
        if self.size.replace(Some((surface, ratio))) == Some((surface, ratio)) {
            return false;
        }
        for canvas in &self.canvases {
            canvas.set_width((surface.width * ratio).round() as u32);
            canvas.set_height((surface.height * ratio).round() as u32);
        }
        true
    }

    fn paint_picture(&self, view: &View, ratio: f64) {
        let pen = self.cleared(0, view, ratio);
        if !self.picture.complete() || self.picture.natural_width() == 0 {
            return;
        }
        let on_screen = view.picture_on_screen();
        let (x, y, width, height) = (on_screen.min.x, on_screen.min.y, on_screen.width(), on_screen.height());
        // Behind what is transparent in the picture.
        pen.context.set_fill_style_str("#ffffff");
        pen.context.fill_rect(x, y, width, height);
        pen.context.set_image_smoothing_enabled(view.scale() * ratio < SQUARE_PIXELS_FROM);
        // Fails only for a broken picture, for which there is nothing to draw.
        let _ = pen.context.draw_image_with_html_image_element_and_dw_and_dh(&self.picture, x, y, width, height);
    }

    fn cleared<'a>(&'a self, layer: usize, view: &'a View, ratio: f64) -> Pen<'a> {
        let context = &self.contexts[layer];
        // Fails only for numbers that are not finite.
        let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, view.surface().width, view.surface().height);
        context.set_line_join("round");
        context.set_line_cap("round");
        Pen { context, view }
    }
}

/// How strongly a shape is drawn.
#[derive(Clone, Copy)]
struct Style {
    width: f64,
    fill: f64,
}

impl Style {
    const PLAIN: Self = Self { width: 1.75, fill: 0.1 };
    const HOVERED: Self = Self { width: 2.5, fill: 0.25 };
    const ACTIVE: Self = Self { width: 2.5, fill: 0.16 };
}

const HALO: &str = "rgba(0, 0, 0, 0.5)";
const WHITE: &str = "#ffffff";
const INK: &str = "#1a1c1a";

/// Draws on one layer, in CSS pixels.
struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    view: &'a View,
}

impl Pen<'_> {
    fn overlay(&self, overlay: &Overlay<'_>) {
        if let Some(at) = overlay.crosshair {
            self.crosshair(at);
        }
        if let Some(shape) = &overlay.hovered {
            self.shape(shape, Style::HOVERED);
        }
        if let Some(shape) = &overlay.active {
            self.shape(shape, Style::ACTIVE);
        }
        if let Some(sketch) = &overlay.sketch {
            self.sketch(sketch);
        }
        for (handle, is_selected) in &overlay.handles {
            self.handle(handle.kind, handle.at, *is_selected);
        }
        // Names lie above everything, where they can be read.
        for shape in [&overlay.hovered, &overlay.active].into_iter().flatten() {
            self.name(shape);
        }
    }

    fn shape(&self, shape: &SceneShape<'_>, style: Style) {
        let colour = palette_colour(shape.colour);
        if let Shape::Point(point) = shape.shape {
            return self.dot(self.view.screen_from_image(*point), style.width + 3.0, colour);
        }
        self.context.begin_path();
        match shape.shape {
            Shape::Bbox(rect) => {
                let rect = self.view.screen_rect(*rect);
                self.context.rect(rect.min.x, rect.min.y, rect.width(), rect.height());
            }
            Shape::Polygon(points) => {
                self.line_through(points);
                self.context.close_path();
            }
            Shape::Polyline(points) => self.line_through(points),
            Shape::Point(_) => {}
        }
        if !matches!(shape.shape, Shape::Polyline(_)) {
            self.fill(colour, style.fill);
        }
        self.dashes(if shape.colour.is_none() { &[6.0, 5.0] } else { &[] });
        self.stroke(HALO, style.width + 2.0);
        self.stroke(colour, style.width);
        self.dashes(&[]);
    }

    fn sketch(&self, sketch: &SceneSketch<'_>) {
        let colour = palette_colour(sketch.colour);
        self.context.begin_path();
        self.line_through(sketch.corners);
        if let Some(next) = sketch.next.filter(|_| !sketch.closing) {
            let next = self.view.screen_from_image(next);
            self.context.line_to(next.x, next.y);
        }
        if sketch.closing {
            self.context.close_path();
        }
        if sketch.closed {
            self.fill(colour, 0.14);
        }
        self.stroke(HALO, 4.0);
        self.stroke(colour, 2.0);
        for (index, corner) in sketch.corners.iter().enumerate() {
            let at = self.view.screen_from_image(*corner);
            let closes = index == 0 && sketch.closing;
            self.dot(at, if closes { 7.0 } else { 4.0 }, if closes { colour } else { WHITE });
        }
    }

    fn handle(&self, kind: HandleKind, at: ScreenPoint, is_selected: bool) {
        match kind {
            HandleKind::Resize(..) => {
                self.context.begin_path();
                self.context.rect(at.x - 4.5, at.y - 4.5, 9.0, 9.0);
                self.fill(WHITE, 1.0);
                self.stroke(INK, 1.25);
            }
            HandleKind::Corner(_) => {
                self.dot(at, if is_selected { 6.5 } else { 5.0 }, if is_selected { INK } else { WHITE })
            }
            HandleKind::Insert(_) => {
                self.context.set_global_alpha(0.7);
                self.dot(at, 3.25, WHITE);
                self.context.set_global_alpha(1.0);
            }
        }
    }

    fn crosshair(&self, at: ScreenPoint) {
        let Size { width, height } = self.view.surface();
        // On whole pixels and a half, a line of one pixel is sharp.
        let (x, y) = (at.x.floor() + 0.5, at.y.floor() + 0.5);
        self.context.begin_path();
        for (from, to) in [((0.0, y), (width, y)), ((x, 0.0), (x, height))] {
            self.context.move_to(from.0, from.1);
            self.context.line_to(to.0, to.1);
        }
        self.stroke("rgba(0, 0, 0, 0.35)", 3.0);
        self.stroke("rgba(255, 255, 255, 0.9)", 1.0);
    }

    /// The object's name at the upper left corner of a shape, inside of the surface.
    fn name(&self, shape: &SceneShape<'_>) {
        let name = if shape.object.is_empty() { "no object yet" } else { shape.object };
        let colour = palette_colour(shape.colour);
        let Rect { x, y, .. } = shape.shape.bounds();
        let corner = self.view.screen_from_image(Point { x, y });
        self.context.set_font("600 12px system-ui, sans-serif");
        let width = self.context.measure_text(name).map_or(0.0, |metrics| metrics.width()) + 12.0;
        let Size { width: surface_width, height: surface_height } = self.view.surface();
        let left = (corner.x - 1.0).min(surface_width - width - 4.0).max(4.0);
        let top = (corner.y - 26.0).min(surface_height - 24.0).max(4.0);
        self.context.begin_path();
        // Fails only for negative radii.
        let _ = self.context.round_rect_with_f64(left, top, width, 20.0, 4.0);
        self.fill(colour, 1.0);
        self.stroke(HALO, 1.0);
        self.context.set_fill_style_str(if needs_dark_text(colour) { "#000000" } else { WHITE });
        self.context.set_text_baseline("middle");
        let _ = self.context.fill_text(name, left + 6.0, top + 10.5);
    }

    fn dot(&self, at: ScreenPoint, radius: f64, colour: &str) {
        self.context.begin_path();
        // Fails only for negative radii.
        let _ = self.context.arc(at.x, at.y, radius, 0.0, TAU);
        self.fill(colour, 1.0);
        self.stroke(if colour == INK { WHITE } else { INK }, 1.25);
    }

    fn line_through(&self, points: &[Point]) {
        for (index, point) in points.iter().enumerate() {
            let at = self.view.screen_from_image(*point);
            if index == 0 {
                self.context.move_to(at.x, at.y);
            } else {
                self.context.line_to(at.x, at.y);
            }
        }
    }

    fn fill(&self, colour: &str, alpha: f64) {
        let before = self.context.global_alpha();
        self.context.set_global_alpha(before * alpha);
        self.context.set_fill_style_str(colour);
        self.context.fill();
        self.context.set_global_alpha(before);
    }

    fn stroke(&self, colour: &str, width: f64) {
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(width);
        self.context.stroke();
    }

    fn dashes(&self, lengths: &[f64]) {
        let lengths: js_sys::Array = lengths.iter().map(|length| JsValue::from_f64(*length)).collect();
        // Fails only for something that is no list of numbers.
        let _ = self.context.set_line_dash(&lengths);
    }
}
