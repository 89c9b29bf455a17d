//! The query language: text, tree, checking; no database.
//!
//! ```text
//! text ── parse ──▶ ParsedQuery ── check(names of the site) ──▶ Query ── server::search ──▶ pictures
//!   ▲                                                            │
//!   └────────────────────────── write ───────────────────────────┘
//! ```
//!
//! Start reading at [`rules`], the registry that everything else is driven by. [`mod@evaluate`] says what a query means.

mod check;
pub mod evaluate;
mod nearest;
mod parse;
mod pattern;
pub mod rules;
mod shuffle;
#[cfg(test)]
mod tests;
pub mod text;
mod tree;
pub mod widgets;
mod words;
mod write;
pub(crate) mod yaml;

pub use crate::model::date;
pub use check::{KnownNames, References, check};
pub use nearest::{nearest, suggestion};
pub use parse::{ParsedQuery, ParsedRule, parse, read, rule_of};
pub use pattern::Pattern;
pub use rules::{RULES, RuleSpec, Vocabulary};
pub use shuffle::{Cube, Shuffle};
pub use tree::{Query, Rule};
pub use write::{quoted, scalar, write};
pub use yaml::Place;

/// Longest text of a query, in bytes.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Most rules in a query, `want` and `exclude` together.
pub const MAX_RULES: usize = 256;
/// Most values in a rule's list.
pub const MAX_VALUES: usize = 1000;
/// So many unknown names get suggestions, each of which is looked for among all that is known. A text that is nonsense
/// throughout needs no more.
pub const MAX_NAMES_WITH_SUGGESTIONS: usize = 8;
/// Longest single name or text, in characters. Databases limit the length of a pattern.
pub const MAX_TEXT_CHARS: usize = 1000;
