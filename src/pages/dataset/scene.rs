//! The dataset and the state of it that a view is about, with the addresses of the other views.

use crate::model::text::path_segment;
use crate::model::{ArchiveKind, Dataset, Role};
use crate::pages::datasets::dataset_href;
use std::sync::Arc;

/// So many digits tell commits apart for people.
const SHORT: usize = 10;

/// A dataset, and a state of it.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    /// The dataset.
    pub dataset: Arc<Dataset>,
    /// The address of this site as others reach it.
    pub site: Arc<str>,
    /// A tag or commit; empty for the newest state.
    pub reference: String,
    /// Whether pictures have previews among the files.
    pub previews: bool,
}

/// A commit for people to read.
pub(super) fn short(commit: &str) -> String {
    commit.chars().take(SHORT).collect()
}

/// The first line of a message.
pub(super) fn title_of(message: &str) -> &str {
    message.lines().next().filter(|line| !line.trim().is_empty()).unwrap_or("(without a message)")
}

/// A reference for people to read: a commit is shortened.
pub(super) fn called(reference: &str) -> String {
    if crate::model::version::is_commit_id(reference) {
        format!("commit {}", short(reference))
    } else {
        reference.to_owned()
    }
}

impl Scene {
    /// Whether the viewer may change files. Only the newest state can be changed.
    pub fn writes(&self) -> bool {
        self.dataset.role >= Some(Role::Writer)
    }

    /// Whether the viewer may change what is shown.
    pub fn changes(&self) -> bool {
        self.reference.is_empty() && self.writes()
    }

    /// The same dataset in another state.
    pub fn at(&self, reference: &str) -> Self {
        Self { reference: reference.to_owned(), ..self.clone() }
    }

    /// How an address says that there are no previews.
    pub fn hidden(&self) -> &'static str {
        if self.previews { "" } else { "off" }
    }

    /// The address of a view with these parameters, of which empty ones are left out.
    pub fn view(&self, view: &str, parameters: &[(&str, &str)]) -> String {
        let mut address = format!("{}?view={view}", dataset_href(&self.dataset));
        for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
            address.push_str(&format!("&{name}={}", path_segment(value)));
        }
        address
    }

    /// The files in a folder of this state.
    pub fn folder(&self, path: &str) -> String {
        self.view("files", &[("path", path), ("ref", &self.reference), ("previews", self.hidden())])
    }

    /// A file of this state.
    pub fn file(&self, path: &str) -> String {
        self.view("file", &[("path", path), ("ref", &self.reference), ("previews", self.hidden())])
    }

    /// A commit, by its id or a tag.
    pub fn commit(&self, reference: &str) -> String {
        self.view("commit", &[("ref", reference)])
    }

    /// An archive of a folder of this state, or of all of it: of its `files`, or of the `pointers` that Git keeps.
    pub fn archive(&self, folder: &str, content: &str, kind: ArchiveKind) -> String {
        let mut address = format!("/api/v1/datasets/{}/archive?format={}", self.dataset.id, kind.as_str());
        let content = if content == "files" { "" } else { content };
        for (name, value) in [("ref", self.reference.as_str()), ("path", folder), ("content", content)] {
            if !value.is_empty() {
                address.push_str(&format!("&{name}={}", path_segment(value)));
            }
        }
        address
    }

    /// The page for exporting the pictures of this state with what is drawn on them.
    pub fn export(&self) -> String {
        let mut address = format!("/export?dataset={}", path_segment(&self.dataset.full_name()));
        if !self.reference.is_empty() {
            address.push_str(&format!("&ref={}", path_segment(&self.reference)));
        }
        address
    }

    /// The bytes of a file of this state.
    pub fn bytes(&self, path: &str) -> String {
        let path: Vec<String> = path.split('/').map(path_segment).collect();
        let state =
            if self.reference.is_empty() { String::new() } else { format!("?ref={}", path_segment(&self.reference)) };
        format!("/api/v1/datasets/{}/files/{}{state}", self.dataset.id, path.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Visibility;

    #[test]
    fn addresses_say_the_state_where_it_is_not_the_newest() {
        let dataset = Dataset {
            id: 7,
            namespace: "ada".into(),
            name: "birds".into(),
            description: String::new(),
            visibility: Visibility::Public,
            tags: Vec::new(),
            pictures: 0,
            files: 0,
            bytes: 0,
            head: None,
            storage_site: None,
            created: 0,
            role: Some(Role::Writer),
        };
        let newest = Scene { dataset: Arc::new(dataset), site: "".into(), reference: String::new(), previews: true };
        let older = newest.at("v1");
        assert_eq!(newest.folder("a b/c/"), "/ada/birds?view=files&path=a%20b%2Fc%2F");
        assert_eq!(older.folder(""), "/ada/birds?view=files&ref=v1");
        assert_eq!(older.export(), "/export?dataset=ada%2Fbirds&ref=v1");
        assert_eq!(newest.bytes("a b/c#.png"), "/api/v1/datasets/7/files/a%20b/c%23.png");
        assert_eq!(older.bytes("x"), "/api/v1/datasets/7/files/x?ref=v1");
        assert_eq!(newest.archive("", "files", ArchiveKind::Zip), "/api/v1/datasets/7/archive?format=zip");
        let pointers = older.archive("a b/", "pointers", ArchiveKind::Tar);
        assert_eq!(pointers, "/api/v1/datasets/7/archive?format=tar&ref=v1&path=a%20b%2F&content=pointers");
        assert!(newest.changes() && !older.changes() && older.writes());
    }

    #[test]
    fn people_read_short_names() {
        assert_eq!(called("v1"), "v1");
        assert_eq!(called(&"0123456789".repeat(4)), "commit 0123456789");
        assert_eq!(title_of("One\n\ntwo"), "One");
        assert_eq!(title_of("\n"), "(without a message)");
    }
}
