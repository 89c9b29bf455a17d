//! What the document says of imports.

use super::{list_of, operation, schema};
use crate::model::import::{Existing, readable};
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    let body = json!({"required": true, "content": {"multipart/form-data": {"schema": {
        "type": "object",
        "properties": {
            "json": schema("ImportRequest"),
            "file": {"type": "string", "format": "binary", "description":
                "An annotation file, or a ZIP or TAR (as it is, or with gzip, bzip2, xz or Zstandard) of annotation files, with or \
                 without pictures. Not with `of`."},
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
            "Brings annotations into a dataset, with their pictures or for pictures that are there. The result of the job is an \
             `AnnotationsReport`; its errors are what could not be brought in",
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
    let existing: Vec<&str> = Existing::ALL.iter().map(|existing| existing.as_str()).collect();
    let number = || json!({"type": "integer", "format": "int64", "minimum": 0});
    let listed = || {
        json!({"type": "object", "required": ["count", "first"], "properties": {
            "count": number(), "first": list_of(json!({"type": "string"})),
        }})
    };
    json!({
        "ImportRequest": {"type": "object", "required": ["dataset"], "additionalProperties": false, "properties": {
            "kind": {"type": "string", "enum": ["annotations"], "default": "annotations"},
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
    })
}
