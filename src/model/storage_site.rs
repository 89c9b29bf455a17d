//! Storage sites: places beside the site's own folder where the bytes of datasets live.

use super::dataset::{Visibility, words};
use super::error::{AppError, FieldError};
use super::limits::{MAX_DESCRIPTION, check_text};
use super::site_place::{SiteKind, SitePlace};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name of a storage site, in characters.
pub const MAX_SITE_NAME: usize = 64;
/// Longest access key or secret key, in characters.
pub const MAX_KEY: usize = 300;

/// What somebody may do with a storage site; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteAccess {
    /// See it, and read what datasets that they may see have there.
    Read,
    /// Choose it for new datasets, and bring bytes there.
    Use,
    /// Everything: test it, change it, say who may do what, and remove it.
    Manage,
}

words!(SiteAccess, "access", [Read = "read", Use = "use", Manage = "manage"]);

impl SiteAccess {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Use => "Use",
            Self::Manage => "Manage",
        }
    }

    /// What it lets somebody do beyond what the one before does.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Read => "reads the files that datasets have there",
            Self::Use => "chooses it for datasets and adds files there",
            Self::Manage => "tests and changes it, and says who may do what",
        }
    }
}

/// How the site shows a bucket's server who it is. It never leaves the server again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteCredentials {
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: String,
}

impl fmt::Debug for SiteCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SiteCredentials(…)")
    }
}

impl SiteCredentials {
    fn check(&self) -> Vec<FieldError> {
        let check = |field: &str, text: &str| {
            let fits = (1..=MAX_KEY).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
            let message = || format!("must have 1 to {MAX_KEY} ASCII characters without spaces");
            (!fits).then(|| FieldError::new(field, message()))
        };
        [check("access_key", &self.access_key), check("secret_key", &self.secret_key)].into_iter().flatten().collect()
    }
}

/// A storage site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageSite {
    /// Numeric identity.
    pub id: i64,
    /// Its name, which no other one has.
    pub name: String,
    /// What it is for, possibly empty.
    pub description: String,
    /// What it is.
    pub kind: SiteKind,
    /// Who may see it, and read what visible datasets have there, beside those who were granted more.
    pub visibility: Visibility,
    /// When it was registered, in Unix seconds.
    pub created: i64,
    /// What the viewer may do.
    pub access: SiteAccess,
    /// How many of its datasets the viewer may see.
    pub datasets: i64,
    /// Where it is; told to those who manage it.
    pub place: Option<SitePlace>,
}

/// A storage site to be registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStorageSite {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// The namespace whose maintainers manage it; administrators need none.
    #[serde(default)]
    pub namespace: Option<String>,
    /// Where it is.
    pub place: SitePlace,
    /// The key of a bucket.
    #[serde(default)]
    pub credentials: Option<SiteCredentials>,
}

impl NewStorageSite {
    /// Brings texts into the form that is stored, and says what is wrong with them.
    pub fn check(&mut self) -> Vec<FieldError> {
        let mut errors: Vec<FieldError> = check_site_name(&self.name).into_iter().collect();
        self.description = super::picture::tidy(&self.description);
        errors.extend(check_text("description", &self.description, MAX_DESCRIPTION));
        errors.extend(self.place.check());
        match (self.place.kind(), &self.credentials) {
            (SiteKind::S3, Some(credentials)) => errors.extend(credentials.check()),
            (SiteKind::S3, None) => errors.push(FieldError::new("access_key", "is needed for a bucket")),
            (SiteKind::Folder, Some(_)) => errors.push(FieldError::new("access_key", "must not be given for a folder")),
            (SiteKind::Folder, None) => {}
        }
        errors
    }
}

/// Says what is wrong with the name of a storage site, if anything is.
pub fn check_site_name(name: &str) -> Option<FieldError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (1..=MAX_SITE_NAME).contains(&name.len())
        && name.chars().all(|c| plain(c) || matches!(c, '-' | '_' | '.'))
        && name.starts_with(plain);
    let message = || {
        format!(
            "must have 1 to {MAX_SITE_NAME} characters: lower-case letters, digits, `-`, `_` and `.`, and must start with a letter \
             or digit"
        )
    };
    (!fits).then(|| FieldError::new("name", message()))
}

/// New settings of a storage site. What is absent stays as it is; where it is never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSiteChange {
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// A new key of a bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<SiteCredentials>,
}

impl StorageSiteChange {
    /// Brings texts into the form that is stored, and says what is wrong with them.
    pub fn check(&mut self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(description) = &mut self.description {
            *description = super::picture::tidy(description);
            errors.extend(check_text("description", description, MAX_DESCRIPTION));
        }
        errors.extend(self.credentials.iter().flat_map(SiteCredentials::check));
        errors
    }
}

/// Which storage sites a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageSiteFilter {
    /// Part of the name or the description.
    pub search: Option<String>,
    /// The least that the viewer may do with it.
    pub access: Option<SiteAccess>,
}

/// What the members of a namespace may do with a storage site, as far as their role there goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteGrant {
    /// Name of the namespace; that of a user is called like the user.
    pub namespace: String,
    /// The most that they may do.
    pub access: SiteAccess,
}

/// A grant as those see it who manage the storage site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedRight {
    /// Number of the namespace, by which it can be taken back.
    pub number: i64,
    /// Name of the namespace; null to those who may not see that.
    pub namespace: Option<String>,
    /// The most that its members may do.
    pub access: SiteAccess,
}

/// Where the bytes of a dataset are, if not in the site's own folder. Both are null to those who may not see the storage site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetSite {
    /// Number of the storage site.
    pub id: Option<i64>,
    /// Its name.
    pub name: Option<String>,
}

/// What came of a test of a storage site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTest {
    /// Whether everything worked.
    pub ok: bool,
    /// What was tried, in this order; what comes after something that failed is not tried, but what was written is deleted in any
    /// case.
    pub steps: Vec<SiteTestStep>,
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteTestStep {
    /// `write`, `read` or `delete`.
    pub step: String,
    /// How long it took.
    pub milliseconds: i64,
    /// What went wrong, if anything did.
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_needs_a_key_and_a_folder_has_none() {
        let new = |place: SitePlace, credentials: Option<(&str, &str)>| {
            let credentials =
                credentials.map(|(name, key)| SiteCredentials { access_key: name.into(), secret_key: key.into() });
            let visibility = Visibility::Private;
            let mut site = NewStorageSite {
                name: "a".into(),
                description: String::new(),
                visibility,
                namespace: None,
                place,
                credentials,
            };
            site.check().into_iter().map(|error| error.field).collect::<Vec<_>>()
        };
        let folder = || SitePlace::Folder { folder: "/a".into() };
        let bucket = || SitePlace::S3 {
            endpoint: "https://a".into(),
            region: "eu".into(),
            bucket: "cats".into(),
            prefix: String::new(),
            path_style: true,
        };
        assert_eq!(new(folder(), None), [""; 0]);
        assert_eq!(new(folder(), Some(("a", "b"))), ["access_key"]);
        assert_eq!(new(bucket(), Some(("a", "b"))), [""; 0]);
        assert_eq!(new(bucket(), None), ["access_key"]);
        assert_eq!(new(bucket(), Some(("a b", ""))), ["access_key", "secret_key"]);
    }

    #[test]
    fn a_key_is_never_printed() {
        let credentials = SiteCredentials { access_key: "AKIA".into(), secret_key: "hush".into() };
        let change = StorageSiteChange { credentials: Some(credentials), ..StorageSiteChange::default() };
        let printed = format!("{change:?}");
        assert!(!printed.contains("hush") && !printed.contains("AKIA"), "{printed}");
    }
}
