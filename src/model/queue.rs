//! Queues: pictures in a row, of which one is being annotated.

use super::error::AppError;
use serde::{Deserialize, Serialize};

/// Which pictures of a row count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Only {
    /// Those without regions.
    Unannotated,
    /// Those without a mark.
    Unmarked,
}

impl Only {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Unannotated, Self::Unmarked];

    /// The name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unannotated => "unannotated",
            Self::Unmarked => "unmarked",
        }
    }
}

impl std::str::FromStr for Only {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        Self::ALL.into_iter().find(|only| only.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(" or ");
            AppError::field("only", format!("must be {names}"))
        })
    }
}

/// A picture in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueEntry {
    /// Its number.
    pub id: i64,
    /// Its title, possibly empty.
    pub title: String,
}

/// What is around a picture in the row that it is annotated in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// Its place, from 1; nothing where it is not in the row, perhaps no more: a query may find only what is not annotated.
    pub position: Option<i64>,
    /// How many pictures come before it, or before the place where it would be.
    pub before: i64,
    /// How many pictures the row has.
    pub total: i64,
    /// The picture before it.
    pub previous: Option<QueueEntry>,
    /// The picture after it.
    pub next: Option<QueueEntry>,
    /// The first picture after it that has no regions.
    pub next_without_regions: Option<QueueEntry>,
    /// The numbers of the next few pictures, to be fetched in advance.
    pub ahead: Vec<i64>,
    /// Where it stands in the row, in words of the server; nothing where it has no place. Whoever sends it back with a later
    /// question is told what is around that place, even if the picture stands elsewhere by then: a row may be ordered by the
    /// number of regions, which annotating changes.
    pub place: Option<String>,
}
