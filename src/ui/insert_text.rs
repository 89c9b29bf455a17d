//! Changing a text field as if somebody had typed: whoever listens hears of it, and so does the browser's own undo.

use leptos::prelude::{document, window};
use std::ops::Range;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlElement, HtmlTextAreaElement};

/// Calls a method that the bindings do not have.
fn call(on: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let function = js_sys::Reflect::get(on, &method.into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    js_sys::Reflect::apply(&function, on, &arguments.iter().collect()).ok()
}

/// Gives an element the keyboard without moving the page.
fn focus_in_place(element: &HtmlElement) {
    let options = js_sys::Object::new();
    // Setting a property of a new object cannot fail.
    let _ = js_sys::Reflect::set(&options, &"preventScroll".into(), &true.into());
    call(element, "focus", &[options.into()]);
}

/// Replaces a part of the field, counted in UTF-16 units. The field tells its listeners as it does when somebody types. The
/// keyboard goes back to where it was, and the page stays where it is.
pub fn replace(area: &HtmlTextAreaElement, range: Range<usize>, text: &str) {
    let unit = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let (start, end) = (unit(range.start), unit(range.end));
    let earlier = document().active_element().filter(|active| active != area.as_ref());
    let scrolled = window().scroll_y().unwrap_or_default();
    let side = area.closest(".query-side").ok().flatten();
    let side_scrolled = side.as_ref().map(|side| side.scroll_top());

    focus_in_place(area);
    let _ = area.set_selection_range(start, end);
    let (command, value) = if text.is_empty() { ("delete", JsValue::NULL) } else { ("insertText", text.into()) };
    // Deprecated, and the only way that every browser can undo.
    let done = call(&document(), "execCommand", &[command.into(), false.into(), value]);
    if done.and_then(|done| done.as_bool()) != Some(true) {
        let _ = area.set_range_text_with_start_and_end(text, start, end);
        let after = start.saturating_add(unit(text.encode_utf16().count()));
        let _ = area.set_selection_range(after, after);
        if let Ok(event) = Event::new("input") {
            event.init_event_with_bubbles("input", true);
            let _ = area.dispatch_event(&event);
        }
    }
    if let Some(earlier) = earlier {
        match earlier.dyn_ref::<HtmlElement>().filter(|earlier| earlier.tag_name() != "BODY") {
            Some(earlier) => focus_in_place(earlier),
            None => drop(area.blur()),
        }
        window().scroll_to_with_x_and_y(window().scroll_x().unwrap_or_default(), scrolled);
        if let Some((side, top)) = side.zip(side_scrolled) {
            side.set_scroll_top(top);
        }
    }
}
