//! What the document says of files that come in parts.

use super::{answer, closed, operation, parameter, schema};
use crate::model::version::MAX_PATH;
use serde_json::{Value, json};

/// The paths.
pub fn paths() -> Value {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer", "minimum": 0});
    let dataset = || parameter("id", "path", "Number of the dataset.", json!({"type": "integer", "format": "int64"}));
    let upload = || parameter("upload", "path", "Its name.", text());
    let head = |name: &str, description: &str, schema: Value, required: bool| json!({"name": name, "in": "header", "required": required, "description": description, "schema": schema});
    let speaks = || head("Tus-Resumable", "The version of the protocol.", json!({"const": "1.0.0"}), true);
    let offset = || head("Upload-Offset", "How many bytes have come before.", number(), true);
    let metadata = "Pairs of a key and a value in Base64; `path` says where the file is to be.";
    let to_begin = vec![
        dataset(),
        speaks(),
        head("Upload-Length", "The length of the file in bytes.", number(), true),
        head("Upload-Metadata", metadata, text(), true),
    ];
    let bytes = |required: bool| {
        let binary = json!({"schema": {"type": "string", "format": "binary"}});
        Some(json!({"required": required, "content": {"application/offset+octet-stream": binary}}))
    };
    let says = |description: &str, names: &[&str]| {
        let headers: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({"schema": text()}))).collect();
        json!({"description": description, "headers": headers})
    };
    let begun = says("It is begun.", &["Location", "Upload-Offset", "Upload-Expires", "Upload-Md5"]);
    let taken = says("They are here.", &["Upload-Offset", "Upload-Expires", "Upload-Md5"]);
    let there_names = &["Upload-Offset", "Upload-Length", "Upload-Metadata", "Upload-Expires", "Upload-Md5"];
    let there = says("How much there is.", there_names);
    let spoken = says("What is spoken.", &["Tus-Version", "Tus-Extension", "Tus-Max-Size"]);
    let options = |id: &str, of: Vec<Value>| {
        operation(id, "What of the protocol tus is spoken", of, None, (204, spoken.clone()), &[])
    };
    let errors = &[400, 401, 403, 404, 409, 412, 413, 415];
    let instead = head("X-HTTP-Method-Override", "What is meant.", json!({"enum": ["PATCH", "DELETE", "HEAD"]}), true);
    json!({
        "/api/v1/datasets/{id}/uploads": {
            "post": operation("beginUpload", "Begin a file that comes in parts, by tus 1.0; its first bytes may come at once. With its last byte \
                a file becomes known to the dataset, and a commit puts it somewhere by its MD5", to_begin, bytes(false), (201, begun), errors),
            "options": options("uploadOptions", vec![dataset()]),
        },
        "/api/v1/datasets/{id}/uploads/{upload}": {
            "get": operation("upload", "How much of a file has come, and its MD5 once that is all", vec![dataset(), upload()], None,
                (200, answer("It.", schema("Upload"))), &[401, 403, 404]),
            "head": operation("uploadHead", "How much of a file has come", vec![dataset(), upload(), speaks()], None, (200, there),
                &[401, 403, 404, 412]),
            "patch": operation("continueUpload", "The next bytes of a file. What has come is kept where the connection breaks. Until all \
                of it is kept for good, its last byte is told to be missing, and tries the end again",
                vec![dataset(), upload(), speaks(), offset()], bytes(true), (204, taken.clone()), errors),
            "post": operation("overrideUpload", "For those who can send nothing else: what the header says",
                vec![dataset(), upload(), speaks(), instead], bytes(false), (204, taken), errors),
            "delete": operation("endUpload", "End it. What is known to the dataset stays so", vec![dataset(), upload(), speaks()], None,
                (204, json!({"description": "It is forgotten."})), &[401, 403, 404, 412]),
            "options": options("oneUploadOptions", vec![dataset(), upload()]),
        },
    })
}

/// The schemas.
pub fn schemas() -> Value {
    let number = || json!({"type": "integer", "minimum": 0});
    let fields = json!({
        "id": {"type": "string"},
        "path": {"type": "string", "maxLength": MAX_PATH},
        "size": number(),
        "offset": number(),
        "md5": {"type": ["string", "null"], "description": "Of the whole, once it is here."},
    });
    json!({"Upload": closed(&["id", "path", "size", "offset", "md5"], fields)})
}
