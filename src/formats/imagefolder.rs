//! Hugging Face's imagefolder: `metadata.jsonl` or `metadata.csv` in a folder of pictures.
//!
//! After the pages "Create an image dataset" (object detection) and "ImageFolder" of huggingface.co/docs/datasets. `file_name` starts
//! at the folder of the file, and each part of the split is a folder with a file of its own, which the library knows by words like
//! `train` in its name. `objects` has the boxes as `bbox`, `[x, y, width, height]` in pixels, and as many `categories`, names or
//! numbers; others call them `category`, `label` or `labels`.
//!
//! Carried: boxes, to a millionth of a pixel. A polygon becomes the box around it, which is counted; polylines and points are lost.
//! Width and height are columns of their own, so that the file says what its pixels are parts of; where others do not, reading asks.
//!
//! Tables have no dictionaries, so `objects` stands in `metadata.csv` as JSON text.

#[cfg(test)]
mod tests;

use super::annotations::json::{self, entries, fields};
use super::annotations::lines::Lines;
use super::annotations::{
    Folders, FormatError, Head, Known, Loss, Losses, NO_SPLIT, Number, PixelSize, Place, Reading, Scale, Survey,
    Writing, boxes_of, folder_of, part_of, resolved, split_called,
};
use crate::model::region::{Rect, Shape};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::io::Read;

/// The keys of the lists in `objects`.
const OBJECT_KEYS: [&str; 6] = ["bbox", "bboxes", "categories", "category", "labels", "label"];
/// A row of a table may be so long.
const MAX_ROW: usize = 64 << 20;

/// What a row says.
#[derive(Default)]
struct Entry<'a> {
    name: Option<String>,
    width: f64,
    height: f64,
    /// JSON, where it is one.
    objects: &'a [u8],
    /// How many other fields say something.
    others: u64,
}

impl<'a> Entry<'a> {
    fn of(line: &'a [u8]) -> Result<Self, String> {
        let fields = fields(line, ["file_name", "width", "height", "objects"])?;
        let [name, width, height, objects] = fields.known;
        let objects = objects.filter(|objects| !["null".as_bytes(), b"\"\""].contains(objects)).unwrap_or_default();
        let (name, others) = (json::read(name), fields.others);
        Ok(Self { name, width: number(width), height: number(height), objects, others })
    }
}

/// Reads every file called `metadata.jsonl` or `metadata.csv`. Where both are in one folder, the second is left out.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    let is_called = |path: &str, name: &str| path.rsplit('/').next() == Some(name);
    paths.retain(|path| is_called(path, "metadata.jsonl") || is_called(path, "metadata.csv"));
    paths.sort_by_key(|path| is_called(path, "metadata.csv"));
    let (mut known, mut folders) = (Known::default(), HashSet::new());
    for file in &paths {
        if !folders.insert(folder_of(file)) {
            reading.losses.add(Loss::File, || file.clone());
        } else if file.ends_with(".csv") {
            read_table(reading, file, &mut known)?;
        } else {
            let mut lines = Lines::open(reading.files, file)?;
            while let Some((number, line)) = lines.next()? {
                read_row(reading, file, number, Entry::of(line), &mut known)?;
            }
        }
    }
    if paths.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no metadata.jsonl and no metadata.csv"));
    }
    Ok(())
}

/// Whether the name of a folder has one of the words in it by which the library knows the parts of a split.
fn is_part(name: &str) -> bool {
    let words = ["train", "training", "val", "valid", "validation", "dev", "test", "testing", "eval", "evaluation"];
    name.split(|character: char| !character.is_alphanumeric()).any(|word| words.contains(&word.to_lowercase().as_str()))
}

/// Ends with an error where a row is too long to be one.
struct Bounded<R> {
    reader: R,
    left: std::rc::Rc<std::cell::Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        match self.left.get().checked_sub(count) {
            Some(left) => self.left.set(left),
            None => return Err(std::io::ErrorKind::FileTooLarge.into()),
        }
        Ok(count)
    }
}

fn read_table(reading: &mut Reading, file: &str, known: &mut Known) -> Result<(), FormatError> {
    let left = std::rc::Rc::new(std::cell::Cell::new(MAX_ROW));
    let files = reading.files;
    let bounded = Bounded { reader: files.open(file).map_err(FormatError::io(file))?, left: left.clone() };
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(bounded);
    let fault = |error: csv::Error| {
        let line = error.position().map_or(Place::Whole, |at| Place::Line(at.line()));
        FormatError::invalid(file, line, error.to_string())
    };
    let header = table.byte_headers().map_err(fault)?.clone();
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let names: Vec<String> = header.iter().map(text).collect();
    let mut record = csv::ByteRecord::new();
    while table.read_byte_record(&mut record).map_err(fault)? {
        left.set(MAX_ROW);
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Entry { width: f64::NAN, height: f64::NAN, ..Entry::default() };
        for (name, field) in names.iter().zip(&record) {
            match name.trim_start_matches('\u{feff}') {
                "file_name" => row.name = Some(text(field)),
                "width" => row.width = Number::parse(&text(field)),
                "height" => row.height = Number::parse(&text(field)),
                "objects" => row.objects = field.trim_ascii(),
                _ => row.others += u64::from(!field.is_empty()),
            }
        }
        read_row(reading, file, line, Ok(row), known)?;
    }
    Ok(())
}

fn number(value: Option<&[u8]>) -> f64 {
    json::read::<Number>(value).map_or(f64::NAN, |number| number.0)
}

fn read_row(
    reading: &mut Reading,
    file: &str,
    line: u64,
    row: Result<Entry, String>,
    known: &mut Known,
) -> Result<(), FormatError> {
    let place = || format!("{file}, line {line}");
    let row = match row {
        Ok(row) => row,
        Err(message) => {
            reading.losses.add(Loss::Unreadable, || format!("{}: {message}", place()));
            return Ok(());
        }
    };
    let folder = folder_of(file);
    let split = folder.rsplit('/').next().filter(|name| is_part(name)).map(str::to_owned);
    let Some(path) = row.name.and_then(|name| resolved(folder, &name)) else {
        reading.losses.add(Loss::BadName, place);
        return Ok(());
    };
    // The folder of a part is not in the paths of its pictures, any other is.
    let path = match path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) if split.is_some() => match folder_of(folder) {
            "" => rest.to_owned(),
            above => format!("{above}/{rest}"),
        },
        _ => path,
    };
    reading.losses.add_many(Loss::OfPicture, row.others, place);
    let size = reading.size(PixelSize::of(row.width, row.height), &path);
    let picture = reading.picture(known, Head { path, size, split }, &place)?;
    if row.objects.is_empty() {
        return Ok(());
    }
    let [bbox, bboxes, categories, category, labels, label] = match fields(row.objects, OBJECT_KEYS) {
        Ok(fields) => fields.known,
        Err(_) => {
            reading.losses.add(Loss::Unreadable, || format!("{}, objects", place()));
            return Ok(());
        }
    };
    let others = entries(row.objects).filter(|(key, _)| !OBJECT_KEYS.contains(&key.as_str()));
    let others = others.map(|(_, value)| if value.starts_with(b"[") { entries(value).count() as u64 } else { 1 });
    reading.losses.add_many(Loss::Attribute, others.sum(), place);
    let is_list = |value: &&[u8]| value.starts_with(b"[");
    let boxes = entries([bbox, bboxes].into_iter().flatten().find(is_list).unwrap_or_default());
    let classes = [categories, category, labels, label].into_iter().flatten().find(is_list).unwrap_or_default();
    let mut classes = entries(classes).map(|(_, class)| class);
    let mut boxes = boxes.map(|(_, bbox)| bbox).enumerate().peekable();
    if size.is_none() && boxes.peek().is_some() {
        reading.losses.add(Loss::UnknownSize, place);
        return Ok(());
    }
    for (index, bbox) in boxes {
        let place = || format!("{file}, line {line}, objects.bbox[{index}]");
        let class = classes.next();
        let (Some([x, y, w, h]), Some(size)) = (json::read::<[Number; 4]>(Some(bbox)), size) else {
            reading.losses.add(Loss::Unreadable, place);
            continue;
        };
        let object = match class {
            Some(number @ [b'-' | b'0'..=b'9', ..]) => {
                reading.losses.add(Loss::UnknownObject, place);
                String::from_utf8_lossy(number).into_owned()
            }
            name => json::read(name).unwrap_or_default(),
        };
        let [x, y, w, h] = [x, y, w, h].map(|side| side.0);
        reading.region(picture, Scale::from(size), Shape::Bbox(Rect { x, y, w, h }), &object, &place)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Row<'a> {
    file_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    objects: Objects<'a>,
}

/// Numbers have a point always: a column of both sorts would have no type.
#[derive(Default, Serialize)]
struct Objects<'a> {
    bbox: Vec<[f64; 4]>,
    categories: Vec<&'a str>,
}

/// Writes `metadata.jsonl` into each part's folder, and expects the part's pictures beside it. Pictures of unknown size are said without their
/// regions. Walks through the source three times, and once for each part of the split.
///
/// The library takes types from what stands there, and asks that those of all parts are the same: lists without anything in them have none.
/// So where a part has no box and another has, all are written as `metadata.csv`, whose `objects` are texts in any case.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let mut with_boxes: BTreeMap<String, bool> = BTreeMap::new();
    writing.source.each(&mut |picture| {
        // What is lost is counted when it is written.
        let has_boxes = !boxes_of(picture, &mut Losses::default()).is_empty();
        *with_boxes.entry(part_of(&picture.head)).or_default() |= has_boxes;
        Ok(())
    })?;
    let is_mixed = with_boxes.values().any(|has| *has) && with_boxes.values().any(|has| !*has);
    write_as(writing, if is_mixed { "metadata.csv" } else { "metadata.jsonl" })
}

/// Writes the same as [`write`], as `metadata.csv`.
pub fn write_csv(writing: &mut Writing) -> Result<(), FormatError> {
    write_as(writing, "metadata.csv")
}

fn write_as(writing: &mut Writing, name: &str) -> Result<(), FormatError> {
    let survey = Survey::of(writing.source)?;
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    let folders = Folders::with(&survey.parts);
    source.each(&mut |picture| Ok(output.picture(&picture.head, &folders.place(&picture.head, writing.losses))?))?;
    for part in &survey.parts {
        let path = if part == NO_SPLIT { name.to_owned() } else { format!("{part}/{name}") };
        writing.file(&path, |source, file, losses| {
            let io = |error| FormatError::io(&path)(error);
            let json = |error: serde_json::Error| FormatError::io(&path)(error.into());
            let is_table = name.ends_with(".csv");
            if is_table {
                writeln!(file, "file_name,width,height,objects").map_err(io)?;
            }
            source.each(&mut |picture| {
                let head = &picture.head;
                if part_of(head) != *part {
                    return Ok(());
                }
                // The library takes it for a folder like any other.
                if head.split.is_some() && (split_called(part) != head.split || !is_part(part)) {
                    losses.add(Loss::Split, || head.path.clone());
                }
                let mut objects = Objects::default();
                for (object, Rect { x, y, w, h }) in boxes_of(picture, losses) {
                    objects.bbox.push([x, y, w, h]);
                    objects.categories.push(object);
                }
                let (named, _) = folders.path_of(head);
                let [width, height] = [head.size.map(|size| size.width), head.size.map(|size| size.height)];
                if is_table {
                    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
                    let side = |side: Option<u32>| side.map(|side| side.to_string()).unwrap_or_default();
                    let objects = serde_json::to_string(&objects).map_err(json)?;
                    let (path, width, height) = (quoted(&named), side(width), side(height));
                    return writeln!(file, "{path},{width},{height},{}", quoted(&objects)).map_err(io);
                }
                serde_json::to_writer(&mut *file, &Row { file_name: &named, width, height, objects }).map_err(json)?;
                writeln!(file).map_err(io)
            })
        })?;
    }
    Ok(())
}
