//! Whoever comes back to a grid finds it as they left it: scrolled to the same place, with the focus on the card that they
//! went through. The browser's history remembers that, entry by entry, so that only the way back restores it.

use super::focus::{focus_in_place, is_lost};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, MouseEvent};

/// On a list: the place of the card that the keyboard belongs to.
const KEYBOARD: &str = "data-keyboard";

/// Writes down, before a link in a card is followed, which card it was and how far the page was scrolled. `here` is the
/// page's address.
pub fn remember(event: &MouseEvent, here: &str) {
    if event.ctrl_key() || event.meta_key() || event.shift_key() || event.default_prevented() {
        return;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let card = target.filter(|target| matches!(target.closest("a"), Ok(Some(_)))).and_then(|target| {
        let card = target.closest("[data-picture]").ok().flatten()?;
        card.get_attribute("data-picture")
    });
    let Some(card) = card else { return };
    // Whole pixels: reading fractions would take as much code as the rest of this file many times over.
    let scroll = window().scroll_y().unwrap_or_default().round() as i32;
    replace_state(&JsValue::from_str(&format!("card {card} {scroll} {here}")));
}

/// Restores what was written down, if this entry of the history has anything that belongs to this list.
pub fn restore(list: &HtmlElement, here: &str) {
    let state = window().history().ok().and_then(|history| history.state().ok()).and_then(|state| state.as_string());
    let Some((card, scroll)) = state.as_deref().and_then(|state| read(state, here)) else { return };
    let Ok(Some(link)) = list.query_selector(&format!("[data-picture='{card}'] .picture-title")) else { return };
    replace_state(&JsValue::NULL);
    // The focus scrolls, too, so that the page's place comes last.
    let _ = link.unchecked_into::<HtmlElement>().focus();
    window().scroll_to_with_x_and_y(0.0, f64::from(scroll));
}

/// Leaves word on a list from which cards are about to go that the keyboard belongs to the card at this place, if nothing
/// else has it once the next list is there.
pub fn leave_keyboard(list: &HtmlElement, place: usize) {
    // Names of attributes without spaces are never refused.
    let _ = list.set_attribute(KEYBOARD, &place.to_string());
}

/// Takes the word back.
pub fn forget_keyboard(list: &HtmlElement) {
    let _ = list.remove_attribute(KEYBOARD);
}

/// Gives the keyboard to the card that word was left of, or to the last one where there are fewer by now.
pub fn take_keyboard(list: &HtmlElement) {
    let Some(place) = list.get_attribute(KEYBOARD).and_then(|place| place.parse::<u32>().ok()) else { return };
    forget_keyboard(list);
    let Ok(titles) = list.query_selector_all("[data-picture] .picture-title") else { return };
    if let Some(title) = titles.item(place.min(titles.length().saturating_sub(1)))
        && is_lost()
    {
        focus_in_place(&title.unchecked_into());
    }
}

fn replace_state(state: &JsValue) {
    if let Ok(history) = window().history() {
        // Browsers refuse that only to pages that do it hundreds of times a minute.
        let _ = history.replace_state_with_url(state, "", None);
    }
}

fn read(state: &str, here: &str) -> Option<(i64, i32)> {
    let mut parts = state.strip_prefix("card ")?.splitn(3, ' ');
    let (card, scroll, page) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    (page == here).then_some((card, scroll))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_wrote_on_the_same_page() {
        assert_eq!(read("card 7 12 /query?query=a b", "/query?query=a b"), Some((7, 12)));
        assert_eq!(read("card 7 12 /query", "/"), None);
        assert_eq!(read("something else", "/"), None);
    }
}
