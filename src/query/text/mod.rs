//! A query's text for those who write it: colours, completion, help, format, and edits that leave the rest alone.
//!
//! ```text
//! text ── scan ──▶ tokens ──▶ highlight, complete, hover        whatever the text is like
//!                    └─ parser ──▶ sheet ── edit ── print ──▶ text   a text without errors
//! ```
//!
//! Places are byte offsets; [`position`] turns them into what browsers and errors count. Nothing here decides what a
//! query means: whatever writes a text lets the parser read it back.

pub mod board;
pub mod complete;
pub mod copy_as;
pub mod disabled;
pub mod document;
pub mod highlight;
pub mod hover;
pub mod line_break;
pub mod mend;
pub mod narrow;
pub mod position;
mod print;
pub mod scan;
mod sheet;
pub mod splice;
#[cfg(test)]
mod tests_complete;
#[cfg(test)]
mod tests_document;
pub mod undo;
pub mod unfinished;
pub mod widen;

pub use sheet::{Card, List};
