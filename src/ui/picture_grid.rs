//! Pictures as a grid of cards. The shape of every card is known before its image has come, so nothing on the page moves.

use super::icons::{Glyph, Icon};
use super::licence_badge::LicenceBadge;
use super::text::count;
use crate::model::picture::{Picture, THUMBNAIL_LARGE_PX, THUMBNAIL_SMALL_PX};
use crate::model::text::path_segment;
use leptos::prelude::*;

/// So many cards are in sight at first on a usual screen: their images are asked for at once.
const EAGER: usize = 6;

/// Width by height as the card shows it: very long pictures are cropped, so that their captions can be read.
fn card_shape(picture: &Picture) -> f64 {
    let shape = picture.width.max(1) as f64 / picture.height.max(1) as f64;
    shape.clamp(0.72, 2.4)
}

/// The alternatives of the picture's image for an `<img>`: both thumbnails with their true widths.
pub fn thumbnail_srcset(picture: &Picture) -> String {
    let small = picture.thumbnail_width_px(THUMBNAIL_SMALL_PX);
    let large = picture.thumbnail_width_px(THUMBNAIL_LARGE_PX);
    let small_entry = format!("{} {small}w", picture.thumbnail_path(THUMBNAIL_SMALL_PX));
    if large <= small {
        return small_entry;
    }
    format!("{small_entry}, {} {large}w", picture.thumbnail_path(THUMBNAIL_LARGE_PX))
}

/// What to say to those who do not see the picture: its title, and what its regions show.
pub fn alternative_text(picture: &Picture) -> String {
    let mut objects: Vec<&str> = Vec::new();
    for region in &picture.regions {
        if !objects.contains(&region.object.as_str()) {
            objects.push(&region.object);
        }
        if objects.len() == 5 {
            break;
        }
    }
    match (picture.title.is_empty(), objects.is_empty()) {
        (_, true) => picture.display_title(),
        (true, false) => format!("Picture showing {}", objects.join(", ")),
        (false, false) => format!("{}, showing {}", picture.title, objects.join(", ")),
    }
}

/// One picture as a card.
#[component]
fn PictureCard(picture: Picture, eager: bool) -> impl IntoView {
    let shape = card_shape(&picture);
    // A card is as high as a row and as wide as its shape makes it; rows stretch a little to fill the width.
    let sizes = format!("calc({shape:.2} * 1.15 * clamp(8.5rem, 6rem + 8vw, 18rem))");
    let regions = picture.regions.len() as i64;
    let more_licences = picture.licences.len().saturating_sub(1);
    view! {
        <li class="picture-card" style=format!("--shape: {shape:.3}")>
            <div class="picture-frame">
                <img
                    src=picture.thumbnail_path(THUMBNAIL_SMALL_PX)
                    srcset=thumbnail_srcset(&picture)
                    sizes=sizes
                    width=picture.width.to_string()
                    height=picture.height.to_string()
                    alt=alternative_text(&picture)
                    loading=if eager { "eager" } else { "lazy" }
                    decoding="async"
                />
            </div>
            <div class="picture-caption">
                <a class="picture-title" href=format!("/picture/{}", picture.id)>
                    {picture.display_title()}
                </a>
                <div class="picture-meta">
                    <a href=format!("/user/{}", path_segment(&picture.author))>{picture.author.clone()}</a>
                    <span>
                        {if regions == 0 { "no regions".to_owned() } else { count(regions, "region", "regions") }}
                    </span>
                    {picture.licences.first().map(|id| view! { <LicenceBadge id=id.clone() /> })}
                    {(more_licences > 0).then(|| format!("+{more_licences}"))}
                </div>
            </div>
            {picture
                .replaced_by
                .map(|_| {
                    view! {
                        <div class="picture-flags">
                            <span class="badge warning">
                                <Icon glyph=Glyph::Warning />
                                "Replaced"
                            </span>
                        </div>
                    }
                })}
        </li>
    }
}

/// Pictures as a grid of cards.
#[component]
pub fn PictureGrid(
    /// The pictures in their order.
    pictures: Vec<Picture>,
    /// What to call the list, where the page has several.
    #[prop(optional)]
    label: Option<&'static str>,
) -> impl IntoView {
    let cards = pictures
        .into_iter()
        .enumerate()
        .map(|(index, picture)| view! { <PictureCard picture=picture eager=index < EAGER /> })
        .collect_view();
    view! { <ul class="picture-grid" aria-label=label>{cards}</ul> }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: i64, height: i64) -> Picture {
        Picture {
            id: 7,
            title: String::new(),
            description: String::new(),
            author: "ada".into(),
            origin_url: None,
            timestamp: 0,
            width,
            height,
            file_format: "image/png".into(),
            nature: "photo".into(),
            licences: Vec::new(),
            replaces: None,
            replaced_by: None,
            copied_from: None,
            regions: Vec::new(),
            download: "http://127.0.0.1:3000/image/ab12.png".into(),
        }
    }

    #[test]
    fn offers_the_sizes_that_exist() {
        assert_eq!(thumbnail_srcset(&picture(4000, 3000)), "/thumbnail/ab12/320 320w, /thumbnail/ab12/960 960w");
        assert_eq!(thumbnail_srcset(&picture(300, 4000)), "/thumbnail/ab12/320 24w, /thumbnail/ab12/960 72w");
        assert_eq!(thumbnail_srcset(&picture(200, 100)), "/thumbnail/ab12/320 200w");
    }

    #[test]
    fn crops_only_extremes() {
        assert_eq!(card_shape(&picture(4000, 2000)), 2.0);
        assert_eq!(card_shape(&picture(10, 4000)), 0.72);
    }
}
