//! The forms of a COCO annotation's `segmentation`.

use super::Point;
use crate::formats::annotations::Number;
use crate::formats::annotations::mask::Runs;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt::{self, Formatter};

/// What a segmentation is.
pub(super) enum Segmentation {
    /// The outlines of parts, in pixels. One with an odd number of numbers has no corners.
    Rings(Vec<Vec<Point>>),
    /// A mask of run lengths.
    Mask(Mask),
}

/// A mask as it stands in the file.
#[derive(Deserialize)]
#[serde(from = "MaskEntry")]
pub(in crate::formats) struct Mask {
    /// Width in pixels, not checked.
    pub width: f64,
    /// Height in pixels, not checked.
    pub height: f64,
    counts: Counts,
}

#[derive(Deserialize)]
struct MaskEntry {
    /// Height, then width.
    size: [Number; 2],
    counts: Counts,
}

impl From<MaskEntry> for Mask {
    fn from(MaskEntry { size: [height, width], counts }: MaskEntry) -> Self {
        Self { width: width.0, height: height.0, counts }
    }
}

enum Counts {
    Plain(Vec<u64>),
    Compressed(String),
}

impl Mask {
    /// Its runs, `None` if they are broken or do not fit its size.
    pub fn runs(&self) -> Option<Runs> {
        match &self.counts {
            Counts::Plain(counts) => Runs::new(self.width, self.height, counts.clone()),
            Counts::Compressed(text) => Runs::compressed(self.width, self.height, text.as_bytes()),
        }
    }
}

/// The corners of an outline that is said as x and y in turn.
pub(super) fn ring_of(numbers: &[Number]) -> Vec<Point> {
    if !numbers.len().is_multiple_of(2) {
        return Vec::new();
    }
    numbers.chunks_exact(2).map(|pair| Point { x: pair[0].0, y: pair[1].0 }).collect()
}

struct CountsVisitor;

impl<'de> Visitor<'de> for CountsVisitor {
    type Value = Counts;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("run lengths")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Counts, E> {
        Ok(Counts::Compressed(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Counts, A::Error> {
        let mut counts = Vec::new();
        while let Some(Number(count)) = list.next_element()? {
            if !(0.0..9e15).contains(&count) || count.fract() != 0.0 {
                return Err(A::Error::custom("a run length is no whole number"));
            }
            counts.push(count as u64);
        }
        Ok(Counts::Plain(counts))
    }
}

impl<'de> Deserialize<'de> for Counts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountsVisitor)
    }
}

/// An item of a list of polygons: one of them, or a number where the list is itself one.
enum Item {
    Number(f64),
    Ring(Vec<Point>),
}

struct ItemSeed;

impl<'de> DeserializeSeed<'de> for ItemSeed {
    type Value = Item;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Item, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemSeed {
    type Value = Item;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a polygon")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Item, E> {
        Ok(Item::Number(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Item, E> {
        Ok(Item::Number(number as f64))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Item, E> {
        Ok(Item::Number(number as f64))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Item, E> {
        Ok(Item::Number(Number::parse(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Item, A::Error> {
        let mut points = Vec::new();
        while let Some(Number(x)) = list.next_element()? {
            match list.next_element()? {
                Some(Number(y)) => points.push(Point { x, y }),
                None => return Ok(Item::Ring(Vec::new())),
            }
        }
        Ok(Item::Ring(points))
    }
}

struct SegmentationVisitor;

impl<'de> Visitor<'de> for SegmentationVisitor {
    type Value = Segmentation;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("polygons or a mask")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Segmentation, A::Error> {
        let (mut rings, mut flat) = (Vec::new(), Vec::new());
        while let Some(item) = list.next_element_seed(ItemSeed)? {
            match item {
                Item::Number(number) => flat.push(Number(number)),
                Item::Ring(points) => rings.push(points),
            }
        }
        if !flat.is_empty() {
            rings.push(ring_of(&flat));
        }
        Ok(Segmentation::Rings(rings))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Segmentation, A::Error> {
        let (mut size, mut counts) = (None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "size" => size = Some(map.next_value::<[Number; 2]>()?),
                "counts" => counts = Some(map.next_value::<Counts>()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let size = size.ok_or_else(|| A::Error::missing_field("size"))?;
        let counts = counts.ok_or_else(|| A::Error::missing_field("counts"))?;
        Ok(Segmentation::Mask(MaskEntry { size, counts }.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Segmentation, E> {
        Ok(Segmentation::Rings(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Segmentation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SegmentationVisitor)
    }
}
