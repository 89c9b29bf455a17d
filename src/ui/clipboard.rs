//! The clipboard.

use leptos::prelude::window;

/// Puts a text on the clipboard, and says whether that went well: browsers offer it only to pages that came over a safe
/// connection, and may refuse.
pub async fn write_to_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    let offered = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    offered && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
