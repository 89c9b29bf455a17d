//! The OpenAPI document of the JSON API, and the page that shows it.
//!
//! Written as data beside the route table; tests over HTTP hold the two together.

mod account;
mod administration;
mod datasets;
mod exports;
mod flow;
mod imports;
mod jobs;
mod projects;
mod query;
mod results;
mod storage_sites;
mod uploads;
mod versions;

use crate::model::Ordering;
use serde_json::{Map, Value, json};

/// The document (OpenAPI 3.1) of the site at `public_url`.
pub fn document(public_url: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ocellus",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Bring pictures in, annotate them, find them, take them out. Times are Unix seconds. Every \
                            path answers with and without a slash at the end. Unknown keys in a body are refused, and \
                            so are unknown parameters of what is asked with a query.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": public_url}],
        "security": [{}, {"session": []}, {"token": []}],
        "paths": together([paths(), account::paths(), administration::paths(), datasets::paths(), exports::paths(), flow::paths(), imports::paths(), jobs::paths(), projects::paths(), results::paths(), storage_sites::paths(), uploads::paths(), versions::paths()]),
        "components": {
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "ocellus", "description":
                    "Set by `POST /api/login`. Unsafe methods then need a matching `Origin` or `Sec-Fetch-Site`."},
                "token": {"type": "http", "scheme": "bearer"},
            },
            "schemas": together([schemas(), account::schemas(), administration::schemas(), datasets::schemas(), exports::schemas(), flow::schemas(), imports::schemas(), jobs::schemas(), projects::schemas(), results::schemas(), storage_sites::schemas(), uploads::schemas(), versions::schemas()]),
        },
    })
}

/// One mapping of several.
fn together(parts: impl IntoIterator<Item = Value>) -> Value {
    let mappings = parts.into_iter().filter_map(|part| match part {
        Value::Object(mapping) => Some(mapping),
        _ => None,
    });
    Value::Object(mappings.flatten().collect())
}

fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn list_of(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

fn parameter(name: &str, place: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": place, "required": place == "path", "description": description, "schema": schema})
}

fn picture_id() -> Value {
    parameter("id", "path", "Number of the picture.", json!({"type": "integer", "format": "int64"}))
}

fn name_in_path(what: &str) -> Value {
    parameter(what, "path", "Its name.", json!({"type": "string"}))
}

fn paging() -> Vec<Value> {
    vec![
        parameter(
            "offset",
            "query",
            "How many entries to pass over.",
            json!({"type": "integer", "format": "int64", "minimum": 0, "default": 0}),
        ),
        parameter(
            "limit",
            "query",
            "How many entries to give at most.",
            json!({"type": "integer", "format": "int64", "minimum": 1, "maximum": 1000, "default": 100}),
        ),
    ]
}

/// One operation. `errors` are the statuses that it can fail with, beside 429 and 500.
fn operation(
    id: &str,
    summary: &str,
    parameters: Vec<Value>,
    body: Option<Value>,
    success: (u16, Value),
    errors: &[u16],
) -> Value {
    let mut responses = Map::new();
    responses.insert(success.0.to_string(), success.1);
    for status in errors.iter().chain(&[429, 500]) {
        responses.insert(
            status.to_string(),
            json!({
                "description": reason(*status),
                "content": {"application/problem+json": {"schema": schema("Problem")}},
            }),
        );
    }
    let mut operation = json!({
        "operationId": id, "summary": summary, "parameters": parameters, "responses": responses,
    });
    if let Some(body) = body {
        operation["requestBody"] = body;
    }
    operation
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "The request is malformed or invalid; `errors` names the places.",
        401 => "Nobody is signed in, or the token is unknown, revoked or expired.",
        403 => "The viewer may not do this.",
        404 => "There is no such thing.",
        409 => "The request contradicts the present state.",
        413 => "The body is too large.",
        415 => "The body or file is not of a supported format.",
        422 => "The query takes longer than the site allows, and was ended.",
        429 => "Too many requests; `Retry-After` tells when to try again.",
        500 => "Something failed on the server; `instance` is the request's id in its log.",
        502 => "The storage site refuses what this site asks for; nothing was changed.",
        503 => "The storage site does not answer; nothing was changed, `Retry-After` tells when to try again.",
        507 => "The storage site is full; nothing was changed.",
        _ => "The request failed.",
    }
}

fn answer(description: &str, schema: Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

fn list_answer(description: &str, schema: Value) -> Value {
    let mut answer = answer(description, schema);
    answer["headers"] = json!({
        "X-Total-Count": {"description": "Number of all entries, exactly.", "schema": {"type": "integer"}},
    });
    answer
}

fn picture_list_answer() -> Value {
    let mut answer = list_answer("A part of the pictures found.", list_of(schema("Picture")));
    answer["headers"]["X-Total-Count"]["description"] =
        "Number of all pictures found, exactly; absent in answers to `after` alone, which count nothing.".into();
    answer["headers"]["Link"] = json!({"schema": {"type": "string"}, "description": "Addresses of the next and, except in \
        answers to `after` alone, the previous part (RFC 8288). The next one goes on from the last picture of this one."});
    answer
}

fn annotations_answer(description: &str) -> Value {
    let mut answer = answer(description, list_of(schema("Region")));
    answer["headers"] = json!({"ETag": {"description": "The revision, in quotes.", "schema": {"type": "string"}}});
    answer
}

fn json_body(schema: Value) -> Option<Value> {
    Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}))
}

fn closed(required: &[&str], properties: Value) -> Value {
    json!({"type": "object", "additionalProperties": false, "required": required, "properties": properties})
}

fn paths() -> Value {
    let mut find = paging();
    find[1]["description"] =
        "How many pictures to give at most. Where they have very many regions, a smaller number is asked for.".into();
    find.push(parameter(
        "ordering",
        "query",
        "The order of the pictures; ties are broken by their numbers.",
        json!({"type": "string", "enum": Ordering::ALL.map(Ordering::as_str), "default": "date-desc"}),
    ));
    find.push(parameter(
        "seed",
        "query",
        "Which shuffle `random` gives. Without one every answer has another, and its links name it.",
        json!({"type": "integer", "format": "int64"}),
    ));
    find.push(parameter(
        "after",
        "query",
        "Goes on after the picture with this number, as quickly as the first part came, however far that is. The picture has its \
         place in the order whether or not the query finds it; one that the viewer does not see, or that is no more, is refused \
         with 400. `random` needs the seed of the part before. With `offset` beside it, all pictures are counted as usual, and \
         the offset leads to the part where the picture is no more.",
        json!({"type": "integer", "format": "int64"}),
    ));
    let find_by_address = query::by_address(find.clone());
    let find_by_body = query::by_body(find);
    let mut find_objects = paging();
    find_objects.push(parameter(
        "search",
        "query",
        "What the name is, begins with or contains, best first; typing mistakes are forgiven.",
        json!({"type": "string"}),
    ));
    find_objects.push(parameter(
        "top",
        "query",
        "Only objects without parents.",
        json!({"type": "boolean", "default": false}),
    ));
    let mut find_users = paging();
    find_users.push(parameter("search", "query", "A part of the name.", json!({"type": "string"})));
    let taxonomy = json!({"schema": {"type": "string"}});
    let taxonomy_body = json!({"required": true, "description": TAXONOMY_HELP, "content": {
        "text/csv": taxonomy, "application/yaml": taxonomy, "text/yaml": taxonomy, "text/plain": taxonomy,
        "application/json": {"schema": {}},
    }});
    let import_parameters = vec![
        parameter(
            "dry_run",
            "query",
            "Change nothing, and say what would be changed and every fault.",
            json!({"type": "boolean", "default": false}),
        ),
        parameter(
            "format",
            "query",
            "How the body is written; otherwise its type says so, or it is guessed.",
            json!({"type": "string", "enum": ["csv", "yaml"]}),
        ),
    ];
    let mut save = operation(
        "saveAnnotations",
        "Replace all regions of a picture in one transaction",
        vec![
            picture_id(),
            parameter(
                "If-Match",
                "header",
                "The revision that the list is based on, in quotes.",
                json!({"type": "string"}),
            ),
            parameter(
                "X-Ocellus-User",
                "header",
                "Who drew the regions, percent-encoded: 401 if somebody else is signed in by now.",
                json!({"type": "string"}),
            ),
        ],
        json_body(list_of(schema("Region"))),
        (200, annotations_answer("The new list.")),
        &[400, 401, 403, 404, 413],
    );
    save["responses"]["412"] =
        annotations_answer("Somebody saved meanwhile: nothing changed, and this is the current list.");
    let mut object = operation(
        "object",
        "One object",
        vec![name_in_path("name")],
        None,
        (200, answer("The object.", schema("ObjectDetail"))),
        &[404],
    );
    object["responses"]["302"] = json!({"description": "The object has another name now; `Location` is its address."});
    let mut save_by_post = save.clone();
    save_by_post["operationId"] = json!("saveAnnotationsByPost");
    let mut update = operation(
        "updatePicture",
        "Change a picture's metadata; absent keys stay. Its author, in a dataset its writers, or an administrator may",
        vec![
            picture_id(),
            parameter(
                "If-Match",
                "header",
                "The `metadata_revision` that the change is based on, in quotes.",
                json!({"type": "string"}),
            ),
        ],
        json_body(schema("PictureChange")),
        (200, answer("The picture; `ETag` is its new `metadata_revision`.", schema("PictureDetail"))),
        &[400, 401, 403, 404],
    );
    update["responses"]["412"] =
        answer("Somebody changed it meanwhile: nothing changed, and this is the picture.", schema("PictureDetail"));
    json!({
        "/api/health": {"get": operation("health", "Whether the database and the blob store answer", vec![], None,
            (200, answer("They do.", json!({"type": "object"}))), &[])},
        "/api/openapi.json": {"get": operation("openapi", "This document", vec![], None,
            (200, answer("OpenAPI 3.1.", json!({"type": "object"}))), &[])},
        "/api/login": {"post": operation("login", "Sign in with a cookie", vec![],
            json_body(closed(&["username", "password"], json!({"username": {"type": "string"}, "password": {"type": "string"}}))),
            (200, answer("Signed in.", schema("Account"))), &[400, 401, 403])},
        "/api/logout": {"post": operation("logout", "Sign out", vec![], None, (204, json!({"description": "Signed out."})), &[403])},
        "/api/query-pictures": {
            "get": operation("queryPicturesByAddress", "Find pictures with a short query", find_by_address, None,
                (200, picture_list_answer()), &[400, 401, 422]),
            "post": operation("queryPictures", "Find pictures", find_by_body, Some(query::body()),
                (200, picture_list_answer()), &[400, 401, 403, 413, 415, 422]),
        },
        "/api/upload": {"post": operation("upload", "Bring a picture in", vec![],
            Some(json!({"required": true, "content": {"multipart/form-data": {"schema": {
                "type": "object", "required": ["json", "file"], "properties": {
                    "json": schema("UploadRequest"),
                    "file": {"type": "string", "format": "binary", "description": "GIF, PNG, JPEG, TIFF, BMP, WebP or SVG."},
                }}}}})),
            (201, answer("The new picture; `Location` is its address.", schema("PictureDetail"))), &[400, 401, 403, 404, 409, 413, 415])},
        "/api/picture/{id}": {"get": operation("picture", "One picture", vec![picture_id()], None,
            (200, answer("The picture.", schema("PictureDetail"))), &[404])},
        "/api/picture/{id}/update": {"post": update},
        "/api/picture/{id}/copy": {"post": operation("copyPicture", "Post a copy under one's own name: the same file, licences and regions",
            vec![picture_id()], None, (201, answer("The copy; `Location` is its address.", schema("PictureDetail"))), &[401, 403, 404])},
        "/api/picture/{id}/delete": {"post": operation("deletePicture", "Delete a picture with its regions and ratings. Its author, in a dataset its writers, or an administrator may",
            vec![picture_id()], None, (204, json!({"description": "Deleted."})), &[401, 403, 404])},
        "/api/picture/{id}/rate": {"post": operation("ratePicture", "Set or remove one's own rating", vec![picture_id()],
            json_body(closed(&["rating"], json!({"rating": {"description": "`false` removes it.",
                "oneOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"const": false}]}}))),
            (200, answer("The ratings by all users.", schema("RatingSummary"))), &[400, 401, 403, 404])},
        "/api/picture/{id}/annotations": {
            "get": operation("annotations", "All regions of a picture",
                vec![picture_id(), parameter("revision", "query", "An earlier state; without it, the regions of now.",
                    json!({"type": "integer", "format": "int64", "minimum": 0}))], None,
                (200, annotations_answer("The regions, in drawing order.")), &[400, 404]),
            "put": save,
            "post": save_by_post,
        },
        "/api/picture/{id}/history": {"get": operation("history", "Who saved which regions when, newest first",
            [vec![picture_id()], paging()].concat(), None,
            (200, list_answer("The revisions.", list_of(schema("RevisionSummary")))), &[400, 404])},
        "/api/picture/{id}/revert": {"post": operation("revert", "Make an old state of the regions the newest", vec![picture_id()],
            json_body(closed(&["revision"], json!({"revision": {"type": "integer", "format": "int64"}}))),
            (200, annotations_answer("The new list.")), &[400, 401, 403, 404])},
        "/api/licence": {"get": operation("licences", "All licences", vec![], None,
            (200, answer("Summaries by id.", json!({"type": "object", "additionalProperties": schema("LicenceSummary")}))), &[])},
        "/api/licence/{id}": {"get": operation("licence", "One licence", vec![name_in_path("id")], None,
            (200, answer("The licence.", schema("CountedLicence"))), &[404])},
        "/api/new-licence": {"post": operation("newLicence", "Add a licence; for administrators", vec![],
            json_body(schema("NewLicence")),
            (201, answer("The new licence; `Location` is its address.", schema("Licence"))), &[400, 401, 403, 409])},
        "/api/licence/{id}/update": {"post": operation("updateLicence", "Change a licence; absent keys stay; for administrators",
            vec![name_in_path("id")], json_body(schema("LicenceChange")),
            (200, answer("The licence.", schema("CountedLicence"))), &[400, 401, 403, 404])},
        "/api/nature/{id}": {"get": operation("nature", "One nature", vec![name_in_path("id")], None,
            (200, answer("The nature.", schema("CountedNature"))), &[404])},
        "/api/new-nature": {"post": operation("newNature", "Add a nature; for administrators", vec![],
            json_body(schema("Nature")),
            (201, answer("The new nature; `Location` is its address.", schema("Nature"))), &[400, 401, 403, 409])},
        "/api/nature/{id}/update": {"post": operation("updateNature", "Change what a nature means; for administrators",
            vec![name_in_path("id")], json_body(closed(&["description"], json!({"description": {"type": "string"}}))),
            (200, answer("The nature.", schema("CountedNature"))), &[400, 401, 403, 404])},
        "/api/nature": {"get": operation("natures", "All natures", vec![], None,
            (200, answer("Descriptions by id.", json!({"type": "object", "additionalProperties": {"type": "string"}}))), &[])},
        "/api/object": {"get": operation("objects", "Objects, by name", find_objects, None,
            (200, list_answer("A part of the objects.", list_of(schema("Object")))), &[400])},
        "/api/object/{name}": {"get": object},
        "/api/object/{name}/samples": {"get": operation("objectSamples", "Regions that show an object, as examples of it",
            vec![name_in_path("name")], None, (200, answer("The newest regions, those of different pictures first.", list_of(schema("Sample")))), &[404])},
        "/api/object/{name}/merge": {"post": operation("mergeObject",
            "Make an object the same as another, which takes over its regions, children and name; for administrators, and for \
             whoever registered it while nobody else has drawn it",
            vec![name_in_path("name")], json_body(closed(&["into"], json!({"into": {"type": "string"}}))),
            (200, answer("The other object.", schema("Object"))), &[400, 401, 403, 404, 409])},
        "/api/import-objects": {"post": operation("importObjects", "Make all objects of a taxonomy, or none if it has any fault",
            import_parameters, Some(taxonomy_body), (200, answer("What was made, or would be.", schema("ImportReport"))), &[400, 401, 403, 413])},
        "/api/new-object": {"post": operation("newObject", "Register an object", vec![],
            json_body(closed(&["id"], json!({"id": {"type": "string"}, "description": {"type": "string"}, "parents": list_of(json!({"type": "string"}))}))),
            (201, answer("The new object; `Location` is its address.", schema("Object"))), &[400, 401, 403, 409])},
        "/api/object/{name}/update": {"post": operation("updateObject", "Change an object; absent keys stay", vec![name_in_path("name")],
            json_body(closed(&[], json!({"id": {"type": ["string", "null"], "description": "Another name; the old one goes on leading here."},
                "description": {"type": ["string", "null"]}, "parents": {"type": ["array", "null"], "items": {"type": "string"}}}))),
            (200, answer("The object.", schema("Object"))), &[400, 401, 403, 404, 409])},
        "/api/user": {"get": operation("users", "Users, by name", find_users, None,
            (200, list_answer("A part of the users, by name.", json!({"type": "object", "additionalProperties":
                {"type": "object", "required": ["admin"], "properties": {"admin": {"type": "boolean"}}}}))), &[400])},
        "/api/user/{name}": {"get": operation("user", "One user", vec![name_in_path("name")], None,
            (200, answer("The user.", schema("UserDetail"))), &[404])},
        "/api/user/{name}/contributions": {"get": operation("contributions", "The states of regions that a user saved, newest first",
            [vec![name_in_path("name")], paging()].concat(), None,
            (200, list_answer("A part of the states.", list_of(schema("Contribution")))), &[400, 404])},
        "/api/gallery": {"get": operation("galleries", "Galleries, newest first", [paging(), vec![
            parameter("owner", "query", "Only the galleries of this user.", json!({"type": "string"})),
            parameter("search", "query", "A part of the title or of the owner's name, or the gallery's number.",
                json!({"type": "string"}))]].concat(), None,
            (200, list_answer("A part of the galleries.", list_of(schema("GallerySummary")))), &[400])},
        "/api/gallery/{id}": {"get": operation("gallery", "One gallery; a query finds its pictures with `in_gallery`",
            vec![gallery_id()], None, (200, answer("The gallery.", schema("Gallery"))), &[404])},
        "/api/gallery/{id}/pictures": {"get": operation("galleryPictures", "A gallery's pictures in the order that was made by hand",
            [vec![gallery_id()], paging()].concat(), None,
            (200, list_answer("A part of the pictures.", list_of(schema("Picture")))), &[400, 404])},
        "/api/new-gallery": {"post": operation("newGallery", "Make a gallery", vec![],
            json_body(closed(&["title"], json!({"title": {"type": "string"}, "description": {"type": "string"}}))),
            (201, answer("The new gallery; `Location` is its address.", schema("Gallery"))), &[400, 401, 403])},
        "/api/gallery/{id}/edit": {"post": change_gallery("editGallery", "Change title and description; absent keys stay",
            closed(&[], json!({"title": {"type": "string"}, "description": {"type": "string"}})))},
        "/api/gallery/{id}/delete": {"post": operation("deleteGallery", "Delete a gallery; its pictures stay", vec![gallery_id()],
            None, (204, json!({"description": "Deleted."})), &[401, 403, 404])},
        "/api/gallery/{id}/add-picture": {"post": change_gallery("addToGallery", "Put a picture at the end", one_picture())},
        "/api/gallery/{id}/remove-picture": {"post": change_gallery("removeFromGallery", "Take a picture out", one_picture())},
        "/api/gallery/{id}/add-pictures": {"post": operation("addManyToGallery", "Put pictures at the end, all or none of them",
            vec![gallery_id()], json_body(closed(&["picture_ids"], json!({"picture_ids": picture_ids()}))),
            (200, added_answer()), &[400, 401, 403, 404])},
        "/api/gallery/{id}/add-query": {"post": operation("addQueryToGallery", "Put all pictures that a query finds at the end",
            vec![gallery_id()], json_body(closed(&["query"], json!({"query": {"type": "string"}}))),
            (200, added_answer()), &[400, 401, 403, 404, 413, 422])},
        "/api/gallery/{id}/reorder": {"post": change_gallery("reorderGallery",
            "Move a picture to where `position` others come before it, or to the end",
            closed(&["picture_id", "position"], json!({"picture_id": {"type": "integer", "format": "int64"},
                "position": {"type": "integer", "format": "int64", "minimum": 0}})))},
        "/api/gallery/{id}/cover": {"post": change_gallery("setGalleryCover", "Choose the picture that stands for a gallery; null: the first one",
            closed(&[], json!({"picture_id": {"type": ["integer", "null"], "format": "int64"}})))},
        "/api/gallery/{id}/users/add": {"post": change_gallery("addGalleryUser", "Let a user add, remove and order pictures", one_user())},
        "/api/gallery/{id}/users/remove": {"post": change_gallery("removeGalleryUser", "Take that right away", one_user())},
        "/api/update-pictures": {"post": operation("updatePictures", "Change several pictures, all or none of them; absent keys stay. Their author, in a dataset its writers, or an administrator may", vec![],
            json_body(closed(&["picture_ids"], json!({"picture_ids": picture_ids(), "licence_ids": list_of(json!({"type": "string"})), "nature_id": {"type": "string"}}))),
            (204, json!({"description": "Changed."})), &[400, 401, 403, 404])},
        "/api/delete-pictures": {"post": operation("deletePictures", "Delete several pictures, all or none of them. Their author, in a dataset its writers, or an administrator may", vec![],
            json_body(closed(&["picture_ids"], json!({"picture_ids": picture_ids()}))),
            (204, json!({"description": "Deleted."})), &[400, 401, 403, 404])},
    })
}

/// How a taxonomy is written.
const TAXONOMY_HELP: &str = "A table, whose first line names the columns `name`, `description` and `parent` (several parents \
    are separated by `;`); or YAML: names within names, or a list of names and of mappings with the keys `name`, \
    `description`, `parents` and `children`. Objects that exist keep what they have, and get parents in addition.";
fn gallery_id() -> Value {
    parameter("id", "path", "Number of the gallery.", json!({"type": "integer", "format": "int64"}))
}

fn picture_ids() -> Value {
    list_of(json!({"type": "integer", "format": "int64"}))
}

fn one_picture() -> Value {
    closed(&["picture_id"], json!({"picture_id": {"type": "integer", "format": "int64"}}))
}

fn one_user() -> Value {
    closed(&["username"], json!({"username": {"type": "string"}}))
}

fn added_answer() -> Value {
    let properties = json!({"added": {"type": "integer", "format": "int64"}});
    answer(
        "How many were not in it before.",
        json!({"type": "object", "required": ["added"], "properties": properties}),
    )
}

/// A change that answers with the gallery as it is then.
fn change_gallery(id: &str, summary: &str, body: Value) -> Value {
    let success = (200, answer("The gallery.", schema("Gallery")));
    operation(id, summary, vec![gallery_id()], json_body(body), success, &[400, 401, 403, 404])
}

fn schemas() -> Value {
    let text = || json!({"type": "string"});
    let number = || json!({"type": "integer", "format": "int64"});
    let number_or_null = || json!({"type": ["integer", "null"], "format": "int64"});
    let text_or_null = || json!({"type": ["string", "null"]});
    let unit = || json!({"type": "number", "minimum": 0, "maximum": 1});
    let picture = json!({
        "id": number(), "title": text(), "description": text(), "author": text(), "origin_url": text_or_null(),
        "timestamp": number(), "width": number(), "height": number(), "file_format": text(), "nature": text(),
        "licences": list_of(text()), "replaces": number_or_null(), "replaced_by": number_or_null(),
        "copied_from": number_or_null(), "dataset": {"type": ["string", "null"], "description":
            "The dataset that it belongs to, as `namespace/name`; null for pictures of the commons."},
        "fields": list_of(schema("PictureField")), "regions": list_of(schema("Region")), "download": {"type": "string", "format": "uri"},
    });
    let rating = json!({
        "rating_average": {"type": ["number", "null"], "minimum": 1, "maximum": 5},
        "rating_count":
            {"type": "object", "required": ["1", "2", "3", "4", "5"], "additionalProperties": {"type": "integer"}},
    });
    let mut detail = picture.clone();
    detail["rating_average"] = rating["rating_average"].clone();
    detail["rating_count"] = rating["rating_count"].clone();
    detail["revision"] = number();
    detail["metadata_revision"] = number();
    detail["keep_place"] = json!({"type": "boolean"});
    detail["mark"] = json!({"oneOf": [schema("Mark"), {"type": "null"}]});
    detail["exif"] = json!({"oneOf": [schema("Exif"), {"type": "null"}]});
    let region = |kind: &str, shape: Value| {
        closed(
            &["type", "shape", "object"],
            json!({"id": number(), "type": {"const": kind}, "shape": shape, "object": text()}),
        )
    };
    let licence = json!({"id": text(), "title": text(), "description": text(), "info_url": text_or_null(),
        "legalese_url": text_or_null(), "free": {"type": "boolean"}, "pinned": {"type": "boolean"}, "logo_url": text_or_null()});
    let mut licence_change = licence.clone();
    let mut counted_licence = licence.clone();
    counted_licence["pictures"] = number();
    if let Some(keys) = licence_change.as_object_mut() {
        keys.remove("id");
    }
    let object = json!({"id": text(), "description": text(), "parents": list_of(text()), "children": list_of(text()), "pictures": number()});
    let mut object_detail = object.clone();
    for (key, value) in [
        ("own_pictures", number()),
        ("paths", list_of(list_of(text()))),
        ("former_names", list_of(text())),
        ("author", text_or_null()),
        ("timestamp", number()),
    ] {
        object_detail[key] = value;
    }
    let open = |properties: Value| {
        let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let place = || {
        closed(
            &["latitude", "longitude"],
            json!({
                "latitude": {"type": "number", "minimum": -90, "maximum": 90},
                "longitude": {"type": "number", "minimum": -180, "maximum": 180},
            }),
        )
    };
    let field_value = |also: Value| {
        let time = json!({"type": "string", "description":
            "A day or moment after ISO 8601: `2026-05-17`, `2026-05-17T14:03:59`, with `Z` or `+02:00` behind it where that is known."});
        let kinds = [("text", text()), ("number", json!({"type": "number"})), ("time", time), ("place", place())];
        let one = |(kind, value): (&str, Value)| {
            let mut properties = also.clone();
            properties["kind"] = json!({"const": kind});
            properties["value"] = value;
            open(properties)
        };
        json!({"oneOf": kinds.map(one)})
    };
    let points = |least: u64| json!({"type": "array", "minItems": least, "items": schema("Point")});
    let credited = |mut schema: Value| {
        schema["properties"]["attribution"] = json!({"type": "string", "description":
            "Whom to name as the author instead of the username; absent unless whoever posted it said so, or chose so when they closed their account."});
        schema
    };
    json!({
        "Point": closed(&["x", "y"], json!({"x": unit(), "y": unit()})),
        "Region": {"description": "A shape in the upright picture's unit square, origin top left, labelled with an object.",
            "oneOf": [
                region("bbox", closed(&["x", "y", "w", "h"], json!({"x": unit(), "y": unit(), "w": unit(), "h": unit()}))),
                region("polygon", points(3)), region("polyline", points(2)), region("point", schema("Point")),
            ]},
        "Picture": credited(open(picture)),
        "PictureDetail": credited(open(detail)),
        "RatingSummary": open(rating),
        "Exif": {"type": "object", "description": "What the camera wrote into the file; what it did not tell is absent.",
            "properties": {
                "camera": text(), "lens": text(), "exposure_time": {"type": "number", "description": "In seconds."},
                "aperture": {"type": "number", "description": "The f-number."}, "iso": number(),
                "focal_length": {"type": "number", "description": "In millimetres."},
                "taken": {"type": "string", "description":
                    "By the camera's clock: `2026-05-17T14:03:59`, with `+02:00` after it where the camera knew."},
                "place": place(),
            }},
        "FieldValue": field_value(json!({})),
        "PictureField": field_value(json!({"name": text()})),
        "PictureChange": closed(&[], json!({
            "title": text(), "description": text(), "origin_url": text_or_null(), "licence_ids": list_of(text()),
            "nature_id": text(), "attribution": {"type": ["string", "null"], "description":
                "Whom to name as the author instead of who posted it; null or an empty text for nobody else."},
            "fields": {"type": "object", "additionalProperties": {"oneOf": [schema("FieldValue"), {"type": "null"}]}, "description":
                "Additional fields by name, with what they say, or null for those that go; others stay."},
            "keep_place": {"type": "boolean", "description":
                "False stops showing where it was taken. True changes nothing, or is refused where the place is not shown."},
        })),
        "UploadRequest": closed(&["nature"], json!({
            "title": text(), "description": text(), "origin_url": text_or_null(), "licence": list_of(text()),
            "nature": text(), "annotations": list_of(schema("Region")), "replaces": number_or_null(),
            "carry_regions": {"type": "boolean", "default": false, "description":
                "Begin with the regions of the picture that is replaced, which must have the same aspect ratio."},
            "keep_place": {"type": "boolean", "default": false, "description":
                "Show where the picture was taken, if the camera wrote it into the file, and leave it in the file."},
            "dataset": {"type": ["integer", "string", "null"], "description": "The dataset that it comes into, by its number or as \
                `namespace/name`; without one the commons. A replacement comes to where the picture is that it replaces."},
            "path": {"type": ["string", "null"], "description": "Where in the dataset the file is; without it, it is called as it is \
                in the body, with a number if need be."},
        })),
        "Query": query::schema(),
        "QueryRule": query::rule_schema(),
        "RevisionSummary": open(json!({"revision": number(), "author": text_or_null(), "timestamp": number(),
            "added": number(), "changed": number(), "removed": number()})),
        "Account": open(json!({"username": text(), "admin": {"type": "boolean"}})),
        "UserDetail": open(json!({"id": text(), "admin": {"type": "boolean"}, "joined": number(), "closed": {"type": "boolean"},
            "attribution": text_or_null(), "pictures": number(), "galleries": number(), "regions": number(), "annotated": number()})),
        "Contribution": open(json!({"picture": number(), "title": text(), "revision": number(), "timestamp": number(),
            "added": number(), "changed": number(), "removed": number()})),
        "LicenceSummary": open(json!({"title": text(), "free": {"type": "boolean"}, "pinned": {"type": "boolean"}})),
        "NewLicence": closed(&["id", "title", "free"], licence.clone()),
        "LicenceChange": closed(&[], licence_change),
        "CountedLicence": open(counted_licence),
        "Licence": open(licence),
        "Nature": closed(&["id", "description"], json!({"id": text(), "description": text()})),
        "CountedNature": open(json!({"id": text(), "description": text(), "pictures": number()})),
        "Object": open(object),
        "ObjectDetail": open(object_detail),
        "Sample": open(json!({"region": number(), "picture": number(), "title": text(), "object": text(), "crop": text()})),
        "ImportReport": open(json!({"dry_run": {"type": "boolean"}, "made": list_of(text()), "existing": list_of(text()),
            "new_parents": list_of(open(json!({"object": text(), "parent": text()}))),
            "faults": list_of(open(json!({"line": number(), "message": text()})))})),
        "Gallery": open(json!({"id": number(), "title": text(), "description": text(), "owner": text(), "users": list_of(text()),
            "cover": number_or_null()})),
        "GallerySummary": open(json!({"id": number(), "title": text(), "owner": text(), "pictures": number(), "cover": text_or_null()})),
        "Problem": {"type": "object", "required": ["type", "title", "status", "detail", "instance"], "properties": {
            "type": text(), "title": text(), "status": {"type": "integer"}, "detail": text(), "instance": text(),
            "errors": list_of(json!({"type": "object", "required": ["message"], "properties": {
                "field": text(), "line": {"type": "integer"}, "column": {"type": "integer"}, "message": text(),
                "suggestions": list_of(text())}})),
        }},
    })
}

/// The document as a page for people, without a script or anything from elsewhere.
pub fn page(document: &Value) -> String {
    let mut html = String::from(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><title>JSON API – Ocellus</title><style>:root{color-scheme:light \
         dark;font:16px/1.5 system-ui,sans-serif}body{max-width:52rem;margin:2rem auto;padding:0 1rem}code{font-family:\
         ui-monospace,monospace;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:2.5rem 0 .25rem;border-top:1px solid \
         #8886;padding-top:1rem}h3{font-size:1rem;margin:1rem 0 0}dt{font-weight:600}dd{margin:0 0 .4rem 1.25rem;\
         white-space:pre-line}</style></head><body><main><p><a href=\"/\">Ocellus</a></p><h1>JSON API</h1><p>Programs \
         read the same as <a href=\"/api/openapi.json\">OpenAPI 3.1</a>, with the form of every body and answer.</p>",
    );
    for (path, methods) in document["paths"].as_object().into_iter().flatten() {
        html.push_str(&format!("<h2><code>{}</code></h2>", escape(path)));
        for (method, operation) in methods.as_object().into_iter().flatten() {
            let summary = escape(operation["summary"].as_str().unwrap_or_default());
            html.push_str(&format!("<h3><code>{}</code> {summary}</h3><dl>", method.to_uppercase()));
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = escape(parameter["name"].as_str().unwrap_or_default());
                let text = escape(parameter["description"].as_str().unwrap_or_default());
                html.push_str(&format!("<dt><code>{name}</code></dt><dd>{text}</dd>"));
            }
            if let Some(text) = operation["requestBody"]["description"].as_str() {
                html.push_str(&format!("<dt>Body</dt><dd>{}</dd>", escape(text)));
            }
            for (status, response) in operation["responses"].as_object().into_iter().flatten() {
                let text = escape(response["description"].as_str().unwrap_or_default());
                html.push_str(&format!("<dt>{status}</dt><dd>{text}</dd>"));
            }
            html.push_str("</dl>");
        }
    }
    html.push_str("</main></body></html>");
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
