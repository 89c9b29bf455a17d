//! A query's text for those who write it: colours, completion, help, format, and edits that leave the rest alone.
//!
//! ```text
//! text ── scan ──▶ tokens ──▶ highlight, complete, hover        whatever the text is like
//!                    └─ parser ──▶ sheet ── edit ── print ──▶ text   a text without errors
//! ```
//!
//! Places are byte offsets; [`position`] turns them into what browsers and errors count. Nothing here decides what a
//! query means: whatever writes a text lets the parser read it back.

pub mod complete;
#[cfg(test)]
mod complete_tests;
pub mod copy_as;
pub mod disabled;
pub mod document;
#[cfg(test)]
mod document_tests;
pub mod highlight;
pub mod hover;
pub mod position;
mod print;
pub mod scan;
mod sheet;

pub use sheet::{Card, List};
