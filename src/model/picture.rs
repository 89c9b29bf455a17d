//! Pictures: images with their metadata.

use super::region::Region;
use serde::{Deserialize, Serialize};

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
    /// The regions, in drawing order.
    pub regions: Vec<Region>,
    /// Absolute address of the image file.
    pub download: String,
}

/// A picture with what only its own page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PictureDetail {
    /// What lists show, too.
    #[serde(flatten)]
    pub picture: Picture,
    /// Ratings by all users.
    #[serde(flatten)]
    pub rating: RatingSummary,
    /// Number of the newest state of the regions.
    pub revision: i64,
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

    /// What to call the picture where it has no title.
    pub fn display_title(&self) -> String {
        if self.title.is_empty() { format!("Picture {}", self.id) } else { self.title.clone() }
    }

    /// Width in pixels of a thumbnail whose longest side has `size_px` pixels.
    pub fn thumbnail_width_px(&self, size_px: u32) -> i64 {
        let longest = self.width.max(self.height).max(1);
        if longest <= i64::from(size_px) { self.width } else { (self.width * i64::from(size_px) / longest).max(1) }
    }
}
