//! Keys, wherever on the page they are pressed.

use leptos::ev;
use leptos::leptos_dom::helpers::WindowListenerHandle;
use leptos::prelude::window_event_listener;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// Calls for every key that goes down. Browsers that fill in passwords send events of that name that are none of a keyboard; those
/// are left out.
pub fn on_key_down(call: impl Fn(KeyboardEvent) + 'static) -> WindowListenerHandle {
    window_event_listener(ev::keydown, move |event| only_keys(event, &call))
}

/// Calls for every key that comes up again.
pub fn on_key_up(call: impl Fn(KeyboardEvent) + 'static) -> WindowListenerHandle {
    window_event_listener(ev::keyup, move |event| only_keys(event, &call))
}

fn only_keys(event: KeyboardEvent, call: &impl Fn(KeyboardEvent)) {
    if event.has_type::<KeyboardEvent>() {
        call(event);
    }
}
