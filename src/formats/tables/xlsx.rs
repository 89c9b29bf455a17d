//! Office Open XML workbooks (`.xlsx`): the sheets Pictures, Regions and Licences, as programs for tables open them.
//!
//! After ECMA-376 part 1 (SpreadsheetML) as the library writes it, and "Excel specifications and limits" at support.microsoft.com: a sheet has
//! 1,048,576 rows, after which another one begins, and a cell 32,767 characters, after which it is cut, which is counted. Every text is
//! a text, whatever it begins with: nothing is a formula, and addresses are no links. Lists are joined by semicolons, and corners by spaces.
//! A whole number that has no room among numbers of eight bytes, a time before 1900 and a number that is none are texts.
//!
//! The library keeps rows in temporary files, since a workbook begins with what is known last. It stops the program where such a file cannot
//! be written, as on a full disk; here that is an error like any other.

use super::{Cell, Column, ColumnKind, Columns, LICENCES, Row, count_unplaced, region_columns, region_rows};
use crate::formats::annotations::{Loss, Losses};
use crate::model::Licence;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// A sheet has so many rows.
const MAX_ROWS: u32 = 1_048_576;
/// A cell has so many characters, as UTF-16 counts them.
const MAX_TEXT: usize = 32_767;
/// Whole numbers up to this are numbers of eight bytes as well.
const MAX_WHOLE: u64 = 1 << 53;

/// Does what the library may stop the program at.
fn guarded<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(io::Error::other),
        Err(_) => Err(io::Error::other("a temporary file of a workbook cannot be written")),
    }
}

/// A table that may need more than one sheet.
struct Sheets {
    name: &'static str,
    columns: Vec<Column>,
    full: Vec<Worksheet>,
    open: Option<Worksheet>,
    /// The row that comes next in the open sheet, from 0.
    next: u32,
    max_rows: u32,
}

impl Sheets {
    fn new(name: &'static str, columns: Vec<Column>) -> Self {
        Self { name, columns, full: Vec::new(), open: None, next: 0, max_rows: MAX_ROWS }
    }

    /// The sheet that has room for a row, with the number of that row.
    fn room(&mut self, book: &mut Workbook) -> io::Result<(&mut Worksheet, u32)> {
        if self.next == self.max_rows {
            self.full.extend(self.open.take());
        }
        if self.open.is_none() {
            let name = match self.full.len() {
                0 => self.name.to_owned(),
                before => format!("{} {}", self.name, before + 1),
            };
            let columns = &self.columns;
            let sheet = guarded(|| {
                let mut sheet = book.new_worksheet_with_constant_memory()?;
                sheet.set_name(name)?.set_freeze_panes(1, 0)?;
                for (column, number) in columns.iter().zip(0..) {
                    sheet.write_string(0, number, &column.name)?;
                }
                Ok(sheet)
            })?;
            (self.open, self.next) = (Some(sheet), 1);
        }
        self.next += 1;
        let row = self.next - 1;
        self.open.as_mut().map(|sheet| (sheet, row)).ok_or_else(|| io::Error::other("a workbook has no sheet"))
    }

    fn row(
        &mut self,
        book: &mut Workbook,
        cells: &[Option<Cell>],
        date: &Format,
        lost: &mut dyn FnMut(),
    ) -> io::Result<()> {
        let (sheet, row) = self.room(book)?;
        guarded(|| {
            for (cell, column) in cells.iter().zip(0..) {
                if let Some(cell) = cell {
                    put(sheet, (row, column), cell, date, lost)?;
                }
            }
            Ok(())
        })
    }
}

/// Writes a cell.
fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    date: &Format,
    lost: &mut dyn FnMut(),
) -> Result<(), XlsxError> {
    let text = match cell {
        Cell::Integer(number) if number.unsigned_abs() <= MAX_WHOLE => {
            sheet.write_number(row, column, *number as f64)?;
            return Ok(());
        }
        Cell::Float(number) if number.is_finite() => {
            sheet.write_number(row, column, *number)?;
            return Ok(());
        }
        Cell::Boolean(boolean) => {
            sheet.write_boolean(row, column, *boolean)?;
            return Ok(());
        }
        Cell::Time(seconds) => match ExcelDateTime::from_timestamp(*seconds) {
            Ok(time) => {
                sheet.write_datetime_with_format(row, column, &time, date)?;
                return Ok(());
            }
            Err(_) => seconds.to_string(),
        },
        Cell::Integer(number) => number.to_string(),
        Cell::Float(number) => number.to_string(),
        Cell::Text(text) | Cell::Json(text) => text.clone(),
        Cell::Texts(texts) => texts.join(";"),
        Cell::Floats(floats) => joined(floats),
    };
    let kept = cut(&text, matches!(cell, Cell::Floats(_)));
    if kept.len() < text.len() {
        lost();
    }
    sheet.write_string(row, column, kept)?;
    Ok(())
}

fn joined(floats: &[f64]) -> String {
    floats.iter().map(f64::to_string).collect::<Vec<_>>().join(" ")
}

/// What of a text has room in a cell. Of numbers, whole ones only.
fn cut(text: &str, is_numbers: bool) -> &str {
    // No character takes more units than bytes.
    if text.len() <= MAX_TEXT {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find_map(|(at, character)| {
        units += character.len_utf16();
        (units > MAX_TEXT).then_some(at)
    });
    match end.map(|end| &text[..end]) {
        None => text,
        Some(kept) if is_numbers => kept.rsplit_once(' ').map_or("", |(whole, _)| whole),
        Some(kept) => kept,
    }
}

/// A workbook that is being written.
pub struct PictureWorkbook {
    book: Workbook,
    columns: Columns,
    pictures: Sheets,
    regions: Sheets,
    date: Format,
    /// How many pictures have each licence.
    licences: BTreeMap<String, u64>,
}

impl PictureWorkbook {
    /// Begins a workbook with these columns for pictures, which says that it was made at this time, in Unix seconds. `folder` is for temporary
    /// files.
    pub fn new(columns: Vec<Column>, created: i64, folder: &Path) -> io::Result<Self> {
        let columns = Columns::new(columns)?;
        let mut all = columns.as_slice().to_vec();
        all.push(Column::new(LICENCES, ColumnKind::Texts));
        let mut book = Workbook::new();
        guarded(|| {
            let created = ExcelDateTime::from_timestamp(created).or_else(|_| ExcelDateTime::from_timestamp(0))?;
            book.set_properties(&DocProperties::new().set_creation_datetime(&created));
            book.set_tempdir(folder)?;
            Ok(())
        })?;
        let (pictures, regions) = (Sheets::new("Pictures", all), Sheets::new("Regions", region_columns()));
        let date = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        Ok(Self { book, columns, pictures, regions, date, licences: BTreeMap::new() })
    }

    /// Writes a picture.
    pub fn picture(&mut self, row: &Row, losses: &mut Losses) -> io::Result<()> {
        self.columns.check(&row.cells)?;
        count_unplaced(row, losses);
        for licence in &row.licences {
            *self.licences.entry(licence.clone()).or_default() += 1;
        }
        let mut cut = 0;
        let mut cells = row.cells.clone();
        cells.push(Some(Cell::Texts(row.licences.clone())));
        self.pictures.row(&mut self.book, &cells, &self.date, &mut || cut += 1)?;
        for cells in region_rows(row) {
            self.regions.row(&mut self.book, &cells, &self.date, &mut || cut += 1)?;
        }
        losses.add_many(Loss::Cell, cut, || format!("picture {}", row.picture));
        Ok(())
    }

    /// Ends the workbook. Of these licences those are listed that pictures have.
    pub fn finish(mut self, licences: &[Licence], losses: &mut Losses, to: impl Write + Send) -> io::Result<()> {
        let kinds = [ColumnKind::Text; 4].into_iter().chain([ColumnKind::Boolean, ColumnKind::Integer]);
        let names = ["licence", "title", "page", "legal text", "free", "pictures"];
        let columns = names.into_iter().zip(kinds).map(|(name, kind)| Column::new(name, kind)).collect();
        let mut sheets = Sheets::new("Licences", columns);
        let mut cut = 0;
        for (id, pictures) in &self.licences {
            let known = licences.iter().find(|licence| licence.id == *id);
            let text = |text: Option<&String>| text.map(|text| Cell::Text(text.clone()));
            let cells = [
                text(Some(id)),
                text(known.map(|licence| &licence.title)),
                text(known.and_then(|licence| licence.info_url.as_ref())),
                text(known.and_then(|licence| licence.legalese_url.as_ref())),
                known.map(|licence| Cell::Boolean(licence.free)),
                Some(Cell::Integer(i64::try_from(*pictures).unwrap_or(i64::MAX))),
            ];
            sheets.row(&mut self.book, &cells, &self.date, &mut || cut += 1)?;
        }
        losses.add_many(Loss::Cell, cut, || "Licences".to_owned());
        let mut book = self.book;
        for mut sheets in [self.pictures, self.regions, sheets] {
            // A sheet without rows has a line of names, too.
            if sheets.open.is_none() {
                sheets.room(&mut book)?;
            }
            for sheet in sheets.full.into_iter().chain(sheets.open) {
                guarded(|| {
                    book.push_worksheet(sheet);
                    Ok(())
                })?;
            }
        }
        guarded(|| book.save_to_writer(to))
    }
}

#[cfg(test)]
mod tests;
