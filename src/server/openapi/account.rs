//! What the document says of the viewer's own account.

use super::{answer, closed, json_body, operation, schema};
use crate::model::editor_settings::{MAX_COMMANDS, MAX_KEYS, MAX_NAME};
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    json!({
        "/api/account/editor-settings": {
            "get": operation("editorSettings", "One's own settings of the annotation editor", vec![], None,
                (200, answer("The settings.", schema("EditorSettings"))), &[401]),
            "put": operation("saveEditorSettings", "Change one's own settings of the annotation editor; absent keys stay", vec![],
                json_body(closed(&[], fields())),
                (200, answer("All settings.", schema("EditorSettings"))), &[400, 401, 403, 413]),
        },
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    json!({"EditorSettings": {
        "type": "object", "required": ["keys", "favourites", "letters_pick", "view"], "properties": fields(),
    }})
}

fn fields() -> Value {
    json!({
        "keys": {"type": "object", "description": "Keys of commands that differ from the usual ones.",
            "maxProperties": MAX_COMMANDS, "propertyNames": {"maxLength": MAX_NAME},
            "additionalProperties": {"type": "array", "maxItems": MAX_KEYS, "items": {"type": "string", "maxLength": MAX_NAME}},
            "examples": [{"zoom-in": ["Ctrl+Shift+Z"]}]},
        "favourites": {"type": "object", "description": "Names of favourite objects by their digits, from 3 to 9.",
            "propertyNames": {"pattern": "^[3-9]$"}, "additionalProperties": {"type": "string"}},
        "letters_pick": {"type": "boolean", "description":
            "Whether letters look for objects, and commands have theirs together with Alt."},
        "view": {"type": "object", "description": "How pictures and regions are shown; 10 kB at most."},
    })
}
