//! Rows of a table and the files that they name: what fits and what does not, and what people decide by hand.

use super::Listed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is the same of a text and the path that it means. The earlier counts more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// Everything.
    Same,
    /// Everything but case, the form of Unicode, and how folders are written.
    Case,
    /// All but the extension.
    Stem,
    /// The name of the file, without its folders.
    Name,
    /// The name of the file, without folders and extension.
    NameStem,
}

/// What people decide by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Repairs {
    /// By the number of a row, from 0: the path of its file, or null for a row that is left out.
    pub rows: BTreeMap<u64, Option<String>>,
    /// By the path of a file: the number of its row, or null for a file that needs none. What is said of the row itself counts more.
    pub files: BTreeMap<String, Option<u64>>,
}

/// A row as a table has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedRow {
    /// Its number, from 0.
    pub row: u64,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// What it says its file is; cut where it is long.
    pub name: String,
}

/// A row without a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The row.
    pub row: NamedRow,
    /// A file without a row that may be meant.
    pub nearest: Option<String>,
}

/// A row that names more than one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ambiguous {
    /// The row.
    pub row: NamedRow,
    /// Some of these files.
    pub paths: Vec<String>,
}

/// A row whose file an earlier one has, or one that somebody gave it to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// The row.
    pub row: NamedRow,
    /// The file.
    pub path: String,
    /// The number of the row that has the file.
    pub first: u64,
}

/// What fits and what does not. Each row is counted once: `matched`, `left_out`, `unnamed`, `missing`, `ambiguous` and `repeated` are all
/// of them. Each file is counted once, too: `matched`, `without_row` and `without_need` are all files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsReport {
    /// Rows with a file.
    pub matched: u64,
    /// How many of them have another name than their file, by what is the same.
    pub alike: BTreeMap<Likeness, u64>,
    /// Rows that somebody left out.
    pub left_out: u64,
    /// Rows that name no file.
    pub unnamed: Listed<NamedRow>,
    /// Rows that name a file that is not there.
    pub missing: Listed<Missing>,
    /// Rows that name one of several files.
    pub ambiguous: Listed<Ambiguous>,
    /// Rows that name a file that another row has.
    pub repeated: Listed<Repeated>,
    /// Files that no row names.
    pub without_row: Listed<String>,
    /// Files of which somebody said that they need no row.
    pub without_need: u64,
    /// Repairs that name a row or file that does not exist, or a row twice.
    pub wrong_repairs: Listed<String>,
}
