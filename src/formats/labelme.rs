//! labelme: a JSON file beside each picture.
//!
//! After `labelme/_label_file.py`, `shape.py` and the documentation of wkentaro/labelme (versions 3 to 5) and its forks. Coordinates
//! are pixels from the top left corner. A `rectangle` is two opposite corners in any order, in forks four; a `line` has two corners
//! and a `linestrip` more; a shape without a type is a polygon. `imagePath` starts at the folder of the file.
//!
//! Carried: everything that we have: boxes, polygons, polylines and points, to a millionth of a pixel. There is no word for the parts of a
//! split, so they become folders, which is counted, since nothing says what they are. Circles and masks are lost in reading, as are flags, groups and descriptions.

#[cfg(test)]
mod tests;

use super::annotations::json::{Attributes, Scanner, said};
use super::annotations::{
    FormatError, Head, Known, Loss, Number, PixelSize, Place, Reading, Scale, Stems, Writing, folder_of, in_pixels,
    resolved, stem_of, under_part,
};
use crate::model::region::{Point, Rect, Shape};
use serde::de::IgnoredAny;
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
    group_id: Option<IgnoredAny>,
    description: Option<String>,
    flags: Option<Attributes>,
}

/// Reads every JSON file with `shapes` in it. One that is broken is left out, and counted. Each is read twice, since the size may come after
/// the shapes.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let mut known = Known::default();
    for file in &paths {
        let head = match read_head(reading, file) {
            Ok(Some(head)) => head,
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
        let size = head.size;
        let picture = reading.picture(&mut known, head, &|| file.clone())?;
        read_shapes(reading, file, picture, size)?;
    }
    if known.is_empty() {
        return Err(FormatError::invalid("", Place::Whole, "there is no JSON file with `shapes`"));
    }
    Ok(())
}

/// A file's picture, unless its name is of no use; `None` if the file is of another sort.
fn read_head(reading: &mut Reading, file: &str) -> Result<Option<Option<Head>>, FormatError> {
    let mut scanner = Scanner::open(reading.files, file)?;
    if scanner.peek()? != Some(b'{') {
        return Ok(None);
    }
    let (mut name, mut width, mut height, mut flags, mut has_shapes) = (None, f64::NAN, f64::NAN, 0, false);
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        match (key.as_str(), scanner.peek()?) {
            ("imagePath", Some(b'"')) => name = Some(scanner.needed::<String>("imagePath")?),
            ("imageWidth", _) => width = scanner.needed::<Number>("imageWidth")?.0,
            ("imageHeight", _) => height = scanner.needed::<Number>("imageHeight")?.0,
            ("flags", Some(b'{')) => flags = scanner.needed::<Attributes>("flags")?.0,
            (key, next) => {
                has_shapes |= key == "shapes" && next == Some(b'[');
                // Among others the picture itself, as text.
                scanner.skip()?;
            }
        }
    }
    scanner.finish()?;
    if !has_shapes {
        return Ok(None);
    }
    reading.losses.add_many(Loss::OfPicture, flags, || format!("{file}, flags"));
    let path = match name.filter(|name| !name.is_empty()) {
        Some(name) => resolved(folder_of(file), &name),
        None => resolved("", stem_of(file)),
    };
    Ok(Some(path.map(|path| {
        let size = reading.size(PixelSize::of(width, height), &path);
        Head { path, size, split: None }
    })))
}

/// Hands the shapes on one by one, so that their number does not matter.
fn read_shapes(reading: &mut Reading, file: &str, picture: usize, size: Option<PixelSize>) -> Result<(), FormatError> {
    let mut scanner = Scanner::open(reading.files, file)?;
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        if key != "shapes" || scanner.peek()? != Some(b'[') {
            scanner.skip()?;
            continue;
        }
        scanner.enter(b'[')?;
        let mut index = 0_u64;
        while scanner.item()? {
            let place = || format!("{file}, shapes[{index}]");
            reading.losses.add_many(Loss::UnknownSize, u64::from(size.is_none() && index == 0), place);
            match scanner.value::<Entry>()? {
                Ok(entry) => read_entry(reading, &entry, picture, size, &place)?,
                Err(error) => reading.losses.add(Loss::Unreadable, || format!("{}: {}", place(), said(&error))),
            }
            index += 1;
        }
    }
    Ok(())
}

fn read_entry(
    reading: &mut Reading,
    entry: &Entry,
    picture: usize,
    size: Option<PixelSize>,
    place: &dyn Fn() -> String,
) -> Result<(), FormatError> {
    let flags = entry.flags.unwrap_or_default().0;
    let has_text = entry.description.as_ref().is_some_and(|text| !text.is_empty());
    let attributes = flags + u64::from(entry.group_id.is_some()) + u64::from(has_text);
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
    reading.regions(picture, size.map(Scale::from), shapes, entry.label.as_deref().unwrap_or_default(), place)
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
        if head.split.is_some() {
            losses.add(Loss::Split, || head.path.clone());
        }
        output.picture(head, &path)?;
        let shapes = match head.size {
            Some(size) => {
                picture.regions.iter().map(|region| said_as(&in_pixels(&region.shape, size), &region.object)).collect()
            }
            None => {
                losses.add_many(Loss::UnknownSize, u64::from(!picture.regions.is_empty()), || head.path.clone());
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
