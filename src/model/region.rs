//! Regions: annotated shapes on a picture.
//!
//! Coordinates are relative to the upright picture: `[0, 1]` on both axes, origin at the top left corner, x to the right
//! and y down. They are kept as the `f64` that was sent, bit for bit.

use super::error::FieldError;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::fmt::{self, Formatter};

/// A point in the picture's unit square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// Distance from the left edge, in widths of the picture.
    pub x: f64,
    /// Distance from the top edge, in heights of the picture.
    pub y: f64,
}

/// An upright rectangle in the picture's unit square.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width, more than 0.
    pub w: f64,
    /// Height, more than 0.
    pub h: f64,
}

/// The kind of a region's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An upright box.
    Bbox,
    /// A closed area.
    Polygon,
    /// An open line.
    Polyline,
    /// A single place.
    Point,
}

impl Kind {
    /// Every kind, in the order in which tools list them.
    pub const ALL: [Kind; 4] = [Kind::Bbox, Kind::Polygon, Kind::Polyline, Kind::Point];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Bbox => "bbox",
            Kind::Polygon => "polygon",
            Kind::Polyline => "polyline",
            Kind::Point => "point",
        }
    }

    /// The word for a person.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Bbox => "Box",
            Kind::Polygon => "Polygon",
            Kind::Polyline => "Polyline",
            Kind::Point => "Point",
        }
    }
}

/// A shape in the picture's unit square.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "shape", rename_all = "lowercase")]
pub enum Shape {
    /// An upright box.
    Bbox(Rect),
    /// Three or more corners of a closed area; the last is joined to the first.
    Polygon(Vec<Point>),
    /// Two or more corners of an open line.
    Polyline(Vec<Point>),
    /// A single place.
    Point(Point),
}

impl Shape {
    /// The kind of the shape.
    pub fn kind(&self) -> Kind {
        match self {
            Shape::Bbox(_) => Kind::Bbox,
            Shape::Polygon(_) => Kind::Polygon,
            Shape::Polyline(_) => Kind::Polyline,
            Shape::Point(_) => Kind::Point,
        }
    }

    /// The smallest upright rectangle around the shape; of width or height 0 for points and straight upright lines.
    pub fn bounds(&self) -> Rect {
        match self {
            Shape::Bbox(rect) => *rect,
            Shape::Point(point) => Rect { x: point.x, y: point.y, w: 0.0, h: 0.0 },
            Shape::Polygon(points) | Shape::Polyline(points) => {
                let (mut left, mut top, mut right, mut bottom) =
                    (f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY);
                for point in points {
                    left = left.min(point.x);
                    right = right.max(point.x);
                    top = top.min(point.y);
                    bottom = bottom.max(point.y);
                }
                if points.is_empty() {
                    Rect::default()
                } else {
                    Rect { x: left, y: top, w: right - left, h: bottom - top }
                }
            }
        }
    }
}

/// One annotated shape, labelled with an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Region {
    /// Identity that is stable across saves; absent for a region that was never saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Kind and coordinates: the keys `type` and `shape`.
    #[serde(flatten)]
    pub shape: Shape,
    /// Name of the registered object that the region shows.
    pub object: String,
}

/// Reads what `Serialize` writes, in any order of the keys. What is derived for a flattened field puts every corner aside before it
/// knows the kind: of ten thousand regions that takes longer than all else that an editor does to open them.
impl<'de> Deserialize<'de> for Region {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RegionVisitor)
    }
}

struct RegionVisitor;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum RegionKey {
    Id,
    Type,
    Shape,
    Object,
    #[serde(other)]
    Other,
}

impl<'de> Visitor<'de> for RegionVisitor {
    type Value = Region;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a region")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Region, A::Error> {
        let (mut id, mut kind, mut shape, mut object) = (None, None, None, None);
        // A shape that came before its kind.
        let mut early = None;
        while let Some(key) = map.next_key()? {
            match (key, kind) {
                (RegionKey::Id, _) => id = map.next_value()?,
                (RegionKey::Type, _) => kind = Some(map.next_value::<Kind>()?),
                (RegionKey::Shape, Some(kind)) => {
                    shape = Some(match kind {
                        Kind::Bbox => Shape::Bbox(map.next_value()?),
                        Kind::Polygon => Shape::Polygon(map.next_value()?),
                        Kind::Polyline => Shape::Polyline(map.next_value()?),
                        Kind::Point => Shape::Point(map.next_value()?),
                    });
                }
                (RegionKey::Shape, None) => early = Some(map.next_value::<Value>()?),
                (RegionKey::Object, _) => object = Some(map.next_value()?),
                (RegionKey::Other, _) => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing = A::Error::missing_field;
        let shape = match (shape, early, kind) {
            (Some(shape), ..) => shape,
            (None, Some(early), Some(kind)) => {
                let tagged = serde_json::json!({ "type": kind, "shape": early });
                Shape::deserialize(tagged).map_err(A::Error::custom)?
            }
            (None, _, None) => return Err(missing("type")),
            (None, None, Some(_)) => return Err(missing("shape")),
        };
        Ok(Region { id, shape, object: object.ok_or_else(|| missing("object"))? })
    }
}

/// All regions of a picture in one saved state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Annotations {
    /// Number of the state: how often the picture's regions were saved.
    pub revision: i64,
    /// The regions, in drawing order.
    pub regions: Vec<Region>,
}

/// One entry of a picture's annotation history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RevisionSummary {
    /// Number of the state.
    pub revision: i64,
    /// Who saved it.
    pub author: Option<String>,
    /// When, in Unix seconds.
    pub timestamp: i64,
    /// Regions that the state before did not have.
    pub added: i64,
    /// Regions with another shape or object than before.
    pub changed: i64,
    /// Regions that the state before had.
    pub removed: i64,
}

/// At most so many regions may lie on one picture.
pub const MAX_REGIONS: usize = 100_000;
/// The shapes of one picture's regions may take at most so many bytes as JSON text.
pub const MAX_SHAPE_BYTES: usize = 30_000_000;
/// At most so many corners may one polygon or polyline have.
pub const MAX_POINTS: usize = 100_000;
/// Sums such as `x + w` may exceed 1 by rounding alone.
const ROUNDING: f64 = 1e-9;

/// Reads a list of regions from a request body. `path` is how errors call the list: `annotations` in an upload, and the
/// empty string where the list is the body itself. Every fault is reported, not only the first.
pub fn parse_regions(value: &Value, path: &str) -> Result<Vec<Region>, Vec<FieldError>> {
    let Value::Array(items) = value else {
        return Err(vec![FieldError::new(if path.is_empty() { "body" } else { path }, "must be a list of regions")]);
    };
    let mut faults = Faults::default();
    if items.len() > MAX_REGIONS {
        faults.add(if path.is_empty() { "body" } else { path }, format!("must have at most {MAX_REGIONS} regions"));
        return Err(faults.0);
    }
    let regions = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| parse_region(item, &format!("{path}[{index}]"), &mut faults))
        .collect();
    if faults.0.is_empty() { Ok(regions) } else { Err(faults.0) }
}

/// Regions that passed [`parse_regions`], so that nobody has to look again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct SoundRegions(Vec<Region>);

impl SoundRegions {
    /// Reads a list of regions, as [`parse_regions`] does.
    pub fn parse(value: &Value, path: &str) -> Result<Self, Vec<FieldError>> {
        parse_regions(value, path).map(Self)
    }
}

impl std::ops::Deref for SoundRegions {
    type Target = [Region];

    fn deref(&self) -> &[Region] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for SoundRegions {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse(&value, "").map_err(|faults| {
            let fault = faults.first().map(|fault| format!("{} {}", fault.field, fault.message));
            serde::de::Error::custom(fault.unwrap_or_default())
        })
    }
}

/// Checks regions that are typed already, with the rules and the messages of [`parse_regions`].
pub fn check_regions(regions: &[Region], path: &str) -> Result<(), Vec<FieldError>> {
    // JSON has no infinities: they become null and are refused as "must be a number".
    let value = serde_json::to_value(regions).map_err(|_| vec![FieldError::new(path, "must be a list of regions")])?;
    parse_regions(&value, path).map(drop)
}

/// Collects faults, at most a hundred: a broken list of thousands needs no thousands of messages.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldError>);

impl Faults {
    pub(super) fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < 100 {
            self.0.push(FieldError::new(field, message));
        }
    }
}

pub(super) fn parse_region(item: &Value, path: &str, faults: &mut Faults) -> Option<Region> {
    let Value::Object(map) = item else {
        faults.add(path, "must be a dictionary with `type`, `shape` and `object`");
        return None;
    };
    for key in map.keys().filter(|key| !matches!(key.as_str(), "id" | "type" | "shape" | "object")) {
        faults.add(format!("{path}.{key}"), "is not a known key");
    }
    let id = match map.get("id") {
        None | Some(Value::Null) => None,
        Some(value) => match value.as_i64() {
            Some(id) => Some(id),
            None => {
                faults.add(format!("{path}.id"), "must be an integer");
                None
            }
        },
    };
    let object = match map.get("object") {
        Some(Value::String(name)) if !name.is_empty() => Some(name.clone()),
        Some(Value::String(_)) => {
            faults.add(format!("{path}.object"), "must not be empty");
            None
        }
        Some(_) => {
            faults.add(format!("{path}.object"), "must be the name of an object");
            None
        }
        None => {
            faults.add(format!("{path}.object"), "is missing");
            None
        }
    };
    let shape_path = format!("{path}.shape");
    let shape = match (map.get("type").and_then(Value::as_str), map.get("shape")) {
        (Some("bbox" | "polygon" | "polyline" | "point"), None) => {
            faults.add(shape_path, "is missing");
            None
        }
        (Some("bbox"), Some(shape)) => parse_rect(shape, &shape_path, faults).map(Shape::Bbox),
        (Some("point"), Some(shape)) => parse_point(shape, &shape_path, faults).map(Shape::Point),
        (Some("polygon"), Some(shape)) => parse_points(shape, 3, &shape_path, faults).map(Shape::Polygon),
        (Some("polyline"), Some(shape)) => parse_points(shape, 2, &shape_path, faults).map(Shape::Polyline),
        _ => {
            faults.add(format!("{path}.type"), "must be `bbox`, `polygon`, `polyline` or `point`");
            None
        }
    };
    Some(Region { id, shape: shape?, object: object? })
}

fn parse_number(value: Option<&Value>, path: String, faults: &mut Faults) -> Option<f64> {
    match value {
        None => faults.add(path, "is missing"),
        Some(value) => match value.as_f64().filter(|number| number.is_finite()) {
            None => faults.add(path, "must be a number"),
            Some(number) if (0.0..=1.0).contains(&number) => return Some(number),
            Some(_) => faults.add(path, "must be between 0 and 1"),
        },
    }
    None
}

fn parse_keys<const N: usize>(value: &Value, keys: [&str; N], path: &str, faults: &mut Faults) -> Option<[f64; N]> {
    let Value::Object(map) = value else {
        faults.add(path, format!("must be a dictionary with {}", keys.map(|key| format!("`{key}`")).join(", ")));
        return None;
    };
    for key in map.keys().filter(|key| !keys.contains(&key.as_str())) {
        faults.add(format!("{path}.{key}"), "is not a known key");
    }
    let numbers = keys.map(|key| parse_number(map.get(key), format!("{path}.{key}"), faults));
    numbers.iter().all(Option::is_some).then(|| numbers.map(Option::unwrap_or_default))
}

fn parse_point(value: &Value, path: &str, faults: &mut Faults) -> Option<Point> {
    parse_keys(value, ["x", "y"], path, faults).map(|[x, y]| Point { x, y })
}

fn parse_rect(value: &Value, path: &str, faults: &mut Faults) -> Option<Rect> {
    let [x, y, w, h] = parse_keys(value, ["x", "y", "w", "h"], path, faults)?;
    for (key, size, end) in [("w", w, x + w), ("h", h, y + h)] {
        if size <= 0.0 {
            faults.add(format!("{path}.{key}"), "must be more than 0");
        } else if end > 1.0 + ROUNDING {
            faults.add(format!("{path}.{key}"), "must end inside the picture");
        }
    }
    (w > 0.0 && h > 0.0 && x + w <= 1.0 + ROUNDING && y + h <= 1.0 + ROUNDING).then_some(Rect { x, y, w, h })
}

fn parse_points(value: &Value, least: usize, path: &str, faults: &mut Faults) -> Option<Vec<Point>> {
    let Value::Array(items) = value else {
        faults.add(path, "must be a list of points");
        return None;
    };
    if items.len() < least || items.len() > MAX_POINTS {
        faults.add(path, format!("must have between {least} and {MAX_POINTS} points"));
        return None;
    }
    let points: Vec<Point> = items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| parse_point(item, &format!("{path}[{index}]"), faults))
        .collect();
    (points.len() == items.len()).then_some(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(value: Value) -> (String, String) {
        let errors = parse_regions(&value, "annotations").unwrap_err();
        (errors[0].field.clone(), errors[0].message.clone())
    }

    #[test]
    fn reads_and_writes_the_four_kinds() {
        let value = json!([
            {"type": "bbox", "shape": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}, "object": "Cat"},
            {"type": "polygon", "shape": [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 0.0}, {"x": 0.5, "y": 1.0}], "object": "Cat"},
            {"type": "polyline", "shape": [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 0.0}], "object": "Road"},
            {"id": 4, "type": "point", "shape": {"x": 0.30000000000000004, "y": 0.1}, "object": "Eye"},
        ]);
        let regions = parse_regions(&value, "").unwrap();
        assert_eq!(serde_json::to_value(&regions).unwrap(), value);
        let text = serde_json::to_string(&regions).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Region>>(&text).unwrap(), regions);
    }

    #[test]
    fn reads_the_keys_of_a_region_in_any_order() {
        let read = |text: &str| serde_json::from_str::<Region>(text);
        let usual =
            read(r#"{"id": 4, "type": "polyline", "shape": [{"x": 0.1, "y": 0}, {"x": 1, "y": 0}], "object": "Road"}"#);
        let usual = usual.unwrap();
        assert_eq!(usual.shape, Shape::Polyline(vec![Point { x: 0.1, y: 0.0 }, Point { x: 1.0, y: 0.0 }]));
        let other = r#"{"object": "Road", "shape": [{"x": 0.1, "y": 0}, {"x": 1, "y": 0}], "new": [1], "type": "polyline", "id": 4}"#;
        assert_eq!(read(other).unwrap(), usual);
        assert_eq!(
            read(r#"{"id": null, "type": "point", "shape": {"x": 0, "y": 1}, "object": "Eye"}"#).unwrap().id,
            None
        );
        for (wrong, says) in [
            (r#"{"shape": {"x": 0, "y": 1}, "object": "Eye"}"#, "`type`"),
            (r#"{"type": "point", "object": "Eye"}"#, "`shape`"),
            (r#"{"type": "point", "shape": {"x": 0, "y": 1}}"#, "`object`"),
            (r#"{"type": "bbox", "shape": {"x": 0, "y": 1}, "object": "Eye"}"#, "`w`"),
            (r#"{"shape": {"x": 0, "y": 1}, "type": "bbox", "object": "Eye"}"#, "`w`"),
            (r#"{"type": "circle", "shape": {"x": 0, "y": 1}, "object": "Eye"}"#, "circle"),
        ] {
            let error = read(wrong).unwrap_err().to_string();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }

    #[test]
    fn names_the_place_of_a_fault() {
        let ok = json!({"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Eye"});
        for (bad, field, message) in [
            (
                json!({"type": "point", "shape": {"x": 1.5, "y": 0.5}, "object": "Eye"}),
                "shape.x",
                "must be between 0 and 1",
            ),
            (json!({"type": "point", "shape": {"x": "0.5", "y": 0.5}, "object": "Eye"}), "shape.x", "must be a number"),
            (json!({"type": "point", "shape": {"x": null, "y": 0.5}, "object": "Eye"}), "shape.x", "must be a number"),
            (json!({"type": "point", "shape": {"x": 0.5}, "object": "Eye"}), "shape.y", "is missing"),
            (
                json!({"type": "point", "shape": {"x": 0.5, "y": 0.5, "z": 1}, "object": "Eye"}),
                "shape.z",
                "is not a known key",
            ),
            (json!({"type": "point", "shape": {"x": 0.5, "y": 0.5}}), "object", "is missing"),
            (
                json!({"type": "bbox", "shape": {"x": 0.5, "y": 0.5, "w": 0.0, "h": 0.1}, "object": "Eye"}),
                "shape.w",
                "must be more than 0",
            ),
            (
                json!({"type": "bbox", "shape": {"x": 0.5, "y": 0.5, "w": 0.6, "h": 0.1}, "object": "Eye"}),
                "shape.w",
                "must end inside the picture",
            ),
            (
                json!({"type": "polygon", "shape": [{"x": 0.5, "y": 0.5}], "object": "Eye"}),
                "shape",
                "must have between 3 and 100000 points",
            ),
            (
                json!({"type": "circle", "shape": {}, "object": "Eye"}),
                "type",
                "must be `bbox`, `polygon`, `polyline` or `point`",
            ),
            (
                json!({"type": "point", "shape": {"x": 0.5, "y": 0.5}, "object": "Eye", "label": 1}),
                "label",
                "is not a known key",
            ),
        ] {
            assert_eq!(fault(json!([ok, bad])), (format!("annotations[1].{field}"), message.to_owned()));
        }
    }

    #[test]
    fn typed_regions_obey_the_same_rules() {
        let region = Region { id: None, shape: Shape::Point(Point { x: f64::NAN, y: 0.5 }), object: "Eye".into() };
        assert_eq!(check_regions(&[region], "regions").unwrap_err()[0].field, "regions[0].shape.x");
    }
}
