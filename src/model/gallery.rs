//! Galleries: picked sets of pictures, ordered by hand.

use super::error::FieldError;
use super::limits::{MAX_DESCRIPTION, MAX_TITLE, check_text};
use super::picture::Picture;
use super::user::Account;
use serde::{Deserialize, Serialize};

/// Most pictures that one request may put into a gallery.
pub const MAX_ADDED: i64 = 100_000;

/// A picked set of pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gallery {
    /// Numeric identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Description, possibly empty.
    pub description: String,
    /// Username of who owns it.
    pub owner: String,
    /// Usernames of who else may add and remove pictures, sorted.
    pub users: Vec<String>,
    /// The picture that was chosen to stand for it; without one it is the first.
    pub cover: Option<i64>,
}

impl Gallery {
    /// Whether the account may change the gallery itself.
    pub fn managed_by(&self, account: &Account) -> bool {
        account.admin || account.username == self.owner
    }

    /// Whether the account may add, remove and order pictures.
    pub fn edited_by(&self, account: &Account) -> bool {
        self.managed_by(account) || self.users.contains(&account.username)
    }
}

/// A gallery as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GallerySummary {
    /// Numeric identity.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Username of who owns it.
    pub owner: String,
    /// How many pictures are in it.
    pub pictures: i64,
    /// Blob hash of the picture that stands for it.
    pub cover: Option<String>,
}

/// A gallery by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GalleryName {
    /// Numeric identity.
    pub id: i64,
    /// Title.
    pub title: String,
}

/// One picture of a gallery that is shown picture by picture, and what lies around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slide {
    /// The gallery.
    pub gallery: GalleryName,
    /// The picture; none where the gallery is empty.
    pub picture: Option<Picture>,
    /// How many pictures come before it.
    pub index: i64,
    /// How many pictures there are.
    pub total: i64,
    /// The picture before it.
    pub previous: Option<Picture>,
    /// The picture after it.
    pub next: Option<Picture>,
    /// The first picture.
    pub first: Option<i64>,
    /// The last picture.
    pub last: Option<i64>,
}

/// Says what is wrong with a gallery's title and description, if anything is.
pub fn check_gallery(title: Option<&str>, description: Option<&str>) -> Vec<FieldError> {
    let empty = title.is_some_and(|title| title.trim().is_empty());
    let mut errors = Vec::new();
    if empty {
        errors.push(FieldError::new("title", "must not be empty"));
    }
    errors.extend(title.and_then(|title| check_text("title", title, MAX_TITLE)));
    errors.extend(description.and_then(|text| check_text("description", text, MAX_DESCRIPTION)));
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_what_is_there() {
        assert!(check_gallery(Some("Cats"), Some("")).is_empty());
        assert!(check_gallery(None, None).is_empty());
        assert_eq!(check_gallery(Some(" "), None)[0].field, "title");
        let long = "x".repeat(MAX_TITLE + 1);
        assert_eq!(check_gallery(Some(&long), Some("\0")).len(), 2);
    }

    #[test]
    fn knows_who_may_do_what() {
        let account = |username: &str, admin| Account { id: 1, username: username.into(), admin };
        let gallery = Gallery {
            id: 1,
            title: "Cats".into(),
            description: String::new(),
            owner: "ada".into(),
            users: vec!["bob".into()],
            cover: None,
        };
        for (name, admin, manages, edits) in [
            ("ada", false, true, true),
            ("bob", false, false, true),
            ("eve", false, false, false),
            ("eve", true, true, true),
        ] {
            let account = account(name, admin);
            assert_eq!((gallery.managed_by(&account), gallery.edited_by(&account)), (manages, edits), "{name}");
        }
    }
}
