//! What the document says of files of datasets and their versions.

use super::{answer, closed, json_body, list_answer, list_of, operation, paging, parameter, schema};
use crate::model::version::{MAX_CHANGES, MAX_MESSAGE, MAX_PATH, MAX_TAG_NAME};
use serde_json::{Value, json};

fn dataset_id() -> Value {
    parameter("id", "path", "Number of the dataset.", json!({"type": "integer", "format": "int64"}))
}

fn reference() -> Value {
    let words = "A tag or the id of a commit; without one, the newest state.";
    parameter("ref", "query", words, json!({"type": "string"}))
}

fn message() -> Value {
    json!({"type": "string", "maxLength": MAX_MESSAGE, "description": "What is done; without it, a few words are found."})
}

fn path() -> Value {
    json!({"type": "string", "maxLength": MAX_PATH, "description":
        "Relative, with `/` between names. `.`, `..`, empty names, names of Git and DVC and control characters are refused."})
}

fn committed() -> (u16, Value) {
    (201, answer("The new commit; 200 where nothing had to change.", schema("Committed")))
}

/// One operation that makes a commit.
fn commit(id: &str, summary: &str, parameters: Vec<Value>, body: Option<Value>, errors: &[u16]) -> Value {
    let mut described = operation(id, summary, parameters, body, committed(), errors);
    described["responses"]["200"] = answer("It is so already, and this is the newest commit.", schema("Committed"));
    described
}

/// The paths.
pub fn paths() -> Value {
    let text = || json!({"type": "string"});
    let with = |more: Vec<Value>, part: bool| {
        let mut parameters = vec![dataset_id()];
        parameters.extend(more);
        if part {
            parameters.extend(paging());
        }
        parameters
    };
    let prefix = parameter("prefix", "query", "How the paths begin, such as `train/`.", text());
    let below =
        parameter("folder", "query", "The folder that the files are to be in; without one, the whole dataset.", text());
    let folder = parameter("path", "query", "The folder, such as `train/`; without one, the whole dataset.", text());
    let words = "A part of the paths below the folder: then all files whose paths have it, from that folder down, and no folders.";
    let find = parameter("find", "query", words, text());
    let of_path = parameter("path", "query", "Only commits that changed the file or folder there.", text());
    let in_path = || parameter("path", "path", "Path of the file, with its `/`.", path());
    let said = || parameter("message", "query", "What is done.", message());
    let one_commit = parameter("reference", "path", "The id of a commit, or a tag.", text());
    let from = json!({"name": "from", "in": "query", "required": true, "description": "A tag or the id of a commit.", "schema": text()});
    let to = parameter("to", "query", "A tag or the id of a commit; without one, the newest state.", text());
    let bytes = || {
        json!({"description": "The bytes. With a tag or commit they never change, and caches are told so.",
        "headers": {"ETag": {"schema": text()}, "Accept-Ranges": {"schema": text()}, "Repr-Digest": {"schema": text(),
            "description": "Of a file: the SHA-256 of all that is served of it, as RFC 9530 writes it; of a copy without its place where `Want-Repr-Digest` asks for it."}},
        "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}})
    };
    let mut file = operation(
        "datasetFile",
        "The bytes of a file, or a range of them. Where the place in a picture is not to be \
        known, those who do not write in the dataset get a copy without it",
        with(vec![in_path(), reference()], false),
        None,
        (200, bytes()),
        &[400, 401, 404],
    );
    file["responses"]["206"] = json!({"description": "The part that `Range` asks for."});
    file["responses"]["304"] = json!({"description": "It is as `If-None-Match` says."});
    file["responses"]["416"] = json!({"description": "The file is shorter."});
    let one_of = |words: [&str; 2]| json!({"type": "string", "enum": words, "default": words[0]});
    let of_archive = vec![
        reference(),
        parameter("path", "query", "Only what is in this folder and below, such as `train/`.", text()),
        parameter("content", "query", "The files, or what Git keeps of them for DVC.", one_of(["files", "pointers"])),
        parameter("format", "query", "Nothing is compressed in either.", one_of(["zip", "tar"])),
    ];
    let mut archive = operation(
        "datasetArchive",
        "All files of a state or of a folder, under their paths, as one archive that is written while it is sent. The same state \
        makes the same bytes, so that a download that broke off goes on with a range; an archive of pointers has none",
        with(of_archive, false),
        None,
        (200, bytes()),
        &[400, 401, 403, 404],
    );
    archive["responses"]["200"]["description"] = json!("The archive.");
    archive["responses"]["206"] = json!({"description": "The part that `Range` asks for."});
    archive["responses"]["304"] = json!({"description": "It is as `If-None-Match` says."});
    archive["responses"]["416"] = json!({"description": "The archive is shorter."});
    let one_body =
        Some(json!({"required": true, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}));
    let batch =
        Some(json!({"required": true, "content": {"multipart/form-data": {"schema": {"type": "object", "description":
        "Every part with a file name is a file, and the name is its path.", "properties": {"message": message()},
        "additionalProperties": {"type": "string", "format": "binary"}}}}}));
    let changes = json!({"type": "array", "minItems": 1, "maxItems": MAX_CHANGES, "items": schema("FileChange")});
    let sum = || {
        vec![
            parameter("start", "path", "The first two digits of the MD5.", text()),
            parameter("rest", "path", "The other thirty.", text()),
        ]
    };
    let errors = &[400, 401, 403, 404, 409, 413];
    json!({
        "/api/v1/datasets/{id}/files": {
            "get": operation("datasetFiles", "The files of a state, by path; the header `X-Commit` names it",
                with(vec![reference(), prefix], true), None,
                (200, list_answer("A part of the files.", list_of(schema("DatasetFile")))), &[400, 401, 404]),
            "post": commit("putDatasetFiles", "Put many files, as one commit. Images become pictures", with(vec![below], false), batch,
                &[400, 401, 403, 404, 409, 413, 415]),
        },
        "/api/v1/datasets/{id}/files/{path}": {
            "get": file,
            "put": commit("putDatasetFile", "Put a file, whether or not it is there. An image becomes a picture, and replaces the one at its path",
                with(vec![in_path(), said()], false), one_body.clone(), errors),
            "delete": commit("deleteDatasetFile", "Delete a file; with its picture go the regions. Earlier states keep the file",
                with(vec![in_path(), said()], false), None, errors),
        },
        "/api/v1/datasets/{id}/folder": {"get": operation("datasetFolder", "What is in a folder: folders by name, then files by path",
            with(vec![reference(), folder, find], true), None, (200, answer("A part of it.", schema("FolderList"))), &[400, 401, 404])},
        "/api/v1/datasets/{id}/archive": {"get": archive},
        "/api/v1/datasets/{id}/annotations/{path}": {"get": operation("datasetAnnotations", "What is drawn on the picture at a path. \
            With a tag or commit, as it was when that state's last version was named, for good; a conflict where what the commit keeps of it \
            cannot be read", with(vec![in_path(), reference()], false), None,
            (200, answer("The regions.", list_of(schema("Region")))), &[400, 401, 404, 409])},
        "/api/v1/datasets/{id}/dvc/files/md5/{start}/{rest}": {
            "get": operation("dvcFile", "DVC's HTTP remote: bytes that a commit may mention. Basic authentication takes a token as the password",
                with(sum(), false), None, (200, bytes()), &[400, 401, 403, 404]),
            "put": operation("putDvcFile", "Bring bytes in that a later commit is to mention", with(sum(), false), one_body.clone(),
                (201, json!({"description": "They are here."})), &[400, 401, 403, 404, 409, 413]),
            "post": operation("putDvcFileByPost", "The same, as DVC does it unless told otherwise", with(sum(), false), one_body.clone(),
                (201, json!({"description": "They are here."})), &[400, 401, 403, 404, 409, 413]),
        },
        "/api/v1/datasets/{id}/move": {"post": commit("moveDatasetFile", "Rename or move a file, or where both paths end with `/`, a folder",
            with(vec![], false), json_body(closed(&["from", "to"], json!({"from": path(), "to": path(), "message": message()}))), errors)},
        "/api/v1/datasets/{id}/commits": {
            "get": operation("datasetCommits", "The history, the newest commit first", with(vec![reference(), of_path], true), None,
                (200, list_answer("A part of the commits.", list_of(schema("Commit")))), &[400, 401, 404]),
            "post": commit("newDatasetCommit", "Do several things with files, as one commit", with(vec![], false),
                json_body(closed(&["changes"], json!({"message": message(), "changes": changes}))), errors),
        },
        "/api/v1/datasets/{id}/commits/{reference}": {"get": operation("datasetCommit", "One commit, with a part of what it changed",
            with(vec![one_commit], true), None, (200, answer("The commit.", schema("CommitDetail"))), &[400, 401, 404, 413])},
        "/api/v1/datasets/{id}/compare": {"get": operation("compareDatasetStates", "What differs between two states",
            with(vec![from, to], true), None, (200, answer("The differences.", schema("Comparison"))), &[400, 401, 404, 413])},
        "/api/v1/datasets/{id}/restore": {"post": commit("restoreDatasetFile", "Make a file as it was in an earlier state",
            with(vec![], false), json_body(closed(&["path", "ref"], json!({"path": path(), "ref": text(), "message": message()}))), errors)},
        "/api/v1/datasets/{id}/revert": {"post": commit("revertDatasetCommit",
            "Undo what a commit changed; a conflict where a later one changed the same files",
            with(vec![], false), json_body(closed(&["commit"], json!({"commit": text(), "message": message()}))), errors)},
        "/api/v1/datasets/{id}/tags": {
            "get": operation("datasetTags", "The names of versions, the newest first", with(vec![], true), None,
                (200, list_answer("A part of the tags.", list_of(schema("VersionTag")))), &[400, 401, 404]),
            "post": operation("newDatasetTag", "Name a version, for good, for maintainers; of the newest state what is drawn is committed as well", with(vec![], false),
                json_body(closed(&["name"], json!({"name": {"type": "string", "maxLength": MAX_TAG_NAME}, "ref": text(), "message": message()}))),
                (201, answer("The tag.", schema("VersionTag"))), &[400, 401, 403, 404, 409]),
        },
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let (text_or_null, number_or_null) =
        (|| json!({"type": ["string", "null"]}), || json!({"type": ["integer", "null"], "format": "int64"}));
    let open = |properties: Value| {
        let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let known = json!({"type": "boolean", "description":
        "Whether the author is an account of this site, or the site itself. Any other name came with a push, and is what somebody has told Git."});
    let commit = json!({"id": text(), "parents": list_of(text()), "author": text(), "author_known": known.clone(), "at": number(),
        "message": text()});
    let differences = json!({
        "added": number(), "replaced": number(), "removed": number(), "renamed": number(), "moved": number(), "regions": schema("RegionDifferences"), "changes": list_of(schema("FileDifference")),
    });
    let both = |one: &Value, other: &Value| {
        let parts = [one, other].into_iter().filter_map(Value::as_object);
        Value::Object(parts.flatten().map(|(key, value)| (key.clone(), value.clone())).collect())
    };
    let action = |name: &str, keys: &[&str]| {
        let mut properties = json!({"action": {"const": name}});
        keys.iter().for_each(|key| properties[*key] = if *key == "md5" { text() } else { path() });
        closed(&[&["action"], keys].concat(), properties)
    };
    json!({
        "Committed": open(json!({"commit": text(), "changed": number()})),
        "Commit": open(commit.clone()),
        "CommitDetail": open(both(&commit, &differences)),
        "Comparison": open(both(&json!({"from": text(), "to": text()}), &differences)),
        "DatasetFile": open(json!({"path": text(), "size": number(), "md5": text(), "sha256": text_or_null(), "media_type": text(),
            "picture": number_or_null(), "thumbnail": text_or_null()})),
        "Folder": open(json!({"name": text(), "files": number_or_null(), "size": number_or_null()})),
        "FolderList": open(json!({"commit": text_or_null(), "folder": text(), "total": number(), "offset": number(), "limit": number(),
            "folders": list_of(schema("Folder")), "files": list_of(schema("DatasetFile"))})),
        "RegionDifferences": open(json!({"pictures": number(), "added": number(), "removed": number(), "changed": number(),
            "changes": {"type": "array", "items": schema("PictureDifference"), "description": "The first of these pictures, by path."}})),
        "PictureDifference": open(json!({"path": path(), "added": number(), "removed": number(), "changed": number(),
            "gone": {"type": "boolean", "description": "Whether nothing is kept of it after, as where the picture is no more."}})),
        "FileDifference": open(json!({
            "path": text(), "fate": {"type": "string", "enum": ["added", "replaced", "removed", "renamed"]},
            "renamed_from": text_or_null(), "md5_before": text_or_null(), "md5": text_or_null(),
            "size_before": number_or_null(), "size": number_or_null(), "thumbnail_before": text_or_null(), "thumbnail": text_or_null(),
        })),
        "FileChange": {"oneOf": [action("put", &["path", "md5"]), action("delete", &["path"]), action("move", &["from", "to"])],
            "description": "`put` names bytes that the dataset has had before. A path that ends with `/` means a whole folder, but for `put`."},
        "VersionTag": open(json!({"name": text(), "commit": text(), "message": text(), "author": text(), "author_known": known,
            "at": number()})),
    })
}
