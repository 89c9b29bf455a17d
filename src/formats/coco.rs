//! COCO: one JSON document with the lists `images`, `categories` and `annotations`.
//!
//! After the description of the format at cocodataset.org ("Data format", object detection) and `coco.py`, `mask.py` and
//! `maskApi.c` of pycocotools. Coordinates are pixels from the top left corner of the picture, so the middle of the first pixel
//! is (0.5, 0.5); a box is `[x, y, width, height]`; a segmentation is a list of polygons or a mask of run lengths.
//!
//! Carried: boxes and polygons, to a millionth of a pixel. Not carried: polylines and points, since keypoints are the joints of
//! one skeleton, which points on a picture are not.
//!
//! A box is written with the segmentation that `loadRes` of pycocotools gives to boxes, the rectangle counter-clockwise from its
//! top left corner, since many programs (`annToMask`, too) cannot do without one; one that is exactly so and fills its `bbox`
//! is read as a box. A polygon that happens to be the same is written from its next corner on.
//!
//! Reading: `annotations` may come before what it refers to, so documents are read twice: first pictures and classes, of which only
//! numbers, sizes and names are kept, then the annotations one by one. Masks become polygons along the edges of pixels.

mod segmentation;

pub(super) use segmentation::Mask;

use super::annotations::json::{Scanner, said};
use super::annotations::{
    FormatError, Head, Id, Known, Loss, MAX_OBJECT, MAX_PICTURES, NO_SPLIT, Number, PixelSize, Place, Reading, Scale,
    Survey, Writing, decimal, in_pixels, part_of, resolved, split_called,
};
use crate::geometry::polygon_area;
use crate::model::region::{Point, Rect, Region, Shape};
use segmentation::Segmentation;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// No document has more classes.
const MAX_CATEGORIES: usize = 1_000_000;
/// What parts of a split are called where nothing else says that a name is one.
const PARTS: [&str; 4] = ["train", "val", "valid", "test"];
/// How files with boxes and segmentations are called.
const PREFIX: &str = "instances_";

#[derive(Deserialize)]
struct ImageEntry {
    id: Id,
    file_name: String,
    width: Option<Number>,
    height: Option<Number>,
    license: Option<IgnoredAny>,
    coco_url: Option<String>,
    flickr_url: Option<String>,
}

#[derive(Deserialize)]
struct CategoryEntry {
    id: Id,
    #[serde(default)]
    name: String,
    supercategory: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    image_id: Id,
    category_id: Option<Id>,
    bbox: Option<Vec<Number>>,
    segmentation: Option<Segmentation>,
    iscrowd: Option<Number>,
    score: Option<IgnoredAny>,
    keypoints: Option<Vec<IgnoredAny>>,
    caption: Option<IgnoredAny>,
    attributes: Option<HashMap<IgnoredKey, IgnoredAny>>,
}

/// A key whose name does not matter.
#[derive(Deserialize, PartialEq, Eq, Hash)]
struct IgnoredKey(String);

/// What annotations of one document refer to.
struct Referred {
    /// The picture's number and its size, if that is known.
    pictures: HashMap<Id, (usize, Option<PixelSize>)>,
    categories: HashMap<Id, String>,
    has_images: bool,
    has_annotations: bool,
}

/// Reads all COCO documents of the inputs; every picture's part of the split is the one that its document's name says. Where there
/// are documents called `instances…`, others are left out, since they say the same pictures' captions and keypoints.
pub fn read(reading: &mut Reading) -> Result<(), FormatError> {
    let mut paths = reading.paths();
    paths.retain(|path| path.to_lowercase().ends_with(".json"));
    let name_of = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    if paths.iter().any(|path| name_of(path).starts_with("instances")) {
        for path in paths.extract_if(.., |path| !name_of(path).starts_with("instances")) {
            reading.losses.add(Loss::File, || path);
        }
    }
    let (mut known, mut documents) = (Known::default(), 0);
    for path in &paths {
        let referred = read_referred(reading, path, &mut known)?;
        if referred.has_images && referred.has_annotations {
            read_annotations(reading, path, &referred)?;
        }
        documents += usize::from(referred.has_images);
    }
    match (documents, paths.first()) {
        (0, Some(path)) => Err(FormatError::invalid(path, Place::Whole, "there is no list `images` in it")),
        (0, None) => Err(FormatError::invalid("", Place::Whole, "there is no JSON file")),
        _ => Ok(()),
    }
}

fn split_of(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    match stem.strip_prefix(PREFIX) {
        Some(split) => split_called(split),
        // Roboflow puts one document into each part's folder.
        None if stem.starts_with("_annotations") => {
            path.rsplit('/').nth(1).filter(|folder| PARTS.contains(folder)).map(str::to_owned)
        }
        None => PARTS.contains(&stem).then(|| stem.to_owned()),
    }
}

fn read_referred(reading: &mut Reading, file: &str, known: &mut Known) -> Result<Referred, FormatError> {
    let mut scanner = Scanner::open(reading.files, file)?;
    let mut referred =
        Referred { pictures: HashMap::new(), categories: HashMap::new(), has_images: false, has_annotations: false };
    if scanner.peek()? != Some(b'{') {
        return Ok(referred);
    }
    let split = split_of(file);
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        match (key.as_str(), scanner.peek()?) {
            ("images", Some(b'[')) => {
                referred.has_images = true;
                scanner.enter(b'[')?;
                let mut index = 0;
                while scanner.item()? {
                    let place = || format!("{file}, images[{index}]");
                    match scanner.value::<ImageEntry>()? {
                        Err(error) => reading.losses.add(Loss::Unreadable, || format!("{}: {}", place(), said(&error))),
                        Ok(entry) => match resolved("", &entry.file_name) {
                            None => reading.losses.add(Loss::BadName, place),
                            Some(path) => {
                                let is_said =
                                    |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
                                let addresses =
                                    [&entry.coco_url, &entry.flickr_url].into_iter().filter(|text| is_said(text));
                                let others = addresses.count() + usize::from(entry.license.is_some());
                                reading.losses.add_many(Loss::OfPicture, others as u64, place);
                                let side = |side: &Option<Number>| side.as_ref().map_or(0.0, |side| side.0);
                                let size = PixelSize::of(side(&entry.width), side(&entry.height));
                                let size = reading.size(size, &path);
                                if referred.pictures.len() == MAX_PICTURES {
                                    return Err(scanner.fault(format!("there are more than {MAX_PICTURES} pictures")));
                                }
                                let head = Head { path, size, split: split.clone() };
                                let picture = reading.picture(known, head, &place)?;
                                if referred.pictures.contains_key(&entry.id) {
                                    reading.losses.add(Loss::DuplicatePicture, place);
                                }
                                referred.pictures.entry(entry.id).or_insert((picture, size));
                            }
                        },
                    }
                    index += 1;
                }
            }
            ("categories", Some(b'[')) => {
                scanner.enter(b'[')?;
                let mut index = 0;
                while scanner.item()? {
                    let place = || format!("{file}, categories[{index}]");
                    match scanner.value::<CategoryEntry>()? {
                        Err(error) => reading.losses.add(Loss::Unreadable, || format!("{}: {}", place(), said(&error))),
                        Ok(entry) if referred.categories.contains_key(&entry.id) => {
                            reading.losses.add(Loss::DuplicateObject, place);
                        }
                        Ok(_) if referred.categories.len() == MAX_CATEGORIES => {
                            return Err(scanner.fault(format!("there are more than {MAX_CATEGORIES} classes")));
                        }
                        Ok(mut entry) => {
                            let above = entry.supercategory.is_some_and(|name| !["", "none"].contains(&name.as_str()));
                            reading.losses.add_many(Loss::Attribute, u64::from(above), place);
                            // A little longer than allowed, so that whoever uses it sees that it is too long.
                            entry.name.truncate(entry.name.floor_char_boundary(MAX_OBJECT + 4));
                            reading.sink.object(&entry.name)?;
                            referred.categories.insert(entry.id, entry.name);
                        }
                    }
                    index += 1;
                }
            }
            (key, next) => {
                referred.has_annotations |= key == "annotations" && next == Some(b'[');
                scanner.skip()?;
            }
        }
    }
    scanner.finish()?;
    Ok(referred)
}

fn read_annotations(reading: &mut Reading, file: &str, referred: &Referred) -> Result<(), FormatError> {
    let mut scanner = Scanner::open(reading.files, file)?;
    let mut unplaced = HashSet::new();
    scanner.enter(b'{')?;
    while let Some(key) = scanner.key()? {
        if key != "annotations" || scanner.peek()? != Some(b'[') {
            scanner.skip()?;
            continue;
        }
        scanner.enter(b'[')?;
        let mut index = 0_u64;
        while scanner.item()? {
            let place = || format!("{file}, annotations[{index}]");
            match scanner.value::<Entry>()? {
                Err(error) => reading.losses.add(Loss::Unreadable, || format!("{}: {}", place(), said(&error))),
                Ok(entry) => read_entry(reading, entry, referred, &mut unplaced, &place)?,
            }
            index += 1;
        }
    }
    Ok(())
}

fn read_entry(
    reading: &mut Reading,
    entry: Entry,
    referred: &Referred,
    // The pictures of unknown size that are counted already.
    unplaced: &mut HashSet<usize>,
    place: &dyn Fn() -> String,
) -> Result<(), FormatError> {
    let Some((picture, size)) = referred.pictures.get(&entry.image_id) else {
        reading.losses.add(Loss::UnknownPicture, place);
        return Ok(());
    };
    if entry.caption.is_some() {
        reading.losses.add(Loss::OfPicture, place);
        return Ok(());
    }
    let is_crowd = entry.iscrowd.is_some_and(|is| is.0 != 0.0);
    let has_joints = entry.keypoints.is_some_and(|joints| !joints.is_empty());
    let attributes = entry.attributes.map_or(0, |attributes| attributes.len());
    let said = u64::from(is_crowd) + u64::from(has_joints) + u64::from(entry.score.is_some()) + attributes as u64;
    reading.losses.add_many(Loss::Attribute, said, place);
    let unknown;
    let object = match &entry.category_id {
        None => "",
        Some(id) => match referred.categories.get(id) {
            Some(name) => name,
            None => {
                reading.losses.add(Loss::UnknownObject, place);
                unknown = id.to_string();
                &unknown
            }
        },
    };
    let bbox = entry.bbox.as_deref().and_then(|bbox| match bbox {
        [x, y, w, h] => Some(Rect { x: x.0, y: y.0, w: w.0, h: h.0 }),
        _ => None,
    });
    let (shapes, scale) = match entry.segmentation {
        Some(Segmentation::Mask(mask)) => {
            let Some(runs) = mask.runs() else {
                reading.losses.add(Loss::Unreadable, place);
                return Ok(());
            };
            // A mask covers the whole picture, whatever size it was made at.
            let scale = Scale { width: mask.width, height: mask.height };
            let parts = runs.parts();
            reading.losses.add_many(Loss::Hole, parts.iter().map(|part| part.holes).sum(), place);
            (parts.into_iter().map(|part| Shape::Polygon(part.corners)).collect(), scale)
        }
        segmentation => {
            let Some(size) = size else {
                if unplaced.insert(*picture) {
                    reading.losses.add(Loss::UnknownSize, place);
                }
                return Ok(());
            };
            let rings = match segmentation {
                Some(Segmentation::Rings(rings)) => rings,
                _ => Vec::new(),
            };
            let shapes: Vec<Shape> = match (rings.as_slice(), bbox) {
                ([], Some(bbox)) => vec![Shape::Bbox(bbox)],
                ([ring], Some(bbox)) if is_box(ring, bbox) => vec![Shape::Bbox(bbox)],
                _ => rings.into_iter().map(Shape::Polygon).collect(),
            };
            (shapes, Scale::from(*size))
        }
    };
    reading.regions(*picture, Some(scale), shapes, object, place)
}

/// The segmentation that stands for a box.
fn ring_around(Rect { x, y, w, h }: Rect) -> [Point; 4] {
    [(x, y), (x, y + h), (x + w, y + h), (x + w, y)].map(|(x, y)| Point { x: decimal(x).0, y: decimal(y).0 })
}

fn is_box(ring: &[Point], bbox: Rect) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-5;
    ring.len() == 4 && ring.iter().zip(ring_around(bbox)).all(|(a, b)| near(a.x, b.x) && near(a.y, b.y))
}

#[derive(Serialize)]
struct CategoryOut<'a> {
    id: usize,
    name: &'a str,
    supercategory: &'static str,
}

#[derive(Serialize)]
struct ImageOut<'a> {
    id: u64,
    file_name: &'a str,
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct AnnotationOut {
    id: u64,
    image_id: u64,
    category_id: usize,
    bbox: [Number; 4],
    area: Number,
    iscrowd: u8,
    segmentation: [Vec<Number>; 1],
}

/// Writes one document for each part of the split, `annotations/instances_<part>.json`, and expects pictures in `images/<part>/`. Pictures
/// of unknown size are said without their regions. Walks through the source twice, and twice more for each part.
pub fn write(writing: &mut Writing) -> Result<(), FormatError> {
    let survey = Survey::with_parts(writing.source, writing.losses)?;
    let (source, output) = (&mut *writing.source, &mut *writing.output);
    source.each(&mut |picture| {
        let head = &picture.head;
        Ok(output.picture(head, &format!("images/{}/{}", part_of(head), head.path))?)
    })?;
    let none = NO_SPLIT.to_owned();
    let parts: Vec<&String> = if survey.parts.is_empty() { vec![&none] } else { survey.parts.iter().collect() };
    for part in parts {
        let path = format!("annotations/{PREFIX}{part}.json");
        writing.file(&path, |source, file, losses| {
            let io = |error| FormatError::io(&path)(error);
            let json = |error: serde_json::Error| FormatError::io(&path)(error.into());
            write!(file, "{{\"info\":{{\"description\":\"Ocellus\"}},\"licenses\":[],\"categories\":").map_err(io)?;
            let categories = survey.objects.iter().zip(1..);
            let categories: Vec<_> = categories.map(|(name, id)| CategoryOut { id, name, supercategory: "" }).collect();
            serde_json::to_writer(&mut *file, &categories).map_err(json)?;

            write!(file, ",\n\"images\":[").map_err(io)?;
            let mut image = 0;
            source.each(&mut |picture| {
                if part_of(&picture.head) != *part {
                    return Ok(());
                }
                image += 1;
                writeln!(file, "{}", if image > 1 { "," } else { "" }).map_err(io)?;
                let (width, height) = picture.head.size.map_or((0, 0), |size| (size.width, size.height));
                let entry = ImageOut { id: image, file_name: &picture.head.path, width, height };
                serde_json::to_writer(&mut *file, &entry).map_err(json)
            })?;

            write!(file, "],\n\"annotations\":[").map_err(io)?;
            let (mut image, mut id) = (0, 0);
            source.each(&mut |picture| {
                if part_of(&picture.head) != *part {
                    return Ok(());
                }
                image += 1;
                let Some(size) = picture.head.size else {
                    let is_lost = u64::from(!picture.regions.is_empty());
                    losses.add_many(Loss::UnknownSize, is_lost, || picture.head.path.clone());
                    return Ok(());
                };
                for region in &picture.regions {
                    let Some((bbox, ring, area)) = said_in_pixels(region, size) else {
                        losses.add(Loss::of_kind(region.shape.kind()), || picture.head.path.clone());
                        continue;
                    };
                    id += 1;
                    writeln!(file, "{}", if id > 1 { "," } else { "" }).map_err(io)?;
                    let entry = AnnotationOut {
                        id,
                        image_id: image,
                        category_id: survey.number(&region.object) + 1,
                        bbox: [bbox.x, bbox.y, bbox.w, bbox.h].map(decimal),
                        area: decimal(area),
                        iscrowd: 0,
                        segmentation: [ring.iter().flat_map(|at| [Number(at.x), Number(at.y)]).collect()],
                    };
                    serde_json::to_writer(&mut *file, &entry).map_err(json)?;
                }
                Ok(())
            })?;
            writeln!(file, "]}}").map_err(io)
        })?;
    }
    Ok(())
}

/// The box around a region, its outline and its area in pixels; `None` if it has no area.
fn said_in_pixels(region: &Region, size: PixelSize) -> Option<(Rect, Vec<Point>, f64)> {
    let shape = in_pixels(&region.shape, size);
    let bounds = shape.bounds();
    match shape {
        Shape::Bbox(rect) => Some((rect, ring_around(rect).to_vec(), rect.w * rect.h)),
        Shape::Polygon(mut points) => {
            if is_box(&points, bounds) {
                points.rotate_left(1);
            }
            let area = polygon_area(&points);
            Some((bounds, points, area))
        }
        Shape::Polyline(_) | Shape::Point(_) => None,
    }
}

#[cfg(test)]
mod tests;
