//! Lists of pictures as files: the forms, and the columns that can be chosen.

use super::error::AppError;
use serde::{Deserialize, Serialize};

/// How a downloaded list is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListFormat {
    /// One JSON array.
    #[default]
    Json,
    /// One JSON dictionary a line.
    Jsonl,
    /// A table (RFC 4180) with a line of names.
    Csv,
}

impl ListFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Jsonl, Self::Csv];

    /// The name in addresses, and the extension of the file's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    /// The columns of whoever chooses none: in JSON what the API says of a picture, in a table what fits into cells.
    pub fn usual_columns(self) -> Vec<&'static str> {
        let fits = |column: &&str| match self {
            Self::Json | Self::Jsonl => !ADDED.contains(column),
            Self::Csv => *column != REGIONS,
        };
        COLUMNS.into_iter().filter(fits).collect()
    }
}

impl std::str::FromStr for ListFormat {
    type Err = AppError;

    fn from_str(name: &str) -> Result<Self, AppError> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            AppError::field("format", format!("must be one of {names}"))
        })
    }
}

/// An archive of many files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    /// ZIP, with its extensions for large files and for many.
    Zip,
    /// TAR, in the POSIX format.
    Tar,
}

impl ArchiveKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Zip, Self::Tar];

    /// The word for it in addresses, and the end of its files' names.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Zip => "application/zip",
            Self::Tar => "application/x-tar",
        }
    }
}

impl std::str::FromStr for ArchiveKind {
    type Err = AppError;

    fn from_str(word: &str) -> Result<Self, AppError> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.as_str() == word).ok_or_else(|| AppError::field("format", "must be zip or tar"))
    }
}

/// The column with all additional fields.
pub const FIELDS: &str = "fields";
/// The column with all regions.
pub const REGIONS: &str = "regions";
/// Columns that say in short what other ones say in full.
const ADDED: [&str; 3] = ["region_count", "objects", "page"];

/// Every column, in the order of a table: the keys of a picture dictionary, the name that is to be attributed where it
/// differs from the author's, the number of regions, the objects that they show, the most frequent first, and the address of
/// the picture's page.
pub const COLUMNS: [&str; 22] = [
    "id",
    "title",
    "description",
    "author",
    "attribution",
    "licences",
    "nature",
    "origin_url",
    "timestamp",
    "width",
    "height",
    "file_format",
    "region_count",
    "objects",
    "replaces",
    "replaced_by",
    "copied_from",
    "dataset",
    FIELDS,
    "download",
    REGIONS,
    "page",
];

/// Reads names of columns that are separated by commas. Each counts once, in the order in which they are named.
pub fn columns_of(names: &str) -> Result<Vec<&'static str>, AppError> {
    let mut columns = Vec::new();
    for name in names.split(',').map(str::trim) {
        let column = COLUMNS.into_iter().find(|column| *column == name).ok_or_else(|| {
            let all = COLUMNS.join(", ");
            AppError::field("columns", format!("names `{name}`, which is none of {all}"))
        })?;
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}

/// A text as the cell of a table that programs for tables show as text: they would take a cell that begins with one of these
/// characters for a formula, which can send the table's contents away. Some programs begin a cell after each semicolon, too.
/// There such a text gets an apostrophe before it.
pub fn safe_cell(text: &str) -> std::borrow::Cow<'_, str> {
    const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if !text.split(';').any(|part| part.starts_with(FORMULA)) {
        return text.into();
    }
    let safe = |part: &str| if part.starts_with(FORMULA) { format!("'{part}") } else { part.to_owned() };
    text.split(';').map(safe).collect::<Vec<_>>().join(";").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_chosen_by_name() {
        assert_eq!(columns_of("title, id,title").unwrap(), ["title", "id"]);
        for wrong in ["", "colour", "id,,title", "Id"] {
            assert_eq!(columns_of(wrong).unwrap_err().status(), 400, "{wrong}");
        }
        assert!(ListFormat::Json.usual_columns().contains(&REGIONS));
        assert!(!ListFormat::Json.usual_columns().contains(&"objects"));
        assert!(!ListFormat::Csv.usual_columns().contains(&REGIONS));
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(safe_cell(formula), format!("'{formula}"));
            // Wherever a program splits at semicolons.
            assert_eq!(safe_cell(&format!("a;{formula};b;{formula}")), format!("a;'{formula};b;'{formula}"));
        }
        assert_eq!(safe_cell("=1;;=2;"), "'=1;;'=2;");
        for text in ["", "a=1", "1-2", "Ünique", "'quoted", "a;b=1;", ";"] {
            assert_eq!(safe_cell(text), text);
        }
    }
}
