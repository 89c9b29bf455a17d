//! Bringing annotations and archives in: what is wanted, and what comes of it.

mod archive;
mod rows;

pub use archive::{
    ArchiveChoices, ArchiveReport, ColumnReport, ColumnUse, Encoding, TableWishes, TextReport, licences_called,
    nature_called,
};
pub use rows::{Ambiguous, Likeness, Missing, NamedRow, Repairs, Repeated, RowsReport};

use super::annotation_format::AnnotationFormat;
use super::dataset::words;
use super::error::{AppError, FieldError};
use super::job::Job;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was brought is kept for so long, in seconds, for whoever goes on after a dry run: 7 days.
pub const SOURCE_LASTS_S: i64 = 7 * 24 * 60 * 60;
/// No input has more classes.
pub const MAX_CLASSES: usize = 10_000;
/// No list of a request is longer.
const MAX_ENTRIES: usize = MAX_CLASSES;
/// So many of each kind of fault are listed; their number is exact.
pub const MAX_LISTED: usize = 100;

/// What the form is called that sends an import without JavaScript.
pub const IMPORT_FORM: &str = "import_annotations";

/// What is brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// Annotations, with their pictures or for pictures that are there.
    #[default]
    Annotations,
    /// An archive of files with one table that says what is in them.
    Archive,
}

words!(ImportKind, "kind", [Annotations = "annotations", Archive = "archive"]);

/// What happens to regions that a picture has before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Existing {
    /// They stay, below the new ones.
    #[default]
    Keep,
    /// They make way for the new ones, on every picture that is named, also where it has none now.
    Replace,
}

words!(Existing, "existing", [Keep = "keep", Replace = "replace"]);

/// What to bring in, and how: the part `json` of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// What is brought, as a word of [`ImportKind`]; annotations where it is empty.
    #[serde(default)]
    pub kind: String,
    /// Name of the format; it is found out where this is absent.
    #[serde(default)]
    pub format: Option<String>,
    /// The dataset: its number, or `namespace/name`.
    #[serde(default)]
    pub dataset: String,
    /// Pictures are looked for in this folder of the dataset, and those that come along are put there; empty: the whole dataset.
    #[serde(default)]
    pub folder: String,
    /// What happens to regions that a picture has before.
    #[serde(default)]
    pub existing: Existing,
    /// Which object a class is, by the class's name; null leaves its regions out. Other classes are the objects that are called so.
    #[serde(default)]
    pub classes: BTreeMap<String, Option<String>>,
    /// Whether objects are registered that are not there yet.
    #[serde(default)]
    pub create_objects: bool,
    /// How the table of an archive is written; what is not said is found out.
    #[serde(default)]
    pub table: TableWishes,
    /// What columns of the table are used for, by their names. What is not said follows from names and cells.
    #[serde(default)]
    pub columns: BTreeMap<String, ColumnUse>,
    /// Which files belong to which rows, where that cannot be found out.
    #[serde(default)]
    pub repairs: Repairs,
    /// Which licence a text of the table names, by the text; null for none, and the text becomes an additional field.
    #[serde(default)]
    pub licences: BTreeMap<String, Option<String>>,
    /// Which nature a text of the table names, in the same way.
    #[serde(default)]
    pub natures: BTreeMap<String, Option<String>>,
    /// Whether to say only what would come of it.
    #[serde(default)]
    pub dry_run: bool,
    /// The number of an earlier job, usually a dry run, whose file is taken.
    #[serde(default)]
    pub of: Option<i64>,
}

impl ImportRequest {
    /// What is brought. Fails where there is no such kind.
    pub fn kind(&self) -> Result<ImportKind, AppError> {
        if self.kind.is_empty() { Ok(ImportKind::default()) } else { self.kind.parse() }
    }

    /// The format that is named. Fails where none of this name can be read.
    pub fn format(&self) -> Result<Option<AnnotationFormat>, FieldError> {
        let Some(name) = self.format.as_deref().filter(|name| !name.is_empty()) else { return Ok(None) };
        let format = AnnotationFormat::named(name).filter(|format| format.is_readable());
        let names: Vec<&str> = readable().map(AnnotationFormat::as_str).collect();
        let wrong = || FieldError::new("format", format!("must be one of {}", names.join(", ")));
        format.map(Some).ok_or_else(wrong)
    }

    /// What can be said to be wrong without looking anything up.
    pub fn check(&self) -> Result<(), AppError> {
        let mut errors = Vec::new();
        if let Err(AppError::Invalid { errors: unknown, .. }) = self.kind() {
            errors.extend(unknown);
        }
        errors.extend(self.format().err());
        if self.dataset.is_empty() {
            errors.push(FieldError::new("dataset", "is missing"));
        }
        errors.extend(super::folder::read_folder("folder", &self.folder).err());
        let sizes = [
            ("classes", self.classes.len()),
            ("columns", self.columns.len()),
            ("licences", self.licences.len()),
            ("natures", self.natures.len()),
            ("repairs", self.repairs.rows.len().max(self.repairs.files.len())),
        ];
        for (field, _) in sizes.iter().filter(|(_, size)| *size > MAX_ENTRIES) {
            errors.push(FieldError::new(*field, format!("must have at most {MAX_ENTRIES} entries")));
        }
        for object in self.classes.values().flatten() {
            let faults = super::object::check_object(object, "");
            errors.extend(
                faults.into_iter().map(|fault| FieldError::new("classes", format!("{object}: {}", fault.message))),
            );
        }
        if errors.is_empty() { Ok(()) } else { Err(AppError::fields(errors)) }
    }
}

/// The formats that can be read, in the order in which they are offered.
pub fn readable() -> impl Iterator<Item = AnnotationFormat> {
    AnnotationFormat::ALL.into_iter().filter(|format| format.is_readable())
}

/// How many there are of something, and the first of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed<T = String> {
    /// How many there are.
    pub count: u64,
    /// The first of them, usually at most [`MAX_LISTED`].
    pub first: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}

impl<T> Listed<T> {
    /// Counts one more, which is only made where it is listed.
    pub fn add(&mut self, make: impl FnOnce() -> T) {
        self.add_up_to(MAX_LISTED, make);
    }

    /// The same where as many as `most` are listed.
    pub fn add_up_to(&mut self, most: usize, make: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < most {
            self.first.push(make());
        }
    }
}

/// Why a class is an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassMatch {
    /// Somebody said so.
    Chosen,
    /// The object is called so, or was.
    Name,
    /// The object is called so but for case, or for what separates words.
    Alike,
    /// There is no such object; it is registered.
    New,
    /// It is none, and its regions are left out.
    None,
}

/// A class of what is brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassReport {
    /// Its name; empty for regions that do not say what they show.
    pub name: String,
    /// How many regions are of it.
    pub regions: u64,
    /// The object that it is; null where its regions are left out.
    pub object: Option<String>,
    /// Why.
    pub matched: ClassMatch,
}

/// What comes of an import, or would.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotationsReport {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// Name of the format.
    pub format: String,
    /// Pictures that are named.
    pub pictures: u64,
    /// Those of them that are there, or come along.
    pub found: u64,
    /// Those of them that are found by their name alone, since their folders differ.
    pub found_by_name: u64,
    /// Those of them that are not there.
    pub missing: Listed,
    /// Those of them of which several pictures have the name.
    pub ambiguous: Listed,
    /// Pictures that come along, and are new in the dataset.
    pub added: u64,
    /// Pictures that come along, and are in the dataset already.
    pub already_there: u64,
    /// Pictures that come along, but another file is in the dataset at their place, or they cannot be read.
    pub refused: Listed,
    /// Regions that can be read.
    pub regions: u64,
    /// Those of them that are stored.
    pub stored: u64,
    /// The classes of the regions, by name.
    pub classes: Vec<ClassReport>,
    /// What cannot be said here, or was changed for it: what, and how often.
    pub losses: Vec<(String, u64)>,
    /// The commits with the pictures that came along.
    pub commits: Vec<String>,
}

/// An import as its owner sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportJob {
    /// Its job.
    pub job: Job,
    /// What it is to do.
    pub request: ImportRequest,
    /// What was brought is called so.
    pub file: String,
    /// The number of the dataset.
    pub dataset_id: i64,
    /// The dataset's name as `namespace/name`; null where they may not see it any more.
    pub dataset: Option<String>,
}

impl ImportJob {
    /// What came of annotations; none before the end.
    pub fn report(&self) -> Option<AnnotationsReport> {
        report_of(&self.job)
    }
}

/// What came of an import; none before the end.
pub fn report_of(job: &Job) -> Option<AnnotationsReport> {
    AnnotationsReport::deserialize(job.result.as_ref()?).ok()
}

/// What came of an archive with a table; none before the end.
pub fn archive_report_of(job: &Job) -> Option<ArchiveReport> {
    ArchiveReport::deserialize(job.result.as_ref()?).ok()
}
