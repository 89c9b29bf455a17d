//! labelme: a JSON file beside each picture.
//!
//! After `labelme/_label_file.py`, `shape.py` and the documentation of wkentaro/labelme (versions 3 to 5) and its forks. Coordinates
//! are pixels from the top left corner. A `rectangle` is two opposite corners in any order, in forks four; a `line` has two corners
//! and a `linestrip` more; a shape without a type is a polygon. `imagePath` starts at the folder of the file.
//!
//! Carried: everything that we have: boxes, polygons, polylines and points, to a millionth of a pixel. There is no word for the parts of a
//! split, so they become folders. Circles and masks are lost in reading, as are flags, groups and descriptions.

#[cfg(test)]
mod tests;

use super::annotations::json::{Scanner, said};
use super::annotations::{
    FormatError, Head, Known, Loss, Number, PixelSize, Place, Reading, Scale, Stems, Writing, folder_of, in_pixels,
    resolved, stem_of, under_part,
};
use crate::model::region::{Point, Rect, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What programs that read the format look at to tell whether they know it.
const VERSION: &str = "5.5.0";

#[derive(Deserialize)]
struct Entry {
    label: Option<String>,
    #[serde(default)]
    points: Vec<Vec<Number>>,
    shape_type: Option<String>,
    group_id: Option<Value>,
    description: Option<String>,
    flags: Option<Map<String, Value>>,
}

/// Reads every JSON file with `shapes` in it. One that is broken is left out, and counted.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let (mut pictures, mut known) = (0, Known::default());
    for file in &paths {
        let (head, shapes) = match read_head(reading, file) {
            Ok(Some(found)) => found,
            Ok(None) => {
                reading.losses.add(Loss::File, || file.clone());
                continue;
            }
            Err(FormatError::Invalid { file, place, message }) => {
                reading.losses.add(Loss::Unreadable, || format!("{file}{place}: {message}"));
                continue;
            }
            Err(error) => return Err(error),
        };
        let Some(head) = head else {
            reading.losses.add(Loss::BadName, || file.clone());
            continue;
        };
        if !known.is_new(file, None, &head.path)? {
            reading.losses.add(Loss::DuplicatePicture, || file.clone());
            continue;
        }
        let size = head.size;
        reading.sink.picture(head)?;
        for (index, entry) in shapes.into_iter().enumerate() {
            let place = || format!("{file}, shapes[{index}]");
            match entry {
                Ok(entry) => read_entry(reading, &entry, pictures, size, &place)?,
                Err(message) => reading.losses.add(Loss::Unreadable, || format!("{}: {message}", place())),
            }
        }
        pictures += 1;
    }
    if pictures == 0 {
        return Err(FormatError::invalid("", Place::Whole, "there is no JSON file with `shapes`"));
    }
    Ok(())
}

/// A file's picture, unless its name is of no use, and its shapes; `None` if the file is of another sort.
type Found = Option<(Option<Head>, Vec<Result<Entry, String>>)>;

fn read_head(reading: &mut Reading, file: &str) -> Result<Found, FormatError> {
    let mut scanner = Scanner::open(reading.files, file)?;
    if scanner.peek()? != Some(b'{') {
        return Ok(None);
    }
    let (mut name, mut width, mut height, mut shapes) = (None, f64::NAN, f64::NAN, None);
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        match (key.as_str(), scanner.peek()?) {
            ("imagePath", Some(b'"')) => name = Some(scanner.needed::<String>("imagePath")?),
            ("imageWidth", _) => width = scanner.needed::<Number>("imageWidth")?.0,
            ("imageHeight", _) => height = scanner.needed::<Number>("imageHeight")?.0,
            ("flags", Some(b'{')) => {
                let flags = scanner.needed::<Map<String, Value>>("flags")?;
                let count = flags.values().filter(|flag| **flag == Value::Bool(true)).count();
                reading.losses.add_many(Loss::OfPicture, count as u64, || format!("{file}, flags"));
            }
            ("shapes", Some(b'[')) => {
                let mut entries = Vec::new();
                scanner.enter(b'[')?;
                while scanner.item()? {
                    entries.push(scanner.value::<Entry>()?.map_err(|error| said(&error)));
                }
                shapes = Some(entries);
            }
            // Among others the picture itself, as text.
            _ => scanner.skip()?,
        }
    }
    scanner.finish()?;
    let Some(shapes) = shapes else { return Ok(None) };
    let path = match name.filter(|name| !name.is_empty()) {
        Some(name) => resolved(folder_of(file), &name),
        None => resolved("", stem_of(file)),
    };
    let head = path.map(|path| {
        let size = reading.size(PixelSize::of(width, height), &path);
        Head { path, size, split: None }
    });
    Ok(Some((head, shapes)))
}

fn read_entry(
    reading: &mut Reading,
    entry: &Entry,
    picture: usize,
    size: Option<PixelSize>,
    place: &dyn Fn() -> String,
) -> Result<(), FormatError> {
    let flags = entry.flags.iter().flat_map(Map::values).filter(|flag| **flag == Value::Bool(true)).count();
    let has_group = entry.group_id.as_ref().is_some_and(|group| !group.is_null());
    let has_text = entry.description.as_ref().is_some_and(|text| !text.is_empty());
    let attributes = flags as u64 + u64::from(has_group) + u64::from(has_text);
    reading.losses.add_many(Loss::Attribute, attributes, place);
    let points: Vec<Point> = entry
        .points
        .iter()
        .map(|point| match point.as_slice() {
            [x, y, ..] => Point { x: x.0, y: y.0 },
            _ => Point { x: f64::NAN, y: f64::NAN },
        })
        .collect();
    let shapes = match (entry.shape_type.as_deref().unwrap_or("polygon"), points.as_slice()) {
        ("rectangle", [a, b]) => vec![Shape::Bbox(rect_between(*a, *b))],
        ("rectangle", [a, b, c, d]) if is_upright([*a, *b, *c, *d]) => vec![Shape::Bbox(rect_between(*a, *c))],
        ("polygon" | "rectangle" | "rotation" | "oriented_rectangle", _) => vec![Shape::Polygon(points)],
        ("line" | "linestrip", _) => vec![Shape::Polyline(points)],
        ("point" | "points", _) => points.into_iter().map(Shape::Point).collect(),
        _ => {
            reading.losses.add(Loss::OtherShape, place);
            return Ok(());
        }
    };
    match shapes.len() {
        0 => reading.losses.add(Loss::Degenerate, place),
        1 => {}
        _ => reading.losses.add(Loss::SeveralParts, place),
    }
    let Some(size) = size else {
        reading.losses.add(Loss::UnknownSize, place);
        return Ok(());
    };
    for shape in shapes {
        reading.region(picture, Scale::from(size), shape, entry.label.as_deref().unwrap_or_default(), place)?;
    }
    Ok(())
}

/// The box that has these corners opposite to each other.
fn rect_between(a: Point, b: Point) -> Rect {
    Rect { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() }
}

/// Whether four corners, one after the other, are those of an upright box.
fn is_upright([a, b, c, d]: [Point; 4]) -> bool {
    (a.x == b.x && b.y == c.y && c.x == d.x && d.y == a.y) || (a.y == b.y && b.x == c.x && c.y == d.y && d.x == a.x)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: &'static str,
    flags: Map<String, Value>,
    shapes: Vec<ShapeOut<'a>>,
    image_path: &'a str,
    image_data: Option<()>,
    image_height: Option<u32>,
    image_width: Option<u32>,
}

#[derive(Serialize)]
struct ShapeOut<'a> {
    label: &'a str,
    points: Vec<[Number; 2]>,
    group_id: Option<()>,
    description: &'static str,
    shape_type: &'static str,
    flags: Map<String, Value>,
}

/// Writes a file for each picture, and expects the picture beside it. Pictures of unknown size are said without their regions. Walks
/// through the source once.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let mut stems = Stems::default();
    let (source, output, losses) = (&mut *writing.source, &mut *writing.output, &mut *writing.losses);
    source.each(&mut |picture| {
        let head = &picture.head;
        let (path, is_own) = stems.distinct("", &under_part(head));
        if !is_own {
            losses.add(Loss::Renamed, || head.path.clone());
        }
        output.picture(head, &path)?;
        let shapes = match head.size {
            Some(size) => {
                picture.regions.iter().map(|region| said_as(&in_pixels(&region.shape, size), &region.object)).collect()
            }
            None => {
                losses.add(Loss::UnknownSize, || head.path.clone());
                Vec::new()
            }
        };
        let document = Document {
            version: VERSION,
            flags: Map::new(),
            shapes,
            image_path: path.rsplit('/').next().unwrap_or_default(),
            image_data: None,
            image_height: head.size.map(|size| size.height),
            image_width: head.size.map(|size| size.width),
        };
        let name = format!("{}.json", stem_of(&path));
        let text = serde_json::to_vec_pretty(&document).map_err(|error| FormatError::io(&name)(error.into()))?;
        let mut file = output.file(&name).map_err(FormatError::io(&name))?;
        file.write_all(&text).map_err(FormatError::io(&name))
    })
}

fn said_as<'a>(shape: &Shape, label: &'a str) -> ShapeOut<'a> {
    let pair = |point: &Point| [Number(point.x), Number(point.y)];
    let (shape_type, points) = match shape {
        Shape::Bbox(Rect { x, y, w, h }) => {
            ("rectangle", vec![pair(&Point { x: *x, y: *y }), pair(&Point { x: x + w, y: y + h })])
        }
        Shape::Polygon(points) => ("polygon", points.iter().map(pair).collect()),
        Shape::Polyline(points) if points.len() == 2 => ("line", points.iter().map(pair).collect()),
        Shape::Polyline(points) => ("linestrip", points.iter().map(pair).collect()),
        Shape::Point(point) => ("point", vec![pair(point)]),
    };
    ShapeOut { label, points, group_id: None, description: "", shape_type, flags: Map::new() }
}
