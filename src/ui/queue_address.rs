//! The row of pictures that one is annotated in, as the addresses of editor and picture name it.

use super::parameters::parameter;
use super::query_address::QueryAddress;
use super::text::query_href;
use crate::api::flow::{begin_row, queue};
use crate::model::text::path_segment;
use crate::model::{AppError, BegunRow, Ordering, Queue, WorkFilter};
use leptos::prelude::window;

/// What `?query=…&ordering=…&seed=…` or `?gallery=…` asks for; without either, all pictures, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueAddress {
    /// The results of a query, in an order. The offset means nothing.
    Query(QueryAddress),
    /// A gallery, in its own order.
    Gallery(i64),
    /// Those pictures of a project that a filter names, in its own order.
    Project(i64, WorkFilter),
}

impl Default for QueueAddress {
    fn default() -> Self {
        Self::Query(QueryAddress::default())
    }
}

impl QueueAddress {
    /// Reads what follows the `?`.
    pub fn read(search: &str) -> Self {
        let number = |name: &str| parameter(search, name).and_then(|id| id.parse().ok());
        match (number("project"), number("gallery")) {
            (Some(project), _) => Self::Project(project, read_filter(search)),
            (None, Some(gallery)) => Self::Gallery(gallery),
            (None, None) => Self::Query(QueryAddress::read(search).beginning()),
        }
    }

    /// What follows a path, from the `?` on; empty where it is as usual.
    pub fn search(&self) -> String {
        match self {
            Self::Gallery(id) => format!("?gallery={id}"),
            Self::Project(id, filter) => {
                format!("?project={id}{}", filter_text(filter))
            }
            Self::Query(query) => query.beginning().search(),
        }
    }

    /// Where a picture of the row is annotated.
    pub fn annotate_href(&self, picture: i64) -> String {
        format!("/picture/{picture}/annotate{}", self.search())
    }

    /// The page that shows the row, and what to call it.
    pub fn origin(&self) -> (String, &'static str) {
        match self {
            Self::Gallery(id) => (format!("/gallery/{id}"), "Gallery"),
            Self::Project(id, _) => (format!("/project/{id}"), "Project"),
            Self::Query(query) if *query == QueryAddress::default() => (query_href(""), "All pictures"),
            Self::Query(query) => (query.beginning().href(), "Query"),
        }
    }

    /// Asks for what is around a picture at present.
    pub async fn around(&self, picture: i64) -> Result<Queue, AppError> {
        match self.clone() {
            Self::Gallery(id) => queue(picture, None, Some(id), None, None, None, None, None).await,
            Self::Project(id, filter) => queue(picture, None, None, Some((id, filter)), None, None, None, None).await,
            Self::Query(QueryAddress { query, ordering, seed, .. }) => {
                let seed = (ordering == Ordering::Random).then_some(seed);
                queue(picture, Some(query), None, None, Some(ordering), seed, None, None).await
            }
        }
    }

    /// Asks for the row as it is now, to go through it from the place of a picture on.
    pub async fn begin(&self, picture: i64, place: String) -> Result<BegunRow, AppError> {
        match self.clone() {
            Self::Gallery(id) => begin_row(picture, None, Some(id), None, None, None, Some(place)).await,
            Self::Project(id, filter) => {
                begin_row(picture, None, None, Some((id, filter)), None, None, Some(place)).await
            }
            Self::Query(QueryAddress { query, ordering, seed, .. }) => {
                let seed = (ordering == Ordering::Random).then_some(seed);
                begin_row(picture, Some(query), None, None, Some(ordering), seed, Some(place)).await
            }
        }
    }
}

/// Which pictures of a project an address means. A state that there is not is passed over.
pub fn read_filter(search: &str) -> WorkFilter {
    let states = parameter(search, "state").unwrap_or_default();
    let states = states.split(',').filter_map(|word| word.parse().ok()).collect();
    WorkFilter { states, annotator: parameter(search, "annotator").filter(|name| !name.is_empty()) }
}

/// The same as a part of an address that follows others, from the `&` on.
pub fn filter_text(filter: &WorkFilter) -> String {
    let states = filter.states_text();
    let states = if states.is_empty() { states } else { format!("&state={states}") };
    let annotator = filter.annotator.as_deref().map(|name| format!("&annotator={}", path_segment(name)));
    states + &annotator.unwrap_or_default()
}

/// Where the tab remembers the row that somebody goes through.
pub const ROW_PLACE: &str = "ocellus.row";

/// What remembers that, if the browser lets it.
pub fn row_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

/// Whoever asks to annotate a row goes through it as it is then, also if they did so before.
pub fn forget_row() {
    if let Some(storage) = row_storage() {
        // Fails only where nothing is remembered.
        let _ = storage.remove_item(ROW_PLACE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::project::NOBODY;

    #[test]
    fn reads_what_it_writes() {
        let query = QueryAddress { query: "want:\n  - title: \"%a b%\"\n".into(), ..QueryAddress::default() };
        let random = QueryAddress { ordering: Ordering::Random, seed: 7, ..query.clone() };
        for row in [
            QueueAddress::default(),
            QueueAddress::Gallery(3),
            QueueAddress::Query(query),
            QueueAddress::Query(random),
            QueueAddress::Project(7, WorkFilter::default()),
            QueueAddress::Project(7, WorkFilter::to_review()),
            QueueAddress::Project(7, WorkFilter::queue_of("ada")),
            QueueAddress::Project(7, WorkFilter { states: Vec::new(), annotator: Some(NOBODY.to_owned()) }),
        ] {
            assert_eq!(QueueAddress::read(&row.search()), row);
            assert!(row.annotate_href(7).starts_with("/picture/7/annotate"));
        }
        assert_eq!(QueueAddress::default().search(), "");
        assert_eq!(QueueAddress::read("?gallery=x&offset=60"), QueueAddress::default());
    }
}
