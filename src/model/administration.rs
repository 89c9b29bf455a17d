//! What administrators see and do: accounts, and the log of what was done to them and to what belongs to others.

use super::error::{AppError, FieldError};
use super::limits::check_text;
use serde::{Deserialize, Serialize};

/// Longest reason for a change to an account, in characters.
pub const MAX_REASON: usize = 500;

/// In filters, the actor of what the command line did. No username is like this.
pub const COMMAND_LINE: &str = "-";

/// A user as administrators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Username.
    pub id: String,
    /// Whether the user is an administrator.
    pub admin: bool,
    /// When the account was made, in Unix seconds.
    pub joined: i64,
    /// How many pictures the user has posted.
    pub pictures: i64,
    /// Since when the user may not sign in, in Unix seconds.
    pub suspended_at: Option<i64>,
    /// When the account was closed for good, in Unix seconds.
    pub closed_at: Option<i64>,
}

/// The order of a list of users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberOrder {
    /// By name, from A to Z.
    #[default]
    Name,
    /// Who joined last comes first.
    Joined,
}

impl MemberOrder {
    /// Every order, in that of the page.
    pub const ALL: [Self; 2] = [Self::Name, Self::Joined];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Joined => "joined",
        }
    }

    /// The words for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "By name",
            Self::Joined => "Joined last first",
        }
    }

    /// The order with this word; the usual one where there is none.
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|order| order.as_str() == word).unwrap_or_default()
    }
}

/// Which users a list holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemberKind {
    /// All of them.
    #[default]
    All,
    /// Administrators only.
    Administrators,
    /// Those only who may not sign in for the time being.
    Suspended,
}

impl MemberKind {
    /// Every kind, in the order of the page.
    pub const ALL: [Self; 3] = [Self::All, Self::Administrators, Self::Suspended];

    /// The word in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Administrators => "administrators",
            Self::Suspended => "suspended",
        }
    }

    /// The words for a person.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "Everybody",
            Self::Administrators => "Administrators",
            Self::Suspended => "Suspended",
        }
    }

    /// The kind with this word; everybody where there is none.
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).unwrap_or_default()
    }
}

/// Which users are wanted, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberFilter {
    /// A part of the name; everybody has an empty one.
    pub search: String,
    /// Which users.
    pub kind: MemberKind,
    /// Their order.
    pub order: MemberOrder,
}

/// A change to an account by an administrator; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Whether the user is an administrator.
    #[serde(default)]
    pub admin: Option<bool>,
    /// Whether the user may not sign in.
    #[serde(default)]
    pub suspended: Option<bool>,
    /// Why, for the audit log.
    #[serde(default)]
    pub reason: String,
}

impl AccountChange {
    /// Says what is wrong with the change, if anything is.
    pub fn check(&self) -> Option<FieldError> {
        check_text("reason", &self.reason, MAX_REASON)
    }
}

/// A link with which an account gets another password, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetLink {
    /// The absolute address. It cannot be shown again.
    pub url: String,
    /// When it stops working, in Unix seconds.
    pub expires_at: i64,
}

/// One entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its number, which grows with time.
    pub id: i64,
    /// When it was done, in Unix seconds.
    pub timestamp: i64,
    /// Who did it; null for the command line.
    pub actor: Option<String>,
    /// What was done: the word of an [`AuditAction`], or of one that another version of the program knows.
    pub action: String,
    /// What it was done to, as it was called then: `user ada`, `picture 17`.
    pub subject: String,
    /// More about it, such as a reason.
    pub details: String,
}

/// What the audit log tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum AuditAction {
    UserAdded,
    UserPromoted,
    UserDemoted,
    UserSuspended,
    UserRestored,
    PasswordSet,
    ResetLinkMade,
    TokenMade,
    LicenceAdded,
    LicenceChanged,
    NatureAdded,
    NatureChanged,
    PictureChanged,
    PictureReplaced,
    PictureDeleted,
    GalleryChanged,
    GalleryDeleted,
    ObjectRenamed,
    ObjectMerged,
    SavedQueryChanged,
    SavedQueryDeleted,
    NamespaceChanged,
    NamespaceDeleted,
    DatasetChanged,
    DatasetPushed,
    DatasetDeleted,
    StorageSiteChanged,
    StorageSiteDeleted,
}

impl AuditAction {
    /// Every action, in the order of the page.
    pub const ALL: [Self; 28] = [
        Self::UserAdded,
        Self::UserPromoted,
        Self::UserDemoted,
        Self::UserSuspended,
        Self::UserRestored,
        Self::PasswordSet,
        Self::ResetLinkMade,
        Self::TokenMade,
        Self::LicenceAdded,
        Self::LicenceChanged,
        Self::NatureAdded,
        Self::NatureChanged,
        Self::PictureChanged,
        Self::PictureReplaced,
        Self::PictureDeleted,
        Self::GalleryChanged,
        Self::GalleryDeleted,
        Self::ObjectRenamed,
        Self::ObjectMerged,
        Self::SavedQueryChanged,
        Self::SavedQueryDeleted,
        Self::NamespaceChanged,
        Self::NamespaceDeleted,
        Self::DatasetChanged,
        Self::DatasetPushed,
        Self::DatasetDeleted,
        Self::StorageSiteChanged,
        Self::StorageSiteDeleted,
    ];

    /// The word in the database, in addresses and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserAdded => "user-added",
            Self::UserPromoted => "user-promoted",
            Self::UserDemoted => "user-demoted",
            Self::UserSuspended => "user-suspended",
            Self::UserRestored => "user-restored",
            Self::PasswordSet => "password-set",
            Self::ResetLinkMade => "reset-link-made",
            Self::TokenMade => "token-made",
            Self::LicenceAdded => "licence-added",
            Self::LicenceChanged => "licence-changed",
            Self::NatureAdded => "nature-added",
            Self::NatureChanged => "nature-changed",
            Self::PictureChanged => "picture-changed",
            Self::PictureReplaced => "picture-replaced",
            Self::PictureDeleted => "picture-deleted",
            Self::GalleryChanged => "gallery-changed",
            Self::GalleryDeleted => "gallery-deleted",
            Self::ObjectRenamed => "object-renamed",
            Self::ObjectMerged => "object-merged",
            Self::SavedQueryChanged => "saved-query-changed",
            Self::SavedQueryDeleted => "saved-query-deleted",
            Self::NamespaceChanged => "namespace-changed",
            Self::NamespaceDeleted => "namespace-deleted",
            Self::DatasetChanged => "dataset-changed",
            Self::DatasetPushed => "dataset-pushed",
            Self::DatasetDeleted => "dataset-deleted",
            Self::StorageSiteChanged => "storage-site-changed",
            Self::StorageSiteDeleted => "storage-site-deleted",
        }
    }
}

impl std::str::FromStr for AuditAction {
    type Err = AppError;

    fn from_str(word: &str) -> Result<Self, AppError> {
        Self::ALL.into_iter().find(|action| action.as_str() == word).ok_or_else(|| {
            let words = Self::ALL.map(Self::as_str).join(", ");
            AppError::field("action", format!("must be one of {words}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_to_what_it_names() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().parse::<AuditAction>().unwrap(), action);
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
        }
        assert!("user-eaten".parse::<AuditAction>().is_err());
        for order in MemberOrder::ALL {
            assert_eq!(MemberOrder::named(order.as_str()), order);
        }
        for kind in MemberKind::ALL {
            assert_eq!(MemberKind::named(kind.as_str()), kind);
        }
    }

    #[test]
    fn a_change_is_checked() {
        let change = |reason: &str| AccountChange { reason: reason.to_owned(), ..AccountChange::default() };
        assert_eq!(change("Spam.").check(), None);
        assert!(change(&"x".repeat(MAX_REASON + 1)).check().is_some());
        assert!(serde_json::from_str::<AccountChange>(r#"{"joined": 7}"#).is_err());
    }
}
