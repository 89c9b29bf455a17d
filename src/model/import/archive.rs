//! Archives of files with one table that says what is in them: what is wanted of the table, and what comes of it.

use super::{ImportRequest, Listed, RowsReport};
use crate::model::dataset::words;
use crate::model::error::AppError;
use crate::model::text::fold;
use crate::model::{Licence, Nature};
use serde::{Deserialize, Serialize};

/// How a text is written as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8, with a mark at the beginning or without.
    Utf8,
    /// UTF-16, the lower byte first.
    Utf16Le,
    /// UTF-16, the higher byte first.
    Utf16Be,
    /// Windows-1252, which is Latin-1 with signs in place of control characters.
    Windows1252,
}

/// What somebody knows of a table. The rest is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableWishes {
    /// Its encoding.
    pub encoding: Option<Encoding>,
    /// What stands between cells.
    pub delimiter: Option<char>,
    /// Whether the first row names the columns.
    pub has_header: Option<bool>,
}

/// What a column of a table is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColumnUse {
    /// It names the files.
    File,
    /// It is the picture's title.
    Title,
    /// It is the picture's description.
    Description,
    /// It names the author.
    Author,
    /// It names the licence, or several with `;` between them.
    Licence,
    /// It is the nature.
    Nature,
    /// It is the address that the picture comes from.
    Origin,
    /// It becomes an additional field that is called as the column.
    Field,
    /// It is left out.
    Skip,
}

words!(
    ColumnUse,
    "columns",
    [
        File = "file",
        Title = "title",
        Description = "description",
        Author = "author",
        Licence = "licence",
        Nature = "nature",
        Origin = "origin",
        Field = "field",
        Skip = "skip"
    ]
);

impl ColumnUse {
    /// The same for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::File => "Name of the file",
            Self::Title => "Title",
            Self::Description => "Description",
            Self::Author => "Author",
            Self::Licence => "Licence",
            Self::Nature => "Nature",
            Self::Origin => "Origin",
            Self::Field => "Additional field",
            Self::Skip => "Leave out",
        }
    }

    /// Whether several columns of a table can be used so.
    pub fn is_for_many(self) -> bool {
        matches!(self, Self::Field | Self::Skip)
    }
}

/// What a form says of an archive that was looked at: lists that belong together in pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArchiveChoices {
    /// Names of columns.
    pub columns: Vec<String>,
    /// What each of them is used for.
    pub uses: Vec<String>,
    /// Texts for licences.
    pub licence_texts: Vec<String>,
    /// The licence that each of them names; empty for none.
    pub licence_ids: Vec<String>,
    /// Texts for natures.
    pub nature_texts: Vec<String>,
    /// The nature that each of them names; empty for none.
    pub nature_ids: Vec<String>,
    /// Numbers of rows, from 0.
    pub rows: Vec<u64>,
    /// The file of each of them; empty for the one that it had.
    pub files: Vec<String>,
}

impl ArchiveChoices {
    /// Puts them beside what a request says already.
    pub fn put_into(self, request: &mut ImportRequest) -> Result<(), AppError> {
        let pairs = [
            ("uses", self.columns.len(), self.uses.len()),
            ("licence_ids", self.licence_texts.len(), self.licence_ids.len()),
            ("nature_ids", self.nature_texts.len(), self.nature_ids.len()),
            ("files", self.rows.len(), self.files.len()),
        ];
        if let Some((field, ..)) = pairs.iter().find(|(_, keys, values)| keys != values) {
            return Err(AppError::field(*field, "must be as many as what they belong to"));
        }
        for (column, used) in self.columns.into_iter().zip(self.uses) {
            request.columns.insert(column, used.parse()?);
        }
        let said = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        request.licences.extend(self.licence_texts.into_iter().zip(self.licence_ids.into_iter().map(said)));
        request.natures.extend(self.nature_texts.into_iter().zip(self.nature_ids.into_iter().map(said)));
        for (row, file) in self.rows.into_iter().zip(self.files.into_iter().map(said)) {
            if file.is_some() {
                request.repairs.rows.insert(row, file);
            }
        }
        Ok(())
    }
}

/// A column of a table, and what it is used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// What it is used for.
    pub used: ColumnUse,
    /// What is in its cells: `empty`, `text`, `number`, `boolean`, `time` or `place`.
    pub kind: String,
    /// How many of its cells have something in them.
    pub filled: u64,
    /// The first of them.
    pub examples: Vec<String>,
    /// Whether they are days of which nobody can tell whether the day or the month comes first, so that they are texts.
    pub ambiguous_days: bool,
}

/// What a text in a table means, such as that of a licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextReport {
    /// The text.
    pub text: String,
    /// How many rows have it.
    pub rows: u64,
    /// Ids of what it means; none where that is unknown, and the text becomes an additional field.
    pub ids: Vec<String>,
}

/// What comes of an archive with a table, or would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// The path of the table in the archive.
    pub table: String,
    /// In which encoding it is written.
    pub encoding: Encoding,
    /// What stands between its cells.
    pub delimiter: char,
    /// Whether its first row names the columns.
    pub has_header: bool,
    /// Its columns.
    pub columns: Vec<ColumnReport>,
    /// How many rows it has, without the one that names the columns.
    pub row_count: u64,
    /// How many rows have more cells than there are names of columns.
    pub long_rows: u64,
    /// Which rows have which files.
    pub rows: RowsReport,
    /// How many files there are besides the table.
    pub files: u64,
    /// Those of them that are called as pictures are, and cannot be shown. They are kept all the same.
    pub unreadable: Listed,
    /// Texts that name licences; those that are unknown first.
    pub licences: Vec<TextReport>,
    /// Texts that name natures; those that are unknown first.
    pub natures: Vec<TextReport>,
    /// Cells that cannot be used as they are meant, and become additional fields.
    pub unfit: Listed,
    /// Rows of files that are no pictures, of which nothing can be kept.
    pub without_picture: Listed,
    /// Files that are new in the dataset.
    pub added: u64,
    /// Files that are in the dataset already.
    pub already_there: u64,
    /// Files that cannot be brought in: another file is at their place in the dataset, or no file can be called so.
    pub refused: Listed,
    /// Pictures of which something is said.
    pub described: u64,
    /// The commits with the files.
    pub commits: Vec<String>,
}

/// Letters and digits of a text, without regard to case.
fn key(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What is the same of all addresses of a licence: without scheme, what all servers have, and the ends that lead to a translation.
fn address(text: &str) -> Option<String> {
    let lower = text.trim().to_lowercase();
    let (scheme, rest) = lower.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let mut rest = rest.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    if let Some((before, last)) = rest.rsplit_once('/')
        && ["deed", "legalcode"].iter().any(|end| last.split('.').next() == Some(*end))
    {
        rest = before;
    }
    Some(rest.to_owned())
}

/// The licence that a text names: by its id or title whatever the case and the signs between, by one of its addresses, or by the beginning
/// of its id where only a version follows and no other begins so.
fn licence_called<'l>(text: &str, licences: &'l [Licence]) -> Option<&'l Licence> {
    if let Some(address_of) = address(text) {
        let is_its = |url: &Option<String>| url.as_deref().and_then(address).is_some_and(|known| known == address_of);
        return licences.iter().find(|licence| is_its(&licence.info_url) || is_its(&licence.legalese_url));
    }
    let wanted = key(text);
    if wanted.is_empty() {
        return None;
    }
    let exact = licences.iter().find(|licence| [&licence.id, &licence.title].iter().any(|name| key(name) == wanted));
    let begins = |licence: &&Licence| {
        let id = key(&licence.id);
        id.strip_prefix(&wanted).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
    };
    let mut alike = licences.iter().filter(begins);
    exact.or_else(|| alike.next().filter(|_| alike.next().is_none()))
}

/// The licences that a text names, one or several with `;` or `|` between them. None if any of them is unknown.
pub fn licences_called(text: &str, licences: &[Licence]) -> Vec<String> {
    if let Some(licence) = licence_called(text, licences) {
        return vec![licence.id.clone()];
    }
    let parts = text.split([';', '|', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let ids: Option<Vec<String>> =
        parts.map(|part| licence_called(part, licences).map(|licence| licence.id.clone())).collect();
    let mut ids = ids.unwrap_or_default();
    ids.sort();
    ids.dedup();
    ids
}

/// The nature that a text names.
pub fn nature_called(text: &str, natures: &[Nature]) -> Option<String> {
    let wanted = key(text);
    natures.iter().find(|nature| key(&nature.id) == wanted).map(|nature| nature.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licence(id: &str, title: &str, url: &str) -> Licence {
        Licence {
            id: id.into(),
            title: title.into(),
            description: String::new(),
            info_url: Some(url.into()),
            legalese_url: None,
            free: true,
            pinned: false,
            logo_url: None,
        }
    }

    #[test]
    fn licences_are_known_by_what_people_call_them() {
        let known = [
            licence("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"),
            licence("CC-BY-3.0", "Creative Commons Attribution 3.0", "https://creativecommons.org/licenses/by/3.0/"),
            licence("CC0-1.0", "Public Domain Dedication", "https://creativecommons.org/publicdomain/zero/1.0/"),
            licence("MIT", "MIT License", "https://opensource.org/licenses/MIT"),
        ];
        for (text, ids) in [
            ("CC-BY-4.0", &["CC-BY-4.0"][..]),
            ("cc by 4.0", &["CC-BY-4.0"]),
            ("Creative Commons Attribution 3.0", &["CC-BY-3.0"]),
            ("http://www.creativecommons.org/licenses/by/4.0/deed.de", &["CC-BY-4.0"]),
            ("https://creativecommons.org/publicdomain/zero/1.0/legalcode", &["CC0-1.0"]),
            ("CC0", &["CC0-1.0"]),
            ("CC BY", &[]),
            ("mit; cc0", &["CC0-1.0", "MIT"]),
            ("mit; mine", &[]),
            ("", &[]),
            ("https://example.org/", &[]),
        ] {
            assert_eq!(licences_called(text, &known), ids, "{text}");
        }
    }

    #[test]
    fn choices_are_put_beside_what_was_said() {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut request = ImportRequest::default();
        request.repairs.rows.insert(1, Some("b.png".to_owned()));
        let choices = ArchiveChoices {
            columns: list(&["Who"]),
            uses: list(&["author"]),
            licence_texts: list(&["free", "mine"]),
            licence_ids: list(&["CC0-1.0", ""]),
            rows: vec![0, 1],
            files: list(&[" a.png ", ""]),
            ..ArchiveChoices::default()
        };
        choices.clone().put_into(&mut request).unwrap();
        assert_eq!(request.columns["Who"], ColumnUse::Author);
        assert_eq!((&request.licences["free"], &request.licences["mine"]), (&Some("CC0-1.0".to_owned()), &None));
        let files: Vec<_> = request.repairs.rows.values().flatten().collect();
        assert_eq!(files, ["a.png", "b.png"]);
        assert!(ArchiveChoices { rows: vec![0], files: Vec::new(), ..choices }.put_into(&mut request).is_err());
    }
}
