//! Licences: terms of use.

use serde::{Deserialize, Serialize};

/// Terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// SPDX identifier where one exists; otherwise a word that starts with `X-`.
    pub id: String,
    /// Full name.
    pub title: String,
    /// What it means, in a sentence or two.
    pub description: String,
    /// A page for people.
    pub info_url: Option<String>,
    /// The legal text.
    pub legalese_url: Option<String>,
    /// Whether it grants the Four Freedoms.
    pub free: bool,
    /// Whether forms offer it first.
    pub pinned: bool,
    /// A picture that stands for it.
    pub logo_url: Option<String>,
}

/// A licence as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenceSummary {
    /// Full name.
    pub title: String,
    /// Whether it grants the Four Freedoms.
    pub free: bool,
    /// Whether forms offer it first.
    pub pinned: bool,
}
