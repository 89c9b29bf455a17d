//! The row of pictures that one is annotated in, as the addresses of editor and picture name it.

use super::parameters::parameter;
use super::query_address::QueryAddress;
use super::text::query_href;
use crate::api::flow::{begin_row, queue};
use crate::model::{AppError, BegunRow, Ordering, Queue};
use leptos::prelude::window;

/// What `?query=…&ordering=…&seed=…` or `?gallery=…` asks for; without either, all pictures, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueAddress {
    /// The results of a query, in an order. The offset means nothing.
    Query(QueryAddress),
    /// A gallery, in its own order.
    Gallery(i64),
}

impl Default for QueueAddress {
    fn default() -> Self {
        Self::Query(QueryAddress::default())
    }
}

impl QueueAddress {
    /// Reads what follows the `?`.
    pub fn read(search: &str) -> Self {
        match parameter(search, "gallery").and_then(|id| id.parse().ok()) {
            Some(gallery) => Self::Gallery(gallery),
            None => Self::Query(QueryAddress::read(search).beginning()),
        }
    }

    /// What follows a path, from the `?` on; empty where it is as usual.
    pub fn search(&self) -> String {
        match self {
            Self::Gallery(id) => format!("?gallery={id}"),
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
            Self::Query(query) if *query == QueryAddress::default() => (query_href(""), "All pictures"),
            Self::Query(query) => (query.beginning().href(), "Query"),
        }
    }

    /// Asks for what is around a picture at present.
    pub async fn around(&self, picture: i64) -> Result<Queue, AppError> {
        match self.clone() {
            Self::Gallery(id) => queue(picture, None, Some(id), None, None, None, None).await,
            Self::Query(QueryAddress { query, ordering, seed, .. }) => {
                let seed = (ordering == Ordering::Random).then_some(seed);
                queue(picture, Some(query), None, Some(ordering), seed, None, None).await
            }
        }
    }

    /// Asks for the row as it is now, to go through it from the place of a picture on.
    pub async fn begin(&self, picture: i64, place: String) -> Result<BegunRow, AppError> {
        match self.clone() {
            Self::Gallery(id) => begin_row(picture, None, Some(id), None, None, Some(place)).await,
            Self::Query(QueryAddress { query, ordering, seed, .. }) => {
                let seed = (ordering == Ordering::Random).then_some(seed);
                begin_row(picture, Some(query), None, Some(ordering), seed, Some(place)).await
            }
        }
    }
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

    #[test]
    fn reads_what_it_writes() {
        let query = QueryAddress { query: "want:\n  - title: \"%a b%\"\n".into(), ..QueryAddress::default() };
        let random = QueryAddress { ordering: Ordering::Random, seed: 7, ..query.clone() };
        for row in
            [QueueAddress::default(), QueueAddress::Gallery(3), QueueAddress::Query(query), QueueAddress::Query(random)]
        {
            assert_eq!(QueueAddress::read(&row.search()), row);
            assert!(row.annotate_href(7).starts_with("/picture/7/annotate"));
        }
        assert_eq!(QueueAddress::default().search(), "");
        assert_eq!(QueueAddress::read("?gallery=x&offset=60"), QueueAddress::default());
    }
}
