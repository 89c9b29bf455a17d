//! Marks: what people say of the work on a picture.

use super::error::FieldError;
use super::limits::check_text;
use super::picture::tidy;
use serde::{Deserialize, Serialize};

/// Longest comment of a mark, in characters.
pub const MAX_COMMENT: usize = 2_000;

/// How far the work on a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkState {
    /// Everything on it is annotated.
    Done,
    /// It is not to be annotated.
    Skipped,
    /// Somebody else should look at it.
    NeedsReview,
}

impl MarkState {
    /// Every state, in the order in which buttons offer them.
    pub const ALL: [Self; 3] = [Self::Done, Self::Skipped, Self::NeedsReview];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::NeedsReview => "needs_review",
        }
    }

    /// The words for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Skipped => "Skipped",
            Self::NeedsReview => "Needs review",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// A mark as it was put on a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// How far the work is.
    pub state: MarkState,
    /// What there is to say of it, possibly empty.
    pub comment: String,
    /// Who said so.
    pub author: String,
    /// When, in Unix seconds.
    pub timestamp: i64,
    /// When and by whom it was taken back or another one was put in its place; absent from the one that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<MarkEnd>,
}

/// The end of a mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkEnd {
    /// Who took it back, or put another one in its place.
    pub author: String,
    /// When, in Unix seconds.
    pub timestamp: i64,
}

/// So many earlier marks are told.
pub const EARLIER_MARKS: usize = 100;

/// The marks of a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// The one that counts.
    pub mark: Option<Mark>,
    /// The last of those before it, at most [`EARLIER_MARKS`], the newest first.
    pub earlier: Vec<Mark>,
}

/// A mark to be put on a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMark {
    /// How far the work is.
    pub state: MarkState,
    /// What there is to say of it.
    #[serde(default)]
    pub comment: String,
}

impl NewMark {
    /// Brings the comment into the form that is stored, and says what is wrong with it, if anything is.
    pub fn check(&mut self) -> Option<FieldError> {
        self.comment = tidy(&self.comment);
        check_text("comment", &self.comment, MAX_COMMENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_one_name_each() {
        for state in MarkState::ALL {
            assert_eq!(MarkState::from_name(state.as_str()), Some(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        assert_eq!(MarkState::from_name("Done"), None);
    }

    #[test]
    fn comments_are_tidied_and_bounded() {
        let mut mark = NewMark { state: MarkState::Done, comment: " a\r\nb ".into() };
        assert_eq!(mark.check(), None);
        assert_eq!(mark.comment, "a\nb");
        for comment in ["x".repeat(MAX_COMMENT + 1), "\u{0}".to_owned()] {
            let mut mark = NewMark { state: MarkState::Done, comment };
            assert_eq!(mark.check().unwrap().field, "comment");
        }
    }
}
