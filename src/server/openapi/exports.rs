//! What the document says of exports.

use super::{answer, closed, operation, parameter, schema};
use crate::model::ExportFormat;
use crate::model::project::WorkState;
use serde_json::{Value, json};

fn parameters() -> Vec<Value> {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer", "minimum": 0});
    let formats: Vec<&str> = ExportFormat::all().map(ExportFormat::as_str).collect();
    let states: Vec<&str> = WorkState::ALL.iter().map(|state| state.as_str()).collect();
    let states = states.join(", ");
    let mut format = parameter("format", "query", "The form.", json!({"type": "string", "enum": formats}));
    format["required"] = json!(true);
    vec![
        format,
        parameter(
            "query",
            "query",
            "What a query finds, as its text. Exactly one of `query`, `gallery`, `dataset`, `project` and `pictures` is said.",
            text(),
        ),
        parameter(
            "gallery",
            "query",
            "What is in the gallery with this number.",
            json!({"type": "integer", "format": "int64"}),
        ),
        parameter("dataset", "query", "The pictures of a dataset: `namespace/name`, or its number.", text()),
        parameter(
            "ref",
            "query",
            "With `dataset`: a version or commit, with what was drawn when it was named. Without it the newest state, with what is drawn now.",
            text(),
        ),
        parameter(
            "project",
            "query",
            "The pictures of the project with this number, with regions that show what it is about.",
            json!({"type": "integer", "format": "int64"}),
        ),
        parameter(
            "states",
            "query",
            &format!("With `project`: only pictures with which the work is there, separated by commas: {states}."),
            text(),
        ),
        parameter("pictures", "query", "Numbers of pictures, separated by commas.", text()),
        parameter(
            "images",
            "query",
            "Whether the files come along, or only their addresses.",
            json!({"type": "string", "enum": ["files", "urls"], "default": "files"}),
        ),
        parameter(
            "split",
            "query",
            "Shares of train, val and test, such as `80,10,10`. Copies of a picture stay together.",
            text(),
        ),
        parameter(
            "seed",
            "query",
            "Another number shares the pictures out otherwise.",
            json!({"type": "integer", "minimum": 0, "default": 0}),
        ),
        parameter(
            "level",
            "query",
            "Objects further down in the taxonomy than this are said as the ones above them there; the topmost are at 0.",
            number(),
        ),
        parameter(
            "min_size",
            "query",
            "Boxes and polygons that are narrower or lower than so many pixels are left out.",
            number(),
        ),
        parameter(
            "archive",
            "query",
            "The archive: `zip` unless it is said. A single table comes alone unless it is.",
            json!({"type": "string", "enum": ["zip", "tar"]}),
        ),
        parameter(
            "use",
            "query",
            "What somebody has in mind with the pictures: `commercial`, `derivatives`, or both, separated by a comma.",
            text(),
        ),
        parameter(
            "excluded",
            "query",
            "With `use`: whether pictures whose licences exclude it are left out, or nothing is exported where there are any.",
            json!({"type": "string", "enum": ["refuse", "leave-out"], "default": "refuse"}),
        ),
    ]
}

/// The paths.
pub fn paths() -> Value {
    let mut export = operation(
        "export",
        "Pictures with their regions, in a form that training and other programs load, with attributions, a list of all files with their \
        SHA-256, and what the form could not say. The same pictures make the same bytes, so that a download that broke off goes on with \
        a range",
        parameters(),
        None,
        (
            200,
            json!({"description": "The archive, or the table.", "headers": {"ETag": {"schema": {"type": "string"}}, "Accept-Ranges": {"schema": {"type": "string"}}},
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}),
        ),
        &[400, 401, 403, 404, 409, 413],
    );
    export["responses"]["206"] = json!({"description": "The part that `Range` asks for."});
    export["responses"]["304"] = json!({"description": "It is as `If-None-Match` says."});
    export["responses"]["416"] = json!({"description": "It is shorter."});
    json!({
        "/api/v1/export": {"get": export},
        "/api/v1/export/preview": {"get": operation("previewExport", "What an export would have in it", parameters(), None,
            (200, answer("What it would have in it.", schema("ExportPreview"))), &[400, 401, 403, 404, 409, 413])},
    })
}

/// The schemas.
pub fn schemas() -> Value {
    let count = || json!({"type": "integer", "minimum": 0});
    json!({
        "ExportPreview": closed(&["name", "size", "files", "pictures", "regions", "losses"], json!({
            "name": {"type": "string", "description": "What the file will be called."},
            "size": {"type": "integer", "minimum": 0, "description": "How many bytes it will have."},
            "files": {"type": "integer", "minimum": 0, "description": "How many files are in it; 0 if it is a single table."},
            "pictures": count(),
            "regions": count(),
            "losses": {"type": "array", "items": {"type": "string"}, "description": "What will be left out or changed, such as `37 polylines cannot be said`."},
        })),
    })
}
