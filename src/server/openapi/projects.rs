//! What the document says of projects.

use super::flow::on_behalf_of;
use super::{answer, closed, json_body, list_answer, list_of, operation, paging, parameter, schema};
use crate::model::limits::{MAX_DESCRIPTION, MAX_TITLE};
use crate::model::mark::MAX_COMMENT;
use crate::model::project::{MAX_PROJECT_MEMBERS, MAX_PROJECT_OBJECTS, MAX_TAKEN};
use crate::model::{ProjectRole, WorkState};
use serde_json::{Value, json};

fn state() -> Value {
    let words: Vec<&str> = WorkState::ALL.iter().map(|state| state.as_str()).collect();
    json!({"type": "string", "enum": words})
}

fn role() -> Value {
    let words: Vec<&str> = ProjectRole::ALL.iter().map(|role| role.as_str()).collect();
    json!({"type": "string", "enum": words, "description":
        "Annotators annotate the pictures of their queue; reviewers accept what others have done, or send it back."})
}

/// The parameters that say which pictures of a project are meant.
pub fn filter() -> Vec<Value> {
    let text = || json!({"type": "string"});
    vec![
        parameter("state", "query", "Only those in one of these states, separated by commas.", text()),
        parameter("annotator", "query", "Only those in the queue of this user; `-`: in nobody's.", text()),
    ]
}

/// The paths.
pub fn paths() -> Value {
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let id = || vec![parameter("id", "path", "Number of the project.", number())];
    let picture = || {
        let mut both = id();
        both.push(parameter("picture", "path", "Number of the picture.", number()));
        both
    };
    let changed = || {
        let mut all = picture();
        all.push(on_behalf_of());
        all
    };
    let (mut find, mut found) = (paging(), id());
    find.extend([
        parameter("search", "query", "A part of the name of the project or its dataset.", text()),
        parameter("dataset", "query", "Number of the dataset.", number()),
        parameter(
            "mine",
            "query",
            "Whether only those are wanted that the viewer is a member of.",
            json!({"type": "boolean"}),
        ),
    ]);
    found.extend(paging());
    found.extend(filter());
    let done = |words: &str| (204, json!({"description": words}));
    let project = || (200, answer("The project.", schema("Project")));
    let work = || (200, answer("Where the work stands.", schema("PictureWork")));
    let queued =
        || (200, answer("How many pictures came into a queue.", closed(&["pictures"], json!({"pictures": number()}))));
    json!({
        "/api/v1/projects": {
            "get": operation("projects", "The projects that the viewer may see, the newest first", find, None,
                (200, list_answer("A part of the projects.", list_of(schema("Project")))), &[400]),
            "post": operation("newProject",
                "Start a project with a version of a dataset, and share its pictures out among the annotators; for maintainers of the dataset",
                vec![], json_body(schema("NewProject")),
                (201, answer("The new project; `Location` is its address.", schema("Project"))), &[400, 401, 403, 409]),
        },
        "/api/v1/projects/{id}": {"get": operation("project", "One project", id(), None, project(), &[404])},
        "/api/v1/projects/{id}/update": {"post": operation("updateProject",
            "Change a project; absent keys stay; for maintainers of the dataset", id(), json_body(schema("ProjectChange")),
            project(), &[400, 401, 403, 404, 409])},
        "/api/v1/projects/{id}/delete": {"post": operation("deleteProject",
            "Forget a project; its pictures stay, and so do their regions; for maintainers of the dataset", id(), None,
            done("Forgotten."), &[401, 403, 404])},
        "/api/v1/projects/{id}/progress": {"get": operation("projectProgress",
            "How a project goes on day by day, and who does and did how much", id(), None,
            (200, answer("The progress.", schema("Progress"))), &[404, 422])},
        "/api/v1/projects/{id}/members": {"post": operation("setProjectMember",
            "Give somebody who may annotate in the dataset a role; for maintainers of the dataset", id(),
            json_body(closed(&["username", "role"], json!({"username": text(), "role": role()}))), done("They have it."),
            &[400, 401, 403, 404, 409])},
        "/api/v1/projects/{id}/members/remove": {"post": operation("removeProjectMember",
            "Take somebody out, or leave; what they had to do is nobody's then", id(),
            json_body(closed(&["username"], json!({"username": text()}))), done("They have no part in it."), &[400, 401, 403, 404])},
        "/api/v1/projects/{id}/pictures": {"get": operation("projectPictures", "The pictures of a project in their order", found, None,
            (200, list_answer("A part of the pictures.", list_of(schema("ProjectPicture")))), &[400, 404])},
        "/api/v1/projects/{id}/pictures/{picture}": {
            "get": operation("pictureWork", "Where the work on a picture stands", picture(), None, work(), &[404]),
            "post": operation("setWorkState",
                "Bring a picture to another state: annotators those of their own queue or of nobody's, reviewers all", changed(),
                json_body(schema("NewWorkState")), work(), &[400, 401, 403, 404, 409])},
        "/api/v1/projects/{id}/assign": {"post": operation("assignPictures",
            "Put pictures that are not accepted into the queue of a member, or of nobody; for maintainers of the dataset", id(),
            json_body(closed(&["pictures", "annotator"], json!({
                "pictures": list_of(number()), "annotator": {"type": ["string", "null"]}}))),
            queued(), &[400, 401, 403, 404])},
        "/api/v1/projects/{id}/share-out": {"post": operation("shareOut",
            "Share out what is in nobody's queue among the annotators, so that all have as much to do; for maintainers of the dataset", id(),
            json_body(closed(&[], json!({"again": {"type": "boolean", "default": false, "description":
                "Whether what others have not begun with is shared out anew, too."}}))),
            queued(), &[400, 401, 403, 404, 409])},
        "/api/v1/projects/{id}/take": {"post": operation("takePictures",
            "Put the next pictures that are in nobody's queue into one's own; for members", id(),
            json_body(closed(&["count"], json!({"count": {"type": "integer", "minimum": 1, "maximum": MAX_TAKEN}}))),
            queued(), &[400, 401, 403, 404])},
    })
}

/// The schemas that the paths name.
pub fn schemas() -> Value {
    let (text, number) = (|| json!({"type": "string"}), || json!({"type": "integer", "format": "int64"}));
    let open = |properties: Value| {
        let required: Vec<&String> = properties.as_object().map(|map| map.keys().collect()).unwrap_or_default();
        json!({"type": "object", "required": required, "properties": properties})
    };
    let maybe = |kind: &str| json!({"type": [kind, "null"]});
    let long = || json!({"type": "string", "maxLength": MAX_DESCRIPTION});
    let name = || json!({"type": "string", "minLength": 1, "maxLength": MAX_TITLE});
    let objects = || {
        json!({"type": "array", "items": {"type": "string"}, "maxItems": MAX_PROJECT_OBJECTS,
            "description": "Names of the objects that are to be annotated; empty: everything."})
    };
    let registers = || json!({"type": "boolean", "default": false, "description": "Whether those of them that there are not yet are registered."});
    let people = || json!({"type": "array", "items": {"type": "string"}, "maxItems": MAX_PROJECT_MEMBERS});
    json!({
        "Project": open(json!({
            "id": number(), "name": name(), "description": long(), "instructions": long(), "dataset": number(),
            "dataset_name": text(), "ref": {"type": ["string", "null"], "description": "The tag by which the version was named."},
            "commit": text(), "objects": objects(),
            "missing": {"type": "integer", "format": "int64", "description":
                "So many pictures of the version are there no more."},
            "pictures": schema("WorkCounts"),
            "unassigned": {"type": "integer", "format": "int64", "description": "So many that are to be done are in nobody's queue."},
            "author": text(), "created": number(),
            "role": {"oneOf": [role(), {"type": "null"}]},
            "manages": {"type": "boolean", "description": "Whether the viewer manages it, as maintainers of the dataset do."},
        })),
        "WorkCounts": open(json!({"to_do": number(), "done": number(), "needs_review": number(), "accepted": number()})),
        "NewProject": closed(&["name", "dataset"], json!({
            "name": name(), "dataset": {"type": ["integer", "string"], "description": "Its number, or `namespace/name`."},
            "ref": {"type": ["string", "null"], "description": "A tag or a commit; without one the newest state."},
            "description": long(), "instructions": long(), "objects": objects(), "register_objects": registers(),
            "annotators": people(), "reviewers": people(),
        })),
        "ProjectChange": closed(&[], json!({
            "name": name(), "description": long(), "instructions": long(), "objects": objects(), "register_objects": registers(),
        })),
        "Work": open(json!({
            "state": state(), "sent_back": {"type": "boolean", "description":
                "Whether it is to be done because somebody else than its annotator has sent it back. Such pictures come first."},
            "annotator": {"type": ["string", "null"], "description": "In whose queue it is."},
            "comment": text(), "author": maybe("string"), "timestamp": maybe("integer"),
        })),
        "ProjectPicture": open(json!({
            "id": number(), "title": text(), "width": number(), "height": number(), "thumbnail": text(),
            "regions": {"type": "integer", "format": "int64", "description": "How many it has."}, "work": schema("Work"),
        })),
        "PictureWork": open(json!({
            "project": number(), "name": text(), "work": schema("Work"),
            "next": {"type": "array", "items": state(), "description": "The states to which the viewer may bring it."},
            "reviews": {"type": "boolean"}, "instructions_html": text(),
            "steps": list_of(open(json!({
                "from": state(), "to": state(), "comment": text(), "author": text(), "timestamp": number()}))),
        })),
        "NewWorkState": closed(&["state"], json!({
            "state": state(), "comment": {"type": "string", "maxLength": MAX_COMMENT},
            "before": {"oneOf": [state()], "description":
                "The state that it is believed to have; where it has another one, nothing changes (409)."},
        })),
        "Progress": open(json!({
            "days": list_of(open(json!({"day": number(), "pictures": schema("WorkCounts")}))),
            "members": list_of(open(json!({
                "username": text(), "role": {"oneOf": [role(), {"type": "null"}]}, "may_annotate": {"type": "boolean"},
                "manages": {"type": "boolean", "description": "Whether they maintain the dataset, and so review."},
                "pictures": schema("WorkCounts"), "finished": number(), "reviewed": number(), "regions": number(),
                "last": maybe("integer")}))),
        })),
    })
}
