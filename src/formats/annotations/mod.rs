//! The form between annotation formats and the rest of the program: pictures with their regions, as a stream.
//!
//! Every format is one file beside this folder with a function `read` and a function `write`. Reading takes named inputs
//! ([`Files`]) and hands pictures and regions to a [`Sink`], one by one; writing takes pictures from a [`Source`], which it may
//! walk through several times, and puts named files into an [`Output`]. Neither keeps regions, so that their number does not
//! matter for memory. What a format or we cannot say is counted and listed in [`Losses`]; what makes a whole input unreadable
//! is a [`FormatError`].
//!
//! Two rules hold for everything that is read:
//!
//! - Shapes are clipped to the picture, which is counted. What lies outside by no more than [`ROUNDING`] of a side is moved
//!   to the edge without a word, since every format rounds.
//! - A region without a name is handed on with an empty one, and counted: the geometry is worth keeping, and whoever maps
//!   classes to objects can ask what it shows.

mod error;
mod exchange;
pub(super) mod json;
pub(super) mod lines;
mod losses;
pub(super) mod mask;
mod names;
mod number;
mod placing;
#[cfg(test)]
pub(super) mod tests_support;
pub(super) mod tree;
pub(super) mod xml;

pub use error::{FormatError, Place, Stopped};
pub use exchange::{Annotated, Files, Head, Output, PixelSize, Reading, Sink, Source, Writing};
pub use losses::{Loss, LossEntry, Losses, MAX_LISTED};
pub use placing::ROUNDING;

pub(super) use exchange::{
    Folders, Known, MAX_OBJECT, MAX_PICTURES, NO_SPLIT, Survey, part_of, split_called, under_part, without_part,
};
pub use names::is_picture;
pub(super) use names::{
    EXTENSIONS, Stems, folder_of, has_extension, path_of_served, path_of_url, percent_encoded, resolved, stem_of,
};
pub(super) use number::{Id, Number, decimal, exact};
pub(super) use placing::{Scale, boxes_of, corners_of_rotated, in_pixels};
