//! Pictures as a table: what lists say of them, their paths and parts of the split, and their regions.

use super::gathering::{Gathered, Spool};
use super::texts::Texts;
use crate::formats::annotations::Output;
use crate::model::ExportFormat;
use crate::model::download::{COLUMNS, REGIONS};
use crate::server::list_download::{cell, table_into, values};
use serde_json::{Map, Value};
use std::io::{self, BufWriter, Write};

/// The columns that an export has besides those of lists.
const OWN: [&str; 2] = ["path", "split"];

/// Writes the table of the pictures.
pub fn write(spool: &Spool, format: ExportFormat, public_url: &str, texts: &mut Texts) -> io::Result<()> {
    let file = BufWriter::new(texts.file(&format!("pictures.{}", format.as_str()))?);
    match format {
        ExportFormat::Csv => write_csv(spool, public_url, file),
        _ => write_lines(spool, public_url, file),
    }
}

/// What the columns say of a picture. Of one that was deleted only what its file tells.
fn row(gathered: &Gathered, public_url: &str) -> io::Result<Map<String, Value>> {
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
    row.insert("path".to_owned(), gathered.path.clone().into());
    row.insert("split".to_owned(), gathered.split.clone().into());
    Ok(row)
}

fn write_csv(spool: &Spool, public_url: &str, file: impl Write) -> io::Result<()> {
    let mut table = table_into(file);
    table.write_record(OWN.iter().chain(&COLUMNS))?;
    spool.each(|gathered| {
        let row = row(&gathered, public_url)?;
        for column in OWN.iter().chain(&COLUMNS) {
            let cell =
                if *column == REGIONS { serde_json::to_string(&gathered.regions)? } else { cell(row.get(*column)) };
            table.write_field(cell)?;
        }
        // Ends the line.
        table.write_record(None::<&[u8]>)?;
        Ok::<(), io::Error>(())
    })?;
    table.flush()
}

fn write_lines(spool: &Spool, public_url: &str, mut file: impl Write) -> io::Result<()> {
    spool.each(|gathered| {
        let row = row(&gathered, public_url)?;
        for (index, column) in OWN.iter().chain(&COLUMNS).enumerate() {
            file.write_all(if index == 0 { b"{" } else { b"," })?;
            serde_json::to_writer(&mut file, column)?;
            file.write_all(b":")?;
            if *column == REGIONS {
                serde_json::to_writer(&mut file, &gathered.regions)?;
            } else {
                serde_json::to_writer(&mut file, &row.get(*column))?;
            }
        }
        file.write_all(b"}\n")
    })?;
    file.flush()
}
