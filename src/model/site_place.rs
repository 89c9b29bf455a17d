//! Where a storage site is: a folder, or a bucket.

use super::dataset::words;
use super::error::{AppError, FieldError};
use super::limits::check_text;
use serde::{Deserialize, Serialize};

/// Longest path of a folder, and longest prefix in a bucket, in characters.
pub const MAX_PLACE: usize = 500;
/// How the name begins of what a site makes in its folder or bucket, in which all is its own.
pub const SITE_BASE: &str = "ocellus-";
/// What is wrong with a place in what another site has made: it would take the other's files for its own, and remove them.
pub const IN_ANOTHER_SITE: &str =
    "must not be in what belongs to another storage site: no name in it may begin with `ocellus-`";

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
                } else if prefix.split('/').any(|part| part.starts_with(SITE_BASE)) {
                    errors.push(FieldError::new("prefix", IN_ANOTHER_SITE));
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
        for right in ["", "a", "/a/b.c/", "data_1/v-2", "my-ocellus-01"] {
            assert_eq!(fields(s3("https://a", "cats", right)), [""; 0], "{right}");
        }
        for wrong in ["..", "a/../b", "a//b", "a b", "a?b", "a%2Fb", ".", "ocellus-01", "a/ocellus-01/b"] {
            assert_eq!(fields(s3("https://a", "cats", wrong)), ["prefix"], "{wrong}");
        }
        for wrong in ["", "relative", "/a\0"] {
            assert_eq!(fields(SitePlace::Folder { folder: wrong.into() })[0], "folder", "{wrong}");
        }
    }
}
