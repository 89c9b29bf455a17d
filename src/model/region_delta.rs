//! Deltas: small changes of a picture's regions, each with a name of its own, so that one which is sent twice counts once.

use super::region::{MAX_REGIONS, Region};
use serde::{Deserialize, Serialize};

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
    /// For each change the region with its id and the name that its object has now; nothing for one that is gone.
    pub regions: Vec<Option<Region>>,
}
