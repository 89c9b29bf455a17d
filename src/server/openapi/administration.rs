//! What the document says of the paths for administrators.

use super::{answer, closed, json_body, list_answer, list_of, name_in_path, operation, paging, parameter, schema};
use crate::model::AuditAction;
use crate::model::administration::{COMMAND_LINE, MAX_REASON};
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    let mut log = paging();
    log.push(parameter(
        "actor",
        "query",
        &format!("Only what this user did; `{COMMAND_LINE}` for what the command line did."),
        json!({"type": "string"}),
    ));
    log.push(parameter("action", "query", "Only what was done in this way.", action()));
    let change = closed(
        &[],
        json!({
            "admin": {"type": ["boolean", "null"], "description": "Whether the user is an administrator. No token may say true."},
            "suspended": {"type": ["boolean", "null"], "description":
                "Whether the user is kept out: sessions and tokens stop working at once; tokens work again afterwards."},
            "reason": {"type": "string", "maxLength": MAX_REASON, "description": "Why, for the audit log."},
        }),
    );
    json!({
        "/api/audit-log": {"get": operation("auditLog", "What administrators did, newest first; for administrators", log, None,
            (200, list_answer("A part of the log.", list_of(schema("AuditEntry")))), &[400, 401, 403])},
        "/api/user/{name}/update": {"post": operation("updateUser",
            "Change an account; absent keys stay; for administrators, of whom one stays", vec![name_in_path("name")],
            json_body(change), (200, answer("The user.", schema("Member"))), &[400, 401, 403, 404, 409])},
        "/api/user/{name}/reset-link": {"post": operation("makeResetLink",
            "Make a link that gives an account another password, once and within a day; earlier ones stop working; for administrators who are signed in, not for tokens",
            vec![name_in_path("name")], None,
            (201, answer("The link, which cannot be read again.", schema("ResetLink"))), &[401, 403, 404, 409])},
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let number_or_null = || json!({"type": ["integer", "null"], "format": "int64"});
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let open = |required: &[&str], properties: Value| json!({"type": "object", "required": required, "properties": properties});
    json!({
        "AuditEntry": open(&["id", "timestamp", "actor", "action", "subject", "details"], json!({
            "id": number(), "timestamp": number(), "action": action(), "details": text(),
            "actor": {"type": ["string", "null"], "description": "Null for the command line."},
            "subject": {"type": "string", "description": "What it was done to, as it was called then: `user ada`, `picture 17`."},
        })),
        "Member": open(&["id", "admin", "joined", "pictures", "suspended_at", "closed_at"], json!({
            "id": text(), "admin": {"type": "boolean"}, "joined": number(), "pictures": number(),
            "suspended_at": number_or_null(), "closed_at": number_or_null(),
        })),
        "ResetLink": open(&["url", "expires_at"], json!({"url": {"type": "string", "format": "uri"}, "expires_at": number()})),
    })
}

fn action() -> Value {
    json!({"type": "string", "enum": AuditAction::ALL.map(AuditAction::as_str)})
}
