//! Long lists: only the rows in view and some around them are in the page, because ten thousand rows would make everything slow.
//!
//! All rows have the same height. The list keeps the room of those that are not there, so that it scrolls as if they were, and
//! says to people who do not see it how many there are and which of them each one is.

use leptos::html;
use leptos::prelude::*;
use std::ops::Range;
use std::time::Duration;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// Shorter lists are in the page as a whole.
const LONG: usize = 60;
/// So many rows before and behind those in view are in the page, too.
const AROUND: usize = 10;
/// The height of a row until one was measured, in CSS pixels.
const ROW_PX: f64 = 36.0;

/// The rows of a list that are in the page.
#[derive(Clone, Copy)]
pub struct Windowed {
    list: NodeRef<html::Ul>,
    count: Signal<usize>,
    /// How far the list is scrolled, how high it is, and how high a row.
    measured: RwSignal<(f64, f64, f64)>,
    /// The rows that are in the page, as a part of all rows.
    pub range: Memo<Range<usize>>,
}

impl Windowed {
    /// Watches a list that has so many rows.
    pub fn new(list: NodeRef<html::Ul>, count: Signal<usize>) -> Self {
        let measured = RwSignal::new((0.0, 0.0, ROW_PX));
        let range = Memo::new(move |_| {
            let (scrolled, height, row) = measured.get();
            rows_in_page(scrolled, height, row, count.get())
        });
        let windowed = Self { list, count, measured, range };
        Effect::new(move |_| {
            let Some(list) = list.get() else { return };
            // Its size is not what it will be: styles and other panels still come, and windows change.
            // Not before the frame is there: more rows than those that it begins with would hold it up.
            let measure = Closure::<dyn FnMut()>::new(move || set_timeout(move || windowed.measure(), Duration::ZERO));
            let observer = web_sys::ResizeObserver::new(measure.as_ref().unchecked_ref()).ok();
            if let Some(observer) = &observer {
                observer.observe(&list);
            }
            // Kept as long as the list, because the browser calls it from outside. In here, since a server has neither.
            let kept = StoredValue::new_local((observer, measure));
            on_cleanup(move || {
                kept.try_with_value(|(observer, _)| observer.as_ref().map(web_sys::ResizeObserver::disconnect));
            });
        });
        windowed
    }

    /// The list was scrolled, or has another size.
    pub fn measure(self) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        let list: &HtmlElement = &list;
        let row = list.first_element_child().and_then(|row| row.dyn_into::<HtmlElement>().ok());
        let row = row.map(|row| f64::from(row.offset_height())).filter(|height| *height > 0.0).unwrap_or(ROW_PX);
        // As long as it may grow as it likes, it is not seen as a whole either.
        let window_px = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::INFINITY);
        let now = (f64::from(list.scroll_top()), f64::from(list.client_height()).min(window_px), row);
        if self.measured.try_get_untracked() != Some(now) {
            self.measured.set(now);
        }
    }

    /// Scrolls so far that a row is in view, and in the page.
    pub fn reveal(self, index: usize) {
        let Some(list) = self.list.try_get_untracked().flatten() else { return };
        let list: &HtmlElement = &list;
        let (_, height, row) = self.measured.get_untracked();
        let (top, scrolled) = (index as f64 * row, f64::from(list.scroll_top()));
        if top < scrolled || top + row > scrolled + height {
            list.set_scroll_top((top - (height - row) / 2.0).max(0.0) as i32);
        }
        self.measure();
    }

    /// Scrolls back to the first row.
    pub fn to_top(self) {
        if self.measured.with_untracked(|(scrolled, ..)| *scrolled > 0.0)
            && let Some(list) = self.list.get_untracked()
        {
            list.set_scroll_top(0);
            self.measure();
        }
    }

    /// The room of the rows that are not in the page, as the two custom properties that `.is-windowed` goes by. So many rows
    /// above and below the range are in the page all the same.
    pub fn room(self, more_above: usize, more_below: usize) -> String {
        let (range, count) = (self.range.get(), self.count.get());
        let (_, _, row) = self.measured.get();
        let above = range.start.saturating_sub(more_above) as f64 * row;
        let below = count.saturating_sub(range.end + more_below) as f64 * row;
        format!("--above: {above}px; --below: {below}px")
    }
}

fn rows_in_page(scrolled: f64, height: f64, row: f64, count: usize) -> Range<usize> {
    if count <= LONG {
        return 0..count;
    }
    let first = (scrolled / row).max(0.0) as usize;
    let seen = (height / row).ceil() as usize + 1;
    // In steps, so that not every row that is scrolled changes the page.
    let first = first / AROUND * AROUND;
    first.saturating_sub(AROUND).min(count)..(first + seen + 2 * AROUND).min(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lists_are_there_as_a_whole() {
        assert_eq!(rows_in_page(500.0, 300.0, 36.0, LONG), 0..LONG);
        assert_eq!(rows_in_page(0.0, 0.0, 36.0, 0), 0..0);
    }

    #[test]
    fn what_is_seen_of_long_lists_is_there() {
        for scrolled in [0.0, 35.0, 36.0, 7_000.0, 359_000.0, 1e9] {
            let rows = rows_in_page(scrolled, 400.0, 36.0, 10_000);
            let first = ((scrolled / 36.0) as usize).min(9_999);
            assert!(rows.end <= 10_000 && rows.len() < 100);
            assert!(
                scrolled > 360_000.0 || rows.contains(&first) && rows.contains(&(first + 11).min(9_999)),
                "{rows:?}"
            );
        }
        assert!(rows_in_page(0.0, 0.0, 36.0, 10_000).contains(&20), "before anything is measured, there is something");
    }
}
