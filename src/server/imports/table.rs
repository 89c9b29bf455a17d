//! The table of an archive: what its columns are used for, which row has which file, and what each row says.

use super::source::Inputs;
use crate::formats::matching::{Matches, PathIndex, match_rows};
use crate::formats::tabular::{
    ColumnKind, Dialect, Meaning, PlaceColumns, Row, Rows, Survey, TableError, TableLimits, survey,
};
use crate::formats::unpack::Unpacked;
use crate::model::field::{FieldChanges, MAX_FIELD_TEXT, MAX_FIELDS, field_key};
use crate::model::import::{ColumnReport, ColumnUse, ImportRequest, Listed, MAX_LISTED, TextReport};
use crate::model::{AppError, FieldError, FieldValue, PictureChange};
use crate::query::nearest;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read};

/// So many different texts of licences or natures are looked at; what comes later is unknown.
const MAX_TEXTS: usize = 10_000;
/// A text is known by so many of its characters.
const MAX_TEXT: usize = 300;

/// The table of an archive.
pub struct Table {
    /// Its path.
    pub path: String,
    /// How it is written.
    pub dialect: Dialect,
    /// What is in it.
    pub survey: Survey,
    /// What each column is used for.
    pub uses: Vec<ColumnUse>,
    /// Which row has which file.
    pub matches: Matches,
    /// The other files of the archive, in the order by which `matches` numbers them.
    pub files: Vec<String>,
    /// What licences and natures are called, and in how many rows.
    pub licences: BTreeMap<String, u64>,
    /// The same of natures.
    pub natures: BTreeMap<String, u64>,
    /// Pairs of columns that become one field.
    places: Vec<PlaceColumns>,
}

/// What a row says of a file.
#[derive(Debug)]
pub struct Said {
    /// The number of the row, from 0.
    pub row: u64,
    /// The line on which it begins.
    pub line: u64,
    /// The number of the file.
    pub file: usize,
    /// What it says.
    pub change: PictureChange,
    /// Cells that cannot be used as they are meant: the column, and why.
    pub unfit: Vec<(String, String)>,
}

/// What texts mean: ids by text, none where a text is unknown.
#[derive(Clone, Debug, Default)]
pub struct Meant {
    /// Licences.
    pub licences: HashMap<String, Vec<String>>,
    /// Natures.
    pub natures: HashMap<String, Vec<String>>,
}

fn limits() -> TableLimits {
    TableLimits { columns: MAX_FIELDS, cell_bytes: MAX_FIELD_TEXT, ..TableLimits::default() }
}

fn refused(path: &str) -> impl Fn(TableError) -> AppError + use<> {
    let path = path.to_owned();
    move |error| match error {
        TableError::Io(error) if error.kind() == io::ErrorKind::StorageFull => {
            crate::server::errors::disk(&path, &error)
        }
        error => AppError::invalid(format!("{path}: {error}")),
    }
}

/// Reads the table of an archive, once for how it is written, once for what is in it, and once for what its rows name.
pub fn read(archive: &Unpacked, request: &ImportRequest) -> Result<Table, AppError> {
    let path = archive.table().map_err(|error| AppError::invalid(error.to_string()))?.path.clone();
    let refused = refused(&path);
    let files = archive.files().iter().map(|file| file.path.clone()).filter(|file| *file != path);
    let index = PathIndex::new(files.collect());
    let mut open = || -> io::Result<Box<dyn Read>> { Ok(archive.reader(&path)?) };
    let dialect = Dialect::detect(&mut open, &request.table, &limits()).map_err(&refused)?;
    let survey = survey(&mut open, &dialect, &limits(), &index).map_err(&refused)?;
    let uses = uses(&survey, request)?;
    let column = |wanted| uses.iter().position(|used| *used == wanted);
    let (file, licence, nature) = (column(ColumnUse::File), column(ColumnUse::Licence), column(ColumnUse::Nature));
    let (mut licences, mut natures) = (BTreeMap::new(), BTreeMap::new());
    let mut named = Vec::new();
    let mut rows = Rows::new(archive.reader(&path).map_err(|error| refused(error.into()))?, &dialect, &limits())
        .map_err(&refused)?;
    let mut row = Row::default();
    while rows.next(&mut row).map_err(&refused)? {
        named.push((row.line, file.map(|file| row.cell(file).to_owned()).unwrap_or_default()));
        for (column, texts) in [(licence, &mut licences), (nature, &mut natures)] {
            let text = column.map(|column| text_of(row.cell(column))).unwrap_or_default();
            if !text.is_empty() && (texts.len() < MAX_TEXTS || texts.contains_key(&text)) {
                *texts.entry(text).or_insert(0) += 1;
            }
        }
    }
    let matches = match_rows(&index, &named, &request.repairs, MAX_LISTED);
    let is_field = |column: usize| uses.get(column) == Some(&ColumnUse::Field);
    let mut places = survey.places.clone();
    places.retain(|place| is_field(place.latitude) && is_field(place.longitude));
    for place in &mut places {
        let is_taken = survey.columns.iter().any(|column| field_key(&column.name) == field_key(&place.name));
        if is_taken {
            place.name.push_str(" (coordinates)");
        }
    }
    Ok(Table { path, dialect, survey, uses, matches, files: index.paths().to_vec(), licences, natures, places })
}

/// A text as licences and natures are known by.
fn text_of(cell: &str) -> String {
    clean(cell).chars().take(MAX_TEXT).collect()
}

/// A cell without what no page can show.
fn clean(cell: &str) -> String {
    cell.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect::<String>().trim().to_owned()
}

/// What each column is used for: what somebody says, and else what its name and its cells say.
fn uses(survey: &Survey, request: &ImportRequest) -> Result<Vec<ColumnUse>, AppError> {
    let names = || survey.columns.iter().map(|column| column.name.as_str());
    let mut errors = Vec::new();
    for name in request.columns.keys().filter(|name| names().all(|known| known != name.as_str())) {
        let meant = nearest(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        errors.push(FieldError::new("columns", format!("names `{name}`, which is no column of the table{meant}")));
    }
    let said: Vec<Option<ColumnUse>> = names().map(|name| request.columns.get(name).copied()).collect();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (used, name) in said.iter().zip(names()) {
        let Some(used) = used.filter(|used| !used.is_for_many()) else { continue };
        if let Some(other) = taken.insert(used.as_str(), name) {
            let message = format!("says `{}` of both `{other}` and `{name}`", used.as_str());
            errors.push(FieldError::new("columns", message));
        }
    }
    if !errors.is_empty() {
        return Err(AppError::fields(errors));
    }
    let mut uses = Vec::with_capacity(said.len());
    for (index, (used, column)) in said.iter().zip(&survey.columns).enumerate() {
        let usual = match column.meaning {
            _ if survey.file_column == Some(index) => ColumnUse::File,
            Some(Meaning::Title) => ColumnUse::Title,
            Some(Meaning::Description) => ColumnUse::Description,
            Some(Meaning::Author) => ColumnUse::Author,
            Some(Meaning::Licence) => ColumnUse::Licence,
            Some(Meaning::Nature) => ColumnUse::Nature,
            Some(Meaning::Address) if column.filled > 0 && column.addresses == column.filled => ColumnUse::Origin,
            _ => ColumnUse::Field,
        };
        let is_free = usual.is_for_many() || !taken.contains_key(usual.as_str());
        let used = used.unwrap_or(if is_free { usual } else { ColumnUse::Field });
        if !used.is_for_many() {
            taken.insert(used.as_str(), &column.name);
        }
        uses.push(used);
    }
    Ok(uses)
}

fn kind_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Empty => "empty",
        ColumnKind::Text => "text",
        ColumnKind::Integer | ColumnKind::Number { .. } => "number",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Time { .. } => "time",
        ColumnKind::Place => "place",
    }
}

/// What texts mean, those that are unknown first, and then those that most rows have.
pub fn reported(texts: &BTreeMap<String, u64>, meant: &HashMap<String, Vec<String>>) -> Vec<TextReport> {
    let report = |(text, rows): (&String, &u64)| {
        let ids = meant.get(text).cloned().unwrap_or_default();
        TextReport { text: text.clone(), rows: *rows, ids }
    };
    let mut reports: Vec<TextReport> = texts.iter().map(report).collect();
    reports.sort_by_key(|report| (!report.ids.is_empty(), std::cmp::Reverse(report.rows)));
    reports.truncate(MAX_LISTED * 10);
    reports
}

impl Table {
    /// The columns, and what they are used for.
    pub fn columns(&self) -> Vec<ColumnReport> {
        let columns = self.survey.columns.iter().zip(&self.uses);
        columns
            .map(|(column, used)| ColumnReport {
                name: column.name.clone(),
                used: *used,
                kind: kind_name(column.kind).to_owned(),
                filled: column.filled,
                examples: column.examples.clone(),
                ambiguous_days: column.ambiguous_days,
            })
            .collect()
    }

    /// Reads what each row says of its file. Ends early where `visit` says no.
    pub fn each(&self, inputs: &Inputs, meant: &Meant, mut visit: impl FnMut(Said) -> bool) -> Result<(), AppError> {
        let refused = refused(&self.path);
        let reader = inputs.reader(&self.path).map_err(|error| refused(error.into()))?;
        let mut rows = Rows::new(reader, &self.dialect, &limits()).map_err(&refused)?;
        let mut row = Row::default();
        let mut number = 0;
        while rows.next(&mut row).map_err(&refused)? {
            let file =
                usize::try_from(number).ok().and_then(|number| self.matches.files.get(number).copied().flatten());
            if let Some(file) = file {
                let (change, unfit) = self.said(&row, meant);
                if !visit(Said { row: number, line: row.line, file, change, unfit }) {
                    break;
                }
            }
            number += 1;
        }
        Ok(())
    }

    fn said(&self, row: &Row, meant: &Meant) -> (PictureChange, Vec<(String, String)>) {
        let mut change = PictureChange::default();
        let mut unfit = Vec::new();
        let mut in_places = Vec::new();
        for place in &self.places {
            if let Some(value) = place.value(row) {
                change.fields.insert(place.name.clone(), Some(value));
                in_places.extend([place.latitude, place.longitude]);
            }
        }
        for (index, (column, used)) in self.survey.columns.iter().zip(&self.uses).enumerate() {
            let cell = clean(row.cell(index));
            if cell.is_empty() || in_places.contains(&index) {
                continue;
            }
            // Whatever a cell cannot say as it is meant it says as a field, so that nothing is lost.
            let mut one = PictureChange::default();
            let known = |texts: &HashMap<String, Vec<String>>| {
                texts.get(&text_of(&cell)).filter(|ids| !ids.is_empty()).cloned()
            };
            let fault = match used {
                ColumnUse::File | ColumnUse::Skip => continue,
                ColumnUse::Field => None,
                ColumnUse::Title => {
                    one.title = Some(cell.clone());
                    fault_of(&mut one)
                }
                ColumnUse::Description => {
                    one.description = Some(cell.clone());
                    fault_of(&mut one)
                }
                ColumnUse::Author => {
                    one.attribution = Some(Some(cell.clone()));
                    fault_of(&mut one)
                }
                ColumnUse::Origin => {
                    one.origin_url = Some(Some(cell.clone()));
                    fault_of(&mut one)
                }
                ColumnUse::Licence => {
                    one.licence_ids = known(&meant.licences);
                    one.licence_ids.is_none().then(|| "is no known licence".to_owned())
                }
                ColumnUse::Nature => {
                    one.nature_id = known(&meant.natures).and_then(|ids| ids.into_iter().next());
                    one.nature_id.is_none().then(|| "is no known nature".to_owned())
                }
            };
            if let Some(fault) = fault {
                unfit.push((column.name.clone(), fault));
            } else if *used != ColumnUse::Field {
                change = PictureChange {
                    title: change.title.or(one.title),
                    description: change.description.or(one.description),
                    attribution: change.attribution.or(one.attribution),
                    origin_url: change.origin_url.or(one.origin_url),
                    licence_ids: change.licence_ids.or(one.licence_ids),
                    nature_id: change.nature_id.or(one.nature_id),
                    ..change
                };
                continue;
            }
            let value = match used {
                ColumnUse::Field => column.kind.value(&cell),
                _ => None,
            };
            put(&mut change.fields, &column.name, value.unwrap_or(FieldValue::Text(cell)));
        }
        (change, unfit)
    }
}

fn put(fields: &mut FieldChanges, name: &str, value: FieldValue) {
    fields.insert(name.to_owned(), Some(value));
}

fn fault_of(change: &mut PictureChange) -> Option<String> {
    change.check().into_iter().next().map(|error| error.message)
}

/// How many rows say something that cannot be used as it is meant, as far as it is listed.
pub fn note_unfit(unfit: &mut Listed, said: &Said) {
    for (column, fault) in &said.unfit {
        unfit.add(|| format!("line {}, {column}: {fault}", said.line));
    }
}
