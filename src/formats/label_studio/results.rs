//! The results of one annotation.

use crate::formats::annotations::{FormatError, Loss, Number, PixelSize, Reading, Scale, corners_of_rotated};
use crate::model::region::{Point, Rect, Shape};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// One result: a shape, or something that is said of one or of the picture.
#[derive(Deserialize)]
pub(super) struct ResultEntry {
    id: Option<String>,
    #[serde(default)]
    r#type: String,
    pub original_width: Option<Number>,
    pub original_height: Option<Number>,
    image_rotation: Option<Number>,
    meta: Option<Map<String, Value>>,
    value: Option<Map<String, Value>>,
}

impl ResultEntry {
    fn value(&self, key: &str) -> Option<&Value> {
        self.value.as_ref()?.get(key)
    }

    fn number(&self, key: &str) -> f64 {
        self.value(key).map_or(f64::NAN, number)
    }

    /// The labels of the shape, whatever their tag is called.
    fn labels(&self) -> Vec<&str> {
        let lists = self.value.iter().flatten().filter(|(key, _)| key.ends_with("labels"));
        lists.filter_map(|(_, list)| list.as_array()).flatten().filter_map(Value::as_str).collect()
    }

    fn points(&self, key: &str) -> Option<Vec<Point>> {
        let point = |point: &Value| match point {
            Value::Array(pair) if pair.len() == 2 => Point { x: number(&pair[0]), y: number(&pair[1]) },
            Value::Object(map) => {
                let side = |key| map.get(key).map_or(f64::NAN, number);
                Point { x: side("x"), y: side("y") }
            }
            _ => Point { x: f64::NAN, y: f64::NAN },
        };
        Some(self.value(key)?.as_array()?.iter().map(point).collect())
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => Number::parse(text),
        _ => f64::NAN,
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
    results: Vec<Result<ResultEntry, String>>,
    picture: usize,
    size: Option<PixelSize>,
) -> Result<(), FormatError> {
    let labelled: HashSet<String> = results
        .iter()
        .flatten()
        .filter(|result| !result.labels().is_empty())
        .filter_map(|result| result.id.clone())
        .collect();
    for (index, result) in results.iter().enumerate() {
        let place = || format!("{place}, result {index}");
        let result = match result {
            Ok(result) => result,
            Err(message) => {
                reading.losses.add(Loss::Unreadable, || format!("{}: {message}", place()));
                continue;
            }
        };
        let sort = result.r#type.strip_suffix("labels").filter(|sort| !sort.is_empty()).unwrap_or(&result.r#type);
        let labels = result.labels();
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
        if labels.is_empty() && result.id.as_ref().is_some_and(|id| labelled.contains(id)) {
            continue;
        }
        let is_turned = result.image_rotation.as_ref().is_some_and(|degrees| degrees.0 != 0.0);
        let is_annotated = result.meta.as_ref().is_some_and(|meta| !meta.is_empty());
        let attributes = labels.len().saturating_sub(1) as u64 + u64::from(is_turned) + u64::from(is_annotated);
        reading.losses.add_many(Loss::Attribute, attributes, place);
        let (shape, scale) = match shape_of(result, size) {
            Ok(found) => found,
            Err(loss) => {
                reading.losses.add(loss, place);
                continue;
            }
        };
        reading.region(picture, scale, shape, labels.first().copied().unwrap_or_default(), &place)?;
    }
    Ok(())
}

fn shape_of(result: &ResultEntry, size: Option<PixelSize>) -> Result<(Shape, Scale), Loss> {
    let is_open = result.value("closed") == Some(&Value::Bool(false));
    if let Some(points) = result.points("points").or_else(|| result.points("vertices")) {
        let shape = if is_open { Shape::Polyline(points) } else { Shape::Polygon(points) };
        return Ok((shape, Scale::PERCENT));
    }
    let at = Point { x: result.number("x"), y: result.number("y") };
    if result.value("height").is_none() || result.r#type.starts_with("keypoint") {
        return Ok((Shape::Point(at), Scale::PERCENT));
    }
    let rect = Rect { x: at.x, y: at.y, w: result.number("width"), h: result.number("height") };
    let degrees = result.value("rotation").map_or(0.0, number);
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
