//! What is in a table, column by column.

use super::columns::{coordinate_of, distinct};
use super::rows::{Row, Rows};
use super::values::{Guess, coordinate, is_address};
use super::{ColumnKind, Dialect, Meaning, Opener, TableError, TableLimits, meaning_of};
use crate::formats::matching::{Found, PathIndex};
use crate::model::FieldValue;
use crate::model::exif::Place;
use serde::{Deserialize, Serialize};

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, which no other has.
    pub name: String,
    /// What its cells are.
    pub kind: ColumnKind,
    /// What columns with its name usually mean.
    pub meaning: Option<Meaning>,
    /// How many of its cells have something in them.
    pub filled: u64,
    /// How many of its cells name one of the files.
    pub files: u64,
    /// How many of its cells are addresses of something on the web.
    pub addresses: u64,
    /// Whether its cells are days of which nobody can tell whether the day or the month comes first. They are texts then.
    pub ambiguous_days: bool,
    /// The first cells that have something in them, cut where they are long.
    pub examples: Vec<String>,
}

/// Two columns that are a place together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceColumns {
    /// What the place is called.
    pub name: String,
    /// The column with the degrees north.
    pub latitude: usize,
    /// The column with the degrees east.
    pub longitude: usize,
}

impl PlaceColumns {
    /// The place that a row says.
    pub fn value(&self, row: &Row) -> Option<FieldValue> {
        let latitude = coordinate(row.cell(self.latitude), true)?;
        let longitude = coordinate(row.cell(self.longitude), false)?;
        Some(FieldValue::Place(Place { latitude, longitude }))
    }
}

/// What is in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Its columns.
    pub columns: Vec<Column>,
    /// How many rows it has, without the one that names the columns.
    pub rows: u64,
    /// How many rows have more cells than there are names of columns.
    pub long_rows: u64,
    /// The lines of the first of these.
    pub long_lines: Vec<u64>,
    /// The column that names the files, if one does.
    pub file_column: Option<usize>,
    /// The column with the addresses of images, if there is one.
    pub address_column: Option<usize>,
    /// Pairs of columns that are places.
    pub places: Vec<PlaceColumns>,
}

/// So many cells are kept to be shown.
const EXAMPLES: usize = 3;
/// A cell that is shown is cut to so many characters.
const SHOWN: usize = 100;
/// So many lines are named.
const LINES: usize = 20;

struct Tally {
    guess: Guess,
    files: u64,
    addresses: u64,
    examples: Vec<String>,
}

/// Walks through a table. `files` are those that one of its columns may name.
pub fn survey(
    open: &mut Opener<'_>,
    dialect: &Dialect,
    limits: &TableLimits,
    files: &PathIndex,
) -> Result<Survey, TableError> {
    let mut rows = Rows::with_header(open()?, dialect, limits)?;
    let (mut row, mut header) = (Row::default(), Vec::new());
    if dialect.has_header && rows.next(&mut row)? {
        header.clone_from(&row.cells);
        // Spreadsheets leave empty columns behind.
        while header.last().is_some_and(String::is_empty) {
            header.pop();
        }
    }
    let mut survey = Survey::default();
    let mut tallies: Vec<Tally> = Vec::new();
    while rows.next(&mut row)? {
        survey.rows += 1;
        let width = row.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        if dialect.has_header && width > header.len() {
            survey.long_rows += 1;
            if survey.long_lines.len() < LINES {
                survey.long_lines.push(row.line);
            }
        }
        for (index, cell) in row.cells[..width].iter().enumerate() {
            while tallies.len() <= index {
                let guess = Guess::new(dialect.delimiter);
                tallies.push(Tally { guess, files: 0, addresses: 0, examples: Vec::new() });
            }
            if !cell.is_empty() {
                tallies[index].see(cell, files);
            }
        }
    }
    let names = distinct(&header, header.len().max(tallies.len()));
    let empty = || Tally { guess: Guess::new(dialect.delimiter), files: 0, addresses: 0, examples: Vec::new() };
    tallies.resize_with(names.len(), empty);
    survey.places = places(&names, &tallies);
    survey.columns = names.into_iter().zip(tallies).map(|(name, tally)| tally.column(name)).collect();
    survey.file_column = best(&survey.columns, Meaning::File, |column| column.files);
    survey.address_column = best(&survey.columns, Meaning::Address, |column| column.addresses);
    Ok(survey)
}

impl Tally {
    fn see(&mut self, cell: &str, files: &PathIndex) {
        self.guess.see(cell);
        self.files += u64::from(files.find(cell) != Found::None);
        self.addresses += u64::from(is_address(cell));
        if self.examples.len() < EXAMPLES {
            self.examples.push(cell.chars().take(SHOWN).collect());
        }
    }

    fn column(self, name: String) -> Column {
        Column {
            kind: self.guess.kind(),
            meaning: meaning_of(&name),
            filled: self.guess.filled,
            files: self.files,
            addresses: self.addresses,
            ambiguous_days: self.guess.is_ambiguous(),
            examples: self.examples,
            name,
        }
    }
}

/// The column with the most, if there are any: of several one whose name says so, and else the first. Where no cell says anything, its
/// name may.
fn best(columns: &[Column], meaning: Meaning, count: impl Fn(&Column) -> u64) -> Option<usize> {
    let key = |column: &Column| (count(column), column.meaning == Some(meaning));
    let (index, column) = columns.iter().enumerate().rev().max_by_key(|(_, column)| key(column))?;
    (count(column) > 0 || (column.meaning == Some(meaning) && meaning == Meaning::File)).then_some(index)
}

/// Pairs of columns whose names and cells are those of places.
fn places(names: &[String], tallies: &[Tally]) -> Vec<PlaceColumns> {
    let side = |(name, tally): (&String, &Tally)| {
        let (meaning, before) = coordinate_of(name)?;
        tally.guess.is_coordinate(meaning == Meaning::Latitude).then_some((meaning, before))
    };
    let mut sides: Vec<Option<(Meaning, String)>> = names.iter().zip(tallies).map(side).collect();
    let mut places: Vec<PlaceColumns> = Vec::new();
    for latitude in 0..sides.len() {
        let Some((Meaning::Latitude, before)) = sides[latitude].clone() else { continue };
        let is_partner = |side: &Option<(Meaning, String)>| {
            side.as_ref().is_some_and(|(meaning, other)| *meaning == Meaning::Longitude && *other == before)
        };
        if let Some(longitude) = sides.iter().position(is_partner) {
            sides[longitude] = None;
            let name = if before.is_empty() { "place".to_owned() } else { before };
            places.push(PlaceColumns { name, latitude, longitude });
        }
    }
    places
}
