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

/// A row of pictures as it was when somebody began to go through it: what is drawn and marked since then may have taken pictures
/// out of it or moved them, but not here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BegunRow {
    /// The numbers of its pictures, in order; of a long row, those around the picture with which it was begun.
    pub ids: Vec<i64>,
    /// How many pictures come before these.
    pub before: i64,
    /// How many pictures it has.
    pub total: i64,
}

impl BegunRow {
    /// So many pictures are kept before the one with which it is begun, and after it.
    pub const REACH: (u64, u64) = (2_000, 8_000);
    /// At most so many pictures are asked at once on either side.
    pub const ASKED: usize = 8_000;
    /// So many are asked first: mostly one without regions is among them.
    pub const ASKED_FIRST: usize = 200;
    /// So many on either side belong to a picture's surroundings.
    const NEAR: usize = 20;

    /// The pictures before one of them, the nearest first, and those after it. Nothing where it is not among them, or so near to
    /// the end of what is kept that the row has to be begun anew there.
    pub fn around(&self, picture: i64) -> Option<(Vec<i64>, &[i64])> {
        let at = self.ids.iter().position(|id| *id == picture)?;
        let (before, after) = (&self.ids[..at], &self.ids[at + 1..]);
        let has_more_after = self.before + (self.ids.len() as i64) < self.total;
        let is_near_end = self.before > 0 && before.len() < Self::NEAR || has_more_after && after.len() < Self::NEAR;
        (!is_near_end).then(|| (before.iter().rev().take(Self::NEAR).copied().collect(), after))
    }

    /// What is around one of its pictures, with that picture's place.
    pub fn placed(&self, picture: i64, neighbours: Queue) -> Queue {
        let at = self.ids.iter().position(|id| *id == picture).map(|at| self.before + at as i64);
        Queue { position: at.map(|at| at + 1), before: at.unwrap_or_default(), total: self.total, ..neighbours }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_place_in_a_row_that_was_begun() {
        let row = BegunRow { ids: vec![7, 3, 9, 4], before: 0, total: 4 };
        assert_eq!(row.around(9), Some((vec![3, 7], &[4][..])));
        assert_eq!(row.around(7), Some((vec![], &[3, 9, 4][..])));
        assert_eq!(row.around(5), None);
        let queue = row.placed(9, Queue { ahead: vec![4], ..Queue::default() });
        assert_eq!((queue.position, queue.before, queue.total, queue.ahead), (Some(3), 2, 4, vec![4]));
    }

    #[test]
    fn where_more_was_left_out_a_row_is_begun_anew_in_time() {
        let row = BegunRow { ids: (100..200).collect(), before: 50, total: 1_000 };
        for (picture, is_known) in [(100, false), (119, false), (120, true), (179, true), (180, false), (199, false)] {
            assert_eq!(row.around(picture).is_some(), is_known, "{picture}");
        }
        assert_eq!(row.around(150).map(|(before, after)| (before[0], before.len(), after[0])), Some((149, 20, 151)));
        assert_eq!(row.placed(120, Queue::default()).position, Some(71));
        let all = BegunRow { before: 0, total: 100, ..row };
        assert!(all.around(100).is_some() && all.around(199).is_some());
    }
}
