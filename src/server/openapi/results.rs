//! What the document says of a query's results beside the list of pictures.

use super::query::{by_address, by_body};
use super::{answer, closed, json_body, list_answer, list_of, operation, paging, parameter, query, schema};
use crate::model::download::COLUMNS;
use crate::model::insights::MAX_SLICES;
use crate::model::limits::MAX_TITLE;
use crate::model::saved_query::MAX_SAVED_QUERIES_LISTED;
use crate::model::{Dimension, ListFormat, Ordering};
use crate::server::statistics::TOP;
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    let mut saved_parameters = paging();
    saved_parameters[1]["schema"]["maximum"] = MAX_SAVED_QUERIES_LISTED.into();
    saved_parameters.push(parameter("owner", "query", "Only those of this user.", json!({"type": "string"})));
    let saved = || (200, answer("The saved query.", schema("SavedQuery")));
    json!({
        "/api/query-insights": {
            "get": operation("queryInsightsByAddress", "Count what a short query finds", by_address(insight_parameters()), None,
                insights(), &[400, 401, 422]),
            "post": operation("queryInsights", "Count what a query finds: in all, for each rule, and by kind", by_body(insight_parameters()),
                Some(query::body()), insights(), &[400, 401, 403, 413, 415, 422]),
        },
        "/api/query-plot/{dimension}": {
            "get": operation("queryPlot", "A plot of what a query finds", plot_parameters(), None, plot(), &[400, 401, 404, 422]),
        },
        "/api/query-download": {
            "get": operation("queryDownloadByAddress", "All that a short query finds as a file", by_address(download_parameters()), None,
                file(), &[400, 401, 422]),
            "post": operation("queryDownload", "All that a query finds as a file, streamed, however much it is", by_body(download_parameters()),
                Some(query::body()), file(), &[400, 401, 403, 413, 415, 422]),
        },
        "/api/saved-query": {"get": operation("savedQueries", "One's own saved queries and the public ones, those changed last first",
            saved_parameters, None, (200, list_answer("A part of the list.", list_of(schema("SavedQuery")))), &[400, 401])},
        "/api/saved-query/{id}": {"get": operation("savedQuery", "One saved query", vec![saved_id()], None, saved(), &[401, 404])},
        "/api/saved-query/{id}/update": {"post": operation("updateSavedQuery", "Change a saved query; absent keys stay",
            vec![saved_id()], json_body(closed(&[], saved_fields())), saved(), &[400, 401, 403, 404, 409, 413, 422, 429])},
        "/api/saved-query/{id}/delete": {"post": operation("deleteSavedQuery", "Delete a saved query", vec![saved_id()], None,
            (204, json!({"description": "Deleted."})), &[401, 403, 404])},
        "/api/new-saved-query": {"post": operation("saveQuery", "Keep a query under a name", vec![],
            json_body(closed(&["title", "query"], saved_fields())),
            (201, answer("The saved query; `Location` is its address.", schema("SavedQuery"))), &[400, 401, 403, 409, 413, 422, 429])},
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer", "format": "int64", "minimum": 0});
    let yes_or_no = |description: &str| json!({"type": "boolean", "description": description});
    let mut kept = saved_fields();
    (kept["id"], kept["owner"], kept["timestamp"]) = (number(), text(), number());
    json!({
        "SavedQuery": closed(&["id", "title", "query", "ordering", "owner", "public", "timestamp"], kept),
        "Insights": {"type": "object", "required": ["total", "effects", "breakdowns", "complete"], "properties": {
            "total": number(),
            "effects": list_of(closed(&["excluded", "index", "rule", "removes"], json!({
                "excluded": yes_or_no("Whether the rule stands in `exclude`."),
                "index": {"type": "integer", "minimum": 0, "description": "Its place in its list."},
                "rule": text(),
                "removes": {"type": "integer", "minimum": 0, "description": "How many more pictures there would be without it."},
            }))),
            "obsolete": {"type": "integer", "minimum": 0, "description":
                "How many more there would be with `include_obsolete`; absent where the query says it, and without `effects`."},
            "breakdowns": list_of(schema("Breakdown")),
            "complete": yes_or_no("False where the time was over before everything was counted: what is missing is absent."),
        }},
        "Breakdown": closed(&["dimension", "slices", "more"], json!({
            "dimension": {"type": "string", "enum": Dimension::ALL.map(Dimension::as_str)},
            "slices": list_of(closed(&["value", "pictures", "rules"], json!({
                "value": text(), "pictures": number(),
                "regions": {"type": "integer", "minimum": 1, "description": "Of objects: how many regions show it."},
                "rules": {"type": "array", "description":
                    "The rules that leave exactly these pictures of the results if they are wanted; none where no rules can. Of several, \
                     each would exclude more.",
                    "items": closed(&["name", "values"], json!({"name": text(), "values": list_of(text())}))},
            }))),
            "more": yes_or_no("Whether there are more than these."),
        })),
    })
}

fn saved_id() -> Value {
    parameter("id", "path", "Number of the saved query.", json!({"type": "integer", "format": "int64"}))
}

fn saved_fields() -> Value {
    json!({
        "title": {"type": "string", "minLength": 1, "maxLength": MAX_TITLE, "description": "No two of one user have the same."},
        "query": {"type": "string", "description": "The query's text."},
        "ordering": {"type": "string", "enum": Ordering::ALL.map(Ordering::as_str), "default": "date-desc", "description": "The order of its pictures."},
        "public": {"type": "boolean", "default": false, "description": "Whether everybody may see it, or its owner only."},
    })
}

fn insight_parameters() -> Vec<Value> {
    let names = Dimension::ALL.map(Dimension::as_str).join("`, `");
    let mut parameters = vec![
        parameter(
            "effects",
            "query",
            "Whether to say what each rule does.",
            json!({"type": "boolean", "default": true}),
        ),
        parameter(
            "dimensions",
            "query",
            &format!("By what the results are counted: some of `{names}`, separated by commas."),
            json!({"type": "string", "default": Dimension::FACETS.map(Dimension::as_str).join(",")}),
        ),
    ];
    parameters.push(top());
    parameters
}

fn top() -> Value {
    parameter(
        "top",
        "query",
        "How many names of each dimension, the most frequent first.",
        json!({"type": "integer", "minimum": 1, "maximum": MAX_SLICES, "default": TOP}),
    )
}

fn plot_parameters() -> Vec<Value> {
    let dimensions = json!({"type": "string", "enum": Dimension::ALL.map(Dimension::as_str)});
    by_address(vec![parameter("dimension", "path", "By what the results are counted.", dimensions), top()])
}

fn plot() -> (u16, Value) {
    let svg = json!({"image/svg+xml": {"schema": {"type": "string"}}});
    (200, json!({"description": "The plot, with a title and a summary for those who do not see it.", "content": svg}))
}

fn download_parameters() -> Vec<Value> {
    let orderings = json!({"type": "string", "enum": Ordering::ALL.map(Ordering::as_str), "default": "date-desc"});
    let usual = |format: ListFormat| format.usual_columns().join("`, `");
    let columns = format!(
        "The columns, separated by commas: some of `{}`. Without it, in JSON and JSON Lines `{}`, in CSV `{}`.",
        COLUMNS.join("`, `"),
        usual(ListFormat::Json),
        usual(ListFormat::Csv)
    );
    vec![
        parameter(
            "format",
            "query",
            "How it is written.",
            json!({"type": "string", "enum": ListFormat::ALL.map(ListFormat::as_str), "default": "json"}),
        ),
        parameter("columns", "query", &columns, json!({"type": "string"})),
        parameter("ordering", "query", "The order of the pictures.", orderings),
        parameter(
            "seed",
            "query",
            "Which shuffle `random` gives; without one, another each time.",
            json!({"type": "integer", "format": "int64"}),
        ),
    ]
}

/// What a downloaded file is like.
const FILE_HELP: &str = "The pictures that there were when the download began, as they are when they are written: one that is \
    deleted meanwhile is left out. A file that is broken off is incomplete JSON, or has fewer lines than `X-Total-Count` says. \
    In CSV (RFC 4180, UTF-8, CRLF), lists are separated by `;`, and regions are JSON. A text that programs for tables would \
    take for a formula, since it begins with `=`, `+`, `-`, `@`, a tab or a line break, has an apostrophe before it, and so \
    has what follows a `;` within a text.";

fn file() -> (u16, Value) {
    let mut rows = list_of(json!({"type": "object"}));
    rows["description"] = "Dictionaries with the chosen columns as keys.".into();
    let text = json!({"schema": {"type": "string"}});
    let file = json!({
        "description": FILE_HELP,
        "headers": {"X-Total-Count": {"description": "Number of pictures when the download began.", "schema": {"type": "integer"}}},
        "content": {"application/json": {"schema": rows}, "application/jsonl": text, "text/csv": text},
    });
    (200, file)
}

fn insights() -> (u16, Value) {
    (200, answer("The counts, all of one state of the site.", schema("Insights")))
}
