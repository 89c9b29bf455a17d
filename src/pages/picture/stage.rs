//! The picture itself with its regions over it, and the list of them beside it.

use super::Shown;
use crate::model::picture::THUMBNAIL_LARGE_PX;
use crate::model::{Picture, Rect, Region};
use crate::ui::editor_colours::object_colour;
use crate::ui::editor_overlay::RegionOverlay;
use crate::ui::icons::{Glyph, Icon};
use crate::ui::notice::{Notice, Tone};
use crate::ui::object_link::object_href;
use crate::ui::picture_grid::{alternative_text, thumbnail_srcset};
use crate::ui::text::count;
use leptos::prelude::*;

/// Where the name of a region with these bounds goes: above its corner, but inside the picture.
fn label_place(bounds: Rect) -> String {
    let side = if bounds.x + bounds.w / 2.0 <= 0.5 {
        format!("left: {:.3}%", bounds.x * 100.0)
    } else {
        format!("right: {:.3}%", (1.0 - bounds.x - bounds.w).max(0.0) * 100.0)
    };
    // Near the upper edge there is no room above the region.
    let end = if bounds.y < 0.08 { "; translate: none" } else { "" };
    format!("{side}; top: {:.3}%{end}", bounds.y * 100.0)
}

/// The names of the regions at their places; only that of the highlighted one is seen.
#[component]
fn Labels(regions: Vec<Region>, highlighted: RwSignal<Option<i64>>) -> impl IntoView {
    let labels = regions
        .into_iter()
        .map(|region| {
            let id = region.id;
            let place = label_place(region.shape.bounds());
            let style = format!("--region: {}; {place}", object_colour(&region.object));
            let active = move || id.is_some() && highlighted.get() == id;
            view! {
                <span class="region-label" class:active=active style=style>
                    {region.object}
                </span>
            }
        })
        .collect_view();
    view! {
        <div class="region-labels" aria-hidden="true">
            {labels}
        </div>
    }
}

/// The picture, as large as there is room.
#[component]
pub(super) fn Stage(shown: Shown) -> impl IntoView {
    let picture = shown.detail.with_untracked(|detail| detail.picture.clone());
    let regions = shown.regions;
    let metadata = shown.metadata();
    let alternative = Memo::new(move |_| alternative_text(&Picture { regions: regions.get(), ..metadata.get() }));
    let shape = picture.width.max(1) as f64 / picture.height.max(1) as f64;
    // Small pictures are shown from the original, whose pixels are all there are.
    let mut srcset = thumbnail_srcset(&picture);
    let large = picture.thumbnail_width_px(THUMBNAIL_LARGE_PX);
    if picture.width > large {
        srcset.push_str(&format!(", {} {}w", picture.image_path(), picture.width));
    }
    let sizes = format!("(min-width: 62rem) min(calc(100vw - 27rem), calc(82vh * {shape:.3})), 100vw");
    let style = format!("--shape: {shape:.4}; --natural-width: {}px", picture.width);
    let highlighted = shown.highlighted;
    let overlay = move || {
        shown.regions_shown.get().then(|| {
            let regions = regions.get();
            view! {
                <RegionOverlay
                    regions=regions.clone()
                    highlighted=highlighted
                    on_point=Callback::new(move |id| highlighted.set(id))
                />
                <Labels regions=regions highlighted=highlighted />
            }
        })
    };
    view! {
        <figure class="stage">
            <div class="stage-box" style=style>
                <a href=picture.image_path().to_owned() rel="external" aria-label="Open the original file">
                    <img
                        src=picture.thumbnail_path(THUMBNAIL_LARGE_PX)
                        srcset=srcset
                        sizes=sizes
                        width=picture.width.to_string()
                        height=picture.height.to_string()
                        alt=move || alternative.get()
                        fetchpriority="high"
                    />
                </a>
                {overlay}
            </div>
        </figure>
    }
}

#[component]
fn Row(region: Region, highlighted: RwSignal<Option<i64>>) -> impl IntoView {
    let id = region.id;
    let active = move || id.is_some() && highlighted.get() == id;
    let (href, colour) = (object_href(&region.object), object_colour(&region.object));
    view! {
        <li
            class="shown-region"
            class:active=active
            style=format!("--region: {colour}")
            on:pointerenter=move |_| highlighted.set(id)
            on:pointerleave=move |_| highlighted.set(None)
            on:focusin=move |_| highlighted.set(id)
            on:focusout=move |_| highlighted.set(None)
        >
            <span class="shown-swatch" aria-hidden="true"></span>
            <a href=href>{region.object}</a>
            <span class="muted">{region.shape.kind().label()}</span>
        </li>
    }
}

/// Says that these are not the regions of now, where they are not.
#[component]
fn Earlier(shown: Shown) -> impl IntoView {
    move || {
        let revision = shown.earlier.with(|earlier| earlier.as_ref().map(|state| state.revision))?;
        Some(view! {
            <Notice tone=Tone::Warning>
                <p>
                    {format!("As they were in revision {revision}. ")}
                    <a href=shown.path()>"Show them as they are now"</a>
                </p>
            </Notice>
        })
    }
}

/// The regions as a list; one that is pointed at or has the focus stands out on the picture.
#[component]
pub(super) fn Regions(shown: Shown) -> impl IntoView {
    let regions = shown.regions;
    let visible = shown.regions_shown;
    let heading = move || match regions.with(Vec::len) as i64 {
        0 => "No regions".to_owned(),
        total => count(total, "region", "regions"),
    };
    view! {
        <section aria-labelledby="regions">
            <div class="side-head">
                <h2 id="regions">{heading}</h2>
                {move || {
                    regions
                        .with(|regions| !regions.is_empty())
                        .then(|| {
                            view! {
                                <button
                                    class="button quiet small script-only"
                                    type="button"
                                    aria-pressed=move || visible.get().to_string()
                                    on:click=move |_| visible.update(|visible| *visible = !*visible)
                                >
                                    <Icon glyph=Glyph::Eye />
                                    "Show on the picture"
                                </button>
                            }
                        })
                }}
            </div>
            <Earlier shown=shown />
            {move || {
                let regions = regions.get();
                if regions.is_empty() {
                    view! { <p class="muted">"Nobody has drawn on this picture yet."</p> }.into_any()
                } else {
                    let rows = regions
                        .into_iter()
                        .map(|region| view! { <Row region=region highlighted=shown.highlighted /> })
                        .collect_view();
                    view! { <ol class="shown-regions">{rows}</ol> }.into_any()
                }
            }}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stay_inside_the_picture() {
        let place = |x, y| label_place(Rect { x, y, w: 0.25, h: 0.25 });
        assert_eq!(place(0.0, 0.5), "left: 0.000%; top: 50.000%");
        assert_eq!(place(0.75, 0.5), "right: 0.000%; top: 50.000%");
        assert_eq!(place(0.0, 0.0), "left: 0.000%; top: 0.000%; translate: none");
    }
}
