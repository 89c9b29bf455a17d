//! Pictures as tables: what lists say of them, their paths and parts of the split, and their regions.

use super::fields::FieldColumns;
use super::gathering::{Gathered, Spool};
use super::texts::Texts;
use crate::formats::annotations::{Losses, PixelSize};
use crate::formats::tables::parquet::ParquetTable;
use crate::formats::tables::xlsx::PictureWorkbook;
use crate::formats::tables::{Cell, Column, ColumnKind, Row, region_columns, region_rows};
use crate::model::download::{COLUMNS, FIELDS, REGIONS};
use crate::model::{Licence, TableFormat};
use crate::server::list_download::{table_into, values, write_cells, write_dictionary};
use serde_json::{Map, Value};
use std::io::{self, BufWriter, Write};

/// The columns that an export has besides those of lists.
const OWN: [&str; 2] = ["path", "split"];

/// The names of the columns that every export has. Additional fields have columns of their own.
fn fixed() -> impl Iterator<Item = &'static str> {
    OWN.into_iter().chain(COLUMNS).filter(|name| *name != FIELDS)
}

/// Whether a column that every export has is called so, without regard to case.
pub fn is_fixed(key: &str) -> bool {
    fixed().any(|name| name == key)
}

/// The names of all columns.
fn names(fields: &FieldColumns) -> Vec<&str> {
    fixed().map(|name| -> &str { name }).chain(fields.names()).collect()
}

/// What tables say that is not said of each picture.
pub struct About<'a> {
    /// The site's address.
    pub public_url: &'a str,
    /// The licences that there are.
    pub licences: &'a [Licence],
    /// When the state was made that leaves, in Unix seconds; 0 where that is no state of a dataset.
    pub made_at: i64,
}

/// Writes the table of the pictures.
pub fn write(
    spool: &Spool,
    format: TableFormat,
    about: &About,
    texts: &mut Texts,
    losses: &mut Losses,
) -> io::Result<()> {
    let file = BufWriter::new(texts.begin(&format!("pictures.{}", format.as_str())));
    match format {
        TableFormat::Csv => write_csv(spool, about.public_url, file),
        TableFormat::Xlsx => write_workbook(spool, about, losses, file),
        TableFormat::Parquet => write_parquet(spool, about.public_url, &|gathered| gathered.path.clone(), losses, file),
        TableFormat::Jsonl => write_lines(spool, about.public_url, file),
    }
}

/// What the columns say of a picture. Of one that was deleted only what its file tells.
fn said(gathered: &Gathered, fields: &FieldColumns, public_url: &str) -> io::Result<Map<String, Value>> {
    let count = i64::try_from(gathered.regions.len()).unwrap_or(i64::MAX);
    let mut row = match &gathered.picture {
        Some(picture) => values(picture, count, &gathered.objects, public_url)?,
        None => Map::from_iter([
            ("width".to_owned(), gathered.width.into()),
            ("height".to_owned(), gathered.height.into()),
            ("region_count".to_owned(), count.into()),
            ("objects".to_owned(), gathered.objects.clone().into()),
        ]),
    };
    if let Some(picture) = &gathered.picture {
        fields.put(&picture.fields, &mut row);
    }
    row.insert("path".to_owned(), gathered.path.clone().into());
    row.insert("split".to_owned(), gathered.split.clone().into());
    row.insert("download".to_owned(), gathered.url.clone().into());
    Ok(row)
}

fn write_csv(spool: &Spool, public_url: &str, file: impl Write) -> io::Result<()> {
    let mut table = table_into(file);
    let names = names(&spool.fields);
    table.write_record(&names)?;
    spool.each(|gathered| {
        let row = said(&gathered, &spool.fields, public_url)?;
        write_cells(&mut table, &names, &row, &gathered.regions)
    })?;
    table.flush()
}

fn write_lines(spool: &Spool, public_url: &str, mut file: impl Write) -> io::Result<()> {
    let names = names(&spool.fields);
    spool.each(|gathered| {
        let row = said(&gathered, &spool.fields, public_url)?;
        write_dictionary(&mut file, &names, &row, &gathered.regions)?;
        file.write_all(b"\n")
    })?;
    file.flush()
}

/// The columns of a typed table. Licences and regions have their own place in it.
pub fn columns(fields: &FieldColumns) -> Vec<Column> {
    let kind = |name: &str| match name {
        "id" | "width" | "height" | "region_count" | "replaces" | "replaced_by" | "copied_from" => ColumnKind::Integer,
        "timestamp" => ColumnKind::Time,
        "objects" => ColumnKind::Texts,
        _ => ColumnKind::Text,
    };
    let names = fixed().filter(|name| !["licences", REGIONS].contains(name));
    names.map(|name| Column::new(name, kind(name))).chain(fields.columns()).collect()
}

/// A picture as a row of these columns, under this path.
pub fn row(
    gathered: &Gathered,
    (columns, fields): (&[Column], &FieldColumns),
    path: &str,
    public_url: &str,
) -> io::Result<Row> {
    let mut values = said(gathered, fields, public_url)?;
    values.insert("path".to_owned(), path.into());
    let cells = columns.iter().map(|column| typed(column.kind, values.get(&column.name))).collect();
    let (width, height) = (gathered.width, gathered.height);
    Ok(Row {
        // One that was deleted has no number any more, and its regions still need one.
        picture: gathered.picture.as_ref().map_or(-1 - gathered.place as i64, |picture| picture.id),
        cells,
        licences: gathered.picture.as_ref().map(|picture| picture.licences.clone()).unwrap_or_default(),
        size: (width > 0 && height > 0).then_some(PixelSize { width, height }),
        regions: gathered.regions.clone(),
    })
}

fn typed(kind: ColumnKind, value: Option<&Value>) -> Option<Cell> {
    let value = value?;
    match kind {
        ColumnKind::Integer => value.as_i64().map(Cell::Integer),
        ColumnKind::Float => value.as_f64().map(Cell::Float),
        ColumnKind::Time => value.as_i64().map(Cell::Time),
        ColumnKind::Texts => {
            let texts = value.as_array()?.iter();
            Some(Cell::Texts(texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()))
        }
        _ => value.as_str().map(|text| Cell::Text(text.to_owned())),
    }
}

fn write_workbook(spool: &Spool, about: &About, losses: &mut Losses, mut file: impl Write + Send) -> io::Result<()> {
    let columns = columns(&spool.fields);
    let mut book = PictureWorkbook::new(columns.clone(), about.made_at, &std::env::temp_dir())?;
    spool.each(|gathered| {
        book.picture(&row(&gathered, (&columns, &spool.fields), &gathered.path, about.public_url)?, losses)
    })?;
    book.finish(about.licences, losses, &mut file)?;
    file.flush()
}

/// Writes the table of the pictures as Parquet, each under the path that `path` says.
pub fn write_parquet(
    spool: &Spool,
    public_url: &str,
    path: &dyn Fn(&Gathered) -> String,
    losses: &mut Losses,
    file: impl Write + Send,
) -> io::Result<()> {
    let columns = columns(&spool.fields);
    let mut table = ParquetTable::of_pictures(columns.clone(), file)?;
    spool.each(|gathered| {
        table.picture(&row(&gathered, (&columns, &spool.fields), &path(&gathered), public_url)?, losses)
    })?;
    table.finish()?.flush()
}

/// Writes a table with a row for each region.
pub fn write_regions(spool: &Spool, public_url: &str, file: impl Write + Send) -> io::Result<()> {
    let columns = columns(&spool.fields);
    let mut table = ParquetTable::of_rows(region_columns(), file)?;
    spool.each(|gathered| {
        let row = row(&gathered, (&columns, &spool.fields), &gathered.path, public_url)?;
        region_rows(&row).try_for_each(|cells| table.row(&cells))
    })?;
    table.finish()?.flush()
}
