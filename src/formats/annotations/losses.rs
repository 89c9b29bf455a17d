//! What could not be represented: exact counts, and the first places.

use crate::model::region::Kind;
use std::collections::BTreeMap;

/// So many places are listed; the counts are exact beyond that.
pub const MAX_LISTED: usize = 1000;
/// A place or detail is cut to so many bytes: it may quote hostile input.
const MAX_TEXT: usize = 300;

/// A kind of loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// A region was left out, since the format has no box.
    Box,
    /// A region was left out, since the format has no polygon.
    Polygon,
    /// A region was left out, since the format has no polyline.
    Polyline,
    /// A region was left out, since the format has no point.
    Point,
    /// A polygon was said as the box around it.
    BoxOnly,
    /// A box was said as a polygon with four corners.
    Outlined,
    /// A shape was cut at the picture's edge.
    Clipped,
    /// A shape was left out, since it lies outside the picture.
    Outside,
    /// A shape was left out, since it has no extent or too few corners.
    Degenerate,
    /// A shape was left out, since a coordinate is no finite number.
    NotFinite,
    /// A shape was left out, since it has more corners than we keep.
    TooLarge,
    /// A shape was left out, since it is of a kind that we do not have, such as an ellipse.
    OtherShape,
    /// One annotation with several parts became several regions.
    SeveralParts,
    /// A hole was joined to its outline by a seam.
    Hole,
    /// An annotation was left out, since it cannot be read.
    Unreadable,
    /// An annotation was left out, since the picture that it belongs to is not there.
    UnknownPicture,
    /// The name of an annotation's class is not there, and its number was taken for it.
    UnknownObject,
    /// An annotation does not say what it shows.
    Unnamed,
    /// A picture's regions were left out, since its size in pixels is not known.
    UnknownSize,
    /// A picture was there before with the same path, and was taken for the same.
    DuplicatePicture,
    /// A class was there before with the same number, and the first was kept.
    DuplicateObject,
    /// A picture or one of its files has no usable name, and was left out.
    BadName,
    /// A picture was given another name, since another picture's files had that already.
    Renamed,
    /// Something that is said of a region besides shape and object, such as an attribute, was left out.
    Attribute,
    /// Something that is said of a whole picture, such as a class or a caption, was left out.
    OfPicture,
    /// The picture's part of the split was left out.
    Split,
    /// A whole file was left out, since it says something else of the same pictures.
    File,
    /// An object's name was changed, since the format has no room for some of its characters.
    ObjectName,
    /// A text was cut, since a cell of the table has no room for all of it.
    Cell,
}

impl Loss {
    /// What happened to `count` things, as the continuation of their number: `37` and "polylines cannot be said".
    pub fn label(self, count: u64) -> &'static str {
        let [one, many] = match self {
            Loss::Box => ["box cannot be said", "boxes cannot be said"],
            Loss::Polygon => ["polygon cannot be said", "polygons cannot be said"],
            Loss::Polyline => ["polyline cannot be said", "polylines cannot be said"],
            Loss::Point => ["point cannot be said", "points cannot be said"],
            Loss::BoxOnly => ["polygon became the box around it", "polygons became the boxes around them"],
            Loss::Outlined => ["box became a polygon", "boxes became polygons"],
            Loss::Clipped => ["shape was cut at the picture's edge", "shapes were cut at the picture's edge"],
            Loss::Outside => ["shape lies outside its picture", "shapes lie outside their pictures"],
            Loss::Degenerate => ["shape has no extent", "shapes have no extent"],
            Loss::NotFinite => {
                ["shape has coordinates that are no numbers", "shapes have coordinates that are no numbers"]
            }
            Loss::TooLarge => ["shape has too many corners", "shapes have too many corners"],
            Loss::OtherShape => ["shape is of an unknown kind", "shapes are of unknown kinds"],
            Loss::SeveralParts => {
                ["shape in several parts became several regions", "shapes in several parts became several regions"]
            }
            Loss::Hole => ["hole was joined to its outline", "holes were joined to their outlines"],
            Loss::Unreadable => ["entry cannot be read", "entries cannot be read"],
            Loss::UnknownPicture => ["annotation belongs to no picture", "annotations belong to no picture"],
            Loss::UnknownObject => ["annotation has a class without a name", "annotations have classes without a name"],
            Loss::Unnamed => ["annotation does not say what it shows", "annotations do not say what they show"],
            Loss::UnknownSize => ["picture's size is not known", "pictures' sizes are not known"],
            Loss::DuplicatePicture => ["picture is there twice", "pictures are there twice"],
            Loss::DuplicateObject => ["class is there twice", "classes are there twice"],
            Loss::BadName => ["name cannot be used", "names cannot be used"],
            Loss::Renamed => ["picture was renamed", "pictures were renamed"],
            Loss::Attribute => ["attribute of a region was left out", "attributes of regions were left out"],
            Loss::OfPicture => ["attribute of a picture was left out", "attributes of pictures were left out"],
            Loss::Split => ["picture's part of the split was left out", "pictures' parts of the split were left out"],
            Loss::File => ["file was left out", "files were left out"],
            Loss::ObjectName => ["object's name was changed", "objects' names were changed"],
            Loss::Cell => ["text was cut", "texts were cut"],
        };
        if count == 1 { one } else { many }
    }

    /// That a region of this kind was left out.
    pub fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Bbox => Loss::Box,
            Kind::Polygon => Loss::Polygon,
            Kind::Polyline => Loss::Polyline,
            Kind::Point => Loss::Point,
        }
    }
}

/// One thing that could not be represented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossEntry {
    /// What happened.
    pub loss: Loss,
    /// Where: a file and a place in it, or a picture's path.
    pub place: String,
}

/// Everything that could not be represented in reading or writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    counts: BTreeMap<Loss, u64>,
    listed: Vec<LossEntry>,
}

impl Losses {
    /// Counts a loss. `place` is asked only while there is room to list it.
    pub fn add(&mut self, loss: Loss, place: impl FnOnce() -> String) {
        self.add_many(loss, 1, place);
    }

    /// Counts `count` losses at one place; none if it is 0.
    pub fn add_many(&mut self, loss: Loss, count: u64, place: impl FnOnce() -> String) {
        if count == 0 {
            return;
        }
        let sum = self.counts.entry(loss).or_default();
        *sum = sum.saturating_add(count);
        if self.listed.len() < MAX_LISTED {
            let mut place = place();
            place.truncate(place.floor_char_boundary(MAX_TEXT));
            self.listed.push(LossEntry { loss, place });
        }
    }

    /// Counts what it means that one annotation has so many shapes.
    pub(in crate::formats) fn add_parts(&mut self, count: usize, place: impl FnOnce() -> String) {
        match count {
            0 => self.add(Loss::Degenerate, place),
            1 => {}
            _ => self.add(Loss::SeveralParts, place),
        }
    }

    /// How often something was lost in this way.
    pub fn count(&self, loss: Loss) -> u64 {
        self.counts.get(&loss).copied().unwrap_or_default()
    }

    /// Every kind of loss that there was, with its exact count.
    pub fn counts(&self) -> impl Iterator<Item = (Loss, u64)> + '_ {
        self.counts.iter().map(|(loss, count)| (*loss, *count))
    }

    /// The first losses, at most [`MAX_LISTED`], in the order in which they were met.
    pub fn listed(&self) -> &[LossEntry] {
        &self.listed
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_and_places_bounded() {
        let mut losses = Losses::default();
        assert!(losses.is_empty());
        for number in 0..5000 {
            losses.add(Loss::Polyline, || format!("{number}{}", "ä".repeat(400)));
        }
        losses.add_many(Loss::Hole, 0, || unreachable!("nothing was lost"));
        assert_eq!(losses.counts().collect::<Vec<_>>(), [(Loss::Polyline, 5000)]);
        assert_eq!(losses.listed().len(), MAX_LISTED);
        assert!(losses.listed().iter().all(|entry| entry.place.len() <= MAX_TEXT));
        assert_eq!(Loss::Polyline.label(37), "polylines cannot be said");
    }
}
