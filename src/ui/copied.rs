//! Regions that were copied in the editor, kept by the browser so that they can be pasted into other pictures and tabs.

use crate::model::Region;
use leptos::prelude::window;

/// Where the browser keeps them.
const PLACE: &str = "ocellus.copied-regions";

/// Keeps regions in place of those that were copied before.
pub fn keep(regions: &[Region]) {
    let storage = window().local_storage().ok().flatten();
    if let Some((storage, text)) = storage.zip(serde_json::to_string(regions).ok()) {
        // A browser that keeps nothing has nothing to paste later, and says so then.
        let _ = storage.set_item(PLACE, &text);
    }
}

/// What was copied last; empty where that is nothing, or nothing that can be read.
pub fn read() -> Vec<Region> {
    let text = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(PLACE).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}
