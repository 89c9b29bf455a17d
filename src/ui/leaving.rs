//! Asking before a page is left that would lose something.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent, Url};

/// Asks before the page is left, as long as `busy` says that leaving would lose something: by the browser when it closes the
/// page or loads another one, and here when a link would exchange the page. Runs in the browser only, inside of an effect.
///
/// Nothing can hold back a person who presses the browser's Back button between pages of this site.
pub fn ask_before_leaving(busy: Signal<bool>, question: &'static str) {
    let unload = window_event_listener(leptos::ev::beforeunload, move |event| {
        if busy.get_untracked() {
            event.prevent_default();
            event.set_return_value(question);
        }
    });
    let on_click = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if busy.get_untracked() && leads_away(&event) && !window().confirm_with_message(question).unwrap_or(true) {
            event.prevent_default();
        }
    });
    // The router listens to the window, which hears of a click after the document and minds what was prevented there.
    // Adding a listener to an element that exists cannot fail.
    let _ = document().add_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
    let on_click = StoredValue::new_local(on_click);
    on_cleanup(move || {
        unload.remove();
        on_click.try_with_value(|on_click| {
            let _ = document().remove_event_listener_with_callback("click", on_click.as_ref().unchecked_ref());
        });
    });
}

/// Whether a click goes to another page of this site in the same tab. The browser asks by itself before it leaves the site.
fn leads_away(event: &MouseEvent) -> bool {
    let elsewhere = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() || event.button() != 0;
    if elsewhere || event.default_prevented() {
        return false;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let link =
        target.and_then(|target| target.closest("a[href]:not([target], [download], [rel~=external])").ok().flatten());
    let href = link.and_then(|link| js_sys::Reflect::get(&link, &"href".into()).ok()?.as_string());
    let Some(to) = href.and_then(|href| Url::new(&href).ok()) else { return false };
    let here = window().location();
    let same = |there: String, here: Result<String, JsValue>| here.is_ok_and(|here| here == there);
    same(to.origin(), here.origin()) && !(same(to.pathname(), here.pathname()) && same(to.search(), here.search()))
}
