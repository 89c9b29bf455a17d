//! The text editor for queries: a plain textarea, so that everything a browser can do with text works, with line numbers
//! beside it and the places of errors marked behind it.

use super::query_shared::QueryText;
use crate::model::QueryError;
use crate::model::text::escape_html;
use leptos::html::Textarea;
use leptos::prelude::*;

/// The editor shows at least and at most so many lines; longer texts scroll.
const ROWS: (usize, usize) = (9, 26);

/// The numbers of all lines, one a line.
fn line_numbers(lines: usize) -> String {
    (1..=lines).map(|line| line.to_string()).collect::<Vec<_>>().join("\n")
}

fn line_count(text: &str) -> usize {
    text.split('\n').count()
}

/// Where the token at a place starts and ends, counted as browsers count: in UTF-16 units from the start of the text.
fn token_at(text: &str, line: u32, column: u32) -> (u32, u32) {
    let units = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
    let mut start = 0;
    for (number, content) in (1..).zip(text.split('\n')) {
        if number == line {
            let at = content.char_indices().nth(column.saturating_sub(1) as usize).map_or(content.len(), |(at, _)| at);
            let (before, rest) = content.split_at(at);
            let end = rest.find([' ', ',', ']', '}', ':']).unwrap_or(rest.len());
            start += units(before);
            return (start, start + units(&rest[..end]));
        }
        start += units(content) + 1;
    }
    (start, start)
}

/// Puts the caret where an error is.
fn go_to(area: NodeRef<Textarea>, line: u32, column: u32) {
    if let Some(area) = area.get_untracked() {
        let (start, end) = token_at(&area.value(), line, column);
        let _ = area.focus();
        let _ = area.set_selection_range(start, end);
    }
}

/// The editor. The textarea belongs to the browser: the page reads what was typed and sets the text only when it comes from
/// elsewhere, so that neither the caret nor the history of typing is ever lost.
#[component]
pub fn QueryEditor(
    /// The text.
    shared: QueryText,
    /// Called with the new text after every change.
    on_text: Callback<String>,
    /// Called when the caret may have gone elsewhere.
    on_caret: Callback<()>,
    /// Called when the text should be used at once.
    on_run: Callback<()>,
    /// What stands behind and above the text.
    children: Children,
) -> impl IntoView {
    let QueryText { text, errors, current, area, scrolled, inked, .. } = shared;
    let lines = Memo::new(move |_| text.with(|text| line_count(text)));
    let run_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            on_run.run(());
        }
    };
    let marks = move || {
        let mut marked: Vec<u32> = errors.get().iter().map(|error| error.line).collect();
        marked.dedup();
        let marks =
            marked.into_iter().map(|line| view! { <span class="query-mark" style=format!("--line: {line}")></span> });
        marks.collect_view()
    };
    let follow = move |event: web_sys::Event| {
        let area = event_target::<web_sys::Element>(&event);
        scrolled.set((area.scroll_left(), area.scroll_top()));
    };
    view! {
        <div
            class="query-editor"
            class:current=move || current.get()
            class:inked=move || inked.get()
            style=move || format!("--scrolled: {}px", scrolled.get().1)
        >
            <div class="query-gutter" aria-hidden="true">
                <div class="query-numbers">{move || line_numbers(lines.get())}</div>
            </div>
            <div class="query-field">
                <div class="query-marks" aria-hidden="true">
                    <Transition>{marks}</Transition>
                </div>
                {children()}
                <textarea
                    id="query"
                    name="query"
                    node_ref=area
                    aria-label="Query"
                    aria-describedby="query-problems"
                    rows=move || lines.get().clamp(ROWS.0, ROWS.1).to_string()
                    wrap="off"
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="none"
                    placeholder="want:\n  - has: Animal\n  - above_width: 800\nexclude:\n  - has: Sheep"
                    on:input=move |event| on_text.run(event_target_value(&event))
                    on:keydown=run_key
                    on:keyup=move |_| on_caret.run(())
                    on:click=move |_| on_caret.run(())
                    on:blur=move |_| on_caret.run(())
                    on:scroll=follow
                    inner_html=escape_html(&text.get_untracked())
                ></textarea>
            </div>
        </div>
    }
}

/// What is wrong with the text, place by place.
#[component]
pub fn QueryErrors(
    /// The errors in the order of the text.
    errors: Vec<QueryError>,
    /// The textarea that they are about.
    area: NodeRef<Textarea>,
    /// Called with an error and the suggestion that is to take the place of the word that it is about.
    on_mend: Callback<(QueryError, String)>,
) -> impl IntoView {
    let items = errors.into_iter().map(|error| {
        let QueryError { line, column, .. } = error;
        let message = inline_code(&error.message);
        let suggestions = error.suggestions.clone().into_iter().map(|suggestion| {
            let (error, name) = (error.clone(), suggestion.clone());
            view! {
                <button
                    class="button small"
                    type="button"
                    on:click=move |_| on_mend.run((error.clone(), suggestion.clone()))
                >
                    "Write "
                    <code>{name}</code>
                    <span class="visually-hidden">{format!(" in line {line}, column {column}")}</span>
                </button>
            }
        });
        let suggestions = (!error.suggestions.is_empty())
            .then(|| view! { <span class="query-mend script-only">{suggestions.collect_view()}</span> });
        view! {
            <li>
                <button class="query-place" type="button" on:click=move |_| go_to(area, line, column)>
                    {format!("Line {line}, column {column}")}
                </button>
                <span>{message}</span>
                {suggestions}
            </li>
        }
    });
    view! { <ul class="query-errors">{items.collect_view()}</ul> }
}

/// A message whose names in backticks are shown as code.
pub fn inline_code(message: &str) -> Vec<AnyView> {
    let parts = message.split('`').enumerate().filter(|(_, part)| !part.is_empty());
    parts
        .map(|(index, part)| {
            let part = part.to_owned();
            if index % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_tokens_in_the_units_of_browsers() {
        let text = "want:\n  - has: [😀é, Dog]\n";
        assert_eq!(token_at(text, 1, 1), (0, 4));
        assert_eq!(token_at(text, 2, 5), (10, 13));
        // The emoji is one character and two units.
        assert_eq!(token_at(text, 2, 11), (16, 19));
        assert_eq!(token_at(text, 2, 15), (21, 24));
        assert_eq!(token_at(text, 2, 99), (25, 25));
        assert_eq!(token_at(text, 99, 1), (27, 27));
    }

    #[test]
    fn numbers_lines() {
        assert_eq!(line_numbers(line_count("a\nb\n")), "1\n2\n3");
        assert_eq!(line_numbers(line_count("")), "1");
    }
}
