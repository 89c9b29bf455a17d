//! What a card of a grid shows while one looks at it: the outlines of its regions.

use super::editor_colours::object_colour;
use super::grid_selection::Place;
use crate::model::{Point, Region, Shape};
use leptos::prelude::*;

/// The outlines of a picture's regions, to be laid over its image.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Which picture.
    pub picture: i64,
    /// Where its image is within the area of the grid.
    pub place: Place,
    /// Width and height of the picture in pixels.
    pub size: (f64, f64),
    /// Its regions.
    pub regions: Vec<Region>,
}

/// The points as SVG writes them, in pixels of the picture.
fn points(points: &[Point], (width, height): (f64, f64)) -> String {
    points.iter().map(|point| format!("{:.2},{:.2}", point.x * width, point.y * height)).collect::<Vec<_>>().join(" ")
}

fn outline(region: &Region, size: (f64, f64)) -> AnyView {
    let colour = object_colour(&region.object);
    // One path below in a dark tone makes the colour visible on every picture.
    let strokes = [("preview-halo", "#000000"), ("preview-line", colour)];
    strokes
        .map(|(class, stroke)| match &region.shape {
            Shape::Bbox(rect) => view! {
                <rect
                    class=class
                    stroke=stroke
                    x=rect.x * size.0
                    y=rect.y * size.1
                    width=rect.w * size.0
                    height=rect.h * size.1
                ></rect>
            }
            .into_any(),
            Shape::Polygon(corners) => {
                view! { <polygon class=class stroke=stroke points=points(corners, size)></polygon> }.into_any()
            }
            Shape::Polyline(corners) => {
                view! { <polyline class=class stroke=stroke points=points(corners, size)></polyline> }.into_any()
            }
            Shape::Point(point) => view! {
                <circle
                    class=class
                    stroke=stroke
                    cx=point.x * size.0
                    cy=point.y * size.1
                    r=0.012 * size.0.max(size.1)
                ></circle>
            }
            .into_any(),
        })
        .collect_view()
        .into_any()
}

/// The outlines over the image of a card.
#[component]
pub fn GridPreview(
    /// What to show.
    preview: Preview,
) -> impl IntoView {
    let Place { left, top, width, height } = preview.place;
    let size = preview.size;
    view! {
        <svg
            class="grid-preview"
            data-preview=preview.picture.to_string()
            style=format!("left: {left}px; top: {top}px; width: {width}px; height: {height}px")
            viewBox=format!("0 0 {} {}", size.0, size.1)
            // As the image below is fitted, which very long pictures are cropped by.
            preserveAspectRatio="xMidYMid slice"
            aria-hidden="true"
        >
            {preview.regions.iter().map(|region| outline(region, size)).collect_view()}
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_points_in_pixels() {
        let corners = [Point { x: 0.5, y: 0.25 }, Point { x: 1.0, y: 1.0 }];
        assert_eq!(points(&corners, (200.0, 100.0)), "100.00,25.00 200.00,100.00");
    }
}
