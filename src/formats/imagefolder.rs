//! Hugging Face's imagefolder: `metadata.jsonl` or `metadata.csv` in a folder of pictures.
//!
//! After the pages "Create an image dataset" (object detection) and "ImageFolder" of huggingface.co/docs/datasets. `file_name` starts at the folder of
//! the file, and each part of the split is a folder with a file of its own, which the library knows by words like `train` in its name. `objects` has the boxes as `bbox`, `[x, y, width,
//! height]` in pixels, and as many `categories`, names or numbers; others call them `category`, `label` or `labels`.
//!
//! Carried: boxes, to a millionth of a pixel. A polygon becomes the box around it, which is counted; polylines and points are lost.
//! Width and height are columns of their own, so that the file says what its pixels are parts of; where others do not, reading asks.
//!
//! Tables have no dictionaries, so `objects` stands in `metadata.csv` as JSON text.

#[cfg(test)]
mod tests;

use super::annotations::json::said;
use super::annotations::lines::Lines;
use super::annotations::{
    FormatError, Head, Known, Loss, NO_SPLIT, Number, PixelSize, Place, Reading, Scale, Survey, Writing, folder_of,
    in_pixels, part_of, resolved, under_part,
};
use crate::model::region::{Kind, Rect, Region, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::io::Read;

/// A row of a table may be so long.
const MAX_ROW: usize = 64 << 20;

/// What has been read so far.
#[derive(Default)]
struct Progress {
    pictures: usize,
    known: Known,
}

/// Reads every file called `metadata.jsonl` or `metadata.csv`. Where both are in one folder, the second is left out.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    let is_called = |path: &str, name: &str| path.rsplit('/').next() == Some(name);
    paths.retain(|path| is_called(path, "metadata.jsonl") || is_called(path, "metadata.csv"));
    paths.sort_by_key(|path| is_called(path, "metadata.csv"));
    let (mut progress, mut folders) = (Progress::default(), HashSet::new());
    for file in &paths {
        if !folders.insert(folder_of(file)) {
            reading.losses.add(Loss::File, || file.clone());
        } else if file.ends_with(".csv") {
            read_table(reading, file, &mut progress)?;
        } else {
            let mut lines = Lines::open(reading.files, file)?;
            while let Some(line) = lines.next()? {
                let row = serde_json::from_slice::<Map<String, Value>>(line).map_err(|error| said(&error));
                read_row(reading, file, lines.number, row, &mut progress)?;
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

fn read_table(reading: &mut Reading, file: &str, progress: &mut Progress) -> Result<(), FormatError> {
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
        let mut row = Map::new();
        for (name, field) in names.iter().zip(&record) {
            let value = match name.as_str() {
                "objects" => serde_json::from_slice(field).unwrap_or(Value::String(text(field))),
                _ => Value::String(text(field)),
            };
            row.insert(name.trim_start_matches('\u{feff}').to_owned(), value);
        }
        read_row(reading, file, line, Ok(row), progress)?;
    }
    Ok(())
}

fn number(value: Option<&Value>) -> f64 {
    value.and_then(|value| Number::deserialize(value).ok()).map_or(f64::NAN, |number| number.0)
}

fn read_row(
    reading: &mut Reading,
    file: &str,
    line: u64,
    row: Result<Map<String, Value>, String>,
    progress: &mut Progress,
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
    // The folder of a part is not in the paths of its pictures, any other is.
    let folder = if split.is_some() { "" } else { folder };
    let Some(path) = row.get("file_name").and_then(Value::as_str).and_then(|name| resolved(folder, name)) else {
        reading.losses.add(Loss::BadName, place);
        return Ok(());
    };
    if !progress.known.is_new(file, split.as_deref(), &path)? {
        reading.losses.add(Loss::DuplicatePicture, place);
        return Ok(());
    }
    let is_other = |(key, value): &(&String, &Value)| {
        !["file_name", "objects", "width", "height"].contains(&key.as_str())
            && !value.is_null()
            && value.as_str() != Some("")
    };
    reading.losses.add_many(Loss::OfPicture, row.iter().filter(is_other).count() as u64, place);
    let said = PixelSize::of(number(row.get("width")), number(row.get("height")));
    let size = reading.size(said, &path);
    reading.sink.picture(Head { path, size, split })?;
    let picture = progress.pictures;
    progress.pictures += 1;

    let objects = match row.get("objects") {
        Some(Value::Object(objects)) => objects,
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(()),
        Some(_) => {
            reading.losses.add(Loss::Unreadable, || format!("{}, objects", place()));
            return Ok(());
        }
    };
    let list = |key: &str| objects.get(key).and_then(Value::as_array).map(Vec::as_slice);
    let boxes = list("bbox").or_else(|| list("bboxes")).unwrap_or_default();
    let classes = ["categories", "category", "labels", "label"].into_iter().find_map(list).unwrap_or_default();
    let known = ["bbox", "bboxes", "categories", "category", "labels", "label"];
    let others = objects.iter().filter(|(key, _)| !known.contains(&key.as_str())).map(|(_, value)| match value {
        Value::Array(values) => values.len() as u64,
        _ => 1,
    });
    reading.losses.add_many(Loss::Attribute, others.sum(), place);
    if size.is_none() && !boxes.is_empty() {
        reading.losses.add(Loss::UnknownSize, place);
        return Ok(());
    }
    for (index, bbox) in boxes.iter().enumerate() {
        let place = || format!("{file}, line {line}, objects.bbox[{index}]");
        let (Some([x, y, w, h]), Some(size)) = (bbox.as_array().map(Vec::as_slice), size) else {
            reading.losses.add(Loss::Unreadable, place);
            continue;
        };
        let [x, y, w, h] = [x, y, w, h].map(|side| number(Some(side)));
        let object = match classes.get(index) {
            Some(Value::String(name)) => name.clone(),
            Some(Value::Number(number)) => {
                reading.losses.add(Loss::UnknownObject, place);
                number.to_string()
            }
            _ => String::new(),
        };
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
/// regions. Walks through the source twice, and once for each part of the split.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    write_as(writing, "metadata.jsonl")
}

/// Writes the same as [`write`], as `metadata.csv`.
pub fn write_csv(writing: &mut Writing) -> Result<(), FormatError> {
    write_as(writing, "metadata.csv")
}

fn write_as(writing: &mut Writing, name: &str) -> Result<(), FormatError> {
    let survey = Survey::of(writing.source)?;
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    source.each(&mut |picture| Ok(output.picture(&picture.head, &under_part(&picture.head))?))?;
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
                let mut objects = Objects::default();
                for region in &picture.regions {
                    match said_as(region, head.size) {
                        Ok((Rect { x, y, w, h }, loss)) => {
                            objects.bbox.push([x, y, w, h]);
                            objects.categories.push(&region.object);
                            if let Some(loss) = loss {
                                losses.add(loss, || head.path.clone());
                            }
                        }
                        Err(loss) => losses.add(loss, || head.path.clone()),
                    }
                }
                let [width, height] = [head.size.map(|size| size.width), head.size.map(|size| size.height)];
                if is_table {
                    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
                    let side = |side: Option<u32>| side.map(|side| side.to_string()).unwrap_or_default();
                    let objects = serde_json::to_string(&objects).map_err(json)?;
                    let (path, width, height) = (quoted(&head.path), side(width), side(height));
                    return writeln!(file, "{path},{width},{height},{}", quoted(&objects)).map_err(io);
                }
                serde_json::to_writer(&mut *file, &Row { file_name: &head.path, width, height, objects })
                    .map_err(json)?;
                writeln!(file).map_err(io)
            })
        })?;
    }
    Ok(())
}

fn said_as(region: &Region, size: Option<PixelSize>) -> Result<(Rect, Option<Loss>), Loss> {
    let loss = match region.shape.kind() {
        Kind::Bbox => None,
        Kind::Polygon => Some(Loss::BoxOnly),
        kind => return Err(Loss::of_kind(kind)),
    };
    let rect = in_pixels(&region.shape, size.ok_or(Loss::UnknownSize)?).bounds();
    if rect.w > 0.0 && rect.h > 0.0 { Ok((rect, loss)) } else { Err(Loss::Degenerate) }
}
