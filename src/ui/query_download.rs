//! All results of a query as a file: which form, and which columns. A plain form of the page asks for it, so that the browser
//! writes it to the disk while it comes, however long it is.

use super::dialog::{Dialog, DialogActions};
use super::icons::{Glyph, Icon};
use super::notice::Tone;
use super::query_address::QueryAddress;
use super::text::sentence;
use super::toast::use_toasts;
use crate::model::ListFormat;
use crate::model::download::COLUMNS;
use js_sys::Reflect;
use leptos::portal::Portal;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use web_sys::HtmlIFrameElement;

/// The name of the frame that shows why there is no file.
const ANSWER: &str = "query-download-answer";
/// Where the browser keeps what was chosen last.
const PLACE: &str = "ocellus.list-download";

/// What somebody chose. Of a form whose columns they never touched, the usual ones are theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Choice {
    format: ListFormat,
    /// By the name of the form.
    columns: BTreeMap<String, Vec<String>>,
}

impl Default for Choice {
    /// What most people open who are no programs.
    fn default() -> Self {
        Self { format: ListFormat::Csv, columns: BTreeMap::new() }
    }
}

impl Choice {
    /// The columns of the chosen form, in the order of a table. What this site does not know is left out.
    fn columns(&self) -> Vec<&'static str> {
        match self.columns.get(self.format.as_str()) {
            Some(chosen) => COLUMNS.into_iter().filter(|column| chosen.iter().any(|name| name == column)).collect(),
            None => self.format.usual_columns(),
        }
    }

    fn set(&mut self, column: &'static str, wanted: bool) {
        let mut columns = self.columns();
        columns.retain(|other| *other != column);
        if wanted {
            columns.push(column);
        }
        let names = columns.into_iter().map(str::to_owned).collect();
        self.columns.insert(self.format.as_str().to_owned(), names);
    }

    /// Goes back to the usual columns.
    fn reset(&mut self) {
        self.columns.remove(self.format.as_str());
    }

    fn is_usual(&self) -> bool {
        self.columns() == self.format.usual_columns()
    }
}

fn read() -> Choice {
    let text = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(PLACE).ok().flatten());
    text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn keep(choice: &Choice) {
    let storage = window().local_storage().ok().flatten();
    if let Some((storage, text)) = storage.zip(serde_json::to_string(choice).ok()) {
        // A browser that keeps nothing asks anew.
        let _ = storage.set_item(PLACE, &text);
    }
}

/// What a form is good for.
fn words(format: ListFormat) -> (&'static str, &'static str) {
    match format {
        ListFormat::Csv => ("CSV", "a table, for spreadsheets and R"),
        ListFormat::Json => ("JSON", "one array, for most programs"),
        ListFormat::Jsonl => ("JSONL", "a line for each picture, for very long lists"),
    }
}

/// A column in words.
fn label(column: &str) -> &'static str {
    match column {
        "id" => "Number",
        "title" => "Title",
        "description" => "Description",
        "author" => "Author",
        "attribution" => "Name to attribute",
        "licences" => "Licences",
        "nature" => "Nature",
        "origin_url" => "Origin",
        "timestamp" => "Time of posting",
        "width" => "Width",
        "height" => "Height",
        "file_format" => "File format",
        "region_count" => "Number of regions",
        "objects" => "Objects shown",
        "replaces" => "Replaces",
        "replaced_by" => "Replaced by",
        "copied_from" => "Copied from",
        "dataset" => "Dataset",
        "fields" => "Additional fields",
        "download" => "Address of the file",
        "regions" => "Regions",
        "page" => "Address of the page",
        _ => "",
    }
}

/// A button that asks how all results shall be written, and downloads them.
#[component]
pub fn DownloadList(
    /// What is found, and in which order.
    #[prop(into)]
    address: Signal<QueryAddress>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let toasts = use_toasts();
    // A file is written to the disk and shows nothing here. What is shown is why there is none.
    let refused = move |event: web_sys::Event| {
        if let Some(why) = shown_in(&event_target(&event)) {
            toasts.show(Tone::Danger, sentence(&why));
        }
    };
    view! {
        <button
            class="button small script-only"
            type="button"
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            <Icon glyph=Glyph::Download />
            "Download list"
        </button>
        // This may stand in a form, where there can be no other one.
        <Portal>
            <Dialog open=open title="Download the list" id="query-download">
                {move || open.get().then(|| view! { <ListForm open=open address=address /> })}
            </Dialog>
            <iframe name=ANSWER title="Answer to a download" hidden on:load=refused></iframe>
        </Portal>
    }
}

/// Why the server has refused a download, where a frame shows a problem document.
fn shown_in(frame: &HtmlIFrameElement) -> Option<String> {
    let text = frame.content_document()?.body()?.text_content().filter(|text| !text.trim().is_empty())?;
    let detail =
        js_sys::JSON::parse(&text).ok().and_then(|problem| Reflect::get(&problem, &"detail".into()).ok()?.as_string());
    Some(detail.unwrap_or_else(|| "the list could not be downloaded".to_owned()))
}

#[component]
fn ListForm(open: RwSignal<bool>, address: Signal<QueryAddress>) -> impl IntoView {
    let choice = RwSignal::new(read());
    let change = move |change: &dyn Fn(&mut Choice)| {
        choice.update(change);
        choice.with_untracked(keep);
    };
    let columns = Memo::new(move |_| choice.with(Choice::columns));
    let none = Memo::new(move |_| columns.with(Vec::is_empty));
    let formats = [ListFormat::Csv, ListFormat::Json, ListFormat::Jsonl].map(|format| {
        let (name, detail) = words(format);
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="format"
                    value=format.as_str()
                    prop:checked=move || choice.with(|choice| choice.format == format)
                    on:change=move |_| change(&|choice| choice.format = format)
                />
                <span>
                    {name} ": " <span class="muted">{detail}</span>
                </span>
            </label>
        }
    });
    let boxes = COLUMNS.map(|column| {
        view! {
            <label class="choice" title=column>
                <input
                    type="checkbox"
                    prop:checked=move || columns.with(|columns| columns.contains(&column))
                    on:change:target=move |event| {
                        let wanted = event.target().checked();
                        change(&|choice| choice.set(column, wanted));
                    }
                />
                {label(column)}
            </label>
        }
    });
    let fields = move || {
        let QueryAddress { query, ordering, seed, .. } = address.get();
        let pairs = [("query", query), ("ordering", ordering.as_str().to_owned()), ("seed", seed.to_string())];
        pairs.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).into_iter().collect_view()
    };
    view! {
        <form
            class="form"
            method="get"
            action="/api/query-download"
            target=ANSWER
            on:submit=move |event| {
                if none.get_untracked() {
                    event.prevent_default();
                } else {
                    // When the browser has read the form.
                    set_timeout(move || open.set(false), std::time::Duration::ZERO);
                }
            }
        >
            {fields}
            <input type="hidden" name="columns" prop:value=move || columns.with(|columns| columns.join(",")) />
            <fieldset class="list-formats">
                <legend>"Format"</legend>
                {formats.into_iter().collect_view()}
            </fieldset>
            <fieldset class="list-columns" aria-describedby="list-columns-none">
                <legend>"Columns"</legend>
                {boxes.into_iter().collect_view()}
            </fieldset>
            <p class="field-error" id="list-columns-none" role="alert">
                {move || none.get().then_some("Choose at least one column.")}
            </p>
            <DialogActions open=open>
                <button
                    class="button quiet"
                    type="button"
                    aria-disabled=move || choice.with(Choice::is_usual).then_some("true")
                    on:click=move |_| change(&Choice::reset)
                >
                    "Usual columns"
                </button>
                <button class="button primary" type="submit" aria-disabled=move || none.get().then_some("true")>
                    <Icon glyph=Glyph::Download />
                    "Download"
                </button>
            </DialogActions>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_columns_of_its_own() {
        let mut choice = Choice::default();
        assert!(choice.is_usual());
        choice.set("title", false);
        choice.set("regions", true);
        let columns = choice.columns();
        assert!(columns.contains(&"regions") && !columns.contains(&"title"));
        // They stand where a table has them, in whatever order they were chosen.
        let place = |name| COLUMNS.iter().position(|column| *column == name);
        assert!(columns.iter().map(|name| place(*name)).is_sorted());
        choice.format = ListFormat::Json;
        assert!(choice.is_usual());
        choice.format = ListFormat::Csv;
        choice.reset();
        assert_eq!(choice.columns(), ListFormat::Csv.usual_columns());
    }

    #[test]
    fn what_was_kept_is_read_with_care() {
        let kept = r#"{"format":"csv","columns":{"csv":["title","colour","id"]}}"#;
        assert_eq!(serde_json::from_str::<Choice>(kept).unwrap().columns(), ["id", "title"]);
    }

    #[test]
    fn every_column_has_words() {
        assert_eq!(COLUMNS.iter().find(|column| label(column).is_empty()), None);
    }
}
