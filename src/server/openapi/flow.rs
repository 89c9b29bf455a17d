//! What the document says of annotating picture after picture: small changes of regions, what comes next, marks.

use super::{annotations_answer, answer, closed, json_body, operation, parameter, picture_id, projects, schema};
use crate::model::mark::{EARLIER_MARKS, MAX_COMMENT};
use crate::model::region_delta::{MAX_CHANGES, MAX_DELTA_ID};
use crate::model::{MarkState, Only, Ordering};
use serde_json::{Value, json};

/// The header that says whose page sends something.
pub fn on_behalf_of() -> Value {
    parameter(
        "X-Ocellus-User",
        "header",
        "Whose page sends this, percent-encoded: 401 if somebody else is signed in by now.",
        json!({"type": "string"}),
    )
}

/// The paths.
pub fn paths() -> Value {
    let mut delta = operation(
        "applyDelta",
        "Change some regions of a picture, once: a delta that is sent again is answered as before and changes nothing",
        vec![picture_id(), on_behalf_of()],
        json_body(schema("Delta")),
        (200, {
            let mut done = answer("What it led to.", schema("DeltaAnswer"));
            done["headers"] =
                json!({"ETag": {"description": "The revision, in quotes.", "schema": {"type": "string"}}});
            done
        }),
        &[400, 401, 403, 404, 409, 413],
    );
    delta["responses"]["412"] =
        annotations_answer("The delta is based on another state: nothing changed, and this is the current list.");
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer", "format": "int64"});
    let orderings = json!({"type": "string", "enum": Ordering::ALL.map(Ordering::as_str), "default": "date-desc"});
    let mut in_row = vec![
        picture_id(),
        parameter(
            "query",
            "query",
            "In the results of this query; without it and a gallery, among all pictures.",
            text(),
        ),
        parameter(
            "gallery",
            "query",
            "In this gallery, in its own order: 400 together with `query`, `ordering` or `seed`.",
            number(),
        ),
        parameter(
            "project",
            "query",
            "In this project, in its own order: 400 together with `gallery`, `query`, `ordering` or `seed`.",
            number(),
        ),
        parameter("ordering", "query", "The order of the results.", orderings),
        parameter("seed", "query", "Which shuffle `random` gives; 0 without one.", number()),
        parameter(
            "only",
            "query",
            "Count only pictures without regions, or without a mark.",
            json!({"type": "string", "enum": Only::ALL.map(Only::as_str)}),
        ),
        parameter(
            "place",
            "query",
            "What an earlier answer for this picture in this row said: what is around that place, wherever it stands by now.",
            text(),
        ),
    ];
    in_row.extend(projects::filter());
    let marks = || (200, answer("What is said of the work, now and before.", schema("Marks")));
    json!({
        "/api/picture/{id}/annotations/delta": {"post": delta},
        "/api/picture/{id}/queue": {"get": operation("queue", "What is around a picture in a row of pictures", in_row, None,
            (200, answer("The pictures around it.", schema("Queue"))), &[400, 401, 404, 422])},
        "/api/picture/{id}/mark": {
            "get": operation("marks", "What is said of the work on a picture", vec![picture_id()], None, marks(), &[404]),
            "put": operation("markPicture", "Say how far the work on a picture is", vec![picture_id(), on_behalf_of()],
                json_body(closed(&["state"], json!({"state": mark_state(), "comment": {"type": "string", "maxLength": MAX_COMMENT}}))),
                marks(), &[400, 401, 403, 404, 413]),
            "delete": operation("unmarkPicture", "Take that back", vec![picture_id(), on_behalf_of()], None, marks(), &[401, 403, 404]),
        },
    })
}

fn mark_state() -> Value {
    json!({"type": "string", "enum": MarkState::ALL.map(MarkState::as_str)})
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let open = |properties: Value| {
        let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let entry = || json!({"oneOf": [schema("QueueEntry"), {"type": "null"}]});
    let position = json!({"type": ["integer", "null"], "minimum": 0, "description":
        "Index at which the region is put into the list, from which everything was taken that is deleted or has a position. \
         Without one, a region that is there stays at its place, and any other comes to the end."});
    json!({
        "Mark": {"type": "object", "required": ["state", "comment", "author", "timestamp"], "properties": {
            "state": mark_state(), "comment": text(), "author": text(), "timestamp": number(),
            "ended": {"type": "object", "required": ["author", "timestamp"], "description":
                "Who took it back or put another one in its place, and when; absent from the one that counts.",
                "properties": {"author": text(), "timestamp": number()}},
        }},
        "Marks": open(json!({"mark": {"oneOf": [schema("Mark"), {"type": "null"}]}, "earlier": {"type": "array",
            "maxItems": EARLIER_MARKS, "description": "The last of those before it, the newest first.", "items": schema("Mark")}})),
        "QueueEntry": open(json!({"id": number(), "title": text()})),
        "Queue": open(json!({
            "position": {"type": ["integer", "null"], "format": "int64", "description":
                "Its place, from 1; null where it is not in the row, perhaps no more."},
            "before": {"type": "integer", "format": "int64", "description": "How many come before it, or its place."},
            "total": number(), "previous": entry(), "next": entry(), "next_without_regions": entry(),
            "ahead": {"type": "array", "items": number(), "description": "The next few pictures."},
            "place": {"type": ["string", "null"], "description": "Its place in the row, to be sent back; null where it has none."},
        })),
        "Delta": closed(&["id", "revision", "changes"], json!({
            "id": {"type": "string", "pattern": format!("^[A-Za-z0-9._-]{{1,{MAX_DELTA_ID}}}$"), "description":
                "A name that is never used for another delta of this picture; it is remembered for 30 days."},
            "revision": {"type": "integer", "format": "int64", "minimum": 0, "description": "The state that it is based on."},
            "changes": {"type": "array", "maxItems": MAX_CHANGES, "description": "No region may be named twice.", "items": {"oneOf": [
                closed(&["put"], json!({"put": schema("Region"), "position": position})),
                closed(&["delete"], json!({"delete": number()})),
            ]}},
        })),
        "DeltaAnswer": {"type": "object", "required": ["revision", "regions"], "properties": {
            "revision": number(),
            "regions": {"description": "For each change the region as it is then; null where it is gone.",
                "type": "array", "items": {"oneOf": [schema("Region"), {"type": "null"}]}},
        }},
    })
}
