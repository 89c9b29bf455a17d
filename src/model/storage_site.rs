//! Storage sites: places beside the site's own folder where the bytes of datasets live.

use super::dataset::{Visibility, words};
use super::error::{AppError, FieldError};
use super::limits::{MAX_DESCRIPTION, check_text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name of a storage site, in characters.
pub const MAX_SITE_NAME: usize = 64;
/// Longest path of a folder, and longest prefix in a bucket, in characters.
pub const MAX_PLACE: usize = 500;
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

/// What a storage site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteKind {
    /// A folder of the server.
    Folder,
    /// A bucket that speaks the protocol of Amazon S3.
    S3,
}

words!(SiteKind, "kind", [Folder = "folder", S3 = "s3"]);

impl SiteKind {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Folder => "Folder",
            Self::S3 => "S3 bucket",
        }
    }
}

/// Where a storage site is. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum SitePlace {
    /// A folder of the server.
    Folder {
        /// Its path.
        folder: String,
    },
    /// A bucket.
    S3 {
        /// The address of the server that has it: `https://` and a host.
        endpoint: String,
        /// The region, which requests are signed for.
        #[serde(default = "usual_region")]
        region: String,
        /// The bucket.
        bucket: String,
        /// What names in the bucket begin with; possibly empty.
        #[serde(default)]
        prefix: String,
        /// Whether the bucket's name is a part of the path; otherwise it is one of the host.
        #[serde(default = "usually")]
        path_style: bool,
    },
}

/// The region that servers take which have none.
fn usual_region() -> String {
    "us-east-1".to_owned()
}

fn usually() -> bool {
    true
}

impl SitePlace {
    /// What it is.
    pub fn kind(&self) -> SiteKind {
        match self {
            Self::Folder { .. } => SiteKind::Folder,
            Self::S3 { .. } => SiteKind::S3,
        }
    }

    /// Brings it into the form that is stored, and says what is wrong with it as far as its words tell.
    pub fn check(&mut self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        match self {
            Self::Folder { folder } => {
                errors.extend(check_text("folder", folder, MAX_PLACE));
                if !folder.starts_with('/') {
                    errors.push(FieldError::new("folder", "must be a path that begins with `/`"));
                }
            }
            Self::S3 { endpoint, region, bucket, prefix, .. } => {
                *endpoint = endpoint.trim().trim_end_matches('/').to_ascii_lowercase();
                *prefix = prefix.trim().trim_matches('/').to_owned();
                if !is_endpoint(endpoint) {
                    let message = "must be https:// or http:// and a host, possibly with a port, and nothing else";
                    errors.push(FieldError::new("endpoint", message));
                }
                let in_word = |c: char| c.is_ascii_alphanumeric() || c == '-';
                if !(1..=50).contains(&region.len()) || !region.chars().all(in_word) {
                    errors.push(FieldError::new("region", "must have 1 to 50 letters, digits and hyphens"));
                }
                if !is_bucket(bucket) {
                    let message = "must have 3 to 63 lower-case letters, digits, hyphens and single dots, and begin and end with \
                                   a letter or digit";
                    errors.push(FieldError::new("bucket", message));
                }
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
                let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(plain);
                if prefix.len() > MAX_PLACE || (!prefix.is_empty() && !prefix.split('/').all(part)) {
                    let message = "must be names of letters, digits, `-`, `_` and `.`, separated by `/`";
                    errors.push(FieldError::new("prefix", message));
                }
            }
        }
        errors
    }
}

/// Whether this is a scheme, a host and at most a port.
pub fn is_endpoint(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port))
}

/// Whether a bucket can have this name; it may become a part of a host.
fn is_bucket(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(|c| plain(c) || matches!(c, '-' | '.'))
        && name.starts_with(plain)
        && name.ends_with(plain)
        && !name.contains("..")
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

    fn s3(endpoint: &str, bucket: &str, prefix: &str) -> SitePlace {
        SitePlace::S3 {
            endpoint: endpoint.into(),
            region: usual_region(),
            bucket: bucket.into(),
            prefix: prefix.into(),
            path_style: true,
        }
    }

    fn fields(mut place: SitePlace) -> Vec<String> {
        place.check().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn endpoints_are_hosts_and_nothing_else() {
        for right in ["https://s3.example.org", "http://127.0.0.1:9000/", " https://S3.EXAMPLE.org "] {
            assert_eq!(fields(s3(right, "cats", "")), [""; 0], "{right}");
        }
        for wrong in [
            "",
            "s3.example.org",
            "ftp://a",
            "https://",
            "https://user:secret@h",
            "https://a/b",
            "https://a?b",
            "https://a#b",
            "https://a:0",
            "https://a:080",
            "https://a:65536",
            "https://a b",
            "https://-a",
            "https://a..b",
            "https://[::1]",
            "https://a\\b",
        ] {
            assert_eq!(fields(s3(wrong, "cats", "")), ["endpoint"], "{wrong}");
        }
    }

    #[test]
    fn buckets_and_prefixes_lead_nowhere_else() {
        for wrong in ["", "ab", "Cats", "a/b", "-cats", "cats-", "ca..ts", "cats@x", &"a".repeat(64)] {
            assert_eq!(fields(s3("https://a", wrong, "")), ["bucket"], "{wrong}");
        }
        for right in ["", "a", "/a/b.c/", "data_1/v-2"] {
            assert_eq!(fields(s3("https://a", "cats", right)), [""; 0], "{right}");
        }
        for wrong in ["..", "a/../b", "a//b", "a b", "a?b", "a%2Fb", "."] {
            assert_eq!(fields(s3("https://a", "cats", wrong)), ["prefix"], "{wrong}");
        }
        for wrong in ["", "relative", "/a\0"] {
            assert_eq!(fields(SitePlace::Folder { folder: wrong.into() })[0], "folder", "{wrong}");
        }
    }

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
        assert_eq!(new(folder(), None), [""; 0]);
        assert_eq!(new(folder(), Some(("a", "b"))), ["access_key"]);
        assert_eq!(new(s3("https://a", "cats", ""), Some(("a", "b"))), [""; 0]);
        assert_eq!(new(s3("https://a", "cats", ""), None), ["access_key"]);
        assert_eq!(new(s3("https://a", "cats", ""), Some(("a b", ""))), ["access_key", "secret_key"]);
    }

    #[test]
    fn a_key_is_never_printed() {
        let credentials = SiteCredentials { access_key: "AKIA".into(), secret_key: "hush".into() };
        let change = StorageSiteChange { credentials: Some(credentials), ..StorageSiteChange::default() };
        let printed = format!("{change:?}");
        assert!(!printed.contains("hush") && !printed.contains("AKIA"), "{printed}");
    }
}
