//! Namespaces and datasets: who may see what is in them, and who may do what with it.

use super::error::{AppError, FieldError};
use super::limits::{MAX_DESCRIPTION, check_text};
use super::storage_site::DatasetSite;
use super::text::fold;
use super::user::check_username;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Nobody makes another group who owns so many.
pub const MAX_GROUPS: i64 = 20;
/// Longest name of a dataset, in characters.
pub const MAX_DATASET_NAME: usize = 64;
/// A dataset has at most so many tags.
pub const MAX_TAGS: usize = 50;
/// Longest tag, in characters.
pub const MAX_TAG: usize = 50;

/// What addresses of the site begin with. No new account or group is called so, and no dataset is made in the namespace of an
/// account that is, so that `/<namespace>/<dataset>` never means anything else.
pub const RESERVED_NAMES: &[&str] = &[
    "about",
    "account",
    "admin",
    "administration",
    "api",
    "assets",
    "commons",
    "crop",
    "dataset",
    "datasets",
    "docs",
    "embed",
    "export",
    "fn",
    "galleries",
    "gallery",
    "help",
    "image",
    "import",
    "imports",
    "job",
    "jobs",
    "licence",
    "licences",
    "login",
    "logout",
    "namespace",
    "namespaces",
    "nature",
    "natures",
    "new",
    "object",
    "objects",
    "picture",
    "pictures",
    "pkg",
    "project",
    "projects",
    "queries",
    "query",
    "register",
    "reset",
    "search",
    "settings",
    "setup",
    "static",
    "storage-sites",
    "thumbnail",
    "upload",
    "user",
    "users",
];

/// Who may see something, from few to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Its members, and those of its namespace.
    Private,
    /// Everybody who is signed in.
    Internal,
    /// Everybody.
    Public,
}

/// What a member may do; each may also do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// See everything.
    Reader,
    /// Draw regions and mark pictures.
    Annotator,
    /// Add, change and delete pictures.
    Writer,
    /// Change settings and tags, and members below this role; in a namespace, make datasets.
    Maintainer,
    /// Everything.
    Owner,
}

/// Ties each value to its one word in the database, in addresses and in the API.
macro_rules! words {
    ($type:ident, $field:literal, [$($value:ident = $word:literal),+]) => {
        impl $type {
            /// All values, the least first.
            pub const ALL: &[Self] = &[$(Self::$value),+];

            /// The word for it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }
        }

        impl std::str::FromStr for $type {
            type Err = AppError;

            fn from_str(word: &str) -> Result<Self, AppError> {
                match word {
                    $($word => Ok(Self::$value),)+
                    _ => Err(AppError::field($field, concat!("must be one of", $(" `", $word, "`"),+))),
                }
            }
        }
    };
}

pub(crate) use words;

impl Visibility {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Private => "Private",
            Self::Internal => "Internal",
            Self::Public => "Public",
        }
    }

    /// Who may see what has it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Private => "only its members see it",
            Self::Internal => "everybody who is signed in sees it",
            Self::Public => "everybody sees it",
        }
    }
}

impl Role {
    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::Reader => "Reader",
            Self::Annotator => "Annotator",
            Self::Writer => "Writer",
            Self::Maintainer => "Maintainer",
            Self::Owner => "Owner",
        }
    }

    /// What its members may do beyond what those of the role before may.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Reader => "sees everything",
            Self::Annotator => "draws regions and marks pictures",
            Self::Writer => "adds, changes and deletes pictures",
            Self::Maintainer => "changes settings, and members below this role",
            Self::Owner => "does everything",
        }
    }

    /// The least role of those who may give this role, and take it away.
    pub fn given_by(self) -> Self {
        if self >= Self::Maintainer { Self::Owner } else { Self::Maintainer }
    }
}

impl DatasetOrder {
    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Name => "By name",
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
        }
    }
}

words!(Visibility, "visibility", [Private = "private", Internal = "internal", Public = "public"]);
words!(
    Role,
    "role",
    [Reader = "reader", Annotator = "annotator", Writer = "writer", Maintainer = "maintainer", Owner = "owner"]
);

/// The order of a list of datasets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DatasetOrder {
    /// By namespace and name.
    #[default]
    Name,
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

words!(DatasetOrder, "sort", [Name = "name", Newest = "newest", Oldest = "oldest"]);

/// What stands before the name of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// Its name, which no other namespace has.
    pub name: String,
    /// Whether it is that of a group; otherwise it is that of the account with the same name.
    pub group: bool,
    /// Who may see it, and the most that may see any of its datasets.
    pub visibility: Visibility,
    /// When it was made, in Unix seconds.
    pub created: i64,
    /// How many of its datasets the viewer may see.
    pub datasets: i64,
    /// What the viewer may do; null for strangers.
    pub role: Option<Role>,
}

/// Somebody with a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Username.
    pub username: String,
    /// What they may do.
    pub role: Role,
}

/// A named collection of pictures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Numeric identity.
    pub id: i64,
    /// Name of its namespace.
    pub namespace: String,
    /// Its name, which no other dataset of the namespace has.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Tags, sorted.
    pub tags: Vec<String>,
    /// How many pictures it has.
    pub pictures: i64,
    /// How many files it has, of which pictures are some.
    pub files: i64,
    /// How many bytes its files have together.
    pub bytes: i64,
    /// The newest commit; null before the first one.
    pub head: Option<String>,
    /// Where its bytes are; null for the site's own folder.
    pub storage_site: Option<DatasetSite>,
    /// When it was made, in Unix seconds.
    pub created: i64,
    /// What the viewer may do, by the namespace or the dataset; null for strangers.
    pub role: Option<Role>,
}

impl Dataset {
    /// What it is called in queries and addresses: `namespace/name`.
    pub fn full_name(&self) -> String {
        full_name(&self.namespace, &self.name)
    }
}

/// What a dataset is called in queries and addresses.
pub fn full_name(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}

/// A dataset as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetCard {
    /// The dataset, with the beginning of its description as plain text.
    pub dataset: Dataset,
    /// Hashes of the files of some of its pictures, the newest first.
    pub covers: Vec<String>,
}

/// How much a dataset has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetNumbers {
    /// Pictures that others have replaced.
    pub replaced: i64,
    /// Regions on all its pictures.
    pub regions: i64,
    /// Kinds of things that these show.
    pub objects: i64,
    /// The files of all its pictures, in bytes; one that several pictures have counts once.
    pub size_bytes: i64,
}

/// A dataset as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetDetail {
    /// The dataset.
    pub dataset: Dataset,
    /// The namespace that it is in.
    pub namespace: Namespace,
    /// Its description as HTML that may stand in a page.
    pub description_html: String,
    /// How much it has; none where counting takes too long.
    pub numbers: Option<DatasetNumbers>,
    /// The address of this site as others reach it, for commands that are run elsewhere.
    pub site: String,
}

/// A dataset to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewDataset {
    /// Name of the namespace, which has to exist.
    pub namespace: String,
    /// Name within it.
    pub name: String,
    /// Description.
    #[serde(default)]
    pub description: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Name of the storage site where its bytes shall live; without one they are in the site's own folder.
    #[serde(default)]
    pub storage_site: Option<String>,
}

/// New settings of a dataset. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetChange {
    /// Name within its namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Who may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Tags, in place of those that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

impl DatasetChange {
    /// Brings texts and tags into the form that is stored, and says what is wrong with them.
    pub fn check(&mut self) -> Vec<FieldError> {
        if let Some(description) = &mut self.description {
            *description = super::picture::tidy(description);
        }
        if let Some(tags) = &mut self.tags {
            let tidied: BTreeSet<String> = tags.iter().map(|tag| fold(tag.trim())).collect();
            *tags = tidied.into_iter().collect();
        }
        let mut errors = Vec::new();
        errors.extend(self.name.as_deref().and_then(check_dataset_name));
        errors.extend(self.description.as_deref().and_then(|text| check_text("description", text, MAX_DESCRIPTION)));
        errors.extend(self.tags.as_deref().and_then(check_tags));
        errors
    }
}

impl NewDataset {
    /// Brings texts and tags into the form that is stored, and says what is wrong with them.
    pub fn check(&mut self) -> Vec<FieldError> {
        let mut settings = DatasetChange {
            name: Some(std::mem::take(&mut self.name)),
            description: Some(std::mem::take(&mut self.description)),
            visibility: None,
            tags: Some(std::mem::take(&mut self.tags)),
        };
        let errors = settings.check();
        self.name = settings.name.unwrap_or_default();
        self.description = settings.description.unwrap_or_default();
        self.tags = settings.tags.unwrap_or_default();
        errors
    }
}

/// Which datasets a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetFilter {
    /// Part of the name, of the namespace's name, of the description or of a tag.
    pub search: Option<String>,
    /// Name of the namespace.
    pub namespace: Option<String>,
    /// A tag.
    pub tag: Option<String>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// The least that the viewer may do as a member; what only administrators may does not count.
    pub role: Option<Role>,
}

/// Which namespaces a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamespaceFilter {
    /// Part of the name.
    pub search: Option<String>,
    /// Whether it is that of a group.
    pub group: Option<bool>,
    /// The least that the viewer may do as a member; what only administrators may does not count.
    pub role: Option<Role>,
}

/// Whether addresses of the site begin with this.
pub fn is_reserved(name: &str) -> bool {
    RESERVED_NAMES.binary_search(&name).is_ok()
}

/// Says what is wrong with the name of a group's namespace, if anything is. It is as usernames are.
pub fn check_group_name(name: &str) -> Option<FieldError> {
    check_username(name).map(|error| FieldError { field: "name".to_owned(), ..error })
}

/// Says what is wrong with the name of a dataset, if anything is.
pub fn check_dataset_name(name: &str) -> Option<FieldError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (1..=MAX_DATASET_NAME).contains(&name.len())
        && name.chars().all(|c| plain(c) || matches!(c, '-' | '_' | '.'))
        && name.starts_with(plain)
        && !name.ends_with('.')
        && !name.contains("..");
    if !fits {
        let message = format!(
            "must have 1 to {MAX_DATASET_NAME} characters: lower-case letters, digits, `-`, `_` and single `.`, and must start \
             with a letter or digit"
        );
        return Some(FieldError::new("name", message));
    }
    // Addresses of the dataset's history and of its files for other tools.
    let taken = name.ends_with(".git") || name.ends_with(".dvc");
    taken.then(|| FieldError::new("name", "must not end with `.git` or `.dvc`"))
}

fn check_tags(tags: &[String]) -> Option<FieldError> {
    if tags.len() > MAX_TAGS {
        return Some(FieldError::new("tags", format!("must be at most {MAX_TAGS}")));
    }
    tags.iter().find_map(|tag| {
        if tag.is_empty() || tag.chars().any(|c| c == ',' || c.is_control()) {
            return Some(FieldError::new("tags", "must not be empty nor have commas or control characters"));
        }
        check_text("tags", tag, MAX_TAG)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted_and_refused() {
        assert!(RESERVED_NAMES.is_sorted());
        for check in [check_group_name, check_username] {
            assert!(check("picture").is_some());
        }
        assert!(check_group_name("deleted-7").is_some());
        assert!(check_group_name("Big").is_some());
        assert!(check_group_name("bird-lab").is_none());
    }

    #[test]
    fn names_of_datasets_fit_into_addresses() {
        for name in ["a", "coco-2017", "v1.2_x", "0day"] {
            assert_eq!(check_dataset_name(name), None, "{name}");
        }
        let long = "x".repeat(MAX_DATASET_NAME + 1);
        for name in ["", "-a", ".a", "a.", "a..b", "A", "a b", "a/b", "a\0", "é", "x.git", "x.dvc", &long] {
            assert!(check_dataset_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn words_lead_back_and_are_ordered() {
        for visibility in Visibility::ALL {
            assert_eq!(visibility.as_str().parse::<Visibility>().unwrap(), *visibility);
            assert_eq!(serde_json::to_value(visibility).unwrap(), visibility.as_str());
        }
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!(Role::ALL.is_sorted() && Visibility::ALL.is_sorted());
        assert!("king".parse::<Role>().is_err());
    }

    #[test]
    fn settings_are_tidied_and_checked() {
        let mut change = DatasetChange {
            description: Some(" a\r\nb ".into()),
            tags: Some(vec!["Straße ".into(), "strasse".into(), "a".into()]),
            ..DatasetChange::default()
        };
        assert!(change.check().is_empty());
        assert_eq!(change.description.as_deref(), Some("a\nb"));
        assert_eq!(change.tags, Some(vec!["a".to_owned(), "strasse".to_owned()]));
        let tags = |tags: &[&str]| DatasetChange {
            tags: Some(tags.iter().map(|tag| (*tag).to_owned()).collect()),
            ..DatasetChange::default()
        };
        for wrong in [vec![" "], vec!["a,b"], vec!["a\0"], vec![&"x".repeat(MAX_TAG + 1)[..]]] {
            assert_eq!(tags(&wrong).check()[0].field, "tags", "{wrong:?}");
        }
    }
}
