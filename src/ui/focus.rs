//! Where the keyboard is on a page, when the control that it was on goes away.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
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

/// Gives an element the focus without scrolling to it: whoever came by mouse looks at another part of the page.
pub fn focus_in_place(element: &HtmlElement) {
    let (x, y) = (window().scroll_x().unwrap_or_default(), window().scroll_y().unwrap_or_default());
    // Fails only for an element that has left the page.
    let _ = element.focus();
    window().scroll_to_with_x_and_y(x, y);
}

/// Gives the keyboard to another element where this one has it and is about to go, or is hidden by now.
pub fn pass_on(from: &HtmlElement, to: impl FnOnce() -> Option<HtmlElement>) {
    let has_it = document().active_element().is_some_and(|active| active.is_same_node(Some(from)));
    if let Some(to) = Some(from).filter(|_| has_it).and_then(|_| to()) {
        focus_in_place(&to);
    }
}

/// Scrolls as little as it takes for an element to be seen.
pub fn scroll_near(element: &HtmlElement) {
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Leads the keyboard to the first field of a form that is wrong, whenever the server has refused the form.
pub fn focus_first_fault<F>(action: ServerAction<F>, form: NodeRef<Div>)
where
    F: ServerFn + Clone + Send + Sync + 'static,
    F::Output: Clone + Send + Sync + 'static,
    F::Error: Clone + Send + Sync + 'static,
{
    let value = action.value();
    Effect::new(move |drawn: Option<()>| {
        let refused = value.with(|value| matches!(value, Some(Err(_))));
        // A form that is only drawn anew takes the keyboard from nobody.
        if drawn.is_none() || !refused {
            return;
        }
        let Some(form) = form.get_untracked() else { return };
        focus_soon(move || form.query_selector("[aria-invalid='true']").ok()??.dyn_into().ok());
    });
}
