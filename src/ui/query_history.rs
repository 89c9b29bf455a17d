//! The queries that somebody ran lately, kept by the browser.

use super::icons::{Glyph, Icon};
use super::layout::{OPEN_MENUS, close_menus};
use super::query_shared::QueryText;
use leptos::prelude::*;
use std::time::Duration;

/// Where the browser keeps them.
const PLACE: &str = "ocellus.queries";
/// So many are kept.
const KEPT: usize = 50;
/// A query that was looked at for so long counts as run.
const LOOK: Duration = Duration::from_secs(2);

/// The queries with one more, the newest first, none of them twice.
fn with(mut queries: Vec<String>, query: &str) -> Vec<String> {
    queries.retain(|other| other.trim() != query.trim());
    queries.insert(0, query.to_owned());
    queries.truncate(KEPT);
    queries
}

/// A query on one line.
pub(super) fn in_short(query: &str) -> String {
    let lines = query.lines().map(|line| line.trim().trim_start_matches("- ")).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" · ")
}

fn read() -> Vec<String> {
    let text = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(PLACE).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn keep(queries: &[String]) {
    let storage = window().local_storage().ok().flatten();
    if let Some((storage, text)) = storage.zip(serde_json::to_string(queries).ok()) {
        // A browser that keeps nothing has no history.
        let _ = storage.set_item(PLACE, &text);
    }
}

/// The menu of earlier queries.
#[component]
pub fn HistoryMenu(
    /// The text.
    shared: QueryText,
) -> impl IntoView {
    let queries = RwSignal::new(Vec::<String>::new());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(timer) = timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    };
    on_cleanup(stop);
    Effect::new(move |_| {
        stop();
        let query = shared.address.with(|address| address.query.clone());
        if !query.trim().is_empty() && shared.current.get() && shared.errors.with(Vec::is_empty) {
            let remember = move || keep(&with(read(), &query));
            timer.set_value(set_timeout_with_handle(remember, LOOK).ok());
        }
    });
    let list = move || {
        let item = |query: String| {
            let short = in_short(&query);
            view! {
                <li>
                    <button
                        class="query-earlier"
                        type="button"
                        title=query.clone()
                        on:click=move |_| {
                            // The keyboard comes back to the menu's button.
                            close_menus(OPEN_MENUS, None, true);
                            shared.write(&query);
                        }
                    >
                        {short}
                    </button>
                </li>
            }
        };
        queries.get().into_iter().map(item).collect_view()
    };
    let is_empty = move || queries.with(Vec::is_empty);
    let clear = move |_| {
        keep(&[]);
        queries.set(Vec::new());
    };
    view! {
        <details class="menu" on:toggle=move |_| queries.set(read())>
            <summary class="button small">
                <Icon glyph=Glyph::Retry />
                "History"
            </summary>
            <div class="menu-panel query-history">
                <p class="menu-note" hidden=move || !is_empty()>
                    "Queries that you run are listed here, in this browser only."
                </p>
                <ul aria-label="Earlier queries">{list}</ul>
                <button class="button small quiet" type="button" hidden=is_empty on:click=clear>
                    "Clear the history"
                </button>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_first_and_none_twice() {
        let queries = with(vec!["a".to_owned(), "b\n".to_owned()], "b");
        assert_eq!(queries, ["b", "a"]);
        let many = (0..60).fold(Vec::new(), |queries, n| with(queries, &n.to_string()));
        assert_eq!((many.len(), many[0].as_str()), (KEPT, "59"));
    }

    #[test]
    fn short_texts_have_one_line() {
        assert_eq!(
            in_short("want:\n  - has: Cat\n\nexclude:\n  - has: Dog\n"),
            "want: · has: Cat · exclude: · has: Dog"
        );
    }
}
