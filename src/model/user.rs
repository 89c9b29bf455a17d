//! Users, and the viewer: whoever is asking.

use super::dataset::is_reserved;
use super::error::FieldError;
use serde::{Deserialize, Serialize};

/// The signed-in user, as the page header and the API's sign-in show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Numeric identity; never shown.
    #[serde(skip)]
    pub id: i64,
    /// Username.
    pub username: String,
    /// Whether the user is an administrator.
    pub admin: bool,
}

/// A user as everybody sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfile {
    /// Username.
    pub id: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// When the account was made, in Unix seconds.
    pub joined: i64,
}

/// Whoever is asking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewer {
    /// Who it is, unless nobody is signed in.
    pub account: Option<Account>,
    /// Whether they came with a token that may only read.
    pub read_only: bool,
}

/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 10;
/// Longest password, in characters: hashing must not become a way to keep the server busy.
pub const MAX_PASSWORD: usize = 256;

/// What the usernames of closed accounts begin with that do not keep their own.
pub const CLOSED_PREFIX: &str = "deleted-";

/// Says what is wrong with a new username, if anything is.
pub fn check_username(name: &str) -> Option<FieldError> {
    // Addresses of datasets begin with the names of users.
    if is_reserved(name) {
        return Some(FieldError::new("username", "is called like an address of this site; choose another one"));
    }
    if name.starts_with(CLOSED_PREFIX) {
        return Some(FieldError::new(
            "username",
            format!("must not start with `{CLOSED_PREFIX}`, as closed accounts do"),
        ));
    }
    let fits = (2..=32).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'))
        && name.starts_with(|c: char| c.is_ascii_lowercase());
    (!fits).then(|| {
        FieldError::new(
            "username",
            "must have 2 to 32 characters: lower-case letters, digits, `-` and `_`, and must start with a letter",
        )
    })
}

/// Says what is wrong with a new password's length, if anything is. Common passwords are refused by the server.
pub fn check_password(password: &str, username: &str) -> Option<FieldError> {
    let length = password.chars().count();
    if length < MIN_PASSWORD {
        Some(FieldError::new("password", format!("must have at least {MIN_PASSWORD} characters")))
    } else if length > MAX_PASSWORD {
        Some(FieldError::new("password", format!("must have at most {MAX_PASSWORD} characters")))
    } else if !username.is_empty() && password.to_lowercase().contains(&username.to_lowercase()) {
        Some(FieldError::new("password", "must not contain the username"))
    } else {
        None
    }
}

/// A question that a registering person answers, so that programs cannot register in bulk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Opaque; to be sent back with the answer.
    pub token: String,
    /// The question in plain words.
    pub question: String,
}

/// What forms need to know of the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteState {
    /// Whether strangers may register.
    pub registration_open: bool,
    /// Whether there is any account yet.
    pub has_accounts: bool,
    /// Largest picture that may be uploaded, in bytes.
    pub upload_limit_bytes: i64,
    /// Largest file of a dataset, in bytes.
    pub file_limit_bytes: i64,
}
