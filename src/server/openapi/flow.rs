//! What the document says of annotating picture after picture: small changes of regions.

use super::{annotations_answer, answer, closed, json_body, operation, parameter, picture_id, schema};
use crate::model::region_delta::{MAX_CHANGES, MAX_DELTA_ID};
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    let mut delta = operation(
        "applyDelta",
        "Change some regions of a picture, once: a delta that is sent again is answered as before and changes nothing",
        vec![
            picture_id(),
            parameter(
                "X-Ocellus-User",
                "header",
                "Who drew the regions, percent-encoded: 401 if somebody else is signed in by now.",
                json!({"type": "string"}),
            ),
        ],
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
    json!({"/api/picture/{id}/annotations/delta": {"post": delta}})
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let number = || json!({"type": "integer", "format": "int64"});
    let position = json!({"type": ["integer", "null"], "minimum": 0, "description":
        "Index at which the region is put into the list, from which everything was taken that is deleted or has a position. \
         Without one, a region that is there stays at its place, and any other comes to the end."});
    json!({
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
