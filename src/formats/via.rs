//! VGG Image Annotator 2: one JSON dictionary of pictures.
//!
//! After the user guide and the source of VIA 2 (robots.ox.ac.uk/~vgg/software/via, "Annotations (as json)"). Coordinates are pixels from the
//! top left corner; the key of a picture is its name and its size in bytes, put together; what a region shows is one of its
//! attributes, which everybody calls differently. A project has the same dictionary under `_via_img_metadata`, and in VIA 1 the
//! regions are a dictionary themselves.
//!
//! Carried: everything that we have: boxes, polygons, polylines and points, to a millionth of a pixel. The part of the split is an
//! attribute of the file. Sizes in pixels are not said, so reading asks for them.
//!
//! Reading takes for the object the attribute that is called so, or like it, or else the only one. Circles and ellipses are lost.

#[cfg(test)]
mod tests;

use super::annotations::json::{self, Scanner, entries, fields, said};
use super::annotations::tree::Tree;
use super::annotations::{
    Folders, FormatError, Head, Known, Loss, Number, Place, Reading, Scale, Writing, in_pixels, path_of_url,
    split_called, without_part,
};
use crate::model::region::{Point, Rect, Shape};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the attribute with the object is called, best first.
const OBJECT_KEYS: [&str; 7] = ["object", "label", "class", "name", "category", "type", "class_name"];
/// The size in bytes of a file that VIA does not know.
const NO_SIZE: i8 = -1;

/// What may be said of one region or picture in so many values.
type Attributes = Tree<10_000>;

#[derive(Deserialize)]
struct RegionEntry {
    shape_attributes: ShapeEntry,
    #[serde(default)]
    region_attributes: Attributes,
}

#[derive(Deserialize)]
struct ShapeEntry {
    #[serde(default)]
    name: String,
    x: Option<Number>,
    y: Option<Number>,
    width: Option<Number>,
    height: Option<Number>,
    cx: Option<Number>,
    cy: Option<Number>,
    all_points_x: Option<Vec<Number>>,
    all_points_y: Option<Vec<Number>>,
}

/// Reads every JSON file: the annotations themselves, or a project.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let mut known = Known::default();
    for file in &paths {
        let mut scanner = Scanner::open(reading.files, file)?;
        read_entries(reading, &mut scanner, file, &mut known, true)?;
        scanner.finish()?;
    }
    if paths.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no JSON file"));
    }
    Ok(())
}

fn read_entries(
    reading: &mut Reading,
    scanner: &mut Scanner,
    file: &str,
    known: &mut Known,
    is_root: bool,
) -> Result<(), FormatError> {
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        if is_root && key == "_via_img_metadata" {
            read_entries(reading, scanner, file, known, false)?;
        } else if is_root && key.starts_with("_via_") {
            scanner.skip()?;
        } else {
            let place = format!("{file}, {key:?}");
            read_entry(reading, scanner.raw()?, known, &place)?;
        }
    }
    Ok(())
}

fn read_entry(reading: &mut Reading, entry: &[u8], known: &mut Known, place: &str) -> Result<(), FormatError> {
    let keys = ["filename", "regions", "file_attributes"];
    let [name, regions, attributes] = match fields(entry, keys) {
        Ok(fields) => fields.known,
        Err(message) => {
            reading.losses.add(Loss::Unreadable, || format!("{place}: {message}"));
            return Ok(());
        }
    };
    let attributes: Attributes = json::read(attributes).unwrap_or_default();
    let split = attributes.0.get("split").and_then(Value::as_str).and_then(split_called);
    let others =
        attributes.0.as_object().into_iter().flatten().filter(|(key, value)| *key != "split" && is_said(value));
    reading.losses.add_many(Loss::OfPicture, others.count() as u64, || place.to_owned());
    let name = json::read::<String>(name).unwrap_or_default();
    let Some(path) = path_of_url(&name).map(|path| without_part(path, split.as_deref())) else {
        reading.losses.add(Loss::BadName, || place.to_owned());
        return Ok(());
    };
    let size = reading.size(None, &path);
    let picture = reading.picture(known, Head { path, size, split }, &|| place.to_owned())?;
    let mut regions: Vec<(u64, &[u8])> =
        entries(regions.unwrap_or_default()).map(|(key, region)| (key.parse().unwrap_or(u64::MAX), region)).collect();
    // The keys of a dictionary are numbers, and `10` stands before `2` where they are sorted as texts.
    regions.sort_by_key(|(key, _)| *key);
    if size.is_none() && !regions.is_empty() {
        reading.losses.add(Loss::UnknownSize, || place.to_owned());
        return Ok(());
    }
    for (index, (_, region)) in regions.into_iter().enumerate() {
        let place = || format!("{place}.regions[{index}]");
        let region = match serde_json::from_slice::<RegionEntry>(region) {
            Ok(region) => region,
            Err(error) => {
                reading.losses.add(Loss::Unreadable, || format!("{}: {}", place(), said(&error)));
                continue;
            }
        };
        let (object, others) = object_of(&region.region_attributes.0);
        reading.losses.add_many(Loss::Attribute, others, place);
        match (shape_of(region.shape_attributes), size) {
            (Some(shape), Some(size)) => reading.region(picture, Scale::from(size), shape, &object, &place)?,
            _ => reading.losses.add(Loss::OtherShape, place),
        }
    }
    Ok(())
}

fn is_said(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(boxes) => boxes.values().any(is_said),
        _ => true,
    }
}

/// The object that attributes name, and how many others there are.
fn object_of(attributes: &Value) -> (String, u64) {
    let said: Vec<(&String, &Value)> =
        attributes.as_object().into_iter().flatten().filter(|(_, value)| is_said(value)).collect();
    let rank = |key: &str| OBJECT_KEYS.iter().position(|known| key.eq_ignore_ascii_case(known));
    let named = said.iter().filter_map(|(key, value)| Some((rank(key)?, *value))).min_by_key(|(rank, _)| *rank);
    let object = match (named, said.as_slice()) {
        (Some((_, value)), _) => value,
        (None, [(_, value)]) => *value,
        _ => return (String::new(), said.len() as u64),
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let others = said.len() as u64 - 1;
    match object {
        // Boxes that are ticked: the first is as good as any.
        Value::Object(boxes) => {
            let ticked: Vec<&String> = boxes.iter().filter(|(_, value)| is_said(value)).map(|(key, _)| key).collect();
            let first = ticked.first().map(|key| (*key).clone()).unwrap_or_default();
            (first, others + ticked.len().saturating_sub(1) as u64)
        }
        other => (text(other), others),
    }
}

fn shape_of(entry: ShapeEntry) -> Option<Shape> {
    let number = |number: Option<Number>| number.map_or(f64::NAN, |number| number.0);
    let points = |x: Option<Vec<Number>>, y: Option<Vec<Number>>| {
        let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
        // With more of one than of the other, nobody knows which belong together.
        if x.len() != y.len() {
            return vec![Point { x: f64::NAN, y: f64::NAN }; 3];
        }
        x.iter().zip(&y).map(|(x, y)| Point { x: x.0, y: y.0 }).collect()
    };
    match entry.name.as_str() {
        "rect" => {
            let (x, y, w, h) = (number(entry.x), number(entry.y), number(entry.width), number(entry.height));
            Some(Shape::Bbox(Rect { x, y, w, h }))
        }
        "polygon" => Some(Shape::Polygon(points(entry.all_points_x, entry.all_points_y))),
        "polyline" => Some(Shape::Polyline(points(entry.all_points_x, entry.all_points_y))),
        "point" => Some(Shape::Point(Point { x: number(entry.cx), y: number(entry.cy) })),
        _ => None,
    }
}

#[derive(Serialize)]
struct EntryOut<'a> {
    filename: &'a str,
    size: i8,
    regions: Vec<RegionOut<'a>>,
    file_attributes: FileAttributes<'a>,
}

#[derive(Serialize)]
struct FileAttributes<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    split: Option<&'a str>,
}

#[derive(Serialize)]
struct RegionOut<'a> {
    shape_attributes: ShapeOut,
    region_attributes: RegionAttributes<'a>,
}

#[derive(Serialize)]
struct RegionAttributes<'a> {
    object: &'a str,
}

#[derive(Serialize)]
#[serde(tag = "name", rename_all = "lowercase")]
enum ShapeOut {
    Rect { x: Number, y: Number, width: Number, height: Number },
    Polygon { all_points_x: Vec<Number>, all_points_y: Vec<Number> },
    Polyline { all_points_x: Vec<Number>, all_points_y: Vec<Number> },
    Point { cx: Number, cy: Number },
}

/// Writes `via.json`, and expects pictures beside it. Pictures of unknown size are said without their regions. Walks through the source three times.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    let folders = Folders::of(source)?;
    source.each(&mut |picture| Ok(output.picture(&picture.head, &folders.place(&picture.head, writing.losses))?))?;
    let path = "via.json";
    writing.file(path, |source, file, losses| {
        let io = |error| FormatError::io(path)(error);
        let json = |error: serde_json::Error| FormatError::io(path)(error.into());
        write!(file, "{{").map_err(io)?;
        let mut entries = 0_u64;
        source.each(&mut |picture| {
            let head = &picture.head;
            let filename = folders.path(head);
            let regions = match head.size {
                Some(size) => {
                    let said = picture.regions.iter().map(|region| RegionOut {
                        shape_attributes: said_as(&in_pixels(&region.shape, size)),
                        region_attributes: RegionAttributes { object: &region.object },
                    });
                    said.collect()
                }
                None => {
                    losses.add_many(Loss::UnknownSize, u64::from(!picture.regions.is_empty()), || head.path.clone());
                    Vec::new()
                }
            };
            entries += 1;
            writeln!(file, "{}", if entries > 1 { "," } else { "" }).map_err(io)?;
            serde_json::to_writer(&mut *file, &format!("{filename}{NO_SIZE}")).map_err(json)?;
            write!(file, ":").map_err(io)?;
            let file_attributes = FileAttributes { split: head.split.as_deref() };
            let entry = EntryOut { filename: &filename, size: NO_SIZE, regions, file_attributes };
            serde_json::to_writer(&mut *file, &entry).map_err(json)
        })?;
        writeln!(file, "}}").map_err(io)
    })
}

fn said_as(shape: &Shape) -> ShapeOut {
    let sides = |points: &[Point]| -> (Vec<Number>, Vec<Number>) {
        points.iter().map(|point| (Number(point.x), Number(point.y))).unzip()
    };
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            ShapeOut::Rect { x: Number(*x), y: Number(*y), width: Number(*w), height: Number(*h) }
        }
        Shape::Polygon(points) => {
            let (all_points_x, all_points_y) = sides(points);
            ShapeOut::Polygon { all_points_x, all_points_y }
        }
        Shape::Polyline(points) => {
            let (all_points_x, all_points_y) = sides(points);
            ShapeOut::Polyline { all_points_x, all_points_y }
        }
        Shape::Point(point) => ShapeOut::Point { cx: Number(point.x), cy: Number(point.y) },
    }
}
