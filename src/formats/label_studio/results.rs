//! The results of one annotation.

use crate::formats::annotations::json::{self, Attributes, entries, fields, said};
use crate::formats::annotations::{FormatError, Loss, Number, PixelSize, Reading, Scale, corners_of_rotated};
use crate::model::region::{Point, Rect, Shape};
use serde::Deserialize;
use std::collections::HashSet;

/// One result: a shape, or something that is said of one or of the picture.
pub(super) struct ResultEntry<'a> {
    id: Option<String>,
    r#type: String,
    /// The size in pixels of the whole picture.
    pub size: Option<PixelSize>,
    is_turned: bool,
    is_annotated: bool,
    /// A dictionary, or nothing.
    value: &'a [u8],
}

impl<'a> ResultEntry<'a> {
    /// An error says why it cannot be read.
    pub fn of(result: &'a [u8]) -> Result<Self, String> {
        let keys = ["id", "type", "original_width", "original_height", "image_rotation", "meta", "value"];
        let [id, sort, width, height, rotation, meta, value] = fields(result, keys)?.known;
        let number = |value| json::read::<Number>(value).map_or(f64::NAN, |number| number.0);
        let r#type = sort.map(serde_json::from_slice).transpose().map_err(|error| said(&error))?;
        Ok(Self {
            id: json::read(id),
            r#type: r#type.unwrap_or_default(),
            size: PixelSize::of(number(width), number(height)),
            is_turned: number(rotation).abs() > 0.0,
            is_annotated: json::read::<Attributes>(meta).unwrap_or_default().0 > 0,
            value: value.unwrap_or_default(),
        })
    }

    /// What comes before `labels` in the type, or all of it.
    fn sort(&self) -> &str {
        self.r#type.strip_suffix("labels").filter(|sort| !sort.is_empty()).unwrap_or(&self.r#type)
    }

    fn value(&self, key: &str) -> Option<&'a [u8]> {
        entries(self.value).find(|(known, _)| known == key).map(|(_, value)| value)
    }

    fn number(&self, key: &str) -> f64 {
        json::read::<Number>(self.value(key)).map_or(f64::NAN, |number| number.0)
    }

    /// The labels of the shape, whatever their tag is called.
    fn labels(&self) -> impl Iterator<Item = String> + use<'a> {
        let lists = entries(self.value).filter(|(key, _)| key.ends_with("labels"));
        lists.flat_map(|(_, list)| entries(list)).filter_map(|(_, label)| json::read(Some(label)))
    }

    fn points(&self, key: &str) -> Option<Vec<Point>> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Pair {
            List(Number, Number),
            Dictionary { x: Number, y: Number },
        }
        let point = |(_, point)| match json::read(Some(point)) {
            Some(Pair::List(x, y) | Pair::Dictionary { x, y }) => Point { x: x.0, y: y.0 },
            None => Point { x: f64::NAN, y: f64::NAN },
        };
        let list = self.value(key).filter(|list| list.starts_with(b"["))?;
        Some(entries(list).map(point).collect())
    }
}

/// What is a shape by the type of its result.
const SHAPES: [&str; 5] = ["rectangle", "polygon", "keypoint", "vector", "labels"];
/// What is one that we do not have.
const OTHER_SHAPES: [&str; 5] = ["ellipse", "brush", "bitmask", "cuboid", "magicwand"];

/// Hands the shapes among the results on.
pub(super) fn read_results(
    reading: &mut Reading,
    place: &str,
    results: &[u8],
    picture: usize,
    size: Option<PixelSize>,
) -> Result<(), FormatError> {
    let labelled: HashSet<String> = entries(results)
        .filter_map(|(_, result)| ResultEntry::of(result).ok())
        .filter(|result| result.labels().next().is_some())
        .filter_map(|result| result.id)
        .collect();
    for (index, (_, result)) in entries(results).enumerate() {
        let place = || format!("{place}, result {index}");
        let result = match ResultEntry::of(result) {
            Ok(result) => result,
            Err(message) => {
                reading.losses.add(Loss::Unreadable, || format!("{}: {message}", place()));
                continue;
            }
        };
        let sort = result.sort();
        let mut labels = result.labels();
        let label = labels.next();
        if OTHER_SHAPES.contains(&sort) {
            reading.losses.add(Loss::OtherShape, place);
            continue;
        }
        if !SHAPES.contains(&sort) {
            // Choices and texts are of a region if they repeat its shape or its id, and of the picture otherwise.
            let is_of_region = sort == "relation" || result.value("x").is_some() || result.value("points").is_some();
            reading.losses.add(if is_of_region { Loss::Attribute } else { Loss::OfPicture }, place);
            continue;
        }
        if label.is_none() && result.id.as_ref().is_some_and(|id| labelled.contains(id)) {
            continue;
        }
        let attributes = labels.count() as u64 + u64::from(result.is_turned) + u64::from(result.is_annotated);
        reading.losses.add_many(Loss::Attribute, attributes, place);
        let (shape, scale) = match shape_of(&result, size) {
            Ok(found) => found,
            Err(loss) => {
                reading.losses.add(loss, place);
                continue;
            }
        };
        reading.region(picture, scale, shape, &label.unwrap_or_default(), &place)?;
    }
    Ok(())
}

fn shape_of(result: &ResultEntry, size: Option<PixelSize>) -> Result<(Shape, Scale), Loss> {
    let is_open = result.value("closed") == Some(b"false");
    if let Some(points) = result.points("points").or_else(|| result.points("vertices")) {
        let shape = if is_open { Shape::Polyline(points) } else { Shape::Polygon(points) };
        return Ok((shape, Scale::PERCENT));
    }
    let at = Point { x: result.number("x"), y: result.number("y") };
    if result.sort() == "keypoint" || (result.sort() == "labels" && result.value("height").is_none()) {
        return Ok((Shape::Point(at), Scale::PERCENT));
    }
    if result.sort() != "labels" && result.value("height").is_none() {
        return Err(Loss::Unreadable);
    }
    let rect = Rect { x: at.x, y: at.y, w: result.number("width"), h: result.number("height") };
    let degrees = json::read::<Number>(result.value("rotation")).map_or(0.0, |degrees| degrees.0);
    if degrees == 0.0 {
        return Ok((Shape::Bbox(rect), Scale::PERCENT));
    }
    let size = size.ok_or(Loss::UnknownSize)?;
    let scale = Scale::from(size);
    let (across, down) = (scale.width / 100.0, scale.height / 100.0);
    let rect = Rect { x: rect.x * across, y: rect.y * down, w: rect.w * across, h: rect.h * down };
    if rect.w <= 0.0 || rect.h <= 0.0 {
        return Err(Loss::Degenerate);
    }
    Ok((Shape::Polygon(corners_of_rotated(rect, degrees, Point { x: rect.x, y: rect.y })), scale))
}
