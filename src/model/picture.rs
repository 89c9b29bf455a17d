//! Pictures: images with their metadata.

use super::account::MAX_ATTRIBUTION;
use super::error::FieldError;
use super::exif::Exif;
use super::field::{FieldChanges, PictureField, check_fields};
use super::limits::{MAX_DESCRIPTION, MAX_LICENCES, MAX_TITLE, check_text, check_url};
use super::mark::Mark;
use super::region::Region;
use serde::{Deserialize, Deserializer, Serialize};

/// A picture as lists and the API show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Picture {
    /// Numeric identity.
    pub id: i64,
    /// Title, possibly empty.
    pub title: String,
    /// Description, possibly empty.
    pub description: String,
    /// Username of who posted it.
    pub author: String,
    /// Whom to name as the author instead of the username: whoever posted it said so, or chose so when they closed their account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribution: Option<String>,
    /// Where the picture comes from.
    pub origin_url: Option<String>,
    /// When it was posted, in Unix seconds.
    pub timestamp: i64,
    /// Width in pixels, as a person sees the picture (orientation applied).
    pub width: i64,
    /// Height in pixels, as a person sees the picture (orientation applied).
    pub height: i64,
    /// Media type of the file.
    pub file_format: String,
    /// Id of the nature.
    pub nature: String,
    /// Ids of the licences, sorted.
    pub licences: Vec<String>,
    /// The picture that this one replaces.
    pub replaces: Option<i64>,
    /// The picture that replaces this one; a picture that has one is obsolete.
    pub replaced_by: Option<i64>,
    /// The picture that this one was copied from.
    pub copied_from: Option<i64>,
    /// The dataset that it belongs to, as `namespace/name`; null for pictures of the commons.
    #[serde(default)]
    pub dataset: Option<String>,
    /// Additional fields, by name.
    #[serde(default)]
    pub fields: Vec<PictureField>,
    /// The regions, in drawing order.
    #[serde(default)]
    pub regions: Vec<Region>,
    /// Absolute address of the image file.
    pub download: String,
}

/// A picture as a card shows it, however many regions it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureCard {
    /// The picture, without its regions. Over the wire it loses whatever no card shows.
    #[serde(with = "PictureOnCard")]
    pub picture: Picture,
    /// How many regions it has.
    pub region_count: i64,
    /// Names of the objects that it shows most often, at most [`NAMED_OBJECTS`].
    pub objects: Vec<String>,
    /// What is outlined on it, where something is: the objects that a query asks for, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outlines: Vec<Outline>,
    /// Whether it belongs to a dataset in which the viewer may draw nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
}

/// What the wire carries of a picture on a card: a list of them is as long as all its descriptions otherwise, and the front end
/// would need to know how regions are written before it can show any picture.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Picture")]
struct PictureOnCard {
    id: i64,
    title: String,
    #[serde(skip)]
    description: String,
    author: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attribution: Option<String>,
    #[serde(skip)]
    origin_url: Option<String>,
    #[serde(skip)]
    timestamp: i64,
    width: i64,
    height: i64,
    #[serde(skip)]
    file_format: String,
    #[serde(skip)]
    nature: String,
    licences: Vec<String>,
    #[serde(skip)]
    replaces: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaced_by: Option<i64>,
    #[serde(skip)]
    copied_from: Option<i64>,
    #[serde(skip)]
    dataset: Option<String>,
    #[serde(skip)]
    fields: Vec<PictureField>,
    #[serde(skip)]
    regions: Vec<Region>,
    download: String,
}

/// The regions of a picture that show one object, as they are drawn on a small version of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// Name of the object.
    pub object: String,
    /// All their outlines as SVG path data, in pixels of the picture.
    pub path: String,
}

/// So many objects are named where a picture is described in a few words.
pub const NAMED_OBJECTS: usize = 5;

/// A picture with what only its own page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "DetailOnWire")]
pub struct PictureDetail {
    /// What lists show, too.
    #[serde(flatten)]
    pub picture: Picture,
    /// Ratings by all users.
    #[serde(flatten)]
    pub rating: RatingSummary,
    /// Number of the newest state of the regions.
    pub revision: i64,
    /// How often the metadata was changed.
    pub metadata_revision: i64,
    /// What the camera wrote into the file.
    pub exif: Option<Exif>,
    /// Whether the place where it was taken may be known. It is shown, and left in the file that is served, if that is so for
    /// every picture that has the file.
    pub keep_place: bool,
    /// What is said of the work on it.
    pub mark: Option<Mark>,
}

/// What the wire carries of a [`PictureDetail`]. What is read into a flattened field is put aside first, piece by piece, and regions
/// have too many pieces for that: so they are read beside the rest of the picture.
#[derive(Deserialize)]
struct DetailOnWire {
    #[serde(flatten)]
    picture: Picture,
    regions: Vec<Region>,
    #[serde(flatten)]
    rating: RatingSummary,
    revision: i64,
    metadata_revision: i64,
    exif: Option<Exif>,
    keep_place: bool,
    #[serde(default)]
    mark: Option<Mark>,
}

impl From<DetailOnWire> for PictureDetail {
    fn from(wire: DetailOnWire) -> Self {
        let DetailOnWire { picture, regions, rating, revision, metadata_revision, exif, keep_place, mark } = wire;
        let picture = Picture { regions, ..picture };
        Self { picture, rating, revision, metadata_revision, exif, keep_place, mark }
    }
}

/// New metadata for a picture. What is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PictureChange {
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it comes from; `null` or an empty text removes it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub origin_url: Option<Option<String>>,
    /// Ids of the licences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_ids: Option<Vec<String>>,
    /// Id of the nature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nature_id: Option<String>,
    /// Whom to name as the author; `null` or an empty text for who posted it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub attribution: Option<Option<String>>,
    /// Additional fields by name, with what they say, or null for those that go; others stay.
    #[serde(default, skip_serializing_if = "FieldChanges::is_empty")]
    pub fields: FieldChanges,
    /// `false` stops showing the place where it was taken. What was not shown from the upload on is not shown later: whoever
    /// copied a picture must not tell where another was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_place: Option<bool>,
}

/// Tells a key that is there with `null` from one that is absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

impl PictureChange {
    /// Brings texts into the form that is stored, and says what is wrong with them. Names are checked by the store.
    pub fn check(&mut self) -> Vec<FieldError> {
        for text in [&mut self.title, &mut self.description].into_iter().flatten() {
            *text = tidy(text);
        }
        self.origin_url = self.origin_url.take().map(|url| url.filter(|url| !url.is_empty()));
        let mut errors = Vec::new();
        errors.extend(self.title.as_ref().and_then(|text| check_text("title", text, MAX_TITLE)));
        errors.extend(self.description.as_ref().and_then(|text| check_text("description", text, MAX_DESCRIPTION)));
        errors.extend(self.origin_url.iter().flatten().find_map(|url| check_url("origin_url", url)));
        self.attribution =
            self.attribution.take().map(|name| name.map(|name| tidy(&name)).filter(|name| !name.is_empty()));
        errors.extend(
            self.attribution.iter().flatten().find_map(|name| check_text("attribution", name, MAX_ATTRIBUTION)),
        );
        errors.extend(check_fields("fields", &self.fields));
        if self.licence_ids.as_ref().is_some_and(|ids| ids.len() > MAX_LICENCES) {
            errors.push(FieldError::new("licence_ids", format!("must have at most {MAX_LICENCES} entries")));
        }
        errors
    }
}

/// A text as it is stored: without space around it, and with plain line breaks, whatever a form has made of them.
pub fn tidy(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// What the page of a picture shows around it, for whoever is asking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PictureSurroundings {
    /// Whether the viewer may change, replace and delete the picture.
    pub may_edit: bool,
    /// Whether the viewer may draw on the picture.
    pub may_annotate: bool,
    /// Whether the viewer may make a copy of the picture, which goes to where it is.
    pub may_copy: bool,
    /// The viewer's own rating.
    pub own_rating: Option<u8>,
    /// How many galleries have the picture.
    pub gallery_count: i64,
    /// The first of them, as their numbers and titles.
    pub galleries: Vec<(i64, String)>,
    /// The picture at the beginning of the copying that led to this one, if that is still there.
    pub original: Option<Original>,
    /// How many pictures were copied from this one.
    pub copy_count: i64,
    /// Length of the file in bytes.
    pub size_bytes: i64,
}

/// What a picture was copied from, maybe by way of other copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// Its number.
    pub id: i64,
    /// Whom to name as the author.
    pub author: String,
}

/// How users rated a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RatingSummary {
    /// Mean of all ratings, from 1 to 5; absent without any.
    pub rating_average: Option<f64>,
    /// How often each grade was given.
    pub rating_count: RatingCounts,
}

/// How often each grade was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RatingCounts {
    /// One star.
    #[serde(rename = "1")]
    pub one: i64,
    /// Two stars.
    #[serde(rename = "2")]
    pub two: i64,
    /// Three stars.
    #[serde(rename = "3")]
    pub three: i64,
    /// Four stars.
    #[serde(rename = "4")]
    pub four: i64,
    /// Five stars.
    #[serde(rename = "5")]
    pub five: i64,
}

/// Longest side of the small thumbnail, in pixels.
pub const THUMBNAIL_SMALL_PX: u32 = 320;
/// Longest side of the large thumbnail, in pixels.
pub const THUMBNAIL_LARGE_PX: u32 = 960;

impl Picture {
    /// Path of the original file on this site: `/image/<hash>.<extension>`.
    pub fn image_path(&self) -> &str {
        self.download.find("/image/").map_or(self.download.as_str(), |at| &self.download[at..])
    }

    /// Path of a thumbnail whose longest side has `size_px` pixels, or fewer where the picture is smaller.
    pub fn thumbnail_path(&self, size_px: u32) -> String {
        let hash = self.image_path().trim_start_matches("/image/").split('.').next().unwrap_or_default();
        format!("/thumbnail/{hash}/{size_px}")
    }

    /// Absolute address of the picture's page.
    pub fn page_url(&self) -> String {
        self.page_url_of(self.id)
    }

    /// Absolute address of another picture's page.
    pub fn page_url_of(&self, id: i64) -> String {
        let site = self.download.find("/image/").map_or("", |at| &self.download[..at]);
        format!("{site}/picture/{id}")
    }

    /// Whom to name as the author.
    pub fn author_name(&self) -> &str {
        self.attribution.as_deref().unwrap_or(&self.author)
    }

    /// What to call the picture where it has no title.
    pub fn display_title(&self) -> String {
        if self.title.is_empty() { format!("Picture {}", self.id) } else { self.title.clone() }
    }

    /// Width in pixels of a thumbnail whose longest side has `size_px` pixels.
    pub fn thumbnail_width_px(&self, size_px: u32) -> i64 {
        self.thumbnail_size_px(size_px).0
    }

    /// Width and height in pixels of a thumbnail whose longest side has `size_px` pixels.
    pub fn thumbnail_size_px(&self, size_px: u32) -> (i64, i64) {
        let longest = self.width.max(self.height).max(1);
        if longest <= i64::from(size_px) {
            return (self.width, self.height);
        }
        let scaled = |side: i64| (side * i64::from(size_px) / longest).max(1);
        (scaled(self.width), scaled(self.height))
    }
}

/// Whether two pictures have the same aspect ratio, but for what rounding to whole pixels and cropping a line may do to
/// it: regions of the one then fit the other.
pub fn same_aspect_ratio((width, height): (i64, i64), (other_width, other_height): (i64, i64)) -> bool {
    if width <= 0 || height <= 0 || other_width <= 0 || other_height <= 0 {
        return false;
    }
    let (ratio, other) = (width as f64 / height as f64, other_width as f64 / other_height as f64);
    (ratio / other - 1.0).abs() <= 0.01
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aspect_ratios_forgive_rounding_only() {
        assert!(same_aspect_ratio((4000, 3000), (640, 480)));
        assert!(same_aspect_ratio((4000, 3000), (1333, 1000)));
        assert!(!same_aspect_ratio((4000, 3000), (3000, 4000)));
        assert!(!same_aspect_ratio((1600, 900), (1600, 1000)));
        assert!(!same_aspect_ratio((1, 0), (1, 0)));
    }

    #[test]
    fn a_picture_is_read_as_it_was_written() {
        let region = serde_json::json!({"id": 2, "type": "point", "shape": {"x": 0.1, "y": 0.2}, "object": "Eye"});
        let written = serde_json::json!({
            "id": 7, "title": "A", "description": "", "author": "ann", "origin_url": null, "timestamp": 5, "width": 3, "height": 4,
            "file_format": "image/png", "nature": "photo", "licences": ["CC0-1.0"], "replaces": null, "replaced_by": 9,
            "copied_from": null, "dataset": "ann/cats", "fields": [{"name": "Depth", "kind": "number", "value": 2.5}], "regions": [region], "download": "https://example.org/a.png",
            "rating_average": 3.5, "rating_count": {"1": 0, "2": 0, "3": 1, "4": 1, "5": 0}, "revision": 4, "metadata_revision": 1, "exif": null,
            "keep_place": true, "mark": null,
        });
        let read: PictureDetail = serde_json::from_str(&written.to_string()).unwrap();
        assert_eq!((read.picture.regions.len(), read.picture.replaced_by, read.revision), (1, Some(9), 4));
        assert_eq!(serde_json::to_value(&read).unwrap(), written);
        let mut without = written;
        without.as_object_mut().unwrap().remove("regions");
        assert!(serde_json::from_value::<PictureDetail>(without).is_err());
    }

    #[test]
    fn a_change_tells_null_from_absent() {
        let change = |text| serde_json::from_str::<PictureChange>(text);
        assert_eq!(change("{}").unwrap(), PictureChange::default());
        assert_eq!(change(r#"{"origin_url": null}"#).unwrap().origin_url, Some(None));
        assert!(change(r#"{"author": "eve"}"#).is_err());
        let mut tidied = change(r#"{"origin_url": "", "description": " a\r\nb "}"#).unwrap();
        assert!(tidied.check().is_empty());
        assert_eq!((tidied.origin_url, tidied.description.as_deref()), (Some(None), Some("a\nb")));
        let mut wrong = change(r#"{"title": "\u0000", "origin_url": "javascript:x"}"#).unwrap();
        let fields: Vec<String> = wrong.check().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["title", "origin_url"]);
    }
}
