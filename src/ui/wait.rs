//! Waiting, in the browser.

use js_sys::Promise;
use leptos::prelude::set_timeout;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Waits for some time.
pub async fn wait(pause: Duration) {
    let promise = Promise::new(&mut |resolve, _| {
        set_timeout(move || drop(resolve.call0(&JsValue::NULL)), pause);
    });
    // Nothing rejects it.
    let _ = JsFuture::from(promise).await;
}
