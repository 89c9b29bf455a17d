//! What can stand at the caret of a query, offered while one types.

use super::editor_keys::composes;
use super::key_listener::on_key_down;
use super::query_editor::inline_code;
use super::query_names::{Offer, PAUSE, ask};
use super::query_shared::QueryText;
use super::text::count;
use crate::query::text::complete::{Choices, Completion, Names, complete};
use crate::query::text::line_break::line_break;
use crate::query::text::position::from_utf16;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, InputEvent, KeyboardEvent};

/// Id of the list.
pub const LIST: &str = "query-completions";

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    label: String,
    detail: String,
    insert: String,
    /// Whether the text has it already, letter by letter.
    written: bool,
}

/// The open list.
#[derive(Clone, Debug, PartialEq)]
struct Offered {
    /// The text that it was offered for.
    text: String,
    completion: Completion,
    entries: Vec<Entry>,
    active: Option<usize>,
}

/// Whether fingers are what this is used with first of all.
fn is_touched() -> bool {
    window().match_media("(pointer: coarse)").ok().flatten().is_some_and(|query| query.matches())
}

/// The list and what it is about.
#[derive(Clone, Copy)]
pub struct Completions {
    shared: QueryText,
    offered: RwSignal<Option<Offered>>,
    /// Which question to the site the list waits for.
    turn: StoredValue<u32>,
    timer: StoredValue<Option<TimeoutHandle>>,
    /// Where the list stands, in CSS pixels of the window: left, top, and the height that there is for it.
    place: RwSignal<(f64, f64, f64)>,
}

impl Completions {
    /// Nothing is offered yet.
    pub fn new(shared: QueryText) -> Self {
        Self {
            shared,
            offered: RwSignal::new(None),
            turn: StoredValue::new(0),
            timer: StoredValue::new(None),
            place: RwSignal::new((0.0, 0.0, 0.0)),
        }
    }

    /// The byte of the text at which the list stands.
    pub fn mark(self) -> Option<usize> {
        self.offered.with(|offered| offered.as_ref().map(|offered| offered.completion.range.start))
    }

    fn is_open(self) -> bool {
        self.offered.with_untracked(Option::is_some)
    }

    fn close(self) {
        self.turn.try_update_value(|turn| *turn = turn.wrapping_add(1));
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        if self.offered.try_with_untracked(Option::is_some) == Some(true) {
            self.offered.set(None);
        }
    }

    /// Looks at the caret anew. Where somebody types, something has to be there to be completed; who asks for the list gets it.
    fn look(self, asked: bool) {
        let Some(area) = self.shared.field() else { return };
        let text = area.value();
        let (start, end) = (area.selection_start().ok().flatten(), area.selection_end().ok().flatten());
        let caret = from_utf16(&text, end.unwrap_or_default() as usize);
        let now = (js_sys::Date::now() / 1000.0) as i64;
        let found = (start == end).then(|| complete(&text, caret, now)).flatten();
        let Some(completion) = found else {
            self.close();
            if asked {
                self.shared.announcer.say("Nothing to suggest here.");
            }
            return;
        };
        match completion.choices.clone() {
            Choices::Words(words) => {
                if !asked && completion.typed.is_empty() {
                    return self.close();
                }
                let entry = |word: crate::query::text::complete::Choice| Entry {
                    insert: completion.insert(&word),
                    written: word.label == completion.typed,
                    label: word.label,
                    detail: word.help,
                };
                let entries = words.into_iter().map(entry).collect();
                // Numbers and dates are only reminders: another one may begin in the same way.
                let is_word = completion.typed.starts_with(char::is_alphabetic);
                self.show(text, completion, entries, is_word);
            }
            Choices::Names { from, taken } => self.ask(text, completion, from, taken),
        }
    }

    /// Asks the site for names when typing pauses. Older answers are not waited for.
    fn ask(self, text: String, completion: Completion, from: Names, taken: Vec<String>) {
        let turn = self.turn.try_update_value(|turn| {
            *turn = turn.wrapping_add(1);
            *turn
        });
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        let later = move || {
            leptos::task::spawn_local(async move {
                let offers = ask(from, completion.typed.clone(), taken).await.unwrap_or_default();
                if self.turn.try_get_value() != turn {
                    return;
                }
                let entry = |offer: Offer| Entry {
                    insert: completion.insert_name(&offer.value),
                    written: offer.value == completion.typed,
                    detail: if offer.label == offer.value {
                        offer.detail
                    } else {
                        format!("{} · {}", offer.label, offer.detail)
                    },
                    label: offer.value,
                };
                let entries = offers.into_iter().map(entry).collect();
                self.show(text, completion, entries, true);
            });
        };
        let timer = set_timeout_with_handle(later, PAUSE).ok();
        self.timer.set_value(timer);
    }

    fn show(self, text: String, completion: Completion, entries: Vec<Entry>, choose: bool) {
        if entries.is_empty() {
            return self.close();
        }
        // Who has written the word, or nothing, and presses Enter wants a new line.
        let chosen = choose && !completion.typed.trim().is_empty() && !entries.iter().any(|entry| entry.written);
        let said = count(entries.len() as i64, "suggestion", "suggestions");
        self.offered.set(Some(Offered { text, completion, entries, active: chosen.then_some(0) }));
        self.shared.announcer.say(said);
        // When the mark in the text has been drawn.
        request_animation_frame(move || self.settle());
    }

    /// Puts the list below the place in the text, or above it where there is more room.
    fn settle(self) {
        let Ok(Some(mark)) = document().query_selector(".query-at") else { return };
        let bounds = mark.get_bounding_client_rect();
        let size =
            |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(600.0);
        let (width, height) = (size(window().inner_width()), size(window().inner_height()));
        // As wide as the style sheet makes it.
        let own_width = 416.0_f64.min(width - 16.0);
        let left = bounds.left().min(width - own_width - 8.0).max(8.0);
        let (below, above) = (height - bounds.bottom() - 12.0, bounds.top() - 12.0);
        let (top, room) = if below < 160.0 && above > below {
            let room = above.clamp(0.0, 320.0);
            (bounds.top() - 4.0 - room, room)
        } else {
            (bounds.bottom() + 4.0, below.clamp(120.0, 320.0))
        };
        let _ = self.place.try_set((left, top, room));
    }

    fn step(self, by: isize) {
        let Some(count) = self.offered.with_untracked(|offered| offered.as_ref().map(|offered| offered.entries.len()))
        else {
            return;
        };
        self.offered.update(|offered| {
            if let Some(offered) = offered {
                let count = count.max(1) as isize;
                let from = offered.active.map_or(if by > 0 { -1 } else { 0 }, |at| at as isize);
                offered.active = Some((from + by).rem_euclid(count) as usize);
            }
        });
        request_animation_frame(move || {
            let active = self.offered.try_with_untracked(|offered| offered.as_ref().and_then(|offered| offered.active));
            if let Some(option) = active.flatten().and_then(|at| super::focus::by_id(&format!("{LIST}-{at}"))) {
                super::focus::scroll_near(&option);
            }
        });
    }

    fn accept(self, at: usize) {
        let Some(area) = self.shared.field() else { return };
        let text = area.value();
        let chosen = self.offered.with_untracked(|offered| {
            // While names are fetched, what stands in the list may be for what was there before the last letter.
            let offered = offered.as_ref().filter(|offered| offered.text == text)?;
            Some((offered.completion.range.clone(), offered.entries.get(at)?.insert.clone()))
        });
        self.close();
        let Some((range, insert)) = chosen else { return self.look(false) };
        self.shared.put(&area, &text, range, &insert);
        // A rule's name is followed by what it takes.
        if insert.ends_with(": ") {
            self.look(false);
        }
    }

    fn key(self, event: &KeyboardEvent) {
        if !self.is_area(event) || composes(event) {
            return;
        }
        let key = event.key();
        if key == " " && event.ctrl_key() {
            event.prevent_default();
            return self.look(true);
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        if !self.is_open() {
            if key == "Enter" && !event.shift_key() {
                self.break_line(event);
            }
            return;
        }
        let text = self.shared.field().map(|area| area.value());
        let is_now = |offered: &&Offered| text.as_ref() == Some(&offered.text);
        let active =
            self.offered.with_untracked(|offered| offered.as_ref().filter(is_now).and_then(|offered| offered.active));
        match (key.as_str(), active) {
            ("ArrowDown", _) => {
                event.prevent_default();
                self.step(1);
            }
            ("ArrowUp", _) => {
                event.prevent_default();
                self.step(-1);
            }
            ("Enter" | "Tab", Some(at)) if !event.shift_key() => {
                event.prevent_default();
                self.accept(at);
            }
            ("Escape", _) => {
                event.prevent_default();
                self.close();
            }
            ("Enter", None) if !event.shift_key() => {
                self.close();
                self.break_line(event);
            }
            ("Enter" | "Tab" | "ArrowLeft" | "ArrowRight" | "Home" | "End" | "PageUp" | "PageDown", _) => self.close(),
            _ => {}
        }
    }

    /// Begins a line that is indented as the one before it.
    fn break_line(self, event: &KeyboardEvent) {
        let Some(area) = self.shared.field() else { return };
        let text = area.value();
        let place = |unit: Result<Option<u32>, _>| unit.ok().flatten().map(|unit| from_utf16(&text, unit as usize));
        if let (Some(start), Some(end)) = (place(area.selection_start()), place(area.selection_end())) {
            event.prevent_default();
            self.shared.put(&area, &text, start..end, &line_break(&text, start));
        }
    }

    fn typed(self, event: &Event) {
        if !self.is_area(event) {
            return;
        }
        if self.shared.writing.get_value() {
            // What was suggested belongs to the text before.
            return self.close();
        }
        let Some(input) = event.dyn_ref::<InputEvent>() else { return self.close() };
        let data = input.data().unwrap_or_default();
        match input.input_type().as_str() {
            "insertText" if (1..=2).contains(&data.chars().count()) => self.look(false),
            // Telephones compose every word. Elsewhere whoever composes has a list before them already.
            "insertCompositionText" if is_touched() => self.look(false),
            "deleteContentBackward" if self.is_open() => self.look(false),
            _ => self.close(),
        }
    }

    fn is_area(self, event: &Event) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        target.zip(self.shared.field()).is_some_and(|(target, area)| target == **area)
    }

    fn listen(self) {
        let handles = [
            on_key_down(move |event| self.key(&event)),
            window_event_listener(ev::input, move |event| self.typed(&event)),
            window_event_listener(ev::compositionend, move |event| {
                if self.is_area(&event) {
                    self.look(false);
                }
            }),
            window_event_listener(ev::mousedown, move |event| {
                if self.is_area(&event) {
                    self.close();
                }
            }),
            window_event_listener(ev::focusout, move |event| {
                if self.is_area(&event) {
                    self.close();
                }
            }),
        ];
        on_cleanup(move || {
            handles.into_iter().for_each(|handle| handle.remove());
            self.close();
        });
    }
}

/// The list of what can stand at the caret.
#[component]
pub fn CompletionList(
    /// What is offered.
    completions: Completions,
) -> impl IntoView {
    completions.listen();
    let offered = completions.offered;
    // The field says by itself what it controls, and which option the keyboard is on.
    Effect::new(move |_| {
        let active = offered.with(|offered| offered.as_ref().map(|offered| offered.active));
        let Some(area) = completions.shared.field() else { return };
        // None of these fails for a name that is one.
        let _ = area.set_attribute("aria-autocomplete", "list");
        let _ = area.set_attribute("aria-controls", LIST);
        let _ = match active.flatten() {
            Some(at) => area.set_attribute("aria-activedescendant", &format!("{LIST}-{at}")),
            None => area.remove_attribute("aria-activedescendant"),
        };
    });
    let active = move || offered.with(|offered| offered.as_ref().and_then(|offered| offered.active));
    let entries = Memo::new(move |_| {
        offered.with(|offered| offered.as_ref().map(|offered| offered.entries.clone()).unwrap_or_default())
    });
    let options = move || {
        let option = |(at, entry): (usize, Entry)| {
            view! {
                <li
                    id=format!("{LIST}-{at}")
                    role="option"
                    class="query-option"
                    aria-selected=move || (active() == Some(at)).to_string()
                    // The text keeps the keyboard.
                    on:mousedown=move |event| event.prevent_default()
                    on:click=move |_| completions.accept(at)
                >
                    <span class="query-option-label">{entry.label}</span>
                    <span class="query-option-detail">{inline_code(&entry.detail)}</span>
                </li>
            }
        };
        entries.get().into_iter().enumerate().map(option).collect_view()
    };
    let style = move || {
        let (left, top, height) = completions.place.get();
        format!("left: {left}px; top: {top}px; max-height: {height}px")
    };
    view! {
        <ul
            id=LIST
            class="query-completions"
            role="listbox"
            aria-label="Suggestions"
            hidden=move || offered.with(Option::is_none)
            style=style
        >
            {options}
        </ul>
    }
}
