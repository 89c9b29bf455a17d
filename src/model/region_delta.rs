//! Deltas: small changes of a picture's regions, each with a name of its own, so that one which is sent twice counts once.

use super::error::FieldError;
use super::region::{Faults, MAX_REGIONS, Region, parse_region};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Longest name of a delta, in characters.
pub const MAX_DELTA_ID: usize = 64;
/// A delta has at most so many changes: enough to replace everything that a picture can have.
pub const MAX_CHANGES: usize = 2 * MAX_REGIONS;

/// A change of a picture's regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// Its name, chosen by whoever sends it: 1 to 64 characters of `[A-Za-z0-9._-]`, never used again for this picture.
    pub id: String,
    /// Number of the state that it is based on. It applies to no other.
    pub revision: i64,
    /// What changes. No region is named twice.
    ///
    /// The new list comes about like this: every region that is deleted or has a position is taken out; new ones without
    /// a position are added at the end; those with a position are put in, in the order given. So positions that ascend
    /// are the indexes in the new list.
    pub changes: Vec<DeltaChange>,
}

/// What becomes of one region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum DeltaChange {
    /// It is like this from now on.
    Put {
        /// The region. One without id is new. An id that the picture had in an earlier state comes back to life.
        put: Region,
        /// Index at which it is put into the list; the end where the list is shorter. Without one, a region that is there
        /// stays at its place, and any other comes to the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        position: Option<usize>,
    },
    /// It is gone.
    Delete {
        /// Its id.
        delete: i64,
    },
}

impl DeltaChange {
    /// Id of the region that is changed, unless it is new.
    pub fn region_id(&self) -> Option<i64> {
        match self {
            Self::Put { put, .. } => put.id,
            Self::Delete { delete } => Some(*delete),
        }
    }
}

/// What a delta led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeltaAnswer {
    /// Number of the state after it: the one before if it changed nothing.
    pub revision: i64,
    /// For each change the region with its id and the name that its object had when the delta was applied;
    /// nothing for one that is gone.
    pub regions: Vec<Option<Region>>,
}

/// A delta that was checked, so that nobody has to look again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SoundDelta(Delta);

impl SoundDelta {
    /// Reads a delta from a request body. Every fault is reported with its path, such as `changes[0].put.shape.x`.
    pub fn parse(value: &Value) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let delta = parse_delta(value, &mut faults);
        delta.filter(|_| faults.0.is_empty()).map(Self).ok_or(faults.0)
    }
}

impl std::ops::Deref for SoundDelta {
    type Target = Delta;

    fn deref(&self) -> &Delta {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SoundDelta {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse(&value).map_err(|faults| {
            let fault = faults.first().map(|fault| format!("{} {}", fault.field, fault.message));
            serde::de::Error::custom(fault.unwrap_or_default())
        })
    }
}

/// Gives nothing only where it has added a fault.
fn parse_delta(value: &Value, faults: &mut Faults) -> Option<Delta> {
    let Value::Object(map) = value else {
        faults.add("body", "must be a dictionary with `id`, `revision` and `changes`");
        return None;
    };
    refuse_others(map, &["id", "revision", "changes"], "", faults);
    let is_name = |id: &&str| {
        (1..=MAX_DELTA_ID).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let id = map.get("id").and_then(Value::as_str).filter(is_name);
    if id.is_none() {
        faults.add("id", format!("must have 1 to {MAX_DELTA_ID} characters of A–Z, a–z, 0–9, `.`, `_` and `-`"));
    }
    let revision = map.get("revision").and_then(Value::as_i64).filter(|revision| *revision >= 0);
    if revision.is_none() {
        faults.add("revision", "must be the number of the state that the changes are based on");
    }
    let changes = parse_changes(map.get("changes"), faults);
    Some(Delta { id: id?.to_owned(), revision: revision?, changes: changes? })
}

fn parse_changes(value: Option<&Value>, faults: &mut Faults) -> Option<Vec<DeltaChange>> {
    let Some(Value::Array(items)) = value else {
        faults.add("changes", "must be a list of changes");
        return None;
    };
    if items.len() > MAX_CHANGES {
        faults.add("changes", format!("must have at most {MAX_CHANGES} entries"));
        return None;
    }
    let mut named = BTreeSet::new();
    let mut changes = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = format!("changes[{index}]");
        let Some(change) = parse_change(item, &path, faults) else { continue };
        if change.region_id().is_some_and(|id| !named.insert(id)) {
            faults.add(path_of_id(&change, index), "names a region that another change names already");
        }
        changes.push(change);
    }
    Some(changes)
}

/// Where a change names its region.
pub fn path_of_id(change: &DeltaChange, index: usize) -> String {
    match change {
        DeltaChange::Put { .. } => format!("changes[{index}].put.id"),
        DeltaChange::Delete { .. } => format!("changes[{index}].delete"),
    }
}

fn parse_change(item: &Value, path: &str, faults: &mut Faults) -> Option<DeltaChange> {
    let Some(map) = item.as_object().filter(|map| map.contains_key("put") != map.contains_key("delete")) else {
        faults.add(path, "must be a dictionary with either `put` or `delete`");
        return None;
    };
    if let Some(value) = map.get("delete") {
        refuse_others(map, &["delete"], path, faults);
        let id = value.as_i64();
        if id.is_none() {
            faults.add(format!("{path}.delete"), "must be the id of a region");
        }
        return id.map(|delete| DeltaChange::Delete { delete });
    }
    refuse_others(map, &["put", "position"], path, faults);
    let put = parse_region(map.get("put")?, &format!("{path}.put"), faults);
    let position = match map.get("position") {
        None | Some(Value::Null) => None,
        Some(value) => {
            let position = value.as_u64().and_then(|position| usize::try_from(position).ok());
            if position.is_none() {
                faults.add(format!("{path}.position"), "must be an index in the list, from 0");
            }
            Some(position?)
        }
    };
    Some(DeltaChange::Put { put: put?, position })
}

fn refuse_others(map: &Map<String, Value>, known: &[&str], path: &str, faults: &mut Faults) {
    for key in map.keys().filter(|key| !known.contains(&key.as_str())) {
        let field = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        faults.add(field, "is not a known key");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn point(x: f64) -> Value {
        json!({"type": "point", "shape": {"x": x, "y": 0.1}, "object": "Eye"})
    }

    #[test]
    fn reads_and_writes() {
        let mut known = point(0.30000000000000004);
        known["id"] = json!(4);
        let value = json!({"id": "a.B_9-", "revision": 7, "changes": [
            {"put": point(0.5)}, {"put": known, "position": 3}, {"delete": 12},
        ]});
        let delta = SoundDelta::parse(&value).unwrap();
        assert_eq!(serde_json::to_value(&delta).unwrap(), value);
        let text = serde_json::to_string(&delta).unwrap();
        assert_eq!(serde_json::from_str::<Delta>(&text).unwrap(), *delta);
        assert_eq!(serde_json::from_str::<SoundDelta>(&text).unwrap(), delta);
        assert_eq!(delta.changes.iter().map(DeltaChange::region_id).collect::<Vec<_>>(), [None, Some(4), Some(12)]);
    }

    #[test]
    fn names_every_fault() {
        let with = |changes: Value| json!({"id": "a", "revision": 0, "changes": changes});
        for (value, fields) in [
            (json!([]), vec!["body"]),
            (json!({}), vec!["id", "revision", "changes"]),
            (json!({"id": "", "revision": -1, "changes": [], "x": 1}), vec!["x", "id", "revision"]),
            (json!({"id": "a".repeat(65), "revision": 0, "changes": []}), vec!["id"]),
            (json!({"id": "a b", "revision": 0.5, "changes": {}}), vec!["id", "revision", "changes"]),
            (with(json!([{"put": point(1.5)}, {"delete": "x"}])), vec!["changes[0].put.shape.x", "changes[1].delete"]),
            (with(json!([{}, {"put": point(0.5), "delete": 3}, 7])), vec!["changes[0]", "changes[1]", "changes[2]"]),
            (with(json!([{"put": point(0.5), "position": -1}])), vec!["changes[0].position"]),
            (with(json!([{"delete": 3, "position": 1}])), vec!["changes[0].position"]),
            (with(json!([{"delete": 3}, {"delete": 3}])), vec!["changes[1].delete"]),
            (
                with(
                    json!([{"delete": 3}, {"put": {"id": 3, "type": "point", "shape": {"x": 0, "y": 0}, "object": "A"}}]),
                ),
                vec!["changes[1].put.id"],
            ),
            (with(Value::Array(vec![json!({"delete": 1}); MAX_CHANGES + 1])), vec!["changes"]),
        ] {
            let faults = SoundDelta::parse(&value).unwrap_err();
            assert_eq!(faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>(), fields, "{value}");
        }
    }
}
