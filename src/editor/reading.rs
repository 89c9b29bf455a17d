//! What is read off the picture: where the pointer is and how large the selected region is, in pixels of the picture.

use super::Editor;
use crate::geometry::{Point, Rect, ScreenPoint, Shape, Size, View, area};

/// What the status line, the rulers and the map of the picture show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Where the picture lies.
    pub view: View,
    /// Where the pointer is, while it is over the surface.
    pub pointer: Option<ScreenPoint>,
    /// The pixel of the picture below the pointer, counted from 0: column and row.
    pub pixel: Option<(i64, i64)>,
    /// Extent of the selected region.
    pub extent: Option<Extent>,
}

/// How large a region is, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// From the left to the right edge.
    pub width: f64,
    /// From the top to the bottom edge.
    pub height: f64,
    /// What it covers, in square pixels; 0 for lines and points.
    pub area: f64,
}

impl Editor {
    /// What there is to be read off now.
    pub fn reading(&self) -> Reading {
        let pointer = self.pointer.map(|pointer| pointer.at);
        let picture = self.view.picture_px();
        Reading {
            view: self.view,
            pointer,
            pixel: pointer.and_then(|at| pixel_at(self.view.image_from_screen(at), picture)),
            extent: self.extent(),
        }
    }

    /// How large the region is that is selected or being drawn, if it is only one and no point.
    fn extent(&self) -> Option<Extent> {
        let picture = self.view.picture_px();
        let (shape, bounds) = match (self.state.working(), self.selection.keys()) {
            ([part], _) => (&part.now, part.now.bounds()),
            ([], [key]) => (&self.document.get(*key)?.shape, self.document.bounds(*key)?),
            _ => return None,
        };
        let Rect { w, h, .. } = bounds;
        let extent = Extent {
            width: w * picture.width,
            height: h * picture.height,
            area: area(shape) * picture.width * picture.height,
        };
        (!matches!(shape, Shape::Point(_))).then_some(extent)
    }
}

fn pixel_at(point_in_image: Point, picture: Size) -> Option<(i64, i64)> {
    let (x, y) = ((point_in_image.x * picture.width).floor(), (point_in_image.y * picture.height).floor());
    let inside = (0.0..picture.width).contains(&x) && (0.0..picture.height).contains(&y);
    inside.then_some((x as i64, y as i64))
}
