//! An account from the inside: sessions, tokens, what closing it means; and what a user has done for all to see.

use super::error::FieldError;
use super::limits::check_text;
use super::user::UserProfile;
use serde::{Deserialize, Serialize};

/// Longest attribution of a closed account, in characters.
pub const MAX_ATTRIBUTION: usize = 100;
/// Longest name of a token, in characters.
pub const MAX_TOKEN_NAME: usize = 100;

/// One sign-in that lasts, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionInfo {
    /// Names the session, and is of no use to whoever wants to take it over.
    pub id: String,
    /// When somebody signed in, in Unix seconds; unknown for sessions from before that was written down.
    pub started_at: Option<i64>,
    /// When it was last used, in Unix seconds, to the hour.
    pub seen_at: Option<i64>,
    /// The browser and system in a few words.
    pub client: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenScope {
    /// To read.
    Read,
    /// To read and to change.
    Write,
}

impl TokenScope {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenScope::Read => "read",
            TokenScope::Write => "write",
        }
    }
}

/// How long a token may last: the word in forms, what people read, and the days, if it expires at all.
pub const TOKEN_LIFETIMES: [(&str, &str, Option<i64>); 4] = [
    ("30", "30 days", Some(30)),
    ("90", "90 days", Some(90)),
    ("365", "1 year", Some(365)),
    ("never", "Never expires", None),
];

/// A token for the API, without its secret, which is shown once when it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiToken {
    /// Numeric identity.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scope: TokenScope,
    /// When it was made, in Unix seconds.
    pub created_at: i64,
    /// When it stops working, in Unix seconds; never without.
    pub expires_at: Option<i64>,
    /// When it was last used, in Unix seconds, to the hour; not yet without.
    pub last_used_at: Option<i64>,
    /// Whether it has stopped working by itself.
    pub expired: bool,
}

/// Says what is wrong with a new token's name, if anything is.
pub fn check_token_name(name: &str) -> Option<FieldError> {
    let empty = name.trim().is_empty().then(|| FieldError::new("name", "must not be empty"));
    empty.or_else(|| check_text("name", name, MAX_TOKEN_NAME))
}

/// What the account page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOverview {
    /// Username.
    pub username: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// When the account was made, in Unix seconds.
    pub joined: i64,
    /// Where the user is signed in, the last used first.
    pub sessions: Vec<SessionInfo>,
    /// The user's tokens, the newest first.
    pub tokens: Vec<ApiToken>,
}

/// What hangs on an account that may be closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// Pictures that the user posted into the commons; those in datasets belong to these.
    pub pictures: i64,
    /// Galleries that the user owns.
    pub galleries: i64,
    /// Regions by the user on pictures of others.
    pub regions_elsewhere: i64,
    /// Ratings that the user gave.
    pub ratings: i64,
}

/// What becomes of the pictures of an account that is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PicturesFate {
    /// They stay under the username, which nobody else can take.
    KeepName,
    /// They stay, and whoever uses them names this instead of the username.
    Attribute(String),
    /// They go.
    Delete,
}

impl PicturesFate {
    /// Reads the choice from the fields `pictures` and `attribution` of a form.
    pub fn parse(pictures: &str, attribution: &str) -> Result<Self, FieldError> {
        match pictures {
            "name" => Ok(Self::KeepName),
            "delete" => Ok(Self::Delete),
            "attribution" => {
                // It is a part of a line.
                let attribution = attribution.split_whitespace().collect::<Vec<_>>().join(" ");
                if attribution.is_empty() {
                    return Err(FieldError::new("attribution", "must not be empty"));
                }
                let wrong = check_text("attribution", &attribution, MAX_ATTRIBUTION);
                wrong.map_or(Ok(Self::Attribute(attribution)), Err)
            }
            _ => Err(FieldError::new("pictures", "must be `name`, `attribution` or `delete`")),
        }
    }
}

/// A user as their own page shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    /// What lists show, too.
    #[serde(flatten)]
    pub profile: UserProfile,
    /// Whether the account is closed.
    pub closed: bool,
    /// Whom to name as the author of the user's pictures instead of the username.
    pub attribution: Option<String>,
    /// Pictures that the user posted.
    pub pictures: i64,
    /// Galleries that the user owns.
    pub galleries: i64,
    /// Regions whose present form is the user's.
    pub regions: i64,
    /// Pictures whose regions the user has saved.
    pub annotated: i64,
}

/// One save of a picture's regions, as a list of what a user has done shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// The picture.
    pub picture: i64,
    /// The picture's title, possibly empty.
    pub title: String,
    /// Number of the state that the save made.
    pub revision: i64,
    /// When, in Unix seconds.
    pub timestamp: i64,
    /// How many regions were added.
    pub added: i64,
    /// How many regions were changed.
    pub changed: i64,
    /// How many regions were removed.
    pub removed: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_is_one_of_three() {
        assert_eq!(PicturesFate::parse("name", "ignored"), Ok(PicturesFate::KeepName));
        assert_eq!(PicturesFate::parse("delete", ""), Ok(PicturesFate::Delete));
        let named = PicturesFate::parse("attribution", "  Ada \n Lovelace ");
        assert_eq!(named, Ok(PicturesFate::Attribute("Ada Lovelace".into())));
        let long = "x".repeat(MAX_ATTRIBUTION + 1);
        for (pictures, attribution, field) in
            [("attribution", " ", "attribution"), ("attribution", &long, "attribution"), ("burn", "", "pictures")]
        {
            assert_eq!(PicturesFate::parse(pictures, attribution).unwrap_err().field, field);
        }
    }

    #[test]
    fn a_token_has_a_name() {
        assert_eq!(check_token_name("nightly upload"), None);
        assert!(check_token_name("  ").is_some());
        assert!(check_token_name(&"x".repeat(MAX_TOKEN_NAME + 1)).is_some());
    }
}
