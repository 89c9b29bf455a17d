//! A query's text for those who write it: colours, completion, help, format, and edits that leave the rest alone.
//!
//! ```text
//! text ── scan ──▶ tokens ──▶ highlight, complete, hover
//!                    └─ outline, with the parser ──▶ Document ── edit, format ──▶ text
//! ```
//!
//! Places are byte offsets; [`position`] turns them into what browsers and errors count. Nothing here decides what a
//! query means: whatever writes a text lets the parser read it back.

pub mod highlight;
pub mod position;
pub mod scan;

/// The keys of a query.
pub const KEYS: [&str; 3] = ["want", "exclude", "include_obsolete"];
