//! WebDataset: pictures in TAR archives ("shards") that programs for learning read from the front to the end.
//!
//! After "WebDataset format specification" and `tariterators.py` of github.com/webdataset/webdataset, and the page "Create an image dataset" of
//! huggingface.co/docs/datasets. The files of a sample stand behind each other and have the same name up to its first dot: here
//! `<key>.jpg`, or what else the picture is, and `<key>.json` with what its row says, the licences, and the regions in pixels. Shards are called
//! `<part>-000000.tar`, by the part of the split.
//!
//! Keys are made of paths: without dots, which would end them, without folders, and so that no two of one part are the same, also where case
//! is folded. Samples are sorted by path, so the same pictures make the same shards, in whatever order they come. Each shard is an
//! [`Archive`], whose length is known before the first byte, so that shards can stand in another archive.

use super::annotations::{Head, Stems, has_extension, part_of, stem_of};
use super::archive::{Archive, Entry};
use super::tables::{Cell, Column, LICENCES, PixelRegion, REGIONS, Row};
use crate::model::ArchiveKind;
use serde_json::{Map, Value, json};

/// A key has at most so many bytes, so that the name of a file has room on every disk.
const MAX_KEY: usize = 180;

/// A picture as shards have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Its path, unique in its part of the split.
    pub path: String,
    /// The name of its part of the split.
    pub split: Option<String>,
    /// The media type of its file.
    pub media_type: String,
    /// The length of its file in bytes.
    pub size: u64,
    /// The length of what [`metadata`] says of it.
    pub metadata_size: u64,
}

/// How large a shard may become. A sample that is larger alone has one for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShardLimits {
    /// The files of all its samples have so many bytes at most.
    pub bytes: u64,
    /// It has so many samples at most.
    pub samples: usize,
}

/// A gigabyte or ten thousand samples, which is what the library's documentation advises.
impl Default for ShardLimits {
    fn default() -> Self {
        Self { bytes: 1_000_000_000, samples: 10_000 }
    }
}

/// A file of a shard. Samples are named by their places in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardFile {
    /// A picture's file.
    Picture(usize),
    /// What is said of the picture.
    Metadata(usize),
}

/// A part of the pictures as one archive.
#[derive(Clone, Debug)]
pub struct Shard {
    /// What its file is called.
    pub path: String,
    /// Its bytes, piece by piece.
    pub archive: Archive,
    /// What each entry of the archive is.
    pub files: Vec<ShardFile>,
}

/// The shards of these pictures. `modified` is when everything in them was changed, in Unix seconds.
pub fn shards(samples: &[Sample], limits: ShardLimits, modified: i64) -> Vec<Shard> {
    let part = |sample: &Sample| part_of(&Head { split: sample.split.clone(), ..Head::default() });
    let mut sorted: Vec<(String, usize)> = samples.iter().map(part).zip(0..).collect();
    sorted.sort_by(|(part, sample), (other_part, other)| {
        (part, &samples[*sample].path).cmp(&(other_part, &samples[*other].path))
    });
    let mut plan = Plan { modified, shards: Vec::new(), open: Vec::new(), files: Vec::new(), number: 0 };
    let (mut keys, mut bytes, mut before) = (Stems::default(), 0, None);
    for (part, index) in &sorted {
        let sample = &samples[*index];
        let size = sample.size.saturating_add(sample.metadata_size);
        let is_full = plan.files.len() >= 2 * limits.samples.max(1) || bytes > limits.bytes.saturating_sub(size);
        if before.is_some_and(|before| before != part) || (is_full && !plan.files.is_empty()) {
            plan.close(before.unwrap_or(part));
            bytes = 0;
        }
        if before != Some(part) {
            plan.number = 0;
        }
        before = Some(part);
        bytes = bytes.saturating_add(size);
        let (key, _) = keys.distinct(part, &key_of(&sample.path));
        plan.put(&key, &extension_of(sample), sample, *index);
    }
    if let Some(part) = before {
        plan.close(part);
    }
    plan.shards
}

/// Shards in the making.
struct Plan {
    modified: i64,
    shards: Vec<Shard>,
    open: Vec<Entry>,
    files: Vec<ShardFile>,
    /// How many shards the part has already.
    number: usize,
}

impl Plan {
    fn put(&mut self, key: &str, extension: &str, sample: &Sample, index: usize) {
        // The order of their names, as programs that make archives sort them, keeps them beside each other, too.
        for (extension, size, file) in [
            (extension, sample.size, ShardFile::Picture(index)),
            ("json", sample.metadata_size, ShardFile::Metadata(index)),
        ] {
            self.open.push(Entry { path: format!("{key}.{extension}"), size, crc32: None });
            self.files.push(file);
        }
    }

    fn close(&mut self, part: &str) {
        let archive = Archive::new(ArchiveKind::Tar, std::mem::take(&mut self.open), self.modified);
        let path = format!("{part}-{:06}.tar", self.number);
        self.shards.push(Shard { path, archive, files: std::mem::take(&mut self.files) });
        self.number += 1;
    }
}

/// A path as a key, which others may have, too.
fn key_of(path: &str) -> String {
    let is_plain = |character: char| !character.is_control() && !matches!(character, '.' | '/' | '\\' | ':');
    let stem = stem_of(path);
    let stem = stem.strip_prefix('.').unwrap_or(stem);
    let key: String = stem.chars().map(|character| if is_plain(character) { character } else { '_' }).collect();
    match key.trim() {
        "" => "picture".to_owned(),
        key => key[..key.floor_char_boundary(MAX_KEY)].to_owned(),
    }
}

/// How the name of a picture's file ends, by which loaders know what it is.
fn extension_of(sample: &Sample) -> String {
    let known = match sample.media_type.as_str() {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        "image/tiff" => "tiff",
        "image/svg+xml" => "svg",
        _ => {
            let extension = sample.path[stem_of(&sample.path).len()..].trim_start_matches('.').to_lowercase();
            let is_word = !extension.is_empty() && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
            // Two files of one name would be one to loaders.
            return if is_word && !has_extension(&sample.path, &["json"]) { extension } else { "bin".to_owned() };
        }
    };
    known.to_owned()
}

/// What is said of a picture: its columns, its licences, and its regions in pixels.
pub fn metadata(columns: &[Column], row: &Row) -> Vec<u8> {
    let cells = columns.iter().zip(&row.cells).map(|(column, cell)| (column.name.clone(), value_of(cell.as_ref())));
    let mut said: Map<String, Value> = cells.collect();
    said.insert(LICENCES.into(), row.licences.clone().into());
    let regions = row.regions.iter().map(|region| {
        let PixelRegion { object, kind, bounds, points } = PixelRegion::of(region, row.size);
        let bbox = bounds.map(|bounds| [bounds.x, bounds.y, bounds.w, bounds.h]);
        json!({ "object": object, "type": kind, "bbox": bbox, "points": points })
    });
    said.insert(REGIONS.into(), regions.collect());
    Value::Object(said).to_string().into_bytes()
}

fn value_of(cell: Option<&Cell>) -> Value {
    match cell {
        None => Value::Null,
        Some(Cell::Integer(number) | Cell::Time(number)) => (*number).into(),
        Some(Cell::Float(number)) => (*number).into(),
        Some(Cell::Text(text)) => text.as_str().into(),
        Some(Cell::Texts(texts)) => texts.clone().into(),
        Some(Cell::Floats(floats)) => floats.clone().into(),
        Some(Cell::Boolean(boolean)) => (*boolean).into(),
        // What is no JSON is still a text.
        Some(Cell::Json(text)) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::archive::Piece;
    use crate::formats::tables::ColumnKind;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn sample(path: &str, split: Option<&str>, size: u64) -> Sample {
        let split = split.map(str::to_owned);
        Sample { path: path.into(), split, media_type: "image/jpeg".into(), size, metadata_size: 10 }
    }

    fn paths(shard: &Shard) -> Vec<&str> {
        shard.archive.entries().iter().map(|entry| entry.path.as_str()).collect()
    }

    #[test]
    fn samples_go_into_shards_by_part_and_size() {
        let samples = [
            sample("b/x.y.jpg", Some("val"), 1),
            sample("c.jpg", Some("train"), 60),
            sample("a/b.jpg", Some("train"), 60),
            sample("a.b.jpg", Some("train"), 10),
        ];
        let plan = shards(&samples, ShardLimits { bytes: 100, samples: 10 }, 0);
        let names: Vec<&str> = plan.iter().map(|shard| shard.path.as_str()).collect();
        assert_eq!(names, ["train-000000.tar", "train-000001.tar", "val-000000.tar"]);
        assert_eq!(paths(&plan[0]), ["a_b.jpg", "a_b.json", "a_b-2.jpg", "a_b-2.json"]);
        assert_eq!(paths(&plan[1]), ["c.jpg", "c.json"]);
        assert_eq!(plan[0].files[2..], [ShardFile::Picture(2), ShardFile::Metadata(2)]);
        assert_eq!(shards(&samples, ShardLimits { bytes: 0, samples: 0 }, 0).len(), 4);
        assert!(shards(&[], ShardLimits::default(), 0).is_empty());
    }

    #[test]
    fn files_end_as_what_they_are() {
        let of = |path: &str, media_type: &str| {
            extension_of(&Sample { media_type: media_type.into(), ..sample(path, None, 1) })
        };
        assert_eq!(of("a.png", "image/jpeg"), "jpg");
        assert_eq!(of("a.HEIC", "image/heic"), "heic");
        assert_eq!([of("a.json", "image/x"), of("a", "image/x"), of("a.b/c", "image/x")], ["bin"; 3]);
    }

    #[test]
    fn what_is_said_is_json_whatever_cells_have() {
        let columns = [
            Column::new("a", ColumnKind::Json),
            Column::new("b", ColumnKind::Json),
            Column::new("c", ColumnKind::Float),
        ];
        let cells =
            vec![Some(Cell::Json("{\"x\":[1]}".into())), Some(Cell::Json("{".into())), Some(Cell::Float(f64::NAN))];
        let said: Value = serde_json::from_slice(&metadata(&columns, &Row { cells, ..Row::default() })).unwrap();
        assert_eq!(said, json!({ "a": { "x": [1] }, "b": "{", "c": null, "licences": [], "regions": [] }));
    }

    proptest! {
        #[test]
        fn every_sample_has_a_key_of_its_own(
            paths in proptest::collection::hash_set("[aA.ä/\\\\ ]{1,6}(\\.jpg)?", 0..30),
            most in 1..5_usize,
        ) {
            let samples: Vec<Sample> = paths.iter().map(|path| sample(path, None, 3)).collect();
            let plan = shards(&samples, ShardLimits { bytes: 100, samples: most }, 0);
            let mut keys = HashSet::new();
            for shard in &plan {
                prop_assert!(shard.files.len() <= 2 * most);
                for (pair, files) in shard.archive.entries().chunks(2).zip(shard.files.chunks(2)) {
                    let (key, ends) = (pair[0].path.split_once('.').unwrap(), pair[1].path.split_once('.').unwrap());
                    prop_assert_eq!(key.0, ends.0);
                    prop_assert_eq!((key.1, ends.1), ("jpg", "json"));
                    prop_assert!(!key.0.contains('/') && !key.0.is_empty() && keys.insert(key.0.to_lowercase()));
                    prop_assert!(matches!(files, [ShardFile::Picture(a), ShardFile::Metadata(b)] if a == b));
                }
                let pieces = (0..).map_while(|index| shard.archive.piece(index));
                let length: u64 = pieces.map(|piece| match piece {
                    Piece::Content(file) => shard.archive.entries()[file].size,
                    other => shard.archive.write(other, &[]).len() as u64,
                }).sum();
                prop_assert_eq!(length, shard.archive.length());
            }
            prop_assert_eq!(keys.len(), samples.len());
            let mut turned = samples.clone();
            turned.reverse();
            let names = |plan: &[Shard]| plan.iter().flat_map(|shard| self::paths(shard).into_iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>();
            prop_assert_eq!(names(&plan), names(&shards(&turned, ShardLimits { bytes: 100, samples: most }, 0)));
        }
    }
}
