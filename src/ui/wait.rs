//! Waiting, in the browser.

use js_sys::Promise;
use leptos::prelude::{request_animation_frame, set_timeout};
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// So long at most a frame is waited for: a tab in the background has none.
const HIDDEN: Duration = Duration::from_millis(500);

/// Waits for some time.
pub async fn wait(pause: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::NULL)), pause);
    });
    // Nothing rejects it.
    let _ = JsFuture::from(promise).await;
}

/// Waits until the browser has shown what is in the page by now, or for a moment where it shows nothing, as in a tab in the
/// background.
pub async fn painted() {
    let promise = Promise::new(&mut |resolve, _| {
        let late = resolve.clone();
        // After the frame's callbacks the browser draws it, and then comes what waits.
        request_animation_frame(move || set_timeout(move || drop(resolve.call0(&JsValue::NULL)), Duration::ZERO));
        set_timeout(move || drop(late.call0(&JsValue::NULL)), HIDDEN);
    });
    // Nothing rejects it.
    let _ = JsFuture::from(promise).await;
}
