//! Pages of long lists, and the order of pictures.

use super::error::AppError;
use serde::{Deserialize, Serialize};

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The entries of this part.
    pub items: Vec<T>,
    /// How many entries the whole list has, exactly.
    pub total: i64,
    /// How many entries come before this part.
    pub offset: i64,
    /// How many entries this part may have at most.
    pub limit: i64,
}

impl<T> Page<T> {
    /// The same part of the list with other entries.
    pub fn with<U>(self, items: Vec<U>) -> Page<U> {
        Page { items, total: self.total, offset: self.offset, limit: self.limit }
    }
}

/// A part of a list that nobody has counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part<T> {
    /// The entries of this part.
    pub items: Vec<T>,
    /// How many entries come before this part, if the list is that long.
    pub offset: i64,
    /// How many entries this part may have at most.
    pub limit: i64,
    /// Whether entries follow.
    pub more: bool,
    /// Whether the part was found beside an entry, so that the offset is only what it once was.
    pub beside: bool,
}

impl<T> Part<T> {
    /// How many entries the whole list has, where this part says it: where it is the last one.
    pub fn known_total(&self) -> Option<i64> {
        let ends_here = !self.more && !self.beside && (self.offset == 0 || !self.items.is_empty());
        ends_here.then(|| self.offset.saturating_add(i64::try_from(self.items.len()).unwrap_or(i64::MAX)))
    }
}

/// What follows an entry in a list that nobody has counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rest<T> {
    /// The next entries.
    pub items: Vec<T>,
    /// How many they may be at most.
    pub limit: i64,
    /// Whether others follow.
    pub more: bool,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// How many entries to pass over.
    pub offset: i64,
    /// How many entries to give at most.
    pub limit: i64,
}

impl PageRequest {
    /// Fills in the defaults (0 and 100) and checks the range: `offset` ≥ 0, `limit` 1 to 1000.
    pub fn new(offset: Option<i64>, limit: Option<i64>) -> Result<Self, AppError> {
        Self::up_to(offset, limit, 1000)
    }

    /// The same for lists with long entries, of which a part has `most` at most.
    pub fn up_to(offset: Option<i64>, limit: Option<i64>, most: i64) -> Result<Self, AppError> {
        let (offset, limit) = (offset.unwrap_or(0), limit.unwrap_or(100));
        if offset < 0 {
            return Err(AppError::field("offset", "must not be negative"));
        }
        if !(1..=most).contains(&limit) {
            return Err(AppError::field("limit", format!("must be from 1 to {most}")));
        }
        Ok(Self { offset, limit })
    }
}

/// Which part of a list of pictures is wanted, said by the picture next to it. However far that is from the beginning, the part
/// is found as quickly as the first one, and neither repeats nor misses anything where the list has changed before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Beside {
    /// What follows the picture with this number.
    After(i64),
    /// What comes directly before it.
    Before(i64),
}

/// The order of a list of pictures. Ties are broken by the picture's id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ordering {
    /// Newest first.
    #[default]
    DateDesc,
    /// Oldest first.
    DateAsc,
    /// By title, from A to Z.
    TitleAsc,
    /// By title, from Z to A.
    TitleDesc,
    /// Most regions first.
    NumberRegionsDesc,
    /// Fewest regions first.
    NumberRegionsAsc,
    /// Shuffled by a seed: the same seed gives the same order every time.
    Random,
}

impl Ordering {
    /// Every ordering, in the order in which pages list them.
    pub const ALL: [Ordering; 7] = [
        Self::DateDesc,
        Self::DateAsc,
        Self::TitleAsc,
        Self::TitleDesc,
        Self::NumberRegionsDesc,
        Self::NumberRegionsAsc,
        Self::Random,
    ];

    /// The name in addresses and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DateDesc => "date-desc",
            Self::DateAsc => "date-asc",
            Self::TitleAsc => "title-asc",
            Self::TitleDesc => "title-desc",
            Self::NumberRegionsDesc => "number-regions-desc",
            Self::NumberRegionsAsc => "number-regions-asc",
            Self::Random => "random",
        }
    }

    /// The words for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::DateDesc => "Newest first",
            Self::DateAsc => "Oldest first",
            Self::TitleAsc => "Title A–Z",
            Self::TitleDesc => "Title Z–A",
            Self::NumberRegionsDesc => "Most regions first",
            Self::NumberRegionsAsc => "Fewest regions first",
            Self::Random => "Shuffled",
        }
    }
}

impl std::str::FromStr for Ordering {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        Self::ALL.into_iter().find(|ordering| ordering.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            AppError::field("ordering", format!("must be one of {names}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_tells_how_long_the_list_is() {
        let part = |items: usize, offset, more| {
            Part { items: vec![(); items], offset, limit: 60, more, beside: false }.known_total()
        };
        assert_eq!(part(60, 0, true), None);
        assert_eq!(part(60, 0, false), Some(60));
        assert_eq!(part(5, 120, false), Some(125));
        assert_eq!(part(0, 0, false), Some(0));
        // Somebody is past the end: where that is cannot be known here.
        assert_eq!(part(0, 120, false), None);
        // Beside an entry the offset is only what it once was.
        let beside = Part { items: vec![(); 5], offset: 120, limit: 60, more: false, beside: true };
        assert_eq!(beside.known_total(), None);
    }
}
