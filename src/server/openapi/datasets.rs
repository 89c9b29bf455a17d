//! What the document says of namespaces, datasets and their members.

use super::{answer, closed, json_body, list_answer, list_of, name_in_path, operation, paging, parameter, schema};
use crate::model::dataset::{MAX_DATASET_NAME, MAX_GROUPS, MAX_TAG, MAX_TAGS};
use crate::model::limits::MAX_DESCRIPTION;
use crate::model::{DatasetOrder, Role, Visibility};
use serde_json::{Value, json};

fn dataset_id() -> Value {
    parameter("id", "path", "Number of the dataset.", json!({"type": "integer", "format": "int64"}))
}

fn visibility() -> Value {
    let words: Vec<&str> = Visibility::ALL.iter().map(|visibility| visibility.as_str()).collect();
    json!({"type": "string", "enum": words, "description":
        "Who may see it: its members; everybody who is signed in; everybody. A dataset's is never more than its namespace's."})
}

fn role() -> Value {
    let words: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    json!({"type": "string", "enum": words, "description":
        "Readers see, annotators draw and mark, writers add, change and delete pictures, maintainers change settings and members \
         below them, owners do everything."})
}

fn name_of_dataset() -> Value {
    json!({"type": "string", "maxLength": MAX_DATASET_NAME, "pattern": "^[a-z0-9]([a-z0-9_-]|[.][a-z0-9_-])*$"})
}

fn tags() -> Value {
    json!({"type": "array", "maxItems": MAX_TAGS, "items": {"type": "string", "maxLength": MAX_TAG}})
}

fn description() -> Value {
    json!({"type": "string", "maxLength": MAX_DESCRIPTION})
}

/// The paths.
pub fn paths() -> Value {
    let text = || json!({"type": "string"});
    let done = |words: &str| (204, json!({"description": words}));
    let new_group = format!("Make the namespace of a group, which one owns then; who owns {MAX_GROUPS} makes no more");
    let in_namespace = || vec![name_in_path("name")];
    let members = |mut of: Vec<Value>, id: &str, errors: &[u16]| {
        of.extend(paging());
        operation(
            id,
            "Who has which role, the highest first",
            of,
            None,
            (200, list_answer("A part of the members.", list_of(schema("Membership")))),
            errors,
        )
    };
    let set_member = |of: Vec<Value>, id: &str| {
        let body = json_body(schema("Membership"));
        operation(id, "Give somebody a role", of, body, done("They have it."), &[400, 401, 403, 404, 409])
    };
    let remove_member = |of: Vec<Value>, id: &str| {
        let body = json_body(closed(&["username"], json!({"username": text()})));
        let summary = "Take somebody out; everybody may leave";
        operation(id, summary, of, body, done("They are out."), &[400, 401, 403, 404, 409])
    };
    let mut find_namespaces = paging();
    let own_role =
        || parameter("role", "query", "Only those where the viewer is a member with at least this role.", role());
    find_namespaces.extend([
        parameter("search", "query", "A part of the name.", text()),
        parameter("group", "query", "Only those of groups, or only those of users.", json!({"type": "boolean"})),
        own_role(),
    ]);
    let mut find_datasets = paging();
    let orders: Vec<&str> = DatasetOrder::ALL.iter().map(|order| order.as_str()).collect();
    find_datasets.extend([
        parameter("search", "query", "A part of the name, the namespace, the description or a tag.", text()),
        parameter("namespace", "query", "Only those of this namespace.", text()),
        parameter("tag", "query", "Only those with this tag.", text()),
        parameter("visibility", "query", "Only those that these may see.", visibility()),
        own_role(),
        parameter("sort", "query", "The order.", json!({"type": "string", "enum": orders, "default": "name"})),
    ]);
    let namespace = || (200, answer("The namespace.", schema("Namespace")));
    let dataset = || (200, answer("The dataset.", schema("Dataset")));
    let by_name = vec![name_in_path("namespace"), name_in_path("name")];
    json!({
        "/api/v1/namespaces": {
            "get": operation("namespaces", "The namespaces that the viewer may see, by name", find_namespaces, None,
                (200, list_answer("A part of the namespaces.", list_of(schema("Namespace")))), &[400]),
            "post": operation("newNamespace", &new_group, vec![],
                json_body(closed(&["name", "visibility"], json!({"name": text(), "visibility": visibility()}))),
                (201, answer("The new namespace; `Location` is its address.", schema("Namespace"))), &[400, 401, 403, 409]),
        },
        "/api/v1/namespaces/{name}": {
            "get": operation("namespace", "One namespace", in_namespace(), None, namespace(), &[404])},
        "/api/v1/namespaces/{name}/update": {"post": operation("updateNamespace",
            "Change who may see a namespace; where more may see one of its datasets, that is a conflict, which names it",
            in_namespace(), json_body(closed(&["visibility"], json!({"visibility": visibility()}))), namespace(),
            &[400, 401, 403, 404, 409])},
        "/api/v1/namespaces/{name}/delete": {"post": operation("deleteNamespace", "Delete the namespace of a group that has no datasets",
            in_namespace(), None, done("Deleted."), &[401, 403, 404, 409])},
        "/api/v1/namespaces/{name}/members": {
            "get": members(in_namespace(), "namespaceMembers", &[400, 403, 404]), "post": set_member(in_namespace(), "setNamespaceMember")},
        "/api/v1/namespaces/{name}/members/remove": {"post": remove_member(in_namespace(), "removeNamespaceMember")},
        "/api/v1/datasets": {
            "get": operation("datasets", "The datasets that the viewer may see", find_datasets, None,
                (200, list_answer("A part of the datasets.", list_of(schema("Dataset")))), &[400]),
            "post": operation("newDataset", "Make a dataset; for maintainers of its namespace", vec![], json_body(schema("NewDataset")),
                (201, answer("The new dataset; `Location` is its address.", schema("Dataset"))), &[400, 401, 403, 409]),
        },
        "/api/v1/datasets/{id}": {"get": operation("dataset", "One dataset", vec![dataset_id()], None, dataset(), &[404])},
        "/api/v1/datasets/{id}/numbers": {"get": operation("datasetNumbers", "How much a dataset has on its pictures, as far as the viewer may see it; 503 where counting takes too long",
            vec![dataset_id()], None, (200, answer("The numbers.", schema("DatasetNumbers"))), &[404, 503])},
        "/api/v1/datasets/by-name/{namespace}/{name}": {
            "get": operation("datasetByName", "One dataset by its name", by_name, None, dataset(), &[404])},
        "/api/v1/datasets/{id}/update": {"post": operation("updateDataset", "Change a dataset; absent keys stay; for its maintainers, a new name for those of the namespace",
            vec![dataset_id()], json_body(schema("DatasetChange")), dataset(), &[400, 401, 403, 404, 409])},
        "/api/v1/datasets/{id}/delete": {"post": operation("deleteDataset", "Delete a dataset with its pictures; for its owners",
            vec![dataset_id()], None, done("Deleted."), &[401, 403, 404])},
        "/api/v1/datasets/{id}/members": {
            "get": members(vec![dataset_id()], "datasetMembers", &[400, 404]), "post": set_member(vec![dataset_id()], "setDatasetMember")},
        "/api/v1/datasets/{id}/members/remove": {"post": remove_member(vec![dataset_id()], "removeDatasetMember")},
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let open = |properties: Value| {
        let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let role_or_null =
        || json!({"oneOf": [role(), {"type": "null"}], "description": "What the viewer may do; null for strangers."});
    json!({
        "Namespace": open(json!({
            "name": text(), "visibility": visibility(), "created": number(), "role": role_or_null(),
            "group": {"type": "boolean", "description": "Whether it is that of a group; otherwise it is that of the user of this name."},
            "datasets": {"type": "integer", "format": "int64", "description": "How many of its datasets the viewer may see."},
        })),
        "Membership": closed(&["username", "role"], json!({"username": text(), "role": role()})),
        "Dataset": open(json!({
            "id": number(), "namespace": text(), "name": name_of_dataset(), "description": description(), "visibility": visibility(),
            "tags": tags(), "pictures": number(), "files": number(), "bytes": number(), "created": number(),
            "head": {"type": ["string", "null"], "description": "The newest commit; null before the first one."},
            "storage_site": {"oneOf": [schema("DatasetSite"), {"type": "null"}], "description":
                "Where its files are; null for the site's own folder. Number and name are null to those who may not see the storage site."},
            "role": role_or_null(),
        })),
        "DatasetNumbers": open(json!({
            "replaced": {"type": "integer", "format": "int64", "description": "Pictures that others have replaced."},
            "regions": {"type": "integer", "format": "int64", "description": "Regions on all its pictures."},
            "objects": {"type": "integer", "format": "int64", "description": "Kinds of things that these show."},
            "size_bytes": {"type": "integer", "format": "int64", "description":
                "The files of its pictures in bytes; one that several pictures have counts once. All files are counted by `bytes` of the dataset."},
        })),
        "NewDataset": closed(&["namespace", "name", "visibility"], json!({
            "namespace": text(), "name": name_of_dataset(), "description": description(), "visibility": visibility(), "tags": tags(),
            "storage_site": {"type": ["string", "null"], "description":
                "Name of the storage site where its files shall be; without one they are in the site's own folder."},
        })),
        "DatasetChange": closed(&[], json!({
            "name": name_of_dataset(), "description": description(), "visibility": visibility(), "tags": tags(),
        })),
    })
}
