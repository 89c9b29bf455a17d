//! Plane geometry for pictures and their shapes.
//!
//! There are three spaces, and every name says which one it means:
//!
//! - *image*: the picture's unit square, `[0, 1]` on both axes, in which regions are kept ([`Point`], [`Rect`]);
//! - *pixels*: the upright picture's own pixels, used for steps and sizes that a person thinks of in pixels;
//! - *screen*: CSS pixels from the top left corner of the drawing surface ([`ScreenPoint`]).
//!
//! [`View`] is the one seam between them. Distances are measured on the screen only, because a unit of the image space
//! is wider than it is high on most pictures. Start with [`View`], then [`hit`].

mod areas;
mod frame;
mod hit;
mod measure;
mod ruler;
mod screen;
mod shape;
mod simplify;
mod sketch;
mod trace;
mod view;

pub use crate::model::region::{Point, Rect, Shape};
pub use areas::{Piece, cut_along, outline, subtracted, united};
pub use frame::{edge_at, edge_moved, fitted};
pub use hit::{Hit, MOUSE_MARGIN_PX, TOUCH_MARGIN_PX, hit};
pub use measure::{area, contains, distance_to_segment, nearest_on_segment, polygon_area};
pub use ruler::{Mark, marks};
pub use screen::{ScreenPoint, ScreenRect, Size};
pub use shape::{
    Handle, HandleKind, Side, bounds_of, clamp_to_image, corner_moved, corner_removed, corners, encloses, handles,
    is_valid, least_corners, midpoint_inserted, moved, rect_between, resized, union, way_within,
};
pub use simplify::simplified;
pub use sketch::sketch;
pub use trace::{CORNER_PX, trace};
pub use view::View;
