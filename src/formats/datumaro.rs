//! Datumaro: one JSON document for each part of the split.
//!
//! After `plugins/data_formats/datumaro/exporter.py` and `base.py` of datumaro 1.x (format version 1.0). Coordinates are pixels from
//! the top left corner; a box is `[x, y, width, height]`, other shapes are x and y in turn; `label_id` counts from 0 in the list
//! of labels; a size is height, then width. An item's `id` is the picture's path without extension.
//!
//! Carried: everything that we have: boxes, polygons, polylines and points, to a millionth of a pixel.
//!
//! Reading: masks become polygons, several points in one shape as many regions. Ellipses and cuboids are lost, and attributes, groups and
//! orders; labels and captions of whole pictures are, too.

#[cfg(test)]
mod tests;

use super::annotations::json::{Attributes, Scanner, entries, said};
use super::annotations::{
    FormatError, Head, Known, Loss, NO_SPLIT, Number, PixelSize, Place, Reading, Scale, Stems, Survey, Writing,
    in_pixels, part_of, resolved, split_called, stem_of,
};
use super::coco::Mask;
use crate::model::region::{Point, Rect, Shape};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The number that says that items are pictures.
const IMAGE: u8 = 2;

#[derive(Deserialize)]
struct Item {
    id: String,
    attr: Option<Attributes>,
    image: Option<ImageEntry>,
}

#[derive(Deserialize)]
struct ImageEntry {
    path: Option<String>,
    size: Option<[Number; 2]>,
}

#[derive(Deserialize)]
struct Entry {
    r#type: String,
    label_id: Option<Number>,
    points: Option<Vec<Number>>,
    bbox: Option<[Number; 4]>,
    rle: Option<Mask>,
    attributes: Option<Attributes>,
    visibility: Option<Vec<Number>>,
    group: Option<Number>,
    z_order: Option<Number>,
}

#[derive(Deserialize)]
struct LabelEntry {
    #[serde(default)]
    name: String,
    parent: Option<String>,
}

/// Reads every JSON file with `items` in it; the part of the split is the name of the file. Each is read twice, since the labels may come after
/// the items.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let (mut documents, mut known) = (0, Known::default());
    let mut objects = HashSet::new();
    for file in &paths {
        let Some(labels) = read_labels(reading, file)? else { continue };
        documents += 1;
        for label in labels.iter().filter(|label| objects.insert((*label).clone())) {
            reading.sink.object(label)?;
        }
        let name = file.rsplit('/').next().unwrap_or_default();
        let split = split_called(stem_of(name));
        let mut scanner = Scanner::open(reading.files, file)?;
        scanner.enter(b'{')?;
        while let Some(key) = scanner.key()? {
            if key != "items" || scanner.peek()? != Some(b'[') {
                scanner.skip()?;
                continue;
            }
            scanner.enter(b'[')?;
            let mut index = 0_u64;
            while scanner.item()? {
                let place = format!("{file}, items[{index}]");
                index += 1;
                let entry = scanner.raw()?;
                let item = match serde_json::from_slice::<Item>(entry) {
                    Ok(item) => item,
                    Err(error) => {
                        reading.losses.add(Loss::Unreadable, || format!("{place}: {}", said(&error)));
                        continue;
                    }
                };
                let Some(path) = path_of(&item) else {
                    reading.losses.add(Loss::BadName, || place);
                    continue;
                };
                let attributes = item.attr.unwrap_or_default().0;
                reading.losses.add_many(Loss::OfPicture, attributes, || place.clone());
                let size = item.image.as_ref().and_then(|image| image.size.as_ref());
                let size = size.and_then(|[height, width]| PixelSize::of(width.0, height.0));
                let size = reading.size(size, &path);
                let head = Head { path, size, split: split.clone() };
                let picture = reading.picture(&mut known, head, &|| place.clone())?;
                read_item(reading, entry, &labels, (picture, size), &place)?;
            }
        }
    }
    if documents == 0 {
        return Err(FormatError::invalid("", Place::Whole, "there is no JSON file with `items`"));
    }
    Ok(())
}

/// The item's id with the extension of its file. Some ids have it already; that of `x.png.png` only looks as if it did.
fn path_of(item: &Item) -> Option<String> {
    let file = item.image.as_ref().and_then(|image| image.path.as_deref()).unwrap_or_default();
    let extension = &file[stem_of(file).len()..];
    let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let is_stem = stem_of(&name(file)) == name(&item.id);
    let has_extension = item.id.ends_with(extension) && !is_stem;
    resolved("", &if has_extension { item.id.clone() } else { format!("{}{extension}", item.id) })
}

/// The names of the labels; `None` if the file is of another sort.
fn read_labels(reading: &mut Reading, file: &str) -> Result<Option<Vec<String>>, FormatError> {
    #[derive(Default, Deserialize)]
    struct Categories {
        label: Option<LabelCategories>,
    }
    #[derive(Deserialize)]
    struct LabelCategories {
        #[serde(default)]
        labels: Vec<LabelEntry>,
    }
    let mut scanner = Scanner::open(reading.files, file)?;
    if scanner.peek()? != Some(b'{') {
        return Ok(None);
    }
    let (mut labels, mut has_items) = (Vec::new(), false);
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        if key == "categories" {
            let categories: Categories = scanner.needed(&key)?;
            labels = categories.label.map(|label| label.labels).unwrap_or_default();
        } else {
            has_items |= key == "items";
            scanner.skip()?;
        }
    }
    scanner.finish()?;
    if !has_items {
        return Ok(None);
    }
    let parents = labels.iter().filter(|label| label.parent.as_ref().is_some_and(|parent| !parent.is_empty())).count();
    reading.losses.add_many(Loss::Attribute, parents as u64, || format!("{file}, categories"));
    Ok(Some(labels.into_iter().map(|label| label.name).collect()))
}

fn read_item(
    reading: &mut Reading,
    item: &[u8],
    labels: &[String],
    (picture, size): (usize, Option<PixelSize>),
    place: &str,
) -> Result<(), FormatError> {
    let mut is_counted = false;
    for (_, list) in entries(item).filter(|(key, _)| key == "annotations") {
        for (index, (_, entry)) in entries(list).enumerate() {
            let place = || format!("{place}.annotations[{index}]");
            match serde_json::from_slice(entry) {
                Err(error) => reading.losses.add(Loss::Unreadable, || format!("{}: {}", place(), said(&error))),
                Ok(entry) => read_entry(reading, entry, labels, (picture, size), &mut is_counted, &place)?,
            }
        }
    }
    Ok(())
}

fn read_entry(
    reading: &mut Reading,
    entry: Entry,
    labels: &[String],
    (picture, size): (usize, Option<PixelSize>),
    // Whether it is counted already that the picture's size is not known.
    is_counted: &mut bool,
    place: &dyn Fn() -> String,
) -> Result<(), FormatError> {
    if matches!(entry.r#type.as_str(), "label" | "caption") {
        reading.losses.add(Loss::OfPicture, place);
        return Ok(());
    }
    let attributes = entry.attributes.unwrap_or_default().0;
    let numbers = [&entry.group, &entry.z_order].into_iter().flatten().filter(|number| number.0 != 0.0).count();
    reading.losses.add_many(Loss::Attribute, attributes + numbers as u64, place);
    let numbers = entry.points.as_deref().unwrap_or_default();
    if !numbers.len().is_multiple_of(2) {
        // Nobody knows which belong together.
        reading.losses.add(Loss::Unreadable, place);
        return Ok(());
    }
    let pairs = || -> Vec<Point> { numbers.chunks_exact(2).map(|pair| Point { x: pair[0].0, y: pair[1].0 }).collect() };
    // Of points, 0 says that there is none.
    let is_there = |index: usize| entry.visibility.as_ref().and_then(|all| all.get(index)).is_none_or(|is| is.0 != 0.0);
    let mut scale = size.map(Scale::from);
    let shapes = match (entry.r#type.as_str(), &entry.bbox, &entry.rle) {
        ("bbox", Some([x, y, w, h]), _) => vec![Shape::Bbox(Rect { x: x.0, y: y.0, w: w.0, h: h.0 })],
        ("polygon", ..) => vec![Shape::Polygon(pairs())],
        ("polyline", ..) => vec![Shape::Polyline(pairs())],
        ("points", ..) => {
            let mut points = pairs();
            let count = points.len();
            let mut index = 0..count;
            points.retain(|_| index.next().is_none_or(is_there));
            reading.losses.add_many(Loss::Attribute, (count - points.len()) as u64, place);
            if points.is_empty() && count > 0 {
                return Ok(());
            }
            points.into_iter().map(Shape::Point).collect()
        }
        ("mask", _, Some(mask)) => {
            let Some(runs) = mask.runs() else {
                reading.losses.add(Loss::Unreadable, place);
                return Ok(());
            };
            scale = Some(Scale { width: mask.width, height: mask.height });
            let parts = runs.parts();
            reading.losses.add_many(Loss::Hole, parts.iter().map(|part| part.holes).sum(), place);
            parts.into_iter().map(|part| Shape::Polygon(part.corners)).collect()
        }
        ("bbox" | "mask", ..) => {
            reading.losses.add(Loss::Unreadable, place);
            return Ok(());
        }
        _ => {
            reading.losses.add(Loss::OtherShape, place);
            return Ok(());
        }
    };
    reading.losses.add_parts(shapes.len(), place);
    let Some(scale) = scale else {
        reading.losses.add_many(Loss::UnknownSize, u64::from(!*is_counted), place);
        *is_counted = true;
        return Ok(());
    };
    let unknown;
    let object = match entry.label_id.map(|label| label.0).filter(|label| !label.is_nan()) {
        None => "",
        Some(label) => match labels.get(label as usize).filter(|_| label >= 0.0 && label.fract() == 0.0) {
            Some(name) => name,
            None => {
                reading.losses.add(Loss::UnknownObject, place);
                unknown = label.to_string();
                &unknown
            }
        },
    };
    for shape in shapes {
        reading.region(picture, scale, shape, object, place)?;
    }
    Ok(())
}

#[derive(Serialize)]
struct LabelOut<'a> {
    name: &'a str,
    parent: &'static str,
    attributes: [(); 0],
}

#[derive(Serialize)]
struct ItemOut<'a> {
    id: &'a str,
    annotations: Vec<EntryOut>,
    image: ImageOut<'a>,
}

#[derive(Serialize)]
struct ImageOut<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<[u32; 2]>,
}

#[derive(Serialize)]
struct EntryOut {
    id: usize,
    r#type: &'static str,
    attributes: Map<String, Value>,
    group: u8,
    label_id: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    bbox: Option<[Number; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Vec<Number>>,
    /// Two means visible.
    #[serde(skip_serializing_if = "Option::is_none")]
    visibility: Option<[u8; 1]>,
    z_order: u8,
}

/// Writes `annotations/<part>.json` and expects pictures in `images/<part>/`. Pictures of unknown size are said without their regions. Walks
/// through the source twice, and once for each part of the split.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let survey = Survey::with_parts(writing.source, writing.losses)?;
    let mut stems = Stems::default();
    let (source, output, losses) = (&mut *writing.source, &mut *writing.output, &mut *writing.losses);
    source.each(&mut |picture| {
        let part = part_of(&picture.head);
        let (path, is_own) = stems.distinct(&part, &picture.head.path);
        if !is_own {
            losses.add(Loss::Renamed, || picture.head.path.clone());
        }
        Ok(output.picture(&picture.head, &format!("images/{part}/{path}"))?)
    })?;
    let none = NO_SPLIT.to_owned();
    let parts: Vec<&String> = if survey.parts.is_empty() { vec![&none] } else { survey.parts.iter().collect() };
    for part in parts {
        let path = format!("annotations/{part}.json");
        writing.file(&path, |source, file, losses| {
            let io = |error| FormatError::io(&path)(error);
            let json = |error: serde_json::Error| FormatError::io(&path)(error.into());
            write!(file, "{{\"dm_format_version\":\"1.0\",\"media_type\":{IMAGE},\"infos\":{{}},").map_err(io)?;
            write!(file, "\"categories\":{{\"label\":{{\"labels\":").map_err(io)?;
            let labels = survey.objects.iter().map(|name| LabelOut { name, parent: "", attributes: [] });
            serde_json::to_writer(&mut *file, &labels.collect::<Vec<_>>()).map_err(json)?;
            write!(file, ",\"label_groups\":[],\"attributes\":[]}}}},\n\"items\":[").map_err(io)?;
            let (mut items, mut stems) = (0_u64, Stems::default());
            source.each(&mut |picture| {
                let head = &picture.head;
                if part_of(head) != *part {
                    return Ok(());
                }
                let (own, _) = stems.distinct(part, &head.path);
                let annotations = match head.size {
                    Some(size) => {
                        let shapes = picture.regions.iter().map(|region| in_pixels(&region.shape, size));
                        let labels = picture.regions.iter().map(|region| survey.number(&region.object));
                        shapes.zip(labels).enumerate().map(|(id, (shape, label))| said_as(id, &shape, label)).collect()
                    }
                    None => {
                        losses
                            .add_many(Loss::UnknownSize, u64::from(!picture.regions.is_empty()), || head.path.clone());
                        Vec::new()
                    }
                };
                items += 1;
                writeln!(file, "{}", if items > 1 { "," } else { "" }).map_err(io)?;
                let image = ImageOut { path: &own, size: head.size.map(|size| [size.height, size.width]) };
                serde_json::to_writer(&mut *file, &ItemOut { id: stem_of(&own), annotations, image }).map_err(json)
            })?;
            writeln!(file, "]}}").map_err(io)
        })?;
    }
    Ok(())
}

fn said_as(id: usize, shape: &Shape, label_id: usize) -> EntryOut {
    let numbers = |points: &[Point]| Some(points.iter().flat_map(|at| [Number(at.x), Number(at.y)]).collect());
    let r#type = match shape {
        Shape::Bbox(_) => "bbox",
        Shape::Polygon(_) => "polygon",
        Shape::Polyline(_) => "polyline",
        Shape::Point(_) => "points",
    };
    let mut entry = EntryOut {
        id,
        r#type,
        attributes: Map::new(),
        group: 0,
        label_id,
        bbox: None,
        points: None,
        visibility: None,
        z_order: 0,
    };
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => entry.bbox = Some([*x, *y, *w, *h].map(Number)),
        Shape::Polygon(points) | Shape::Polyline(points) => entry.points = numbers(points),
        Shape::Point(point) => {
            entry.points = numbers(&[*point]);
            entry.visibility = Some([2]);
        }
    }
    entry
}
