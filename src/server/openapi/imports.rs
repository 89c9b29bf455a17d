//! What the document says of imports.

use super::{list_of, operation, schema};
use crate::model::import::{ColumnUse, Existing, ImportKind, readable};
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    let body = json!({"required": true, "content": {"multipart/form-data": {"schema": {
        "type": "object",
        "properties": {
            "json": schema("ImportRequest"),
            "file": {"type": "string", "format": "binary", "description":
                "An annotation file, or a ZIP or TAR (as it is, or with gzip, bzip2, xz or Zstandard) of annotation files, with or \
                 without pictures, or of files with one CSV. Not with `of`."},
        },
    }}}});
    let accepted = json!({
        "description": "It is queued.",
        "headers": {"Location": {"description": "Its job.", "schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"type": "object", "required": ["job"], "properties": {
            "job": {"type": "integer", "format": "int64"},
        }}}},
    });
    json!({
        "/api/v1/imports": {"post": operation(
            "import",
            "Brings annotations into a dataset, with their pictures or for pictures that are there; or files with a table that says what is \
             in them. The result of the job is an `AnnotationsReport` or an `ArchiveReport`; its errors are what could not be brought in",
            Vec::new(),
            Some(body),
            (202, accepted),
            &[400, 401, 403, 409, 413, 415],
        )},
    })
}

/// The types.
pub fn schemas() -> Value {
    let formats: Vec<&str> = readable().map(|format| format.as_str()).collect();
    let number = || json!({"type": "integer", "format": "int64", "minimum": 0});
    let kinds: Vec<&str> = ImportKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let uses: Vec<&str> = ColumnUse::ALL.iter().map(|used| used.as_str()).collect();
    let row = json!({"type": "object", "properties": {
        "row": number(), "line": number(), "name": {"type": "string"},
    }});
    let some = |of: Value| json!({"type": "object", "required": ["count", "first"], "properties": {"count": number(), "first": list_of(of)}});
    let texts = list_of(json!({"type": "object", "properties": {
        "text": {"type": "string"}, "rows": number(), "ids": list_of(json!({"type": "string"})),
    }}));
    let existing: Vec<&str> = Existing::ALL.iter().map(|existing| existing.as_str()).collect();
    let listed = || {
        json!({"type": "object", "required": ["count", "first"], "properties": {
            "count": number(), "first": list_of(json!({"type": "string"})),
        }})
    };
    json!({
        "ImportRequest": {"type": "object", "required": ["dataset"], "additionalProperties": false, "properties": {
            "kind": {"type": "string", "enum": kinds, "default": "annotations", "description":
                "`archive`: files with one table in CSV that says what is in them."},
            "format": {"type": ["string", "null"], "enum": formats.iter().map(|name| json!(name)).chain([Value::Null]).collect::<Vec<_>>(),
                "description": "Found out where it is absent."},
            "dataset": {"type": "string", "description": "Its number, or `namespace/name`."},
            "folder": {"type": "string", "default": "", "description":
                "Pictures are looked for in this folder, and those that come along are put there."},
            "existing": {"type": "string", "enum": existing, "default": "keep", "description":
                "What happens to regions that a picture has before."},
            "classes": {"type": "object", "additionalProperties": {"type": ["string", "null"]}, "description":
                "Which object a class is, by the class's name; null leaves its regions out. Other classes are the objects that are, or \
                 were, called so."},
            "create_objects": {"type": "boolean", "default": false, "description": "Whether objects are registered that are not there."},
            "table": {"type": "object", "additionalProperties": false, "description":
                "How the table of an archive is written. What is absent is found out.", "properties": {
                "encoding": {"type": ["string", "null"], "enum": ["utf8", "utf16-le", "utf16-be", "windows1252", null]},
                "delimiter": {"type": ["string", "null"], "minLength": 1, "maxLength": 1},
                "has_header": {"type": ["boolean", "null"], "description": "Whether the first row names the columns."},
            }},
            "columns": {"type": "object", "additionalProperties": {"type": "string", "enum": uses}, "description":
                "What columns of the table are used for, by name. What is absent follows from names and cells."},
            "repairs": {"type": "object", "additionalProperties": false, "description":
                "Which file belongs to which row, where that cannot be found out.", "properties": {
                "rows": {"type": "object", "additionalProperties": {"type": ["string", "null"]}, "description":
                    "By the number of a row, from 0: the path of its file, or null for a row that is left out."},
                "files": {"type": "object", "additionalProperties": {"type": ["integer", "null"], "format": "int64"}, "description":
                    "By the path of a file: the number of its row, or null for a file that needs none."},
            }},
            "licences": {"type": "object", "additionalProperties": {"type": ["string", "null"]}, "description":
                "Which licence a text of the table names, by the text; null for none, and the text becomes an additional field."},
            "natures": {"type": "object", "additionalProperties": {"type": ["string", "null"]}, "description":
                "Which nature a text of the table names, in the same way."},
            "dry_run": {"type": "boolean", "default": false, "description": "Whether to say only what would come of it."},
            "of": {"type": ["integer", "null"], "format": "int64", "description":
                "An earlier job, such as a dry run, whose file is taken. It is kept for 7 days."},
        }},
        "AnnotationsReport": {"type": "object", "properties": {
            "dry_run": {"type": "boolean"},
            "format": {"type": "string", "enum": formats},
            "pictures": number(), "found": number(), "found_by_name": number(),
            "missing": listed(), "ambiguous": listed(),
            "added": number(), "already_there": number(), "refused": listed(),
            "regions": number(), "stored": number(),
            "classes": list_of(json!({"type": "object", "properties": {
                "name": {"type": "string"}, "regions": number(), "object": {"type": ["string", "null"]},
                "matched": {"type": "string", "enum": ["chosen", "name", "alike", "new", "none"]},
            }})),
            "losses": {"type": "array", "description": "What cannot be said here, and how often.", "items": {"type": "array",
                "prefixItems": [{"type": "string"}, number()], "minItems": 2, "maxItems": 2}},
            "commits": list_of(json!({"type": "string"})),
        }},
        "ArchiveReport": {"type": "object", "properties": {
            "dry_run": {"type": "boolean"},
            "table": {"type": "string", "description": "Its path in the archive."},
            "encoding": {"type": "string"}, "delimiter": {"type": "string"}, "has_header": {"type": "boolean"},
            "columns": list_of(json!({"type": "object", "properties": {
                "name": {"type": "string"}, "used": {"type": "string", "enum": uses},
                "kind": {"type": "string", "enum": ["empty", "text", "number", "boolean", "time", "place"]},
                "filled": number(), "examples": list_of(json!({"type": "string"})), "ambiguous_days": {"type": "boolean"},
            }})),
            "row_count": number(), "long_rows": number(),
            "rows": {"type": "object", "description": "Which rows have which files.", "properties": {
                "matched": number(),
                "alike": {"type": "object", "additionalProperties": number(), "description":
                    "How many of them are called otherwise than their file, by what is the same."},
                "left_out": number(),
                "unnamed": some(row.clone()),
                "missing": some(json!({"type": "object", "properties": {"row": row, "nearest": {"type": ["string", "null"]}}})),
                "ambiguous": some(json!({"type": "object", "properties": {
                    "row": row, "paths": list_of(json!({"type": "string"})),
                }})),
                "repeated": some(json!({"type": "object", "properties": {"row": row, "path": {"type": "string"}, "first": number()}})),
                "without_row": listed(), "without_need": number(), "wrong_repairs": listed(),
            }},
            "files": number(), "unreadable": listed(),
            "licences": texts, "natures": texts,
            "unfit": listed(), "without_picture": listed(),
            "added": number(), "already_there": number(), "refused": listed(), "described": number(),
            "commits": list_of(json!({"type": "string"})),
        }},
    })
}
