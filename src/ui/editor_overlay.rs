//! Regions drawn over a picture by the server: readable without JavaScript, sharp at every size.

use super::editor_colours::object_colour;
use crate::model::region::{Point, Rect, Region, Shape};
use leptos::prelude::*;
use std::fmt::Write;

/// Regions as an SVG that lies over an `<img>` of the same size. The parent has to be positioned.
#[component]
pub fn RegionOverlay(
    /// The regions, in drawing order.
    regions: Vec<Region>,
    /// The id of the region to highlight.
    #[prop(into, optional)]
    highlighted: Signal<Option<i64>>,
    /// Called with the id of the region that the pointer is over, and with `None` when it leaves.
    #[prop(optional)]
    on_point: Option<Callback<Option<i64>>>,
) -> impl IntoView {
    // The largest lie below: a small region in a large one can still be pointed at.
    let mut ordered: Vec<&Region> = regions.iter().collect();
    ordered.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let shapes = ordered
        .into_iter()
        .map(|region| {
            let id = region.id;
            let class = move || {
                let lit = id.is_some() && highlighted.get() == id;
                if lit { "region-shape region-shape-lit" } else { "region-shape" }
            };
            let line = matches!(region.shape, Shape::Polyline(_));
            view! {
                <g
                    class=class
                    style=format!("--region: {}", object_colour(&region.object))
                    data-region=id.map(|id| id.to_string())
                    on:pointerenter=move |_| point_at(on_point, id)
                    on:pointerleave=move |_| point_at(on_point, None)
                >
                    <title>{format!("{} ({})", region.object, region.shape.kind().label().to_lowercase())}</title>
                    <path class="region-halo" d=path(&region.shape)></path>
                    <path class=if line { "region-line region-open" } else { "region-line" } d=path(&region.shape)></path>
                </g>
            }
        })
        .collect_view();
    view! {
        <svg class="region-overlay" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
            {shapes}
        </svg>
    }
}

fn point_at(on_point: Option<Callback<Option<i64>>>, id: Option<i64>) {
    if let Some(callback) = on_point {
        callback.run(id);
    }
}

fn size(region: &Region) -> f64 {
    let Rect { w, h, .. } = region.shape.bounds();
    w * h
}

/// The shape as path data in the unit square. A point is a line of no length, which round line caps make a dot.
pub fn path(shape: &Shape) -> String {
    match shape {
        Shape::Bbox(Rect { x, y, w, h }) => format!("M{x} {y}h{w}v{h}h{}Z", -w),
        Shape::Polygon(points) => line(points) + "Z",
        Shape::Polyline(points) => line(points),
        Shape::Point(Point { x, y }) => format!("M{x} {y}h0"),
    }
}

fn line(points: &[Point]) -> String {
    let mut data = String::new();
    for (index, Point { x, y }) in points.iter().enumerate() {
        // Writing into a string cannot fail.
        let _ = write!(data, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_become_paths() {
        let p = |x, y| Point { x, y };
        for (shape, data) in [
            (Shape::Bbox(Rect { x: 0.25, y: 0.5, w: 0.5, h: 0.25 }), "M0.25 0.5h0.5v0.25h-0.5Z"),
            (Shape::Polygon(vec![p(0.0, 0.0), p(1.0, 0.0), p(0.5, 1.0)]), "M0 0L1 0L0.5 1Z"),
            (Shape::Polyline(vec![p(0.0, 0.0), p(1.0, 0.5)]), "M0 0L1 0.5"),
            (Shape::Point(p(0.5, 0.5)), "M0.5 0.5h0"),
        ] {
            assert_eq!(path(&shape), data);
        }
    }
}
