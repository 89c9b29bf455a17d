//! What helps whoever writes a query: colours, waves below errors, completion, help, format, history, copies. It comes in a
//! piece of the front end of its own; see `pages/query.rs`.

use super::copy_button::CopyButton;
use super::dialog::{Dialog, DialogActions};
use super::icons::{Glyph, Icon};
use super::key_listener::on_key_down;
use super::query_completion::{CompletionList, Completions};
use super::query_download::DownloadList;
use super::query_editor::inline_code;
use super::query_history::HistoryMenu;
use super::query_ink::ink;
use super::query_saved::SavedMenu;
use super::query_shared::QueryText;
use super::query_undo::keep_steps;
use super::text::sentence;
use crate::model::QueryError;
use crate::model::text::path_segment;
use crate::query::date::in_words;
use crate::query::text::copy_as::Tongue;
use crate::query::text::document::Document;
use crate::query::text::highlight::{highlight, underlined};
use crate::query::text::hover::{Help, hover};
use crate::query::text::position::from_utf16;
use crate::query::text::unfinished::moved;
use crate::query::{Rule, rule_of};
use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, MouseEvent};

/// A dialog has closed and given the keyboard back after so long.
const CLOSED: Duration = Duration::from_millis(30);

/// The pointer rests when it has not moved for so long.
const REST: Duration = Duration::from_millis(300);

/// What is to be said about a place in the text.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    errors: Vec<String>,
    title: String,
    text: String,
}

/// What is known of a byte of the text.
fn said(text: &str, errors: &[QueryError], at: usize) -> Option<Said> {
    let ranges = underlined(text, errors);
    let here = ranges.iter().zip(errors).filter(|(range, _)| range.start <= at && at <= range.end);
    let errors: Vec<String> = here.map(|(_, error)| sentence(&error.message)).collect();
    let (title, text) = match hover(text, at).map(|hover| hover.help) {
        Some(Help::Key(key)) => (key.name.to_owned(), key.meaning.to_owned()),
        Some(Help::Rule(rule)) => {
            (rule.name.to_owned(), format!("The picture {}. Takes {}.", rule.meaning, rule.form.takes()))
        }
        Some(Help::Value { rule, value }) => {
            let takes = format!("{}: takes {}.", rule.label, rule.form.takes());
            match rule_of(rule, &[&value]) {
                // Which moment a number or a month is can be seen nowhere else in the text.
                Ok(Rule::Time(_, time)) => (value, format!("is {}. {takes}", in_words(time))),
                _ => (value, takes),
            }
        }
        None if errors.is_empty() => return None,
        None => (String::new(), String::new()),
    };
    Some(Said { errors, title, text })
}

fn said_view(said: Said) -> AnyView {
    let errors =
        said.errors.into_iter().map(|error| view! { <span class="query-said-error">{inline_code(&error)}</span> });
    let title = (!said.title.is_empty()).then(|| view! { <code>{said.title}</code> });
    view! {
        {errors.collect_view()}
        <span>{title} " " {inline_code(&said.text)}</span>
    }
    .into_any()
}

/// The errors as they are known. While the text is another one than that which they belong to, they go with their words.
fn known_errors(shared: QueryText) -> RwSignal<Vec<QueryError>> {
    let known = RwSignal::new(Vec::new());
    Effect::new(move |before: Option<String>| {
        let text = shared.text.get();
        let errors = match before {
            _ if shared.current.get() => shared.errors.get(),
            Some(before) => known.with_untracked(|known| moved(known, &before, &text)),
            None => Vec::new(),
        };
        if known.with_untracked(|known| *known != errors) {
            known.set(errors);
        }
        text
    });
    known
}

/// Colours, completion and help of the text; stands in the field's frame.
#[component]
pub fn TextTools(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let errors = known_errors(shared);
    let completions = Completions::new(shared);
    let html = move || {
        shared.text.with(|text| {
            let waves = errors.with(|errors| underlined(text, errors));
            ink(text, &highlight(text), &waves, completions.mark())
        })
    };
    let style = move || {
        let (x, y) = shared.scrolled.get();
        format!("transform: translate({}px, {}px)", -x, -y)
    };
    keep_steps(shared);
    shared.inked.set(true);
    on_cleanup(move || {
        let _ = shared.inked.try_set(false);
    });
    view! {
        <div class="query-ink" aria-hidden="true">
            <pre style=style inner_html=html></pre>
        </div>
        <CompletionList completions=completions />
        <Hovering shared=shared errors=errors />
    }
}

/// Help for what the pointer rests on.
#[component]
fn Hovering(shared: QueryText, errors: RwSignal<Vec<QueryError>>) -> impl IntoView {
    let shown = RwSignal::new(None::<(Said, f64, f64)>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let hide = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
        if shown.try_with_untracked(Option::is_some) == Some(true) {
            shown.set(None);
        }
    };
    let look = move |x: f64, y: f64| {
        // The coloured parts lie behind the text, at the same places.
        let behind = call_elements_from_point(x, y);
        let part = behind.into_iter().find(|element| element.has_attribute("data-at"));
        let Some((part, at)) = part.and_then(|part| {
            let at = part.get_attribute("data-at")?.parse::<usize>().ok()?;
            Some((part, at))
        }) else {
            return;
        };
        let said = shared.text.with_untracked(|text| errors.with_untracked(|errors| said(text, errors, at)));
        let bounds = part.get_bounding_client_rect();
        if let Some(said) = said {
            shown.set(Some((said, bounds.left(), bounds.bottom())));
        }
    };
    let moved = move |event: MouseEvent| {
        hide();
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_area = target.zip(shared.field()).is_some_and(|(target, area)| target == **area);
        if is_area && event.buttons() == 0 {
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            timer.set_value(set_timeout_with_handle(move || look(x, y), REST).ok());
        }
    };
    let handles = [
        window_event_listener(ev::mousemove, moved),
        on_key_down(move |_| hide()),
        window_event_listener(ev::wheel, move |_| hide()),
        window_event_listener(ev::scroll, move |_| hide()),
    ];
    on_cleanup(move || {
        handles.into_iter().for_each(|handle| handle.remove());
        hide();
    });
    move || {
        shown.get().map(|(said, left, top)| {
            let style = format!("left: min({left}px, calc(100vw - 23rem)); top: {}px", top + 4.0);
            // What it says stands below the text as well, for whoever has no pointer.
            view! {
                <div class="query-hover" aria-hidden="true" style=style>
                    {said_view(said)}
                </div>
            }
        })
    }
}

/// All elements at a point of the window, the topmost first.
fn call_elements_from_point(x: f64, y: f64) -> Vec<Element> {
    let document: &wasm_bindgen::JsValue = &document();
    let found = js_sys::Reflect::get(document, &"elementsFromPoint".into())
        .ok()
        .and_then(|function| function.dyn_into::<js_sys::Function>().ok())
        .and_then(|function| function.call2(document, &x.into(), &y.into()).ok());
    let elements = found.map(|found| js_sys::Array::from(&found)).unwrap_or_default();
    elements.iter().filter_map(|element| element.dyn_into().ok()).collect()
}

/// Help for the place of the caret, below the text.
#[component]
pub fn CaretHelp(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let errors = known_errors(shared);
    let caret = RwSignal::new(None::<usize>);
    let look = move |event: &Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(area) = shared.field().filter(|area| target.is_some_and(|target| target == ***area)) else { return };
        if shared.writing.get_value() {
            return;
        }
        let at = area.selection_end().ok().flatten().unwrap_or_default() as usize;
        let at = from_utf16(&area.value(), at);
        if caret.get_untracked() != Some(at) {
            caret.set(Some(at));
        }
    };
    let handles = [
        window_event_listener(ev::keyup, move |event| look(&event)),
        window_event_listener(ev::click, move |event| look(&event)),
        window_event_listener(ev::input, move |event| look(&event)),
        window_event_listener(ev::focusin, move |event| look(&event)),
    ];
    on_cleanup(move || handles.into_iter().for_each(|handle| handle.remove()));
    let at_caret = Memo::new(move |_| {
        let at = caret.get()?;
        shared.text.with(|text| errors.with(|errors| said(text, errors, at)))
    });
    let content = move || match at_caret.get() {
        Some(said) => said_view(said),
        None => view! { <span class="muted by-keys">"Ctrl+Space suggests what can stand here."</span> }.into_any(),
    };
    view! {
        <p class="query-caret-help" id="query-caret-help">
            {content}
        </p>
    }
}

/// Buttons below the text.
#[component]
pub fn TextToolbar(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let lost = RwSignal::new(None::<(String, Vec<String>)>);
    let take = move |text: String| {
        shared.write(&text);
        shared.announcer.say("The query is formatted.");
    };
    let format = move || {
        let text = shared.text.get_untracked();
        match Document::read(&text).map(|document| document.format()) {
            Ok(Ok(formatted)) if formatted.lost.is_empty() => take(formatted.text),
            Ok(Ok(formatted)) => lost.set(Some((formatted.text, formatted.lost))),
            _ => shared.announcer.say("A query with errors cannot be formatted."),
        }
    };
    let keys = on_key_down(move |event| {
        let in_area = document().active_element().zip(shared.field()).is_some_and(|(active, area)| active == **area);
        if in_area && event.ctrl_key() && event.shift_key() && event.code() == "KeyF" {
            event.prevent_default();
            format();
        }
    });
    on_cleanup(move || keys.remove());
    let readable = Memo::new(move |_| shared.text.with(|text| crate::query::parse(text).is_ok()));
    let copies = Tongue::ALL.map(|tongue| {
        let text = Signal::derive(move || {
            shared.address.get().request(&window().location().origin().unwrap_or_default()).copy_as(tongue)
        });
        let what = match tongue {
            Tongue::Link => "The link",
            Tongue::Curl => "The command",
            Tongue::Python | Tongue::JavaScript => "The program",
        };
        view! { <CopyButton what=what label=tongue.label() class="quiet small wide" visible=false text=text /> }
    });
    view! {
        <div class="query-tools" role="group" aria-label="The text">
            <button
                class="button small"
                type="button"
                title="Format (Ctrl+Shift+F)"
                aria-disabled=move || (!readable.get()).then_some("true")
                on:click=move |_| format()
            >
                "Format"
            </button>
            <HistoryMenu shared=shared />
            <SavedMenu shared=shared />
            <details class="menu">
                <summary class="button small">
                    <Icon glyph=Glyph::Copy />
                    "Copy as"
                </summary>
                <div class="menu-panel">{copies.into_iter().collect_view()}</div>
            </details>
            <DownloadList address=shared.address />
            <a
                class="button small"
                href=move || shared.address.with(|address| format!("/export?query={}", path_segment(&address.query)))
            >
                "Export"
            </a>
        </div>
        <LostComments
            lost=lost
            id="query-format-lost"
            doing="Formatting"
            on_agreed=Callback::new(take)
        />
    }
}

/// Asks before comments go.
#[component]
pub fn LostComments(
    /// The new text and the comments that it does not have, while the question is asked.
    lost: RwSignal<Option<(String, Vec<String>)>>,
    /// The dialog's id.
    id: &'static str,
    /// What loses them, at the beginning of a sentence.
    doing: &'static str,
    /// Called with the text after somebody agreed.
    on_agreed: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(lost.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && lost.with_untracked(Option::is_some) {
            lost.set(None);
        }
    });
    let comments = move || {
        let comments = lost.with(|lost| lost.as_ref().map(|(_, comments)| comments.clone()).unwrap_or_default());
        comments.into_iter().map(|comment| view! { <li><code>{comment}</code></li> }).collect_view()
    };
    view! {
        <Dialog open=open title="Comments would get lost" id=id>
            <p>{doing} " has no place for what you wrote here:"</p>
            <ul class="query-lost">{comments}</ul>
            <DialogActions open=open>
                <button
                    class="button danger"
                    type="button"
                    on:click=move |_| {
                        let agreed = lost.get_untracked();
                        open.set(false);
                        lost.set(None);
                        if let Some((text, _)) = agreed {
                            // When the dialog has closed: before that the text cannot have the keyboard, without which the
                            // browser's undo would not know of the change.
                            set_timeout(move || on_agreed.run(text), CLOSED);
                        }
                    }
                >
                    "Go ahead"
                </button>
            </DialogActions>
        </Dialog>
    }
}
