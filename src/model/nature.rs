//! Natures: where images come from.

use serde::{Deserialize, Serialize};

/// Where an image comes from: a camera, a program, a hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nature {
    /// Short name, such as `photo`.
    pub id: String,
    /// What it means.
    pub description: String,
}
