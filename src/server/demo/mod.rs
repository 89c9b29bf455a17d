//! The demo: fills an empty site so that a newcomer sees it alive, loads YOLO folders, and makes crowds for benchmarks ([`crowd()`]).
//!
//! [`fill`] draws its pictures itself. A [`scene::Scene`] knows what it draws, so every region in them is exactly right.
//! Everything is deterministic: the same pictures, dates and ratings every time, and running it again after an
//! interruption carries on without doubling anything.

mod clip;
mod colour;
mod command;
mod cover;
mod crowd;
mod draw;
mod fill;
mod motifs;
mod outline;
mod random;
mod scene;
mod scenes;
mod site;
mod taxonomy;
#[cfg(test)]
mod tests;
mod yolo;

pub use command::{DemoArguments, generate};
pub use crowd::{Crowd, crowd};
pub use fill::{draw_files, fill};
pub use site::{DemoError, Site, Summary};
pub use yolo::yolo;
