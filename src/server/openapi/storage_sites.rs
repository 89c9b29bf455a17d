//! What the document says of storage sites.

use super::{answer, closed, json_body, list_answer, list_of, operation, paging, parameter, schema};
use crate::model::limits::MAX_DESCRIPTION;
use crate::model::site_place::MAX_PLACE;
use crate::model::storage_site::{MAX_KEY, MAX_SITE_NAME};
use crate::model::{SiteAccess, SiteKind, Visibility};
use serde_json::{Value, json};

fn access() -> Value {
    let words: Vec<&str> = SiteAccess::ALL.iter().map(|access| access.as_str()).collect();
    json!({"type": "string", "enum": words, "description":
        "Readers read the files that datasets have there, users choose it for datasets and add files, managers do everything."})
}

fn visibility() -> Value {
    let words: Vec<&str> = Visibility::ALL.iter().map(|visibility| visibility.as_str()).collect();
    json!({"type": "string", "enum": words, "description":
        "Who may see it, and read what visible datasets have there, beside those to whom more was granted."})
}

fn name_of_site() -> Value {
    json!({"type": "string", "maxLength": MAX_SITE_NAME, "pattern": "^[a-z0-9][a-z0-9._-]*$"})
}

/// The paths.
pub fn paths() -> Value {
    let text = || json!({"type": "string"});
    let id =
        || vec![parameter("id", "path", "Number of the storage site.", json!({"type": "integer", "format": "int64"}))];
    let dataset =
        vec![parameter("id", "path", "Number of the dataset.", json!({"type": "integer", "format": "int64"}))];
    let done = |words: &str| (204, json!({"description": words}));
    let site = || (200, answer("The storage site.", schema("StorageSite")));
    let mut find = paging();
    find.extend([
        parameter("search", "query", "A part of the name or the description.", text()),
        parameter("access", "query", "Only those with which the viewer may do at least this.", access()),
    ]);
    json!({
        "/api/v1/storage-sites": {
            "get": operation("storageSites", "The storage sites that the viewer may see, by name", find, None,
                (200, list_answer("A part of the storage sites.", list_of(schema("StorageSite")))), &[400]),
            "post": operation("newStorageSite",
                "Register a folder or a bucket, where the settings allow it; for maintainers of its namespace, and administrators",
                vec![], json_body(schema("NewStorageSite")),
                (201, answer("The new storage site; `Location` is its address.", schema("StorageSite"))), &[400, 401, 403, 409]),
        },
        "/api/v1/storage-sites/{id}": {"get": operation("storageSite", "One storage site", id(), None, site(), &[404])},
        "/api/v1/storage-sites/{id}/update": {"post": operation("updateStorageSite",
            "Change a storage site; absent keys stay, and so does where it is; for those who manage it", id(),
            json_body(schema("StorageSiteChange")), site(), &[400, 401, 403, 404])},
        "/api/v1/storage-sites/{id}/delete": {"post": operation("deleteStorageSite",
            "Forget a storage site that no dataset uses; what is still there stays", id(), None, done("Forgotten."),
            &[401, 403, 404, 409])},
        "/api/v1/storage-sites/{id}/test": {"post": operation("testStorageSite",
            "Write, read and delete something small; for those who manage it", id(), None,
            (200, answer("What came of it.", schema("SiteTest"))), &[401, 403, 404])},
        "/api/v1/storage-sites/{id}/grants": {
            "get": operation("storageSiteGrants", "What was granted to which namespaces; for those who manage it", id(), None,
                (200, answer("All grants, by name, those of namespaces that the viewer may not see last.", list_of(schema("GrantedRight")))), &[403, 404]),
            "post": operation("grantStorageSite",
                "Grant something to a namespace: readers and annotators of it read, writers use, maintainers and owners manage at most",
                id(), json_body(schema("SiteGrant")), done("They have it."), &[400, 401, 403, 404])},
        "/api/v1/storage-sites/{id}/grants/remove": {"post": operation("ungrantStorageSite",
            "Take back what was granted to a namespace, by its name or the number of the grant", id(),
            json_body(json!({"oneOf": [closed(&["namespace"], json!({"namespace": text()})),
                closed(&["number"], json!({"number": {"type": "integer", "format": "int64"}}))]})), done("They have nothing."), &[400, 401, 403, 404])},
        "/api/v1/datasets/{id}/storage-site": {"post": operation("chooseStorageSite",
            "Choose where the files of a dataset shall be, once and before the first; for maintainers who may use the storage site",
            dataset, json_body(closed(&["storage_site"], json!({"storage_site": name_of_site()}))),
            (200, answer("The dataset.", schema("Dataset"))), &[400, 401, 403, 404, 409])},
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let open = |properties: Value| {
        let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let or_null = |schema: Value, words: &str| json!({"oneOf": [schema, {"type": "null"}], "description": words});
    let kinds: Vec<&str> = SiteKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let description = || json!({"type": "string", "maxLength": MAX_DESCRIPTION});
    let key = || json!({"type": "string", "minLength": 1, "maxLength": MAX_KEY});
    json!({
        "StorageSite": open(json!({
            "id": number(), "name": name_of_site(), "description": description(), "kind": {"type": "string", "enum": kinds},
            "visibility": visibility(), "created": number(), "access": access(),
            "datasets": {"type": "integer", "format": "int64", "description": "How many of its datasets the viewer may see."},
            "place": or_null(schema("SitePlace"), "Where it is; told to those who manage it."),
        })),
        "SitePlace": {"oneOf": [
            closed(&["kind", "folder"], json!({"kind": {"const": "folder"}, "folder": {"type": "string", "maxLength": MAX_PLACE}})),
            closed(&["kind", "endpoint", "bucket"], json!({
                "kind": {"const": "s3"}, "endpoint": {"type": "string", "format": "uri"},
                "region": {"type": "string", "default": "us-east-1"}, "bucket": {"type": "string", "minLength": 3, "maxLength": 63},
                "prefix": {"type": "string", "maxLength": MAX_PLACE, "default": ""},
                "path_style": {"type": "boolean", "default": true, "description":
                    "Whether the bucket's name is a part of the path; otherwise it is one of the host."},
            })),
        ]},
        "SiteCredentials": closed(&["access_key", "secret_key"], json!({"access_key": key(), "secret_key": key()})),
        "NewStorageSite": closed(&["name", "visibility", "place"], json!({
            "name": name_of_site(), "description": description(), "visibility": visibility(),
            "namespace": {"type": ["string", "null"], "description": "Its maintainers manage the site; administrators need none."},
            "place": schema("SitePlace"),
            "credentials": or_null(schema("SiteCredentials"), "The key of a bucket, which no answer ever repeats."),
        })),
        "StorageSiteChange": closed(&[], json!({
            "description": description(), "visibility": visibility(), "credentials": schema("SiteCredentials"),
        })),
        "SiteGrant": closed(&["namespace", "access"], json!({"namespace": text(), "access": access()})),
        "GrantedRight": open(json!({
            "number": {"type": "integer", "format": "int64", "description": "Number of the namespace."},
            "namespace": {"type": ["string", "null"], "description": "Its name; null to those who may not see it."},
            "access": access(),
        })),
        "SiteTest": open(json!({
            "ok": {"type": "boolean"},
            "steps": {"type": "array", "items": open(json!({
                "step": {"type": "string", "enum": ["write", "read", "delete"]}, "milliseconds": number(),
                "error": {"type": ["string", "null"]},
            }))},
        })),
        "DatasetSite": open(json!({
            "id": {"type": ["integer", "null"], "format": "int64"}, "name": {"type": ["string", "null"]},
        })),
    })
}
