//! What the document says of jobs.

use super::{answer, list_of, operation, paging, parameter, schema};
use crate::model::job::{JobKind, JobState};
use serde_json::{Value, json};

fn id() -> Vec<Value> {
    vec![parameter("id", "path", "Number of the job.", json!({"type": "integer", "format": "int64"}))]
}

/// The paths.
pub fn paths() -> Value {
    let mut list = paging();
    list.push(parameter(
        "everybody",
        "query",
        "Whether those of everybody are listed, which only administrators may ask for.",
        json!({"type": "boolean", "default": false}),
    ));
    let stream = |description: &str, media_type: &str| {
        (200, json!({"description": description, "content": {media_type: {"schema": {"type": "string"}}}}))
    };
    let no_content = || (204, json!({"description": "It is forgotten."}));
    json!({
        "/api/v1/jobs/": {"get": operation("jobs", "Long work that whoever asks wants done, the newest first", list, None,
            (200, super::list_answer("The jobs.", list_of(schema("Job")))), &[400, 401, 403])},
        "/api/v1/jobs/{id}/": {
            "get": operation("job", "One job", id(), None, (200, answer("The job.", schema("Job"))), &[400, 401, 404]),
            "delete": operation("deleteJob", "Forgets a job that has ended", id(), None, no_content(), &[400, 401, 403, 404, 409]),
        },
        "/api/v1/jobs/{id}/cancel": {"post": operation("cancelJob",
            "Wants a job to end: one that waits ends at once, one that runs soon after; what it has done stays done", id(), None,
            (200, answer("The job.", schema("Job"))), &[400, 401, 403, 404])},
        "/api/v1/jobs/{id}/events": {"get": operation("jobEvents",
            "The job as server-sent events called `job`: at once, whenever something of it has changed, and for the last time when it has ended",
            id(), None, stream("The events.", "text/event-stream"), &[400, 401, 404])},
        "/api/v1/jobs/{id}/errors.csv": {"get": operation("jobErrors", "What a job could not do, as a table of places and messages",
            id(), None, stream("The table.", "text/csv"), &[400, 401, 404])},
    })
}

/// The types.
pub fn schemas() -> Value {
    let kinds: Vec<&str> = JobKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let states: Vec<&str> = JobState::ALL.iter().map(|state| state.as_str()).collect();
    let number = |description: &str| json!({"type": "integer", "format": "int64", "description": description});
    let perhaps =
        |description: &str| json!({"type": ["integer", "null"], "format": "int64", "description": description});
    json!({
        "Job": {"type": "object", "required": ["id", "kind", "state", "done", "total", "errors", "result"], "properties": {
            "id": number("Its number."),
            "kind": {"type": "string", "enum": kinds},
            "title": {"type": "string"},
            "owner": {"type": "string"},
            "state": {"type": "string", "enum": states},
            "cancelling": {"type": "boolean", "description": "Whether somebody wants it to end that has not ended yet."},
            "done": number("So much is done."),
            "total": perhaps("So much there is to do; null until somebody has counted."),
            "errors": number("So many things could not be done."),
            "rate": {"type": ["number", "null"], "description": "How much is done in a second."},
            "left_s": perhaps("So many seconds are left at this rate."),
            "result": {"description": "What came of it, as its kind says it; null before the end, and in lists."},
            "failure": {"type": ["string", "null"], "description": "Why it failed."},
            "created": number("When it was wanted."),
            "ended": perhaps("When it ended."),
        }},
    })
}
