//! A query's whole results as a file, written while they are read: memory holds a few pictures at a time, however many there
//! are.

use super::errors::internal;
use super::search::FoundIds;
use super::store::{self, Db, StoreError, Urls};
use crate::model::download::{REGIONS, safe_cell};
use crate::model::{ListFormat, PictureCard, Viewer};
use axum::body::Bytes;
use futures::Stream;
use serde_json::{Map, Value};
use std::io;
use std::sync::Arc;

/// Pictures that are read at a time.
const BATCH: usize = 200;

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
    /// How many pictures there are already.
    Rows(u64),
    Done,
}

impl ListDownload {
    /// The file in parts. Pictures that have gone meanwhile are left out. A failure breaks the file off, so that it cannot be
    /// taken for whole.
    pub fn into_parts(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        futures::stream::try_unfold((self, Stage::Begin), |(mut list, stage)| async move {
            let (part, stage) = match stage {
                Stage::Begin => (list.beginning()?, Stage::Rows(0)),
                Stage::Rows(written) => match list.rows(written).await? {
                    Some((part, more)) => (part, Stage::Rows(written + more)),
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
            ListFormat::Csv => table(std::iter::once(self.columns.iter().map(|column| (*column).to_owned()))),
        }
    }

    fn end(&self) -> Vec<u8> {
        match self.format {
            ListFormat::Json => b"\n]\n".to_vec(),
            ListFormat::Jsonl | ListFormat::Csv => Vec::new(),
        }
    }

    /// The next rows, and how many they are.
    async fn rows(&mut self, written: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let ids = self.found.next_some(BATCH)?;
        if ids.is_empty() {
            return Ok(None);
        }
        let pictures = self.read(&ids).await.map_err(|error| {
            internal("the download of a list", &error);
            io::Error::other("the download was broken off")
        })?;
        let number = pictures.len() as u64;
        let rows: Vec<Map<String, Value>> =
            pictures.iter().map(|picture| self.row(picture)).collect::<Result<_, _>>()?;
        let part = match self.format {
            ListFormat::Csv => table(rows.iter().map(|row| self.columns.iter().map(|column| cell(row.get(*column)))))?,
            ListFormat::Json | ListFormat::Jsonl => {
                let mut part = Vec::new();
                for (index, row) in rows.iter().enumerate() {
                    if self.format == ListFormat::Json {
                        let first = written == 0 && index == 0;
                        part.extend_from_slice(if first { b"\n" } else { b",\n" });
                    }
                    serde_json::to_writer(&mut part, row)?;
                    if self.format == ListFormat::Jsonl {
                        part.push(b'\n');
                    }
                }
                part
            }
        };
        Ok(Some((part, number)))
    }

    async fn read(&self, ids: &[i64]) -> Result<Vec<PictureCard>, StoreError> {
        let with_regions = self.columns.contains(&REGIONS);
        let (db, viewer, urls) = (&self.db, &self.viewer, &*self.urls);
        match store::pictures::records(db, viewer, ids, urls, with_regions).await {
            // Together they have too many regions.
            Err(StoreError::Invalid(_)) if ids.len() > 1 => {
                let mut pictures = Vec::with_capacity(ids.len());
                for id in ids {
                    pictures.extend(store::pictures::records(db, viewer, &[*id], urls, with_regions).await?);
                }
                Ok(pictures)
            }
            read => read,
        }
    }

    /// What was chosen of a picture.
    fn row(&self, card: &PictureCard) -> serde_json::Result<Map<String, Value>> {
        let mut all = match serde_json::to_value(&card.picture)? {
            Value::Object(all) => all,
            _ => Map::new(),
        };
        all.insert("region_count".into(), card.region_count.into());
        all.insert("objects".into(), card.objects.clone().into());
        all.insert("page".into(), format!("{}/picture/{}", self.urls.public_url, card.picture.id).into());
        let chosen = self.columns.iter().map(|column| ((*column).to_owned(), all.remove(*column).unwrap_or_default()));
        Ok(chosen.collect())
    }
}

/// A value as a table has it: lists of names separated by semicolons, regions as JSON.
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

fn table(rows: impl Iterator<Item = impl Iterator<Item = String>>) -> io::Result<Vec<u8>> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        table.write_record(row)?;
    }
    table.into_inner().map_err(|error| io::Error::other(error.to_string()))
}
