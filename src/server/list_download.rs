//! A query's whole results as a file, written while they are read: memory holds a few pictures at a time, however many there
//! are.

use super::errors::internal;
use super::search::FoundIds;
use super::store::{self, Db, StoreError, Urls};
use crate::model::download::{REGIONS, safe_cell};
use crate::model::{ListFormat, Picture, PictureCard, Region, Viewer};
use axum::body::Bytes;
use futures::Stream;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;

/// Pictures that are read at a time, at most.
pub const BATCH: usize = 200;
/// Their regions take about so many bytes as JSON at most, unless those of a single picture take more.
const BATCH_REGION_BYTES: i64 = 4_000_000;

/// A file in the making.
pub struct ListDownload {
    /// The pictures.
    pub found: FoundIds,
    /// How they are written.
    pub format: ListFormat,
    /// What of them.
    pub columns: Vec<&'static str>,
    /// Where they are.
    pub db: Db,
    /// Who takes them.
    pub viewer: Viewer,
    /// How addresses are made.
    pub urls: Arc<Urls>,
}

/// How far a file is.
enum Stage {
    Begin,
    /// How many pictures there are already, and which come next.
    Rows(u64, VecDeque<i64>),
    Done,
}

impl ListDownload {
    /// The file in parts. Pictures that have gone meanwhile are left out. A failure breaks the file off, so that it cannot be
    /// taken for whole.
    pub fn into_parts(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        futures::stream::try_unfold((self, Stage::Begin), |(mut list, stage)| async move {
            let (part, stage) = match stage {
                Stage::Begin => (list.beginning()?, Stage::Rows(0, VecDeque::new())),
                Stage::Rows(written, mut waiting) => match list.rows(written, &mut waiting).await? {
                    Some((part, more)) => (part, Stage::Rows(written + more, waiting)),
                    None => (list.end(), Stage::Done),
                },
                Stage::Done => return Ok(None),
            };
            Ok(Some((Bytes::from(part), (list, stage))))
        })
    }

    fn beginning(&self) -> io::Result<Vec<u8>> {
        match self.format {
            ListFormat::Json => Ok(b"[".to_vec()),
            ListFormat::Jsonl => Ok(Vec::new()),
            ListFormat::Csv => {
                let mut table = new_table();
                table.write_record(&self.columns)?;
                bytes_of(table)
            }
        }
    }

    fn end(&self) -> Vec<u8> {
        match self.format {
            ListFormat::Json => b"\n]\n".to_vec(),
            ListFormat::Jsonl | ListFormat::Csv => Vec::new(),
        }
    }

    /// The next rows, and how many they are.
    async fn rows(&mut self, written: u64, waiting: &mut VecDeque<i64>) -> io::Result<Option<(Vec<u8>, u64)>> {
        if waiting.is_empty() {
            waiting.extend(self.found.next_some(BATCH)?);
        }
        if waiting.is_empty() {
            return Ok(None);
        }
        let pictures = self.read(waiting).await.map_err(|error| {
            internal("the download of a list", &error);
            io::Error::other("the download was broken off")
        })?;
        let number = pictures.len() as u64;
        let part = match self.format {
            ListFormat::Csv => self.lines(pictures)?,
            ListFormat::Json | ListFormat::Jsonl => self.dictionaries(pictures, written == 0)?,
        };
        Ok(Some((part, number)))
    }

    /// Takes the next pictures from those that wait.
    async fn read(&self, waiting: &mut VecDeque<i64>) -> Result<Vec<PictureCard>, StoreError> {
        let with_regions = self.columns.contains(&REGIONS);
        let mut number = waiting.len();
        if with_regions {
            let bytes = store::pictures::region_bytes(&self.db, waiting.make_contiguous()).await?;
            number = held_together(waiting.iter().map(|id| bytes.get(id).copied().unwrap_or_default()));
        }
        let ids: Vec<i64> = waiting.drain(..number).collect();
        store::pictures::records(&self.db, &self.viewer, &ids, &self.urls, with_regions).await
    }

    fn lines(&self, pictures: Vec<PictureCard>) -> io::Result<Vec<u8>> {
        let mut table = new_table();
        for mut card in pictures {
            let regions = std::mem::take(&mut card.picture.regions);
            let values = values(&card.picture, card.region_count, &card.objects, &self.urls.public_url)?;
            write_cells(&mut table, &self.columns, &values, &regions)?;
        }
        bytes_of(table)
    }

    fn dictionaries(&self, pictures: Vec<PictureCard>, mut is_first: bool) -> io::Result<Vec<u8>> {
        let mut part = Vec::new();
        for mut card in pictures {
            if self.format == ListFormat::Json {
                part.extend_from_slice(if is_first { b"\n" } else { b",\n" });
                is_first = false;
            }
            let regions = std::mem::take(&mut card.picture.regions);
            let values = values(&card.picture, card.region_count, &card.objects, &self.urls.public_url)?;
            write_dictionary(&mut part, &self.columns, &values, &regions)?;
            if self.format == ListFormat::Jsonl {
                part.push(b'\n');
            }
        }
        Ok(part)
    }
}

/// What the columns say of a picture. Its regions have been taken out: as values they would be many times as large.
pub fn values(
    picture: &Picture,
    region_count: i64,
    objects: &[String],
    public_url: &str,
) -> serde_json::Result<Map<String, Value>> {
    let mut values = match serde_json::to_value(picture)? {
        Value::Object(values) => values,
        _ => Map::new(),
    };
    values.insert("region_count".into(), region_count.into());
    values.insert("objects".into(), objects.into());
    values.insert("page".into(), format!("{public_url}/picture/{}", picture.id).into());
    Ok(values)
}

/// Writes a picture as a line of a table.
pub fn write_cells(
    table: &mut csv::Writer<impl Write>,
    columns: &[&str],
    values: &Map<String, Value>,
    regions: &[Region],
) -> io::Result<()> {
    for column in columns {
        let cell = if *column == REGIONS { serde_json::to_string(regions)? } else { cell(values.get(*column)) };
        table.write_field(cell)?;
    }
    // Ends the line.
    table.write_record(None::<&[u8]>)?;
    Ok(())
}

/// Writes a picture as a JSON dictionary, whose keys are in the order of the columns.
pub fn write_dictionary(
    to: &mut impl Write,
    columns: &[&str],
    values: &Map<String, Value>,
    regions: &[Region],
) -> io::Result<()> {
    for (index, column) in columns.iter().enumerate() {
        to.write_all(if index == 0 { b"{" } else { b"," })?;
        serde_json::to_writer(&mut *to, column)?;
        to.write_all(b":")?;
        if *column == REGIONS {
            serde_json::to_writer(&mut *to, regions)?;
        } else {
            serde_json::to_writer(&mut *to, &values.get(*column))?;
        }
    }
    to.write_all(b"}")
}

/// So many of pictures whose regions take so many bytes can be held together; always one.
pub fn held_together(bytes: impl Iterator<Item = i64>) -> usize {
    let mut sum = 0;
    let fits = bytes.take_while(|bytes| {
        sum += bytes;
        sum <= BATCH_REGION_BYTES
    });
    fits.count().max(1)
}

/// A value as a table has it: lists of names separated by semicolons.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => safe_cell(text).into_owned(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            let names: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            safe_cell(&names.join(";")).into_owned()
        }
        Some(other) => other.to_string(),
    }
}

fn new_table() -> csv::Writer<Vec<u8>> {
    table_into(Vec::new())
}

/// A table as RFC 4180 has it.
pub fn table_into<W: Write>(into: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(into)
}

fn bytes_of(table: csv::Writer<Vec<u8>>) -> io::Result<Vec<u8>> {
    table.into_inner().map_err(|error| io::Error::other(error.to_string()))
}
