//! Where the keyboard is on a page, when the control that it was on goes away.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Whether nothing on the page has the focus.
pub fn is_lost() -> bool {
    document().active_element().is_none_or(|element| element.tag_name() == "BODY")
}

/// The element with this id.
pub fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Gives the focus to what is found when the next frame is drawn: by then the page shows what it is about to show.
pub fn focus_soon(find: impl FnOnce() -> Option<HtmlElement> + 'static) {
    request_animation_frame(move || {
        if let Some(element) = find() {
            // Where the focus cannot go, it stays where it is.
            let _ = element.focus();
        }
    });
}
