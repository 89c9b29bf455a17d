//! The address of the query page: everything that the page shows is in it.

use super::parameters::parameter;
use crate::model::text::path_segment;
use crate::model::{Beside, Ordering};
use crate::query::text::copy_as::Request;

/// So many pictures are shown at once.
pub const PAGE_SIZE: i64 = 60;

/// What is shown of the results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The pictures themselves.
    #[default]
    Pictures,
    /// Plots of what they are like.
    Statistics,
}

/// The name of [`View::Statistics`] in addresses.
const STATISTICS: &str = "statistics";

/// What `/query?query=…&ordering=…&seed=…&view=…&offset=…&after=…` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryAddress {
    /// The query's text.
    pub query: String,
    /// The order of the pictures.
    pub ordering: Ordering,
    /// Which shuffle, where the order is random.
    pub seed: i64,
    /// How many pictures come before those shown.
    pub offset: i64,
    /// A picture next to those shown, by which they are found sooner.
    pub beside: Option<Beside>,
    /// What is shown of them.
    pub view: View,
}

const AFTER: &str = "after";
const BEFORE: &str = "before";

/// What follows the number of the offset in an address whose pictures are beside one.
pub fn beside_offset(beside: Beside) -> String {
    match beside {
        Beside::After(picture) => format!("&{AFTER}={picture}"),
        Beside::Before(picture) => format!("&{BEFORE}={picture}"),
    }
}

/// A query's text as an address keeps it: a textarea does not keep a line break at its start.
pub fn as_kept(text: &str) -> &str {
    text.trim_start_matches('\n')
}

/// How many lines a text has before what an address keeps of it.
pub fn lines_not_kept(text: &str) -> u32 {
    u32::try_from(text.len() - as_kept(text).len()).unwrap_or(u32::MAX)
}

impl QueryAddress {
    /// Reads what follows the `?`. What cannot be understood is as if it were not there.
    pub fn read(search: &str) -> Self {
        let text = parameter(search, "query").unwrap_or_default().replace("\r\n", "\n").replace('\r', "\n");
        let number = |name| parameter(search, name).and_then(|value| value.parse::<i64>().ok());
        let offset = number("offset").unwrap_or_default().max(0);
        let beside = || number(AFTER).map(Beside::After).or_else(|| number(BEFORE).map(Beside::Before));
        Self {
            query: as_kept(&text).to_owned(),
            ordering: parameter(search, "ordering").and_then(|name| name.parse().ok()).unwrap_or_default(),
            seed: number("seed").unwrap_or_default(),
            offset,
            beside: if offset > 0 { beside() } else { None },
            view: match parameter(search, "view").as_deref() {
                Some(STATISTICS) => View::Statistics,
                _ => View::Pictures,
            },
        }
    }

    /// The address, without what is as usual.
    pub fn href(&self) -> String {
        format!("/query{}", self.search())
    }

    /// What follows the path, from the `?` on.
    pub fn search(&self) -> String {
        let mut parameters = self.parameters();
        if self.offset != 0 {
            parameters.push(format!("offset={}{}", self.offset, self.beside.map(beside_offset).unwrap_or_default()));
        }
        if parameters.is_empty() { String::new() } else { format!("?{}", parameters.join("&")) }
    }

    /// The same from the beginning of the results.
    #[must_use]
    pub fn beginning(&self) -> Self {
        Self { offset: 0, beside: None, ..self.clone() }
    }

    /// The address up to the number of the offset.
    pub fn href_up_to_offset(&self) -> String {
        let mut parameters = self.parameters();
        parameters.push("offset=".to_owned());
        format!("/query?{}", parameters.join("&"))
    }

    fn parameters(&self) -> Vec<String> {
        let mut parameters = Vec::new();
        if !self.query.is_empty() {
            parameters.push(format!("query={}", path_segment(&self.query)));
        }
        parameters.extend(self.request("").order_parameters());
        if self.view == View::Statistics {
            parameters.push(format!("view={STATISTICS}"));
        }
        parameters
    }

    /// What is asked for, to be copied in one of several tongues.
    pub fn request<'a>(&'a self, origin: &'a str) -> Request<'a> {
        Request { origin, query: &self.query, ordering: self.ordering, seed: self.seed }
    }

    /// The command that asks the JSON API for the same, for a POSIX shell.
    pub fn curl(&self, origin: &str) -> String {
        self.request(origin).curl()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for query in ["", "want:\n  - title: \"%ca%25t% & + = # ? é 😀\"\n", "%41"] {
            for (ordering, offset) in [(Ordering::DateDesc, 0), (Ordering::Random, 60), (Ordering::TitleAsc, 120)] {
                let seed = if ordering == Ordering::Random { 7 } else { 0 };
                let view = if offset == 60 { View::Statistics } else { View::Pictures };
                let beside = match offset {
                    0 => None,
                    60 => Some(Beside::After(4711)),
                    _ => Some(Beside::Before(17)),
                };
                let address = QueryAddress { query: query.to_owned(), ordering, seed, offset, beside, view };
                let href = address.href();
                assert_eq!(QueryAddress::read(href.split_once('?').map_or("", |(_, search)| search)), address);
                assert!(format!("{}{offset}", address.href_up_to_offset()).starts_with("/query?"));
            }
        }
        assert_eq!(QueryAddress::default().href(), "/query");
        // The beginning is beside nothing.
        assert_eq!(QueryAddress::read("?offset=0&after=5"), QueryAddress::default());
    }

    #[test]
    fn line_breaks_at_the_start_are_not_kept() {
        for (text, kept, lines) in [("", "", 0), ("a\n\n", "a\n\n", 0), ("\n\na\n", "a\n", 2), (" \na", " \na", 0)] {
            assert_eq!((as_kept(text), lines_not_kept(text)), (kept, lines), "{text:?}");
        }
    }

    #[test]
    fn reads_what_forms_and_strangers_send() {
        let address = QueryAddress::read("?x&query=a+b%0D%0Ac%2&ordering=backwards&offset=-5&seed=x&query=second");
        assert_eq!(address, QueryAddress { query: "a b\nc%2".to_owned(), ..QueryAddress::default() });
    }
}
